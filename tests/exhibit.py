"""Finished and unfinished builds to show and to check, written by hand with real pictures."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image

from mint.chain.deployment import Deployment
from mint.chain.fairmint import Sent
from mint.curate.duplicates import Duplicates, Family, Pair
from mint.curate.threshold import Threshold
from mint.curate.token import Attempt, Judgement, Lookalike, Token
from mint.curate.truth import Judging
from mint.document import sha256
from mint.paint.picture import Picture
from mint.plan.recipe import Diffusion, Recipe, Runtime
from mint.record.manifest import Manifest, Publication
from mint.record.rarity import Rarity
from mint.spec.collection import Collection

SPECIES = ("fox", "bear", "robot", "frog")
HATS = ("none", "crown", "cap")
RUNTIME = Runtime(
    weights=sha256(b"weights"),
    device="cpu",
    threads=1,
    attention="sdpa",
    libraries={"diffusers": "0.42.0", "torch": "2.13.0"},
)
DIFFUSION = Diffusion(
    model="atelier", steps=20, guidance_scale=3.0, scheduler="default",
    width=32, height=32, dtype="float32",
)  # fmt: skip


def collection(supply: int, **changes: Any) -> Collection:
    written = {
        "name": "Menagerie",
        "symbol": "MNGR",
        "description": "Small animals who sat still for their portraits.",
        "supply": supply,
        "seed": 9_007_199_254_740_991,
        "creator": {"name": "Ada Painter", "url": "https://example.org/ada"},
        "image": {"prompt": "a {Species} with {Hat}", "width": 64, "height": 64},
        "traits": {"Species": dict.fromkeys(SPECIES, 1), "Hat": dict.fromkeys(HATS, 1)},
    }
    return Collection.model_validate({**written, **changes}, strict=False)


def png(token_id: int) -> bytes:
    """A real picture, another one for every token."""
    out = BytesIO()
    colour = (token_id * 37 % 256, token_id * 91 % 256, token_id * 53 % 256)
    Image.new("RGB", (32, 32), colour).save(out, "PNG")
    return out.getvalue()


@cache
def _by_file() -> dict[str, bytes]:
    return {sha256(data): data for data in map(png, range(2_100))}


def picture(image: Picture) -> bytes:
    """The file of a token's picture."""
    return _by_file()[image.file]


def token(token_id: int, **changes: Any) -> Token:
    species, hat = SPECIES[token_id % len(SPECIES)], HATS[token_id % len(HATS)]
    traits = {"Species": species} | ({} if hat == "none" else {"Hat": hat})
    recipe = Recipe(
        prompt=f"a {species} with {hat}", negative_prompt="", seed=2**53 - token_id,
        slot=token_id % 8, diffusion=DIFFUSION, runtime=RUNTIME.digest,
    )  # fmt: skip
    data = png(token_id)
    image = Picture(pixels=sha256(data + b"px"), file=sha256(data), size=len(data))
    plain = Token(
        token_id=token_id, attempt=0, name=f"Menagerie #{token_id}",
        traits=traits, recipe=recipe, image=image,
    )  # fmt: skip
    return plain.model_copy(update=changes)


def deployment() -> Deployment:
    sent = [("deploy", 3_100_000), ("mint 1-8", 410_000), ("mint 9-12", 222_333)]
    return Deployment(
        network="local",
        chain_id=131277322940537,
        address="0x" + "aB" * 20,
        owner="0x" + "cD" * 20,
        code=sha256(b"code"),
        transactions=tuple(
            Sent(purpose=p, transaction="0x" + sha256(p.encode()), block=n + 1, gas=gas)
            for n, (p, gas) in enumerate(sent)
        ),
    )


def manifest(supply: int = 12, **changes: Any) -> Manifest:
    """A build that went to the end; `changes` replaces fields of the manifest."""
    tokens = tuple(token(i) for i in range(1, supply + 1))
    finished = Manifest(
        collection=collection(supply),
        runtimes={RUNTIME.digest: RUNTIME},
        tokens=tokens,
        # Ranks run against the ids, so that sorting by one shows.
        rarity=tuple(Rarity(rank=supply - i, score=1 + i / 8, unique=i % 2) for i in range(supply)),
        metadata=tuple(sha256(b"%d" % i) for i in range(supply)),
        provenance=sha256(b"root"),
        publication=Publication(
            root="bafyroot", images="bafyimages", metadata="bafymetadata", car_bytes=1_234_567
        ),
        deployment=deployment(),
    )
    return finished.model_copy(update=changes)


def judged(supply: int = 12, **changes: Any) -> Manifest:
    """A build that was judged: token 1 contradicts its hat, 2 is unsure of it, 3 is unsafe.

    Nobody judged token 4. Token 5 was painted again, and looks like 9.
    """
    build = manifest(supply)
    tokens = list(build.tokens)
    for i, t in enumerate(tokens[:3] + tokens[4:]):
        sure = {name: seen(value) for name, value in {"Hat": "none", **t.traits}.items()}
        tokens[t.token_id - 1] = t.model_copy(
            update={"judgements": sure, "clip_score": 0.25 + i / 100, "unsafe": 0.02}
        )
    crown = Judgement(value="cap", probability=0.03, verdict="contradicted")
    unsure = Judgement(value="crown", probability=0.5, verdict="unsure")
    tokens[0] = with_judgement(tokens[0], "Hat", crown)
    tokens[1] = with_judgement(tokens[1], "Hat", unsure)
    tokens[2] = tokens[2].model_copy(update={"unsafe": 0.75})
    again = Attempt(attempt=0, image=tokens[8].image, reasons=("Looks like #9.", "Too dark."))
    nearest = Lookalike(token_id=9, likeness=0.951)
    tokens[4] = tokens[4].model_copy(
        update={"attempt": 1, "attempts": (again,), "nearest": nearest}
    )
    judging = Judging(judge="a judge", weights=sha256(b"judge"), thresholds={})
    parts = {"tokens": tuple(tokens), "judging": (judging,), "untrue": (1,)}
    return build.model_copy(update={**parts, **changes})


def seen(value: str) -> Judgement:
    return Judgement(value=value, probability=0.98, verdict="seen")


def with_judgement(token: Token, trait: str, judgement: Judgement) -> Token:
    return token.model_copy(update={"judgements": {**token.judgements, trait: judgement}})


def unfinished(supply: int = 12) -> Manifest:
    """A build stopped after painting."""
    nothing = ("rarity", "metadata", "provenance", "publication", "deployment")
    return manifest(supply, **dict.fromkeys(nothing))


def plan(build: Manifest) -> dict[str, dict[str, int]]:
    """The counts of the tokens' own traits, as if that had been the plan."""
    counts = {"Species": dict.fromkeys(SPECIES, 0), "Hat": dict.fromkeys(HATS, 0)}
    for t in build.tokens:
        counts["Species"][t.traits["Species"]] += 1
        counts["Hat"][t.traits.get("Hat", "none")] += 1
    return counts


def duplicates(
    families: tuple[Family, ...] = (), review: tuple[Pair, ...] = (), lookalikes: float = 0.0
) -> Duplicates:
    """What a comparison might have given."""
    threshold = Threshold(likeness=0.6, families=0.6, pairs=66, measured=66)
    return Duplicates(threshold=threshold, families=families, review=review, lookalikes=lookalikes)
