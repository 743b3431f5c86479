"""FairSale's verbs, the same on the in-process chain and over RPC; FairMint's are in contract.py.

Who may do what when is in contracts/README.md; a verb out of turn is refused by the contract, and
the ChainError names its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from mint.chain.artefact import contract
from mint.chain.constructor import Phase
from mint.chain.fairmint import calls
from mint.chain.send import Sent, find, send
from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.network import Chain

NAME = "FairSale"
GIFTS, GIVEN = 100, 1000  # wallets and tokens a transaction gives to: at most 10 million gas
Step = Literal["waiting", "armed", "recorded", "revealed"]
STEPS: tuple[Step, ...] = get_args(Step)


class Drawing(NamedTuple):
    """How far the draw is: `number` the block that decides, the `times`-th that was named.

    `proceeds` in wei at the reveal. `entropy` is the recorded hash, from the reveal on the seed.
    """

    step: Step
    times: int
    number: int
    sale_end: int
    proceeds: int
    entropy: bytes


class State(NamedTuple):
    """What a FairSale says of its sale; `sold[i]` tokens of `phases[i]`, `paid[i]` payees."""

    secret_hash: bytes
    uri_hash: bytes
    reveal_deadline: int
    draw_delay: int
    phases: tuple[Phase, ...]
    sold: tuple[int, ...]
    payees: tuple[tuple[str, int], ...]
    paid: tuple[bool, ...]
    draw: Drawing
    refunding: bool


def state(chain: Chain, address: str) -> State:
    """Ask the FairSale at `address`; raises ChainError if it is none."""
    with calls(chain, address, NAME):
        ask = contract(chain.web3, address, NAME).functions
        step, times, number, sale_end, phases, proceeds = ask.draw().call()
        held = [ask.phase(i).call() for i in range(phases)]
        payees: list[tuple[str, int]] = []
        paid: list[bool] = []
        until = 0
        while until < 10_000:
            to, since, until, done = ask.shares(len(payees)).call()
            payees.append((to, until - since))
            paid.append(done)
        return State(
            secret_hash=ask.SECRET_HASH().call(),
            uri_hash=ask.URI_HASH().call(),
            reveal_deadline=ask.REVEAL_DEADLINE().call(),
            draw_delay=ask.DRAW_DELAY().call(),
            phases=tuple(Phase(*terms) for terms, _ in held),
            sold=tuple(sold for _, sold in held),
            payees=tuple(payees),
            paid=tuple(paid),
            draw=Drawing(STEPS[step], times, number, sale_end, proceeds, ask.entropy().call()),
            refunding=ask.refunding().call(),
        )


def airdrop(account: Account, address: str, gifts: Mapping[str, int]) -> list[Sent]:
    """Give wallet -> quantity away, in order, each once however often this is called."""
    sent = []
    for i, batch in enumerate(_batches(gifts)):
        purpose = f"airdrop {address} {i + 1}"
        sent.append(_act(account, address, purpose, "airdropMany", batch))
    return sent


def buy(
    account: Account,
    address: str,
    index: int,
    quantity: int,
    listed: tuple[int, Sequence[bytes]] | None = None,
) -> list[Sent]:
    """Have `wallet` buy in phase `index` until it took `quantity` in all, by this journal.

    `listed` is the wallet's cap and proof in the phase's allowlist. So a command that was killed is
    repeated as it was, and buys nothing twice.
    """
    arguments: tuple[Any, ...]
    stem, sent, taken = f"buy {address} {index} ", [], 0
    for purpose in account.purposes(stem):
        if earlier := find(account, purpose):
            sent.append(earlier)
            taken = max(taken, int(purpose.rpartition("-")[2]))
    if taken >= quantity:
        return sent
    price = state(account.chain, address).phases[index].price
    verb, arguments = "mint", (index, quantity - taken)
    if listed is not None:
        verb, arguments = "mintListed", (*arguments, listed[0], list(listed[1]))
    purpose, value = f"{stem}{taken + 1}-{quantity}", price * (quantity - taken)
    done = _act(account, address, purpose, verb, *arguments, value=value)
    return [*sent, done]


def arm(account: Account, address: str) -> Sent:
    """End minting for ever and name the block that decides; anybody may when the sale is over."""
    return _act(account, address, f"arm {address}", "arm")


def record(account: Account, address: str) -> Sent:
    """Keep the named block's hash; if it was missed, the contract names another block."""
    number = state(account.chain, address).draw.number
    return _act(account, address, f"record {address} {number}", "record")


def reveal(
    account: Account,
    address: str,
    secret: bytes,
    salt: bytes,
    base_uri: str,
) -> Sent:
    """Open what the constructor committed to: the order is fixed, the proceeds are free."""
    arguments = (secret, salt, base_uri)
    return _act(account, address, f"reveal {address}", "reveal", *arguments)


def withdraw(account: Account, address: str) -> list[Sent]:
    """Send every payee its share; one that refuses its money stops no other."""
    sent, refused = [], None
    for i, (payee, _) in enumerate(state(account.chain, address).payees):
        purpose = f"withdraw {address} {i}"
        try:
            sent.append(_act(account, address, purpose, "withdraw", i))
        except ChainError as error:
            if not state(account.chain, address).paid[
                i
            ]:  # somebody else may have sent it on its way
                refused = ChainError(f"{payee} was not paid: {error}", hint=error.hint)
    if refused is not None:
        raise refused
    return sent


def refund(account: Account, address: str, ids: Sequence[int], to: str) -> Sent:
    """Burn the wallet's tokens and have what was paid for them sent to `to`."""
    purpose = f"refund {address} {','.join(map(str, ids))}"
    return _act(account, address, purpose, "refund", list(ids), to)


def revealed(chain: Chain, address: str) -> tuple[int, bytes, bytes]:
    """(number and hash of the block that decided, the secret), from the contract's own events."""
    with calls(chain, address, NAME):
        events = contract(chain.web3, address, NAME).events
        recorded = events.Recorded().get_logs(from_block=0)
        opened = events.Revealed().get_logs(from_block=0)
    if not recorded or not opened:
        raise ChainError(
            f"{address} has revealed nothing on {chain.network}",
            hint="ask a node that keeps the events of old blocks",
        )
    told = recorded[-1]["args"]
    return told["number"], bytes(told["hash"]), bytes(opened[-1]["args"]["secret"])


def _batches(gifts: Mapping[str, int]) -> list[list[tuple[str, int]]]:
    """Gifts in order, in parts of at most GIFTS wallets and GIVEN tokens."""
    parts: list[list[tuple[str, int]]] = [[]]
    room = GIVEN
    for wallet, quantity in gifts.items():
        left = quantity
        while left:
            if len(parts[-1]) == GIFTS or room == 0:
                parts.append([])
                room = GIVEN
            some = min(left, room)
            parts[-1].append((wallet, some))
            left -= some
            room -= some
    return [part for part in parts if part]


def _act(
    account: Account,
    address: str,
    purpose: str,
    verb: str,
    *arguments: Any,
    value: int = 0,
) -> Sent:
    data = contract(account.chain.web3, address, NAME).encode_abi(verb, list(arguments))
    return send(account, purpose, {"to": address, "data": data, "value": value})
