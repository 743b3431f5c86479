"""Models that can begin with what they are given: a drawing, or a mixture of two pictures."""

from __future__ import annotations

from collections.abc import Collection as Classes
from pathlib import Path

from mint.document import plain
from mint.models.families import class_name
from mint.models.refiners import MASKABLE, PAINTS_IN, PAINTS_OVER, refuse_beginning
from mint.models.weights import is_generator
from mint.spec.collection import Collection
from mint.spec.drawings import drawings
from mint.spec.yaml_source import Source

# Classes that take noise as one block of latents, and words as embeddings alone.
BLENDS = (
    "LatentConsistencyModelPipeline",
    "StableDiffusion3Pipeline",
    "StableDiffusionPipeline",
    "StableDiffusionXLPipeline",
)
# Classes whose decoder paints from a picture's CLIP embedding, as DALL-E 2's does -> the parts that
# see a picture so, without which some still paint from words.
DECODES = {"KandinskyV22CombinedPipeline": ("prior_image_encoder", "prior_image_processor")}
# Classes that can paint a part of a picture alone, as a wallpaper needs it.
EXTENDS = (*(name for name, over in PAINTS_OVER.items() if over in MASKABLE), *PAINTS_IN)


def why_not(folder: Path, classes: Classes[str]) -> str | None:
    """What sort of model is in `folder`, if it is none of these classes of diffusers."""
    if is_generator(folder):
        return "a GAN or a VAE, which paints in one pass"
    name = class_name(folder)
    return None if name in classes else f"of the class {name.removesuffix('Pipeline')}"


def names(classes: Classes[str]) -> str:
    """The classes as artists read them."""
    return ", ".join(sorted(name.removesuffix("Pipeline") for name in classes))


def decodes(folder: Path) -> bool:
    """Whether the model in `folder` paints from what CLIP sees in a picture."""
    return why_not(folder, DECODES) is None


def refuse_varying(collection: Collection, source: Source, folder: Path) -> None:
    """Raise CollectionError where the model in `folder` can begin with no picture as a whole."""
    if not decodes(folder):
        refuse_beginning(collection.image, source, folder, masked=False)
    elif collection.image.refiners:
        message = "what a model sees in a picture is not painted on by others"
        raise source.error(("image", "refiners"), message, "leave out image.refiners")
    elif missing := _missing_eyes(folder):
        raise source.error(
            ("image", "model"),
            f"the model in {folder} sees no picture: its folder lacks {' and '.join(missing)}",
            "fetch these parts of it again, too; they are named in its model_index.json",
        )


def _missing_eyes(folder: Path) -> list[str]:
    """The parts that the folder lacks of those that see a picture."""
    index = plain((folder / "model_index.json").read_bytes())
    parts = DECODES[class_name(folder)]

    def is_there(part: str) -> bool:
        return any(index.get(part) or ()) and (folder / part).exists()

    return [part for part in parts if not is_there(part)]


def refuse_mixing(collection: Collection, source: Source, folder: Path) -> None:
    """Raise CollectionError where the model in `folder` cannot mix two pictures."""
    if kind := why_not(folder, (*BLENDS, *DECODES)):
        raise source.error(
            ("image", "model"),
            f"pictures cannot be mixed: {collection.image.model} is {kind}",
            f"models that can are atelier and those of {names((*BLENDS, *DECODES))}",
        )


def refuse_wallpapers(collection: Collection, source: Source, folder: Path) -> None:
    """Raise CollectionError for `image.canvas`, where the model in `folder` paints no wallpaper."""
    image, place = collection.image, ("image", "canvas")
    if image.canvas is None:
        return
    if kind := why_not(folder, EXTENDS):
        raise source.error(
            place,
            f"no wallpaper can be painted: {image.model} is {kind}",
            f"leave `canvas` out, or name under image.model atelier or one of {names(EXTENDS)}",
            key=True,
        )


def refuse_drawings(collection: Collection, source: Source, folder: Path) -> None:
    """Raise CollectionError for a drawing with which the model in `folder` cannot begin."""
    for place, _ in drawings(collection):
        if kind := why_not(folder, PAINTS_OVER):
            raise source.error(
                place,
                f"no picture can begin with a drawing: {collection.image.model} is {kind}",
                "leave `init` out, or name under image.model atelier or one of "
                f"{names(PAINTS_OVER)}",
                key=True,
            )
