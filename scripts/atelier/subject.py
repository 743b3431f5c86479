"""What an evaluation measures: the models, the held-out renders, and what was painted for them."""

import argparse
import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np
import painting
import torch
from editions import edition_of
from judge import judge, theme_of, to_tensor
from measures import Array, Pixels
from torch import Tensor


class Subject:
    """What is measured; each part is loaded or painted when first needed."""

    def __init__(self, o: argparse.Namespace) -> None:
        self.o = o
        self.pictures: Path = o.out / "pictures"
        self.theme = theme_of(o.judge)
        self.judge = judge(o.judge)
        self.art = edition_of(o.held_out)
        self.models = painting.Models(o.pipeline, o.detail, o.enlarger, o.at)
        self.baseline = painting.Models(o.baseline) if o.baseline else None
        rows = json.loads((o.held_out / "traits.json").read_text())
        places = [i for i, (theme, _) in enumerate(rows) if theme == self.theme][: o.count]
        if len(places) < o.count:
            raise SystemExit(f"{o.held_out} has {len(places)} {self.theme}, not {o.count}")
        self.traits: list[dict[str, str]] = [rows[i][1] for i in places]
        self.renders: Pixels = np.load(o.held_out / "images.npy", mmap_mode="r")[places]

    @cached_property
    def clip(self) -> painting.Clip:
        return painting.Clip(self.o.clip)

    def prompts(self, traits: list[dict[str, str]], first_seed: int = 0) -> list[painting.Job]:
        return painting.prompts(self.art, self.theme, traits, first_seed)

    def other_renders(
        self, traits: list[dict[str, str]], first_seed: int = 0, side: int = painting.SIDE
    ) -> Pixels:
        """Renders of the traits that no training saw."""
        return painting.renders(self.art, self.theme, traits, first_seed, self.pictures, side)

    def paint(
        self,
        jobs: list[painting.Job],
        steps: int | None = None,
        guidance: float | None = None,
        side: int | None = painting.SIDE,
    ) -> tuple[Pixels, float]:
        """Pictures with sides of `side` pixels, or as large as they are painted; seconds of one."""
        o = self.o
        settings = steps or o.steps, guidance or o.guidance, o.dtype, self.pictures, side
        return painting.paint(self.models, jobs, *settings)

    @cached_property
    def samples(self) -> Pixels:
        """One picture of every held-out combination."""
        return self.paint(self.prompts(self.traits))[0]

    @cached_property
    def compared(self) -> dict[str, Pixels]:
        """The samples and, where there is a baseline, its own."""
        if not self.baseline:
            return {"samples": self.samples}
        o, jobs = self.o, self.prompts(self.traits)
        painted = painting.paint(self.baseline, jobs, o.steps, o.guidance, o.dtype, self.pictures)
        return {"samples": self.samples, "baseline": painted[0]}

    @cached_property
    def repeated(self) -> list[dict[str, str]]:
        """The first 16 held-out combinations, each 32 times."""
        return [each for each in self.traits[: self.o.sets] for _ in range(self.o.seeds)]

    @cached_property
    def repeats(self) -> dict[str, Pixels]:
        """Pictures of `repeated`: ours, and renders."""
        return {
            "samples": self.paint(self.prompts(self.repeated, 1_000_000))[0],
            "renders": self.other_renders(self.repeated, 1_000_000),
        }

    def logits(self, pictures: Pixels) -> dict[str, Tensor]:
        with torch.no_grad():
            parts = [
                self.judge(to_tensor(pictures[i : i + 50])) for i in range(0, len(pictures), 50)
            ]
        return {group: torch.cat([part[group] for part in parts]).cpu() for group in parts[0]}

    def features(self) -> dict[str, Callable[[Pixels], Array]]:
        """Pictures -> vectors, by name; CLIP's are of length sqrt(d), so x.y / d is the cosine."""

        def by_judge(pictures: Pixels) -> Array:
            parts = [pictures[i : i + 50] for i in range(0, len(pictures), 50)]
            with torch.no_grad():
                rows = torch.cat([self.judge.features(to_tensor(part)) for part in parts])
            return rows.double().cpu().numpy()

        def by_clip(pictures: Pixels) -> Array:
            unit = self.clip.images(pictures)
            scaled: Array = unit * np.sqrt(unit.shape[1])
            return scaled

        return {"judge": by_judge, "clip": by_clip}
