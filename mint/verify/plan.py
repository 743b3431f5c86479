"""A manifest's tokens against what its collection and the seed give. No files, no network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from mint.curate.token import present
from mint.errors import VerifyError
from mint.models.upscaler import LARGEST
from mint.plan.edited import among, edited_by
from mint.plan.recipe import Painter, candidate, diffusion, painter
from mint.plan.tokens import plan
from mint.record.manifest import Manifest
from mint.verify.claims import published, token_error
from mint.verify.films import check_moving
from mint.verify.relabelled import check_edited, check_relabelled, has_expected_traits
from mint.verify.wallpapers import check_wallpapers

if TYPE_CHECKING:
    from mint.curate.token import Token
    from mint.plan.recipe import Candidate, Diffusion, Slot
    from mint.spec.collection import Collection


def check_plan(manifest: Manifest, *, stranger: bool = False) -> str:
    """Names, traits, prompts and seeds are those that the collection and its seed give.

    Where it says `truth.exhausted: relabel`, traits may be others that keep its counts and rules.
    Attempts beyond dedup.attempts are the artist's decisions, of which a `stranger` has no record.
    """
    _refuse_incomplete(manifest)
    collection, settings = manifest.collection, diffusion(manifest.collection)
    painters = {digest: painter(runtime) for digest, runtime in manifest.runtimes.items()}
    slots, further = plan(collection), 0
    if [t.token_id for t in manifest.tokens] != [s.token_id for s in slots]:
        raise VerifyError("the manifest does not list every token once, in order")
    for token in manifest.tokens:
        by = painters.get(token.recipe.runtime) or Painter(token.recipe.runtime)
        promise = _promise(collection, slots, token, by, settings)
        record = (token.name, token.description)
        traits = present(promise.traits)
        if record != (promise.name, promise.description) or not has_expected_traits(
            manifest, token, traits
        ):
            raise token_error(token, "its name, description or traits are not the planned ones")
        first = token.redraws
        beyond = first > collection.dedup.attempts
        if first < 0 or (beyond and not stranger and not _is_wanted(manifest, token)):
            raise token_error(token, f"attempt {first} is beyond dedup.attempts")
        further += beyond
        if token.recipe.runtime not in manifest.runtimes:
            raise token_error(token, "the runtime that painted it is not recorded")
        if token.recipe != promise.recipe:
            raise token_error(token, "its recipe is not what the collection and its seed give")
        _refuse_other_size(manifest, token)
        if (token.signed is None) != (collection.c2pa is None):
            raise token_error(token, "its picture is not signed as the collection says")
    check_moving(manifest)
    check_wallpapers(manifest)
    others = check_edited(manifest, slots) + check_relabelled(manifest, slots)
    if further:
        others += f"; {further} of them came after dedup.attempts, as the artist alone can ask"
    return f"{len(slots)} tokens have the planned traits, prompts and seeds{others}"


def _is_wanted(manifest: Manifest, token: Token) -> bool:
    """Whether the artist decided about the token."""
    entries = manifest.decisions.entries if manifest.decisions else ()
    return any(each.token == token.token_id for each in entries)


def _promise(
    collection: Collection, slots: Sequence[Slot], token: Token, by: Painter, settings: Diffusion
) -> Candidate:
    """What the collection and its seed give, and the artist's edits make of that."""
    propose = partial(candidate, collection, painter=by, settings=settings)
    plain = propose(slots[token.token_id - 1], token.redraws)
    try:
        promise = edited_by(collection, plain, token.edits, among(collection, slots, propose))
    except ValueError as error:
        raise token_error(token, str(error)) from error
    if promise.attempt != token.attempt:
        raise token_error(token, f"its edits do not lead to attempt {token.attempt}")
    return promise


def _refuse_other_size(manifest: Manifest, token: Token) -> None:
    """A picture is enlarged if the collection says so, and to a size that can be opened."""
    if (token.enlarged is None) != (manifest.collection.image.upscale is None):
        raise token_error(token, "its picture is not enlarged as the collection says")
    if token.enlarged is None:
        return
    upscaler = manifest.runtimes.get(token.enlarged.runtime)
    if upscaler is None or upscaler.scale is None:
        raise token_error(token, "the runtime that enlarged it is not recorded")
    if max(manifest.size(token)) > LARGEST:
        raise token_error(token, f"its picture would be enlarged beyond {LARGEST} pixels")


def _refuse_incomplete(manifest: Manifest) -> None:
    """Each part covers all tokens or is absent; each runtime is filed under its own digest."""
    count, is_published = len(manifest.tokens), manifest.publication is not None
    for name in ("rarity", "metadata", "provenance"):
        part = getattr(manifest, name)
        if (part is None and is_published) or (isinstance(part, tuple) and len(part) != count):
            raise VerifyError(f"the manifest has no {name} for its {count} tokens")
    if manifest.deployment is not None:
        published(manifest)
    for digest, runtime in manifest.runtimes.items():
        if runtime.digest != digest:
            raise VerifyError(f"the runtime {runtime.digest} is recorded under another digest")
