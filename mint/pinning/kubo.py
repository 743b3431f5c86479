"""A CAR and a node with Kubo's RPC API -> the node has it, pinned, and has returned a sample."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from mint.errors import PublishError
from mint.ipfs.car import Car, open_car
from mint.ipfs.cid import DIGEST, cid_text, parse_cid
from mint.ipfs.walk import cat
from mint.pinning.http import CONNECT, PATIENCE, Patience, TemporaryError, retry, retry_after
from mint.pinning.kubo_rpc import (
    BUSY,
    SEE_LOG,
    Node,
    bad_url,
    import_car,
    node_at,
    not_a_node,
    unreachable,
)
from mint.pinning.read_back import HEAD, sample
from mint.pinning.secrets import token_of
from mint.pinning.upload import PIECE

SILENCE = 300.0  # seconds: a node may think for long over a large CAR


def kubo(car: Path, environ: Mapping[str, str], patience: Patience) -> None:
    """Pin on the node at IPFS_API (this machine's, if unset), with IPFS_TOKEN if it wants one.

    IPFS_API is http(s)://[user:password@]host:port[/prefix], or a multiaddr such as
    /ip4/127.0.0.1/tcp/5001; the token is sent as a bearer's.
    """
    url = environ.get("IPFS_API", "http://127.0.0.1:5001")
    pin_on_node(car, node_at(url, token_of("IPFS_TOKEN", environ)), patience)


def pin_on_node(
    car: Path, node: Node, patience: Patience = PATIENCE, silence: float = SILENCE
) -> None:
    """Pin `car` on `node`: Kubo, or any node with its RPC API; `silence` is the longest, in s.

    A node that is not there is an error at once. One that goes away later is tried again, and
    blocks it has by then are not sent twice. Returns once the node lists the root as pinned
    recursively and has returned a sample of files, equal in bytes to ours. PublishError for
    anything else.
    """
    with closing(open_car(car)) as blocks:
        with _client(node, silence) as client:
            client.version()  # before a large upload begins
        retry(lambda: _pin(car, blocks, node, silence), patience)


def _pin(car: Path, blocks: Car, node: Node, silence: float) -> None:
    root = cid_text(blocks.root)
    with _client(node, silence) as client:
        if not _pinned(client, root):
            _check_import(import_car(car, node, silence), blocks.root)
        if not _pinned(client, root):
            raise PublishError(f"{node.url} took the CAR but does not pin {root}", hint=SEE_LOG)
        _read_back(client, blocks, node.url)


@contextmanager
def _client(node: Node, silence: float) -> Iterator[Any]:
    """An ipfshttpclient client, with whatever goes wrong inside as a PublishError."""
    import ipfshttpclient
    from ipfshttpclient import exceptions
    from requests import RequestException

    kind = "ip6" if ":" in node.host else "ip4" if re.fullmatch(r"[\d.]+", node.host) else "dns"
    address = f"/{kind}/{node.host}/tcp/{node.port}/{'https' if node.tls else 'http'}"
    headers = {"Authorization": node.auth} if node.auth else {}
    try:
        with warnings.catch_warnings():
            # ipfshttpclient 0.7.0 hands urllib3 an argument that has no effect since Python 3.
            warnings.filterwarnings("ignore", "The 'strict' parameter", FutureWarning)
            # Not `connect`: it refuses every node newer than 2021 (0.4.23 <= version < 0.8.0).
            with ipfshttpclient.Client(
                address, node.base, chunk_size=PIECE, headers=headers, timeout=(CONNECT, silence)
            ) as client:
                yield client
    # `from None`: the library's messages contain the whole URL, secrets and all.
    except exceptions.ErrorResponse as error:
        raise PublishError(f"{node.url} refused: {str(error)[:200]}", hint=SEE_LOG) from None
    except exceptions.StatusError as error:
        reply = error.original.response
        if reply.status_code in BUSY:
            after = retry_after(reply.headers.get("Retry-After", ""))
            raise TemporaryError(f"{node.url} answers {reply.status_code}", after=after) from None
        raise not_a_node(node.url, error) from None
    except exceptions.TimeoutError as error:
        raise unreachable(node.url, error.original) from None
    except exceptions.AddressError:
        raise bad_url(node.url) from None
    # requests' own error comes through when an answer breaks off in its middle.
    except (exceptions.ConnectionError, exceptions.ProtocolError, RequestException) as error:
        raise unreachable(node.url, error) from None
    # AssertionError is how the library meets an answer with more or fewer lines than one.
    except (exceptions.Error, AssertionError) as error:
        raise not_a_node(node.url, error) from None


def _dig(answer: Any, *keys: str) -> Any:
    """`answer[key][key]...`; PublishError when a node says something else."""
    try:
        for key in keys:
            answer = answer[key]
    except (KeyError, TypeError) as error:
        raise not_a_node("the node", error) from None
    return answer


def _pinned(client: Any, root: str) -> bool:
    from ipfshttpclient import exceptions

    try:
        keys = _dig(client.pin.ls(root, type="recursive"), "Keys")
    except exceptions.ErrorResponse as error:
        if "not pinned" in str(error):  # how both Kubo and js-ipfs say no
            return False
        raise
    # By digest: js-ipfs answers in base58, and a node may name a CIDv0's block by its CIDv1.
    return any(parse_cid(key)[-DIGEST:] == parse_cid(root)[-DIGEST:] for key in keys)


def _check_import(answer: Any, root: bytes) -> None:
    """A failed pin and a foreign root come as data, with status 200."""
    if failure := dict(_dig(answer, "Root")).get("PinErrorMsg"):
        raise PublishError(f"the node could not pin the CAR: {failure[:200]}", hint=SEE_LOG)
    imported = str(_dig(answer, "Root", "Cid", "/"))
    if parse_cid(imported)[-DIGEST:] != root[-DIGEST:]:
        raise PublishError(
            f"the node read another root than {cid_text(root)}: {imported}",
            hint="the CAR was altered on its way, or the node is not to be trusted",
        )


def _read_back(client: Any, car: Car, where: str) -> None:
    root = cid_text(car.root)
    sizes = _dig(client.block.stat(root), "Size"), len(car.block(car.root))
    alike = sizes[0] == sizes[1] and all(
        client.cat(f"/ipfs/{root}/{path}", length=HEAD) == b"".join(cat(car.block, cid, 0, HEAD))
        for path, cid in sample(car)
    )
    if not alike:
        raise PublishError(
            f"{where} returns other bytes than were sent for {root}",
            hint="the node is damaged (`ipfs repo verify` finds what), or not to be trusted",
        )
