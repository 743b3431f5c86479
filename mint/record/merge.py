"""The manifest of the previous build and that of this one -> what is now on record.

A build that stops early (`--until`) does not undo a longer one of the same tokens: what that one
published and deployed stays on record, as long as no part has changed since.
"""

from __future__ import annotations

from mint.chain.deployment import Deployment
from mint.curate.token import Token
from mint.record.manifest import Manifest

# What was seen of the same pictures: the newer build says it, and it makes them no others.
FINDINGS = ("judging", "untrue", "unresolved", "duplicates", "quality", "safety", "decisions")
TOKEN_FINDINGS = ("judgements", "attempts", "nearest", "clip_score", "unsafe")
# What stages after painting decide, of which metadata names the last two.
LATER = ("image", "enlarged", "signed")
BESIDE = ("animation", "wallpaper")
IDENTITY = [name for name in Token.model_fields if name not in TOKEN_FINDINGS]


def merge(previous: Manifest, current: Manifest) -> Manifest:
    """`current`, with the later parts that only `previous` has if both are of the same tokens."""
    stopped = (
        _stopped_before_enlarging,
        _stopped_before_signing,
        _stopped_before_animating,
        _stopped_before_extending,
    )
    if any(before(previous, current) for before in stopped):
        pairs = zip(current.tokens, previous.tokens, strict=True)
        # Metadata comes last: whoever wrote it knows which tokens move and have a wallpaper.
        names = LATER if current.metadata else (*LATER, *BESIDE)
        tokens = tuple(
            now.model_copy(update={name: getattr(then, name) for name in names})
            for now, then in pairs
        )
        current = current.model_copy(update={"tokens": tokens, "runtimes": previous.runtimes})
    apart = ("tokens", "deployment", *FINDINGS)
    parts = [name for name, part in current if part is not None and name not in apart]
    if any(getattr(previous, name) != getattr(current, name) for name in parts):
        return current
    if _banner_wishes(previous) != _banner_wishes(current):
        return current
    if list(map(_identity, previous.tokens)) != list(map(_identity, current.tokens)):
        return current
    newer = {name: getattr(current, name) for name in ("tokens", *FINDINGS)}
    newer["deployment"] = _merge_deployments(previous.deployment, current.deployment)
    return previous.model_copy(update=newer)


def _banner_wishes(manifest: Manifest) -> tuple[object, ...]:
    decisions = manifest.decisions
    return (decisions.banner, decisions.featured) if decisions else ((), ())


def _identity(token: Token) -> list[object]:
    return [getattr(token, name) for name in IDENTITY]


def _stopped_before_enlarging(previous: Manifest, current: Manifest) -> bool:
    """Whether `current` has the very pictures that `previous` enlarged, not enlarged yet."""
    if current.collection != previous.collection:
        return False
    if any(token.enlarged for token in current.tokens):
        return False
    return list(map(_painting, previous.tokens)) == list(map(_painting, current.tokens))


def _stopped_before_signing(previous: Manifest, current: Manifest) -> bool:
    """Whether `current` has the very files that `previous` signed, not signed yet."""
    if current.collection != previous.collection or not all(t.signed for t in previous.tokens):
        return False
    if any(token.signed for token in current.tokens):
        return False
    return list(map(_file, previous.tokens)) == list(map(_file, current.tokens))


def _stopped_before_animating(previous: Manifest, current: Manifest) -> bool:
    """Whether `current` has the very files of `previous`, of which tokens do not move yet."""
    if current.collection != previous.collection or any(t.animation for t in current.tokens):
        return False
    before, now = ([(*_file(t), t.image.file) for t in m.tokens] for m in (previous, current))
    return any(t.animation for t in previous.tokens) and before == now


def _stopped_before_extending(previous: Manifest, current: Manifest) -> bool:
    """Whether `current` has the very files and films of `previous`, and no wallpapers yet."""
    if current.collection != previous.collection or any(t.wallpaper for t in current.tokens):
        return False
    before, now = (
        [(*_file(t), t.image.file, t.animation) for t in m.tokens] for m in (previous, current)
    )
    return any(t.wallpaper for t in previous.tokens) and before == now


def _file(token: Token) -> tuple[object, ...]:
    """What identifies a token before it is signed."""
    file = token.signed.file if token.signed else token.image.file
    return *_painting(token), token.enlarged, file


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
