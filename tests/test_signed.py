"""A collection with `c2pa:`, from file to chain: signed once, proved, and hard to forge."""

from __future__ import annotations

import json
import shutil
import sys
from base64 import b64decode
from pathlib import Path

import pytest

from mint.curate.sign import recipe
from mint.errors import SigningError, StoreError, VerifyError
from mint.paint.png import decode
from mint.paint.signature import is_signed, sign, unsigned
from mint.paint.signer import KEY, Signer, find_signer
from mint.record.manifest import Manifest
from mint.spec.load import load
from mint.stages import STAGES, Stage
from mint.store import Store
from mint.verify.unchecked import Unchecked
from tests.builds import files, painted, run
from tests.conftest import copy_collection, edit
from tests.signers import NAME, environ_of, signer_of
from tests.verify.forger import Forger, claims, refused

pytestmark = pytest.mark.c2pa
HELD = "6 pictures are signed as made by a trained model and unchanged since"


def with_c2pa(folder: Path) -> Path:
    file = copy_collection("tiny", folder)
    with file.open("a") as text:
        text.write("c2pa: {states: digests}\n")
    return file


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signer") / "keys"


@pytest.fixture(scope="module")
def environ(keys: Path) -> dict[str, str]:
    return environ_of(keys)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, environ: dict[str, str]) -> Path:
    file = with_c2pa(tmp_path_factory.mktemp("signed"))
    run(file, environ=environ)
    return file


@pytest.fixture
def copy(signed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(signed.parent, tmp_path / "tiny")) / "collection.yaml"


def record(file: Path) -> Manifest:
    return Manifest.parse((file.parent / "build/tiny/manifest.json").read_bytes())


def test_the_pictures_are_those_of_an_unsigned_build(signed: Path, built: Path) -> None:
    of_signed, of_built = record(signed).tokens, record(built).tokens

    for token, plain in zip(of_signed, of_built, strict=True):
        picture = (signed.parent / f"build/tiny/images/{token.token_id}.png").read_bytes()
        assert is_signed(picture)
        assert (
            unsigned(picture)
            == (built.parent / f"build/tiny/images/{token.token_id}.png").read_bytes()
        )
        assert token.image.pixels == plain.image.pixels
        assert token.recipe == plain.recipe
        entry = json.loads(
            (signed.parent / f"build/tiny/metadata/{token.token_id}.json").read_bytes()
        )["mint"]
        assert token.signed is not None
        assert entry["file_sha256"] == token.image.file != plain.image.file
        assert entry["unsigned_sha256"] == plain.image.file
        assert entry["signer_sha256"] == token.signed.certificate


def test_an_unsigned_collection_knows_nothing_of_it(built: Path) -> None:
    assert load(built)[0].c2pa is None
    assert b"c2pa" not in load(built)[0].canonical()
    assert "signed" not in (built.parent / "build/tiny/manifest.json").read_text()
    assert "signer" not in (built.parent / "build/tiny/metadata/1.json").read_text()
    assert not [claim for claim in claims(built) if "signed" in claim]


def test_it_is_proved_from_the_file_and_from_the_address(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = record(copy).deployment
    assert address is not None
    assert any(claim.startswith(HELD) and f'"{NAME}"' in claim for claim in claims(copy, 1))

    (copy.parent / "build/tiny/manifest.json").unlink()
    copy.unlink()
    monkeypatch.chdir(copy.parent)
    assert any(claim.startswith(HELD) for claim in claims(address.address))


def test_without_the_library_nothing_is_said_to_be_checked(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)  # as if it were not installed

    (claim,) = [claim for claim in claims(copy) if "signatures" in claim]

    assert isinstance(claim, Unchecked)
    assert "not checked: c2pa-python is not installed" in claim


def test_the_second_build_signs_nothing_and_changes_nothing(
    copy: Path, environ: dict[str, str]
) -> None:
    before = files(copy)

    _, news, _ = run(copy, environ=environ)

    assert painted(news) == 0
    assert not [each for each in news if each[0] == "signing"]
    assert files(copy) == before


@pytest.mark.parametrize("until", ["render", "enlarge", "sign", "metadata"])
def test_a_shorter_build_takes_nothing_back(
    copy: Path, environ: dict[str, str], until: Stage
) -> None:
    before = files(copy)

    run(copy, environ=environ, until=until)

    assert files(copy) == before


def test_a_rotten_picture_comes_back_from_the_car(copy: Path, environ: dict[str, str]) -> None:
    before, store = files(copy), Store(copy.parent / ".mint")
    path = store.object_path(record(copy).tokens[2].image.file)
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)

    _, news, rotten = run(copy, environ=environ)

    assert rotten == [path.parent.name + path.name]
    assert painted(news) == 0
    assert files(copy) == before


