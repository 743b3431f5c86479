"""decisions.yaml: what may stand there, how it is written, and what the loop makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mint.curate.curate import curate
from mint.curate.decisions import Decision, Decisions, Keep, Redraw, Reject, decision_of
from mint.curate.decisions_file import DecisionsFile, change, decisions_path, read_decisions
from mint.curate.events import Opinion
from mint.curate.perceptual_hash import PRINT, Prints
from mint.curate.ruling import Ruling, rule_on
from mint.document import sha256
from mint.errors import CollectionError
from mint.paint.picture import Picture
from mint.plan.recipe import Candidate, Painter, Slot, candidate
from mint.plan.tokens import plan
from mint.spec.painting import Dedup
from mint.spec.yaml_source import Source
from tests import exhibit

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

DIGEST = sha256(b"a picture")
EDIT = "edit:\n  - {token: 1, attempt: 1000, of: 0, "
DIGITS = ["000012345678", "12e45678", "123456789012"]
ARTISTS = """\
# my favourites
keep:
    # the fox with the hat!
    3: 0     # never touch
    8: {attempt: 2, picture: 123456789012}

redraw:
- {token: 12, after: 0}   # too dark
- token: 13
  after: 1
"""

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
decisions = st.one_of(
    st.builds(Keep, token=st.integers(1, 4), attempt=st.integers(0, 2), picture=st.just("0" * 12)),
    st.builds(Redraw, token=st.integers(1, 4), after=st.integers(0, 2)),
    st.builds(Reject, token=st.integers(1, 4), after=st.integers(0, 2), reason=texts),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where collection.yaml would be."""
    return tmp_path / "collection.yaml"


def write(file: Path, text: str) -> Path:
    decisions_path(file).write_text(text, encoding="utf-8")
    return file


def text_of(file: Path) -> str:
    return decisions_path(file).read_text(encoding="utf-8")


def entries(decisions: Decisions) -> set[bytes]:
    return {each.canonical() for each in decisions.entries}


# --- the file


def test_no_file_is_no_decision(file: Path) -> None:
    assert read_decisions(file).decisions == Decisions()
    change(file, lambda earlier: earlier.without(3))
    assert not decisions_path(file).exists()


def test_taking_back_what_was_said_of_an_attempt_leaves_the_others() -> None:
    first, second = (decision_of("reject", 7, attempt, DIGEST, "dark") for attempt in (0, 1))
    keep = decision_of("keep", 7, 2, DIGEST)
    both = Decisions().with_entries([first, second, keep])
    assert entries(both.without(7, 1)) == entries(Decisions().with_entries([first, keep]))
    assert both.without(7) == Decisions()


def test_the_first_decision_begins_a_file_that_explains_itself(file: Path) -> None:
    reject = decision_of("reject", 7, 1, DIGEST, 'six "fingers"')

    change(file, lambda earlier: earlier.with_decision(reject))

    *comment, heading, line = text_of(file).splitlines()
    assert all(each.startswith("# ") for each in comment)
    assert "Delete a line to take it back" in text_of(file)
    assert heading == "reject:"
    expected = f'  - {{token: 7, after: 1, picture: "{DIGEST[:12]}", reason: "six \\"fingers\\""}}'
    assert line == expected
    assert read_decisions(file).decisions.reject == (reject,)


def test_each_file_of_a_folder_has_decisions_of_its_own(tmp_path: Path) -> None:
    names = [decisions_path(tmp_path / name).name for name in ("collection.yaml", "birds.yaml")]

    assert names == ["decisions.yaml", "birds.decisions.yaml"]


def test_what_the_artist_wrote_stays(file: Path) -> None:
    write(file, ARTISTS)
    keep, redraw = decision_of("keep", 5, 1, DIGEST), decision_of("redraw", 8, 2, DIGEST)

    change(file, lambda earlier: earlier.with_decision(keep).with_decision(redraw))

    digits = DIGEST[:12]
    new = ARTISTS.replace(
        "    8: {attempt: 2, picture: 123456789012}\n",
        f'    5: {{attempt: 1, picture: "{digits}"}}\n',
    )
    assert text_of(file) == new + f'- {{token: 8, after: 2, picture: "{digits}"}}\n'


