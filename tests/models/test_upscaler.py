"""An upscaler's file is understood or refused by its header; what it computes is the family's."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from mint.errors import CollectionError, RenderError
from mint.models.locate import locate_upscaler
from mint.models.upscaler import (
    Compact,
    Network,
    compact,
    open_upscaler,
    refuse_large,
    refuse_without_spandrel,
    upscaler_runtime,
)
from mint.models.weights import shapes
from mint.paint.enlarge import TILE, Upscale, load_upscaler
from mint.spec.collection import ATELIER
from mint.spec.load import load
from tests.conftest import ROOT, edit
from tests.small_models import compact_esrgan

if TYPE_CHECKING:
    import torch

    from mint.paint.png import Pixels

OURS = ATELIER / "upscaler" / "model.safetensors"


def noise(high: int, wide: int) -> Pixels:
    return np.random.default_rng(high).integers(0, 256, (high, wide, 3), dtype=np.uint8)


def here(file: Path) -> Upscale:
    upscaler = open_upscaler(file)
    return load_upscaler(upscaler, upscaler_runtime(upscaler, "0" * 64, device="cpu", threads=1))


def at_once(file: Path, small: Pixels) -> Pixels:
    """The model by the names in its file, in one piece."""
    import torch
    from safetensors.torch import load_file
    from torch import nn

    net = compact(file)
    assert net
    layers: list[nn.Module] = []
    for into, out in pairwise([3, *[net.features] * (net.hidden + 1), 3 * net.scale**2]):
        layers += [nn.Conv2d(into, out, 3, 1, 1), nn.PReLU(net.features)]
    body = nn.ModuleList(layers[:-1])
    model = nn.ModuleDict({"body": body})
    model.load_state_dict({k: v.float() for k, v in load_file(file).items()})
    image = torch.from_numpy(small).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        large = image
        for layer in body:
            large = layer(large)
        large = nn.functional.pixel_shuffle(large, net.scale)
        large += nn.functional.interpolate(image, scale_factor=net.scale)
    rows: Pixels = (large[0].clamp(0, 1) * 255).round().permute(1, 2, 0).byte().numpy()
    return rows


@pytest.mark.parametrize("net", [Compact(8, 3, 2), Compact(16, 1, 4), Compact(4, 0, 3)])
def test_features_depth_and_scale_are_read_from_the_shapes(tmp_path: Path, net: Compact) -> None:
    file = compact_esrgan(
        tmp_path / "a.safetensors",
        features=net.features,
        hidden=net.hidden,
        scale=net.scale,
    )

    assert compact(file) == net
    assert shapes(file) == net.shapes()
    assert here(file)(noise(5, 7)).shape == (5 * net.scale, 7 * net.scale, 3)


def test_our_own_enlarges_four_times() -> None:
    net = compact(OURS)

    assert net is not None
    assert net.scale == 4
    assert OURS.stat().st_size < 1_000_000


@pytest.mark.parametrize(("file", "scale"), [("x2.safetensors", 2), (OURS.name, 4)])
def test_what_it_enlarges_is_the_same_picture_made_smaller_again(file: str, scale: int) -> None:
    sketch = Image.open(ROOT / "collections" / "carnival" / "sketch.png").convert("RGB")
    small = np.asarray(sketch.resize((96, 80)))

    large = here(OURS.with_name(file))(small)

    assert large.shape == (80 * scale, 96 * scale, 3)
    means = large.reshape(80, scale, 96, scale, 3).mean((1, 3))
    assert np.abs(means - small).mean() < 0.3
    assert np.abs(large[1:].astype(int) - large[:-1]).max() > 100  # edges are none the softer


@pytest.mark.parametrize("scale", [2, 4])
def test_it_computes_what_the_family_does(tmp_path: Path, scale: int) -> None:
    file = compact_esrgan(tmp_path / "a.safetensors", scale=scale)
    small = noise(33, 21)

    actual, expected = here(file)(small), at_once(file, small)

    # Sums in another order: now and then a value rounds to its neighbour.
    assert np.abs(actual.astype(int) - expected.astype(int)).max() <= 1
    assert (actual == expected).mean() > 0.999


def test_a_model_that_adds_nothing_repeats_pixels(tmp_path: Path) -> None:
    small = noise(9, 6)

    large = here(compact_esrgan(tmp_path / "a.safetensors", blank=True))(small)

    assert np.array_equal(large, small.repeat(4, axis=0).repeat(4, axis=1))


@pytest.mark.parametrize(("features", "hidden", "scale"), [(4, 2, 2), (16, 4, 4), (7, 1, 3)])
def test_tiles_leave_no_seams(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, features: int, hidden: int, scale: int
) -> None:
    file = compact_esrgan(tmp_path / "a.safetensors", features=features, hidden=hidden, scale=scale)
    small, upscaler = noise(TILE + 9, 2 * TILE + 39), open_upscaler(file)
    runtime = upscaler_runtime(upscaler, "0" * 64, device="cpu", threads=1)
    sizes: list[int] = []

    def noted(device: str, dtype: torch.dtype) -> Network:
        network = upscaler.load(device, dtype)

        def enlarge(tile: torch.Tensor) -> torch.Tensor:
            sizes.extend(tile.shape[2:])
            return network(tile)

        return enlarge

    tiled = load_upscaler(upscaler._replace(load=noted), runtime)(small)

    assert len(sizes) == 2 * 6
    assert max(sizes) == TILE + 2 * upscaler.overlap  # what bounds the memory
    seams = load_upscaler(upscaler._replace(overlap=upscaler.overlap // 2), runtime)(small)
    monkeypatch.setattr("mint.paint.enlarge.TILE", 4 * TILE)
    whole = load_upscaler(upscaler, runtime)(small)

    # A tile of another shape may sum in another order: a few in a million round to a neighbour.
    assert np.abs(tiled.astype(int) - whole.astype(int)).max() <= 1
    assert (tiled != whole).mean() < 1e-5
    # The overlap is what does it.
    assert np.abs(seams.astype(int) - whole.astype(int)).max() > 1


def test_again_it_gives_the_same_bytes(tmp_path: Path) -> None:
    upscale = here(compact_esrgan(tmp_path / "a.safetensors"))
    small = noise(64, 64)

    first = upscale(small)

    upscale(noise(20, 30))
    assert np.array_equal(upscale(small), first)
    assert np.array_equal(here(tmp_path / "a.safetensors")(small), first)


def test_the_runtime_says_what_decides_a_pixel() -> None:
    runtime = upscaler_runtime(open_upscaler(OURS), "ab" * 32, device="cpu", threads=3)

    assert (runtime.weights, runtime.threads, runtime.scale) == ("ab" * 32, 3, 4)
    assert (runtime.dtype, runtime.attention) == ("float32", "none")
    assert str(runtime.device).startswith("cpu ")
    assert set(runtime.libraries) == {"torch", "safetensors", "numpy", "pillow"}


def test_in_float64_neither_tiles_nor_threads_change_a_pixel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = compact_esrgan(tmp_path / "a.safetensors", features=16, hidden=3, scale=2)
    small, upscaler = noise(61, 50), open_upscaler(file)
    runtime = upscaler_runtime(upscaler, "ab" * 32, threads=3, dtype="float64")

    assert (runtime.dtype, runtime.scale, runtime.libraries) == ("float64", 2, {})
    assert (runtime.device, runtime.threads, runtime.attention) == (None, None, None)
    first = load_upscaler(upscaler, runtime)(small)
    monkeypatch.setattr("mint.paint.enlarge.TILE", 19)
    monkeypatch.setattr("mint.models.runtime.cores", lambda: 1)
    assert np.array_equal(load_upscaler(upscaler, runtime)(small), first)
    # float32 rounds a few values to their neighbours.
    assert np.abs(first.astype(int) - here(file)(small)).max() <= 1


def written(folder: Path, header: bytes, length: int | None = None, data: bytes = b"") -> Path:
    file = folder / "a.safetensors"
    size = len(header) if length is None else length
    file.write_bytes(size.to_bytes(8, "little") + header + data)
    return file


HEADERS: dict[str, tuple[bytes, int | None]] = {
    "empty": (b"", 0),
    "huge": (b"{}", 2**63),
    "claims more than the file has": (b'{"a"', 7_000_000),
    "no JSON": (b"\x80\x04pickle", None),
    "a list": (b"[1]", None),
    "deep": (b"[" * 100_000, None),
    "no shape": (b'{"a": {"dtype": "F16"}}', None),
    "a shape of words": (b'{"a": {"shape": ["x"]}}', None),
}


@pytest.mark.parametrize(("header", "length"), HEADERS.values(), ids=HEADERS.keys())
def test_a_header_that_is_none(tmp_path: Path, header: bytes, length: int | None) -> None:
    file = written(tmp_path, header, length)

    with pytest.raises(RenderError, match=r"a\.safetensors is no safetensors file") as caught:
        open_upscaler(file)

    assert "convert" in caught.value.hint


def test_an_absent_file_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder.safetensors").mkdir()
    for name in (
        "nothing.safetensors",
        "folder.safetensors",
        "\0.safetensors",
        "x" * 9000,
        "a.jpg",
    ):
        (tmp_path / "a.jpg").write_bytes(b"x")
        with pytest.raises(RenderError, match="no safetensors file on this machine") as caught:
            locate_upscaler(name, tmp_path / "collection.yaml")
        assert "one of atelier, atelier-x2, inks" in caught.value.hint


@pytest.mark.parametrize("name", ["x4.pth", "x4.pt", "x4.ckpt", "x4.bin"])
def test_pickles_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x80\x04")

    with pytest.raises(RenderError, match="is a pickle, which can run any code") as caught:
        locate_upscaler(name, tmp_path / "collection.yaml")

    assert "convert it to safetensors" in caught.value.hint


def test_a_file_is_found_beside_the_collection(tmp_path: Path) -> None:
    file = compact_esrgan(tmp_path / "models" / "a.safetensors")
    (tmp_path / "b.safetensors").symlink_to(file)
    beside = tmp_path / "collection.yaml"

    assert locate_upscaler("atelier", beside) == OURS
    assert locate_upscaler("atelier-x2", beside) == OURS.with_name("x2.safetensors")
    assert locate_upscaler("models/a.safetensors", beside) == file
    assert locate_upscaler("./models/../models/a.safetensors", beside) == file
    assert locate_upscaler(str(file), beside) == file
    # The hub's cache is links to files without a suffix.
    assert locate_upscaler("b.safetensors", beside) == tmp_path / "b.safetensors"


def header(net: Compact, **changes: object) -> dict[str, Any]:
    tensors: dict[str, Any] = {name: {"shape": shape} for name, shape in net.shapes().items()}
    for name, shape in changes.items():
        tensors[name.replace("_", ".")] = {"shape": shape}
    return {name: tensor for name, tensor in tensors.items() if tensor["shape"] is not None}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"body_2_weight": [8, 4, 3, 3]}, "body.2.weight is 8x4x3x3, not 8x8x3x3"),
        ({"body_1_weight": [1]}, "body.1.weight is 1, not 8"),
        ({"body_0_bias": [9]}, "body.0.bias is 9, not 8"),
        ({"body_0_weight": [8, 1, 3, 3]}, "body.0.weight is 8x1x3x3, not 8x3x3x3"),
        ({"body_0_weight": []}, "is no whole compact ESRGAN"),
        ({"body_6_weight": [47, 8, 3, 3]}, "body.6.bias is 48, not 27"),
        ({"body_3_weight": None}, "is no whole compact ESRGAN"),
        ({"body_9999_weight": [8]}, "body.9999.weight is 8, not absent"),
        ({"body_0_weight": [10**18, 3, 3, 3]}, "is no whole compact ESRGAN"),
    ],
)
def test_shapes_that_do_not_fit(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    file = written(tmp_path, json.dumps(header(Compact(8, 2, 4), **changes)).encode())

    with pytest.raises(RenderError, match=says) as caught:
        open_upscaler(file)

    assert caught.value.hint


@pytest.mark.parametrize("scale", [1, 9])
def test_a_scale_that_is_none(tmp_path: Path, scale: int) -> None:
    file = written(tmp_path, json.dumps(header(Compact(8, 2, scale))).encode())

    with pytest.raises(RenderError, match=f"enlarges {scale} times") as caught:
        open_upscaler(file)

    assert caught.value.hint == "2 to 8 times is known"


def test_a_header_that_fits_a_model_larger_than_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, json.dumps(header(Compact(10**12, 2, 4))).encode())

    with pytest.raises(RenderError, match=r"a\.safetensors cannot be loaded: "):
        here(file)


def test_a_file_cut_after_its_header(tmp_path: Path) -> None:
    file = compact_esrgan(tmp_path / "a.safetensors")
    file.write_bytes(file.read_bytes()[:-100])

    with pytest.raises(RenderError, match=r"a\.safetensors cannot be loaded: ") as caught:
        here(file)

    assert "image.upscale: atelier" in caught.value.hint


def test_black_pictures_are_refused(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    file = compact_esrgan(tmp_path / "a.safetensors")
    tensors = load_file(file)
    tensors["body.0.bias"] = torch.full_like(tensors["body.0.bias"], torch.nan)
    save_file(tensors, file)

    with pytest.raises(RenderError, match="NaN"):
        here(file)(noise(4, 4))


def rrdb(folder: Path) -> Path:
    return written(folder, b'{"conv_first.weight": {"shape": [64, 3, 3, 3]}}')


def test_another_family_names_what_to_install(tmp_path: Path) -> None:
    file = rrdb(tmp_path)

    for refuse in (open_upscaler, refuse_without_spandrel):
        with pytest.raises(RenderError, match="no compact ESRGAN, and spandrel") as caught:
            refuse(file)
        assert "spandrel, or set" in caught.value.hint


BROKEN = "raise RuntimeError('operator torchvision::nms does not exist')"
SPANDREL = """
class ImageModelDescriptor:
    input_channels, output_channels, scale, supports_half = 3, {channels}, {scale}, True
    def to(self, device, dtype): return self
    def eval(self): return self
    def __call__(self, image): return image.repeat_interleave(3, 2).repeat_interleave(3, 3)
