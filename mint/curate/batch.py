"""How many pictures are painted at once: tried once on a collection's own first pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mint.curate.engine import Engine
from mint.curate.studio import Studio
from mint.document import sha256
from mint.errors import OutOfMemory, RenderError
from mint.models.families import paints_alone
from mint.models.find import Models, painter_name
from mint.models.runtimes import with_batch, with_others
from mint.paint.pixels import Renderer
from mint.plan.recipe import Recipe, Slot
from mint.spec.collection import DETAIL, EMBEDDED, Collection
from mint.spec.painting import Batch
from mint.stages import underway
from mint.store import Store

SIZES = (1, 2, 4, 8)
STEPS = 2  # of the diffusion, while trying: enough to time it, and to show what neighbours change
WORTH = 0.97  # of the time for a picture; a larger batch that saves less is not worth its memory


def settled(studio: Studio, slots: Sequence[Slot]) -> Studio:
    """The studio with its batch fixed, once its model has shown that neighbours change no pixel.

    The pictures that guide it are then in the store.

    Raises RenderError where they do, and collection.yaml asks for a batch all the same.
    """
    image, runtime = studio.collection.image, studio.runtime
    ours = image.model in EMBEDDED and all(each.model in DETAIL for each in image.refiners)
    if ours and not (image.reference or image.control):  # whose pictures the tests compare
        return _with_batch(studio, SIZES[-1] if image.batch == "auto" else image.batch)
    causes = studio.settings, runtime.model_copy(update={"batch": None})
    key = sha256(b"".join(each.canonical() for each in causes) + str(image.batch).encode())
    if paints_alone(studio.models.painter.path):
        return _with_batch(studio, _refuse_company(image.batch))
    if memo := studio.store.recall("batch", key):
        return _with_batch(studio, int(memo))
    recipes = [studio.propose(slot, 0).recipe for slot in slots[: SIZES[-1]]]
    renderer = studio.renderer
    with underway(studio.progress, "loading"):
        size = _batch_size(renderer, recipes, image.batch)
    studio.store.remember("batch", key, str(size).encode())
    return _with_batch(replace(studio, opened=renderer), size)


def with_machines(
    collection: Collection, store: Store, models: Models, engine: Engine | None
) -> Models:
    """The models with all that the engine has to paint with, the first machine's runtime last."""
    others = engine.others(models.painters.current) if engine else ()
    if not others:
        return models
    name = painter_name(collection.image)
    painters = with_others(store, "runtime", name, models.painters, others)
    return models._replace(painters=painters)


def _with_batch(studio: Studio, size: int) -> Studio:
    """The same models, to paint so many pictures at once."""
    models, name = studio.models, painter_name(studio.collection.image)
    painters = with_batch(studio.store, "runtime", name, models.painters, size)
    return replace(studio, models=models._replace(painters=painters), batch=size)


def _batch_size(paint: Renderer, recipes: Sequence[Recipe], request: Batch) -> int:
    """The quickest batch that memory allows, or that of collection.yaml, if neighbours let it."""
    hasty = [_hasty(recipe) for recipe in recipes]
    size = quickest(paint, hasty) if request == "auto" else request
    if size == 1 or indifferent(paint, hasty, size):
        return size
    return _refuse_company(request)


def _refuse_company(request: Batch) -> int:
    """One at a time; raises RenderError where collection.yaml wants more."""
    if request not in ("auto", 1):
        raise RenderError(
            f"with batch {request} what this model paints would depend on its neighbours, so no "
            "picture could be painted again alone",
            hint="set image.batch: 1, or leave it out",
        )
    return 1


def _hasty(recipe: Recipe) -> Recipe:
    steps = min(recipe.diffusion.steps, STEPS)
    return recipe.model_copy(
        update={"diffusion": recipe.diffusion.model_copy(update={"steps": steps})}
    )


def quickest(
    paint: Renderer, recipes: Sequence[Recipe], clock: Callable[[], float] = time.perf_counter
) -> int:
    """Which of SIZES takes the least time for a picture, up to the number of `recipes`."""
    best, least = 1, float("inf")
    paint(recipes[:1])  # the first call also sets up what all use
    for size in [size for size in SIZES if size <= len(recipes)]:
        began = clock()
        try:
            paint(recipes[:size])
        except OutOfMemory:
            if size == 1:
                raise
            break
        each = (clock() - began) / size
        if each > least * WORTH:
            break
        best, least = size, each
    return best


def indifferent(paint: Renderer, recipes: Sequence[Recipe], size: int) -> bool:
    """Whether the first picture is the same beside its neighbours and beside copies of itself."""
    company = [recipes[i % len(recipes)] for i in range(size)]
    return np.array_equal(paint(company)[0], paint(company[:1] * size)[0])