def test_a_line_taken_out_is_a_decision_taken_back(file: Path) -> None:
    write(file, ARTISTS)

    change(file, lambda earlier: earlier.without(13))
    assert text_of(file) == ARTISTS.replace("- token: 13\n  after: 1\n", "")
    change(file, lambda earlier: earlier.without(12))
    assert text_of(file) == ARTISTS.partition("redraw:")[0]


@pytest.mark.parametrize(
    "text",
    [
        "keep: {3: 0, 8: 1}\n",
        "# mine\nkeep: {3: 0,\n  8: 1}",
        "redraw: [{token: 3, after: 0}]\nkeep:\nreject: []\n",
        "redraw:\n  -\n    token: 3\n    after: 0\n",
        "keep:\r\n  3: 0\r\n",
        "{keep: {3: 0}}",
    ],
)
def test_a_form_that_has_no_lines_to_cut_is_written_anew(file: Path, text: str) -> None:
    before = read_decisions(write(file, text)).decisions
    new = decision_of("reject", 9, 0, DIGEST, "blurred")

    change(file, lambda earlier: earlier.with_decision(new).without(3))

    after = entries(before.without(3).with_decision(new))
    assert entries(read_decisions(file).decisions) == after
    assert text_of(file).startswith("# mine") == text.startswith("# mine")


@settings(max_examples=25)  # each writes to disk, durably
@given(st.lists(decisions, max_size=12))
def test_whatever_is_decided_is_read_again(steps: Sequence[Decision]) -> None:
    with TemporaryDirectory() as folder:
        file = write(Path(folder) / "collection.yaml", ARTISTS)
        for step in steps:
            change(file, lambda earlier, new=step: earlier.with_decision(new))  # type: ignore[misc]  # a default holds the loop's value

        expected = reduce(Decisions.with_decision, steps, _artists(folder))
        assert entries(read_decisions(file).decisions) == entries(expected)
        assert "# my favourites" in text_of(file)


def _artists(folder: str) -> Decisions:
    return read_decisions(write(Path(folder) / "other.yaml", ARTISTS)).decisions


def test_digits_that_look_like_a_number_are_a_picture(file: Path) -> None:
    write(
        file,
        "keep:\n  3: {attempt: 0, picture: 000012345678}\n  4: {attempt: 0, picture: 12e45678}",
    )

    assert [each.picture for each in read_decisions(file).decisions.keep] == [
        "000012345678",
        "12e45678",
    ]


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("kept:\n  3: 0", "1:1", '"kept" is no decision', 'did you mean "keep"?'),
        ("- 3", "1:1", "missing their heading", "begin with keep:"),
        ("keep: [3]", "1:7", "no entry of keep:", "3: {attempt: 0}"),
        ("keep:\n  fox: 0", "2:3", '"fox" is no token', "a token's number"),
        ("keep:\n  3: yes", "2:6", "no entry of keep:", "3: {attempt: 0}"),
        ("keep:\n  3: -1", "2:6", '"attempt" cannot be -1', "the first is 0"),
        ("keep:\n  3: {after: 1}", "2:7", '"after" is unknown', 'use one of: attempt, picture'),
        ("keep:\n  3: {attempt: 1, picture: fox}", "2:28", '"picture" cannot be fox', "12 digits"),
        ("keep:\n  3: 0\n  3: 1", "3:3", '"3" is written twice', "keep one"),
        ("keep:\n  3: {token: 5, attempt: 0}", "2:6", "no entry of keep:", "3: {attempt: 0}"),
        ("redraw: 12", "1:9", "no entry of redraw:", "- {token: 12, after: 0}"),
        ("redraw:\n  - 12", "2:5", "no entry of redraw:", "- {token: 12, after: 0}"),
        ("redraw:\n  - {token: 12}", "2:5", '"after" is missing', "you saw"),
        ("redraw:\n  - {token: 0, after: 0}", "2:13", '"token" cannot be 0', "1 or more"),
        ("redraw:\n  - {token: 1, after: 0, reason: x}", "2:26", '"reason" is unknown', "use one"),
        ("reject:\n  - {token: 7, after: 1}", "2:5", '"reason" is missing', "in at most 500"),
        (EDIT + "strength: 0}", "2:48", '"strength" cannot be 0', "above 0"),
        (EDIT + "strength: 1, embedding: no}", "2:62", '"embedding" cannot be', "write true or"),
        (EDIT + "strength: 1, blend: 3}", "2:58", '"blend" cannot be 3', "{first: {token: 3"),
        (
            "keep:\n  7: 1\nreject:\n  - {token: 7, after: 1, reason: x}",
            "4:5",
            "attempt 1 of token 7 is kept and painted again",
            "delete this line",
        ),
    ],
)  # fmt: skip
def test_mistakes(file: Path, text: str, place: str, message: str, hint: str) -> None:
    write(file, text)

    with pytest.raises(CollectionError) as caught:
        read_decisions(file)

    assert str(caught.value).startswith(f"{decisions_path(file)}:{place}: ")
    assert message in str(caught.value)
    assert hint in caught.value.hint
    with pytest.raises(CollectionError):  # and nothing is written over it
        change(file, lambda earlier: earlier.without(1))
    assert text_of(file) == text


