"""What a sale shows before its reveal: the CAR beside that of the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from mint.errors import VerifyError
from mint.ipfs.car import open_car
from mint.ipfs.check import check_blocks
from mint.ipfs.cid import cid_text
from mint.record.folders import Folders
from mint.record.manifest import Manifest
from mint.verify.unchecked import Unchecked


def check_placeholder(manifest: Manifest, folders: Folders | None) -> Iterator[str]:
    """That hidden.car holds what the contract shows before the reveal; nothing without a sale.

    Without `folders` there is the address alone, and that is said. Raises VerifyError, and
    PublishError for a CAR that is damaged.
    """
    root = manifest.publication and manifest.publication.hidden
    if root is None:
        return
    if folders is None:
        yield Unchecked(f"what the sale showed before its reveal, ipfs://{root}, was not read")
        return
    with closing(open_car(folders.hidden_car)) as car:
        if (present := cid_text(car.root)) != root:
            raise VerifyError(f"{folders.hidden_car} holds ipfs://{present}, not ipfs://{root}")
        check_blocks(car)
    yield f"what the sale shows before its reveal is in {folders.hidden_car.name}: ipfs://{root}"
