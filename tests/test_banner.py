"""A banner: a token's picture going on to both sides, published, proved, and taken back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mint.banner import frame_of, open_framer
from mint.curate.decisions import Redraw
from mint.curate.decisions_file import change, decisions_path, read_decisions
from mint.errors import CollectionError, VerifyError
from mint.ipfs.car import open_car
from mint.ipfs.tree import Folder, write_tree
from mint.ipfs.unixfs import PROFILES
from mint.ipfs.walk import read_path
from mint.models.weights import Model
from mint.paint.pixels import Renderer
from mint.paint.png import Pixels
from mint.paint.render import open_renderer
from mint.paint.sources import Sources
from mint.plan.banner import Frame, canvas, way
from mint.plan.recipe import Diffusion, Recipe, Runtime
from mint.spec.beside import Beside, Place
from mint.verify.banner import check_banner, claimed_banner
from mint.verify.files import Files
from mint.verify.verify import prove
from tests.builds import folders, painted, pixels, recorded, run
from tests.conftest import copy_collection, edit

TOKEN, FEATURED, SIZE = 3, 2, "256x64"
SALE = """\
sale:
  payees: [{address: "0x00000000000000000000000000000000000A11cE", bps: 10000}]
  phases: [{name: public, start: 2027-01-02T18:00Z, end: 2027-01-09T18:00Z, price: "0.03"}]
rules:
"""


def silent(*news: object) -> None:
    """No progress."""


def published(car: Path, path: str) -> bytes:
    with closing(open_car(car)) as opened:
        return read_path(opened.block, opened.root, path)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """collections/tiny, published, without a banner."""
    file = copy_collection("tiny", tmp_path_factory.mktemp("plain"))
    run(file, until="publish")
    return file


@pytest.fixture(scope="module")
def bannered(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a banner and a featured token."""
    home = tmp_path_factory.mktemp("bannered") / "tiny"
    shutil.copytree(plain.parent, home, symlinks=True)
    file = home / plain.name
    with open_framer(file, silent) as here:
        here.banner(frame_of(TOKEN, SIZE), early=False)
        here.feature(FEATURED)
    run(file, until="publish")
    return file


