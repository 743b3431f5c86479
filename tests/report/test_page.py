from __future__ import annotations

import re
import tracemalloc
from io import BytesIO

import pytest
from PIL import Image

from mint.counting import size
from mint.curate.diversity import Diversity
from mint.curate.duplicates import Family, Pair
from mint.curate.quality import ClipScore, Quality
from mint.paint.picture import Picture
from mint.record.manifest import Manifest
from mint.report import Commands, render, thumbnail_edge, thumbnail_webp
from mint.report.judged import fronts
from mint.report.promises import promises
from mint.report.tally import Planned, tally
from mint.report.template import is_web
from mint.report.thumbnail import data_uri
from mint.report.view import milestones
from mint.spec.collection import ONE_OF_ONE
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
    fetched: list[str] = []

    def picture(image: Picture) -> bytes:
        fetched.append(image.file)
        return exhibit.picture(image)

    manifest = exhibit.unfinished(12)
    files = [token.image.file for token in manifest.tokens]
    pieces = render(manifest, picture)
    assert fetched == files[:3]  # of the cover
    for piece in pieces:
        if 'id="pictures"' in piece or len(fetched) > 3:
            break
    assert len(fetched) <= 3 + 2
    list(pieces)
    assert fetched == files[:3] + files


def test_pictures_beside_the_page_are_not_in_it() -> None:
    html = page(beside="thumbnails")

    assert 'id="pictures"' not in html
    assert '"beside":"thumbnails"' in html
    assert html.count("data:image/") == 3  # of the cover


def test_the_cover_has_pictures_of_its_own() -> None:
    small, large = exhibit.png(1), exhibit.png(2)
    page = "".join(render(exhibit.manifest(), lambda _: small, cover=lambda _: large))

    cover, sheet = page.split('id="sheet"', 1)

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
    assert html.count("</script>") == html.count("<script") == 6
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


def test_assigned_counts_that_differ_from_the_plan_are_admitted() -> None:
    manifest = exhibit.manifest()
    plan = exhibit.plan(manifest)
    assert "than planned" not in traits(page(manifest, planned=plan))

    plan["Hat"]["crown"] += 1
    html = traits(page(manifest, planned=plan))
    assert "1 value is assigned more or less often than planned" in html
    assert "<b>(-1)</b>" in html


def traits(html: str) -> str:
    return html.split('<section id="traits"')[1].split("</section>")[0]


def cells(html: str, value: str) -> list[str]:
    """The numbers in the row of a value: assigned, seen, not checked, contradicted."""
    row = html.split(f'<th scope="row"><bdi>{value}</bdi>')[1].split("</tr>")[0]
    return re.findall(r"<td>(.*?)</td>", row)


def test_what_nobody_judged_is_not_claimed() -> None:
    manifest = exhibit.manifest()
    html = page(manifest, planned=exhibit.plan(manifest))

    assert "Nobody has judged these pictures: look at them." in traits(html)
    assert cells(traits(html), "fox") == ["3", "–", "3"]
    assert "ainted" not in traits(html)
    assert "Nobody judged whether the pictures show their traits" in html
    assert "Nobody has measured these pictures" in html
    assert ">checked in this build" not in html


def test_seen_contradicted_and_not_checked_add_up_to_assigned() -> None:
    html = traits(page(exhibit.judged()))

    # Tokens 1, 4, 7 and 10 wear a crown: 1 is contradicted, and nobody judged 4.
    assert cells(html, "crown") == ["4", "2", "1", "1"]
    # Tokens 2, 5, 8 and 11 wear a cap, and of 2 the judge cannot say.
    assert cells(html, "cap") == ["4", "3", "1", "0"]
    assert cells(html, "none") == ["4", "4", "0", "0"]
    assert "the judge (<bdi>a judge</bdi>)" in html
    assert "1 picture shows something else than its metadata says" in html


@pytest.mark.parametrize(("threshold", "listed"), [(0.75, True), (0.76, False)])
def test_the_files_threshold_says_what_is_unsafe(threshold: float, listed: bool) -> None:
    collection = exhibit.collection(12, safety={"model": "./nsfw", "threshold": threshold})

    html = page(exhibit.judged(collection=collection))

    assert ("The safety check says 0.75." in html) is listed


def test_the_review_list_says_why() -> None:
    html = page(exhibit.judged()).split('<section id="review"')[1].split("</section>")[0]

    assert "3 of 12 tokens" in html
    assert "Contradicts its metadata after the last attempt." in html
    assert "Hat is crown, but the judge saw cap (certainty of crown: 0.03)." in html
    assert "Hat: the judge cannot say whether it is cap (0.50)." in html
    assert "The safety check says 0.75." in html
    assert re.findall(r'data-picture="(\d+)"', html) == ["0", "1", "2"]


def test_what_is_unsafe_is_the_files_to_say() -> None:
    strict = exhibit.collection(12, safety={"model": "off", "threshold": 0.9})
    assert '"veil":true' in page(exhibit.judged())
    assert '"veil":true' not in page(exhibit.judged(collection=strict))


