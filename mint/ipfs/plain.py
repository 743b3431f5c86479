"""Any CAR -> one that every service takes: of version 1, one root, and nothing beside its tree."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from mint.errors import StoreError
from mint.ipfs.car import Car, open_car
from mint.ipfs.cid import cid_text
from mint.ipfs.export import write_subtree


@contextmanager
def plain_car(path: Path, root: bytes | None) -> Iterator[tuple[Path, str | None]]:
    """A plain CAR of what is below `root`, and a line about what of `path` is not in it.

    That is `path` itself, and no line, where it is plain and of this root; otherwise a copy
    beside it, for as long as the context lasts. PublishError if a block is damaged or missing,
    StoreError if there is no room.
    """
    with closing(open_car(path, root)) as car:
        if car.plain:
            yield path, None
            return
        try:
            folder = tempfile.TemporaryDirectory(prefix=".plain-", dir=path.parent)
        except OSError as error:
            raise StoreError(
                f"{path.parent}: {error.strerror}",
                hint="copy the CAR to a folder with as much room again, and name that one",
            ) from error
        with folder as name:
            copy = Path(name) / path.name
            write_subtree(car, copy)
            yield copy, _left_out(car, copy)


def _left_out(car: Car, copy: Path) -> str | None:
    with closing(open_car(copy)) as plain:
        others = len(car.tags) + car.left_out.total() - len(plain.tags)
    if not others:
        return None
    unknown = ", ".join(sorted(car.left_out))
    why = f"; mint cannot compute {unknown}, by which some are named" if unknown else ""
    blocks = f"{others:,} block{'s' * (others > 1)}"
    return f"left out    {blocks} not below ipfs://{cid_text(car.root)}{why}"
