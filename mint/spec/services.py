"""The pinning services by name: the one list that the file format and the commands share.

What each of them does is in PINNERS, mint/pinning/pin.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

PinningService = Literal["kubo", "filebase", "pinata", "psa", "dag-import"]
# What `storage.pin` says: nobody, one service, or several.
Keepers = Literal["none", PinningService] | tuple[PinningService, ...]
# For help texts.
ABOUT: dict[PinningService, str] = {
    "kubo": "your own IPFS node",
    "filebase": "hosted, takes the upload",
    "pinata": "hosted, takes the upload on a paid plan",
    "psa": "any other with an IPFS Pinning Service API; fetches it from a node that has it",
    "dag-import": "any other that takes a CAR by Kubo's dag/import, such as Lighthouse",
}


def services(pin: Keepers) -> tuple[PinningService, ...]:
    """The services that `storage.pin` names, in the file's order; () for none."""
    if isinstance(pin, tuple):
        return pin
    return () if pin == "none" else (pin,)


def named(names: Iterable[str]) -> str:
    """Several names in a sentence: `kubo`, `kubo and pinata`, `kubo, psa and pinata`."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
