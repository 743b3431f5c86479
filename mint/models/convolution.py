"""Convolutions of float64 tensors on a CPU as matrix products, several times as fast as torch's.

They add up the same products in another order: results differ by the rounding of float64 alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.models.runtime import import_torch

if TYPE_CHECKING:
    from torch import Tensor

BAND = 65536  # numbers that a thread works on at once; its buffers then stay in its cache
FEWEST_CHANNELS = 16  # below, the transforms cost more than they save
TILE = 4  # outputs of one of Winograd's tiles, each way
LARGEST_REMEMBERED = 2**20  # numbers of a weight whose transform, four times as large, is kept
FEWEST_TILES = 256  # below, transforming a weight anew costs more than it saves


def convolve(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sequence[int] = (1,),
    padding: Sequence[int] = (0,),
    dilation: Sequence[int] = (1,),
    groups: int = 1,
) -> Tensor | None:
    """What torch.nn.functional.conv2d returns for these, or None off the CPU.

    `x` is (images, channels, height, width). The result has its channels last in memory, which is
    how the next convolution takes it soonest.
    """
    if x.ndim != 4 or x.device.type != "cpu":
        return None
    if {*stride, *dilation, groups} == {1}:
        if weight.shape[2:] == (1, 1) and {*padding} == {0}:
            return _pointwise(x, weight, bias)
        if weight.shape[2:] == (3, 3) and {*padding} == {1} and _is_worthwhile(x, weight):
            return _winograd(x, weight, bias)
    torch = import_torch()
    result: Tensor = torch.conv2d(x, weight, bias, stride, padding, dilation, groups)
    return result.contiguous(memory_format=torch.channels_last)


def _pointwise(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    torch = import_torch()
    pixels, matrix = x.flatten(2).transpose(1, 2), weight.flatten(1).t()
    result: Tensor
    if pixels.is_contiguous():
        result = torch.nn.functional.linear(pixels, matrix.t(), bias)
    else:
        result = torch.bmm(pixels, matrix.expand(len(x), -1, -1))
        result = result if bias is None else result.add_(bias)
    return result.view(len(x), *x.shape[2:], -1).permute(0, 3, 1, 2)


def _is_worthwhile(x: Tensor, weight: Tensor) -> bool:
    tiles = x.shape[0] * x.shape[2] * x.shape[3] / TILE**2
    remembered = weight.numel() <= LARGEST_REMEMBERED
    return x.shape[1] >= FEWEST_CHANNELS and (remembered or tiles >= FEWEST_TILES)


def _winograd(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """F(4x4, 3x3) of Lavin and Gray (arXiv 1509.09308): a quarter of the products.

    Each tile of 6 x 6 pixels is transformed, multiplied, and transformed back to 4 x 4. The error
    is some ten times that of plain sums: in float64 1e-14.
    """
    torch = import_torch()
    (count, channels, height, width), outputs = x.shape, weight.shape[0]
    kernel, transforms = _transformed(weight), _transforms()
    down, across = -(-height // TILE), -(-width // TILE)
    bands = _bands(count, down, across, max(channels, outputs))
    band = x.new_zeros(bands.images, bands.rows * TILE + 2, across * TILE + 2, channels)
    tiles = _tiles(band, bands.rows, across)
    result = x.new_empty(count, down * TILE, across * TILE, outputs)
    for images, rows in _cut(count, down, bands):
        _fill(band, x[images], rows.start * TILE - 1)
        spread = torch.mm(transforms.tile, tiles.reshape(36, -1)).view(36, -1, channels)
        product = torch.bmm(spread, kernel).view(36, -1)
        squares = torch.mm(transforms.back, product)
        squares = squares.view(TILE, TILE, bands.images, bands.rows, across, outputs)
        part = result[images, rows.start * TILE : rows.stop * TILE]
        part = part.view(part.shape[0], -1, TILE, across, TILE, outputs)
        part.copy_(squares[:, :, : part.shape[0], : part.shape[1]].permute(2, 3, 0, 4, 1, 5))
    if bias is not None:
        result += bias
    return result[:, :height, :width].contiguous().permute(0, 3, 1, 2)


class Bands(NamedTuple):
    """How pictures are cut into bands: `images` at once, of each `rows` of tiles."""

    images: int
    rows: int


def _bands(images: int, rows: int, across: int, channels: int) -> Bands:
    """Bands of about BAND numbers a thread, counted with what the transforms add."""
    numbers = across * channels * 8
    limit = BAND * import_torch().get_num_threads()
    if rows * numbers >= limit:
        return Bands(1, max(1, limit // numbers))
    return Bands(max(1, min(images, limit // (rows * numbers))), rows)


def _cut(images: int, rows: int, bands: Bands) -> Iterator[tuple[slice, slice]]:
    for i in range(0, images, bands.images):
        for row in range(0, rows, bands.rows):
            yield slice(i, i + bands.images), slice(row, row + bands.rows)


def _tiles(band: Tensor, rows: int, across: int) -> Tensor:
    """The overlapping tiles of a band as (6, 6, images, rows, across, channels), not copied."""
    images, channels = band.shape[0], band.shape[3]
    image, line, pixel, channel = band.stride()
    tiles: Tensor = import_torch().as_strided(
        band,
        (TILE + 2, TILE + 2, images, rows, across, channels),
        (line, pixel, image, TILE * line, TILE * pixel, channel),
    )
    return tiles


def _fill(band: Tensor, images: Tensor, start: int) -> None:
    """Write the lines of `images` from `start` on into a band; beyond their edges it stays 0."""
    height, width = images.shape[2:]
    first, last = max(start, 0), min(start + band.shape[1], height)
    part = band[: images.shape[0]]
    part[:, : first - start] = 0
    part[:, last - start :] = 0
    lines = images[:, :, first:last].permute(0, 2, 3, 1)
    part[:, first - start : last - start, 1 : width + 1] = lines


class Transforms(NamedTuple):
    """Of a flat tile, (36, 36); of its products back to outputs, (16, 36); of a kernel, (36, 9)."""

    tile: Any
    back: Any
    kernel: Any


@cache
def _transforms() -> Transforms:
    """The matrices B, A and G of the paper, for both directions at once."""
    torch = import_torch()
    tile = [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
    back = [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]
    kernel = [[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]
    sides = (torch.tensor(side, dtype=torch.float64) for side in (tile, back, kernel))
    tile, back, kernel = (torch.kron(side, side) for side in sides)
    return Transforms(tile, back, kernel / 24**2)


@cache
def _remembered() -> Any:
    """A weight -> its version and its transform, as long as the weight lives."""
    from torch.utils.weak import WeakTensorKeyDictionary

    return WeakTensorKeyDictionary()


def _transformed(weight: Tensor) -> Tensor:
    """A weight (outputs, channels, 3, 3) as (36, channels, outputs) for Winograd's products."""
    transform: Tensor
    version = 0 if weight.is_inference() else weight._version  # counts what changed it in place
    before, transform = _remembered().get(weight, (None, weight))
    if before != version:
        sides = weight.permute(2, 3, 1, 0).reshape(9, -1)
        transform = import_torch().mm(_transforms().kernel, sides)
        transform = transform.view(36, *weight.shape[1::-1])
        if weight.numel() <= LARGEST_REMEMBERED:
            _remembered()[weight] = version, transform
    return transform
