"""Ways to get at what a service keeps: a node's own API, or a gateway. None of them is trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from mint.ipfs.car_index import MAX_BLOCK
from mint.ipfs.cid import cid_text
from mint.pinning.address import at_gateway, gateways
from mint.pinning.diagnosis import UNKNOWN, Variables
from mint.pinning.http import request, stream
from mint.pinning.kubo import node_of
from mint.pinning.kubo_rpc import command, long_answer
from mint.urls import is_loopback, masked

RAW = "application/vnd.ipld.raw"
CAR = "application/vnd.ipld.car; version=1; order=dfs; dups=n"
# Run for everybody by those who build IPFS: they fetch from whoever has it.
PUBLIC = ("ipfs.io", "dweb.link", "trustless-gateway.link")

# What comes back shows that the node has it ("node" is its API, "beside" a gateway next to it),
# that the service serves it ("own"), or that somebody has it ("public"; "named" by IPFS_GATEWAY).
Kind = Literal["node", "beside", "own", "public", "named"]


class Door(NamedTuple):
    """A way to a service's blocks; `url` is the part of its address that messages may show.

    `block` is CID -> that block, and `car` (root, most bytes) -> a CAR of all below it, in pieces:
    both as they come, not hashed. Raise PublishError, TemporaryError for what may be over soon.
    """

    url: str
    kind: Kind
    block: Callable[[bytes], bytes]
    car: Callable[[bytes, int], Iterator[bytes]]

    @property
    def elsewhere(self) -> bool:
        """Whether it is another than the node into which the pictures go."""
        return self.kind not in ("node", "beside")

    @property
    def words(self) -> str:
        """What it is, in a sentence."""
        return {
            "node": f"the node itself ({self.url})",
            "beside": f"a gateway on the node's own machine ({self.url})",
            "own": f"the service's own gateway ({self.url})",
            "public": f"a public gateway ({self.url})",
            "named": f"the gateway {self.url}",
        }[self.kind]


def doors(service: str, environ: Mapping[str, str], own: Sequence[str]) -> list[Door]:
    """The gateways of IPFS_GATEWAY, else `own`, the service's; and a node's own API for "kubo"."""
    urls = gateways(environ)
    variables = Variables("IPFS_GATEWAY") if urls else UNKNOWN
    ways = [_gateway(url, _kind(service, url, environ, own), variables) for url in urls or own]
    return [*ways, _node(environ)] if service == "kubo" else ways


def elsewhere(service: str, environ: Mapping[str, str], own: Sequence[str]) -> bool:
    """Whether one of the doors is another than the node into which the pictures go."""
    return any(door.elsewhere for door in doors(service, environ, own))


def _kind(service: str, url: str, environ: Mapping[str, str], own: Sequence[str]) -> Kind:
    host = _host(url)
    if any(host == public or host.endswith(f".{public}") for public in PUBLIC):
        return "public"
    if url in own:
        return "own"
    if service == "kubo" and (is_loopback(host) or host == node_of(environ).host):
        return "beside"
    return "named"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _gateway(url: str, kind: Kind, variables: Variables) -> Door:
    """A trustless gateway, https://specs.ipfs.tech/http-gateways/trustless-gateway/."""

    def block(cid: bytes) -> bytes:
        at = at_gateway(url, cid_text(cid), "format=raw")
        return request("GET", at, accept=RAW, most=MAX_BLOCK, variables=variables)

    def car(root: bytes, most: int) -> Iterator[bytes]:
        at = at_gateway(url, cid_text(root), "format=car&dag-scope=all")
        return stream(at, accept=CAR, most=most, variables=variables)

    return Door(masked(url), kind, block, car)


def _node(environ: Mapping[str, str]) -> Door:
    """Kubo's RPC API, https://docs.ipfs.tech/reference/kubo/rpc/; js-ipfs has it as well."""
    node = node_of(environ)

    # Offline, or it would fetch from others what it does not have.
    def block(cid: bytes) -> bytes:
        return command(node, f"block/get?arg={cid_text(cid)}&offline=true")

    def car(root: bytes, most: int) -> Iterator[bytes]:
        target = f"dag/export?arg={cid_text(root)}&offline=true&progress=false"
        return long_answer(node, target, CAR, most)

    return Door(node.url, "node", block, car)
