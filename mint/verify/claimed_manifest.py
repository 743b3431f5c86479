"""A stranger's CAR -> the manifest that its own files claim; every claim is still to be checked."""

from __future__ import annotations

from collections.abc import Mapping

from mint.chain.deployment import Deployment
from mint.curate.token import Enlarged, Token, keep
from mint.document import plain, sha256
from mint.errors import VerifyError
from mint.ipfs.car import Car
from mint.ipfs.cid import cid_text
from mint.ipfs.walk import read_path, resolve
from mint.paint.picture import Picture
from mint.plan.recipe import Runtime, candidate
from mint.plan.tokens import Slot, plan
from mint.record.manifest import Manifest, Publication
from mint.record.metadata import NAMESPACE
from mint.record.provenance import provenance, provenance_leaves
from mint.record.rarity import rarity
from mint.sale.offer import payees
from mint.spec.collection import Collection
from mint.spec.sale_times import deadline, windows


def told_by(
    car: Car, car_bytes: int, deployment: Deployment, hidden: str | None = None
) -> Manifest:
    """The claimed manifest; raises VerifyError where a file is none that mint writes.

    `hidden` is the root of what a sale showed before its reveal.
    """
    try:
        collection = Collection.parse(read_path(car.block, car.root, "collection.json"))
        runtimes = {
            digest: Runtime.model_validate(told)
            for digest, told in plain(read_path(car.block, car.root, "runtime.json")).items()
        }
        slots = plan(collection)
        if collection.sale is not None:
            windows(collection.sale), deadline(collection.sale), payees(collection.sale, "")
    # Nobody checked a stranger's record as `mint check` does: planning stumbles over it.
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise VerifyError(
            "the CAR's collection.json or runtime.json is no record of ours",
            hint="the contract was not deployed by this version of mint",
        ) from error
    images, metadata = _folder(car, "images"), _folder(car, "metadata")
    pairs = [_told_token(car, metadata, collection, slot) for slot in slots]
    return Manifest(
        collection=collection,
        runtimes=runtimes,
        tokens=tuple(token for token, _ in pairs),
        rarity=rarity([token.traits for token, _ in pairs]),
        metadata=tuple(digest for _, digest in pairs),
        provenance=provenance(provenance_leaves([t for t, _ in pairs], [d for _, d in pairs])),
        publication=Publication(
            root=cid_text(car.root),
            images=cid_text(images),
            metadata=cid_text(metadata),
            car_bytes=car_bytes,
            hidden=hidden,
        ),
        deployment=deployment,
    )


def _folder(car: Car, name: str) -> bytes:
    cid = resolve(car.block, car.root, name)
    if cid is None:
        raise VerifyError(f"the CAR has no folder {name}/", hint="it is not of a mint build")
    return cid


def _told_token(car: Car, metadata: bytes, collection: Collection, slot: Slot) -> tuple[Token, str]:
    """The token that its own JSON claims to be, and the digest of that JSON."""
    data = read_path(car.block, metadata, f"{slot.token_id}.json")
    try:
        told = plain(data)[NAMESPACE]
        bytes.fromhex(told["pixels_sha256"])
        proposal = candidate(collection, slot, told["attempt"], told["runtime"])
        picture = Picture(
            pixels=told["pixels_sha256"], file=told["file_sha256"], size=told["bytes"]
        )
        return keep(proposal, picture, _told_enlarged(told)), sha256(data)
    except (ValueError, KeyError, TypeError) as error:
        raise VerifyError(
            f"token {slot.token_id}: its JSON does not say how it was made",
            hint="the contract was not deployed by this version of mint",
        ) from error


def _told_enlarged(told: Mapping[str, str]) -> Enlarged | None:
    if "upscaler" not in told:
        return None
    return Enlarged(painted=told["painted_sha256"], runtime=told["upscaler"])
