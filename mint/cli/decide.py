"""`mint keep`, `mint redraw` and `mint reject`: the artist's word about single pictures."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.say import File, quoted, say, tell

if TYPE_CHECKING:
    from pathlib import Path

    from mint.curate.decisions import Decision, Decisions, Verb

Tokens = Annotated[
    list[int],
    typer.Argument(min=1, help="The tokens' numbers, such as 3 7.", show_default=False),
]
Attempt = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Which of the token's pictures: the first is 0, what was painted in its place is 1, "
        "and so on. Without it: the picture that the token has now.",
        show_default=False,
    ),
]


def keep(file: File, tokens: Tokens, attempt: Attempt = None) -> None:
    """Keep these pictures: the next build takes them as they are, whatever it thinks of them.

    With --attempt you choose an earlier picture of a token; all of them are in the folder attempts
    of the build, and in mint preview. What you decide is written to decisions.yaml, beside your
    file, in one line for each token; delete the line to take it back.
    """
    _decide(file, "keep", tokens, attempt)


def redraw(file: File, tokens: Tokens, attempt: Attempt = None) -> None:
    """Have these tokens painted again: the next build begins with another picture of each.

    The picture that you turn down is not lost: mint keep brings it back. What you decide is
    written to decisions.yaml, beside your file, in one line for each token; delete the line to take
    it back.
    """
    _decide(file, "redraw", tokens, attempt)


def reject(
    file: File,
    tokens: Tokens,
    reason: Annotated[
        str,
        typer.Option(
            help='What is wrong with the picture, such as "six fingers". It is written down beside '
            "the picture, in your record of the build.",
            show_default=False,
        ),
    ],
    attempt: Attempt = None,
) -> None:
    """Turn these pictures down and say why: the next build paints the tokens again.

    It does what mint redraw does, and notes the reason. What you decide is written to
    decisions.yaml, beside your file, in one line for each token; delete the line to take it back.
    """
    _decide(file, "reject", tokens, attempt, reason)


def _decide(
    file: Path, verb: Verb, tokens: list[int], attempt: int | None, reason: str = ""
) -> None:
    from mint.curate.decisions import Decisions
    from mint.curate.decisions_file import change, decisions_path
    from mint.record.attempts import exhibition
    from mint.record.folders import folders_of
    from mint.spec.load import load

    pictures = exhibition(folders_of(file, load(file)[0]))
    # All or none: a wrong number among them leaves the file alone.
    decisions = [pictures.decide(verb, token, attempt, reason) for token in tokens]
    now = change(file, lambda earlier: reduce(Decisions.with_decision, decisions, earlier))
    for decision in decisions:
        tell(_sentence(verb, decision, now))
    say(f"written to {quoted(decisions_path(file))}; next: mint build {quoted(file)}")


def _sentence(verb: Verb, decision: Decision, now: Decisions) -> str:
    if verb == "keep":
        return f"token {decision.token}: attempt {decision.attempt} is its picture"
    first = now.first_attempt(decision.token)
    return f"token {decision.token}: painted again, from attempt {first} on"
