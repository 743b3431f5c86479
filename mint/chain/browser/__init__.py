"""The artist's own wallet, in the browser: a page on this machine alone, which it signs on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.network import Chain
    from mint.chain.wallet import Delegate


def connect_browser(chain: Chain, announce: Callable[[str], None]) -> Delegate:
    """The wallet that the artist connects on the page; raises ChainError."""
    raise ChainError("no browser can be asked yet", hint="--wallet NAME")
