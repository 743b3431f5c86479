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
    pipeline,
    say_repairs,
)
from mint.cli.drawing import drawn_progress
from mint.cli.plan import agreeing, show
from mint.cli.say import File, WalletChoice, quoted, say, tell
from mint.cli.unsigned import adopt_hash, launch_plan, write_unsigned

if TYPE_CHECKING:
    from mint.build import Job
    from mint.record.manifest import Manifest


def launch(
    file: File,
    network: Annotated[
        str | None,
        typer.Option(
            help="A test network, such as hoodi, anvil (a node on this computer), or the URL of "
            "a node. Without it: what the file says.",
            show_default=False,
        ),
    ] = None,
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
    unsigned: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json",
            help="Send nothing: write the transactions to this file, for a wallet that mint cannot "
            "reach, such as a multisig or one that is kept offline. Whose it is says --from.",
            show_default=False,
        ),
    ] = None,
    sender: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="ADDRESS",
            help="With --unsigned: the wallet that will sign, which owns the contract then.",
            show_default=False,
        ),
    ] = None,
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
    apart = (unsigned is None) != (sender is None)
    if apart and track is None:
        raise typer.BadParameter("--unsigned FILE.json and --from ADDRESS belong together")
    if unsigned and (wallet or dry_run):
        raise typer.BadParameter("--unsigned pins, and sends nothing: no --wallet, no --dry-run")
    if verify_source and (unsigned or dry_run):
        raise typer.BadParameter(
            "--verify-source is for a contract that is there, so not with these"
        )
    _refuse_local(file, network)
    if track is not None:
        adopt_hash(file, network, wallet, track, sender)
        return
    with drawn_progress() as news:
        news("loading", 0, 1)
        from mint.launch.consent import Consent

        consent = Consent(
            agreeing(news, yes=yes, form="json" if json else "lines"), again, unpinned, asking(news)
        )
        run = Run("deploy" if unminted else "mint", network, wallet, max_fee, consent)
        if dry_run or unsigned:
            if unsigned and sender:
                plan = write_unsigned(file, run, news, unsigned, sender)
            else:
                plan = launch_plan(file, run, news)
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


def _refuse_local(file: Path, network: str | None) -> None:
    from mint.errors import LaunchError
    from mint.record.folders import folders_of
    from mint.record.launches import launches
    from mint.spec.load import load

    collection, _ = load(file)
    if (network or collection.network) != "local":
        return
    earlier = launches(folders_of(file, collection))
    name = earlier[-1].launch.network if earlier else "hoodi"
    on = f"; it is launched on {name}" if earlier else ""
    raise LaunchError(
        f"the network local is a chain inside mint, for rehearsing, that nobody else sees{on}",
        hint=f"mint launch {quoted(file)} --network {name}; to rehearse: mint build {quoted(file)}",
    )


def _verify_source(manifest: Manifest, job: Job, network: str | None) -> None:
    from mint.chain.network import connect
    from mint.launch.source import source_of
    from mint.launch.verify_source import verify_source

    deployment = manifest.deployment
    assert deployment is not None
    chain = connect(network or deployment.network, job.folders.state / "chain", os.environ)
    for verification in verify_source(deployment, source_of(chain, deployment), os.environ, say):
        tell(f"source      {verification}")
