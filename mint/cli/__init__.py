"""The `mint` command: parse, call, print, exit code. The only folder that prints or exits."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from mint.cli.archive import archive
from mint.cli.banner import banner
from mint.cli.build import build
from mint.cli.check import check
from mint.cli.compare import compare
from mint.cli.decide import keep, redraw, reject
from mint.cli.ipfs import pin, preview, repin
from mint.cli.launch import launch
from mint.cli.mint import mint
from mint.cli.new import new
from mint.cli.origin import certificate, provenance
from mint.cli.prompts import prompts
from mint.cli.raffle import raffle
from mint.cli.retouch import retouch
from mint.cli.sale import on_sale
from mint.cli.say import inert, say
from mint.cli.status import status
from mint.cli.tryout import tryout
from mint.cli.tune import tune
from mint.cli.vary import blend, vary
from mint.cli.verify import verify
from mint.cli.wallet import on_wallet

if TYPE_CHECKING:
    from mint.errors import MintError

# In the order in which an artist meets them.
ORDER = (
    *("new", "prompts", "check", "try", "build", "preview", "keep", "redraw", "reject"),
    *("retouch", "vary", "blend", "banner"),
    "compare",
    "tune",
    *(
        "wallet",
        "launch",
        "mint",
        "status",
        "sale",
        "verify",
        "provenance",
        "certificate",
        "pin",
        "repin",
        "archive",
    ),
    *("raffle", "schema"),
)


class Commands(TyperGroup):
    """The commands in ORDER; typer would put groups last."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names. `ctx` is click's, or that of the copy of click inside newer typers."""
        return sorted(super().list_commands(ctx), key=ORDER.index)


app = typer.Typer(
    cls=Commands,
    help="Turn one file, collection.yaml, into a painted, published and minted NFT collection.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(on_sale, name="sale")
app.add_typer(on_wallet, name="wallet")


def _print_version(request: bool) -> None:
    if request:
        from importlib.metadata import version

        print(f"mint {version('mint')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print mint's version."
        ),
    ] = False,
) -> None:
    """Options that need no command."""


app.command()(new)
app.command()(prompts)
app.command()(check)
app.command("try")(tryout)


app.command()(build)
app.command()(launch)
app.command()(status)
app.command()(mint)
app.command()(preview)
app.command()(keep)
app.command()(redraw)
app.command()(reject)
app.command()(banner)
app.command()(retouch)
app.command()(vary)
app.command()(blend)
app.command()(compare)
app.command()(tune)


app.command()(verify)
app.command()(provenance)
app.command()(certificate)
app.command()(pin)
app.command()(repin)
app.command()(archive)
app.command()(raffle)


@app.command()
def schema() -> None:
    """Print what collection.yaml may say, as a JSON Schema for editors."""
    import json

    from mint.spec.schema import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))


def _fail(error: MintError) -> int:
    """One red line (or a list of them) and what to do next."""
    red, plain = ("\x1b[31m", "\x1b[0m") if sys.stderr.isatty() else ("", "")
    print(f"{red}{inert(str(error), keep=chr(10))}{plain}", file=sys.stderr)
    if error.hint:
        say(f"try: {error.hint}")
    return 1


def _stopped(command: str) -> str:
    """What to expect of the same command after Ctrl-C."""
    if command == "preview":
        return "stopped"
    if command not in ("pin", "repin"):
        return "stopped; the same command goes on from here"
    return (
        "stopped; the same command goes on with a large upload to pinata or filebase; it begins "
        "any other upload anew, and --check, too"
    )


def main() -> None:
    """Run the command line; exit 1 on what the user can mend, a trace on a bug."""
    from mint.errors import MintError

    try:
        app(prog_name="mint")
    except MintError as error:
        sys.exit(_fail(error))
    except SystemExit as ended:
        if ended.code == 130:  # what typer makes of Ctrl-C
            say(_stopped(next((word for word in sys.argv[1:] if word[:1] != "-"), "")))
        raise
