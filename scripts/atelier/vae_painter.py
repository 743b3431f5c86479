"""Train the VAE whose decoder paints: traits and 32 normal numbers to a picture in one pass.

A conditional variational autoencoder (Kingma & Welling 2014, arXiv 1312.6114; Sohn et al. 2015)
over atelier's latents. The traits are given, so the normal numbers have but to say what is left:
where the head stands, how it tilts, where the stripes begin. What they do not say is averaged,
which is why a VAE's pictures are soft. Free bits (arXiv 1606.04934) keep each number in use.
"""

from pathlib import Path

import torch
from diffusion import telling
from one_pass import (
    CHANNELS,
    NOISE,
    Pictures,
    blank,
    decoder_of,
    load_part,
    save_painter,
    save_part,
    show,
    trunk_of,
)
from torch import Tensor, nn
from training import DEVICE, autocast, options, train

from mint.models.generator import code

FREE = 0.1  # nats of each number that cost nothing


class Encoder(nn.Module):
    """Latents (n, 8, 32, 32) and traits -> mean and log variance of the normal numbers."""

    def __init__(self, labels: int, widths: tuple[int, ...] = (48, 80, 112, 144)) -> None:
        super().__init__()
        one, two, three, four = widths
        self.body = nn.Sequential(
            nn.Conv2d(CHANNELS, one, 3, padding=1), nn.SiLU(),
            nn.Conv2d(one, two, 4, 2, 1), nn.SiLU(), nn.Conv2d(two, two, 3, padding=1), nn.SiLU(),
            nn.Conv2d(two, three, 4, 2, 1), nn.SiLU(),
            nn.Conv2d(three, four, 4, 2, 1), nn.SiLU(), nn.Flatten(),
        )  # fmt: skip
        self.head = nn.Sequential(
            nn.Linear(four * 16 + labels, 256), nn.SiLU(), nn.Linear(256, 2 * NOISE)
        )

    def forward(self, latents: Tensor, traits: Tensor) -> tuple[Tensor, Tensor]:
        mean, spread = self.head(torch.cat([self.body(latents), traits], 1)).chunk(2, 1)
        return mean, spread.clamp(-8, 4)


def main() -> None:
    parser = options(steps=4000, batch=64)
    parser.add_argument("--decoder", type=Path, required=True, help="file made by light_decoder.py")
    parser.add_argument("--beta", type=float, default=0.02, help="weight of the divergence")
    o = parser.parse_args()
    torch.manual_seed(o.seed)
    pictures, layers = Pictures(o.data, o.out.parent), blank()
    load_part(o.decoder, decoder_of(layers))
    learning = trunk_of(layers)
    encoder = Encoder(pictures.conditions.shape[1]).to(DEVICE, memory_format=torch.channels_last)
    places = telling(pictures.latents, pictures.traits)

    def loss(step: int) -> dict[str, Tensor]:
        which = torch.randint(len(pictures.latents), (o.batch,))
        x, traits = pictures.latents[which], pictures.conditions[which]
        with autocast():
            mean, spread = encoder(x.contiguous(memory_format=torch.channels_last), traits)
            mean, spread = mean.float(), spread.float()
            z = mean + (spread / 2).exp() * torch.randn_like(mean)
            again = code(learning, torch.cat([z, traits], 1)).float()
        off = (places * (again - x).abs()).mean()
        nats = 0.5 * (mean.square() + spread.exp() - 1 - spread).mean(0)
        cost = nats.clamp(min=FREE).sum() / x[0].numel() ** 0.5
        return {"loss": off + o.beta * cost, "l1": off, "nats": nats.sum()}

    def save() -> None:
        save_part(o.out / "trunk.safetensors", learning)
        save_painter(o.out / "painter", "vae", layers)
        show(o.out / "samples.png", layers)

    models: dict[str, nn.Module] = {"trunk": learning, "encoder": encoder}
    train(o.out, models, loss, steps=o.steps, lr=o.lr, seed=o.seed, ema=0.998, save=save)


if __name__ == "__main__":
    main()
