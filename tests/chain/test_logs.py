"""Events are asked for in the ranges that a node takes, and what it refuses is said."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mint.chain.logs import logs
from mint.errors import ChainError


class Event:
    """Events of a node that shows those of up to `most` blocks at once."""

    def __init__(self, most: int) -> None:
        self.most, self.questions = most, 0

    def get_logs(self, from_block: int, to_block: int, argument_filters: Any) -> list[int]:
        from web3.exceptions import Web3RPCError

        self.questions += 1
        if to_block - from_block + 1 > self.most:
            raise Web3RPCError("method not allowed on your plan")
        return list(range(from_block, to_block + 1))


def chain(height: int) -> Any:
    web3 = SimpleNamespace(eth=SimpleNamespace(block_number=height))
    return SimpleNamespace(web3=web3, label="https://node.test")


def test_ranges_are_halved_and_nothing_is_left_out() -> None:
    assert list(logs(chain(999), Event(30))) == list(range(1000))


def test_what_would_take_thousands_of_questions_is_refused_at_once() -> None:
    event = Event(2)
    with pytest.raises(ChainError, match="answers for 2 blocks at a time"):
        list(logs(chain(65_535), event))
    assert event.questions < 30


def test_a_node_that_refuses_every_range_says_why() -> None:
    from web3.exceptions import Web3RPCError

    with pytest.raises(Web3RPCError, match="not allowed on your plan"):
        list(logs(chain(65_535), Event(0)))
