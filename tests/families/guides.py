"""IP-Adapters and ControlNets of random weights for the families, and a picture to guide by."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

from PIL import Image, ImageDraw

from mint.models.families import class_name
from mint.models.guides import CONTROLLED
from tests.families.parts import chance, stirred

SIDE, SEEN = 32, 16  # pixels and numbers of what looks at the picture


def disc(side: int = 64) -> Image.Image:
    """A red disc on white."""
    picture = Image.new("RGB", (side, side), "white")
    ImageDraw.Draw(picture).ellipse((side // 4, side // 4, 3 * side // 4, 3 * side // 4), "red")
    return picture


def ip_adapter(folder: Path, painter: Path, *, eye: bool = True) -> Path:
    """adapter.safetensors for the painter and, with `eye`, image_encoder/ beside it."""
    import torch
    from diffusers import DiffusionPipeline
    from safetensors.torch import save_file

    pipe = DiffusionPipeline.from_pretrained(str(painter), local_files_only=True)
    kinds = {"FluxPipeline": _flux, "StableDiffusion3Pipeline": _sd3}
    with chance():
        tensors = kinds.get(class_name(painter), _unet)(pipe)
        tensors = {n: torch.randn_like(t) / max(1, t.shape[-1]) ** 0.5 for n, t in tensors.items()}
    folder.mkdir(parents=True, exist_ok=True)
    save_file({n: t.contiguous() for n, t in tensors.items()}, folder / "adapter.safetensors")
    if eye:
        encoder(folder / "image_encoder", siglip="3" in class_name(painter))
    return folder


def encoder(folder: Path, *, siglip: bool = False) -> Path:
    """What looks at the picture: a CLIP, or SD3's SigLIP, without its preprocessor's settings."""
    import transformers

    sizes = {
        "hidden_size": SEEN, "intermediate_size": 16, "num_hidden_layers": 2,
        "num_attention_heads": 2, "image_size": SIDE, "patch_size": 8,
    }  # fmt: skip
    with chance():
        if siglip:
            config = transformers.SiglipVisionConfig(**sizes)
            model: Any = transformers.SiglipVisionModel(config)
        else:
            config = transformers.CLIPVisionConfig(**sizes, projection_dim=SEEN)
            model = transformers.CLIPVisionModelWithProjection(config)
    for weights in model.parameters():
        weights.data.mul_(4)
    model.save_pretrained(folder)
    return folder


def _unet(pipe: Any) -> dict[str, Any]:
    import torch

    config = pipe.unet.config
    words, widths = config.cross_attention_dim, config.block_out_channels
    tensors = {
        "image_proj.proj.weight": torch.empty(4 * words, SEEN),
        "image_proj.proj.bias": torch.empty(4 * words),
        "image_proj.norm.weight": torch.empty(words),
        "image_proj.norm.bias": torch.empty(words),
    }
    layer = 1
    for name in pipe.unet.attn_processors:
        if name.endswith("attn1.processor"):
            continue
        block = int(name.split(".")[1]) if name[0] in "du" else -1
        width = (widths[::-1] if name.startswith("up") else widths)[block]
        for part in ("to_k_ip", "to_v_ip"):
            tensors[f"ip_adapter.{layer}.{part}.weight"] = torch.empty(width, words)
        layer += 2
    return tensors


def _flux(pipe: Any) -> dict[str, Any]:
    import torch

    config = pipe.transformer.config
    words = config.joint_attention_dim
    width = config.num_attention_heads * config.attention_head_dim
    tensors = {
        "image_proj.proj.weight": torch.empty(4 * words, SEEN),
        "image_proj.proj.bias": torch.empty(4 * words),
        "image_proj.norm.weight": torch.empty(words),
        "image_proj.norm.bias": torch.empty(words),
    }
    for layer in range(config.num_layers):
        for part in ("to_k_ip", "to_v_ip"):
            tensors[f"ip_adapter.{layer}.{part}.weight"] = torch.empty(width, words)
            tensors[f"ip_adapter.{layer}.{part}.bias"] = torch.empty(width)
    return tensors


def _sd3(pipe: Any) -> dict[str, Any]:
    import torch
    from diffusers.models.attention_processor import SD3IPAdapterJointAttnProcessor2_0
    from diffusers.models.embeddings import IPAdapterTimeImageProjection

    config = pipe.transformer.config
    width = config.num_attention_heads * config.attention_head_dim
    look = IPAdapterTimeImageProjection(
        embed_dim=SEEN, output_dim=config.caption_projection_dim, hidden_dim=16, depth=4,
        dim_head=64, heads=1, num_queries=4, timestep_in_dim=320,
    )  # fmt: skip
    parts = {f"image_proj.{name}": torch.empty_like(t) for name, t in look.state_dict().items()}
    for layer in range(len(pipe.transformer.attn_processors)):
        processor = SD3IPAdapterJointAttnProcessor2_0(
            hidden_size=width, ip_hidden_states_dim=width, head_dim=config.attention_head_dim,
            timesteps_emb_dim=16,
        )  # fmt: skip
        state = processor.state_dict()
        parts |= {f"ip_adapter.{layer}.{n}": torch.empty_like(t) for n, t in state.items()}
    return parts


def control_net(folder: Path, painter: Path) -> Path:
    """A ControlNet from the painter's own blocks, whose last layers are not zero as fresh ones."""
    import diffusers

    name = class_name(painter)
    kind = getattr(diffusers, CONTROLLED[name][1])
    pipe = diffusers.DiffusionPipeline.from_pretrained(str(painter), local_files_only=True)
    with chance(), catch_warnings():
        simplefilter("ignore")  # of what diffusers itself uses in the old way
        if hasattr(pipe, "unet"):
            net: Any = kind.from_unet(
                pipe.unet,
                conditioning_embedding_out_channels=(8,) * pipe.vae_scale_factor.bit_length(),
            )
        elif name == "FluxPipeline":
            net = kind.from_transformer(
                pipe.transformer,
                num_layers=1,
                num_single_layers=1,
                attention_head_dim=pipe.transformer.config.attention_head_dim,
                num_attention_heads=pipe.transformer.config.num_attention_heads,
            )
        elif name == "QwenImagePipeline":
            net = kind.from_transformer(
                pipe.transformer, num_layers=1, attention_head_dim=16, num_attention_heads=2
            )
        else:
            net = kind.from_transformer(
                pipe.transformer, num_layers=1, num_extra_conditioning_channels=0
            )
        stirred(net)
    net.save_pretrained(folder)
    return folder
