"""Whether a sale's dates still can be kept, asked before hours of painting."""

from __future__ import annotations

from mint.errors import CollectionError
from mint.spec.collection import Collection
from mint.spec.sale_times import LONGEST, deadline, moment, windows


def refuse_past(collection: Collection, now: int, where: str) -> None:
    """Raise CollectionError for a sale with a phase that is over, which no contract takes.

    `now` is the time in Unix seconds on the chain that messages call `where`.
    """
    sale = collection.sale
    if sale is None:
        return
    for phase, (_, end) in zip(sale.phases, windows(sale), strict=True):
        if end <= now:
            raise CollectionError(
                f'the phase "{phase.name}" ended at {moment(end)} UTC, and on {where} it is '
                f"{moment(now)}: no contract is deployed with a phase that is over",
                hint="write times to come under sale.phases, then run the same command",
            )


def refuse_far(collection: Collection, now: int, where: str) -> None:
    """Raise CollectionError where buyers would wait for more than a year, as the contract does."""
    sale = collection.sale
    if sale is not None and deadline(sale) > now + LONGEST:
        raise CollectionError(
            f"the reveal is due at {moment(deadline(sale))} UTC, more than a year from now, "
            f"{moment(now)} on {where}: buyers would wait too long for it, or for their money",
            hint="set sale.reveal_by, and the phases, sooner; or deploy later",
        )
