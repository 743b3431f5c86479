"""Tiny models in the single files that artists download: checkpoints, LoRA, inversions, GGUF."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# What the original Stable Diffusion calls what diffusers calls otherwise.
_RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "norm2": "out_layers.0",
    "conv2": "out_layers.3", "time_emb_proj": "emb_layers.1", "conv_shortcut": "skip_connection",
}  # fmt: skip
_UNET = {
    "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
    "mid_block.resnets.0": "middle_block.0", "mid_block.attentions.0": "middle_block.1",
    "mid_block.resnets.1": "middle_block.2",
}  # fmt: skip
_VAE = {
    "conv_norm_out": "norm_out", "mid_block.attentions.0.group_norm": "mid.attn_1.norm",
    "mid_block.attentions.0.to_q": "mid.attn_1.q", "mid_block.attentions.0.to_k": "mid.attn_1.k",
    "mid_block.attentions.0.to_v": "mid.attn_1.v",
    "mid_block.attentions.0.to_out.0": "mid.attn_1.proj_out", "mid_block.resnets.0": "mid.block_1",
    "mid_block.resnets.1": "mid.block_2", "conv_shortcut": "nin_shortcut",
}  # fmt: skip
_OPENCLIP = {
    "text_model.embeddings.token_embedding.weight": "token_embedding.weight",
    "text_model.embeddings.position_embedding.weight": "positional_embedding",
    "text_model.final_layer_norm": "ln_final", "text_model.encoder.layers": "transformer.resblocks",
    "layer_norm1": "ln_1", "layer_norm2": "ln_2", ".fc1.": ".c_fc.", ".fc2.": ".c_proj.",
    ".self_attn.": ".attn.",
}  # fmt: skip


def checkpoint(folder: Path, file: Path, without: Sequence[str] = ()) -> Path:
    """The weights of a Stable Diffusion or SDXL folder in one file, by their original names.

    Of the parts `without` there are none in it.
    """
    from safetensors.torch import load_file, save_file

    large = (folder / "text_encoder_2").exists()
    first = "conditioner.embedders.0." if large else "cond_stage_model."
    tensors: dict[str, Any] = {}
    for part in ("unet", "vae", "text_encoder", *(("text_encoder_2",) if large else ())):
        if part in without:
            continue
        weights = load_file(next((folder / part).glob("*.safetensors")))
        config = json.loads((folder / part / "config.json").read_bytes())
        if part == "unet":
            names = _unet_names(config)
            tensors |= _named(weights, {**names, **_UNET}, _RESNET, "model.diffusion_model.")
        elif part == "vae":
            tensors |= _named(weights, _vae_names(config), {}, "first_stage_model.")
        elif part == "text_encoder":
            plain = {_inside(name): value for name, value in weights.items()}
            tensors |= {f"{first}transformer.{name}": value for name, value in plain.items()}
        else:
            tensors |= _open_clip({_inside(name): value for name, value in weights.items()})
    save_file({name: value.contiguous() for name, value in tensors.items()}, file)
    return file


def _inside(name: str) -> str:
    kept = name.startswith(("text_model.", "text_projection."))
    return name if kept else f"text_model.{name}"


def _named(
    weights: dict[str, Any], whole: dict[str, str], inner: dict[str, str], prefix: str
) -> dict[str, Any]:
    named = {}
    for name, value in weights.items():
        key = name
        for new, old in whole.items():
            key = f"{key}.".replace(f"{new}.", f"{old}.", 1).rstrip(".")
        for new, old in inner.items() if "resnets" in name else ():
            key = key.replace(new, old)
        # Attention of the autoencoder was written as convolutions of one pixel.
        if prefix.startswith("first") and ".attn_1." in key and value.ndim == 2:
            value = value[:, :, None, None]
        named[prefix + key] = value
    return named


def _unet_names(config: dict[str, Any]) -> dict[str, str]:
    names, layers = {}, config["layers_per_block"]
    for block in range(len(config["down_block_types"])):
        for layer in range(layers):
            at = block * (layers + 1) + layer + 1
            names[f"down_blocks.{block}.resnets.{layer}"] = f"input_blocks.{at}.0"
            names[f"down_blocks.{block}.attentions.{layer}"] = f"input_blocks.{at}.1"
        at = (block + 1) * (layers + 1)
        names[f"down_blocks.{block}.downsamplers.0.conv"] = f"input_blocks.{at}.0.op"
        for layer in range(layers + 1):
            at = block * (layers + 1) + layer
            names[f"up_blocks.{block}.resnets.{layer}"] = f"output_blocks.{at}.0"
            names[f"up_blocks.{block}.attentions.{layer}"] = f"output_blocks.{at}.1"
        place = 2 if config["up_block_types"][block].startswith("CrossAttn") else 1
        names[f"up_blocks.{block}.upsamplers.0"] = f"output_blocks.{at}.{place}"
    return names


def _vae_names(config: dict[str, Any]) -> dict[str, str]:
    names, blocks = {}, len(config["down_block_types"])
    for block in range(blocks):
        names[f"down_blocks.{block}.resnets"] = f"down.{block}.block"
        names[f"down_blocks.{block}.downsamplers.0"] = f"down.{block}.downsample"
        names[f"up_blocks.{block}.resnets"] = f"up.{blocks - 1 - block}.block"
        names[f"up_blocks.{block}.upsamplers.0"] = f"up.{blocks - 1 - block}.upsample"
    return {**names, **_VAE}


def _open_clip(weights: dict[str, Any]) -> dict[str, Any]:
    import torch

    prefix, tensors = "conditioner.embedders.1.model.", {}
    for name, value in weights.items():
        key = name
        for new, old in _OPENCLIP.items():
            key = key.replace(new, old)
        if name == "text_projection.weight":
            key, value = "text_projection", value.T
        if ".q_proj." in key:
            three = [
                weights[name.replace("q_proj", each)] for each in ("q_proj", "k_proj", "v_proj")
            ]
            key, value = key.replace(".q_proj.", ".in_proj_"), torch.cat(three)
        if ".k_proj." not in key and ".v_proj." not in key:
            tensors[prefix + key] = value
    return tensors


def lora(folder: Path, file: Path, *, seed: int = 1, words: bool = False, size: float = 1) -> Path:
    """A LoRA for the attention of a folder's U-Net; with `words` of its text encoder, too."""
    import torch
    from diffusers import StableDiffusionPipeline, UNet2DConditionModel
    from diffusers.utils import convert_state_dict_to_diffusers
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict
    from transformers import CLIPTextModel

    def layers(model: Any, targets: list[str]) -> Any:
        model.add_adapter(LoraConfig(r=2, init_lora_weights=False, target_modules=targets))
        weights = convert_state_dict_to_diffusers(get_peft_model_state_dict(model))
        return {name: size * value for name, value in weights.items()}

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        unet = UNet2DConditionModel.from_pretrained(folder / "unet")
        parts = {"unet_lora_layers": layers(unet, ["to_q", "to_k", "to_v", "to_out.0"])}
        if words:
            encoder = CLIPTextModel.from_pretrained(folder / "text_encoder")
            parts["text_encoder_lora_layers"] = layers(
                encoder, ["q_proj", "k_proj", "v_proj", "out_proj"]
            )
    StableDiffusionPipeline.save_lora_weights(file.parent, weight_name=file.name, **parts)
    return file


