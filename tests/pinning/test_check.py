"""Reading back: what a sample notices and what not, and that `--check all` misses nothing."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import repeat
from math import comb
from pathlib import Path

import pytest

from mint.errors import PublishError
from mint.ipfs.car import open_car
from mint.ipfs.tree import Folder, write_tree
from mint.pinning.check import Check, Whole, check_all
from mint.pinning.doors import Door, doors
from mint.pinning.gap import MOST_GAPS
from mint.pinning.inventory import Part, parts
from mint.pinning.pin import PINNERS, doors_of, pin_car
from mint.pinning.providers import providers_line
from mint.pinning.read_back import FILES, odds, read_back, sample
from tests.commands import mint_here as mint
from tests.ipfs_nodes import js_ipfs, relay
from tests.pinning.gateways import answering, gateway_of, no_car
from tests.pinning.troubles import QUICK

LONG = random.Random(0).randbytes((1 << 20) + 1)
TREE: Folder = {
    "images": {f"{i}.png": b"picture %d" % i if i > 1 else LONG for i in range(1, 60)},
    "metadata": {f"{i}.json": b"%d" % i for i in range(1, 60)},
    "contract.json": b"{}",
}


@pytest.fixture(scope="module")
def car(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("car") / "menagerie"
    folder.mkdir()
    write_tree(folder / "collection.car", TREE)
    return folder / "collection.car"


@pytest.fixture(scope="module")
def known(car: Path) -> dict[str, list[Part]]:
    """The blocks of the collection, by path."""
    by_path: dict[str, list[Part]] = {}
    with closing(open_car(car)) as blocks:
        for part in parts(blocks):
            by_path.setdefault(part.path, []).append(part)
    return by_path


@pytest.fixture(scope="module")
def contents(car: Path) -> dict[bytes, bytes]:
    with closing(open_car(car)) as blocks:
        return {part.cid: blocks.block(part.cid) for part in parts(blocks)}


def test_the_inventory_names_every_block_once(car: Path, known: dict[str, list[Part]]) -> None:
    with closing(open_car(car)) as blocks:
        assert sum(map(len, known.values())) == len(blocks.tags)
    assert len(known["images/1.png"]) == 3  # a node and two chunks
    assert len(known["metadata/7.json"]) == 1
    assert {"", "images", "metadata", "contract.json"} < set(known)


# The sample.


@pytest.mark.parametrize(
    ("drawn", "files", "words"),
    [
        (
            12,
            7319,
            "12 of 7,319 files, drawn at random (a loss of 1 % would be {} 11 of 100 cases)",
        ),
        (
            12,
            50,
            "12 of 50 files, drawn at random (the loss of one file would be {} 24 of 100 cases)",
        ),
        (12, None, "12 files, drawn at random (a loss of 1 % would be {} 11 of 100 cases)"),
        (12, 12, "every file"),
        (1, 1, "the only file"),
        (0, 0, "the root, which has no file"),
    ],
)
def test_the_odds(drawn: int, files: int | None, words: str) -> None:
    assert odds(drawn, files) == words.format("noticed in")


def test_each_sample_is_another(car: Path) -> None:
    with closing(open_car(car)) as blocks:
        draws = [{path for path, _ in sample(blocks)[0]} for _ in range(40)]
    assert {len(draw) for draw in draws} == {FILES}
    assert len(set().union(*draws)) > 100  # of 119: asking again looks elsewhere


def test_the_odds_are_what_happens(
    car: Path, contents: dict[bytes, bytes], known: dict[str, list[Part]]
) -> None:
    lost = known["images/7.png"][0].cid
    files = len(TREE["images"]) + len(TREE["metadata"]) + 1
    chance = 1 - comb(files - 1, FILES) / comb(files, FILES)
    (per_cent,) = re.findall(r"in (\d+) of 100", odds(FILES, files))
    assert int(per_cent) == round(100 * chance)

    def block(cid: bytes) -> bytes:
        if cid == lost:
            raise PublishError("it is gone")
        return contents[cid]

    door = Door("a node", "node", block, lambda root, most: iter(()))
    noticed = 0
    for _ in range(600):
        try:
            read_back(car, "kubo", [door], QUICK._replace(tries=1))
        except PublishError:
            noticed += 1
    assert 600 * chance / 3 < noticed < 600 * chance * 2  # beyond five standard deviations


def test_a_gateway_that_has_only_what_was_once_sampled(
    car: Path, contents: dict[bytes, bytes], known: dict[str, list[Part]]
) -> None:
    with closing(open_car(car)) as blocks:
        once = {path for path, _ in sample(blocks)[0]}
    paths = once | {"", "images", "metadata"}
    some = {part.cid: contents[part.cid] for path in paths for part in known[path]}
    with answering(gateway_of(some, no_car)) as (url, _):
        through = doors("psa", {"IPFS_GATEWAY": url}, ())
        with pytest.raises(PublishError, match="no gateway returns"):
            read_back(car, "psa", through, QUICK)


def test_a_second_gateway_is_not_waited_for(car: Path, contents: dict[bytes, bytes]) -> None:
    with (
        answering(gateway_of(contents, no_car)) as (first, _),
        answering(gateway_of({}, no_car)) as (second, calls),
    ):
        through = doors("psa", {"IPFS_GATEWAY": f"{first},{second}"}, ())
        proof = read_back(car, "psa", through, QUICK)
    assert [door.url for door in proof.doors] == [first]
    assert len(calls) == 1
    assert f"; not so: {second}" in proof.line


@pytest.mark.parametrize(
    ("service", "gateway", "says"),
    [
        ("psa", None, "a public gateway (https://ipfs.io)"),
        ("pinata", None, "the service's own gateway (https://gateway.pinata.cloud)"),
        ("pinata", "https://bafy.ipfs.dweb.link", "a public gateway (https://bafy.ipfs.dweb.link)"),
        ("psa", "http://127.0.0.1:8080", "the gateway http://127.0.0.1:8080"),
        (
            "kubo",
            "http://localhost:8080",
            "a gateway on the node's own machine (http://localhost:8080)",
        ),
        (
            "kubo",
            "http://10.1.2.3:8080",
            "a gateway on the node's own machine (http://10.1.2.3:8080)",
        ),
        ("kubo", "https://key@gw.example/x", "the gateway https://gw.example"),
        ("kubo", None, "the node itself (http://10.1.2.3:5001)"),
    ],
)
def test_whose_door_it_is(service: str, gateway: str | None, says: str) -> None:
    environ = {"IPFS_API": "http://10.1.2.3:5001"} | ({"IPFS_GATEWAY": gateway} if gateway else {})
    assert doors(service, environ, PINNERS[service].gateways)[0].words == says


# All of it, through gateways.


def whole(car: Path, url: str) -> Check:
    result = checked(car, url)
    assert (result.others, result.troubles) == ((), ())
    return result.check


def checked(car: Path, urls: str) -> Whole:
    through = doors("psa", {"IPFS_GATEWAY": urls}, ())
    heard: list[tuple[int, int]] = []
    with closing(open_car(car)) as blocks:
        result = check_all(blocks, "psa", through, QUICK, lambda *news: heard.append(news))
    assert heard[0][0] == 0
    assert all(done <= total for done, total in heard)
    return result


def test_all_of_it_comes_as_one_car(car: Path, contents: dict[bytes, bytes]) -> None:
    def repeated() -> tuple[int, Iterable[bytes]]:
        data = car.read_bytes()
        return 200, [data[:50_000], data[50_000:], data[59:]]  # every block twice

    with answering(gateway_of({}, repeated)) as (url, calls):
        check = whole(car, url)
    assert (check.blocks, check.streamed, check.gaps) == (len(contents), len(contents), ())
    assert check.size == sum(map(len, contents.values()))
    assert check.line == (
        f"all {len(contents)} blocks, {check.size:,} bytes, came back through the gateway {url}"
    )
    assert calls == [f"/ipfs/{check.root}?format=car&dag-scope=all"]


def test_a_gateway_without_cars_is_asked_block_by_block(
    car: Path, contents: dict[bytes, bytes]
) -> None:
    with answering(gateway_of(contents, no_car)) as (url, calls):
        check = whole(car, url)
    assert (check.blocks, check.streamed, check.gaps) == (len(contents), 0, ())
    assert f"{len(contents)} of them one by one ({url} refuses (406)" in check.line
    assert len(calls) == 1 + len(contents)


@pytest.mark.parametrize("fault", ["half", "altered", "empty", "endless", "nonsense"])
def test_a_car_with_a_fault_is_completed_block_by_block(
    car: Path, contents: dict[bytes, bytes], fault: str
) -> None:
    data = bytearray(car.read_bytes())
    if fault == "altered":
        data[-1] ^= 1
    answers: dict[str, Iterable[bytes]] = {
        "half": [bytes(data[: len(data) // 2])],
        "altered": [bytes(data)],
        "empty": [bytes(data[:59])],
        "endless": repeat(bytes(data[59:300_000])),
        "nonsense": [b"<html>" * 100],
    }
    with answering(gateway_of(contents, lambda: (200, answers[fault]))) as (url, calls):
        check = whole(car, url)
    assert (check.blocks, check.gaps) == (len(contents), ())
    assert check.streamed < check.blocks
    assert len(calls) == 1 + check.blocks - check.streamed
    assert " of them one by one (" in check.line


def test_what_is_missing_and_what_is_altered_is_named(
    car: Path, contents: dict[bytes, bytes], known: dict[str, list[Part]]
) -> None:
    some = dict(contents)
    del some[known["images/12.png"][0].cid]
    some[known["metadata/5.json"][0].cid] = b"forged"
    with answering(gateway_of(some, no_car)) as (url, _):
        check = whole(car, url)
    assert check.blocks == len(contents) - 2
    assert [gap.path for gap in check.gaps] == ["images/12.png", "metadata/5.json"]
    assert "has other bytes" in check.gaps[1].why
    assert [gap.altered for gap in check.gaps] == [False, True]
    assert check.line.endswith(": images/12.png is missing, metadata/5.json is damaged")


def test_the_search_for_gaps_ends(car: Path, contents: dict[bytes, bytes]) -> None:
    with closing(open_car(car)) as blocks:
        root = blocks.root
    with answering(gateway_of({root: contents[root]}, no_car)) as (url, _):
        check = whole(car, url)
    assert (check.blocks, len(check.gaps)) == (1, MOST_GAPS)
    assert f"and at least {MOST_GAPS - 3} more" in check.line


def test_one_door_after_another(car: Path, contents: dict[bytes, bytes]) -> None:
    less = dict(list(contents.items())[:-1])
    with (
        answering(gateway_of(less, no_car)) as (first, _),
        answering(gateway_of(contents, no_car)) as (second, _),
        answering(gateway_of(contents, no_car)) as (third, unasked),
    ):
        result = checked(car, f"http://127.0.0.1:9,{first},{second},{third}")
    assert result.check.door.url == second
    assert result.check.gaps == ()
    assert len(result.troubles) == 1
    assert unasked == []
    with pytest.raises(PublishError, match=r"127\.0\.0\.1:9"):
        checked(car, "http://127.0.0.1:9")


# A real node that loses files.


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ipfs") / "repo"


@pytest.fixture(scope="module")
def node(repository: Path) -> Iterator[str]:
    with js_ipfs(repository) as url:
        yield url


def lose(repository: Path, content: bytes) -> None:
    """Delete the node's file of the block with this content."""
    (file,) = (file for file in (repository / "blocks").rglob("*.data")
               if file.stat().st_size == len(content) and file.read_bytes() == content)  # fmt: skip
    file.unlink()


