"""What `mint build` says at its end: what it did, where everything is, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mint.cli.say import quoted
from mint.counting import count
from mint.stages import Stage, Step

if TYPE_CHECKING:
    from mint.chain.deployment import Deployment
    from mint.record.folders import Folders
    from mint.record.manifest import Manifest


def summary(
    manifest: Manifest,
    folders: Folders,
    counts: Mapping[Step, int],
    reused: int,
    until: Stage,
    network: str | None,
    seconds: float | None = None,
) -> Iterator[str]:
    """Lines to print; `counts` are this run's, `network` is the option's.

    `reused` is how many pictures were there when it began, and `seconds` what one took here, by
    the last build that painted some.
    """
    collection, tokens = manifest.collection, manifest.tokens
    yield f"{collection.name}: {count(collection.supply, 'token')}"
    if tokens:
        yield from _pictures(manifest, counts, reused)
        yield from _quality(manifest, seconds)
        yield f"pictures    {quoted(folders.out / 'images')}"
        if manifest.banner:
            around = f"around token {manifest.banner.frame.token}"
            yield f"banner      {quoted(folders.banner)}, {around}"
        if manifest.featured:
            yield f"featured    token {manifest.featured}"
    else:
        yield "plan        it works; nothing is painted yet"
    if manifest.provenance:
        yield f"provenance  {manifest.provenance}"
    if manifest.publication:
        yield f"root        ipfs://{manifest.publication.root}"
        yield from _pinned(manifest, folders)
    if tokens and (old := _outdated(manifest, folders)):
        yield f"outdated    {' and '.join(old)}: of an earlier build, whose pictures were others"
    if manifest.archive:
        yield f"archive     {manifest.archive}"
    if manifest.deployment:
        yield f"contract    {manifest.deployment.address} on {manifest.deployment.network}"
        yield from _gas(manifest.deployment, sale=collection.sale is not None)
    if tokens:
        yield f"report      {quoted(folders.report)}"
        yield f"prove it    mint verify {quoted(folders.file)}{network_option(network)}"
    yield f"next        {_next(manifest, folders.file, until, network)}"


def _outdated(manifest: Manifest, folders: Folders) -> list[str]:
    """What lies beside the pictures and says nothing of them, since this build ended earlier."""
    from mint.record.folders import token_files

    parts = {
        "metadata/": not manifest.provenance and token_files(folders.out / "metadata"),
        folders.car.name: not manifest.publication and folders.car.exists(),
    }
    return [name for name, old in parts.items() if old]


def launched(manifest: Manifest, folders: Folders, network: str | None) -> Iterator[str]:
    """What `mint launch` says at its end: where to look, and what to do next."""
    from mint.chain.networks import network_of

    deployment = manifest.deployment
    assert deployment is not None  # or the launch would have failed
    line, address = network_of(deployment.chain_id), deployment.address
    yield f"contract    {address} on {deployment.network}"
    if page := line.address(address):
        yield f"look        {page}"
    for entry in deployment.transactions:
        place = (
            line.transaction(entry.transaction) or f"{entry.transaction} in block {entry.block:,}"
        )
        yield f"{entry.purpose.split()[0]:<11} {place}"
    if line.marketplace:
        yield f"marketplace {line.marketplace}"
    option = network_option(network)
    yield f"prove it    mint verify {quoted(folders.file)}{option}"
    yield f"next        mint status {quoted(folders.file)}{option}"


def _pictures(manifest: Manifest, counts: Mapping[Step, int], reused: int) -> Iterator[str]:
    """What this run painted and enlarged, and what it had from earlier ones."""
    tokens, paintings = manifest.tokens, counts.get("painting", 0)
    redrawn = sum(1 for token in tokens if token.redraws)
    edited = sum(1 for token in tokens if token.edits)
    yield f"painted     {count(paintings, 'picture')}"
    if redrawn:
        yield f"redrawn     {count(redrawn, 'token')}; the report says why"
    if edited:
        yield f"edited      {count(edited, 'token')}, as decisions.yaml says"
    yield f"reused      {count(reused, 'picture')}"
    if any(token.enlarged for token in tokens):
        yield f"enlarged    {count(counts.get('enlarging', 0), 'picture')}"
    if any(token.signed for token in tokens):
        yield f"signed      {count(counts.get('signing', 0), 'picture')}"
    if films := sum(1 for token in tokens if token.animation):
        painted_now = counts.get("animating", 0)
        yield f"moving      {count(films, 'token')}, {count(painted_now, 'film')} painted"
    if wallpapers := sum(1 for token in tokens if token.wallpaper):
        painted_now = counts.get("extending", 0)
        yield f"wallpapers  {count(wallpapers, 'token')}, {painted_now:,} painted"
    yield from _truth(manifest)
    yield from _safety(manifest)


def _truth(manifest: Manifest) -> Iterator[str]:
    """How many of the promised traits are to be seen in the pictures, and who says so."""
    from mint.curate.truth import Tally, tally

    if not manifest.judging:
        yield "seen        not checked: no judge knows this model's pictures (truth.judge)"
        return
    totals: Tally = tally(manifest.collection, manifest.tokens)
    yield f"seen        {totals.seen:,} of {totals.promised:,} promised traits"
    if totals.unsure:
        yield f"unsure      {count(totals.unsure, 'trait')} of which the judge could not say"
    if totals.contradicted:
        ids = ", ".join(f"#{token_id}" for token_id in manifest.untrue[:10])
        examples = f": {ids}" if ids else ""
        yield f"contradicted {count(totals.contradicted, 'trait')}{examples}"
    relabelled = [f"#{token.token_id}" for token in manifest.tokens if token.relabelled]
    if relabelled:
        examples = ", ".join(relabelled[:10]) + (", ..." if len(relabelled) > 10 else "")
        yield f"relabelled  {count(len(relabelled), 'token')}, to what is seen: {examples}"
    if totals.unjudged:
        yield f"not checked {count(totals.unjudged, 'trait')} that no judge knows"


def _safety(manifest: Manifest) -> Iterator[str]:
    """What was flagged, or why nothing was looked for; nothing where nobody asked."""
    from mint.curate.safety import is_flagged

    collection = manifest.collection
    safety, embedder = collection.safety, collection.dedup.embedder
    if manifest.safety is None:
        if safety.model != "off":
            yield f"safety      not checked: {safety.unchecked(embedder)}"
        return
    flagged = [f"#{t.token_id}" for t in manifest.tokens if is_flagged(t, collection)]
    if not flagged:
        yield f"safety      {safety.model} finds none of the pictures unsafe"
        return
    ids = ", ".join(flagged[:10]) + (", ..." if len(flagged) > 10 else "")
    yield f"unsafe      {count(len(flagged), 'picture')}, says {safety.model}: {ids}"


def _quality(manifest: Manifest, seconds: float | None) -> Iterator[str]:
    """Fit, variety and speed together: whoever turns one up loses some of the others."""
    quality = manifest.quality
    if quality is None:
        yield "fit         not measured: `dedup.embedder: atelier` knows its own pictures only"
    elif quality.clip_score is None:
        yield "fit         not measured: the model of dedup.embedder has no vocabulary"
    else:
        score, others = quality.clip_score, quality.clip_score.others
        beside = "" if others is None else f", {others:.2f} with another token's prompt"
        yield f"fit         {score.mean:.2f} of 2.5, picture and prompt (CLIPScore){beside}"
    if quality and quality.diversity:
        pictures, vendi = count(len(manifest.tokens), "picture"), quality.diversity[-1].vendi
        beside = "".join(f", least in {w.trait}: {w.value}" for w in quality.within[:1])
        yield f"variety     {pictures} vary like {vendi:.1f} unlike ones (Vendi score){beside}"
    if seconds is not None:
        yield f"speed       {seconds:.{2 if seconds < 1 else 1}f} s a picture"


def _pinned(manifest: Manifest, folders: Folders) -> Iterator[str]:
    """Who keeps it online, and how that was seen when it was pinned there."""
    from mint.launch.sentences import proof
    from mint.pinning.published import still_secret
    from mint.spec.services import ABOUT, services

    publication, command = manifest.publication, f"mint pin {quoted(folders.file)}"
    assert publication is not None
    hidden = publication.hidden if still_secret(manifest) else None
    root, what = hidden or publication.root, "the placeholder, " if hidden else ""
    journal, keepers = folders.state / "pins.jsonl", services(manifest.collection.storage.pin)
    # What nobody named in the file may have been pinned by hand.
    proofs = {service: proof(journal, root, service) for service in keepers or ABOUT}
    for service, text in proofs.items():
        if text:
            yield f"pinned      {service}: {what}{text}"
        elif keepers:
            yield f"pinned      {service}: not seen there yet; {command}"
    if not keepers and not any(proofs.values()):
        yield f"pinned      nobody: storage.pin is none; {command} --to kubo"


def _next(manifest: Manifest, file: Path, until: Stage, network: str | None) -> str:
    deployment = manifest.deployment
    if until != "mint":
        return f"mint build {quoted(file)}{network_option(network)}"
    if manifest.collection.sale and deployment and deployment.twin is None:
        return f"mint sale status {quoted(file)}{network_option(network)}"
    return f"mint preview {quoted(file)}"


def _gas(deployment: Deployment, *, sale: bool) -> Iterator[str]:
    """What it cost; in a sale each step, of which several people took some several times."""
    from mint.chain.deployment import steps

    if not sale:
        yield f"gas         {sum(entry.gas for entry in deployment.transactions):,}"
        return
    for verb, costs in steps(deployment).items():
        times = f" at most, {len(costs)} times" if len(costs) > 1 else ""
        yield f"gas         {max(costs):>9,}  {verb}{times}"


def network_option(network: str | None) -> str:
    """The option again; a URL without what may be secret in it."""
    from mint.urls import masked

    if network is None:
        return ""
    return f" --network {masked(network) if '://' in network else network}"