@pytest.fixture
def other(bannered: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    shutil.copytree(bannered.parent, tmp_path / "tiny", symlinks=True)
    return tmp_path / "tiny" / bannered.name


def test_the_banner_goes_on_from_a_picture_that_stays_to_the_bit(bannered: Path) -> None:
    banner, picture = pixels(folders(bannered).banner), pixels(folders(bannered).image(TOKEN))

    assert banner.shape == (64, 256, 3)
    assert np.array_equal(banner[:, 96:160], picture)
    left, right = banner[:, :96], banner[:, 160:]
    assert left.std() > 1  # something is painted there
    assert right.std() > 1
    assert not np.array_equal(left[:, ::-1], picture[:, :96])


def test_marketplaces_find_it_in_contract_json(bannered: Path) -> None:
    manifest, car = recorded(bannered), folders(bannered).car
    contract = json.loads(published(car, "contract.json"))
    assert manifest.publication is not None

    assert contract["featured_image"] == f"ipfs://{manifest.publication.images}/{FEATURED}.png"
    assert contract["banner_image"].endswith("/banner.png")
    with closing(open_car(car)) as opened:
        files = Files(opened)
        png = files.read(contract["banner_image"].removeprefix("ipfs://"))
        assert claimed_banner(files) == {"banner": manifest.banner, "featured": FEATURED}
    assert png == folders(bannered).banner.read_bytes()
    page = folders(bannered).report.read_text(encoding="utf-8")
    assert f'painted around <a href="#token-{TOKEN}">' in page


def test_a_second_build_paints_nothing_and_a_shorter_one_forgets_nothing(bannered: Path) -> None:
    before = recorded(bannered)

    manifest, progress, _ = run(bannered, until="publish")
    shorter, _, _ = run(bannered, until="render")

    assert not painted(progress)
    assert manifest == before == shorter


def test_a_build_without_a_banner_is_as_it_was(other: Path, plain: Path) -> None:
    decisions_path(other).unlink()

    manifest, progress, _ = run(other, until="publish")

    assert manifest == recorded(plain)
    assert not painted(progress)
    assert not folders(other).banner.exists()
    assert b"banner" not in published(folders(other).car, "contract.json")


def test_it_is_proved(bannered: Path) -> None:
    sentences = [str(each) for each in prove(str(bannered), sample=1, network=None, environ={})]

    assert "the banner painted again: every pixel is equal" in sentences
    assert f"the banner is that of token {TOKEN}, with the recorded digests" in sentences
    assert "obeyed decisions of the artist about single pictures: 2" in sentences


@pytest.mark.parametrize(
    ("lie", "complaint"),
    [
        ({"prompt": "a green bear"}, "not of the picture and the words of token 3"),
        ({"painted": "0" * 64}, "not of the picture and the words of token 3"),
        ({"runtime": "0" * 64}, "the runtime that painted the banner is not recorded"),
        ({"upscaler": "0" * 64}, "the runtime that enlarged the banner is not recorded"),
        ({"frame": Frame(token=9, width=256, height=64)}, "token 9, which is not there"),
        ({"frame": Frame(token=TOKEN, width=64, height=256)}, "it is not 64x256"),
    ],
)
def test_a_lie_about_it_is_named(bannered: Path, lie: dict[str, object], complaint: str) -> None:
    manifest = recorded(bannered)
    assert manifest.banner is not None
    forged = manifest.model_copy(update={"banner": manifest.banner.model_copy(update=lie)})

    with closing(open_car(folders(bannered).car)) as car, pytest.raises(VerifyError) as error:
        list(check_banner(forged, Files(car)))

    assert complaint in str(error.value)


@pytest.mark.parametrize(
    "fields", [{"featured": "7"}, {"featured": True}, {"banner": []}, {"banner": {"frame": {}}}, []]
)
def test_a_strangers_contract_json_is_no_bug_of_ours(tmp_path: Path, fields: object) -> None:
    tree: Folder = {"contract.json": json.dumps({"mint": fields}).encode()}
    write_tree(tmp_path / "x.car", tree, PROFILES["unixfs-v1-2025"])

    with closing(open_car(tmp_path / "x.car")) as car:
        if fields == []:
            assert claimed_banner(Files(car)) == {"banner": None, "featured": None}
            return
        with pytest.raises(ValueError, match=r"featured|validation error"):
            claimed_banner(Files(car))


def test_another_banner_is_not_what_was_published(other: Path) -> None:
    folders(other).banner.unlink()
    folders(other).banner.write_bytes(b"another")

    with pytest.raises(VerifyError, match="is not the banner that was built"):
        list(prove(str(other), sample=0, network=None, environ={}))


def test_it_is_not_shown_once_its_token_has_another_picture(other: Path) -> None:
    picture = read_decisions(other).decisions.banner[0].picture
    edit(decisions_path(other), f'"{picture}"', '"00000000"')
    warnings: list[str] = []

    manifest, progress, _ = run(other, until="publish", warn=warnings.append)

    assert manifest.banner is None
    assert manifest.featured == FEATURED
    assert not painted(progress)
    (warning,) = (line for line in warnings if "has another picture by now" in line)
    assert "decisions.yaml:6:5: token 3" in warning
    assert any(
        "banner 3" in str(each) for each in prove(str(other), sample=0, network=None, environ={})
    )


def test_it_is_not_painted_around_a_picture_that_the_artist_gave_up(other: Path) -> None:
    """What is decided after the build is not built yet."""
    change(other, lambda d: d.with_decision(Redraw(token=TOKEN, after=0)))
    text = decisions_path(other).read_text(encoding="utf-8")

    with (
        open_framer(other, silent) as here,
        pytest.raises(CollectionError, match=f"gives token {TOKEN} another picture") as caught,
    ):
        here.banner(frame_of(TOKEN, SIZE), early=False)

    assert "--until render" in caught.value.hint
    assert decisions_path(other).read_text(encoding="utf-8") == text


def test_a_killed_one_goes_on_with_the_next_window(other: Path) -> None:
    class Killed(Exception):
        pass

    def kill(step: str, done: int, total: int) -> None:
        if (step, done) == ("framing", 2):
            raise Killed

    frame, counts = frame_of(TOKEN, SIZE, seed=8, beside="scenery"), list[int]()
    with pytest.raises(Killed), open_framer(other, kill) as here:
        here.banner(frame, early=False)
    assert read_decisions(other).decisions.banner[0].seed is None

    def counting(model: Model, diffusion: Diffusion, here: Runtime, sources: Sources) -> Renderer:
        paint = open_renderer(model, diffusion, here, sources)

        def counted(batch: Sequence[Recipe]) -> list[Pixels]:
            counts.append(len(batch))
            return paint(batch)

        return counted

    with open_framer(other, silent, counting) as here:
        here.banner(frame, early=False)

    assert len(counts) == 6 - 2  # windows of half a picture's width, three on each side
    assert read_decisions(other).decisions.banner[0].seed == 8


def test_a_wallpaper_is_nobodys_but_the_artists(other: Path) -> None:
    before = decisions_path(other).read_bytes()

    with open_framer(other, silent) as here:
        long = frame_of(1, "64x128", prompt="a green bear, " * 20 + "on the moon")
        with pytest.raises(CollectionError, match=r"places, the model reads .* on the moon"):
            here.wallpaper(long)
        path = here.wallpaper(frame_of(1, "64x128", place="right"))

    assert path == folders(other).out / "wallpapers" / "1-64x128.png"
    assert np.array_equal(pixels(path)[64:], pixels(folders(other).image(1)))
    assert decisions_path(other).read_bytes() == before


@pytest.mark.parametrize("early", [False, True])
def test_a_sale_shows_it_before_the_reveal_only_if_its_artist_says_so(
    tiny: Path, early: bool
) -> None:
    edit(tiny, "rules:\n", SALE)
    run(tiny, until="render")
    with open_framer(tiny, silent) as here:
        here.banner(frame_of(TOKEN, "128x64"), early=early)
        here.feature(FEATURED)

    run(tiny, until="publish")

    hidden = json.loads(published(folders(tiny).hidden_car, "contract.json"))
    assert ("banner_image" in hidden) == early
    assert "featured_image" not in hidden  # a token's picture, and its address
    assert not {"mint", "seed", "prompt"} & hidden.keys()
    assert "banner_image" in json.loads(published(folders(tiny).car, "contract.json"))


def test_a_gan_is_refused_and_may_have_a_featured_token(tiny: Path) -> None:
    text = tiny.read_text(encoding="utf-8").replace("width: 64", "width: 256")
    for key in ("steps: 2", "guidance_scale: 1", "scheduler: dpm++"):
        text = text.replace(f"  {key}\n", "")
    text = text.replace("height: 64", "height: 256\n  model: atelier-gan")
    tiny.write_text(text, encoding="utf-8")
    run(tiny, until="render")

    with open_framer(tiny, silent) as here:
        with pytest.raises(CollectionError, match="paints in one pass") as error:
            here.banner(frame_of(TOKEN, SIZE), early=False)
        here.feature(FEATURED)

    assert f"{tiny}:11:" in str(error.value)
    assert not read_decisions(tiny).decisions.banner
    assert run(tiny, until="banner")[0].featured == FEATURED


@pytest.mark.parametrize("name", ["sdxl", "flux", "pixart"])
def test_models_of_other_families_paint_beside_a_picture_or_say_why_not(
    tiny: Path, family: Callable[[str], Path], name: str
) -> None:
    edit(tiny, "  scheduler: dpm++\n", f"  model: {family(name)}\n")
    edit(tiny, "  guidance_scale: 1\n", "")
    edit(tiny, "  batch: 2\n", "")
    tiny.write_text(tiny.read_text("utf-8") + "dedup: {exhausted: keep, attempts: 0}\n", "utf-8")
    run(tiny, until="render")

    with open_framer(tiny, silent) as here:
        if name == "pixart":
            with pytest.raises(CollectionError, match="PixArtSigma cannot begin with a picture"):
                here.banner(frame_of(TOKEN, "128x64"), early=False)
            return
        path = here.banner(frame_of(TOKEN, "128x64", place="right"), early=False)

    assert np.array_equal(pixels(path)[:, 64:], pixels(folders(tiny).image(TOKEN)))
    assert pixels(path)[:, :64].std() > 1


def test_a_refiner_goes_on_with_what_is_painted_beside_a_picture(tiny: Path) -> None:
    refiner = "{model: atelier-detail, at: 0.5, width: 128, height: 128}"
    edit(tiny, "  batch: 2\n", f"  refiners: [{refiner}]\n")
    tiny.write_text(tiny.read_text("utf-8") + "dedup: {exhausted: keep, attempts: 0}\n", "utf-8")
    run(tiny, until="render")
    with open_framer(tiny, silent) as here:
        path = here.banner(frame_of(TOKEN, "256x128", place="right"), early=False)

    assert np.array_equal(pixels(path)[:, 128:], pixels(folders(tiny).image(TOKEN)))
    assert pixels(path)[:, :128].std() > 1
    run(tiny, until="publish")
    sentences = list(prove(str(tiny), sample=1, network=None, environ={}))
    assert "the banner painted again: every pixel is equal" in sentences


@pytest.mark.parametrize(
    "size",
    ["1400", "63x64", "4097x4096", "4096x64", "1400x350x2", "-1x64", "axb", "9" * 5000 + "x64", ""],
)
def test_a_size_that_is_none_is_refused(size: str) -> None:
    with pytest.raises(CollectionError, match="is no size of a banner") as error:
        frame_of(1, size)
    assert len(str(error.value)) < 100


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("banner:\n  - {token: 1}\n  - {token: 2}\n", ":3:5: there is one banner already"),
        ("banner:\n  - {token: 1, width: 4096, height: 64}\n", "a banner cannot be so narrow"),
        ("banner:\n  - {token: 1, width: 9000}\n", ':2:23: "width" cannot be 9000'),
        ("banner:\n  - {token: 1, place: top}\n", '"place" cannot be top'),
        ("banner: {token: 1}\n", "this is no entry of banner:"),
        ("featured:\n  - {tokens: 1}\n", '"tokens" is unknown'),
    ],
)
def test_a_line_that_is_none_is_named(tiny: Path, text: str, complaint: str) -> None:
    decisions_path(tiny).write_text(text, encoding="utf-8")

    with pytest.raises(CollectionError) as error:
        read_decisions(tiny)

    assert complaint in str(error.value)


