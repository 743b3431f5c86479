"""A full batch of Recipes -> pictures, by diffusers; and the fingerprint of what painted them."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable, Collection, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mint.errors import RenderError
from mint.plan import Diffusion, Recipe, Runtime

if TYPE_CHECKING:
    import numpy.typing as npt
    import torch

    Pixels = npt.NDArray[np.uint8]

# One entry per slot of the batch -> arrays of shape (height, width, 3), RGB, uint8.
Renderer = Callable[[Sequence[Recipe]], "list[Pixels]"]

SCHEDULERS = {
    "ddim": "DDIMScheduler",
    "dpm++": "DPMSolverMultistepScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler-ancestral": "EulerAncestralDiscreteScheduler",
    "lcm": "LCMScheduler",
    "unipc": "UniPCMultistepScheduler",
}
# A tokenizer needs all files of one of these; without them transformers makes one without words.
VOCABULARIES = (
    {"tokenizer.json"}, {"vocab.json", "merges.txt"}, {"spiece.model"}, {"tokenizer.model"},
)  # fmt: skip
LIBRARIES = ("torch", "diffusers", "transformers", "tokenizers", "safetensors", "numpy", "pillow")


def runtime(
    weights: str,
    *,
    device: str | None = None,
    threads: int | None = None,
    libraries: Sequence[str] = LIBRARIES,
) -> Runtime:
    """What would paint here; `weights` is the model's fingerprint.

    `threads` matters to the last bit on a CPU, so it is a setting and part of the record:
    painting again elsewhere uses the recorded number.
    """
    torch = quiet_torch()
    chosen = device or ("cuda" if torch.cuda.is_available() else "cpu")
    return Runtime(
        weights=weights,
        device=_device_name(torch, chosen),
        threads=threads or _cores(),
        attention="sdpa",
        libraries={name: version(name) for name in libraries},
    )


def _cores() -> int:
    """Cores that this process may use; a container's share where the system can tell."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _device_name(torch: Any, device: str) -> str:
    if device == "cpu":
        return f"cpu {torch.backends.cpu.get_cpu_capability()}"
    major, minor = torch.cuda.get_device_capability(device)
    return f"cuda {torch.cuda.get_device_name(device)} sm_{major}{minor} CUDA {torch.version.cuda}"


