"""`mint pin`, `mint repin` and `mint preview`: what was built, for others and for oneself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from mint.cli.say import File, say, tell

Service = Literal["kubo", "filebase", "pinata", "psa"]


def pin(
    file: File,
    to: Annotated[Service | None, typer.Option(help="Else `storage.pin`.")] = None,
) -> None:
    """Have what was built kept on IPFS, and read a sample back; again costs nothing."""
    from mint.pinning.published import pin_build

    for line in pin_build(file, to, os.environ):
        tell(line)


def repin(
    car: Annotated[Path, typer.Argument(help="A CAR that mint wrote.", show_default=False)],
    to: Annotated[Service, typer.Option(help="Who shall keep it.", show_default=False)],
) -> None:
    """Move a collection to another service, from its CAR alone."""
    from mint.pinning import published

    tell(published.repin(car, to, os.environ))


def preview(
    file: File,
    port: Annotated[int, typer.Option(help="0 picks a free one.")] = 0,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = True,
) -> None:
    """Serve the report and the collection's ipfs:// paths on this machine only."""
    import webbrowser

    from mint.preview.server import serve
    from mint.record.folders import folders_of, read_manifest
    from mint.spec.load import load

    folders = folders_of(file, load(file)[0])
    read_manifest(folders.manifest)
    with serve(folders.car, folders.report, port) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        print(url, flush=True)
        say("Ctrl-C stops it")
        if open_browser:
            webbrowser.open(url)
        server.serve_forever()
