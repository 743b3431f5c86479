"""`mint build` and `mint launch`: one pipeline, whose end costs something on a network."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from mint.cli.drawing import drawn_progress
from mint.cli.plan import agreeing, show
from mint.cli.say import File, Network, WalletChoice, say, tell
from mint.stages import LEAVES, OnRuntime, Stage

if TYPE_CHECKING:
    from mint.build import Job
    from mint.cli.progress import News
    from mint.launch.consent import Consent
    from mint.launch.plan import Plan
    from mint.record.manifest import Manifest

Until = Annotated[
    Stage,
    typer.Option(
        help="Stop early, to look at what there is; a later build goes on from there. What "
        f"each leaves behind: {'; '.join(f'{stage}: {LEAVES[stage]}' for stage in LEAVES)}."
    ),
]
OtherRuntime = Annotated[
    OnRuntime,
    typer.Option(
        help="What to do when earlier pictures were painted on another kind of computer, or "
        "with other versions of the libraries, which paint slightly differently. refuse: stop "
        "and say so. mixed: keep those pictures and paint the missing ones here. new: paint "
        "all of them here."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before coins are spent: for scripts.")]
Again = Annotated[
    bool,
    typer.Option(
        "--again",
        help="Deploy one more contract of a collection that was launched and then edited. The "
        "first contract, its tokens and its record stay.",
    ),
]
MaxFee = Annotated[
    float | None,
    typer.Option(
        min=0,
        help="The most to pay for gas, in gwei (a billionth of a coin); a transaction that costs "
        "more waits. Without it: MINT_MAX_FEE_GWEI.",
        show_default=False,
    ),
]
Unpinned = Annotated[
    bool,
    typer.Option(
        "--unpinned",
        help="Launch although no service keeps the pictures: marketplaces will show nothing.",
    ),
]


def build(
    file: File,
    until: Until = "mint",
    network: Network = None,
    wallet: WalletChoice = None,
    runtime: OtherRuntime = "refuse",
    yes: Yes = False,
    again: Again = False,
    unpinned: Unpinned = False,
    max_fee: MaxFee = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the whole record as JSON, not a summary.")
    ] = False,
) -> None:
    """Paint the pictures, publish them, and mint the tokens.

    Stop it when you like: the same command goes on where it stopped, and after an edit only what
    the edit changes is done again. Everything lands in the folder build beside the file.

    On the network "local" all of it happens on this computer and costs nothing. On any other one
    it ends as `mint launch` does: with a plan of what it costs, and a question.
    """
    from mint.cli.summary import summary

    with drawn_progress() as news:
        news("loading", 0, 1)  # importing what builds takes a moment, too
        from mint.launch.consent import Consent
        from mint.record.speed import seconds_per_picture

        consent = Consent(
            agreeing(news, yes=yes, form="none" if json else "lines"), again, unpinned
        )
        run = Run(until, network, wallet, max_fee, consent, runtime)
        manifest, job = _build(file, run, news)
    _say_repairs(job)
    if json:
        sys.stdout.write(manifest.canonical().decode() + "\n")
        return
    seconds = seconds_per_picture(job.store, manifest)
    for line in summary(manifest, job.folders, news.counts, until, network, seconds):
        tell(line)


def launch(
    file: File,
    network: Network = None,
    wallet: WalletChoice = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show what would be sent and what it costs; send nothing."),
    ] = False,
    yes: Yes = False,
    again: Again = False,
    unpinned: Unpinned = False,
    unminted: Annotated[
        bool,
        typer.Option(
            "--unminted", help="Deploy the contract and mint nothing yet: see `mint mint`."
        ),
    ] = False,
    max_fee: MaxFee = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the plan as JSON; with --dry-run or --yes.")
    ] = False,
) -> None:
    """Put the collection on a test network: show each step and its cost, ask, then send.

    What is not built yet is built first. Before anything is sent you see every transaction with
    its cost, your balance, who gets money, what can never be changed, and who keeps the pictures;
    each step is tried on the network without sending it. Run it again at any time: it does only
    what is missing. A collection that was launched is remembered in the folder launches beside
    your file, and never gets a second contract by accident.
    """
    if json and not (dry_run or yes):
        raise typer.BadParameter("a plan in JSON is for scripts: add --dry-run or --yes")
    with drawn_progress() as news:
        news("loading", 0, 1)
        from mint.launch.consent import Consent

        consent = Consent(
            agreeing(news, yes=yes, form="json" if json else "lines"), again, unpinned
        )
        run = Run("deploy" if unminted else "mint", network, wallet, max_fee, consent)
        if dry_run:
            plan = _plan(file, run, news)
            news.interrupt(lambda: show(plan, "json" if json else "lines"))
            return
        manifest, job = _build(file, run, news)
    _say_repairs(job)
    if not json:
        from mint.cli.summary import launched

        for line in launched(manifest, job.folders, network):
            tell(line)


class Run(NamedTuple):
    """What the options of a command say."""

    until: Stage
    network: str | None
    wallet: str | None
    max_fee: float | None
    consent: Consent
    runtime: OnRuntime = "refuse"


def _build(file: Path, run: Run, news: News, *, pin: bool = True) -> tuple[Manifest, Job]:
    from mint.build import Options
    from mint.build import build as pipeline

    options = Options(
        until=run.until,
        network=run.network,
        on_runtime=run.runtime,
        environ=os.environ,
        ask_password=_ask_password(news),
        wallet=run.wallet,
        max_fee=run.max_fee,
        consent=run.consent,
        pin=pin,
        announce=news.announce,
        warn=news.warn,
    )
    return pipeline(file, options, news)


def _plan(file: Path, run: Run, news: News) -> Plan:
    """Build what is missing, pin nothing and send nothing."""
    from mint.chain.account import open_account
    from mint.launch.deploy import prepare
    from mint.launch.gate import refuse_unlaunchable
    from mint.record.folders import folders_of
    from mint.spec.load import load

    collection, _ = load(file)
    folders, where = folders_of(file, collection), run.network or collection.network
    ask = _ask_password(news)
    how = os.environ, ask, run.wallet, news.warn, run.max_fee
    with open_account(folders.state, where, *how) as account:
        refuse_unlaunchable(account, collection, folders, run.consent)
        manifest, _ = _build(file, run._replace(until="publish", network=None), news, pin=False)
        minting, again = run.until == "mint", run.consent.again
        return prepare(account, manifest, folders, again=again, minting=minting).plan


def _ask_password(news: News) -> Callable[[str], str] | None:
    from getpass import getpass

    return news.quiet_during(getpass) if sys.stdin.isatty() else None


def _say_repairs(job: Job) -> None:
    for digest in job.store.rotten:
        say(f"repaired: file {digest[:12]} was damaged on disk, and was written again")
