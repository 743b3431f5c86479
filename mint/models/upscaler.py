"""An upscaler's file -> what it is, what it computes, and the fingerprint of what runs it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.errors import RenderError
from mint.models.convolution import convolved
from mint.models.runtime import device_of, import_torch, runtime
from mint.models.weights import shapes
from mint.plan.recipe import Runtime
from mint.spec.collection import Collection
from mint.spec.yaml_source import Source

if TYPE_CHECKING:
    import torch


# One picture as (1, 3, height, width) in 0..1 -> the same `scale` times as wide and as high.
Network = Callable[["torch.Tensor"], "torch.Tensor"]

LARGEST = 8192  # pixels; the longest side of an enlarged picture, below what Pillow calls a bomb
SCALES = range(2, 9)
INKS = 1  # version of mint.paint.inks: another one draws other pixels
FOREIGN_OVERLAP = 64  # pixels; other families do not tell how far a pixel sees
LIBRARIES = ("torch", "safetensors", "numpy", "pillow")
_TENSOR_NAME = re.compile(r"body\.[0-9]{1,4}\.(weight|bias)")


class Compact(NamedTuple):
    """What a compact ESRGAN (SRVGGNetCompact) is built of; the shapes of its tensors say so.

    https://github.com/xinntao/Real-ESRGAN/blob/master/realesrgan/archs/srvgg_arch.py
    """

    features: int
    hidden: int
    scale: int

    @property
    def overlap(self) -> int:
        """How many pixels away a pixel of the small picture still counts: one a convolution."""
        return self.hidden + 2

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels before, between and after its convolutions."""
        return 3, *[self.features] * (self.hidden + 1), 3 * self.scale**2

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Every tensor in its file: convolutions, and a PReLU after each but the last."""
        tensors: dict[str, tuple[int, ...]] = {}
        for i, (into, out) in enumerate(pairwise(self.widths)):
            tensors |= {f"body.{2 * i}.weight": (out, into, 3, 3), f"body.{2 * i}.bias": (out,)}
            if i <= self.hidden:
                tensors[f"body.{2 * i + 1}.weight"] = (out,)
        return tensors


def compact(file: Path) -> Compact | None:
    """The compact ESRGAN in `file`, or None for another family; no tensor is loaded.

    Raises RenderError for a file that is neither, or is compact but for some tensors.
    """
    tensors = shapes(file)
    if not tensors or not all(_TENSOR_NAME.fullmatch(name) for name in tensors):
        return None
    hidden = max(0, len(tensors) - 5) // 3
    first, last = tensors.get("body.0.weight"), tensors.get(f"body.{2 * hidden + 2}.weight")
    model = Compact((first or (0,))[0], hidden, math.isqrt((last or (0,))[0] // 3))
    expected = model.shapes()
    for name in sorted(tensors.keys() | expected.keys(), key=lambda name: (len(name), name)):
        if tensors.get(name) != expected.get(name):
            raise RenderError(
                f"{file} is no whole compact ESRGAN: {name} is {_shape(tensors.get(name))}, "
                f"not {_shape(expected.get(name))}",
                hint="fetch or convert the file again, or set image.upscale: atelier",
            )
    _refuse_scale(file, model.scale)
    return model


def _shape(shape: tuple[int, ...] | None) -> str:
    return "absent" if shape is None else "x".join(map(str, shape))


def _refuse_scale(file: Path, scale: int) -> None:
    if scale not in SCALES:
        raise RenderError(
            f"{file} enlarges {scale} times", hint=f"{SCALES[0]} to {SCALES[-1]} times is known"
        )


def refuse_large(collection: Collection, source: Source, scale: int) -> None:
    """Raise CollectionError if enlarged pictures would be larger than readers open."""
    image = collection.image
    wide, high = image.size
    if (side := max(wide, high) * scale) > LARGEST:
        raise source.error(
            ("image", "upscale"),
            f"{wide} x {high} enlarged {scale} times has a side of {side} pixels",
            f"paint at most {LARGEST // scale} pixels, or leave `upscale:` out",
        )


class Upscaler(NamedTuple):
    """A model file that mint can read. `load` takes a device and a dtype, and loads it there.

    `overlap` is how many pixels tiles must overlap, `half` whether fp16 is for it, `even` whether
    it computes in the dtype of its weights throughout: others are watched where float64 is wanted.
    `redraws` is the version of what redraws the large picture in inks, if anything does.
    """

    file: Path
    scale: int
    overlap: int
    half: bool
    even: bool
    attention: str
    libraries: tuple[str, ...]
    load: Callable[[str, torch.dtype], Network]
    redraws: int | None = None


def open_upscaler(file: Path) -> Upscaler:
    """The upscaler in `file`: a compact ESRGAN, or what spandrel reads; raises RenderError."""
    model = compact(file)
    if model is None:
        return _open_by_spandrel(file)

    def load(device: str, dtype: torch.dtype) -> Network:
        return _compact_network(file, model, device, dtype)

    return Upscaler(file, model.scale, model.overlap, True, True, "none", LIBRARIES, load)


def _compact_network(file: Path, model: Compact, device: str, dtype: torch.dtype) -> Network:
    torch = import_torch()
    from safetensors.torch import load_file
    from torch import Tensor, nn
    from torch.nn import functional

    try:
        weights = load_file(file)  # first: it holds the header against the file's size
        with torch.device("meta"):
            steps = [nn.Conv2d(into, out, 3, padding=1) for into, out in pairwise(model.widths)]
            layers = [layer for step in steps for layer in (step, nn.PReLU(model.features))]
            body: Any = nn.Sequential(*layers[:-1])
        state = {name.removeprefix("body."): tensor.to(dtype) for name, tensor in weights.items()}
        body.load_state_dict(state, assign=True)
    except Exception as error:  # loaders raise whatever their parser raises
        raise _unloadable(file, error) from error
    body.requires_grad_(False).eval().to(device, memory_format=torch.channels_last)

    def enlarge(small: Tensor) -> Tensor:
        x = small
        for i in range(0, len(body), 2):
            x = convolved(body[i], x, body[i + 1].weight if i + 1 < len(body) else None)
        detail = functional.pixel_shuffle(x, model.scale)
        return detail + functional.interpolate(small, scale_factor=model.scale, mode="nearest")

    return enlarge


def refuse_without_spandrel(file: Path) -> None:
    """Raise RenderError if spandrel, which `file` needs, is not installed; imports nothing."""
    if find_spec("spandrel") is None:
        raise _no_spandrel(file, "is not installed")


def _no_spandrel(file: Path, why: str) -> RenderError:
    return RenderError(
        f"{file} is no compact ESRGAN, and spandrel, which reads other families, {why}",
        hint='pip install "torch>=2.7,<2.14" spandrel, or set image.upscale: atelier',
    )


def _open_by_spandrel(file: Path) -> Upscaler:
    """Any other family, read by spandrel."""
    try:
        import spandrel
    except Exception as error:  # a torchvision for another torch raises RuntimeError
        raise _no_spandrel(file, f"cannot be imported ({_line(error)})") from error
    try:
        model = spandrel.ModelLoader().load_from_file(str(file))
        channels = model.input_channels, model.output_channels
        if not isinstance(model, spandrel.ImageModelDescriptor) or channels != (3, 3):
            raise ValueError("it does not turn RGB into RGB")
    except Exception as error:
        raise _unloadable(file, error) from error
    _refuse_scale(file, model.scale)

    def load(device: str, dtype: torch.dtype) -> Network:
        network: Network = model.to(device, dtype).eval()
        return network

    libraries = (*LIBRARIES, "spandrel", "torchvision")
    half = model.supports_half
    return Upscaler(file, model.scale, FOREIGN_OVERLAP, half, False, "own", libraries, load)


def _unloadable(file: Path, error: Exception) -> RenderError:
    return RenderError(
        f"the upscaler {file} cannot be loaded: {_line(error)}",
        hint="fetch or convert the file again, or set image.upscale: atelier",
    )


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def upscaler_runtime(
    upscaler: Upscaler,
    weights: str,
    *,
    device: str | None = None,
    threads: int | None = None,
    dtype: str | None = None,
) -> Runtime:
    """What would enlarge here; `weights` is the file's SHA-256, `dtype` what painted.

    In float64 the machine decides no pixel, here as there. In all other dtypes pictures are
    enlarged in what suits the device.
    """
    double = "float64" if dtype == "float64" else None
    here = runtime(
        weights, device=device, threads=threads, libraries=upscaler.libraries, dtype=double
    )
    half = not double and upscaler.half and device_of(here) == "cuda"
    return here.model_copy(
        update={
            "attention": None if double else upscaler.attention,
            "dtype": double or ("float16" if half else "float32"),
            "scale": upscaler.scale,
            "redraws": upscaler.redraws,
        }
    )
