"""Latent diffusion by a U-Net, and PixArt's transformer: what is few-step, refines or enlarges."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from tests.families.parts import (
    WIDTH,
    autoencoder,
    chance,
    clip_text,
    clip_tokenizer,
    saved,
    stirred,
    t5,
    text_config,
    unet_parts,
)

BARE = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}


def stable_diffusion(folder: Path, *, broken: bool = False) -> Path:
    """Stable Diffusion with a KL autoencoder; `broken` fills its decoder with NaN."""
    from diffusers import StableDiffusionPipeline

    parts = unet_parts(cross_attention_dim=16)
    if broken:
        parts["vae"].decoder.conv_out.bias.data.fill_(math.nan)
    pipe = StableDiffusionPipeline(
        **parts, safety_checker=None, feature_extractor=None, requires_safety_checker=False
    )
    pipe.save_pretrained(folder)
    return folder


def stable_diffusion_xl(folder: Path, *, second: int = 16) -> Path:
    """SDXL: two text encoders, one of `second` numbers a word, and sizes as a further condition."""
    from diffusers import StableDiffusionXLPipeline
    from transformers import CLIPTextModelWithProjection

    parts = unet_parts(
        cross_attention_dim=16 + second,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + second,
    )
    StableDiffusionXLPipeline(
        **parts,
        text_encoder_2=CLIPTextModelWithProjection(text_config(second)),
        tokenizer_2=parts["tokenizer"],
        add_watermarker=False,
    ).save_pretrained(folder)
    return folder


def lcm(folder: Path) -> Path:
    """A latent consistency model: guidance goes into the time embedding, no negative prompt."""
    from diffusers import LatentConsistencyModelPipeline, LCMScheduler

    parts = unet_parts(cross_attention_dim=WIDTH, time_cond_proj_dim=8)
    scheduler = LCMScheduler.from_config(parts["scheduler"].config)
    return saved(
        LatentConsistencyModelPipeline(**_stirred(parts) | {"scheduler": scheduler}, **BARE), folder
    )


def turbo(folder: Path) -> Path:
    """SD-Turbo: one step without guidance, from the last timestep."""
    from diffusers import EulerDiscreteScheduler, StableDiffusionPipeline

    parts = unet_parts(cross_attention_dim=WIDTH)
    scheduler = EulerDiscreteScheduler.from_config(
        parts["scheduler"].config, timestep_spacing="trailing"
    )
    return saved(
        StableDiffusionPipeline(**_stirred(parts) | {"scheduler": scheduler}, **BARE), folder
    )


def pixart(folder: Path) -> Path:
    """PixArt-Sigma: a transformer that also says how sure it is, T5 reads the prompt."""
    from diffusers import DPMSolverMultistepScheduler, PixArtSigmaPipeline, PixArtTransformer2DModel

    with chance():
        text_encoder, tokenizer = t5()
        transformer = PixArtTransformer2DModel(
            sample_size=16, num_layers=1, num_attention_heads=2, attention_head_dim=8,
            in_channels=4, out_channels=8, cross_attention_dim=16, caption_channels=WIDTH,
            use_additional_conditions=False,
        )  # fmt: skip
        pipe = PixArtSigmaPipeline(
            transformer=stirred(transformer),
            scheduler=DPMSolverMultistepScheduler(),
            vae=autoencoder(),
            text_encoder=text_encoder,
            tokenizer=tokenizer,
        )
    return saved(pipe, folder)


def sdxl_refiner(folder: Path) -> Path:
    """SDXL's refiner: only the second text encoder, and how pleasing the picture should be."""
    from diffusers import StableDiffusionXLImg2ImgPipeline

    parts = unet_parts(
        cross_attention_dim=WIDTH,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=5 * 8 + WIDTH,
    )
    with chance():
        parts |= {"text_encoder_2": clip_text(projected=True), "tokenizer_2": clip_tokenizer()}
    pipe = StableDiffusionXLImg2ImgPipeline(
        **_stirred(parts) | {"text_encoder": None, "tokenizer": None},
        requires_aesthetics_score=True,
        add_watermarker=False,
    )
    return saved(pipe, folder)


def sd_upscale(folder: Path) -> Path:
    """Stable Diffusion x4 upscaler: latents and the small picture, side by side."""
    from diffusers import DDIMScheduler, DDPMScheduler, StableDiffusionUpscalePipeline

    parts = unet_parts(
        cross_attention_dim=WIDTH, in_channels=7, num_class_embeds=1000, only_cross_attention=True
    )
    pipe = StableDiffusionUpscalePipeline(
        **_stirred(parts) | {
            "vae": autoencoder(scaling_factor=0.08333),
            "low_res_scheduler": DDPMScheduler(beta_schedule="squaredcos_cap_v2"),
            "scheduler": DDIMScheduler.from_config(
                parts["scheduler"].config, prediction_type="v_prediction"
            ),
        },
    )  # fmt: skip
    return saved(pipe, folder)


def _stirred(parts: dict[str, Any]) -> dict[str, Any]:
    with chance():
        for name in ("unet", "text_encoder"):
            stirred(parts[name])
    return parts
