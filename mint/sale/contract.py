"""FairSale's verbs, the same on the in-process chain and over RPC (FairMint's: chain/fairmint.py).

Who may do what when is in contracts/README.md. The contract refuses a verb out of turn; the
ChainError says why in words, with what the sale knows of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from mint.chain.artefact import contract
from mint.chain.constructor import Phase
from mint.chain.logs import logs
from mint.chain.patience import at_one_block
from mint.chain.reverts import Refusal, calls
from mint.chain.send import Sent, progress, send
from mint.errors import ChainError
from mint.spec.sale_times import moment

if TYPE_CHECKING:
    from web3.types import BlockData, BlockIdentifier

    from mint.chain.account import Account
    from mint.chain.network import Chain

NAME = "FairSale"
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
    """What a FairSale says of its sale.

    Phase i sold `sold[i]` tokens, payee i has its share if `paid[i]`; `minted` tokens of
    `max_supply` are sold or given away, at most `reserve` of them given. No phase is ever cheaper
    than `lowest_price` wei, and none ends after `last_end`.
    """

    secret_hash: bytes
    uri_hash: bytes
    reveal_deadline: int
    draw_delay: int
    reserve: int
    lowest_price: int
    last_end: int
    phases: tuple[Phase, ...]
    sold: tuple[int, ...]
    payees: tuple[tuple[str, int], ...]
    paid: tuple[bool, ...]
    draw: Drawing
    refunding: bool
    max_supply: int
    minted: int

    @property
    def gifts(self) -> int:
        """How many tokens the owner has given away."""
        return self.minted - sum(self.sold)


def state(chain: Chain, address: str) -> State:
    """Ask the FairSale at `address`; raises ChainError if it is none."""
    return newest(chain, address)[1]


def newest(chain: Chain, address: str) -> tuple[BlockData, State]:
    """The newest block and the sale's state at it: counts of two blocks do not add up."""
    with calls(chain, address, NAME):
        return at_one_block(chain, partial(_state, chain, address))


def _state(chain: Chain, address: str, at: BlockIdentifier) -> State:
    ask = contract(chain.web3, address, NAME).functions

    def of(view: Any) -> Any:
        return view.call(block_identifier=at)

    step, times, number, sale_end, phases, proceeds = of(ask.draw())
    terms_and_sold = [of(ask.phase(i)) for i in range(phases)]
    payees: list[tuple[str, int]] = []
    paid: list[bool] = []
    until = 0
    while until < 10_000:
        to, since, until, done = of(ask.shares(len(payees)))
        payees.append((to, until - since))
        paid.append(done)
    return State(
        secret_hash=of(ask.SECRET_HASH()),
        uri_hash=of(ask.URI_HASH()),
        reveal_deadline=of(ask.REVEAL_DEADLINE()),
        draw_delay=of(ask.DRAW_DELAY()),
        reserve=of(ask.RESERVE()),
        lowest_price=of(ask.LOWEST_PRICE()),
        last_end=of(ask.LAST_END()),
        phases=tuple(Phase(*terms) for terms, _ in terms_and_sold),
        sold=tuple(sold for _, sold in terms_and_sold),
        payees=tuple(payees),
        paid=tuple(paid),
        draw=Drawing(STEPS[step], times, number, sale_end, proceeds, of(ask.entropy())),
        refunding=of(ask.refunding()),
        max_supply=of(ask.MAX_SUPPLY()),
        minted=of(ask.totalMinted()),
    )


def arm(account: Account, address: str) -> Sent:
    """End minting for ever and name the block that decides; anybody may when the sale is over."""
    return transact(account, address, f"arm {address}", "arm")


def record(account: Account, address: str) -> Sent:
    """Keep the named block's hash; if it was missed, the contract names another block."""
    number = state(account.chain, address).draw.number
    return transact(account, address, f"record {address} {number}", "record")


def reveal(
    account: Account,
    address: str,
    secret: bytes,
    salt: bytes,
    base_uri: str,
) -> Sent:
    """Open what the constructor committed to: the order is fixed, the proceeds are free."""
    arguments = (secret, salt, base_uri)
    return transact(account, address, f"reveal {address}", "reveal", *arguments)


