"""A node's RPC API: where it is, and its dag/import, whose errors ipfshttpclient does not show."""

from __future__ import annotations

import json
import re
import secrets
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import unquote, urlsplit

from mint.errors import PublishError
from mint.pinning.http import RUN_AGAIN, TemporaryError, retry_after
from mint.pinning.upload import PIECE, AnswerError, Reply, Upload, upload
from mint.urls import masked

SEE_LOG = "see the node's log, then run the same command again: blocks it has are not sent twice"
BUSY = (429, 502, 503, 504)  # of a proxy before a node: worth another try


class Node(NamedTuple):
    """Where a node's API is. `url` is the part of it that messages may contain."""

    host: str
    port: int
    tls: bool
    base: str  # path of the API, "api/v0"
    auth: str | None  # the header Authorization
    url: str


def node_at(url: str, token: str | None) -> Node:
    """The node that a URL or a multiaddr means; PublishError for what is neither."""
    multiaddr = re.fullmatch(r"/(?:ip4|ip6|dns|dns4|dns6)/([^/]+)/tcp/(\d+)(?:/(https?))?/?", url)
    if multiaddr:
        host, port, scheme = multiaddr.groups()
        host = f"[{host}]" if ":" in host else host
        return node_at(f"{scheme or 'http'}://{host}:{port}", token)
    try:
        parts = urlsplit(url)
        number = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        raise bad_url(masked(url)) from None
    if not parts.hostname or parts.query or parts.fragment:
        raise bad_url(masked(url))
    prefix = parts.path.strip("/").removesuffix("api/v0").strip("/")
    auth = f"Bearer {token}" if token else None
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        auth = "Basic " + b64encode(pair.encode()).decode()
    base = f"{prefix}/api/v0".lstrip("/")
    return Node(parts.hostname, number, parts.scheme == "https", base, auth, masked(url))


def bad_url(where: str) -> PublishError:
    """What to raise for a URL that is none."""
    return PublishError(
        f"IPFS_API is not the URL of an IPFS node: {where}",
        hint="write its scheme and port too: export IPFS_API=http://127.0.0.1:5001",
    )


def import_car(car: Path, node: Node, timeout: float) -> Any:
    """Send the CAR to the node's dag/import; what its one line of JSON says.

    Not by ipfshttpclient, nor requests: neither shows trailers, where a node says what went wrong
    after the first byte of its answer, and so a failed import would look like one that went well
    (py-ipfs-http-client #245). Raises PublishError, TemporaryError for what may be over soon.
    """
    try:
        with car.open("rb") as data:
            reply = upload(_request(data, car.stat().st_size, node), timeout)
    except (OSError, AnswerError) as error:
        raise unreachable(node.url, error) from None
    if failure := reply.trailers.get("x-stream-error"):
        raise PublishError(f"{node.url} stopped the import: {failure[:200]}", hint=SEE_LOG)
    if reply.status in BUSY:
        wait = reply.headers.get("retry-after", "")
        raise TemporaryError(f"{node.url} answers {reply.status}", after=retry_after(wait))
    return _only_line(reply, node)


def _request(data: BinaryIO, size: int, node: Node) -> Upload:
    """A form with one file, the CAR, as `curl -F file=@collection.car` sends it (RFC 7578)."""
    edge = secrets.token_hex(16)
    before = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="collection.car"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    after = f"\r\n--{edge}--\r\n".encode()

    def body() -> Iterator[bytes]:
        yield before
        while piece := data.read(PIECE):
            yield piece
        yield after

    headers = {
        "Content-Type": f"multipart/form-data; boundary={edge}",
        "Content-Length": str(len(before) + size + len(after)),
    }
    if node.auth:
        headers["Authorization"] = node.auth
    target = f"/{node.base}/dag/import?pin-roots=true"
    return Upload(node.host, node.port, node.tls, target, headers, body())


def _only_line(reply: Reply, node: Node) -> Any:
    text = reply.body.decode(errors="replace").strip()
    try:
        (answer,) = (json.loads(line) for line in text.splitlines() if line)
    except ValueError as error:
        if reply.status < 400:
            raise not_a_node(node.url, error) from None
        answer = text  # a proxy's page
    if reply.status != 200:
        reason = answer.get("Message", text) if isinstance(answer, dict) else text
        raise PublishError(
            f"{node.url} refused ({reply.status}): {str(reason)[:200]}", hint=SEE_LOG
        )
    return answer


def unreachable(where: str, error: Exception) -> TemporaryError:
    """What to raise for a node that is away, or silent."""
    if "Timeout" in type(error).__name__:
        hint = f"the node may be busy: {RUN_AGAIN}"
        return TemporaryError(f"{where} was silent for too long", hint=hint)
    return TemporaryError(
        f"no IPFS node answers at {where}",
        hint="start it (`ipfs daemon`), or say where it is: export IPFS_API=http://127.0.0.1:5001",
    )


def not_a_node(where: str, error: Exception) -> PublishError:
    """What to raise for an answer that no node would give."""
    return PublishError(
        f"{where} does not answer as an IPFS node does ({type(error).__name__})",
        hint="set IPFS_API to the node's API (port 5001 as a rule), not to its gateway (8080)",
    )
