"""The networks that mint knows, one line each, and those that it does not go to, with the reason.

What is not written down by somebody who runs a network or lists it stays None. Ids, coins and
explorers: https://chainlist.org and viem's list. Blocks: the superchain registry and each network's
own pages. docs/networks.md is written from here by scripts/docs.
"""

# A network is one line, to be read beside the others.
# ruff: noqa: E501

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Literal, NamedTuple

from mint.chain.local import CHAIN_ID
from mint.errors import ChainError
from mint.spec.yaml_source import nearest

_SOON = 90  # days before its end in which a network is warned of


class Network(NamedTuple):
    """A network, and what a sale has to know of it.

    `explorer` is an address without a slash at its end; `block_time` is in seconds. `numbering`
    says whose blocks a contract's `block.number` counts: the chain's own, or its parent's.
    `history` is whether contracts can ask for the hashes of 8,191 blocks (EIP-2935). `finality` is
    the tag that nodes are asked for, or how many blocks lie on top of a final one.
    `no_draw` says why no sale is drawn there. `until` is the planned end, where there is one.
    `oracle` is the contract that says what a transaction's bytes cost on the parent chain, where
    that comes on top of its gas. `marketplace` shows tokens of this network; none is known, since OpenSea's left in July 2025.
    """

    name: str
    chain_id: int
    coin: str
    block_time: float
    explorer: str | None = None
    faucet: str | None = None
    history: bool | None = None
    numbering: Literal["own", "parent"] = "own"
    finality: Literal["finalized"] | int = "finalized"
    no_draw: str | None = None
    until: date | None = None
    oracle: str | None = None
    marketplace: str | None = None

    def transaction(self, digest: str) -> str | None:
        """The explorer's page of a transaction."""
        return self.explorer and f"{self.explorer}/tx/{digest}"

    def address(self, address: str) -> str | None:
        """The explorer's page of a contract or a wallet."""
        return self.explorer and f"{self.explorer}/address/{address}"


_ARBITRUM = (  # https://docs.arbitrum.io/solidity-support
    "contracts there see the block numbers of the chain below, and block hashes "
    "that Arbitrum itself calls no source of randomness"
)
_OP_STACK = (
    "0x420000000000000000000000000000000000000F"  # GasPriceOracle, https://specs.optimism.io
)
_SCROLL = "0x5300000000000000000000000000000000000002"  # L1GasPriceOracle, https://docs.scroll.io
_LINES = (
    Network("local", CHAIN_ID, "ETH", 12, history=False, finality=0),
    Network("anvil", 31337, "ETH", 12, history=True, finality=0),
    Network("sepolia", 11155111, "ETH", 12, "https://sepolia.etherscan.io", "https://sepolia-faucet.pk910.de", True, until=date(2026, 12, 31)),
    Network("hoodi", 560048, "ETH", 12, "https://hoodi.etherscan.io", "https://hoodi-faucet.pk910.de", True, until=date(2028, 12, 31)),
    Network("base-sepolia", 84532, "ETH", 2, "https://sepolia.basescan.org", "https://faucet.chainstack.com/base-testnet-faucet", True, oracle=_OP_STACK),
    Network("optimism-sepolia", 11155420, "ETH", 2, "https://sepolia-optimism.etherscan.io", "https://console.optimism.io/faucet", True, oracle=_OP_STACK),
    Network("unichain-sepolia", 1301, "ETH", 1, "https://sepolia.uniscan.xyz", "https://faucet.quicknode.com/unichain/sepolia", True, oracle=_OP_STACK),
    Network("ink-sepolia", 763373, "ETH", 1, "https://explorer-sepolia.inkonchain.com", "https://inkonchain.com/faucet", True, oracle=_OP_STACK),
    Network("celo-sepolia", 11142220, "CELO", 1, "https://celo-sepolia.blockscout.com", "https://faucet.celo.org/celo-sepolia", True, oracle=_OP_STACK),
    Network("zora-sepolia", 999999999, "ETH", 2, "https://sepolia.explorer.zora.energy", "https://ethglobal.com/faucet", oracle=_OP_STACK),
    Network("scroll-sepolia", 534351, "ETH", 3, "https://sepolia.scrollscan.com", "https://docs.scroll.io/en/user-guide/faucet", True, oracle=_SCROLL),
    Network("linea-sepolia", 59141, "ETH", 1, "https://sepolia.lineascan.build", "https://docs.linea.build/network/build"),
    Network("polygon-amoy", 80002, "POL", 2, "https://amoy.polygonscan.com", "https://faucet.polygon.technology"),
    Network("arbitrum-sepolia", 421614, "ETH", 0.25, "https://sepolia.arbiscan.io", "https://faucet.quicknode.com/arbitrum/sepolia", numbering="parent", no_draw=_ARBITRUM),
)  # fmt: skip
NETWORKS = {line.name: line for line in _LINES}