def kohya(lora: Path, file: Path, *, alpha: float = 2) -> Path:
    """The same LoRA as kohya-ss trainers write it, whose strength is `alpha` by its rank."""
    import torch
    from safetensors.torch import load_file, save_file

    tensors = {}
    for name, value in load_file(lora).items():
        layer, _, way = name.removesuffix(".weight").replace("_linear_layer", "").rpartition(".")
        part, _, inner = layer.removesuffix(".lora").partition(".")
        words = "lora_te_text_model" if part == "text_encoder" else "lora_unet"
        layer = f"{words}_{inner.replace('.', '_')}"
        tensors[f"{layer}.lora_{way}.weight"] = value
        tensors[f"{layer}.alpha"] = torch.tensor(float(alpha))
    save_file(tensors, file)
    return file


def inversion(file: Path, *sizes: int, vectors: int = 2, name: str = "emb_params") -> Path:
    """A textual inversion of random vectors of so many numbers; of two sizes, one for SDXL."""
    import torch
    from safetensors.torch import save_file

    chance = torch.Generator().manual_seed(1)
    names = (name,) if len(sizes) == 1 else ("clip_l", "clip_g")
    save_file(
        {
            each: torch.randn((vectors, size), generator=chance)
            for each, size in zip(names, sizes, strict=True)
        },
        file,
    )
    return file


def gguf(folder: Path, file: Path, *, bits: int = 8) -> Path:
    """The transformer of a folder as a .gguf file: matrices in `bits`, the rest in float32."""
    from gguf import GGMLQuantizationType, GGUFWriter, quantize
    from safetensors.torch import load_file

    kind = {8: GGMLQuantizationType.Q8_0, 4: GGMLQuantizationType.Q4_0}[bits]
    writer = GGUFWriter(file, "flux")
    weights = load_file(next((folder / "transformer").glob("*.safetensors")))
    for name, value in weights.items():
        numbers = value.float().numpy()
        if numbers.ndim == 2 and numbers.shape[1] % 32 == 0:  # a block of numbers has one scale
            writer.add_tensor(name, quantize(numbers, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, numbers)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def halved(folder: Path, copy: Path, *parts: str) -> Path:
    """A copy of a folder, of whose `parts` there are only weights in half precision."""
    shutil.copytree(folder, copy)
    for part in parts:
        for file in (copy / part).glob("*.safetensors"):
            _half(file, file.with_suffix(".fp16.safetensors"))
            file.unlink()
    return copy


def _half(file: Path, other: Path) -> None:
    from safetensors.torch import load_file, save_file

    save_file({name: value.half() for name, value in load_file(file).items()}, other)
