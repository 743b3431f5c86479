"""What the artist decided about single pictures, and from which attempt each token begins. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Literal, get_args

from pydantic import Field

from mint.document import Document
from mint.plan.banner import Frame
from mint.plan.edit import FIRST, Edit, beginning

Verb = Literal["keep", "redraw", "reject"]
PREFIX = 12  # hex digits of a picture's digest that a decision carries: enough to tell two apart
MOST_REASON = 500  # characters

TokenId = Annotated[int, Field(ge=1, le=1_000_000)]
AttemptNumber = Annotated[int, Field(ge=0, le=9_999)]
# The first digits of the painted picture's pixel digest. Without them it is any picture's.
PictureId = Annotated[str, Field(pattern="^[0-9a-f]{8,64}$")]


class Keep(Document):
    """This attempt is the token's picture; nothing else is asked of it."""

    token: TokenId
    attempt: AttemptNumber
    picture: PictureId | None = None


class Redraw(Document):
    """Another picture, painted after this attempt."""

    token: TokenId
    after: AttemptNumber
    picture: PictureId | None = None

    @property
    def attempt(self) -> int:
        """The attempt that it speaks of."""
        return self.after


class Reject(Redraw):
    """The same, because something is wrong with the picture."""

    reason: Annotated[str, Field(min_length=1, max_length=MOST_REASON)]


Decision = Keep | Redraw | Reject


class Edited(Edit):
    """An edit of a token's picture; `picture` is the one that it begins with.

    `mask_file` is where the mask came from, relative to collection.yaml; its pixels' digest is
    what counts.
    """

    token: TokenId
    picture: PictureId | None = None
    mask_file: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    @property
    def edit(self) -> Edit:
        """What of it is published."""
        return Edit.model_validate(self.model_dump(include=set(Edit.model_fields)))


class BannerWish(Frame):
    """The collection's banner; `picture` is the one of the token that it begins with.

    Where `early`, a sale shows it before its reveal.
    """

    picture: PictureId | None = None
    early: bool = Field(False, exclude_if=lambda early: not early)

    @property
    def frame(self) -> Frame:
        """What of it decides the banner's pixels."""
        return Frame.model_validate(self.model_dump(include=set(Frame.model_fields)))


class FeaturedWish(Document):
    """The token that marketplaces show for the collection."""

    token: TokenId
    picture: PictureId | None = None


Entry = Decision | Edited | BannerWish | FeaturedWish


def _none(entries: tuple[Document, ...]) -> bool:
    return not entries


