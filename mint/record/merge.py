"""The manifest of the previous build and that of this one -> what is now on record.

A build that stops early (`--until`) does not undo a longer one of the same tokens: what that one
published and deployed stays on record, as long as no part has changed since.
"""

from __future__ import annotations

from mint.chain.deployment import Deployment
from mint.curate.token import Token
from mint.record.manifest import Manifest


def merge(previous: Manifest, current: Manifest) -> Manifest:
    """`current`, with the later parts that only `previous` has if both are of the same tokens."""
    if _stopped_before_enlarging(previous, current):
        tokens = map(_enlarged, previous.tokens, current.tokens)
        parts_then = {"tokens": tuple(tokens), "runtimes": previous.runtimes}
        current = current.model_copy(update=parts_then)
    parts = [name for name, part in current if part is not None and name != "deployment"]
    if any(getattr(previous, name) != getattr(current, name) for name in parts):
        return current
    deployment = _merge_deployments(previous.deployment, current.deployment)
    return previous.model_copy(update={"deployment": deployment})


def _stopped_before_enlarging(previous: Manifest, current: Manifest) -> bool:
    """Whether `current` has the very pictures that `previous` enlarged, not enlarged yet."""
    if current.collection != previous.collection:
        return False
    if any(token.enlarged for token in current.tokens):
        return False
    return list(map(_painting, previous.tokens)) == list(map(_painting, current.tokens))


def _enlarged(previous: Token, current: Token) -> Token:
    """With the enlarged picture of `previous`; what was seen of it since stays."""
    larger = {"image": previous.image, "enlarged": previous.enlarged}
    return current.model_copy(update=larger)


def _painting(token: Token) -> tuple[object, ...]:
    """What identifies a token before it is enlarged."""
    pixels = token.enlarged.painted if token.enlarged else token.image.pixels
    return token.token_id, token.attempt, token.recipe, pixels


def _merge_deployments(
    previous: Deployment | None, current: Deployment | None
) -> Deployment | None:
    """The previous build's mints stay where this one only looked the same contract up."""
    if current is None or previous is None:
        return current or previous
    if len(current.transactions) > 1 or current.transactions != previous.transactions[:1]:
        return current
    return current.model_copy(update={"transactions": previous.transactions})
