"""Whether c2pa-python is installed, which signs pictures and reads their signatures."""

from __future__ import annotations

from importlib.util import find_spec

from mint.errors import SigningError

LIBRARY = "c2pa-python"
INSTALL = 'pip install "c2pa-python>=0.38.1,<0.39"'  # releases still move names about


def refuse_without_library() -> None:
    """SigningError unless c2pa-python is installed; imports nothing."""
    if not can_read():
        raise SigningError(
            f"signing pictures needs {LIBRARY}, which is not installed", hint=INSTALL
        )


def can_read() -> bool:
    """Whether signatures can be made and checked here."""
    return find_spec("c2pa") is not None
