"""A node's RPC API: where it is, its dag/import, and ipfshttpclient over our own transport."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from mint.document import plain
from mint.errors import PublishError
from mint.pinning.address import checked_url
from mint.pinning.call import Call, Reply, basic, call_of, secrets_in
from mint.pinning.diagnosis import Variables, diagnosed, refused
from mint.pinning.exchange import PACE, AnswerError, Exchange, Pace, Sent, unheard
from mint.pinning.form import form
from mint.pinning.http import MAX_ANSWER, WITHIN, is_page, stream
from mint.pinning.patience import TemporaryError
from mint.pinning.secrets import quoted
from mint.urls import masked

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

SEE_LOG = "see the node's log, then run the same command again"
VARIABLES = Variables("IPFS_API", "IPFS_TOKEN")


class Node(NamedTuple):
    """Where a node's API is. `url` is the part of it that messages may contain."""

    host: str
    port: int
    tls: bool
    base: str  # path of the API, "api/v0"
    auth: str | None  # the header Authorization
    url: str

    @property
    def secrets(self) -> list[str]:
        """What no message may repeat."""
        return secrets_in(self.auth or "")


def node_at(url: str, token: str | None) -> Node:
    """The node that a URL or a multiaddr means; PublishError for what is neither."""
    multiaddr = re.fullmatch(r"/(?:ip4|ip6|dns|dns4|dns6)/([^/]+)/tcp/(\d+)(?:/(https?))?/?", url)
    if multiaddr:
        host, port, scheme = multiaddr.groups()
        host = f"[{host}]" if ":" in host else host
        return node_at(f"{scheme or 'http'}://{host}:{port}", token)
    parts = urlsplit(checked_url("IPFS_API", url))
    number = parts.port or {"http": 80, "https": 443}[parts.scheme]
    if not parts.hostname or parts.query or parts.fragment:
        raise bad_url(masked(url))
    prefix = parts.path.strip("/").removesuffix("api/v0").strip("/")
    auth = f"Bearer {token}" if token else None
    if parts.username is not None:
        auth = basic(parts.username, parts.password)
    base = f"{prefix}/api/v0".lstrip("/")
    return Node(parts.hostname, number, parts.scheme == "https", base, auth, masked(url))


def bad_url(where: str) -> PublishError:
    """What to raise for a URL that is none."""
    return PublishError(
        f"IPFS_API is not the URL of an IPFS node: {where}",
        hint="write its scheme and port too: export IPFS_API=http://127.0.0.1:5001",
    )


def import_car(
    car: Path, node: Node, within: float, pace: Pace = PACE, hear: Sent = unheard
) -> Any:
    """Send the CAR to the node's dag/import; what its one line of JSON says.

    Not by ipfshttpclient, nor requests: neither shows trailers, where a node says what went wrong
    after the first byte of its answer, and so a failed import would look like one that went well
    (py-ipfs-http-client #245). The upload must keep to `pace`; the answer must be there `within`
    seconds after it. Raises PublishError, TemporaryError for what may be over soon.
    """
    with car.open("rb") as data:
        upload = form(data, car.stat().st_size, "collection.car")
        call = _call(
            node,
            "dag/import?pin-roots=true",
            {"Content-Type": upload.media_type},
            upload.body,
            upload.size,
        )
        reply = _reply(node, call, within, pace, hear)
    lines = [line for line in reply.body.splitlines() if line.strip()]
    if len(lines) != 1:
        raise not_a_node(node.url)
    return _json(lines[0], node)


def command(node: Node, target: str, within: float = WITHIN) -> bytes:
    """What a node answers to one command, such as "block/get?arg=..."; Refused, PublishError."""
    return _reply(node, _call(node, target), within).body


def long_answer(node: Node, target: str, accept: str, most: int) -> Iterator[bytes]:
    """The same of a command with a long answer, in pieces, at most `most` bytes."""
    auth = {"Authorization": node.auth} if node.auth else {}
    url = _url(node, target)
    yield from stream(
        url, method="POST", accept=accept, most=most, headers=auth, variables=VARIABLES
    )


