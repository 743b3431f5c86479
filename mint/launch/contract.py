"""A built collection and a wallet -> the contract that it is to have, or has already."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from mint.chain.constructor import FairMintTerms, code_of
from mint.chain.fairmint import deploying
from mint.record.manifest import fair_mint_terms
from mint.sale.commitment import commit
from mint.sale.contract import state
from mint.sale.terms import committed, sale_terms

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.constructor import SaleTerms
    from mint.chain.deployment import SecretOrigin
    from mint.record.folders import Folders
    from mint.record.manifest import Manifest
    from mint.sale.commitment import Commitment


class Contract(NamedTuple):
    """What a constructor takes; `sale` is None for a contract that is handed out in order.

    `init` is the transaction's data in 0x hex, `code` the SHA-256 of the code that it leaves, and
    `purpose` what the journal calls the deployment. `commitment` is what a new sale commits to.
    """

    terms: FairMintTerms
    sale: SaleTerms | None
    init: str
    code: str
    purpose: str
    commitment: Commitment | None = None

    @property
    def origin(self) -> SecretOrigin | None:
        """How the secret of a new sale's draw is found again."""
        return None if self.commitment is None else self.commitment.origin


def new_contract(
    account: Account,
    manifest: Manifest,
    folders: Folders,
    ask_password: Callable[[str], str] | None = None,
) -> Contract:
    """The contract that this wallet would deploy; asks it for the secret of a draw.

    `ask_password` is asked where the secret has to lie in a file.

    Raises CollectionError for a list of the sale that is wrong, ChainError.
    """
    if manifest.collection.sale is None:
        return _contract(account, fair_mint_terms(manifest), None)
    offer = sale_terms(account, manifest, folders.file)
    commitment = commit(account, manifest, offer, folders, os.environ, ask_password)
    contract = _contract(account, fair_mint_terms(manifest), committed(offer, commitment))
    return contract._replace(commitment=commitment)


def contract_like(account: Account, manifest: Manifest, folders: Folders, address: str) -> Contract:
    """The same with the secret that the sale at `address` committed to; asks for none."""
    if manifest.collection.sale is None:
        return _contract(account, fair_mint_terms(manifest), None)
    offer, now = sale_terms(account, manifest, folders.file), state(account.chain, address)
    offer = offer._replace(secret_hash=now.secret_hash, uri_hash=now.uri_hash)
    return _contract(account, fair_mint_terms(manifest), offer)


def _contract(account: Account, terms: FairMintTerms, sale: SaleTerms | None) -> Contract:
    purpose, init = deploying(account, terms, sale)
    return Contract(terms, sale, init, code_of(terms, sale), purpose)
