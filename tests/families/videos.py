"""Video models of a few thousand random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.families.parts import (
    WIDTH,
    bytes_tokenizer,
    chance,
    saved,
    stirred,
    t5,
    unet_parts,
)


def motion_adapter(folder: Path) -> Path:
    """AnimateDiff's motion layers alone, for the U-Net of tests.families.unets."""
    with chance():
        _adapter().save_pretrained(folder)
    return folder


def animate_diff(folder: Path) -> Path:
    """AnimateDiff as a whole, saved with its motion layers in its U-Net."""
    from diffusers import AnimateDiffPipeline

    parts = unet_parts(cross_attention_dim=WIDTH)
    with chance():
        return saved(AnimateDiffPipeline(**parts, motion_adapter=_adapter()), folder)


def _adapter() -> Any:
    from diffusers import MotionAdapter

    adapter = MotionAdapter(
        block_out_channels=(8, 16),
        motion_layers_per_block=1,
        motion_norm_num_groups=4,
        motion_num_attention_heads=2,
        motion_max_seq_length=8,
        use_motion_mid_block=True,
    )
    # Fresh ones begin as what moves nothing.
    return stirred(adapter)


def ltx(folder: Path) -> Path:
    """LTX-Video: a transformer over tokens of 8 frames by 32 x 32 pixels."""
    from diffusers import (
        AutoencoderKLLTXVideo,
        FlowMatchEulerDiscreteScheduler,
        LTXPipeline,
        LTXVideoTransformer3DModel,
    )

    with chance():
        text_encoder, tokenizer = t5()
        vae = AutoencoderKLLTXVideo(
            latent_channels=8,
            block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 8, 8, 8),
            layers_per_block=(1, 1, 1, 1, 1),
            decoder_layers_per_block=(1, 1, 1, 1, 1),
            spatio_temporal_scaling=(True, True, True, False),
            decoder_spatio_temporal_scaling=(True, True, True, False),
            patch_size=4,
        )
        vae.use_framewise_encoding = vae.use_framewise_decoding = False
        transformer = LTXVideoTransformer3DModel(
            in_channels=8, out_channels=8, num_attention_heads=2, attention_head_dim=8,
            cross_attention_dim=16, num_layers=1, caption_channels=WIDTH,
        )  # fmt: skip
        pipe = LTXPipeline(
            transformer=stirred(transformer), scheduler=FlowMatchEulerDiscreteScheduler(),
            vae=stirred(vae), text_encoder=text_encoder, tokenizer=tokenizer,
        )  # fmt: skip
    return saved(pipe, folder)


def wan(folder: Path) -> Path:
    """Wan: a transformer over tokens of 4 frames by 16 x 16 pixels, UMT5 reads the prompt."""
    from diffusers import (
        AutoencoderKLWan,
        FlowMatchEulerDiscreteScheduler,
        WanPipeline,
        WanTransformer3DModel,
    )
    from transformers import UMT5Config, UMT5EncoderModel

    with chance():
        tokenizer = bytes_tokenizer(["</s>", "<pad>"])
        config = UMT5Config(
            vocab_size=len(tokenizer), d_model=WIDTH, d_ff=WIDTH, d_kv=8, num_layers=1,
            num_heads=2, pad_token_id=tokenizer.pad_token_id,
        )  # fmt: skip
        transformer = WanTransformer3DModel(
            patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=16,
            out_channels=16, text_dim=WIDTH, freq_dim=8, ffn_dim=16, num_layers=1,
            cross_attn_norm=True, qk_norm="rms_norm_across_heads", rope_max_seq_len=32,
        )  # fmt: skip
        pipe = WanPipeline(
            transformer=stirred(transformer),
            scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
            vae=AutoencoderKLWan(
                base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
                temperal_downsample=[False, True, True],
            ),
            text_encoder=stirred(UMT5EncoderModel(config)),
            tokenizer=tokenizer,
        )  # fmt: skip
    return saved(pipe, folder)


def stable_video(folder: Path) -> Path:
    """Stable Video Diffusion: it reads a picture and no words."""
    from diffusers import (
        AutoencoderKLTemporalDecoder,
        EulerDiscreteScheduler,
        StableVideoDiffusionPipeline,
        UNetSpatioTemporalConditionModel,
    )
    from transformers import (
        CLIPImageProcessorPil,
        CLIPVisionConfig,
        CLIPVisionModelWithProjection,
    )

    with chance():
        unet = UNetSpatioTemporalConditionModel(
            block_out_channels=(32, 64), layers_per_block=1, sample_size=8, in_channels=8,
            out_channels=4, cross_attention_dim=WIDTH, num_attention_heads=(2, 2),
            down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
            up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
            projection_class_embeddings_input_dim=96, addition_time_embed_dim=32,
        )  # fmt: skip
        vision = CLIPVisionConfig(
            hidden_size=16, projection_dim=WIDTH, num_hidden_layers=1, num_attention_heads=2,
            image_size=224, intermediate_size=16, patch_size=56,
        )  # fmt: skip
        pipe = StableVideoDiffusionPipeline(
            unet=unet,
            vae=AutoencoderKLTemporalDecoder(
                block_out_channels=(32, 32), down_block_types=("DownEncoderBlock2D",) * 2,
                layers_per_block=1,
            ),
            image_encoder=CLIPVisionModelWithProjection(vision),
            scheduler=EulerDiscreteScheduler(
                prediction_type="v_prediction", use_karras_sigmas=True, sigma_min=0.002,
                sigma_max=700.0, timestep_type="continuous", timestep_spacing="leading",
                steps_offset=1,
            ),
            feature_extractor=CLIPImageProcessorPil(
                crop_size={"height": 224, "width": 224}, size={"shortest_edge": 224}
            ),
        )  # fmt: skip
    return saved(pipe, folder)


VIDEOS = {
    "motion-adapter": motion_adapter,
    "animate-diff": animate_diff,
    "ltx": ltx,
    "wan": wan,
    "stable-video": stable_video,
}
FRAMES = {"ltx": 9, "wan": 5}  # others take any number
