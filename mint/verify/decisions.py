"""The artist's decisions against the tokens that a build made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mint.curate.decisions import (
    BannerWish,
    Decision,
    Decisions,
    Entry,
    FeaturedWish,
    Keep,
    part_of,
    verb_of,
)
from mint.curate.decisions_file import read_decisions
from mint.curate.token import Token
from mint.errors import VerifyError
from mint.record.manifest import Manifest
from mint.verify.unchecked import Unchecked


def check_decisions(manifest: Manifest, decisions: Decisions) -> list[Entry]:
    """Those that were not obeyed, because their picture is another one by now.

    Raises VerifyError where a decision about a picture that is there was not obeyed, or where
    `decisions`, the artist's file, says something else than the build read.
    """
    if decisions != (manifest.decisions or Decisions()):
        raise VerifyError(
            "decisions.yaml was edited since the build", hint="run mint build, then verify again"
        )
    tokens = {token.token_id: token for token in manifest.tokens}
    stale: list[Entry] = [*_unshown(manifest, tokens, decisions)]
    for each in decisions.entries:
        token = tokens.get(each.token)
        if token is None or not _obeyed(each, token, decisions):
            if token and _is_there(each, token):
                raise VerifyError(
                    f"token {each.token} is not as the artist decided: "
                    f"{verb_of(each)} attempt {each.attempt}"
                )
            stale.append(each)
    return stale


def _unshown(
    manifest: Manifest, tokens: Mapping[int, Token], decisions: Decisions
) -> Iterator[BannerWish | FeaturedWish]:
    """The banner and the featured token that are not shown, their picture being another by now."""
    if manifest.metadata is None:
        return  # the build went no further than the pictures
    banner, featured = manifest.banner, manifest.featured
    published = banner and banner.frame, featured
    wishes: list[BannerWish | FeaturedWish] = [*decisions.banner, *decisions.featured]
    if len(wishes) < sum(part is not None for part in published):
        raise VerifyError("the build has a banner or a featured token that decisions.yaml has not")
    for wish in wishes:
        if wish.token == featured if isinstance(wish, FeaturedWish) else wish.frame == published[0]:
            continue
        token = tokens.get(wish.token)
        if token and _shows(wish, token):
            raise VerifyError(f"{part_of(wish)} {wish.token} is not as the artist decided")
        yield wish


def _obeyed(decision: Decision, token: Token, decisions: Decisions) -> bool:
    if isinstance(decision, Keep):
        return token.attempt == decision.attempt and _shows(decision, token)
    if decisions.chosen(token.token_id) == token.attempt:
        return True
    return token.redraws > decisions.plain(token.token_id, decision.attempt)


def _is_there(decision: Decision, token: Token) -> bool:
    """Whether the picture that the artist saw is among the token's."""
    others = (each for each in token.attempts if each.attempt == decision.attempt)
    digits = decision.picture or ""
    if token.attempt == decision.attempt and _shows(decision, token):
        return True
    return any(each.image.pixels.startswith(digits) for each in others)


def _shows(decision: Entry, token: Token) -> bool:
    digest = token.enlarged.painted if token.enlarged else token.image.pixels
    return digest.startswith(decision.picture or "")


def obeyed_decisions(manifest: Manifest, file: Path) -> Iterator[str]:
    """How many of the decisions beside `file` the build obeyed, and which are about no picture."""
    decisions = read_decisions(file).decisions
    stale = check_decisions(manifest, decisions)
    wishes = (*decisions.entries, *decisions.banner, *decisions.featured)
    if count := len(wishes) - len(stale):
        yield f"obeyed decisions of the artist about single pictures: {count}"
    if stale:
        examples = ", ".join(f"{part_of(each)} {each.token}" for each in stale[:10])
        yield Unchecked(f"not obeyed, since the picture is another one by now: {examples}")
