"""`mint build`: the whole pipeline, and what `mint launch` has in common with it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from mint.cli.drawing import drawn_progress
from mint.cli.plan import agreeing
from mint.cli.say import File, Network, WalletChoice, hidden_input, say, tell
from mint.stages import LEAVES, OnRuntime, Stage

if TYPE_CHECKING:
    from mint.build import Job
    from mint.cli.progress import News
    from mint.cluster.connect import Cluster
    from mint.launch.consent import Consent
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
        "and say so. mixed: keep those pictures and paint the missing ones here, with --engine ray "
        "on machines of several kinds. new: paint all of them here."
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
EngineName = Literal["local", "ray"]
EngineChoice = Annotated[
    EngineName,
    typer.Option(
        "--engine",
        help="Where the pictures are painted. local: on this computer. ray: on all machines of a "
        "Ray cluster, which docs/cluster.md shows how to start: sooner, and with dtype float64 or "
        "equal machines the same pictures.",
    ),
]
Address = Annotated[
    str | None,
    typer.Option(
        help="The Ray cluster, such as auto for the one that this computer belongs to. Without "
        "it: RAY_ADDRESS, else a cluster of this computer alone.",
        show_default=False,
    ),
]
CpusPerPainter = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="How many processor cores paint one picture, on machines without a GPU. Without it: "
        "one painter for each GPU of the cluster, or for each core where there is none.",
        show_default=False,
    ),
]
ObjectsPlace = Annotated[
    str | None,
    typer.Option(
        "--objects",
        metavar="URL",
        help="Where the machines leave their pictures for this one: s3://bucket/folder, gs://..., "
        "or any folder that all see. Without it they must see the folder of the collection.",
        show_default=False,
    ),
]
Unpinned = Annotated[
    bool,
    typer.Option(
        "--unpinned",
        help="Launch although no service keeps the pictures, or only your own node says so: "
        "marketplaces may show nothing.",
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
    engine: EngineChoice = "local",
    address: Address = None,
    cpus_per_painter: CpusPerPainter = None,
    objects: ObjectsPlace = None,
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
            agreeing(news, yes=yes, form="none" if json else "lines"), again, unpinned, asking(news)
        )
        cluster = _cluster(engine, address, cpus_per_painter, objects)
        run = Run(until, network, wallet, max_fee, consent, runtime, cluster)
        manifest, job = pipeline(file, run, news)
    say_repairs(job)
    if json:
        sys.stdout.write(manifest.canonical().decode() + "\n")
        return
    seconds = None if cluster else seconds_per_picture(job.store, manifest)  # of one machine
    for line in summary(manifest, job.folders, news.counts, news.reused, until, network, seconds):
        tell(line)


def _cluster(
    engine: EngineName, address: str | None, cpus: int | None, objects: str | None
) -> Cluster | None:
    """Which machines paint; raises BadParameter for options that --engine local does not have."""
    if engine == "ray":
        from mint.cluster.connect import Cluster

        return Cluster(address, cpus, objects)
    options = {"--address": address, "--cpus-per-painter": cpus, "--objects": objects}
    for name, value in options.items():
        if value is not None:
            raise typer.BadParameter("it goes with --engine ray", param_hint=name)
    return None


class Run(NamedTuple):
    """What the options of a command say."""

    until: Stage
    network: str | None
    wallet: str | None
    max_fee: float | None
    consent: Consent
    runtime: OnRuntime = "refuse"
    cluster: Cluster | None = None


def pipeline(file: Path, run: Run, news: News, *, pin: bool = True) -> tuple[Manifest, Job]:
    """Build as the options say, with news on stderr; `pin` is whether services get the CAR."""
    from mint.build import Options
    from mint.build import build as run_stages

    open_engine = None
    if run.cluster:
        from mint.cluster.connect import open_cluster

        open_engine = partial(open_cluster, run.cluster)
    options = Options(
        until=run.until,
        network=run.network,
        on_runtime=run.runtime,
        environ=os.environ,
        ask_password=asking(news),
        wallet=run.wallet,
        max_fee=run.max_fee,
        consent=run.consent,
        pin=pin,
        announce=news.announce,
        open_engine=open_engine,
        warn=news.warn,
    )
    return run_stages(file, options, news)


def asking(news: News) -> Callable[[str], str] | None:
    """What asks for a password, on a terminal, with nothing drawn over its question."""
    ask = hidden_input()
    return ask and news.quiet_during(ask)


def say_repairs(job: Job) -> None:
    """Name the files that were damaged and are whole again."""
    for digest in job.store.rotten:
        say(f"repaired: file {digest[:12]} was damaged on disk, and was written again")
