"""Wallpapers of tokens, from collection.yaml to a stranger's proof: painted once, on every rail."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from mint.banner import frame_of, open_framer
from mint.build import Options, build
from mint.check import preflight
from mint.document import sha256
from mint.errors import CollectionError, VerifyError
from mint.ipfs import walk
from mint.ipfs.car import open_car
from mint.models.beginnings import refuse_wallpapers
from mint.paint.picture import Picture
from mint.paint.png import encode
from mint.record.folders import link_images
from mint.spec.load import load
from mint.store import Store
from tests.builds import files, folders, painted, pixels, recorded, run
from tests.conftest import edit
from tests.small_models import compact_esrgan
from tests.verify.forger import Forger, claims

CANVAS = "  canvas: {width: 128, height: 64, tokens: [2], one_of_ones: true}\ntraits:"
EXTENDED = (2, 4)
SALE = """\
sale:
  payees: [{address: "0x00000000000000000000000000000000000A11cE", bps: 10000}]
  phases: [{name: public, start: 2027-01-02T18:00Z, end: 2027-01-09T18:00Z, price: "0.03"}]
rules:
"""


@pytest.fixture(scope="module")
def extended(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """collections/tiny, of which tokens 2 and 4 have one; built after a build that was killed."""
    home = tmp_path_factory.mktemp("extended") / "tiny"
    file = shutil.copytree(built.parent, home, symlinks=True) / built.name
    edit(file, "traits:", CANVAS)
    with pytest.raises(KeyboardInterrupt):
        build(file, Options(), stop_at_the_first)
    _, progress, _ = run(file)
    assert painted(progress) == 0
    assert ("extending", 1, 1) in progress  # of two, one was finished before the kill
    return file


def stop_at_the_first(step: str, done: int, total: int) -> None:
    if (step, done) == ("extending", 1):
        raise KeyboardInterrupt


@pytest.fixture
def other(extended: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return shutil.copytree(extended.parent, tmp_path / "other", symlinks=True) / extended.name


def test_a_token_names_its_wallpaper_in_which_its_picture_stays(extended: Path) -> None:
    manifest, here = recorded(extended), folders(extended)
    assert manifest.publication
    for token in manifest.tokens:
        path = here.wallpaper(token.token_id)
        document = json.loads(here.metadata(token.token_id).read_bytes())
        if token.token_id not in EXTENDED:
            assert not path.exists()
            assert "properties" not in document
            continue
        uri = f"ipfs://{manifest.publication.wallpapers}/{token.token_id}.png"
        assert document["properties"] == {"files": [{"uri": uri, "type": "image/png"}]}
        assert token.wallpaper
        assert sha256(path.read_bytes()) == token.wallpaper.image.file
        assert np.array_equal(pixels(path)[:, 32:96], pixels(here.image(token.token_id)))
        assert pixels(path)[:, :32].std() > 1  # something is painted there


def test_a_second_build_paints_nothing_and_a_shorter_one_undoes_nothing(extended: Path) -> None:
    before = files(extended)

    _, progress, _ = run(extended)
    shorter, _, _ = run(extended, until="animate")

    assert not [step for step, _, _ in progress if step in ("painting", "extending", "framing")]
    assert shorter == recorded(extended)
    assert files(extended) == before


def test_it_is_what_was_tried_before(extended: Path, other: Path) -> None:
    with open_framer(other, lambda *news: None, lambda *parts: pytest.fail("painted")) as here:
        path = here.wallpaper(frame_of(2, "128x64"))

    assert path.read_bytes() == folders(extended).wallpaper(2).read_bytes()


def test_another_picture_gets_another_and_the_rest_stay(other: Path) -> None:
    before = recorded(other)
    (other.parent / "decisions.yaml").write_text("redraw: [{token: 2, after: 0}]\n")

    manifest, progress, _ = run(other, until="canvas")

    assert ("extending", 1, 1) in progress
    pairs = zip(manifest.tokens, before.tokens, strict=True)
    assert [now.token_id for now, then in pairs if now.wallpaper != then.wallpaper] == [2]


def test_what_another_runtime_painted_and_enlarged_stays(
    other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compact_esrgan(other.parent / "x4.safetensors", features=4, hidden=1)
    edit(other, "  batch: 2", "  batch: 2\n  upscale: x4.safetensors")
    edit(other, "{width: 128, height: 64,", "{width: 256, height: 128,")
    before, _, _ = run(other, until="canvas")
    wallpapers = [token.wallpaper for token in before.tokens if token.wallpaper]
    assert all(wallpaper.upscaler for wallpaper in wallpapers)
    monkeypatch.setattr("mint.models.runtime.version", lambda name: "0.0.1")

    after, progress, _ = run(other, until="canvas", on_runtime="mixed")

    assert not [step for step, _, _ in progress if step in ("extending", "framing")]
    assert [token.wallpaper for token in after.tokens if token.wallpaper] == wallpapers


def test_without_the_line_everything_is_as_it_was(other: Path, built: Path) -> None:
    edit(other, CANVAS, "traits:")

    manifest, progress, _ = run(other, until="publish")

    assert manifest.publication == recorded(built).publication
    assert not painted(progress)
    assert not folders(other).wallpaper(2).parent.exists()


def test_the_artist_and_a_stranger_see_it_painted_again(
    extended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(extended.parent)
    deployment = recorded(extended).deployment
    assert deployment
    for target in (extended, deployment.address):
        (said,) = (each for each in claims(target, sample=1) if "wallpaper " in each)
        assert said.endswith("'s wallpaper painted again: every pixel is equal")


@pytest.fixture
def forger(other: Path, monkeypatch: pytest.MonkeyPatch) -> Forger:
    monkeypatch.chdir(other.parent)
    return Forger(other)


def test_another_picture_under_its_name_is_found_out(forger: Forger) -> None:
    black = np.zeros((64, 128, 3), np.uint8)
    png = encode(black)
    image = Picture(pixels=sha256(black.tobytes()), file=forger.store.put(png), size=len(png))
    for token_id in EXTENDED:  # whichever is drawn
        wallpaper = forger.manifest.tokens[token_id - 1].wallpaper
        assert wallpaper
        forger.change(token_id, wallpaper=wallpaper.model_copy(update={"image": image}))
    forger.publish()
    forger.deploy()

    with pytest.raises(VerifyError, match="wallpaper painted again is another picture"):
        claims(forger.file, sample=1)


def test_a_wallpaper_too_few_is_found_out(forger: Forger) -> None:
    tokens = (t.model_copy(update={"wallpaper": None}) for t in forger.manifest.tokens)
    forger.save(tokens=tuple(tokens))

    with pytest.raises(VerifyError, match=r"token 2: .* has no wallpaper"):
        claims(forger.file)


def test_before_a_reveal_none_is_pinned(other: Path) -> None:
    edit(other, "rules:\n", SALE)

    _, progress, _ = run(other, until="publish")

    assert not painted(progress)
    for car, names in ((folders(other).hidden_car, set()), (folders(other).car, set(EXTENDED))):
        with closing(open_car(car)) as opened:
            paths = [path for path, _ in walk.files(opened.block, opened.root)]
        expected = {f"wallpapers/{token_id}.png" for token_id in names}
        assert {path for path in paths if path.startswith("wallpapers")} == expected
    hidden = folders(other).hidden_car.read_bytes()
    assert b"wallpaper" not in hidden


def test_check_says_what_it_adds(extended: Path) -> None:
    (line,) = (each for each in preflight(extended) if each.startswith("wallpapers"))

    assert "2 of 6 tokens, 128 x 64 pixels: 4 paintings, about" in line


@pytest.mark.parametrize("name", ["pixart", "gan"])
def test_a_model_that_cannot_is_refused_with_its_line(
    name: str, tiny: Path, family: Callable[[str], Path]
) -> None:
    edit(tiny, "traits:", CANVAS)
    gan = Path(__file__).parent.parent / "mint" / "atelier" / "gan"

    with pytest.raises(CollectionError, match=r"yaml:15:3: no wallpaper can be painted"):
        refuse_wallpapers(*load(tiny), gan if name == "gan" else family(name))


def test_the_folder_keeps_what_is_not_mints(other: Path) -> None:
    here, tokens = folders(other), recorded(other).tokens
    (here.out / "wallpapers" / "2-64x128.png").touch()  # of mint banner --wallpaper

    link_images(here, Store(here.state), [t.model_copy(update={"wallpaper": None}) for t in tokens])

    assert [path.name for path in (here.out / "wallpapers").iterdir()] == ["2-64x128.png"]


@pytest.mark.browser
def test_the_report_shows_it_with_a_link(extended: Path, browser: Browser) -> None:
    page = browser.new_page()
    report = folders(extended).report.as_uri()
    page.goto(f"{report}#token-2")
    link = page.locator("#card [data-slot=wallpaper]")
    link.wait_for()
    assert link.get_attribute("href") == "../wallpapers/2.png"
    page.wait_for_function("() => document.querySelector('.wallpaper img').naturalWidth === 128")
    page.goto(f"{report}#token-1")
    page.wait_for_selector("#card [data-slot=number]")
    assert not link.is_visible()
    page.close()
