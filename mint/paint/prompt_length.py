"""Prompts against the text encoder's window, counted by the model's own vocabulary.

Uses `tokenizers` alone, so that `mint check` loads neither torch nor transformers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mint.errors import CollectionError, RenderError
from mint.models.checkpoint import taught_words
from mint.models.families import FAMILIES, Family, class_name
from mint.models.weights import Model
from mint.plan.arrange import heaviest
from mint.plan.prompts import own_prompt, phrase_table, phrases, prompt
from mint.plan.recipe import Slot
from mint.plan.style import fullest, styled_unique
from mint.spec.collection import Collection
from mint.spec.painting import PLACEHOLDER
from mint.spec.yaml_source import Source

START = '"<|startoftext|>"'  # of CLIP's older vocabularies; others are not read without their JSON
MOST = 2**31  # places: some tokenizers say 10**30 for "no limit"


class WordCounter(NamedTuple):
    """`count(text)` includes the two end marks; `window` is how many places the encoder has."""

    count: Callable[[str], int]
    window: int


def word_counter(folder: Path, taught: Mapping[str, int] | None = None) -> WordCounter | None:
    """The counter of the model in `folder`, or None if it has no vocabulary that is read here.

    `taught` are the words of textual inversions, and how many places each takes.
    """
    part, most = _reader(folder)
    whole, older = part / "tokenizer.json", part / "vocab.json"
    if not whole.exists() and not (older.exists() and START in older.read_text("utf-8")):
        return None
    from tokenizers import Tokenizer

    try:
        config = json.loads((part / "tokenizer_config.json").read_bytes())
        tokenizer = Tokenizer.from_file(str(whole)) if whole.exists() else _clip(part)
        # Both are saved with the vocabulary by whoever last used them, and would bend the count.
        tokenizer.no_truncation()
        tokenizer.no_padding()
        window = min(int(config["model_max_length"]), most or MOST)
    except Exception as error:  # the Rust parser raises bare Exception
        raise RenderError(
            f"the vocabulary in {part} cannot be read: {error}", hint="fetch the model again"
        ) from error
    words = taught or {}
    tokenizer.add_tokens(list(words))

    def count(text: str) -> int:
        more = sum((places - 1) * text.count(word) for word, places in words.items())
        return len(tokenizer.encode(text).ids) + more

    return WordCounter(count, window)


def _reader(folder: Path) -> tuple[Path, int | None]:
    """The folder of the tokenizer that counts, and the most places that the class reads."""
    if (folder / "model_index.json").exists():
        family = FAMILIES.get(class_name(folder), Family())
        if (folder / family.reader / "tokenizer.json").exists():
            return folder / family.reader, family.reads
    return folder / "tokenizer", None  # Stable Diffusion 3 may come without its third


def _clip(part: Path) -> Any:
    """CLIP's byte-pair encoder from vocab.json and merges.txt, as older model folders carry it."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    model = models.BPE.from_file(
        str(part / "vocab.json"),
        str(part / "merges.txt"),
        unk_token="<|endoftext|>",
        end_of_word_suffix="</w>",
    )
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    words = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(words), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    vocabulary = tokenizer.get_vocab()
    ends = [(mark, vocabulary[mark]) for mark in ("<|endoftext|>", "<|startoftext|>")]
    # By position, since tokenizers has renamed the second one.
    tokenizer.post_processor = processors.RobertaProcessing(
        ends[0], ends[1], trim_offsets=False, add_prefix_space=False
    )
    return tokenizer


def refuse_long_words(painter: Model, words: str | None) -> None:
    """Raise CollectionError for the words of --prompt that the painter would cut."""
    counter = word_counter(painter.path, taught_words(painter.files)) if words else None
    if words and counter and (length := counter.count(words)) > counter.window:
        raise CollectionError(
            f"--prompt needs {length} places, the model reads {counter.window}: "
            f'its end falls off ("...{words[-30:]}")',
            hint="shorten it; what matters goes first",
        )


