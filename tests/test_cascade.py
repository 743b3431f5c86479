"""Painted small, chosen, enlarged: the whole product with `image.upscale`, and who forges it."""

from __future__ import annotations

import io
import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.curate.token import Enlarged
from mint.document import sha256
from mint.errors import MintError, RenderError, RuntimeChanged, VerifyError
from mint.models.upscaler import INKS
from mint.paint.inks import in_inks
from mint.paint.png import XMP, encode
from mint.record.manifest import Manifest
from mint.store import Store
from tests import memos
from tests.builds import files, painted, run
from tests.conftest import copy_collection, edit
from tests.killed_builds import renders, start
from tests.report.pages import rows
from tests.small_models import compact_esrgan
from tests.verify.forger import Forger, claims, refused

NEWS = 28 + 9  # of a build: those of test_build, the upscaler loaded, and six pictures enlarged


def cascade(folder: Path) -> Path:
    """A copy of collections/tiny with an upscaler of its own beside it."""
    file = copy_collection("tiny", folder)
    compact_esrgan(file.parent / "x4.safetensors", features=4, hidden=1)
    edit(file, "  batch: 2", "  batch: 2\n  upscale: x4.safetensors")
    return file


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = cascade(tmp_path_factory.mktemp("cascade"))
    _, news, _ = run(file)
    assert len(news) == NEWS
    return file


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built.parent, tmp_path / "tiny")) / "collection.yaml"


def enlarged(news: object) -> int:
    assert isinstance(news, list)
    return sum(1 for step, done, _ in news if step == "enlarging" and done > 0)


def record(file: Path) -> Manifest:
    return Manifest.parse((file.parent / "build/tiny/manifest.json").read_bytes())


def test_what_is_published_is_the_enlarged_picture(built: Path) -> None:
    manifest = record(built)
    out, store = built.parent / "build/tiny", Store(built.parent / ".mint")

    for token in manifest.tokens:
        data = (out / f"images/{token.token_id}.png").read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == manifest.size(token) == (256, 256)
            assert image.info["XML:com.adobe.xmp"] == XMP
            assert sha256(image.tobytes()) == token.image.pixels
        assert (sha256(data), len(data)) == (token.image.file, token.image.size)
        entry = json.loads((out / f"metadata/{token.token_id}.json").read_bytes())["mint"]
        assert token.enlarged is not None
        assert entry["painted_sha256"] == token.enlarged.painted != token.image.pixels
        assert entry["upscaler"] == token.enlarged.runtime
        assert entry["pixels_sha256"] == token.image.pixels
        small = store.recall("render", token.recipe.digest)
        assert json.loads(small or b"")["pixels"] == token.enlarged.painted
    assert [r.scale for r in manifest.runtimes.values() if r.scale] == [4]


def test_the_report_says_both_sizes(built: Path) -> None:
    page = (built.parent / "build/tiny/report/index.html").read_text()

    assert 'width="256" height="256"' in page
    assert 'width="64"' not in page
    assert "64 × 64 px, 2 steps" in page
    assert "to 256 × 256 px by <bdi>x4.safetensors</bdi>" in page
    assert "<h3>Enlarged on runtime <code>" in page
    assert "4 times, <bdi>float32</bdi>" in page
    assert "2 runtimes" not in page
    assert len(rows(page)) == 6


def test_the_second_build_enlarges_nothing_and_changes_nothing(copy: Path) -> None:
    before = files(copy)

    _, news, _ = run(copy)

    assert (painted(news), enlarged(news)) == (0, 0)
    assert files(copy) == before


def test_the_same_file_elsewhere_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    other = cascade(tmp_path)

    run(other)

    assert files(other) == files(built)


