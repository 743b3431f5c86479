"""Everyday mistakes in collection.yaml: one error each, its place, what is wrong, and the edit."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from mint.errors import CollectionError
from mint.spec.load import load
from mint.spec.yaml_source import nearest, parse
from tests.conftest import ROOT, edit
from tests.sales import SALE
from tests.spec.jargon import JARGON

PHASE = "{name: a, start: 2027-01-01T00:00Z, end: 2027-02-01T00:00Z, price: '1'}"
DEPLOYED = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
COMMIT = "462165984030d82259a11f4367a4eed129e94a7b"


class Slip(NamedTuple):
    """An edit of collections/tiny, and what loading says of it: line:column, message, remedy."""

    old: str
    new: str
    place: str
    says: str
    remedy: str


def after(line: str, added: str) -> tuple[str, str]:
    return line, f"{line}\n{added}"


def model(name: str) -> tuple[str, str]:
    return after("  batch: 2", f"  model: {name}")


def royalty(text: str) -> tuple[str, str]:
    return after("seed: 1", f"royalty: {text}")


def phase(old: str, new: str) -> tuple[str, str]:
    return after("seed: 1", f"sale: {{phases: [{PHASE.replace(old, new)}]}}")


# What YAML cannot read, or reads as something else. Its own sentences name no remedy.
SYNTAX = {
    "a TAB": Slip("  steps: 2", "\tsteps: 2", "9:1", "a TAB indents", "TAB and type 2 spaces"),
    "spaces and a TAB": Slip("  steps", "  \tsteps", "9:3", "a TAB", "type 2 spaces"),
    "a TAB below a heading": Slip("  prompt", "\tprompt", "8:1", "a TAB", "type 2 spaces"),
    "too deep": Slip("  width", "    width", "12:5", "4 spaces, its neighbours with 2", "2 spaces"),
    "not deep enough": Slip("  width", " width", "12:2", "1 space, its", "begin it with 2 spaces"),
    "not indented": Slip("  width", "width", "12:1", "no spaces, its neigh", "with 2 spaces"),
    "indented at the top": Slip("supply", "  supply", "5:3", "2 spaces, its", "with no spaces"),
    "first line indented": Slip("name: Tiny", "  name: Tiny", "2:3", "2 spaces", "no spaces"),
    "two dashes": Slip("  - never", "- - never", "20:3", "rule 1 is a list", "without dashes"),
    "no }": Slip("bear: 1}", "bear: 1", "16:12", "this { is never closed", "at the end of line 16"),
    "no } of a rule": Slip("crown}\n", "crown\n", "20:12", "{ is never", "} at the end of line 20"),
    "no } of two": Slip("{count: 2}}", "{count: 2}", "17:9", "{ is never", "end of line 17"),
    "no } at the end": Slip("4}", "4", "22:5", "{ is never closed", "} at the end of line 22"),
    "one } more": Slip("{count: 2}}", "{count: 2}}}", "17:38", "one } too many", "delete it"),
    "] for }": Slip("bear: 1}", "bear: 1]", "16:36", "] closes a {", "write } instead"),
    "no comma": Slip("fox: 1, cat", "fox: 1 cat", "16:20", "a comma is missing", "before cat"),
    "no comma between keys": Slip(
        "{count: 2}", "{count: 2 prompt: navy}", "17:37", "a comma is missing", "before prompt"
    ),
    "no comma behind }": Slip("1}, cap", "1} cap", "18:41", "a comma is missing", "before cap"),
    "semicolons": Slip("fox: 1, cat", "fox: 1; cat", "16:19", "not by semicolons", "write ,"),
    "supply:24": Slip("supply: 6", "supply:24", "5:7", "no space stands", "write `supply: 24`"),
    "steps:2": Slip("  steps: 2", "  steps:2", "9:8", "no space stands", "write `steps: 2`"),
    "{fox:1}": Slip("fox: 1", "fox:1", "16:13", "behind the colon of", "`fox: 1`"),
    "never:{": Slip("never: {", "never:{", "20:10", "no space", "write `never: {Species: bear"),
    "bps:500": Slip(
        *after("seed: 1", "royalty:\n  bps:500"), "8:3", '"bps:500"', "write `bps: 500`, with a sp"
    ),
    "-never": Slip("- never", "-never", "20:3", '"rules" is', "with a dash: `- never: ...`"),
    "-{": Slip("- {name: The", "-{name: The", "22:3", "a dash needs a space", "write `- {name"),
    "a colon in a text": Slip(
        "description: Six",
        "description: Beasts: six",
        "4:20",
        'a colon inside the text of "description"',
        '`description: "Beasts: six pictures, to test with."`',
    ),
    "a colon in a text in braces": Slip(
        '"a white robot, round eyes"', "a robot: white", "22:43", "a colon inside a text",
        '`prompt: "a robot: white"`',
    ),
    "never: Fur: orange": Slip(
        "{Species: bear, Headwear: crown}",
        "Species: bear",
        "20:19",
        'what "never" holds must stand in braces',
        "write `never: {Species: bear}`",
    ),
    "Species: fox: 1, cat: 1": Slip(
        "{fox: 1, cat: 1, bear: 1}", "fox: 1, cat: 1", "16:15", "in braces", "`Species: {fox: 1, c"
    ),
    "1,000 in braces": Slip("fox: 1,", "fox: 1,000,", "16:20", "a comma inside a number", "1000"),
    "no quote": Slip(
        "Six pictures, to test with.", '"Six', "4:14", 'has no " at its end', "end of line 4"
    ),
    "quotes inside": Slip(
        "Six pictures, to test with.", '"Six" beasts', "4:14", "goes on", "'\"Six\" beasts'"
    ),
    "an apostrophe": Slip(
        "Six pictures, to test with.", "'It's six'", "4:14", "goes on", '"It\'s six"'
    ),
    "two apostrophes": Slip(
        "Six pictures, to test with.", "'The bear's own", "4:14", "goes on", '"The bear\'s own"'
    ),
    "a prompt that begins with {": Slip(
        '"a {Body} {Species}, {Headwear}"', "{Body} {Species}, {Headwear}", "8:11",
        "begins with {", 'write `prompt: "{Body} {Species}, {Headwear}"`',
    ),
    "@me": Slip("Six pictures", "@me", "4:14", "begins with @", '"@me, to test with."'),
    "a backslash": Slip(
        *model('"C:\\models\\my"'), "15:10", "a backslash", "'C:\\models\\my'"
    ),
    "no colon": Slip("supply: 6", "supply 6", "5:7", "no colon stands", "write `supply: 6`"),
    "supply = 6": Slip("supply: 6", "supply = 6", "5:7", "no colon", "write `supply: 6`"),
    "{bps 500}": Slip(*royalty("{bps 500}"), "7:11", 'key "bps 500"', "colon: `bps: 500`"),
    "a wide colon": Slip("supply: 6", "supply：6", "5:7", "a wide one", "a plain colon"),
    "a wide space": Slip("  steps", "\xa0 steps", "9:1", "no plain one", "type spaces"),
    "// a comment": Slip("supply: 6", "// all\nsupply: 6", "5:1", "begins with #", "`# all`"),
    "Markdown": Slip("name: Tiny", "```yaml\nname: Tiny", "2:1", "Markdown", "delete the line"),
    "a stray comma": Slip("supply: 6", ",supply: 6", "5:1", "a , stands before", "delete it"),
    "a text over two lines": Slip(
        "pictures, to", "pictures,\nto", "5:1", "no `key: value`", "two spaces more"
    ),
    "a dash too many": Slip("  prompt", "  - prompt", "8:3", "has a dash", "delete the dash"),
    "a bell": Slip("supply: 6", "supply: 6\x07", "5:10", "U+0007", "delete it"),
    "#ffffff": Slip("seed: 1", "seed: 1\nbackground_color: #ffffff", "7:1",
                                  "# begins a comment", 'background_color: "ffffff"'),
    "text behind #": Slip("Six pictures", "#1 of six", "4:13", "has no value", '"#1 of six, to'),
}  # fmt: skip

# Numbers and texts that have another form.
VALUES = {
    "30%": Slip("fox: 1", "fox: 30%", "16:18", 'the weight of "fox" is "30%"', "write 30: weights"),
    "1,000": Slip("supply: 6", "supply: 1,000", "5:9", '"1,000"', "write 1000, without anything"),
    "1 000": Slip("supply: 6", "supply: 1 000", "5:9", '"1 000"', "write 1000"),
    "1.000": Slip("supply: 6", "supply: 1.000", "5:9", "1.0", "write 1000"),
    "10k": Slip("supply: 6", "supply: 10k", "5:9", '"10k"', "write 10000, without k"),
    "24#tokens": Slip("supply: 6", "supply: 24#tokens", "5:9", "#tokens", "write `24  # tokens`"),
    "6 // tokens": Slip("supply: 6", "supply: 6 // all", "5:9", "// all", "write `6  # all`"),
    "6 tokens": Slip("supply: 6", "supply: 6 tokens", "5:9", "6 tokens", "write 6, without tok"),
    "'6'": Slip("supply: 6", "supply: '6'", "5:9", '"6"', "write 6, without quotes"),
    "6,": Slip("supply: 6", "supply: 6,", "5:9", '"6,"', "write 6"),
    "6.5": Slip("supply: 6", "supply: 6.5", "5:9", "6.5", "a whole number in digits"),
    "nothing": Slip("supply: 6", "supply:", "5:8", '"supply" has no value', "`supply: 64`"),
    "too many": Slip("supply: 6", "supply: 2000000", "5:9", "2000000", "write 1000000 or less"),
    "64px": Slip("width: 64", "width: 64px", "12:10", '"64px"', "write 64, without px"),
    "64x64": Slip("width: 64", "width: 64x64", "12:10", '"64x64"', "`width: 64` and `height: 64`"),
    "7,5": Slip("guidance_scale: 1", "guidance_scale: 7,5", "10:19", '"7,5"', "7.5, with a point"),
    "60%": Slip(
        "  batch: 2", "  refiners: [{model: atelier-detail, at: 60%}]", "14:42", '"60%"',
        "write 0.6",
    ),
    "0,6 in braces": Slip(
        "  batch: 2", "  refiners: [{model: atelier-detail, at: 0,6}]", "14:44",
        'unknown key "6"', "write 0.6 for 0,6",
    ),
    "weight 0": Slip("fox: 1", "fox: 0", "16:18", 'weight of "fox" is 0', 'remove "fox"'),
    "weight high": Slip("fox: 1", "fox: high", "16:18", '"fox" is "high"', "in digits"),
    "weight '3'": Slip("fox: 1", "fox: '3'", "16:18", '"fox" is "3"', "write 3, without quotes"),
    "bps: 5%": Slip(*royalty("{bps: 5%}"), "7:16", '"bps" is "5%"', "write 500: bps are hund"),
    "bps: 0.05": Slip(*royalty("{bps: 0.05}"), "7:16", '"bps" is 0.05', "write 500"),
    "bps: 7.5": Slip(*royalty("{bps: 7.5}"), "7:16", '"bps" is 7.5', "write 750"),
    "threshold: 95": Slip(
        *after("seed: 1", "dedup: {threshold: 95}"), "7:20", '"threshold" is 95', "0.95, or auto"
    ),
    "threshold: 95%": Slip(
        *after("seed: 1", "dedup: {threshold: 95%}"), "7:20", '"95%"', "write 0.95, or auto"
    ),
    "revision: main": Slip(
        *model("org/name\n  revision: main"), "16:13", '"revision" is "main"', f"such as {COMMIT}"
    ),
    "revision: 4621659a": Slip(
        *model("org/name\n  revision: 462165a"), "16:13", '"462165a"', "short by 33 digits"
    ),
    "symbol": Slip("TINY", "Tiny beasts!", "3:9", '"Tiny beasts!"', "without spaces, such as TINY"),
    "a date without zone": Slip(
        *phase("01-01T00:00Z", "01-01T09:00"), "7:34", '"start" is "2027-01-01T09:00"',
        "2027-01-01T09:00Z for UTC",
    ),
    "a date without time": Slip(
        *phase("02-01T00:00Z", "02-01"), "7:58", '"end" is "2027-02-01"', "2027-02-01T00:00Z"
    ),
    "a date as it is spoken": Slip(
        *phase("2027-01-01T00:00Z", "2027-01-01 9:30 UTC"), "7:34", "9:30", "2027-01-01T09:30Z"
    ),
    "0.02 ETH": Slip(*phase("'1'", "0.02 ETH"), "7:84", '"0.02 ETH"', 'write "0.02": prices are'),
    "20 gwei": Slip(*phase("'1'", "20 gwei"), "7:84", '"20 gwei"', 'write "0.00000002"'),
    "0,02": Slip(*phase("'1'", "'0,02'"), "7:84", '"0,02"', 'write "0.02"'),
    "free": Slip(*phase("'1'", "free"), "7:84", '"price" is "free"', 'write "0"'),
    "an ENS name": Slip(
        *after("seed: 1", f"sale: {{payees: [{{address: me.eth, bps: 1}}], phases: [{PHASE}]}}"),
        "7:27", '"address" is "me.eth"', "the address that it stands for, 0x and 40 digits",
    ),
    "39 digits": Slip(
        *royalty(f"{{receiver: '0x{'a' * 39}'}}"), "7:21", "aaa", "after 0x, this one has 39"
    ),
    "nobody's": Slip(
        *royalty(f"{{receiver: '0x{'0' * 40}'}}"), "7:21", "0x000", "leave it out: then the"
    ),
    "no 0x": Slip(*royalty(f"{{receiver: {'a' * 40}}}"), "7:21", "aaa", f'write "0x{"a" * 40}"'),
    "#FFF": Slip(
        *after("seed: 1", "background_color: #FFF"), "7:1", "# begins a comment", '"FFFFFF"'
    ),
    "'#ffffff'": Slip(
        *after("seed: 1", "background_color: '#ffffff'"), "7:19", '"#ffffff"', 'quotes: "ffffff"'
    ),
    "white": Slip(*after("seed: 1", "background_color: white"), "7:19", '"white"', '"ffffff"'),
    "fp16": Slip(*after("  batch: 2", "  dtype: fp16"), "15:10", '"fp16"', 'mean "float16"'),
    "Euler a": Slip("dpm++", "Euler a", "11:14", '"Euler a"', 'mean "euler-ancestral"'),
    "a mistyped address": Slip(
        *royalty("{receiver: '0x00000000000000000000000000000000000A11Ce'}"), "7:21",
        "was mistyped: its checksum does not fit", "copy the address again",
    ),
    "a mistyped payee": Slip(
        *after(
            "seed: 1",
            f"sale: {{phases: [{PHASE}], "
            "payees: [{address: '0x0000000000000000000000000000000000000b0B', bps: 10000}]}",
        ),
        "7:110", "was mistyped", "copy the address again",
    ),
    "a mistyped creator": Slip(
        *after("seed: 1", f"creator: {{name: A, address: '{DEPLOYED[:-2]}A3'}}"),
        "7:29", "was mistyped", "copy the address again",
    ),
}  # fmt: skip

# Keys and parts in the wrong place, or of the wrong kind; models; secrets.
STRUCTURE = {
    "a bad phase": Slip(*phase("'1'", "'-1'"), "7:84", '"price" is "-1"', '"0.02"'),
    "no phase": Slip(*after("seed: 1", "sale: {phases: []}"), "7:16", '"phases" is empty', "dash"),
    "royalty: [5]": Slip(*royalty("[5]"), "7:10", '"royalty" is a list', "`royalty: {bps: 500}`"),
    "royalty: 5%": Slip(*royalty("5%"), "7:10", '"royalty" is "5%"', "`royalty: {bps: 500}`"),
    "royalty with a dash": Slip(*royalty("\n  - bps: 500"), "8:3", "a list", "without dashes"),
    "rules without dash": Slip("  - never", "    never", "20:5", '"rules" is', "`- never: ...`"),
    "one phase without dash": Slip(
        *after("seed: 1", f"sale: {{phases: {PHASE}}}"), "7:16", '"phases" is', "each phase with a"
    ),
    "never: Species": Slip(
        "{Species: bear, Headwear: crown}", "Species", "20:12", '"never" is "Species"',
        "in braces: `never: {Species: robot}`",
    ),
    "never: {Species: 3}": Slip(
        "Species: bear,", "Species: 3,", "20:22", '"Species" is 3', 'in quotes: "3"'
    ),
    "when alone": Slip("- never", "- when", "20:5", "rule 1 has `when:`", "with `requires:`"),
    "Supply": Slip("supply: 6", "Supply: 6", "5:1", '"Supply"', 'mean "supply"'),
    "title": Slip("name: Tiny", "title: Tiny", "2:1", '"title"', 'mean "name"'),
    "curly quotes": Slip("supply: 6", "“supply”: 6", "5:1", "“supply”", "supply without curly"),
    "steps at the top": Slip("seed: 1", "seed: 1\nsteps: 3", "7:1", '"steps"', "under `image:`"),
    "supply of an image": Slip("  steps", "  supply: 3\n  steps", "9:3", '"supply"', "at the top"),
    "price of a sale": Slip(
        *after("seed: 1", f"sale: {{price: '1', phases: [{PHASE}]}}"), "7:8", "price", "sale.phases"
    ),
    "traits: lost": Slip("traits:\n", "", "15:3", "no line `traits:` stands", "above line 15"),
    "one_of_ones: lost": Slip("one_of_ones:\n", "", "21:6", "`one_of_ones:`", "above line 21"),
    "rules: indented": Slip("rules:", "  rules:", "19:3", '"rules" is indented', "without spaces"),
    "network: indented": Slip(
        "one_of_ones:", "  network: local\none_of_ones:", "21:3", "no entry of the", "no spaces"
    ),
    "a trait indented": Slip(
        "  Headwear: {none", "    Headwear: {none", "18:5", "its neighbours with 2", "2 spaces"
    ),
    "a trait among values": Slip(
        "  Headwear:", "  Eyes:\n    round: 1\n    Headwear:", "20:5", 'values of "Eyes"', "begins"
    ),
    "requires: at the top": Slip(
        "one_of_ones:", "  - when: {Body: blue}\nrequires: {Species: fox}\none_of_ones:", "22:1",
        '"requires"', "under `rules:`",
    ),
    "weights in a list": Slip(
        "{orange: 2, blue: {count: 2}}", "\n    - orange: 2\n    - blue: 1", "18:5",
        'the values of "Body" have dashes and weights', "without dashes: `orange: 3`",
    ),
    "another name for a value": Slip(
        "{count: 2}", "{count: 2, name: navy}", "17:38", 'called "blue" already', "remove `name:`"
    ),
    "if and then": Slip("- never", "- if", "20:5", 'unknown key "if"', 'did you mean "when"?'),
    "Species = bear": Slip(
        "Species: bear, Headwear: crown", "Species = bear, Headwear: crown", "20:27",
        "has no value", "write a colon: `Species: bear`",
    ),
    "two models": Slip(*model("[a, b]"), "15:10", '"model" is a list', "`model: atelier`"),
    "a picture's size": Slip(
        "  width: 64", "  width: 64\n  resolution: 64", "13:3", '"resolution"', "`width: 512` and"
    ),
    "network: Local": Slip(
        *after("seed: 1", "network: Local"), "7:10", '"network" is "Local"', "write local, in small"
    ),
    "a trait misspelt": Slip("  Species:", "  Spezies:", "8:11", "{Species}", 'mean "Spezies"'),
    "{body}": Slip("{Body}", "{body}", "8:11", "{body}, which is no trait", 'mean "Body"'),
    "Body}": Slip("{Body}", "Body}", "8:11", "a brace without its partner", "both braces"),
    "{red|blue}": Slip("{Body}", "{Body} {red|blue}", "8:11", "{red|blue}", "Colour: [red, blue]"),
    "one file": Slip(
        *model("./one.safetensors"), "15:10", "a model's weights and not its settings",
        "add `config:` below model",
    ),
    "a pickle": Slip(*model("./old.ckpt"), "15:10", "run any code", "as .safetensors"),
    "a folder like a hub id": Slip(*model("my/model"), "15:10", "is a folder", "./my/model"),
    "the hub's URL": Slip(
        *model("https://huggingface.co/org/name"), "15:10", "is a web address", "write org/name"
    ),
    "the hub's URL of a branch": Slip(
        *model("https://huggingface.co/org/name/tree/main"), "15:10", "web", "write org/name"
    ),
    "the hub's URL of a commit": Slip(
        *model(f"huggingface.co/org/name/blob/{COMMIT}/a.safetensors"), "15:10", "web address",
        f"write org/name, and `revision: {COMMIT}` below it",
    ),
    "another site": Slip(*model("https://civitai.com/models/1"), "15:10", "no model of", "folder"),
    "a private key": Slip(
        *after("seed: 1", f"private_key: '{KEY}'"), "7:1", '"private_key" is a secret, and',
        "MINT_PRIVATE_KEY",
    ),
    "a mnemonic": Slip(
        *after("seed: 1", "mnemonic: test test junk"), "7:1", "is published", "MINT_KEYSTORE"
    ),
    "an API key": Slip(
        *after("seed: 1", "storage: {pin: pinata, api_key: s3cret}"), "7:24", "secret", "PINATA_JWT"
    ),
    "the key that signs": Slip(
        *after("seed: 1", "c2pa: {states: digests, key: s3cret}"), "7:25", "is a secret",
        "MINT_C2PA_KEY",
    ),
    "a key in PEM": Slip(
        *after("seed: 1", "external_url: '-----BEGIN PRIVATE KEY-----'"), "7:15",
        "looks like a private key", "in the environment",
    ),
    "c2pa: empty": Slip(
        *after("seed: 1", "c2pa:"), "7:1", "no picture would be signed", "c2pa: {states: digests}"
    ),
    "c2pa: true": Slip(*after("seed: 1", "c2pa: true"), "7:7", "c2pa", "states"),
    "c2pa: {certificate}": Slip(
        *after("seed: 1", "c2pa: {states: digests, certificate: a.pem}"), "7:25",
        'unknown key "certificate"', "MINT_C2PA_CERTIFICATE",
    ),
    "c2pa: {states: all}": Slip(
        *after("seed: 1", "c2pa: {states: all}"), "7:16", '"states" cannot be "all"', "digests"
    ),
    "a key among traits": Slip(
        "  Body", "  privateKey: s3cret\n  Body", "17:3", "is a secret", "MINT_PRIVATE_KEY"
    ),
    "a node's URL": Slip(
        *after("seed: 1", "rpc_url: https://rpc.example/s3cret"), "7:1", "secret", "MINT_RPC_URL"
    ),
    "a key for an address": Slip(
        *royalty(f"{{receiver: '{KEY}'}}"), "7:21", "looks like a private key", "40 digits after 0x"
    ),
}  # fmt: skip

SLIPS = [
    pytest.param(slip, id=name)
    for table in (SYNTAX, VALUES, STRUCTURE)
    for name, slip in table.items()
]


@pytest.fixture
def home(tiny: Path) -> Path:
    """A folder with the models that the slips name."""
    (tiny.parent / "one.safetensors").write_bytes(b"")
    (tiny.parent / "old.ckpt").write_bytes(b"")
    (tiny.parent / "my/model").mkdir(parents=True)
    return tiny


@pytest.mark.parametrize("slip", SLIPS)
def test_one_mistake_is_one_error_with_its_place_and_the_edit(home: Path, slip: Slip) -> None:
    edit(home, slip.old, slip.new)

    with pytest.raises(CollectionError) as caught:
        load(home)

    message, hint = str(caught.value), caught.value.hint
    assert message.startswith(f"{home}:{slip.place}: ")
    assert message.count("collection.yaml:") == 1
    assert slip.says in message
    assert slip.remedy in hint
    words = message.removeprefix(f"{home}:{slip.place}: ")
    assert not JARGON.search(f"{words} {hint}")
    assert KEY not in f"{message} {hint}"
    assert "s3cret" not in f"{message} {hint}"


def test_a_trait_may_be_called_as_a_secret_is(tiny: Path) -> None:
    edit(tiny, "{Body} ", "{Body} {token} ")
    edit(tiny, "traits:\n", "traits:\n  token: {password: 1, none: 1}\n")

    assert load(tiny)[0].traits[0].name == "token"


def test_an_address_in_small_letters_says_nothing_of_a_checksum(tiny: Path) -> None:
    edit(tiny, "seed: 1", f"seed: 1\nroyalty: {{bps: 1, receiver: '{DEPLOYED.lower()}'}}")

    assert load(tiny)[0].royalty.receiver == DEPLOYED.lower()


def test_an_address_in_capitals_was_mistyped_unless_its_checksum_fits(tiny: Path) -> None:
    """A short one with few letters is easily typed so: 0x...A11CE passed for want of small ones."""
    capitals = f"0x{DEPLOYED[2:].upper()}"
    edit(tiny, "seed: 1", f"seed: 1\nroyalty: {{bps: 1, receiver: '{capitals}'}}")

    with pytest.raises(CollectionError, match=f"{capitals}: its capitals are no checksum"):
        load(tiny)


def spoilt(text: str, dice: random.Random) -> str:
    """The text with one character or one line changed, as by a hand that slips."""
    at = dice.randrange(len(text))
    lines = text.split("\n")
    line = dice.randrange(len(lines))
    match dice.randrange(5):
        case 0:
            return text[:at] + text[at + 1 :]
        case 1:
            return text[:at] + dice.choice("{}[]:,\"'# \t\n-%@&*!|>?0a“”") + text[at:]
        case 2:
            lines[line] = " " * dice.randrange(1, 5) + lines[line]
        case 3:
            lines[line] = lines[line].lstrip()
        case _:
            del lines[line]
    return "\n".join(lines)


def refusal(file: Path) -> CollectionError | None:
    try:
        load(file)
    except CollectionError as error:
        return error
    return None


def test_a_slip_of_the_hand_is_one_error_and_never_a_trace(tiny: Path) -> None:
    for name in ("gifts.csv", "friends.csv"):
        (tiny.parent / name).write_text("0x00000000000000000000000000000000000A11cE,1\n")
    text = tiny.read_text() + "royalty: {bps: 500}\ndedup: {threshold: auto}\n" + SALE
    dice, counts = random.Random(12), []

    for _ in range(800):
        tiny.write_text(spoilt(text, dice))
        if error := refusal(tiny):
            assert error.hint
            counts.append(str(error).count("collection.yaml:"))

    assert len(counts) > 500  # the rest stays a collection: a comment, another name
    # Some slips are several mistakes: a line with two keys is gone.
    assert counts.count(1) > 0.97 * len(counts)


@pytest.mark.parametrize(
    "text",
    [
        'a: "' + "x" * 900_000,
        "x" * 900_000 + ": b: c",
        "a: " + " " * 900_000 + ": b: c",
        "a: '" + "''" * 400_000,
        "a: b\n" * 100_000 + " c: {",
        (" " * 4000 + "\n") * 220 + "a: b: c",
        "[ " * 14 + '"a" ' * 100_000,
    ],
    ids=["quote", "word", "spaces", "quotes", "lines", "blanks", "list"],
)
def test_a_mistake_in_a_large_file_is_found_quickly(text: str) -> None:
    start = time.perf_counter()

    with pytest.raises(CollectionError):
        parse(text, ROOT / "collection.yaml")

    assert time.perf_counter() - start < 5


def test_a_guess_is_made_where_only_the_middle_is_wrong_or_the_word_is_almost_right() -> None:
    assert nearest("inc", ["ink", "clay"]) == 'did you mean "ink"?'
    assert nearest("rown", ["none", "crown"]) == 'did you mean "crown"?'
    assert nearest("Krone", ["none", "crown"]) == "use one of: none, crown"