class Ended(NamedTuple):
    """A network that is no more, when it ended, and the one to take instead."""

    name: str
    chain_id: int
    when: str
    instead: str


ENDED = (Ended("holesky", 17000, "November 2025", "hoodi"),)

# Where transactions cost real money; "mainnet" is what many call the first.
MAINNETS = {
    "ethereum": 1,
    "mainnet": 1,
    "base": 8453,
    "optimism": 10,
    "unichain": 130,
    "ink": 57073,
    "celo": 42220,
    "zora": 7777777,
    "scroll": 534352,
    "linea": 59144,
    "polygon": 137,
    "arbitrum": 42161,
}


def network_of(chain_id: int) -> Network:
    """The line of a chain; of a chain that is not in NETWORKS no more than that it pays in ETH."""
    lines = (line for line in _LINES if line.chain_id == chain_id)
    return next(lines, Network(f"chain {chain_id}", chain_id, "ETH", 12))


def absent(network: str | int) -> ChainError | None:
    """Why mint does not go to a network, given by its name or its chain id; None if it does."""
    if network in NETWORKS or network in {line.chain_id for line in _LINES}:
        return None
    for ended in ENDED:
        if network in (ended.name, ended.chain_id):
            hint = f"use {ended.instead}, or another of {', '.join(NETWORKS)}"
            return ChainError(f"{ended.name} ended in {ended.when}", hint=hint)
    for name, chain_id in MAINNETS.items():
        if network in (name, chain_id):
            return ChainError(
                f"{name} is a main network, where coins are worth money, and mint spends none",
                hint="rehearse on a test network: `mint launch FILE --network hoodi --unsigned "
                "plan.json --from ADDRESS` writes down what such transactions look like. mint "
                "writes none for a main network",
            )
    if isinstance(network, str):
        return ChainError(f'no network is called "{network}"', hint=nearest(network, NETWORKS))
    return ChainError(
        f"chain {network} is no test chain that mint knows, so its coins may be worth money",
        hint=f"mint spends no real money; use one of {', '.join(NETWORKS)}",
    )


def ending(name: str, now: float) -> str | None:
    """What to say where the network `name` is to end soon; `now` in Unix seconds."""
    line = NETWORKS.get(name)
    if line is None or line.until is None:
        return None
    left = (line.until - datetime.fromtimestamp(now, UTC).date()).days
    if left > _SOON:
        return None
    verb = "is planned to end" if left >= 0 else "was planned to end"
    return f"{name} {verb} on {line.until:%-d %B %Y}, and what is launched there goes with it"


def lasting(now: float) -> str:
    """A test network that is not to end soon, and on which a sale can be drawn."""
    public = (line.name for line in _LINES if line.faucet and draw_possible(line.name))
    return next(name for name in public if ending(name, now) is None)


def draw_possible(name: str) -> bool:
    """Whether a sale can be drawn fairly on the network `name`, as far as its line knows.

    A URL tells nothing before its node is asked, and counts as possible.
    """
    line = NETWORKS.get(name)
    return line is None or line.no_draw is None


def refuse_unfair_draw(name: str) -> None:
    """Raise ChainError for a network on which no sale can be drawn fairly."""
    if not draw_possible(name):
        raise ChainError(
            f"a sale cannot be drawn fairly on {name}: {NETWORKS[name].no_draw}",
            hint=f"{lasting(time.time())} will do; or leave `sale:` out and hand the tokens out yourself",
        )
