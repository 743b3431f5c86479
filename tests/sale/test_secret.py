"""The secret of a draw: no two contracts share one, and no lost computer takes it along."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mint.chain.account import Account, open_account
from mint.chain.constructor import SaleTerms
from mint.chain.fairmint import deploy
from mint.chain.network import connect
from mint.chain.wallet import Wallet, load
from mint.cli import main
from mint.errors import ChainError, StoreError
from mint.record.folders import Folders, folders_of, read_manifest
from mint.record.manifest import Manifest, fair_mint_terms
from mint.sale.commitment import Commitment, commit, secret_backup
from mint.sale.draw import salt_of, secret_hash, uri_hash
from mint.sale.secret import find_secret, reveal_arguments, signed_secret, words
from mint.sale.secret_file import export_secret, import_secret
from mint.sale.terms import committed, sale_terms
from mint.spec.load import load as load_collection
from mint.store import write
from tests.anvil_node import anvil, rpc
from tests.sales import offered

pytestmark = [pytest.mark.anvil, pytest.mark.usefixtures("weak_keystores")]
KEY, STRANGER = "0x" + "17" * 32, "0x" + "18" * 32
BEFORE = 1798754400  # a day before the first phase, Unix seconds
PASSWORD = "a planted password"


class Fickle:
    """A wallet of another program: it signs, and never the same twice."""

    def __init__(self, wallet: Wallet) -> None:
        self.wallet, self.counter = wallet, count()

    @property
    def address(self) -> str:
        return self.wallet.address

    def signature(self, text: str) -> bytes:
        return self.wallet.signature(text + f"{next(self.counter)}")

    def submit(self, transaction: dict[str, object]) -> str:
        raise AssertionError("it only signs here")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Anvil as Sepolia, in the days before the sale."""
    with anvil("--chain-id", "11155111", "--timestamp", str(BEFORE)) as url:
        chain = connect(url, tmp_path_factory.mktemp("chain"))
        for key in (KEY, STRANGER):
            rpc(
                chain,
                "anvil_setBalance",
                load(chain, {"MINT_PRIVATE_KEY": key}).address,
                "0xffffffffffffffff",
            )
        rpc(chain, "evm_mine")  # until its first block, calls of anvil's see the year 1970
        yield url


@pytest.fixture(scope="module")
def sold(built: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Manifest, Folders]:
    """What a build of a sale leaves, before its deployment."""
    file = offered(tmp_path_factory.mktemp("sold"))
    collection = load_collection(file)[0]
    manifest = read_manifest(folders_of(built, load_collection(built)[0]).manifest)
    assert manifest.publication is not None
    hidden = manifest.publication.model_copy(update={"hidden": manifest.publication.root})
    parts = {"collection": collection, "publication": hidden, "deployment": None}
    return manifest.model_copy(update=parts), folders_of(file, collection)


@pytest.fixture
def folders(sold: tuple[Manifest, Folders], tmp_path: Path) -> Folders:
    return Folders(sold[1].file, tmp_path / ".mint", sold[1].out)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"MINT_WALLETS": str(tmp_path / "wallets")}


@contextmanager
def acting(node: str, folders: Folders, key: str = KEY) -> Iterator[Account]:
    with open_account(folders.state, node, {"MINT_PRIVATE_KEY": key}) as account:
        yield account


def deployed(
    account: Account, manifest: Manifest, terms: SaleTerms, commitment: Commitment
) -> Manifest:
    """The manifest after the sale is on the chain."""
    fixed = deploy(account, fair_mint_terms(manifest), committed(terms, commitment))
    fixed = fixed.model_copy(update={"secret_origin": commitment.origin})
    return manifest.model_copy(update={"deployment": fixed})


