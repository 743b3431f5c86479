"""The page that shows pictures as they come, in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from mint.curate.decisions_file import read_decisions
from mint.curate.events import EventLog, Opinion
from mint.curate.token import Judgement
from mint.paint.picture import Picture
from mint.plan.recipe import Candidate, Painter, candidate
from mint.plan.tokens import plan
from mint.preview.server import serve
from mint.record.folders import Folders, folders_of
from mint.spec.load import load
from mint.store import Store
from tests import exhibit
from tests.preview.loopback import running

HOSTILE = '</script><script>window.__pwned=1</script><img src=x onerror="window.__pwned=2">'
Paint = Callable[..., None]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    shutil.copy(Path(__file__).parents[2] / "collections/tiny/collection.yaml", tmp_path)
    file = tmp_path / "collection.yaml"
    return folders_of(file, load(file)[0])


@pytest.fixture
def log(folders: Folders) -> Iterator[EventLog]:
    """A build that runs as long as the test."""
    log = EventLog(folders.events)
    with log.running(folders.out.name, f"Beasts {HOSTILE}", 6):
        yield log


@pytest.fixture
def paint(folders: Folders, log: EventLog) -> Paint:
    def paint(token_id: int, opinion: Opinion, **changes: object) -> None:
        slot = plan(exhibit.collection(6))[token_id - 1]
        proposal: Candidate = candidate(exhibit.collection(6), slot, 0, Painter("r"))
        data = exhibit.png(token_id)
        file = Store(folders.state).put(data)
        picture = Picture(pixels=f"{token_id:064x}", file=file, size=len(data))
        log.hear(proposal.model_copy(update=changes), picture, opinion)

    return paint


@pytest.fixture
def page(browser: Browser, folders: Folders, log: EventLog) -> Iterator[Page]:
    messages: list[str] = []
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    with running(serve(folders.car, folders.report, 0, folders)) as port:
        page = context.new_page()
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.goto(f"http://127.0.0.1:{port}/")
        page.get_by_role("heading", name="Beasts").wait_for()
        yield page
        assert page.evaluate("window.__pwned") is None
        context.close()
    refusals = [m for m in messages if "409 (Conflict)" in m]  # the browser notes them by itself
    assert messages == refusals


def card(page: Page, token_id: int, attempt: int = 0) -> str:
    return f"li[data-key='{token_id}-{attempt}']"


def test_pictures_come_with_what_was_said_of_them(page: Page, paint: Paint, log: EventLog) -> None:
    assert page.locator("h1").inner_text() == f"Beasts {HOSTILE}"
    paint(1, Opinion())
    first = page.locator(card(page, 1))
    first.wait_for()
    assert "not looked at yet" in first.inner_text()
    expect(first.locator("img")).to_have_js_property("naturalWidth", 32)

    seen = Judgement(value="crown", probability=0.9, verdict="seen")
    other = Judgement(value=HOSTILE, probability=0.1, verdict="contradicted")
    judgements = {"Hat": seen, HOSTILE: other}
    opinion = Opinion(False, (f"because {HOSTILE}",), judgements)
    paint(1, opinion, name=HOSTILE, traits={"Hat": "crown", HOSTILE: HOSTILE})
    page.locator("li", has_text="because").first.wait_for()

    text = first.inner_text()
    assert f"because {HOSTILE}" in text
    assert "1 of 2 traits seen" in text
    assert f"{HOSTILE}: promised {HOSTILE}, seen {HOSTILE}" in text
    assert first.get_attribute("data-state") == "no"
    paint(2, Opinion(True))
    page.locator(card(page, 2)).wait_for()
    assert page.locator("#cards > li").count() == 2

    log.heard(lambda step, done, total: None)("painting", 2, 6)
    expect(page.locator("#status")).to_have_text("Painting: 2 of 6")


def test_buttons_and_keys_decide(page: Page, paint: Paint, folders: Folders) -> None:
    for token_id in (1, 2, 3):
        paint(token_id, Opinion(True))
    page.locator(card(page, 3)).wait_for()

    page.get_by_role("button", name="Keep attempt 0 of token 2").click()
    page.get_by_text("You keep it.").wait_for()
    assert read_decisions(folders.file).decisions.chosen(2) == 0

    page.locator(card(page, 1)).focus()
    page.keyboard.press("ArrowLeft")  # the newest stands first
    assert page.evaluate("document.activeElement.dataset.key") == "2-0"
    page.keyboard.press("r")
    page.get_by_text("You want another one.").wait_for()
    assert page.evaluate("document.activeElement.dataset.key") == "2-0"
    assert read_decisions(folders.file).decisions.first_attempt(2) == 1

    page.keyboard.press("x")
    page.get_by_role("textbox", name="What is wrong").fill(f"fingers {HOSTILE}")
    page.keyboard.press("Enter")
    page.get_by_text(f"You rejected it: fingers {HOSTILE}").wait_for()
    (rejection,) = read_decisions(folders.file).decisions.reject
    assert (rejection.token, rejection.reason) == (2, f"fingers {HOSTILE}")

    page.keyboard.press("u")
    expect(page.locator(".decided:visible")).to_have_count(0)
    assert read_decisions(folders.file).decisions.entries == ()


def test_a_refusal_is_read_out(page: Page, paint: Paint, folders: Folders) -> None:
    paint(1, Opinion(True))
    page.locator(card(page, 1)).wait_for()
    (folders.file.parent / "decisions.yaml").write_text("keep: fox\n")
    page.get_by_role("button", name="Keep attempt 0 of token 1").click()

    alert = page.get_by_role("alert")
    alert.wait_for()
    assert "decisions.yaml:1:7: this is no entry of keep:" in alert.inner_text()
