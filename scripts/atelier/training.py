"""The loop all five models are trained by: seeded, checkpointed, resumable, on CPU or GPU.

One process uses one GPU or one CPU thread. Two CPU cores are used best by two processes:
`torchrun --nproc-per-node 2 scripts/atelier/vae.py ...`, whose gradients are averaged every step.

Every step seeds its own random numbers from (seed, step, rank), so a run that was killed and
resumed draws the same batches as one that was not.
"""

import argparse
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from muon import Muon, is_matrix
from PIL import Image, ImageDraw
from torch import Tensor, nn

RANK = int(os.environ.get("RANK", "0"))
WORLD = int(os.environ.get("WORLD_SIZE", "1"))
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def options(steps: int, batch: int) -> argparse.ArgumentParser:
    """The options every model's command has; `steps` and `batch` are its defaults."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True, help="folder made by data.py")
    parser.add_argument("--out", type=Path, required=True, help="checkpoints, log, weights")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--batch", type=int, default=batch, help="samples a step and process")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    return parser


def images(folder: Path) -> Tensor:
    """A data folder's pictures, (N, H, W, 3) uint8: on the GPU, or mapped from the file."""
    mapped = np.load(folder / "images.npy", mmap_mode="c")
    return torch.from_numpy(mapped).to(DEVICE)


def autocast() -> torch.autocast:
    """bfloat16 for matrix work; the weights stay float32.

    Not on a CPU without instructions for it, where a step takes some twenty times as long.
    """
    able = DEVICE.type != "cpu" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.autocast(DEVICE.type, dtype=torch.bfloat16, enabled=able)


def learning_rate(step: int, steps: int, warmup: int = 100, decay: float = 0.3) -> float:
    """Factor of the peak rate: linear warm-up, constant, linear fall over the last `decay`."""
    return min(1.0, (step + 1) / warmup, max(0.01, (steps - step) / (decay * steps)))


def train(
    out: Path,
    models: dict[str, nn.Module],
    loss: Callable[[int], dict[str, Tensor]],
    *,
    steps: int,
    lr: float,
    seed: int = 0,
    weight_decay: float = 0.01,
    betas: tuple[float, float] = (0.9, 0.98),
    ema: float | None = None,
    muon: bool = False,
    save: Callable[[], None],
    every: int = 500,
) -> None:
    """Minimise `loss(step)["loss"]` over the models' parameters, from the last checkpoint on.

    `save` writes the models as they are to be shipped and whatever is worth looking at; it runs
    every `every` steps and at the end, under the averaged weights where `ema` is given. AdamW
    takes the steps; with `muon`, Muon those of the matrices.
    """
    if WORLD > 1 and not dist.is_initialized():
        dist.init_process_group("nccl" if DEVICE.type == "cuda" else "gloo")
    if DEVICE.type == "cpu" and WORLD > 1:
        torch.set_num_threads(1)
    out.mkdir(parents=True, exist_ok=True)
    parameters = [p for m in models.values() for p in m.parameters() if p.requires_grad]
    optimisers: list[torch.optim.Optimizer] = []
    plain = parameters
    if muon:
        named = [pair for m in models.values() for pair in m.named_parameters()]
        matrices = [p for name, p in named if p.requires_grad and is_matrix(name, p)]
        optimisers += [Muon(matrices, lr=lr, weight_decay=weight_decay, rank=RANK, world=WORLD)]
        plain = [p for name, p in named if p.requires_grad and not is_matrix(name, p)]
    optimisers += [
        torch.optim.AdamW(plain, lr=lr, weight_decay=weight_decay, betas=betas, fused=True)
    ]
    averaged = [p.detach().clone() for p in parameters]
    first = resume(out, models, optimisers, averaged)
    started = time.monotonic()
    # Since the last line of the log; kept on the device, since reading a value would wait for it.
    recent: list[dict[str, Tensor]] = []
    for step in range(first, steps):
        torch.manual_seed((seed * 1_000_003 + step) * 64 + RANK)
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = lr * learning_rate(step, steps)
        values = loss(step)
        values["loss"].backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        average(parameters)
        nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad()
        if ema is not None:
            rate = min(ema, (1 + step) / (10 + step))
            torch._foreach_lerp_(averaged, [p.detach() for p in parameters], 1 - rate)
        recent.append({name: value.detach() for name, value in values.items()})
        done = step + 1 == steps
        if (step + 1) % 50 == 0 or done:
            means = {k: torch.stack([one[k] for one in recent]).mean().item() for k in values}
            recent = []
            if RANK == 0:
                report(out, step + 1, time.monotonic() - started, means)
        if (step + 1) % every == 0 or done:
            if RANK == 0:
                checkpoint(out, models, optimisers, averaged, step + 1)
                with swapped(parameters, averaged if ema is not None else None):
                    save()
            if WORLD > 1:
                dist.barrier()


