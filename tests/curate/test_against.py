"""`dedup.against`: pictures of others, from folders and from earlier builds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from mint.check import preflight
from mint.errors import CollectionError
from tests.builds import painted, run
from tests.conftest import edit


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built.parent, tmp_path / "tiny")) / "collection.yaml"


def against(file: Path, *entries: str) -> None:
    edit(file, "one_of_ones:\n", f"dedup: {{against: {json.dumps(entries)}}}\none_of_ones:\n")


def test_a_token_that_looks_like_protected_art_is_painted_again(copy: Path) -> None:
    before, _, _ = run(copy, until="render")
    art = copy.parent / "art" / "deep"
    art.mkdir(parents=True)
    picture = Image.open(copy.parent / "build/tiny/images/2.png")
    picture.save(art / "stolen.png")
    picture.convert("L").save(art / "gray.jpg")
    (art / "notes.txt").write_text("not a picture")
    against(copy, "art")

    after, news, _ = run(copy, until="render")

    assert painted(news) == 1
    assert [token.attempt for token in after.tokens] == [0, 1, 0, 0, 0, 0]
    assert after.tokens[2].image == before.tokens[2].image
    assert any("none may look like one of 2 other pictures" in line for line in preflight(copy))


def test_a_build_beside_its_manifest(built: Path, tiny: Path) -> None:
    edit(tiny, "name: Tiny", "name: Second")
    against(tiny, str(built.parent / "build/tiny/manifest.json"))

    manifest, _, _ = run(tiny, until="render")

    assert [token.attempt for token in manifest.tokens] == [1] * 6


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("nowhere", "does not exist"),
        ("empty", "holds no picture"),
        ("collection.yaml", "is no manifest of a build"),
        ("broken", r"broken/x\.png cannot be read as a picture"),
        ("build/tiny", "this collection's own build"),
    ],
)
def test_what_cannot_be_compared_is_said_with_its_place(
    copy: Path, entry: str, message: str
) -> None:
    (copy.parent / "empty").mkdir()
    (copy.parent / "broken").mkdir()
    (copy.parent / "broken/x.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    against(copy, entry)

    with pytest.raises(CollectionError, match=rf"yaml:21:19: .*{message}") as caught:
        run(copy, until="render")

    assert caught.value.hint
