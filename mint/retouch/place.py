"""Where in its picture a trait of a token is: the mask that nobody has to draw.

The picture is painted over with the same noise by two prompts, one with the value that it shows and
one with another; where both differ, the trait is (DiffEdit, arXiv 2210.11427, on whole pictures
instead of on predicted noise, so that any model will do that can begin with a picture).
docs/retouch.md has what maps of attention and of the judge find instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mint.curate.trial import Trial
from mint.document import canonical, sha256
from mint.errors import RenderError
from mint.paint.masks import DRAW_ONE, grown
from mint.paint.picture import stored
from mint.paint.png import decode
from mint.paint.sources import remember_source, source_picture
from mint.plan.prompts import phrase_table
from mint.plan.recipe import Recipe, Start, seed
from mint.plan.style import worded
from mint.retouch.easel import Easel

if TYPE_CHECKING:
    import numpy.typing as npt

    from mint.paint.png import Pixels

    Map = npt.NDArray[np.float64]  # of shape (height, width)

VERSION = 1  # of what is computed here: a part of the memo's key
LOOKS = 2  # pairs of pictures for each trait, each pair with noise of its own
STRENGTH, STEPS = 0.7, 4
FAINT = 8.0  # of 255: where the largest difference is smaller, the two prompts paint the same
THRESHOLD = 0.2  # of the largest difference: from here on a pixel belongs to the trait
REACH = 24  # of the picture's longer side, a part: so far the mask reaches beyond the trait
Pair = tuple[str, str]  # values: what the picture shows, and another one


class Unseen(RenderError):
    """Where a trait is in its picture cannot be seen."""


def pictures_for(traits: int) -> int:
    """How many pictures it takes to find so many traits of a token."""
    return traits * LOOKS * 2


def trait_mask(
    easel: Easel,
    before: Trial,
    places: Mapping[str, Sequence[Pair]],
    hear: Callable[[], None] = lambda: None,
) -> Pixels:
    """White where the traits are that `places` names, with the values that show each of them.

    `hear` hears of each picture. Raises Unseen where the model paints the same for both.
    """
    store, recipe = easel.studio.store, before.candidate.recipe
    by_trait = {trait: [list(pair) for pair in pairs] for trait, pairs in places.items()}
    key = sha256(canonical([VERSION, recipe.digest, by_trait, easel.studio.runtime.digest]))
    if memo := store.recall("area", key):
        png = stored(store, source_picture(store, memo.decode()))
        return decode(png, *easel.size)
    maps = [_map(easel, before, trait, pairs, hear) for trait, pairs in places.items()]
    mask = grown(_area(np.maximum.reduce(maps)))
    store.remember("area", key, remember_source(store, mask).encode())
    return mask


def _map(
    easel: Easel, before: Trial, trait: str, pairs: Sequence[Pair], hear: Callable[[], None]
) -> Map:
    """How much each pixel differs by the trait's value, of its largest difference: 0 to 1."""
    total = np.zeros(easel.size[::-1])
    for look in range(LOOKS):
        one, other = (
            _over(easel, before, trait, value, look, hear) for value in pairs[look % len(pairs)]
        )
        total += np.abs(one.astype(np.float64) - other).mean(axis=2)
    smooth = _blurred(total / LOOKS, max(easel.size) / 128)
    if smooth.max() < FAINT:
        raise Unseen(
            f"where {trait} is in the picture of token {before.candidate.token_id} cannot be seen: "
            f"the model paints {' and '.join(pairs[0])} alike",
            hint=f"give the place yourself, --mask FILE; {DRAW_ONE}",
        )
    shares: Map = smooth / smooth.max()
    return shares


def _over(
    easel: Easel, before: Trial, trait: str, value: str, look: int, hear: Callable[[], None]
) -> Pixels:
    """The picture painted over, quickly, by a prompt with this value."""
    candidate, collection = before.candidate, easel.collection
    traits = {**candidate.traits, trait: value}
    words = worded(collection, phrase_table(collection), candidate.token_id, traits)
    steps = min(STEPS, candidate.recipe.diffusion.steps)
    recipe = Recipe(
        prompt=words,
        negative_prompt=candidate.recipe.negative_prompt,
        seed=seed(collection.seed, candidate.token_id, look),
        diffusion=candidate.recipe.diffusion.model_copy(update={"steps": steps}),
        runtime=candidate.recipe.runtime,
        start=Start(recipe=candidate.recipe, strength=STRENGTH),
    )
    (pixels,) = easel.studio.renderer([recipe])
    hear()
    return pixels


def _area(differences: Map) -> Pixels:
    """Rows of 0 to 255: what differs, somewhat enlarged, with soft edges."""
    from PIL import Image, ImageFilter

    hard = np.where(differences >= THRESHOLD, 255, 0).astype(np.uint8)
    reach = max(1, max(hard.shape) // REACH)
    wide = Image.fromarray(hard).filter(ImageFilter.MaxFilter(2 * reach + 1))
    return np.asarray(wide.filter(ImageFilter.BoxBlur(reach / 3)))


def _blurred(rows: Map, radius: float) -> Map:
    from PIL import Image, ImageFilter

    small = Image.fromarray(np.clip(rows, 0, 255).round().astype(np.uint8))
    return np.asarray(small.filter(ImageFilter.BoxBlur(radius)), np.float64)
