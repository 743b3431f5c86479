"""Torch and the libraries around it, imported without the half that painting never uses."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

COMPILER = "torch._dynamo"
# The one part of it that transformers needs, to make attention masks.
MASKS = f"{COMPILER}._trace_wrapped_higher_order_op"
LIBRARY = 100  # modules of which an import is that of a library, and not of a part of one


class Dormant(ModuleType):
    """The package of torch.compile, which all libraries import and nobody here runs.

    They import it to mark what a compiler should leave alone, and to ask whether a model is
    compiled. Where nothing is, a marked function is the function itself. Asked for anything else
    the package wakes: this module becomes the real one.
    """

    eval_frame = SimpleNamespace(OptimizedModule=type("OptimizedModule", (), {}))

    @staticmethod
    def disable(function: Any = None, *_: Any, **__: Any) -> Any:
        """`function` as it is, or a decorator that returns it so."""
        return _unmarked if function is None else function

    @staticmethod
    def allow_in_graph(function: Any) -> Any:
        """`function` as it is."""
        return function

    @staticmethod
    def assume_constant_result(function: Any) -> Any:
        """`function` as it is."""
        return function

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what is asked of every module, by inspect for one
            raise AttributeError(name)
        wake(self)
        return getattr(self, name)


def wake(module: Any) -> None:
    """Turn a Dormant into the package for which it stands."""
    if isinstance(module, Dormant):
        module.__class__ = ModuleType  # type: ignore[assignment]  # Dormant is one
        spec: Any = module.__spec__
        spec.loader.exec_module(module)


class Alarm(MetaPathFinder, Loader):
    """What wakes the package when one of its submodules is imported: the submodule needs it."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """The module if the package, as it woke, imported it; None leaves it to the others."""
        if not name.startswith(f"{COMPILER}."):
            return None
        sys.meta_path.remove(self)
        wake(sys.modules[COMPILER])
        if name not in sys.modules:
            return None
        # A module that has a spec by now would be executed by it a second time.
        self._spec, sys.modules[name].__spec__ = sys.modules[name].__spec__, None
        return ModuleSpec(name, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module that is there already."""
        return sys.modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        """Nothing, for it has run; only its spec is its own again."""
        module.__spec__ = self._spec


def _unmarked(function: Any) -> Any:
    return function


def lean_torch() -> Any:
    """Torch without its compiler and its training on several machines.

    Both take longer to import than torch: the one is dormant, the other is said to be absent, as
    it is from some builds, or transformers would import all of it to load a model.
    """
    if "torch" in sys.modules:
        return sys.modules["torch"]
    with without_collection():
        import torch

    _lull(torch)
    torch.distributed.is_available = lambda: False
    return torch


def _lull(torch: Any) -> None:
    """Put a Dormant where the package of torch.compile is imported from, if nobody did yet.

    Of a torch whose package is another, nothing is left out.
    """
    spec = importlib.util.find_spec(COMPILER)
    if COMPILER in sys.modules or spec is None:
        return
    module = importlib.util.module_from_spec(spec)
    module.__class__ = Dormant
    sys.modules[COMPILER] = torch._dynamo = module
    try:
        importlib.import_module(MASKS)
    except Exception:  # whatever such a part raises without the rest
        for name in [name for name in sys.modules if f"{name}.".startswith(f"{COMPILER}.")]:
            del sys.modules[name]
        del torch._dynamo
        return
    sys.meta_path.insert(0, Alarm())


@contextmanager
def without_collection() -> Iterator[None]:
    """No garbage is looked for inside: imports make a million objects, none of which is any.

    Nor is it afterwards among what is there when a library was imported inside.
    """
    before, modules = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) >= modules + LIBRARY:
            gc.freeze()
        if before:
            gc.enable()
