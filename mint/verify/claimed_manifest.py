"""A stranger's CAR -> the manifest that its own files claim; every claim is still to be checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.chain.deployment import Deployment
from mint.curate.relabel import with_traits
from mint.curate.token import Animation, Enlarged, Signed, Token, Wallpaper, keep
from mint.document import plain, sha256
from mint.errors import VerifyError
from mint.ipfs.cid import cid_text
from mint.ipfs.walk import read_path, resolve
from mint.paint.picture import Picture
from mint.plan.edit import Edit
from mint.plan.edited import among, edited_by
from mint.plan.recipe import Painter, Runtime, Slot, candidate, painter
from mint.plan.tokens import plan
from mint.record.manifest import Manifest, Publication
from mint.record.metadata import NAMESPACE
from mint.record.provenance import provenance, provenance_leaves
from mint.record.rarity import rarity
from mint.sale.offer import payees
from mint.spec.collection import Collection
from mint.spec.sale_times import deadline, windows
from mint.verify.banner import claimed_banner
from mint.verify.files import Files

if TYPE_CHECKING:
    from mint.chain.fairmint import OnChain
    from mint.chain.network import Chain

_HINT = "the contract was not deployed by this version of mint, so nothing here can be verified"


class _Documents(NamedTuple):
    """What the CAR's collection.json and runtime.json say, and the tokens planned from that."""

    collection: Collection
    runtimes: dict[str, Runtime]
    slots: tuple[Slot, ...]


def claimed_manifest(
    files: Files, car_bytes: int, deployment: Deployment, hidden: str | None = None
) -> Manifest:
    """The claimed manifest; raises VerifyError where a file is none that mint writes.

    `hidden` is the root CID of what a sale showed before its reveal. Rarity and provenance are in
    no file of the CAR: they are computed here, so that only the contract can contradict them.
    """
    documents = _documents(files)
    images, metadata = _folder(files, "images"), _folder(files, "metadata")
    names = "animations", "wallpapers"
    others = {name: resolve(files.block, files.root, name) for name in names}
    pairs = [_claimed_token(files, cid_text(metadata), documents, slot) for slot in documents.slots]
    tokens, digests = tuple(t for t, _ in pairs), tuple(digest for _, digest in pairs)
    return Manifest(
        collection=documents.collection,
        runtimes=documents.runtimes,
        tokens=tokens,
        rarity=rarity([token.traits for token in tokens]),
        metadata=digests,
        provenance=provenance(provenance_leaves(tokens, digests)),
        publication=Publication(
            root=cid_text(files.root),
            images=cid_text(images),
            metadata=cid_text(metadata),
            car_bytes=car_bytes,
            hidden=hidden,
            **{name: cid_text(cid) for name, cid in others.items() if cid},
        ),
        deployment=deployment,
        **_claimed_banner(files),
    )


def _claimed_banner(files: Files) -> dict[str, Any]:
    try:
        return claimed_banner(files)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise VerifyError(
            "the CAR's contract.json does not say how its banner was painted", hint=_HINT
        ) from error


def _documents(files: Files) -> _Documents:
    try:
        collection = Collection.parse(read_path(files.block, files.root, "collection.json"))
        runtimes = {
            digest: Runtime.model_validate(record)
            for digest, record in plain(read_path(files.block, files.root, "runtime.json")).items()
        }
        slots = plan(collection)
        if collection.sale is not None:
            windows(collection.sale), deadline(collection.sale), payees(collection.sale, "")
    # Nobody checked a stranger's record as `mint check` does: planning stumbles over it.
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise VerifyError(
            "the CAR's collection.json or runtime.json is none that mint writes", hint=_HINT
        ) from error
    return _Documents(collection, runtimes, tuple(slots))


def _folder(files: Files, name: str) -> bytes:
    cid = resolve(files.block, files.root, name)
    if cid is None:
        raise VerifyError(f"the CAR has no folder {name}/", hint=_HINT)
    return cid


def _claimed_token(
    files: Files, metadata: str, documents: _Documents, slot: Slot
) -> tuple[Token, str]:
    """The token that its own JSON claims to be, and the digest of that JSON."""
    data = files.read(f"{metadata}/{slot.token_id}.json")
    try:
        document = plain(data)
        fields = document[NAMESPACE]
        bytes.fromhex(fields["pixels_sha256"])
        runtime = documents.runtimes.get(fields["runtime"])
        by = painter(runtime) if runtime else Painter(fields["runtime"])
        edits = [Edit.model_validate(edit) for edit in fields.get("edits", ())]
        first = edits[0].of if edits else fields["attempt"]
        propose = partial(candidate, documents.collection, painter=by)
        relative = among(documents.collection, documents.slots, propose)
        proposal = edited_by(documents.collection, propose(slot, first), edits, relative)
        picture = Picture(
            pixels=fields["pixels_sha256"], file=fields["file_sha256"], size=fields["bytes"]
        )
        token = keep(proposal, picture, _claimed_enlargement(fields))
        if documents.collection.truth.exhausted == "relabel":
            token = _claimed_traits(documents.collection, token, document["attributes"])
        claims = {
            "signed": _claimed_signature(fields),
            "animation": _claimed_film(fields),
            "wallpaper": _claimed_wallpaper(fields),
        }
        return token.model_copy(update=claims), sha256(data)
    except (ValueError, LookupError, TypeError) as error:
        raise VerifyError(
            f"token {slot.token_id}: its JSON does not say how its picture was painted", hint=_HINT
        ) from error


def _claimed_traits(
    collection: Collection, token: Token, attributes: Sequence[Mapping[str, object]]
) -> Token:
    """The token with the traits of its JSON, which may say what is seen instead of the plan."""
    traits = {str(each["trait_type"]): str(each["value"]) for each in attributes}
    return with_traits(collection, token, traits)


def _claimed_enlargement(fields: Mapping[str, str]) -> Enlarged | None:
    if "upscaler" not in fields:
        return None
    return Enlarged(painted=fields["painted_sha256"], runtime=fields["upscaler"])


def _claimed_signature(fields: Mapping[str, str]) -> Signed | None:
    if "signer_sha256" not in fields:
        return None
    return Signed(file=fields["unsigned_sha256"], certificate=fields["signer_sha256"])


def _claimed_film(fields: Mapping[str, object]) -> Animation | None:
    film = fields.get("animation")
    return None if film is None else Animation.model_validate(film)


def _claimed_wallpaper(fields: Mapping[str, object]) -> Wallpaper | None:
    wallpaper = fields.get("wallpaper")
    return None if wallpaper is None else Wallpaper.model_validate(wallpaper)


def claimed_deployment(chain: Chain, contract: OnChain) -> Deployment:
    """What the chain itself says of the contract; its transactions are not looked for."""
    return Deployment(
        network=chain.network,
        chain_id=chain.chain_id,
        address=contract.address,
        owner=contract.owner,
        code=contract.code,
        transactions=(),
    )
