"""What paints here: device, libraries and threads on record; torch quiet and repeatable."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from typing import Any

from mint.errors import RenderError
from mint.models.lean import lean_torch
from mint.models.machine import cpu, gpu, has_gpu_driver
from mint.plan.recipe import Runtime

# Raised when what this package computes of a recipe changes: in float64 nothing else says so.
CODE = 1
# They say how pictures are computed; the others, and the machine, only how sums are rounded.
MATHEMATICS = ("diffusers", "transformers", "spandrel")
# Of glibc's malloc.h: what the allocator hands back to the system, and bytes that it keeps.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
LARGEST_KEPT, MOST_KEPT = 2**28, 2**30
LIBRARIES = ("torch", "diffusers", "transformers", "tokenizers", "safetensors", "numpy", "pillow")


SMALLER = (
    "try dtype bfloat16, a smaller model (or its transformer as .gguf), a larger GPU, or without a "
    "GPU: export CUDA_VISIBLE_DEVICES="
)
_limit: int | None = None  # cores that this process may use, by limit_cores


def runtime(
    weights: str,
    *,
    device: str | None = None,
    threads: int | None = None,
    batch: int | None = None,
    dtype: str | None = None,
    libraries: Sequence[str] = LIBRARIES,
    variations: Sequence[str] = (),
    files: dict[str, str] | None = None,
) -> Runtime:
    """What would paint here; `weights` is the model's fingerprint, `variations` its own words.

    `files` are the digests of single files that it is loaded from besides its folder.

    `threads` matters to the last bit on a CPU, so it is a setting and part of the record:
    painting again elsewhere uses the recorded number. In float64 none of that matters: what
    machines round otherwise is a millionth of what would change a pixel. So it is not on record.
    """
    if dtype == "float64":
        return Runtime(
            weights=weights,
            libraries={name: version(name) for name in MATHEMATICS if name in libraries},
            code=CODE,
            variations=tuple(variations) or None,
            files=files,
        )
    return Runtime(
        weights=weights,
        device=_machine(device),
        threads=threads or cores(),
        batch=batch,
        attention="sdpa",
        libraries={name: version(name) for name in libraries},
        variations=tuple(variations) or None,
        files=files,
    )


def device_here() -> str:
    """Torch's name of what computes where no runtime says so: "cuda" or "cpu"."""
    return "cuda" if import_torch().cuda.is_available() else "cpu"


def device_of(runtime: Runtime) -> str:
    """Torch's name of the device of a runtime; where it names none, the one that is here."""
    return runtime.device.split()[0] if runtime.device else device_here()


def limit_cores(number: int | None) -> None:
    """Let this process use so many cores, where several painters share a machine; None is all."""
    global _limit
    _limit = number


def cores() -> int:
    """Cores that this process may use; a container's share where the system can tell."""
    if _limit is not None:
        return _limit
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _machine(device: str | None) -> str:
    """The GPU or CPU that computes; torch, which takes seconds, is imported to ask about GPUs."""
    if device == "cpu" or (device is None and not has_gpu_driver()):
        return cpu(os.environ)
    torch = import_torch()
    if device is None and not torch.cuda.is_available():
        return cpu(os.environ)
    return gpu(torch, device or "cuda", os.environ)


@cache  # called for every convolution
def import_torch() -> Any:
    """Torch; the libraries around it leave stderr to us."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("DIFFUSERS_VERBOSITY", "critical")  # its errors are raised, too
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    # Idle threads that spin steal the cores that other processes paint with.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # cuBLAS picks its workspace when CUDA starts; without this its sums differ from run to run.
    # https://docs.nvidia.com/cuda/cublas/#results-reproducibility
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    _keep_memory()
    return lean_torch()


@contextmanager
def fitting(torch: Any, subject: str, hint: str = SMALLER) -> Iterator[None]:
    """Raise RenderError, with what may help, where the GPU has too little memory for a model."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise RenderError(f"{subject} does not fit into the GPU's memory", hint=hint) from error


@cache
def _keep_memory() -> None:
    """Let the process use the memory of one tensor for the next, where the C library is glibc's.

    Left alone, glibc returns every large tensor to the system and asks for the next: the system
    clears each page anew, for a fifth of the time that a picture takes.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library, or none that can be opened so
        return
    mallopt(MMAP_THRESHOLD, LARGEST_KEPT)
    mallopt(TRIM_THRESHOLD, MOST_KEPT)


def set_threads(torch: Any, threads: int | None) -> None:
    """Compute with so many threads from now on; None is one for each core."""
    torch.set_num_threads(threads or cores())


def set_deterministic(torch: Any, threads: int | None) -> None:
    """Equal sums from equal numbers, for what this process computes from now on."""
    set_threads(torch, threads)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
