"""mint vary and mint blend by a prior and a decoder: what the model sees in pictures, decoded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mint.curate.decisions import Keep
from mint.curate.decisions_file import change, read_decisions
from mint.errors import CollectionError
from mint.models.beginnings import refuse_mixing, refuse_varying
from mint.plan.edit import Parent
from mint.record.folders import folders_of, read_manifest
from mint.retouch.easel import open_easel
from mint.spec.load import load
from mint.vary.blend import Mixtures, Named, blend
from mint.vary.proofs import Proof
from mint.vary.vary import Variations, vary
from tests.builds import painted, run
from tests.commands import mint
from tests.vary.conftest import FILE, interrupted, painted_by, proved_to_a_stranger

News = list[tuple[str, int, int]]


@pytest.fixture(scope="session")
def seen_once(tmp_path_factory: pytest.TempPathFactory, family: Callable[[str], Path]) -> Path:
    """Kin's three tokens, painted by a tiny Kandinsky."""
    model = f"image:\n  model: {family('kandinsky')}\n  dtype: float32\n  batch: 1\n"
    return painted_by(tmp_path_factory.mktemp("seen"), FILE.replace("image:\n", model))


@pytest.fixture
def seen(seen_once: Path, tmp_path: Path) -> Path:
    """The file of a copy."""
    shutil.copytree(seen_once.parent, tmp_path / "seen")
    return tmp_path / "seen" / "collection.yaml"


def painted_for(file: Path, how: Variations | Mixtures, token: int = 3) -> tuple[list[Proof], int]:
    """The proofs, and how many of them were painted now."""
    progress: News = []
    with open_easel(file, lambda *news: None, masked=False) as easel:
        if isinstance(how, Mixtures):
            proofs = blend(easel, how, lambda *news: progress.append(news))[1]
        else:
            proofs = vary(easel, token, None, how, lambda *news: progress.append(news))[1]
    return proofs, painted(progress)  # type: ignore[arg-type]  # a step is a literal


def test_any_picture_is_varied_and_mixed_once_chosen_proved_and_taken_back(
    seen: Path, tmp_path: Path
) -> None:
    before = read_manifest(folders_of(seen, load(seen)[0]).manifest)
    variations, number = painted_for(seen, Variations(number=2), token=1)
    assert ([v.edit.strength for v in variations], number) == ([0, 0], 2)
    assert painted_for(seen, Variations(number=2), token=1) == (variations, 0)
    change(seen, lambda d: d.with_decision(Keep(token=1, attempt=1001)))

    of_an_edit = Mixtures(Named(1, 1001), Named(2), 3, number=1)
    (child,), number = painted_for(seen, of_an_edit)
    assert number == 1
    assert painted_for(seen, of_an_edit) == ([child], 0)
    # A child is a parent, too.
    (grandchild,), _ = painted_for(seen, Mixtures(Named(3, 1000), Named(1, 1000), 3, number=1))
    change(seen, lambda d: d.with_decision(Keep(token=3, attempt=grandchild.edit.attempt)))

    manifest, progress, _ = run(seen, until="publish")
    assert painted(progress) == 0
    assert [token.attempt for token in manifest.tokens] == [1001, 0, 1001]
    start = manifest.tokens[2].recipe.start
    assert start is not None
    assert start.second is not None
    assert start.recipe == child.trial.candidate.recipe
    assert start.second.recipe == variations[0].trial.candidate.recipe
    out = folders_of(seen, load(seen)[0]).out
    (published,) = json.loads((out / "metadata" / "3.json").read_bytes())["mint"]["edits"]
    assert (published["embedding"], published["strength"]) == (True, 0)
    # Its own record says what its parents are, and theirs.
    (parent,) = published["blend"]["first"]["edits"]
    (earlier,) = parent["blend"]["first"]["edits"]
    assert earlier == {"attempt": 1001, "embedding": True, "of": 0, "strength": 0}
    page = (out / "report" / "index.html").read_text()
    assert '"edited":"variation of attempt 0 as the model sees it"' in page
    said = "blend of token 3 (attempt 1000) and token 1 (attempt 1000) as the model sees them"
    assert said in page

    claimed, lines = proved_to_a_stranger(seen, tmp_path)
    assert [token.recipe for token in claimed.tokens] == [t.recipe for t in manifest.tokens]
    for token in (1, 2, 3):
        assert f"token {token} painted again: every pixel is equal" in lines

    seen.with_name("decisions.yaml").unlink()
    after, progress, _ = run(seen, until="publish")
    assert (after, painted(progress)) == (before, 0)


def test_what_is_stopped_writes_no_half_a_list_and_goes_on(seen: Path) -> None:
    how = Mixtures(Named(1), Named(2), 3, number=2)
    with (
        pytest.raises(KeyboardInterrupt),
        open_easel(seen, lambda *n: None, masked=False, open_renderer=interrupted(1)) as easel,
    ):
        blend(easel, how, lambda *news: None)
    assert not seen.with_name("decisions.yaml").exists()
    proofs, number = painted_for(seen, how)
    assert (len(proofs), number) == (2, 1)


def test_the_commands(seen: Path) -> None:
    with pytest.raises(CollectionError, match="other words change nothing: this model paints what"):
        painted_for(seen, Variations("subtle", "a cat"))
    varied = mint("vary", str(seen), "--token", "1", "--count", "1", "--prompt", "a cat")
    assert varied.stdout.startswith(
        'attempt 1000  variation of attempt 0 as the model sees it, words 0.5, as "a cat"\n'
    )
    mixed = mint("blend", str(seen), "1:1000", "2", "--for", "3", "--count", "1")
    assert mixed.stdout.startswith(
        "attempt 1000  blend of token 1 (attempt 1000) and token 2 as the model sees them, "
        "share 0.5\n"
    )
    (child,) = (each for each in read_decisions(seen).decisions.edit if each.token == 3)
    assert child.blend is not None
    assert child.blend.second == Parent(token=2, attempt=0)


def test_a_model_that_sees_no_picture_is_refused_at_its_place(
    seen: Path, family: Callable[[str], Path], tmp_path: Path
) -> None:
    collection, source = load(seen)
    blind = tmp_path / "blind"
    blind.mkdir()
    index = json.loads((family("kandinsky") / "model_index.json").read_bytes())
    index["prior_image_processor"] = [None, None]
    (blind / "model_index.json").write_text(json.dumps(index))
    lacks = "lacks prior_image_encoder and prior_image_processor"
    with pytest.raises(CollectionError, match=rf"yaml:7:10: the model in .*blind .* {lacks}"):
        refuse_varying(collection, source, blind)
    refuse_varying(collection, source, family("kandinsky"))

    with pytest.raises(CollectionError, match="yaml:7:10: StableCascadeCombined cannot begin"):
        refuse_varying(collection, source, family("cascade"))
    with pytest.raises(CollectionError, match="yaml:7:10: pictures cannot be mixed") as caught:
        refuse_mixing(collection, source, family("cascade"))
    assert "KandinskyV22Combined" in caught.value.hint
