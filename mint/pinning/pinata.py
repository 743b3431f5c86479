"""A CAR -> Pinata, by upload, or by its CID where it is too large."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mint.errors import PublishError
from mint.pinning.http import Patience, asked_json, patiently
from mint.pinning.poll import _BROKEN, dig, results, root_of, same_root, wait
from mint.pinning.secrets import secret

PINATA, PINATA_UPLOADS = "https://api.pinata.cloud", "https://uploads.pinata.cloud"
PINATA_MOST = 95_000_000  # bytes; above about 100 MB its front door answers 503


def pinata(car: Path, environ: Mapping[str, str], patience: Patience) -> None:
    """Have Pinata keep the collection: the CAR itself up to PINATA_MOST bytes, else by its CID.

    PINATA_JWT says who asks. By CID Pinata fetches the collection from the nodes in
    PINNING_ORIGINS (a paid plan's feature). An upload that does not come back under our root is
    an error: Pinata then kept the CAR as a file like any other.
    Source: https://docs.pinata.cloud/api-reference; that v3/files takes CARs (`car`) is used by
    others and not documented, so its answer decides.
    """
    token = secret("PINATA_JWT", environ, "Pinata wants to know who you are")
    url = environ.get("PINATA_API", PINATA).rstrip("/")
    uploads = environ.get("PINATA_UPLOADS", PINATA_UPLOADS).rstrip("/")
    root, small = root_of(car), car.stat().st_size <= PINATA_MOST
    jobs = f"{url}/v3/files/public/pin_by_cid"

    def kept() -> bool:
        files = asked_json("GET", f"{url}/v3/files/public?cid={root}", token=token)
        return any(same_root(it.get("cid"), root) for it in results(url, files, "data", "files"))

    def queued() -> list[str]:
        rows = asked_json("GET", f"{jobs}?cid={root}", token=token)
        return [str(it.get("status")) for it in results(url, rows, "data", "jobs")]

    def wanted() -> None:
        if kept():
            return
        if small:
            with car.open("rb") as data:
                told = asked_json(
                    "POST",
                    f"{uploads}/v3/files",
                    token=token,
                    data={"network": "public", "name": car.parent.name, "car": "true"},
                    files={"file": (car.name, data, "application/vnd.ipld.car")},
                )
            if not same_root(found := dig(uploads, told, "data", "cid"), root):
                raise PublishError(
                    f"Pinata took the CAR as {str(found)[:80]}, and not as {root}",
                    hint="pin it elsewhere first (mint pin FILE --to filebase), then by its CID: "
                    "mint pin FILE --to psa, with PINNING_API=https://api.pinata.cloud/psa",
                )
        elif not any(state not in _BROKEN for state in queued()):
            hosts = [text for text in environ.get("PINNING_ORIGINS", "").split(",") if text]
            pin = {"cid": root, "name": car.parent.name} | ({"host_nodes": hosts} if hosts else {})
            asked_json("POST", jobs, token=token, json=pin)

    def state() -> str | None:
        if kept():
            return None
        states = [] if small else queued()
        if states and all(state in _BROKEN for state in states):
            raise PublishError(
                f"Pinata could not pin ipfs://{root}: {states[0]}",
                hint="does a node that it can reach have the collection? Pin it on yours first",
            )
        return states[0] if states else "not listed yet"

    patiently(wanted, patience)
    wait(state, url, root, patience)
