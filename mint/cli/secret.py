"""`mint sale secret export|import`: the secret of a draw, to another place or computer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from mint.cli.say import File, Network, WalletChoice, hidden_input, quoted, say, tell

_HELP = """Copy the secret of a sale's draw to another place, encrypted.

Whoever has the secret can reveal the order, and nobody else can. Your wallet makes it again by
itself; where it cannot, the secret lies in an encrypted file beside your wallets, and a launch asks
you to copy it. If the secret is lost before the reveal, every buyer takes the money back and you
get nothing. Show it to nobody before that: it tells which token will show which picture.
"""

on_secret = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)


@on_secret.command("export")
def export(
    file: File,
    backup: Annotated[
        Path, typer.Argument(help="The file to write; it must not exist yet.", show_default=False)
    ],
    network: Network = None,
    wallet: WalletChoice = None,
) -> None:
    """Write the secret of a deployed sale to a file, encrypted with a password that you choose."""
    from mint.errors import ChainError
    from mint.sale.locate import locate, open_sale
    from mint.sale.secret import find_secret
    from mint.sale.secret_file import export_secret

    sale = locate(str(file), network)
    if sale.manifest is None:
        raise ChainError(
            "the secret is found by the collection, not by an address",
            hint="mint sale secret export collection.yaml BACKUP",
        )
    ask = hidden_input()
    with open_sale(sale, os.environ, ask, wallet, say) as account:
        secret = find_secret(account, sale.manifest, os.environ, ask)
    export_secret(secret, sale.manifest, backup, os.environ, ask)
    tell(f"written     {quoted(backup)}, encrypted; only its password opens it")
    tell(f"elsewhere   mint sale secret import {quoted(backup)}")


@on_secret.command("import")
def import_(
    backup: Annotated[
        Path,
        typer.Argument(help="A file that `mint sale secret export` wrote.", show_default=False),
    ],
) -> None:
    """Take over a secret: then `mint sale reveal` works here, with any wallet."""
    from mint.sale.secret_file import import_secret

    file, path = import_secret(backup, os.environ, hidden_input())
    tell(f"secret      of {file.collection} on {file.network}, deployed by {file.owner}")
    tell(f"lies in     {path}")
