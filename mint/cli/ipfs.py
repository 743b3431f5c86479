"""`mint pin`, `mint repin` and `mint preview`: what was built, for others and for oneself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.car_file import car_file
from mint.cli.drawing import drawn_progress
from mint.cli.say import File, quoted, say, tell
from mint.spec.services import ABOUT, named
from mint.stages import underway

if TYPE_CHECKING:
    from mint.cli.progress import News
    from mint.pinning.outcome import Outcome
    from mint.pinning.patience import Patience
    from mint.pinning.uploading import Uploading

SERVICES = ". ".join(f"{name}: {text}" for name, text in ABOUT.items()) + "."
SEVERAL = f"{SERVICES} May be given several times."


def service(name: str) -> str:
    """The name of a pinning service, as typed."""
    if name in ABOUT:
        return name
    names = name.split(",")
    if len(names) > 1 and all(each.strip() in ABOUT for each in names):
        several = " ".join(f"--to {each.strip()}" for each in names)
        raise typer.BadParameter(f"name each service by itself: {several}")
    from mint.spec.spelling import meant

    likely = meant(name, [*ABOUT])
    hint = f": did you mean {likely}?" if likely else f": choose one of {', '.join(ABOUT)}"
    raise typer.BadParameter(f"{name!r} is no service{hint}")


def _all(word: str) -> str:
    if word == "all":
        return word
    raise typer.BadParameter(f"{word!r} is not `all`; FILE comes first: mint pin FILE --check all")


NAMES = f"<{'|'.join(ABOUT)}>"


def pin(
    file: File,
    everything: Annotated[
        str | None,
        typer.Argument(
            metavar="all",
            parser=_all,
            help="With --check: every block, not a sample.",
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            metavar=NAMES,
            parser=service,
            help=f"{SEVERAL} Without it: what `storage.pin` in FILE names.",
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Upload nothing: fetch 12 files, drawn at random, from each service, and compare "
            "them. `--check all` fetches everything, as often as you like: for cron, say.",
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="With --check: print it as JSON.")] = False,
) -> None:
    """Put FILE's pictures and metadata on IPFS, at services that keep them online ("pin" them).

    Uploads build/NAME/collection.car, which holds all of them in one file, then downloads a few
    of the pictures from IPFS and compares them. Of a sale that is not revealed yet it uploads the
    placeholder alone. You may run it again at any time: what a service has is not uploaded twice.
    With several services, one that fails does not stop the others.
    """
    from mint.pinning.published import outdated, pin_collection

    if (everything or json) and not check:
        raise typer.BadParameter("`all` and --json belong to --check")
    if file.suffix == ".car":
        names = to or ["SERVICE"]
        raise typer.BadParameter(
            f"{file} is a CAR, and FILE a collection.yaml: mint repin {quoted(file)} "
            f"{' '.join(f'--to {name}' for name in names)}"
        )
    if warning := outdated(file):
        say(warning)
    if check:
        _check(file, to or [], whole=everything == "all", json=json)
        return
    with _news_of_upload() as (news, hear, patience):
        for line in pin_collection(file, to or [], os.environ, hear, patience):
            news.interrupt(partial(tell, line))


@contextmanager
def _news_of_upload() -> Iterator[tuple[News, Uploading, Patience]]:
    """What is drawn while something is hashed, uploaded, waited for and read back."""
    from mint.pinning.patience import PATIENCE
    from mint.pinning.uploading import Uploading

    with drawn_progress(fleeting=True) as news, underway(news, "checking"):
        yield news, Uploading(news, news.note), PATIENCE._replace(note=news.note)


def _check(file: Path, to: list[str], *, whole: bool, json: bool) -> None:
    """Print what came back of each service; exit code 1, with each one's reason, if not all."""
    from mint.pinning.outcome import check_collection
    from mint.pinning.patience import PATIENCE
    from mint.pinning.pin import together

    outcomes: list[Outcome] = []
    with drawn_progress(fleeting=True) as news:
        progress = partial(news, "checking")
        progress(0, 1)  # a sample is not counted
        patience = PATIENCE._replace(note=news.note)
        for outcome in check_collection(
            file, to, os.environ, whole=whole, progress=progress, patience=patience
        ):
            outcomes.append(outcome)
            if outcome.error is None and not json:
                news.interrupt(partial(tell, outcome.line))
    if json:
        tell(dumps({"version": 1, "checks": [outcome.record for outcome in outcomes]}))
    failures = [(each.service, each.error) for each in outcomes if each.error is not None]
    if failures:
        if json:  # which has said why
            names = named(list(dict.fromkeys(service for service, _ in failures)))
            say(f"error: not all of it is sure to be kept at: {names}")
            raise typer.Exit(1)
        of = len({each.service for each in outcomes if each.service})
        raise together(failures, of, "not sure to keep all of it")


def repin(
    car: Annotated[
        Path,
        typer.Argument(
            help="The collection.car that mint build wrote, or ar://... as mint archive said.",
            show_default=False,
        ),
    ],
    to: Annotated[
        list[str],
        typer.Option(metavar=NAMES, parser=service, help=SEVERAL, show_default=False),
    ],
    root: Annotated[
        str | None,
        typer.Option(
            metavar="CID",
            help="Which of the folders in CAR, where another tool packed several into one.",
        ),
    ] = None,
) -> None:
    """Put a collection on IPFS at other services, from its CAR alone.

    CAR is the one file in which mint build puts all pictures and metadata,
    build/NAME/collection.car; neither collection.yaml nor the pictures are needed. The
    collection's addresses (ipfs://...) stay the same.
    """
    from mint.pinning import published

    car = car_file(car)
    with _news_of_upload() as (news, hear, patience):
        for line in published.repin(car, to, os.environ, root, hear, patience):
            news.interrupt(partial(tell, line))


def preview(
    file: File,
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65_535, help="The port of the address that it prints; 0: any free one."
        ),
    ] = 0,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the report in your browser.")
    ] = True,
) -> None:
    """Show your collection in your browser: the report, or the pictures as they are painted.

    Start it before or during a build, in a second terminal, and the page at /live shows each
    picture as it comes, with what was said of it. Buttons and keys (K, R, X) keep a picture, have
    it painted again, or reject it, as mint keep, mint redraw and mint reject do. What is packed
    for IPFS can be had at its ipfs:// path: /ipfs/CID/ lists a folder, as on a gateway.

    Uploads nothing: the address it prints works on this machine alone, until you press Ctrl-C.
    """
    import webbrowser

    from mint.preview.server import serve
    from mint.record.folders import folders_of
    from mint.spec.load import load

    folders = folders_of(file, load(file)[0])
    with serve(folders.car, folders.report, port, folders) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        print(url, flush=True)
        say("Ctrl-C stops it")
        if open_browser:
            webbrowser.open(url)
        server.serve_forever()
