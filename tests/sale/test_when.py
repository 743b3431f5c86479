"""Times and counts as one says them."""

from __future__ import annotations

import pytest

from mint.sale.when import distance, tokens, when


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (0, "now"),
        (1, "in 1 second"),
        (119, "in 119 seconds"),
        (120, "in 2 minutes"),
        (-7200, "2 hours ago"),
        (2 * 86_400 - 1, "in 48 hours"),
        (3 * 86_400 + 40_000, "in 3 days"),
        (-400 * 86_400, "400 days ago"),
    ],
)
def test_distances(seconds: int, says: str) -> None:
    assert distance(seconds) == says


def test_times_say_how_far_they_are() -> None:
    assert when(1798974000, 1798974000 - 3 * 86_400) == "2027-01-03 11:00 UTC (in 3 days)"


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        ([7], "token 7"),
        ([7, 8], "tokens 7 and 8"),
        ([7, 8, 9], "tokens 7 to 9"),
        ([7, 9, 8], "tokens 7, 9, 8"),
    ],
)
def test_tokens(ids: list[int], says: str) -> None:
    assert tokens(ids) == says
