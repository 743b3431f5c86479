"""Which machine computes here, in one line: what a picture's last bits depend on besides software.

Kernels are chosen by the CPU's maker, model and instruction sets, and by a few environment
variables. A line holds no host name, path or serial number.
"""

from __future__ import annotations

import ctypes
import platform
import re
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

_MAKERS = {"GenuineIntel": "Intel", "AuthenticAMD": "AMD", "HygonGenuine": "Hygon"}

# oneDNN's names for what its kernels need, and the kernel's names for that; the last that is all
# there is used. ATen's AVX2 and AVX512, and MKL's choice on a maker's CPU, follow from the same.
# https://uxlfoundation.github.io/oneDNN/dev_guide_cpu_dispatcher_control.html
_CORE = "avx512f avx512bw avx512dq avx512vl"
_FP16 = f"{_CORE} avx512_vnni avx512_bf16 avx512_fp16"
_AMX = f"{_FP16} amx_tile amx_int8 amx_bf16"
_X86 = {
    "SSE41": "sse4_1",
    "AVX": "avx",
    "AVX2": "avx2 fma",
    "AVX2_VNNI": "avx2 fma avx_vnni",
    "AVX2_VNNI_2": "avx2 fma avx_vnni avx_vnni_int8 avx_ne_convert",
    "AVX512_CORE": _CORE,
    "AVX512_CORE_VNNI": f"{_CORE} avx512_vnni",
    "AVX512_CORE_BF16": f"{_CORE} avx512_vnni avx512_bf16",
    "AVX512_CORE_FP16": _FP16,
    "AVX512_CORE_AMX": _AMX,
    "AVX512_CORE_AMX_FP16": f"{_AMX} amx_fp16",
}
_ARM = ("sve", "sve2", "bf16", "i8mm", "sme")

# Variables that choose other kernels or another precision, and the values that change nothing.
_ATTENTION = {"DIFFUSERS_ATTN_BACKEND": ("native",)}  # transformers' of FLUX, Qwen-Image, videos
_CPU_OVERRIDES = {
    "ATEN_CPU_CAPABILITY": (),
    "ONEDNN_MAX_CPU_ISA": ("ALL", "DEFAULT"),
    "ONEDNN_DEFAULT_FPMATH_MODE": ("STRICT",),
    "MKL_CBWR": ("OFF",),
    "MKL_ENABLE_INSTRUCTIONS": (),
    "MKL_DEBUG_CPU_TYPE": (),
    "OPENBLAS_CORETYPE": (),
    **_ATTENTION,
}
_GPU_OVERRIDES = {
    **_ATTENTION,
    "NVIDIA_TF32_OVERRIDE": (),
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE": ("0",),
    "CUBLAS_WORKSPACE_CONFIG": (":4096:8",),  # mint sets it
}


def cpu(environ: Mapping[str, str], info: str | None = None) -> str:
    """`cpu Intel 6-143-8 AVX512_CORE_AMX`: maker, family, model, stepping and instruction set.

    On ARM `cpu arm 41-d40-1-1 sve bf16`: implementer, part, variant and revision. What of
    `environ` chooses other kernels follows, as `MKL_CBWR=COMPATIBLE`. `info` is the text of
    /proc/cpuinfo, by default this machine's.
    """
    fields = _fields(_cpuinfo() if info is None else info)
    if "vendor_id" in fields:
        name = _x86(fields)
    elif "CPU implementer" in fields:
        name = _arm(fields)
    else:
        name = _brand() or platform.machine()
    return " ".join(["cpu", name, *_overrides(environ, _CPU_OVERRIDES)])


def gpu(torch: Any, device: str, environ: Mapping[str, str]) -> str:
    """`cuda NVIDIA H200 sm_90 CUDA 12.8 cuDNN 91002 driver 570.86`; overrides as for a CPU."""
    major, minor = torch.cuda.get_device_capability(device)
    runs_on = f"CUDA {torch.version.cuda} cuDNN {torch.backends.cudnn.version()}"
    if torch.version.cuda is None:  # AMD's, which answers to the same names
        runs_on = f"HIP {torch.version.hip}"
    name = f"{torch.cuda.get_device_name(device)} sm_{major}{minor}"
    overrides = _overrides(environ, _GPU_OVERRIDES)
    return " ".join(["cuda", name, runs_on, f"driver {_driver()}", *overrides])


def has_gpu_driver() -> bool:
    """Whether torch might find a GPU; asking torch itself takes seconds."""
    return _libcuda() is not None or Path("/dev/kfd").exists()


def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:  # not Linux
        return ""


def _fields(info: str) -> dict[str, str]:
    """The fields of the first processor in /proc/cpuinfo."""
    lines = (line.partition(":") for line in info.partition("\n\n")[0].splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}


def _x86(fields: Mapping[str, str]) -> str:
    vendor, flags = fields["vendor_id"], set(fields.get("flags", "").split())
    model = "-".join(fields.get(key, "?") for key in ("cpu family", "model", "stepping"))
    sets = [name for name, needs in _X86.items() if flags.issuperset(needs.split())]
    return f"{_MAKERS.get(vendor, vendor)} {model} {(sets or ['SSE2'])[-1]}"


def _arm(fields: Mapping[str, str]) -> str:
    keys = ("CPU implementer", "CPU part", "CPU variant", "CPU revision")
    model = "-".join(fields.get(key, "?").removeprefix("0x") for key in keys)
    present = fields.get("Features", "").split()
    return " ".join(["arm", model, *(each for each in _ARM if each in present)])


def _brand() -> str:
    """`Apple M2`, where the system is a Mac's."""
    with suppress(OSError, subprocess.CalledProcessError):
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return ""


def _overrides(environ: Mapping[str, str], variables: Mapping[str, tuple[str, ...]]) -> list[str]:
    changes = []
    for name, neutral in variables.items():
        # oneDNN still obeys its former name, and reads both without regard to case.
        value = environ.get(name) or environ.get(name.replace("ONEDNN_", "DNNL_")) or ""
        value = value.upper() if name.startswith("ONEDNN_") else value
        # The manifest is public: what is no word is no value that a library knows.
        if value not in neutral and re.fullmatch(r"[\w,.:+-]{1,32}", value, re.ASCII):
            changes.append(f"{name}={value}")
    return changes


def _libcuda() -> ctypes.CDLL | None:
    with suppress(OSError):
        return ctypes.CDLL("libcuda.so.1")
    return None


def _driver() -> str:
    """Version of NVIDIA's driver, as `570.86.15`; where only CUDA tells, as `CUDA 12.8`."""
    with suppress(OSError):
        text = Path("/proc/driver/nvidia/version").read_text("utf-8", "replace")
        if version := re.search(r"\b\d{3,}\.\d+(\.\d+)?\b", text):
            return version[0]
    number, library = ctypes.c_int(), _libcuda()
    if library is not None and library.cuDriverGetVersion(ctypes.byref(number)) == 0:
        return f"CUDA {number.value // 1000}.{number.value % 1000 // 10}"
    return "unknown"
