"""Trouble on the way to a pinning service, and little patience with it."""

from __future__ import annotations

import re
from collections.abc import Callable

from mint.pinning.http import Patience

QUICK = Patience(tries=4, first=0.01, longest=1, deadline=3)


def once(what: str | None, method: str, path: str) -> Callable[[str, str], str | None]:
    """The first request of this method whose path matches meets `what`."""
    left = [what]

    def trouble(verb: str, target: str) -> str | None:
        return left.pop() if left and verb == method and re.search(path, target) else None

    return trouble
