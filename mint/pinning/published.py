"""What `mint build` published, or any CAR of ours -> pinned at a service."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mint.errors import PublishError, StoreError
from mint.pinning.exchange import Sent, unheard
from mint.pinning.patience import PATIENCE, Patience
from mint.pinning.uploading import Uploading
from mint.record.folders import CAR_NAME, Folders, folders_of, read_manifest
from mint.record.launches import launches
from mint.record.manifest import Manifest
from mint.spec.load import load
from mint.spec.services import ABOUT, Keepers, services
from mint.stages import Progress

if TYPE_CHECKING:
    from mint.pinning.read_back import ReadBack


def pin(
    keepers: Keepers,
    car: Path,
    folders: Folders,
    environ: Mapping[str, str],
    hear: Sent = unheard,
    patience: Patience = PATIENCE,
) -> list[ReadBack]:
    """Pin `car` at each of `keepers` and read a sample back; what came back. PublishError."""
    from mint.pinning.pin import pin_car

    journal = folders.state / "pins.jsonl"
    return list(pin_car(car, services(keepers), environ, journal, patience, hear))


def pin_build(
    manifest: Manifest,
    folders: Folders,
    environ: Mapping[str, str],
    progress: Progress,
    warn: Callable[[str], None],
) -> list[ReadBack]:
    """Pin a build's CAR at the services of its file and read a sample back; PublishError.

    Of a sale it is the CAR without the pictures: whoever sees them before the reveal knows what
    buyers do not.
    """
    hidden = manifest.publication and manifest.publication.hidden
    car = folders.car if hidden is None else folders.hidden_car
    patience, hear = PATIENCE._replace(note=warn), Uploading(progress, warn)
    return pin(manifest.collection.storage.pin, car, folders, environ, hear, patience)


def pin_collection(
    file: Path,
    to: Sequence[str],
    environ: Mapping[str, str],
    hear: Sent = unheard,
    patience: Patience = PATIENCE,
) -> Iterator[str]:
    """Pin what `mint build` wrote for `file`, at the services `to` or its own; the lines to print.

    Of a sale whose order is not drawn yet only what everybody may see. `hear` hears how far each
    upload is. Raises MintError.
    """
    from mint.pinning.pin import pin_car

    folders, keepers, cars = published(file, to)
    for root, car in cars:
        journal = folders.state / "pins.jsonl"
        yield from _lines(root, pin_car(car, keepers, environ, journal, patience, hear))
        yield from _providers(root, environ)
    for other in launched_cars(folders, [root for root, _ in cars]):
        yield f"launched    ipfs://{other.root} on {other.network} is another one: {other.remedy}"


def published(
    file: Path, to: Sequence[str], command: str = "mint pin"
) -> tuple[Folders, Sequence[str], list[tuple[str, Path]]]:
    """The folders of `file`, the services that are meant, and the CARs that everybody may see.

    Each has its root. `command` is what the artist typed. Raises PublishError.
    """
    collection, _ = load(file)
    folders = folders_of(file, collection)
    keepers = tuple(dict.fromkeys(to)) or services(collection.storage.pin)
    if not keepers:
        raise PublishError(
            f"{file} names no pinning service",
            hint=f"{command} {file} --to kubo (your own node); or to one of: {', '.join(ABOUT)}; "
            "or write `storage: {pin: kubo}` into the file",
        )
    manifest = read_manifest(folders.manifest)
    if manifest.publication is None:
        raise PublishError(
            f"{file} has no CAR yet: its build stopped before it was published",
            hint=f"mint build {file} --until publish",
        )
    return folders, keepers, list(_public_cars(folders, manifest))


class LaunchedCar(NamedTuple):
    """What a launch's tokens lead to, whatever was built since; the network it was launched on."""

    root: str
    car: Path
    network: str

    @property
    def remedy(self) -> str:
        """How it is pinned, by itself."""
        return f"mint repin {shlex.quote(str(self.car))} --to SERVICE"


def launched_cars(folders: Folders, others: Collection[str]) -> list[LaunchedCar]:
    """The CARs of launches that everybody may see and whose roots are not among `others`."""
    cars: dict[str, LaunchedCar] = {}
    for one in launches(folders):
        if one.launch.address is not None:
            place = Folders(folders.file, folders.state, one.folder)
            with suppress(PublishError, StoreError):  # one that was deleted is nobody's obstacle
                for root, car in _public_cars(place, one.read_manifest()):
                    cars.setdefault(root, LaunchedCar(root, car, one.launch.network))
    return [car for root, car in cars.items() if root not in others]


