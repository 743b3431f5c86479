"""The report as a reader meets it: opened from disk in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests import exhibit
from tests.report.pages import Open

HOSTILE = (
    '</script><script>window.__pwned=1</script><img src=x onerror="window.__pwned=2">'
    "'\"`${window.__pwned=3}\u2028\u202e\u05e9\u05dc\u05d5\u05dd عربي 🦊 {{7*7}} &amp;"
)
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


def visible(page: Page) -> list[int]:
    ids = page.locator("#tiles > li:visible").evaluate_all("all => all.map(li => li.id)")
    return [int(i.removeprefix("token-")) for i in ids]


def text(page: Page, slot: str) -> str:
    return page.locator(f"#card [data-slot={slot}]").inner_text()


def test_every_picture_is_drawn(show: Open) -> None:
    page = show()

    assert visible(page) == list(range(1, 13))
    assert page.locator("#tiles img").evaluate_all("all => all.every(i => i.naturalWidth === 32)")


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
    page.wait_for_function("() => !document.querySelector('#tiles > li[hidden]')")
    assert page.locator("#matches").inner_text() == "12 tokens"


def test_search_finds_numbers_and_names(show: Open) -> None:
    manifest = exhibit.manifest()
    tokens = (exhibit.token(1, name="Ünruly Åsa"), *manifest.tokens[1:])
    page = show(manifest.model_copy(update={"tokens": tokens}))
    for query, ids in (("#1", [1]), ("12", [12]), ("åsa", [1]), ("nobody", [])):
        page.locator("#search").fill(query)
        assert visible(page) == ids
    assert page.locator("#nothing").is_visible()


def test_order_by_rarity(show: Open) -> None:
    page = show()
    page.locator("#sort").select_option("rank")
    assert visible(page) == list(range(12, 0, -1))
    page.locator("#sort").select_option("common")
    assert visible(page) == list(range(1, 13))


def test_the_card_has_all_of_its_token(show: Open) -> None:
    page = show()
    page.locator("#token-4 a").click()
    token = exhibit.manifest().tokens[3]

    assert page.url.endswith("#token-4")
    assert text(page, "name") == "Menagerie #4"
    assert text(page, "rarity") == "Rarity rank 9 of 12, score 1.375; 1 trait no other token has"
    assert "fox\t3 of 12, 25.0 %" in text(page, "traits")
    assert text(page, "seed") == str(2**53 - 4)
    assert text(page, "prompt") == "a fox with crown"
    assert text(page, "pixels") == token.image.pixels
    assert text(page, "image-uri") == "ipfs://bafyimages/4.png"
    assert text(page, "metadata-uri") == "ipfs://bafymetadata/4.json"
    assert page.locator("#card img").evaluate("i => i.naturalWidth") == 32


def test_deep_link_opens_the_card(show: Open) -> None:
    assert text(show(place="#token-12"), "name") == "Menagerie #12"


def test_deep_link_to_nobody_opens_nothing(show: Open) -> None:
    assert not show(place="#token-99").locator("#card").is_visible()


def test_arrow_keys_walk_the_filtered_tokens(show: Open) -> None:
    page = show()
    page.locator("#search").fill("1")
    page.locator("#token-1 a").click()
    page.keyboard.press("ArrowRight")
    assert (text(page, "number"), text(page, "place")) == ("#10", "2 of 4")
    assert page.url.endswith("#token-10")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert text(page, "number") == "#1"
    assert page.get_by_label("Previous token").is_disabled()


def test_back_closes_the_card(show: Open) -> None:
    page = show()
    page.locator("#token-2 a").click()
    page.evaluate("history.back()")
    page.wait_for_function("() => !document.getElementById('card').open")


def test_keyboard_alone_is_enough(show: Open) -> None:
    page = show()
    page.locator("#token-1 a").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert text(page, "number") == "#11"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.parentElement.id") == "token-11"
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
    traits = {"Species": name, name: HOSTILE, "Hat": "line\nbreak"}
    token = exhibit.token(1, name=name, traits=traits)
    recipe = token.recipe.model_copy(update={"prompt": HOSTILE, "negative_prompt": HOSTILE})
    token = token.model_copy(update={"recipe": recipe})
    collection = exhibit.collection(1, name=name, description=HOSTILE + "\nsecond line")
    page = show(exhibit.manifest(1, collection=collection, tokens=(token,)), place="#token-1")
    page.wait_for_selector("#card[open]")

    assert page.evaluate("window.__pwned") is None
    assert page.locator("h1").text_content() == name
    assert page.locator(".lead").text_content() == HOSTILE + "\nsecond line"
    for slot, expected in (("name", name), ("prompt", HOSTILE), ("negative", HOSTILE)):
        assert page.locator(f"[data-slot={slot}]").text_content() == expected
    assert HOSTILE in (page.locator("[data-slot=traits]").text_content() or "")
    assert page.locator("#tiles .label").text_content() == name


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


@pytest.mark.parametrize("place", ["", "#token-1"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(show: Open, scheme: str, place: str) -> None:
    manifest = exhibit.manifest(unresolved=(1,))
    tokens = (exhibit.token(1, traits={"Species": "dragon"}), *manifest.tokens[1:])
    page = show(manifest.model_copy(update={"tokens": tokens}), place, scheme=scheme)
    page.locator("details").evaluate("d => { d.open = true; }")

    assert page.locator(".differs").count() > 0
    assert page.evaluate(CONTRAST) == []


def test_theme_is_switched_and_remembered(show: Open) -> None:
    page = show(scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.locator("#theme").click()
    dark = page.evaluate(background)
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
