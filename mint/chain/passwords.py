"""Where the password of an encrypted file comes from: a file, the environment, a keyring, a prompt.

No message has a password in it, and none is ever printed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from mint.errors import ChainError

T = TypeVar("T")
Ask = Callable[[str], str]  # a question -> what the user typed, which is not echoed
FILE, PLAIN = "MINT_KEYSTORE_PASSWORD_FILE", "MINT_KEYSTORE_PASSWORD"
SHORTEST = 8  # characters of a new password
_TRIES = 3
_HINT = f"run it in a terminal, or set {FILE} to a file with the password, only yours to read"


class WrongPassword(ChainError):
    """A password that does not open an encrypted file."""


def unlocked(
    name: str, environ: Mapping[str, str], ask: Ask | None, unlock: Callable[[str], T]
) -> T:
    """What `unlock` makes of the password of the file called `name`.

    That is the first line of the file MINT_KEYSTORE_PASSWORD_FILE, else MINT_KEYSTORE_PASSWORD,
    else the system's keyring (`keyring set mint wallet-NAME`), else what `ask` returns, which may
    be mistyped twice. Raises ChainError, and what `unlock` does.
    """
    password = password_without_asking(name, environ)
    if password is not None:
        return unlock(password)
    if ask is None:
        raise ChainError(f"{name} needs its password", hint=_HINT)
    return typed(name, ask, unlock)


def typed(name: str, ask: Ask, unlock: Callable[[str], T]) -> T:
    """What `unlock` makes of a password that somebody types; a wrong one is asked for again."""
    question = f"password of {name}: "
    for _ in range(_TRIES - 1):
        try:
            return unlock(ask(question))
        except WrongPassword:
            question = f"that was not it. The password of {name}: "
    return unlock(ask(question))


def password_source(environ: Mapping[str, str]) -> str | None:
    """Where a password is set for every file, in words; None where it is asked for."""
    if environ.get(FILE):
        return f"the first line of the file that {FILE} names"
    return None if environ.get(PLAIN) is None else f"what {PLAIN} says"


def new_password(name: str, environ: Mapping[str, str], ask: Ask | None) -> str:
    """The password for a new file, asked twice, or from the environment; raises ChainError."""
    password = _from_environment(environ)
    if password is None and ask is not None:
        password = _asked_twice(name, ask)
    if password is None:
        raise ChainError(f"{name} needs a password", hint=_HINT)
    if len(password) < SHORTEST:
        raise ChainError(
            f"a password of {len(password)} characters is soon guessed",
            hint=f"choose one of {SHORTEST} or more: a few unrelated words are good",
        )
    return password


def password_without_asking(name: str, environ: Mapping[str, str]) -> str | None:
    """The password that is set for `name`, None if it must be asked for; raises ChainError."""
    password = _from_environment(environ)
    return _from_keyring(name) if password is None else password


def _asked_twice(name: str, ask: Ask) -> str:
    """The last of a few tries may be too short: the caller refuses it."""
    prompt = f"new password for {name} (at least {SHORTEST} characters): "
    question, password = prompt, ""
    for _ in range(_TRIES):
        password = ask(question)
        if len(password) < SHORTEST:
            question = f"that is too short. A {prompt}"
        elif ask("the same again: ") == password:
            return password
        else:
            question = f"the two differ. A {prompt}"
    if len(password) < SHORTEST:
        return password
    raise ChainError("the two passwords differ", hint="run the same command again")


def _from_environment(environ: Mapping[str, str]) -> str | None:
    if name := environ.get(FILE):
        return _first_line(Path(name))
    return environ.get(PLAIN)


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
                raise ChainError(
                    f"others can read {path}, which holds a password", hint=f"chmod 600 {path}"
                )
            return file.readline().rstrip("\r\n")
    except OSError as error:
        raise ChainError(
            f"{FILE} cannot be read: {error.strerror}", hint=f"mend {FILE}, or unset it"
        ) from None
    except UnicodeDecodeError:  # the error itself quotes what it read
        raise ChainError(f"{path} is no text", hint=f"write the password into {path}") from None


def _from_keyring(name: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password("mint", f"wallet-{name}")
    except KeyringError:  # there is none here, or it is locked
        return None