def pinned(car: Path, node: str) -> None:
    list(pin_car(car, ["kubo"], {"IPFS_API": node}, car.with_name("pins.jsonl"), QUICK))


def test_every_loss_of_a_node_is_named(car: Path, node: str, repository: Path) -> None:
    pinned(car, node)
    lose(repository, b"picture 12")
    lose(repository, b"5")
    with closing(open_car(car)) as blocks, relay(node) as (url, calls):
        through = doors_of("kubo", {"IPFS_API": url})
        check = check_all(blocks, "kubo", through, QUICK, lambda *news: None).check
    assert [gap.path for gap in check.gaps] == ["images/12.png", "metadata/5.json"]
    assert {call.command for call in calls} == {"dag/export", "block/get"}  # nothing is sent
    assert all("offline=true" in call.path for call in calls)

    pinned(car, node)  # which sends what is missing
    with closing(open_car(car)) as blocks:
        through = doors_of("kubo", {"IPFS_API": node})
        check = check_all(blocks, "kubo", through, QUICK, lambda *news: None).check
    assert check.gaps == ()
    assert check.streamed == check.total


def test_half_of_a_node_is_lost(
    car: Path, node: str, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned(car, node)
    pictures = {b"picture %d" % number for number in range(2, 60)}
    for file in (repository / "blocks").rglob("*.data"):
        if file.stat().st_size < 20 and file.read_bytes() in pictures:
            file.unlink()

    through = doors_of("kubo", {"IPFS_API": node})
    # Twelve would miss all of these once in 5,000 times.
    monkeypatch.setattr("mint.pinning.read_back.FILES", 40)
    with pytest.raises(PublishError, match="kubo does not have all of"):
        read_back(car, "kubo", through, QUICK)
    with closing(open_car(car)) as blocks:
        check = check_all(blocks, "kubo", through, QUICK, lambda *news: None).check
    assert len(check.gaps) == MOST_GAPS
    pinned(car, node)
    with closing(open_car(car)) as blocks:
        check = check_all(blocks, "kubo", through, QUICK, lambda *news: None).check
    assert check.gaps == ()


def test_the_commands_of_a_check(
    built: Path, node: str, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPFS_API", node)
    assert "belong to --check" in mint("pin", str(built), "all", code=2).stderr
    mint("pin", str(built), "--to", "kubo")
    line = mint("pin", str(built), "--to", "kubo", "--check").stdout
    assert re.fullmatch(
        r"checked     ipfs://bafy\w+ at kubo: 12 of 15 files, drawn at random \(the loss of one "
        r"file would be noticed in 80 of 100 cases\), through the node itself \(http.*\); whether "
        r"others can load them was not checked \(IPFS_GATEWAY\); kubo lists it as pinned\n",
        line,
    )
    line = mint("pin", str(built), "--to", "kubo", "--check", "all").stdout
    assert re.search(r"at kubo: all \d+ blocks, [\d,]+ bytes, came back through the node", line)
    assert "whether others can load them was not checked (IPFS_GATEWAY)" in line

    lose(repository, (built.parent / "build/tiny/metadata/3.json").read_bytes())
    done = mint("pin", str(built), "--to", "kubo", "--check", "all", "--json", code=1)
    assert done.stderr.endswith("\nerror: not all of it is sure to be kept at: kubo\n")
    (record,) = json.loads(done.stdout)["checks"]
    assert [gap["path"] for gap in record["gaps"]] == ["metadata/3.json"]
    assert record["blocks"] == record["of"] - 1
    said = mint("pin", str(built), "--to", "kubo", "--check", "all", code=1).stderr
    assert "metadata/3.json is missing\n" in said
    assert f"mint pin {built} --to kubo" in said

    second = (built.parent / "build/tiny/metadata/2.json").read_bytes()
    file = next(
        file for file in (repository / "blocks").rglob("*.data") if file.read_bytes() == second
    )
    file.write_bytes(b"rotten")
    said = mint("pin", str(built), "--to", "kubo", "--check", "all", code=1).stderr
    assert "metadata/2.json is damaged, metadata/3.json is missing\n" in said
    assert "ipfs block rm --force baf" in said

    text = built.read_text()
    built.write_text(re.sub("seed: .*", "seed: 7777777", text))
    assert built.read_text() != text
    said = mint("pin", str(built), "--to", "kubo", "--check", "all", code=1).stderr
    assert "was changed since the build; this is the build of 20" in said
    built.write_text(text)


def test_a_gateway_is_not_the_node(
    car: Path, built: Path, contents: dict[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPFS_API", "http://127.0.0.1:9")
    with closing(open_car(built.parent / "build/tiny/collection.car")) as blocks:
        ours = {part.cid: blocks.block(part.cid) for part in parts(blocks)}
    with answering(gateway_of(ours, no_car)) as (url, _):
        monkeypatch.setenv("IPFS_GATEWAY", url)
        for more in ([], ["all"]):
            said = mint("pin", str(built), "--to", "kubo", "--check", *more, code=1).stderr
            assert "no IPFS node answers at http://127.0.0.1:9" in said
        monkeypatch.delenv("PINATA_JWT", raising=False)
        for more in ([], ["all"]):
            done = mint("pin", str(built), "--to", "pinata", "--check", *more, "--json")
            (record,) = json.loads(done.stdout)["checks"]
            assert (record["ok"], record["asked"]) == (True, False)
        line = mint("pin", str(built), "--to", "filebase", "--check", "all").stdout
        assert line.endswith("; whether filebase keeps it was not asked\n")


def test_a_part_of_a_file_is_not_every_file() -> None:
    assert odds(12, 12, 2) == "every file (of 2 large ones a part)"
    assert odds(12, 12, None) == "every file (of large ones a part)"
    assert odds(1, 1, 1) == "the only file (a part of it)"
    assert odds(12, 7319, 1).startswith("12 of 7,319 files (of 1 large one a part), drawn")


def test_a_damaged_car_is_not_the_services(car: Path, tmp_path: Path) -> None:
    copy = tmp_path / "collection.car"
    data = bytearray(car.read_bytes())
    for at in range(len(data) // 2, len(data), 40):
        data[at] ^= 1
    copy.write_bytes(bytes(data))
    through = doors("psa", {"IPFS_GATEWAY": "http://127.0.0.1:9"}, ())
    with pytest.raises(PublishError, match="this is the file on this disk: whether psa has"):
        read_back(copy, "psa", through, QUICK)


# Who else has it.


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (200, b'{"Providers": [{"Schema": "peer", "ID": "12D3KooWA"}, {"ID": "12D3KooWB"}]}',
         "2 peers provide ipfs://bafyroot, says http://127.0.0.1:PORT: 12D3KooWA, 12D3KooWB"),
        (200, b'{"Providers": null}', "nobody is known to provide ipfs://bafyroot yet"),
        (404, b"", "nobody is known to provide ipfs://bafyroot yet"),
        (200, b'{"Providers": [7]}', "nobody is known to provide ipfs://bafyroot yet"),
        (500, b"", "who provides ipfs://bafyroot is not known: http://127.0.0.1:PORT is"),
        (200, b"<p>", "who provides ipfs://bafyroot is not known: http://127.0.0.1:PORT answers"),
    ],
)  # fmt: skip
def test_providers_are_a_line_and_never_an_error(status: int, body: bytes, says: str) -> None:
    with answering(lambda target: (status, [body])) as (url, calls):
        line = providers_line("bafyroot", {"IPFS_ROUTING": f"{url}/"})
    assert line is not None
    assert line.startswith(says.replace("PORT", url.rpartition(":")[2]))
    assert calls == ["/routing/v1/providers/bafyroot"]
    assert providers_line("bafyroot", {"IPFS_ROUTING": "none"}) is None
