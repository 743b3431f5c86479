"""prompts.lock: what may stand there, how it is written, and what a collection makes of it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mint.check import preflight
from mint.errors import CollectionError
from mint.plan.tokens import plan
from mint.spec.collection import ONE_OF_ONE
from mint.spec.expansions import FORBIDDEN, Expansions
from mint.spec.load import load
from mint.spec.names import names
from mint.spec.prompts_lock import Was, lock_path, phrases_of, read_lock
from mint.spec.prompts_lock_merge import Head, merge
from mint.spec.prompts_lock_text import Comments, comments_of, lock_text
from tests.conftest import edit

WEIGHTS = "1e" + "0" * 62  # which is a number to whoever does not quote it
HEAD = Head("scribe", None, WEIGHTS, "Write more.\n\nShort: {}\nLong:")
WORDS = {
    ("Species", "fox"): "fox with russet fur",
    ("Species", "cat"): "kitty",
    ("Species", "bear"): "bear",  # nothing more was known
    ("Headwear", "crown"): 'gold "crown": #1',
}


def locked(file: Path, text: str | None = None) -> Path:
    """`file` with a lock of WORDS, or of another text."""
    if text is None:
        merged = merge(load(file, locked=False)[0], None, WORDS, HEAD, again=False)
        text = lock_text(merged.expansions, merged.was, Comments())
    lock_path(file).write_text(text, encoding="utf-8")
    return file


def refusal(file: Path) -> str:
    """What load() says against it, hint included."""
    with pytest.raises(CollectionError) as e:
        load(file)
    return f"{e.value}\n{e.value.hint}"


def test_prompts_say_the_words_and_the_record_who_wrote_them(tiny: Path) -> None:
    plain, _ = load(tiny)
    before = plan(plain)

    collection, source = load(locked(tiny))
    slots = plan(collection)

    for old, new in zip(before, slots, strict=True):
        assert old.traits == new.traits
        words = old.prompt.replace("fox", "fox with russet fur").replace("cat", "kitty")
        assert new.prompt == words.replace("crown", 'gold "crown": #1')
    assert {slot.prompt for slot in slots} != {slot.prompt for slot in before}
    assert collection.expansions is not None
    assert collection.expansions.model == "scribe"
    assert collection.expansions.weights == WEIGHTS
    assert collection.expansions.by == "scribe, 3 lines"
    assert source.lock is not None
    # What stands in the record is enough to plan again.
    assert plan(type(collection).parse(collection.canonical())) == slots
    assert "words by    scribe, 3 lines (prompts.lock)" in list(preflight(tiny))


def test_without_the_file_everything_is_as_before(tiny: Path) -> None:
    plain, _ = load(tiny)
    assert "expansions" not in plain.model_dump(mode="json")

    locked(tiny)
    assert load(tiny)[0].digest != plain.digest
    assert load(tiny, locked=False)[0] == plain

    lock_path(tiny).unlink()
    assert load(tiny)[0].digest == plain.digest


def test_each_file_of_a_folder_has_a_lock_of_its_own(tiny: Path) -> None:
    other = tiny.with_name("other.yaml")
    other.write_bytes(tiny.read_bytes())
    locked(tiny)

    assert lock_path(other).name == "other.prompts.lock"
    assert load(other)[0].expansions is None


def test_a_line_of_the_artist_is_known_as_such(tiny: Path) -> None:
    edit(locked(tiny).with_name("prompts.lock"), 'fox: "fox with russet fur"\n', "fox: red fox\n")
    lock = read_lock(tiny)

    assert lock is not None
    assert lock.is_edited("Species", "fox")
    assert not lock.is_edited("Species", "cat")
    assert lock.expansions.edited == {"Species": ("fox",)}
    assert lock.expansions.by == "scribe, 2 lines; 1 line by the artist"


FOX = '    fox: "fox with russet fur"'
PAIR = '["fox", "fox with russet fur"]'


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        (FOX, '    foxx: "fox"', "foxx", '"Species" has no value "foxx" in collection.yaml'),
        (FOX, '    foxx: "fox"', "foxx", 'did you mean "fox"?'),
        ('  Headwear:\n    crown: "', '  Hat:\n    crown: "', "Hat", '"Hat" is no trait'),
        (FOX, "    fox: 7", "7\n", 'the words of "fox" are no text'),
        (FOX, "    fox: ", "\n    cat", 'the words of "fox" are no text'),
        (FOX, '    fox: "f\\u202e"', '"f\\u', "has the character '\\u202e', which nobody sees"),
        (FOX, '    fox: "f {Body}"', '"f {', "has a {, which is no word"),
        (FOX, '    fox: "   "', '"   "', "is empty"),
        (FOX, f"    fox: {'x' * 501}", "xxx", "has 501 characters, of 500 at most"),
        (PAIR, '["vixen", "fox with russet fur"]', '"fox with',
         'were written for "vixen", and collection.yaml says "fox" now'),
        (PAIR, "fox", "fox\n    cat: [", 'for "fox" is no pair of texts'),
        ("model: ", "modell: ", "modell", 'did you mean "model"?'),
        (f'weights: "{WEIGHTS}"', 'weights: "12"', '"12"', '"weights" is not what mint wrote'),
        ('model: "scribe"\n', "", "weights", '"model" is missing'),
        (FOX, "    {}: fox", "{}:", "a key must be plain text"),
        ("  Species:\n" + FOX, "  Species: red\n  S:\n" + FOX, "red", '"Species" has no lines of'),
    ],
)  # fmt: skip
def test_a_broken_lock_is_refused_at_its_place(
    tiny: Path, old: str, new: str, at: str, said: str
) -> None:
    edit(lock_path(locked(tiny)), old, new)
    text = lock_path(tiny).read_text()
    start = 0 if new[:6] in ("", "modell", "weight") else text.index("words:")
    before = text[: text.index(at, start)]

    told = refusal(tiny)
    assert told.startswith(f"{lock_path(tiny)}:{before.count(chr(10)) + 1}:")
    assert said in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "these are no words of a model"),
        ("- fox", "these are no words of a model"),
        ("words: &a {fox: *a}", "anchors and aliases"),
        ("words: " + "{a: " * 30 + "}" * 30, "nested deeper than"),
        ("words: !!python/object:os.system x", "the tag"),
        ("model: scribe\nwords: {}\nwords: {}", "is written twice"),
        ("x: " + "y" * 1_000_001, "1.0 MB is too large"),
        (f"words: {{{'n' * 121}: {{v: w}}}}", "121 characters is no trait's"),
    ],
)
def test_a_hostile_lock_is_refused(tiny: Path, text: str, said: str) -> None:
    assert said in refusal(locked(tiny, text))


def test_a_lock_that_is_no_text_or_no_file_is_refused(tiny: Path) -> None:
    lock_path(tiny).write_bytes(b"\xff\xfe")
    assert "not UTF-8 text" in refusal(tiny)
    lock_path(tiny).unlink()
    lock_path(tiny).symlink_to("nowhere")
    assert "prompts.lock" in refusal(tiny)
    lock_path(tiny).unlink()
    lock_path(tiny).mkdir()
    assert "prompts.lock" in refusal(tiny)


def test_the_record_s_field_is_no_key_of_the_file(tiny: Path) -> None:
    tiny.write_text(tiny.read_text() + "expansions: {model: x}\n")
    assert '"expansions" is unknown' in refusal(tiny)


def test_a_name_of_somebody_s_in_the_words_is_warned_of(tiny: Path) -> None:
    edit(lock_path(locked(tiny)), 'fox: "fox with russet fur"\n', 'fox: "Pikachu fox"\n')

    (line,) = names(*load(tiny))
    assert line.startswith(f'warning: {lock_path(tiny)}:14:11: "Pikachu" is a trademark')


def test_words_that_the_painter_never_saw_are_warned_of(tiny: Path) -> None:
    locked(tiny)

    lines = [line for line in preflight(tiny) if "prompts.lock" in line]
    assert lines[1].startswith(f"warning: {lock_path(tiny)}:14:10: the model has never seen")
    assert '"russet", "fur"' in lines[1]
    assert len(lines) == 3


def test_words_too_long_for_the_painter_are_refused(tiny: Path) -> None:
    edit(lock_path(locked(tiny)), 'fox: "fox with russet fur"\n', f"fox: fox{' red' * 40}\n")
    with pytest.raises(CollectionError, match="the model reads 32") as e:
        list(preflight(tiny))
    assert "the words in prompts.lock" in e.value.hint


def test_one_of_ones_with_one_name_have_no_words(tiny: Path) -> None:
    text = tiny.read_text()
    one = text[text.index("  - {name: The Only Robot") :]
    tiny.write_text(text + one.replace("token_id: 4", "token_id: 5"))
    assert ONE_OF_ONE not in phrases_of(load(tiny)[0])


def test_comments_stay_where_they_are(tiny: Path) -> None:
    file = lock_path(locked(tiny))
    edit(file, FOX, f"    # my favourite\n{FOX}")
    edit(file, '    cat: "kitty"', "    cat: 'kitty'  # short")
    edit(file, 'model: "scribe"', '# for the summer show\nmodel: "scribe"')
    file.write_text(file.read_text() + "# the end\n")
    lock = read_lock(tiny)
    assert lock is not None

    again = lock_text(lock.expansions, lock.was, comments_of(lock))

    assert "    # my favourite\n    fox: " in again
    assert '    cat: "kitty"  # short\n' in again
    assert '# for the summer show\nmodel: "scribe"' in again
    assert again.count("# the end\n") == 1
    file.write_text(again)
    lock = read_lock(tiny)
    assert lock is not None
    assert lock_text(lock.expansions, lock.was, comments_of(lock)) == again


visible = st.characters(exclude_categories=["C", "Z"], exclude_characters=FORBIDDEN)
texts = st.text(visible, min_size=1, max_size=30)
tables = st.dictionaries(texts, st.dictionaries(texts, texts, min_size=1, max_size=3), max_size=3)


@settings(max_examples=60)
@given(words=tables, comment=texts)
def test_whatever_is_written_is_read_again(words: dict[str, dict[str, str]], comment: str) -> None:
    expansions = Expansions(model="m", weights=WEIGHTS, instruction="do\n\nit", words=words)
    was = {t: {v: Was(v, said) for v, said in lines.items()} for t, lines in words.items()}
    places = [("words", t, v) for t, lines in words.items() for v in lines]
    comments = Comments(behind={place: f"# {comment}" for place in places})

    with TemporaryDirectory() as folder:
        file = Path(folder) / "collection.yaml"
        lock_path(file).write_text(lock_text(expansions, was, comments), encoding="utf-8")
        lock = read_lock(file)

    assert lock is not None
    assert lock.expansions == expansions
    assert lock.was == was
    assert dict(comments_of(lock).behind) == dict(comments.behind)