def quiet_torch() -> Any:
    """Torch, with the libraries around it told to leave stderr to us."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("DIFFUSERS_VERBOSITY", "critical")  # its errors are raised, too
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    # Idle threads that spin steal the cores that other processes paint with.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # cuBLAS picks its workspace when CUDA starts; without this its sums differ from run to run.
    # https://docs.nvidia.com/cuda/cublas/#results-reproducibility
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    import torch

    return torch


def deterministic(torch: Any, threads: int) -> None:
    """Equal sums from equal numbers, for what this process computes from now on."""
    torch.set_num_threads(threads)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def diffusers_renderer(folder: Path, diffusion: Diffusion, runtime: Runtime) -> Renderer:
    """The pipeline in `folder`, as a function from a full batch to pictures.

    Raises RenderError when the folder cannot be loaded: corrupt or missing parts, or a pipeline
    that wants code from elsewhere.
    """
    torch = quiet_torch()
    deterministic(torch, runtime.threads)
    pipe = _load(folder, diffusion).to(runtime.device.split()[0])
    takes = inspect.signature(pipe.__call__).parameters

    def paint(batch: Sequence[Recipe]) -> list[Pixels]:
        torch.set_num_threads(runtime.threads)  # an upscaler may have set its own since
        call: dict[str, Any] = {
            "prompt": [recipe.prompt for recipe in batch],
            "negative_prompt": [recipe.negative_prompt for recipe in batch],
            "num_inference_steps": diffusion.steps,
            "guidance_scale": diffusion.guidance_scale,
            "width": diffusion.width,
            "height": diffusion.height,
            "generator": [torch.Generator("cpu").manual_seed(r.seed) for r in batch],
            "output_type": "pt",
        }
        if hasattr(pipe, "unet"):
            call["latents"] = _latents(pipe, diffusion, call["generator"])
        try:
            with torch.inference_mode():
                images = pipe(**{k: v for k, v in call.items() if k in takes}).images
        except torch.OutOfMemoryError as error:
            raise RenderError(
                f"out of memory painting {len(batch)} pictures of "
                f"{diffusion.width}x{diffusion.height} at once",
                hint="lower image.batch (it repaints the collection), or use dtype bfloat16",
            ) from error
        return _to_uint8(torch, images)

    return paint


def _latents(pipe: Any, diffusion: Diffusion, generators: list[torch.Generator]) -> torch.Tensor:
    """Starting noise, drawn on the CPU in fp32 by each token's own generator.

    Then it does not depend on the device, the dtype or the neighbours in the batch.
    """
    import torch

    scale = pipe.vae_scale_factor
    shape = (pipe.unet.config.in_channels, diffusion.height // scale, diffusion.width // scale)
    noise = torch.stack([torch.randn(shape, generator=g, dtype=torch.float32) for g in generators])
    return noise.to(pipe.device, pipe.unet.dtype)


def _to_uint8(torch: Any, images: torch.Tensor) -> list[Pixels]:
    if not torch.isfinite(images).all():
        raise RenderError(
            "the model painted NaN, which shows as a black picture",
            hint="use image.dtype: float32 or bfloat16; float16 overflows in some models",
        )
    rows = images.float().clamp(0, 1).mul(255).round().to(torch.uint8).permute(0, 2, 3, 1)
    return list(rows.contiguous().cpu().numpy())


def _load(folder: Path, diffusion: Diffusion) -> Any:
    import diffusers

    torch = quiet_torch()
    diffusers.utils.logging.disable_progress_bar()
    try:
        pipe = diffusers.AutoPipelineForText2Image.from_pretrained(
            str(folder),
            dtype=getattr(torch, diffusion.dtype),
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            **_encoders(folder, diffusion.dtype),
        )
        _refuse_wordless(folder, pipe)
        _refuse_hollow(pipe)
    except Exception as error:  # loaders raise whatever their parser raises
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise RenderError(
            f"the model in {folder} cannot be loaded: {reason[0][:300]}",
            hint="fetch the model again; `mint check` names its folder",
        ) from error
    pipe.set_progress_bar_config(disable=True)
    if getattr(pipe, "safety_checker", None) is not None:
        pipe.safety_checker = None  # it paints black over what it dislikes; curate judges instead
    if diffusion.scheduler != "default":
        kind = getattr(diffusers, SCHEDULERS[diffusion.scheduler])
        pipe.scheduler = kind.from_config(pipe.scheduler.config)
    return pipe


def _encoders(folder: Path, dtype: str) -> dict[str, Any]:
    """The parts that transformers loads; raises OSError if one lacks a weight.

    Transformers makes missing weights up, other ones each time, and diffusers does not ask it.
    """
    import transformers

    torch, encoders = quiet_torch(), {}
    for name, kind in json.loads((folder / "model_index.json").read_bytes()).items():
        if not isinstance(kind, list) or kind[:1] != ["transformers"]:
            continue
        model: Any = getattr(transformers, kind[1], object)
        if issubclass(model, transformers.PreTrainedModel):
            encoders[name], told = model.from_pretrained(
                str(folder / name),
                dtype=getattr(torch, dtype),
                use_safetensors=True,
                local_files_only=True,
                output_loading_info=True,
            )
            refuse_missing(name, told["missing_keys"])
    return encoders


def refuse_missing(part: str, weights: Collection[str]) -> None:
    """Raise OSError if the file of `part` lacked some of its weights."""
    if weights:
        raise OSError(f"{part} lacks {len(weights)} of its weights, such as {min(weights)}")


def _refuse_hollow(pipe: Any) -> None:
    """Raise OSError if a part has weights without values: its file did not have them."""
    for name, part in pipe.components.items():
        if hasattr(part, "state_dict"):
            refuse_missing(name, [k for k, v in part.state_dict().items() if v.is_meta])


def _refuse_wordless(folder: Path, pipe: Any) -> None:
    """Raise OSError if a tokenizer has no vocabulary: it would read every prompt as the same."""
    for name, part in pipe.components.items():
        if not name.startswith("tokenizer") or part is None:
            continue
        found = {path.name for path in (folder / name).glob("*")}
        if not any(files <= found for files in VOCABULARIES):
            raise OSError(f"{name} has no vocabulary")


RENDERERS: dict[str, Callable[[Path, Diffusion, Runtime], Renderer]] = {
    "diffusers": diffusers_renderer,
}