class ModelLoader:
    def load_from_file(self, path): return ImageModelDescriptor()
"""


@pytest.mark.parametrize(
    ("module", "says"),
    [
        (BROKEN, r"cannot be imported \(operator torchvision::nms does not exist\)"),
        (SPANDREL.format(channels=1, scale=4), "does not turn RGB into RGB"),
        (SPANDREL.format(channels=3, scale=1), "enlarges 1 times"),
    ],
)
def test_a_spandrel_that_is_of_no_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, says: str
) -> None:
    installed(tmp_path, monkeypatch, module)

    with pytest.raises(RenderError, match=says) as caught:
        open_upscaler(rrdb(tmp_path))

    assert caught.value.hint


def test_what_spandrel_reads_is_enlarged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, monkeypatch, SPANDREL.format(channels=3, scale=3))
    monkeypatch.setattr(
        "mint.models.runtime.version", lambda name: "1.0"
    )  # they are no distributions
    refuse_without_spandrel(rrdb(tmp_path))
    upscaler, small = open_upscaler(rrdb(tmp_path)), noise(8, 5)
    runtime = upscaler_runtime(upscaler, "0" * 64, device="cpu", threads=1)

    large = load_upscaler(upscaler, runtime)(small)

    assert {"spandrel", "torchvision"} < runtime.libraries.keys()
    assert np.array_equal(large, small.repeat(3, axis=0).repeat(3, axis=1))


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Something called spandrel, for one test."""
    import sys

    (folder / "spandrel.py").write_text(module)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setitem(sys.modules, "spandrel", None)  # so that it is forgotten afterwards
    del sys.modules["spandrel"]


