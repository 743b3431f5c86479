"""Pictures into latents and back, as SDXL's own classes do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mint.paint.latents import decoded, encoded

if TYPE_CHECKING:
    from torch import Tensor

MEAN, SPREAD = [0.5, -1.0, 0.25, 2.0], [1.5, 0.5, 2.0, 0.75]


@pytest.fixture
def pipe(family: Callable[[str], Path]) -> Iterator[Any]:
    """SDXL, whose latents have a mean and a spread of their own."""
    import torch
    from diffusers import StableDiffusionXLPipeline

    opened = StableDiffusionXLPipeline.from_pretrained(family("sdxl"), local_files_only=True)
    opened.vae.register_to_config(latents_mean=MEAN, latents_std=SPREAD)
    opened.set_progress_bar_config(disable=True)
    with torch.inference_mode():
        yield opened


@pytest.fixture
def picture() -> Tensor:
    import torch

    return torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1


def test_latents_are_decoded_as_the_painter_does(pipe: Any) -> None:
    import torch

    call: dict[str, Any] = {"prompt": "a fox", "num_inference_steps": 1, "width": 64, "height": 64}
    latents, image = (
        pipe(**call, output_type=kind, generator=torch.Generator().manual_seed(3)).images
        for kind in ("latent", "pt")
    )

    assert torch.equal((decoded(pipe, latents) / 2 + 0.5).clamp(0, 1), image)


def test_a_picture_is_encoded_as_what_paints_over_it_does(pipe: Any, picture: Tensor) -> None:
    import torch
    from diffusers import StableDiffusionXLImg2ImgPipeline

    over = StableDiffusionXLImg2ImgPipeline(**pipe.components)
    # A posterior without width, so that what the class draws from it is its mode.
    over.vae.quant_conv.weight[4:] = 0
    over.vae.quant_conv.bias[4:] = -60
    chance, exact = torch.Generator(), torch.float32
    theirs = over.prepare_latents(picture, None, 1, 1, exact, "cpu", chance, add_noise=False)

    assert torch.allclose(encoded(over, picture), theirs, atol=1e-5)


def test_what_overflows_in_float16_is_coded_in_float32(pipe: Any, picture: Tensor) -> None:
    """SDXL's autoencoder does, and says so."""
    import torch

    pipe.vae.encoder.conv_in.weight *= 1e5
    pipe.vae.decoder.conv_in.weight *= 1e5
    latents = encoded(pipe, picture)
    image = decoded(pipe, latents)
    pipe.vae.half()
    rough = encoded(pipe, picture)

    assert (rough.dtype, pipe.vae.dtype) == (torch.float16, torch.float16)
    assert torch.allclose(rough.float(), latents, atol=0.05)
    assert torch.allclose(decoded(pipe, latents), image, atol=0.05)
    pipe.vae.register_to_config(force_upcast=False)
    assert not encoded(pipe, picture).isfinite().all()
