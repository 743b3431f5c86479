"""A CAR and a node with Kubo's RPC API -> the node has it, pinned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import Car, open_car
from mint.ipfs.cid import cid_text
from mint.pinning.exchange import PACE, Pace, Sent, unheard
from mint.pinning.http import PATIENCE, THINKING, WITHIN, Patience, retry
from mint.pinning.kubo_rpc import (
    SEE_LOG,
    Node,
    Refused,
    client,
    import_car,
    long_answer,
    node_at,
    not_a_node,
)
from mint.pinning.patience import waited_for
from mint.pinning.poll import same_root
from mint.pinning.secrets import quoted, token_of

_MOST_REFS = 256  # bytes of what a node says of a block
_ERR = re.compile(rb'"Err": ?"[^"]')
_READY = 10.0  # seconds for a node that has nothing else to do
_LISTING = 20.0  # seconds for a look at its pins


class Limits(NamedTuple):
    """In seconds: of an answer, and of a node's thinking after an upload at `pace`."""

    within: float = WITHIN
    thinking: float = THINKING
    pace: Pace = PACE


def kubo(car: Path, environ: Mapping[str, str], patience: Patience, hear: Sent = unheard) -> None:
    """Pin on the node at IPFS_API (this machine's, if unset), with IPFS_TOKEN if it wants one.

    IPFS_API is http(s)://[user:password@]host:port[/prefix], or a multiaddr such as
    /ip4/127.0.0.1/tcp/5001; the token is sent as a bearer's.
    """
    pin_on_node(car, node_of(environ), patience, hear=hear)


def kubo_ready(environ: Mapping[str, str]) -> None:
    """PublishError where no node answers at IPFS_API, or it does not let us in."""
    node = node_of(environ)
    with client(node, _READY) as door:
        _dig(door.version(), node, "Version")


def kubo_lists(root: str, environ: Mapping[str, str]) -> bool:
    """Whether the node lists `root` as pinned recursively; PublishError where it does not answer.

    That it has every block of it the node does not see to when it lists a pin.
    """
    return _pinned(node_of(environ), Limits(within=_LISTING), root)


def node_of(environ: Mapping[str, str]) -> Node:
    """The node at IPFS_API; PublishError where that is no URL."""
    url = environ.get("IPFS_API", "").strip() or "http://127.0.0.1:5001"
    return node_at(url, token_of("IPFS_TOKEN", environ))


def pin_on_node(
    car: Path,
    node: Node,
    patience: Patience = PATIENCE,
    limits: Limits = Limits(),  # noqa: B008  # a tuple: nobody changes it
    hear: Sent = unheard,
) -> None:
    """Pin `car` on `node`: Kubo, or any node with its RPC API.

    A node that is not there is an error at once. One that goes away later is tried again, and
    blocks it has by then are not sent twice. Returns once the node lists the root as pinned
    recursively. A node that lists it, and has lost some of it since, gets the CAR again.
    PublishError for anything else.
    """
    with closing(open_car(car)) as blocks:
        brief = client(node, min(limits.within, _READY))
        with waited_for(node.url, patience), brief as door:
            _dig(door.version(), node, "Version")  # before a large upload begins
        retry(lambda: _pin(car, blocks, node, limits, hear), patience)


def _pin(car: Path, blocks: Car, node: Node, limits: Limits, hear: Sent) -> None:
    root = cid_text(blocks.root)
    if _pinned(node, limits, root) and _complete(node, root, len(blocks.tags)):
        return
    answer = import_car(car, node, limits.thinking, limits.pace, hear)
    _check_import(answer, root, node)
    if not _pinned(node, limits, root):
        raise PublishError(f"{node.url} took the CAR but does not pin {root}", hint=SEE_LOG)


def _complete(node: Node, root: str, blocks: int) -> bool:
    """Whether the node has on its own disk all that it lists as pinned: it says so of each block.

    Nodes do not look when they list a pin. What it says is no proof, but spares an upload.
    """
    target = f"refs?arg={root}&recursive=true&unique=true&offline=true"
    end = b""
    try:
        for piece in long_answer(node, target, "application/json", _MOST_REFS * (blocks + 99)):
            if _ERR.search(end + piece):
                return False
            end = piece[-20:]
    except PublishError:
        return False
    return True


def _dig(answer: Any, node: Node, *keys: str) -> Any:
    """`answer[key][key]...`; PublishError when a node says something else."""
    try:
        for key in keys:
            answer = answer[key]
    except (KeyError, TypeError):
        raise not_a_node(node.url) from None
    return answer


def _pinned(node: Node, limits: Limits, root: str) -> bool:
    try:
        with client(node, limits.within) as door:
            keys = _dig(door.pin.ls(root, type="recursive"), node, "Keys")
            kinds = {str(key): dict(pin).get("Type") for key, pin in keys.items()}
    except Refused as error:
        if "not pinned" in str(error):  # how both Kubo and js-ipfs say no
            return False
        raise
    except (AttributeError, TypeError, ValueError):
        raise not_a_node(node.url) from None
    # By digest: js-ipfs answers in base58, and a node may name a CIDv0's block by its CIDv1.
    return any(same_root(key, root) and kind == "recursive" for key, kind in kinds.items())


def _check_import(answer: Any, root: str, node: Node) -> None:
    """A failed pin and a foreign root come as data, with status 200."""
    report = _dig(answer, node, "Root")
    if failure := report.get("PinErrorMsg") if isinstance(report, dict) else None:
        raise PublishError(
            f"the node could not pin the CAR: {quoted(str(failure), node.secrets)}", hint=SEE_LOG
        )
    cid = _dig(report, node, "Cid", "/")
    if not same_root(cid, root):
        raise PublishError(
            f"the node read another root than {root}: {quoted(str(cid), node.secrets)}",
            hint="the CAR was altered on its way, or the node is not to be trusted",
        )
