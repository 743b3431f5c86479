"""painter.json and painter.safetensors: a GAN's generator or a VAE's decoder, whole or refused.

A network that turns a vector of noise and the traits of a prompt into a picture in one pass. Both
kinds are one network and differ in how they learned; docs/generators.md describes the folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from mint.document import Document
from mint.errors import RenderError
from mint.models.convolution import convolved
from mint.models.runtime import import_torch
from mint.models.vocabulary import Theme
from mint.models.weights import GENERATOR, first_line, read_settings, shapes, unreadable
from mint.spec.painting import ImageSettings

if TYPE_CHECKING:
    from torch import Tensor

FILE, WEIGHTS = GENERATOR
LARGEST = 4096  # pixels; the longest side of a picture that collection.yaml may name
FIRST = 4  # pixels of the smallest picture, whose sides each step doubles
SLOPE = 0.2  # of the leaky ReLUs

Width = Annotated[int, Field(ge=1, le=2048)]


class GeneratorConfig(Document):
    """What painter.json says.

    `trunk` and `decoder` are channels, one number for each size of the picture on its way: 4 pixels
    and each time twice as many. Between them the picture has `code` channels, as a latent diffusion
    model's has; without a decoder the trunk itself ends in red, green and blue.
    """

    kind: Literal["gan", "vae"]
    noise: Annotated[int, Field(ge=1, le=4096)]
    """How many normal numbers a picture begins with."""
    trunk: Annotated[tuple[Width, ...], Field(min_length=1, max_length=9)]
    code: Width = 3
    decoder: Annotated[tuple[Width, ...], Field(max_length=9)] = ()
    theme: Theme
    """The words that it reads: group -> value -> phrases; of all other words it takes no notice."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not self.labels:
            raise ValueError("it knows no trait")
        if self.side > LARGEST:
            raise ValueError(f"it paints {self.side} pixels, and {LARGEST} are the most")
        return self

    @property
    def side(self) -> int:
        """Width and height of its pictures in pixels."""
        return int(FIRST * 2 ** (len(self.trunk) - 1 + max(0, len(self.decoder) - 1)))

    @property
    def tflop(self) -> float:
        """TFLOP of one picture's convolutions: two for each weight and place."""
        trunk, last = (self.trunk[0], *self.trunk), FIRST * 2 ** (len(self.trunk) - 1)
        return 2e-12 * (_products(trunk, FIRST) + _products((self.code, *self.decoder), last))

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """Every value with its group, in the order of the condition's numbers."""
        groups = self.theme.phrases.items()
        return tuple((group, value) for group, values in groups for value in values)


def _products(widths: Sequence[int], side: int) -> int:
    """Weights times places, in steps of these channels, the first of `side` pixels."""
    steps = enumerate(pairwise(widths))
    return sum(9 * out * (into + out) * (side * 2**i) ** 2 for i, (into, out) in steps)


def generator_config(folder: Path) -> GeneratorConfig:
    """The folder's painter.json; raises RenderError for one that describes no network."""
    try:
        return read_settings(folder / FILE, GeneratorConfig, _refusal)
    except FileNotFoundError as error:
        raise unreadable(error, folder / FILE) from error


def _refusal(file: Path, reason: str) -> RenderError:
    return RenderError(
        f"{file} describes no painter: {reason}",
        hint="fetch the model again; docs/generators.md says what stands in the file",
    )


def unheard(image: ImageSettings, config: GeneratorConfig) -> Iterator[tuple[str, str, str]]:
    """(key of `image`, what is wrong, what to do) of each setting that would change nothing."""
    name = config.kind.upper()
    for key in ("steps", "guidance_scale", "negative_prompt", "refiners"):
        if key in image.model_fields_set:
            yield key, f"a {name} paints in one pass, and takes no {key}", "leave it out"
    if image.scheduler != "default":
        yield "scheduler", f"a {name} paints in one pass, and takes no scheduler", "leave it out"
    if image.refiners:
        yield "refiners", f"nothing goes on with the pictures of a {name}", "leave them out"
    for key in ("width", "height"):
        if getattr(image, key) != config.side:
            message = f"this {name} paints {config.side} x {config.side} pixels and no other size"
            yield key, message, f"write width: {config.side} and height: {config.side}"


