"""The `mint` command: parse, call, print, exit code. The only folders that prints or exits."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mint.cli.ipfs import pin, preview, repin
from mint.cli.sale import on_sale
from mint.cli.say import File, Network, inert, quoted, say, tell
from mint.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import TaskID

    from mint.chain.deployment import Deployment
    from mint.errors import MintError
    from mint.record.manifest import Manifest

app = typer.Typer(
    help="From one collection.yaml to a painted, pinned, minted and provable NFT collection.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(on_sale, name="sale")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The collection's name; also the folder's.")],
) -> None:
    """Write NAME/collection.yaml, with comments, to start from, and schema.json for your editor."""
    from mint.spec.starter import starter

    path = starter(name, Path.cwd())
    print(path)
    say(f"next: mint check {quoted(path)}")


@app.command()
def check(file: File) -> None:
    """Validate FILE and show the plan; loads no model and paints nothing."""
    from mint.check import preflight

    for line in preflight(file):
        tell(line)


@app.command()
def build(
    file: File,
    until: Annotated[Stage, typer.Option(help="Stop after this stage.")] = "mint",
    network: Network = None,
    runtime: Annotated[
        Literal["refuse", "mixed", "new"],
        typer.Option(help="When other libraries or hardware painted what is there already."),
    ] = "refuse",
    json: Annotated[bool, typer.Option("--json", help="Print the manifest.")] = False,
) -> None:
    """Plan, paint, curate, describe, publish, deploy and mint FILE; go on where it stopped."""
    from getpass import getpass

    from mint.build import Options, build

    ask = getpass if sys.stdin.isatty() else None
    options = Options(until, network, runtime, environ=os.environ, ask_password=ask)
    with _progress() as show:
        manifest, job = build(file, options, show)
    for digest in job.store.rotten:
        say(f"mended: object {digest[:12]} was corrupt on disk and was made again")
    if json:
        sys.stdout.write(manifest.canonical().decode() + "\n")
    else:
        for line in _summary(manifest, file, job.folders.report, network):
            tell(line)


@app.command()
def verify(
    target: Annotated[str, typer.Argument(help="A collection.yaml, or a contract's address.")],
    sample: Annotated[int, typer.Option(min=0, help="How many tokens to paint again.")] = 4,
    network: Network = None,
    download: Annotated[
        int | None,
        typer.Option(
            min=1, help="Most MB to take from a gateway; else 4 for each token.", show_default=False
        ),
    ] = None,
) -> None:
    """Prove a build, or a deployed address: digests, CIDs, rarity, chain, and pixels again."""
    from mint.verify.verify import prove

    proofs = prove(target, sample=sample, network=network, environ=os.environ, download=download)
    for claim in proofs:
        tell(f"ok  {claim}")


app.command()(pin)
app.command()(repin)
app.command()(preview)


@app.command()
def raffle(
    file: Annotated[Path, typer.Argument(help="CSV: wallet,tickets.", show_default=False)],
    places: Annotated[int, typer.Option(help="How many places there are to win.", min=1)],
    seed: Annotated[str, typer.Option(help="32 bytes in hex that nobody knew: a block's hash.")],
    most: Annotated[int, typer.Option(help="Places a wallet may win.", min=1, max=255)] = 1,
) -> None:
    """Draw an allowlist from FILE and print it; the same seed gives everybody the same winners."""
    from mint.sale.allowlist import MOST_TICKETS, read_list, read_seed, root
    from mint.sale.allowlist import raffle as draw

    won = draw(read_list(file, MOST_TICKETS), read_seed(seed), places, most)
    print("wallet,cap")
    for wallet, cap in won.items():
        print(f"{wallet},{cap}")
    say(f"{len(won)} wallets, root 0x{root(won).hex()}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of collection.yaml, for editors."""
    import json

    from mint.spec.schema import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))


def _summary(manifest: Manifest, file: Path, report: Path, network: str | None) -> Iterator[str]:
    redrawn = sum(1 for token in manifest.tokens if token.attempt)
    done = f"{redrawn} redrawn" if manifest.tokens else "planned, none painted"
    yield f"{manifest.collection.name}: {_tokens(manifest.collection.supply)}, {done}"
    if manifest.provenance:
        yield f"provenance  {manifest.provenance}"
    if manifest.publication:
        yield f"root        ipfs://{manifest.publication.root}"
    if manifest.deployment:
        yield f"contract    {manifest.deployment.address} on {manifest.deployment.network}"
        yield from _gas(manifest.deployment, sale=manifest.collection.sale is not None)
    if manifest.tokens:
        yield f"report      {report}"
        yield f"prove it    mint verify {quoted(file)}{_on(network)}"


def _gas(deployment: Deployment, *, sale: bool) -> Iterator[str]:
    """What it cost; in a sale each step, of which several people took some several times."""
    from mint.chain.deployment import steps

    if not sale:
        yield f"gas         {sum(sent.gas for sent in deployment.transactions):,}"
        return
    for verb, costs in steps(deployment).items():
        times = f" at most, {len(costs)} times" if len(costs) > 1 else ""
        yield f"gas         {max(costs):>9,}  {verb}{times}"


def _tokens(number: int) -> str:
    return "1 token" if number == 1 else f"{number} tokens"


def _on(network: str | None) -> str:
    """The option again; a URL without what may be secret in it."""
    from mint.urls import masked

    if network is None:
        return ""
    return f" --network {masked(network) if '://' in network else network}"


class _progress:
    """A bar for each stage on stderr; silent when stderr is no terminal."""

    def __enter__(self) -> Callable[[Stage, int, int], None]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeElapsedColumn as Elapsed

        console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description:9}"),
            BarColumn(),
            MofNCompleteColumn(),
            Elapsed(),
            console=console,
            disable=not console.is_terminal,
        )
        self._bars.start()
        tasks: dict[Stage, TaskID] = {}

        def tell(step: Stage, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = self._bars.add_task(step, total=total)
            self._bars.update(tasks[step], completed=done, total=total)

        return tell

    def __exit__(self, *_: object) -> None:
        self._bars.stop()


def _fail(error: MintError) -> int:
    """One red line (or a list of them) and what to do next."""
    red, plain = ("\x1b[31m", "\x1b[0m") if sys.stderr.isatty() else ("", "")
    print(f"{red}{inert(str(error), keep=chr(10))}{plain}", file=sys.stderr)
    if error.hint:
        say(f"try: {error.hint}")
    return 1


def main() -> None:
    """Run the command line; exit 1 on what the user can mend, a trace on a bug."""
    from mint.errors import MintError

    try:
        app()
    except MintError as error:
        sys.exit(_fail(error))
    except SystemExit as ended:
        if ended.code == 130:  # what typer makes of Ctrl-C
            say("stopped; the same command goes on from here")
        raise
