"""Float64 throughout: what torch computes is then the same on every machine, but for 1e-14."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any

from mint.models.convolution import convolve
from mint.models.runtime import import_torch

ASSERTIVE = "diffusers.pipelines.z_image."  # its pipelines assert that their latents are float32


@contextmanager
def in_float64() -> Iterator[None]:
    """All that torch computes inside is float64 (complex128), whatever dtype its callers ask for.

    Libraries compute timestep embeddings, noise levels, rotary embeddings and norms in an explicit
    float32, whose transcendental functions and sums differ from one CPU to another by 1e-7: enough
    to move a pixel. Inside, a request for a narrower dtype is one for float64, and narrower
    tensors are widened before they are computed with. What changes a narrow tensor in place
    computes in float64 and rounds once.

    Load models inside, too: rotary frequencies and noise schedules are computed while loading.
    The default dtype is that of the whole process.
    """
    torch = import_torch()
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with _mode()(), _agreeing():
            yield
    finally:
        torch.set_default_dtype(before)


def arithmetic_of(threads: int | None) -> Callable[[], AbstractContextManager[None]]:
    """in_float64 where no number of threads is on record: the machine shall decide nothing."""
    return in_float64 if threads is None else nullcontext


def dtype_of(threads: int | None) -> str:
    """What a model is loaded in for arithmetic_of."""
    return "float64" if threads is None else "float32"


def quicken(pipe: Any) -> None:
    """Let a pipeline of float64 decode one picture at a time: the same pixels, nearer the cache.

    In other dtypes that would change how sums are rounded.
    """
    vae: Any = getattr(pipe, "vae", None)
    if hasattr(vae, "enable_slicing"):
        vae.enable_slicing()


@contextmanager
def _agreeing() -> Iterator[None]:
    """Let modules that compare a dtype with torch.float32 compare it with float64."""
    torch, wide = import_torch(), _wide()

    class Torch:
        def __getattr__(self, name: str) -> Any:
            value = getattr(torch, name)
            return wide.get(value, value) if isinstance(value, torch.dtype) else value

    # Other threads may be importing: a copy is taken in one step, a list of items is not.
    loaded = sys.modules.copy().items()
    modules = [m for name, m in loaded if name.startswith(ASSERTIVE)]
    modules = [module for module in modules if getattr(module, "torch", None) is torch]
    for module in modules:
        module.torch = Torch()  # type: ignore[attr-defined]  # a module's own name
    try:
        yield
    finally:
        for module in modules:
            module.torch = torch  # type: ignore[attr-defined]  # the same


@cache
def _mode() -> Any:
    """The class of torch's dispatch mode that widens. Torch is imported here and not before."""
    torch = import_torch()
    from torch.utils._python_dispatch import TorchDispatchMode

    wide, quick = _wide(), _quick()
    effects: dict[Any, tuple[bool, tuple[str, ...]]] = {}

    def is_narrow(value: Any) -> bool:
        if isinstance(value, torch.Tensor):
            return value.dtype in wide
        if isinstance(value, list | tuple):
            return any(map(is_narrow, value))
        return isinstance(value, torch.dtype) and value in wide

    def widened(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return value.to(wide[value.dtype]) if value.dtype in wide else value
        if isinstance(value, torch.dtype):
            return wide.get(value, value)
        if isinstance(value, list | tuple):
            return type(value)(map(widened, value))
        return value

    def compute(func: Any, args: Any, kwargs: Any) -> Any:
        result = quick[func](*args, **kwargs) if func in quick else None
        return func(*args, **kwargs) if result is None else result

    class Float64(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch types none
        def __torch_dispatch__(
            self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
        ) -> Any:
            kwargs = kwargs or {}
            if func not in effects:
                effects[func] = _effects(func)
            view, outputs = effects[func]
            if view:  # shares its memory, so it must stay as wide as it is
                return func(*args, **kwargs)
            if not is_narrow((*args, *kwargs.values())):
                return compute(func, args, kwargs)
            wide_args = [widened(value) for value in args]
            wide_kwargs = {name: widened(value) for name, value in kwargs.items()}
            result = compute(func, wide_args, wide_kwargs)
            return _write_back(func, outputs, (args, kwargs), (wide_args, wide_kwargs), result)

    return Float64


@cache
def _quick() -> dict[Any, Any]:
    """An operator -> a quicker way to compute it in float64, which may return None."""
    aten = import_torch().ops.aten

    def convolution(
        x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, *rest: Any
    ) -> Any:
        transposed, _, groups = rest
        return None if transposed else convolve(x, weight, bias, stride, padding, dilation, groups)

    return {
        aten.conv2d.default: convolve,
        aten.convolution.default: convolution,
        aten.gelu.default: _gelu,
    }


def _gelu(x: Any, *, approximate: str = "none") -> Any:
    """What torch.nn.functional.gelu returns, to the rounding; torch's own takes four times as long.

    None for its approximations.
    """
    if approximate != "none":
        return None
    return (x * 0.5**0.5).erf_().add_(1).mul_(x).mul_(0.5)


@cache
def _wide() -> dict[Any, Any]:
    """A floating dtype -> the one computed in instead."""
    torch = import_torch()
    narrow = (torch.float32, torch.float16, torch.bfloat16)
    return dict.fromkeys(narrow, torch.float64) | dict.fromkeys(
        (torch.complex64, torch.complex32), torch.complex128
    )


def _effects(func: Any) -> tuple[bool, tuple[str, ...]]:
    """Whether an operator returns a view of an argument; the arguments it writes to, by name."""
    if func._schema.name == "aten::to":  # says that it may be a view; arrives in inference mode
        return False, ()
    arguments = [a for a in func._schema.arguments if a.alias_info is not None]
    outputs = tuple(a.name for a in arguments if a.alias_info.is_write)
    return bool(arguments) and not outputs, outputs


def _write_back(
    func: Any,
    outputs: tuple[str, ...],
    call: tuple[Any, Any],
    wide_call: tuple[Any, Any],
    result: Any,
) -> Any:
    """Round what was computed in place of a narrow tensor into it; what the operator returns."""
    if not outputs:
        return result
    names = [argument.name for argument in func._schema.arguments]
    narrow, wide = (
        {**dict(zip(names, args, strict=False)), **kwargs} for args, kwargs in (call, wide_call)
    )
    for name in outputs:
        target, computed = narrow.get(name), wide.get(name)
        if target is not None and computed is not target:
            target.copy_(computed)
            result = target if result is computed else result
    return result
