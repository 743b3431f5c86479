"""The pinning services by name: the one list that the file format and the commands share.

What each of them does is in PINNERS, mint/pinning/pin.py.
"""

from __future__ import annotations

from typing import Literal

PinningService = Literal["kubo", "filebase", "pinata", "psa"]
# For help texts.
ABOUT: dict[PinningService, str] = {
    "kubo": "your own IPFS node",
    "filebase": "hosted, takes the upload",
    "pinata": "hosted, takes the upload up to 95 MB",
    "psa": "any other with an IPFS Pinning Service API; fetches it from a node that has it",
}