def _public_cars(folders: Folders, manifest: Manifest) -> Iterator[tuple[str, Path]]:
    """The CARs of a build or a launch that everybody may see, by their roots; PublishError."""
    if manifest.publication is None:
        return
    if manifest.publication.hidden is not None:
        refuse_other_car(folders.hidden_car, manifest.publication.hidden, folders.file)
        yield manifest.publication.hidden, folders.hidden_car
    if not still_secret(manifest):
        refuse_other_car(folders.car, manifest.publication.root, folders.file)
        yield manifest.publication.root, folders.car


def refuse_other_car(car: Path, root: str, file: Path) -> None:
    """Raise PublishError where `car` is not of the manifest beside it, which records `root`.

    A build writes its manifest last: one that was killed, or that runs, leaves its new CAR beside
    the manifest of the build before.
    """
    from mint.ipfs.car import root_of

    if (present := root_of(car)) != root:
        raise PublishError(
            f"{car} holds ipfs://{present}, and the last build that ended is of ipfs://{root}: a "
            "later one was interrupted, or is still running",
            hint=f"mint build {file}, and then the same command again",
        )


def outdated(file: Path) -> str | None:
    """What to say where `file` was edited since its build: pinning sends what was built.

    None where it was not, or where nothing was built. Raises MintError.
    """
    collection, _ = load(file)
    folders = folders_of(file, collection)
    if not folders.manifest.exists():
        return None
    manifest = read_manifest(folders.manifest)
    if manifest.publication is None or manifest.collection.public == collection.public:
        return None
    date = datetime.fromtimestamp(folders.manifest.stat().st_mtime).astimezone()
    root = manifest.publication.hidden or manifest.publication.root
    return (
        f"warning: {file} was changed since the build; this is the build of "
        f"{date:%Y-%m-%d %H:%M}, ipfs://{root} (mint build {file} makes a new one)"
    )


def repin(
    car: Path,
    to: Sequence[str],
    environ: Mapping[str, str],
    root: str | None = None,
    hear: Sent = unheard,
    patience: Patience = PATIENCE,
) -> Iterator[str]:
    """Pin what is below `root` in a CAR at the services `to`, with nothing but the file; its lines.

    `root` is a CID, needed where the CAR has several. What lies beside the tree is not sent.
    PublishError for the pictures of a sale that nobody may see yet.
    """
    from mint.ipfs.car import root_of
    from mint.ipfs.cid import parse_cid
    from mint.ipfs.plain import plain_car
    from mint.pinning.pin import pin_car

    _refuse_secret(car, None if root is None else parse_cid(root))
    with plain_car(car, None if root is None else parse_cid(root)) as (plain, left_out):
        if left_out:
            yield left_out
        keepers, cid = tuple(dict.fromkeys(to)), root_of(plain)
        journal = car.with_name("pins.jsonl")
        yield from _lines(cid, pin_car(plain, keepers, environ, journal, patience, hear))
    yield from _providers(cid, environ)


def _refuse_secret(path: Path, root: bytes | None) -> None:
    """PublishError if the CAR has the pictures of a sale that nobody may see yet."""
    from mint.ipfs.car import open_car
    from mint.ipfs.cid import parse_cid

    beside_it = path.with_name("manifest.json")
    if not beside_it.exists():
        return
    manifest = read_manifest(beside_it)
    with closing(open_car(path, root)) as car:
        # Whatever root was chosen: images/ is a root, too.
        publication = manifest.publication
        has_pictures = publication and car.find(parse_cid(publication.root)) is not None
    # Of the CAR of a build that was interrupted or stopped early, which may be of a sale.
    unknown = path.name == CAR_NAME and not has_pictures
    if still_secret(manifest) and (has_pictures or unknown):
        what = f"{path} contains the pictures of a sale that is not revealed"
        hint = f"pin {path.with_name('hidden.car')} now; `mint sale reveal` pins this one"
        raise PublishError(what, hint=hint)
    if unknown:
        what = f"{path} is not of the build that the manifest beside it records"
        raise PublishError(what, hint="mint build FILE --until publish, then the same command")


def still_secret(manifest: Manifest) -> bool:
    """Whether buyers must not see the pictures yet: a sale whose order is not drawn for good."""
    deployment = manifest.deployment
    is_final = deployment is not None and deployment.drawn is not None and deployment.twin is None
    return manifest.collection.sale is not None and not is_final


def _lines(root: str, proofs: Iterator[ReadBack]) -> Iterator[str]:
    for proof in proofs:
        yield f"pinned      ipfs://{root} at {proof.service}"
        yield f"read back   {proof.line}"


def _providers(root: str, environ: Mapping[str, str]) -> Iterator[str]:
    from mint.pinning.providers import providers_line

    if line := providers_line(root, environ):
        yield f"providers   {line}"
