"""Endpoints in messages: whatever a URL holds besides its host stays out of them."""

from __future__ import annotations

import pytest

from mint.urls import masked


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://user:pass@rpc.example.org/v3/key?k=1#x", "https://rpc.example.org"),
        ("https://user:pass@host:5001/v1?k=v", "https://host:5001"),
        ("http://127.0.0.1:8545/", "http://127.0.0.1:8545"),
        ("http://[::1]:8545/key", "http://[::1]:8545"),
        ("http://host:key/path", "http://host"),
        ("http://user:pa/ss@host", "http://user"),
        ("http://[::1", "an unreadable URL"),
        ("http:///key", "an unreadable URL"),
        ("key:secret", "an unreadable URL"),
        ("nonsense", "an unreadable URL"),
        ("/ip4/127.0.0.1/tcp/5001", "/ip4/127.0.0.1/tcp/5001"),
    ],
)
def test_a_masked_url_holds_no_secret(url: str, safe: str) -> None:
    assert masked(url) == safe
