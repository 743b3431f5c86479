"""What the training of the GAN and the VAE shares: their network, its conditions, its folder."""

import json
from pathlib import Path
from random import Random

import characters
import torch
from art import held_out, sample
from diffusers import AutoencoderTiny
from diffusion import latents_of
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from training import DEVICE, RANK, WORLD, grid
from vocabulary import SIZE, described, vocabulary

from mint.models.generator import FILE, WEIGHTS, GeneratorConfig, code, decoded, network

PIPELINE = Path(__file__).parents[2] / "mint" / "atelier" / "pipeline"
THEME = "characters"
NOISE = 32
TRUNK = (104, 96, 96, 64)
CHANNELS = 8  # of atelier's autoencoder
DECODER = (64, 40, 24, 16)


def painter(kind: str) -> GeneratorConfig:
    """What painter.json is to say."""
    settings = {
        "kind": kind,
        "noise": NOISE,
        "trunk": TRUNK,
        "code": CHANNELS,
        "decoder": DECODER,
        "theme": described(characters) | {"prompt": None},  # which paints nothing
    }
    return GeneratorConfig.parse(json.dumps(settings).encode())


def blank() -> nn.ModuleDict:
    """The untrained network; each step of its trunk changes little at first."""
    layers = network(painter("vae"))
    for step in layers["trunk"]:
        nn.init.normal_(step["modulate"].weight, std=0.05)
        with torch.no_grad():
            step["change"].weight.mul_(0.5)
    return layers.to(DEVICE, memory_format=torch.channels_last)


def trunk_of(layers: nn.ModuleDict) -> nn.ModuleDict:
    """The part that the GAN and the VAE learn."""
    return nn.ModuleDict({name: layers[name] for name in ("first", "trunk", "code")})


def decoder_of(layers: nn.ModuleDict) -> nn.ModuleDict:
    """The part that turns latents into pixels, which light_decoder.py learns for both."""
    return nn.ModuleDict({name: layers[name] for name in ("decoder", "last")})


def latents(folder: Path, out: Path) -> Tensor:
    """Latents (N, 8, 32, 32) of this process's share of a data folder, by atelier's autoencoder."""
    vae = AutoencoderTiny.from_pretrained(PIPELINE / "vae").requires_grad_(False)
    vae.to(DEVICE, memory_format=torch.channels_last)
    return latents_of(folder, out, vae)


class Pictures:
    """This process's share of a data folder's characters: latents, traits, and these as numbers."""

    def __init__(self, folder: Path, out: Path) -> None:
        pictures = json.loads((folder / "traits.json").read_text())[RANK::WORLD]
        rows = [i for i, (theme, _) in enumerate(pictures) if theme == THEME]
        self.latents = latents(folder, out)[rows]
        self.traits = [pictures[i][1] for i in rows]
        self.conditions = conditions(self.traits).to(DEVICE)


def conditions(traits: list[dict[str, str]]) -> Tensor:
    """Traits -> (n, labels), a one for each value."""
    labels = painter("vae").labels
    return torch.tensor([[float(had[group] == value) for group, value in labels] for had in traits])


def unseen(count: int) -> list[dict[str, str]]:
    """Combinations of traits that no model has learned, the same ones in each call."""
    random, chosen = Random("samples"), []
    while len(chosen) < count:
        traits = sample(THEME, random)
        if held_out(THEME, traits):
            chosen.append(traits)
    return chosen


@torch.no_grad()
def show(file: Path, layers: nn.ModuleDict) -> None:
    """A sheet of 24 pictures of unseen traits, then 8 of the same traits with other noise."""
    traits = unseen(25)
    wanted = conditions([*traits[:24], *traits[24:] * 8]).to(DEVICE)
    noise = torch.randn(32, NOISE, generator=torch.Generator().manual_seed(1)).to(DEVICE)
    pictures = decoded(layers, code(layers, torch.cat([noise, wanted], 1)))
    grid(pictures * 2 - 1, 8).save(file)


def save_painter(folder: Path, kind: str, layers: nn.ModuleDict) -> None:
    """Write the model's folder: fp16 weights, painter.json, and the words for `mint check`."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: weight.half().contiguous() for name, weight in layers.state_dict().items()}
    save_file(halves, folder / WEIGHTS)
    text = json.dumps(painter(kind).model_dump(mode="json"), indent=1)
    (folder / FILE).write_text(text + "\n")
    words = vocabulary()
    words |= {"sizes": [[SIZE, SIZE]], "themes": {THEME: words["themes"][THEME]}}
    (folder / "vocabulary.json").write_text(json.dumps(words, indent=1) + "\n")


def save_part(file: Path, part: nn.ModuleDict) -> None:
    """Write the trained weights of a part of the network."""
    save_file({name: weight.contiguous() for name, weight in part.state_dict().items()}, file)


def load_part(file: Path, part: nn.ModuleDict) -> None:
    """The trained weights in `file` for a part of the network."""
    part.load_state_dict(load_file(file, device=str(DEVICE)))
