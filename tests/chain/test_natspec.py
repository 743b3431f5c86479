"""What an explorer shows of the contracts: solc's own reading of their comments, held to the code.

https://docs.soliditylang.org/en/latest/natspec-format.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from tests.anvil_node import binary

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("FairMint", "FairSale")
Node = dict[str, Any]
# What the code names and cannot raise there, and why.
NEVER = {
    ("tokenURI", "NotRevealed"): "indexOf is asked after the reveal only",
    ("tokenURI", "NoSuchToken"): "a token that exists has such an id",
    ("tokenURIs", "NotRevealed"): "as tokenURI",
    ("tokenURIs", "NoSuchToken"): "as tokenURI",
}


@cache
def script() -> dict[str, Any]:
    """scripts/compile-contracts, which knows the sources and the settings."""
    binary("forge")  # says what to run when contracts/node_modules is missing
    return run_path(str(ROOT / "scripts" / "compile-contracts"))


def compiled(files: dict[str, str], outputs: list[str]) -> Node:
    question = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in files.items()},
        "settings": {
            **script()["SETTINGS"],
            "outputSelection": {"*": {"*": outputs, "": ["ast"]}},
        },
    }
    answer: Node = json.loads(script()["solc"]("--standard-json", text=json.dumps(question)))
    assert not answer.get("errors"), answer["errors"]
    return answer


@cache
def sources() -> dict[str, str]:
    return {path: text for name in NAMES for path, text in script()["sources"](name).items()}


@cache
def answer() -> Node:
    outputs = ["abi", "devdoc", "userdoc", "storageLayout", "evm.methodIdentifiers"]
    return compiled(sources(), [*outputs, "evm.bytecode.object"])


def below(node: Any) -> Iterator[Node]:
    """Every node of a syntax tree."""
    if isinstance(node, dict):
        if "nodeType" in node:
            yield node
        for part in node.values():
            yield from below(part)
    elif isinstance(node, list):
        for part in node:
            yield from below(part)


@cache
def nodes() -> dict[int, Node]:
    trees = (source["ast"] for source in answer()["sources"].values())
    return {node["id"]: node for tree in trees for node in below(tree) if "id" in node}


def contracts() -> list[Node]:
    """Those of contracts/src."""
    return [
        node
        for name, source in answer()["sources"].items()
        if name.startswith("src/")
        for node in source["ast"]["nodes"]
        if node["nodeType"] == "ContractDefinition"
    ]


def ours(kind: str) -> list[Node]:
    return [
        node for contract in contracts() for node in contract["nodes"] if node["nodeType"] == kind
    ]


def public() -> list[Node]:
    """The functions that somebody can call or deploy with."""
    return [
        node
        for node in ours("FunctionDefinition")
        if node["visibility"] in ("external", "public")
        and node["kind"] in ("function", "constructor")
    ]


def text(node: Node) -> str:
    """The comment above a node, on one line a tag."""
    comment = (node.get("documentation") or {}).get("text", "")
    return re.sub(r"\n\s*(?!\s*@)", " ", re.sub(r"\n\s*@", "\n@", comment))


def tags(node: Node, tag: str) -> list[str]:
    return re.findall(rf"^@{tag} (.*)$", text(node), re.MULTILINE)


def sentence(words: str) -> bool:
    return len(words) > 10 and words[0].isupper() and words.rstrip().endswith((".", "%."))


def title(node: Node) -> str:
    return str(node["name"] or "constructor")


# ---------------------------------------------------------------- what there is to read


@pytest.mark.parametrize("kind", ["ErrorDefinition", "EventDefinition", "StructDefinition"])
def test_each_has_a_notice_and_says_what_its_parts_are(kind: str) -> None:
    for node in ours(kind):
        parts = node["members"] if kind == "StructDefinition" else node["parameters"]["parameters"]
        said = [words.split(" ", 1) for words in tags(node, "param")]

        assert sentence(tags(node, "notice")[0]), node["name"]
        assert [name for name, _ in said] == [part["name"] for part in parts], node["name"]
        assert all(words.strip() for _, words in said), node["name"]


@pytest.mark.parametrize("name", NAMES)
def test_an_explorer_has_a_notice_for_every_function_of_ours(name: str) -> None:
    """userdoc and devdoc are what explorers get; inherited functions have their authors' words."""
    contract = answer()["contracts"][f"src/{name}.sol"][name]
    user, dev = contract["userdoc"]["methods"], contract["devdoc"]
    variables = state_variables()
    written = {node["name"] for node in public()} | {node["name"] for node in getters()}
    signatures = [
        each for each in contract["evm"]["methodIdentifiers"] if each.split("(")[0] in written
    ]
    assert len(signatures) > 15

    for signature in [*signatures, "constructor"]:
        assert sentence(user[signature]["notice"]), signature
    for entry in contract["abi"]:
        if entry["type"] != "function" or entry["name"] not in written:
            continue
        (signature,) = (each for each in signatures if each.split("(")[0] == entry["name"])
        said = dev["methods"].get(signature) or variables[entry["name"]]
        returned = said.get("returns", {})
        assert len(returned) == len(entry["outputs"]), signature
        assert all(words.strip() for words in returned.values()), signature
        if signature in dev["methods"]:
            wanted = {each["name"] for each in entry["inputs"] if each["name"]}
            assert set(said.get("params", {})) == wanted, signature


