"""A build -> its figures, by name, for whoever sets builds side by side. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from mint.chain.deployment import steps
from mint.curate.quality import Quality
from mint.record.manifest import Manifest
from mint.report.tally import tally

Value = int | float | str | None
Figures = Mapping[str, Value]  # what a build does not have is not in it


class Build(NamedTuple):
    """A manifest, and the seconds that a picture took here, if this machine painted some."""

    manifest: Manifest
    seconds: float | None = None


def pictures(manifest: Manifest) -> Figures:
    """How many there are, how large, and how often they were painted again."""
    tokens = manifest.tokens
    width, height = manifest.size(tokens[0]) if tokens else (0, 0)
    return {
        "tokens": len(tokens),
        "size in pixels": f"{width} x {height}",
        "tokens painted again": sum(1 for token in tokens if token.redraws),
        "pictures not chosen": sum(token.redraws for token in tokens),
        "still like another after that": len(manifest.unresolved),
    }


def counts(manifest: Manifest) -> Figures:
    """Trait value -> how many tokens have it by their metadata."""
    tallies = tally(manifest.collection, manifest.tokens, {})
    return {f"{t.trait}: {n.value}": n.actual for t in tallies for n in t.counts}


def truth(manifest: Manifest) -> Figures:
    """What the judge saw; nothing where nobody judged."""
    judgements = [token.judgements for token in manifest.tokens if token.judgements]
    verdicts = Counter[str](j.verdict for each in judgements for j in each.values())
    if not judgements:
        return {}
    untrue = sum(any(j.verdict == "contradicted" for j in each.values()) for each in judgements)
    return {
        "tokens judged": len(judgements),
        "of them, with a trait contradicted": untrue,
        "listed, after the last attempt": len(manifest.untrue),
        "share of traits seen": verdicts["seen"] / verdicts.total(),
        "traits seen": verdicts["seen"],
        "traits contradicted": verdicts["contradicted"],
        "traits the judge is unsure of": verdicts["unsure"],
    }


def likeness(manifest: Manifest) -> Figures:
    """Distances to the nearest other picture, up to the hundredth, and what was near."""
    quality, near = manifest.quality, manifest.duplicates
    figures: dict[str, Value] = {}
    if near is not None:
        figures["share of tokens with a look-alike"] = near.lookalikes
        figures["prompts with several tokens"] = len(near.families)
        figures["pairs to look at"] = len(near.review)
    if quality is None or not any(quality.distances):
        return figures
    return figures | {
        "the nearest two": _distance(quality.distances, 0),
        "half of them nearer than": _distance(quality.distances, 0.5),
    }


def _distance(counts: tuple[int, ...], share: float) -> float:
    """The end of the hundredth up to which at least one, and `share` of them, lie."""
    least, below = max(1.0, share * sum(counts)), 0
    for hundredth, count in enumerate(counts, start=1):
        below += count
        if below >= least:
            return hundredth / 100
    return len(counts) / 100


def fit(quality: Quality | None) -> Figures:
    """CLIPScore; nothing where the embedder has no words."""
    if quality is None or quality.clip_score is None:
        return {}
    score = quality.clip_score
    return {
        "mean": score.mean,
        "19 of 20 lie above": score.p5,
        "mean with other tokens' prompts": score.others,
        "prompts not read to their end": len(score.unread),
    }


def sizes(quality: Quality | None) -> set[int]:
    """The numbers of pictures of which the variety was measured."""
    return {each.pictures for each in quality.diversity} if quality else set()


def variety(quality: Quality | None, size: int) -> Figures:
    """Of samples of `size` pictures, and of the trait value whose pictures are most alike."""
    of_size = [each for each in quality.diversity if each.pictures == size] if quality else []
    if quality is None or not of_size:
        return {}
    figures: dict[str, Value] = {
        "different pictures (Vendi score)": of_size[0].vendi,
        "frequent kinds (RKE)": of_size[0].rke,
    }
    if quality.within:
        least = quality.within[0]
        figures["least varied"] = f"{least.trait}: {least.value}"
        figures["its Vendi score, of 8 pictures"] = least.vendi
    return figures


def cost(build: Build) -> Figures:
    """Seconds, megabytes, and gas by what it was paid for."""
    publication, deployment = build.manifest.publication, build.manifest.deployment
    size = sum(token.image.size for token in build.manifest.tokens)
    figures: dict[str, Value] = {
        "seconds a picture, on this computer": build.seconds,
        "pictures, MB": _megabytes(size),
        "file for IPFS, MB": _megabytes(publication.car_bytes) if publication else None,
    }
    if deployment:
        gas = {f"gas: {verb}": sum(costs) for verb, costs in steps(deployment).items()}
        figures |= {"network": deployment.network, **gas, "gas in all": sum(gas.values())}
    return {name: figure for name, figure in figures.items() if figure is not None}


def _megabytes(size: int) -> float:
    return round(size / 10**6, 2)
