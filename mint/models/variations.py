"""A model's folder -> its own words for painting the same thing otherwise: poses, views."""

from __future__ import annotations

from pathlib import Path

from mint.document import plain
from mint.store import content

LIST = "vocabulary.json"


def variations(folder: Path) -> tuple[str, ...]:
    """The texts under "variations" in the folder's vocabulary.json; none where there are none."""
    data = content(folder / LIST)
    try:
        texts = plain(data)["variations"] if data else []
        return tuple(str(words) for words in texts if str(words).strip())
    except (ValueError, LookupError, TypeError):
        return ()
