"""Train the GAN's generator, from the VAE's decoder on: sharper pictures of fewer kinds.

A conditional GAN (Goodfellow et al. 2014, arXiv 1406.2661) over atelier's latents. Hinge loss with
a projection discriminator (Miyato & Koyama 2018, arXiv 1802.05637) that also names the traits
(AC-GAN, arXiv 1610.09585), so that a mouth of a few places counts as much as a background. In place
of R1's second derivatives their estimate by differences (APT, arXiv 2501.08316). At first the judge
learns alone: one that cannot name a trait yet leads the generator from faces to noise, or, where an
anchor holds it at the VAE's picture for the same numbers, nowhere within 400 steps. Then both
players take each step at once. What is written is the average of the generator's weights.
"""

from copy import deepcopy
from pathlib import Path

import torch
import torch.nn.functional as F
from characters import TRAITS
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
from torch.func import functional_call
from training import DEVICE, autocast, options, train

from mint.models.generator import code

SIGMA = 0.1  # of the noise by which R1 is estimated


class Discriminator(nn.Module):
    """Latents (n, 8, 32, 32) and traits (n, labels) -> how real (n,), and the traits' logits."""

    def __init__(self, labels: int, widths: tuple[int, ...] = (64, 96, 128, 160)) -> None:
        super().__init__()
        one, two, three, four = widths
        act = nn.LeakyReLU(0.2)
        self.body = nn.Sequential(
            nn.Conv2d(CHANNELS, one, 3, padding=1), act,
            nn.Conv2d(one, two, 4, 2, 1), act, nn.Conv2d(two, two, 3, padding=1), act,
            nn.Conv2d(two, three, 4, 2, 1), act, nn.Conv2d(three, three, 3, padding=1), act,
            nn.Conv2d(three, four, 4, 2, 1), act, nn.Flatten(), nn.Linear(four * 16, 256), act,
        )  # fmt: skip
        self.real = nn.Linear(256, 1)
        self.fitting = nn.Linear(labels, 256, bias=False)
        self.naming = nn.Linear(256, labels)

    def forward(self, latents: Tensor, traits: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.body(latents.contiguous(memory_format=torch.channels_last))
        fit = (seen * self.fitting(traits)).sum(1) / seen.shape[1] ** 0.5
        return (self.real(seen)[:, 0] + fit).float(), self.naming(seen).float()


def misnamed(logits: Tensor, traits: Tensor) -> Tensor:
    """Cross entropy of every group's value, the mean over the groups."""
    sizes = [len(values) for values in TRAITS.values()]
    groups = zip(logits.split(sizes, 1), traits.split(sizes, 1), strict=True)
    return torch.stack([F.cross_entropy(said, truth) for said, truth in groups]).mean()


def main() -> None:
    parser = options(steps=1200, batch=32)
    parser.set_defaults(lr=5e-4)
    parser.add_argument("--decoder", type=Path, required=True, help="file made by light_decoder.py")
    parser.add_argument("--trunk", type=Path, help="file made by vae_painter.py, to begin with")
    parser.add_argument("--naming", type=float, default=1.0, help="weight of the traits")
    parser.add_argument("--anchor", type=float, default=4.0, help="weight of the VAE's picture")
    parser.add_argument("--learn", type=int, default=800, help="steps of the judge alone")
    parser.add_argument("--smooth", type=float, default=10.0, help="weight of R1's estimate")
    o = parser.parse_args()
    torch.manual_seed(o.seed)
    pictures, layers = Pictures(o.data, o.out.parent), blank()
    load_part(o.decoder, decoder_of(layers))
    generator = trunk_of(layers)
    if o.trunk:
        load_part(o.trunk, generator)
    anchor = deepcopy(generator).requires_grad_(False)
    labels = pictures.conditions.shape[1]
    judge = Discriminator(labels).to(DEVICE, memory_format=torch.channels_last)

    def loss(step: int) -> dict[str, Tensor]:
        which = torch.randint(len(pictures.latents), (o.batch,))
        real, traits = pictures.latents[which], pictures.conditions[which]
        wanted = pictures.conditions[torch.randint(len(pictures.latents), (o.batch,))]
        noise = torch.randn(o.batch, NOISE, device=DEVICE)
        with autocast():
            inputs = torch.cat([noise, wanted], 1)
            with torch.set_grad_enabled(step > o.learn):
                paintings = code(generator, inputs).float()
            strayed = (paintings - code(anchor, inputs).float()).abs().mean()
            every = torch.cat([real, paintings.detach()])
            near = every + SIGMA * torch.randn_like(every)
            both = torch.cat([traits, wanted])
            scores, names = judge(torch.cat([every, near]), torch.cat([both, both]))
            # The judge as it stands: the generator's loss must not teach it.
            still = {name: weight.detach() for name, weight in judge.named_parameters()}
            fooled, seen = functional_call(judge, still, (paintings, wanted))
        true, false, *_ = scores.split(o.batch)
        hinge = F.relu(1 - true).mean() + F.relu(1 + false).mean()
        smooth = (scores[: 2 * o.batch] - scores[2 * o.batch :]).square().mean()
        named, misses = misnamed(names[: o.batch], traits), misnamed(seen, wanted)
        judging = hinge + o.smooth * smooth + named
        # A judge that cannot name a trait yet would lead the generator from faces to noise.
        weight = min(1.0, max(0.0, step / o.learn - 1))
        painting = weight * (o.naming * misses - fooled.mean()) + o.anchor * strayed
        return {
            "loss": judging + painting,
            "hinge": hinge,
            "smooth": smooth,
            "strayed": strayed,
            "gap": true.mean() - false.mean(),
            "named": named,
            "misses": misses,
        }

    def save() -> None:
        save_part(o.out / "trunk.safetensors", generator)
        save_painter(o.out / "painter", "gan", layers)
        show(o.out / "samples.png", layers)

    train(
        o.out,
        {"trunk": generator, "discriminator": judge},
        loss,
        steps=o.steps,
        lr=o.lr,
        seed=o.seed,
        weight_decay=0.0,
        betas=(0.0, 0.99),
        ema=0.99,
        every=100,  # it is soon at its best; see README.md
        save=save,
    )


if __name__ == "__main__":
    main()
