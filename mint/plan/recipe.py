"""What decides one picture: words, seed, settings and what paints it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from mint.document import Document, Number
from mint.plan.blend import Blend
from mint.plan.edit import Edit
from mint.spec.adapters import Adapters, Embeddings
from mint.spec.collection import Collection
from mint.spec.guides import Control, Reference
from mint.spec.init import Init
from mint.spec.painting import ImageSettings
from mint.spec.refiner import Refiners, refined

# So often another seed alone is tried; after that the words change, too.
REDRAWS_BY_SEED = 2


class Slot(Document):
    """A token before painting: its traits (every group, in file order) and its prompt.

    `init` is the artist's drawing that its picture begins with.
    """

    token_id: int
    name: str
    traits: dict[str, str]
    prompt: str
    description: str | None = None
    init: Init | None = None


class Diffusion(Document):
    """How the collection asks for its pictures; sizes in pixels."""

    model: str
    revision: str | None = None
    config: str | None = None
    config_revision: str | None = None
    transformer: str | None = None
    adapters: Adapters = ()
    embeddings: Embeddings = ()
    reference: Reference | None = None
    control: Control | None = None
    steps: int
    guidance_scale: Number
    scheduler: str
    width: int
    height: int
    dtype: str
    refiners: Refiners = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as painted, after the refiners."""
        return refined((self.width, self.height), self.refiners)


class Runtime(Document):
    """What paints or enlarges them: the part of a pixel's cause that is not in collection.yaml.

    `weights` is the SHA-256 over the model's files; `libraries` maps a package to its version;
    `batch` is how many pictures are painted at once. An upscaler also has a `scale`, and a
    `dtype`, which for painting is in collection.yaml, and `redraws`, the version of what redraws
    pictures in inks, if anything does. `variations` are the model's own words for
    redraws, where its folder lists some. `files` maps each single file that the model is loaded
    from besides its folder, such as a LoRA, and each refiner to its SHA-256.

    In float64 the machine decides no pixel (mint.models.runtime): `device`, `threads`,
    `attention` and `batch` are None, and `code` is the version of what computes here.
    """

    weights: str
    device: str | None = None
    threads: Annotated[int, Field(ge=1, le=4096)] | None = None
    attention: str | None = None
    libraries: dict[str, str]
    batch: Annotated[int, Field(ge=1, le=256)] | None = None
    code: int | None = None
    dtype: str | None = None
    scale: Annotated[int, Field(ge=2, le=8)] | None = None
    redraws: Annotated[int, Field(ge=1)] | None = None
    variations: tuple[str, ...] | None = None
    files: dict[str, str] | None = None

    def version(self, library: str) -> str:
        """Its version on record; "" where it decides no pixel."""
        return self.libraries.get(library, "")


class Start(Document):
    """The picture that painting begins with, in place of noise alone.

    It is what `recipe` paints, or one of the artist's own: `picture`, the SHA-256 of its raw RGB
    rows. `strength` is the share of the way from noise to picture that is gone again: 1 leaves
    nothing of it. `mask` is the SHA-256 of the rows of a picture as large, black where nothing may
    change; without it all may.

    With `embedding` painting begins with noise, and a decoder paints what CLIP sees in the picture,
    or between it and the `second`. `strength` is then how far that is turned to the prompt.
    """

    recipe: Recipe | None = None
    picture: str | None = None
    strength: Annotated[Number, Field(ge=0, le=1)]
    mask: str | None = None
    embedding: Literal[True] | None = None
    second: Second | None = None

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """Those whose pictures must be painted before."""
        second = self.second and self.second.recipe
        return tuple(recipe for recipe in (self.recipe, second) if recipe)


class Second(Document):
    """A second picture whose embedding is mixed with that of the first; `share` is its part."""

    recipe: Recipe
    share: Annotated[Number, Field(gt=0, lt=1)]


class Recipe(Document):
    """Everything that decides one picture; its digest is the cache key.

    `slot` is the row of the batch the token is painted in, where that can change a pixel;
    `runtime` is the digest of a Runtime. What begins with a picture, `start`, or with a mixture of
    two others' noise and words, `blend`, in place of its own, is painted alone.
    """

    prompt: str
    negative_prompt: str
    seed: int
    slot: int | None = None
    diffusion: Diffusion
    runtime: str
    start: Start | None = None
    blend: Blend | None = None

    @property
    def alone(self) -> bool:
        """Whether it is painted by itself, and not in a batch."""
        return self.start is not None or self.blend is not None


class Candidate(Document):
    """A token as proposed: which attempt it is and how it would be painted.

    `edits` lead from a plain attempt to this one (mint.plan.edit).
    """

    token_id: int
    attempt: int
    name: str
    description: str | None = None
    traits: dict[str, str]
    recipe: Recipe
    edits: tuple[Edit, ...] = Field((), exclude_if=lambda edits: not edits)


class Painter(NamedTuple):
    """A Runtime as recipes need it: its digest, its fixed batch, the model's words for redraws."""

    digest: str
    batch: int | None = None
    variations: tuple[str, ...] = ()


def painter(runtime: Runtime) -> Painter:
    """What the recipes of a runtime need to know of it."""
    return Painter(runtime.digest, runtime.batch, runtime.variations or ())


def seed(collection_seed: int, token_id: int, attempt: int) -> int:
    """53-bit seed of one attempt; 53 because seeds are published as JSON numbers."""
    text = f"{collection_seed}/{token_id}/{attempt}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 11


def varied(prompt: str, variations: Sequence[str], attempt: int) -> str:
    """The prompt of one attempt: after two redraws by seed alone, with the next of `variations`."""
    turn = attempt - REDRAWS_BY_SEED - 1
    if turn < 0 or not variations:
        return prompt
    return f"{prompt}, {variations[turn % len(variations)]}"


def candidate(
    collection: Collection,
    slot: Slot,
    attempt: int,
    painter: Painter,
    settings: Diffusion | None = None,
) -> Candidate:
    """The `attempt`-th proposal for a token.

    `settings` is `diffusion(collection)`, for callers that propose ten thousand times. The words
    for redraws are the collection's, else the model's.
    """
    image = collection.image
    return Candidate(
        token_id=slot.token_id,
        attempt=attempt,
        name=slot.name,
        description=slot.description,
        traits=slot.traits,
        recipe=Recipe(
            prompt=varied(slot.prompt, image.variations or painter.variations, attempt),
            negative_prompt=image.negative_prompt,
            seed=seed(collection.seed, slot.token_id, attempt),
            slot=slot.token_id % painter.batch if painter.batch and not slot.init else None,
            diffusion=settings or diffusion(collection),
            runtime=painter.digest,
            start=Start(picture=slot.init.pixels, strength=slot.init.strength)
            if slot.init
            else None,
        ),
    )


def diffusion(collection: Collection) -> Diffusion:
    """The collection's image settings in its style, without the words, not yet enlarged."""
    return painting(collection.painting)


def painting(image: ImageSettings) -> Diffusion:
    """Image settings without the words, and as painted."""
    settings = image.model_dump(
        exclude={"prompt", "negative_prompt", "variations", "upscale", "canvas", "batch", "init"}
    )
    return Diffusion(**settings)


def sources_of(recipe: Recipe) -> Iterator[str]:
    """The artist's pictures and masks that a recipe needs, each by the SHA-256 of its RGB rows."""
    guides = recipe.diffusion.reference, recipe.diffusion.control
    yield from (guide.pixels for guide in guides if guide and guide.pixels)
    if start := recipe.start:
        yield from (digest for digest in (start.picture, start.mask) if digest)
        for earlier in start.recipes:
            yield from sources_of(earlier)
