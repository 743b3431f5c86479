"""Recipes -> pixels, by a generator in one pass: a GAN's, or a VAE's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mint.errors import RenderError
from mint.models.condition import condition
from mint.models.generator import GeneratorConfig, code, decoded, generator_config, load_generator
from mint.models.runtime import device_of, import_torch, set_deterministic, set_threads
from mint.models.weights import Model
from mint.paint.pixels import refused, to_uint8
from mint.plan.recipe import Diffusion, Recipe, Runtime

if TYPE_CHECKING:
    from torch import Tensor

    from mint.paint.pixels import Renderer
    from mint.paint.png import Pixels
    from mint.paint.sources import Sources


def one_pass_renderer(
    model: Model, diffusion: Diffusion, runtime: Runtime, sources: Sources
) -> Renderer:
    """The generator of `model`, as a function from a batch to pictures.

    It begins with no picture, and so takes none from `sources`. Raises RenderError when the folder
    cannot be loaded, or paints another size.
    """
    torch = import_torch()
    set_deterministic(torch, runtime.threads)
    config = generator_config(model.path)
    refuse_other_size(model.path, config, diffusion.width, diffusion.height)
    device, dtype = device_of(runtime), getattr(torch, diffusion.dtype)
    layers = load_generator(model.path, config, dtype)
    layers.to(device, memory_format=torch.channels_last)

    def paint(batch: Sequence[Recipe]) -> list[Pixels]:
        set_threads(torch, runtime.threads)  # an upscaler may have set its own since
        if any(recipe.alone for recipe in batch):
            raise RenderError(
                f"the model in {model.path} paints in one pass, and cannot begin with others",
                hint="name a diffusion model under image.model, such as atelier",
            )
        rows = torch.stack([inputs(config, recipe, dtype) for recipe in batch])
        with refused(torch, diffusion, len(batch)), torch.inference_mode():
            return to_uint8(torch, decoded(layers, code(layers, rows.to(device))), diffusion)

    return paint


def inputs(config: GeneratorConfig, recipe: Recipe, dtype: Any) -> Tensor:
    """The network's inputs (noise + labels) of one recipe, drawn by its own CPU generator.

    Of a group of which the prompt says nothing the seed chooses a value. Each group takes one
    number from the generator, whether said or not, so that words change no other group's value.
    """
    import torch

    generator = torch.Generator("cpu").manual_seed(recipe.seed)
    # Below float32 the numbers are those of float32, rounded.
    exact = torch.float64 if dtype == torch.float64 else torch.float32
    noise = torch.randn(config.noise, generator=generator, dtype=exact)
    meaning, ones = condition(config.theme, recipe.prompt), set()
    for group, values in config.theme.phrases.items():
        chance = int(torch.randint(len(values), (1,), generator=generator))
        ones.add((group, meaning[group] or list(values)[chance]))
    traits = torch.tensor([float(label in ones) for label in config.labels], dtype=exact)
    return torch.cat([noise, traits]).to(dtype)


def refuse_other_size(folder: Path, config: GeneratorConfig, width: int, height: int) -> None:
    """Raise RenderError unless pictures of this size, in pixels, are what the painter paints."""
    if (width, height) != (config.side, config.side):
        raise RenderError(
            f"the model in {folder} paints {config.side} x {config.side} pixels and no other "
            f"size, not {width} x {height}",
            hint=f"write image.width: {config.side} and image.height: {config.side}",
        )
