"""`mint verify` and unsafe pictures: scores are held against the rule, and computed again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mint.errors import VerifyError
from mint.record.manifest import Manifest
from mint.verify.safety import unpublished_safety
from mint.verify.unchecked import Unchecked
from mint.verify.verify import prove
from tests import exhibit, small_models
from tests.builds import run
from tests.conftest import edit


@pytest.fixture(scope="module")
def checked(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """collections/tiny, whose pictures a classifier has looked at, published nowhere."""
    home = Path(shutil.copytree(built.parent, tmp_path_factory.mktemp("checked") / "tiny"))
    small_models.classifier(home / "nsfw", ("neutral", "porn", "sexy"))
    file = home / "collection.yaml"
    edit(file, "seed: 1\n", "seed: 1\nsafety: {model: ./nsfw}\n")
    run(file, until="publish")
    return file


@pytest.fixture
def copy(checked: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(checked.parent, tmp_path / "tiny")) / "collection.yaml"


def about_safety(file: Path, sample: int = 0) -> list[str]:
    claims = prove(str(file), sample=sample, network=None, environ={})
    return [claim for claim in claims if "safety" in claim or "unsafe to" in claim]


def forge(file: Path, unsafe: float | None) -> None:
    """Another score of token 3 in the record."""
    path = file.parent / "build/tiny/manifest.json"
    manifest = Manifest.parse(path.read_bytes())
    tokens = [t.model_copy(update={"unsafe": unsafe}) if t.token_id == 3 else t
              for t in manifest.tokens]  # fmt: skip
    path.write_bytes(manifest.model_copy(update={"tokens": tuple(tokens)}).canonical() + b"\n")


def test_scores_are_computed_again(checked: Path) -> None:
    rule, again = about_safety(checked, sample=6)

    assert rule.startswith("by the scores on record, ")
    assert rule.endswith("pictures are unsafe to ./nsfw")
    assert again == "6 safety scores, computed again, are those on record"


@pytest.mark.parametrize(("unsafe", "says"), [(0.123, "not 0.123"), (None, "no safety score")])
def test_a_forged_score_names_its_token(copy: Path, unsafe: float | None, says: str) -> None:
    forge(copy, unsafe)

    with pytest.raises(VerifyError, match=f"token 3: .*{says}"):
        about_safety(copy, sample=6)


def test_an_unsafe_picture_that_was_to_be_painted_again_is_named(copy: Path) -> None:
    edit(copy, "{model: ./nsfw}", "{model: ./nsfw, threshold: 0.9, action: redraw}")
    run(copy, until="publish")
    assert len(about_safety(copy)) == 1
    forge(copy, 0.95)

    with pytest.raises(VerifyError, match=r"token 3: its picture counts as unsafe \(0.95\)"):
        about_safety(copy)


def test_another_model_is_named(copy: Path) -> None:
    path = copy.parent / "nsfw" / "config.json"
    path.write_text(path.read_text() + "\n")

    with pytest.raises(VerifyError, match=r"\./nsfw is not the model that scored"):
        about_safety(copy, sample=1)


def test_where_nothing_was_asked_nothing_is_claimed(built: Path) -> None:
    assert about_safety(built, sample=1) == []
    assert list(unpublished_safety(exhibit.manifest(2))) == []


def test_what_nobody_looked_at_is_said_to_be_unchecked(copy: Path) -> None:
    edit(copy, "{model: ./nsfw}", "{model: clip}")
    run(copy, until="publish")

    (claim,) = about_safety(copy, sample=1)

    assert isinstance(claim, Unchecked)
    assert claim.startswith("no picture was checked for safety: atelier's own CLIP")


def test_a_contract_alone_does_not_tell_scores() -> None:
    collection = exhibit.collection(2, safety={"model": "./nsfw"})

    (claim,) = unpublished_safety(exhibit.manifest(2, collection=collection))

    assert isinstance(claim, Unchecked)
