"""Train the upscaler: 256 px to 1024 px, a compact ESRGAN (SRVGGNetCompact).

It learns from renders at 1024 px (`data.py --size 1024`) and what becomes of them at 256 px: half
of them as drawn, half through the painter's autoencoder with noise on the latents, since that is
what it gets to see. So it also mends the autoencoder's soft edges.
"""

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderTiny
from safetensors.torch import save_file
from torch import Tensor, nn
from training import DEVICE, RANK, autocast, options, train

SCALE = 4
CROP = 48  # px of the small picture


class Compact(nn.Module):
    """The network of https://github.com/xinntao/Real-ESRGAN, realesrgan/archs/srvgg_arch.py.

    Pictures (N, 3, H, W) in 0..1 to (N, 3, 4 H, 4 W).
    """

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        widths = [3] + [features] * (hidden + 1) + [3 * SCALE**2]
        layers: list[nn.Module] = []
        for i, (into, out) in enumerate(pairwise(widths)):
            layers.append(nn.Conv2d(into, out, 3, padding=1))
            if i <= hidden:
                layers.append(nn.PReLU(out, init=0.2))
        self.body = nn.ModuleList(layers)
        for layer in layers:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, a=0.2)
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]  # they all have one
        # Nearest-neighbour at first: the network learns what is to be added.
        nn.init.zeros_(layers[-1].weight)  # type: ignore[arg-type]  # a convolution

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for layer in self.body:
            y = layer(y)
        return F.pixel_shuffle(y, SCALE) + F.interpolate(x, scale_factor=SCALE, mode="nearest")


@torch.no_grad()
def small(pictures: Tensor, vae: AutoencoderTiny, noise: float) -> Tensor:
    """The 256 px of pictures (N, 3, 1024, 1024) in 0..1 as a painter would leave them."""
    reduced = F.avg_pool2d(pictures, SCALE)
    with autocast():
        latents = vae.encode(reduced * 2 - 1).latents.float()
        painted = vae.decode(latents + noise * torch.randn_like(latents)).sample.float()
    return (painted.clamp(-1, 1) + 1) / 2


def prepared(folder: Path, out: Path, vae: AutoencoderTiny) -> np.ndarray:
    """Small pictures (2, N, 256, 256, 3) uint8: as drawn, and through the autoencoder."""
    path = out / f"small{RANK}.npy"
    if not path.exists():
        out.mkdir(parents=True, exist_ok=True)
        images = np.load(folder / "images.npy", mmap_mode="r")
        drawn, painted = [], []
        for i, image in enumerate(images):
            whole = torch.from_numpy(image.copy()).to(DEVICE).permute(2, 0, 1)[None].float() / 255
            torch.manual_seed(i)
            for into, found in (
                (drawn, F.avg_pool2d(whole, SCALE)),
                (painted, small(whole, vae, 0.1)),
            ):
                into.append((found[0] * 255).round().byte().permute(1, 2, 0).cpu().numpy())
        np.save(path, np.stack([np.stack(drawn), np.stack(painted)]))
    return np.asarray(np.load(path))


def main() -> None:
    parser = options(steps=20_000, batch=16)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--hidden", type=int, default=12)
    o = parser.parse_args()
    torch.manual_seed(o.seed)
    net = Compact(o.features, o.hidden).to(DEVICE, memory_format=torch.channels_last)
    vae = AutoencoderTiny.from_pretrained(o.vae).to(DEVICE)
    large = np.load(o.data / "images.npy", mmap_mode="r")
    smalls = prepared(o.data, o.out, vae)
    kept = len(large) - 8  # the last eight are for measuring

    def tensor(pixels: np.ndarray) -> Tensor:
        found = torch.from_numpy(np.ascontiguousarray(pixels)).to(DEVICE).permute(0, 3, 1, 2)
        return (found.float() / 255).contiguous(memory_format=torch.channels_last)

    def loss(step: int) -> dict[str, Tensor]:
        low, high = [], []
        for _ in range(o.batch):
            kind, i = int(torch.randint(2, ())), int(torch.randint(kept, ()))
            y, x = torch.randint(0, 256 - CROP + 1, (2,)).tolist()
            low.append(smalls[kind, i, y : y + CROP, x : x + CROP])
            y, x, side = y * SCALE, x * SCALE, CROP * SCALE
            high.append(large[i, y : y + side, x : x + side])
        with autocast():
            found = net(tensor(np.stack(low)))
        d = found.float() - tensor(np.stack(high))
        edges = d.diff(dim=-1).abs().mean() + d.diff(dim=-2).abs().mean()
        return {"loss": d.abs().mean() + 0.5 * edges, "mse": d.square().mean()}

    def save() -> None:
        state = {name: value.half().contiguous() for name, value in net.state_dict().items()}
        save_file(state, o.out / "model.safetensors")
        metrics = {}
        truth = tensor(large[kept:])
        for name, kind in (("drawn", 0), ("painted", 1)):
            low = tensor(smalls[kind, kept:])
            with torch.no_grad(), autocast():
                found = torch.cat([net(x).float() for x in low.split(1)])
            bicubic = F.interpolate(low, scale_factor=SCALE, mode="bicubic")
            metrics[name] = {"psnr": psnr(found, truth), "bicubic": psnr(bicubic, truth)}
        (o.out / "metrics.json").write_text(json.dumps(metrics))
        print(metrics, flush=True)

    train(o.out, {"upscaler": net}, loss, steps=o.steps, lr=o.lr, seed=o.seed, weight_decay=0,
          save=save, every=500)


def psnr(found: Tensor, truth: Tensor) -> float:
    """Peak signal to noise ratio in dB of pictures in 0..1."""
    error = (found.clamp(0, 1) - truth).square().mean().item()
    return round(-10 * math.log10(error), 2)


if __name__ == "__main__":
    main()
