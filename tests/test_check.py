"""What `mint check` tells before anything is painted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mint.check import preflight
from mint.errors import CollectionError, PlanError, RenderError
from mint.models.upscaler import Compact
from mint.paint.painting_time import GPU_TFLOPS, film_time, seconds_for_picture
from mint.plan.tokens import plan
from mint.spec.collection import EMBEDDED
from mint.spec.load import load
from mint.spec.painting import ImageSettings
from tests.conftest import ROOT, copy_collection, edit
from tests.sales import SALE

ROW = re.compile(r"  +(\d+) +([\d.]+) %  (.*?)(   its weight rounds to no token at all)?$")
COLLECTIONS = ["tiny", "menagerie", "postcards", "florilegium", "lanterns"]


def told(file: Path) -> tuple[dict[str, str], dict[str, dict[str, tuple[int, float]]]]:
    """Lines by their first word, and the table: trait -> value -> (count, share)."""
    lines = list(preflight(file))
    blank = lines.index("")
    facts = dict(line.split(maxsplit=1) for line in lines[1:blank])
    table: dict[str, dict[str, tuple[int, float]]] = {}
    end = lines.index("", blank + 1) if "" in lines[blank + 1 :] else len(lines)
    for line in lines[blank + 1 : end]:  # then come warnings
        row = ROW.match(line)
        if row is None:
            table[line] = trait = {}
        else:
            trait[row[3]] = (int(row[1]), float(row[2]))
    return facts, table


@pytest.mark.parametrize("name", COLLECTIONS)
def test_the_table_adds_up_to_the_supply(tmp_path: Path, name: str) -> None:
    file = copy_collection(name, tmp_path)
    collection, _ = load(file)

    _, table = told(file)

    ones = table.pop("One of one", {})
    assert sum(count for count, _ in ones.values()) == len(collection.one_of_ones)
    assert list(table) == [trait.name for trait in collection.traits]
    for trait, values in zip(collection.traits, table.values(), strict=True):
        assert list(values) == [value.name for value in trait.values]
        assert sum(count for count, _ in values.values()) + len(ones) == collection.supply
        for count, share in values.values():
            assert share == pytest.approx(100 * count / collection.supply, abs=0.051)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_prompts_are_counted(tmp_path: Path, name: str) -> None:
    file = copy_collection(name, tmp_path)
    prompts = [slot.prompt for slot in plan(*load(file))]

    facts, _ = told(file)

    assert facts["prompts"] == f"{len(set(prompts))} distinct; e.g. {prompts[0]}"


@pytest.mark.parametrize("name", ["tiny", "menagerie", "postcards", "florilegium"])
def test_ateliers_words_are_counted(tmp_path: Path, name: str) -> None:
    facts, _ = told(copy_collection(name, tmp_path))

    assert re.fullmatch(r"the longest prompt possible has \d+ of 32 places", facts["words"])


def test_a_hub_model_that_is_not_here_is_no_error(tmp_path: Path) -> None:
    facts, _ = told(copy_collection("lanterns", tmp_path))

    assert facts["words"].startswith("not counted: ")
    assert "mint build fetches it" in facts["words"]
    assert facts["painting"].endswith(", as if it were Stable Diffusion 1.5")


def test_a_weight_that_gives_no_token_is_pointed_out(tiny: Path) -> None:
    edit(tiny, "orange: 2,", "orange: 6, green: 0.001,")  # a thousandth of a token

    lines = [line for line in preflight(tiny) if "rounds to no token" in line]

    assert len(lines) == 1
    assert " 0    0.0 %  green " in lines[0]


def test_one_token_is_one(tiny: Path) -> None:
    text = tiny.read_text().partition("rules:")[0].replace("supply: 6", "supply: 1")
    tiny.write_text(text.replace("{count: 2}", "1").replace("{count: 1}", "1"))

    assert next(preflight(tiny)) == "Tiny (TINY): 1 token"


def test_a_sale_is_told(tiny: Path) -> None:
    tiny.write_text(tiny.read_text() + SALE)
    for name in ("gifts.csv", "friends.csv"):
        (tiny.parent / name).write_text("0x00000000000000000000000000000000000A11cE,1\n")
    lines = list(preflight(tiny))

    assert [line for line in lines if line.split()[:1] in (["phase"], ["airdrop"], ["reveal"])] == [
        "phase       friends: 2 tokens for 1 wallet at 0.01 ETH, "
        "2027-01-01 00:00 UTC to 2027-01-02 00:00 UTC",
        "phase       public: all that are left for everybody, 3 each at 0.02 ETH, "
        "2027-01-02 00:00 UTC to 2027-01-03 11:00 UTC",
        "airdrop     1 token before the first phase",
        "reveal      by 2027-03-01 00:00 UTC; after that buyers take their money back",
    ]


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("supply: 6", "suply: 6", CollectionError),
        ("supply: 6", "supply: 600", PlanError),
        ("seed: 1", "seed: 1\nnetwork: mainnet", CollectionError),
        (
            "a {Body} {Species}, {Headwear}",
            f"{'fox ' * 30}{{Body}} {{Species}} {{Headwear}}",
            CollectionError,
        ),
    ],
)
def test_what_is_wrong_in_the_file_is_raised(
    tiny: Path, old: str, new: str, error: type[CollectionError]
) -> None:
    edit(tiny, old, new)

    with pytest.raises(error, match=r"collection\.yaml:\d+:\d+: "):
        list(preflight(tiny))


def test_numbers_grow_with_the_supply(tiny: Path, tmp_path: Path) -> None:
    facts, _ = told(tiny)
    assert facts["disk"] == "about 1 MB"
    assert "as if" not in facts["painting"]
    edit(tiny, "width: 64", "width: 1024")
    edit(tiny, "height: 64", "height: 1024")

    # Half of 3 bytes a pixel, kept twice.
    assert told(tiny)[0]["disk"] == f"about {6 * 3 * 1024**2 / 1e6:,.0f} MB"
    assert re.match(r"about \d+ (seconds|minutes|hours|days) on this CPU", facts["painting"])


def test_films_and_signatures_take_room_and_a_style_takes_time(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.paint.painting_time._cpu_tflops", lambda dtype: 0.1)

    def megabytes() -> float:
        match = re.search(r"about ([\d,]+) MB", told(tiny)[0]["disk"])
        assert match
        return float(match[1].replace(",", ""))

    edit(tiny, "width: 64", "width: 1024")
    edit(tiny, "height: 64", "height: 1024")
    before = megabytes()
    edit(tiny, "rules:", "c2pa: {states: digests}\nrules:")
    signed = megabytes()
    edit(tiny, "rules:", "animate: {tokens: all}\nrules:")
    assert before < signed < megabytes()

    plain, _ = load(tiny)
    edit(tiny, "rules:", f"style: {{steps: {10 * plain.image.steps}}}\nrules:")
    styled, _ = load(tiny)
    image = plain.image.model_copy(update={"steps": 10 * plain.image.steps})
    written = plain.model_copy(update={"image": image})
    assert film_time(styled, 6, 0, None) == film_time(written, 6, 0, None)
    assert film_time(styled, 600, 0, None) != film_time(plain, 600, 0, None)


def test_the_size_is_the_final_one(tiny: Path) -> None:
    assert told(tiny)[0]["pictures"] == "64 x 64 pixels"
    edit(tiny, "  width: 64", "  width: 256")
    edit(tiny, "  batch: 2", "  batch: 2\n  upscale: atelier")

    facts, _ = told(tiny)

    assert facts["pictures"] == "painted 256 x 64, enlarged to 1024 x 256 pixels"
    # Small ones in the store, then large ones there and in the CAR.
    assert facts["disk"] == f"about {6 * 3 * 256 * 64 * (0.5 + 2 * 16 * 0.25) / 1e6:,.0f} MB"


def seconds(facts: dict[str, str]) -> float:
    found = re.match(r"about (\d+) (seconds|minutes|hours|days)", facts["painting"])
    assert found
    return int(found[1]) * {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}[found[2]]


def test_a_large_upscaler_takes_its_time(tiny: Path) -> None:
    edit(tiny, "  width: 64", "  width: 1024")
    edit(tiny, "  height: 64", "  height: 1024")
    alone = seconds(told(tiny)[0])
    # By its header alone: 20 million weights for every small pixel.
    shapes = Compact(1024, 2, 4).shapes()
    text = json.dumps({name: {"shape": shape} for name, shape in shapes.items()}).encode()
    (tiny.parent / "x4.safetensors").write_bytes(len(text).to_bytes(8, "little") + text)
    edit(tiny, "  batch: 2", "  batch: 2\n  upscale: x4.safetensors")

    assert seconds(told(tiny)[0]) > 4 * alone


def test_a_refiner_looks_twice_with_guidance_and_reads_and_writes_the_picture_once() -> None:
    def seconds(steps: int, guidance: float) -> float:
        image = ImageSettings.model_validate({
            "prompt": "a fox",
            "refiners": ({
                "model": "atelier-detail", "at": 0.5, "width": 512, "height": 512,
                "steps": steps, "guidance_scale": guidance,
            },),
        })  # fmt: skip
        return seconds_for_picture(image, EMBEDDED["atelier"], "cuda")

    alone = ImageSettings(prompt="a fox")
    one_look = (seconds(20, 1) - seconds(10, 1)) / 5
    once = seconds(10, 1) - seconds_for_picture(alone, EMBEDDED["atelier"], "cuda") - 5 * one_look

    assert seconds(10, 3) - seconds(10, 1) == pytest.approx(5 * one_look)
    # By FLOP counter: 27.2 and 7.9 of the autoencoder at 512 px, 4.8 of the U-Net.
    assert once / one_look == pytest.approx((27.2 + 7.9) / 4.8, rel=0.03)


@pytest.mark.parametrize(
    ("kind", "steps", "passes", "patch"),
    [
        ("FluxPipeline", 28, 1, 16),  # its guidance is a number that the network reads
        ("StableDiffusion3Pipeline", 28, 2, 16),
        ("SanaPipeline", 20, 2, 32),
    ],
)
def test_a_transformer_is_as_slow_as_it_is_large(
    tmp_path: Path, kind: str, steps: int, passes: int, patch: int
) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": kind}))
    (tmp_path / "transformer").mkdir()
    for name in ("a", "b", "a.fp16"):  # the third is the first one again
        head = {f"{name[0]}.weight": {"shape": (60_000, 100_000)}}
        text = json.dumps(head).encode()
        file = tmp_path / "transformer" / f"{name}.safetensors"
        file.write_bytes(len(text).to_bytes(8, "little") + text)
    image = ImageSettings.model_validate({
        "model": "org/large", "revision": "0" * 40, "prompt": "a fox", "width": 1024,
        "height": 1024, "steps": steps, "guidance_scale": 3.5,
    })  # fmt: skip

    tflop = GPU_TFLOPS * seconds_for_picture(image, tmp_path, "cuda")

    assert tflop == pytest.approx(steps * passes * 2 * 12e9 * (1024 / patch) ** 2 / 1e12, rel=0.02)


def test_decisions_that_cannot_hold_are_warned_of(tiny: Path) -> None:
    (tiny.parent / "decisions.yaml").write_text("keep:\n  7: {attempt: 0}\n  3: {attempt: 1}\n")

    absent, unbound = list(preflight(tiny))[-2:]

    assert "decisions.yaml:2:3: there is no token 7 among 6, so this is not obeyed" in absent
    assert "decisions.yaml:3:3: `keep` names no picture" in unbound


def test_half_precision_on_a_cpu_is_not_promised(tiny: Path) -> None:
    assert "slow" not in told(tiny)[0]
    edit(tiny, "  batch: 2", "  batch: 2\n  dtype: float16")

    facts, _ = told(tiny)

    assert facts["painting"].startswith("over ")
    assert "a CPU takes many times that" in facts["slow"]


def test_float64_is_estimated_by_what_this_cpu_does_in_float64(tiny: Path) -> None:
    edit(tiny, "  batch: 2", "  batch: 2\n  dtype: float64")

    facts, _ = told(tiny)

    assert facts["painting"].endswith(" on this CPU; few GPUs are quicker in float64")


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (b"{}", "and spandrel, which reads other families, is not installed"),
        (b"", "is no safetensors file"),
    ],
)
def test_an_upscaler_that_cannot_be_used(tiny: Path, header: bytes, says: str) -> None:
    file = tiny.parent / "x4.safetensors"
    file.write_bytes(len(header).to_bytes(8, "little") + header)
    edit(tiny, "  batch: 2", "  batch: 2\n  upscale: x4.safetensors")

    with pytest.raises(RenderError, match=says) as caught:
        list(preflight(tiny))

    assert caught.value.hint


def test_only_spandrel_knows_how_far_it_enlarges(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny.parent / "spandrel.py").write_text("raise AssertionError('mint check imports nothing')")
    monkeypatch.syspath_prepend(tiny.parent)
    (tiny.parent / "x4.safetensors").write_bytes(b"\x02" + bytes(7) + b"{}")
    edit(tiny, "  batch: 2", "  batch: 2\n  upscale: x4.safetensors")

    assert told(tiny)[0]["pictures"] == (
        "painted 64 x 64, enlarged by x4.safetensors; mint build tells how far"
    )


def test_a_picture_that_would_be_too_large(tiny: Path) -> None:
    edit(tiny, "  height: 64", "  height: 4096")
    edit(tiny, "  batch: 2", "  batch: 2\n  upscale: atelier")

    with pytest.raises(CollectionError, match=r"yaml:15:12: 64 x 4096 enlarged 4 times"):
        list(preflight(tiny))


def test_neither_torch_nor_transformers_is_loaded(tiny: Path) -> None:
    script = "import sys; from pathlib import Path; from mint.check import preflight\n"
    script += (
        "list(preflight(Path(sys.argv[1]))); print({'torch', 'transformers'} & {*sys.modules})"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, str(tiny)], cwd=ROOT, check=True, capture_output=True
    )

    assert done.stdout == b"set()\n"


def test_a_sale_is_refused_where_it_cannot_be_drawn(tiny: Path) -> None:
    for name in ("gifts.csv", "friends.csv"):
        (tiny.parent / name).write_text("0x00000000000000000000000000000000000A11cE,1\n")
    tiny.write_text(tiny.read_text() + SALE + "network: arbitrum-sepolia\n")

    with pytest.raises(CollectionError, match=r"yaml:\d+:10: a sale cannot be drawn") as caught:
        list(preflight(tiny))
    assert "will do" in caught.value.hint


def test_a_network_near_its_end_is_warned_of(tiny: Path) -> None:
    tiny.write_text(tiny.read_text() + "network: sepolia\n")

    def lines(year: int, month: int) -> list[str]:
        now = datetime(year, month, 1, tzinfo=UTC).timestamp()
        return [line for line in preflight(tiny, lambda: now) if "planned to end" in line]

    assert not lines(2026, 1)
    (warning,) = lines(2026, 12)
    assert warning.startswith(f"warning: {tiny}:")
    assert warning.endswith("; hoodi lives longer")


def test_a_network_that_is_over_is_refused(tiny: Path) -> None:
    tiny.write_text(tiny.read_text() + "network: holesky\n")
    with pytest.raises(CollectionError, match=r"holesky ended in November 2025") as caught:
        list(preflight(tiny))
    assert "use hoodi" in caught.value.hint
