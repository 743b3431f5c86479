"""`mint launch`: what is left to send is shown, asked for, and sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.build import (
    Again,
    MaxFee,
    Run,
    Unpinned,
    Yes,
    asking,
    asking_plainly,
    pipeline,
    say_repairs,
)
from mint.cli.drawing import drawn_progress
from mint.cli.plan import agreeing, show
from mint.cli.say import File, Network, WalletChoice, say, tell

if TYPE_CHECKING:
    from mint.build import Job
    from mint.cli.progress import News
    from mint.launch.plan import Plan
    from mint.record.manifest import Manifest


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
    verify_source: Annotated[
        bool,
        typer.Option(
            "--verify-source",
            help="When all is sent, give the contract's source to Sourcify and Etherscan, which "
            "compile it and show it beside the contract. Etherscan wants a key: ETHERSCAN_API_KEY.",
        ),
    ] = False,
    track: Annotated[
        str | None,
        typer.Option(
            metavar="HASH",
            help="A transaction that your own wallet sent, when mint does not know what became of "
            "it: it is looked up, and counts from then on. Sends nothing.",
            show_default=False,
        ),
    ] = None,
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
        manifest, job = pipeline(file, run, news)
    say_repairs(job)
    if not json:
        from mint.cli.summary import launched

        for line in launched(manifest, job.folders, network):
            tell(line)
    if verify_source:
        _verify_source(manifest, job, network)


def _plan(file: Path, run: Run, news: News) -> Plan:
    """Build what is missing, pin nothing and send nothing."""
    from mint.chain.account import open_account
    from mint.launch.deploy import prepare
    from mint.launch.gate import refuse_unlaunchable
    from mint.record.folders import folders_of
    from mint.spec.load import load

    collection, _ = load(file)
    folders, where = folders_of(file, collection), run.network or collection.network
    ask = asking(news)
    how = os.environ, ask, run.wallet, news.warn, run.max_fee
    with open_account(folders.state, where, *how) as account:
        refuse_unlaunchable(account, collection, folders, run.consent)
        manifest, _ = pipeline(file, run._replace(until="publish", network=None), news, pin=False)
        minting, again = run.until == "mint", run.consent.again
        return prepare(account, manifest, folders, again=again, minting=minting).plan


def _track(file: Path, network: str | None, wallet: str | None, hash_: str) -> None:
    """Adopt a transaction that a wallet sent, for the one whose outcome nobody knows."""
    from mint.chain.account import open_account
    from mint.chain.delegated import adopt
    from mint.record.folders import folders_of
    from mint.spec.load import load

    collection, _ = load(file)
    state, where = folders_of(file, collection).state, network or collection.network
    with open_account(state, where, os.environ, asking_plainly(), wallet, say) as account:
        purpose = adopt(account, hash_)
    tell(f"tracked     {hash_} is the one for: {purpose}")
    say("next: the same command without --track goes on from there")


def _verify_source(manifest: Manifest, job: Job, network: str | None) -> None:
    from mint.chain.network import connect
    from mint.launch.source import source_of
    from mint.launch.verify_source import verify_source

    deployment = manifest.deployment
    assert deployment is not None
    chain = connect(network or deployment.network, job.folders.state / "chain", os.environ)
    for verification in verify_source(deployment, source_of(chain, deployment), os.environ, say):
        tell(f"source      {verification}")
