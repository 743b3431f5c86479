"""Train an upscaler: 256 px or, with `--scale 2`, 512 px to 1024 px: SRVGGNetCompact.

It learns from renders at 1024 px (`data.py --size 1024`) and what becomes of them when they are
small: half of them as drawn, half through the painter's autoencoder with noise on the latents,
since that is what it gets to see. So it also mends the autoencoder's soft edges.
"""

import json
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderTiny
from measures import psnr
from safetensors.torch import save_file
from torch import Tensor, nn
from training import DEVICE, RANK, autocast, images, options, train

CROP = 48  # px of the small picture


class Compact(nn.Module):
    """The network of https://github.com/xinntao/Real-ESRGAN, realesrgan/archs/srvgg_arch.py.

    Not mint.upscale's, which only ever reads one, and whose package a training machine lacks.
    Pictures (N, 3, H, W) in 0..1 to (N, 3, scale H, scale W).
    """

    def __init__(self, features: int, hidden: int, scale: int) -> None:
        super().__init__()
        self.scale = scale
        widths = [3] + [features] * (hidden + 1) + [3 * scale**2]
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
        nearest = F.interpolate(x, scale_factor=self.scale, mode="nearest")
        return F.pixel_shuffle(y, self.scale) + nearest


@torch.no_grad()
def small(pictures: Tensor, scale: int, vae: AutoencoderTiny, noise: float) -> Tensor:
    """Pictures (N, 3, H, W) in 0..1, `scale` times smaller, as a painter would leave them."""
    reduced = F.avg_pool2d(pictures, scale)
    with autocast():
        latents = vae.encode(reduced * 2 - 1).latents.float()
        painted = vae.decode(latents + noise * torch.randn_like(latents)).sample.float()
    return (painted.clamp(-1, 1) + 1) / 2


def prepared(large: Tensor, scale: int, out: Path, vae: AutoencoderTiny) -> Tensor:
    """Small pictures (2, N, h, w, 3) uint8: as drawn, and through the autoencoder."""
    path = out / f"small-{RANK}.pt"
    if not path.exists():
        out.mkdir(parents=True, exist_ok=True)
        both: tuple[list[Tensor], list[Tensor]] = ([], [])
        for i, image in enumerate(large):
            whole = planes(image[None])
            torch.manual_seed(i)
            both[0].append(F.avg_pool2d(whole, scale))
            both[1].append(small(whole, scale, vae, 0.1))
        pairs = torch.stack([(torch.cat(part) * 255).round().byte() for part in both])
        torch.save(pairs.permute(0, 1, 3, 4, 2).contiguous().cpu(), path)
    smalls: Tensor = torch.load(path, map_location=DEVICE, weights_only=True)
    return smalls


def planes(pixels: Tensor) -> Tensor:
    """Pictures (N, H, W, 3) uint8 as (N, 3, H, W) in 0..1."""
    moved = pixels.to(DEVICE).permute(0, 3, 1, 2).float() / 255
    return moved.contiguous(memory_format=torch.channels_last)


def main() -> None:
    parser = options(steps=20_000, batch=16)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--hidden", type=int, default=12)
    parser.add_argument("--scale", type=int, default=4)
    o = parser.parse_args()
    torch.manual_seed(o.seed)
    scale: int = o.scale
    net = Compact(o.features, o.hidden, scale).to(DEVICE, memory_format=torch.channels_last)
    vae = AutoencoderTiny.from_pretrained(o.vae).to(DEVICE)
    large = images(o.data)
    smalls = prepared(large, scale, o.out, vae)
    learned = len(large) - 8  # the last eight are for measuring

    def pair() -> tuple[Tensor, Tensor]:
        """One crop, small and large; one in four at half the size, where lines are thinner."""
        kind, i = int(torch.randint(2, ())), int(torch.randint(learned, ()))
        halved = int(torch.randint(4, ())) == 0
        side = CROP * 2 if halved else CROP
        y, x = torch.randint(0, smalls.shape[2] - side + 1, (2,)).tolist()
        low = planes(smalls[kind, i : i + 1, y : y + side, x : x + side])
        y, x, side = y * scale, x * scale, side * scale
        high = planes(large[i : i + 1, y : y + side, x : x + side])
        return (F.avg_pool2d(low, 2), F.avg_pool2d(high, 2)) if halved else (low, high)

    def loss(step: int) -> dict[str, Tensor]:
        low, high = (
            torch.cat(part) for part in zip(*(pair() for _ in range(o.batch)), strict=True)
        )
        with autocast():
            enlarged = net(low.contiguous(memory_format=torch.channels_last))
        d = enlarged.float() - high
        edges = d.diff(dim=-1).abs().mean() + d.diff(dim=-2).abs().mean()
        return {"loss": d.abs().mean() + 0.5 * edges, "mse": d.square().mean()}

    def save() -> None:
        state = {name: value.half().contiguous() for name, value in net.state_dict().items()}
        save_file(state, o.out / "model.safetensors")
        metrics = {}
        truth = planes(large[learned:])
        for name, inputs in zip(("drawn", "painted"), smalls, strict=True):
            low = planes(inputs[learned:])
            with torch.no_grad(), autocast():
                enlarged = torch.cat([net(x).float() for x in low.split(1)])
            bicubic = F.interpolate(low, scale_factor=scale, mode="bicubic")
            metrics[name] = {
                kind: round(psnr((one.clamp(0, 1) - truth).square().mean().item()), 2)
                for kind, one in (("psnr", enlarged), ("bicubic", bicubic))
            }
        (o.out / "metrics.json").write_text(json.dumps(metrics))
        print(metrics, flush=True)

    train(
        o.out,
        {"upscaler": net},
        loss,
        steps=o.steps,
        lr=o.lr,
        seed=o.seed,
        weight_decay=0,
        save=save,
        every=500,
    )


if __name__ == "__main__":
    main()
