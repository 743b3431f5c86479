"""The README is true: its YAML builds, its commands and files exist, its proofs select tests."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
import yaml

from mint.check import preflight
from mint.cli import app
from mint.models.upscaler import compact
from mint.plan.tokens import plan
from mint.spec.load import load
from mint.spec.services import ABOUT
from tests.conftest import ROOT, copy_collection, edit
from tests.small_models import compact_esrgan

README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_yaml_is_a_collection(tmp_path: Path) -> None:
    shown, sale = blocks("yaml")
    file = tmp_path / "collection.yaml"
    for name in ("gifts.csv", "friends.csv"):
        (tmp_path / name).write_text("0x00000000000000000000000000000000000A11cE,1\n")
    for text in (shown, shown + sale):
        file.write_text(text)

        collection, source = load(file)

        assert len(plan(collection, source)) == 12
    assert collection.sale is not None


def test_every_command_shown_exists() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group, as the app has many
    lines = [
        line[2:] for block in blocks("console") for line in block.splitlines() if line[0:2] == "$ "
    ]
    assert len(lines) >= 7
    for line in lines:
        words = shlex.split(line, comments=True)
        if words[0].startswith("scripts/"):
            assert (ROOT / words[0]).stat().st_mode & 0o111
        else:
            assert words[words.index("mint") + 1] in commands


def test_the_page_about_pinning_is_true() -> None:
    page = (ROOT / "docs/pinning.md").read_text()
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group, as the app has many
    typed = re.findall(r"(?:^\$|&&.*?) (mint .*?)(?: +#.*| >> .*)?$", page, re.MULTILINE)
    assert len(typed) >= 7
    for line in typed:
        name, *words = shlex.split(line)[1:]
        commands[name].make_context(name, words)  # parses what is typed

    code = "".join(path.read_text() for path in (ROOT / "mint/pinning").glob("*.py"))
    ours = set(re.findall(r"`((?:IPFS|PINNING|PINATA|FILEBASE|DAG_IMPORT)_[A-Z]+)", page))
    assert {"IPFS_API", "IPFS_GATEWAY", "IPFS_ROUTING", "PINATA_JWT"} < ours
    for variable in ours:
        assert f'"{variable}"' in code, variable
    for service in ABOUT:
        assert f"### {service}" in page


def test_the_mistake_shown_is_told_so(tmp_path: Path) -> None:
    text = (ROOT / "collections/tiny/collection.yaml").read_text()
    (tmp_path / "collection.yaml").write_text(text.replace("{Headwear}", "{Headware}"))

    told = subprocess.run(
        [sys.executable, "-m", "mint", "check", "collection.yaml"],
        cwd=tmp_path, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip

    shown = next(block for block in blocks("console") if "Headware" in block)
    assert shown.splitlines()[1] in told.stderr


def test_the_unknown_word_shown_is_named_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(copy_collection("florilegium", tmp_path), "bee: 7", "hummingbird: 7")
    monkeypatch.chdir(tmp_path / "florilegium")

    lines = list(preflight(Path("collection.yaml")))

    shown = next(block for block in blocks("console") if "hummingbird" in block)
    assert shown.splitlines()[1] == lines[-1]


def test_the_conversion_shown_converts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch
    from safetensors.torch import load_file

    compact_esrgan(tmp_path / "x.safetensors")
    tensors = load_file(tmp_path / "x.safetensors")
    (shown,) = blocks("python")
    monkeypatch.chdir(tmp_path)
    for told in (tensors, {"params": tensors}, {"params_ema": tensors, "params": {}}):
        torch.save(told, tmp_path / "x4.pth")
        (tmp_path / "x4.safetensors").unlink(missing_ok=True)
        exec(shown, {})
        assert compact(tmp_path / "x4.safetensors") == compact(tmp_path / "x.safetensors")


def test_the_tree_names_what_is_there() -> None:
    tree = README.split("## Where things are\n\n```\n")[1].split("```")[0]
    for line in tree.splitlines():
        names, parent = line[:28].split(), "mint" if line.startswith("  ") else "."
        assert names, line
        for name in names:
            assert (ROOT / parent / name).exists(), name
    named = {name.strip("/") for line in tree.splitlines() for name in line[:28].split()}
    modules = {p.name for p in (ROOT / "mint").iterdir() if p.suffix == ".py" or p.is_dir()}
    assert modules - named <= {"__init__.py", "__main__.py", "__pycache__", "errors.py"}


def collected(request: pytest.FixtureRequest) -> list[str]:
    """The names of all tests; where only some of them run, another process looks for the rest."""
    if not request.config.option.file_or_dir and not request.config.option.keyword:
        return [item.nodeid for item in request.session.items]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_every_proof_selects_tests(request: pytest.FixtureRequest) -> None:
    text = README + (ROOT / "CONTRIBUTING.md").read_text()
    proofs = re.findall(r'scripts/test (-k "[^"]+"|tests/[\w/.]+)', text)
    assert len(proofs) >= 4
    tests = collected(request)
    for proof in proofs:
        if proof.startswith("tests/"):
            assert (ROOT / proof).exists(), proof
            assert any(test.startswith(proof) for test in tests), proof
        else:
            for name in proof.removeprefix("-k ").strip('"').split(" or "):
                assert any(name in test for test in tests), f"{name} in {proof}"


def test_a_gpu_model_collection_is_pinned_and_says_its_licence() -> None:
    text = (ROOT / "collections/lanterns/collection.yaml").read_text()

    told = yaml.safe_load(text)

    assert re.fullmatch(r"[0-9a-f]{40}", told["image"]["revision"])
    assert "RAIL" in text


def test_nothing_names_a_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().splitlines():
        path = ROOT / name
        if path.suffix in (".safetensors", ".webp", ".png"):
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(^|[\s\"'=(])/(home|root|work)/|index[-_]url", text), name
        if name.endswith("package-lock.json"):
            assert not re.search(r'"resolved": "(?!https://registry\.npmjs\.org/)', text), name


def test_metadata_of_the_package() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    lines = (ROOT / "constraints.txt").read_text().lower().replace("_", "-").splitlines()
    pinned = {line.split("==")[0] for line in lines if "==" in line}
    wanted = {re.split(r"[<>=!~]", d)[0].replace("_", "-") for d in told["dependencies"]}
    assert wanted <= pinned
    assert "Unreleased" in (ROOT / "CHANGELOG.md").read_text()
    assert json.loads((ROOT / "contracts/package.json").read_text())["private"]


def test_nobody_is_told_to_install_a_package_of_a_strangers() -> None:
    """PyPI's "mint" is another project: libraries are named, in the releases that mint takes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {each for part in project["optional-dependencies"].values() for each in part}
    files = [*ROOT.glob("mint/**/*.py"), *ROOT.glob("docs/**/*"), *ROOT.glob("*.md")]
    files += ROOT.glob("collections/**/*.md")
    names = set()
    for file in (each for each in files if each.suffix in (".py", ".md", ".yaml")):
        for words in re.findall(r"pip install ([^`\n;]+)", file.read_text()):
            names |= set(re.findall(r"[\"']([^\"']+)[\"']", words))
            assert not re.match(r"(-\S+ )*[\"']?mint\b", words), file
    pinned = {each for each in names if re.search("[<>=]", each)}
    assert pinned <= extras | {*project["dependencies"]}
    assert len(pinned) >= 4
