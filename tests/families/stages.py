"""Several models in a row: prior and decoder, and DeepFloyd's cascade of pixels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.families.parts import WIDTH, chance, clip_text, clip_tokenizer, saved, stirred, t5

# A U-Net whose attention also reads what was added to its keys and values.
CROSS = {
    "layers_per_block": 1,
    "block_out_channels": (8, 8, 16),
    "norm_num_groups": 4,
    "attention_head_dim": 4,
    "down_block_types": (*("ResnetDownsampleBlock2D",) * 2, "SimpleCrossAttnDownBlock2D"),
    "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
    "up_block_types": ("SimpleCrossAttnUpBlock2D", *("ResnetUpsampleBlock2D",) * 2),
    "cross_attention_dim": 32,  # its normalisation has 32 groups
    "encoder_hid_dim": WIDTH,
    "resnet_time_scale_shift": "scale_shift",
}


def kandinsky(folder: Path) -> Path:
    """Kandinsky 2.2: a prior from words to a CLIP picture, a decoder from there to pixels."""
    from diffusers import (
        DDPMScheduler,
        KandinskyV22CombinedPipeline,
        PriorTransformer,
        UnCLIPScheduler,
        UNet2DConditionModel,
        VQModel,
    )
    from transformers import CLIPImageProcessor

    with chance():
        prior = PriorTransformer(
            num_attention_heads=2, attention_head_dim=8, embedding_dim=WIDTH, num_layers=1,
            num_embeddings=32,  # places of the text encoder's window
        )  # fmt: skip
        prior.clip_std.data.fill_(1)  # else every CLIP picture would be the mean
        unet = UNet2DConditionModel(
            in_channels=4, out_channels=8, addition_embed_type="image",
            encoder_hid_dim_type="image_proj", **CROSS,
        )  # fmt: skip
        pipe = KandinskyV22CombinedPipeline(
            unet=stirred(unet),
            scheduler=DDPMScheduler(
                beta_schedule="linear", beta_start=0.00085, beta_end=0.012,
                variance_type="learned_range", thresholding=True,
            ),
            movq=VQModel(
                block_out_channels=(32, 32, 32, 32), norm_num_groups=4, norm_type="spatial",
                down_block_types=("DownEncoderBlock2D",) * 3 + ("AttnDownEncoderBlock2D",),
                up_block_types=("AttnUpDecoderBlock2D",) + ("UpDecoderBlock2D",) * 3,
                latent_channels=4, num_vq_embeddings=12, vq_embed_dim=4,
            ),
            prior_prior=stirred(prior),
            prior_image_encoder=_clip_vision(),
            prior_text_encoder=clip_text(projected=True),
            prior_tokenizer=clip_tokenizer(),
            prior_scheduler=UnCLIPScheduler(
                variance_type="fixed_small_log", prediction_type="sample", clip_sample_range=5.0
            ),
            prior_image_processor=CLIPImageProcessor(
                size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
            ),
        )  # fmt: skip
    return saved(pipe, folder)


def stable_cascade(folder: Path) -> Path:
    """Stable Cascade: a prior of 24x24 latents per 1024 pixels, then a decoder."""
    from diffusers import DDPMWuerstchenScheduler, StableCascadeCombinedPipeline, StableCascadeUNet
    from diffusers.pipelines.deprecated.wuerstchen import PaellaVQModel

    block = ("SDCascadeResBlock", "SDCascadeTimestepBlock", "SDCascadeAttnBlock")
    sizes = {
        "block_out_channels": (16,), "num_attention_heads": (2,), "conditioning_dim": 16,
        "down_num_layers_per_block": (1,), "up_num_layers_per_block": (1,),
        "down_blocks_repeat_mappers": (1,), "up_blocks_repeat_mappers": (1,),
        "block_types_per_layer": (block,), "switch_level": (False,), "dropout": (0.1,),
        "clip_text_pooled_in_channels": WIDTH, "timestep_ratio_embedding_dim": 16,
    }  # fmt: skip
    with chance():
        prior = StableCascadeUNet(
            in_channels=4, out_channels=4, patch_size=1, self_attn=True,
            clip_text_in_channels=WIDTH, clip_image_in_channels=WIDTH, **sizes,
        )  # fmt: skip
        decoder = StableCascadeUNet(
            in_channels=4, out_channels=4, patch_size=2, self_attn=False, effnet_in_channels=4,
            timestep_conditioning_type=("sca",), **sizes,
        )  # fmt: skip
        pipe = StableCascadeCombinedPipeline(
            decoder=stirred(decoder),
            scheduler=DDPMWuerstchenScheduler(),
            vqgan=PaellaVQModel(
                levels=2, bottleneck_blocks=1, embed_dim=16, latent_channels=4, num_vq_embeddings=2,
                scale_factor=0.01,  # random steps leave large latents
            ),
            text_encoder=clip_text(projected=True), tokenizer=clip_tokenizer(),
            prior_prior=stirred(prior),
            prior_text_encoder=clip_text(projected=True), prior_tokenizer=clip_tokenizer(),
            prior_scheduler=DDPMWuerstchenScheduler(),
        )  # fmt: skip
    return _as_on_the_hub(saved(pipe, folder))


def _as_on_the_hub(folder: Path) -> Path:
    """The folder, naming the autoencoder's library as the hub does; diffusers 0.42 moved it."""
    index = json.loads((folder / "model_index.json").read_bytes())
    index["vqgan"] = ["wuerstchen", "PaellaVQModel"]
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def deepfloyd(folder: Path) -> Path:
    """DeepFloyd IF, stage 1: pixels without an autoencoder, at 64 a side."""
    from diffusers import IFPipeline

    return saved(IFPipeline(**_deepfloyd(64, in_channels=3), **BARE), folder)


def deepfloyd_upscale(folder: Path) -> Path:
    """Stage 2: noise and the small picture side by side; 128 a side, where the real one has 256."""
    from diffusers import DDPMScheduler, IFSuperResolutionPipeline

    parts = _deepfloyd(128, in_channels=6, class_embed_type="timestep")
    noising = DDPMScheduler(beta_schedule="squaredcos_cap_v2")
    return saved(
        IFSuperResolutionPipeline(**parts, image_noising_scheduler=noising, **BARE), folder
    )


BARE = {
    "safety_checker": None, "feature_extractor": None, "watermarker": None,
    "requires_safety_checker": False,
}  # fmt: skip


def _deepfloyd(side: int, **settings: Any) -> dict[str, Any]:
    from diffusers import DDPMScheduler, UNet2DConditionModel

    with chance():
        text_encoder, tokenizer = t5()
        unet = UNet2DConditionModel(
            sample_size=side, out_channels=6, act_fn="gelu", addition_embed_type="text",
            addition_embed_type_num_heads=2, cross_attention_norm="group_norm",
            **CROSS, **settings,
        )  # fmt: skip
        scheduler = DDPMScheduler(
            beta_schedule="squaredcos_cap_v2", variance_type="learned_range", thresholding=True,
            dynamic_thresholding_ratio=0.95, sample_max_value=1.5,
        )  # fmt: skip
        return {
            "text_encoder": text_encoder, "tokenizer": tokenizer,
            "unet": stirred(unet), "scheduler": scheduler,
        }  # fmt: skip


def _clip_vision() -> Any:
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=WIDTH, intermediate_size=WIDTH, projection_dim=WIDTH, image_size=32,
            patch_size=8, num_hidden_layers=1, num_attention_heads=2,
        )
    )  # fmt: skip
