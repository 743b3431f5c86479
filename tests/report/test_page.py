from __future__ import annotations

import re
import tracemalloc
from io import BytesIO

import pytest
from PIL import Image

from mint.curate.token import Token
from mint.record.manifest import Manifest
from mint.report import Commands, render, thumbnail_edge, thumbnail_webp
from mint.report.page import is_web
from mint.report.thumbnail import data_uri
from mint.report.view import milestones, size
from tests import exhibit
from tests.report.pages import page, rows

HOSTILE = "</script><!--<script>\u2028\u2029&\"'<img src=x onerror=alert(1)>"


def test_equal_manifests_make_equal_pages() -> None:
    assert page() == page()


def test_page_names_nothing_outside_itself() -> None:
    html = page()

    assert re.findall(r'(?:src|srcset|data|poster|action)="(?!data:|\{)([^"]*)"', html) == []
    assert '<link rel="stylesheet' not in html
    assert "url(" not in html
    assert "@import" not in html


def test_pictures_are_fetched_as_the_page_is_read() -> None:
    fetched: list[int] = []

    def picture(token: Token) -> bytes:
        fetched.append(token.token_id)
        return exhibit.png(token.token_id)

    pieces = render(exhibit.unfinished(12), picture)
    cover = [1, 2, 3]
    assert fetched == cover
    for piece in pieces:
        if 'id="token-' in piece or fetched != cover:
            break
    assert len(fetched) <= len(cover) + 2
    list(pieces)
    assert fetched == cover + list(range(1, 13))


def test_the_cover_has_pictures_of_its_own() -> None:
    small, large = exhibit.png(1), exhibit.png(2)
    page = "".join(render(exhibit.manifest(), lambda _: small, cover=lambda _: large))

    cover, sheet = page.split('id="sheet"')

    assert data_uri(large) in cover
    assert data_uri(small) not in cover
    assert data_uri(small) in sheet
    assert data_uri(large) not in sheet


