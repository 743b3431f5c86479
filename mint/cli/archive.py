"""`mint archive`: the whole collection on Arweave, paid once."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.drawing import drawn_progress
from mint.cli.say import File, hidden_input, say, tell
from mint.counting import size

if TYPE_CHECKING:
    from mint.pinning.archive import Archive


def archive(
    file: File,
    wallet: Annotated[
        str | None,
        typer.Option(
            help="Who signs: the name of a wallet that `mint wallet list` shows. Without it: your "
            "only wallet.",
            show_default=False,
        ),
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Upload it, after a question. Without it: only look.")
    ] = False,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes",
            help="With --send: do not ask first. Where the price is unknown, nothing is sent.",
        ),
    ] = False,
) -> None:
    """Put FILE's whole collection on Arweave, which is paid once and keeps it for ever.

    Says what it would cost, for which it needs no wallet, and stops there; --send uploads
    build/NAME/collection.car as one file through ArDrive's Turbo, reads it back and compares it.
    Your Ethereum wallet signs it and pays with Turbo credits, which you buy with a card or with
    coins. Tokens keep their ipfs:// addresses: an archive is what `mint repin ar://... --to
    SERVICE` brings the collection back from, should every pinning service lose it. What is
    archived cannot be deleted, by anybody.
    """
    from mint.chain.wallet import has_wallet, own_wallet
    from mint.pinning.archive import estimate, prepare, upload_archive
    from mint.pinning.uploading import Uploading
    from mint.record.folders import folders_of
    from mint.spec.load import load

    folders = folders_of(file, load(file)[0])
    if not send and wallet is None and not has_wallet(os.environ):
        for line in estimate(folders, os.environ):
            tell(line)
        say("nothing was sent; --send uploads it, once there is a wallet")
        return
    signer = own_wallet(os.environ, hidden_input(), wallet)
    with drawn_progress() as news:
        news("checking", 0, 1)
        prepared = prepare(folders, signer, os.environ)
        news("checking", 1, 1)
    for line in prepared.lines():
        tell(line)
    if not send:
        say("nothing was sent; --send uploads it")
        return
    _ask(prepared, yes=yes)
    with drawn_progress() as news:
        hear = Uploading(news, news.note)
        gateway = upload_archive(prepared, folders, os.environ, hear=hear)
    tell(f"archived    ar://{prepared.item.identifier}, read back through {gateway}")


def _ask(archive: Archive, *, yes: bool) -> None:
    from mint.errors import PublishError

    unknown = archive.price if isinstance(archive.price, PublishError) else None
    if unknown and (yes or not sys.stdin.isatty()):
        raise PublishError(
            f"nothing was sent, because the price is unknown: {unknown}",
            hint=f"{unknown.hint or 'run the same command again later'}; to upload at an unknown "
            "price, run it in a terminal without --yes, which asks first",
        )
    if yes:
        return
    if not sys.stdin.isatty():
        raise PublishError(
            "an archive is for ever, and nobody can be asked",
            hint="run it in a terminal, or add --yes",
        )
    amount = size(archive.item.size)
    question = f"Upload {amount} to Arweave, for ever?"
    if unknown:
        question = f"The price is unknown. Upload {amount} to Arweave all the same, for ever?"
    try:
        agreed = typer.confirm(question, default=False, err=True)
    except typer.Abort:  # Ctrl-C, or the end of what is typed
        agreed = False
    if not agreed:
        raise PublishError("nothing was sent", hint="run the same command again when you want to")
