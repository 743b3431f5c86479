"""Tokens and gateways of services: from the environment or the system's keyring."""

from __future__ import annotations

from collections.abc import Mapping

from mint.errors import PublishError


def gateways(environ: Mapping[str, str]) -> list[str]:
    """The URLs in IPFS_GATEWAY, separated by commas."""
    told = environ.get("IPFS_GATEWAY", "").split(",")
    return [url.strip().rstrip("/") for url in told if url.strip()]


def secret(name: str, environ: Mapping[str, str], what: str) -> str:
    """A token, from the environment or from the system's keyring; PublishError without one."""
    if found := token_of(name, environ):
        return found
    raise PublishError(
        f"{name} is not set: {what}",
        hint=f"export {name}=..., or keep it in the keyring: keyring set mint {name}",
    )


def token_of(name: str, environ: Mapping[str, str]) -> str | None:
    """A token that need not be there, from the environment or the system's keyring."""
    import keyring
    from keyring.errors import KeyringError

    if found := environ.get(name):
        return found
    try:
        return keyring.get_password("mint", name)
    except KeyringError:  # there is none here, or it is locked
        return None
