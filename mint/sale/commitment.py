"""What a sale commits to before it is deployed: the hash of its secret, remembered until it is.

The record lies in `.mint` (draws/), so that a launch which is run again deploys the same contract.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from mint.chain.constructor import Digest, SaleTerms, init_code
from mint.chain.deployment import SecretOrigin
from mint.chain.network import results
from mint.chain.passwords import new_password
from mint.document import Document, sha256
from mint.errors import ChainError, StoreError
from mint.record.manifest import fair_mint_terms
from mint.record.tree import final_uri
from mint.sale.draw import salt_of, secret_hash, uri_hash
from mint.sale.secret import signed_secret, words
from mint.sale.secret_file import find_secret_file, keep_secret, sealed, secret_folder
from mint.store import content, write

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.record.folders import Folders
    from mint.record.manifest import Manifest

BACKUP_QUESTION = "Is a copy of that file, and its password, in a second safe place?"


class Commitment(Document):
    """The two hashes that a sale's constructor takes, and how its secret is found again.

    `genesis` is the chain's; the hashes say nothing of the secret.
    """

    genesis: str
    origin: SecretOrigin
    secret_hash: Digest
    uri_hash: Digest


def commit(
    account: Account,
    manifest: Manifest,
    terms: SaleTerms,
    folders: Folders,
    environ: Mapping[str, str] | None = None,
    ask_password: Callable[[str], str] | None = None,
) -> Commitment:
    """The commitment of the contract that `terms` (their hashes are ignored) and `manifest` give.

    The same one for as long as nothing changes. A new one asks the wallet to sign twice; if the
    answers differ, a random secret is written to an encrypted file, durably, before this returns;
    `environ` and `ask_password`, else the account's, say where and with which password. Raises
    ChainError, StoreError.
    """
    path = folders.state / "draws" / f"{_key(account, manifest, terms)}.json"
    environ = account.environ if environ is None else environ
    if data := content(path):
        return _with_its_file(path, _parse(path, data), environ)
    number = _number(account, folders.state / "draws")
    text = words(account.chain, manifest, account.address, number)
    secret = signed_secret(account.wallet, text)
    origin = SecretOrigin(source="signature", wallet=account.address, number=number)
    if signed_secret(account.wallet, text) != secret:
        secret = _secret(account, manifest, environ, ask_password or account.ask_password)
        origin = origin.model_copy(update={"source": "file"})
    assert manifest.publication is not None
    commitment = Commitment(
        genesis=account.chain.genesis,
        origin=origin,
        secret_hash=secret_hash(secret).hex(),
        uri_hash=uri_hash(salt_of(secret), final_uri(manifest.publication)).hex(),
    )
    write(path, commitment.canonical() + b"\n")
    return commitment


def secret_backup(commitment: Commitment, environ: Mapping[str, str] = os.environ) -> list[str]:
    """What an artist must know of the secret before deploying, in plain sentences."""
    if commitment.origin.source == "signature":
        return [
            f"The wallet {commitment.origin.wallet} makes the secret of the draw; it is stored "
            "nowhere. Without that wallet nobody can reveal the order: then every buyer takes the "
            "money back, and you get nothing."
        ]
    path = secret_folder(environ) / f"{commitment.secret_hash[:16]}.json"
    return [
        "Your wallet does not sign the same words the same way twice, so it cannot make the secret "
        "of the draw again.",
        f"A random secret lies in {path}, encrypted with the password that you chose.",
        "If the file or its password is lost before the reveal, nobody can reveal the order: then "
        "every buyer takes the money back, and you get nothing. Nobody can restore it.",
        "Copy the file to a second place now, and note the password elsewhere.",
    ]


def _with_its_file(path: Path, commitment: Commitment, environ: Mapping[str, str]) -> Commitment:
    """It; raises ChainError where the file of a random secret is gone: nobody could reveal."""
    digest = bytes.fromhex(commitment.secret_hash)
    if commitment.origin.source == "file" and find_secret_file(digest, environ) is None:
        raise ChainError(
            "the secret of this draw lies in an encrypted file, which is not on this computer",
            hint="mint sale secret import BACKUP, with the copy that you made of it; if nothing "
            f"was deployed yet, delete {path}",
        )
    return commitment


def _secret(
    account: Account,
    manifest: Manifest,
    environ: Mapping[str, str],
    ask_password: Callable[[str], str] | None,
) -> bytes:
    """A random secret, on disk for good."""
    secret = secrets.token_bytes(32)
    password = new_password("the secret of the draw", environ, ask_password)
    chain = account.chain
    file = sealed(secret, manifest, chain.network, chain.chain_id, account.address, password)
    keep_secret(file, environ)
    return secret


def _key(account: Account, manifest: Manifest, terms: SaleTerms) -> str:
    """Names the contract but for its secret: two that differ in anything have two keys."""
    assert manifest.publication is not None
    launch, plain = (
        fair_mint_terms(manifest),
        terms._replace(secret_hash=bytes(32), uri_hash=bytes(32)),
    )
    receiver = account.chain.web3.to_checksum_address(launch.royalty_receiver or account.address)
    init = init_code(account.chain, launch, receiver, plain)
    parts = account.chain.genesis, account.address, final_uri(manifest.publication), init
    return sha256("\n".join(parts).encode())


def _number(account: Account, folder: Path) -> int:
    """A number that no deployment of this wallet on this chain has: its nonce, or a later one."""
    if account.chain.local:
        return 0  # where everybody knows the key, and equal builds are to be equal
    chain = account.chain
    with results(chain.label):
        address = chain.web3.to_checksum_address(account.address)
        nonce = int(chain.web3.eth.get_transaction_count(address, "pending"))
    numbers = [
        each.origin.number
        for each in _commitments(folder)
        if (each.genesis, each.origin.wallet) == (chain.genesis, account.address)
    ]
    return max([nonce, *(number + 1 for number in numbers)])


def _commitments(folder: Path) -> Iterator[Commitment]:
    for path in sorted(folder.glob("*.json")):
        yield _parse(path, path.read_bytes())


def _parse(path: Path, data: bytes) -> Commitment:
    try:
        return Commitment.parse(data)
    except ValidationError as error:
        raise StoreError(
            f"{path} is damaged: it says how a sale's secret is found again",
            hint="bring back a copy of it; if nothing was deployed yet, delete it",
        ) from error
