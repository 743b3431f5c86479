"""What the commands share: their arguments, and how they speak."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

File = Annotated[Path, typer.Argument(help="Your collection.yaml.", show_default=False)]
Network = Annotated[
    str | None,
    typer.Option(
        help="Where the contract is: local (a chain inside mint, free), anvil, a test network such "
        "as hoodi, or the URL of a node. Without it: what the file says; an address needs it.",
        show_default=False,
    ),
]
WalletChoice = Annotated[
    str | None,
    typer.Option(
        "--wallet",
        help="Who signs: the name of a wallet that `mint wallet list` shows, or browser: then your "
        "own wallet does, such as MetaMask, in your browser. Without it: your only wallet.",
        show_default=False,
    ),
]
# C0 and C1 controls, and those that turn the direction of what follows.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def say(text: str) -> None:
    """To stderr."""
    print(inert(text, keep="\n"), file=sys.stderr)


def tell(text: str) -> None:
    """To stdout, at once."""
    print(inert(text), flush=True)


def hidden_input() -> Callable[[str], str] | None:
    """Asks for a password, which nobody sees; None where nobody sits at a terminal."""
    from getpass import getpass

    return getpass if sys.stdin.isatty() else None


@contextmanager
def said_when_slow(text: str, seconds: float = 2.0) -> Iterator[None]:
    """To stderr if the block takes longer: nothing is silent for long."""
    timer = threading.Timer(seconds, say, [text])
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def inert(text: str, keep: str = "") -> str:
    """Control characters as \\x1b: a stranger's words must not drive the terminal."""
    return "".join(c if c in keep or not _CONTROLS.match(c) else ascii(c)[1:-1] for c in text)


def quoted(path: Path) -> str:
    """A path as one types it: from the current folder, or whole if that is shorter."""
    import shlex

    return shlex.quote(min(os.path.relpath(path), os.path.abspath(path), key=len))
