"""The pinning services by name: the one list that the file format and the commands share.

What each of them does is in PINNERS, mint/pinning/pin.py.
"""

from __future__ import annotations

from typing import Literal

PinningService = Literal["kubo", "filebase", "pinata", "psa", "dag-import"]
# For help texts.
ABOUT: dict[PinningService, str] = {
    "kubo": "your own IPFS node",
    "filebase": "hosted, takes the upload",
    "pinata": "hosted, takes the upload on a paid plan",
    "psa": "any other with an IPFS Pinning Service API; fetches it from a node that has it",
    "dag-import": "any other that takes a CAR by Kubo's dag/import, such as Lighthouse",
}
