"""The line that tells which machine computes, and which of its kernels."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from mint.models.machine import cpu, gpu
from mint.models.runtime import import_torch, runtime

INTEL = """processor : 0
vendor_id : GenuineIntel
cpu family : 6
model : 143
model name : Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz
stepping : 8
flags : fpu sse4_1 avx avx2 fma avx_vnni avx512f avx512dq avx512bw avx512vl avx512_vnni {more}

processor : 1
vendor_id : GenuineIntel
model : 9
"""
WIDEST = "avx512_bf16 avx512_fp16 amx_tile amx_int8 amx_bf16"
AMD = """vendor_id : AuthenticAMD
cpu family : 25
model : 1
stepping : 1
flags : sse4_1 avx avx2 fma
"""
ARM = """processor : 0
BogoMIPS : 2100.00
Features : fp asimd sve asimddp i8mm bf16
CPU implementer : 0x41
CPU architecture: 8
CPU variant : 0x1
CPU part : 0xd40
CPU revision : 1
"""


@pytest.mark.parametrize(
    ("info", "line"),
    [
        (INTEL.format(more=WIDEST), "cpu Intel 6-143-8 AVX512_CORE_AMX"),
        (INTEL.format(more=""), "cpu Intel 6-143-8 AVX512_CORE_VNNI"),
        (AMD, "cpu AMD 25-1-1 AVX2"),
        (AMD.replace("avx2 fma", ""), "cpu AMD 25-1-1 AVX"),
        (ARM, "cpu arm 41-d40-1-1 sve bf16 i8mm"),
    ],
)
def test_a_cpu_is_named_by_maker_model_and_instruction_set(info: str, line: str) -> None:
    assert cpu({}, info) == line


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"ONEDNN_MAX_CPU_ISA": "SSE41"}, " ONEDNN_MAX_CPU_ISA=SSE41"),
        ({"DNNL_MAX_CPU_ISA": "avx2"}, " ONEDNN_MAX_CPU_ISA=AVX2"),
        ({"MKL_CBWR": "COMPATIBLE"}, " MKL_CBWR=COMPATIBLE"),
        ({"ATEN_CPU_CAPABILITY": "default"}, " ATEN_CPU_CAPABILITY=default"),
        ({"DIFFUSERS_ATTN_BACKEND": "sage"}, " DIFFUSERS_ATTN_BACKEND=sage"),
        ({"ONEDNN_MAX_CPU_ISA": "ALL", "MKL_CBWR": ""}, ""),  # changes nothing
        ({"MKL_CBWR": "~/secret", "PATH": "/bin"}, ""),  # the manifest is public
    ],
)
def test_what_chooses_other_kernels_is_named(environ: dict[str, str], named: str) -> None:
    assert cpu(environ, AMD) == f"cpu AMD 25-1-1 AVX2{named}"


def test_this_machines_line_agrees_with_what_torch_dispatches_to() -> None:
    torch = pytest.importorskip("torch")
    widest = torch.backends.cpu.get_cpu_capability()  # DEFAULT, AVX2, AVX512, ...

    assert widest == "DEFAULT" or widest.lower() in cpu({}).lower()


def test_a_gpu_is_named_with_its_libraries_and_driver() -> None:
    chip: Any = SimpleNamespace(
        get_device_capability=lambda device: (9, 0), get_device_name=lambda device: "NVIDIA H200"
    )
    torch = SimpleNamespace(
        cuda=chip,
        version=SimpleNamespace(cuda="12.8", hip=None),
        backends=SimpleNamespace(cudnn=SimpleNamespace(version=lambda: 91002)),
    )

    line = gpu(torch, "cuda", {"NVIDIA_TF32_OVERRIDE": "1", "CUBLAS_WORKSPACE_CONFIG": ":4096:8"})

    assert line.startswith("cuda NVIDIA H200 sm_90 CUDA 12.8 cuDNN 91002 driver ")
    assert line.endswith(" NVIDIA_TF32_OVERRIDE=1")


@pytest.mark.gpu
def test_this_machines_gpu_is_what_paints() -> None:
    assert str(runtime("0" * 64).device).startswith("cuda ")


def test_without_a_gpu_the_fingerprint_takes_no_torch() -> None:
    code = (
        "import sys; from mint.models.machine import has_gpu_driver\n"
        "from mint.models.runtime import runtime; runtime('0' * 64)\n"
        "print(has_gpu_driver() or 'torch' not in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=True
    )

    assert done.stdout == "True\n"


def test_the_memory_of_one_tensor_serves_the_next() -> None:
    torch = import_torch()
    resource = pytest.importorskip("resource")
    if not hasattr(ctypes.CDLL(None), "mallopt"):
        pytest.skip("the C library is another than glibc")

    def pages(tensors: int) -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(tensors):
            torch.ones(2**22)
        return int(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)

    pages(30)  # the first ones leave holes that are a little too small
    assert pages(10) < 2**22 * 4 // 4096
