"""A payment of 1 wei to somebody."""

from __future__ import annotations

from mint.chain.account import Account
from mint.chain.journal import Journal
from mint.chain.network import Chain
from mint.chain.send import Sent, send
from mint.chain.wallet import load

SOMEBODY = "0x00000000000000000000000000000000000A11cE"

PAY = {"to": SOMEBODY, "data": "0x", "value": 1}


def pay(chain: Chain, journal: Journal, purpose: str = "pay", patience: float = 60) -> Sent:
    """Send the payment from the first wallet."""
    return send(Account(chain, load(chain, {}), journal), purpose, PAY, patience)
