"""A sheet paints nothing twice, nothing of the build changes, and a build takes its pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import yaml
from PIL import Image

from mint.errors import CollectionError
from mint.record.folders import folders_of, read_manifest
from mint.spec.load import load
from mint.stages import Forecast, Step
from mint.tryout.cells import Grid, grid_of
from mint.tryout.sheet import Painted, paint_sheet
from mint.tryout.write import write_sheet
from tests import memos
from tests.builds import files, painted, run
from tests.commands import mint
from tests.conftest import copy_collection, edit
from tests.families import settings

OFF = "truth: {judge: off}  # what tests paint: all parts, so small that nothing is to be seen\n"
AXES, VALUES = ["guidance", "seed"], {"guidance": ["1", "4"], "seed": ["1", "2"]}


def on_sheet(file: Path, grid: Grid, **more: object) -> tuple[list[Painted], list[Forecast], int]:
    """The painted cells, what was foretold, and how many pictures this run really painted."""
    news: list[tuple[Step, int, int]] = []
    foretold: list[Forecast] = []
    cells = paint_sheet(
        file, grid, 2, lambda *each: news.append(each), foretold.append, **more  # type: ignore[arg-type]  # options by name
    )  # fmt: skip
    return cells, foretold, painted(news)


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Grid, list[Painted]]:
    """collections/tiny with a judge, after a build, and a sheet of two guidances and two seeds."""
    file = copy_collection("tiny", tmp_path_factory.mktemp("tried"))
    run(file, until="render")
    before = files(file)
    edit(file, OFF, "")
    grid = grid_of(file, AXES, VALUES)

    cells, foretold, number = on_sheet(file, grid)
    page = write_sheet(folders_of(file, cells[0].cell.collection), grid, cells)

    assert (foretold[0].reused, foretold[0].to_paint, number) == (2, 6, 6)  # the first cell's
    after = files(file)
    assert {name: digest for name, digest in after.items() if "/try/" not in name} == before
    assert page.is_file()
    return file, grid, cells


def test_the_same_sheet_again_paints_nothing(tried: tuple[Path, Grid, list[Painted]]) -> None:
    file, grid, cells = tried

    def no_renderer(*model: object) -> object:
        raise AssertionError("a model is opened")

    again, foretold, number = on_sheet(file, grid, open_renderer=no_renderer)

    assert (foretold[0].reused, number) == (8, 0)
    assert [cell.pictures for cell in again] == [cell.pictures for cell in cells]


def test_each_cell_shows_the_same_tokens_and_counts_their_traits(
    tried: tuple[Path, Grid, list[Painted]],
) -> None:
    _, _, cells = tried

    assert [[slot.token_id for slot in cell.slots] for cell in cells] == [[1, 2]] * 4
    assert len({picture.pixels for cell in cells for picture in cell.pictures}) == 8
    for cell in cells:
        assert cell.verdicts.total() == 6  # two tokens of three traits
    assert [cell.slots for cell in cells[:2]] == [cells[0].slots] * 2  # guidance moves no trait


def test_a_build_of_a_cell_takes_its_pictures(tried: tuple[Path, Grid, list[Painted]]) -> None:
    file, _, cells = tried
    chosen = cells[3]
    assert chosen.cell.lines == "seed: 2\nimage:\n  guidance_scale: 4"
    text = file.read_text(encoding="utf-8")
    text = text.replace("seed: 1\n", "seed: 2\n").replace("scale: 1\n", "scale: 4\n")
    file.with_name("chosen.yaml").write_text(OFF + text.replace("Tiny", "Chosen"), encoding="utf-8")
    foretold: list[Forecast] = []

    run(file.with_name("chosen.yaml"), until="render", announce=foretold.append)

    assert (foretold[0].reused, foretold[0].to_paint) == (2, 4)
    folders = folders_of(file, load(file.with_name("chosen.yaml"))[0])
    first = read_manifest(folders.manifest).tokens[:2]
    assert [token.image for token in first if not token.attempt] == [
        picture for picture, token in zip(chosen.pictures, first, strict=True) if not token.attempt
    ]


def test_an_interrupted_sheet_goes_on_where_it_was(tmp_path: Path) -> None:
    file = copy_collection("tiny", tmp_path)
    grid = grid_of(file, ["seed"], {"seed": ["5", "6", "7"]})

    def stop(step: Step, done: int, total: int) -> None:
        if step == "painting" and done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        paint_sheet(file, grid, 2, stop)
    _, foretold, number = on_sheet(file, grid)

    assert foretold[0].to_paint == number
    assert 2 <= number <= 4
    assert folders_of(file, load(file)[0]).state.exists()
    assert not list((tmp_path / "tiny" / "build").glob("**/manifest.json"))


def test_a_model_that_cannot_is_refused_before_anything_is_painted(tiny: Path) -> None:
    for key in ("steps: 2", "guidance_scale: 1", "scheduler: dpm++"):
        edit(tiny, f"  {key}\n", "")
    edit(tiny, "image:\n", "image:\n  model: atelier-gan\n")
    for side in ("width", "height"):
        edit(tiny, f"  {side}: 64\n", f"  {side}: 256\n")
    grid = grid_of(tiny, ["seed", "style"], {"style": ["none", "crisp"]})

    with pytest.raises(
        CollectionError, match=r"with seed 1, style crisp: .* takes no steps"
    ) as caught:
        on_sheet(tiny, grid)

    assert "another preset" in caught.value.hint
    assert not memos.keys(tiny.parent / ".mint", "render")


@pytest.mark.parametrize("name", ["sd", "flux"])
def test_any_family_can_be_tried_and_then_built(
    name: str, family: Callable[[str], Path], tmp_path: Path
) -> None:
    file = tmp_path / "collection.yaml"
    image = {"model": str(family(name)), "prompt": "a {Body} fox", "steps": 2, "batch": "auto"}
    text = {
        "name": "Any", "symbol": "ANY", "description": "Some foxes.", "supply": 4, "seed": 1,
        "image": image | settings(name), "traits": {"Body": ["red", "dim", "blue", "old"]},
        "dedup": {"threshold": 1}, "truth": {"judge": "off"},
    }  # fmt: skip
    file.write_text(yaml.safe_dump(text))
    grid = grid_of(file, ["style", "seed"], {"style": ["none", "ink"], "seed": ["1", "2"]})

    _, _, number = on_sheet(file, grid)
    file.write_text(yaml.safe_dump(text | {"style": {"preset": "ink"}, "seed": 2}))
    foretold: list[Forecast] = []
    manifest, _, _ = run(file, until="render", announce=foretold.append)

    assert number == 8
    assert (foretold[0].reused, foretold[0].to_paint) == (2, 2)
    assert all("ink drawing of a " in token.recipe.prompt for token in manifest.tokens)


def test_words_that_the_model_would_cut_are_refused(tiny: Path) -> None:
    edit(tiny, "traits:\n", f"style: {{after: {'wink ' * 30}}}\ntraits:\n")
    edit(tiny, "  guidance_scale: 1\n", "  guidance_scale: 3\n")

    with pytest.raises(CollectionError, match=r"with stylize 0: .* the words of the style"):
        on_sheet(tiny, grid_of(tiny, ["stylize"], {}))


def test_the_page_contains_what_it_shows(tried: tuple[Path, Grid, list[Painted]]) -> None:
    file, grid, cells = tried
    folder = folders_of(file, load(file)[0]).out / "try"
    page = (folder / "index.html").read_text(encoding="utf-8")

    assert page.count('src="data:image/webp;base64,') == 8
    assert set(re.findall(r'(?:src|href)="([^"]{1,40})"', page)) == {"sheet.png", "data:,"}
    assert "script" not in page
    for cell in cells:
        assert f"<code>{cell.cell.lines}</code>" in page
        # Where the page is too narrow for columns, a cell says itself what it is.
        assert re.search(rf'class="value"[^>]*>\w+ <b>{re.escape(cell.cell.values[0])}</b>', page)
        assert f"{cell.verdicts['seen']} of 6 traits seen" in page
    with Image.open(BytesIO((folder / "sheet.png").read_bytes())) as sheet:
        # Two cells of two pictures, and labels beside and above.
        assert sheet.width > 4 * 64
        assert sheet.height > 2 * 64
    before = files(file)
    write_sheet(folders_of(file, load(file)[0]), grid, cells)
    assert files(file) == before


def test_names_cannot_leave_their_place(tried: tuple[Path, Grid, list[Painted]]) -> None:
    file, grid, cells = tried
    hostile = cells[0].cell.collection.model_copy(update={"name": "<script>alert(1)</script>"})
    first = cells[0]._replace(cell=cells[0].cell._replace(collection=hostile, lines="</code><b>"))

    page = write_sheet(folders_of(file, load(file)[0]), grid, [first, *cells[1:]])

    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "</code><b>" not in text


def test_what_a_model_calls_unsafe_is_blurred(tried: tuple[Path, Grid, list[Painted]]) -> None:
    file, grid, cells = tried
    page = folders_of(file, load(file)[0]).out / "try" / "index.html"
    looks = tuple(
        look._replace(unsafe=share) for look, share in zip(cells[0].looks, (0.4, 0.6), strict=True)
    )

    write_sheet(folders_of(file, load(file)[0]), grid, [cells[0]._replace(looks=looks), *cells[1:]])

    blurred, plain = (re.findall(r'"data:image([^"]+)"', text) for text in (
        page.read_text(encoding="utf-8"),
        write_sheet(folders_of(file, load(file)[0]), grid, cells).read_text(encoding="utf-8"),
    ))  # fmt: skip
    assert [i for i, (a, b) in enumerate(zip(blurred, plain, strict=True)) if a != b] == [1]


def test_the_command_prints_a_line_for_each_cell(tiny: Path) -> None:
    done = mint("try", str(tiny), "--over", "seed", "--values", "seed=1,2", "--tokens", "1")

    assert "2 cells of 1 token: 2 pictures at most" in done.stderr
    assert "2 to paint" in done.stderr
    assert done.stdout.splitlines()[:2] == ["1  not judged", "2  not judged"]
    assert done.stdout.splitlines()[2].startswith("sheet       ")
    assert done.stdout.splitlines()[2].endswith("build/tiny/try/index.html")
    twice = mint("try", str(tiny), "--values", "seed=1", "--values", "seed=2", code=2).stderr
    assert "seed has two --values" in twice
    assert "no values" in mint("try", str(tiny), "--values", "seed", code=2).stderr
    assert 'did you mean "seed"?' in mint("try", str(tiny), "--over", "sed", code=1).stderr
