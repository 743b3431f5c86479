"""The command as a person types it: output, exit codes, errors."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path

import pytest
import typer

from mint.cli import ORDER, app
from mint.cli.say import said_when_slow
from mint.cli.summary import network_option
from mint.record.manifest import Manifest
from mint.stages import LEAVES, STEPS
from tests.commands import mint
from tests.conftest import ROOT, copy_collection, edit


def test_every_command_and_option_has_help() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group, as the app has many

    assert set(commands) == set(ORDER)
    on_sale = commands["sale"].commands
    inner = commands["wallet"].commands | on_sale["secret"].commands
    for name, command in (*commands.items(), *on_sale.items(), *inner.items()):
        assert command.help, name
        for parameter in command.params:
            assert parameter.name == "help" or parameter.help, f"mint {name}: {parameter.name}"


def test_commands_stand_in_the_order_in_which_one_meets_them() -> None:
    text = mint("--help").stdout

    listed = re.findall(r"^  (\w+)  ", text.split("Commands:")[1], re.MULTILINE)
    assert tuple(listed) == ORDER
    assert "--install-completion" in text


def test_version_is_the_packages() -> None:
    assert mint("--version").stdout == f"mint {version('mint')}\n"


def test_completion_knows_commands_and_stages() -> None:
    environ = os.environ | {"PYTHONPATH": str(ROOT), "_MINT_COMPLETE": "complete_bash"}

    def complete(line: str) -> list[str]:
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
        command = [sys.executable, "-m", "mint"]
        done = subprocess.run(command, env=environ | words, capture_output=True, text=True)
        return done.stdout.split()

    assert complete("mint pre") == ["preview"]
    assert complete("mint build x --until pub") == ["publish"]


def test_until_says_what_each_stage_leaves_behind() -> None:
    text = " ".join(mint("build", "--help").stdout.split())

    assert all(f"{stage}: {LEAVES[stage]}" in text for stage in LEAVES)


def test_new_check_build_verify(tmp_path: Path) -> None:
    started = mint("new", "Night Birds", cwd=tmp_path)
    file = tmp_path / "night-birds" / "collection.yaml"
    assert started.stdout.strip() == str(file)
    assert "mint check night-birds/collection.yaml" in started.stderr

    edit(file, "supply: 16 ", "supply: 8 ")
    edit(file, "  refiners: ", "  # refiners: ")  # tests/test_cascade.py builds with one
    edit(file, "  upscale: ", "  # upscale: ")
    checked = mint("check", str(file)).stdout
    assert "Night Birds (NIGHT): 8 tokens" in checked

    built = mint("build", str(file))
    assert "Night Birds: 8 tokens" in built.stdout
    assert "contract    0x" in built.stdout
    # No terminal: a line for each step, no bars, and the libraries keep quiet.
    kinds = {re.sub(r"( [0-9].*)$", "", line) for line in built.stderr.splitlines()}
    kinds -= {kind for kind in kinds if re.match("[12] to paint again", kind)}
    assert kinds <= {*STEPS, "loading the model", "writing the report", "8 to paint"}
    assert {"planning", "loading the model", "painting", "judging", "comparing"} < kinds

    proved = mint("verify", str(file), "--sample", "2").stdout.splitlines()
    unchecked = [line for line in proved if not line.startswith("ok  ")]
    assert unchecked == ["--  equal pictures were looked for; near ones were not compared again"]
    assert sum("every pixel is equal" in line for line in proved) == 2

    again = mint("new", "Night Birds", cwd=tmp_path, code=1)
    assert "exists already" in again.stderr


def test_a_second_build_says_what_it_reused(built: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(built.parent, tmp_path / "again", symlinks=True))

    said = mint("build", str(home / built.name)).stdout

    assert "painted     0 pictures\nreused      6 pictures\n" in said


def test_json_is_the_manifest(tiny: Path) -> None:
    output = mint("build", str(tiny), "--until", "metadata", "--json").stdout

    manifest = Manifest.parse(output.encode())
    assert len(manifest.tokens) == 6
    assert manifest.publication is None


def test_errors_are_a_line_a_remedy_and_exit_1(tiny: Path) -> None:
    edit(tiny, "supply: 6", "suply: 6")

    output = mint("build", str(tiny), code=1)

    assert output.stdout == ""
    assert f"{tiny}:5:1: unknown key" in output.stderr
    assert "Traceback" not in output.stderr
    assert output.stderr.splitlines()[-1].startswith("try: ")


def test_a_false_claim_exits_1_and_names_the_token(tiny: Path) -> None:
    mint("build", str(tiny), "--until", "publish")
    picture = tiny.parent / "build/tiny/images/5.png"
    picture.unlink()
    picture.write_bytes(b"not the picture")

    assert "token 5" in mint("verify", str(tiny), code=1).stderr


@pytest.mark.parametrize(
    "arguments", [("build",), ("build", "x", "--until", "later"), ("paint",), ("verify", "x", "-z")]
)
def test_wrong_usage_exits_2(arguments: tuple[str, ...]) -> None:
    mint(*arguments, code=2)


def test_schema_accepts_our_collections() -> None:
    schema = json.loads(mint("schema").stdout)

    assert schema["$schema"].startswith("https://json-schema.org/")
    assert set(schema["required"]) == {
        "name", "symbol", "description", "supply", "seed", "image", "traits",
    }  # fmt: skip
    traits = schema["properties"]["traits"]
    assert traits["type"] == "object"


def test_network_down_wrong_or_unknown(tiny: Path) -> None:
    down = mint("build", str(tiny), "--network", "http://user:secret@127.0.0.1:9/key", code=1)
    assert "http://127.0.0.1:9 cannot be reached" in down.stderr
    assert "secret" not in down.stderr
    assert "key" not in down.stderr

    unknown = mint("build", str(tiny), "--network", "mainnet", code=1)
    assert "mainnet is a main network" in unknown.stderr
    # Both were noticed before anything was painted.
    assert not (tiny.parent / "build").exists()


def test_a_kubo_that_is_down(tiny: Path) -> None:
    edit(tiny, "one_of_ones:\n", "storage: {pin: kubo}\none_of_ones:\n")

    output = mint("build", str(tiny), code=1, environ={"IPFS_API": "http://127.0.0.1:9"})

    assert "127.0.0.1:9" in output.stderr
    assert "Traceback" not in output.stderr
    assert "--until metadata" in output.stderr
    assert not (tiny.parent / "build").exists()  # noticed before anything was painted


def test_preview_serves_report_and_ipfs_paths(tiny: Path) -> None:
    mint("build", str(tiny), "--until", "publish")
    manifest = Manifest.parse((tiny.parent / "build/tiny/manifest.json").read_bytes())
    assert manifest.publication is not None
    server = subprocess.Popen(
        [sys.executable, "-m", "mint", "preview", str(tiny), "--no-open"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert server.stdout is not None
    try:
        url = server.stdout.readline().strip()
        with urllib.request.urlopen(url) as page:
            assert b"Tiny" in page.read()
        with urllib.request.urlopen(f"{url}ipfs/{manifest.publication.images}/1.png") as picture:
            assert picture.read() == (tiny.parent / "build/tiny/images/1.png").read_bytes()
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate()
    assert server.returncode == 130


def test_ctrl_c_says_how_to_go_on(tiny: Path) -> None:
    edit(tiny, "  steps: 2", "  steps: 1000")
    building = subprocess.Popen(
        [sys.executable, "-m", "mint", "build", str(tiny)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    while not (tiny.parent / ".mint" / "memo.sqlite").exists():  # it has begun to read the model
        time.sleep(0.05)
    building.send_signal(signal.SIGINT)

    said = building.communicate()[1]

    assert building.returncode == 130
    assert said.endswith("stopped; the same command goes on from here\n")
    assert "Traceback" not in said


def test_a_plan_is_called_a_plan(tiny: Path) -> None:
    summary = mint("build", str(tiny), "--until", "plan").stdout

    assert summary.splitlines()[:2] == [
        "Tiny: 6 tokens",
        "plan        it works; nothing is painted yet",
    ]
    assert summary.splitlines()[2].startswith("next        mint build ")


@pytest.mark.parametrize(
    ("network", "option"),
    [
        (None, ""),
        ("anvil", " --network anvil"),
        ("https://user:secret@host:8545/key", " --network https://host:8545"),
    ],
)
def test_the_command_that_proves_names_the_network_again(network: str | None, option: str) -> None:
    assert network_option(network) == option


def test_a_hub_model_that_cannot_be_had_says_how_to_bring_it(tmp_path: Path) -> None:
    file = copy_collection("lanterns", tmp_path)

    output = mint("build", str(file), "--until", "publish", code=1).stderr

    assert 'the model "stabilityai/stable-diffusion-xl-base-1.0" at 462165984030' in output
    assert "hf download stabilityai/stable-diffusion-xl-base-1.0 --revision 4621659840" in output
    # The hub's own words are in the message.
    steps = ["loading the model", "planning 366"]
    assert output.splitlines()[:-2] == steps
    assert "Traceback" not in output


def test_a_strangers_words_do_not_drive_the_terminal(tiny: Path) -> None:
    edit(tiny, "supply: 6", '"supply\\e]0;owned\\a\\u202e\\x9b2J": 6')

    output = mint("check", str(tiny), code=1).stderr

    assert "supply" in output
    assert not {"\x1b", "\a", "\u202e", "\x9b"} & set(output)


def test_names_in_the_summary_do_not_either(tiny: Path) -> None:
    edit(tiny, "name: Tiny", 'name: "Tiny\\e[2J\\nok  all is well"')

    output = mint("build", str(tiny), "--until", "render").stdout

    assert "\x1b" not in output
    assert "\nok" not in output


def test_what_takes_long_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with said_when_slow("still planning", seconds=0.01):
        time.sleep(0.2)
    with said_when_slow("never said"):
        pass

    assert capsys.readouterr().err == "still planning\n"
