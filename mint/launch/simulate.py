"""Transactions that were never sent -> what each would use, or why the contract would refuse it.

All of them together, since the second needs the contract that the first deploys: one `eth_call` of
a small program that the call puts in the wallet's place (a state override, as geth, Nethermind,
Erigon, Reth and anvil take one). Run there, it is the sender of each, deploys with the wallet's own
nonce, and measures. Nothing is sent, and nothing changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.chain.network import answers
from mint.chain.reverts import Refusal, revert_in

if TYPE_CHECKING:
    from mint.chain.network import Chain

_INTRINSIC, _BYTE, _FLOOR = 21_000, 4, 10  # gas; a byte that is not zero counts four (EIP-7623)
_COLD = 10_000  # gas that a later transaction pays for what an earlier one has touched here
_WORD = 32


class Call(NamedTuple):
    """A transaction to be: 0x hex data to a contract; `to` None for the one deployed before it."""

    data: str
    to: str | None = None
    deploys: bool = False
    value: int = 0


class Outcome(NamedTuple):
    """`gas` where it would succeed; `refusal` where it would not; neither where nobody knows."""

    gas: int | None = None
    refusal: str | None = None
    why_unknown: str | None = None


def simulate(chain: Chain, sender: str, calls: Sequence[Call]) -> list[Outcome]:
    """The outcome of each of `calls`, sent by `sender` one after another in the next block.

    After one that would be refused the others are unknown. Raises ChainError when the node is down.
    """
    if not calls:
        return []
    answer = _ask(chain, sender, calls)
    if isinstance(answer, str):
        return [Outcome(why_unknown=answer)] * len(calls)
    outcomes: list[Outcome] = []
    for i, call in enumerate(calls):
        gas, done = (
            int.from_bytes(answer[j * _WORD : (j + 1) * _WORD]) for j in (2 * i, 2 * i + 1)
        )
        if not done:
            outcomes.append(_refused(chain, sender, calls[: i + 1]))
            break
        outcomes.append(Outcome(gas=_whole(call, gas) + (_COLD if i else 0)))
    after = Outcome(why_unknown="the one before it would not succeed")
    return outcomes + [after] * (len(calls) - len(outcomes))


def _refused(chain: Chain, sender: str, calls: Sequence[Call]) -> Outcome:
    """Why the last of `calls` would be refused: what it returns comes after the results."""
    answer = _ask(chain, sender, calls)
    data = b"" if isinstance(answer, str) else answer[2 * _WORD * len(calls) :]
    revert = revert_in(data)
    return Outcome(refusal=str(Refusal(revert)) if revert else "the contract refuses it")


def _whole(call: Call, executed: int) -> int:
    """Gas of the transaction, of which `executed` were measured inside it."""
    data = bytes.fromhex(call.data[2:])
    tokens = sum(4 if byte else 1 for byte in data)
    return max(_INTRINSIC + _BYTE * tokens + executed, _INTRINSIC + _FLOOR * tokens)


def _ask(chain: Chain, sender: str, calls: Sequence[Call]) -> bytes | str:
    """The program's answer, or why the node gave none."""
    code, data = _program(calls)
    call: Any = {"from": sender, "to": sender, "data": "0x" + data.hex()}
    override: Any = {sender: {"code": "0x" + code.hex()}}
    # A contract may compare its block's time, and the newest block can be hours old; but not every
    # node knows a pending one.
    answer = _call(chain, call, "pending", override) or _call(chain, call, "latest", override)
    if answer is None:
        return "the node runs no dry run (a state override of eth_call), or not one as long as this"
    if len(answer) < 2 * _WORD * len(calls):
        return "the node takes no notice of a state override, so there is no dry run"
    return answer


def _call(chain: Chain, call: Any, block: Any, override: Any) -> bytes | None:
    from web3.exceptions import Web3Exception

    try:
        with answers(chain.label):
            return bytes(chain.web3.eth.call(call, block, override))
    except Web3Exception:
        return None


def _program(calls: Sequence[Call]) -> tuple[bytes, bytes]:
    """EVM code that makes `calls` in order, and the data it reads: theirs, one after another.

    It returns two words for each, the gas it used and whether it succeeded, and then what the last
    one returned.
    """
    bodies = [bytes.fromhex(call.data[2:]) for call in calls]
    address = -(-max(map(len, bodies)) // _WORD) * _WORD  # after the longest of them in memory
    results, offset, code = address + _WORD, 0, b""
    for i, (call, body) in enumerate(zip(calls, bodies, strict=True)):
        code += _push(len(body)) + _push(offset) + _push(0) + b"\x37\x5a"  # CALLDATACOPY, GAS
        if call.deploys:
            code += _push(len(body)) + _push(0) + _push(call.value) + b"\xf0\x80"  # CREATE, DUP1
            code += _push(address) + b"\x52\x15\x15"  # MSTORE, ISZERO, ISZERO
        else:
            to = _push(int(call.to, 16)) if call.to else _push(address) + b"\x51"  # MLOAD
            code += _push(0) + _push(0) + _push(len(body)) + _push(0) + _push(call.value) + to
            code += b"\x5a\xf1"  # GAS, CALL
        place = results + 2 * i * _WORD
        code += _push(place + _WORD) + b"\x52\x5a\x90\x03"  # MSTORE, GAS, SWAP1, SUB
        code += _push(place) + b"\x52"  # MSTORE
        offset += len(body)
    end = results + 2 * len(calls) * _WORD
    code += b"\x3d" + _push(0) + _push(end) + b"\x3e"  # RETURNDATASIZE ..., RETURNDATACOPY
    code += b"\x3d" + _push(end - results) + b"\x01" + _push(results) + b"\xf3"  # ADD, RETURN
    return code, b"".join(bodies)


def _push(number: int) -> bytes:
    """PUSH1 to PUSH32."""
    data = number.to_bytes(max(1, -(-number.bit_length() // 8)))
    return bytes([0x5F + len(data)]) + data
