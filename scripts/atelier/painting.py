"""Paint for a measurement, and remember it: a killed evaluation goes on where it was."""

import hashlib
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor
from training import DEVICE
from transformers import CLIPModel, CLIPTokenizer

BATCH = 8
PART = 64  # pictures painted between two saves
SIDE = 256
Pixels = NDArray[np.uint8]
Job = tuple[str, int]  # a prompt and its seed


@dataclass
class Painter:
    """A pipeline, and the digest of all its files."""

    pipe: Any
    digest: str
    side: int


def load(folder: Path, dtype: str) -> Painter:
    """The pipeline in `folder` with the scheduler that the product calls dpm++."""
    pipe = StableDiffusionPipeline.from_pretrained(
        str(folder), dtype=getattr(torch, dtype), local_files_only=True
    ).to(DEVICE)
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler = DPMSolverMultistepScheduler.from_config(pipe.scheduler.config)
    digest = hashlib.sha256(dtype.encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    side = pipe.unet.config.sample_size * pipe.vae_scale_factor
    return Painter(pipe, digest.hexdigest()[:16], side)


def batch(painter: Painter, jobs: Sequence[Job], steps: int, guidance: float) -> Pixels:
    """Paint up to a batch; each picture's noise comes from its own CPU generator."""
    with torch.inference_mode():
        images = painter.pipe(
            [prompt for prompt, _ in jobs],
            num_inference_steps=steps,
            guidance_scale=guidance,
            width=painter.side,
            height=painter.side,
            generator=[torch.Generator("cpu").manual_seed(seed) for _, seed in jobs],
            output_type="pt",
        ).images
    if images.shape[-1] != SIDE:  # an older model's size
        images = F.interpolate(images.float(), (SIDE, SIDE), mode="bicubic", antialias=True)
    found: Pixels = (
        images.float().clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    )
    return found


def paint(
    painter: Painter, jobs: Sequence[Job], steps: int, guidance: float, out: Path
) -> tuple[Pixels, float]:
    """Pictures (N, 256, 256, 3) for the jobs and the seconds that one took when it was painted.

    A part is known by all that decides its pixels, so whatever asks for the same shares it.
    """
    out.mkdir(parents=True, exist_ok=True)
    pictures, seconds, warm = [], 0.0, False
    for first in range(0, len(jobs), PART):
        part = jobs[first : first + PART]
        key = json.dumps([painter.digest, painter.side, steps, guidance, DEVICE.type, part])
        path = out / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npz"
        if not path.exists():
            if not warm:
                batch(painter, part[:BATCH], 1, guidance)
            warm, started = True, time.monotonic()
            images = [
                batch(painter, part[i : i + BATCH], steps, guidance)
                for i in range(0, len(part), BATCH)
            ]
            _save(path, np.concatenate(images), time.monotonic() - started)
            print(f"painted {first + len(part)} of {len(jobs)}", steps, guidance, flush=True)
        with np.load(path) as saved:
            pictures.append(saved["images"])
            seconds += float(saved["seconds"])
    return np.concatenate(pictures), seconds / len(jobs)


def prompts(
    art: ModuleType, theme: str, traits: Sequence[dict[str, str]], first_seed: int = 0
) -> list[Job]:
    """The canonical caption of each, with seeds in a row."""
    return [(art.caption(theme, said), first_seed + i) for i, said in enumerate(traits)]


def drawn(
    art: ModuleType, theme: str, traits: Sequence[dict[str, str]], first_seed: int, out: Path
) -> Pixels:
    """Renders of the traits with seeds that no data folder uses, remembered like paintings."""
    out.mkdir(parents=True, exist_ok=True)
    key = json.dumps([art.__name__, theme, traits, first_seed])
    path = out / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npz"
    if not path.exists():
        seeds = range((1 << 60) + first_seed, (1 << 60) + first_seed + len(traits))
        pairs = zip(traits, seeds, strict=True)
        images = [art.render(theme, said, seed, SIDE) for said, seed in pairs]
        _save(path, np.stack(images), 0.0)
    with np.load(path) as saved:
        found: Pixels = saved["images"]
    return found


def _save(path: Path, images: Pixels, seconds: float) -> None:
    with path.with_suffix(".tmp").open("wb") as file:
        np.savez(file, images=images, seconds=seconds)
    os.replace(path.with_suffix(".tmp"), path)


class Clip:
    """A CLIPModel folder as functions to unit vectors; pictures are prepared as in mint.embed."""

    def __init__(self, folder: Path) -> None:
        self.model: Any = CLIPModel.from_pretrained(str(folder), dtype=torch.float32).to(DEVICE)
        self.model.eval()
        self.tokenizer: Any = CLIPTokenizer.from_pretrained(str(folder))
        path = folder / "preprocessor_config.json"
        told = json.loads(path.read_text())
        self.mean = torch.tensor(told["image_mean"], device=DEVICE).view(1, 3, 1, 1)
        self.std = torch.tensor(told["image_std"], device=DEVICE).view(1, 3, 1, 1)
        self.side: int = self.model.config.vision_config.image_size

    @torch.inference_mode()
    def images(self, pictures: Pixels) -> NDArray[np.float64]:
        found = []
        for first in range(0, len(pictures), 32):
            fitted = [
                np.asarray(ImageOps.fit(Image.fromarray(p), (self.side, self.side), 3))
                for p in pictures[first : first + 32]
            ]
            pixels = torch.from_numpy(np.stack(fitted)).to(DEVICE).permute(0, 3, 1, 2) / 255
            found.append(
                self.model.get_image_features(pixel_values=(pixels - self.mean) / self.std)
            )
        return _unit(found)

    @torch.inference_mode()
    def texts(self, sentences: Sequence[str]) -> NDArray[np.float64]:
        tokens = self.tokenizer(
            list(sentences), padding="max_length", truncation=True, return_tensors="pt",
            max_length=self.model.config.text_config.max_position_embeddings,
        ).to(DEVICE)  # fmt: skip
        return _unit([
            self.model.get_text_features(
                input_ids=tokens.input_ids, attention_mask=tokens.attention_mask
            )
        ])  # fmt: skip


def _unit(parts: Sequence[Any]) -> NDArray[np.float64]:
    tensors: list[Tensor] = [getattr(part, "pooler_output", part) for part in parts]
    return F.normalize(torch.cat(tensors).double(), dim=1).cpu().numpy()
