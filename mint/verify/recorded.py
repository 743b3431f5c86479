"""A collection.yaml and a network -> the record that is proved: of the build, or of a launch."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from mint.errors import VerifyError
from mint.record.deployed import deployed_on
from mint.record.folders import Folders, folders_of, read_manifest
from mint.record.launches import LaunchFolder, launches, with_copied_lists
from mint.record.manifest import Manifest
from mint.spec.collection import Collection


class Recorded(NamedTuple):
    """What is on record, where its CARs lie, and whether that is a launch's own folder."""

    folders: Folders
    manifest: Manifest
    launched: bool

    @property
    def collection(self) -> Collection:
        """As it was built; that of a launch with its own copies of the lists."""
        built = self.manifest.collection
        return with_copied_lists(built, self.folders) if self.launched else built


def recorded(file: Path, collection: Collection, network: str | None) -> Recorded:
    """The record of what `file` has on `network`; without a network, of the last build.

    A launch outlives its build: the folder build/ may be deleted or belong to another network by
    now, and the file may be edited. Raises StoreError where there is no record, VerifyError for a
    file that was edited since a build that was launched nowhere.
    """
    build = folders_of(file, collection)
    last_build = network is None and build.manifest.exists()
    folders = build if last_build else deployed_on(build, network, collection.network)
    deployed = [one for one in launches(build) if one.launch.address is not None]
    manifest = read_manifest(folders.manifest)
    if folders.out != build.out:
        return Recorded(folders, manifest, launched=True)
    if manifest.collection == collection:
        return Recorded(build, manifest, launched=False)
    there = manifest.deployment and (manifest.deployment.chain_id, manifest.deployment.address)
    for one in deployed:  # one key has the same addresses on every chain
        if there == (one.launch.chain_id, one.launch.address):
            return Recorded(_of(one, build), one.read_manifest(), launched=True)
    raise VerifyError(
        f"{file} was edited since the build that {build.manifest} records",
        hint="run mint build, then verify again",
    )


def _of(launch: LaunchFolder, build: Folders) -> Folders:
    return Folders(build.file, build.state, launch.folder)
