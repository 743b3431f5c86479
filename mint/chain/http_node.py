"""One node of a chain, over HTTP, whose silence ends."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from web3 import HTTPProvider
    from web3.providers.rpc.utils import ExceptionRetryConfiguration

SILENCE, WITHIN = 20, 30.0  # seconds between two bytes of an answer, and for all of it


def http_node(url: str, retries: ExceptionRetryConfiguration) -> HTTPProvider:
    """One node, whose answers take WITHIN seconds at most.

    What it answers in no JSON (a proxy's page, half an answer) is asked again. Not a broadcast:
    that may have arrived.
    """
    from web3 import HTTPProvider
    from web3.exceptions import BadResponseFormat

    from mint.chain.bounded import bounded_session

    class Node(HTTPProvider):
        """One node."""

        def make_request(self, method: Any, params: Any) -> Any:
            """As HTTPProvider's."""
            for pause in (0.1, 0.3):
                try:
                    return super().make_request(method, params)
                except (json.JSONDecodeError, UnicodeDecodeError, BadResponseFormat):
                    if method == "eth_sendRawTransaction":
                        raise
                    time.sleep(pause)
            return super().make_request(method, params)

    session = bounded_session(WITHIN)
    return Node(url, {"timeout": SILENCE}, session, exception_retry_configuration=retries)
