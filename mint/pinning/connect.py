"""A host and a port -> a connection; and how a server's certificate is checked."""

from __future__ import annotations

import socket
import ssl
import time

CONNECT = 10.0  # seconds for each address of a host


def tls_context() -> ssl.SSLContext:
    """How a server's certificate is checked: the system's authorities, or SSL_CERT_FILE's."""
    return ssl.create_default_context()


def connected(host: str, port: int, until: float) -> socket.socket:
    """A connection to the first of the host's addresses that takes one; OSError of the last."""
    failure = OSError("no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(max(0.01, min(CONNECT, until - time.monotonic())))
            connection.connect(address)
            return connection
        except OSError as error:
            connection.close()
            failure = error
    raise failure
