"""Paint for a measurement as `mint build` paints; a killed evaluation goes on where it was."""

import hashlib
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor
from training import DEVICE
from transformers import CLIPModel, CLIPTokenizer

sys.path.insert(0, str(Path(__file__).parents[2]))  # where mint itself is not installed

from mint.models.runtime import runtime
from mint.models.upscaler import open_upscaler, upscaler_runtime
from mint.models.weights import Model
from mint.paint.enlarge import Upscale, load_upscaler
from mint.paint.pixels import Renderer
from mint.paint.render import open_renderer
from mint.plan.recipe import Diffusion, Recipe, Runtime
from mint.spec.refiner import Refiner

BATCH = 8
PART = 64  # pictures painted between two saves
SIDE = 256  # of the pictures that judges and CLIP read
DETAIL_SIDE = 512  # as the collections name `atelier-detail`
Pixels = NDArray[np.uint8]
Job = tuple[str, int]  # a prompt and its seed


@dataclass(frozen=True)
class Models:
    """The folder of a painter and, where pictures are finished, its refiner's and enlarger's."""

    pipeline: Path
    detail: Path | None = None
    enlarger: Path | None = None
    at: float = 0.5  # of the way from noise to picture: where the refiner takes over

    @property
    def digest(self) -> str:
        """Over every byte of all of them, and where the refiner takes over."""
        digest = hashlib.sha256(str(self.at if self.detail else "").encode())
        for part in (self.pipeline, self.detail, self.enlarger):
            for path in sorted(part.rglob("*")) if part and part.is_dir() else [part]:
                if path and path.is_file():
                    digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Painter:
    """What paints a batch, and what enlarges each of its pictures."""

    diffusion: Diffusion
    here: Runtime
    render: Renderer
    enlarge: Upscale | None


def load(models: Models, steps: int, guidance: float, dtype: str) -> Painter:
    """The models in memory, painting as a collection with these settings would."""
    unet = json.loads((models.pipeline / "unet" / "config.json").read_text())
    side = unet["sample_size"] * 8
    refiner = Refiner(model="atelier-detail", at=models.at, width=DETAIL_SIDE, height=DETAIL_SIDE)
    diffusion = Diffusion(
        model="atelier", steps=steps, guidance_scale=guidance, scheduler="dpm++", width=side,
        height=side, dtype=dtype, refiners=(refiner,) if models.detail else (),
    )  # fmt: skip
    here = runtime("0" * 64, device=DEVICE.type, threads=len(os.sched_getaffinity(0)), dtype=dtype)
    detail = (Model(models.detail, ""),) if models.detail else ()
    render = open_renderer(Model(models.pipeline, "", refiners=detail), diffusion, here)
    enlarge = None
    if models.enlarger:
        upscaler = open_upscaler(models.enlarger)
        there = upscaler_runtime(
            upscaler, "0" * 64, device=DEVICE.type, threads=here.threads, dtype=dtype
        )
        enlarge = load_upscaler(upscaler, there)
    return Painter(diffusion, here, render, enlarge)


def batch(painter: Painter, jobs: Sequence[Job]) -> list[Pixels]:
    """Paint up to a batch; each picture's noise comes from its own generator."""
    recipes = [
        Recipe(
            prompt=prompt, negative_prompt="", seed=seed, slot=i, diffusion=painter.diffusion,
            runtime="",
        )
        for i, (prompt, seed) in enumerate(jobs)
    ]  # fmt: skip
    pictures = painter.render(recipes)
    return [painter.enlarge(picture) for picture in pictures] if painter.enlarge else pictures


def resized(picture: Pixels, side: int) -> Pixels:
    """A square picture with sides of `side` pixels: means of its pixels; larger ones bicubic."""
    if len(picture) == side:
        return picture
    way = Image.Resampling.BOX if len(picture) > side else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(picture).resize((side, side), way))


