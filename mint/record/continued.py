"""A build that ended early, and the record of the one before -> what is now on record.

A shorter build of the same tokens keeps what a longer one published and deployed; nothing is kept
beside a part that has changed since.
"""

from __future__ import annotations

from mint.chain.deployment import Deployment
from mint.curate.token import Token
from mint.record.manifest import Manifest


def continued(before: Manifest, now: Manifest) -> Manifest:
    """`now`, with what only `before` has, if both are of the same tokens."""
    if _unlarged(before, now):
        now = now.model_copy(update={"tokens": before.tokens, "runtimes": before.runtimes})
    parts = [name for name, part in now if part is not None and name != "deployment"]
    if any(getattr(before, name) != getattr(now, name) for name in parts):
        return now
    deployment = _with_mints(now.deployment, before.deployment)
    return before.model_copy(update={"deployment": deployment})


def _unlarged(before: Manifest, now: Manifest) -> bool:
    """Whether `now` stopped before it enlarged the very pictures that `before` enlarged."""
    if now.collection != before.collection or any(token.enlarged for token in now.tokens):
        return False
    return list(map(_painted, before.tokens)) == list(map(_painted, now.tokens))


def _painted(token: Token) -> tuple[object, ...]:
    pixels = token.enlarged.painted if token.enlarged else token.image.pixels
    return token.token_id, token.attempt, token.recipe, pixels


def _with_mints(now: Deployment | None, before: Deployment | None) -> Deployment | None:
    """What is on chain: the mints of the build before, where this one only found the contract."""
    if now is None or before is None:
        return now or before
    if len(now.transactions) > 1 or now.transactions != before.transactions[:1]:
        return now
    return now.model_copy(update={"transactions": before.transactions})
