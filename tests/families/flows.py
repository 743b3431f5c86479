"""Flow matching: transformers that go straight from noise to a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.families.parts import (
    WIDTH,
    autoencoder,
    causal,
    chance,
    clip_text,
    clip_tokenizer,
    gemma_tokenizer,
    glm_tokenizer,
    qwen_tokenizer,
    saved,
    stirred,
    t5,
)


def sd3(folder: Path) -> Path:
    """Stable Diffusion 3: two CLIPs and a T5."""
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        SD3Transformer2DModel,
        StableDiffusion3Pipeline,
    )

    with chance():
        text_encoder_3, tokenizer_3 = t5(2 * WIDTH)
        transformer = SD3Transformer2DModel(
            sample_size=16, patch_size=2, in_channels=4, out_channels=4, num_layers=2,
            attention_head_dim=8, num_attention_heads=2, joint_attention_dim=2 * WIDTH,
            caption_projection_dim=16, pooled_projection_dim=2 * WIDTH, pos_embed_max_size=32,
        )  # fmt: skip
        pipe = StableDiffusion3Pipeline(
            transformer=stirred(transformer),
            scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
            vae=_shifted(),
            text_encoder=clip_text(projected=True), tokenizer=clip_tokenizer(),
            text_encoder_2=clip_text(projected=True), tokenizer_2=clip_tokenizer(),
            text_encoder_3=text_encoder_3, tokenizer_3=tokenizer_3,
        )  # fmt: skip
    return saved(pipe, folder)


def flux(folder: Path) -> Path:
    """FLUX.1 [dev]: guidance is distilled into the transformer, latents are packed."""
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel

    with chance():
        text_encoder_2, tokenizer_2 = t5()
        transformer = FluxTransformer2DModel(
            patch_size=1, in_channels=16, num_layers=1, num_single_layers=1,
            attention_head_dim=16, num_attention_heads=2, joint_attention_dim=WIDTH,
            pooled_projection_dim=WIDTH, guidance_embeds=True, axes_dims_rope=(4, 4, 8),
        )  # fmt: skip
        pipe = FluxPipeline(
            transformer=stirred(transformer),
            scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True),
            vae=_shifted(),
            text_encoder=clip_text(), tokenizer=clip_tokenizer(),
            text_encoder_2=text_encoder_2, tokenizer_2=tokenizer_2,
        )  # fmt: skip
    return saved(pipe, folder)


def sana(folder: Path) -> Path:
    """SANA: linear attention, a deep-compression autoencoder, Gemma reads the prompt."""
    from diffusers import (
        AutoencoderDC,
        DPMSolverMultistepScheduler,
        SanaPipeline,
        SanaTransformer2DModel,
    )
    from transformers import Gemma2Config, Gemma2Model

    blocks: dict[str, Any] = {
        f"{half}_{name}": value
        for half in ("encoder", "decoder")
        for name, value in {
            "block_types": ("ResBlock", "EfficientViTBlock"),
            "block_out_channels": (8, 8),
            "qkv_multiscales": ((), (5,)),
            "layers_per_block": (1, 1),
        }.items()
    }
    with chance():
        tokenizer = gemma_tokenizer()
        transformer = SanaTransformer2DModel(
            in_channels=4, out_channels=4, num_layers=1, num_attention_heads=2,
            attention_head_dim=8, num_cross_attention_heads=2, cross_attention_head_dim=8,
            cross_attention_dim=16, caption_channels=WIDTH, sample_size=32, patch_size=1,
        )  # fmt: skip
        pipe = SanaPipeline(
            transformer=stirred(transformer),
            scheduler=DPMSolverMultistepScheduler(
                prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
            ),
            vae=AutoencoderDC(
                latent_channels=4, attention_head_dim=2, scaling_factor=0.41407,
                upsample_block_type="interpolate", downsample_block_type="conv", **blocks,
            ),
            text_encoder=stirred(Gemma2Model(Gemma2Config(**causal(len(tokenizer))))),
            tokenizer=tokenizer,
        )  # fmt: skip
    return saved(pipe, folder)


def z_image(folder: Path) -> Path:
    """Z-Image: one stream for words and picture, Qwen3 reads the prompt."""
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        ZImagePipeline,
        ZImageTransformer2DModel,
    )
    from transformers import Qwen3Config, Qwen3Model

    with chance():
        tokenizer = qwen_tokenizer()
        transformer = ZImageTransformer2DModel(
            in_channels=4, dim=32, n_layers=1, n_refiner_layers=1, n_heads=2, n_kv_heads=2,
            cap_feat_dim=WIDTH, axes_dims=[8, 4, 4], axes_lens=[512, 64, 64],
        )  # fmt: skip
        pipe = ZImagePipeline(
            transformer=stirred(transformer),
            scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
            vae=_shifted(),
            text_encoder=stirred(Qwen3Model(Qwen3Config(**causal(len(tokenizer))))),
            tokenizer=tokenizer,
        )
    return saved(pipe, folder)


def qwen_image(folder: Path) -> Path:
    """Qwen-Image: a video autoencoder, Qwen2.5-VL reads the prompt."""
    from diffusers import (
        AutoencoderKLQwenImage,
        FlowMatchEulerDiscreteScheduler,
        QwenImagePipeline,
        QwenImageTransformer2DModel,
    )

    with chance():
        tokenizer = qwen_tokenizer()
        transformer = QwenImageTransformer2DModel(
            patch_size=2, in_channels=16, out_channels=4, num_layers=2, attention_head_dim=16,
            num_attention_heads=2, joint_attention_dim=WIDTH, axes_dims_rope=(8, 4, 4),
        )  # fmt: skip
        pipe = QwenImagePipeline(
            transformer=stirred(transformer),
            scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
            vae=AutoencoderKLQwenImage(
                base_dim=8, z_dim=4, dim_mult=[1, 1, 1], num_res_blocks=1,
                temperal_downsample=[False, True], latents_mean=[0.0] * 4, latents_std=[1.0] * 4,
            ),
            text_encoder=_qwen_vl(len(tokenizer)),
            tokenizer=tokenizer,
        )  # fmt: skip
    return saved(pipe, folder)


def cogview4(folder: Path) -> Path:
    """CogView4: GLM reads the prompt, filled up to the longest of the batch."""
    from diffusers import (
        CogView4Pipeline,
        CogView4Transformer2DModel,
        FlowMatchEulerDiscreteScheduler,
    )
    from transformers import GlmConfig, GlmModel

    with chance():
        tokenizer = glm_tokenizer()
        transformer = CogView4Transformer2DModel(
            patch_size=2, in_channels=4, out_channels=4, num_layers=2, attention_head_dim=8,
            num_attention_heads=2, text_embed_dim=WIDTH, time_embed_dim=16, condition_dim=8,
            sample_size=16, rope_axes_dim=(16, 16),
        )  # fmt: skip
        pipe = CogView4Pipeline(
            transformer=stirred(transformer),
            scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
            vae=autoencoder(),
            text_encoder=stirred(GlmModel(GlmConfig(**causal(len(tokenizer))))),
            tokenizer=tokenizer,
        )
    return saved(pipe, folder)


def _shifted() -> Any:
    """The autoencoder of a flow model: its latents are moved as well as scaled."""
    return autoencoder(
        shift_factor=0.06, scaling_factor=1.5, use_quant_conv=False, use_post_quant_conv=False
    )


def _qwen_vl(words: int) -> Any:
    """Qwen2.5-VL without eyes worth speaking of: Qwen-Image only lets it read."""
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    config = Qwen2_5_VLConfig(
        text_config=causal(words)
        | {"rope_scaling": {"mrope_section": [1, 1, 2], "rope_type": "default", "type": "default"}},
        vision_config={
            "depth": 1, "hidden_size": 8, "intermediate_size": 8, "num_heads": 2,
            "out_hidden_size": WIDTH, "fullatt_block_indexes": [0],
        },
    )  # fmt: skip
    return stirred(Qwen2_5_VLForConditionalGeneration(config))
