"""Who signs, from the environment: what is refused, and that no key gets out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mint.errors import SigningError
from mint.paint.c2pa_library import INSTALL
from mint.paint.certificate import make_certificate
from mint.paint.signer import CERTIFICATE, KEY, PASSWORD, Signer, find_signer
from tests.signers import NAME, environ_of, environ_with

pytestmark = pytest.mark.c2pa
Environ = dict[str, str]


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> Environ:
    return environ_of(tmp_path_factory.mktemp("signer") / "keys")


def found(environ: Environ) -> Signer:
    return find_signer(environ, Path("nowhere"))


def test_a_signer_shows_its_name_and_no_key(environ: Environ) -> None:
    signer = found(environ)

    assert (signer.name, signer.algorithm) == (NAME, "es256")
    secret = Path(environ[KEY]).read_text().splitlines()[1]
    assert secret in signer.key.decode()
    assert secret not in f"{signer!r} {signer}"
    assert "PRIVATE" not in f"{signer!r}"


def rubbish(environ: Environ, folder: Path) -> Path:
    (folder / "rubbish.pem").write_text("-----BEGIN PRIVATE KEY-----\nSECRETSECRET\n")
    return folder / "rubbish.pem"


def others(environ: Environ, folder: Path) -> Path:
    return make_certificate(folder / "others", "Somebody else").key


def weak(environ: Environ, folder: Path) -> Path:
    from cryptography.hazmat.primitives.asymmetric import ec

    weak = environ_with(folder / "weak", ec.generate_private_key(ec.SECP256K1()))
    environ[CERTIFICATE] = weak[CERTIFICATE]
    return Path(weak[KEY])


@pytest.mark.parametrize(
    ("name", "path", "says", "hint"),
    [
        (CERTIFICATE, None, "MINT_C2PA_CERTIFICATE is not set", "mint certificate"),
        (KEY, None, "MINT_C2PA_KEY is not set", "mint certificate"),
        (CERTIFICATE, lambda e, f: f / "gone.pem", "cannot be read: No such file", CERTIFICATE),
        (KEY, lambda e, f: f, "cannot be read: Is a directory", KEY),
        (CERTIFICATE, rubbish, "holds no certificate", "BEGIN CERTIFICATE"),
        (KEY, rubbish, "holds no private key", "BEGIN PRIVATE KEY"),
        (KEY, others, "is not that of the certificate", "was made for"),
        (KEY, weak, "of a kind that C2PA does not know", "P-256"),
    ],
)
def test_what_cannot_sign(
    environ: Environ,
    tmp_path: Path,
    name: str,
    path: Callable[[Environ, Path], Path] | None,
    says: str,
    hint: str,
) -> None:
    changed = dict(environ)
    changed[name] = str(path(changed, tmp_path)) if path else ""

    with pytest.raises(SigningError, match=says) as caught:
        found(changed)

    assert hint in caught.value.hint
    assert "SECRET" not in str(caught.value)


def test_a_key_inside_the_collection(tmp_path: Path) -> None:
    environ = environ_of(tmp_path / "beasts" / "keys")
    (tmp_path / "link.pem").symlink_to(environ[KEY])

    for path in (environ[KEY], str(tmp_path / "link.pem")):
        with pytest.raises(SigningError, match="a private key inside the collection's folder"):
            find_signer(environ | {KEY: path}, tmp_path / "beasts")


def test_an_encrypted_key(environ: Environ, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as s

    plain = s.load_pem_private_key(Path(environ[KEY]).read_bytes(), None)
    locked = plain.private_bytes(
        s.Encoding.PEM, s.PrivateFormat.PKCS8, s.BestAvailableEncryption(b"moss")
    )
    (tmp_path / "locked.pem").write_bytes(locked)
    mine = environ | {KEY: str(tmp_path / "locked.pem")}

    with pytest.raises(SigningError, match="is encrypted") as caught:
        found(mine)
    assert PASSWORD in caught.value.hint
    with pytest.raises(SigningError, match="is not its password") as caught:
        found(mine | {PASSWORD: "grass"})
    assert "grass" not in f"{caught.value} {caught.value.hint}"
    assert found(mine | {PASSWORD: "moss"}) == found(environ)


def test_without_the_library(environ: Environ, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)  # as if it were not installed

    with pytest.raises(SigningError, match="needs c2pa-python, which is not inst") as caught:
        found(environ)

    assert caught.value.hint == INSTALL


def test_a_certificates_files(tmp_path: Path) -> None:
    files = make_certificate(tmp_path / "a/b", NAME)

    assert [path.name for path in files] == ["certificate.pem", "key.pem", "authority.pem"]
    assert files.key.stat().st_mode & 0o777 == 0o600
    assert files.chain.read_text().endswith(files.authority.read_text())
    before = [path.read_bytes() for path in files]
    with pytest.raises(SigningError, match="exists already, and is not overwritten"):
        make_certificate(tmp_path / "a/b", NAME)
    assert [path.read_bytes() for path in files] == before


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb"])
def test_names_that_no_certificate_has(tmp_path: Path, name: str) -> None:
    with pytest.raises(SigningError, match="1 to 64 characters") as caught:
        make_certificate(tmp_path, name)

    assert "--name" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x" * 64, "Ada Möß 🦊"])
def test_names_that_a_certificate_has(tmp_path: Path, name: str) -> None:
    assert found(environ_of(tmp_path / "keys", name)).name == name


def test_no_certificate_in_a_collection(tmp_path: Path) -> None:
    (tmp_path / "collection.yaml").write_text("name: Beasts\n")

    with pytest.raises(SigningError, match="is inside the collection") as caught:
        make_certificate(tmp_path / "build/keys", NAME)

    assert "~/mint-signing" in caught.value.hint
    assert not (tmp_path / "build").exists()
