"""Tokens and gateways of services: from the environment or the system's keyring."""

from __future__ import annotations

from collections.abc import Mapping

from mint.errors import PublishError


def gateways(environ: Mapping[str, str]) -> list[str]:
    """The URLs in IPFS_GATEWAY, separated by commas."""
    urls = (url.strip().rstrip("/") for url in environ.get("IPFS_GATEWAY", "").split(","))
    return [url for url in urls if url]


def secret(name: str, environ: Mapping[str, str], purpose: str) -> str:
    """A token, from the environment or from the system's keyring; PublishError without one."""
    if token := token_of(name, environ):
        return token
    raise PublishError(
        f"{name} is not set: {purpose}",
        hint=f"export {name}=..., or store it in your system's keyring: keyring set mint {name}",
    )


def token_of(name: str, environ: Mapping[str, str]) -> str | None:
    """A token that need not be there, from the environment or the system's keyring."""
    import keyring
    from keyring.errors import KeyringError

    if token := environ.get(name):
        return token
    try:
        return keyring.get_password("mint", name)
    except KeyringError:  # there is none here, or it is locked
        return None


def origins(environ: Mapping[str, str]) -> list[str]:
    """The multiaddrs in PINNING_ORIGINS of nodes that have the collection."""
    return [address for address in environ.get("PINNING_ORIGINS", "").split(",") if address]
