"""A CAR and a node with Kubo's RPC API -> the node has it, pinned, and has returned a sample."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import Car, open_car
from mint.ipfs.cid import cid_text
from mint.ipfs.walk import cat
from mint.pinning.exchange import PACE, Pace, Sent, unheard
from mint.pinning.http import PATIENCE, THINKING, WITHIN, Patience, retry
from mint.pinning.kubo_rpc import SEE_LOG, Node, Refused, client, import_car, node_at, not_a_node
from mint.pinning.poll import same_root
from mint.pinning.read_back import HEAD, sample
from mint.pinning.secrets import quoted, token_of

_READY = 10.0  # seconds for a node that has nothing else to do


class Limits(NamedTuple):
    """In seconds: of an answer, and of a node's thinking after an upload at `pace`."""

    within: float = WITHIN
    thinking: float = THINKING
    pace: Pace = PACE


class NodeProof(NamedTuple):
    """What a node showed by its own RPC API, and so nobody but itself.

    It lists the root as pinned recursively, and returned `files` files, equal in bytes to ours.
    """

    files: int


def kubo(
    car: Path, environ: Mapping[str, str], patience: Patience, sent: Sent = unheard
) -> NodeProof:
    """Pin on the node at IPFS_API (this machine's, if unset), with IPFS_TOKEN if it wants one.

    IPFS_API is http(s)://[user:password@]host:port[/prefix], or a multiaddr such as
    /ip4/127.0.0.1/tcp/5001; the token is sent as a bearer's.
    """
    return pin_on_node(car, _node(environ), patience, sent=sent)


def kubo_ready(environ: Mapping[str, str]) -> None:
    """PublishError where no node answers at IPFS_API, or it does not let us in."""
    node = _node(environ)
    with client(node, _READY) as door:
        _dig(door.version(), node, "Version")


def _node(environ: Mapping[str, str]) -> Node:
    url = environ.get("IPFS_API", "http://127.0.0.1:5001")
    return node_at(url, token_of("IPFS_TOKEN", environ))


def pin_on_node(
    car: Path,
    node: Node,
    patience: Patience = PATIENCE,
    limits: Limits = Limits(),  # noqa: B008  # a tuple: nobody changes it
    sent: Sent = unheard,
) -> NodeProof:
    """Pin `car` on `node`: Kubo, or any node with its RPC API.

    A node that is not there is an error at once. One that goes away later is tried again, and
    blocks it has by then are not sent twice. Returns once the node lists the root as pinned
    recursively and has returned a sample of files, equal in bytes to ours. PublishError for
    anything else.
    """
    with closing(open_car(car)) as blocks:
        with client(node, limits.within) as door:
            _dig(door.version(), node, "Version")  # before a large upload begins
        return retry(lambda: _pin(car, blocks, node, limits, sent), patience)


def _pin(car: Path, blocks: Car, node: Node, limits: Limits, sent: Sent) -> NodeProof:
    root = cid_text(blocks.root)
    if not _pinned(node, limits, root):
        answer = import_car(car, node, limits.thinking, limits.pace, sent)
        _check_import(answer, root, node)
        if not _pinned(node, limits, root):
            raise PublishError(f"{node.url} took the CAR but does not pin {root}", hint=SEE_LOG)
    return _read_back(node, limits, blocks)


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
    said = _dig(answer, node, "Root")
    if failure := said.get("PinErrorMsg") if isinstance(said, dict) else None:
        raise PublishError(
            f"the node could not pin the CAR: {quoted(str(failure), node.secrets)}", hint=SEE_LOG
        )
    imported = _dig(said, node, "Cid", "/")
    if not same_root(imported, root):
        raise PublishError(
            f"the node read another root than {root}: {quoted(str(imported), node.secrets)}",
            hint="the CAR was altered on its way, or the node is not to be trusted",
        )


def _read_back(node: Node, limits: Limits, car: Car) -> NodeProof:
    root, files = cid_text(car.root), sample(car)
    with client(node, limits.within) as door:
        size = _dig(door.block.stat(root), node, "Size")
        alike = size == len(car.block(car.root)) and all(
            door.cat(f"/ipfs/{root}/{path}", length=HEAD) == b"".join(cat(car.block, cid, 0, HEAD))
            for path, cid in files
        )
    if not alike:
        raise PublishError(
            f"{node.url} returns other bytes than were sent for {root}",
            hint="the node is damaged (`ipfs repo verify` finds what), or not to be trusted",
        )
    return NodeProof(len(files))