def withdraw(account: Account, address: str) -> list[Sent]:
    """Send every payee its share; one that refuses its money stops no other."""
    transactions, refusal = [], None
    for i, (payee, _) in enumerate(state(account.chain, address).payees):
        purpose = f"withdraw {address} {i}"
        try:
            transactions.append(transact(account, address, purpose, "withdraw", i))
        except ChainError as error:
            if not state(account.chain, address).paid[
                i
            ]:  # somebody else may have sent it on its way
                refusal = ChainError(f"{payee} was not paid: {error}", hint=error.hint)
    if refusal is not None:
        raise refusal
    return transactions


def redirect(account: Account, address: str, payee: int, to: str, since: int = 0) -> Sent:
    """Have the share of payee number `payee` (from 0), who must be the sender, go to `to`.

    The contract was deployed in block `since`, or later.
    """
    with calls(account.chain, address, NAME):
        events = contract(account.chain.web3, address, NAME).events
        before = len(list(logs(account.chain, events.PayeeSet(), since)))
    purpose = f"redirect {address} {payee} {to} {before + 1}"  # it may come back one day
    return transact(account, address, purpose, "setPayee", payee, to)


def refund(account: Account, address: str, ids: Sequence[int], to: str) -> Sent:
    """Burn the wallet's tokens and have what was paid for them sent to `to`."""
    ids = list(dict.fromkeys(ids))  # the contract burns each once, and refuses the second time
    tokens = f"refund {address} {','.join(map(str, ids))}"
    purpose = tokens if to == account.address else f"{tokens} {to}"
    instead = None
    for other in account.purposes("refund"):
        if other == purpose or not (other == tokens or other.startswith(f"{tokens} ")):
            continue
        step = progress(account, other)
        if step == "unsent":
            instead = other
        elif step in ("pending", "unknown", "settling"):
            receiver = other.removeprefix(tokens).strip() or account.address
            raise ChainError(
                f"a refund of these tokens to {receiver} is on its way",
                hint=f"run it again with --to {receiver} to see its end; only if that fails can "
                "the money go elsewhere",
            )
    return transact(account, address, purpose, "refund", ids, to, instead=instead)


def transact(
    account: Account,
    address: str,
    purpose: str,
    verb: str,
    *arguments: Any,
    value: int = 0,
    instead: str | None = None,
) -> Sent:
    """Call `verb` of the FairSale at `address` once for `purpose`, with `value` wei.

    `instead` is as in mint.chain.send. Raises ChainError; a refusal of the contract says what the
    sale knows of it.
    """
    data = contract(account.chain.web3, address, NAME).encode_abi(verb, list(arguments))
    try:
        tx = {"to": address, "data": data, "value": value}
        return send(account, purpose, tx, instead=instead)
    except Refusal as refusal:
        try:
            facts = _facts(account.chain, address)
            if verb in ("mint", "mintListed"):
                facts |= _phase_facts(account, address, arguments[0], arguments[2:3])
        except ChainError:  # a node that goes silent now must not hide why
            raise refusal from None
        raise Refusal(refusal.revert, facts) from refusal


def _facts(chain: Chain, address: str) -> dict[str, str]:
    """What mint.chain.refusals can say of a sale."""
    now = state(chain, address)
    facts = {
        "sale_end": f"{moment(now.draw.sale_end)} UTC",
        "deadline": f"{moment(now.reveal_deadline)} UTC",
    }
    if now.draw.step != "waiting":
        facts["block"] = f"{now.draw.number:,}"
    return facts


def _phase_facts(account: Account, address: str, index: int, caps: Sequence[int]) -> dict[str, str]:
    """What it can say of phase `index` to a wallet that its allowlist grants `caps` tokens."""
    with calls(account.chain, address, NAME):
        ask = contract(account.chain.web3, address, NAME).functions
        phase = Phase(*ask.phase(index).call()[0])
        number = ask.taken(account.address, index).call()
    cap = min(filter(None, (phase.wallet_cap, *caps)), default=0)
    return {
        "window": f"{moment(phase.start)} to {moment(phase.end)} UTC",
        "cap": f"{cap}",
        "bought": f"{number}",
    }
