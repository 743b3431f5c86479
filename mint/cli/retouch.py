"""`mint retouch`: a part of a picture painted again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.progress import about
from mint.cli.say import File, quoted, say, tell

if TYPE_CHECKING:
    from mint.curate.token import Judgement
    from mint.curate.trial import Trial
    from mint.retouch.mend import Mending
    from mint.retouch.retouch import Retouched
    from mint.retouch.wish import Wish

FEW = 20  # tokens that a line names


def retouch(
    file: File,
    token: Annotated[
        int | None, typer.Option(help="The token's number, such as 17.", show_default=False)
    ] = None,
    trait: Annotated[
        list[str] | None,
        typer.Option(
            help="What changes: Headwear=crown gives the token a crown, Headwear alone paints the "
            "one that it has again. Give it once for each trait.",
            show_default=False,
        ),
    ] = None,
    mask: Annotated[
        str,
        typer.Option(
            help="Where the picture may change: a PNG or JPEG that is white there and black "
            "elsewhere; mint preview helps to draw one. auto finds where the trait is."
        ),
    ] = "auto",
    prompt: Annotated[
        str | None,
        typer.Option(
            help="Words to paint there in place of the token's own prompt; what one-of-ones need.",
            show_default=False,
        ),
    ] = None,
    strength: Annotated[
        float,
        typer.Option(
            min=0.01, max=1, help="How much of what was there goes: 1 leaves nothing of it."
        ),
    ] = 0.8,
    attempt: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Which of the token's pictures to begin with; without it the one it has now.",
            show_default=False,
        ),
    ] = None,
    tries: Annotated[
        int,
        typer.Option(
            min=1,
            max=50,
            help="How many times to paint it, at most, until the judge sees what is promised.",
        ),
    ] = 3,
    swap: Annotated[
        int | None,
        typer.Option(
            help="Another token, which gets the values that this one loses, and gives it its own: "
            "then every trait comes as often as before.",
            show_default=False,
        ),
    ] = None,
    fix_untrue: Annotated[
        bool,
        typer.Option(
            "--fix-untrue",
            help="Paint every trait again of which the judge saw another value than promised, in "
            "its place alone.",
        ),
    ] = False,
) -> None:
    """Paint a part of a picture again, and leave the rest as it is, to the bit.

    It paints at once, and the next build takes what it painted. Counts, rules and that no two
    tokens are alike are checked before. What it did is written to decisions.yaml, beside your
    file; delete the token's line below keep: to take it back. A mask that it found itself is in
    the folder masks, beside your file: change it, and give it with --mask.
    """
    single = (trait, prompt, attempt, swap, None if mask == "auto" else mask)
    if fix_untrue and (token is not None or any(each is not None for each in single)):
        raise typer.BadParameter(
            "--fix-untrue takes all tokens: it goes with --tries and --strength"
        )
    if fix_untrue:
        _mend(file, tries, strength)
    elif token is None:
        raise typer.BadParameter("give the token's number, --token 17, or --fix-untrue")
    else:
        from mint.retouch.wish import Wish, parsed_traits

        own_mask = None if mask == "auto" else Path(mask)
        _one(
            file,
            Wish(
                token, parsed_traits(trait or ()), own_mask, prompt, strength, attempt, tries, swap
            ),
        )


def _one(file: Path, wish: Wish) -> None:
    from mint.cli.drawing import drawn_progress
    from mint.retouch.retouch import retouch as paint

    with drawn_progress() as news:
        results = paint(file, wish, news, warn=news.warn)
    for result in results:
        for line in _lines(result):
            tell(line)
    _say_next(file)


def _mend(file: Path, tries: int, strength: float) -> None:
    from mint.cli.drawing import drawn_progress
    from mint.retouch.mend import mending

    with drawn_progress() as news, mending(file, tries, strength, news) as work:
        say(_cost(work))
        results = []
        for result in work.results():
            results.append(result)
            for line in _lines(result) if not result.after.reasons else ():
                news.interrupt(lambda line=line: tell(line))  # type: ignore[misc]  # mypy cannot infer a default
        choices = work.chosen
        token_ids = [each.before.candidate.token_id for each in work.changes]
    done = [each.edit.token for each in results if not each.after.reasons]
    left = [token_id for token_id in token_ids if token_id not in done]
    tell(f"mended      {len(done)} of {len(token_ids)} untrue tokens{_ids(done)}")
    if choices:
        tell(f"kept        {len(choices)} as you decided{_ids(choices)}")
    if left:
        tell(f"left        {len(left)}{_ids(left)}; paint them anew:")
        tell(f"            mint redraw {quoted(file)} {' '.join(map(str, left))}")
    if done:
        _say_next(file)


def _cost(work: Mending) -> str:
    number = len(work.changes)
    if not number:
        return "no picture contradicts its traits, so there is nothing to mend"
    time = f", {about(work.seconds)}" if work.seconds else ""
    tokens = "token" if number == 1 else "tokens"
    return f"{number} untrue {tokens}: at most {work.pictures} pictures{time}"


def _ids(token_ids: Sequence[int]) -> str:
    more = ", ..." if len(token_ids) > FEW else ""
    return f": {', '.join(f'#{i}' for i in token_ids[:FEW])}{more}" if token_ids else ""


def _lines(result: Retouched) -> Iterator[str]:
    """What became of a token, and what the judge saw before and after."""
    edit = result.edit
    tries = "1 try" if result.tries == 1 else f"{result.tries} tries"
    change = ", ".join(f"{name}: {value}" for name, value in edit.traits.items()) or "painted again"
    yield f"token {edit.token}: {change}; attempt {edit.attempt}, after {tries}"
    before, after = result.before, result.after
    subjects = {*result.places, *_contradicted(before), *_contradicted(after)}
    yield f"  before    {_verdicts(before, subjects)}"
    yield f"  after     {_verdicts(after, subjects)}"
    for reason in after.reasons:
        yield f"  warning   {reason}"
    yield f"  mask      {edit.mask_file}"
    yield f"  picture   {quoted(result.file)}"


def _contradicted(trial: Trial) -> Iterator[str]:
    pairs = trial.look.judgements.items()
    return (trait for trait, each in pairs if each.verdict == "contradicted")


def _verdicts(trial: Trial, subjects: Collection[str]) -> str:
    """What the judge saw, trait by trait of those that matter here."""
    judgements, traits = trial.look.judgements, trial.candidate.traits
    if not judgements:
        return "not judged"
    parts = [
        f"{trait}: {traits[trait]} {_verdict(judgements[trait])}"
        for trait in judgements
        if trait in subjects
    ]
    right = sum(each.verdict == "seen" for each in judgements.values())
    return "; ".join((*parts, f"{right} of {len(judgements)} judged traits seen"))


def _verdict(judgement: Judgement) -> str:
    """`seen (0.99)`, `not seen, but cap (0.02)`: the number is the probability of its own value."""
    words = {"seen": "seen", "unsure": "perhaps seen"}.get(
        judgement.verdict, f"not seen, but {judgement.value}"
    )
    return f"{words} ({judgement.probability:.2f})"


def _say_next(file: Path) -> None:
    from mint.curate.decisions_file import decisions_path

    say(f"written to {quoted(decisions_path(file))}; next: mint build {quoted(file)}")
