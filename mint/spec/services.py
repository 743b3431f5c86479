"""The pinning services by name: the one list that the file format and the commands share.

What each of them does is in PINNERS, mint/pinning/pin.py.
"""

from __future__ import annotations

from typing import Literal

PinningService = Literal["kubo", "filebase", "pinata", "psa"]
