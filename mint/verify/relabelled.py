"""Tokens whose metadata says what their pictures show, and not what was planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mint.curate.relabel import with_traits
from mint.curate.token import Token
from mint.errors import VerifyError
from mint.plan.promises import broken_promise
from mint.plan.recipe import Slot
from mint.record.manifest import Manifest


def has_expected_traits(manifest: Manifest, token: Token, planned: Mapping[str, str]) -> bool:
    """Whether its traits are the planned ones; or others that, by the record, the judge saw.

    Others are allowed where collection.yaml says so alone. A stranger has no record of judgements.
    """
    if token.traits == planned:
        return not token.relabelled
    names = {trait.name for trait in manifest.collection.traits}
    if manifest.collection.truth.exhausted != "relabel" or token.traits.keys() - names:
        return False
    before = token.model_copy(update={"traits": dict(planned)})
    promised = with_traits(manifest.collection, before, token.traits).relabelled
    judged = [token.judgements.get(trait) for trait in promised]
    is_seen = all(said is not None and said.verdict == "seen" for said in judged)
    return token.relabelled == promised != {} and (is_seen or not manifest.judging)


def check_relabelled(manifest: Manifest, slots: Sequence[Slot]) -> str:
    """A clause about those tokens, empty without any; raises VerifyError where counts or rules
    of the plan, `slots`, no longer hold.
    """
    relabelled = [token.token_id for token in manifest.tokens if token.relabelled]
    if not relabelled:
        return ""
    planned, traits = (slot.traits for slot in slots), (token.traits for token in manifest.tokens)
    if why := broken_promise(manifest.collection, planned, traits):
        raise VerifyError(f"the tokens' traits are not what the collection promises: {why}")
    ids = ", ".join(f"#{token_id}" for token_id in relabelled[:10])
    return (
        f"; of {len(relabelled)} the metadata says what is seen instead ({ids}), "
        "and every count and rule holds"
    )
