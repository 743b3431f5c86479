"""`mint vary` and `mint blend`: further pictures of a token, to choose from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.say import File, quoted, say, tell

if TYPE_CHECKING:
    from pathlib import Path

    from mint.curate.trial import Trial
    from mint.retouch.easel import Easel
    from mint.vary.proofs import Proof
    from mint.vary.vary import Amount

More = Annotated[
    bool,
    typer.Option("--more", help="Paint as many again, besides those that are there already."),
]


def vary(
    file: File,
    token: Annotated[int, typer.Option(min=1, help="Which token.", show_default=False)],
    attempt: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Which of its pictures to begin with; without it, the one that it has now.",
            show_default=False,
        ),
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=100, help="How many variations.")] = 8,
    subtle: Annotated[
        bool, typer.Option("--subtle", help="Change details only: half of the picture goes.")
    ] = False,
    strong: Annotated[
        bool, typer.Option("--strong", help="Change much: four fifths go. So it is without both.")
    ] = False,
    strength: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=1,
            help="In place of both: how much of the picture goes, up to 1, which leaves nothing.",
            show_default=False,
        ),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(help="Other words than the token's own, in full.", show_default=False),
    ] = None,
    more: More = False,
) -> None:
    """Paint variations of a token's picture, for you to choose one.

    They begin with the picture and are painted at once; none is chosen. A model with a prior and a
    decoder (Kandinsky 2.2) paints anew what it sees in the picture: with --subtle, as without an
    option, that alone; with --strong, half of it turned to the words. The same command again
    paints nothing. What it adds are lines below edit: in decisions.yaml, beside your file: delete
    them to take it back; mint keep FILE TOKEN --attempt NUMBER makes one the token's picture.
    """
    if subtle + strong + (strength is not None) > 1:
        raise typer.BadParameter("give one of --subtle, --strong and --strength")
    from mint.cli.drawing import drawn_progress
    from mint.retouch.easel import open_easel, refuse_unknown_token
    from mint.vary.vary import Variations
    from mint.vary.vary import vary as varied

    amount: float | Amount | None = strength
    if subtle or strong:
        amount = "subtle" if subtle else "strong"
    how = Variations(amount, prompt or None, count, more)
    check = partial(refuse_unknown_token, token_id=token)
    with drawn_progress() as news, open_easel(file, news, masked=False, check=check) as easel:
        if line := easel.warning(how.prompt):
            news.warn(line)
        before, proofs = varied(easel, token, attempt, how, news)
        cells = [(f"attempt {before.candidate.attempt}", before)]
        sheet = _write_sheet(easel, f"vary/{token}.png", cells, proofs)
    _report(file, token, proofs, sheet)


def blend(
    file: File,
    tokens: Annotated[
        list[str],
        typer.Argument(
            help="Two tokens, such as 3 7. A colon names an attempt: 7:2 is the token's third "
            "picture.",
            show_default=False,
        ),
    ],
    share: Annotated[
        float,
        typer.Option(
            min=0.05, max=0.95, help="How much is the second's; the others lie around it."
        ),
    ] = 0.5,
    count: Annotated[int, typer.Option(min=1, max=100, help="How many mixtures.")] = 4,
    token: Annotated[
        int | None,
        typer.Option(
            "--for",
            min=1,
            help="The token that may get one of them, such as a one-of-one; without it, the first.",
            show_default=False,
        ),
    ] = None,
    more: More = False,
) -> None:
    """Mix the pictures of two tokens, for you to choose a child of both.

    Their noise and their words are mixed before painting begins; a model with a prior and a decoder
    (Kandinsky 2.2) mixes what it sees in both. They are painted at once; none is chosen. The same
    command again paints nothing. What it adds are lines below edit: in decisions.yaml, beside your
    file: delete them to take it back; mint keep FILE TOKEN --attempt NUMBER makes one the token's
    picture.
    """
    if len(tokens) != 2:
        raise typer.BadParameter("give two tokens, such as 3 7")
    from mint.cli.drawing import drawn_progress
    from mint.retouch.easel import open_easel
    from mint.vary.blend import Mixtures, named, refuse_unlike
    from mint.vary.blend import blend as blended

    first, second = map(named, tokens)
    how = Mixtures(first, second, token or first.token, share, count, more)
    unlike = partial(refuse_unlike, how=how)
    with drawn_progress() as news, open_easel(file, news, masked=False, check=unlike) as easel:
        parents, proofs = blended(easel, how, news)
        cells = [(f"token {each.candidate.token_id}", each) for each in parents]
        sheet = _write_sheet(easel, f"blend/{how.token}.png", cells, proofs)
    _report(file, how.token, proofs, sheet)


def _write_sheet(
    easel: Easel, name: str, before: list[tuple[str, Trial]], proofs: list[Proof]
) -> Path:
    """What they come from, and all that the token has of their kind, also of earlier commands."""
    from mint.paint.picture import stored
    from mint.store import write
    from mint.vary.proofs import alike
    from mint.vary.sheet import proof_sheet

    keys = {(each.candidate.token_id, each.candidate.attempt) for _, each in before}
    cells = [(words, each.picture) for words, each in before]
    cells += [(f"{edit.attempt}", picture) for edit, picture in alike(easel, proofs)
              if (edit.token, edit.attempt) not in keys]  # fmt: skip
    path = easel.folders.out / name
    write(path, proof_sheet([(words, stored(easel.studio.store, each)) for words, each in cells]))
    return path


def _report(file: Path, token: int, proofs: list[Proof], sheet: Path) -> None:
    from mint.plan.lineage import lineage

    for proof in proofs:
        score = _score(proof)
        tell(f"attempt {proof.edit.attempt}  {lineage(proof.edit)}{score}")
    tell(f"sheet         {quoted(sheet)}")
    say(f"next: look, then mint keep {quoted(file)} {token} --attempt NUMBER, and mint build")


def _score(proof: Proof) -> str:
    """What the judge saw, if it looked."""
    judgements = proof.trial.look.judgements
    if not judgements:
        return ""
    wrong = [
        f"{trait}: {j.value}" for trait, j in judgements.items() if j.verdict == "contradicted"
    ]
    number = sum(j.verdict == "seen" for j in judgements.values())
    also = f"; it shows {', '.join(wrong)}" if wrong else ""
    return f"; {number} of {len(judgements)} traits seen{also}"
