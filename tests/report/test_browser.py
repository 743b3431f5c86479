"""The report as a reader meets it: opened from disk in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from mint.curate.decisions import decision_of
from mint.curate.decisions_file import change, read_decisions
from mint.curate.duplicates import Family, Pair
from mint.curate.events import EventLog, Opinion
from mint.curate.token import Attempt, Judgement, Lookalike
from mint.curate.truth import Judging
from mint.paint.picture import Picture
from mint.plan.recipe import Candidate
from mint.record.folders import Folders
from mint.record.manifest import Manifest
from mint.store import Store
from tests import exhibit
from tests.report.pages import Open

HOSTILE = (
    '</script><script>window.__pwned=1</script><img src=x onerror="window.__pwned=2">'
    "'\"`${window.__pwned=3}\u2028\u202e\u05e9\u05dc\u05d5\u05dd عربي 🦊 {{7*7}} &amp;"
)
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


def visible(page: Page) -> list[int]:
    ids = page.locator("#tiles > li:visible").evaluate_all("all => all.map(li => li.id)")
    return [int(i.removeprefix("tile-")) for i in ids]


def text(page: Page, slot: str) -> str:
    return page.locator(f"#card [data-slot={slot}]").inner_text()


def counts(page: Page, trait: int) -> list[int]:
    chips = page.locator(f"#tools [data-trait='{trait}'] + span small")
    return [int(each) for each in chips.all_inner_texts()]


def test_every_picture_is_drawn(show: Open) -> None:
    page = show()

    assert visible(page) == list(range(1, 13))
    page.wait_for_function(
        "() => [...document.querySelectorAll('#tiles img')].every(i => i.naturalWidth === 32)"
    )


def test_filter_widens_within_a_trait_and_narrows_across(show: Open) -> None:
    page = show()
    page.locator("summary").click()
    page.get_by_label("fox", exact=False).check()
    assert visible(page) == [4, 8, 12]
    page.get_by_label("bear", exact=False).check()
    assert visible(page) == [1, 4, 5, 8, 9, 12]
    page.get_by_label("none", exact=False).check()
    assert visible(page) == [9, 12]
    assert page.locator("#matches").inner_text() == "2 of 12 tokens"
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function("() => document.querySelectorAll('#tiles > li').length === 12")
    assert page.locator("#matches").inner_text() == "12 tokens"


def test_search_finds_numbers_and_names(show: Open) -> None:
    manifest = exhibit.manifest()
    tokens = (exhibit.token(1, name="Ünruly Åsa"), *manifest.tokens[1:])
    page = show(manifest.model_copy(update={"tokens": tokens}))
    searches = {
        "#1": [1], "12": [12], "åsa": [1], "fox": [4, 8, 12], "FOX crown": [4], "nobody": [],
    }  # fmt: skip
    for query, ids in searches.items():
        page.locator("#search").fill(query)
        assert visible(page) == ids
    assert page.locator("#nothing").is_visible()


def test_counts_follow_the_filter(show: Open) -> None:
    page = show()
    page.locator("summary").click()
    assert counts(page, 0) == [3, 3, 3, 3]
    page.get_by_label("fox", exact=False).check()
    # Of the three foxes each has another hat; choosing bears, too, would add three tokens.
    assert counts(page, 1) == [1, 1, 1]
    assert counts(page, 0) == [3, 3, 3, 3]
    page.locator("#search").fill("crown")
    assert counts(page, 0) == [1, 1, 1, 1]
    assert page.locator("#tools [data-trait='1'][data-value='0']").is_disabled()


def test_search_filter_order_and_size_live_in_the_address(show: Open) -> None:
    page = show(place="#sheet?q=o&order=rank&size=large&is.Hat=crown&is.Hat=cap")
    # All crowns have an o in them, and with caps all animals but the bear; ranks run backwards.
    assert visible(page) == [11, 10, 8, 7, 4, 2, 1]
    page.locator("#search").fill("fox")
    assert visible(page) == [8, 4]
    page.locator("#tile-4 a").click()
    assert "#token-4?" in page.url
    page.reload()
    assert text(page, "name") == "Menagerie #4"
    assert text(page, "place") == "2 of 2"
    page.keyboard.press("Escape")
    assert page.locator("#size").input_value() == "large"
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function("() => document.querySelectorAll('#tiles > li').length === 12")
    assert page.url.endswith("#sheet?size=large")


def test_order_by_rarity(show: Open) -> None:
    page = show()
    page.locator("#sort").select_option("rank")
    assert visible(page) == list(range(12, 0, -1))
    page.locator("#sort").select_option("common")
    assert visible(page) == list(range(1, 13))


def test_the_card_has_all_of_its_token(show: Open) -> None:
    page = show()
    page.locator("#tile-4 a").click()
    token = exhibit.manifest().tokens[3]

    assert page.url.endswith("#token-4")
    assert text(page, "name") == "Menagerie #4"
    assert text(page, "rarity") == "Rarity rank 9 of 12, score 1.375; 1 trait no other token has"
    assert "fox\tnot checked\t3 of 12, 25.0 %" in text(page, "traits")
    assert text(page, "seed") == str(2**53 - 4)
    assert text(page, "prompt") == "a fox with crown"
    assert text(page, "pixels") == token.image.pixels
    assert text(page, "image-uri") == "ipfs://bafyimages/4.png"
    assert text(page, "metadata-uri") == "ipfs://bafymetadata/4.json"
    assert page.locator("#card [data-slot=picture] img").evaluate("i => i.naturalWidth") == 32


def test_deep_link_opens_the_card(show: Open) -> None:
    assert text(show(place="#token-12"), "name") == "Menagerie #12"


def test_deep_link_to_nobody_opens_nothing(show: Open) -> None:
    assert not show(place="#token-99").locator("#card").is_visible()


def test_arrow_keys_walk_the_filtered_tokens(show: Open) -> None:
    page = show()
    page.locator("#search").fill("1")
    page.locator("#tile-1 a").click()
    page.keyboard.press("ArrowRight")
    assert (text(page, "number"), text(page, "place")) == ("#10", "2 of 4")
    assert page.url.endswith("#token-10?q=1")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert text(page, "number") == "#1"
    assert page.get_by_label("Previous token").is_disabled()


def test_back_closes_the_card(show: Open) -> None:
    page = show()
    page.locator("#tile-2 a").click()
    page.evaluate("history.back()")
    page.wait_for_function("() => !document.getElementById('card').open")


def test_keyboard_alone_is_enough(show: Open) -> None:
    page = show()
    page.locator("#tile-1 a").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert text(page, "number") == "#11"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.parentElement.id") == "tile-11"
    assert page.locator("#tiles a[tabindex='0']").count() == 1


@pytest.mark.parametrize("width", [390, 1400])
def test_every_transaction_hash_can_be_read_without_scrolling(show: Open, width: int) -> None:
    page = show(size={"width": width, "height": 900})

    hidden = page.locator(".scroll").evaluate_all(
        "all => all.map(e => e.scrollWidth - e.clientWidth)"
    )
    assert max(hidden) <= 0


def test_copying_or_selecting_an_address(show: Open) -> None:
    page = show()
    button = page.get_by_label("Copy contract address")
    button.click()
    page.wait_for_function("b => b.textContent !== 'Copy'", arg=button.element_handle())


def test_hostile_text_is_inert_and_verbatim(show: Open) -> None:
    name = HOSTILE[:119]
    page = show(hostile(name), place="#token-1")
    page.wait_for_selector("#card[open]")
    page.keyboard.press("x")
    page.locator("#reason").fill(HOSTILE)
    page.keyboard.press("Enter")

    assert page.evaluate("window.__pwned") is None
    assert page.locator("h1").text_content() == name
    assert page.locator(".lead").text_content() == HOSTILE + "\nsecond line"
    for slot, expected in (("name", name), ("prompt", HOSTILE), ("negative", HOSTILE)):
        assert page.locator(f"[data-slot={slot}]").text_content() == expected
    for slot in ("traits", "settings", "attempts", "reasons", "decision"):
        assert HOSTILE in (page.locator(f"[data-slot={slot}]").text_content() or ""), slot
    assert page.locator("#tiles .label").first.text_content() == name
    # Nothing of it became an element, anywhere.
    assert page.locator("img[src=x]").count() == 0
    assert page.locator("script:not([type])").count() == 2  # the page's own
    assert "window.__pwned" in page.locator("#review").text_content()  # type: ignore[operator]  # a str, as both are there
    assert "window.__pwned" in page.locator("#curation").text_content()  # type: ignore[operator]  # a str, as both are there


def hostile(name: str) -> Manifest:
    """A judged build with HOSTILE wherever somebody may write."""
    first = exhibit.token(1)
    diffusion = first.recipe.diffusion.model_copy(update={"model": HOSTILE})
    words = {"prompt": HOSTILE, "negative_prompt": HOSTILE, "diffusion": diffusion}
    judgement = Judgement(value=HOSTILE, probability=0.02, verdict="contradicted")
    token = first.model_copy(
        update={
            "name": name,
            "description": HOSTILE,
            "traits": {"Species": name, name: HOSTILE, "Hat": "line\nbreak"},
            "recipe": first.recipe.model_copy(update=words),
            "judgements": {"Species": judgement, name: judgement},
            "attempts": (Attempt(attempt=1, image=first.image, reasons=(HOSTILE,)),),
            "nearest": Lookalike(token_id=2, likeness=0.9),
        }
    )
    collection = exhibit.collection(2, name=name, description=HOSTILE + "\nsecond line")
    family = Family(traits={HOSTILE: HOSTILE}, tokens=(1, 2), likeness=0.9)
    pair = Pair(tokens=(1, 2), likeness=0.9, why=HOSTILE)
    deployment = exhibit.deployment().model_copy(update={"network": HOSTILE})
    return exhibit.manifest(
        2,
        collection=collection,
        tokens=(token, exhibit.token(2)),
        judging=(Judging(judge=HOSTILE, weights="00", thresholds={}),),
        duplicates=exhibit.duplicates(families=(family,), review=(pair,)),
        deployment=deployment,
    )


@pytest.mark.parametrize("place", ["", "#token-1"])
def test_a_phone_needs_no_sideways_scroll(show: Open, place: str) -> None:
    name = "Unbreakable" * 9
    tokens = (exhibit.token(1, name=name), *exhibit.manifest().tokens[1:])
    collection = exhibit.collection(12, name=name)
    manifest = exhibit.manifest(tokens=tokens, collection=collection)
    page = show(manifest, place, size={"width": 360, "height": 800})
    page.locator("details").evaluate("d => { d.open = true; }")

    for box in ("html", "#card"):
        assert page.locator(box).evaluate("e => e.scrollWidth - e.clientWidth") <= 0


@pytest.mark.parametrize("place", ["", "#token-5"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(show: Open, scheme: str, place: str) -> None:
    page = show(exhibit.judged(unresolved=(5,)), place, scheme=scheme)
    page.locator("details").evaluate("d => { d.open = true; }")
    if place:
        page.keyboard.press("r")

    assert page.locator(".differs").count() > 0
    assert page.evaluate(CONTRAST) == []


def test_theme_is_switched_and_remembered(show: Open) -> None:
    page = show(scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.locator("#theme").click()
    dark = page.evaluate(background)
    page.wait_for_timeout(500)  # Chromium stores behind the page's back
    page.reload()

    assert light != dark == page.evaluate(background)
    assert page.locator("#theme").inner_text() == "Light"


def test_unfinished_builds_work_too(show: Open) -> None:
    page = show(exhibit.unfinished(), place="#token-3")

    assert text(page, "rarity") == "Not ranked yet"
    assert text(page, "metadata") == "not written yet"
    assert text(page, "image-uri") == "not packed yet"
    assert page.locator("#sort option").count() == 1


def test_empty_builds_work_too(show: Open) -> None:
    page = show(exhibit.unfinished().model_copy(update={"tokens": ()}))
    assert page.get_by_text("Nothing has been painted yet.").is_visible()
    page.locator("#theme").click()


def test_only_rows_in_view_are_in_the_page(show: Open) -> None:
    page = show(exhibit.unfinished(600), place="#sheet")
    first = page.locator("#tiles > li").count()
    assert 12 <= first < 200
    height = page.locator("#tiles").evaluate("e => e.offsetHeight")
    page.evaluate("document.getElementById('review').scrollIntoView({block: 'end'})")
    page.wait_for_selector("#tile-600")
    assert page.locator("#tiles > li").count() < 200
    assert page.locator("#tiles").evaluate("e => e.offsetHeight") == pytest.approx(height, abs=2)
    page.locator("#tile-600 a").focus()
    page.keyboard.press("Home")
    assert page.evaluate("document.activeElement.parentElement.id") == "tile-1"


def test_what_was_seen_of_a_token(show: Open) -> None:
    page = show(exhibit.judged(), place="#token-5")

    assert "crown" not in text(page, "traits")
    assert "cap\tcap seen, 0.98\t" in text(page, "traits")
    assert "Likeness 0.951" in text(page, "likeness")
    assert page.locator("[data-slot=nearest] img").count() == 2
    attempts = page.locator("[data-slot=attempts] li").all_inner_texts()
    assert attempts[0].startswith("Attempt 1")
    assert "Looks like #9.\n\nToo dark." in attempts[1]
    page.locator("[data-slot=nearest] a").click()
    assert text(page, "name") == "Menagerie #9"
    page.goto(page.url.partition("#")[0] + "#token-1")
    assert "Hat\tcrown\tcap contradicted, 0.03" in text(page, "traits")
    assert "Contradicts its metadata" in text(page, "reasons")


def test_the_card_shows_the_published_picture_where_there_is_one(
    show: Open, tmp_path: Path
) -> None:
    (tmp_path / "images").mkdir()
    Image.new("RGB", (640, 640), "red").save(tmp_path / "images/1.png")
    (tmp_path / "images/2.png").write_bytes(b"no picture")
    page = show(originals="../images", place="#token-1")

    large = "#card [data-slot=picture] .large"
    assert page.wait_for_selector(f"{large}:not([hidden])")
    assert page.locator(large).evaluate("i => i.naturalWidth") == 640
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => !document.querySelector('#card .large')")
    assert page.locator("#card [data-slot=picture] img").evaluate("i => i.naturalWidth") == 32


def test_no_picture_lies_over_the_bar_of_the_card(show: Open, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for token_id in (5, 9):
        Image.new("RGB", (640, 640), "red").save(tmp_path / f"images/{token_id}.png")
    page = show(exhibit.judged(), originals="../images", place="#token-5")
    page.wait_for_selector("#card .pair .large:not([hidden])")

    # Scrolled until one of them is where the bar is.
    is_bar = page.evaluate("""() => {
      const [card, bar, picture] = ["#card", ".card-bar", "#card .pair .large"]
        .map((name) => document.querySelector(name));
      card.scrollTop += picture.getBoundingClientRect().top - bar.getBoundingClientRect().top;
      const { left, width, top } = picture.getBoundingClientRect();
      const { height } = bar.getBoundingClientRect();
      return bar.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    }""")
    assert is_bar


def test_unsafe_pictures_are_blurred_until_clicked(show: Open) -> None:
    page = show(exhibit.judged())
    veiled = page.locator("#tiles .veiled")
    assert veiled.count() == 1
    page.locator("#tile-3 a").click()
    assert veiled.count() == 0
    assert not page.locator("#card").is_visible()
    page.locator("#tile-3 a").click()
    assert text(page, "name") == "Menagerie #3"
    page.reload()
    assert page.locator("#card [data-slot=picture] .veiled").count() == 1
    page.get_by_role("button", name="Show the picture").click()
    assert page.locator("#card .veiled").count() == 0


def test_decisions_are_collected_in_a_file(show: Open, tmp_path: Path) -> None:
    page = show(exhibit.judged(), place="#token-5")
    page.keyboard.press("k")
    page.get_by_role("button", name="Keep this one").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.locator("#reason").fill('no: "hat" \u2028 \x85, {x}')
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.locator("#tile-8 a").focus()
    page.keyboard.press("k")
    page.keyboard.press("k")  # no decision
    page.locator("#tile-9 a").hover()
    page.get_by_label("Keep #9").click()
    assert page.locator("#decided").inner_text() == "4 decisions"
    page.reload()
    with page.expect_download() as download:
        page.locator("#download").click()
    path = download.value.path()

    assert download.value.suggested_filename == "decisions.yaml"
    seen = [token.image.pixels[:12] for token in exhibit.judged().tokens]
    other = exhibit.judged().tokens[4].attempts[0]
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == {
        "keep": {
            5: {"attempt": other.attempt, "picture": other.image.pixels[:12]},
            9: {"attempt": 0, "picture": seen[8]},
        },
        "redraw": [{"token": 6, "after": 0, "picture": seen[5]}],
        "reject": [
            {"token": 7, "after": 0, "picture": seen[6], "reason": 'no: "hat" \u2028 \x85, {x}'}
        ],
    }
    (tmp_path / "decisions.yaml").write_bytes(path.read_bytes())  # and mint reads it so
    decisions = read_decisions(tmp_path / "collection.yaml").decisions
    assert [each.token for each in decisions.entries] == [5, 9, 6, 7]
    page.locator("#show").select_option("decided")
    assert visible(page) == [5, 6, 7, 9]


def test_decisions_go_to_the_preview_that_serves_the_page(
    browser: Browser, served: tuple[Folders, str]
) -> None:
    (folders, url), tokens = served, exhibit.manifest().tokens
    keep = decision_of("keep", 1, 0, tokens[0].image.pixels)
    change(folders.file, lambda earlier: earlier.with_decision(keep))
    page = browser.new_page()
    page.goto(f"{url}#token-1")
    page.wait_for_selector("[data-slot=decision]:not([hidden])")
    assert "kept, attempt 0" in text(page, "decision")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.locator("#reason").fill("too dark")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-slot=decision]:not([hidden])")
    expected = decision_of("reject", 2, 0, tokens[1].image.pixels, "too dark")
    assert read_decisions(folders.file).decisions.reject == (expected,)
    assert not page.locator("#download").is_visible()
    page.keyboard.press("r")
    expect(page.locator("#card [data-slot=decision]")).to_contain_text("to redraw")
    page.keyboard.press("r")  # taken back
    expect(page.locator("#card [data-slot=decision]")).to_be_hidden()
    assert read_decisions(folders.file).decisions.entries == (keep,)
    broken = folders.file.with_name("decisions.yaml")
    broken.write_text("keep: fox")
    page.keyboard.press("k")
    problem = "decisions.yaml:1:7: this is no entry of keep"
    page.locator("#news-here", has_text=problem).wait_for()
    assert broken.read_text() == "keep: fox"
    page.close()


def test_the_preview_tells_of_new_pictures_alone(
    browser: Browser, served: tuple[Folders, str]
) -> None:
    (folders, url), tokens = served, exhibit.manifest().tokens
    log = EventLog(folders.events)

    def paint(number: int, attempt: int, picture: Picture, opinion: Opinion) -> None:
        fields = {"token_id": number, "attempt": attempt, "name": "x", "traits": {}}
        recipe = tokens[number - 1].recipe
        log.hear(Candidate.model_validate({**fields, "recipe": recipe}), picture, opinion)

    data = exhibit.png(77)
    fresh = Picture(pixels="77" * 32, file=Store(folders.state).put(data), size=len(data))
    with log.running(folders.out.name, "Menagerie", 12):
        paint(1, 0, fresh, Opinion())  # before the page is opened
        page = browser.new_page()
        with page.expect_response("**/api/events"):
            page.goto(url)
        page.wait_for_timeout(300)
        assert "new picture" not in page.locator("body").inner_text()
        paint(2, 0, tokens[1].image, Opinion())  # which the page has
        paint(3, 1, fresh, Opinion())
        paint(4, 0, fresh, Opinion(True))  # what was said of it comes later
        page.locator("#news", has_text="#3 has a new picture").wait_for()
        source = page.locator("#tile-3 img").get_attribute("src")
        assert source == f"/pictures/{fresh.file}.png"
        assert page.locator("#tile-2 img").get_attribute("src") != source
        page.locator("#tile-3 button, #tile-3 a").first.click()
        page.keyboard.press("k")  # means the picture that is seen
        expect(page.locator("#card [data-slot=decision]")).to_contain_text("kept")
        (keep,) = (each for each in read_decisions(folders.file).decisions.keep if each.token == 3)
        assert (keep.attempt, keep.picture) == (1, "77" * 6)
        earlier = decision_of("reject", 3, 0, tokens[2].image.pixels, "too dark")
        change(folders.file, lambda before: before.with_entries([*before.entries, earlier]))
        page.keyboard.press("k")  # taken back, and nothing that was said of another attempt
        expect(page.locator("#card [data-slot=decision]")).to_be_hidden()
        rest = read_decisions(folders.file).decisions.entries
        assert [each for each in rest if each.token == 3] == [earlier]
    page.close()


def test_a_print_has_all_rows_and_every_small_picture(show: Open) -> None:
    page = show(exhibit.unfinished(400).model_copy(update={"unresolved": (400,)}))
    assert page.locator("#tiles > li").count() < 400
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert page.locator("#tiles > li").count() == 400
    minis = page.locator("[data-picture]")
    assert minis.count() == page.locator("[data-picture] img").count() == 1
