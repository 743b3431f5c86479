"""A chain id -> the name of its coin, and where strangers look its transactions up."""

from __future__ import annotations

from typing import NamedTuple


class Explorer(NamedTuple):
    """`url` is a block explorer's address without a slash at its end; None where nobody has one."""

    coin: str
    url: str | None = None

    def transaction(self, digest: str) -> str | None:
        """The page of a transaction."""
        return self.url and f"{self.url}/tx/{digest}"

    def address(self, address: str) -> str | None:
        """The page of a contract or a wallet."""
        return self.url and f"{self.url}/address/{address}"


# https://chainlist.org; a chain of mint.chain.network that is not here has coins of no worth.
EXPLORERS = {
    11155111: Explorer("ETH", "https://sepolia.etherscan.io"),
    17000: Explorer("ETH", "https://holesky.etherscan.io"),
    560048: Explorer("ETH", "https://hoodi.etherscan.io"),
    84532: Explorer("ETH", "https://sepolia.basescan.org"),
    421614: Explorer("ETH", "https://sepolia.arbiscan.io"),
    11155420: Explorer("ETH", "https://sepolia-optimism.etherscan.io"),
    80002: Explorer("POL", "https://amoy.polygonscan.com"),
    534351: Explorer("ETH", "https://sepolia.scrollscan.com"),
    999999999: Explorer("ETH", "https://sepolia.explorer.zora.energy"),
}


def explorer(chain_id: int) -> Explorer:
    """The chain's coin and explorer; ether without one where nobody else sees the chain."""
    return EXPLORERS.get(chain_id, Explorer("ETH"))
