"""What `mint build` published, or any CAR of ours -> pinned at a service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from mint.errors import PublishError
from mint.record.folders import Folders, folders_of, read_manifest
from mint.record.manifest import Manifest
from mint.spec.load import load
from mint.spec.services import ABOUT


def pin(service: str, car: Path, folders: Folders, environ: Mapping[str, str]) -> list[str]:
    """Pin `car` at `service` and read a sample back; the gateways that have it. PublishError."""
    from mint.pinning.pin import pin_car

    return pin_car(car, service, environ, folders.state / "pins.jsonl")


def pin_collection(file: Path, service: str | None, environ: Mapping[str, str]) -> Iterator[str]:
    """Pin what `mint build` wrote for `file`, at `service` or its own; a line for each CAR.

    Of a sale whose order is not drawn yet only what everybody may see. Raises MintError.
    """
    collection, _ = load(file)
    folders = folders_of(file, collection)
    service = service or collection.storage.pin
    if service == "none":
        raise PublishError(
            f"{file} names no pinning service",
            hint=f"mint pin {file} --to kubo (your own node); or to one of: {', '.join(ABOUT)}; "
            "or write `storage: {pin: kubo}` into the file",
        )
    manifest = read_manifest(folders.manifest)
    if manifest.publication is None:
        raise PublishError(
            f"{file} has no CAR yet: its build stopped before it was published",
            hint=f"mint build {file} --until publish",
        )
    cars: list[tuple[str, Path]] = []
    if manifest.publication.hidden is not None:
        cars.append((manifest.publication.hidden, folders.hidden_car))
    if not still_secret(manifest):
        cars.append((manifest.publication.root, folders.car))
    for root, car in cars:
        yield _line(root, service, pin(service, car, folders, environ))


def repin(
    car: Path, service: str, environ: Mapping[str, str], root: str | None = None
) -> list[str]:
    """Pin what is below `root` in a CAR at `service`, with nothing but the file; lines to print.

    `root` is a CID, needed where the CAR has several. What lies beside the tree is not sent.
    PublishError for the pictures of a sale that nobody may see yet.
    """
    from mint.ipfs.car import root_of
    from mint.ipfs.cid import parse_cid
    from mint.ipfs.plain import plain_car
    from mint.pinning.pin import pin_car

    _refuse_secret(car, None if root is None else parse_cid(root))
    with plain_car(car, None if root is None else parse_cid(root)) as (plain, left_out):
        served = pin_car(plain, service, environ, car.with_name("pins.jsonl"))
        lines = [left_out] if left_out else []
        return [*lines, _line(root_of(plain), service, served)]


def _refuse_secret(path: Path, root: bytes | None) -> None:
    """PublishError if the CAR has the pictures of a sale that nobody may see yet."""
    from mint.ipfs.car import open_car
    from mint.ipfs.cid import parse_cid

    beside_it = path.with_name("manifest.json")
    if not beside_it.exists():
        return
    manifest = read_manifest(beside_it)
    if manifest.publication is None or not still_secret(manifest):
        return
    with closing(open_car(path, root)) as car:
        # Whatever root was chosen: images/ is a root, too.
        if car.find(parse_cid(manifest.publication.root)) is not None:
            raise PublishError(
                f"{path} contains the pictures of a sale that is not revealed",
                hint=f"pin {path.with_name('hidden.car')} now; `mint sale reveal` pins this one",
            )


def still_secret(manifest: Manifest) -> bool:
    """Whether buyers must not see the pictures yet: a sale whose order is not drawn for good."""
    deployment = manifest.deployment
    drawn = deployment is not None and deployment.drawn is not None and deployment.twin is None
    return manifest.collection.sale is not None and not drawn


def _line(root: str, service: str, served: Sequence[str]) -> str:
    via = f", read back through {' and '.join(served)}" if served else ""
    return f"pinned      ipfs://{root} at {service}{via}"