@pytest.mark.parametrize(
    ("old", "new", "repainted", "again"),
    [
        ("Six pictures, to test with.", "Six pictures.", 0, 0),
        ("a white robot, round eyes", "a gray robot, round eyes", 1, 1),
        ("  upscale: x4.safetensors", "  upscale: x2.safetensors", 0, 6),
        ("  upscale: x4.safetensors", "  upscale: atelier", 0, 6),
        ("  upscale: x4.safetensors\n", "", 0, 0),
    ],
)
def test_an_edit_redoes_only_what_it_touches(
    copy: Path, old: str, new: str, repainted: int, again: int
) -> None:
    compact_esrgan(copy.parent / "x2.safetensors", features=4, hidden=1, scale=2)
    edit(copy, old, new)

    manifest, news, _ = run(copy, until="publish")

    assert (painted(news), enlarged(news)) == (repainted, again)
    scale = 2 if "x2" in new else 1 if not new else 4
    assert {manifest.size(token) for token in manifest.tokens} == {(64 * scale, 64 * scale)}
    assert all((token.enlarged is None) == (not new) for token in manifest.tokens)


def test_without_upscale_nothing_is_otherwise(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    plain = copy_collection("tiny", tmp_path / "plain")
    edit(copy, "  upscale: x4.safetensors\n", "")

    run(copy, until="publish")
    run(plain, until="publish")

    assert files(copy)["tiny/collection.car"] == files(plain)["tiny/collection.car"]
    assert "null" not in (plain.parent / "build/tiny/manifest.json").read_text()


def test_duplicates_are_recognised_by_the_small_pictures(copy: Path) -> None:
    # Too close for the smallest threshold: were large pictures looked at, they would be embedded.
    embedded = memos.keys(copy.parent / ".mint", "embed")
    edit(copy, "  upscale: x4.safetensors\n", "")

    run(copy, until="render")

    assert len(embedded) == 6
    assert memos.keys(copy.parent / ".mint", "embed") == embedded


@pytest.mark.parametrize("which", ["published", "painted"])
def test_a_rotten_picture_is_made_again(copy: Path, which: str) -> None:
    before, store = files(copy), Store(copy.parent / ".mint")
    token = record(copy).tokens[2]
    small = json.loads(store.recall("render", token.recipe.digest) or b"")["file"]
    path = store.object_path(token.image.file if which == "published" else small)
    data = bytearray(path.read_bytes())
    data[200] ^= 1
    path.chmod(0o644)
    path.write_bytes(data if which == "published" else b"")

    _, news, rotten = run(copy)

    assert rotten == [path.parent.name + path.name]
    assert (painted(news), enlarged(news)) == ((0, 1) if which == "published" else (1, 0))
    assert files(copy) == before


def test_another_upscaler_under_the_same_name(copy: Path) -> None:
    before = record(copy)
    compact_esrgan(copy.parent / "x4.safetensors", features=8, hidden=1)

    with pytest.raises(RuntimeChanged, match=r"another upscaler: weights .* -> ") as caught:
        run(copy)
    assert "--runtime mixed" in caught.value.hint

    edit(copy, "a white robot, round eyes", "a gray robot, round eyes")
    manifest, news, _ = run(copy, until="publish", on_runtime="mixed")
    assert (painted(news), enlarged(news)) == (1, 1)
    assert len(manifest.runtimes) == 3
    assert manifest.tokens[0].image == before.tokens[0].image
    assert manifest.tokens[0].enlarged == before.tokens[0].enlarged
    page = (copy.parent / "build/tiny/report/index.html").read_text()
    assert "3 runtimes" in page

    compact_esrgan(copy.parent / "x4.safetensors", features=4, hidden=1, scale=2)
    manifest, news, _ = run(copy, until="publish", on_runtime="mixed")
    # One collection has one size: what was enlarged to another is not mixed in.
    assert enlarged(news) == 6
    assert {manifest.size(token) for token in manifest.tokens} == {(128, 128)}


def test_a_wrong_upscaler_is_refused_before_painting(tmp_path: Path) -> None:
    file = cascade(tmp_path)
    for name, says in (("a.pth", "is a pickle"), ("a.safetensors", "is no safetensors file")):
        (file.parent / name).write_bytes(b"\x80\x04 not really")
        edit(file, "upscale: x4.safetensors", f"upscale: {name}")
        with pytest.raises(RenderError, match=says):
            run(file)
        edit(file, f"upscale: {name}", "upscale: x4.safetensors")
    edit(file, "  width: 64", "  width: 4096")
    with pytest.raises(MintError, match="has a side of 16384 pixels"):
        run(file)

    assert renders(file) == 0


# Pictures are compared at 14 and measured, the upscaler is loaded at 20, enlarging begins at 21.
@pytest.mark.parametrize("last", [15, 21, 22, 24, 27])
def test_killed_while_enlarging(last: int, built: Path, tmp_path: Path) -> None:
    file = cascade(tmp_path)
    process = start(file, last)
    process.join()
    assert process.exitcode == -signal.SIGKILL

    _, news, _ = run(file)

    assert painted(news) == 0
    assert enlarged(news) == min(6, 6 - (last - 21))  # what was said to be done is
    assert files(file) == files(built)


def test_inks_redraw_what_atelier_enlarges(copy: Path) -> None:
    def pictures(upscale: str) -> dict[int, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
        edit(copy, before[-1], f"  upscale: {upscale}\n")
        before.append(f"  upscale: {upscale}\n")
        run(copy, until="publish")
        out = copy.parent / "build/tiny/images"
        return {t: np.array(Image.open(out / f"{t}.png").convert("RGB")) for t in range(1, 7)}

    before = ["  upscale: x4.safetensors\n"]
    plain, redrawn = pictures("atelier"), pictures("inks")

    for token_id, picture in redrawn.items():
        assert (picture == in_inks(plain[token_id])).all()
        assert not (picture == plain[token_id]).all()
    (enlarger,) = (r for r in record(copy).runtimes.values() if r.scale)
    assert enlarger.redraws == INKS
    proofs = claims(str(copy), sample=2)
    assert sum("painted again and enlarged: every pixel is equal" in c for c in proofs) == 2


# -- verify


@pytest.fixture
def forger(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Forger:
    monkeypatch.chdir(copy.parent)
    return Forger(copy)


def test_a_sound_build_is_proved_down_to_its_pixels(copy: Path, forger: Forger) -> None:
    assert forger.manifest.deployment is not None
    for target in (str(copy), forger.manifest.deployment.address):
        proofs = claims(target, sample=6)

        assert sum("painted again and enlarged: every pixel is equal" in c for c in proofs) == 6


def large(forger: Forger, token_id: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.array(Image.open(forger.folders.image(token_id)).convert("RGB"))


def caught(forger: Forger, says: str) -> None:
    """Found by painting again, from the file and from the address."""
    forger.publish()
    address = forger.deploy()
    assert claims(address)  # every digest fits
    for target in (str(forger.file), address):
        with pytest.raises(VerifyError, match=says):
            claims(target, sample=6)


def test_a_forged_enlarged_picture(forger: Forger) -> None:
    pixels = large(forger, 1)
    pixels[17:20, 23:26] ^= 32
    forger.show(1, encode(pixels), sha256(pixels.tobytes()))

    caught(forger, "token 1: painted again and enlarged it is another picture")


def change(forger: Forger, token_id: int, **changes: object) -> None:
    """Change how a token says that it was enlarged, in every record."""
    token = forger.manifest.tokens[token_id - 1]
    tokens = list(forger.manifest.tokens)
    tokens[token_id - 1] = token.model_copy(update=changes)
    forger.save(tokens=tuple(tokens))
    png = forger.folders.image(token_id).read_bytes()
    forger.show(token_id, png, token.image.pixels)


def test_another_small_picture_is_said_to_be_the_cause(forger: Forger) -> None:
    enlargement = forger.manifest.tokens[0].enlarged
    assert enlargement is not None
    change(forger, 1, enlarged=enlargement.model_copy(update={"painted": "ab" * 32}))

    caught(forger, "token 1: painted again it is not what was enlarged")


def upscaler(forger: Forger, **changes: object) -> None:
    """Say that another upscaler was used for all."""
    old = next(r for r in forger.manifest.runtimes.values() if r.scale)
    new = old.model_copy(update=changes)
    runtimes = {d: r for d, r in forger.manifest.runtimes.items() if r != old}
    tokens = tuple(
        t.model_copy(update={"enlarged": t.enlarged.model_copy(update={"runtime": new.digest})})
        for t in forger.manifest.tokens
        if t.enlarged
    )
    forger.save(runtimes=runtimes | {new.digest: new}, tokens=tokens)
    forger.show(1, forger.folders.image(1).read_bytes(), tokens[0].image.pixels)


def test_another_picture_is_not_excused_by_another_upscaler(forger: Forger) -> None:
    upscaler(forger, libraries={"torch": "0.0.1"})
    forger.publish()
    assert sum("every pixel is equal" in c for c in claims(forger.deploy(), sample=6)) == 6

    pixels = 255 - large(forger, 1)
    forger.show(1, encode(pixels), sha256(pixels.tobytes()))

    caught(forger, r"token 1: painted again and enlarged it is another picture .*torch 0\.0\.1 ->")


def test_another_scale_than_the_files(forger: Forger) -> None:
    upscaler(forger, scale=2)
    for token_id in range(1, 7):
        half = large(forger, token_id)[::2, ::2]
        forger.show(token_id, encode(half), sha256(half.tobytes()))

    caught(forger, r"x4\.safetensors enlarges 4 times, not 2")


@pytest.mark.parametrize(
    ("lie", "says"),
    [
        (lambda f: change(f, 1, enlarged=None), "token 1: its picture is not enlarged"),
        (
            lambda f: change(f, 2, enlarged=Enlarged(painted="ab" * 32, runtime="cd" * 32)),
            "token 2: the runtime that enlarged it is not recorded",
        ),
        (
            lambda f: change(
                f,
                2,
                enlarged=f.manifest.tokens[1].enlarged.model_copy(
                    update={"runtime": f.manifest.tokens[1].recipe.runtime}
                ),
            ),
            "token 2: the runtime that enlarged it is not recorded",
        ),
        (
            lambda f: change(f, 3, enlarged=f.manifest.tokens[1].enlarged),
            "token 3: its picture is token 2's",
        ),
        (
            lambda f: upscaler(f, scale=8),
            "token 1: its picture cannot be trusted: it is not 512x512",
        ),
    ],
)
def test_what_no_build_records(forger: Forger, lie: Callable[[Forger], None], says: str) -> None:
    lie(forger)
    forger.publish()

    refused(forger, forger.deploy(), says)


def test_a_collection_that_is_not_enlarged_has_no_enlarged_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = copy_collection("tiny", tmp_path)
    run(file)
    monkeypatch.chdir(file.parent)
    forger = Forger(file)
    change(forger, 1, enlarged=Enlarged(painted="ab" * 32, runtime="cd" * 32))
    forger.publish()

    refused(forger, forger.deploy(), "token 1: its picture is not enlarged as the collection says")


@pytest.mark.parametrize("nonsense", ['"upscaler": 7', '"upscaler": "ab"'])
def test_token_json_that_says_nonsense(forger: Forger, nonsense: str) -> None:
    written = b'{"mint": {"attempt": 0, "runtime": "0", "pixels_sha256": "00", "file_sha256": "",'
    document = written + b' "bytes": 1, ' + nonsense.encode() + b"}}"
    forger.publish(lambda tree: tree.update({"metadata": tree["metadata"] | {"2.json": document}}))

    refused(forger, forger.deploy(), "token 2: ")


def test_an_upscaler_that_is_not_here_is_named(copy: Path) -> None:
    (copy.parent / "x4.safetensors").unlink()

    with pytest.raises(MintError, match=r'"x4\.safetensors" does not exist'):
        claims(copy, sample=1)
