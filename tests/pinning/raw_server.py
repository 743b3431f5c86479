"""A server on loopback that says any bytes at all, with any pauses, over TCP or TLS."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import repeat
from pathlib import Path
from typing import NamedTuple


class Asked(NamedTuple):
    """A request as it came: `number` counts from 0, `head` is everything before the body."""

    number: int
    path: str
    head: str
    body: bytes


RESET = "reset"  # breaks the connection off, with what was not sent yet
# What a server says to a request: bytes, and pauses in seconds between them. Then it closes.
Pieces = Iterable["bytes | float | str"]
Says = Callable[[Asked], Pieces]


class Server(NamedTuple):
    url: str
    requests: list[Asked]


@contextmanager
def raw_server(
    says: Says, tls: Path | None = None, host: str = "127.0.0.1", reads: bool = True
) -> Iterator[Server]:
    """A server that answers as `says`; `tls` is a file with its key and certificate.

    With `reads` False it answers before it has read anything but the head.
    """
    over, requests, threads = threading.Event(), list[Asked](), list[threading.Thread]()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
    if context and tls:
        context.load_cert_chain(tls)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family)

    def serve(connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection:
            connection.settimeout(5)
            if context:
                connection = context.wrap_socket(connection, server_side=True)
            with connection:
                asked = _asked(connection, len(requests), reads)
                requests.append(asked)
                _say(connection, says(asked), over)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # it is closed
                return
            threads.append(threading.Thread(target=serve, args=(connection,)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    port = listener.getsockname()[1]
    name = f"[{host}]" if ":" in host else host
    try:
        yield Server(f"{'https' if tls else 'http'}://{name}:{port}", requests)
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in [accepting, *threads]:
            thread.join(10)
            assert not thread.is_alive()


def _asked(connection: socket.socket, number: int, reads: bool) -> Asked:
    data = b""
    while b"\r\n\r\n" not in data and not data.startswith(b"\x16"):  # a TLS handshake
        piece = connection.recv(1 << 16)
        if not piece:
            raise ValueError("no request")
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    text = head.decode("latin-1")
    length = 0
    for line in text.lower().splitlines():
        if line.startswith("content-length:"):
            length = int(line.partition(":")[2])
    parts, left = [body], length - len(body)
    while reads and left > 0:
        parts.append(piece := connection.recv(1 << 20))
        if not piece:
            raise ValueError("half a request")
        left -= len(piece)
    return Asked(number, text.split(" ")[1] if " HTTP/1" in text else "", text, b"".join(parts))


def _say(connection: socket.socket, pieces: Pieces, over: threading.Event) -> None:
    for piece in pieces:
        if over.is_set():
            return
        if isinstance(piece, bytes):
            connection.sendall(piece)
        elif isinstance(piece, float):
            over.wait(piece)
        else:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
    # A client that is still sending shall read what was said, not a reset.
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(0.2)
        while connection.recv(1 << 16):
            pass


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def sized(length: object) -> bytes:
    return OK + f"Content-Length: {length}\r\n\r\n".encode()


def status(code: int, text: str = "", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {code} No", f"Content-Length: {len(text.encode())}", *headers, "", text]
    return "\r\n".join(lines).encode()


def pieces(*said: bytes | float | str) -> Says:
    return lambda asked: said


def dripping(text: bytes, head: bytes = b"") -> Says:
    """A byte every 15 ms: no recv is ever silent for long."""

    def says(asked: Asked) -> Pieces:
        yield head
        for byte in text:
            yield bytes([byte])
            yield 0.015

    return says


def without_end(piece: bytes, head: bytes = b"") -> Says:
    def says(asked: Asked) -> Pieces:
        yield head
        yield from repeat(piece * (1 + (1 << 15) // len(piece)))

    return says


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def certificate(path: Path, begins: float, ends: float, name: str = "127.0.0.1") -> Path:
    """`path` with a key and a certificate signed by itself, valid between two days from now."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    try:
        address: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        address = x509.DNSName(name)
    signed = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + begins * day)
        .not_valid_after(now + ends * day)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(
        encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + signed.public_bytes(encoding))
    return path
