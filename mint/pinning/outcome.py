"""What is pinned of a collection -> whether each service still has it, in words and as data."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import open_car
from mint.pinning.check import Progress, Whole, check_all
from mint.pinning.gap import Incomplete, copy_here, remedy
from mint.pinning.http import PATIENCE, Patience
from mint.pinning.journal import was_pinned
from mint.pinning.patience import waited_for
from mint.pinning.pin import PINNERS, doors_of
from mint.pinning.providers import providers_line
from mint.pinning.published import launched_cars, published
from mint.pinning.read_back import caveat, read_back


class Outcome(NamedTuple):
    """Whether a service has a collection: a line to print, a record for scripts, what is wrong."""

    service: str
    line: str
    record: dict[str, Any]
    error: PublishError | None = None


class _Listed(NamedTuple):
    """What a service's own list of pins says of a root, in words; whether it was asked at all."""

    words: str
    asked: bool


def check_collection(
    file: Path,
    to: Sequence[str],
    environ: Mapping[str, str],
    *,
    whole: bool,
    progress: Progress,
    patience: Patience = PATIENCE,
) -> Iterator[Outcome]:
    """Read back what is pinned of `file` at the services `to` or its own; uploads nothing.

    A launch whose tokens lead to another build is read back where mint ever pinned it. A service
    that has a list of pins is asked for it. `whole` fetches every block, else a sample
    drawn at random. A service that fails does not keep the others from being checked. Raises
    MintError where there is nothing to check.
    """
    folders, keepers, cars = published(file, to, "mint pin --check")
    argument = shlex.quote(str(file))
    patience = patience.reading

    def outcomes(root: str, car: Path, services: Sequence[str]) -> Iterator[Outcome]:
        for service in services:
            try:
                if whole:
                    yield _whole(car, root, service, argument, environ, patience, progress)
                else:
                    yield _sample(car, root, service, argument, environ, patience)
            except PublishError as error:
                record = {"service": service, "root": root, "ok": False, "error": str(error)}
                yield Outcome(service, str(error), record, error)

    for root, car in cars:
        yield from outcomes(root, car, keepers)
        if providers := providers_line(root, environ):
            record = {"root": root, "providers": providers}
            yield Outcome("", f"providers   {providers}", record)
    for other in launched_cars(folders, [root for root, _ in cars]):
        # A launch's CAR is pinned by `mint repin`, which writes beside the CAR.
        journals = folders.state / "pins.jsonl", other.car.with_name("pins.jsonl")
        where = [k for k in keepers if any(was_pinned(each, other.root, k) for each in journals)]
        for outcome in outcomes(other.root, other.car, where):
            if outcome.error:
                outcome.error.hint = other.remedy
            yield outcome
        if not where:
            line = (
                f"launched    ipfs://{other.root} on {other.network} was not pinned there by mint"
            )
            yield Outcome("", f"{line}: {other.remedy}", {"root": other.root, "pinned": False})


def _sample(
    car: Path,
    root: str,
    service: str,
    file: str,
    environ: Mapping[str, str],
    patience: Patience,
) -> Outcome:
    listing = _listing(root, service, file, environ, patience)
    try:
        proof = read_back(car, service, doors_of(service, environ), patience)
    except Incomplete as error:
        error.hint = remedy(service, file, root, error.gaps)
        gaps = [gap._asdict() for gap in error.gaps]
        record = {"service": service, "root": root, "ok": False, "asked": listing.asked}
        return Outcome(service, str(error), record | {"error": str(error), "gaps": gaps}, error)
    line = f"checked     ipfs://{root} at {service}: {proof.line}{listing.words}"
    return Outcome(service, line, {"ok": True, "asked": listing.asked} | proof.record)


def _whole(
    car: Path,
    root: str,
    service: str,
    file: str,
    environ: Mapping[str, str],
    patience: Patience,
    progress: Progress,
) -> Outcome:
    listing = _listing(root, service, file, environ, patience)
    with copy_here(service):
        reader = open_car(car)
    with closing(reader):
        result = check_all(reader, service, doors_of(service, environ), patience, progress)
    record = {"asked": listing.asked} | _record(result)
    if gaps := result.check.gaps:
        error = PublishError(result.line, hint=remedy(service, file, root, gaps))
        return Outcome(service, result.line, {"ok": False, "error": str(error)} | record, error)
    sentence = f"{result.line}{caveat(service, result.doors)}{listing.words}"
    return Outcome(
        service, f"checked     ipfs://{root} at {service}: {sentence}", {"ok": True} | record
    )


def _record(result: Whole) -> dict[str, Any]:
    """The result for scripts."""
    check = result.check
    through = result.doors or [check.door]
    return {
        "service": check.service,
        "root": check.root,
        "through": [{"url": door.url, "kind": door.kind} for door in through],
        "blocks": check.blocks,
        "of": check.total,
        "bytes": check.size,
        "streamed": check.streamed,
        "gaps": [gap._asdict() for gap in check.gaps],
        "more_gaps": check.more,
        "troubles": [*(each.line for each in result.others if each.gaps), *result.troubles],
    }


def _listing(
    root: str, service: str, file: str, environ: Mapping[str, str], patience: Patience
) -> _Listed:
    """PublishError where a node of one's own does not answer, or a service does not list `root`.

    A hosted service that cannot be asked is no failure: a script that looks through a gateway
    needs no token.
    """
    lists = PINNERS[service].lists
    note = f"; whether {service} keeps it was not asked"
    if lists is None:
        return _Listed(note, False)
    try:
        with waited_for(service, patience):
            present = lists(root, environ)
    except PublishError as error:
        if service == "kubo":
            raise
        return _Listed(f"{note} ({error})", False)
    if not present:
        raise PublishError(
            f"{service} does not list ipfs://{root} as pinned: what it has of it, it may delete",
            hint=f"pin it: mint pin {file} --to {service}",
        )
    return _Listed(f"; {service} lists it as pinned", True)
