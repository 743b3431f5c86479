"""Models that go on with a picture: which they are, and what collection.yaml may ask of them.

The facts are those of diffusers 0.42; each class's own `__call__` says them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mint.counting import count
from mint.document import canonical, sha256
from mint.errors import RenderError
from mint.models.families import POOLED, VERBATIM, WORDS, Family, class_name, family_of
from mint.models.locate import locate
from mint.models.weights import Files, Model, fingerprint, is_generator
from mint.spec.collection import DETAIL, model_folder
from mint.spec.painting import ImageSettings
from mint.spec.refiner import Refiner, refined
from mint.spec.yaml_source import Source
from mint.store import Store

# The class that a folder was saved from -> the class that paints over a picture with its weights.
PAINTS_OVER = {
    "FluxPipeline": "FluxImg2ImgPipeline",
    "IFPipeline": "IFImg2ImgPipeline",
    "LatentConsistencyModelPipeline": "LatentConsistencyModelImg2ImgPipeline",
    "QwenImagePipeline": "QwenImageImg2ImgPipeline",
    "StableDiffusion3Pipeline": "StableDiffusion3Img2ImgPipeline",
    "StableDiffusionPipeline": "StableDiffusionImg2ImgPipeline",
    "StableDiffusionXLImg2ImgPipeline": "StableDiffusionXLImg2ImgPipeline",
    "StableDiffusionXLPipeline": "StableDiffusionXLImg2ImgPipeline",
    "ZImagePipeline": "ZImageImg2ImgPipeline",
}
# Of classes that paint over, those whose latents are a picture of channels, which a mask fits.
MASKABLE = {
    "LatentConsistencyModelImg2ImgPipeline",
    "StableDiffusion3Img2ImgPipeline",
    "StableDiffusionImg2ImgPipeline",
    "StableDiffusionXLImg2ImgPipeline",
}
# The class that a folder was saved from -> the class that paints with its weights where a mask is
# white. Those of MASKABLE need none.
PAINTS_IN = {
    "FluxPipeline": "FluxInpaintPipeline",
    "QwenImagePipeline": "QwenImageInpaintPipeline",
    "ZImagePipeline": "ZImageInpaintPipeline",
}
# Classes that paint from no words alone; of the others mint.models.families knows.
REFINING = {
    "IFSuperResolutionPipeline": Family(embeddings=WORDS, signed=True, fixed=VERBATIM),
    "StableDiffusionUpscalePipeline": Family(embeddings=WORDS),
    "StableDiffusionXLImg2ImgPipeline": Family(embeddings=POOLED),
}
# A class that enlarges -> how many times; None: to any size.
ENLARGES = {"IFSuperResolutionPipeline": None, "StableDiffusionUpscalePipeline": 4}
DETAIL_SIZE = (512, 512)  # width and height that atelier-detail learned
DETAIL_START = 0.5  # of the way from noise to picture: where atelier-detail begins to know it
# A painter whose noisy latents that refiner takes over, so that no picture is decoded in between.
HANDS_OVER = ("StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline")


def with_refiners(painter: Model, refiners: Sequence[Refiner], file: Path, store: Store) -> Model:
    """The painter with what goes on with its pictures; its digest is over all of them.

    `file` is collection.yaml. Raises RenderError.
    """
    if not refiners:
        return painter
    models = tuple(_find(refiner, file, store, painter) for refiner in refiners)
    whole = sha256(canonical([painter.digest, *(model.digest for model in models)]))
    names = {each.model: model.digest for each, model in zip(refiners, models, strict=True)}
    return painter._replace(refiners=models, digest=whole, digests=(painter.digests or {}) | names)


def locate_refiner(refiner: Refiner, file: Path, *, fetch: bool = True) -> Path:
    """The refiner's folder; raises RenderError where it is not on this machine."""
    address = refiner.model, refiner.revision, file
    return locate(*address, fetch=fetch, key="image.refiners", instead="[]")


def _find(refiner: Refiner, file: Path, store: Store, painter: Model) -> Model:
    """The refiner; where it is the painter's own folder, with what that one was taught."""
    folder = locate_refiner(refiner, file)
    digest, own = fingerprint(folder, store), painter.files
    if folder == painter.path and (own.adapters or own.embeddings):
        files = Files(adapters=own.adapters, embeddings=own.embeddings)
        return Model(folder, sha256(canonical([digest, painter.digest])), files)
    return Model(folder, digest)


def refining_family(name: str) -> Family:
    """How a class that goes on with a picture is called."""
    return REFINING.get(name) or family_of(name)


def refiners_here(image: ImageSettings, file: Path) -> Iterator[Path | None]:
    """Their folders, None for a hub model not on this machine; `file` is collection.yaml."""
    for refiner in image.refiners:
        try:
            yield locate_refiner(refiner, file, fetch=False)
        except RenderError:
            if model_folder(refiner.model, file) is not None:
                raise
            yield None


def overpainting_class(name: str, *, masked: bool) -> str:
    """The class of diffusers that paints over pictures with the parts of the class `name`.

    With `masked` it must be able to leave the rest alone. Raises RenderError where there is none.
    """
    model = name.removesuffix("Pipeline")
    if name not in PAINTS_OVER:
        raise RenderError(
            f"{model} cannot begin with a picture",
            hint=f"models that can are those of {_names(PAINTS_OVER)}",
        )
    if not masked or PAINTS_OVER[name] in MASKABLE:
        return PAINTS_OVER[name]
    if name not in PAINTS_IN:
        maskable = [each for each, over in PAINTS_OVER.items() if over in MASKABLE]
        raise RenderError(
            f"{model} cannot paint a part of a picture alone",
            hint=f"models that can are those of {_names((*maskable, *PAINTS_IN))}",
        )
    return PAINTS_IN[name]


