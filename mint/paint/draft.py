"""A theme in a sentence -> the first draft of a collection, by a language model. No chance.

Of a painter with a vocabulary.json values are chosen, not written: a theme of its captions, groups
of it, and of each group the values whose phrases the theme makes likelier. So the draft says only
what the painter knows. For other painters a few values of five groups are written and cleaned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

from mint.document import plain
from mint.errors import CollectionError
from mint.models.locate import locate
from mint.models.locate_painter import refuse_no_pipeline
from mint.models.vocabulary import Theme, Vocabulary, read_vocabulary
from mint.models.writer import Writer
from mint.paint.prompt_length import word_counter
from mint.paint.wording import tidied
from mint.plan.prompts import clauses_of
from mint.spec.collection import EMBEDDED
from mint.spec.names import find, well_known
from mint.spec.painting import PLACEHOLDER
from mint.spec.starter import Draft, DraftValue
from mint.spec.traits import is_absent
from mint.stages import Progress

FEWEST, WEIGHTS = 3, (3, 2, 1)  # values of a trait; the weights of the likeliest third, and so on
PICTURE = "A picture of a"
DESCRIBE = """\
Write one sentence that says what a collection of pictures shows.

Theme: old harbours in the fog
Sentence: Boats, cranes and lamps of old harbours, half hidden by the fog.
Theme: {}
Sentence:"""
LIST = """\
List what belongs to a theme, in one or two words each, with commas between.

Theme: old harbours in the fog
Animals: gull, seal, cormorant, harbour cat
Theme: a garden in summer
Colours: leaf green, poppy red, pale yellow, white
Theme: {}
{}:"""
# Trait -> what it is called in the question, and values where the model has none to give.
WRITTEN = {
    "Colour": ("Colours", ("red", "blue", "green", "gold")),
    "Subject": ("Things", ("bird", "tree", "house")),
    "Place": ("Places", ("on a hill", "by the water", "in a room")),
    "Light": ("Light", ("morning light", "moonlight", "lamplight")),
    "Style": ("Styles of pictures", ("ink drawing", "gouache", "woodcut")),
}
WRITTEN_PROMPT = "a {Colour} {Subject}, {Place}, {Light}, {Style}"
MOST_VALUES, MOST_WORDS, MOST = 6, 4, 300  # the last is characters of a theme


def known_draft(theme: str, vocabulary: Vocabulary, writer: Writer, progress: Progress) -> Draft:
    """A draft in the painter's own words."""
    number = sum(len(each.phrases) for each in vocabulary.themes.values())
    progress("writing", 0, number + 1)
    scores: dict[str, dict[str, list[float]]] = {}
    for name, each in vocabulary.themes.items():
        scores[name] = {}
        for group, values in each.phrases.items():
            examples = [phrases[0] for phrases in values.values()]
            scores[name][group] = _gains(theme, examples, writer)
            progress("writing", sum(map(len, scores.values())), number + 1)
    home = max(scores, key=lambda name: _best([*chain(*scores[name].values())]))
    groups = _groups(vocabulary.themes[home], scores[home])
    prompt = _template(vocabulary.themes[home].template, groups)
    traits = {
        _called(g): _values(vocabulary.themes[home], prompt, g, scores[home][g]) for g in groups
    }
    description = _description(theme, writer)
    progress("writing", number + 1, number + 1)
    for group in groups:
        prompt = prompt.replace(f"{{{group}}}", f"{{{_called(group)}}}")
    return Draft(theme, description, f"a {prompt}", traits)


def _gains(theme: str, phrases: Sequence[str], writer: Writer) -> list[float]:
    """How much likelier each phrase is with the theme before it."""
    endings = [f" {phrase}" for phrase in phrases]
    here = writer.likelihoods(f"{theme}\n{PICTURE}", endings)
    return [a - b for a, b in zip(here, writer.likelihoods(PICTURE, endings), strict=True)]


def _best(scores: Sequence[float]) -> float:
    """The mean of the three highest: a theme need not suit everything that it has."""
    top = sorted(scores, reverse=True)[:3]
    return sum(top) / len(top)


