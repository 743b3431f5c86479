"""A host and a port -> a connection, through a proxy if there is one; whose certificates count."""

from __future__ import annotations

import os
import socket
import ssl
import time
from functools import lru_cache
from pathlib import Path

CONNECT = 10.0  # seconds for each address of a host


def connected(host: str, port: int, until: float) -> socket.socket:
    """A connection to the first of the host's addresses that takes one; OSError of the last.

    `until` is a time of time.monotonic().
    """
    failure = OSError("no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(max(0.01, min(CONNECT, until - time.monotonic())))
            connection.connect(address)
            connection.setblocking(False)
            return connection
        except OSError as error:
            connection.close()
            failure = error
    raise failure


def tls_context() -> ssl.SSLContext:
    """How a server's certificate is checked: by the authorities that this machine or certifi trust.

    SSL_CERT_FILE and SSL_CERT_DIR, which OpenSSL reads, and REQUESTS_CA_BUNDLE, which users of
    proxies that look into TLS have set, add to them.
    """
    names = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
    return _context(*(os.environ.get(name, "") for name in names))


@lru_cache(maxsize=4)  # it reads 150 certificates
def _context(file: str, folder: str, bundle: str) -> ssl.SSLContext:
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if bundle and Path(bundle).is_file():
        context.load_verify_locations(bundle)
    return context
