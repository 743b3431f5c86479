"""`mint provenance`: what any PNG says of itself, what of that holds, and whose token it is."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from mint.curate.token import Attempt, Enlarged, Signed
from mint.document import sha256
from mint.errors import MintError
from mint.paint.picture import Picture
from mint.paint.png import XMP
from mint.paint.signature import sign
from mint.record.folders import folders_of, read_manifest
from mint.record.manifest import Manifest
from mint.spec.load import load
from mint.verify.origin import origin
from tests.commands import mint_here as mint
from tests.signers import NAME, signer_of

NOBODYS = "in no manifest"
SIGNED = pytest.mark.c2pa


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built.parent, tmp_path / "tiny")) / "collection.yaml"


def picture_of(file: Path, token_id: int = 3) -> Path:
    return file.parent / f"build/tiny/images/{token_id}.png"


def lines(target: Path, within: Path | None = None, trust: Path | None = None) -> dict[str, str]:
    """Label -> text, several texts of one label together."""
    said: dict[str, list[str]] = {}
    for line in origin(target, within, trust):
        said.setdefault(line[:12].strip(), []).append(line[12:])
    return {label: "; ".join(texts) for label, texts in said.items()}


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, "PNG", **options)
    return path


def test_a_picture_of_a_build(built: Path) -> None:
    said = lines(picture_of(built))

    assert "64 x 64 pixels" in said["picture"]
    assert said["source"].startswith("made by a trained model (trainedAlgorithmicMedia)")
    assert "unsigned" in said["source"]
    assert said["signature"].startswith("none")
    assert said["place"].startswith("token 3 of Tiny, ")
    assert "every byte is the recorded one" in said["place"]
    assert "states" not in said


def test_a_picture_that_was_saved_again(built: Path, tmp_path: Path) -> None:
    image = Image.open(picture_of(built))
    again = saved(tmp_path / "again.png", image.convert("RGBA"))

    assert NOBODYS in lines(again)["place"]
    said = lines(again, built)
    assert said["source"] == "its XMP does not say how it was made"
    assert "token 3 of Tiny" in said["place"]
    assert "every pixel is the recorded one; the file is another" in said["place"]
    manifest = folders_of(built, load(built)[0]).manifest
    assert "token 3 of Tiny" in lines(again, manifest)["place"]


def test_one_pixel_is_enough_to_be_another_picture(built: Path, tmp_path: Path) -> None:
    image = Image.open(picture_of(built)).convert("RGB")
    red, green, blue = image.getpixel((0, 0))  # type: ignore[misc]  # of RGB
    image.putpixel((0, 0), (red ^ 1, green, blue))

    assert NOBODYS in lines(saved(tmp_path / "a.png", image), built)["place"]


def see_through(image: Image.Image, path: Path) -> Path:
    clear = image.convert("RGBA")
    clear.putpixel((1, 1), (*clear.getpixel((1, 1))[:3], 254))  # type: ignore[index]  # a tuple, as the picture is RGBA
    return saved(path, clear)


def moving(image: Image.Image, path: Path) -> Path:
    other = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return saved(path, image, save_all=True, append_images=[other])


@pytest.mark.parametrize("change", [see_through, moving])
def test_a_picture_that_shows_more_than_its_pixels(
    built: Path, tmp_path: Path, change: Callable[[Image.Image, Path], Path]
) -> None:
    changed = change(Image.open(picture_of(built)).convert("RGB"), tmp_path / "a.png")

    assert NOBODYS in lines(changed, built)["place"]


def test_what_became_of_a_picture(copy: Path) -> None:
    folders = folders_of(copy, load(copy)[0])
    manifest, picture = read_manifest(folders.manifest), picture_of(copy)
    token, other = manifest.tokens[2], Picture(pixels="0" * 64, file="1" * 64, size=1)
    changes: dict[str, dict[str, object]] = {
        "the recorded file, before it was signed": {
            "signed": Signed(file=token.image.file, certificate="2" * 64)
        },
        "the picture as painted, before it was enlarged": {
            "enlarged": Enlarged(painted=token.image.pixels, runtime="3" * 64)
        },
        "painted for this token, and not chosen": {
            "attempts": (Attempt(attempt=0, image=token.image, reasons=("like #1",)),)
        },
    }
    for says, change in changes.items():
        tokens = list(manifest.tokens)
        tokens[2] = token.model_copy(update={"image": other, **change})
        record(copy, manifest.model_copy(update={"tokens": tuple(tokens)}))

        place = lines(picture)["place"]

        assert place.startswith("token 3 of Tiny"), says
        assert says in place


def record(file: Path, manifest: Manifest) -> None:
    folders_of(file, load(file)[0]).manifest.write_bytes(manifest.canonical())


def test_a_strangers_picture(tmp_path: Path) -> None:
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP.replace("trainedAlgorithmicMedia", "digitalCapture"))
    info.add_text("parameters", "a fox\nSteps: 20 " + "x" * 1_000, zip=True)
    info.add_text("Software", "a camera")
    path = saved(tmp_path / "a.png", Image.new("RGB", (5, 7), "red"), pnginfo=info)
    (tmp_path / "manifest.json").write_text('{"somebody": "else\'s"}')

    said = lines(path)

    assert "5 x 7 pixels" in said["picture"]
    assert said["source"].startswith("photographed (digitalCapture)")
    assert "parameters: a fox Steps: 20 xxx" in said["text"]
    assert "Software: a camera" in said["text"]
    assert len(said["text"]) < 500
    assert NOBODYS in said["place"]


def text_bomb(path: Path) -> None:
    info = PngInfo()
    info.add_text("a", "x" * 70_000_000, zip=True)
    saved(path, Image.new("RGB", (5, 7)), pnginfo=info)


def huge(path: Path) -> None:
    png = bytearray(encode_plain())
    png[16:24] = (60_000).to_bytes(4, "big") * 2
    path.write_bytes(png)


def encode_plain() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda path: None, "cannot be read: No such file"),
        (lambda path: path.mkdir(), "cannot be read: Is a directory"),
        (lambda path: path.write_bytes(b"GIF89a"), "is no PNG"),
        (lambda path: path.write_bytes(b""), "is no PNG"),
        (lambda path: path.write_bytes(encode_plain()[:40]), "cannot be opened"),
        (text_bomb, "cannot be opened"),
        (huge, "cannot be opened"),
    ],
)
def test_what_is_no_picture(tmp_path: Path, write: Callable[[Path], object], says: str) -> None:
    write(tmp_path / "a.png")

    with pytest.raises(MintError, match=says) as caught:
        lines(tmp_path / "a.png")

    assert caught.value.hint


def test_a_manifest_that_is_named_and_absent(built: Path, tmp_path: Path) -> None:
    with pytest.raises(MintError, match="cannot be read"):
        lines(picture_of(built), tmp_path / "manifest.json")


@pytest.mark.parametrize("pem", [None, b"\xff", b"no certificate"])
def test_authorities_that_are_none(built: Path, tmp_path: Path, pem: bytes | None) -> None:
    if pem is not None:
        (tmp_path / "a.pem").write_bytes(pem)

    with pytest.raises(MintError, match=r"a\.pem"):
        lines(picture_of(built), trust=tmp_path / "a.pem")


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """A picture that an artist signed by hand, with a file of the authority beside it."""
    png = encode_plain()
    by = signer_of(tmp_path / "keys")
    path = tmp_path / "signed.png"
    path.write_bytes(sign(png, "x", {"seed": 7}, enlarged=False, by=by))
    return path


@SIGNED
def test_a_signed_picture(signed: Path) -> None:
    said = lines(signed)
    trusted = lines(signed, trust=signed.parent / "keys/authority.pem")

    assert f'valid, by somebody not on a trust list who calls itself "{NAME}"' in said["signature"]
    assert said["states"].startswith("made by a trained model; written by mint ")
    assert "seed: 7" in said["states"]
    assert f'valid, by "{NAME}", whom your list' in trusted["signature"]


@SIGNED
def test_a_picture_changed_after_it_was_signed(signed: Path) -> None:
    png = bytearray(signed.read_bytes())
    at = png.index(b"tEXt") if b"tEXt" in png else png.index(b"IEND") - 8
    png[at] ^= 1  # in the checksum of the chunk before, which Pillow does not mind
    signed.write_bytes(png)

    said = lines(signed)

    assert said["signature"] == "broken: the file was changed after it was signed"
    assert "states" not in said  # anybody may have written them


@SIGNED
def test_a_signature_that_nobody_can_check(signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)  # as if it were not installed

    assert 'which was not checked: pip install "c2pa-python' in lines(signed)["signature"]


def test_a_whole_collection(copy: Path) -> None:
    picture_of(copy, 2).unlink()
    image = Image.open(picture_of(copy, 5))
    image.load()
    picture_of(copy, 5).unlink()  # it is the store's own file
    saved(picture_of(copy, 5), image)

    said = list(origin(copy, None, None))

    assert said[0].startswith("Tiny: 6 tokens, in ")
    assert "files       4: the very file: every byte is the recorded one (#1, #3, #4, #6)" in said
    assert "files       1: missing (#2)" in said
    assert any("(#5)" in line and "saved again" in line for line in said)
    assert any(line.startswith("source      4: made by a trained model") for line in said)
    assert any(line.startswith("signature   5: none") for line in said)


def test_the_command_and_hostile_text(tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("Comment", "\x1b[31mred\x07 \u202eright")
    path = saved(tmp_path / "a.png", Image.new("RGB", (5, 7)), pnginfo=info)

    told = mint("provenance", str(path)).stdout

    assert "\\x1b[31mred\\x07" in told
    assert "\x1b" not in told
    assert "\u202e" not in told


@SIGNED
def test_a_certificate_by_one_command(tmp_path: Path) -> None:
    done = mint("certificate", "a folder", "--name", NAME, cwd=tmp_path)

    folder = tmp_path / "a folder"
    assert done.stdout.splitlines() == [
        f"export MINT_C2PA_CERTIFICATE='{folder}/certificate.pem'",
        f"export MINT_C2PA_KEY='{folder}/key.pem'",
    ]
    assert "untrusted unless" in done.stderr
    assert "PRIVATE" not in done.stdout + done.stderr
    assert mint("certificate", "a folder", cwd=tmp_path, code=1).stderr.count("\n") == 2


def test_the_digests_are_those_of_the_files(built: Path) -> None:
    # What `place` compares: computed here by other means than the build's.
    manifest = read_manifest(folders_of(built, load(built)[0]).manifest)
    for token in manifest.tokens:
        data = picture_of(built, token.token_id).read_bytes()
        assert sha256(data) == token.image.file
        assert sha256(Image.open(io.BytesIO(data)).tobytes()) == token.image.pixels
