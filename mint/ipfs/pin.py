"""A CAR and a node -> the node holds it, pinned, and has shown that it does."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from mint.errors import PublishError
from mint.ipfs.car import Car, open_car
from mint.ipfs.cid import cid_text, parse_cid
from mint.ipfs.unixfs import CHUNK
from mint.ipfs.walk import cat, files

# (CAR, URL of the node's API, seconds to wait for the node) -> the CAR's root is pinned there.
Pinner = Callable[[Path, str, float], None]

CONNECT = 10.0  # seconds
SAMPLE = 12  # files read back


def none(car: Path, url: str = "", timeout: float = 0) -> None:
    """Pin nowhere: the CAR on disk is the whole publication."""


def kubo(car: Path, url: str, timeout: float = 300) -> None:
    """Pin `car` on the node at `url`: Kubo, or any node with its RPC API.

    `url` is http(s)://[user:password@]host:port[/prefix], or a multiaddr such as
    /ip4/127.0.0.1/tcp/5001. `timeout` is the longest silence in seconds, not the whole time:
    a node may think for long over a large CAR. Pinning again is cheap.

    Returns once the node lists the root as pinned recursively and has returned a sample of
    files, equal in bytes to ours. PublishError for anything else.
    """
    with closing(open_car(car)) as blocks, _client(url, timeout) as client:
        root = cid_text(blocks.root)
        client.version()  # a node that is down is found before a large upload begins
        if not _pinned(client, root):
            with car.open("rb") as data:
                # Only whole CARs: the library's own directory `add` can hang, and it drops
                # errors that a node reports after its first byte (py-ipfs-http-client #245).
                _check_import(client.dag.imprt(data), blocks.root)
        if not _pinned(client, root):
            raise PublishError(f"{shown(url)} took the CAR but does not pin {root}", hint=_AGAIN)
        _read_back(client, blocks, url)


PINNERS: dict[str, Pinner] = {"none": none, "kubo": kubo}
_AGAIN = "see the node's log, then run the same command again: what it holds is not sent twice"


def shown(url: str) -> str:
    """`url` without credentials, path or query: what may stand in messages and logs."""
    if url.startswith("/"):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:  # an IPv6 address without its closing bracket
        return "the given URL"
    if not parts.netloc:  # no telling what it is
        return "the given URL"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


@contextmanager
def _client(url: str, timeout: float) -> Iterator[Any]:
    """An ipfshttpclient client, with whatever goes wrong inside as a PublishError."""
    import ipfshttpclient
    from ipfshttpclient import exceptions
    from requests import RequestException

    address, base, auth = _address(url)
    try:
        with warnings.catch_warnings():
            # ipfshttpclient 0.7.0 hands urllib3 an argument that has no effect since Python 3.
            warnings.filterwarnings("ignore", "The 'strict' parameter", FutureWarning)
            # Not `connect`: it refuses every node newer than 2021 (0.4.23 <= version < 0.8.0).
            with ipfshttpclient.Client(
                address, base, chunk_size=CHUNK, auth=auth, timeout=(CONNECT, timeout)
            ) as client:
                yield client
    # `from None`: the library's messages hold the whole URL, secrets and all.
    except exceptions.ErrorResponse as error:
        raise PublishError(f"{shown(url)} refused: {str(error)[:200]}", hint=_AGAIN) from None
    except exceptions.TimeoutError:
        raise PublishError(
            f"{shown(url)} was silent for too long", hint="is the node busy? Run it again later"
        ) from None
    except exceptions.AddressError:
        raise _bad_url(url) from None
    # requests' own error comes through when an answer breaks off in its middle.
    except (exceptions.ConnectionError, exceptions.ProtocolError, RequestException):
        raise PublishError(
            f"no IPFS node answers at {shown(url)}",
            hint="start it (`ipfs daemon`), or give the API's URL, for one http://127.0.0.1:5001",
        ) from None
    # AssertionError is how the library meets an answer with more or fewer lines than one.
    except (exceptions.Error, AssertionError) as error:
        raise _not_a_node(shown(url), error) from None


def _not_a_node(where: str, error: Exception) -> PublishError:
    return PublishError(
        f"{where} does not answer as an IPFS node does ({type(error).__name__})",
        hint="is this the URL of the node's API, and not of its gateway?",
    )


def _dig(answer: Any, *keys: str) -> Any:
    """`answer[key][key]...`; PublishError when a node says something else."""
    try:
        for key in keys:
            answer = answer[key]
    except (KeyError, TypeError) as error:
        raise _not_a_node("the node", error) from None
    return answer


def _address(url: str) -> tuple[str, str, tuple[str, str] | None]:
    """The multiaddr, path of the API, and credentials that ipfshttpclient wants."""
    if url.startswith("/"):
        return url, "api/v0", None
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        raise _bad_url(url) from None
    if not parts.hostname or parts.query or parts.fragment:
        raise _bad_url(url)
    prefix = parts.path.strip("/").removesuffix("api/v0").strip("/")
    base = f"{prefix}/api/v0".lstrip("/")
    return f"/{_host(parts.hostname)}/tcp/{port}/{parts.scheme}", base, _credentials(parts)


def _host(host: str) -> str:
    if ":" in host:
        return f"ip6/{host}"
    return f"ip4/{host}" if host.replace(".", "").isdigit() else f"dns/{host}"


def _credentials(parts: SplitResult) -> tuple[str, str] | None:
    if parts.username is None:
        return None
    return unquote(parts.username), unquote(parts.password or "")


def _bad_url(url: str) -> PublishError:
    return PublishError(
        f"{shown(url)!r} is not the URL of an IPFS node",
        hint="write it as IPFS_API=http://host:5001",
    )


def _pinned(client: Any, root: str) -> bool:
    from ipfshttpclient import exceptions

    try:
        keys = _dig(client.pin.ls(root, type="recursive"), "Keys")
    except exceptions.ErrorResponse as error:
        if "not pinned" in str(error):  # how both Kubo and js-ipfs say no
            return False
        raise
    # By bytes: js-ipfs answers in base58.
    return any(parse_cid(key) == parse_cid(root) for key in keys)


def _check_import(answer: Any, root: bytes) -> None:
    """A failed pin and a foreign root come as data, with status 200."""
    if failure := dict(_dig(answer, "Root")).get("PinErrorMsg"):
        raise PublishError(f"the node could not pin the CAR: {failure[:200]}", hint=_AGAIN)
    found = str(_dig(answer, "Root", "Cid", "/"))
    if parse_cid(found) != root:
        raise PublishError(
            f"the node read another root than {cid_text(root)}: {found}",
            hint="the CAR was altered on its way, or the node is not to be trusted",
        )


def _read_back(client: Any, car: Car, url: str) -> None:
    root = cid_text(car.root)
    sizes = _dig(client.block.stat(root), "Size"), len(car.block(car.root))
    alike = sizes[0] == sizes[1] and all(
        client.cat(f"/ipfs/{root}/{path}", length=CHUNK) == b"".join(cat(car.block, cid, 0, CHUNK))
        for path, cid in _sample(car)
    )
    if not alike:
        raise PublishError(
            f"{shown(url)} returns other bytes than were sent for {root}",
            hint="the node is damaged (`ipfs repo verify` finds what), or not to be trusted",
        )


def _sample(car: Car) -> list[tuple[str, bytes]]:
    """Up to SAMPLE files, spread evenly over the tree."""
    count = sum(1 for _ in files(car.block, car.root))
    return list(islice(files(car.block, car.root), 0, None, max(1, -(-count // SAMPLE))))