def test_look_alikes_and_figures_are_shown() -> None:
    family = Family(traits={"Species": "fox"}, tokens=(4, 8, 12), likeness=0.97)
    pair = Pair(tokens=(5, 9), likeness=0.951, why="the hashes differ")
    duplicates = exhibit.duplicates(families=(family,), review=(pair,), lookalikes=0.25)
    score = ClipScore(mean=0.3, p5=0.25, others=None, worst=(1,), unread=())
    quality = Quality(
        embedder="00", clip_score=score, diversity=(Diversity(pictures=12, vendi=6.5, rke=4.0),),
        within=(), distances=(0, 3, 12), attempts=(12,),
    )  # fmt: skip
    html = page(exhibit.judged(duplicates=duplicates, quality=quality))

    assert "25.0 % of the tokens have a look-alike" in html
    assert "Looks like #9, likeness 0.951: the hashes differ." in html
    assert "Looks like #5, likeness 0.951: the hashes differ." in html
    assert "0.300 on average, 0.250 or less" in html
    assert "6.5 of 12" in html
    assert "0.02 to 0.03: 12 tokens" in html
    assert 'y="75"' in html  # 3 of 12 is a quarter of the height


@pytest.mark.parametrize(
    ("manifest", "name", "state"),
    [
        (exhibit.unfinished(), "Fair", "not checked"),
        (exhibit.manifest(), "Fair", "partly checked"),
        (exhibit.manifest(), "Truthful", "partly checked"),
        (exhibit.judged(), "Truthful", "partly checked"),
        (exhibit.manifest(), "Resumable", "not checked"),
    ],
)
def test_a_promise_says_what_of_it_was_checked(manifest: Manifest, name: str, state: str) -> None:
    counts = tally(manifest.collection, manifest.tokens, exhibit.plan(manifest))
    states = {p.name: p.state for p in promises(manifest, counts, "mint verify x")}

    assert list(states) == ["Repeatable", "Resumable", "Truthful", "Fair", "Verifiable"]
    assert states[name] == state


def test_a_relabelled_token_is_listed_with_what_was_planned() -> None:
    build = exhibit.judged()
    tokens = list(build.tokens)
    tokens[5] = tokens[5].model_copy(update={"relabelled": {"Hat": "crown"}})
    assert "Hat" not in tokens[5].traits
    html = page(build.model_copy(update={"tokens": tuple(tokens)}))
    review = html.split('<section id="review"')[1].split("</section>")[0]
    assert "Hat is none, as the picture shows; planned was crown." in review


def test_what_nobody_judges_is_not_counted_as_unseen() -> None:
    whole = exhibit.judged()
    unique = whole.tokens[3].model_copy(update={"traits": {ONE_OF_ONE: "The Robot"}})
    tokens = (*whole.tokens[:3], unique, *whole.tokens[4:])
    build = whole.model_copy(update={"tokens": tokens})
    (truthful,) = (p for p in promises(build, [], "") if p.name == "Truthful")
    assert "A judge saw 20 of 22 assigned values in the pictures." in truthful.notes


def test_truthful_is_checked_when_everything_was_seen() -> None:
    manifest = exhibit.manifest()
    tokens = tuple(
        t.model_copy(
            update={
                "judgements": {n: exhibit.seen(v) for n, v in {"Hat": "none", **t.traits}.items()}
            }
        )
        for t in manifest.tokens
    )
    whole = manifest.model_copy(update={"tokens": tokens})
    plan = exhibit.plan(whole)
    assert _truthful(whole, plan) == "checked"
    plan["Hat"]["crown"] += 1
    assert _truthful(whole, plan) == "partly checked"
    assert (
        _truthful(whole.model_copy(update={"unresolved": (3,)}), exhibit.plan(whole)) != "checked"
    )


def _truthful(manifest: Manifest, plan: Planned) -> str:
    counts = tally(manifest.collection, manifest.tokens, plan)
    return next(p.state for p in promises(manifest, counts, "") if p.name == "Truthful")


def test_the_cover_shows_the_best_judged_or_the_artists_choice() -> None:
    # 1 is contradicted, 2 unsure, 3 unsafe and 4 not judged; 12 fits its prompt best of the rest.
    assert fronts(exhibit.judged()) == [11, 10, 9]
    assert fronts(exhibit.manifest()) == [11, 10, 9]  # the rarest
    chosen = exhibit.collection(12, cover=3)
    assert fronts(exhibit.judged(collection=chosen)) == [2, 11, 10]
    assert fronts(exhibit.unfinished(1)) == [0]


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
    assert "costs 0.003732 ETH; on this test chain it costs nothing" in html
    assert 'class="outside"' not in html  # nobody else sees the local chain


def test_transactions_on_a_test_network_are_linked_to_its_explorer() -> None:
    deployment = exhibit.deployment().model_copy(
        update={"network": "polygon-amoy", "chain_id": 80002}
    )
    html = page(exhibit.manifest(deployment=deployment))

    for sent in deployment.transactions:
        assert f'href="https://amoy.polygonscan.com/tx/{sent.transaction}"' in html
    assert f'href="https://amoy.polygonscan.com/address/{deployment.address}"' in html
    assert "costs 0.003732 POL" in html
    assert f"mint verify {deployment.address} --network polygon-amoy" in html


def test_seeds_are_text_with_all_their_digits() -> None:
    assert rows(page())[0]["seed"] == "9007199254740991"


def test_in_float64_no_machine_is_named() -> None:
    manifest = exhibit.manifest()
    (digest, runtime), *others = manifest.runtimes.items()
    anywhere = runtime.model_copy(update={"device": None, "threads": None, "attention": None})
    runtimes = {digest: anywhere, **dict(others)}

    text = page(manifest.model_copy(update={"runtimes": runtimes}))

    assert "any: in float64 no machine changes a pixel" in text
    assert "<bdi>None</bdi>" not in text


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
    assert [thumbnail_edge(n) for n in (1, 64, 1_000, 10_000)] == [256, 256, 128, 96]
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