def _groups(theme: Theme, scores: dict[str, list[float]]) -> list[str]:
    """Those of the first clause, and the better half of the others, in the captions' order."""
    order = PLACEHOLDER.findall(theme.template)
    first = PLACEHOLDER.findall(clauses_of(theme.template)[0])
    others = sorted((g for g in order if g not in first), key=lambda g: -_best(scores[g]))
    selection = {*first, *others[: (len(others) + 1) // 2]}
    return [group for group in order if group in selection]


def _template(template: str, groups: Sequence[str]) -> str:
    """The template without the other groups, and without the clauses that had nothing else."""
    clauses = []
    for clause in clauses_of(template):
        has = PLACEHOLDER.findall(clause)
        if not has or any(group in groups for group in has):
            text = PLACEHOLDER.sub(lambda m: m[0] if m[1] in groups else " ", clause)
            clauses.append(" ".join(text.split()))
    return ", ".join(clauses)


def _values(theme: Theme, prompt: str, group: str, scores: Sequence[float]) -> list[DraftValue]:
    """The likelier half of a group's values, the likeliest first."""
    values = list(theme.phrases[group])
    order = sorted(range(len(values)), key=lambda i: (-scores[i], i))
    order = order[: max(FEWEST, (len(values) + 1) // 2)]
    own = next(clause for clause in clauses_of(prompt) if f"{{{group}}}" in clause)
    around = set(PLACEHOLDER.sub(" ", own).split())
    drafts = []
    for rank, i in enumerate(order):
        phrase = theme.phrases[group][values[i]][0]
        words = " ".join(word for word in phrase.split() if word not in around) or phrase
        weight = WEIGHTS[rank * len(WEIGHTS) // len(order)]
        same = words == values[i] and not is_absent(values[i])
        drafts.append(DraftValue(values[i], weight, None if same else words))
    return drafts


def _called(group: str) -> str:
    return group[:1].upper() + group[1:]


def written_draft(
    theme: str, fits: Callable[[str], bool], writer: Writer, progress: Progress
) -> Draft:
    """A draft in the language model's words; `fits` says whether a prompt is short enough."""
    traits: dict[str, list[DraftValue]] = {}
    progress("writing", 0, len(WRITTEN) + 1)
    for done, (trait, (what, others)) in enumerate(WRITTEN.items(), 1):
        things = _things(writer.write(LIST.replace("{}", theme, 1).replace("{}", what)))
        names = things if len(things) >= 2 else others
        traits[trait] = [
            DraftValue(name, WEIGHTS[i * len(WEIGHTS) // len(names)], None)
            for i, name in enumerate(names)
        ]
        progress("writing", done, len(WRITTEN) + 1)
    while not fits(_longest_prompt(traits)) and (shorter := _without_longest(traits)):
        traits = shorter
    description = _description(theme, writer)
    progress("writing", len(WRITTEN) + 1, len(WRITTEN) + 1)
    return Draft(theme, description, WRITTEN_PROMPT, traits)


def _things(answer: str) -> tuple[str, ...]:
    """The things of a list, each once: a few plain words, none of them a name of somebody's."""
    things = (re.sub(r"^(?:and|or)\s", "", thing) for thing in tidied(answer).split(", "))
    plain = [
        thing
        for thing in things
        if thing
        and len(thing) <= 40
        and len(thing.split()) <= MOST_WORDS
        and re.fullmatch(r"[^\W\d_][^\W_]*(?:[ '’-][^\W_]+)*", thing)
        and not is_absent(thing)
        and not any(True for _ in find(thing, well_known()))
    ]
    once = {thing.casefold(): thing for thing in reversed(plain)}
    return tuple(reversed(once.values()))[:MOST_VALUES]


def _longest_prompt(traits: dict[str, list[DraftValue]]) -> str:
    longest = {trait: max((v.name for v in values), key=len) for trait, values in traits.items()}
    return PLACEHOLDER.sub(lambda match: longest[match[1]], WRITTEN_PROMPT)


def _without_longest(traits: dict[str, list[DraftValue]]) -> dict[str, list[DraftValue]] | None:
    """Without the longest value of a trait that has others; None where no trait has."""
    several = [(len(v.name), trait, v) for trait, values in traits.items() if len(values) > 1
               for v in values]  # fmt: skip
    if not several:
        return None
    _, trait, longest = max(several, key=lambda each: each[0])
    return {**traits, trait: [value for value in traits[trait] if value != longest]}


def _description(theme: str, writer: Writer) -> str:
    """A sentence about the theme; the theme itself where the model has none to give."""
    answer = tidied(writer.write(DESCRIBE.replace("{}", theme)))
    words = re.findall(r"[^\W\d_]{2,}", answer)
    has_names = any(True for _ in find(answer, well_known()))
    sentence = answer if len(words) >= 4 and not has_names and len(answer) <= 300 else theme
    return sentence[:1].upper() + sentence[1:] + ("" if sentence.endswith((".", "!", "?")) else ".")


def draft(theme: str, painter: Path | None, writer: Writer, progress: Progress) -> Draft:
    """A draft for the model in the folder `painter`, or for atelier; raises RenderError."""
    folder = EMBEDDED["atelier"] if painter is None else painter.expanduser().absolute()
    if painter is not None:
        locate(str(folder), None, folder, key="--painter")
        refuse_no_pipeline(folder, "--painter")
    vocabulary, counter = read_vocabulary(folder), word_counter(folder)
    if vocabulary and vocabulary.themes:
        first_draft = known_draft(theme, vocabulary, writer, progress)
    else:

        def fits(prompt: str) -> bool:
            return counter is None or counter.count(prompt) <= counter.window

        first_draft = written_draft(theme, fits, writer, progress)
    return (
        first_draft
        if painter is None
        else first_draft._replace(model=str(folder), side=_side(folder))
    )


def _side(folder: Path) -> int:
    """The sides in pixels that a pipeline is made for; 512 where its folder does not say."""
    try:
        parts = (folder / part / "config.json" for part in ("unet", "transformer"))
        denoiser = plain(next(file for file in parts if file.exists()).read_bytes())
        blocks = plain((folder / "vae" / "config.json").read_bytes())["block_out_channels"]
        side = int(denoiser["sample_size"]) * 2 ** (len(blocks) - 1)
    except (StopIteration, OSError, ValueError, LookupError, TypeError):
        return 512
    return side if 64 <= side <= 4096 and side % 8 == 0 else 512


def sentence(theme: str) -> str:
    """A theme on one line, without what a prompt may not have; CollectionError for none at all."""
    text = " ".join("".join(c if c.isprintable() and c not in "{}" else " " for c in theme).split())
    if not 1 <= len(text) <= MOST or not any(map(str.isalnum, text)):
        raise CollectionError(
            f"a theme has 1 to {MOST} characters, this one {len(text)}",
            hint='say in a sentence what the collection is about: --theme "birds of the night"',
        )
    return text
