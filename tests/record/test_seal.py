"""A build with nothing to do: noticed by its seal, and by nothing less than all of its causes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mint.record import seal
from mint.stages import Step
from tests.builds import files, folders, painted, run
from tests.conftest import edit

LOOKS: set[Step] = {"comparing", "describing", "report"}  # at every token


@pytest.fixture(scope="module")
def sealed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build that ended, where it is now."""
    home = tmp_path_factory.mktemp("sealed") / "tiny"
    file = Path(shutil.copytree(built.parent, home)) / "collection.yaml"
    assert steps(file) >= LOOKS  # a copy is looked at anew
    return file


@pytest.fixture
def copy(sealed: Path) -> Path:
    """The sealed build, whose next build looks at nothing; a test leaves it as it was."""
    assert not steps(sealed) & LOOKS
    return sealed


def steps(file: Path, **options: object) -> set[Step]:
    return {step for step, _, _ in run(file, **options)[1]}


def test_a_second_build_looks_at_no_token_and_asks_the_chain(copy: Path) -> None:
    before = files(copy)

    manifest, news, _ = run(copy)

    assert {step for step, _, _ in news} == {
        *("planning", "loading", "publishing", "deploying", "minting")
    }
    assert files(copy) == before
    assert manifest.canonical() + b"\n" == folders(copy).manifest.read_bytes()
    assert manifest.deployment is not None
    assert len(manifest.deployment.transactions) == 2


def test_a_lost_contract_is_deployed_again(copy: Path) -> None:
    before = files(copy)
    shutil.rmtree(copy.parent / ".mint/chain")

    manifest, _, _ = run(copy)

    assert manifest.deployment is not None
    assert files(copy) == before  # the local chain gives the same addresses and blocks


def stale(path: Path) -> None:
    """As if it had been written again, with what it held."""
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda out: (out / "report/index.html").unlink(),
        lambda out: (out / "metadata/3.json").write_bytes(b"{}"),
        lambda out: stale(out / "collection.car"),
        lambda out: stale(out / "manifest.json"),
        lambda out: (out / "images/7.png").write_bytes(b"of no token"),
    ],
)
def test_a_file_that_is_not_as_it_was_left_is_made_again(
    copy: Path, spoil: Callable[[Path], object]
) -> None:
    before = files(copy)
    spoil(folders(copy).out)

    assert steps(copy) >= LOOKS
    assert files(copy) == before


def test_a_lost_picture_is_painted_again(copy: Path) -> None:
    before = files(copy)
    manifest, _, _ = run(copy)
    digest = manifest.tokens[2].image.file
    (copy.parent / ".mint/objects" / digest[:2] / digest[2:]).unlink()

    _, news, _ = run(copy)

    assert painted(news) == 1
    assert files(copy) == before


def test_an_edit_is_built(copy: Path) -> None:
    before, text = files(copy), copy.read_text()
    edit(copy, "seed: 1", "seed: 1\nroyalty: {bps: 123}")

    assert steps(copy) >= LOOKS
    assert files(copy) != before

    copy.write_text(text)
    assert steps(copy) >= LOOKS


def test_a_decision_is_obeyed(copy: Path) -> None:
    before = files(copy)
    decisions = copy.parent / "decisions.yaml"
    decisions.write_text("featured:\n  - {token: 3}\n")

    assert run(copy)[0].featured == 3

    decisions.unlink()
    assert steps(copy) >= LOOKS
    assert files(copy) == before


def test_another_version_of_mint_builds_anew(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "_code", lambda: "another")

    assert steps(copy) >= LOOKS

    monkeypatch.undo()
    assert steps(copy) >= LOOKS


def test_what_is_to_be_read_after_each_build_leaves_no_seal(copy: Path) -> None:
    decisions, heard = copy.parent / "decisions.yaml", list[str]()
    decisions.write_text("keep:\n  3: {attempt: 0, picture: 000000000000}\n")

    for _ in range(2):
        assert steps(copy, warn=heard.append) >= LOOKS

    assert sum("`keep` is not obeyed" in line for line in heard) == 2
    decisions.unlink()
    assert steps(copy) >= LOOKS


def test_a_build_may_end_at_the_car_it_was_sealed_with(copy: Path) -> None:
    assert steps(copy, until="publish") == {"planning", "loading", "publishing"}
    assert steps(copy, until="metadata") >= LOOKS  # of a shorter one there is no seal
