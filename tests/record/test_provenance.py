"""The Merkle tree over the ordered tokens, checked as Solidity checks it."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from mint.document import sha256
from mint.merkle import proof
from mint.record.provenance import leaf, provenance, provenance_leaves
from tests import exhibit

PIXELS, METADATA = "11" * 32, "22" * 32


def leaves(size: int) -> list[bytes]:
    return [leaf(i, PIXELS, METADATA) for i in range(size)]


def climb(siblings: list[bytes], start: bytes) -> str:
    """OpenZeppelin's MerkleProof.processProof with commutativeKeccak256.

    https://github.com/OpenZeppelin/openzeppelin-contracts/blob/v5.4.0/contracts/utils/cryptography/MerkleProof.sol
    """
    for sibling in siblings:
        low, high = (start, sibling) if start < sibling else (sibling, start)
        start = keccak(low + high)
    return start.hex()


@pytest.mark.parametrize("size", range(1, 65))
def test_every_leaf_is_proven(size: int) -> None:
    tree = leaves(size)
    root = provenance(tree)

    assert [climb(proof(tree, i), tree[i]) for i in range(size)] == [root] * size
    stranger = leaf(size, PIXELS, METADATA)
    assert root not in [climb(proof(tree, i), stranger) for i in range(size)]


def test_leaf_is_openzeppelins_standard_leaf() -> None:
    fields = encode(
        ["uint256", "bytes32", "bytes32"], [7, bytes.fromhex(PIXELS), bytes.fromhex(METADATA)]
    )

    assert leaf(7, PIXELS, METADATA) == keccak(keccak(fields))


@given(st.integers(2, 40), st.data())
def test_any_other_leaf_is_another_root(size: int, data: st.DataObject) -> None:
    tree, i = leaves(size), data.draw(st.integers(0, size - 1))
    changed = data.draw(
        st.sampled_from([leaf(size, PIXELS, METADATA), leaf(i, METADATA, PIXELS)]), label="leaf"
    )

    assert provenance([*tree[:i], changed, *tree[i + 1 :]]) != provenance(tree)


@given(st.integers(2, 16), st.data())
def test_tokens_in_another_order_are_another_root(size: int, data: st.DataObject) -> None:
    tokens = [exhibit.token(i) for i in range(1, size + 1)]
    digests = [sha256(b"%d" % i) for i in range(size)]
    order = data.draw(st.permutations(range(size)).filter(lambda o: o != sorted(o)))

    before = provenance(provenance_leaves(tokens, digests))
    after = provenance(provenance_leaves([tokens[i] for i in order], [digests[i] for i in order]))

    assert after != before


def test_an_inner_node_cannot_pass_for_a_leaf() -> None:
    tree = leaves(4)
    left, right = sorted(tree[:2])
    inner = keccak(left + right)
    assert climb(proof(tree, 0)[1:], inner) == provenance(tree)  # the proof alone does not show

    # A forger's token with both halves of the node as its fields has another leaf.
    forged = leaf(int.from_bytes(left, "big"), right.hex(), "")

    assert forged != inner