def test_a_picture_lost_with_its_car_is_not_signed_again(
    copy: Path, environ: dict[str, str]
) -> None:
    path = Store(copy.parent / ".mint").object_path(record(copy).tokens[2].image.file)
    path.unlink()
    car = copy.parent / "build/tiny/collection.car"
    car.write_bytes(car.read_bytes()[:-5_000])

    with pytest.raises(StoreError, match="signed picture of token 3 is lost"):
        run(copy, environ=environ)


@pytest.mark.parametrize("until", STAGES[STAGES.index("sign") :])
def test_without_a_signer_nothing_is_painted(tmp_path: Path, until: Stage) -> None:
    file = with_c2pa(tmp_path)

    with pytest.raises(SigningError, match="MINT_C2PA_CERTIFICATE is not set"):
        run(file, until=until)

    assert not (file.parent / "build").exists()
    assert not (file.parent / ".mint").exists()


def test_the_key_is_nowhere(signed: Path, environ: dict[str, str]) -> None:
    secret = "".join(Path(environ[KEY]).read_text().splitlines()[1:-1])[:40].encode()
    for path in signed.parent.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"PRIVATE KEY" not in data, path
            assert secret not in data, path
            assert b64decode(secret)[8:] not in data, path


def show_signed(forger: Forger, png: bytes, token_id: int = 2) -> None:
    """Give a token this file, in every record."""
    forger.show(token_id, png, forger.manifest.tokens[token_id - 1].image.pixels)
    forger.publish()


@pytest.fixture
def forger(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Forger:
    monkeypatch.chdir(copy.parent)
    return Forger(copy)


@pytest.fixture
def by(environ: dict[str, str]) -> Signer:
    return find_signer(environ, Path("nowhere"))


def test_another_signer(forger: Forger, tmp_path: Path) -> None:
    token = forger.manifest.tokens[1]
    plain = unsigned(forger.store.get(token.image.file) or b"")
    thief = signer_of(tmp_path / "thief", NAME)
    about = recipe(forger.collection, token)
    show_signed(forger, sign(plain, token.name, about, enlarged=False, by=thief))

    refused(forger, forger.deploy(), "token 2: its picture is signed with another certificate")


def test_another_statement(forger: Forger, by: Signer) -> None:
    token = forger.manifest.tokens[1]
    plain = unsigned(forger.store.get(token.image.file) or b"")
    show_signed(forger, sign(plain, token.name, {"seed": 1}, enlarged=False, by=by))

    refused(forger, forger.deploy(), "token 2: its signature states something else")


def test_a_broken_signature(forger: Forger) -> None:
    png = bytearray(forger.store.get(forger.manifest.tokens[1].image.file) or b"")
    at = png.index(b"recipe_sha256")
    png[at] ^= 1
    show_signed(forger, bytes(png))

    refused(forger, forger.deploy(), "token 2: its signature is broken")


def test_a_picture_without_its_signature(forger: Forger) -> None:
    plain = unsigned(forger.store.get(forger.manifest.tokens[1].image.file) or b"")
    show_signed(forger, plain)

    refused(forger, forger.deploy(), "token 2: its picture is not signed")


def test_a_signature_where_the_collection_has_none(
    built: Path, tmp_path: Path, by: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(built.parent, tmp_path / "tiny")) / "collection.yaml"
    monkeypatch.chdir(copy.parent)
    forger = Forger(copy)
    token = forger.manifest.tokens[1]
    png = sign(forger.store.get(token.image.file) or b"", "x", {}, enlarged=False, by=by)
    assert decode(unsigned(png), 64, 64).any()
    show_signed(forger, png)

    refused(forger, forger.deploy(), "b'caBX', which mint does not write")


def test_manifests_that_deny_it(copy: Path) -> None:
    manifest = copy.parent / "build/tiny/manifest.json"
    story = json.loads(manifest.read_bytes())
    del story["tokens"][3]["signed"]
    manifest.write_text(json.dumps(story))

    with pytest.raises(VerifyError, match="token 4: its picture is not signed as the collection"):
        claims(copy)


def test_an_edit_signs_only_what_it_must(copy: Path, environ: dict[str, str]) -> None:
    before = files(copy)
    edit(copy, "c2pa: {states: digests}\n", "")

    manifest, _, _ = run(copy, until="publish")

    assert not any(token.signed for token in manifest.tokens)
    with copy.open("a") as text:
        text.write("c2pa: {states: digests}\n")
    _, news, _ = run(copy, environ=environ, until="publish")
    assert not [each for each in news if each[0] == "signing"]  # all of them were before
    assert files(copy)["tiny/collection.car"] == before["tiny/collection.car"]
