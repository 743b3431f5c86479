"""A model's folder -> a diffusers pipeline in memory, whole or refused."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from mint.errors import RenderError
from mint.models.adapters import fuse_adapters, teach
from mint.models.checkpoint import read_index
from mint.models.families import FAMILIES, class_name
from mint.models.follow import load_reference
from mint.models.lean import without_collection
from mint.models.locate_painter import replaced
from mint.models.missing import refuse_missing
from mint.models.runtime import import_torch
from mint.models.single_file import open_checkpoint, open_gguf
from mint.models.weights import Model, variant
from mint.plan.recipe import Diffusion

SCHEDULERS = {
    "ddim": "DDIMScheduler",
    "dpm++": "DPMSolverMultistepScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler-ancestral": "EulerAncestralDiscreteScheduler",
    "lcm": "LCMScheduler",
    "unipc": "UniPCMultistepScheduler",
}
# Of diffusers' schedulers those that draw no noise, or draw it by the generators they are handed.
# DPMSolverSDEScheduler and CosineDPMSolverMultistepScheduler draw it by one of their own.
SEEDED = {
    "AmusedScheduler", "DDIMScheduler", "DDPMScheduler", "DDPMWuerstchenScheduler",
    "DEISMultistepScheduler", "DPMSolverMultistepScheduler", "DPMSolverSinglestepScheduler",
    "EDMDPMSolverMultistepScheduler", "EDMEulerScheduler", "EulerAncestralDiscreteScheduler",
    "EulerDiscreteScheduler", "FlowMatchEulerDiscreteScheduler", "FlowMatchHeunDiscreteScheduler",
    "HeunDiscreteScheduler", "KDPM2AncestralDiscreteScheduler", "KDPM2DiscreteScheduler",
    "LCMScheduler", "LMSDiscreteScheduler", "PNDMScheduler", "SASolverScheduler", "SCMScheduler",
    "TCDScheduler", "UnCLIPScheduler", "UniPCMultistepScheduler",
}  # fmt: skip
# A tokenizer needs all files of one of these; without them transformers makes one without words.
VOCABULARIES = (
    {"tokenizer.json"}, {"vocab.json", "merges.txt"}, {"spiece.model"}, {"tokenizer.model"},
)  # fmt: skip


@without_collection()
def load_pipeline(model: Model, diffusion: Diffusion, opens: str | None = None) -> Any:
    """The pipeline of `model`, on the CPU: from words to a picture, or what `opens` names.

    Raises RenderError.
    """
    import_torch()
    import diffusers

    folder = model.path
    diffusers.utils.logging.disable_progress_bar()
    _find_moved(folder)
    try:
        pipe = _open(model, diffusion.dtype, opens)
        _refuse_wordless(folder, pipe)
        _refuse_hollow(pipe)
    except Exception as error:  # loaders raise whatever their parser raises
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise RenderError(
            f"the model in {model.files.checkpoint or folder} cannot be loaded: {reason[0][:300]}",
            hint="fetch the model again; `mint check` names its folder"
            if model.files.checkpoint is None
            else f"image.config must be of the file's family, and {folder} may be of another",
        ) from error
    teach(pipe, model.files.embeddings)
    fuse_adapters(pipe, model.files.adapters)
    if model.files.guides.reference and diffusion.reference:
        scale = diffusion.reference.scale
        load_reference(pipe, model.files.guides.reference, scale, diffusion.dtype)
    pipe.set_progress_bar_config(disable=True)
    if getattr(pipe, "safety_checker", None) is not None:
        pipe.safety_checker = None  # it paints black over what it dislikes; curate judges instead
    if diffusion.scheduler != "default":
        kind = getattr(diffusers, SCHEDULERS[diffusion.scheduler])
        pipe.scheduler = kind.from_config(pipe.scheduler.config)
    _refuse_unseeded(folder, pipe)
    return pipe


def _open(model: Model, dtype: str, opens: str | None) -> Any:
    """The pipeline of a folder, of a checkpoint, or of a folder with another transformer."""
    folder, files, numbers = model.path, model.files, getattr(import_torch(), dtype)
    elsewhere = replaced(read_index(folder), files)
    half = variant(folder, elsewhere)
    parts = _encoders(folder, dtype, elsewhere, half)
    if files.checkpoint is not None:
        return open_checkpoint(files.checkpoint, folder, numbers, parts)
    if files.transformer is not None:
        parts["transformer"] = open_gguf(files.transformer, folder, numbers)
    return _class(folder, opens).from_pretrained(
        str(folder),
        dtype=numbers,
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
        variant=half,
        **parts,
    )


def _class(folder: Path, opens: str | None) -> Any:
    """What `opens` names, else the class that model_index.json does, if it paints words.

    AutoPipelineForText2Image would find the same class, but imports those of all models first.
    """
    import diffusers

    name = class_name(folder)
    painter = name if name in FAMILIES else "AutoPipelineForText2Image"
    return getattr(diffusers, opens or painter)


def _refuse_unseeded(folder: Path, pipe: Any) -> None:
    """Raise RenderError for a scheduler whose noise no token's seed decides."""
    for name, part in pipe.components.items():
        if not name.endswith("scheduler") or part is None:
            continue
        kind, hint = type(part).__name__, f"edit {folder.name}/{name}/scheduler_config.json"
        if kind not in SEEDED:
            raise RenderError(
                f"{kind} draws noise that no token's seed decides, so no picture could be painted "
                "again",
                hint="set image.scheduler to one that mint names, such as dpm++",
            )
        if part.config.get("stochastic_sampling"):
            raise RenderError(
                f"{kind} is set to stochastic_sampling, and draws noise that no token's seed "
                "decides",
                hint=f"{hint}: stochastic_sampling: false",
            )


def _find_moved(folder: Path) -> None:
    """Let diffusers find Stable Cascade's autoencoder, which it has moved to another module."""
    if b"wuerstchen" in (folder / "model_index.json").read_bytes():
        from diffusers import pipelines
        from diffusers.pipelines.deprecated import wuerstchen

        pipelines.wuerstchen = wuerstchen


def _encoders(
    folder: Path, dtype: str, elsewhere: Collection[str] = (), half: str | None = None
) -> dict[str, Any]:
    """The parts that transformers loads; raises OSError if one lacks a weight.

    Not those whose weights are `elsewhere`; of those with weights of the variant `half`, these.
    Transformers makes missing weights up, other ones each time, and diffusers does not ask it.
    """
    import transformers

    torch, encoders = import_torch(), {}
    for name, kind in json.loads((folder / "model_index.json").read_bytes()).items():
        if not isinstance(kind, list) or kind[:1] != ["transformers"] or name in elsewhere:
            continue
        model: Any = getattr(transformers, kind[1], object)
        if issubclass(model, transformers.PreTrainedModel):
            encoders[name], report = model.from_pretrained(
                str(folder / name),
                dtype=getattr(torch, dtype),
                use_safetensors=True,
                local_files_only=True,
                variant=half if half and any((folder / name).glob(f"*.{half}*")) else None,
                output_loading_info=True,
            )
            refuse_missing(name, report["missing_keys"])
    return encoders


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
        names = {path.name for path in (folder / name).glob("*")}
        if not any(files <= names for files in VOCABULARIES):
            raise OSError(f"{name} has no vocabulary")
