"""Float64 throughout: whatever dtype a library asks for, what is computed is float64."""

from __future__ import annotations

import sys
from inspect import signature
from typing import Any

import numpy as np
import pytest

from mint.models.double import in_float64
from mint.models.painter import SCHEDULERS
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


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_is_that_of_torch(approximate: str) -> None:
    x = torch.linspace(-40, 40, 4000, dtype=torch.float64)
    gelu = torch.nn.functional.gelu
    with in_float64():
        result = gelu(x, approximate=approximate)
    assert (result - gelu(x, approximate=approximate)).abs().max() < 1e-14


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


class Narrow(list[str]):
    """Operators that computed with floating tensors narrower than 64 bits, by torch or NumPy."""

    MOVES = ("aten::to", "aten::_to_copy", "aten::copy_", "aten::lift_fresh")

    def __init__(self) -> None:
        super().__init__()
        from torch.utils._python_dispatch import TorchDispatchMode

        note = self.note

        class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves it untyped
            def __torch_dispatch__(
                self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
            ) -> Any:
                note(func, [*args, *(kwargs or {}).values()])
                return func(*args, **(kwargs or {}))

        self.watch = Watch

    def note(self, func: Any, values: list[Any]) -> None:
        views = any(a.alias_info and not a.alias_info.is_write for a in func._schema.arguments)
        tensors = [value for value in values if isinstance(value, torch.Tensor)]
        wide = (torch.float64, torch.complex128)
        if views or func._schema.name in self.MOVES:
            return
        if any(each.dtype not in wide and each.dtype.is_floating_point for each in tensors):
            self.append(str(func))

    def __getattr__(self, name: str) -> Any:
        """NumPy's function of that name, watched: what a scheduler's module has as `np`."""
        function = getattr(np, name)
        # The others are exact in IEEE 754, or, as interp, compute in float64 whatever they take.
        if name not in ("log", "exp", "power", "cumsum", "cumprod", "sum", "mean", "cos", "sin"):
            return function

        def watched(*args: Any, **kwargs: Any) -> Any:
            if any(getattr(each, "dtype", None) == np.float32 for each in args):
                self.append(f"numpy.{name}")
            return function(*args, **kwargs)

        return watched


FLOWS: dict[str, dict[str, Any]] = {
    "plain": {},
    "dynamic": {"use_dynamic_shifting": True},
    "karras": {"use_karras_sigmas": True},
    "exponential": {"use_exponential_sigmas": True},
    "terminal": {"shift": 3.0, "shift_terminal": 0.02},
}


@pytest.mark.parametrize("name", [*SCHEDULERS, *FLOWS])
def test_schedulers_compute_nothing_in_narrower_numbers(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import diffusers

    kind = getattr(diffusers, SCHEDULERS.get(name, "FlowMatchEulerDiscreteScheduler"))
    narrow = Narrow()
    monkeypatch.setattr(sys.modules[kind.__module__], "np", narrow)
    draw = torch.Generator().manual_seed(1)
    watch: Any = narrow.watch
    with watch(), in_float64(), torch.inference_mode():
        scheduler = kind(**FLOWS.get(name, {}))
        scheduler.set_timesteps(5, **({"mu": 0.7} if name == "dynamic" else {}))
        sample = torch.randn((1, 4, 8, 8), generator=draw)
        for timestep in scheduler.timesteps:
            scaled = sample
            if hasattr(scheduler, "scale_model_input"):
                scaled = scheduler.scale_model_input(sample, timestep)
            options = {"generator": draw} if "generator" in signature(kind.step).parameters else {}
            sample = scheduler.step(scaled * 0.1, timestep, sample, **options)[0]
    assert sample.dtype == torch.float64
    assert narrow == []
