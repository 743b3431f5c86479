"""launches/: what was deployed from a collection.yaml, beside it and for ever.

A build may be deleted and the file be edited; what is on a chain stays there. So each launch has a
folder of its own, `launches/<slug>/<network>-<number>/`, with its record, its manifest, and the
CARs whose CIDs the contract names. It is begun before the deployment is sent: a launch that was
killed, or whose answer was lost, is not forgotten either.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field, ValidationError

from mint.addresses import ADDRESS
from mint.chain.constructor import Digest
from mint.chain.deployment import Deployment, Drawn
from mint.document import Document
from mint.errors import StoreError
from mint.record.folders import Folders, read_manifest
from mint.record.manifest import Manifest
from mint.spec.collection import Collection, beside
from mint.store import content, link, write

RECORD = "launch.json"
LISTS = "lists"


class Launch(Document):
    """A deployment that was begun; `address` is there once the chain holds the contract.

    `file` is the name of the collection.yaml, in which everything may have been edited since.
    `genesis` is the hash of the chain's block 0 in hex: a restarted anvil is another chain.
    `purpose` is what the journal calls the deployment, `code` the SHA-256 of its runtime code.
    `nonce` is how many transactions the owner had, waiting ones among them, when it was begun.
    """

    version: int = 1
    file: str
    network: str
    chain_id: int
    genesis: str
    owner: Annotated[str, Field(pattern=ADDRESS)]
    purpose: str
    code: Digest
    nonce: Annotated[int | None, Field(ge=0, exclude_if=lambda nonce: nonce is None)] = None
    address: Annotated[str, Field(pattern=ADDRESS)] | None = None


class LaunchFolder(NamedTuple):
    """A launch, and the folder that keeps what belongs to it."""

    folder: Path
    launch: Launch

    @property
    def manifest(self) -> Path:
        """The manifest of the build that was launched."""
        return self.folder / "manifest.json"

    def read_manifest(self) -> Manifest:
        """It; raises StoreError."""
        return read_manifest(self.manifest)


def launches(folders: Folders) -> list[LaunchFolder]:
    """Every launch of the file, oldest first, whatever its collection was called by then.

    Raises StoreError for a record that is torn.
    """
    return sorted(_launches(folders), key=lambda one: (one.launch.network, _number(one.folder)))


def launches_on(folders: Folders, genesis: str) -> list[LaunchFolder]:
    """Those on the chain whose block 0 has this hash."""
    return [one for one in launches(folders) if one.launch.genesis == genesis]


def begin(folders: Folders, manifest: Manifest, launch: Launch) -> LaunchFolder:
    """Write down that `launch` is about to be sent, with what it is of; the same one once."""
    for one in launches_on(folders, launch.genesis):
        if one.launch.purpose == launch.purpose and one.launch.owner == launch.owner:
            return one
    folder = _new_folder(folders, launch.network)
    for car in (folders.car, folders.hidden_car):
        if car.exists():
            link(str(car), str(folder / car.name))  # a later build replaces its own, not this file
    for path in list_files(manifest.collection, folders.file):  # the contract has their roots alone
        if data := content(path):
            write(list_copy(folder, path, folders.file), data)
    write(folder / "manifest.json", manifest.canonical() + b"\n")
    write(folder / RECORD, launch.canonical() + b"\n")  # last: with it the folder counts
    return LaunchFolder(folder, launch)


def complete(place: LaunchFolder, manifest: Manifest) -> LaunchFolder:
    """Write down what the chain holds by now: the contract's address, and the manifest with it."""
    deployment = manifest.deployment
    assert deployment is not None
    launch = place.launch.model_copy(update={"address": deployment.address})
    for path, document in ((place.manifest, manifest), (place.folder / RECORD, launch)):
        data = document.canonical() + b"\n"
        if content(path) != data:
            write(path, data)
    return LaunchFolder(place.folder, launch)


def update(folders: Folders, genesis: str, manifest: Manifest) -> None:
    """Write down in the launch of this contract, if there is one, what was minted since.

    The list of gifts may have grown within the reserve; the allowlists are the contract's for ever.
    """
    assert manifest.deployment is not None
    sale = manifest.collection.sale
    for one in launches_on(folders, genesis):
        if one.launch.address == manifest.deployment.address:
            complete(one, manifest)
            path = beside(sale.airdrop, folders.file) if sale and sale.airdrop else None
            if path and (data := content(path)):
                write(list_copy(one.folder, path, folders.file), data)


