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
from mint.cli.say import File, WalletChoice, hidden_input, quoted, say, tell

if TYPE_CHECKING:
    from mint.build import Job
    from mint.chain.wallet import Delegate
    from mint.cli.progress import News
    from mint.launch.plan import Plan
    from mint.record.manifest import Manifest


def launch(
    file: File,
    network: Annotated[
        str | None,
        typer.Option(
            help="A test network, such as sepolia, anvil (a node on this computer), or the URL of "
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
    if (apart and track is None) or (unsigned and wallet):
        raise typer.BadParameter("--unsigned FILE.json and --from ADDRESS belong together")
    _refuse_local(file, network)
    if track is not None:
        _track(file, network, wallet, track, sender)
        return
    with drawn_progress() as news:
        news("loading", 0, 1)
        from mint.launch.consent import Consent

        consent = Consent(
            agreeing(news, yes=yes, form="json" if json else "lines"), again, unpinned, asking(news)
        )
        run = Run("deploy" if unminted else "mint", network, wallet, max_fee, consent)
        if unsigned is not None and sender is not None:
            plan = _write_unsigned(file, run, news, unsigned, sender)
            news.interrupt(lambda: show(plan, "json" if json else "lines"))
            return
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


def _refuse_local(file: Path, network: str | None) -> None:
    from mint.errors import LaunchError
    from mint.record.folders import folders_of
    from mint.record.launches import launches
    from mint.spec.load import load

    collection, _ = load(file)
    if (network or collection.network) != "local":
        return
    earlier = launches(folders_of(file, collection))
    name = earlier[-1].launch.network if earlier else "sepolia"
    on = f"; it is launched on {name}" if earlier else ""
    raise LaunchError(
        f"the network local is a chain inside mint, for rehearsing, that nobody else sees{on}",
        hint=f"mint launch {quoted(file)} --network {name}; to rehearse: mint build {quoted(file)}",
    )


def _write_unsigned(file: Path, run: Run, news: News, path: Path, sender: str) -> Plan:
    """Build and pin what is missing, and write what is to be signed next; says what is left."""
    from mint.chain.network import connect
    from mint.chain.unsigned import Unsigned, unsigned_plan, write_plan
    from mint.errors import LaunchError
    from mint.record.folders import folders_of
    from mint.spec.load import load

    if path.exists():
        raise LaunchError(
            f"{path} is there already, and what it says may have been signed since",
            hint="if it was, give its hash: the same command with --track HASH; then, or if it was "
            "not, name another file or delete this one",
        )
    collection, _ = load(file)
    state, where = folders_of(file, collection).state, run.network or collection.network
    chain = connect(where, state / "chain", os.environ)
    wallet = Unsigned(chain, sender, path)
    plan = _plan(file, run, news, wallet, pin=True)
    # What goes to a contract that is not there yet has no sure address: a multisig's differs.
    steps = plan.steps if plan.contract else plan.steps[:1]
    write_plan(path, unsigned_plan(chain, wallet.address, [step.fields(plan) for step in steps]))
    if len(steps) < len(plan.steps):
        news.warn(f"{quoted(path)} has the deployment alone; what follows it is written after it")
    return plan


def _plan(
    file: Path, run: Run, news: News, wallet: Delegate | None = None, *, pin: bool = False
) -> Plan:
    """Build what is missing and send nothing; `pin` is whether services get the CAR."""
    from mint.chain.account import open_account
    from mint.launch.deploy import prepare, remember
    from mint.launch.gate import refuse_unlaunchable
    from mint.record.folders import folders_of
    from mint.spec.load import load

    collection, _ = load(file)
    folders, where = folders_of(file, collection), run.network or collection.network
    ask = asking(news)
    how = os.environ, ask, wallet or run.wallet, news.warn, run.max_fee
    with open_account(folders.state, where, *how) as account:
        refuse_unlaunchable(account, collection, folders, run.consent, os.environ)
        manifest, _ = pipeline(file, run._replace(until="publish", network=None), news, pin=pin)
        minting = run.until == "mint"
        prepared = prepare(account, manifest, folders, run.consent, minting=minting)
        if wallet is not None:
            remember(account, manifest, folders, prepared)
        return prepared.plan


def _track(
    file: Path, network: str | None, wallet: str | None, hash_: str, sender: str | None
) -> None:
    """Adopt a transaction that a wallet sent, for the one whose outcome nobody knows.

    One that was written down for `sender` to sign is the collection's deployment.
    """
    from mint.chain.account import open_account
    from mint.chain.delegated import adopt
    from mint.chain.network import connect
    from mint.chain.unsigned import Unsigned
    from mint.launch.contract import new_contract
    from mint.record.folders import folders_of, read_manifest
    from mint.spec.load import load

    collection, _ = load(file)
    folders, where = folders_of(file, collection), network or collection.network
    signer: Delegate | str | None = wallet
    if sender is not None:
        chain = connect(where, folders.state / "chain", os.environ)
        signer = Unsigned(chain, sender, folders.state / "unsigned.json")
    with open_account(folders.state, where, os.environ, hidden_input(), signer, say) as account:
        deployment = None
        if sender is not None:
            contract = new_contract(account, read_manifest(folders.manifest), folders)
            deployment = contract.purpose, {"data": contract.init}
        purpose = adopt(account, hash_, deployment)
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
