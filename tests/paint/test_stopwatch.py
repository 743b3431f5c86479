"""How long a picture takes, by a clock that a test turns."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from mint.paint.stopwatch import Stopwatch
from mint.store import Store

BATCHES: list[list[str | None]] = [["a", "b", "c", "d"], ["e", None, None, None]]


def ticking(tmp_path: Path) -> Stopwatch:
    """Four seconds from one look at the clock to the next."""
    seconds = count(0, 4)
    return Stopwatch(Store(tmp_path), "painting", "key", lambda: next(seconds))


def painted(batch: list[str | None]) -> int:
    return len(batch) - batch.count(None)


def test_a_padded_batch_is_as_slow_as_a_full_one(tmp_path: Path) -> None:
    stopwatch, news = ticking(tmp_path), list[int]()

    assert list(stopwatch.timed(BATCHES, painted, news.append, len)) == BATCHES

    assert news == [4, 5]  # what is done is counted in pictures
    # Looked at before, after the first batch and at the end: 8 seconds for 8 places.
    assert stopwatch.seconds == pytest.approx(1)


def test_without_places_pictures_are_what_takes_the_time(tmp_path: Path) -> None:
    stopwatch = ticking(tmp_path)
    list(stopwatch.timed(BATCHES, painted, lambda done: None))
    assert stopwatch.seconds == pytest.approx(8 / 5)


def test_before_the_first_build_nothing_is_known(tmp_path: Path) -> None:
    assert ticking(tmp_path).seconds is None
