"""A deployed sale and the moment at which it was asked: all of one block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mint.chain.blockhash import window_of
from mint.sale.contract import State, newest

if TYPE_CHECKING:
    from mint.chain.network import Chain
    from mint.sale.locate import DeployedSale


class Snapshot:
    """A sale as the chain has it at its newest block: `now` in Unix seconds, `height` in blocks."""

    def __init__(self, sale: DeployedSale, chain: Chain) -> None:
        """Ask the chain; raises ChainError."""
        self.sale, self.chain = sale, chain
        self.state: State
        block, self.state = newest(chain, sale.address)
        self.now, self.height = int(block["timestamp"]), int(block["number"])

    @property
    def window(self) -> int:
        """Blocks after a block in which contracts here can ask for its hash, as far as known."""
        return window_of(history=bool(self.chain.line.history))

    @property
    def coin(self) -> str:
        """What the chain's money is called."""
        return self.chain.line.coin

    @property
    def sold_out(self) -> bool:
        """Whether no token is left in any phase."""
        return self.state.minted == self.state.max_supply

    @property
    def open_phase(self) -> int | None:
        """The phase in which one can buy now."""
        waiting = self.state.draw.step == "waiting" and not self.state.refunding
        for index, phase in enumerate(self.state.phases):
            left = phase.supply - self.state.sold[index]
            if waiting and not self.sold_out and left and phase.start <= self.now < phase.end:
                return index
        return None

    @property
    def next_phase(self) -> int | None:
        """The phase that begins next."""
        later = (i for i, phase in enumerate(self.state.phases) if self.now < phase.start)
        return next(later, None)
