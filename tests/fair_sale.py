"""A FairSale on the in-process chain, with people who act on it; each act returns its gas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mint.chain.account import Account
from mint.chain.artefact import artefact, contract
from mint.chain.journal import Journal
from mint.chain.network import Chain
from mint.chain.send import Sent, send
from mint.chain.wallet import Wallet, load
from mint.sale.draw import secret_hash, uri_hash

SECRET, SALT = b"\x5e" * 32, b"\xa1" * 32
FOLDER = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
BASE = f"{FOLDER}/"
HIDDEN = "ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
ARTIST, HOUSE = "0x" + "71" * 20, "0x" + "82" * 20
ETHER = 10**18
PRICE = ETHER // 100
MARGIN = 86_400 + 12  # from the last phase's end to the deadline: a day, and a block until the draw


class Actors:
    """Sends for the funded account and for others, whom it pays first."""

    def __init__(self, chain: Chain, journal: Journal) -> None:
        self.chain, self.journal = chain, journal
        self.owner = load(chain, {})
        self._acts = 0

    def now(self) -> int:
        return int(self.chain.web3.eth.get_block("latest")["timestamp"])

    def send(self, wallet: Wallet, tx: dict[str, Any]) -> Sent:
        self._acts += 1
        return send(Account(self.chain, wallet, self.journal), f"act {self._acts}", tx)

    def person(self, number: int) -> Wallet:
        """Somebody with 20 ether and no token."""
        from eth_account import Account as Key  # half a second

        account = Key.from_key(number.to_bytes(32, "big"))
        wallet = Wallet(account.address, account)
        self.send(self.owner, {"to": wallet.address, "value": 20 * ETHER, "data": "0x"})
        return wallet

    def deploy(self, name: str, *arguments: Any) -> tuple[str, int]:
        """Address and gas of a new contract."""
        factory: Any = self.chain.web3.eth.contract(
            abi=artefact(name)["abi"], bytecode=artefact(name)["bytecode"]
        )
        sent = self.send(self.owner, {"data": factory.constructor(*arguments).data_in_transaction})
        transaction: Any = sent.transaction
        receipt = self.chain.web3.eth.get_transaction_receipt(transaction)
        return str(receipt["contractAddress"]), sent.gas


class Contract:
    """One deployed contract: `gas(wallet, verb, arguments)` and `ask(view, arguments)`."""

    def __init__(self, actors: Actors, name: str, address: str) -> None:
        self.actors, self.address = actors, address
        self._contract = contract(actors.chain.web3, address, name)

    def gas(self, wallet: Wallet, verb: str, *arguments: Any, value: int = 0) -> int:
        data = self._contract.encode_abi(verb, list(arguments))
        tx = {"to": self.address, "data": data, "value": value}
        return self.actors.send(wallet, tx).gas

    def ask(self, view: str, *arguments: Any) -> Any:
        return self._contract.functions[view](*arguments).call()


def launch(supply: int, base: str = BASE) -> tuple[Any, ...]:
    """The first constructor argument of both contracts, as Collection.sol declares it."""
    return (
        "Menagerie",
        "MNG",
        supply,
        b"\xab" * 32,
        b"\xcd" * 32,
        base,
        f"{FOLDER}/contract.json",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        ARTIST,
        500,
    )


def phase(
    start: int, end: int, supply: int = 10_000, cap: int = 0, root: bytes = bytes(32)
) -> tuple[Any, ...]:
    return (start, end, PRICE, supply, cap, root)


def sale(phases: Sequence[tuple[Any, ...]], spare: int = 0) -> tuple[Any, ...]:
    """FairSale's second argument; its deadline is the soonest there may be, and `spare` seconds.

    One token may be given away.
    """
    deadline = phases[-1][1] + MARGIN + spare
    payees = [(ARTIST, 9000), (HOUSE, 1000)]
    return (secret_hash(SECRET), uri_hash(SALT, BASE), deadline, 1, 1, list(phases), payees)


def drawn(actors: Actors, supply: int) -> Contract:
    """A sale of `supply` tokens that sold none and is revealed."""
    now = actors.now() + 12  # the block that deploys
    terms = sale([phase(now, now + 1)])
    address, _ = actors.deploy("FairSale", launch(supply, HIDDEN), terms)
    fair_sale = Contract(actors, "FairSale", address)
    fair_sale.gas(actors.owner, "arm")
    actors.send(actors.owner, {"to": ARTIST, "value": 1, "data": "0x"})  # the block that decides
    fair_sale.gas(actors.owner, "record")
    fair_sale.gas(actors.owner, "reveal", SECRET, SALT, BASE)
    return fair_sale
