"""`mint verify`: a collection.yaml or a bare contract address -> proven sentences, or an error."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mint.addresses import is_address
from mint.errors import ChainError, VerifyError
from mint.ipfs.car import open_car
from mint.ipfs.cid import cid_text, parse_cid
from mint.models.find import find_painter, find_upscaler
from mint.record.manifest import Manifest
from mint.sale.offer import gifts, lists, reserve
from mint.spec.load import load
from mint.stages import Progress
from mint.store import Store
from mint.verify.banner import check_banner
from mint.verify.build_folder import check_build_folder
from mint.verify.claimed_manifest import claimed_deployment, claimed_manifest
from mint.verify.claims import hinted
from mint.verify.decisions import obeyed_decisions
from mint.verify.fetch_car import download_limit, find_car
from mint.verify.files import Files
from mint.verify.gifts import check_gifts
from mint.verify.offline import check_cids, check_files, check_scores, check_tree
from mint.verify.onchain import check_chain
from mint.verify.placeholder import check_placeholder
from mint.verify.plan import check_plan
from mint.verify.recorded import Recorded, recorded
from mint.verify.refilm import check_films
from mint.verify.repaint import check_pixels
from mint.verify.repaint_banner import check_banner_pixels
from mint.verify.repaint_wallpapers import check_wallpaper_pixels
from mint.verify.safety import check_safety, unpublished_safety
from mint.verify.signatures import check_signatures
from mint.verify.truth import check_truth
from mint.verify.unchecked import Unchecked

if TYPE_CHECKING:
    from mint.chain.deployment import Deployment
    from mint.chain.fairmint import OnChain
    from mint.chain.network import Chain
    from mint.spec.yaml_source import Source

REBUILD = "mint build makes it right, unless somebody changed it on purpose"
ASK_THE_ARTIST = "this is not what its artist promised: ask the artist why before you rely on it"


class _Request(NamedTuple):
    """What `prove` was called with, besides its target."""

    sample: int
    network: str | None
    environ: Mapping[str, str]
    download: int | None
    progress: Progress


def prove(
    target: str,
    *,
    sample: int,
    network: str | None,
    environ: Mapping[str, str],
    download: int | None = None,
    progress: Progress = lambda *news: None,
) -> Iterator[str]:
    """Sentences, one for each thing proved; raises VerifyError at the first that is not so.

    `sample` is how many tokens to paint again. `download` bounds what a gateway may send, in MB.
    """
    request = _Request(sample, network, environ, download, progress)
    if is_address(target):
        with hinted(ASK_THE_ARTIST):
            yield from _prove_address(target, request)
    elif target.startswith("0x") and not Path(target).exists():
        raise VerifyError(
            f"{target} is neither a file nor a contract's address",
            hint="an address is 0x and 40 hexadecimal digits",
        )
    else:
        yield from _prove_file(Path(target), request)


def _prove_file(file: Path, request: _Request) -> Iterator[str]:
    """From this machine's own record of a build, or of a launch."""
    collection, source = load(file)
    record = recorded(file, collection, request.network)
    out = record.folders.out
    with hinted(f"if {out} was changed, bring it back from a copy" if record.launched else REBUILD):
        yield check_plan(record.manifest)
        if record.launched:
            is_edited = record.manifest.collection.public != collection.public
            since = f", and {file} was edited since" if is_edited else ""
            yield Unchecked(f"this is the launch in {out}{since}: build was not compared")
        else:
            yield check_build_folder(record.folders, record.manifest, request.progress)
            yield from obeyed_decisions(record.manifest, file)
        if record.manifest.publication is None:
            yield Unchecked("no more is built yet: CIDs, contract and pixels were not checked")
            return
        with closing(open_car(record.folders.car)) as car:
            yield from _prove_record(record, Files(car), file, source, request)


def _prove_record(
    record: Recorded, files: Files, file: Path, source: Source, request: _Request
) -> Iterator[str]:
    """Its files, its contract and its pixels."""
    (folders, manifest, _), progress, sample = record, request.progress, request.sample
    yield from _check_car(manifest, files, progress)
    yield from check_placeholder(manifest, folders)
    yield check_scores(manifest)
    if manifest.duplicates is not None:
        yield Unchecked("equal pictures were looked for; near ones were not compared again")
    if manifest.deployment is None:
        yield Unchecked("no contract is deployed yet: none was checked")
    else:
        chain = _recorded_chain(manifest.deployment, folders.state, request)
        yield from _on_chain(record, files, chain, file, progress)
    with tempfile.TemporaryDirectory() as scratch:
        # On a disk that cannot be written, nothing is remembered.
        memos = folders.state if os.access(folders.state, os.W_OK) else Path(scratch)
        yield from _check_pixels(manifest, files, file, memos, request)
        yield from check_films(manifest, files, file, Store(memos), sample, progress)
        yield from check_truth(manifest, files, file, Store(memos), sample, progress)
        yield from check_safety(manifest, files, source, Store(memos), sample, progress)


