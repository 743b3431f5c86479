"""Prompts are encoded once each, negative ones too, and stay what the pipeline makes of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mint.models.families import class_name, family_of
from mint.models.painter import load_pipeline
from mint.models.runtime import import_torch
from mint.models.weights import Model
from mint.paint.words import encoder
from mint.plan.recipe import Diffusion
from tests.families import settings

FIRST, SECOND, NEGATIVE = ["a cat"], ["a very long text about a blue fox"], ["dim, old"]


@pytest.mark.parametrize(
    "name", ["sd", "sdxl", "sd3", "pixart", "sana", "z-image", "qwen-image", "deepfloyd"]
)
def test_a_negative_prompt_is_encoded_once(name: str, family: Callable[[str], Path]) -> None:
    torch, folder = import_torch(), family(name)
    plain = {"steps": 2, "guidance_scale": 3, "scheduler": "default", "dtype": "float32"}
    diffusion = Diffusion.model_validate(plain | settings(name) | {"model": "./it"})
    pipe = load_pipeline(Model(folder, ""), diffusion)
    calls: list[Any] = []
    for part, module in pipe.components.items():
        if part.startswith("text_encoder") and module is not None:
            module.register_forward_pre_hook(lambda *call: calls.append(call))

    kind = family_of(class_name(folder))
    encode = encoder(pipe, kind, guided=True)
    with torch.inference_mode():
        encode(FIRST, NEGATIVE)
        before = len(calls)
        encoded = encode(SECOND, NEGATIVE)
        again = len(calls) - before
        expected = encoder(pipe, kind, guided=True)(SECOND, NEGATIVE)

    assert len(calls) == 2 * before + again
    if name != "z-image":  # its prompts keep their lengths
        assert 2 * again == before
    assert encoded.keys() == expected.keys()
    torch.testing.assert_close(encoded, expected, rtol=0, atol=0)