def refuse_long_prompts(
    collection: Collection, source: Source, slots: Sequence[Slot], counter: WordCounter
) -> int:
    """The length of the longest prompt that these traits, rules and counts allow, drawn or not.

    So the answer does not depend on the seed. Raises CollectionError if the encoder would cut that
    prompt; the message names the first trait phrase that falls off.
    """
    lengths = {prompt: counter.count(prompt) for prompt in {slot.prompt for slot in slots}}
    for slot in slots:
        if lengths[slot.prompt] > counter.window:
            who = f"the prompt of token {slot.token_id} has {lengths[slot.prompt]} places"
            raise _refusal(collection, source, slot, counter, who)
    possible = _longest(collection, counter)
    length = counter.count(possible.prompt)
    if length > counter.window:
        spoken = [trait for trait, phrase in phrases(collection, possible.traits) if phrase]
        values = ", ".join(f"{trait}: {possible.traits[trait]}" for trait in dict.fromkeys(spoken))
        who = f"a token with {values} could need {length} places for its prompt"
        raise _refusal(collection, source, possible, counter, who)
    _refuse_long_variation(collection, source, [possible.prompt, *lengths], counter)
    return max(length, *lengths.values())


def _refuse_long_variation(
    collection: Collection, source: Source, prompts: Sequence[str], counter: WordCounter
) -> None:
    """Raise CollectionError for words of `image.variations` that would fall off the longest."""
    longest = max(prompts, key=counter.count)
    for i, words in enumerate(collection.image.variations):
        length = counter.count(f"{longest}, {words}")
        if length > counter.window:
            raise source.error(
                ("image", "variations", i),
                f'"{words}" falls off: with the longest prompt it needs {length} places, '
                f"the model reads {counter.window}",
                "shorten it, or the prompt",
            )


def _refusal(
    collection: Collection, source: Source, slot: Slot, counter: WordCounter, who: str
) -> CollectionError:
    if counter.count(_plain(collection, slot)) <= counter.window:
        return source.error(
            ("style",),
            f"{who}, the model reads {counter.window}; the words of the style make it too long",
            "shorten them, or the prompt",
        )
    where = "the prompt or the phrases of its traits"
    if source.lock is not None:
        where = f"the prompt or the words in {source.lock.path.name}"
    return source.error(
        _location(collection, slot),
        f"{who}, the model reads {counter.window}; {_fallen(collection, slot, counter)} falls off",
        f"shorten {where}; what matters goes first",
    )


def _longest(collection: Collection, counter: WordCounter) -> Slot:
    """The longest prompt among the combinations that the rules allow, as a token that may be.

    A phrase's places are counted where it stands, with the longest of the other traits around it.
    They add up, as words do in CLIP's vocabulary, where spaces or commas part the traits.
    """
    template, table = collection.image.prompt, phrase_table(collection)
    around = {
        trait: max(values, key=lambda value: counter.count(values[value]))
        for trait, values in table.items()
    }
    lengths = {
        trait: {v: counter.count(prompt(template, table, {**around, trait: v})) for v in values}
        for trait, values in table.items()
    }
    supply = collection.supply - len(collection.one_of_ones)
    traits = heaviest(collection.traits, collection.rules, supply, lengths) if supply else {}
    text = fullest(collection, prompt(template, table, traits), counter.count) if traits else ""
    return Slot(token_id=0, name="", traits=traits, prompt=text)


def _location(collection: Collection, slot: Slot) -> tuple[str | int, ...]:
    i = _unique(collection, slot)
    return ("image", "prompt") if i is None else ("one_of_ones", i, "prompt")


def _plain(collection: Collection, slot: Slot) -> str:
    """The slot's prompt without the words of the style."""
    i = _unique(collection, slot)
    if i is not None:
        return own_prompt(collection, collection.one_of_ones[i])
    return prompt(collection.image.prompt, phrase_table(collection), slot.traits)


def _unique(collection: Collection, slot: Slot) -> int | None:
    """Which one-of-one has the slot's prompt."""
    plain = (own_prompt(collection, one) for one in collection.one_of_ones)
    prompts = (styled_unique(collection, text) for text in plain)
    return next((i for i, text in enumerate(prompts) if text == slot.prompt), None)


def _fallen(collection: Collection, slot: Slot, counter: WordCounter) -> str:
    """The first trait whose phrase does not fit in whole."""
    template, table = collection.image.prompt, phrase_table(collection)
    before = f"{collection.style.before} " if collection.style and collection.style.before else ""
    for (trait, phrase), place in zip(
        phrases(collection, slot.traits), PLACEHOLDER.finditer(template), strict=False
    ):
        # The end mark takes the last place, and the encoder keeps it when it cuts.
        so_far = before + prompt(template[: place.end()], table, slot.traits)
        if phrase and counter.count(so_far) > counter.window:
            return f'the trait "{trait}" ("{phrase}")'
    return f'its end ("...{slot.prompt[-30:]}")'
