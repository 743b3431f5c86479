"""What moves pictures: painting models that walk, video models by the class of their folder.

The facts are those of diffusers 0.42; each class's own `__call__` says them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mint.document import canonical, plain, sha256
from mint.errors import RenderError
from mint.models.families import class_name
from mint.models.locate import locate
from mint.models.runtime import runtime
from mint.models.runtimes import Runtimes, choose_runtime
from mint.models.weights import Model, fingerprint, is_generator
from mint.plan.recipe import Runtime
from mint.spec.animate import WALK, Animate
from mint.spec.collection import Collection, model_folder
from mint.spec.yaml_source import Source
from mint.stages import OnRuntime
from mint.store import Store

# Classes that take their noise as it is, one row a picture, and give it back before decoding.
WALKING = (
    "LatentConsistencyModelPipeline", "PixArtAlphaPipeline", "PixArtSigmaPipeline", "SanaPipeline",
    "StableDiffusion3Pipeline", "StableDiffusionPipeline", "StableDiffusionXLPipeline",
)  # fmt: skip
ADAPTER = "MotionAdapter"  # which moves what a Stable Diffusion painter paints
ADAPTED = "StableDiffusionPipeline"


class Video(NamedTuple):
    """A class of video models. `opens` is the class that is opened with its weights.

    It begins with the token's picture if `pictured`, and reads its words if `worded`. The number of
    frames is one more than a multiple of `grain`, or any; sizes are multiples of `multiple` pixels.
    `guidance` and `rate` are what it calls guidance scale and frames a second.
    """

    opens: str
    pictured: bool
    worded: bool = True
    grain: int | None = None
    multiple: int = 8
    guidance: str = "guidance_scale"
    rate: str | None = None
    fixed: Mapping[str, Any] = {}


_LTX = Video("LTXImageToVideoPipeline", True, grain=8, multiple=32, rate="frame_rate")
VIDEOS: dict[str, Video] = {
    ADAPTER: Video("AnimateDiffPipeline", False),
    "AnimateDiffPipeline": Video("AnimateDiffPipeline", False),
    # The same weights begin with a picture or without; with it, it is the token that moves.
    "LTXPipeline": _LTX,
    "LTXImageToVideoPipeline": _LTX,
    "WanPipeline": Video("WanPipeline", False, grain=4, multiple=16),
    "StableVideoDiffusionPipeline": Video(
        "StableVideoDiffusionPipeline", True, worded=False, guidance="max_guidance_scale",
        rate="fps",
    ),
}  # fmt: skip


def rooted(painter: Path) -> tuple[str, str] | None:
    """What is wrong with a painter that cannot walk, and what to do; None for one that can."""
    name = "a GAN or VAE" if is_generator(painter) else class_name(painter)
    if name in WALKING:
        return None
    names = ", ".join(each.removesuffix("Pipeline") for each in WALKING)
    return (
        f"{name.removesuffix('Pipeline')} cannot walk: it does not take its noise from outside",
        f"name a video model under animate.model; those that walk are {names}",
    )


def find_animator(
    collection: Collection,
    source: Source,
    painter: Model,
    painters: Runtimes,
    store: Store,
    on_runtime: OnRuntime,
) -> tuple[Model | None, Runtimes | None]:
    """The video model that the collection names, if any, and what runs it.

    Raises RenderError, RuntimeChanged, or CollectionError for a model that cannot move pictures so.
    """
    animate = collection.animate
    if animate is None:
        return None, None
    refuse_unfit_film(collection, source, painter.path, video_here(animate, source.path))
    if animate.model == WALK:
        return None, None
    video, dtype = find_video(animate, painter, source.path, store), collection.image.dtype

    def here(before: Runtime | None) -> Runtime:
        return runtime(video.digest, threads=(before or painters.current).threads, dtype=dtype)

    name = f"{animate.model} + {collection.image.model}"
    return video, choose_runtime(store, "animator", name, here, on_runtime)


def video_class(folder: Path) -> str:
    """The class of a video model's folder; raises RenderError for one that mint cannot use."""
    name = "a GAN or VAE"
    if not is_generator(folder):
        whole = (folder / "model_index.json").exists()
        name = class_name(folder) if whole else str(_config(folder).get("_class_name"))
    if name not in VIDEOS:
        names = ", ".join(each.removesuffix("Pipeline") for each in VIDEOS)
        raise RenderError(
            f"{folder} is {name.removesuffix('Pipeline')}, and no video model that mint can seed",
            hint=f"write `model: {WALK}` under animate:, or one of {names}",
        )
    return name


