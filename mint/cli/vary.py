"""`mint vary` and `mint blend`: further pictures of a token, to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.say import File, quoted, say, tell

if TYPE_CHECKING:
    from pathlib import Path

    from mint.paint.picture import Picture
    from mint.vary.easel import Easel, Proof

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

    They begin with the picture and are painted at once; none is chosen. The same command again
    paints nothing. What it adds are lines below edit: in decisions.yaml, beside your file: delete
    them to take it back; mint keep FILE TOKEN --attempt NUMBER makes one the token's picture.
    """
    if subtle + strong + (strength is not None) > 1:
        raise typer.BadParameter("give one of --subtle, --strong and --strength")
    from mint.cli.drawing import drawn_progress
    from mint.vary.easel import easel
    from mint.vary.vary import STRONG, SUBTLE
    from mint.vary.vary import vary as varied

    amount = strength or (SUBTLE if subtle else STRONG)
    with drawn_progress() as news, easel(file, news) as opened:
        proofs = varied(opened, token, attempt, count, amount, prompt or None, more=more)
        of = opened.painted(opened.candidates_of([(token, proofs[0].edit.of)]))
        sheet = _write_sheet(opened, "vary", token, [("attempt", of[0])], proofs)
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

    Their noise and their words are mixed before painting begins. They are painted at once; none is
    chosen. The same command again paints nothing. What it adds are lines below edit: in
    decisions.yaml, beside your file: delete them to take it back; mint keep FILE TOKEN --attempt
    NUMBER makes one the token's picture.
    """
    if len(tokens) != 2:
        raise typer.BadParameter("give two tokens, such as 3 7")
    from mint.cli.drawing import drawn_progress
    from mint.vary.blend import blend as blended
    from mint.vary.blend import parent_named
    from mint.vary.easel import easel

    first, second = map(parent_named, tokens)
    with drawn_progress() as news, easel(file, news) as opened:
        child = token or first[0]
        proofs = blended(opened, first, second, child, share, count, more=more)
        parents = proofs[0].edit.blend
        assert parents is not None
        pairs = [(each.token, each.attempt) for each in (parents.first, parents.second)]
        pictures = opened.painted(opened.candidates_of(pairs))
        shown = [(f"token {i}", p) for (i, _), p in zip(pairs, pictures, strict=True)]
        sheet = _write_sheet(opened, "blend", child, shown, proofs)
    _report(file, child, proofs, sheet)


def _write_sheet(
    opened: Easel,
    folder: str,
    token: int,
    before: list[tuple[str, Picture]],
    proofs: list[Proof],
) -> Path:
    """What they come from, and all of them, in one PNG."""
    from mint.paint.picture import stored
    from mint.store import write
    from mint.vary.sheet import proof_sheet

    cells = [*before, *((f"{proof.edit.attempt}", proof.picture) for proof in proofs)]
    store = opened.studio.store
    path = opened.folders.out / folder / f"{token}.png"
    write(path, proof_sheet([(words, stored(store, each)) for words, each in cells]))
    return path


def _report(file: Path, token: int, proofs: list[Proof], sheet: Path) -> None:
    from mint.plan.lineage import lineage

    for proof in proofs:
        seen = _seen(proof)
        tell(f"attempt {proof.edit.attempt}  {lineage(proof.edit)}{seen}")
    tell(f"sheet         {quoted(sheet)}")
    say(f"next: look, then mint keep {quoted(file)} {token} --attempt NUMBER, and mint build")


def _seen(proof: Proof) -> str:
    """What the judge saw, if it looked."""
    said = proof.look.judgements
    if not said:
        return ""
    wrong = [f"{trait}: {j.value}" for trait, j in said.items() if j.verdict == "contradicted"]
    shown = sum(j.verdict == "seen" for j in said.values())
    also = f"; it shows {', '.join(wrong)}" if wrong else ""
    return f"; {shown} of {len(said)} traits seen{also}"
