"""What stands after `mint repin` -> the CAR's path, or what to give instead."""

from __future__ import annotations

import os
import re
from pathlib import Path

from mint.cli.drawing import drawn_progress
from mint.cli.say import quoted, tell
from mint.counting import size
from mint.errors import PublishError

_USUAL = "give the .car file that mint build wrote: build/NAME/collection.car"
_ADDRESS = re.compile(r"(ar|ipfs|https?):/+(.*)")  # a Path has one slash where two were typed


def car_file(name: Path) -> Path:
    """The file itself, or what is archived under its name, fetched into the current folder.

    PublishError, before anything is sent, for what is neither.
    """
    from mint.pinning.archive import archive_identifier

    if identifier := archive_identifier(str(name)):
        return _fetched(identifier)
    if address := _ADDRESS.fullmatch(str(name)):
        raise _no_file(address[1], address[2])
    if name.is_dir():
        inside = name / "collection.car"
        raise PublishError(
            f"{name} is a folder",
            hint=f"name the CAR in it: {quoted(inside)}" if inside.exists() else _USUAL,
        )
    if not name.exists():
        raise PublishError(f"there is no file {name}", hint=f"{_USUAL}, or a copy of it")
    return name


def _no_file(scheme: str, rest: str) -> PublishError:
    if scheme == "ar":
        return PublishError(
            f"ar://{rest} is no archive's name",
            hint="it is ar:// and 43 letters, digits, - and _, as mint archive printed it",
        )
    if scheme == "ipfs":
        root = rest.removeprefix("ipfs/").partition("/")[0]
        return PublishError(
            f"ipfs://{rest} is an address, and no file",
            hint="download its CAR from a gateway that has it: curl -fo collection.car "
            f"'https://ipfs.io/ipfs/{root}?format=car'; then name collection.car",
        )
    return PublishError(f"{scheme}://{rest} is an address, and no file", hint="download it first")


def _fetched(identifier: str) -> Path:
    from mint.pinning.archive import fetch_archive

    path = Path(f"{identifier}.car")
    with drawn_progress() as news:
        news("checking", 0, 1)
        fetch_archive(identifier, os.environ, path)
        news("checking", 1, 1)
    tell(f"fetched     {path}, {size(path.stat().st_size)}, every block of it checked")
    return path
