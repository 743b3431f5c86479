"""How many tokens the owner gave each wallet with `airdropMany`, as the chain says.

Our own journal's transactions say so where they are all that there are; else the contract's own
Transfer events do, each with the transaction that caused it: buyers' tokens come from nobody too.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mint.chain.artefact import contract
from mint.chain.fairmint import supply
from mint.chain.logs import logs
from mint.chain.network import results
from mint.chain.patience import behind
from mint.chain.resume import contents
from mint.chain.reverts import calls
from mint.errors import ChainError
from mint.sale.contract import NAME

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.network import Chain
    from mint.chain.send import Sent

Deliveries = Mapping[str, int]  # checksummed wallet -> tokens
NOBODY = "0x" + "00" * 20
_TRIES = 40  # half seconds that a node may be behind itself


def deliveries(
    account: Account,
    address: str,
    wallets: Iterable[str],
    transactions: Mapping[str, Sent],
    since: int = 0,
) -> Deliveries:
    """Wallet -> tokens, of the FairSale at `address` whose deployment is in block `since`.

    `transactions` are the mined ones that the journal knows. Raises ChainError.
    """
    chain, ours = account.chain, Counter[str]()
    for fields in contents(account, transactions):
        for wallet, quantity in _gifts(chain, address, fields["data"]):
            ours[wallet] += quantity
    for _ in range(_TRIES):
        everything = _in_all(chain, address)
        if everything == ours.total():
            return ours
        if everything is None or everything > ours.total():
            # Ours are there whatever a node that is behind answers.
            return ours | Counter(events(chain, address, wallets, since))
        time.sleep(0.5)
    raise behind(chain)


def events(chain: Chain, address: str, wallets: Iterable[str], since: int = 0) -> Deliveries:
    """Wallet -> tokens, from the events since block `since`; raises ChainError."""
    addresses, counts, gifts = set(wallets), Counter[str](), {}
    with calls(chain, address, NAME):
        transfers = contract(chain.web3, address, NAME).events.Transfer()
        for log in logs(chain, transfers, since, {"from": NOBODY}):
            to, cause = log["args"]["to"], log["transactionHash"]
            if to not in addresses:
                continue
            if cause not in gifts:
                entry: Any = chain.web3.eth.get_transaction(cause)
                gifts[cause] = bool(_gifts(chain, address, entry["input"]))
            counts[to] += gifts[cause]
    return +counts


def _in_all(chain: Chain, address: str) -> int | None:
    """How many tokens were given away in all; None where blocks come faster than answers."""
    for _ in range(3):
        before = _height(chain)
        number = _handed_out(chain, address)
        if _height(chain) == before:
            return number
    return None


def _height(chain: Chain) -> int:
    with results(chain.label):
        return int(chain.web3.eth.block_number)


def _handed_out(chain: Chain, address: str) -> int:
    """How many tokens the contract's owner gave; where nothing is sold, all that there are."""
    ask = contract(chain.web3, address, NAME).functions
    minted = supply(chain, address)[0]
    try:
        with calls(chain, address, NAME):
            phases = ask.draw().call()[4]
            return minted - sum(int(ask.phase(index).call()[1]) for index in range(phases))
    except ChainError:
        return minted


def _gifts(chain: Chain, address: str, data: Any) -> list[tuple[str, int]]:
    """What the calldata `data` give away; nothing if they do something else."""
    token = contract(chain.web3, address, NAME)
    try:
        function, arguments = token.decode_function_input(data)
    except ValueError:  # another contract's
        return []
    if function.fn_name != "airdropMany":
        return []
    (gifts,) = arguments.values()
    pairs = (each.values() if isinstance(each, Mapping) else each for each in gifts)
    return [(str(to), int(quantity)) for to, quantity in pairs]
