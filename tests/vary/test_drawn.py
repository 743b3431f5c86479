"""Pictures that begin with the artist's drawing: painted once, varied, published, proved.

A refiner goes on with them, too; in collections/carnival none does.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from mint.check import preflight
from mint.curate.decisions import Keep
from mint.curate.decisions_file import change
from mint.errors import CollectionError
from mint.paint.png import decode
from mint.record.folders import folders_of
from mint.retouch.easel import open_easel
from mint.spec.load import load
from mint.vary.blend import Mixtures, Named, blend
from mint.vary.vary import Variations, vary
from tests.builds import painted, run
from tests.vary.conftest import FILE, proved_to_a_stranger

REFINERS = "  refiners: [{model: atelier-detail, at: 0.5, width: 128, height: 128}]\n"
INIT = f"  height: 64\n{REFINERS}  init: {{file: sketch.png, strength: 0.4}}\n"
ONE = 'crown", token_id: 3'


def sketch(path: Path, colour: str) -> None:
    image = Image.new("RGB", (90, 60), "white")
    ImageDraw.Draw(image).ellipse((25, 10, 65, 50), fill=colour)
    image.save(path)


def mean(file: Path, token: int) -> float:
    """Green against red, of the token's picture."""
    out = folders_of(file, load(file)[0]).out
    picture = decode((out / "images" / f"{token}.png").read_bytes(), 128, 128).astype(int)
    return float((picture[..., 1] - picture[..., 0]).mean())


def test_drawings_begin_pictures_which_can_be_varied_and_proved(tmp_path: Path) -> None:
    home = tmp_path / "drawn"
    home.mkdir()
    sketch(home / "sketch.png", "green")
    sketch(home / "one.webp", "red")
    text = FILE.replace("  height: 64\n", INIT).replace(ONE, f"{ONE}, init: one.webp")
    file = home / "collection.yaml"
    file.write_text(text)
    run(file, until="publish")
    green = mean(file, 1)

    with open_easel(file, lambda *news: None, masked=False) as easel:
        vary(easel, 3, None, Variations(0.5, number=1), lambda *news: None)
    change(file, lambda d: d.with_decision(Keep(token=3, attempt=1000)))
    manifest, progress, _ = run(file, until="publish")
    assert painted(progress) == 0
    start = manifest.tokens[2].recipe.start
    assert start is not None
    assert start.recipe is not None
    assert start.recipe.start is not None
    digests = {start.recipe.start.picture, manifest.collection.image.init.pixels}  # type: ignore[union-attr]  # the file has one
    assert len(digests) == 2
    claimed, lines = proved_to_a_stranger(file, tmp_path / "elsewhere")
    assert claimed.tokens[2].recipe == manifest.tokens[2].recipe
    for token in (1, 2, 3):
        assert f"token {token} painted again: every pixel is equal" in lines

    with open_easel(file, lambda *news: None, masked=False) as easel:
        how = Mixtures(Named(1), Named(2), 3)
        with pytest.raises(CollectionError, match="picture of token 1 begins with a drawing"):
            blend(easel, how, lambda *news: None)

    sketch(home / "sketch.png", "red")
    _, progress, _ = run(file, until="publish")
    assert painted(progress) >= 2  # the two that begin with it
    assert mean(file, 1) < green
    (home / "sketch.png").unlink()
    with pytest.raises(CollectionError, match=r'yaml:12:16: the drawing "sketch.png" does not'):
        run(file, until="publish")


def test_a_model_that_cannot_begin_with_one_is_refused_before_painting(
    tmp_path: Path, family: Callable[[str], Path]
) -> None:
    sketch(tmp_path / "sketch.png", "green")
    file = tmp_path / "collection.yaml"
    size = "  steps: 2\n  width: 64\n  height: 64\n"
    init = "  init: sketch.png\n"
    pixart = family("pixart")
    cases = {
        f"  model: atelier-gan\n{init}": (9, "a GAN or a VAE, which paints in one pass"),
        f"  model: {pixart}\n{size}{init}": (12, "of the class PixArt"),
    }
    for settings, (line, message) in cases.items():
        file.write_text(FILE.replace(size, settings))
        for act in (lambda: list(preflight(file)), lambda: run(file, until="render")):
            with pytest.raises(CollectionError) as caught:
                act()
            assert f"collection.yaml:{line}:3: " in str(caught.value)
            assert message in str(caught.value)
            assert "init" in caught.value.hint
    assert not (tmp_path / "build").exists() or not list(tmp_path.glob("build/*/images/*"))


def test_check_says_what_pictures_begin_with(tmp_path: Path) -> None:
    sketch(tmp_path / "sketch.png", "green")
    file = tmp_path / "collection.yaml"
    file.write_text(FILE.replace("  height: 64\n", INIT))
    lines = list(preflight(file))
    published = "published with the collection"
    assert f"begins      sketch.png, painted over at strength 0.4; {published}" in lines
    with Image.open(tmp_path / "sketch.png") as opened:
        assert opened.size == (90, 60)  # as it was