@contextmanager
def client(node: Node, within: float) -> Iterator[Any]:
    """An ipfshttpclient client of `node`, each of whose answers is there `within` seconds.

    Its requests go through our transport, which bounds them, and sees errors in trailers.
    Whatever goes wrong inside is a PublishError.
    """
    import ipfshttpclient
    from ipfshttpclient import exceptions

    kind = "ip6" if ":" in node.host else "ip4" if re.fullmatch(r"[\d.]+", node.host) else "dns"
    address = f"/{kind}/{node.host}/tcp/{node.port}/{'https' if node.tls else 'http'}"
    try:
        with warnings.catch_warnings():
            # ipfshttpclient 0.7.0 hands urllib3 an argument that has no effect since Python 3.
            warnings.filterwarnings("ignore", "The 'strict' parameter", FutureWarning)
            # Not `connect`: it refuses every node newer than 2021 (0.4.23 <= version < 0.8.0).
            with ipfshttpclient.Client(address, node.base) as ours:
                # Its session is one of requests, which takes transports by the URL's beginning.
                session = ours._client._session
                session.adapters.clear()
                session.mount("http", _transport(node, within))
                yield ours
    except exceptions.ErrorResponse as error:
        raise _refusal(node, str(error)) from None
    except exceptions.AddressError:
        raise bad_url(node.url) from None
    # AssertionError is how the library meets an answer with more or fewer lines than one.
    except (exceptions.Error, AssertionError):
        raise not_a_node(node.url) from None


def _transport(node: Node, within: float) -> Any:
    """A transport of requests that is our own: bounded, without redirects, to `node` alone."""
    from requests import Response
    from requests.adapters import BaseAdapter

    class Transport(BaseAdapter):
        def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
            target = (request.url or "").rpartition(f"/{node.base}/")[2]
            reply = _reply(node, _call(node, target), within)
            _json(reply.body, node)  # bounds how deeply it is nested, as the library does not
            answer = Response()
            answer.status_code, answer.raw = reply.status, BytesIO(reply.body)
            answer.request, answer.url = request, node.url
            return answer

        def close(self) -> None:
            pass

    return Transport()


def _call(
    node: Node,
    target: str,
    headers: dict[str, str] | None = None,
    body: Iterable[bytes] = (),
    size: int = 0,
) -> Call:
    auth = {"Authorization": node.auth} if node.auth else {}
    fields = auth | (headers or {})
    return call_of("POST", _url(node, target), headers=fields, body=body, size=size)


def _url(node: Node, target: str) -> str:
    host = f"[{node.host}]" if ":" in node.host else node.host
    return f"{'https' if node.tls else 'http'}://{host}:{node.port}/{node.base}/{target}"


def _reply(
    node: Node, call: Call, within: float, pace: Pace | None = None, hear: Sent = unheard
) -> Reply:
    """The answer of a node to one command; PublishError for a failure, wherever it says so."""
    try:
        with Exchange(call, within, pace, hear) as exchange:
            status, headers = exchange.head()
            body = b"".join(exchange.body(MAX_ANSWER))
    except ConnectionRefusedError:
        raise TemporaryError(
            f"no IPFS node answers at {node.url}",
            hint="start it (`ipfs daemon`), or, if it listens elsewhere, set IPFS_API",
        ) from None
    except (OSError, AnswerError) as error:
        raise diagnosed(node.url, error, VARIABLES) from None
    reply = Reply(status, headers, body, exchange.trailers)
    if failure := reply.trailers.get("x-stream-error"):
        raise PublishError(
            f"{node.url} stopped in the middle: {quoted(failure, node.secrets)}", hint=SEE_LOG
        )
    if status == 200:
        return reply
    # A node's own errors are JSON with a Message (https://docs.ipfs.tech/reference/kubo/rpc/).
    if b'"Message"' in body and isinstance(report := _json(body, node), dict):
        raise _refusal(node, quoted(str(report.get("Message")), node.secrets))
    if status in (404, 405, 410, 501) or (status == 400 and is_page(body)):
        raise not_a_node(node.url)
    refusal = refused(node.url, status, body, headers, node.secrets, VARIABLES)
    # To a node, both mean that it does not know the token; no plan is behind it.
    if status in (401, 403) and node.auth:
        refusal.hint = (
            "compare IPFS_TOKEN, or user and password in IPFS_API, with API.Authorizations in the "
            "node's configuration: ipfs config API.Authorizations"
        )
    raise refusal


def _json(text: bytes, node: Node) -> Any:
    try:
        return plain(text)
    except ValueError:
        raise not_a_node(node.url) from None


def _refusal(node: Node, message: str) -> PublishError:
    return Refused(f"{node.url} refused: {message}", hint=SEE_LOG)


class Refused(PublishError):
    """What a node itself says against a command."""


def not_a_node(where: str) -> PublishError:
    """What to raise for an answer that no node would give."""
    return PublishError(
        f"{where} does not answer as an IPFS node does",
        hint="this is no IPFS node; is IPFS_API right? It is the URL of the node's API (port 5001 "
        "as a rule), not of its gateway (8080)",
    )
