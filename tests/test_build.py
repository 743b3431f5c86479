"""The whole product in one process, on the real model and the in-process chain."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mint.build import Options, build
from mint.errors import (
    ChainError,
    CollectionError,
    CurateError,
    MintError,
    RuntimeChanged,
    StoreError,
)
from mint.record.manifest import Manifest
from mint.stages import LEAVES, STAGES, STEPS, Forecast, Stage, Step
from mint.store import Store
from mint.verify.verify import prove
from tests import memos
from tests.anvil_node import anvil
from tests.builds import files, painted, run
from tests.conftest import edit


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    """The finished build in a folder of the test's own."""
    return Path(shutil.copytree(built.parent, tmp_path / "tiny")) / "collection.yaml"


def test_a_build_is_whole(built: Path) -> None:
    out = built.parent / "build" / "tiny"
    manifest = Manifest.parse((out / "manifest.json").read_bytes())

    assert [t.token_id for t in manifest.tokens] == [1, 2, 3, 4, 5, 6]
    assert manifest.tokens[3].name == "The Only Robot"
    assert sorted(files(built)) == sorted(
        [f"tiny/images/{i}.png" for i in range(1, 7)]
        + [f"tiny/metadata/{i}.json" for i in range(1, 7)]
        + ["tiny/collection.car", "tiny/manifest.json", "tiny/report/contact-sheet.png"]
        + ["tiny/report/index.html", "tiny/report/tokens.csv"]
    )
    assert manifest.deployment is not None
    assert len({token.image.pixels for token in manifest.tokens}) == 6
    document = json.loads((out / "metadata" / "4.json").read_bytes())
    assert document["attributes"] == [{"trait_type": "One of one", "value": "The Only Robot"}]


def test_the_second_build_paints_nothing_and_changes_nothing(copy: Path) -> None:
    # A copied folder is the same collection: nothing in it knows where it lies.
    before = files(copy)

    manifest, news, _ = run(copy)

    assert painted(news) == 0
    assert files(copy) == before
    assert manifest.canonical() + b"\n" == (copy.parent / "build/tiny/manifest.json").read_bytes()


def test_another_collection_beside_it_takes_no_folder(copy: Path) -> None:
    before = files(copy)
    other = copy.with_name("other.yaml")
    shutil.copy(copy, other)
    edit(other, "seed: 1", "seed: 2")
    edit(other, "name: Tiny", "name: tiny!")

    with pytest.raises(
        StoreError, match=r"build/tiny is the build of .*/collection\.yaml"
    ) as caught:
        run(other)

    assert str(other) in caught.value.hint
    assert files(copy) == before
    edit(copy, "name: Tiny", "name: Large")  # by which it leaves the folder
    assert run(other, until="render")[0].collection.name == "tiny!"
    edit(copy, "name: Large", "name: Tiny")
    with pytest.raises(StoreError, match=r"is the build of .*/other\.yaml"):
        run(copy)
    other.unlink()
    run(copy)
    assert files(copy) == before


def test_a_file_that_was_renamed_goes_on(copy: Path) -> None:
    before = files(copy)

    _, news, _ = run(copy.rename(copy.with_name("birds.yaml")))

    assert painted(news) == 0
    assert files(copy) == before


def test_the_same_file_elsewhere_gives_the_same_bytes(built: Path, tiny: Path) -> None:
    run(tiny)

    assert files(tiny) == files(built)


def test_the_manifest_holds_no_path_and_no_clock(built: Path) -> None:
    text = (built.parent / "build/tiny/manifest.json").read_text()

    assert str(built.parent) not in text
    assert "/tmp" not in text
    assert "20260" not in text
    assert "2026-" not in text


