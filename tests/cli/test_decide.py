"""`mint keep`, `mint redraw` and `mint reject`, and the build that obeys them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mint.curate.decisions_file import decisions_path, read_decisions
from mint.document import sha256
from mint.record.folders import folders_of, read_manifest
from mint.record.manifest import Manifest
from mint.spec.load import load
from tests.commands import mint_here as mint
from tests.conftest import edit


@pytest.fixture
def file(built: Path, tmp_path: Path) -> Path:
    """A whole build of collections/tiny, in a folder of its own."""
    shutil.copytree(built.parent, tmp_path / "tiny")
    return tmp_path / "tiny" / "collection.yaml"


def manifest_of(file: Path) -> Manifest:
    return read_manifest(folders_of(file, load(file)[0]).manifest)


def test_decide_build_verify_and_change_ones_mind(file: Path) -> None:
    before, home = manifest_of(file), file.parent
    first = [token.image for token in before.tokens]
    attempts = [token.attempt for token in before.tokens]
    assert attempts[1] == attempts[4] == 0

    redrawn = mint("redraw", "collection.yaml", "2", cwd=home)
    assert redrawn.stdout == "token 2: painted again, from attempt 1 on\n"
    assert redrawn.stderr == "written to decisions.yaml; next: mint build collection.yaml\n"
    mint("reject", str(file), "5", "--reason", "six fingers")
    assert mint("keep", str(file), "1", "6").stdout.count("is its picture") == 2
    stale = mint("verify", str(file), "--sample", "0", code=1)
    assert "decisions.yaml was edited since the build" in stale.stderr

    built = mint("build", str(file), "--until", "publish")
    assert "decisions.yaml" not in built.stderr  # no warning
    now = manifest_of(file)
    assert [token.attempt for token in now.tokens][1] > 0
    for i in (0, 2, 3, 5):
        assert now.tokens[i].image == first[i]
    for i, reason in ((1, "the artist asked for another picture"), (4, "six fingers")):
        token = now.tokens[i]
        assert token.image != first[i]
        assert (token.attempts[0].attempt, token.attempts[0].image) == (0, first[i])
        assert reason in token.attempts[0].reasons[0]
        png = home / f"build/tiny/attempts/{i + 1}-0.png"
        assert sha256(png.read_bytes()) == first[i].file
    assert now.decisions == read_decisions(file).decisions
    proved = mint("verify", str(file), "--sample", "0").stdout
    assert "ok  obeyed decisions of the artist about single pictures: 4" in proved

    # The first picture was not lost: it is chosen after all, and the other one is not lost either.
    mint("keep", str(file), "2", "--attempt", "0")
    mint("build", str(file), "--until", "metadata")
    assert manifest_of(file).tokens[1].image == first[1]
    other = home / f"build/tiny/attempts/2-{now.tokens[1].attempt}.png"
    assert sha256(other.read_bytes()) == now.tokens[1].image.file

    # Without its lines everything is as it was, to the byte.
    decisions_path(file).unlink()
    mint("build", str(file), "--until", "publish")
    undone = manifest_of(file)
    assert undone.tokens == before.tokens
    assert undone.publication == before.publication
    assert not list((home / "build/tiny/attempts").iterdir())


def test_a_decision_does_not_follow_to_another_picture(file: Path) -> None:
    mint("redraw", str(file), "2")
    edit(file, "seed: 1\n", "seed: 2\n")

    older = "outdated    metadata/ and collection.car: of an earlier build"
    assert older in mint("build", str(file), "--until", "render").stdout
    built = mint("build", str(file), "--until", "metadata")

    assert "outdated    collection.car: of an earlier build" in built.stdout
    place = f"{decisions_path(file)}:6:5"
    assert f"warning: {place}: attempt 0 of token 2 is another picture by now" in built.stderr
    proved = mint("verify", str(file)).stdout
    assert "--  not obeyed, since the picture is another one by now: redraw 2" in proved


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("keep", "9"), "there is no picture of a token 9", "tokens 1 to 6 have one"),
        (("keep", "1", "--attempt", "8"), "attempt 8 of token 1 was never painted", "its attempts"),
        (("reject", "1", "--reason", " "), "the reason is empty", "six fingers"),
        (("redraw", "1", "9"), "there is no picture of a token 9", "mint preview"),
    ],
)
def test_what_cannot_be_decided(
    built: Path, arguments: tuple[str, ...], message: str, hint: str
) -> None:
    verb, *rest = arguments

    done = mint(verb, str(built), *rest, code=1)

    assert message in done.stderr
    assert f"try: {hint}" in done.stderr or hint in done.stderr
    assert not decisions_path(built).exists()


def test_what_was_relabelled_cannot_be_kept_with_its_old_label(file: Path) -> None:
    manifest = manifest_of(file)
    tokens = [
        token.model_copy(update={"relabelled": {"Body": "gray"}}) if token.token_id == 2 else token
        for token in manifest.tokens
    ]
    record = manifest.model_copy(update={"tokens": tuple(tokens)})
    folders_of(file, load(file)[0]).manifest.write_bytes(record.canonical())

    done = mint("keep", str(file), "1", "2", code=1)

    assert f"token 2 says Body: {tokens[1].traits['Body']}, as its picture shows" in done.stderr
    assert "kept, it would say Body: gray again" in done.stderr
    assert not decisions_path(file).exists()
    mint("redraw", str(file), "2")


def test_nothing_is_painted_yet(tiny: Path) -> None:
    assert (
        "nothing is painted yet\ntry: run mint build first"
        in mint("keep", str(tiny), "1", code=1).stderr
    )
