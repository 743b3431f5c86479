"""Several nodes of one chain as one provider of web3's: none of them is believed alone.

A transaction goes to all. "Absent" is said only when all that answer say so. A receipt counts when
its block is in the chain of the node that gave it. Counts are the highest that anybody gives; final
is what is final for all; a block that they give differently is nobody's. What is asked of the
newest block goes to the node that has the newest. The rest is answered by the first that can.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from web3.providers.base import JSONBaseProvider

REST = 300.0  # seconds that one of several nodes is left alone after it did not answer
Ask = Callable[[str, Any], Any]
_KNOWN = re.compile(r"already ?known|\bknown transaction")  # not "unknown transaction type"
SILENT = "silent"  # in an answer to a broadcast: some node said nothing, and may have taken it
_HEIGHT = ("latest", "pending", "finalized", "safe")
# Where each method names the block whose state or content is wanted; without one, the newest.
_BLOCK = {
    "eth_call": 1,
    "eth_getBalance": 1,
    "eth_getCode": 1,
    "eth_getTransactionCount": 1,
    "eth_estimateGas": 1,
    "eth_simulateV1": 1,
}


def nodes(urls: Sequence[str], node: Callable[[str], JSONBaseProvider]) -> JSONBaseProvider:
    """The provider over `urls`; `node` opens one of them. One URL needs no others around it."""
    if len(urls) == 1:
        return node(urls[0])
    from web3.providers.base import JSONBaseProvider

    all_nodes = [_RestingNode(node(url).make_request) for url in urls]  # type: ignore[arg-type]  # web3 types methods as its own names, a node as str

    class Nodes(JSONBaseProvider):
        """All of them."""

        def make_request(self, method: Any, params: Any) -> Any:
            """The answer of them all; raises what the last one raised where none answers."""
            now = time.monotonic()
            awake = [each for each in all_nodes if each.until <= now]
            return answer(awake or all_nodes, str(method), params)

    return Nodes()


class _RestingNode:
    """A node that is left alone for REST seconds once it did not answer.

    Another one must not make things worse: each question would wait for it, and a draw is recorded
    in minutes.
    """

    def __init__(self, ask: Ask) -> None:
        self.ask, self.until = ask, 0.0

    def __call__(self, method: str, params: Any) -> Any:
        import requests

        try:
            return self.ask(method, params)
        except requests.Timeout:
            self.until = time.monotonic() + REST
            raise


def answer(asks: Sequence[Ask], method: str, params: Any) -> Any:
    """One JSON-RPC answer from those of several nodes."""
    if method == "eth_sendRawTransaction":
        replies = _answers(asks, method, params)
        return _sending(replies) | ({SILENT: True} if len(replies) < len(asks) else {})
    if method == "eth_getTransactionReceipt":
        return _receipt(asks, params)
    if method == "eth_getTransactionByHash":
        return _first_result(_answers(asks, method, params))
    if method == "eth_getBlockByNumber":
        return _block(asks, params)
    if method == "eth_getLogs":
        return _logs(asks, params)
    at = (*params, "latest", "latest")[_BLOCK[method]] if method in _BLOCK else None
    if method == "eth_blockNumber" or (method == "eth_getTransactionCount" and at in _HEIGHT):
        return _highest(_answers(asks, method, params))
    if at in _HEIGHT:
        return _newest(asks, method, params)
    return _first_result(_answers(asks, method, params, until=_has_result))


def _answers(
    asks: Sequence[Ask], method: str, params: Any, until: Callable[[Any], bool] | None = None
) -> list[Any]:
    """What the nodes answer, up to one that will do; raises where none answers at all."""
    import requests
    from web3.exceptions import BadResponseFormat

    replies: list[Any] = []
    trouble: Exception | None = None
    for ask in asks:
        try:
            replies.append(ask(method, params))
        except (
            requests.RequestException,
            BadResponseFormat,
            UnicodeDecodeError,
            json.JSONDecodeError,
        ) as error:
            trouble = error
        else:
            if not isinstance(replies[-1], dict) or not {"result", "error"} & set(replies[-1]):
                trouble = BadResponseFormat(f"no JSON-RPC: {replies.pop()!r:.80}")
            elif until is not None and until(replies[-1]):
                break
    if trouble is not None and not replies:
        raise trouble
    return replies


def _has_result(response: Any) -> bool:
    return response.get("result") is not None


def _first_result(responses: list[Any]) -> Any:
    """The first with a result; else one that says "absent"; else an error."""
    absent = [each for each in responses if "result" in each]
    return next(filter(_has_result, responses), (absent or responses)[0])


def _sending(responses: list[Any]) -> Any:
    """Accepted by one of them, or known to one, is sent."""
    acceptances = [each for each in responses if each.get("result")]
    repeats = [each for each in responses if _KNOWN.search(str(each.get("error")).lower())]
    return (acceptances or repeats or responses)[0]


def _highest(responses: list[Any]) -> Any:
    """The highest number."""
    numbers = [each for each in responses if _has_result(each)]
    return max(numbers, key=lambda each: int(each["result"], 16)) if numbers else responses[0]


def _block(asks: Sequence[Ask], params: Any) -> Any:
    """The newest, the one that is final for all, or the one on which those agree that have it."""
    if params[0] in ("latest", "pending"):
        return _newest(asks, "eth_getBlockByNumber", params)
    responses = _answers(asks, "eth_getBlockByNumber", params)
    blocks = [each for each in responses if _has_result(each)]
    if params[0] in _HEIGHT:
        lowest = min(blocks, key=lambda each: int(each["result"]["number"], 16), default=None)
        return lowest or responses[0]
    if len({each["result"]["hash"] for each in blocks}) > 1:
        return {**blocks[0], "result": None}
    return _first_result(responses)


def _newest(asks: Sequence[Ask], method: str, params: Any) -> Any:
    """The answer of the node with the highest newest block; a revert is one, too."""
    order = _by_height(asks)
    newest = [ask for height, ask in order if height == order[0][0]]
    older = [ask for _, ask in order[len(newest) :]]
    try:
        replies = _answers(newest, method, params, until=lambda e: _has_result(e) or _fails(e))
    except Exception:  # it gave its height, and then nothing
        if not older:
            raise
        replies = []
    if not any(_has_result(each) or _fails(each) for each in replies):
        behind = _answers(older, method, params, until=_has_result) if older else []
        replies += [each for each in behind if not _fails(each)]
    return next(filter(_fails, replies), None) or _first_result(replies or behind)


def _logs(asks: Sequence[Ask], params: Any) -> Any:
    """The events up to a block from a node that has it: one behind it leaves out the newest."""
    order, last = _by_height(asks), params[0].get("toBlock", "latest")
    least = min(order[0][0], order[0][0] if last in _HEIGHT else int(str(last), 16))
    able = [ask for height, ask in order if height >= least]
    return _first_result(_answers(able, "eth_getLogs", params, until=_has_result))


def _by_height(asks: Sequence[Ask]) -> list[tuple[int, Ask]]:
    """The height of each, and it, the highest first."""
    return sorted(((_height(ask), ask) for ask in asks), key=lambda each: -each[0])


def _fails(response: Any) -> bool:
    """Whether the node tried a call, and it reverted."""
    error = response.get("error")
    return isinstance(error, dict) and (error.get("code") == 3 or "revert" in str(error).lower())


def _height(ask: Ask) -> int:
    try:
        (response,) = _answers([ask], "eth_blockNumber", [])
        return int(response["result"], 16)
    except Exception:  # whatever it says, it says no height
        return -1


def _receipt(asks: Sequence[Ask], params: Any) -> Any:
    """A receipt from a node whose chain holds its block; absent where all that answer say so."""
    responses, trouble = [], None
    for ask in asks:
        try:
            (response,) = _answers([ask], "eth_getTransactionReceipt", params)
            responses.append(response)
            if _has_result(response) and _holds(ask, response["result"]):
                return response
        except Exception as error:  # the next one may do better
            trouble = error
    if not responses and trouble is not None:
        raise trouble
    absent = [each for each in responses if "result" in each]
    return {**(absent or responses)[0], "result": None} if absent else responses[0]


def _holds(ask: Ask, receipt: Any) -> bool:
    """Whether the receipt's block is the one at its height, in the same node's chain."""
    (response,) = _answers([ask], "eth_getBlockByNumber", [receipt["blockNumber"], False])
    return _has_result(response) and response["result"]["hash"] == receipt["blockHash"]