def test_every_slow_thing_is_announced_before_it_begins(tiny: Path) -> None:
    forecasts: list[Forecast] = []

    _, news, _ = run(tiny, announce=forecasts.append)

    assert news == [
        ("planning", 0, 6), ("planning", 6, 6),
        ("loading", 0, 1), ("loading", 1, 1),  # torch, and every model's files
        ("loading", 0, 1), ("loading", 1, 1),  # diffusers, and the model into memory
        ("painting", 0, 6), ("painting", 2, 6), ("painting", 4, 6), ("painting", 6, 6),
        ("comparing", 0, 6),
        ("loading", 0, 1), ("loading", 1, 1),  # transformers, and CLIP
        ("comparing", 6, 6),
        ("measuring", 0, 1),
        ("loading", 0, 1), ("loading", 1, 1),  # CLIP's words
        ("measuring", 1, 1),
        ("describing", 0, 1), ("describing", 1, 1),
        ("publishing", 0, 1), ("publishing", 1, 1),
        ("deploying", 0, 1), ("deploying", 1, 1),  # web3 and the chain
        ("minting", 0, 1), ("minting", 1, 1),
        ("report", 0, 6), ("report", 6, 6),
    ]  # fmt: skip
    assert forecasts == [Forecast(0, reused=0, to_paint=6)]
    assert forecasts[0].seconds is None


def test_a_build_says_first_what_there_is_and_how_long_the_rest_takes(copy: Path) -> None:
    forecasts: list[Forecast] = []
    edit(copy, "a white robot, round eyes", "a gray robot, round eyes")

    _, news, _ = run(copy, until="render", announce=forecasts.append)

    (forecast,) = forecasts
    assert (forecast.reused, forecast.to_paint, painted(news)) == (5, 1, 1)
    assert forecast.paint_seconds is not None  # the build before measured it
    assert forecast.seconds == pytest.approx(forecast.paint_seconds)


def test_every_stage_says_what_it_leaves_and_every_step_is_one_word() -> None:
    assert tuple(LEAVES) == STAGES
    assert all(step.isalpha() for step in STEPS)


@pytest.mark.parametrize("until", STAGES)
def test_until_stops_there(tiny: Path, until: Stage) -> None:
    manifest, news, _ = run(tiny, until=until)

    reached = [bool(manifest.tokens), manifest.metadata, manifest.publication, manifest.deployment]
    after = [STAGES.index(name) for name in ("render", "metadata", "publish", "deploy")]
    assert [bool(r) for r in reached] == [STAGES.index(until) >= i for i in after]
    steps = [step for step, _, _ in news]
    last = dict.fromkeys(
        ("render", "enlarge", "sign", "animate", "canvas", "banner"), "measuring"
    ) | {"plan": "planning"}
    last |= {"metadata": "describing", "publish": "publishing", "deploy": "deploying"}
    assert [step for step in steps if step != "report"][-1] == last.get(until, "minting")
    assert (steps[-1] == "report") == (until != "plan")
    minted = manifest.deployment.transactions[1:] if manifest.deployment else ()
    assert bool(minted) == (until == "mint")
    assert (tiny.parent / "build").exists() == (until != "plan")


def test_a_shorter_build_forgets_no_deployment(copy: Path) -> None:
    before = files(copy)

    run(copy, until="render")

    assert files(copy) == before


def test_a_build_that_fails_forgets_no_deployment(copy: Path) -> None:
    before = files(copy)

    with pytest.raises(ChainError, match="cannot be reached"):
        run(copy, network="http://127.0.0.1:1")

    assert files(copy) == before


@pytest.mark.parametrize(
    ("old", "new", "repainted"),
    [
        ("Six pictures, to test with.", "Six pictures.", 0),
        ("symbol: TINY", "symbol: TINI", 0),
        ("a white robot, round eyes", "a gray robot, round eyes", 1),
        ("  steps: 2", "  steps: 3", 6),
        ("seed: 1", "seed: 2", 6),
    ],
)
def test_an_edit_redoes_only_what_it_touches(
    copy: Path, old: str, new: str, repainted: int
) -> None:
    edit(copy, old, new)

    manifest, news, _ = run(copy)

    assert painted(news) == repainted
    assert manifest.deployment is not None
    assert len(manifest.deployment.transactions) == 2  # what is immutable is deployed anew


