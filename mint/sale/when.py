"""Times and counts as one says them."""

from __future__ import annotations

from collections.abc import Sequence

from mint.spec.sale_times import DAY, moment


def when(time: int, now: int) -> str:
    """`2027-01-03 11:00 UTC (in 3 days)`; both in Unix seconds."""
    return f"{moment(time)} UTC ({distance(time - now)})"


def distance(seconds: int) -> str:
    """`in 3 days`, `2 hours ago`: rounded, in the unit of which there are two or more."""
    if seconds == 0:
        return "now"
    size, unit = abs(seconds), "second"
    for length, name in ((DAY, "day"), (3600, "hour"), (60, "minute")):
        if size >= 2 * length:
            size, unit = round(size / length), name
            break
    text = f"{size} {unit}" if size == 1 else f"{size} {unit}s"
    return f"in {text}" if seconds > 0 else f"{text} ago"


def span(seconds: int) -> str:
    """`27 hours`: how long that is, rounded as in `distance`."""
    return distance(max(seconds, 1)).removeprefix("in ")


def tokens(ids: Sequence[int]) -> str:
    """`token 2`, `tokens 2 and 3`, `tokens 2 to 9`, `tokens 2, 5, 7`."""
    names = [f"{token_id}" for token_id in ids]
    if len(ids) == 1:
        return f"token {names[0]}"
    if len(ids) == 2:
        return f"tokens {' and '.join(names)}"
    if list(ids) == list(range(ids[0], ids[0] + len(ids))):
        return f"tokens {names[0]} to {names[-1]}"
    return f"tokens {', '.join(names)}"