def network(config: GeneratorConfig) -> Any:
    """The untrained network (an nn.ModuleDict) that `picture` evaluates; on torch's own device."""
    from torch import nn

    inputs = config.noise + len(config.labels)

    def convolution(into: int, out: int) -> nn.Module:
        return nn.Conv2d(into, out, 3, padding=1)

    def step(into: int, out: int) -> nn.Module:
        layers = {
            "enter": convolution(into, out),
            "modulate": nn.Linear(inputs, 2 * out),
            "change": convolution(out, out),
        }
        return nn.ModuleDict(layers)

    def enlarging(into: int, out: int) -> nn.Module:
        return nn.ModuleDict({"enter": convolution(into, out), "change": convolution(out, out)})

    trunk, decoder = config.trunk, config.decoder
    first = nn.Linear(inputs, trunk[0] * FIRST**2)
    steps = [step(*pair) for pair in pairwise((trunk[0], *trunk))]
    layers = {"first": first, "trunk": nn.ModuleList(steps)}
    layers["code"] = convolution(trunk[-1], config.code if decoder else 3)
    if decoder:
        larger = [enlarging(*pair) for pair in pairwise((config.code, *decoder))]
        layers |= {"decoder": nn.ModuleList(larger), "last": convolution(decoder[-1], 3)}
    return nn.ModuleDict(layers)


def code(layers: Any, inputs: Tensor) -> Tensor:
    """The trunk's picture (n, channels, side, side) of `inputs` (n, noise + labels).

    Each step adds to its picture what a convolution sees in it, modulated by the inputs (FiLM,
    arXiv 1709.07871) after each place is divided by its root mean square (arXiv 1710.10196).
    """
    from torch.nn import functional

    x = layers["first"](inputs).unflatten(1, (-1, FIRST, FIRST))
    for i, step in enumerate(layers["trunk"]):
        x = convolved(step["enter"], _doubled(x) if i else x)
        scale, shift = step["modulate"](inputs)[:, :, None, None].chunk(2, dim=1)
        active = functional.leaky_relu(_even(x) * (1 + scale) + shift, SLOPE)
        x = x + convolved(step["change"], active)
    return convolved(layers["code"], functional.leaky_relu(_even(x), SLOPE))


def decoded(layers: Any, x: Tensor) -> Tensor:
    """The decoder's picture (n, 3, side, side), 0 to 1, of the trunk's."""
    from torch.nn import functional

    if "decoder" not in layers:
        return x
    for i, step in enumerate(layers["decoder"]):
        x = functional.relu(convolved(step["enter"], _doubled(x) if i else x))
        x = functional.relu(x + convolved(step["change"], x))
    return convolved(layers["last"], x)


def _doubled(x: Tensor) -> Tensor:
    from torch.nn import functional

    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def _even(x: Tensor) -> Tensor:
    return x * (x.square().mean(1, keepdim=True) + 1e-6).rsqrt()


def load_generator(folder: Path, config: GeneratorConfig, dtype: Any) -> Any:
    """The network with its weights, on the CPU; raises RenderError where they do not fit."""
    torch = import_torch()
    from safetensors.torch import load_file

    file = folder / WEIGHTS
    with torch.device("meta"):
        layers = network(config)
    expected = {name: tuple(weight.shape) for name, weight in layers.state_dict().items()}
    _refuse_other(file, shapes(file), expected)
    try:
        weights = {name: _numbers(name, tensor, dtype) for name, tensor in load_file(file).items()}
    except Exception as error:  # loaders raise whatever their parser raises
        raise RenderError(
            f"the model's weights in {file} cannot be loaded: {first_line(error)}",
            hint="fetch the model again; `mint check` names its folder",
        ) from error
    layers.load_state_dict(weights, assign=True)
    return layers.requires_grad_(False).eval()


def _numbers(name: str, tensor: Tensor, dtype: Any) -> Tensor:
    if not tensor.is_floating_point():
        raise ValueError(f"{name} is no floating-point number")
    return tensor.to(dtype)


def _refuse_other(
    file: Path, present: dict[str, tuple[int, ...]], expected: dict[str, tuple[int, ...]]
) -> None:
    for name in sorted(present.keys() | expected.keys()):
        if present.get(name) != expected.get(name):
            raise RenderError(
                f"{file} is not the network that {FILE} describes: {name} is "
                f"{_shape(present.get(name))}, not {_shape(expected.get(name))}",
                hint=f"fetch the model again: {FILE} and {WEIGHTS} belong together",
            )


def _shape(shape: tuple[int, ...] | None) -> str:
    return "absent" if shape is None else "x".join(map(str, shape))
