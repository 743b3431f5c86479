"""Convolutions of float64 tensors on a CPU as matrix products, several times as fast as torch's.

They add up the same products in another order: results differ by the rounding of float64 alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.models.runtime import import_torch

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Conv2d

TILES = 64  # that a thread multiplies at once; its buffers then stay in its cache
FEWEST_CHANNELS = 16  # below, the transforms cost more than they save
TILE, SIDE = 4, 6  # outputs and inputs of one of Winograd's tiles, each way
LARGEST_KEPT = 2**20  # numbers of a weight whose transform, four times as large, stays in memory
FEWEST_TILES = 8  # below, reading a weight's transform costs more than it saves
FEWEST_ANEW = 256  # and below, transforming it anew


def convolve(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sequence[int] = (1,),
    padding: Sequence[int] = (0,),
    dilation: Sequence[int] = (1,),
    groups: int = 1,
    slope: Tensor | None = None,
) -> Tensor | None:
    """What torch.nn.functional.conv2d returns for these, or None off the CPU.

    `x` is (images, channels, height, width). The result has its channels last in memory, which is
    how the next convolution takes it soonest. With `slope`, of one number or one a channel, a PReLU
    follows.
    """
    torch = import_torch()
    if x.ndim != 4 or x.device.type != "cpu":
        return None
    if {*stride, *dilation, groups} == {1}:
        if weight.shape[2:] == (1, 1) and {*padding} == {0}:
            return _sloped(_pointwise(x, weight, bias), slope)
        if weight.shape[2:] == (3, 3) and {*padding} == {1} and _is_worthwhile(x, weight):
            return _winograd(x, weight, bias, slope)
    result: Tensor = torch.conv2d(x, weight, bias, stride, padding, dilation, groups)
    return _sloped(result.contiguous(memory_format=torch.channels_last), slope)


def convolved(layer: Conv2d, x: Tensor, slope: Tensor | None = None) -> Tensor:
    """What a Conv2d returns, and a PReLU after it if there is a `slope`.

    For a network that computes in one dtype throughout, outside `mint.models.double.in_float64`.
    """
    torch, padding, result = import_torch(), layer.padding, None
    is_double = x.dtype == torch.float64 and not torch.is_grad_enabled()
    if is_double and not isinstance(padding, str):
        form = layer.stride, padding, layer.dilation, layer.groups
        result = convolve(x, layer.weight, layer.bias, *form, slope=slope)
    return _sloped(layer(x), slope) if result is None else result


def _sloped(x: Tensor, slope: Tensor | None) -> Tensor:
    return x if slope is None else import_torch().nn.functional.prelu(x, slope)


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
    fewest = FEWEST_TILES if weight.numel() <= LARGEST_KEPT else FEWEST_ANEW
    return x.shape[1] >= FEWEST_CHANNELS and tiles >= fewest


def _winograd(
    x: Tensor, weight: Tensor, bias: Tensor | None, slope: Tensor | None = None
) -> Tensor:
    """F(4x4, 3x3) of Lavin and Gray (arXiv 1509.09308): a quarter of the products.

    Each tile of 6 x 6 pixels is transformed, multiplied, and transformed back to 4 x 4: first the
    lines of a row of tiles, then their columns. The error is some ten times that of plain sums: in
    float64 1e-14.
    """
    torch = import_torch()
    (images, channels, height, width), outputs = x.shape, weight.shape[0]
    lines = x.permute(0, 2, 3, 1).reshape(images, height, width * channels)
    across = -(-width // TILE)
    result = x.new_empty(images, -(-height // TILE), TILE, across, TILE, outputs)
    band = _Band(_bands(images, result.shape[1], across), across, channels, weight)
    added = x.new_zeros(outputs) if bias is None else bias
    for image in range(0, images, band.images):
        for row in range(0, result.shape[1], band.rows):
            part = result[image : image + band.images, row : row + band.rows]
            band.spread(lines[image : image + band.images], row, part.shape[1])
            torch.add(band.multiplied()[: part.shape[0], : part.shape[1]], added, out=part)
            if slope is not None:  # while these are in the cache
                part.copy_(_sloped(part.reshape(-1, outputs), slope).view_as(part))
    pixels = result.view(images, result.shape[1] * TILE, across * TILE, outputs)
    return pixels[:, :height, :width].contiguous().permute(0, 3, 1, 2)


def _bands(images: int, rows: int, across: int) -> tuple[int, int]:
    """How many images, and of each how many rows of tiles, are TILES a thread or a little more."""
    limit = TILES * import_torch().get_num_threads()
    if rows * across >= limit:
        return 1, max(1, limit // across)
    return max(1, min(images, limit // (rows * across))), rows


class _Band:
    """Some rows of tiles of some images, and the buffers that they are multiplied in."""

    def __init__(self, size: tuple[int, int], across: int, channels: int, weight: Tensor) -> None:
        """Of `size` images and rows; `weight` is as torch has it."""
        torch = import_torch()
        self.images, self.rows = size
        self.kernel, outputs = _transformed(weight), weight.shape[0]
        # Lines, of which the pixels beyond the edges stay 0.
        self.lines = weight.new_zeros(self.rows, self.images, SIDE, (across * TILE + 2) * channels)
        row, image, line, _ = self.lines.stride()
        shape = (self.rows, self.images, across)
        self.columns = torch.as_strided(
            self.lines,
            (SIDE, SIDE, *shape, channels),
            (channels, line, row, image, TILE * channels, 1),
        )
        # Two buffers by turns, so that both stay in the cache.
        tiles = self.rows * self.images * across
        first, second = weight.new_empty(2, SIDE**2 * tiles * max(channels, outputs))
        self.tiles = first[: SIDE**2 * tiles * channels].view(self.columns.shape)
        self.transformed = second[: SIDE**2 * tiles * channels].view(SIDE**2, tiles, channels)
        self.products = first[: SIDE**2 * tiles * outputs].view(SIDE**2, tiles, outputs)
        self.narrower = second[: TILE * SIDE * tiles * outputs].view(TILE, SIDE, -1)
        self.squares = first[: TILE**2 * tiles * outputs].view(TILE, TILE, *shape, outputs)

    def spread(self, lines: Tensor, first: int, rows: int) -> None:
        """Transform the lines of `rows` rows of tiles from `first` on, of (images, height, any)."""
        torch, matrix = import_torch(), _transforms().tile
        channels = self.columns.shape[-1]
        for row in range(rows):
            top = (first + row) * TILE - 1
            there = slice(max(top, 0), min(top + SIDE, lines.shape[1]))
            weights = matrix[:, there.start - top : there.stop - top].expand(len(lines), -1, -1)
            inner = self.lines[row, : len(lines), :, channels : channels + lines.shape[2]]
            torch.bmm(weights, lines[:, there], out=inner)

    def multiplied(self) -> Tensor:
        """The outputs of the tiles as (images, rows, 4, across, 4, outputs)."""
        torch, transforms = import_torch(), _transforms()
        self.tiles.copy_(self.columns)
        torch.mm(transforms.tile, self.tiles.view(SIDE, -1), out=self.transformed.view(SIDE, -1))
        torch.bmm(self.transformed, self.kernel, out=self.products)
        back = transforms.back
        torch.mm(back, self.products.view(SIDE, -1), out=self.narrower.view(TILE, -1))
        twice = back.expand(TILE, -1, -1)
        torch.bmm(twice, self.narrower, out=self.squares.view(TILE, TILE, -1))
        squares: Tensor = self.squares.permute(3, 2, 1, 4, 0, 5)
        return squares


class _Transforms(NamedTuple):
    """Of a side of a tile, (6, 6); of its products back, (4, 6); of a flat kernel, (36, 9)."""

    tile: Any
    back: Any
    kernel: Any


@cache
def _transforms() -> _Transforms:
    """The matrices B, A and G of the paper, all transposed but G."""
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
    tile, back, kernel = (torch.tensor(m, dtype=torch.float64) for m in (tile, back, kernel))
    return _Transforms(tile, back, torch.kron(kernel, kernel) / 24**2)


@cache
def _transformed_weights() -> Any:
    """A weight -> its version and its transform, as long as the weight lives."""
    from torch.utils.weak import WeakTensorKeyDictionary

    return WeakTensorKeyDictionary()


def _transformed(weight: Tensor) -> Tensor:
    """A weight (outputs, channels, 3, 3) as (36, channels, outputs) for Winograd's products.

    Its channels are last in memory: products are a tenth quicker so.
    """
    transform: Tensor
    version = 0 if weight.is_inference() else weight._version  # counts what changed it in place
    before, transform = _transformed_weights().get(weight, (None, weight))
    if before != version:
        sides = weight.permute(3, 2, 0, 1).reshape(9, -1)
        transform = import_torch().mm(_transforms().kernel, sides)
        transform = transform.view(36, *weight.shape[:2]).transpose(1, 2)
        if weight.numel() <= LARGEST_KEPT:
            _transformed_weights()[weight] = version, transform
    return transform
