"""Tokens that move, from collection.yaml to a stranger's proof: painted once, on every rail."""

from __future__ import annotations

import http.client
import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from mint.document import sha256
from mint.errors import CollectionError, RenderError, VerifyError
from mint.models.animators import refuse_unfit_film
from mint.paint.mp4 import encode_film
from mint.preview.server import serve
from mint.record.folders import Folders, folders_of, link_images
from mint.record.manifest import Manifest
from mint.spec.load import load
from mint.store import Store
from tests.builds import files, painted, run
from tests.conftest import copy_collection, edit
from tests.preview.loopback import running
from tests.small_models import compact_esrgan
from tests.verify.forger import Forger, claims

FILMS = "animate: {tokens: [2], one_of_ones: true, frames: 5, keyframes: 3, fps: 6}\ntraits:"


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """collections/tiny, of which tokens 2 and 4 move; built after a build that was killed."""
    file = copy_collection("tiny", tmp_path_factory.mktemp("moved"))
    edit(file, "traits:", FILMS)
    with pytest.raises(KeyboardInterrupt):
        stopped(file)
    _, progress, _ = run(file)
    assert painted(progress) == 0
    assert ("animating", 1, 1) in progress  # of two, one was finished before the kill
    return file


def stopped(file: Path) -> None:
    """A build that ends when its first film is finished."""
    from mint.build import Options, build

    def listen(step: str, done: int, total: int) -> None:
        if (step, done) == ("animating", 1):
            raise KeyboardInterrupt

    build(file, Options(), listen)


@pytest.fixture
def folders(moved: Path) -> Folders:
    return folders_of(moved, load(moved)[0])


@pytest.fixture
def manifest(folders: Folders) -> Manifest:
    return Manifest.parse(folders.manifest.read_bytes())


def test_a_token_that_moves_says_so_and_keeps_its_picture(
    manifest: Manifest, folders: Folders
) -> None:
    publication = manifest.publication
    assert publication
    for token in manifest.tokens:
        document = json.loads(folders.metadata(token.token_id).read_bytes())
        assert document["image"] == f"ipfs://{publication.images}/{token.token_id}.png"
        uri = f"ipfs://{publication.animations}/{token.token_id}.mp4"
        assert document.get("animation_url") == (uri if token.token_id in (2, 4) else None)
        film = folders.animation(token.token_id)
        assert film.exists() == (token.animation is not None)
        if token.animation:
            assert sha256(film.read_bytes()) == token.animation.file
            assert document["mint"]["animation"]["frames"] == token.animation.frames
            assert (token.animation.count, token.animation.fps) == (5, 6)


def test_a_second_build_paints_nothing_and_changes_no_byte(moved: Path) -> None:
    before = files(moved)
    _, progress, _ = run(moved)

    assert not [step for step, _, _ in progress if step in ("painting", "animating")]
    assert files(moved) == before


def test_a_shorter_build_undoes_no_film(moved: Path, manifest: Manifest) -> None:
    again, _, _ = run(moved, until="render")

    assert again == manifest


def test_a_lost_film_is_painted_again(moved: Path, tmp_path: Path) -> None:
    file = shutil.copytree(moved.parent, tmp_path / "copy") / moved.name
    before, folders = files(file), folders_of(file, load(file)[0])
    lost = Manifest.parse(folders.manifest.read_bytes()).tokens[1].animation
    assert lost
    (folders.state / "objects" / lost.file[:2] / lost.file[2:]).unlink()
    _, progress, _ = run(file)

    assert ("animating", 1, 1) in progress
    assert files(file) == before