def test_a_contract_keeps_its_secret_and_no_two_share_one(
    sold: tuple[Manifest, Folders], folders: Folders, node: str, environ: dict[str, str]
) -> None:
    manifest, _ = sold
    with acting(node, folders) as account:
        terms = sale_terms(account, manifest, folders.file)
        first = commit(account, manifest, terms, folders, environ)

        # A launch that is run again, and one after the nonce has moved on.
        assert commit(account, manifest, terms, folders, environ) == first
        done = deployed(account, manifest, terms, first)
        assert commit(account, manifest, terms, folders, environ) == first
        # One line more in friends.csv is another contract.
        edited = terms._replace(phases=terms.phases[:1])
        other = commit(account, manifest, edited, folders, environ)

        assert other.secret_hash != first.secret_hash
        assert other.origin.number != first.origin.number
        assert first.origin.source == "signature"
        secret, salt, uri = reveal_arguments(account, done, environ)
        assert secret_hash(secret).hex() == first.secret_hash
        assert uri_hash(salt, uri).hex() == first.uri_hash
        # The record is lost, and the number with it: the wallet finds it by trying.
        assert done.deployment is not None
        lost = done.deployment.secret_origin.model_copy(update={"number": 200})  # type: ignore[union-attr]  # deployed with a secret
        blind = done.deployment.model_copy(update={"secret_origin": lost})
        assert find_secret(account, done.model_copy(update={"deployment": blind})) == secret
    assert "Without that wallet nobody can reveal" in secret_backup(first)[0]


def test_the_secret_of_an_earlier_version_is_found(
    sold: tuple[Manifest, Folders], folders: Folders, node: str
) -> None:
    manifest, _ = sold
    with acting(node, folders, STRANGER) as account:
        secret = signed_secret(
            account.wallet, words(account.chain, manifest, account.address, None)
        )
        terms = sale_terms(account, manifest, folders.file)._replace(
            secret_hash=secret_hash(secret), uri_hash=uri_hash(salt_of(secret), "any/")
        )
        fixed = deploy(account, fair_mint_terms(manifest), terms)
        assert find_secret(account, manifest.model_copy(update={"deployment": fixed})) == secret


def test_a_wallet_that_signs_otherwise_each_time_has_a_file_which_moves(
    sold: tuple[Manifest, Folders],
    folders: Folders,
    node: str,
    environ: dict[str, str],
    tmp_path: Path,
) -> None:
    manifest, _ = sold
    typed: list[str] = []

    def type_in(question: str) -> str:
        typed.append(question)
        return PASSWORD

    with acting(node, folders) as account:
        program: Any = Fickle(load(account.chain, {"MINT_PRIVATE_KEY": KEY}))
        fickle = replace(account, wallet=program, environ=environ, ask_password=type_in)
        terms = sale_terms(fickle, manifest, folders.file)
        commitment = commit(fickle, manifest, terms, folders)
        assert commitment.origin.source == "file"
        assert len(typed) == 2  # the new password, twice
        assert commit(fickle, manifest, terms, folders) == commitment
        (kept,) = (tmp_path / "wallets" / "draws").iterdir()
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        told = " ".join(secret_backup(commitment, environ))
        assert str(kept) in told
        assert "every buyer takes the money back, and you get nothing" in told
        done = deployed(account, manifest, terms, commitment)

        with pytest.raises(ChainError, match="does not open: wrong password"):
            find_secret(fickle, done, environ, lambda question: "wrong")
        backup = tmp_path / "backup.json"
        backup.write_bytes(kept.read_bytes())
        kept.unlink()
        with pytest.raises(ChainError, match="an encrypted file, which is not on this") as caught:
            find_secret(fickle, done)
        assert "mint sale secret import" in caught.value.hint
        # A launch that is run again would deploy what nobody can reveal.
        (record,) = (folders.state / "draws").iterdir()
        with pytest.raises(ChainError, match="an encrypted file, which is not on this") as caught:
            commit(fickle, manifest, terms, folders)
        assert f"if nothing was deployed yet, delete {record}" in caught.value.hint
        environ["MINT_KEYSTORE_PASSWORD"] = PASSWORD
        import_secret(backup, environ, None)
        assert commit(fickle, manifest, terms, folders) == commitment
        secret = find_secret(replace(fickle, ask_password=None), done)
        # A password that is set for the wallet need not be the file's.
        other = replace(fickle, environ=environ | {"MINT_KEYSTORE_PASSWORD": "the wallet's"})
        assert find_secret(other, done) == secret
        assert secret_hash(secret).hex() == commitment.secret_hash

    for path in [*tmp_path.rglob("*")]:
        data = path.read_bytes() if path.is_file() else b""
        assert PASSWORD.encode() not in data
        assert secret not in data
        assert secret.hex().encode() not in data


