"""What is pinned of a collection -> whether each service still has it, in words and as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import open_car
from mint.pinning.check import Progress, check_all
from mint.pinning.http import PATIENCE, Patience
from mint.pinning.pin import doors_of
from mint.pinning.providers import providers_line
from mint.pinning.published import published
from mint.pinning.read_back import read_back


class Outcome(NamedTuple):
    """Whether a service has a collection: a line to print, a record for scripts, what is wrong."""

    service: str
    line: str
    record: dict[str, Any]
    error: PublishError | None = None


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

    `whole` fetches every block, else a sample drawn at random. A service that fails does not keep
    the others from being checked. Raises MintError where there is nothing to check.
    """
    _, keepers, cars = published(file, to)
    for root, car in cars:
        for service in keepers:
            try:
                if whole:
                    yield _whole(car, service, environ, patience, progress)
                else:
                    proof = read_back(car, service, doors_of(service, environ), patience)
                    line = f"checked     ipfs://{root} at {service}: {proof.line}"
                    yield Outcome(service, line, {"ok": True} | proof.record)
            except PublishError as error:
                record = {"service": service, "root": root, "ok": False, "error": str(error)}
                yield Outcome(service, str(error), record, error)
        if providers := providers_line(root, environ):
            record = {"root": root, "providers": providers}
            yield Outcome("", f"providers   {providers}", record)


def _whole(
    car: Path, service: str, environ: Mapping[str, str], patience: Patience, progress: Progress
) -> Outcome:
    with closing(open_car(car)) as opened:
        checks = check_all(opened, service, doors_of(service, environ), patience, progress)
    last, said = checks[-1], "; ".join(check.line for check in checks)
    line = f"checked     ipfs://{last.root} at {service}: {said}"
    error = PublishError(said, hint=_remedy(service)) if last.gaps else None
    return Outcome(service, line, {"ok": error is None} | last.record, error)


def _remedy(service: str) -> str:
    second = "and have a second service keep it, too: storage: {pin: [one, another]}"
    if service in ("kubo", "dag-import"):
        return (
            f"pin it again (mint pin FILE --to {service}): what is missing is sent, and the "
            f"addresses stay; {second}"
        )
    return (
        "a gateway may have failed where the service has not: try the service's own "
        f"(IPFS_GATEWAY); else show {service} these CIDs, since it says that it has them; {second}"
    )
