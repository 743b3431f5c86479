"""Float64 throughout: whatever dtype a library asks for, what is computed is float64."""

from __future__ import annotations

import numpy as np
import pytest

from mint.models.double import in_float64
from mint.models.runtime import import_torch

torch = import_torch()


def test_requests_for_narrow_numbers_are_for_float64() -> None:
    with in_float64():
        assert torch.arange(3, dtype=torch.float32).dtype == torch.float64
        assert torch.randn(3, dtype=torch.bfloat16).dtype == torch.float64
        assert torch.zeros(3, dtype=torch.float64).float().dtype == torch.float64
        assert torch.full((1,), 0.5).dtype == torch.float64
        ones = torch.ones(2, dtype=torch.float32)
        assert torch.polar(ones, ones).dtype == torch.complex128
    assert torch.get_default_dtype() == torch.float32
    assert torch.arange(3, dtype=torch.float32).dtype == torch.float32


def test_they_are_in_inference_mode_too() -> None:
    with in_float64(), torch.inference_mode():
        wide = torch.zeros(3, dtype=torch.float64)
        assert wide.to(torch.float32).dtype == torch.float64
        assert wide.float().dtype == torch.float64
        assert wide.to("cpu", torch.bfloat16).dtype == torch.float64


def test_narrow_tensors_are_widened_before_they_are_computed_with() -> None:
    narrow = torch.from_numpy(np.array([0.1, 0.2], np.float32))
    with in_float64():
        assert torch.equal(narrow.exp(), narrow.double().exp())
        assert torch.equal(torch.cat([narrow, narrow]), torch.cat([narrow, narrow]).double())


def test_what_changes_a_narrow_tensor_in_place_rounds_once() -> None:
    narrow = torch.from_numpy(np.array([0.1, 0.2], np.float32))
    expected = narrow.double().exp().float()
    with in_float64():
        returned = narrow.exp_()
        narrow[1:].mul_(1)  # a view still shares its memory
    assert returned is narrow
    assert torch.equal(narrow, expected)


def test_integers_and_bits_stay_as_they_are() -> None:
    with in_float64():
        assert torch.arange(3).dtype == torch.int64
        assert torch.zeros(1, dtype=torch.int32).view(torch.float32).dtype == torch.float32


def test_the_default_dtype_comes_back_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), in_float64():
        _ = 1 / 0
    assert torch.get_default_dtype() == torch.float32