def test_what_another_runtime_painted_and_enlarged_stays(
    moved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = shutil.copytree(moved.parent, tmp_path / "copy") / moved.name
    compact_esrgan(file.parent / "x4.safetensors", features=4, hidden=1)
    edit(file, "  batch: 2", "  batch: 2\n  upscale: x4.safetensors")
    before, _, _ = run(file, until="animate")
    films = [token.animation for token in before.tokens if token.animation]
    assert all(film.enlarged for film in films)
    monkeypatch.setattr("mint.models.runtime.version", lambda name: "0.0.1")

    after, progress, _ = run(file, until="animate", on_runtime="mixed")

    assert not [step for step, _, _ in progress if step == "animating"]
    assert [token.animation for token in after.tokens if token.animation] == films
    assert {film.enlarged for film in films} <= after.runtimes.keys()


def test_without_films_nothing_is_left_of_their_folder(moved: Path, tmp_path: Path) -> None:
    file = shutil.copytree(moved.parent, tmp_path / "copy") / moved.name
    folders = folders_of(file, load(file)[0])
    tokens = Manifest.parse(folders.manifest.read_bytes()).tokens
    still = [token.model_copy(update={"animation": None}) for token in tokens]
    (folders.out / "animations" / "mine.txt").touch()
    link_images(folders, Store(folders.state), still)
    assert [path.name for path in (folders.out / "animations").iterdir()] == ["mine.txt"]
    (folders.out / "animations" / "mine.txt").unlink()
    link_images(folders, Store(folders.state), still)
    assert not (folders.out / "animations").exists()


def test_the_artist_and_a_stranger_see_the_same_film_painted_again(
    moved: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(moved.parent)
    assert manifest.deployment
    for target in (moved, manifest.deployment.address):
        sentences = claims(target, sample=1)
        (said,) = (each for each in sentences if "film" in each)
        assert said.endswith("all 5 frames are equal; so is the mp4, to the byte")


@pytest.fixture
def forger(moved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Forger:
    home = shutil.copytree(moved.parent, tmp_path / "forged")
    monkeypatch.chdir(home)
    return Forger(home / moved.name)


def replay(forger: Forger, token_id: int, **changes: object) -> None:
    """Give a token another film, in every record and on the disk."""
    film = forger.manifest.tokens[token_id - 1].animation
    assert film
    forger.change(token_id, animation=film.model_copy(update=changes))
    forger.publish()
    forger.deploy()


def test_another_film_under_the_frames_digest_is_found_out(forger: Forger) -> None:
    black = np.zeros((5, 64, 64, 3), np.uint8)
    lie = encode_film(black, 6)
    for token_id in (2, 4):  # whichever is drawn
        stored = {"file": forger.store.put(lie.data), "size": len(lie.data)}
        replay(forger, token_id, **stored)

    with pytest.raises(VerifyError, match="its mp4 is not what its frames give"):
        claims(forger.file, sample=1)


def test_what_another_encoder_wrote_must_show_the_frames(forger: Forger) -> None:
    black = encode_film(np.zeros((5, 64, 64, 3), np.uint8), 6)
    for token_id in (2, 4):
        stored = {"file": forger.store.put(black.data), "size": len(black.data)}
        replay(forger, token_id, encoder="av 1.0, libx264, crf 16", **stored)

    with pytest.raises(VerifyError, match="its mp4 shows something else than its frames"):
        claims(forger.file, sample=1)


def test_a_film_of_another_length_is_refused(forger: Forger) -> None:
    replay(forger, 2, count=4)

    with pytest.raises(VerifyError, match="its film is not as long as the collection says"):
        claims(forger.file)


def test_the_preview_serves_a_range_of_a_film(folders: Folders) -> None:
    film = folders.animation(2).read_bytes()
    with (
        running(serve(folders.car, folders.report, 0, folders)) as port,
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection,
    ):
        connection.request("GET", "/animations/2.mp4", headers={"Range": "bytes=4-99"})
        reply = connection.getresponse()
        assert (reply.status, reply.headers["Content-Type"]) == (206, "video/mp4")
        assert reply.read() == film[4:100]


@pytest.mark.browser
@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_report_plays_it_unless_the_reader_wants_no_motion(
    motion: str, folders: Folders, browser: Browser
) -> None:
    context = browser.new_context(reduced_motion=motion)  # type: ignore[arg-type]  # a literal, from a table
    page = context.new_page()
    page.goto(f"{folders.report.as_uri()}#token-2")
    page.wait_for_selector("#card video:not([hidden])")
    video = page.locator("#card video")
    assert video.evaluate("v => [v.muted, v.loop, v.videoWidth]") == [True, True, 64]
    if motion == "reduce":
        assert video.evaluate("v => v.paused && v.currentTime === 0")
    else:
        page.wait_for_function("() => document.querySelector('#card video').currentTime > 0")
    page.goto(f"{folders.report.as_uri()}#token-1")
    page.wait_for_selector("#card [data-slot=number]")
    assert page.locator("#card video").count() == 0
    context.close()


def test_without_pyav_it_is_said_before_anything_is_painted(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(tiny, "traits:", FILMS)
    monkeypatch.setattr("mint.paint.mp4.find_spec", lambda name: None)

    with pytest.raises(RenderError, match="PyAV, which is not installed") as refusal:
        run(tiny)
    assert refusal.value.hint == 'pip install "av>=18.1,<19"'
    assert not (tiny.parent / "build").exists()


def test_a_model_that_cannot_walk_is_refused_with_its_line(
    tiny: Path, family: Callable[[str], Path]
) -> None:
    edit(tiny, "traits:", FILMS)

    with pytest.raises(CollectionError, match=r"yaml:15:1: Flux cannot walk"):
        refuse_unfit_film(*load(tiny), family("flux"), None)