def note_draw(folders: Folders, genesis: str, deployment: Deployment, draw: Drawn) -> None:
    """Write the draw of a contract into its launch, and into the build if it is its.

    `genesis` is the hash of its chain's block 0: one key has the same addresses on every chain.
    For whoever holds the collection's lock. Raises StoreError.
    """
    own = deployment.chain_id, deployment.address
    places = [folders.manifest]
    places += [
        one.manifest
        for one in launches_on(folders, genesis)
        if one.launch.address == deployment.address
    ]
    for path in dict.fromkeys(places):
        manifest = read_manifest(path)
        there = manifest.deployment
        if there is not None and (there.chain_id, there.address) == own:
            deployment = there.model_copy(update={"drawn": draw})
            manifest = manifest.model_copy(update={"deployment": deployment})
            write(path, manifest.canonical() + b"\n")


def drop(place: LaunchFolder) -> None:
    """Forget a launch of which nothing was sent: it is no launch."""
    (place.folder / RECORD).unlink(missing_ok=True)  # first: without it the folder counts no more
    shutil.rmtree(place.folder)


def _new_folder(folders: Folders, network: str) -> Path:
    """launches/<slug>/<network>-<number>, of which no other launch of the folder has a part."""
    home = folders.state.parent / "launches" / folders.out.name
    number = 1
    while (folder := home / f"{network}-{number}").exists():
        number += 1
    return folder


def list_copy(folder: Path, path: Path, file: Path) -> Path:
    """Where a launch has its copy of a list: as the list lies beside `file`, if it does."""
    home = Path(os.path.abspath(file)).parent
    return folder / LISTS / (path.relative_to(home) if path.is_relative_to(home) else path.name)


def launched_list(folder: Path, path: Path, file: Path) -> Path:
    """The copy of a list in a launch's folder; the list itself where there is none.

    Versions before had every copy by its name alone.
    """
    copies = list_copy(folder, path, file), folder / LISTS / path.name
    return next((copy for copy in copies if copy.exists()), path)


def with_copied_lists(collection: Collection, folders: Folders) -> Collection:
    """The collection of a launch in `folders`, with its copies of the lists in their place."""
    sale, file = collection.sale, folders.file
    if sale is None:
        return collection

    def copy(name: str | None) -> str | None:
        return name and str(launched_list(folders.out, beside(name, file), file))

    phases = tuple(
        each.model_copy(update={"allowlist": copy(each.allowlist)}) for each in sale.phases
    )
    lists = {"airdrop": copy(sale.airdrop), "phases": phases}
    return collection.model_copy(update={"sale": sale.model_copy(update=lists)})


def list_files(collection: Collection, file: Path) -> list[Path]:
    """The CSV files that a sale names: its allowlists, and the list of its gifts."""
    sale = collection.sale
    names = [] if sale is None else [sale.airdrop, *(phase.allowlist for phase in sale.phases)]
    return [beside(name, file) for name in dict.fromkeys(names) if name]


def _launches(folders: Folders) -> Iterator[LaunchFolder]:
    for path in (folders.state.parent / "launches").glob(f"*/*/{RECORD}"):
        try:
            launch = Launch.parse(path.read_bytes())
            if _is_of(folders.state.parent / launch.file, folders.file):
                yield LaunchFolder(path.parent, launch)
        except (OSError, ValidationError) as error:
            raise StoreError(
                f"{path} cannot be read as the record of a launch",
                hint="bring it back from a copy: it says which contract is yours. Without it mint "
                "would deploy a second one",
            ) from error


def _is_of(launched: Path, file: Path) -> bool:
    """Whether what was launched is `file`: under its name, another spelling of it, or an older one.

    A file that was renamed has launches of a file that is gone.
    """
    if launched.name == file.name or not launched.exists():
        return True
    return file.exists() and launched.samefile(file)


def _number(folder: Path) -> int:
    number = folder.name.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0
