"""Which batch a collection is painted in: tried on its own first pictures, and remembered."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from mint.build import Options, build
from mint.curate.batch import indifferent, quickest
from mint.document import plain
from mint.errors import OutOfMemory, RenderError
from mint.models.weights import Model
from mint.paint.pixels import Renderer
from mint.paint.png import Pixels
from mint.paint.sources import Sources
from mint.plan.recipe import Diffusion, Recipe, Runtime
from mint.record.folders import folders_of
from mint.spec.load import load
from tests.conftest import edit
from tests.exhibit import DIFFUSION
from tests.families import unets
from tests.families.flows import cogview4


def recipes(number: int) -> list[Recipe]:
    return [
        Recipe(prompt="a fox", negative_prompt="", seed=i, diffusion=DIFFUSION, runtime="r")
        for i in range(number)
    ]


@dataclasses.dataclass
class Machine:
    """A painter that takes `seconds[n]` for n pictures, and has no memory for more than `most`."""

    seconds: dict[int, float]
    most: int = 8
    now: float = 0.0

    def __call__(self, batch: Sequence[Recipe]) -> list[Pixels]:
        if len(batch) > self.most:
            raise OutOfMemory("too many")
        self.now += self.seconds[len(batch)]
        return [np.zeros((1, 1, 3), np.uint8)] * len(batch)


@pytest.mark.parametrize(
    ("seconds", "number", "most", "size"),
    [
        ({1: 1.0, 2: 1.5, 4: 2.5, 8: 4.0}, 8, 8, 8),
        ({1: 1.0, 2: 1.5, 4: 2.5, 8: 5.0}, 8, 8, 4),  # no quicker: not worth the memory
        ({1: 1.0, 2: 2.0, 4: 2.0, 8: 2.0}, 8, 8, 1),
        ({1: 1.0, 2: 1.5, 4: 2.5, 8: 4.0}, 3, 8, 2),
        ({1: 1.0, 2: 1.5, 4: 2.5, 8: 4.0}, 8, 4, 4),
    ],
)
def test_the_quickest_batch_that_memory_allows(
    seconds: dict[int, float], number: int, most: int, size: int
) -> None:
    machine = Machine(seconds, most)

    assert quickest(machine, recipes(number), lambda: machine.now) == size


def test_a_picture_too_large_for_memory_alone_is_an_error() -> None:
    with pytest.raises(OutOfMemory):
        quickest(Machine({}, most=0), recipes(2))


def sociable(batch: Sequence[Recipe]) -> list[Pixels]:
    """A painter in whose pictures the neighbours show."""
    mood = sum(recipe.seed for recipe in batch) % 256
    return [np.full((64, 64, 3), mood, np.uint8) for _ in batch]


def test_a_painter_whose_neighbours_show_is_noticed() -> None:
    assert not indifferent(sociable, recipes(4), 4)
    assert indifferent(Machine({4: 1.0}), recipes(4), 4)


def open_sociable(model: Model, diffusion: Diffusion, runtime: Runtime, *rest: object) -> Renderer:
    return sociable


def painted_one_at_a_time(file: Path, options: Options) -> None:
    manifest, _ = build(file, options, lambda *news: None)
    assert {runtime.batch for runtime in manifest.runtimes.values()} == {1}


@pytest.fixture
def foreign(tiny: Path) -> Callable[[str], Path]:
    """collections/tiny for a model in model/, with `batch` as it says."""

    def write(batch: str) -> Path:
        edit(tiny, "  batch: 2", f"  batch: {batch}\n  model: ./model")
        edit(tiny, "rules:", "dedup: {exhausted: keep, attempts: 0}\nrules:")
        return tiny

    return write


def test_a_model_that_looks_at_its_neighbours_is_painted_one_at_a_time(
    foreign: Callable[[str], Path],
) -> None:
    file = foreign("auto")
    unets.stable_diffusion(file.parent / "model")

    painted_one_at_a_time(file, Options(until="render", open_renderer=open_sociable))


def test_a_batch_that_the_artist_wants_is_refused_where_neighbours_show(
    foreign: Callable[[str], Path],
) -> None:
    file = foreign("4")
    unets.stable_diffusion(file.parent / "model")

    with pytest.raises(RenderError, match="with batch 4") as caught:
        build(file, Options(until="render", open_renderer=open_sociable), lambda *news: None)
    assert "batch: 1" in caught.value.hint


def test_a_family_that_pads_to_the_longest_prompt_is_painted_one_at_a_time(
    foreign: Callable[[str], Path],
) -> None:
    file = foreign("auto")
    cogview4(file.parent / "model")
    edit(file, "scheduler: dpm++", "scheduler: default")

    painted_one_at_a_time(file, Options(until="render"))


def test_the_batch_is_tried_once(foreign: Callable[[str], Path]) -> None:
    file, opened = foreign("auto"), []
    unets.stable_diffusion(file.parent / "model")

    def counting(
        model: Model, diffusion: Diffusion, runtime: Runtime, sources: Sources
    ) -> Renderer:
        from mint.paint.render import diffusers_renderer

        opened.append(runtime.batch)
        return diffusers_renderer(model, diffusion, runtime, sources)

    for _ in range(2):
        build(file, Options(until="render", open_renderer=counting), lambda *news: None)

    manifest = plain(folders_of(file, load(file)[0]).manifest.read_bytes())
    (runtime,) = manifest["runtimes"].values()
    assert runtime["batch"] in (1, 2, 4)
    assert opened == [None]  # in memory once, for trying and painting
    assert {t["recipe"]["slot"] for t in manifest["tokens"]} == set(range(runtime["batch"]))