def test_a_smaller_supply_leaves_no_stale_files(copy: Path) -> None:
    edit(copy, "supply: 6", "supply: 5")
    edit(copy, "blue: {count: 2}", "blue: {count: 1}")
    (copy.parent / "build/tiny/images/notes.txt").write_text("mine")

    run(copy, until="metadata")

    names = sorted(p.name for p in (copy.parent / "build/tiny/images").iterdir())
    assert names == ["1.png", "2.png", "3.png", "4.png", "5.png", "notes.txt"]


def test_a_rotten_picture_is_painted_again_and_reported(copy: Path) -> None:
    before = files(copy)
    manifest = Manifest.parse((copy.parent / "build/tiny/manifest.json").read_bytes())
    digest = manifest.tokens[2].image.file
    path = Store(copy.parent / ".mint").object_path(digest)
    data = bytearray(path.read_bytes())
    data[200] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)

    _, news, rotten = run(copy)

    assert rotten == [digest]
    assert painted(news) >= 1
    assert files(copy) == before


@pytest.mark.parametrize("damage", [b"", b"{", b'{"version": "one"}', b"\xff\xfe"])
def test_a_corrupt_manifest_is_written_anew(copy: Path, damage: bytes) -> None:
    before = files(copy)
    (copy.parent / "build/tiny/manifest.json").write_bytes(damage)

    run(copy)

    assert files(copy) == before


def test_a_removed_build_folder_comes_back_without_painting(copy: Path) -> None:
    before = files(copy)
    shutil.rmtree(copy.parent / "build")

    _, news, _ = run(copy)

    assert painted(news) == 0
    assert files(copy) == before


