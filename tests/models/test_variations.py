"""A model's own words for redraws, from its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.models.runtime import runtime
from mint.models.variations import variations
from mint.models.vocabulary import read_vocabulary


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"variations": ["from the side", "waving"]}', ("from the side", "waving")),
        ('{"themes": {}}', ()),
        ('{"variations": null}', ()),
        ("[1]", ()),
        ("not json", ()),
        (None, ()),
    ],
)
def test_what_a_folder_lists(tmp_path: Path, text: str | None, words: tuple[str, ...]) -> None:
    if text is not None:
        (tmp_path / "vocabulary.json").write_text(text)

    assert variations(tmp_path) == words
    here = runtime("weights", threads=1, variations=variations(tmp_path))
    assert here.variations == (words or None)


def test_a_folder_that_lists_them_has_a_list_of_words(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.json").write_text('{"variations": ["waving"], "themes": {}}')

    vocabulary = read_vocabulary(tmp_path)

    assert vocabulary is not None
    assert vocabulary.variations == variations(tmp_path)
