"""A node's RPC API: where it is, and the one call of it that ipfshttpclient cannot make."""

from __future__ import annotations

import http.client
import json
import re
import secrets
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from mint.errors import PublishError
from mint.ipfs.unixfs import CHUNK
from mint.pinning.http import AGAIN, CONNECT, Passing, retry_after
from mint.urls import masked

LOOK = "see the node's log, then run the same command again: what it holds is not sent twice"
_MOST = 1 << 20  # bytes of the answer to an import: one line, or the page of somebody's proxy


class Node(NamedTuple):
    """Where a node's API is. `url` is what may be shown of it."""

    host: str
    port: int
    tls: bool
    base: str  # path of the API, "api/v0"
    auth: str | None  # the header Authorization
    url: str


def node_at(url: str, token: str | None) -> Node:
    """The node that a URL or a multiaddr means; PublishError for what is neither."""
    found = re.fullmatch(r"/(?:ip4|ip6|dns|dns4|dns6)/([^/]+)/tcp/(\d+)(?:/(https?))?/?", url)
    try:
        parts = urlsplit(
            f"{found[3] or 'http'}://{_bracketed(found[1])}:{found[2]}" if found else url
        )
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
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
    return Node(parts.hostname, port, parts.scheme == "https", base, auth, masked(url))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def bad_url(where: str) -> PublishError:
    """What to raise for a URL that is none."""
    return PublishError(
        f"{where!r} is not the URL of an IPFS node",
        hint="write it as IPFS_API=http://host:5001",
    )


class _Answer(http.client.HTTPResponse):
    """One whose trailer is kept: there a node tells what went wrong after its first byte."""

    failure = ""

    def _read_and_discard_trailer(self) -> None:
        while (line := self.fp.readline(1 << 16).strip()) != b"":
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"x-stream-error":
                self.failure = value.strip().decode(errors="replace")


def import_car(car: Path, node: Node, timeout: float) -> Any:
    """What the node says to the CAR.

    Not by ipfshttpclient, nor requests: neither shows trailers, and so an import that failed in
    its middle looks like one that went well (py-ipfs-http-client #245).
    """
    kind = http.client.HTTPSConnection if node.tls else http.client.HTTPConnection
    connection = kind(node.host, node.port, timeout=CONNECT)
    connection.response_class = _Answer
    edge = secrets.token_hex(16)
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="collection.car"\r\n'
    before = (head + "Content-Type: application/octet-stream\r\n\r\n").encode()
    after = f"\r\n--{edge}--\r\n".encode()
    try:
        with closing(connection), car.open("rb") as data:
            connection.connect()
            connection.sock.settimeout(timeout)
            connection.putrequest("POST", f"/{node.base}/dag/import?pin-roots=true")
            connection.putheader("Content-Type", f"multipart/form-data; boundary={edge}")
            size = len(before) + car.stat().st_size + len(after)
            connection.putheader("Content-Length", str(size))
            if node.auth:
                connection.putheader("Authorization", node.auth)
            connection.endheaders()
            try:
                connection.send(before)
                while piece := data.read(CHUNK):
                    connection.send(piece)
                connection.send(after)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it may have said why before it closed the door
            with connection.getresponse() as reply:
                body = reply.read(_MOST)
            if reply.length:  # `read` with a number does not mind an end that comes early
                raise http.client.IncompleteRead(body)
    except (OSError, http.client.HTTPException) as error:
        raise gone(node.url, error) from None
    assert isinstance(reply, _Answer)
    if reply.failure:
        raise PublishError(f"{node.url} gave up in the middle: {reply.failure[:200]}", hint=LOOK)
    said = body.decode(errors="replace").strip()
    if reply.status in (429, 502, 503, 504):
        raise Passing(f"{node.url} answers {reply.status}", after=retry_after(reply.headers))
    try:
        (line,) = (json.loads(line) for line in said.splitlines() if line)
    except ValueError as error:
        raise not_a_node(node.url, error) from None
    if reply.status != 200:
        told = line.get("Message", said) if isinstance(line, dict) else said
        raise PublishError(f"{node.url} refused: {told[:200]}", hint=LOOK)
    return line


def gone(where: str, error: Exception) -> Passing:
    """What to raise for a node that is away, or silent."""
    if "Timeout" in type(error).__name__:
        return Passing(f"{where} was silent for too long", hint="is the node busy? " + AGAIN)
    hint = "start it (`ipfs daemon`), or give the API's URL, for one http://127.0.0.1:5001"
    return Passing(f"no IPFS node answers at {where}", hint=hint)


def not_a_node(where: str, error: Exception) -> PublishError:
    """What to raise for an answer that no node would give."""
    return PublishError(
        f"{where} does not answer as an IPFS node does ({type(error).__name__})",
        hint="is this the URL of the node's API, and not of its gateway?",
    )