def test_another_runtime_is_refused_mixed_or_painted_anew(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.models.runtime.version", lambda name: "0.0.1")

    with pytest.raises(RuntimeChanged, match=r"torch 2\.\S+ -> 0\.0\.1") as caught:
        run(copy)
    assert "--runtime mixed" in caught.value.hint

    edit(copy, "a white robot, round eyes", "a gray robot, round eyes")
    manifest, news, _ = run(copy, until="publish", on_runtime="mixed")
    assert painted(news) == 1
    assert len(manifest.runtimes) == 2
    assert len({t.recipe.runtime for t in manifest.tokens}) == 2

    manifest, news, _ = run(copy, until="publish", on_runtime="new")
    assert painted(news) == 5  # the sixth was painted here a moment ago
    assert len(manifest.runtimes) == 1


def test_a_lost_picture_of_another_runtime_is_painted_in_the_name_of_this_one(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.models.runtime.version", lambda name: "0.0.1")
    before, _, _ = run(copy, until="publish", on_runtime="mixed")
    lost = before.tokens[0].image.file
    (copy.parent / ".mint" / "objects" / lost[:2] / lost[2:]).unlink()

    after, news, _ = run(copy, until="publish")

    assert painted(news) == 1
    runtimes = [token.recipe.runtime for token in after.tokens]
    assert [after.runtimes[each].libraries["torch"] == "0.0.1" for each in runtimes] == (
        [True] + [False] * 5
    )


def test_tokens_that_stay_duplicates_stop_the_build_or_are_listed(tiny: Path) -> None:
    edit(tiny, "one_of_ones:\n", "dedup: {threshold: 0.01, attempts: 1}\none_of_ones:\n")
    with pytest.raises(
        CurateError, match="still looks like another one after 2 attempts"
    ) as caught:
        run(tiny)
    assert "dedup.exhausted: keep" in caught.value.hint

    edit(tiny, "attempts: 1}", "attempts: 1, exhausted: keep}")
    manifest, _, _ = run(tiny, until="metadata")
    assert manifest.unresolved
    assert len(manifest.tokens) == 6


def test_a_prompt_that_the_model_would_cut_is_not_painted(tiny: Path) -> None:
    edit(tiny, '"a {Body} {Species}', '"' + "fox " * 30 + "{Body} {Species}")

    with pytest.raises(CollectionError, match=r'yaml:8:11: .* the trait "Body" .* falls off'):
        run(tiny)

    assert not (tiny.parent / "build").exists()


@pytest.mark.parametrize(
    ("written", "options", "says"),
    [
        ("mainnet", {}, r"yaml:\d+:10: mainnet is a main network"),
        ("local", {"network": "mainnet"}, "mainnet is a main network"),
        ("sepolia", {}, "sepolia needs a node to talk to"),
        ("local", {"network": "ftp://host"}, r"ftp://host is not an http\(s\) URL"),
    ],
)
def test_a_network_that_cannot_be_is_refused_before_painting(
    tiny: Path, written: str, options: dict[str, str], says: str
) -> None:
    edit(tiny, "one_of_ones:\n", f"network: {written}\none_of_ones:\n")

    with pytest.raises(MintError, match=says) as caught:
        run(tiny, **options)

    assert caught.value.hint
    assert not (tiny.parent / "build").exists()


@pytest.mark.anvil
def test_a_build_on_anvil_is_the_same_but_for_the_chain(copy: Path) -> None:
    with anvil() as url:
        manifest, news, _ = run(copy, network=url)
        again, _, _ = run(copy, network=url)
        claims = list(prove(str(copy), sample=0, network=url, environ={}))

    assert painted(news) == 0
    assert manifest.deployment is not None
    assert manifest.deployment.chain_id == 31337
    assert again == manifest  # nothing is deployed or minted twice
    assert "6 token URIs on anvil lead to the recorded pictures" in claims


HOSTILE = 'A "quoted"\n<script>window.__pwned=1</script> 🦊 \u202eשלום\u202c {Body} \'); DROP'


def test_hostile_names_stay_text_all_the_way(tiny: Path) -> None:
    edit(tiny, "name: Tiny", f"name: {json.dumps(HOSTILE, ensure_ascii=False)}")
    edit(tiny, "name: The Only Robot", f"name: {json.dumps(HOSTILE + '!', ensure_ascii=False)}")

    manifest, _, _ = run(tiny)

    out = next((tiny.parent / "build").iterdir())
    assert json.loads((out / "metadata/1.json").read_bytes())["name"] == f"{HOSTILE} #1"
    assert json.loads((out / "metadata/4.json").read_bytes())["name"] == HOSTILE + "!"
    assert "<script>window" not in (out / "report/index.html").read_text()
    assert manifest.deployment is not None  # and the contract's name was read back and compared


def test_a_build_that_ends_at_deploy_forgets_no_mint(copy: Path) -> None:
    before = files(copy)

    run(copy, until="deploy")

    assert files(copy) == before


def test_a_build_that_fails_at_the_chain_forgets_no_deployment(copy: Path) -> None:
    before = files(copy)

    with pytest.raises(MintError, match="cannot be reached"):
        run(copy, network="anvil", environ={"MINT_RPC_URL": "http://127.0.0.1:9"})

    assert files(copy) == before


@pytest.mark.parametrize("step", ["describing", "publishing", "deploying", "minting"])
def test_an_interrupted_second_build_forgets_nothing(copy: Path, step: Step) -> None:
    before = files(copy)

    def interrupt(now: Step, done: int, total: int) -> None:
        if now == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(copy, Options(), interrupt)

    assert files(copy) == before


def test_a_deployment_of_other_metadata_is_not_carried(copy: Path) -> None:
    # As another version of mint may have written it; the tokens are the same.
    path = copy.parent / "build/tiny/manifest.json"
    manifest = Manifest.parse(path.read_bytes())
    other = manifest.model_copy(update={"metadata": ("0" * 64,) * 6, "provenance": "1" * 64})
    path.write_bytes(other.canonical())

    run(copy, until="metadata")

    recorded = Manifest.parse(path.read_bytes())
    assert recorded.metadata == manifest.metadata
    assert recorded.deployment is None


def test_a_memo_of_another_version_is_as_good_as_absent(copy: Path) -> None:
    before, store = files(copy), Store(copy.parent / ".mint")
    for key in memos.keys(store.root, "render"):
        store.remember("render", key, b'{"png": 1}')

    _, news, _ = run(copy)

    assert painted(news) == 6
    assert files(copy) == before
