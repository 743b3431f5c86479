"""Diffusers folders of a few thousand random weights, one for each family of painters.

What a family computes is its own; only its sizes are tiny. A folder takes 0.1 to 1 s.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.families.flows import cogview4, flux, qwen_image, sana, sd3, z_image
from tests.families.stages import deepfloyd, deepfloyd_upscale, kandinsky, stable_cascade
from tests.families.unets import (
    lcm,
    pixart,
    sd_upscale,
    sdxl_refiner,
    stable_diffusion,
    stable_diffusion_xl,
    turbo,
)

# Each writes a folder that AutoPipelineForText2Image opens.
FAMILIES: dict[str, Callable[[Path], Path]] = {
    "sd": stable_diffusion,
    "sdxl": stable_diffusion_xl,
    "lcm": lcm,
    "turbo": turbo,
    "pixart": pixart,
    "sd3": sd3,
    "flux": flux,
    "sana": sana,
    "z-image": z_image,
    "qwen-image": qwen_image,
    "cogview4": cogview4,
    "kandinsky": kandinsky,
    "cascade": stable_cascade,
    "deepfloyd": deepfloyd,
}
# And each of these a folder whose pipeline goes on with a picture.
REFINERS: dict[str, Callable[[Path], Path]] = {
    "deepfloyd-upscale": deepfloyd_upscale,
    "sd-upscale": sd_upscale,
    "sdxl-refiner": sdxl_refiner,
}


def settings(name: str) -> dict[str, Any]:
    """What collection.yaml says to a family besides its model, where it cannot be anything."""
    side = 128 if name == "cascade" else 64
    size = {"width": side, "height": side}
    return size | ({"steps": 1, "guidance_scale": 0} if name == "turbo" else {})
