"""An address's form and its checksum (EIP-55)."""

from __future__ import annotations

import pytest

from mint.addresses import checksum_problem, is_address

# https://eips.ethereum.org/EIPS/eip-55#test-cases
CHECKED = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]


@pytest.mark.parametrize("address", CHECKED)
def test_the_eips_own_addresses_pass(address: str) -> None:
    assert is_address(address)
    assert checksum_problem(address) is None


@pytest.mark.parametrize("address", CHECKED[2:])
def test_one_letter_in_the_other_case_does_not(address: str) -> None:
    at = next(i for i, letter in enumerate(address[2:], start=2) if letter.isalpha())
    mistyped = address[:at] + address[at].swapcase() + address[at + 1 :]

    problem = checksum_problem(mistyped)

    assert problem is not None
    assert mistyped in problem


def test_capitals_alone_are_a_checksum_and_small_letters_none() -> None:
    assert checksum_problem(CHECKED[2].lower()) is None
    assert checksum_problem("0x" + CHECKED[2][2:].upper()) is not None


@pytest.mark.parametrize(
    "text",
    ["", "0x", "a" * 42, "0x" + "a" * 39, "0x" + "a" * 41, "0x" + "g" * 40, f"{CHECKED[0]}\n",
     "0X" + "a" * 40, "me.eth"],
)  # fmt: skip
def test_other_texts_are_no_addresses(text: str) -> None:
    assert not is_address(text)
