"""The draw, as FairSale.sol makes it: (block hash, secret) -> seed -> which picture a token has.

Pure: whoever knows what the reveal published computes the whole order without a chain.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from mint.chain.constructor import side

ROUNDS = 24  # as in Permutation.sol, which says why


def secret_hash(secret: bytes) -> bytes:
    """The commitment to a secret of 32 bytes."""
    return _keccak(secret)


def uri_hash(salt: bytes, base_uri: str) -> bytes:
    """The commitment to the base URI that the reveal will show; `salt` is 32 bytes."""
    return _keccak(salt + base_uri.encode())


def salt_of(secret: bytes) -> bytes:
    """The salt beside the base URI: the secret is enough to open both."""
    return _keccak(b"salt" + secret)


def seed_of(block_hash: bytes, secret: bytes, address: str, chain_id: int) -> bytes:
    """What orders the pictures of the contract at `address` (0x hex)."""
    contract = bytes.fromhex(address.removeprefix("0x"))
    return _keccak(block_hash + secret + contract.rjust(32, b"\0") + chain_id.to_bytes(32, "big"))


def order(seed: bytes, supply: int) -> list[int]:
    """Which entry of the ordered collection, counted from 0, each token shows, from token 1 on."""
    noise = cache(partial(_noise, seed))
    return [_place(noise, supply, index) for index in range(supply)]


def _place(noise: Callable[[int, int], int], supply: int, index: int) -> int:
    """A Feistel network over the smallest square that holds `supply`.

    What lands outside is put through again until it lands inside (cycle walking).
    """
    width = side(supply)
    while True:
        left, right = divmod(index, width)
        for number in range(ROUNDS):
            left, right = right, (left + noise(number, right)) % width
        index = left * width + right
        if index < supply:
            return index


def _noise(seed: bytes, number: int, right: int) -> int:
    return int.from_bytes(_keccak(seed + (number << 128 | right).to_bytes(32, "big")), "big")


def _keccak(data: bytes) -> bytes:
    from eth_hash.auto import keccak

    return keccak(data)
