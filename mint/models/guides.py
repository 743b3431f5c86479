"""Models by which a painter follows a picture: which classes have them, and what does not fit.

IP-Adapter, arXiv 2308.06721; ControlNet, arXiv 2302.05543. The facts are those of diffusers 0.42;
each class's own `__init__` and `__call__` say them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mint.document import plain
from mint.models.families import class_name
from mint.models.weights import Adapted, Guides, is_generator, shapes
from mint.spec.collection import EMBEDDED
from mint.spec.yaml_source import Location

CLIP, SIGLIP = "CLIPVisionModelWithProjection", "SiglipVisionModel"
# A class that takes an IP-Adapter -> transformers' class that looks at the picture for it.
ADAPTED = {
    "ChromaPipeline": CLIP,
    "FluxPipeline": CLIP,
    "LatentConsistencyModelPipeline": CLIP,
    "StableDiffusion3Pipeline": SIGLIP,
    "StableDiffusionPipeline": CLIP,
    "StableDiffusionXLPipeline": CLIP,
}
# A class -> the one that paints with its parts and a ControlNet, and the class of that.
CONTROLLED = {
    "FluxPipeline": ("FluxControlNetPipeline", "FluxControlNetModel"),
    "QwenImagePipeline": ("QwenImageControlNetPipeline", "QwenImageControlNetModel"),
    "StableDiffusion3Pipeline": ("StableDiffusion3ControlNetPipeline", "SD3ControlNetModel"),
    "StableDiffusionPipeline": ("StableDiffusionControlNetPipeline", "ControlNetModel"),
    "StableDiffusionXLPipeline": ("StableDiffusionXLControlNetPipeline", "ControlNetModel"),
}
# Of these the autoencoder codes the picture, which is in -1..1 then, before a ControlNet sees it.
CODED = ("FluxPipeline", "QwenImagePipeline", "StableDiffusion3Pipeline")
ABSENT = {"reference": "takes no IP-Adapter", "control": "has no ControlNet in diffusers"}
# Sizes that a ControlNet has in common with the part that it guides.
COMMON = ("cross_attention_dim", "joint_attention_dim", "in_channels")

Fault = tuple[Location, str, str]  # the place in collection.yaml, what is wrong, what to do


def guide_misfits(folder: Path, guides: Guides) -> Iterator[Fault]:
    """Why the painter in `folder` cannot follow these; raises RenderError for unreadable files."""
    by_key = {"reference": guides.reference, "control": guides.control}
    if is_generator(folder):
        for key in (key for key, guide in by_key.items() if guide):
            what = "a GAN or a VAE follows no picture: it paints in one pass, from words alone"
            yield ("image", key), what, f"leave it out; models that can: {_names(_classes(key))}"
        return
    name = class_name(folder) if any(by_key.values()) else ""
    for key in (key for key, guide in by_key.items() if guide and name not in _classes(key)):
        hint = f"leave it out; models that can follow a picture so: {_names(_classes(key))}"
        yield ("image", key), f"{name.removesuffix('Pipeline')} {ABSENT[key]}", hint
    if guides.reference and name in ADAPTED:
        yield from _misfit_adapter(folder, guides.reference, ADAPTED[name])
    if guides.control and name in CONTROLLED:
        yield from _misfit_control(folder, guides.control, CONTROLLED[name][1])


def _classes(key: str) -> Mapping[str, object]:
    return ADAPTED if key == "reference" else CONTROLLED


def _names(classes: Iterable[str]) -> str:
    return ", ".join(sorted(name.removesuffix("Pipeline") for name in classes))


def _misfit_adapter(folder: Path, adapted: Adapted, kind: str) -> Iterator[Fault]:
    place: Location = ("image", "reference", "weights")
    tensors, file = shapes(adapted.weights), adapted.weights.name
    groups = {name.split(".")[0] for name in tensors}
    if not {"image_proj", "ip_adapter"} <= groups:
        hint = "give the IP-Adapter's file, such as ip-adapter_sd15.safetensors"
        yield place, f"{file} is no IP-Adapter: it has no image_proj and ip_adapter", hint
        return
    if any("lora" in name for name in tensors):
        what = f"{file} is an IP-Adapter of faces, which needs a recogniser of faces besides"
        yield place, what, "give one that looks at whole pictures"
    trained = next((s[1] for n, s in tensors.items() if n.endswith("to_k_ip.weight")), None)
    here = part_config(folder / "unet").get("cross_attention_dim")
    if isinstance(here, int) and trained not in (None, here):
        what = f"{file} was trained for words of {trained} numbers, and the model's have {here}"
        yield place, what, _hint(folder, "IP-Adapter")
    yield from _misfit_encoder(adapted, tensors, kind)


def _misfit_encoder(
    adapted: Adapted, tensors: Mapping[str, tuple[int, ...]], kind: str
) -> Iterator[Fault]:
    place: Location = ("image", "reference", "encoder")
    config = part_config(adapted.encoder)
    (own, *_) = config.get("architectures") or [kind]
    if own != kind:
        what = f"{adapted.encoder} is a {own}, and this family's adapters look by a {kind}"
        yield place, what, "name the encoder that the adapter's page does"
    for name, key in (("proj.weight", "projection_dim"), ("proj_in.weight", "hidden_size")):
        width, here = tensors.get(f"image_proj.{name}", (0, 0))[-1], config.get(key)
        if width and isinstance(here, int) and width % here:
            what = f"the adapter reads {width} numbers of a picture, and this encoder says {here}"
            yield place, what, "name the encoder that the adapter's page does"


def _misfit_control(folder: Path, control: Path, kind: str) -> Iterator[Fault]:
    place: Location = ("image", "control", "model")
    config = part_config(control)
    own = config.get("_class_name", "no ControlNet")
    if own != kind:
        what = f"{control.name} is {own}, and this model is guided by a {kind}"
        yield place, what, _hint(folder, "ControlNet")
        return
    if config.get("num_mode") or config.get("extra_conditioning_channels"):
        what = f"{control.name} is a ControlNet of several kinds, or for repairs of pictures"
        yield place, what, "name one that goes by a picture alone"
    painter = part_config(folder / "unet") or part_config(folder / "transformer")
    for key in COMMON:
        trained, here = config.get(key), painter.get(key)
        if None not in (trained, here) and trained != here:
            what = f"{control.name} was trained for a model whose {key} is {trained}, not {here}"
            yield place, what, _hint(folder, "ControlNet")
            return


def _hint(folder: Path, what: str) -> str:
    if folder == EMBEDDED["atelier"]:
        return f"there is no {what} for atelier: leave it out, or name a model that has one"
    return f"look for a {what} that was trained for the model's family"


def part_config(part: Path) -> dict[str, Any]:
    """What a part's config.json says, nothing where it has none."""
    try:
        config = plain((part / "config.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}
