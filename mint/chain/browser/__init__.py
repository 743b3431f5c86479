"""The artist's own wallet, in the browser: a page on this machine alone, which it signs on.

mint computes and simulates; the wallet shows, signs and submits. The page finds wallets by EIP-6963
and talks to them by EIP-1193; it and mint talk over the loopback server in server.py.
"""

from __future__ import annotations

import atexit
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mint.chain.browser.desk import NOBODY, Desk, Unanswered
from mint.chain.browser.server import serve_page
from mint.chain.wallet import Declined
from mint.chain.wording import wording
from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.network import Chain

PATIENCE = 300.0  # seconds that the artist has for each answer
# https://eips.ethereum.org/EIPS/eip-1193 and eip-1474: with these nothing was sent.
_REFUSALS = (NOBODY, 4100, 4200, -32600, -32601, -32602, -32700)
_AGAIN = "run the same command again"


def connect_browser(
    chain: Chain, announce: Callable[[str], None], patience: float = PATIENCE
) -> BrowserWallet:
    """The wallet that the artist connects on the page; `announce` hears the page's address.

    Raises ChainError if nobody does within `patience` seconds, or on the chain in this process.
    """
    if chain.local:
        raise ChainError(
            "the chain inside mint has a wallet of its own, and no browser can reach it",
            hint="leave --wallet away, or name a test network with --network",
        )
    desk = Desk()
    facts = {"chain": page_facts(chain), "refusals": _REFUSALS}
    server, url = serve_page(desk, facts)
    atexit.register(server.close)
    announce(f"open {url}\nin the browser that has your wallet, and connect it there")
    wallet = BrowserWallet(chain, desk, server.close, announce, patience)
    try:
        wallet.connect()
    except BaseException:
        server.close()
        raise
    announce(f"connected: {wallet.address}. Leave the page open; what is to be signed comes there")
    return wallet


class BrowserWallet:
    """A mint.chain.wallet.Delegate: each transaction and signature is confirmed on the page."""

    def __init__(
        self,
        chain: Chain,
        desk: Desk,
        stop: Callable[[], None],
        announce: Callable[[str], None],
        patience: float,
    ) -> None:
        self.chain, self.address, self.patience = chain, "", patience
        self._desk, self._stop, self._announce = desk, stop, announce
        self._words = ""  # the last that were signed

    def connect(self) -> None:
        """Wait for the artist to choose wallet and account; the account stays the same."""
        from eth_utils.address import is_hex_address, to_checksum_address

        try:
            answer = self._desk.ask("connect", {}, self.patience)
        except Unanswered as error:
            problem = f"no wallet was connected in the browser: {error}"
            raise ChainError(problem, hint=f"{_AGAIN}, or --wallet NAME") from None
        address = answer.get("address")
        if not is_hex_address(address):
            raise ChainError("the browser's wallet named no account", hint=_AGAIN)
        self.address = to_checksum_address(address)
        self._desk.remember(self.address, str(answer.get("rdns", ""))[:200])

    def submit(self, transaction: dict[str, Any]) -> str:
        """See mint.chain.wallet.Delegate. Also Declined if nobody confirmed it on the page."""
        words = wording(self.chain.line, transaction)
        self._announce(f"confirm it in your browser: {words.what}")
        fields = {"from": self.address, **_hex(transaction)}
        answer = self._answer("send", {"transaction": fields, **words._asdict()})
        hash_ = answer.get("hash")
        if not isinstance(hash_, str) or not re.fullmatch("0x[0-9a-fA-F]{64}", hash_):
            raise ChainError("the wallet answered with something else than a hash", hint=_AGAIN)
        return hash_.lower()

    def signature(self, words: str) -> bytes:
        """See mint.chain.wallet.Delegate."""
        again = words == self._words
        self._announce(
            "sign the same words once more: mint compares the two signatures"
            if again
            else f"sign in your browser, which costs nothing: {words.splitlines()[0]}"
        )
        self._words = words
        answer = self._answer("sign", {"words": words, "hex": f"0x{words.encode().hex()}"})
        signature = answer.get("signature")
        if not isinstance(signature, str) or not re.fullmatch("0x([0-9a-fA-F]{2}){65,}", signature):
            raise ChainError(
                "the wallet answered with something else than a signature", hint=_AGAIN
            )
        return bytes.fromhex(signature[2:])

    def close(self) -> None:
        """Tell the page that it may be closed, and end it."""
        self._stop()

    def _answer(self, kind: str, details: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = self._desk.ask(kind, details, self.patience)
        except Unanswered as error:
            if not error.taken:  # the page never handed it to the wallet, and will not any more
                raise Declined(
                    f"it was not confirmed in the browser: {error}", hint=_AGAIN
                ) from None
            raise ChainError(f"the browser's wallet did not answer: {error}", hint=_AGAIN) from None
        except KeyboardInterrupt:
            if self._desk.withdraw():
                raise Declined(
                    "stopped before it was confirmed; nothing was sent", hint=_AGAIN
                ) from None
            raise
        if "error" not in answer:
            return answer
        problem = str(answer["error"])[:300]
        if answer.get("code") in _REFUSALS:
            raise Declined(f"the wallet did not sign: {problem}", hint=_AGAIN)
        raise ChainError(f"the wallet says: {problem}", hint=_AGAIN)


def page_facts(chain: Chain) -> dict[str, Any]:
    """What the page must know of the network: EIP-3085's form, to add it to a wallet.

    A node's URL goes there only if it has no secret in it; without one a wallet cannot add it.
    """
    line, url = chain.line, str(getattr(chain.web3.provider, "endpoint_uri", ""))
    return {
        "chainId": hex(chain.chain_id),
        "chainName": chain.network,
        "nativeCurrency": {"name": line.coin, "symbol": line.coin, "decimals": 18},
        "rpcUrls": [url] if url.rstrip("/") == chain.label else [],
        "blockExplorerUrls": [line.explorer] if line.explorer else [],
    }


def _hex(transaction: dict[str, Any]) -> dict[str, Any]:
    """As JSON-RPC writes it. The wallet gives the nonce: it knows what else it has sent."""
    fields = {name: value for name, value in transaction.items() if name not in ("nonce", "type")}
    return {k: hex(v) if isinstance(v, int) else v for k, v in fields.items()}
