"""`mint verify`: a collection.yaml or a bare contract address -> proven sentences, or an error."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from mint.chain.deployment import Deployment
from mint.document import sha256
from mint.errors import ChainError, VerifyError
from mint.ipfs.car import Car, open_car
from mint.ipfs.cid import cid_text, parse_cid
from mint.models.find import find_painter, find_upscaler
from mint.record.folders import Folders, folders_of, numbered, read_manifest
from mint.record.manifest import Manifest
from mint.sale.offer import lists
from mint.spec.load import load
from mint.store import Store, content
from mint.verify.claimed_manifest import told_by
from mint.verify.fetch_car import find_car
from mint.verify.offline import check_cids, check_files, check_plan, check_scores, check_tree
from mint.verify.onchain import check_chain
from mint.verify.repaint import check_pixels

if TYPE_CHECKING:
    from mint.chain.fairmint import OnChain
    from mint.chain.network import Chain


def prove(
    target: str,
    *,
    sample: int,
    network: str | None,
    environ: Mapping[str, str],
    download: int | None = None,
) -> Iterator[str]:
    """Sentences, one for each thing proved; raises VerifyError at the first that is not so.

    `download` bounds what a gateway may send, in MB.
    """
    if re.fullmatch(r"0x[0-9a-fA-F]{40}", target):
        yield from _address(target, sample, network or "local", environ, download)
    elif target.startswith("0x") and not Path(target).exists():
        raise VerifyError(
            f"{target} is neither a file nor a contract's address",
            hint="an address is 0x and 40 hexadecimal digits",
        )
    else:
        yield from _file(Path(target), sample, network, environ)


def _file(
    file: Path, sample: int, network: str | None, environ: Mapping[str, str]
) -> Iterator[str]:
    """From this machine's own record of a build."""
    collection, _ = load(file)
    folders = folders_of(file, collection)
    manifest = read_manifest(folders.manifest)
    if manifest.collection != collection:
        raise VerifyError(
            f"{file} was edited since the build that {folders.manifest} records",
            hint="run mint build, then verify again",
        )
    yield check_plan(manifest)
    yield _check_shown(folders, manifest)
    if manifest.publication is None:
        return
    with closing(open_car(folders.car)) as car, tempfile.TemporaryDirectory() as scratch:
        yield from _offline(manifest, car)
        if manifest.deployment is not None:
            chain = _recorded(manifest.deployment, network, folders.state, environ)
            yield from _on_chain(manifest, car, chain, file)
        # On a disk that cannot be written, nothing is remembered.
        memos = folders.state if os.access(folders.state, os.W_OK) else Path(scratch)
        yield from _again(manifest, car, file, memos, sample)


def _offline(manifest: Manifest, car: Car) -> Iterator[str]:
    yield check_cids(manifest, car)
    yield check_files(manifest, car)
    yield check_tree(manifest, car)
    yield check_scores(manifest)


def _recorded(
    told: Deployment, network: str | None, state: Path, environ: Mapping[str, str]
) -> Chain:
    """The chain that a build is on; the manifest has its id, and no URL, which may hold a key."""
    try:
        return _connect(network or told.network, state, environ)
    except ChainError as error:
        if network is not None:
            raise
        raise VerifyError(
            f"the build is on chain {told.chain_id} ({told.network}), and {error}",
            hint="give a node of that chain: --network URL (a build does not record it)",
        ) from error


def _on_chain(manifest: Manifest, car: Car, chain: Chain, file: Path) -> Iterator[str]:
    from mint.chain.fairmint import confirmed
    from mint.sale.rehearse import rehearsal_caps

    sale = manifest.collection.sale
    allowed = lists(sale, file, rehearsal_caps() if chain.local else None) if sale else None
    yield check_chain(manifest, car, chain, allowed)
    assert manifest.deployment is not None  # check_chain asked
    made = [each for each in (manifest.deployment, manifest.deployment.twin) if each]
    pairs = [(contract, sent) for contract in made for sent in contract.transactions]
    for contract, sent in pairs:
        if not confirmed(chain, contract, sent):
            raise VerifyError(
                f"{sent.purpose}: the chain holds no such transaction as {sent.transaction}",
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


def _again(manifest: Manifest, car: Car, file: Path, state: Path, sample: int) -> Iterator[str]:
    if sample:
        image, store = manifest.collection.image, Store(state)
        model = find_painter(image, file, store)
        upscaler = find_upscaler(image.upscale, file, store) if image.upscale else None
        yield from check_pixels(manifest, car, model, sample, upscaler=upscaler)


def _check_shown(folders: Folders, manifest: Manifest) -> str:
    """The files in build/ are the recorded ones: they are what the artist uploads elsewhere."""
    for i, token in enumerate(manifest.tokens):
        shown = [(folders.image(token.token_id), token.image.file)]
        if manifest.metadata is not None:
            shown.append((folders.metadata(token.token_id), manifest.metadata[i]))
        for path, digest in shown:
            if sha256(content(path) or b"") != digest:
                raise VerifyError(
                    f"token {token.token_id}: {path} is not the file that was built",
                    hint="mint build puts it back",
                )
    for folder, suffix in (("images", "png"), ("metadata", "json")):
        mine = {f"{token.token_id}.{suffix}" for token in manifest.tokens}
        if stray := numbered(folders.out / folder) - mine:
            name = f"{folder}/{min(stray)}"
            raise VerifyError(f"{name} is no token's", hint="mint build removes it")
    return f"{folders.out} shows {len(manifest.tokens)} tokens as they were built"


def _leads(held: OnChain) -> tuple[str, str | None]:
    """The root that the contract leads to, and in a sale the one that it showed before."""
    shown = cid_text(parse_cid(held.contract_uri.removeprefix("ipfs://").split("/")[0]))
    if held.base_uri == f"ipfs://{shown}/hidden.json":
        raise VerifyError(
            f"the sale at {held.address} is not revealed yet, so its pictures are not public",
            hint="verify it after the reveal; its owner can before: mint verify FILE",
        )
    if found := re.fullmatch(r"ipfs://([A-Za-z0-9]+)/metadata/", held.base_uri):
        return cid_text(parse_cid(found[1])), shown
    return shown, None


def _enough(supply: int) -> int:
    """Bytes of a CAR of so many pictures of 1024 x 1024; a stranger may have claimed any number."""
    return (64 << 20) + min(supply, 10_000) * (4 << 20)


def _address(
    address: str, sample: int, network: str, environ: Mapping[str, str], download: int | None
) -> Iterator[str]:
    """From the chain alone: contract -> contract URI -> CAR -> collection -> the same claims."""
    from mint.chain.fairmint import read

    state = Path.cwd() / ".mint"
    with ExitStack() as stack:
        chain = _connect(network, state, environ)
        held = read(chain, address)
        root, hidden = _leads(held)
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mint-verify-")))
        most = download * 10**6 if download else _enough(held.max_supply)
        path = find_car(root, Path.cwd(), environ, scratch, most)
        car = stack.enter_context(closing(open_car(path)))
        told = Deployment(
            network=chain.network,
            chain_id=chain.chain_id,
            address=address,
            owner=held.owner,
            code=held.code,
            transactions=(),
        )
        manifest = told_by(car, path.stat().st_size, told, hidden)
        yield f"{address} on {chain.network} leads to ipfs://{root}"
        yield check_plan(manifest)
        yield from _offline(manifest, car)
        yield check_chain(manifest, car, chain)
        yield from _again(manifest, car, Path.cwd() / "collection.yaml", scratch, sample)
