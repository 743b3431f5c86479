"""A stand-in for ArDrive's Turbo and an Arweave gateway, strict about items and their parts.

What it checks of an item is computed here a second time, from the specification: ANS-104.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.pinning.wire import served

LEAST = 5 << 20  # bytes of a part that is not the last


def deep_hash(value: bytes | list[Any]) -> bytes:
    """Arweave's hash of bytes, or of a list of such values."""

    def sha384(data: bytes) -> bytes:
        return hashlib.sha384(data).digest()

    if isinstance(value, bytes):
        return sha384(sha384(b"blob" + str(len(value)).encode()) + sha384(value))
    total = sha384(b"list" + str(len(value)).encode())
    for one in value:
        total = sha384(total + deep_hash(one))
    return total


class Item:
    """An item as a reader sees it: its identifier, signer, tags and data."""

    def __init__(self, raw: bytes) -> None:
        from eth_account import Account
        from eth_account.messages import encode_defunct
        from eth_keys.datatypes import PublicKey

        kind, signature, owner, rest = raw[:2], raw[2:67], raw[67:132], raw[132:]
        assert kind == b"\3\0"
        assert rest[:2] == b"\0\0"  # neither target nor anchor
        number, size = (int.from_bytes(rest[at : at + 8], "little") for at in (2, 10))
        tags, self.data = rest[18 : 18 + size], rest[18 + size :]
        message = deep_hash([b"dataitem", b"1", b"3", owner, b"", b"", tags, self.data])
        signer = Account.recover_message(encode_defunct(primitive=message), signature=signature)
        assert signer == PublicKey(owner[1:]).to_checksum_address()
        digest = hashlib.sha256(signature).digest()
        self.identifier = urlsafe_b64encode(digest).decode().rstrip("=")
        self.signer, self.tags = signer, dict(_avro(tags))
        assert len(self.tags) == number


def _avro(data: bytes) -> Iterator[tuple[str, str]]:
    at = 0

    def long() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return (value >> 1) ^ -(value & 1)

    def text() -> str:
        nonlocal at
        size = long()
        at += size
        return data[at - size : at].decode()

    while data and (count := long()):
        for _ in range(count):
            yield text(), text()
    assert at == len(data)


class Turbo:
    """What it has, what an account has (winc), and how often it takes a part."""

    def __init__(self, credit: int = 10**12) -> None:
        self.items: dict[str, Item] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.states: dict[str, str] = {}
        self.credit, self.price, self.posts = credit, 5 * 10**9, 0
        self.lies = False  # whether the gateway returns something else

    def take(self, raw: bytes) -> Item | None:
        """None for an account without money."""
        item = Item(raw)
        if self.credit < self.price:
            return None
        self.items[item.identifier] = item
        return item

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        match path.partition("?")[0].strip("/").split("/"):
            case ["v1", "price", "bytes", _]:
                return 200, json.dumps({"winc": str(self.price), "adjustments": []}).encode()
            case ["v1", "account", "balance", "ethereum"]:
                return 200, json.dumps({"winc": str(self.credit)}).encode()
            case ["v1", "tx", "ethereum"]:
                self.posts += 1
                item = self.take(body)
                return (200, json.dumps({"id": item.identifier}).encode()) if item else (402, b"")
            case ["v1", "chunks", "ethereum", "-1", "-1"]:
                name = f"upload-{len(self.uploads)}"
                self.uploads[name], self.states[name] = {}, "ASSEMBLING"
                return 200, json.dumps({"id": name, "min": LEAST, "max": 500 << 20}).encode()
            case ["v1", "chunks", "ethereum", name, *_] if name not in self.uploads:
                return 404, b""
            case ["v1", "chunks", "ethereum", name, "status"]:
                if self.states[name] == "VALIDATING":
                    self.states[name] = "FINALIZED"
                    raw = b"".join(part for _, part in sorted(self.uploads[name].items()))
                    if self.take(raw) is None:
                        self.states[name] = "UNDERFUNDED"
                    return 200, b'{"status": "VALIDATING", "timestamp": 1}'
                return 200, json.dumps({"status": self.states[name], "timestamp": 1}).encode()
            case ["v1", "chunks", "ethereum", name, "-1"] if method == "GET":
                parts = sorted((at, len(part)) for at, part in self.uploads[name].items())
                return 200, json.dumps({"id": name, "chunks": parts}).encode()
            case ["v1", "chunks", "ethereum", name, "finalize"]:
                self.states[name] = "VALIDATING"
                return 202, b""
            case ["v1", "chunks", "ethereum", name, at]:
                self.posts += 1
                size = max((len(part) for part in self.uploads[name].values()), default=len(body))
                if int(at) % max(size, len(body)):
                    return 400, b"no part begins there"
                self.uploads[name][int(at)] = body
                return 200, b""
            case [identifier] if len(identifier) == 43:  # as ar-io's gateways answer
                return 302, f"/sandbox/{identifier}".encode()
            case ["sandbox", identifier] if identifier in self.items:
                data = self.items[identifier].data
                return 200, data[::-1] if self.lies else data
        return 404, b"not found"


@contextmanager
def turbo_server(turbo: Turbo) -> Iterator[str]:
    """The URL of all three: uploads, payments, gateway."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(size)
            if len(body) < size:  # the connection broke off
                return
            if "/chunks/" in self.path:
                assert self.headers["x-chunking-version"] == "2"
            status, data = turbo.answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            if status == 302:
                self.send_header("Location", data.decode())
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_HEAD = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    with served(Handler) as url:
        yield url
