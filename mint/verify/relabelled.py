"""Tokens whose metadata says something else than was planned: what their pictures show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mint.curate.relabel import with_traits
from mint.curate.token import Token
from mint.errors import VerifyError
from mint.plan.promises import broken_promise
from mint.plan.recipe import Slot
from mint.record.manifest import Manifest


def has_expected_traits(manifest: Manifest, token: Token, plan: Mapping[str, str]) -> bool:
    """Whether its traits are the planned ones; or others that, by the record, the judge saw.

    Others are allowed where collection.yaml says so alone. A stranger has no record of judgements.
    """
    if token.traits == plan:
        return not token.relabelled
    names = {trait.name for trait in manifest.collection.traits}
    if manifest.collection.truth.exhausted != "relabel" or token.traits.keys() - names:
        return False
    before = token.model_copy(update={"traits": dict(plan)})
    promise = with_traits(manifest.collection, before, token.traits).relabelled
    judgements = [token.judgements.get(trait) for trait in promise]
    is_seen = all(judgement is not None and judgement.verdict == "seen" for judgement in judgements)
    return token.relabelled == promise != {} and (is_seen or not manifest.judging)


def check_relabelled(manifest: Manifest, slots: Sequence[Slot]) -> str:
    """A clause about those tokens, empty without any; raises VerifyError where counts or rules
    of the plan, `slots`, no longer hold.
    """
    relabelled = [token.token_id for token in manifest.tokens if token.relabelled]
    if not relabelled:
        return ""
    _refuse_broken(manifest, slots)
    ids = ", ".join(f"#{token_id}" for token_id in relabelled[:10])
    return (
        f"; of {len(relabelled)} the metadata says what is seen instead ({ids}), "
        "and every count and rule holds"
    )


def check_edited(manifest: Manifest, slots: Sequence[Slot]) -> str:
    """A clause about tokens whose pictures come from others of theirs, empty without any.

    Raises VerifyError where their traits break a rule, or a count: one that comes from a weight
    may be one more or less.
    """
    token_ids = [token.token_id for token in manifest.tokens if token.edits]
    if not token_ids:
        return ""
    _refuse_broken(manifest, slots)
    number = sum(len(token.edits) for token in manifest.tokens)
    ids = ", ".join(f"#{token_id}" for token_id in token_ids[:10])
    exact = _broken(manifest, slots, slack=0) is None
    counts = "every count and rule holds" if exact else "every rule holds, each count to within one"
    return f"; edits of the artist obeyed: {number} ({ids}), and {counts}"


def _broken(manifest: Manifest, slots: Sequence[Slot], slack: int) -> str | None:
    plan, traits = (slot.traits for slot in slots), (token.traits for token in manifest.tokens)
    return broken_promise(manifest.collection, plan, traits, slack)


def _refuse_broken(manifest: Manifest, slots: Sequence[Slot]) -> None:
    slack = int(any(token.edits for token in manifest.tokens))
    if why := _broken(manifest, slots, slack):
        raise VerifyError(f"the tokens' traits are not what the collection promises: {why}")
