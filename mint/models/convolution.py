"""Convolutions of float64 tensors on a CPU as matrix products, several times as fast as torch's.

They add up the same products in another order: results differ by the rounding of float64 alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.models.runtime import import_torch
from mint.models.threads import side_by_side

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
    down, across = -(-height // TILE), -(-width // TILE)
    result = x.new_empty(images, down, TILE, across, TILE, outputs)
    kernel, added = _transformed(weight), x.new_zeros(outputs) if bias is None else bias
    size = _bands(images, down, across)
    places = [
        (image, row) for image in range(0, images, size[0]) for row in range(0, down, size[1])
    ]

    def compute(places: Sequence[tuple[int, int]]) -> None:
        band = _Band(size, across, width, kernel)
        for image, row in places:
            # All bands are of one size: the last ones begin where they still fit.
            first, top = min(image, images - size[0]), min(row, down - size[1])
            squares = band.multiplied(lines[first : first + size[0]], top)
            part = result[image : first + size[0], row : top + size[1]]
            torch.add(squares[image - first :, row - top :], added, out=part)
            if slope is not None:  # while these are in the cache
                part.copy_(_sloped(part.reshape(-1, outputs), slope).view_as(part))

    side_by_side(compute, places)
    pixels = result.view(images, down * TILE, across * TILE, outputs)
    return pixels[:, :height, :width].contiguous().permute(0, 3, 1, 2)


def _bands(images: int, rows: int, across: int) -> tuple[int, int]:
    """How many images, and of each how many rows of tiles, are TILES or a little fewer."""
    if rows * across >= TILES:
        return 1, max(1, TILES // across)
    return max(1, min(images, TILES // (rows * across))), rows


class _Band:
    """Some rows of tiles of some images, and the buffers that they are multiplied in."""

    def __init__(self, size: tuple[int, int], across: int, width: int, kernel: Tensor) -> None:
        """Of `size` images and rows, of `width` pixels; `kernel` is the transformed weight."""
        torch = import_torch()
        self.images, self.rows = images, rows = size
        self.kernel, (_, channels, outputs) = kernel, kernel.shape
        # Lines of pixels, of which those beyond the edges stay 0. After each image there is a row
        # of tiles to spare, so that the rows of all images are equally far apart.
        line, apart = (across * TILE + 2) * channels, rows + (images > 1)
        pixels = kernel.new_zeros(images * apart * TILE + SIDE - TILE, line)
        self.lines = torch.as_strided(
            pixels, (images, rows * TILE + 2, line), (apart * TILE * line, line, 1)
        )
        self.inner = self.lines[:, :, channels : channels + width * channels]
        self.windows = torch.as_strided(
            pixels, (images * apart, SIDE, line), (TILE * line, line, 1)
        )
        self.matrices = _transforms().tile.expand(images * apart, -1, -1)
        self.spread = kernel.new_empty(images * apart, SIDE, line)
        shape = (images, rows, across)
        self.columns = torch.as_strided(
            self.spread,
            (SIDE, SIDE, *shape, channels),
            (channels, line, apart * SIDE * line, SIDE * line, TILE * channels, 1),
        )
        # Two buffers by turns, so that both stay in the cache.
        tiles = rows * images * across
        first, second = kernel.new_empty(2, SIDE**2 * tiles * max(channels, outputs))
        flat = first[: SIDE**2 * tiles * channels]
        self.tiles, self.flat_tiles = flat.view(self.columns.shape), flat.view(SIDE, -1)
        self.transformed = second[: SIDE**2 * tiles * channels].view(SIDE**2, tiles, channels)
        self.flat_transformed = self.transformed.view(SIDE, -1)
        self.products = first[: SIDE**2 * tiles * outputs].view(SIDE**2, tiles, outputs)
        self.flat_products = self.products.view(SIDE, -1)
        self.narrower = second[: TILE * SIDE * tiles * outputs].view(TILE, SIDE, -1)
        self.flat_narrower = self.narrower.view(TILE, -1)
        self.squares = first[: TILE**2 * tiles * outputs].view(TILE, TILE, -1)
        # (images, rows, 4, across, 4, outputs)
        self.outputs: Tensor = self.squares.view(TILE, TILE, *shape, outputs).permute(
            2, 3, 1, 4, 0, 5
        )
        self.twice = _transforms().back.expand(TILE, -1, -1)

    def multiplied(self, lines: Tensor, row: int) -> Tensor:
        """The outputs of the rows of tiles from `row` on, as (images, rows, 4, across, 4, outputs).

        `lines` is (images, height, width * channels). The next call overwrites what this returns.
        """
        torch, transforms = import_torch(), _transforms()
        top, count = row * TILE - 1, self.rows * TILE + 2
        first, last = max(0, -top), min(count, lines.shape[1] - top)
        self.inner[:, first:last].copy_(lines[:, top + first : top + last])
        for beyond in (slice(0, first), slice(last, count)):
            if beyond.start < beyond.stop:
                self.lines[:, beyond].zero_()
        torch.bmm(self.matrices, self.windows, out=self.spread)
        self.tiles.copy_(self.columns)
        torch.mm(transforms.tile, self.flat_tiles, out=self.flat_transformed)
        torch.bmm(self.transformed, self.kernel, out=self.products)
        torch.mm(transforms.back, self.flat_products, out=self.flat_narrower)
        torch.bmm(self.twice, self.narrower, out=self.squares)
        return self.outputs


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
