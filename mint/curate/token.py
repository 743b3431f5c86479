"""A token, once its picture is accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import Literal

from pydantic import Field

from mint.document import Document, Number
from mint.paint.picture import Picture
from mint.plan.edit import Edit
from mint.plan.recipe import Candidate, Recipe
from mint.spec.traits import is_absent


class Enlarged(Document):
    """How a picture came from a smaller one: the digests of its pixels, and of the Runtime."""

    painted: str
    runtime: str


class Signed(Document):
    """That a picture's file carries a signature: the digest of the file without it, and that of
    the signer's certificate.
    """

    file: str
    certificate: str


class Animation(Document):
    """A token's film: SHA-256 of the mp4 file and its bytes, and SHA-256 of the raw RGB rows of all
    frames, one after the other, from which it was compressed.

    `count` frames are played at `fps` a second. `runtime` is the digest of the Runtime that painted
    them, `enlarged` that of the one that enlarged them; `encoder` is what compressed them.
    """

    file: str
    size: int
    frames: str
    count: int
    fps: int
    runtime: str
    encoder: str
    enlarged: str | None = None


class Wallpaper(Document):
    """A token's picture in a larger one: that, and the digests of the Runtimes that painted the
    rest and enlarged it, if one did.
    """

    image: Picture
    runtime: str
    upscaler: str | None = None


# What the judge says of a promised value: the picture shows it, or another one, or it cannot say.
Verdict = Literal["seen", "contradicted", "unsure"]


def empty(part: Sized) -> bool:
    """Whether a part is left out of the manifest, which then is as if nobody had looked."""
    return not part


class Judgement(Document):
    """What a judge saw of one trait: the likeliest value (or `none`), as the file spells it.

    `probability` is that of the token's own value, from 0 to 1.
    """

    value: str
    probability: Number
    verdict: Verdict


class Attempt(Document):
    """A picture that was painted for a token and is not its picture, and why, in sentences."""

    attempt: int
    image: Picture
    reasons: tuple[str, ...]


class Lookalike(Document):
    """Another token's picture, and how like it is: 1 is the same."""

    token_id: int
    likeness: Number


class Token(Document):
    """A token with its picture. `traits` maps trait_type to value and leaves absent traits out.

    `image` is what is published: as painted, or, with `enlarged`, computed from that, or, with
    `signed`, the same pixels in another file.
    `animation` is its film, in which `image` is the first frame or the poster; most have none.
    `wallpaper` is its picture going on beyond its edge, where the collection has such.
    `relabelled` maps a trait that says what is seen to the value that was promised, if it is
    another one; left out where all are as promised.
    `edits` lead from a plain attempt to this one; left out where there are none.
    `judgements` maps a trait to what the judge saw of it; a trait that nobody judged is not there.
    `attempts` are the pictures that were not chosen, `nearest` the most similar other token,
    `clip_score` how well the picture fits its whole prompt, `unsafe` what the safety check says,
    from 0 to 1. These five are left out where nobody looked.
    """

    token_id: int
    attempt: int
    name: str
    description: str | None = None
    traits: dict[str, str]
    recipe: Recipe
    image: Picture
    enlarged: Enlarged | None = None
    signed: Signed | None = None
    animation: Animation | None = None
    wallpaper: Wallpaper | None = None
    relabelled: dict[str, str] = Field({}, exclude_if=empty)
    edits: tuple[Edit, ...] = Field((), exclude_if=empty)
    judgements: dict[str, Judgement] = Field({}, exclude_if=empty)
    attempts: tuple[Attempt, ...] = Field((), exclude_if=empty)
    nearest: Lookalike | None = None
    clip_score: Number | None = None
    unsafe: Number | None = None

    @property
    def files(self) -> tuple[Picture | Animation, ...]:
        """Its files as published: the picture, then the film and the wallpaper if it has them."""
        parts = self.image, self.animation, self.wallpaper and self.wallpaper.image
        return tuple(part for part in parts if part)

    @property
    def redraws(self) -> int:
        """How often it was painted anew, up to the picture that its edits begin with."""
        return self.edits[0].of if self.edits else self.attempt


def present(traits: Mapping[str, str]) -> dict[str, str]:
    """Trait -> value as a token has them: absent traits are left out."""
    return {name: value for name, value in traits.items() if not is_absent(value)}


def keep(
    candidate: Candidate,
    image: Picture,
    enlarged: Enlarged | None = None,
    *,
    unsafe: float | None = None,
) -> Token:
    """The token that a candidate becomes; absent traits are left out."""
    return Token(
        token_id=candidate.token_id,
        attempt=candidate.attempt,
        name=candidate.name,
        description=candidate.description,
        traits=present(candidate.traits),
        recipe=candidate.recipe,
        edits=candidate.edits,
        image=image,
        enlarged=enlarged,
        unsafe=unsafe,
    )
