"""What `mint launch` leaves to a wallet elsewhere: plans, files to sign, and hashes to adopt."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mint.cli.build import Run, asking, pipeline
from mint.cli.say import hidden_input, quoted, say, tell

if TYPE_CHECKING:
    from mint.chain.wallet import Delegate
    from mint.cli.progress import News
    from mint.launch.plan import Plan


def write_unsigned(file: Path, run: Run, news: News, path: Path, sender: str) -> Plan:
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
    plan = launch_plan(file, run, news, wallet, pin=True)
    if plan.under_way:
        raise LaunchError(
            "the deployment was sent before and is in no block yet, so its address is not sure",
            hint="run the same command again later; if the wallet gave it another hash, give that: "
            "--track HASH",
        )
    # What goes to a contract that is not there yet has no sure address: a multisig's differs.
    steps = plan.steps if plan.contract else plan.steps[:1]
    write_plan(path, unsigned_plan(chain, wallet.address, [step.fields(plan) for step in steps]))
    if len(steps) < len(plan.steps):
        news.warn(f"{quoted(path)} has the deployment alone; what follows it is written after it")
    return plan


def launch_plan(
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


def adopt_hash(
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