def average(parameters: list[nn.Parameter]) -> None:
    """Average the gradients over the processes."""
    if WORLD == 1:
        return
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([g.reshape(-1) for g in gradients])
    dist.all_reduce(flat)
    flat /= WORLD
    for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))


@contextmanager
def swapped(parameters: list[nn.Parameter], averaged: list[Tensor] | None) -> Iterator[None]:
    """The averaged weights in place of the trained ones, for as long as the block runs."""
    if averaged is None:
        yield
        return
    latest = [p.detach().clone() for p in parameters]
    with torch.no_grad():
        torch._foreach_copy_([p.data for p in parameters], averaged)
        try:
            yield
        finally:
            torch._foreach_copy_([p.data for p in parameters], latest)


def checkpoint(
    out: Path,
    models: dict[str, nn.Module],
    optimisers: list[torch.optim.Optimizer],
    averaged: list[Tensor],
    step: int,
) -> None:
    """Write everything a resumed run needs; never leaves half a file."""
    state = {
        "models": {name: model.state_dict() for name, model in models.items()},
        "optimisers": [optimiser.state_dict() for optimiser in optimisers],
        "averaged": averaged,
        "step": step,
    }
    torch.save(state, out / "checkpoint.tmp")
    os.replace(out / "checkpoint.tmp", out / "checkpoint.pt")


def resume(
    out: Path,
    models: dict[str, nn.Module],
    optimisers: list[torch.optim.Optimizer],
    averaged: list[Tensor],
) -> int:
    """Load the last checkpoint, if there is one; the step to go on with."""
    if not (out / "checkpoint.pt").exists():
        return 0
    state = torch.load(out / "checkpoint.pt", map_location=DEVICE, weights_only=True)
    for name, model in models.items():
        model.load_state_dict(state["models"][name])
    for optimiser, before in zip(optimisers, state["optimisers"], strict=True):
        optimiser.load_state_dict(before)
    for mine, theirs in zip(averaged, state["averaged"], strict=True):
        mine.copy_(theirs)
    return int(state["step"])


def report(out: Path, step: int, seconds: float, values: dict[str, float]) -> None:
    """Add a line to log.jsonl and draw the loss curve anew.

    Lines of steps that a killed run did after its last checkpoint are replaced as they come again.
    """
    line = {"step": step, "seconds": round(seconds, 1)}
    line |= {name: float(f"{value:.5g}") for name, value in values.items()}
    print(line, flush=True)
    log = out / "log.jsonl"
    before = [json.loads(row) for row in log.read_text().splitlines()] if log.exists() else []
    rows = [row for row in before if row["step"] < step] + [line]
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    curve([row["step"] for row in rows], [row["loss"] for row in rows]).save(out / "loss.png")


def curve(steps: list[int], losses: list[float], size: tuple[int, int] = (640, 320)) -> Image.Image:
    """The loss over the steps, logarithmic, as a picture."""
    width, height = size
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    heights = [math.log10(max(loss, 1e-9)) for loss in losses]
    low, high = min(heights), max(heights) + 1e-6
    points = [
        (40 + (width - 50) * s / steps[-1], height - 25 - (height - 40) * (h - low) / (high - low))
        for s, h in zip(steps, heights, strict=True)
    ]
    if len(points) > 1:
        draw.line(points, fill="black", width=2)
    draw.text((2, 5), f"{10**high:.3g}", fill="black")
    draw.text((2, height - 35), f"{10**low:.3g}", fill="black")
    draw.text((width - 60, height - 15), f"{steps[-1]} steps", fill="black")
    return image


def grid(images: Tensor, columns: int) -> Image.Image:
    """Pictures (N, 3, H, W) in [-1, 1] as one sheet, row by row."""
    pixels = ((images.float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu()
    height, width = pixels.shape[1:3]
    sheet = Image.new("RGB", (columns * width, -(-len(pixels) // columns) * height))
    for i, picture in enumerate(pixels):
        place = (i % columns * width, i // columns * height)
        sheet.paste(Image.fromarray(picture.numpy()), place)
    return sheet
