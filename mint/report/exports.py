"""Manifest -> tokens.csv, a table of all tokens for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from mint.curate.token import Token
from mint.record.manifest import Manifest
from mint.report.judged import Doubt, least_certain
from mint.report.tally import Tally, is_unique

# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
FIELDS = (
    "token_id", "name", "attempt", "rank", "score", "clip_score", "least_certain", "nearest",
    "likeness", "unsafe", "to_review", "seed", "prompt", "pixels", "file",
)  # fmt: skip


def tokens_csv(
    manifest: Manifest, tallies: Sequence[Tally], doubts: Sequence[Doubt]
) -> Iterator[str]:
    """A line for each token: FIELDS, then a column for each trait. What is absent is empty."""
    yield _line([*FIELDS, *(t.trait for t in tallies)])
    reasons = {doubt.place: " ".join(doubt.reasons) for doubt in doubts}
    for i, token in enumerate(manifest.tokens):
        yield _line(_cells(manifest, tallies, i, token, reasons.get(i)))


def _line(cells: Iterable[object]) -> str:
    """By RFC 4180: lines end in CRLF, and cells with either are quoted."""
    out = StringIO(newline="")
    csv.writer(out).writerow(map(inert, cells))
    return out.getvalue()


def inert(cell: object) -> object:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell


def _cells(
    manifest: Manifest, tallies: Sequence[Tally], i: int, token: Token, reasons: str | None
) -> Iterator[object]:
    rarity = manifest.rarity[i] if manifest.rarity else None
    nearest = token.nearest
    yield from (token.token_id, token.name, token.attempt)
    yield from (rarity and rarity.rank, rarity and rarity.score)
    yield from (token.clip_score, least_certain(token))
    yield from (nearest and nearest.token_id, nearest and nearest.likeness)
    yield from (token.unsafe, reasons, str(token.recipe.seed), token.recipe.prompt)
    yield from (token.image.pixels, token.image.file)
    unique = is_unique(token, manifest.collection)
    for each in tallies:
        place = each.place(token, unique)
        yield each.counts[place].value if place >= 0 else None
