"""What an artist agrees to when a launch costs something."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mint.launch.plan import Plan


class Consent(NamedTuple):
    """`agree` shows a plan and asks, and raises LaunchError where the answer is no.

    `again` agrees to one more contract of the same collection, `unpinned` to a launch of pictures
    that no service keeps. `ask_password` is for the file of a draw's secret, where it needs one.
    """

    agree: Callable[[Plan], None] | None = None
    again: bool = False
    unpinned: bool = False
    ask_password: Callable[[str], str] | None = None
