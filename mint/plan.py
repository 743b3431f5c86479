"""Collection -> what each token will be, before a pixel is painted. Pure."""

from __future__ import annotations

from mint.document import Document


class Diffusion(Document):
    """How the collection asks for its pictures; sizes in pixels."""

    model: str
    revision: str | None = None
    steps: int
    guidance_scale: float
    scheduler: str
    width: int
    height: int
    dtype: str
    batch: int


class Runtime(Document):
    """What paints them: the part of the cause of a pixel that is not in collection.yaml.

    `weights` is the SHA-256 over the model's files; `libraries` maps a package to its version.
    """

    weights: str
    device: str
    threads: int
    attention: str
    libraries: dict[str, str]


class Recipe(Document):
    """Everything that decides one picture; its digest is the cache key.

    `slot` is the row of the batch the token is painted in, `runtime` the digest of a Runtime.
    """

    prompt: str
    negative_prompt: str
    seed: int
    slot: int
    diffusion: Diffusion
    runtime: str


class Candidate(Document):
    """A token as proposed: which attempt it is and how it would be painted."""

    token_id: int
    attempt: int
    name: str
    traits: dict[str, str]
    recipe: Recipe
