"""A root -> who says that it provides it: an answer of others, which is a hint and no proof."""

from __future__ import annotations

from collections.abc import Mapping

from mint.errors import PublishError
from mint.pinning.http import request_json
from mint.urls import masked

ROUTING = "https://delegated-ipfs.dev"  # where IPFS_ROUTING is not set; IPFS Shipyard runs it
SECONDS = 15.0
_SHOWN = 3


def providers_line(root: str, environ: Mapping[str, str]) -> str | None:
    """The line that says which peers provide `root`; None where IPFS_ROUTING is "none".

    Never an error: a root takes minutes to be announced, and who does not answer knows nothing.
    Source: Delegated Routing V1, https://specs.ipfs.tech/routing/http-routing-v1/
    """
    router = environ.get("IPFS_ROUTING", ROUTING).rstrip("/")
    if router == "none":
        return None
    where = masked(router)
    try:
        peers = _providers(router, root)
    except PublishError as error:
        return f"who provides ipfs://{root} is not known: {error}"
    if not peers:
        return (
            f"nobody is known to provide ipfs://{root} yet, says {where}: other nodes and gateways "
            "may not find it"
        )
    names = ", ".join(peers[:_SHOWN]) + (", ..." if len(peers) > _SHOWN else "")
    number = f"{len(peers)} peers provide" if len(peers) > 1 else "1 peer provides"
    return f"{number} ipfs://{root}, says {where}: {names}"


def _providers(router: str, root: str) -> list[str]:
    """The ids of the peers that are on record for `root`."""
    url = f"{router}/routing/v1/providers/{root}"
    try:
        answer = request_json("GET", url, within=SECONDS)
    except PublishError as error:
        if "404" in str(error):  # how older servers say that there is none
            return []
        raise
    records = answer.get("Providers") if isinstance(answer, dict) else None
    peers = [record for record in records or () if isinstance(record, dict)]
    return list(dict.fromkeys(str(peer["ID"])[:80] for peer in peers if "ID" in peer))
