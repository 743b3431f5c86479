"""A forger who owns everything that can be forged: the CAR, the token JSON, the contract's terms.

Each test makes a build whose parts agree with each other but for one lie, and `mint verify` finds
it from the file and from the bare address.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mint.build import Options, build
from mint.chain.artefact import artefact
from mint.chain.contract import Launch, deploy, mint
from mint.errors import MintError, VerifyError
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import write_tree
from mint.launch import session
from mint.load import load
from mint.manifest import Manifest, Publication, terms
from mint.place import place_of, read_manifest
from mint.prove import prove
from mint.publish import whole_tree
from mint.store import Store
from tests.conftest import copy_collection

Tree = dict[str, Any]
Roots = dict[str, str]


def honest(tree: Tree) -> None:
    """Change nothing."""


class Forger:
    """A finished build of collections/tiny to be published and deployed once more, with a lie."""

    def __init__(self, file: Path) -> None:
        self.file, self.collection = file, load(file)[0]
        self.place = place_of(file, self.collection)
        self.manifest = read_manifest(self.place.manifest)
        self.store = Store(self.place.state)

    def publish(self, change: Callable[[Tree], None] = honest) -> Roots:
        """Write the CAR after `change` of its tree; the CIDs of its folders."""
        tree: Tree = dict(whole_tree(self.place, self.store, self.manifest))
        change(tree)
        links = write_tree(self.place.car, tree)
        roots = {name: cid_text(link.cid) for name, link in links.items()}
        publication = Publication(
            root=roots[""],
            images=roots["images"],
            metadata=roots["metadata"],
            car_bytes=self.place.car.stat().st_size,
        )
        self.manifest = self.manifest.model_copy(update={"publication": publication})
        return roots

    def deploy(self, **terms_changed: object) -> str:
        """Deploy and mint with other terms, write the manifest that fits; the address."""
        launch: Launch = terms(self.manifest).model_copy(update=terms_changed)
        with session(self.place, self.collection, "local", {}) as chain:
            parties = chain.chain, chain.wallet, chain.journal
            held = mint(*parties, deploy(*parties, launch))
        self.save(deployment=held)
        return held.address

    def save(self, **changes: object) -> Manifest:
        self.manifest = self.manifest.model_copy(update=changes)
        self.place.manifest.write_bytes(self.manifest.canonical())
        return self.manifest


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = copy_collection("tiny", tmp_path_factory.mktemp("forged"))
    build(file, Options(), lambda *news: None)
    return file


@pytest.fixture
def forger(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Forger:
    home = shutil.copytree(built.parent, tmp_path / "tiny")
    monkeypatch.chdir(home)
    return Forger(Path(home) / "collection.yaml")


def claims(target: str | Path, sample: int = 0) -> list[str]:
    return list(prove(str(target), sample=sample, network=None, environ={}))


def refused(forger: Forger, address: str, says: str) -> None:
    """Both ways of verifying refuse it, and say what to do."""
    for target in (str(forger.file), address):
        with pytest.raises(MintError, match=says) as caught:
            claims(target)
        assert caught.value.hint


def test_a_forger_who_does_not_lie_is_believed(forger: Forger) -> None:
    forger.publish()
    address = forger.deploy()

    assert claims(address)
    assert claims(forger.file)


def test_token_uris_that_lead_to_other_json_about_the_same_picture(forger: Forger) -> None:
    def add_folder(tree: Tree) -> None:
        # The names of the folder verified stay honest; the contract serves this one.
        legend = [path.read_bytes() for path in _documents(forger)]
        tree["gold"] = {
            f"{i}.json": text.replace(b'"attributes": [', b'"attributes": [{"trait_type": "Gold"},')
            for i, text in enumerate(legend, start=1)
        }

    gold = forger.publish(add_folder)["gold"]

    refused(forger, forger.deploy(base_uri=f"ipfs://{gold}/"), "base uri|token 1|root")


def _documents(forger: Forger) -> list[Path]:
    return [forger.place.metadata(token.token_id) for token in forger.manifest.tokens]


def test_token_uris_without_the_scheme_that_wallets_need(forger: Forger) -> None:
    metadata = forger.publish()["metadata"]

    refused(forger, forger.deploy(base_uri=f"{metadata}/"), "base uri is")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"royalty_bps": 10_000}, "royalty bps is 10000, not"),
        ({"licence_uri": "https://example.org/all-rights-reserved"}, "licence uri is"),
        ({"name": "Tiny "}, "name is"),
        ({"symbol": "TINI"}, "symbol is"),
        ({"collection": "ab" * 32}, "collection is"),
        ({"provenance": "ab" * 32}, "provenance is"),
    ],
)
def test_terms_that_the_collection_does_not_give(
    forger: Forger, changed: dict[str, object], says: str
) -> None:
    forger.publish()

    refused(forger, forger.deploy(**changed), says)


def test_other_code_that_gives_the_same_answers(
    forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = artefact()["bytecode"]
    other = ours.replace("600a821115", "6009821115")  # batches of nine: nothing else is different
    assert other != ours
    forger.publish()
    with monkeypatch.context() as patched:
        patched.setitem(artefact(), "bytecode", other)
        address = forger.deploy()

    refused(forger, address, "code")


def test_a_record_of_another_network_is_not_followed(forger: Forger) -> None:
    held = forger.manifest.deployment
    assert held is not None
    forger.save(deployment=held.model_copy(update={"chain_id": 11155111}))

    with pytest.raises(VerifyError, match="chain id is 1337, not 11155111"):
        claims(forger.file)