# --- the latest word counts


def test_the_latest_word_about_an_attempt_counts() -> None:
    steps = [
        decision_of("redraw", 3, 0, DIGEST),
        decision_of("reject", 3, 1, DIGEST, "blurred"),
        decision_of("keep", 3, 0, DIGEST),  # after all
    ]
    decided = reduce(Decisions.with_decision, steps, Decisions())

    assert decided.redraw == ()
    assert decided.reject == (steps[1],)
    assert decided.chosen(3) == 0
    again = decided.with_decision(decision_of("redraw", 3, 0, DIGEST))
    assert again.chosen(3) is None
    assert again.first_attempt(3) == 2  # behind both
    assert (again.chosen(4), again.first_attempt(4)) == (None, 0)


# --- the loop


class Studio:
    """Three or more slots, painted by name: `looks` maps (token_id, attempt) to a picture."""

    def __init__(self, looks: Mapping[tuple[int, int], str], supply: int = 4) -> None:
        image = {"prompt": "{T}", "width": 64, "height": 64, "batch": 3}
        traits = {"T": [f"v{i}" for i in range(supply)]}
        self.collection = exhibit.collection(supply, image=image, traits=traits)
        self.slots, self.looks = plan(self.collection), looks
        self.heard: list[tuple[int, int, Opinion]] = []
        self.warnings: list[str] = []

    def propose(self, slot: Slot, attempt: int) -> Candidate:
        return candidate(self.collection, slot, attempt, Painter("runtime"))

    def picture(self, token_id: int, attempt: int) -> Picture:
        name = self.looks.get((token_id, attempt), f"{token_id}-{attempt}")
        return Picture(pixels=sha256(name.encode()), file=name, size=1)

    def paint(self, candidates: Sequence[Candidate]) -> dict[int, Picture]:
        assert len({c.token_id for c in candidates}) == len(candidates)
        return {c.token_id: self.picture(c.token_id, c.attempt) for c in candidates}

    def embed(self, pictures: Sequence[Picture]) -> Vectors:
        rows = [np.random.default_rng(int(p.pixels[:8], 16)).normal(size=64) for p in pictures]
        return np.asarray([row / np.linalg.norm(row) for row in rows], np.float32).reshape(-1, 64)

    def perceive(self, pictures: Sequence[Picture]) -> Prints:
        return np.zeros((len(pictures), PRINT), np.uint8)

    def hear(self, candidate: Candidate, picture: Picture, opinion: Opinion) -> None:
        self.heard.append((candidate.token_id, candidate.attempt, opinion))

    def rule(self, wishes: DecisionsFile) -> Ruling:
        return rule_on(wishes, self.slots, self.propose, self.paint, self.warnings.append)

    def attempts(self, ruling: Ruling, attempts: int = 5) -> dict[int, int]:
        curated = curate(
            self.slots, self.propose, self.paint, self.embed, self.perceive,
            Dedup(attempts=attempts),
            decisions=ruling.decisions, hear=self.hear,
        )  # fmt: skip
        return {token.token_id: token.attempt for token in curated.tokens}


Write = Callable[[str], DecisionsFile]


