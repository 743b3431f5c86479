"""A root -> any service of the IPFS Pinning Service API, which fetches it by itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mint.errors import PublishError
from mint.pinning.http import Patience, asked_json, patiently
from mint.pinning.poll import dig, odd, results, root_of, same_root, wait
from mint.pinning.secrets import secret
from mint.urls import masked

_STATES = ("pinned", "pinning", "queued", "failed")  # the best first


def psa(car: Path, environ: Mapping[str, str], patience: Patience) -> None:
    """Have the service at PINNING_API fetch and pin the root; PINNING_TOKEN says who asks.

    PINNING_ORIGINS, comma separated multiaddrs of nodes that have it, makes that quick. Looked up
    in all four states before it is asked for, since asking twice makes two pins; then polled until
    it is pinned. PublishError when it fails, or takes longer than `patience.deadline`.
    Source: IPFS Pinning Service API 1.0.0
    """
    if not (url := environ.get("PINNING_API", "").rstrip("/")):
        raise PublishError("PINNING_API is not set", hint="export PINNING_API=https://host/psa")
    token = secret("PINNING_TOKEN", environ, "the pinning service wants to know who you are")
    root = root_of(car)
    origins = [text for text in environ.get("PINNING_ORIGINS", "").split(",") if text]

    def listed() -> dict[str, Any] | None:
        query = f"cid={root}&status={','.join(_STATES)}&limit=1000"
        found = results(url, asked_json("GET", f"{url}/pins?{query}", token=token), "results")
        ours = [it for it in found if same_root(dig(url, it, "pin", "cid"), root)]
        return min(ours, key=lambda it: _STATES.index(_state(url, it)), default=None)

    def wanted() -> dict[str, Any]:
        found = listed()
        if found is not None and _state(url, found) != "failed":
            return found
        # Repeated only after another look: the answer that was lost may have been a yes.
        pin = {"cid": root, "name": f"mint {car.parent.name}"[:255], "origins": origins}
        made: dict[str, Any] = asked_json("POST", f"{url}/pins", token=token, json=pin)
        return made

    request = str(dig(url, patiently(wanted, patience), "requestid"))

    def state() -> str | None:
        asked = asked_json("GET", f"{url}/pins/{quote(request, safe='')}", token=token)
        if _state(url, asked) == "failed":
            why = " ".join(str(v) for v in (asked.get("info") or {}).values())
            raise PublishError(
                f"{masked(url)} could not pin ipfs://{root}: {why[:200] or 'it does not say why'}",
                hint="does a node that it can reach have the collection? Pin it on yours first, "
                "and name it: PINNING_ORIGINS=/ip4/.../p2p/...",
            )
        return None if _state(url, asked) == "pinned" else _state(url, asked)

    wait(state, url, root, patience)


def _state(url: str, request: object) -> str:
    if (state := dig(url, request, "status")) in _STATES:
        return str(state)
    raise odd(url)
