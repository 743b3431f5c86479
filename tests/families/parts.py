"""What the families have in common: chance, text encoders, tokenizers, autoencoders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mint.spec.collection import ATELIER

WORDS = 654  # of atelier's vocabulary, which all CLIPs here use
WIDTH = 16  # of what each text encoder says about a word


@contextmanager
def chance() -> Iterator[None]:
    """Random weights that are the same each time."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def stirred(model: Any, gain: float = 1.0) -> Any:
    """The model with weights of about unit gain: of fresh ones many are zero or nearly so.

    Then neither words nor guidance would show in the picture.
    """
    import torch

    for weights in model.parameters():
        if weights.dim() > 1:
            spread = gain / weights[0].numel() ** 0.5
            torch.nn.init.normal_(weights, std=spread)
    return model


def bytes_tokenizer(marks: Sequence[str]) -> Any:
    """A tokenizer of single bytes and `marks`, the last of which fills up."""
    from tokenizers import Tokenizer, decoders, pre_tokenizers
    from tokenizers.models import BPE
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    whole = Tokenizer(BPE(vocab={each: i for i, each in enumerate(alphabet)}, merges=[]))
    whole.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    whole.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=whole, additional_special_tokens=list(marks[:-1]), pad_token=marks[-1]
    )


def clip_tokenizer() -> Any:
    from transformers import CLIPTokenizer

    return CLIPTokenizer.from_pretrained(ATELIER / "pipeline" / "tokenizer")


def text_config(size: int = 16) -> Any:
    from transformers import CLIPTextConfig

    return CLIPTextConfig(
        vocab_size=WORDS,
        hidden_size=size,
        intermediate_size=16,
        projection_dim=size,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=32,
        bos_token_id=WORDS - 2,
        eos_token_id=WORDS - 1,
        pad_token_id=WORDS - 1,
    )


def clip_text(*, projected: bool = False) -> Any:
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    return stirred((CLIPTextModelWithProjection if projected else CLIPTextModel)(text_config()))


def t5(width: int = WIDTH) -> tuple[Any, Any]:
    """A T5 encoder, and its tokenizer: bytes, then the end mark."""
    from transformers import T5Config, T5EncoderModel

    tokenizer = _ending(bytes_tokenizer(["</s>", "<pad>"]), "$A </s>", "</s>")
    config = T5Config(
        vocab_size=len(tokenizer), d_model=width, d_ff=width, d_kv=8, num_layers=1, num_heads=2,
        pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    return stirred(T5EncoderModel(config)), tokenizer


def gemma_tokenizer() -> Any:
    """The start mark, then bytes, as Gemma reads them."""
    return _ending(bytes_tokenizer(["<bos>", "<pad>"]), "<bos> $A", "<bos>")


def glm_tokenizer() -> Any:
    """Two start marks, then bytes; filled up on the left, as GLM is."""
    tokenizer = bytes_tokenizer(["[gMASK]", "<sop>", "<|endoftext|>"])
    tokenizer.padding_side = "left"
    return _ending(tokenizer, "[gMASK] <sop> $A", "[gMASK]", "<sop>")


def qwen_tokenizer() -> Any:
    """Bytes, and Qwen's way to write down who speaks."""
    tokenizer = bytes_tokenizer(["<|im_start|>", "<|im_end|>", "<|endoftext|>"])
    tokenizer.chat_template = (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    return tokenizer


def causal(words: int) -> dict[str, int]:
    """The sizes of a text encoder that was a language model."""
    return {
        "vocab_size": words, "hidden_size": WIDTH, "intermediate_size": WIDTH,
        "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 8,
        "pad_token_id": words - 1, "bos_token_id": 0, "eos_token_id": words - 1,
    }  # fmt: skip


def unet_parts(**conditions: Any) -> dict[str, Any]:
    """The parts of a StableDiffusionPipeline; `conditions` are settings of its U-Net."""
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTokenizer

    with torch.random.fork_rng():
        torch.manual_seed(0)
        return {
            "unet": UNet2DConditionModel(
                **{
                    "sample_size": 16,
                    "in_channels": 4,
                    "out_channels": 4,
                    "layers_per_block": 1,
                    "block_out_channels": (8, 16),
                    "norm_num_groups": 4,
                    "attention_head_dim": 4,
                    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
                    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
                    **conditions,
                }
            ),
            "vae": AutoencoderKL(
                block_out_channels=(8, 8, 8),
                down_block_types=("DownEncoderBlock2D",) * 3,
                up_block_types=("UpDecoderBlock2D",) * 3,
                norm_num_groups=4,
            ),
            "text_encoder": CLIPTextModel(text_config()),
            "tokenizer": CLIPTokenizer.from_pretrained(ATELIER / "pipeline" / "tokenizer"),
            "scheduler": DDIMScheduler(
                beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1,
                clip_sample=False,
            ),
        }  # fmt: skip


def autoencoder(**settings: Any) -> Any:
    """A KL autoencoder of four latent channels that halves each side twice."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        norm_num_groups=4,
        **settings,
    )


def saved(pipe: Any, folder: Path) -> Path:
    pipe.save_pretrained(folder)
    return folder


def _ending(tokenizer: Any, form: str, *marks: str) -> Any:
    """The tokenizer, writing its marks around `$A`, the text."""
    from tokenizers import processors

    ids = [(mark, tokenizer.convert_tokens_to_ids(mark)) for mark in marks]
    template = processors.TemplateProcessing(single=form, special_tokens=ids)
    tokenizer.backend_tokenizer.post_processor = template
    return tokenizer