def test_memory_does_not_grow_with_the_page() -> None:
    manifest = exhibit.manifest(200)
    heavy = exhibit.png(1) + bytes(100_000)
    page(manifest)  # templates compiled and cached before counting
    tracemalloc.start()
    length = sum(map(len, render(manifest, lambda _: heavy)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert length > 25_000_000
    assert peak < 4_000_000


def test_hostile_text_leaves_no_raw_markup() -> None:
    token = exhibit.token(1, name=HOSTILE, traits={"Species": HOSTILE, HOSTILE: HOSTILE})
    html = page(
        exhibit.manifest(
            1, collection=exhibit.collection(1, name=HOSTILE, description=HOSTILE), tokens=(token,)
        )
    )

    assert "<img src=x" not in html
    assert html.count("</script>") == html.count("<script") == 4
    assert rows(html)[0]["name"] == HOSTILE


def test_unfinished_builds_say_what_has_not_happened() -> None:
    html = page(exhibit.unfinished(), commands=Commands(build="mint build x.yaml"))

    for words in (
        "12 of 12 painted", "not written yet", "Not computed yet", "Nothing is packed yet",
        "No contract is deployed yet", "mint build x.yaml",
    ):  # fmt: skip
        assert words in html
    assert [m.done for m in milestones(exhibit.unfinished())] == [True, False, False, False, False]


def test_nothing_painted_is_a_page_too() -> None:
    html = page(exhibit.unfinished().model_copy(update={"tokens": (), "runtimes": {}}))

    assert "Nothing has been painted yet" in html
    assert rows(html) == []


def test_finished_build_has_no_advice_to_go_on() -> None:
    assert "goes on from here" not in page()
    assert all(milestone.done for milestone in milestones(exhibit.manifest()))


def test_planned_counts_are_compared_with_the_metadata() -> None:
    manifest = exhibit.manifest()
    plan = exhibit.plan(manifest)
    assert "In the metadata every value stands exactly as often as planned" in page(
        manifest, planned=plan
    )

    plan["Hat"]["crown"] += 1
    html = page(manifest, planned=plan)
    assert "In the metadata 1 value differs from the plan" in html
    assert "<b>(-1)</b>" in html


@pytest.mark.parametrize(
    ("manifest", "source", "column"),
    [
        (exhibit.manifest(), "metadata", "In metadata"),
        (exhibit.unfinished(), "record of the build", "In record"),
    ],
)
def test_counts_claim_nothing_about_the_pictures(
    manifest: Manifest, source: str, column: str
) -> None:
    html = page(manifest, planned=exhibit.plan(manifest))
    traits = html.split('<section id="traits"')[1].split("</section>")[0]

    assert f"Traits, planned and in the {source}" in traits
    assert f'<th scope="col">{column}</th>' in traits
    assert "No check has judged whether the pictures show it" in traits
    assert "ainted" not in traits


def test_half_painted_collections_are_not_compared() -> None:
    whole = exhibit.unfinished()
    html = page(whole.model_copy(update={"tokens": whole.tokens[:5]}), planned=exhibit.plan(whole))

    assert "5 of 12 tokens are painted" in html
    assert 'class="differs"' not in html


def test_redraws_and_unresolved_tokens_are_listed() -> None:
    assert "No token was painted again" in page()
    manifest = exhibit.manifest()
    tokens = (exhibit.token(1, attempt=3), *manifest.tokens[1:])
    html = page(manifest.model_copy(update={"tokens": tokens, "unresolved": (7,)}))

    assert "1 of 12 tokens was painted again, 3 redraws in all" in html
    assert "1 token stayed a near-duplicate" in html


def test_chain_shows_every_transaction_and_the_sum() -> None:
    html = page()

    assert "3,732,333" in html
    assert all(sent.transaction in html for sent in exhibit.deployment().transactions)


def test_seeds_are_text_with_all_their_digits() -> None:
    assert rows(page())[0]["seed"] == "9007199254740991"


def test_mixed_runtimes_are_admitted() -> None:
    other = exhibit.RUNTIME.model_copy(update={"device": "cuda"})
    html = page(exhibit.manifest(runtimes={r.digest: r for r in (exhibit.RUNTIME, other)}))

    assert "These pictures come from 2 runtimes" in html


@pytest.mark.parametrize(
    ("url", "safe"),
    [("https://example.org", True), ("ipfs://bafy", True), ("javascript:alert(1)", False),
     ("java\nscript:alert(1)", False), ("data:text/html,x", False), ("http://[", False)],
)  # fmt: skip
def test_only_addresses_become_links(url: str, safe: bool) -> None:
    assert is_web(url) is safe


def test_unsafe_creator_address_is_not_a_link() -> None:
    creator = {"name": "Ada", "url": "javascript:window.__pwned=1"}
    assert "javascript:" not in page(
        exhibit.manifest(collection=exhibit.collection(12, creator=creator))
    )


def test_originals_are_named_only_when_there_are_some() -> None:
    assert '"originals":"../images"' in page(originals="../images/")
    assert '"originals":null' in page()


def test_thumbnails_shrink_and_never_grow() -> None:
    small = thumbnail_webp(exhibit.png(1), 16)
    same = thumbnail_webp(exhibit.png(1), 256)

    assert Image.open(BytesIO(small)).size == (16, 16)
    assert Image.open(BytesIO(same)).size == (32, 32)
    assert same == thumbnail_webp(exhibit.png(1), 256)


def test_thumbnails_get_smaller_as_collections_grow() -> None:
    assert [thumbnail_edge(n) for n in (1, 64, 1_000, 10_000)] == [256, 256, 128, 64]
    assert 'class="sheet dense"' not in page()
    assert 'class="sheet dense"' in page(exhibit.unfinished(2_001))


def test_thumbnails_are_pictures_or_refused() -> None:
    assert data_uri(b"\xff\xd8\xff").startswith("data:image/jpeg")
    assert data_uri(thumbnail_webp(exhibit.png(1), 8)).startswith("data:image/webp")
    with pytest.raises(ValueError, match="WebP, JPEG or PNG"):
        data_uri(b"<svg onload=alert(1)>")


@pytest.mark.parametrize(
    ("count", "text"),
    [(999, "999 bytes"), (1_500, "1.5 kB"), (1_434_567, "1.4 MB"), (2_000_000_000, "2.0 GB")],
)
def test_sizes_are_in_decimal_units(count: int, text: str) -> None:
    assert size(count) == text
