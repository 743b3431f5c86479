"""What `mint check` warns of: allowed, and hardly meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.licenses import canonicalize_license_expression

from mint.check import preflight
from mint.record.manifest import fair_mint_terms
from mint.record.metadata import contract_json, licence_uri
from mint.spec.advice import advice
from mint.spec.licences import SPDX
from mint.spec.load import load
from mint.spec.starter import starter
from tests import exhibit
from tests.conftest import ROOT, edit
from tests.spec.jargon import JARGON

SALE = (
    "sale: {phases: [{name: a, start: 2027-01-01T00:00Z, price: '1'}, "
    "{name: b, start: 2027-02-01T00:00Z, end: 2027-03-01T00:00Z, price: '1'}]}"
)
NOW = 1_790_000_000.0  # 21 September 2026

# (what stands in collections/tiny, what the artist writes, line:column, warning, what to do)
SUSPICIONS = {
    "curly quotes around a text": (
        "name: Tiny", "name: “Tiny”", "2:7", "“Tiny” are part of the text", "write Tiny"
    ),
    "curly quotes around a value": (
        "{fox: 1", "{“fox”: 1", "16:13", "“fox” are part of the name", "write fox"
    ),
    "weights": ("a {Body}", "a (cat:1.3) {Body}", "8:11", '"(cat:1.3)" is read as', "words alone"),
    "weights of a value": (
        "blue: {count: 2}", "blue: {count: 2, prompt: '(blue:1.2)'}", "17:46", "(blue:1.2)", "alone"
    ),
    "double brackets": ("a {Body}", "a ((cute)) {Body}", "8:11", '"((cute))"', "the words alone"),
    "a LoRA": ("a {Body}", "a <lora:ink:0.8> {Body}", "8:11", '"<lora:ink:0.8>"', "image.adapters"),
    "Midjourney": ("a {Body}", "a {Body} --ar 3:2", "8:11", '"--ar 3:2"', "width, height"),
    "guidance 30": ("guidance_scale: 1", "guidance_scale: 30", "10:19", "burns", "3 to 8 is usual"),
    "a negative prompt that is not read": (
        "  batch: 2", "  batch: 2\n  negative_prompt: text", "15:20", "is not read", "above 1"
    ),
    "orange beside Orange": (
        "orange: 2", "orange: 1, Orange: 1", "17:21", '"Orange" and "orange"', "keep one"
    ),
    "two values with one phrase": (
        "orange: 2", "orange: 1, amber: {prompt: orange}", "17:21", "put the same words", "own"
    ),
    "bps: 5": ("seed: 1", "seed: 1\nroyalty: {bps: 5}", "7:16", "5 bps are 0.05 %", "500 is 5 %"),
    "small letters": (
        "seed: 1",
        "seed: 1\nroyalty: {receiver: '0x" + "aa" * 20 + "'}",
        "7:21",
        "in small letters: no mistake in it could be noticed",
        "if it is right, write 0xaAaAaA",
    ),
    "bps: 5000": ("seed: 1", "seed: 1\nroyalty: {bps: 5000}", "7:16", "are 50 %", "500 is 5 %"),
    "a licence's name": (
        "seed: 1", "seed: 1\nlicence: CC BY 4.0", "7:10", "no licence that mint knows",
        'did you mean "CC-BY-4.0"?',
    ),
    "a licence of one's own": (
        "seed: 1", "seed: 1\nlicence: All mine", "7:10", "links to no text", "`licence_uri:`"
    ),
    "a comment for a text": (
        "seed: 1", "seed: 1\nexternal_url: #later", "7:1", "is empty", 'in quotes: "#later"'
    ),
    "no web address": (
        "seed: 1", "seed: 1\nexternal_url: example.org", "7:15", "no web address", "https://example."
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "says", "remedy"), SUSPICIONS.values(),
                         ids=SUSPICIONS)  # fmt: skip
def test_what_is_hardly_meant_is_pointed_out(
    tiny: Path, old: str, new: str, place: str, says: str, remedy: str
) -> None:
    edit(tiny, old, new)

    (warning,) = advice(*load(tiny), NOW)

    assert warning.startswith(f"warning: {tiny}:{place}: ")
    message, _, hint = warning.removeprefix(f"warning: {tiny}:{place}: ").rpartition("; ")
    assert says in message or says in warning
    assert remedy in warning
    assert hint
    assert not JARGON.search(warning.removeprefix(f"warning: {tiny}"))


def test_check_prints_warnings_last_and_goes_on(tiny: Path) -> None:
    edit(tiny, "seed: 1", "seed: 1\nroyalty: {bps: 5000, receiver: '0x" + "a" * 40 + "'}")

    lines = list(preflight(tiny, lambda: NOW))

    assert f"royalty     50 % of a resale, for 0x{'a' * 40}" in lines
    assert "5000 bps" in lines[-1]
    assert lines[lines.index("", lines.index("") + 1) + 1 :] == [
        line for line in lines if line.startswith("warning: ")
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [("", "none"), ("\nroyalty: {bps: 500}", "5 % of a resale, for the owner"),
     ("\nroyalty: {bps: 5}", "0.05 % of a resale, for the owner")],
)  # fmt: skip
def test_the_royalty_is_printed_in_per_cent(tiny: Path, text: str, line: str) -> None:
    edit(tiny, "seed: 1", f"seed: 1{text}")

    assert f"royalty     {line}" in list(preflight(tiny, lambda: NOW))


@pytest.mark.parametrize(
    ("now", "begun"),
    [
        (NOW, []),
        (1_798_761_601.0, ['"a" began at 2027-01-01 00:00 UTC;']),
        (1_801_440_001.0, ['"a" began at 2027-01-01 00:00 UTC, and ended', '"b" began at']),
    ],
)
def test_a_phase_that_has_begun(tiny: Path, now: float, begun: list[str]) -> None:
    edit(tiny, "seed: 1", f"seed: 1\n{SALE}")
    collection, source = load(tiny)

    warnings = list(advice(collection, source, now))

    assert len(warnings) == len(begun)
    for warning, words in zip(warnings, begun, strict=True):
        assert words in warning
    # The clock decides words alone: what is published does not depend on it.
    assert load(tiny)[0].digest == collection.digest


@pytest.mark.parametrize("name", sorted(p.name for p in (ROOT / "collections").glob("[a-z]*")))
def test_our_own_collections_raise_no_suspicion(name: str) -> None:
    assert list(advice(*load(ROOT / "collections" / name / "collection.yaml"), NOW)) == []


def test_nor_does_a_new_one(tmp_path: Path) -> None:
    assert list(advice(*load(starter("Don’t ask", tmp_path)), NOW)) == []


def test_the_list_of_licences_is_spdx(tiny: Path) -> None:
    assert {canonicalize_license_expression(name) for name in SPDX} == SPDX
    assert len(SPDX) > 100


@pytest.mark.parametrize(
    ("lines", "uri"),
    [
        ("", "https://spdx.org/licenses/CC0-1.0.html"),
        ("\nlicence: MIT", "https://spdx.org/licenses/MIT.html"),
        ("\nlicence: All mine", None),
        ("\nlicence: cc0-1.0", None),
        ("\nlicence: All mine\nlicence_uri: ipfs://terms", "ipfs://terms"),
    ],
)
def test_a_licences_address_is_never_made_up(tiny: Path, lines: str, uri: str | None) -> None:
    edit(tiny, "seed: 1", f"seed: 1{lines}")
    collection, _ = load(tiny)

    assert licence_uri(collection) == uri
    assert (b"license_uri" in contract_json(collection, "ipfs://x")) == (uri is not None)
    manifest = exhibit.manifest().model_copy(update={"collection": collection})
    assert fair_mint_terms(manifest).licence_uri == (uri or "")  # the constructor takes a text
