"""What everything costs, from receipts of the in-process chain: {what: gas}.

`python -m tests.gas_table` writes contracts/gas.json, which test_gas compares.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from mint.chain.journal import Journal
from mint.chain.local import travel
from mint.chain.network import connect
from mint.sale.allowlist import leaf
from mint.sale.draw import secret_hash
from tests.conftest import ROOT
from tests.fair_sale import (
    BASE,
    HIDDEN,
    HOUSE,
    MARGIN,
    PRICE,
    SALT,
    SECRET,
    Actors,
    Contract,
    launch,
    phase,
    sale,
)

FILE = ROOT / "contracts" / "gas.json"
SUPPLY = 10_000
DEPTH = 14  # of an allowlist of 10,000


def fresh(number: int) -> str:
    """An address that holds nothing, without a zero byte."""
    return "0x" + "".join(str(1 + int(digit)) for digit in f"{number:08o}") + "1" * 32


def first_transfers(actors: Actors, made: Contract, ids: list[int]) -> int:
    """The dearest first transfer of these tokens, each to somebody new."""
    owner = actors.owner
    return max(made.gas(owner, "transferFrom", owner.address, fresh(10_000 + n), n) for n in ids)


def handing_out(actors: Actors) -> dict[str, int]:
    """FairMint: tokens in their order, handed out by the owner."""
    owner = actors.owner
    address, deployed = actors.deploy("FairMint", launch(SUPPLY))
    made = Contract(actors, "FairMint", address)
    given = sum(made.gas(owner, "airdrop", owner.address, 1000) for _ in range(10))
    # Each place of a batch, in a batch of its own: a transfer makes its neighbour's cheap.
    worst = first_transfers(actors, made, list(range(1, 122, 12)))
    address, _ = actors.deploy("FairMint", launch(SUPPLY))
    many = Contract(actors, "FairMint", address)
    gifts = [(fresh(n), 1) for n in range(100)]
    return {
        "deploy FairMint": deployed,
        "airdrop 10,000": given,
        "airdrop 10,000: worst first transfer": worst,
        "airdrop to 100 wallets": many.gas(owner, "airdropMany", gifts),
    }


def selling(actors: Actors) -> dict[str, int]:
    """FairSale from deployment to withdrawal; every buyer is new, and one token was sold before."""
    buyers = [actors.person(0x1CE0000 + n) for n in range(8)]
    siblings = [secret_hash(bytes([n])) for n in range(DEPTH)]
    listed = leaf(buyers[6].address, 5)
    for sibling in siblings:
        listed = secret_hash(b"".join(sorted((listed, sibling))))
    now = actors.now() + 12
    ends = [now + 12 * n for n in (12, 18, 24)]
    terms = [
        phase(now, ends[0], cap=20),
        phase(ends[0], ends[1]),
        phase(ends[1], ends[2], root=listed),
    ]
    address, deployed = actors.deploy(
        "FairSale", launch(SUPPLY, HIDDEN), sale(terms[:2], spare=600)
    )
    made = Contract(actors, "FairSale", address)
    found = {"deploy FairSale, 2 phases, 2 payees": deployed}
    found["append a phase"] = made.gas(actors.owner, "setPhase", 2, terms[2])
    made.gas(buyers[0], "mint", 0, 1, value=PRICE)
    for buyer, quantity in zip(buyers[1:5], (1, 2, 5, 20), strict=True):
        found[f"public mint {quantity}"] = made.gas(
            buyer, "mint", 0, quantity, value=quantity * PRICE
        )
    found["public mint 1, same wallet again"] = made.gas(buyers[1], "mint", 0, 1, value=PRICE)
    # The last of the twenty but one: farthest from the batch's head with a neighbour to write.
    near = int(made.ask("totalSupply")) - 2
    found["public mint 20: worst first transfer"] = made.gas(
        buyers[4], "transferFrom", buyers[4].address, fresh(77), near
    )
    travel(actors.chain.web3, ends[0])
    made.gas(buyers[0], "mint", 1, 1, value=PRICE)
    found["public mint 1, no wallet cap"] = made.gas(buyers[5], "mint", 1, 1, value=PRICE)
    travel(actors.chain.web3, ends[1])
    made.gas(actors.owner, "airdrop", actors.owner.address, 1)
    found["allowlist mint 1, proof of 14"] = made.gas(
        buyers[6], "mintListed", 2, 1, 5, siblings, value=PRICE
    )
    travel(actors.chain.web3, ends[2])
    found["arm"] = made.gas(buyers[0], "arm")
    travel(actors.chain.web3, actors.now() + 12)  # the block that decides
    found["record"] = made.gas(buyers[0], "record")
    found["reveal"] = made.gas(actors.owner, "reveal", SECRET, SALT, BASE)
    found["withdraw, to a new account"] = made.gas(actors.owner, "withdraw", 0)
    actors.send(actors.owner, {"to": HOUSE, "value": 1, "data": "0x"})
    found["withdraw"] = made.gas(actors.owner, "withdraw", 1)
    return found


def refunding(actors: Actors) -> dict[str, int]:
    """FairSale whose reveal never comes."""
    buyer, other = actors.person(0x1CEBEEF), actors.person(0x1CECAFE)
    now = actors.now() + 12
    address, _ = actors.deploy("FairSale", launch(SUPPLY, HIDDEN), sale([phase(now, now + 48)]))
    made = Contract(actors, "FairSale", address)
    made.gas(buyer, "mint", 0, 10, value=10 * PRICE)
    made.gas(other, "mint", 0, 1, value=PRICE)
    travel(actors.chain.web3, now + 48 + MARGIN)
    return {
        "refund 1": made.gas(other, "refund", [11], other.address),
        "refund 10": made.gas(buyer, "refund", list(range(1, 11)), buyer.address),
    }


def measure(folder: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in (handing_out, selling, refunding):
        journal = Journal(folder / part.__name__ / "journal.sqlite")
        found |= part(Actors(connect("local", folder / part.__name__ / "chain"), journal))
        journal.close()
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        FILE.write_text(json.dumps(measure(Path(folder)), indent=1) + "\n")
