"""Edits that a record claims: what it must keep for them to be believed."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from mint.build import Options, build
from mint.curate.decisions import Edited, Keep
from mint.curate.decisions_file import change
from mint.curate.token import Token
from mint.document import sha256
from mint.errors import VerifyError
from mint.paint.masks import file_mask, grown
from mint.paint.sources import remember_source
from mint.plan.edit import MOST
from mint.record.folders import folders_of, read_manifest
from mint.record.manifest import Manifest
from mint.spec.load import load
from mint.store import Store
from mint.verify.plan import check_plan
from mint.verify.verify import prove
from tests import memos

SIDE = 64
MASK = grown(np.where(np.arange(SIDE)[:, None] < 30, 255, 0).repeat(SIDE, 1).astype(np.uint8))


@pytest.fixture(scope="module")
def edited(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """collections/tiny, where token 1 is painted over twice."""
    home = tmp_path_factory.mktemp("edited") / "it"
    shutil.copytree(built.parent, home)
    file = home / built.name
    mask = remember_source(Store(home / ".mint"), MASK)
    path = file_mask(home, "1-upper", MASK)
    first = Edited(token=1, attempt=1000, of=0, strength=0.8, mask=mask, mask_file=path)
    second = Edited(token=1, attempt=1001, of=1000, strength=0.5)
    keep = Keep(token=1, attempt=1001)
    change(file, lambda d: d.with_edit(first).with_edit(second).with_decision(keep))
    build(file, Options(until="publish"), lambda *news: None)
    return file


@pytest.fixture
def manifest(edited: Path) -> Manifest:
    return read_manifest(folders_of(edited, load(edited)[0]).manifest)


def sentences(file: Path) -> list[str]:
    return [str(s) for s in prove(str(file), sample=6, network=None, environ={})]


def with_first(manifest: Manifest, token: Token) -> Manifest:
    return manifest.model_copy(update={"tokens": (token, *manifest.tokens[1:])})


def tampered(manifest: Manifest, **other: object) -> Manifest:
    """With another first edit of token 1."""
    token = manifest.tokens[0]
    first = token.edits[0].model_copy(update=other)
    return with_first(manifest, token.model_copy(update={"edits": (first, *token.edits[1:])}))


def test_the_whole_chain_is_painted_again(edited: Path) -> None:
    proof = sentences(edited)

    assert "edits of the artist obeyed: 2 (#1), and every count and rule holds" in proof[0]
    assert sum("painted again: every pixel is equal" in line for line in proof) == 6


def test_the_mask_is_published_with_the_pictures(edited: Path) -> None:
    home = edited.parent
    store = Store(home / ".mint")
    shutil.rmtree(home / "masks")
    memos.forget(store.root, "source", sha256(MASK.tobytes()))

    assert any("token 1 painted again: every pixel is equal" in line for line in sentences(edited))


@pytest.mark.parametrize("other", [{"strength": 0.7}, {"mask": None}, {"prompt": "a dog"}])
def test_another_edit_is_not_the_recipe(manifest: Manifest, other: dict[str, object]) -> None:
    with pytest.raises(VerifyError, match="token 1: its recipe is not what"):
        check_plan(tampered(manifest, **other))


def test_edits_must_lead_to_the_attempt(manifest: Manifest) -> None:
    edits = manifest.tokens[0].edits
    for others, message in (
        (edits[:1], "do not lead to attempt 1001"),
        (edits[1:], "token 1"),
        (edits[::-1], "is not of attempt"),
        (edits[:1] * (MOST + 1), "33 edits lead to it"),
        ((), "token 1"),
    ):
        token = manifest.tokens[0].model_copy(update={"edits": others})
        with pytest.raises(VerifyError, match=message):
            check_plan(with_first(manifest, token))


def test_traits_that_no_edit_may_give_are_refused(manifest: Manifest) -> None:
    for traits, message in (
        ({"Headwear": "wig"}, '"wig" is no value'),
        ({"Hat": "cap"}, '"Hat" is no trait'),
    ):
        with pytest.raises(VerifyError, match=message):
            check_plan(tampered(manifest, traits=traits))
