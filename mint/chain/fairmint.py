"""The contract's verbs, the same on the in-process chain and over RPC."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from mint.chain.artefact import contract
from mint.chain.constructor import FairMintTerms, init_code
from mint.chain.deployment import Deployment
from mint.chain.evidence import receipt
from mint.chain.lock import sending
from mint.chain.network import answers
from mint.chain.patience import patiently
from mint.chain.resume import resume
from mint.chain.reverts import calls
from mint.chain.send import Sent as Sent  # the record a Deployment is made of
from mint.chain.send import find, send
from mint.document import Document, sha256
from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.constructor import SaleTerms
    from mint.chain.network import Chain

MINT_BATCH = 1000  # tokens a transaction mints: 4.1 million gas, a quarter of what EIP-7825 allows
_ROUNDS = 10  # a reorganisation may drop what was minted, and it is minted again
_PAGE = 250  # token URIs a call returns: about 8 million gas, which every node grants a call


class OnChain(Document):
    """What a deployed FairMint says of itself; `code` is the SHA-256 of its runtime code."""

    network: str
    chain_id: int
    address: str
    code: str
    owner: str
    name: str
    symbol: str
    total_supply: int
    total_minted: int
    max_supply: int
    provenance: str
    collection: str
    base_uri: str
    contract_uri: str
    licence_uri: str
    royalty_bps: int
    royalty_receiver: str


def deploy(
    account: Account,
    launch: FairMintTerms,
    sale: SaleTerms | None = None,
    purpose: str = "deploy",
) -> Deployment:
    """Deploy FairMint with `launch`, or FairSale with `sale`, or find the one deployed before.

    Two of the same terms need two purposes. What the chain then says is compared with `launch`.
    Raises ChainError.
    """
    purpose, init = deploying(account, launch, sale, purpose)
    return _deployment(account.chain, send(account, purpose, {"data": init}), launch, sale)


def find_deployed(
    account: Account, launch: FairMintTerms, sale: SaleTerms | None = None
) -> Deployment | None:
    """The contract that `deploy` would find on this chain, if there is one. Raises ChainError."""
    purpose, _ = deploying(account, launch, sale)
    transaction = find(account, purpose)
    return None if transaction is None else _deployment(account.chain, transaction, launch, sale)


def _deployment(
    chain: Chain, entry: Sent, launch: FairMintTerms, sale: SaleTerms | None
) -> Deployment:
    """What the transaction `entry` left on the chain, compared with what it was to leave."""
    fixed = read(chain, _born(chain, entry))
    _compare(fixed, launch, besides=("base_uri",) if sale else ())
    return Deployment(
        network=chain.network,
        chain_id=chain.chain_id,
        address=fixed.address,
        owner=fixed.owner,
        code=fixed.code,
        transactions=(entry,),
    )


def _born(chain: Chain, entry: Sent) -> str:
    """The address of the contract that the mined `entry` made, once the node shows its code.

    Raises ChainError: one of several nodes behind one address may be a block behind.
    """

    def address() -> str | None:
        proof = receipt(chain, entry.transaction)
        is_there = proof and chain.web3.eth.get_code(proof["contractAddress"])
        return str(proof["contractAddress"]) if is_there else None

    return patiently(chain, address)


def deploying(
    account: Account, launch: FairMintTerms, sale: SaleTerms | None, purpose: str = "deploy"
) -> tuple[str, str]:
    """The purpose of a deployment with its digest, and the code to send in 0x hex."""
    chain = account.chain
    receiver = chain.web3.to_checksum_address(launch.royalty_receiver or account.address)
    init = init_code(chain, launch, receiver, sale)
    return f"{purpose} {sha256(bytes.fromhex(init[2:]))}", init


def supply(chain: Chain, address: str) -> tuple[int, int]:
    """How many tokens the contract has minted, and the most it ever will. Raises ChainError."""
    token = contract(chain.web3, address).functions
    with calls(chain, address):
        return int(token.totalMinted().call()), int(token.MAX_SUPPLY().call())


def mint_batches(minted: int, most: int) -> list[tuple[int, int]]:
    """(first, last) token of each transaction that mints what is missing."""
    starts = range(minted, most, MINT_BATCH)
    return [(done + 1, min(done + MINT_BATCH, most)) for done in starts]


def mint(account: Account, deployment: Deployment) -> Deployment:
    """Mint to the wallet what is missing up to the maximum supply, MINT_BATCH tokens a transaction.

    What an earlier run began is brought to its end and the supply on chain read before anything is
    sent, so nothing is minted twice; and again afterwards, so that what a reorganisation dropped is
    sent again. `deployment` may have transactions of an earlier run. Returns it with every minting
    transaction that the journal knows and the chain holds. Raises ChainError.
    """
    chain, token = account.chain, contract(account.chain.web3, deployment.address)
    if chain.local and len(deployment.transactions) > 1:
        # No block of this chain is ever dropped: what is recorded stays where it was.
        minted, most = supply(chain, deployment.address)
        if minted == most:
            return deployment
    stem = f"mint {deployment.address} "
    with sending(account):
        for _ in range(_ROUNDS):
            transactions = resume(account, stem)
            batches = mint_batches(*_supply(chain, deployment.address, transactions))
            if not batches:
                break
            for first, last in batches:
                data = token.encode_abi("airdrop", [account.address, last - first + 1])
                tx = {"to": deployment.address, "data": data}
                send(account, f"{stem}{first}-{last}", tx)
    mints = sorted(transactions.values(), key=lambda each: each.block)
    return deployment.model_copy(update={"transactions": (*deployment.transactions[:1], *mints)})


def _supply(chain: Chain, address: str, transactions: Mapping[str, Sent]) -> tuple[int, int]:
    """As `supply`; raises ChainError where the node is behind the blocks of `transactions`."""
    least = max((int(purpose.rpartition("-")[2]) for purpose in transactions), default=0)

    def counts() -> tuple[int, int] | None:
        minted, most = supply(chain, address)
        return (minted, most) if minted >= least else None

    return patiently(chain, counts)


def confirmed(chain: Chain, deployment: Deployment, entry: Sent) -> bool:
    """Whether the chain holds `entry` as recorded: it made the contract, or was sent to it."""
    from web3.exceptions import TransactionNotFound

    transaction: Any = entry.transaction
    with answers(chain.label):
        try:
            receipt: Any = chain.web3.eth.get_transaction_receipt(transaction)
        except (TransactionNotFound, ValueError):  # the second: it is no hash at all
            return False
    first = entry == deployment.transactions[0]
    facts = receipt["status"], receipt["blockNumber"], receipt["gasUsed"]
    whose = receipt["contractAddress" if first else "to"]
    return (*facts, whose) == (1, entry.block, entry.gas, deployment.address)


def read(chain: Chain, address: str) -> OnChain:
    """Ask the contract at `address` for everything it fixed; raises ChainError if it is none."""
    with calls(chain, address):
        ask = contract(chain.web3, address).functions
        receiver, bps = ask.royaltyInfo(1, 10_000).call()
        code = bytes(chain.web3.eth.get_code(chain.web3.to_checksum_address(address)))
        return OnChain(
            network=chain.network,
            chain_id=chain.chain_id,
            address=chain.web3.to_checksum_address(address),
            code=hashlib.sha256(code).hexdigest(),
            owner=ask.owner().call(),
            name=ask.name().call(),
            symbol=ask.symbol().call(),
            total_supply=ask.totalSupply().call(),
            total_minted=ask.totalMinted().call(),
            max_supply=ask.MAX_SUPPLY().call(),
            provenance=ask.PROVENANCE().call().hex(),
            collection=ask.COLLECTION().call().hex(),
            base_uri=ask.baseURI().call(),
            contract_uri=ask.contractURI().call(),
            licence_uri=ask.licenseURI().call(),
            royalty_bps=bps,
            royalty_receiver=receiver,
        )


def token_uris(chain: Chain, address: str, ids: Iterable[int]) -> Iterator[tuple[int, str]]:
    """(token_id, tokenURI) in the order of `ids`, as the chain answers; runs of ids share calls.

    Raises ChainError for a token that is not minted.
    """
    for first, last in _runs(ids):
        with calls(chain, address):
            uris = contract(chain.web3, address).functions.tokenURIs(first, last).call()
        yield from zip(range(first, last + 1), uris, strict=True)


def _runs(ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Consecutive ids as (first, last), at most _PAGE of them."""
    for _, run in groupby(enumerate(ids), lambda pair: pair[1] - pair[0]):
        token_ids = [token_id for _, token_id in run]
        for start in range(0, len(token_ids), _PAGE):
            page = token_ids[start : start + _PAGE]
            yield page[0], page[-1]


def _compare(fixed: OnChain, launch: FairMintTerms, besides: tuple[str, ...]) -> None:
    """The royalty receiver is left out: its owner may have changed it since."""
    for name, value in launch:
        if name not in ("royalty_receiver", *besides) and getattr(fixed, name) != value:
            raise ChainError(
                f"the contract {fixed.address} has another {name}: {getattr(fixed, name)!r}",
                hint="this chain's node cannot be trusted; use another one",
            )
