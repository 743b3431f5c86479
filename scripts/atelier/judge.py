"""Train the judge: a small CNN that names the traits of a picture, used only to measure.

One judge for one theme, one head for each of its trait groups. It sees renders of other seeds than
the painter's, degraded the way an autoencoder, a denoiser and a file format degrade a picture, so
that it judges traits and not how crisp they are. It shares no weights, no words and no
architecture with what it measures.

`torchrun --nproc-per-node 2 scripts/atelier/judge.py --data D --held-out H --out O`
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from editions import edition_of, first
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from spoil import saved, tinted, tints
from torch import Tensor, nn
from training import DEVICE, autocast, options, train

SIDE = 128  # a picture is averaged down to this first
WIDTHS = (48, 96, 128)
FEATURES = 192
Groups = dict[str, list[str]]


class Residual(nn.Module):
    """Two 3 x 3 convolutions beside the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.middle = nn.BatchNorm2d(width)
        self.second = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.last = nn.BatchNorm2d(width)
        nn.init.zeros_(self.last.weight)

    def forward(self, x: Tensor) -> Tensor:
        inner = F.relu(self.middle(self.first(x)))
        return F.relu(x + self.last(self.second(inner)))


def down(before: int, after: int, size: int) -> nn.Sequential:
    """Halve the grid (or quarter it, in the stem)."""
    stride = 4 if size == 4 else 2
    return nn.Sequential(
        nn.Conv2d(before, after, size, stride, padding=size % 2, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )


class Judge(nn.Module):
    """Pictures (N, 3, H, W) in [-1, 1] -> logits for every trait group."""

    def __init__(self, groups: Groups) -> None:
        super().__init__()
        self.groups = groups
        one, two, three = WIDTHS
        self.body = nn.Sequential(
            down(3, one, 4), Residual(one), Residual(one),
            down(one, two, 3), Residual(two),
            down(two, three, 3), Residual(three),
            nn.AvgPool2d(2),  # 4 x 4 places are kept: eyes and hats have theirs
            nn.Flatten(),
        )  # fmt: skip
        self.penultimate = nn.Sequential(
            nn.Linear(three * 16, FEATURES, bias=False), nn.BatchNorm1d(FEATURES)
        )
        self.heads = nn.ModuleList(nn.Linear(FEATURES, len(v)) for v in groups.values())

    def features(self, images: Tensor) -> Tensor:
        """What the heads read, before its ReLU: (N, 192), about unit variance in each place."""
        x = F.interpolate(images, (SIDE, SIDE), mode="area") if images.shape[-1] != SIDE else images
        rows: Tensor = self.penultimate(self.body(x.contiguous(memory_format=torch.channels_last)))
        return rows

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        x = F.relu(self.features(images))
        return {group: head(x) for group, head in zip(self.groups, self.heads, strict=True)}

    def labels(self, traits: list[dict[str, str]]) -> dict[str, Tensor]:
        """The right answers, as indices into each group's values."""
        return {
            group: torch.tensor([values.index(said[group]) for said in traits])
            for group, values in self.groups.items()
        }


def judge(folder: Path) -> Judge:
    """The judge in `folder`, ready to be called; its theme is `theme_of(folder)`."""
    model = Judge(json.loads((folder / "judge.json").read_text())["groups"])
    model.load_state_dict(load_file(folder / "judge.safetensors"))
    return model.eval().requires_grad_(False).to(DEVICE)


def theme_of(folder: Path) -> str:
    """The theme whose traits the judge in `folder` knows."""
    return str(json.loads((folder / "judge.json").read_text())["theme"])


def accuracy(logits: dict[str, Tensor], labels: dict[str, Tensor]) -> dict[str, float]:
    """Share of right answers for each group, and their mean."""
    right = {
        group: (scores.argmax(1).cpu() == labels[group]).float().mean().item()
        for group, scores in logits.items()
    }
    return right | {"mean": sum(right.values()) / len(right)}


def to_tensor(pixels: NDArray[np.uint8]) -> Tensor:
    """Pictures (N, H, W, 3) uint8 as (N, 3, H, W) in [-1, 1] on the device."""
    return torch.from_numpy(pixels).to(DEVICE).permute(0, 3, 1, 2).float() / 127.5 - 1


def halved(pixels: NDArray[np.uint8]) -> Tensor:
    """Pictures (N, 256, 256, 3) uint8 as (N, 3, 128, 128) in [-1, 1]: the mean of 2 x 2 pixels."""
    rows = pixels[:, ::2].astype(np.uint16) + pixels[:, 1::2]
    four = torch.from_numpy((rows[:, :, ::2] + rows[:, :, 1::2]).astype(np.int16)).to(DEVICE)
    return four.permute(0, 3, 1, 2).float().contiguous() / 510 - 1


def degraded(pixels: NDArray[np.uint8]) -> Tensor:
    """What a painter might have made of these renders: (N, 3, 128, 128) in [-1, 1]."""
    n = len(pixels)
    for i in torch.nonzero(torch.rand(n) < 0.25).flatten().tolist():
        pixels[i] = saved(pixels[i], "JPEG", int(torch.randint(40, 96, ())))
    x = halved(pixels)

    def uniform(low: float, high: float) -> Tensor:
        return torch.empty(n, 1, 1, 1, device=x.device).uniform_(low, high)

    x = F.grid_sample(x, _places(n).to(x.device), padding_mode="reflection", align_corners=False)
    # Some pass through fewer pixels; all are a little blurred or sharpened.
    side = int(torch.randint(SIDE * 5 // 8, SIDE, ()))
    fewer = F.interpolate(
        F.interpolate(x, (side, side), mode="area"), (SIDE, SIDE), mode="bilinear"
    )
    x = torch.where(uniform(0, 1) < 0.3, fewer, x)
    blurred = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    x = x + uniform(-0.5, 1) * (blurred - x)
    # Hues turned by up to 6 degrees and colours up to 12 % stronger or paler.
    turn, strength = (torch.rand(n) - 0.5) * 0.2, 1 + (torch.rand(n) - 0.5) * 0.24
    x = tinted(x, tints(turn, strength))
    x = x * uniform(0.92, 1.08) + uniform(-0.1, 0.1)
    # Fine noise, and colours that run.
    x = x + uniform(0, 0.12) * torch.randn_like(x)
    coarse = torch.randn(n, 3, 12, 12, device=x.device) * uniform(0, 0.08)
    return (x + F.interpolate(coarse, (SIDE, SIDE), mode="bilinear")).clamp(-1, 1)


def _places(n: int) -> Tensor:
    """Where each pixel is taken from: shifts of 4 %, turns of 3 degrees, 4 % larger or smaller."""
    turn, size = (torch.rand(n) - 0.5) * 0.1, 1 + (torch.rand(n) - 0.5) * 0.08
    cos, sin = turn.cos() * size, turn.sin() * size
    dx, dy = (torch.rand(2, n) - 0.5) * 0.16
    affine = torch.stack([torch.stack([cos, -sin, dx], 1), torch.stack([sin, cos, dy], 1)], 1)
    return F.affine_grid(affine, [n, 3, SIDE, SIDE], align_corners=False)


def main() -> None:
    parser = options(steps=1200, batch=32)
    parser.add_argument("--held-out", type=Path, required=True, help="renders to measure on")
    parser.add_argument("--theme", choices=list(first.THEMES), default="characters")
    parser.set_defaults(lr=2e-3)
    o = parser.parse_args()
    torch.manual_seed(o.seed)
    traits = edition_of(o.data).THEMES[o.theme].TRAITS
    groups: Groups = {group: list(values) for group, values in traits.items()}
    model = Judge(groups).to(DEVICE)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch leaves it out
    images, places, answers = pictures(o.data, o.theme, model)
    held_images, held_places, held_answers = pictures(o.held_out, o.theme, model)

    def loss(step: int) -> dict[str, Tensor]:
        which = torch.randint(len(places), (o.batch,)).sort().values
        x = degraded(images[places[which].numpy()])
        with autocast():
            logits = model(x)
        losses = [
            F.cross_entropy(v.float(), answers[k][which].to(DEVICE)) for k, v in logits.items()
        ]
        right = [(v.argmax(1).cpu() == answers[k][which]).float().mean() for k, v in logits.items()]
        return {"loss": torch.stack(losses).mean(), "accuracy": torch.stack(right).mean()}

    @torch.no_grad()
    def save() -> None:
        model.eval()
        parts: dict[str, list[dict[str, Tensor]]] = {"held_out": [], "held_out_degraded": []}
        for start in range(0, len(held_places), 50):
            pixels = held_images[held_places[start : start + 50].numpy()]
            parts["held_out"].append(model(to_tensor(pixels)))
            parts["held_out_degraded"].append(model(degraded(pixels)))
        model.train()
        scores = {
            name: accuracy({k: torch.cat([p[k] for p in part]) for k in groups}, held_answers)
            for name, part in parts.items()
        }
        save_file(
            {k: v.contiguous() for k, v in model.state_dict().items()}, o.out / "judge.safetensors"
        )
        (o.out / "judge.json").write_text(json.dumps({"theme": o.theme, "groups": groups}))
        (o.out / "metrics.json").write_text(json.dumps(scores, indent=1))
        print({name: round(value["mean"], 4) for name, value in scores.items()}, flush=True)

    train(o.out, {"judge": model}, loss, steps=o.steps, lr=o.lr, seed=o.seed, save=save,
          weight_decay=0.02, betas=(0.9, 0.99), every=400)  # fmt: skip


def pictures(
    folder: Path, theme: str, model: Judge
) -> tuple[NDArray[np.uint8], Tensor, dict[str, Tensor]]:
    """A data folder's pictures, which of them show the theme, and the answers for those."""
    rows = json.loads((folder / "traits.json").read_text())
    places = [i for i, (name, _) in enumerate(rows) if name == theme]
    answers = model.labels([rows[i][1] for i in places])
    return np.load(folder / "images.npy", mmap_mode="r"), torch.tensor(places), answers


if __name__ == "__main__":
    main()