def state_variables() -> Node:
    """devdoc's; solc has them where they are declared, and not where they are inherited."""
    found: Node = {}
    for name in ("Collection", "FairSale"):
        found |= answer()["contracts"][f"src/{name}.sol"][name]["devdoc"]["stateVariables"]
    return found


def getters() -> list[Node]:
    """State variables that have a function of their name."""
    return [node for node in ours("VariableDeclaration") if node["visibility"] == "public"]


def test_packed_slots_are_where_the_comments_say() -> None:
    layout = answer()["contracts"]["src/FairSale.sol"]["FairSale"]["storageLayout"]["types"]
    packed = {each["label"]: each for each in layout.values() if "members" in each}
    for name in ("Draw", "Share"):
        (node,) = (each for each in ours("StructDefinition") if each["name"] == name)
        said = [re.match(r"\w+ Bits (\d+) to (\d+)\. ", words) for words in tags(node, "param")]
        stored = packed[f"struct FairSale.{name}"]["members"]
        sizes = [int(layout[each["type"]]["numberOfBytes"]) for each in stored]

        assert [(int(each[1]), int(each[2])) for each in said if each] == [
            (8 * each["offset"], 8 * (each["offset"] + size) - 1)
            for each, size in zip(stored, sizes, strict=True)
        ]
        assert {each["slot"] for each in stored} == {"0"}


# ---------------------------------------------------------------- errors


def overriding(function: Node, contract: Node) -> Node:
    """What runs in `contract` where `function` is called by its name."""
    types = [each["typeName"]["typeDescriptions"] for each in function["parameters"]["parameters"]]
    for base in contract["linearizedBaseContracts"] if function.get("virtual") else []:
        for node in nodes()[base]["nodes"]:
            if node["nodeType"] == "FunctionDefinition" and node["name"] == function["name"]:
                parts = node["parameters"]["parameters"]
                if types == [each["typeName"]["typeDescriptions"] for each in parts]:
                    return nodes()[node["id"]]
    return function


def raised(function: Node, contract: Node, seen: set[int]) -> set[str]:
    """Names of the errors that `function`, and what it calls, can revert with."""
    if function["id"] in seen:
        return set()
    seen.add(function["id"])
    names: set[str] = set()
    for node in below([function.get("body"), function.get("modifiers")]):
        target = nodes().get(node.get("referencedDeclaration") or -1)
        if target is None:
            continue
        if target["nodeType"] == "ErrorDefinition":
            names.add(target["name"])
        elif target["nodeType"] == "FunctionDefinition":
            above = node.get("expression", {}).get("name") == "super"
            names |= raised(target if above else overriding(target, contract), contract, seen)
        elif target["nodeType"] == "ModifierDefinition":
            names |= raised(target, contract, seen)
        elif target["nodeType"] == "ContractDefinition" and node["nodeType"] == "IdentifierPath":
            for part in target["nodes"]:
                if part.get("kind") == "constructor":
                    names |= raised(part, contract, seen)
    return names


def reachable(function: Node) -> set[str]:
    """What it can revert with in any contract of ours that has it."""
    live = [each for each in contracts() if function["scope"] in each["linearizedBaseContracts"]]
    return {name for each in live for name in raised(function, each, set())}


def test_every_revert_is_listed_and_nothing_else() -> None:
    """Ours all; ERC721A's where they can happen, since some of its checks come after our own."""
    own = {node["name"] for node in ours("ErrorDefinition")} | {"OwnableUnauthorizedAccount"}
    met = set()
    for function in public():
        place = f"{nodes()[function['scope']]['name']}.{title(function)}"
        listed = [words.split(" when ", 1) for words in tags(function, "custom:error")]
        names = [words[0] for words in listed]
        possible = reachable(function)
        unlisted = possible & own - set(names)
        met |= {(title(function), name) for name in unlisted}

        assert all(len(words) == 2 and words[1].endswith(".") for words in listed), place
        assert len(names) == len(set(names)), place
        assert set(names) <= possible, place
        assert {name for name in unlisted if (title(function), name) not in NEVER} == set(), place
    assert met == set(NEVER)


def test_readme_says_what_to_do_about_each_error() -> None:
    """contracts/README.md has a row for every error of ours, and for every other that we list."""
    readme = (ROOT / "contracts" / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| (`[A-Z].*?`) \| (.+?) \| (.+?) \|$", readme, re.MULTILINE)
    written = [name for names, _, _ in rows for name in re.findall(r"`(\w+\([\w, ]*\))`", names)]
    declared = {
        f"{node['name']}({', '.join(each['name'] for each in node['parameters']['parameters'])})"
        for node in ours("ErrorDefinition")
    }
    listed = {words.split()[0] for node in public() for words in tags(node, "custom:error")}

    assert declared <= set(written)
    assert listed <= {name.split("(")[0] for name in written}
    assert len(written) == len(set(written))


# ---------------------------------------------------------------- comments and code


def test_comments_change_no_code() -> None:
    """Without one comment of ours, both contracts are the same to the last byte."""
    bare = {
        name: re.sub(r"^\s*///.*\n", "", source, flags=re.MULTILINE)
        if name.startswith("src/")
        else source
        for name, source in sources().items()
    }
    assert bare != sources()
    without = compiled(bare, ["evm.bytecode.object"])["contracts"]
    for name in NAMES:
        path = f"src/{name}.sol"
        code = [each[path][name]["evm"]["bytecode"] for each in (without, answer()["contracts"])]
        assert code[0] == code[1]
