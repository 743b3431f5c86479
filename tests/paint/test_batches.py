"""Batches in which everyone has a place, and PNG files that say what painted them."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mint.document import sha256
from mint.paint.batches import pack, padded, paint_here
from mint.paint.picture import stored
from mint.paint.png import encode
from mint.plan.recipe import Candidate, Recipe
from mint.store import Store
from tests import exhibit

if TYPE_CHECKING:
    from mint.paint.png import Pixels

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def proposal(token_id: int, batch: int) -> Candidate:
    recipe = exhibit.token(token_id).recipe.model_copy(update={"slot": token_id % batch})
    return Candidate(token_id=token_id, attempt=0, name="x", traits={}, recipe=recipe)


def proposals(ids: Sequence[int], batch: int) -> list[Candidate]:
    return [proposal(token_id, batch) for token_id in ids]


@given(st.lists(st.integers(1, 60), unique=True), st.integers(1, 9))
def test_everyone_is_packed_once_in_its_own_slot(ids: list[int], size: int) -> None:
    batches = pack(proposals(ids, size), size)

    packed = [c.token_id for batch in batches for c in batch if c]
    assert sorted(packed) == sorted(ids)
    for batch in batches:
        assert len(batch) == size
        assert any(batch)
        assert all(c.recipe.slot == slot for slot, c in enumerate(batch) if c)
    # No more batches than the fullest slot needs.
    assert len(batches) == max((sum(i % size == s for i in ids) for s in range(size)), default=0)


@given(st.lists(st.integers(1, 60), unique=True, min_size=1), st.integers(1, 9))
def test_empty_slots_are_padded_with_someone_elses_recipe(ids: list[int], size: int) -> None:
    for batch in pack(proposals(ids, size), size):
        recipes = padded(batch)

        assert len(recipes) == size
        assert [r for r, c in zip(recipes, batch, strict=True) if c] == [
            c.recipe for c in batch if c
        ]
        assert set(map(id, recipes)) <= {id(c.recipe) for c in batch if c}


def stripes(batch: Sequence[Recipe]) -> list[Pixels]:
    """A Renderer: four rows that tell the seed and the slot."""
    return [
        np.full((4, 6, 3), [recipe.seed % 251, recipe.slot, place], np.uint8)
        for place, recipe in enumerate(batch)
    ]


@pytest.mark.parametrize("ids", [[], [1], [5], range(1, 8), [2, 9, 5, 12]])
def test_every_candidate_comes_back_with_its_own_picture(ids: Sequence[int], store: Store) -> None:
    candidates = proposals(ids, 3)

    painted = list(paint_here(pack(candidates, 3), stripes, store))

    assert sorted(p.candidate.token_id for p in painted) == sorted(ids)
    for candidate, picture in painted:
        recipe = candidate.recipe
        png = stored(store, picture)
        expected = np.full((4, 6, 3), [recipe.seed % 251, recipe.slot, recipe.slot], np.uint8)
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(png))), expected)
        assert picture.pixels == sha256(b"".join(bytes(p) for row in expected for p in row))


def test_pictures_are_handed_over_while_others_are_painted(store: Store) -> None:
    events: list[str] = []

    def noted(batch: Sequence[Recipe]) -> list[Pixels]:
        assert threading.current_thread() is threading.main_thread()
        events.append("painted")
        return stripes(batch)

    for _ in paint_here(pack(proposals(range(1, 5), 1), 1), noted, store):
        events.append("stored")

    assert events == [
        "painted",
        "painted",
        "stored",
        "painted",
        "stored",
        "painted",
        "stored",
        "stored",
    ]


def test_a_painter_that_fails_is_heard(store: Store) -> None:
    def broken(batch: Sequence[Recipe]) -> list[Pixels]:
        raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        list(paint_here(pack(proposals([1], 2), 2), broken, store))


def test_a_painter_that_leaves_slots_out_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="shorter"):
        list(paint_here(pack(proposals([1, 2], 2), 2), lambda batch: stripes(batch)[:1], store))


pictures = st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32))


@given(pictures)
def test_png_is_lossless_and_deterministic(shape: tuple[int, int, int]) -> None:
    high, wide, seed = shape
    pixels = np.random.default_rng(seed).integers(0, 256, (high, wide, 3), dtype=np.uint8)

    png = encode(pixels)

    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png)).convert("RGB")), pixels)
    assert encode(pixels.copy()) == png


def test_png_says_that_a_trained_model_made_it() -> None:
    png = encode(np.zeros((2, 2, 3), np.uint8))

    with Image.open(io.BytesIO(png)) as image:
        image.load()
        packet = image.info["XML:com.adobe.xmp"]
        assert set(image.info) <= {"XML:com.adobe.xmp", "xmp"}  # no clock, no software name
    description = ElementTree.fromstring(packet).find(f"{RDF}RDF/{RDF}Description")
    assert description is not None
    assert description.findtext(f"{IPTC}DigitalSourceType") == (
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    )


@given(st.integers(0, 40), st.integers(1, 9))
def test_where_neighbours_change_nothing_the_first_batches_are_small(count: int, size: int) -> None:
    free = [
        each.model_copy(update={"recipe": each.recipe.model_copy(update={"slot": None})})
        for each in proposals(range(1, count + 1), size)
    ]
    batches = pack(free, size)

    assert [each for batch in batches for each in batch] == free
    lengths = [len(batch) for batch in batches]
    assert all(1 <= length <= size for length in lengths)
    assert lengths[:2] == [1, 2][: len(lengths[:2])] or count < 3 or size < 3
