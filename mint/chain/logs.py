"""A contract's events in a range of blocks, from nodes that limit how many a question may span."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.network import Chain

_MOST = 5000  # questions


def logs(
    chain: Chain, event: Any, first: int = 0, filters: Mapping[str, Any] | None = None
) -> Iterator[Any]:
    """The logs of web3's `event` from block `first` to the newest, oldest first.

    A range that the node refuses is halved until it answers. Raises web3's exception where it
    refuses a single block, ChainError where that would take thousands of questions.
    """
    import requests
    from web3.exceptions import Web3Exception

    last = int(chain.web3.eth.block_number)
    span = last - first + 1
    for _ in range(_MOST):
        if first > last:
            return
        end = min(last, first + span - 1)
        try:
            yield from event.get_logs(
                from_block=first, to_block=end, argument_filters=dict(filters or {})
            )
        except (Web3Exception, requests.HTTPError) as error:
            # Some providers refuse a range by the status, with their reason in the body.
            status = getattr(getattr(error, "response", None), "status_code", None)
            if end == first or status not in (None, 400, 413, 422):
                raise
            span = (end - first + 1) // 2
        else:
            first = end + 1
            if last - first + 1 > span * _MOST:
                break
    raise ChainError(
        f"{chain.label} answers for {span:,} blocks at a time, and {last - first + 1:,} are left",
        hint="name a node that shows the events of more blocks at once: --network URL",
    )