def paint(
    models: Models,
    jobs: Sequence[Job],
    steps: int,
    guidance: float,
    dtype: str,
    out: Path,
    side: int | None = SIDE,
) -> tuple[Pixels, float]:
    """Pictures (N, side, side, 3) for the jobs, and the seconds that one took when it was painted.

    Without `side` as large as they are painted. A part is known by all that decides its pixels, so
    whatever asks for the same shares it.
    """
    out.mkdir(parents=True, exist_ok=True)
    pictures, seconds, painter = [], 0.0, None
    digest = models.digest
    for first in range(0, len(jobs), PART):
        part = jobs[first : first + PART]
        key = json.dumps([digest, steps, guidance, dtype, DEVICE.type, side, part])
        path = out / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npz"
        if not path.exists():
            if painter is None:
                painter = load(models, steps, guidance, dtype)
                batch(painter, part[:BATCH])  # the first one takes longer
            started = time.monotonic()
            images = [
                picture
                for i in range(0, len(part), BATCH)
                for picture in batch(painter, part[i : i + BATCH])
            ]
            spent = time.monotonic() - started
            sized = [resized(image, side) for image in images] if side else images
            _save(path, np.stack(sized), spent)
            print(f"painted {first + len(part)} of {len(jobs)}", steps, guidance, flush=True)
        with np.load(path) as file:
            pictures.append(file["images"])
            seconds += float(file["seconds"])
    return np.concatenate(pictures), seconds / len(jobs)


def prompts(
    art: ModuleType, theme: str, traits: Sequence[dict[str, str]], first_seed: int = 0
) -> list[Job]:
    """The canonical caption of each, with seeds in a row."""
    return [(art.caption(theme, each), first_seed + i) for i, each in enumerate(traits)]


def renders(
    art: ModuleType,
    theme: str,
    traits: Sequence[dict[str, str]],
    first_seed: int,
    out: Path,
    side: int = SIDE,
) -> Pixels:
    """Renders of the traits with seeds that no data folder uses, remembered like paintings."""
    out.mkdir(parents=True, exist_ok=True)
    key = json.dumps([art.__name__, theme, traits, first_seed, side])
    path = out / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npz"
    if not path.exists():
        seeds = range((1 << 60) + first_seed, (1 << 60) + first_seed + len(traits))
        pairs = zip(traits, seeds, strict=True)
        images = [art.render(theme, each, seed, side) for each, seed in pairs]
        _save(path, np.stack(images), 0.0)
    with np.load(path) as file:
        pictures: Pixels = file["images"]
    return pictures


def _save(path: Path, images: Pixels, seconds: float) -> None:
    with path.with_suffix(".tmp").open("wb") as file:
        np.savez(file, images=images, seconds=seconds)
    os.replace(path.with_suffix(".tmp"), path)


class Clip:
    """A CLIPModel folder as functions to unit vectors; it prepares pictures as mint does."""

    def __init__(self, folder: Path) -> None:
        self.model: Any = CLIPModel.from_pretrained(str(folder), dtype=torch.float32).to(DEVICE)
        self.model.eval()
        self.tokenizer: Any = CLIPTokenizer.from_pretrained(str(folder))
        settings = json.loads((folder / "preprocessor_config.json").read_text())
        self.mean = torch.tensor(settings["image_mean"], device=DEVICE).view(1, 3, 1, 1)
        self.std = torch.tensor(settings["image_std"], device=DEVICE).view(1, 3, 1, 1)
        self.side: int = self.model.config.vision_config.image_size

    @torch.inference_mode()
    def images(self, pictures: Pixels) -> NDArray[np.float64]:
        parts = []
        for first in range(0, len(pictures), 32):
            fitted = [
                np.asarray(ImageOps.fit(Image.fromarray(p), (self.side, self.side), 3))
                for p in pictures[first : first + 32]
            ]
            pixels = torch.from_numpy(np.stack(fitted)).to(DEVICE).permute(0, 3, 1, 2) / 255
            parts.append(
                self.model.get_image_features(pixel_values=(pixels - self.mean) / self.std)
            )
        return _unit(parts)

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
