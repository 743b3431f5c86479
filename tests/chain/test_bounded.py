"""Answers that never end, from a real server: each is given up in time."""

from __future__ import annotations

import time
from itertools import repeat

import pytest
import requests

from mint.chain.bounded import EndlessAnswer, bounded_session
from tests.pinning.raw_server import CHUNKED, OK, Asked, Pieces, raw_server, sized


def trickle(asked: Asked) -> Pieces:
    """A byte every twentieth of a second, of an answer that announces many."""
    yield sized(10_000)
    for _ in range(200):
        yield b" "
        yield 0.05


def flood(asked: Asked) -> Pieces:
    yield CHUNKED
    yield from repeat(b"100000\r\n" + bytes(1 << 20) + b"\r\n", 100)


def torn(asked: Asked) -> Pieces:
    yield sized(100)
    yield b"half"


def whole(asked: Asked) -> Pieces:
    yield OK + b"Content-Length: 2\r\n\r\n"
    yield 0.05
    yield b"{}"


def test_an_answer_that_trickles_ends_in_time() -> None:
    began = time.monotonic()
    with raw_server(trickle) as server, pytest.raises(requests.Timeout):
        bounded_session(0.5).get(server.url, timeout=5)
    assert time.monotonic() - began < 4


def test_an_answer_without_end_is_given_up() -> None:
    with raw_server(flood) as server, pytest.raises(EndlessAnswer, match="64 MB"):
        bounded_session(30).get(server.url, timeout=5)


def test_half_an_answer_is_a_lost_connection() -> None:
    with raw_server(torn) as server, pytest.raises(requests.ConnectionError):
        bounded_session(5).get(server.url, timeout=5)


def test_a_whole_answer_is_read_as_ever() -> None:
    with raw_server(whole) as server, bounded_session(5) as session:
        assert session.post(server.url, data=b"{}", timeout=5).json() == {}
        assert session.post(server.url, data=b"{}", timeout=5).json() == {}