class Decisions(Document):
    """All decisions about a collection, in the order of decisions.yaml.

    A token has one `keep` at most, and it wins over redraws of other attempts. An `edit` says how
    one of a token's pictures comes from another; it is the token's only by a `keep`. There is one
    `banner` and one `featured` token at most.
    """

    keep: tuple[Keep, ...] = ()
    redraw: tuple[Redraw, ...] = ()
    reject: tuple[Reject, ...] = ()
    edit: tuple[Edited, ...] = Field((), exclude_if=_none)
    banner: tuple[BannerWish, ...] = Field((), max_length=1, exclude_if=_none)
    featured: tuple[FeaturedWish, ...] = Field((), max_length=1, exclude_if=_none)

    @property
    def entries(self) -> tuple[Decision, ...]:
        """All of them about whether a picture is its token's."""
        return (*self.keep, *self.redraw, *self.reject)

    @property
    def parts(self) -> dict[Part, tuple[Entry, ...]]:
        """What stands in each part of decisions.yaml, in the file's order."""
        return {
            "keep": self.keep,
            "redraw": self.redraw,
            "reject": self.reject,
            "edit": self.edit,
            "banner": self.banner,
            "featured": self.featured,
        }

    @cached_property
    def choices(self) -> Mapping[int, int]:
        """token_id -> the attempt that the artist keeps."""
        return {each.token: each.attempt for each in self.keep}

    @cached_property
    def beginnings(self) -> Mapping[int, int]:
        """token_id -> the first attempt behind all that the artist turned down."""
        first: dict[int, int] = {}
        for each in (*self.redraw, *self.reject):
            later = self.plain(each.token, each.after) + 1
            first[each.token] = max(first.get(each.token, 0), later)
        return first

    def chosen(self, token_id: int) -> int | None:
        """The attempt to take as it is, or None where the artist chose none."""
        return self.choices.get(token_id)

    def plain(self, token_id: int, attempt: int) -> int:
        """The attempt of a build's own that an edit begins with; -1 where the edit is missing."""
        return beginning(attempt, self.edits(token_id))

    def first_attempt(self, token_id: int) -> int:
        """The attempt to begin with."""
        return self.beginnings.get(token_id, 0)

    def edits(self, token_id: int) -> dict[int, Edit]:
        """The edits of a token, by the attempt that each gives."""
        return {each.attempt: each.edit for each in self.edit if each.token == token_id}

    def next_edit(self, token_id: int) -> int:
        """The number of the token's next edit."""
        return max((*self.edits(token_id), FIRST - 1)) + 1

    def with_edit(self, edit: Edited) -> Decisions:
        """With one more edit, or another one of the same number."""
        place = edit.token, edit.attempt
        others = (each for each in self.edit if (each.token, each.attempt) != place)
        return self.model_copy(update={"edit": (*others, edit)})

    def with_banner(self, wish: BannerWish) -> Decisions:
        """With this banner in place of another."""
        return self.model_copy(update={"banner": (wish,)})

    def with_featured(self, wish: FeaturedWish) -> Decisions:
        """With this featured token in place of another."""
        return self.model_copy(update={"featured": (wish,)})

    def without(self, token_id: int, attempt: int | None = None) -> Decisions:
        """Nothing decided about this token, or its `attempt`; edits stay, for another `keep`."""
        rest = [e for e in self.entries if e.token != token_id or attempt not in (None, e.attempt)]
        return self.with_entries(rest)

    def with_entries(self, entries: Iterable[Decision]) -> Decisions:
        """With these decisions in place of all others about whether a picture is its token's."""
        verbs = collect(entries)
        others: dict[str, tuple[Entry, ...]] = {}
        others |= {part: each for part, each in self.parts.items() if part not in get_args(Verb)}
        return verbs.model_copy(update=others)

    def with_decision(self, decision: Decision) -> Decisions:
        """The latest word counts: what contradicts it goes.

        A `keep` replaces the token's earlier `keep` and what was said against the same attempt;
        a redraw or a reject replaces the token's `keep`, and each other about the same attempt.
        """

        def stands(earlier: Decision) -> bool:
            if earlier.token != decision.token:
                return True
            if isinstance(earlier, Keep):
                return False
            return earlier.attempt != decision.attempt

        return self.with_entries([*(each for each in self.entries if stands(each)), decision])


def collect(decisions: Iterable[Decision]) -> Decisions:
    """Single decisions as one record."""
    each = tuple(decisions)
    return Decisions(
        keep=tuple(d for d in each if isinstance(d, Keep)),
        redraw=tuple(d for d in each if isinstance(d, Redraw) and not isinstance(d, Reject)),
        reject=tuple(d for d in each if isinstance(d, Reject)),
    )


def decision_of(
    verb: Verb, token_id: int, attempt: int, pixels: str | None, reason: str = ""
) -> Decision:
    """A decision about the picture whose pixels have this digest; raises ValidationError."""
    picture = pixels and pixels[:PREFIX]
    if verb == "keep":
        return Keep(token=token_id, attempt=attempt, picture=picture)
    if verb == "redraw":
        return Redraw(token=token_id, after=attempt, picture=picture)
    return Reject(token=token_id, after=attempt, picture=picture, reason=reason)


Part = Literal["keep", "redraw", "reject", "edit", "banner", "featured"]  # of decisions.yaml


def part_of(entry: Entry) -> Part:
    """The part of decisions.yaml that an entry stands in."""
    if isinstance(entry, BannerWish):
        return "banner"
    if isinstance(entry, FeaturedWish):
        return "featured"
    return "edit" if isinstance(entry, Edited) else verb_of(entry)


def verb_of(decision: Decision) -> Verb:
    """The command, and the part of decisions.yaml, that it comes from."""
    if isinstance(decision, Keep):
        return "keep"
    return "reject" if isinstance(decision, Reject) else "redraw"
