"""The questions that tell what became of a transaction: receipts, counts, blocks, finality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mint.chain.attempt import content_digest
from mint.chain.decide import Evidence, Mined, Taker
from mint.chain.finality import newest_final

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.attempt import Attempt
    from mint.chain.network import Chain

_DEEP = 64  # blocks by which a reorganisation may have moved what was signed since
_WALK = 300  # blocks that are followed one by one
_SCAN = 3000  # blocks that are read one by one where a node has forgotten their state


def counts(account: Account) -> tuple[int, int]:
    """The sender's transactions: in blocks, and in blocks or waiting."""
    count = account.chain.web3.eth.get_transaction_count
    address: Any = account.address
    mined = count(address, "latest")
    return mined, max(mined, count(address, "pending"))


def is_final(chain: Chain, number: int, block_hash: Any) -> bool:
    """Whether the block with this hash, at this height, can never be replaced.

    A height alone proves nothing: between two questions another block may have taken it, or an old
    fork answered. So the final block's ancestors are followed by their hashes down to this one. On
    a development chain the newest block is final: only whoever asks the node to replaces it there.
    """
    if chain.local:
        return True
    from web3.exceptions import BlockNotFound

    block = newest_final(chain)
    if block["number"] < number:
        return False
    try:
        if block["number"] - number > _WALK:
            return bool(chain.web3.eth.get_block(number)["hash"] == block_hash)
        while block["number"] > number:
            block = chain.web3.eth.get_block(block["parentHash"])
    except BlockNotFound:
        return False
    return bool(block["hash"] == block_hash)


def blocks_to_final(chain: Chain, number: int) -> int:
    """About how many blocks it takes until block `number` is final; at least 1."""
    return max(1, number - int(newest_final(chain)["number"]))


def receipt(chain: Chain, hash_: str) -> Any:
    """The receipt of the transaction `hash_`, None where no block holds it."""
    from web3.exceptions import TransactionNotFound

    transaction: Any = hash_
    try:
        return chain.web3.eth.get_transaction_receipt(transaction) if hash_ else None
    except TransactionNotFound:
        return None


def transaction(chain: Chain, hash_: str) -> Any:
    """The transaction `hash_` in a block or waiting, None where no node knows it."""
    from web3.exceptions import TransactionNotFound

    key: Any = hash_  # web3 types it as bytes
    try:
        return (chain.web3.eth.get_transaction(key) or None) if hash_ else None
    except TransactionNotFound:
        return None


def gather(account: Account, attempts: Sequence[Attempt]) -> tuple[Evidence, Any]:
    """What the chain says of `attempts`, all of one nonce, and the receipt that says it."""
    chain, nonce = account.chain, attempts[0].nonce
    for attempt in attempts:
        if proof := receipt(chain, attempt.hash):
            mined = Mined(attempt.hash, proof["blockNumber"], bool(proof["status"]))
            # Success needs no proof: whoever asks again later asks for its receipt again.
            final = not mined.success and is_final(chain, mined.block, proof["blockHash"])
            return Evidence(nonce, mined, final=final), proof
    numbered = not any(each.state == "delegated" for each in attempts)
    total = counts(account)[0]
    whole = any(each.raw for each in attempts)
    evidence = Evidence(nonce, total=total, numbered=numbered, whole=whole)
    if chain.local:
        return _forgotten(evidence), None
    if total <= nonce or not numbered:
        is_known = any(transaction(chain, each.hash) for each in attempts)
        return evidence._replace(known=is_known), None
    holder = block_holding(account, nonce, min(each.since for each in attempts))
    if holder is None:
        return evidence, None
    hashes = {each.hash for each in attempts if each.hash}
    digests = {each.digest for each in attempts if not each.raw}
    ours = hash_of(holder) in hashes or content_digest(content(holder)) in digests
    taker = Taker(hash_of(holder), int(holder["blockNumber"]), ours)
    final = not ours and is_final(chain, taker.block, holder["blockHash"])
    return evidence._replace(taker=taker, final=final), None


def _forgotten(evidence: Evidence) -> Evidence:
    """On the chain in this process nothing waits: what its blocks lack it will never have.

    But for the next nonce, whose transaction was cut off on its way.
    """
    if evidence.total == evidence.nonce:
        return evidence
    total = max(evidence.total, evidence.nonce + 1)
    return evidence._replace(total=total, taker=Taker("", 0, False), final=True)


def hash_of(entry: Any) -> str:
    """The hash of a transaction, 0x + 64 digits, from itself or its receipt."""
    return str(entry["transactionHash" if "transactionHash" in entry else "hash"].to_0x_hex())


def content(entry: Any) -> dict[str, Any]:
    """Receiver, calldata and value of a transaction as a node gives it."""
    return {"to": entry.get("to"), "data": entry["input"].to_0x_hex(), "value": entry["value"]}


def block_holding(account: Account, nonce: int, since: int) -> Any:
    """The transaction of the sender at `nonce`, read in its block; None where nobody shows it.

    The block is searched by the sender's count of transactions; where a node has forgotten the
    state of old blocks, they are read one by one from block `since`, which is older.
    """
    from web3.exceptions import Web3Exception

    try:
        number = _searched(account, nonce)
    except (Web3Exception, ValueError):
        return _scanned(account, nonce, since)
    return None if number is None else _in_block(account, nonce, number)


def _searched(account: Account, nonce: int) -> int | None:
    web3, address = account.chain.web3, account.address
    late = int(web3.eth.block_number)
    if _count(account, address, late) <= nonce:
        return None  # this node is behind the one that counted
    early, step = late - 1, 1
    while early > 0 and _count(account, address, early) > nonce:
        late, early, step = early, max(0, early - 2 * step), 2 * step
    while late - early > 1:
        middle = (early + late) // 2
        if _count(account, address, middle) > nonce:
            late = middle
        else:
            early = middle
    return late


def _count(account: Account, address: str, block: int) -> int:
    whose: Any = address
    return int(account.chain.web3.eth.get_transaction_count(whose, block))


def _scanned(account: Account, nonce: int, since: int) -> Any:
    head = int(account.chain.web3.eth.block_number)
    first = max(0, since - _DEEP)
    for number in range(first, min(head, first + _SCAN) + 1):
        if match := _in_block(account, nonce, number):
            return match
    return None


def _in_block(account: Account, nonce: int, number: int) -> Any:
    from web3.exceptions import BlockNotFound

    try:
        block: Any = account.chain.web3.eth.get_block(number, full_transactions=True)
    except BlockNotFound:
        return None
    for entry in block["transactions"]:
        if (entry["from"], entry["nonce"]) == (account.address, nonce):
            return entry
    return None