def find_video(animate: Animate, painter: Model, file: Path, store: Store) -> Model:
    """The video model that collection.yaml (`file`) names; raises RenderError.

    The digest of a motion adapter is over the painter's weights, too.
    """
    folder = locate_video(animate, file)
    digest = fingerprint(folder, store)
    if video_class(folder) == ADAPTER:
        digest = sha256(canonical([painter.digest, digest]))
    return Model(folder, digest)


def locate_video(animate: Animate, file: Path, *, fetch: bool = True) -> Path:
    """Its folder; raises RenderError where it is not on this machine."""
    address = animate.model, animate.revision, file
    return locate(*address, fetch=fetch, key="animate.model", instead=WALK)


def video_here(animate: Animate, file: Path) -> Path | None:
    """Its folder, None for `walk` and for a hub model that is not on this machine."""
    if animate.model == WALK:
        return None
    try:
        return locate_video(animate, file, fetch=False)
    except RenderError:
        if model_folder(animate.model, file) is not None:
            raise
        return None


def refuse_unfit_film(
    collection: Collection, source: Source, painter: Path | None, folder: Path | None
) -> None:
    """Raise CollectionError for a model that cannot move the pictures, or a setting it cannot have.

    `painter` is the painting model's folder, `folder` the video model's; None for one that nobody
    has seen.
    """
    assert collection.animate is not None
    if collection.animate.model == WALK and painter and (fault := rooted(painter)):
        raise source.error(("animate",), *fault, key=True)
    if folder is None:
        return
    name = video_class(folder)
    for key, message, hint in _faults(collection, collection.animate, name, painter, folder):
        raise source.error(("animate", key), message, hint)


def _faults(
    collection: Collection, animate: Animate, name: str, painter: Path | None, folder: Path
) -> Iterator[tuple[str, str, str]]:
    """(key, what is wrong, what to do)."""
    video, model = VIDEOS[name], name.removesuffix("Pipeline")
    if video.grain and animate.frames % video.grain != 1:
        down = max(1, (animate.frames - 1) // video.grain) * video.grain + 1
        message = f"{model} makes films of 1 frame more than a multiple of {video.grain}"
        yield "frames", message, f"write frames: {down} or {down + video.grain}"
    for side in collection.image.size:
        if side % video.multiple:
            message = f"{model} makes films whose sides are multiples of {video.multiple} pixels"
            hint = f"set image.width and image.height so; {side} is none"
            yield "model", message, hint
    if not video.worded and animate.words is not None:
        yield "words", f"{model} reads no words", "delete the line"
    if name == ADAPTER:
        most = _config(folder).get("motion_max_seq_length") or 32
        if animate.frames > most:
            message = f"this motion adapter moves {most} frames at most"
            yield "frames", message, f"write frames: {most}"
        if collection.image.reference:
            message = "a motion adapter moves no picture that takes its look from another one"
            yield "model", message, "delete image.reference, or name a whole video model"
        if painter and (is_generator(painter) or class_name(painter) != ADAPTED):
            yield (
                "model",
                f"a motion adapter moves what Stable Diffusion paints, and {painter.name} is none",
                f"write `model: {WALK}`, or name a whole video model",
            )


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = plain((folder / "config.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}