def test_the_file_names_the_place_of_a_mistake(tiny: Path) -> None:
    edit(tiny, "  batch: 2", "  batch: 2\n  upscale: x4.safetensors")
    with pytest.raises(CollectionError, match=r'yaml:15:12: .* "x4.safetensors" does not exist'):
        load(tiny)

    compact_esrgan(tiny.parent / "x4.safetensors")
    collection, _ = load(tiny)
    assert collection.image.upscale == "x4.safetensors"

    edit(tiny, "  width: 64", "  width: 4096")
    with pytest.raises(CollectionError, match=r"15:12: 4096 x 64 .* a side of 16384") as caught:
        refuse_large(*load(tiny), 4)
    assert "at most 2048 pixels" in caught.value.hint
    refuse_large(*load(tiny), 2)


@pytest.mark.gpu
def test_a_gpu_enlarges_in_half_precision(tmp_path: Path) -> None:
    file = compact_esrgan(tmp_path / "a.safetensors")
    upscaler, small = open_upscaler(file), noise(TILE + 9, 70)
    runtime = upscaler_runtime(upscaler, "0" * 64, device="cuda")

    large = load_upscaler(upscaler, runtime)(small)

    assert runtime.dtype == "float16"
    assert np.array_equal(load_upscaler(upscaler, runtime)(small), large)
    assert np.abs(large.astype(int) - at_once(file, small).astype(int)).max() <= 3