@pytest.fixture
def wishes(file: Path) -> Write:
    return lambda text: read_decisions(write(file, text))


def test_what_is_kept_is_accepted_unseen_and_others_step_back(wishes: Write) -> None:
    studio = Studio({(1, 0): "x", (3, 2): "x", (4, 0): "x", (4, 1): "x"})

    ruling = studio.rule(wishes("keep: {3: 2, 4: 1}"))

    # 3 and 4 are equal, and stay; 1 has the lower number, and is painted again all the same.
    assert studio.attempts(ruling) == {1: 1, 2: 0, 3: 2, 4: 1}
    opinions = {(token, attempt): opinion for token, attempt, opinion in studio.heard}
    assert opinions[1, 0] == Opinion(False, ("the same picture as token 4",))
    assert opinions[1, 1] == opinions[3, 2] == Opinion(True)


def test_what_is_turned_down_begins_behind_it(wishes: Write) -> None:
    studio = Studio({(1, 0): "x", (2, 1): "x", (2, 2): "x"})

    ruling = studio.rule(
        wishes("redraw:\n- {token: 2, after: 0}\nreject:\n- {token: 3, after: 1, reason: dull}")
    )

    assert studio.attempts(ruling) == {1: 0, 2: 3, 3: 2, 4: 0}
    # As many attempts as any other token, counted from there.
    assert studio.attempts(ruling, attempts=1) == {1: 0, 2: 2, 3: 2, 4: 0}


def test_a_decision_about_another_picture_is_named_and_not_obeyed(wishes: Write) -> None:
    studio = Studio({})
    own = studio.picture(2, 1).pixels[:12]
    text = f"""
keep:
  2: {{attempt: 1, picture: "{own}"}}
  3: {{attempt: 1, picture: "{own}"}}
redraw:
  - {{token: 4, after: 0, picture: "{own}"}}
  - {{token: 40, after: 0}}
reject:
  - {{token: 1, after: 0, reason: dull}}
"""
    ruling = studio.rule(wishes(text))

    assert studio.attempts(ruling) == {1: 1, 2: 1, 3: 0, 4: 0}
    stale, stale_too, absent, unbound = studio.warnings
    assert ":4:3: attempt 1 of token 3 is another picture by now" in stale
    assert ":6:5: attempt 0 of token 4 is another picture by now" in stale_too
    assert ":7:5: there is no token 40 among 4" in absent
    assert ":9:5: `reject` names no picture" in unbound
    assert [each.token for each in ruling.stale] == [3, 4, 40]


def test_pictures_turned_down_are_on_record_with_the_reason(wishes: Write) -> None:
    studio = Studio({})
    text = "redraw:\n- {token: 3, after: 1}\nreject:\n- {token: 3, after: 0, reason: six fingers}"
    ruling = studio.rule(wishes(text))

    curated = curate(
        studio.slots, studio.propose, studio.paint, studio.embed, studio.perceive, Dedup(),
        decisions=ruling.decisions,
    )  # fmt: skip
    attempts = {t.token_id: ruling.with_refusals(t).attempts for t in curated.tokens}

    first, second = attempts[3]
    assert (first.attempt, second.attempt) == (0, 1)
    assert first.image == studio.picture(3, 0)
    assert first.reasons == ("the artist rejected it: six fingers",)
    assert attempts[1] == ()


def test_many_decisions_are_written_with_a_few_readings(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mint.curate import decisions_file

    rows = "".join(f"  {i}: {{attempt: 0}}  # mine\n" for i in range(1, 301))
    write(file, f"keep:\n{rows}redraw:\n  - {{token: 900, after: 1}}\n")
    texts, parse = list[str](), decisions_file.parse_decisions

    def counted(text: str, path: Path) -> tuple[Decisions, Source]:
        texts.append(text)
        return parse(text, path)

    monkeypatch.setattr(decisions_file, "parse_decisions", counted)
    new = [Keep(token=i, attempt=1, picture="0" * 12) for i in range(200, 400)]
    after = change(file, lambda before: reduce(Decisions.with_decision, new, before))

    assert len(texts) <= 6
    assert len(after.keep) == 399
    assert text_of(file).count("# mine") == 199
