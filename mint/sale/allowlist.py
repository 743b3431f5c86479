"""Who may buy in a phase, and the raffle that decides it: pure, so that anybody can recompute both.

A list is a CSV file of `wallet,number` lines. In an allowlist the number is the most tokens the
wallet may take in the phase, in a raffle the number of its tickets. The root commits to the whole
list; a proof shows the contract that a wallet and its cap are in it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from mint import merkle
from mint.addresses import checksum_problem, is_address
from mint.errors import CollectionError

MOST_TICKETS = 2**40
_UTF16 = (b"\xff\xfe", b"\xfe\xff")  # how a text begins that a spreadsheet calls Unicode


def read_list(path: Path, most: int) -> dict[str, int]:
    """Checksummed address -> number, from 1 to `most`, in the file's order.

    A first line `wallet,...` is a heading. Semicolons, tabs and UTF-16, as spreadsheets write them,
    are read, too. Raises CollectionError naming the line: no address, a wrong checksum (EIP-55), a
    wallet that stands twice, a number out of range.
    """
    numbers: dict[str, int] = {}
    for place, row in _rows(path):
        if not numbers and row[0].strip().lower() == "wallet":
            continue
        wallet, number = _entry(f"{path}:{place}", [cell.strip() for cell in row], most)
        if wallet in numbers:
            raise CollectionError(
                f"{path}:{place}: {wallet} stands here twice", hint="keep one line for each wallet"
            )
        numbers[wallet] = number
    if not numbers:
        raise CollectionError(f"{path} names no wallet", hint="one `wallet,number` a line")
    return numbers


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The number and the cells of each line that is not empty."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-16" if data.startswith(_UTF16) else "utf-8-sig")
        lines = text.splitlines(keepends=True)
        first = next((line for line in lines if line.strip()), "")
        comma = next((mark for mark in ",;\t" if mark in first), ",")
        if sep := re.fullmatch(r"sep=(.)", first.rstrip("\r\n")):  # Excel's own first line
            comma = sep[1]
            lines[lines.index(first)] = "\n"
        rows = csv.reader(lines, delimiter=comma)
        return [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CollectionError(
            f"{path} cannot be read as a list of wallets: {error}",
            hint="save it as CSV in UTF-8, one `wallet,number` a line",
        ) from error


def _entry(where: str, row: list[str], most: int) -> tuple[str, int]:
    from eth_utils.address import to_checksum_address

    if len(row) != 2:
        raise CollectionError(
            f"{where}: not a wallet and a number",
            hint="write wallet,number and no third column, one line for each wallet",
        )
    wallet, number = row
    if not is_address(wallet):
        raise CollectionError(
            f"{where}: {wallet!r} is no address", hint="0x and 40 digits, not a name"
        )
    if problem := checksum_problem(wallet):
        raise CollectionError(f"{where}: {problem}", hint="copy it again from the wallet")
    if int(wallet, 16) == 0:
        raise CollectionError(
            f"{where}: {wallet} is nobody's: what is sent there is lost",
            hint="write a wallet's address, or remove the line",
        )
    digits = number.isascii() and number.isdecimal() and len(number) < 20
    if not (digits and 1 <= int(number) <= most):
        raise CollectionError(
            f"{where}: {number!r} is not a whole number from 1 to {most}",
            hint=f"{wallet},1",
        )
    return to_checksum_address(wallet), int(number)


def leaf(wallet: str, cap: int) -> bytes:
    """keccak(keccak(abi.encode(wallet, cap)))."""
    return merkle.leaf(bytes.fromhex(wallet.removeprefix("0x")), cap.to_bytes(1, "big"))


def root(caps: Mapping[str, int]) -> bytes:
    """The root of the allowlist, whatever order its wallets come in."""
    return merkle.root(_leaves(caps))


def proof(caps: Mapping[str, int], wallet: str) -> list[bytes]:
    """What mintListed asks of `wallet`; raises KeyError if it is not on the list."""
    leaves = _leaves(caps)
    return merkle.proof(leaves, leaves.index(leaf(wallet, caps[wallet])))


def _leaves(caps: Mapping[str, int]) -> list[bytes]:
    return sorted(leaf(wallet, cap) for wallet, cap in caps.items())


def read_seed(text: str) -> bytes:
    """The 32 bytes that order a raffle, from 0x hex; raises CollectionError."""
    try:
        seed = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        seed = b""
    if len(seed) != 32:
        raise CollectionError(
            f"{text!r} is no seed of 32 bytes",
            hint="announce a block that does not exist yet, then give its hash: 0x and 64 digits",
        )
    return seed


def raffle(tickets: Mapping[str, int], seed: bytes, places: int, most: int = 1) -> dict[str, int]:
    """Give `places` places to wallets, at most `most` each: wallet -> places, winners only.

    Place i (from 0) goes to ticket number keccak(seed, i as 32 bytes) mod T, counted through the
    wallets in the order of their addresses as numbers; T is the tickets of all wallets that have
    fewer than `most` places. Integers only, so any language computes the same. T is below 2**64,
    so no wallet's chance is off by more than 2**-192.

    Raises CollectionError if the wallets cannot win as many as `places`.
    """
    from eth_hash.auto import keccak

    if places > len(tickets) * most:
        raise CollectionError(
            f"{places} places, and {len(tickets)} wallets that can win {most} each",
            hint="draw fewer places, or let a wallet win more (--most)",
        )
    wallets = sorted(tickets, key=lambda wallet: int(wallet, 16))
    sums = _Sums([tickets[wallet] for wallet in wallets])
    wins: dict[str, int] = {}
    for place in range(places):
        number = int.from_bytes(keccak(seed + place.to_bytes(32, "big")), "big")
        index = sums.holder(number % sums.total)
        winner = wallets[index]
        wins[winner] = wins.get(winner, 0) + 1
        if wins[winner] == most:
            sums.remove(index, tickets[winner])
    return {wallet: wins[wallet] for wallet in wallets if wallet in wins}


class _Sums:
    """Sums of a row of numbers, looked up and lowered in logarithmic time (Fenwick 1994)."""

    def __init__(self, numbers: list[int]) -> None:
        self.total = sum(numbers)
        self._tree = [0, *numbers]
        for i in range(1, len(self._tree)):
            above = i + (i & -i)
            if above < len(self._tree):
                self._tree[above] += self._tree[i]

    def holder(self, ticket: int) -> int:
        """The index whose numbers, counted from the first, include `ticket` (from 0)."""
        index = 0
        for bit in reversed(range(len(self._tree).bit_length())):
            further = index + (1 << bit)
            if further < len(self._tree) and self._tree[further] <= ticket:
                index = further
                ticket -= self._tree[further]
        return index

    def remove(self, index: int, number: int) -> None:
        self.total -= number
        at = index + 1
        while at < len(self._tree):
            self._tree[at] -= number
            at += at & -at
