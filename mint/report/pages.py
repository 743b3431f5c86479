"""How many tokens there are -> the pages of a report: what each is called and which tokens it has.

The first page is the report itself; the others hold the contact sheet of the tokens after it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Tokens of one page: few collections have more, and the others stay one page. Measured in Chromium
# with six traits: 10,000 (8 MB) open in 0.9 s, and the script has 18 MB in memory; 100,000 on one
# page (76 MB) take 3.4 s and 109 MB, each time that it is opened.
PER_PAGE = 10_000
FIRST = "index.html"
FURTHER = re.compile(r"tokens-([2-9]|[1-9][0-9]+)\.html")  # the names of the further pages


class Page(NamedTuple):
    """`places` are those of its tokens in the manifest, where token 1 is at 0."""

    file: str
    places: range

    @property
    def first(self) -> int:
        """The number of its first token."""
        return self.places.start + 1

    @property
    def last(self) -> int:
        """The number of its last token."""
        return self.places.stop

    @property
    def name(self) -> str:
        """`10,001–20,000`."""
        return f"{self.first:,}\u2013{self.last:,}"


class Pages(NamedTuple):
    """All pages of a report, in order, of `per_page` tokens each; the last may have fewer."""

    pages: tuple[Page, ...]
    per_page: int

    def of(self, token_id: int) -> Page:
        """The page that has the token; the first where none does."""
        number = (token_id - 1) // self.per_page
        return self.pages[number] if 0 <= number < len(self.pages) else self.pages[0]


def pages(total: int, per_page: int = PER_PAGE) -> Pages:
    """The pages of `total` tokens: the first alone, up to `per_page` of them."""
    starts = range(0, total, per_page) or range(1)
    files = [FIRST, *(f"tokens-{n}.html" for n in range(2, len(starts) + 1))]
    places = (range(start, min(start + per_page, total)) for start in starts)
    return Pages(tuple(map(Page, files, places)), per_page)
