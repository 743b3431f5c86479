"""Models of a few thousand random weights, in the folders that their libraries save."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from mint.models.vocabulary import Theme
from mint.spec.collection import ATELIER
from tests.families.parts import bytes_tokenizer, text_config


def clip(folder: Path, *, words: bool = True, shards: bool = False) -> Path:
    """A CLIPModel of 16 dimensions and a window of 77, as the hub has them; `words` its tokenizer.

    With `shards` its weights lie in several files.
    """
    import torch
    from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

    text = text_config().to_dict() | {"max_position_embeddings": 77}
    vision = {
        "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2,
        "num_attention_heads": 2, "image_size": 32, "patch_size": 8, "projection_dim": 16,
    }  # fmt: skip
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=16)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = CLIPModel(config)
    model.save_pretrained(folder, max_shard_size="20KB" if shards else "1GB")
    if words:
        CLIPTokenizer.from_pretrained(ATELIER / "pipeline" / "tokenizer").save_pretrained(folder)
    return folder


def compact_esrgan(
    file: Path, *, features: int = 8, hidden: int = 3, scale: int = 4, blank: bool = False
) -> Path:
    """A compact ESRGAN of random weights; `blank` adds nothing to the nearest pixel's colour."""
    import torch
    from safetensors.torch import save_file

    from mint.models.upscaler import Compact

    chance = torch.Generator().manual_seed(features * hidden * scale)
    tensors = {}
    for name, shape in Compact(features, hidden, scale).shapes().items():
        last = name.startswith(f"body.{2 * hidden + 2}.")
        spread = 0.1 if len(shape) == 1 else (2 / math.prod(shape[1:])) ** 0.5
        values = torch.randn(shape, generator=chance) * (0 if last and blank else spread)
        tensors[name] = values.half().contiguous()
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, file)
    return file


def classifier(
    folder: Path, labels: Sequence[str], *, kind: Literal["vit", "resnet"] = "vit", side: int = 32
) -> Path:
    """An image-classification model of random weights for pictures of `side` pixels."""
    import torch
    import transformers

    names = dict(enumerate(labels))
    configs: dict[str, Any] = {
        "vit": lambda: transformers.ViTConfig(
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            image_size=side,
            patch_size=8,
            id2label=names,
        ),
        "resnet": lambda: transformers.ResNetConfig(
            embedding_size=8,
            hidden_sizes=[8, 8],
            depths=[1, 1],
            layer_type="basic",
            id2label=names,
        ),
    }
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = transformers.AutoModelForImageClassification.from_config(configs[kind]())
    model.save_pretrained(folder)
    size = {"height": side, "width": side}
    transformers.ViTImageProcessorPil(size=size).save_pretrained(folder)
    return folder


def dinov2(folder: Path) -> Path:
    """A Dinov2Model of random weights for pictures of 32 pixels, as the hub has it."""
    import torch
    import transformers

    config = transformers.Dinov2Config(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, mlp_ratio=2,
        image_size=32, patch_size=8,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = transformers.Dinov2Model(config)
    # Of weights that are almost zero every picture would look the same.
    for weights in model.parameters():
        weights.data.mul_(4)
    model.save_pretrained(folder)
    transformers.BitImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    ).save_pretrained(folder)
    return folder


def image_text(folder: Path) -> Path:
    """A SmolVLM of random weights, as the hub has it; its tokens are bytes and its marks.

    A picture of 32 pixels is four tokens.
    """
    import torch
    import transformers

    marks = ["<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>"]
    tokenizer = bytes_tokenizer([*marks, "<|im_start|>", "<pad>"])
    tokenizer.chat_template = (
        "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}:"
        "{% for line in message['content'] %}{% if line['type'] == 'text' %}{{ line['text'] }}"
        "{% else %}<image>{% endif %}{% endfor %}<end_of_utterance>\n{% endfor %}"
        "{% if add_generation_prompt %}Assistant:{% endif %}"
    )
    config = transformers.SmolVLMConfig(
        vision_config={
            "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1,
            "num_attention_heads": 2, "image_size": 32, "patch_size": 8,
        },
        text_config={
            "model_type": "llama", "hidden_size": 16, "intermediate_size": 16,
            "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2,
            "vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id,
        },
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = transformers.SmolVLMForConditionalGeneration(config)
    # Of weights that are almost zero every answer would be as likely.
    for weights in model.parameters():
        weights.data.mul_(4)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    edges = {"size": {"longest_edge": 64}, "max_image_size": {"longest_edge": 32}}
    transformers.SmolVLMImageProcessorPil(**edges).save_pretrained(folder)
    # Written by hand: to make the processor takes packages that nothing here needs.
    settings = {"processor_class": "SmolVLMProcessor", "image_seq_len": 4}
    (folder / "processor_config.json").write_text(json.dumps(settings))
    return folder


def generator(folder: Path, kind: Literal["gan", "vae"] = "gan", *, decoder: bool = True) -> Path:
    """A GAN's or VAE's painter of 64 pixels that knows what collections/tiny says."""
    import torch
    from safetensors.torch import save_file

    from mint.models.generator import FILE, WEIGHTS, GeneratorConfig, network

    phrases: dict[str, dict[str, tuple[str, ...]]] = {
        "species": {name: (name,) for name in ("fox", "cat", "bear", "robot")},
        "body": {name: (name,) for name in ("orange", "blue", "white")},
        "headwear": {"none": ("no hat",), "crown": ("crown",), "cap": ("cap", "red cap")},
        "eyes": {"round": ("round eyes",), "sleepy": ("sleepy eyes",)},
    }
    config = GeneratorConfig(
        kind=kind,
        noise=4,
        trunk=(8, 8) if decoder else (8,) * 5,
        code=4 if decoder else 3,
        decoder=(8, 8, 4, 4) if decoder else (),
        theme=Theme(phrases=phrases, clauses=(("body", "species"),)),
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        weights = network(config).state_dict()
    # Small weights would paint grey: the last layer spreads the colours.
    last = [name for name in weights if name.endswith("weight")][-1]
    weights[last] = weights[last] * 8
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {name: weight.half().contiguous() for name, weight in weights.items()}, folder / WEIGHTS
    )
    (folder / FILE).write_bytes(config.canonical())
    return folder