def refuse_beginning(image: ImageSettings, source: Source, painter: Path, *, masked: bool) -> None:
    """Raise CollectionError where the model in `painter` cannot go on with a picture.

    With `masked`: where it cannot paint a part of it.
    """
    if is_generator(painter):
        message = "this model paints in one pass, and cannot begin with a picture"
        hint = "name a diffusion model, such as atelier"
        raise source.error(("image", "model"), message, hint)
    try:
        overpainting_class(class_name(painter), masked=masked)
    except RenderError as error:
        raise source.error(("image", "model"), str(error), error.hint) from error


def _names(classes: Iterable[str]) -> str:
    return ", ".join(sorted(name.removesuffix("Pipeline") for name in classes))


def refuse_unfit(
    image: ImageSettings, source: Source, painter: Path | None, folders: Iterable[Path | None]
) -> None:
    """Raise CollectionError where a model cannot go on with the picture before it.

    `folders` are those of `painter` and of `image.refiners`, None for one that nobody has seen.
    """
    if image.model in DETAIL:
        message = "this model goes on with a picture, and there is none before it"
        hint = "name it under `refiners:`, and here `atelier`"
        raise source.error(("image", "model"), message, hint)
    if painter and not is_generator(painter) and class_name(painter) in ENLARGES:
        message = "this model enlarges a picture, and there is none before it"
        hint = "name it under `refiners:`, and here one that paints from words"
        raise source.error(("image", "model"), message, hint)
    for i, (refiner, folder) in enumerate(zip(image.refiners, folders, strict=True)):
        before = refined((image.width, image.height), image.refiners[:i])
        faults = _unfit(image, refiner, class_name(folder), before) if folder else ()
        for key, message, hint in faults:
            raise source.error(("image", "refiners", i, key), message, hint)


Fault = tuple[str, str, str]  # the key, what is wrong, what to do


def _unfit(
    image: ImageSettings, refiner: Refiner, name: str, size: tuple[int, int]
) -> Iterator[Fault]:
    if name in ENLARGES:
        yield from _badly_enlarged(refiner, name, size)
    elif name in PAINTS_OVER:
        yield from _badly_painted_over(image, refiner, size)
    else:
        enlarging = " and ".join(each.removesuffix("Pipeline") for each in ENLARGES)
        yield (
            "model",
            f"{name.removesuffix('Pipeline')} cannot go on with a picture",
            "name a model that can, such as an SDXL refiner; "
            f"pictures are enlarged by {enlarging}, or, without words, by image.upscale",
        )
    family = refining_family(name)
    for key, side in (("width", refiner.width), ("height", refiner.height)):
        if side and side % family.multiple:
            hint = f"write {-(-side // family.multiple) * family.multiple}"
            yield key, f"it paints multiples of {family.multiple} pixels", hint


def _badly_enlarged(refiner: Refiner, name: str, size: tuple[int, int]) -> Iterator[Fault]:
    wide, high = size
    times = ENLARGES[name]
    if refiner.at is not None:
        yield "at", "a model that enlarges begins anew and takes nothing over", "leave it out"
    target = f"write width: {wide * (times or 4)} and height: {high * (times or 4)}"
    if refiner.width is None or refiner.height is None:
        yield "model", "it enlarges, and its size is not in the file", target
        return
    for key, side, before in (("width", refiner.width, wide), ("height", refiner.height, high)):
        if times and side != before * times:
            yield key, f"it enlarges {times} times, and the picture before has {before}", target
        elif side < before:
            yield key, f"it enlarges, and the picture before has {before} already", target


def _badly_painted_over(
    image: ImageSettings, refiner: Refiner, size: tuple[int, int]
) -> Iterator[Fault]:
    (wide, high), target = size, refined(size, [refiner])
    earliest = DETAIL_START if refiner.model in DETAIL else 0.0
    for key, side, before in zip(("width", "height"), target, size, strict=True):
        if side < before:
            yield key, f"the picture before has {before}, and would lose detail", "leave it out"
    if wide * target[1] != high * target[0]:
        key = "width" if refiner.width is not None else "height"
        what = f"{target[0]} x {target[1]} is not the shape of the picture before, {wide} x {high}"
        yield key, what, f"write width: {2 * wide} and height: {2 * high}"
    if refiner.model in DETAIL and target == size:
        what = f"{refiner.model} draws what a larger picture has room for"
        small = "width: 256 and height: 256 under image, and here " if max(size) >= 512 else ""
        yield "model", what, f"write {small}width: 512 and height: 512"
    if refiner.start < earliest:
        what = f"{refiner.model} cannot take over before {DETAIL_START:g}: it never learned that"
        yield "at", what, f"write at: {DETAIL_START:g}, or more"
    steps = refiner.steps or image.steps
    if not remaining(steps, refiner.start):
        key = "model" if refiner.at is None else "at"
        latest, fewest = 100 * (steps - 1) // steps / 100, math.ceil(1 / strength(refiner.start))
        what = f"of {count(steps, 'step')} none is left after {refiner.start:g} of them"
        earlier = "" if latest < earliest else f"at: {latest:g}, or "
        yield key, what, f"write {earlier}steps: {fewest}"


def strength(start: float) -> float:
    """The share of the way that is left after `start`, as classes that paint over call it."""
    return round(1 - start, 6)  # 1 - 0.8 is 0.19999999999999996, a fifth of 5 steps would be none


def remaining(steps: int, start: float) -> int:
    """How many of `steps` a model takes that begins at `start`."""
    return int(steps * strength(start))