def test_another_wallet_reveals_with_the_exported_secret(
    sold: tuple[Manifest, Folders],
    folders: Folders,
    node: str,
    environ: dict[str, str],
    tmp_path: Path,
) -> None:
    manifest, _ = sold
    environ["MINT_KEYSTORE_PASSWORD"] = PASSWORD
    with acting(node, folders) as account:
        terms = sale_terms(account, manifest, folders.file)
        commitment = commit(account, manifest, terms, folders, environ)
        done = deployed(account, manifest, terms, commitment)
        secret = find_secret(account, done, environ)
        export_secret(secret, done, tmp_path / "secret.json", environ, None)
        with pytest.raises(ChainError, match="exists, and mint never writes over"):
            export_secret(secret, done, tmp_path / "secret.json", environ, None)
    with acting(node, folders, STRANGER) as other:
        wanted = f"the wallet {account.address} makes the secret of this draw, and this one is "
        with pytest.raises(ChainError, match=wanted + other.address) as caught:
            find_secret(other, done, environ)
        assert "mint sale secret export" in caught.value.hint
        file, kept = import_secret(tmp_path / "secret.json", environ, None)
        assert (file.owner, kept.parent.name) == (account.address, "draws")
        assert find_secret(other, done, environ) == secret
        kept.write_text(kept.read_text().replace(account.address, "nobody"))
        assert find_secret(other, done, environ) == secret  # whose it is decides nothing
        kept.write_text("{}")
        with pytest.raises(ChainError, match=r"is not a file that `mint sale secret export` wrote"):
            find_secret(other, done, environ)


def test_the_commands_move_a_secret(
    sold: tuple[Manifest, Folders],
    folders: Folders,
    node: str,
    environ: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    manifest, _ = sold
    with acting(node, folders) as account:
        terms = sale_terms(account, manifest, folders.file)
        commitment = commit(account, manifest, terms, folders, environ)
        done = deployed(account, manifest, terms, commitment)
        secret = find_secret(account, done, environ)
    write(folders.manifest, done.canonical())
    backup = str(tmp_path / "backup.json")
    set_up = environ | {"MINT_KEYSTORE_PASSWORD": PASSWORD, "MINT_PRIVATE_KEY": KEY}
    for name, value in set_up.items():
        monkeypatch.setenv(name, value)
    file = str(folders.file)
    for line in (["export", file, backup, "--network", node], ["import", backup]):
        monkeypatch.setattr("sys.argv", ["mint", "sale", "secret", *line])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
    printed = "".join(capfd.readouterr())
    assert f"secret      of Tiny on sepolia, deployed by {done.deployment.owner}" in printed  # type: ignore[union-attr]  # it is deployed
    for hidden in (PASSWORD, KEY[2:], secret.hex()):
        assert hidden not in printed
        assert hidden not in Path(backup).read_text()


def test_a_damaged_record_deploys_no_second_contract(
    sold: tuple[Manifest, Folders], folders: Folders, node: str, environ: dict[str, str]
) -> None:
    manifest, _ = sold
    with acting(node, folders) as account:
        terms = sale_terms(account, manifest, folders.file)
        commit(account, manifest, terms, folders, environ)
        (record,) = (folders.state / "draws").iterdir()
        record.write_text(record.read_text()[:50])
        with pytest.raises(StoreError, match="it says how a sale's secret is found again"):
            commit(account, manifest, terms, folders, environ)