def _check_car(manifest: Manifest, files: Files, progress: Progress) -> Iterator[str]:
    yield check_cids(manifest, files)
    yield check_files(manifest, files, progress)
    if manifest.collection.c2pa is not None:
        yield check_signatures(manifest, files)
    yield from check_banner(manifest, files)
    yield check_tree(manifest, files)


def _recorded_chain(deployment: Deployment, state: Path, request: _Request) -> Chain:
    """The chain that a build is on; the manifest has its id, and no URL, which may hold a key."""
    try:
        return _connect(request.network or deployment.network, state, request.environ)
    except ChainError as error:
        if request.network is not None:
            raise
        raise VerifyError(
            f"the build is on chain {deployment.chain_id} ({deployment.network}), and {error}",
            hint="give a node of that chain: --network URL (a build does not record it)",
        ) from error


def _on_chain(
    record: Recorded, files: Files, chain: Chain, file: Path, progress: Progress
) -> Iterator[str]:
    from mint.chain.fairmint import confirmed
    from mint.sale.rehearse import rehearsal_caps

    manifest, collection = record.manifest, record.collection
    sale = collection.sale
    caps = lists(sale, file, rehearsal_caps() if chain.local else None) if sale else None
    reserved = reserve(collection, file) if sale else None
    yield from check_chain(manifest, files, chain, caps, progress, reserved)
    yield from check_gifts(manifest, chain, gifts(collection, file))
    assert manifest.deployment is not None  # check_chain refuses a build without one
    contracts = [each for each in (manifest.deployment, manifest.deployment.twin) if each]
    pairs = [(contract, entry) for contract in contracts for entry in contract.transactions]
    for contract, entry in pairs:
        if not confirmed(chain, contract, entry):
            raise VerifyError(
                f"{entry.purpose}: the chain holds no such transaction as {entry.transaction}",
                hint="mint build records what the chain holds",
            )
    yield f"{len(pairs)} transactions are on {chain.network} as recorded"


def _connect(network: str, state: Path, environ: Mapping[str, str]) -> Chain:
    """Open the chain to read from it; verifying makes no chain where there is none."""
    from mint.chain.network import connect

    if network == "local" and not (state / "chain").exists():
        raise VerifyError(
            f"there is no local chain in {state.parent}",
            hint="run it in the collection's folder, name another chain with --network, "
            "or deploy again with mint build",
        )
    return connect(network, state / "chain", environ)


def _check_pixels(
    manifest: Manifest, files: Files, file: Path, state: Path, request: _Request
) -> Iterator[str]:
    """Find the models as a build beside `file` would, and paint some tokens again."""
    if request.sample:
        image, store = manifest.collection.image, Store(state)
        model = find_painter(image, file, store)
        upscaler = find_upscaler(image.upscale, file, store) if image.upscale else None
        yield from check_pixels(
            manifest, files, model, request.sample, request.progress, upscaler=upscaler
        )
        yield from check_banner_pixels(manifest, files, model, request.progress, upscaler)
        again = request.sample, request.progress, upscaler
        yield from check_wallpaper_pixels(manifest, files, model, *again)


def _prove_address(address: str, request: _Request) -> Iterator[str]:
    """From the chain alone: contract -> contract URI -> CAR -> collection -> the same claims."""
    from mint.chain.fairmint import read

    progress = request.progress
    with ExitStack() as stack:
        chain = _connect(request.network or "local", Path.cwd() / ".mint", request.environ)
        contract = read(chain, address)
        root, hidden = _roots(contract)
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mint-verify-")))
        limit = (request.download or 0) * 10**6 or download_limit(contract.max_supply)
        path = find_car(root, Path.cwd(), request.environ, scratch, limit)
        files = Files(stack.enter_context(closing(open_car(path, parse_cid(root)))))
        deployment = claimed_deployment(chain, contract)
        manifest = claimed_manifest(files, path.stat().st_size, deployment, hidden)
        yield f"{address} on {chain.network} leads to ipfs://{root}"
        yield check_plan(manifest, stranger=True)
        yield from _check_car(manifest, files, progress)
        yield from check_placeholder(manifest, None)
        yield from check_chain(manifest, files, chain, progress=progress)
        beside = Path.cwd() / "collection.yaml"
        yield from _check_pixels(manifest, files, beside, scratch, request)
        yield from check_films(manifest, files, beside, Store(scratch), request.sample, progress)
        yield from check_truth(manifest, files, beside, Store(scratch), request.sample, progress)
        yield from unpublished_safety(manifest)


def _roots(contract: OnChain) -> tuple[str, str | None]:
    """The root CID that the contract leads to, and in a sale the one that it showed before."""
    public = cid_text(parse_cid(contract.contract_uri.removeprefix("ipfs://").split("/")[0]))
    if contract.base_uri == f"ipfs://{public}/hidden.json":
        raise VerifyError(
            f"the sale at {contract.address} is not revealed yet, so its pictures are not public",
            hint="verify it after the reveal; its owner can before: mint verify FILE",
        )
    if match := re.fullmatch(r"ipfs://([A-Za-z0-9]+)/metadata/", contract.base_uri):
        return cid_text(parse_cid(match[1])), public
    return public, None
