"""What was seen of the pictures: which token to look at again and why, and which to show first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mint.curate.safety import is_flagged
from mint.curate.token import Token
from mint.record.manifest import Manifest

FRONTS = 3  # pictures on the cover


class Doubt(NamedTuple):
    """A token to look at, by its place in the manifest, and why.

    `kinds` are words that the script knows, `reasons` are sentences.
    """

    place: int
    kinds: tuple[str, ...]
    reasons: tuple[str, ...]


def doubts(manifest: Manifest) -> list[Doubt]:
    """Every token that a check doubts, in order."""
    alike: dict[int, list[str]] = {}
    for pair in manifest.duplicates.review if manifest.duplicates else ():
        for token_id, other in (pair.tokens, pair.tokens[::-1]):
            words = f"Looks like #{other}, likeness {pair.likeness:.3f}: {pair.why}."
            alike.setdefault(token_id, []).append(words)
    untrue, unresolved = set(manifest.untrue), set(manifest.unresolved)
    findings = []
    for place, token in enumerate(manifest.tokens):
        pairs = list(_doubts(token, untrue, unresolved))
        if is_flagged(token, manifest.collection):
            pairs.append(("unsafe", f"The safety check says {token.unsafe:.2f}."))
        pairs += [("alike", words) for words in alike.get(token.token_id, ())]
        if pairs:
            kinds = tuple(dict.fromkeys(kind for kind, _ in pairs))
            findings.append(Doubt(place, kinds, tuple(words for _, words in pairs)))
    return findings


def _doubts(token: Token, untrue: set[int], unresolved: set[int]) -> Iterator[tuple[str, str]]:
    if token.token_id in untrue:
        yield "untrue", "Contradicts its metadata after the last attempt."
    if token.token_id in unresolved:
        yield "alike", "Stayed a near-duplicate after the last attempt."
    for trait, promise in token.relabelled.items():
        value = token.traits.get(trait, "none")
        yield "relabelled", f"{trait} is {value}, as the picture shows; planned was {promise}."
    for trait, judgement in token.judgements.items():
        value = token.traits.get(trait, "none")
        sure = f"{judgement.probability:.2f}"
        if judgement.verdict == "contradicted":
            saw = f"the judge saw {judgement.value}"
            yield "contradicted", f"{trait} is {value}, but {saw} (certainty of {value}: {sure})."
        elif judgement.verdict == "unsure":
            yield "unsure", f"{trait}: the judge cannot say whether it is {value} ({sure})."


def fronts(manifest: Manifest) -> list[int]:
    """The pictures of the cover, best first: `cover`, then those that the judge is surest of.

    Where nobody judged, those that fit their prompts best; without that, the rarest. No picture
    that the safety check calls unsafe, but where the artist chose it.
    """
    tokens, cover = manifest.tokens, manifest.collection.cover
    ranks = [r.rank for r in manifest.rarity or ()] or [0] * len(tokens)
    safe = [i for i, token in enumerate(tokens) if not is_flagged(token, manifest.collection)]
    first = sorted(safe, key=lambda i: (*_best(tokens[i]), ranks[i]))
    choice = [i for i, token in enumerate(tokens) if token.token_id == cover]
    return list(dict.fromkeys([*choice, *first]))[:FRONTS]


def _best(token: Token) -> tuple[float, float]:
    """Sorts the best judged first. A hundredth more or less of certainty is no difference."""
    least = min((j.probability for j in token.judgements.values()), default=0.0)
    return -round(least, 2), -(token.clip_score or 0.0)


def worst(manifest: Manifest, count: int = 20) -> list[Token]:
    """The tokens whose pictures fit their prompts least, worst first."""
    with_score = [token for token in manifest.tokens if token.clip_score is not None]
    return sorted(with_score, key=lambda token: token.clip_score or 0.0)[:count]


def least_certain(token: Token) -> float | None:
    """The certainty of the value that the judge is least sure of."""
    return min((j.probability for j in token.judgements.values()), default=None)


def judged_pairs(tokens: Sequence[Token]) -> tuple[int, int]:
    """How many values of tokens a judge has seen in the picture, and how many it could not see."""
    verdicts = [j.verdict for token in tokens for j in token.judgements.values()]
    return verdicts.count("seen"), len(verdicts) - verdicts.count("seen")
