"""Convolutions of float64 by matrix products: torch's own sums, to the rounding of float64."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from mint.models.convolution import convolve, convolved
from mint.models.double import in_float64
from mint.models.runtime import import_torch
from mint.models.threads import side_by_side

torch = import_torch()

# images, channels, height, width, outputs: one band and several, whole tiles and parts of them,
# few tiles, a weight whose transform is kept and one that is too large for that, few channels.
SHAPES = [
    (2, 16, 8, 8, 16), (1, 16, 4, 4, 16), (3, 20, 37, 23, 24), (2, 32, 96, 64, 8),
    (17, 16, 8, 8, 16), (2, 384, 48, 48, 320), (1, 3, 9, 9, 5),
]  # fmt: skip


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_sums_are_those_of_torch(shape: tuple[int, ...], size: int, last: bool) -> None:
    images, channels, height, width, outputs = shape
    order = torch.channels_last if last else torch.contiguous_format
    x = _random(images, channels, height, width).contiguous(memory_format=order)
    weight, bias = _random(outputs, channels, size, size) / channels, _random(outputs)
    padding = [size // 2]
    expected = torch.conv2d(x, weight, bias, padding=padding)
    with torch.inference_mode():
        result = convolve(x, weight, bias, padding=padding)
    assert result is not None
    assert result.is_contiguous(memory_format=torch.channels_last)
    assert (result - expected).abs().max() < 1e-13


@pytest.fixture
def set_threads() -> Iterator[Callable[[int], None]]:
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize("threads", [2, 3, 5])
@pytest.mark.parametrize("shape", SHAPES)
def test_threads_share_the_bands(
    shape: tuple[int, ...], threads: int, set_threads: Callable[[int], None]
) -> None:
    images, channels, height, width, outputs = shape
    x, weight = _random(images, channels, height, width), _random(outputs, channels, 3, 3)
    slope, results = _random(outputs), []
    for number in (1, threads):
        set_threads(number)
        results.append(convolve(x, weight, padding=[1], slope=slope))
        assert torch.get_num_threads() == number
    one, several = results
    assert one is not None
    assert several is not None
    assert (one - several).abs().max() < 1e-11


def test_what_goes_wrong_in_a_thread_is_raised(set_threads: Callable[[int], None]) -> None:
    def work(share: Sequence[int]) -> None:
        if 1 in share:
            raise MemoryError("band 1")

    set_threads(2)
    with pytest.raises(MemoryError, match="band 1"):
        side_by_side(work, [0, 1])
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize("side", [8, 96])
def test_a_layer_and_what_follows_it_are_those_of_torch(side: int, size: int, dtype: Any) -> None:
    x, slope = _random(1, 16, side, side).to(dtype), _random(16).to(dtype)
    layer = torch.nn.Conv2d(16, 16, size, padding=size // 2, dtype=dtype).requires_grad_(False)
    expected = torch.nn.functional.prelu(layer(x), slope)
    with torch.inference_mode():
        result, plain = convolved(layer, x, slope), convolved(layer, x)
    assert result.dtype == dtype
    assert (result - expected).abs().max() < (1e-13 if dtype == torch.float64 else 1e-4)
    assert torch.equal(result, torch.nn.functional.prelu(plain, slope))


def test_other_convolutions_are_torch_s_own() -> None:
    x, weight = _random(1, 16, 8, 8), _random(16, 1, 3, 3)
    result = convolve(x, weight, stride=[2], padding=[1, 1], groups=16)
    assert result is not None
    assert torch.equal(result, torch.conv2d(x, weight, None, 2, 1, 1, 16))
    assert convolve(x[0], weight) is None


def test_a_changed_weight_is_transformed_anew() -> None:
    x, weight = _random(1, 16, 16, 16), _random(16, 16, 3, 3)
    for _ in range(2):
        result = convolve(x, weight, padding=[1])
        assert result is not None
        assert (result - torch.conv2d(x, weight, None, padding=1)).abs().max() < 1e-12
        weight *= 2  # as fusing an adapter does


def test_float64_convolves_so() -> None:
    layer = torch.nn.Conv2d(16, 16, 3, padding=1).double().requires_grad_(False)
    transposed = torch.nn.ConvTranspose2d(16, 16, 3, padding=1).double().requires_grad_(False)
    x = _random(1, 16, 16, 16)
    with in_float64():
        result, other = layer(x), transposed(x)
    assert result.is_contiguous(memory_format=torch.channels_last)
    assert (result - layer(x)).abs().max() < 1e-13
    assert torch.equal(other, transposed(x))


def _random(*shape: int) -> Any:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
