"""What a contract refuses is said in the artist's words, with what to do."""

from __future__ import annotations

import string

import pytest

from mint.chain.artefact import artefact
from mint.chain.refusals import REFUSALS, WITHOUT_FACTS
from mint.chain.reverts import Refusal, Revert, reason

ERRORS = {
    entry["name"]: [each["name"] for each in entry["inputs"]]
    for name in ("FairMint", "FairSale")
    for entry in artefact(name)["abi"]
    if entry["type"] == "error"
} | {"Error": ["message"], "Panic": ["code"]}  # Solidity's own


def test_every_error_of_both_contracts_has_its_words() -> None:
    assert set(REFUSALS) == set(ERRORS)


@pytest.mark.parametrize("name", REFUSALS)
def test_words_name_what_the_error_says_or_the_sale_knows(name: str) -> None:
    for text in REFUSALS[name]:
        fields = {field for _, field, _, _ in string.Formatter().parse(text) if field}
        assert fields <= {*ERRORS[name], *WITHOUT_FACTS}
        assert text[0].islower() or text[0] in "{`"
        assert not text.endswith(".")
    refusal = Refusal(Revert(name, dict.fromkeys(ERRORS[name], 1)))
    assert str(refusal).endswith(f"[{Revert(name, dict.fromkeys(ERRORS[name], 1))}]")
    assert refusal.hint


@pytest.mark.parametrize(
    ("revert", "words"),
    [
        (Revert("SoldOut", {"left": 22}), "the collection has 22 tokens left [SoldOut(left=22)]"),
        (Revert("PhaseSoldOut", {"left": 1}), "the phase has 1 token left "),
        (Revert("PhaseSoldOut", {"left": 0}), "the phase has no token left "),
        (Revert("WrongPayment", {"price": 3 * 10**16}), "the price is 0.03 ether, "),
        (Revert("SharesDoNotAddUp", {"bps": 9500}), "add up to 95 %, not to 100 %"),
        (Revert("OutOfTurn", {"step": 1}), "`mint sale record` comes next [OutOfTurn(step=1)]"),
        (Revert("SaleStillOpen", {}), "goes on until its last phase ends, or until all is sold"),
    ],
)
def test_arguments_are_worded(revert: Revert, words: str) -> None:
    assert words in str(Refusal(revert))


def test_facts_replace_the_general_words() -> None:
    refusal = Refusal(Revert("SaleStillOpen", {}), {"sale_end": "2027-01-03 11:00 UTC"})
    assert str(refusal) == (
        "the sale goes on until 2027-01-03 11:00 UTC, or until all is sold [SaleStillOpen()]"
    )


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("execution reverted: 0x7e1f5a77" + "0" * 63 + "9", "SoldOut(left=9)"),
        ("0x08c379a0" + "0" * 62 + "20" + "0" * 63 + "2" + "6869" + "0" * 60, "Error(message=hi)"),
        ("0x4e487b71" + "0" * 62 + "11", "Panic(code=17)"),
        ("0x7e1f5a77", "0x7e1f5a77"),
        ("0xdeadbeef00", "0xdeadbeef00"),
        ("the node's own words", "the node's own words"),
        ("", "RuntimeError"),
    ],
)
def test_reasons(message: str, why: str) -> None:
    assert reason(RuntimeError(message)) == why
