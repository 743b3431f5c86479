"""The secret of a draw: fixed before the sale, opened by the reveal, known to nobody in between.

The wallet's signature of words that no other contract has makes it again on any machine. Where a
wallet does not sign the same twice, it is a random one in an encrypted file: see secret_file.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from mint.chain.wallet import Delegate, Wallet
from mint.errors import ChainError
from mint.record.tree import final_uri
from mint.sale.draw import salt_of, secret_hash
from mint.sale.secret_file import find_secret_file, open_secret_file

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.deployment import SecretOrigin
    from mint.chain.network import Chain
    from mint.record.manifest import Manifest

Ask = Callable[[str], str]
_FIRST = """mint: the secret of a draw
Sign this nowhere but in mint: whoever has the signature knows the order before the others.
chain {genesis}
collection {collection}
provenance {provenance}"""
_WORDS = (
    _FIRST
    + """
owner {owner}
deployment {number}"""
)
_EXPORT = (
    "use that wallet; or run `mint sale secret export` where it is, and `mint sale secret import` "
    "here: then any wallet can reveal"
)
_NUMBERS = 256  # deployments of one wallet whose words are tried where nothing says which it was


def words(chain: Chain, manifest: Manifest, owner: str, number: int | None) -> str:
    """What `owner` signs for its deployment `number`; None for contracts before there were numbers.

    Two contracts have two numbers, so that opening the one says nothing of the other.
    """
    form = _FIRST if number is None else _WORDS
    return form.format(
        genesis=chain.genesis,
        collection=manifest.collection.public.digest,
        provenance=manifest.provenance,
        owner=owner,
        number=number,
    )


def signed_secret(wallet: Wallet | Delegate, text: str) -> bytes:
    """The secret that the wallet's signature of `text` makes, 32 bytes; raises ChainError."""
    from eth_hash.auto import keccak

    signature = wallet.signature(text)
    if len(signature) == 65 and signature[64] < 27:  # some programs write 0 and 1 for 27 and 28
        signature = signature[:64] + bytes([signature[64] + 27])
    return keccak(signature)  # the digest tells nothing of the signature


def reveal_arguments(
    account: Account,
    manifest: Manifest,
    environ: Mapping[str, str] | None = None,
    ask_password: Ask | None = None,
) -> tuple[bytes, bytes, str]:
    """What a reveal opens: the secret, the salt, the final base URI; raises ChainError."""
    assert manifest.publication is not None
    secret = find_secret(account, manifest, environ, ask_password)
    return secret, salt_of(secret), final_uri(manifest.publication)


def find_secret(
    account: Account,
    manifest: Manifest,
    environ: Mapping[str, str] | None = None,
    ask_password: Ask | None = None,
) -> bytes:
    """The secret that the deployed sale committed to: the wallet's signature, or the file's.

    `environ` and `ask_password`, else the account's, say where the file is and open it.
    Raises ChainError, which says whose wallet or which file it needs.
    """
    from mint.sale.contract import state

    deployment = manifest.deployment
    assert deployment is not None
    origin = deployment.secret_origin
    digest = state(account.chain, deployment.address).secret_hash
    owner = origin.wallet if origin else deployment.owner
    signs = account.address == owner and (origin is None or origin.source == "signature")
    if signs:
        for text in _texts(account, manifest, owner):
            secret = signed_secret(account.wallet, text)
            if secret_hash(secret) == digest:
                return secret
    environ = account.environ if environ is None else environ
    if file := find_secret_file(digest, environ):
        return open_secret_file(file, environ, ask_password or account.ask_password)
    raise _mismatch(account, origin, owner)


def _texts(account: Account, manifest: Manifest, owner: str) -> Iterator[str]:
    """What the wallet may have signed, the likeliest first; of a program's wallet one only."""
    deployment = manifest.deployment
    assert deployment is not None
    origin = deployment.secret_origin
    numbers: list[int | None] = [origin.number if origin else None]
    if isinstance(account.wallet, Wallet):  # it signs without asking anybody
        numbers += [None, *range(_NUMBERS)]
    for number in dict.fromkeys(numbers):
        yield words(account.chain, manifest, owner, number)


def _mismatch(account: Account, origin: SecretOrigin | None, owner: str) -> ChainError:
    if origin is not None and origin.source == "file":
        return ChainError(
            "the secret of this draw lies in an encrypted file, which is not on this computer",
            hint="mint sale secret import BACKUP, with the copy that you made of it",
        )
    if account.address != owner:
        return ChainError(
            f"the wallet {owner} makes the secret of this draw, and this one is {account.address}",
            hint=_EXPORT,
        )
    return ChainError(
        f"{owner} signs other bytes now than when the sale was deployed, or the collection is "
        "another one",
        hint="use the program that deployed it and the collection.yaml as it was then, or import "
        "the secret: mint sale secret import BACKUP",
    )
