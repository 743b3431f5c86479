"""The runtimes a collection may use: the one it was begun with, or what the artist agreed to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import ValidationError

from mint.document import Document, sha256
from mint.errors import RuntimeChanged
from mint.plan.difference import difference
from mint.plan.recipe import Runtime
from mint.stages import OnRuntime
from mint.store import Store


class Runtimes(Document):
    """The runtimes that painted a collection's pictures; the last one paints here and now."""

    known: tuple[Runtime, ...]

    @property
    def current(self) -> Runtime:
        """What runs here and now."""
        return self.known[-1]


def choose_runtime(
    store: Store,
    step: str,
    model: str,
    runs_here: Callable[[Runtime | None], Runtime],
    on_runtime: OnRuntime,
) -> Runtimes:
    """The runtimes this collection may use; raises RuntimeChanged where nobody has chosen.

    A CPU's thread count and the batch change the last bit of a sum, so `runs_here` is called with
    the runtime of the build before, and takes its numbers. Pictures of one collection are not
    enlarged to several sizes.
    """
    key = sha256(model.encode())
    memo = store.recall(step, key)
    before = _parse(memo)
    here = runs_here(before.current if before else None)
    if before is None or on_runtime == "new":
        choice = Runtimes(known=(here,))
    elif here in before.known:
        choice = Runtimes(known=(*(r for r in before.known if r != here), here))
    elif on_runtime == "mixed":
        choice = Runtimes(known=(*(r for r in before.known if r.scale == here.scale), here))
    else:
        raise RuntimeChanged(
            f"this collection was begun with another {step}: {difference(before.current, here)}",
            hint="`mint build FILE --runtime mixed` keeps what is painted and goes on here, "
            "`mint build FILE --runtime new` paints all of it here; or go back to the old one",
        )
    if choice != before:
        store.remember(step, key, choice.canonical())
    return choice


def with_batch(store: Store, step: str, model: str, runtimes: Runtimes, batch: int) -> Runtimes:
    """The same, of which the last paints so many pictures at once, if that is for the record."""
    here = runtimes.current
    if here.device is None or here.batch == batch:
        return runtimes
    # Machines that paint beside this one (with_others) have tried no batch of their own.
    earlier = (each if each.batch else _many(each, batch) for each in runtimes.known[:-1])
    result = Runtimes(known=(*earlier, _many(here, batch)))
    store.remember(step, sha256(model.encode()), result.canonical())
    return result


def _many(runtime: Runtime, batch: int) -> Runtime:
    """The same, painting so many pictures at once, if that is for the record."""
    return runtime if runtime.device is None else runtime.model_copy(update={"batch": batch})


def with_others(
    store: Store, step: str, model: str, runtimes: Runtimes, others: Sequence[Runtime]
) -> Runtimes:
    """The same, with `others` that paint beside the current one."""
    before = (each for each in runtimes.known[:-1] if each not in others)
    result = Runtimes(known=(*before, *others, runtimes.current))
    store.remember(step, sha256(model.encode()), result.canonical())
    return result


def _parse(memo: bytes | None) -> Runtimes | None:
    try:
        return Runtimes.parse(memo) if memo else None
    except ValidationError:  # written by another version of mint: as good as absent
        return None
