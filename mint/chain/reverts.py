"""A node's answer to a transaction that a contract refused -> the refusal in the artist's words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.chain.artefact import artefact
from mint.chain.network import answers, unanswered
from mint.chain.refusals import REFUSALS, WITHOUT_FACTS
from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.network import Chain

_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2}){4,}")
_STANDARD = (  # what solc itself reverts with, https://docs.soliditylang.org/en/latest/abi-spec.html
    {"type": "error", "name": "Error", "inputs": [{"name": "message", "type": "string"}]},
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)
_EVM = ("evm", "revert", "opcode", "stack", "out of gas", "invalid jump", "execution")
_POOR = ("insufficient funds", "enough balance", "cannot afford")
_LOOK = "check the wallet, the network and the contract's owner, then run the same command again"
_STEPS = (  # by FairSale.Step
    "the sale is not ended for good; `mint sale arm` does that",
    "the block that decides is named; `mint sale record` comes next",
    "the block that decides is recorded; `mint sale reveal` comes next",
    "the order is revealed, so every step of the draw is done",
)


class Revert(NamedTuple):
    """An error of our ABIs, decoded; its text is `SoldOut(left=9)`."""

    name: str
    arguments: dict[str, Any]

    def __str__(self) -> str:
        """As one would write it in Solidity, with the arguments' names."""
        pairs = (f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.name}({', '.join(pairs)})"


class Refusal(ChainError):
    """A contract refused a transaction or a call. The error's name follows in brackets."""

    def __init__(self, revert: Revert, facts: Mapping[str, str] = WITHOUT_FACTS) -> None:
        """Word `revert`; `facts` are those of WITHOUT_FACTS that somebody knows."""
        words = {name: _worded(name, value) for name, value in revert.arguments.items()}
        values = {**WITHOUT_FACTS, **facts, **words}
        sentence, hint = (text.format_map(values) for text in REFUSALS[revert.name])
        super().__init__(f"{sentence} [{revert}]", hint=hint)
        self.revert = revert


def ether(wei: int) -> str:
    """`0.01 ether`, exactly."""
    return f"{Decimal(wei).scaleb(-18).normalize():f} ether"


def _worded(name: str, value: Any) -> str:
    """An error's argument for people."""
    if name == "left":
        return "no token" if value == 0 else "1 token" if value == 1 else f"{value:,} tokens"
    if name in ("price", "least"):
        return ether(value)
    if name == "bps":
        return f"{value / 100:g} %"
    return _STEPS[value] if name == "step" else str(value)


def reason(error: Exception) -> str:
    """Why a call reverted: the contract's error, else the node's own words."""
    answer = getattr(error, "rpc_response", None) or {}  # web3's own text is this one's repr
    words = answer.get("error", {}).get("message") or getattr(error, "message", "") or str(error)
    return str(revert_of(error) or words or type(error).__name__)


def cannot_pay(error: Exception) -> bool:
    """Whether a node refused a transaction because its sender has too little."""
    return any(words in str(error).lower() for words in _POOR)


def revert_of(error: Exception) -> Revert | None:
    """The contract's error that `error` carries, where our ABIs know it.

    It is looked for in web3's `data`, then in the message.
    """
    text = str(getattr(error, "data", None) or "")
    match = _DATA.search(text) or _DATA.search(str(error))
    return revert_in(bytes.fromhex(match[0][2:])) if match else None


def revert_in(data: bytes) -> Revert | None:
    """The contract's error that a call returned, where our ABIs know it."""
    from eth_abi.abi import decode
    from eth_abi.exceptions import DecodingError
    from eth_utils.abi import function_abi_to_4byte_selector

    for entry in (*_STANDARD, *artefact()["abi"], *artefact("FairSale")["abi"]):
        if entry["type"] == "error" and function_abi_to_4byte_selector(entry) == data[:4]:
            inputs = entry["inputs"]
            try:
                values = decode([each["type"] for each in inputs], data[4:])
            except DecodingError:
                return None
            return Revert(
                entry["name"], dict(zip((i["name"] for i in inputs), values, strict=True))
            )
    return None


def reverted(account: Account, purpose: str, fields: Mapping[str, Any], block: int) -> ChainError:
    """Why a mined transaction of these `fields` failed in `block`.

    A receipt carries no reason, so the call is asked again on the state before its block.
    """
    parts = {name: fields[name] for name in ("to", "data", "value") if name in fields}
    call: Any = {"from": account.address, **parts}
    try:
        account.chain.web3.eth.call(call, block - 1)
    except Exception as error:  # every node has its own; what matters is in the words
        if revert := revert_of(error):
            return Refusal(revert)
        why = reason(error)
    else:
        why = "out of gas, or another transaction of its block was in the way"
    return ChainError(f"{purpose} was reverted: {why}", hint=_LOOK)


def refused(account: Account, purpose: str, error: Exception) -> ChainError:
    """Why a node did not take a transaction."""
    who, chain = account.address, account.chain
    if cannot_pay(error):
        hint = f"send test coins to {who}"
        return ChainError(f"{who} cannot pay for this and its gas on {chain.network}", hint=hint)
    if revert := revert_of(error):
        return Refusal(revert)
    return ChainError(f"{chain.label} refused {purpose}: {reason(error)}", hint=_LOOK)


@contextmanager
def calls(chain: Chain, address: str, name: str = "FairMint") -> Iterator[None]:
    """Calls of the contract at `address`: what fails there is no `name`, or says why itself.

    Raises ChainError.
    """
    from web3.exceptions import Web3Exception, Web3RPCError

    # ValueError: what a foreign contract answered has another form, or the address has.
    refusals: tuple[type[Exception], ...] = (Web3Exception, ValueError)
    if chain.local:
        from eth_tester.exceptions import TransactionFailed

        refusals += (TransactionFailed,)
    try:
        with answers(chain.label):
            yield
    except refusals as error:
        if revert := revert_of(error):
            raise Refusal(revert) from error
        words = reason(error)
        if isinstance(error, Web3RPCError) and not any(each in words.lower() for each in _EVM):
            # The node's own error, such as one of its limits.
            raise unanswered(chain.label, words) from None
        raise ChainError(
            f"there is no {name} at {address} on {chain.network}",
            hint="check the address and the network",
        ) from error
