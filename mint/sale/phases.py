"""The phase that a buyer names, by the artist's word for it or by its number, from 1."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from mint.errors import ChainError
from mint.sale.when import when

if TYPE_CHECKING:
    from mint.sale.contract import State
    from mint.sale.locate import DeployedSale


def find_phase(sale: DeployedSale, state: State, now: int, word: str | None) -> int:
    """The index (from 0) of the phase called `word`, or of the one that is open; ChainError.

    `now` is the chain's time in Unix seconds. Phases follow one another, so one is open at most.
    """
    if word is None:
        return _open_phase(sale, state, now)
    matches = [i for i, name in enumerate(sale.names) if name == word] or [
        i for i, name in enumerate(sale.names) if name.casefold() == word.casefold()
    ]
    if len(matches) > 1:
        raise ChainError(
            f"{len(matches)} phases are called {word}",
            hint=f"give its number: --phase {matches[0] + 1}, or --phase {matches[-1] + 1}",
        )
    if matches:
        return matches[0]
    if word.isascii() and word.isdecimal() and 1 <= int(word) <= len(state.phases):
        return int(word) - 1
    raise ChainError(f"the sale has no phase {word!r}", hint=_nearest_phases(sale, state, word))


def _open_phase(sale: DeployedSale, state: State, now: int) -> int:
    for index, phase in enumerate(state.phases):
        if phase.start <= now < phase.end and state.draw.step == "waiting":
            return index
        if now < phase.start:
            raise ChainError(
                f"no phase is open; {sale.name(index)} begins {when(phase.start, now)}",
                hint="buy then, with the same command",
            )
    raise ChainError("the sale is over", hint=sale.command("status"))


def _nearest_phases(sale: DeployedSale, state: State, word: str) -> str:
    """The phases, nearest first."""
    if not sale.names:
        numbers = " or ".join(f"--phase {i + 1}" for i in range(len(state.phases)))
        return f"{numbers}: the chain knows no names, only the artist's collection.yaml does"
    near = difflib.get_close_matches(word, sale.names, n=len(sale.names), cutoff=0)
    return "--phase " + ", or --phase ".join(dict.fromkeys(near))
