"""The model's own pictures, painted like a collection's: in the store, and never twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mint.models.weights import Model
from mint.paint.batches import pack, paint_here
from mint.paint.picture import Painted, memoised_painter, stored
from mint.paint.png import Pixels, decode
from mint.paint.render import open_renderer
from mint.plan.recipe import Candidate, Diffusion, Recipe, Runtime
from mint.stages import Progress, underway
from mint.store import Store


def own_pictures(
    prompts: Sequence[str],
    model: Model,
    diffusion: Diffusion,
    runtime: Runtime,
    store: Store,
    progress: Progress,
) -> list[Pixels]:
    """What the model paints of the prompts, with the seeds 0, 1, 2, ...; raises RenderError."""

    def execute(missing: Sequence[Candidate]) -> Iterator[Painted]:
        with underway(progress, "loading"):
            render = open_renderer(model, diffusion, runtime)
        progress("painting", 0, len(missing))
        for done, painting in enumerate(paint_here(pack(missing, 1), render, store), 1):
            progress("painting", done, len(missing))
            yield painting

    candidates = [
        Candidate(token_id=i, attempt=0, name="", traits={}, recipe=recipe)
        for i, recipe in enumerate(_recipes(prompts, diffusion, runtime))
    ]
    pictures = memoised_painter(store, execute)(candidates)
    files = [stored(store, pictures[each.token_id]) for each in candidates]
    return [decode(png, *diffusion.size) for png in files]


def _recipes(prompts: Sequence[str], diffusion: Diffusion, runtime: Runtime) -> Iterator[Recipe]:
    for seed, prompt in enumerate(prompts):
        yield Recipe(
            prompt=prompt,
            negative_prompt="",
            seed=seed,
            diffusion=diffusion,
            runtime=runtime.digest,
        )
