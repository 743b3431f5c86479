"""Curation over a real store: what is done once is not done again, whatever happened between."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mint.curate import memo
from mint.curate.curate import Curated, curate
from mint.curate.memo import (
    memoised_embedder,
    memoised_hash,
    memoised_text_embedder,
    memoised_unread,
)
from mint.errors import StoreError
from mint.paint.batches import finish, pack
from mint.paint.picture import Painted, memoised_painter
from mint.plan.recipe import Candidate, Painter, candidate
from mint.plan.tokens import plan
from mint.spec.painting import Dedup
from mint.store import Store
from tests import exhibit, memos

if TYPE_CHECKING:
    from mint.models.embedder import Embedder, TextEmbedder, Vectors

COLLECTION = exhibit.collection(
    7,
    image={"prompt": "{T}", "width": 64, "height": 64, "batch": 3},
    traits={"T": list("abcdefg")},
)
SHADES = 5  # seven tokens, five pictures: some are painted again, to the end in vain


class PowerCut(Exception):
    """The machine goes off."""


def shade(seed: int) -> int:
    return seed % SHADES


class Studio:
    """A store, and an executor and an embedder that note what they were called for."""

    def __init__(self, folder: Path, *, mixed: int | None = None, cut: int | None = None) -> None:
        self.store = Store(folder)
        self.painted: list[tuple[int, int]] = []
        self.embedded = 0
        self.mixed, self.cut = mixed, cut

    def execute(self, candidates: Sequence[Candidate]) -> Iterator[Painted]:
        """Pictures in the order of their batches, or in any other; until the power is cut."""
        done = [c for batch in pack(candidates, 3) for c in batch if c]
        if self.mixed is not None:
            random.Random(self.mixed).shuffle(done)
        for c in done:
            if len(self.painted) == self.cut:
                raise PowerCut
            self.painted.append((c.token_id, c.attempt))
            yield finish(self.store, c, np.full((4, 4, 3), shade(c.recipe.seed), np.uint8))

    def load(self) -> Embedder:
        """The Embedder: one direction for every shade."""

        def embed(files: Sequence[bytes]) -> Vectors:
            from io import BytesIO

            from PIL import Image

            self.embedded += len(files)
            shades = [int(np.asarray(Image.open(BytesIO(file)))[0, 0, 0]) for file in files]
            return np.eye(SHADES, dtype=np.float32)[shades]

        return embed

    def run(self, key: str = "clip") -> Curated:
        return curate(
            plan(COLLECTION),
            lambda slot, attempt: candidate(COLLECTION, slot, attempt, Painter("runtime")),
            memoised_painter(self.store, self.execute),
            memoised_embedder(self.store, key, self.load),
            memoised_hash(self.store),
            Dedup(threshold=0.9, attempts=3),
        )


@pytest.fixture
def finished(tmp_path: Path) -> tuple[Studio, Curated]:
    studio = Studio(tmp_path)
    return studio, studio.run()


def test_some_pictures_are_alike_here(finished: tuple[Studio, Curated]) -> None:
    studio, result = finished

    assert len(result.tokens) == 7
    assert len(result.unresolved) == 2
    assert len({token.image.pixels for token in result.tokens}) == SHADES
    assert len(set(studio.painted)) == len(studio.painted) > 7


def test_a_second_run_paints_and_embeds_nothing(finished: tuple[Studio, Curated]) -> None:
    studio, result = finished

    again = Studio(studio.store.root)

    assert again.run() == result
    assert (again.painted, again.embedded) == ([], 0)


def test_equal_pictures_are_embedded_once(finished: tuple[Studio, Curated]) -> None:
    studio, _ = finished

    assert len(memos.keys(studio.store.root, "embed")) == SHADES


def test_another_embedder_embeds_anew_and_paints_nothing(
    finished: tuple[Studio, Curated],
) -> None:
    studio, result = finished

    again = Studio(studio.store.root)

    assert again.run(key="another clip") == result
    assert again.painted == []
    assert again.embedded >= SHADES


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_the_order_in_which_pictures_finish_does_not_matter(mixed: int) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        assert Studio(Path(one), mixed=mixed).run() == Studio(Path(other)).run()


def test_cut_off_anywhere_it_goes_on_without_painting_twice(
    finished: tuple[Studio, Curated], tmp_path: Path
) -> None:
    studio, result = finished

    for cut in range(len(studio.painted)):
        first = Studio(tmp_path / f"cut {cut}", cut=cut)
        with pytest.raises(PowerCut):
            first.run()
        second = Studio(first.store.root)

        assert second.run() == result
        assert sorted(first.painted + second.painted) == sorted(studio.painted)


@pytest.mark.parametrize("damage", [b"", b"not a picture", None])
def test_a_rotten_picture_is_painted_again_and_reported(
    finished: tuple[Studio, Curated], damage: bytes | None
) -> None:
    studio, result = finished
    token = result.tokens[3]
    path = studio.store.object_path(token.image.file)
    path.chmod(0o644)
    path.unlink() if damage is None else path.write_bytes(damage)

    again = Studio(studio.store.root)

    assert again.run() == result
    assert (token.token_id, token.attempt) in again.painted
    assert len({token for token, _ in again.painted}) == len(again.painted)
    assert again.store.rotten == ([] if damage is None else [token.image.file])
    assert again.store.get(token.image.file) is not None


def test_a_torn_memo_is_as_good_as_none(finished: tuple[Studio, Curated]) -> None:
    studio, result = finished
    token = result.tokens[0]
    memos.spoil(studio.store.root, "render", token.recipe.digest, b"torn")

    again = Studio(studio.store.root)

    assert again.run() == result
    assert again.painted == [(token.token_id, token.attempt)]


def test_rot_of_equal_size_is_found_when_the_picture_is_looked_at(
    finished: tuple[Studio, Curated],
) -> None:
    studio, result = finished
    token = result.tokens[2]
    path = studio.store.object_path(token.image.file)
    path.chmod(0o644)
    path.write_bytes(b"\0" * token.image.size)

    again = Studio(studio.store.root)
    with pytest.raises(StoreError, match="damaged") as caught:
        again.run(key="another clip")

    assert "same command again" in caught.value.hint
    assert again.store.rotten == [token.image.file]
    assert again.run(key="another clip") == result
    assert again.painted


class Reader:
    """A text embedder that notes what it reads, until the power is cut."""

    def __init__(self, cut: int | None = None) -> None:
        self.read: list[str] = []
        self.loads, self.cut = 0, cut

    def load(self) -> TextEmbedder:
        self.loads += 1
        return self.embed

    def embed(self, texts: Sequence[str]) -> Vectors:
        if self.cut is not None and len(self.read) >= self.cut:
            raise PowerCut
        self.read += texts
        return np.array([[len(text), text.count("a")] for text in texts], np.float32)


def test_no_text_is_embedded_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "PAGE", 10)
    store, texts = Store(tmp_path), [f"a{'a' * (i % 40)} fox" for i in range(100)]
    expected = Reader().embed(texts)
    first, second, third, other = Reader(cut=20), Reader(), Reader(), Reader()

    with pytest.raises(PowerCut):
        memoised_text_embedder(store, "key", first.load)(texts)
    vectors = memoised_text_embedder(store, "key", second.load)(texts)
    again = memoised_text_embedder(store, "key", third.load)
    memoised_text_embedder(store, "other", other.load)(texts[:1])

    assert vectors.tobytes() == expected.tobytes()
    assert len(first.read) == 20
    assert sorted(first.read + second.read) == sorted(set(texts))
    assert again(texts).tobytes() == vectors.tobytes()
    assert again(texts[::-1]).tobytes() == vectors[::-1].tobytes()
    assert again([]).size == 0
    assert (second.loads, third.loads) == (1, 0)
    assert other.read == texts[:1]


def test_what_is_not_read_to_its_end_is_asked_once(tmp_path: Path) -> None:
    questions: list[list[str]] = []

    def unread(texts: Sequence[str]) -> list[int]:
        questions.append(list(texts))
        return [i for i, text in enumerate(texts) if len(text) > 3]

    answers = [
        memoised_unread(Store(tmp_path), key, unread, texts)
        for key, texts in [
            ("k", ["a", "long"]), ("k", ["a", "long"]), ("k", ["a/long"]), ("l", ["a", "long"])
        ]
    ]  # fmt: skip

    assert answers == [[1], [1], [0], [1]]
    assert len(questions) == 3