def test_without_a_number_and_a_cover_it_asks_for_a_token(other: Path) -> None:
    with open_framer(other, silent) as here:
        cover = here.token(None).token_id
        unsafe = [t.model_copy(update={"unsafe": 0.99}) for t in here.manifest.tokens]
        flagged = here.manifest.model_copy(update={"tokens": tuple(unsafe)})
        framer = replace(here, manifest=flagged)
        with pytest.raises(CollectionError, match="flags every picture") as caught:
            framer.token(None)
        assert "--token NUMBER" in caught.value.hint
        assert framer.token(cover).token_id == cover


def test_a_number_without_a_picture_changes_nothing(other: Path) -> None:
    before = decisions_path(other).read_bytes()

    with open_framer(other, silent) as here, pytest.raises(CollectionError, match="of a token 99"):
        here.feature(99)

    assert decisions_path(other).read_bytes() == before


@pytest.mark.parametrize("beside", ["company", "scenery"])
@pytest.mark.parametrize("place", ["left", "centre", "right"])
@pytest.mark.parametrize("size", [(1400, 350), (350, 1400), (64, 64), (4096, 512)])
@pytest.mark.parametrize("picture", [(256, 256), (64, 96), (1024, 576)])
def test_windows_fill_the_canvas_and_begin_with_what_is_there(
    beside: Beside, place: Place, size: tuple[int, int], picture: tuple[int, int]
) -> None:
    frame = Frame(token=1, width=size[0], height=size[1], place=place, beside=beside)
    whole = canvas(frame, picture)
    side, begin = (picture[1], whole.top) if whole.tall else (picture[0], whole.left)
    length = whole.height if whole.tall else whole.width
    path = way(frame.beside, (begin, length - begin - side), side)

    known = np.zeros(path.length, bool)
    known[path.begin : path.begin + side] = True
    for window in path.windows():
        part = known[window.start : window.start + side]
        assert part.size == side
        assert part[window.known : window.end].all()
        assert not part[: window.known].any()
        assert not part[window.end :].any()
        part[:] = True
    assert known.all()
    assert path.begin >= begin
    assert path.length - path.begin >= length - begin
    assert abs(whole.width / whole.height - size[0] / size[1]) < 0.1 * size[0] / size[1]
