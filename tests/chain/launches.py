"""A FairMint contract, deployed and minted."""

from __future__ import annotations

from mint.chain.account import Account
from mint.chain.constructor import FairMintTerms
from mint.chain.deployment import Deployment
from mint.chain.fairmint import deploy, mint
from mint.chain.journal import Journal
from mint.chain.network import Chain
from mint.chain.wallet import load

LAUNCH = FairMintTerms(
    name='Menagerie "quoted"\n\\ \t🦊 שלום \u202eRTL\u202c e\u0301',
    symbol="MNG",
    max_supply=25,
    provenance="ab" * 32,
    collection="cd" * 32,
    base_uri="ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/metadata/",
    contract_uri="ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/contract.json",
    licence_uri="https://creativecommons.org/publicdomain/zero/1.0/",
    royalty_bps=500,
)


def launched(chain: Chain, journal: Journal, launch: FairMintTerms = LAUNCH) -> Deployment:
    """Deploy it."""
    return deploy(Account(chain, load(chain, {}), journal), launch)


def minted(chain: Chain, journal: Journal, launch: FairMintTerms = LAUNCH) -> Deployment:
    """Deploy it and mint every token."""
    return mint(Account(chain, load(chain, {}), journal), launched(chain, journal, launch))


def with_supply(supply: int) -> FairMintTerms:
    return LAUNCH.model_copy(update={"max_supply": supply})
