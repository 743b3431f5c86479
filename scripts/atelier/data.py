"""Render the pictures the models learn from.

`data.py OUT --count 24000 --seed 1` writes `OUT/images.npy` (count, 256, 256, 3) uint8 and
`OUT/traits.json`, a list of [theme, traits]. Parts that are there already are not drawn again.
`--edition 2` draws the art of `second/`, which no shipped model has learned.
"""

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

import numpy as np
from editions import EDITIONS, mark

PART = 500
Picture = tuple[str, dict[str, str]]


def plan(
    themes: list[str], count: int, seed: int, apart: bool, repeat: int, edition: int = 1
) -> list[Picture]:
    """What to draw: themes in turn, traits uniform, none (or only) of the held-out combinations.

    Each combination comes `repeat` times in a row; the pictures differ by their seeds.
    """
    art = EDITIONS[edition]
    random = Random(f"{seed}/{apart}")
    pictures: list[Picture] = []
    while len(pictures) < count:
        theme = themes[len(pictures) // repeat % len(themes)]
        traits = art.sample(theme, random)
        if art.held_out(theme, traits) == apart:
            pictures += [(theme, traits)] * repeat
    return pictures[:count]


def draw(
    path: Path, pictures: list[Picture], start: int, seed: int, size: int, edition: int = 1
) -> None:
    """Draw one part; each picture's jitter comes from its place and the seed."""
    part = [
        EDITIONS[edition].render(theme, traits, (seed << 32) + start + i, size)
        for i, (theme, traits) in enumerate(pictures)
    ]
    with path.with_suffix(".tmp").open("wb") as file:
        np.save(file, np.stack(part))
    os.replace(path.with_suffix(".tmp"), path)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=24_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--edition", type=int, choices=list(EDITIONS), default=1)
    parser.add_argument("--themes", nargs="+", help="by default all of the edition")
    parser.add_argument("--repeat", type=int, default=1, help="pictures of each combination")
    parser.add_argument("--held-out", action="store_true", help="only combinations never trained")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    o = parser.parse_args()
    parts = o.out / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    themes = o.themes or list(EDITIONS[o.edition].THEMES)
    pictures = plan(themes, o.count, o.seed, o.held_out, o.repeat, o.edition)
    paths = [parts / f"{start:07}.npy" for start in range(0, o.count, PART)]
    with ProcessPoolExecutor(o.processes) as pool:
        jobs = [
            pool.submit(
                draw, path, pictures[start : start + PART], start, o.seed, o.size, o.edition
            )
            for start, path in zip(range(0, o.count, PART), paths, strict=True)
            if not path.exists()
        ]
        for job in jobs:
            job.result()
    whole = np.lib.format.open_memmap(
        o.out / "images.npy", "w+", np.uint8, (o.count, o.size, o.size, 3)
    )
    for i, path in enumerate(paths):
        whole[i * PART : (i + 1) * PART] = np.load(path)
        path.unlink()
    whole.flush()
    parts.rmdir()
    mark(o.out, o.edition)
    (o.out / "traits.json").write_text(json.dumps(pictures))


if __name__ == "__main__":
    main()
