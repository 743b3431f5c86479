"""A signed picture: what it states, what of it holds, and what a change does to it."""

from __future__ import annotations

import io
import subprocess
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from mint.errors import SigningError
from mint.paint import certificate
from mint.paint.png import XMP, chunks, decode, encode
from mint.paint.signature import CHUNK, TRAINED, is_signed, read_signature, sign, unsigned
from mint.paint.signer import TIME_STAMPS, Signer, find_signer
from tests.preview.loopback import running
from tests.signers import NAME, environ_of, environ_with, signer_of

pytestmark = pytest.mark.c2pa
SIDE = 32
PIXELS = np.random.default_rng(7).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
PLAIN = encode(PIXELS)
RECIPE = {"recipe_sha256": "ab" * 32, "seed": 2**53 - 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signer") / "keys"


@pytest.fixture(scope="module")
def signer(folder: Path) -> Signer:
    return signer_of(folder)


@pytest.fixture(scope="module")
def signed(signer: Signer) -> bytes:
    return sign(PLAIN, "Beast #1", RECIPE, enlarged=False, by=signer)


def test_the_picture_stays_and_comes_back(signed: bytes) -> None:
    assert unsigned(signed) == PLAIN != signed
    assert (decode(unsigned(signed), SIDE, SIDE) == PIXELS).all()
    with Image.open(io.BytesIO(signed)) as image:
        assert image.tobytes() == PIXELS.tobytes()
        assert image.info["XML:com.adobe.xmp"] == XMP
    # No thumbnail: that would be as large as the picture.
    assert len(signed) - len(PLAIN) < 6_000
    assert (is_signed(signed), is_signed(PLAIN)) == (True, False)


def test_it_states_who_made_it_and_of_what(signed: bytes, signer: Signer) -> None:
    signature = read_signature(signed)

    assert signature is not None
    assert (signature.state, signature.signer, signature.faults) == ("valid", NAME, ())
    assert signature.sources == (TRAINED,)
    assert signature.recipe == RECIPE
    assert signature.agent.startswith("mint ")
    assert signature.certificate == signer.digest


def test_the_digest_is_that_of_the_certificate_alone(folder: Path, signer: Signer) -> None:
    # As `openssl x509 -fingerprint -sha256` prints it.
    shown = subprocess.run(
        ["openssl", "x509", "-in", str(folder / "certificate.pem"), "-noout", "-fingerprint",
         "-sha256"], capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert shown.strip().rpartition("=")[2].replace(":", "").lower() == signer.digest


def test_no_two_signatures_are_alike(signed: bytes, signer: Signer) -> None:
    assert sign(PLAIN, "Beast #1", RECIPE, enlarged=False, by=signer) != signed


def test_trust_is_the_readers(signed: bytes, folder: Path, tmp_path: Path) -> None:
    ours = (folder / "authority.pem").read_text()
    signer_of(tmp_path / "others")
    others = (tmp_path / "others/authority.pem").read_text()

    states = [read_signature(signed, trusted) for trusted in (None, ours, others)]

    assert [each and each.state for each in states] == ["valid", "trusted", "valid"]


def changed(png: bytes, at: int) -> bytes:
    data = bytearray(png)
    data[at] ^= 1
    return bytes(data)


def test_a_changed_pixel_breaks_it(signed: bytes) -> None:
    signature = read_signature(changed(signed, len(signed) - 40))

    assert signature is not None
    assert signature.state == "broken"
    assert signature.faults == ("the file was changed after it was signed",)


def test_a_changed_statement_breaks_it(signed: bytes) -> None:
    # The digest in our assertion, and the name in the certificate.
    for words in (b"recipe_sha256", NAME.encode()):
        signature = read_signature(changed(signed, signed.index(words) + 3))
        assert signature is not None
        assert signature.state == "broken"
        assert signature.faults


def test_another_pictures_statement_breaks_it(signed: bytes, signer: Signer) -> None:
    other = encode(PIXELS[::-1].copy())
    head, statement = next(chunk for _, chunk in chunks(other)), dict(chunks(signed))[CHUNK]
    grafted = other[:8] + head + statement + other[8 + len(head) :]

    signature = read_signature(grafted)

    assert signature is not None
    assert signature.state == "broken"


def test_saving_again_drops_it(signed: bytes) -> None:
    again = io.BytesIO()
    Image.open(io.BytesIO(signed)).save(again, "PNG")

    assert read_signature(again.getvalue()) is None


def test_rubbish_in_its_place(signed: bytes) -> None:
    start = signed.index(CHUNK)
    for at in range(start + 8, start + 3_000, 111):
        signature = read_signature(changed(signed, at))
        assert signature is not None  # and nothing raised


def test_a_certificate_that_expires(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "DAYS", 2 / 86_400)
    by = signer_of(tmp_path / "keys")
    png = sign(PLAIN, "Beast #1", RECIPE, enlarged=True, by=by)
    deadline = time.monotonic() + 30  # certificates count whole seconds
    while (seen := read_signature(png)) and seen.state == "valid" and time.monotonic() < deadline:
        time.sleep(0.2)

    signature, forged = read_signature(png), read_signature(changed(png, len(png) - 40))

    assert signature is not None
    assert forged is not None
    assert (signature.state, signature.faults) == ("expired", ())
    assert forged.state == "broken"
    with pytest.raises(SigningError, match="cannot sign") as caught:
        sign(PLAIN, "Beast #2", RECIPE, enlarged=False, by=by)
    assert "mint certificate" in caught.value.hint


def key_of(kind: str) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if kind == "ps256":
        return rsa.generate_private_key(65537, 2048)
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key({"es384": ec.SECP384R1, "es512": ec.SECP521R1}[kind]())


@pytest.mark.parametrize("kind", ["es384", "es512", "ed25519", "ps256"])
def test_keys_of_every_kind(tmp_path: Path, kind: str) -> None:
    by = find_signer(environ_with(tmp_path / "keys", key_of(kind)), tmp_path / "collection")

    signature = read_signature(sign(PLAIN, "Beast #1", RECIPE, enlarged=False, by=by))

    assert by.algorithm == kind
    assert signature is not None
    assert (signature.state, signature.certificate) == ("valid", by.digest)


class Listener(BaseHTTPRequestHandler):
    """Counts who calls, and answers with `answer`."""

    calls = 0

    def answer(self, data: bytes) -> bytes:
        return b""

    def do_POST(self) -> None:
        type(self).calls += 1
        reply = self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.send_response(200 if reply else 500)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    do_GET = do_POST

    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_reading_calls_nobody(signed: bytes) -> None:
    with running(ThreadingHTTPServer(("127.0.0.1", 0), Listener)) as port:
        # XMP may say that the statement lies on a server.
        info = PngInfo()
        about = f'dcterms:provenance="http://127.0.0.1:{port}/a.c2pa"'
        xmp = XMP.replace(
            'rdf:about=""', f'rdf:about="" xmlns:dcterms="http://purl.org/dc/terms/" {about}'
        )
        assert about in xmp
        info.add_itxt("XML:com.adobe.xmp", xmp)
        file = io.BytesIO()
        Image.fromarray(PIXELS).save(file, "PNG", pnginfo=info)
        before = Listener.calls
        remote = file.getvalue()
        head, statement = next(chunk for _, chunk in chunks(remote)), dict(chunks(signed))[CHUNK]

        assert read_signature(remote) is None
        grafted = read_signature(remote[:8] + head + statement + remote[8 + len(head) :])

        assert grafted is not None
        assert grafted.state == "broken"
        assert Listener.calls == before


def test_a_time_stamp_authority_that_fails(folder: Path, tmp_path: Path) -> None:
    environ = environ_of(tmp_path / "keys")
    with running(ThreadingHTTPServer(("127.0.0.1", 0), Listener)) as port:
        before = Listener.calls
        by = find_signer(environ | {TIME_STAMPS: f"http://127.0.0.1:{port}/"}, tmp_path / "x")

        with pytest.raises(SigningError, match="no time stamp") as caught:
            sign(PLAIN, "Beast #1", RECIPE, enlarged=False, by=by)

        assert Listener.calls > before
    assert TIME_STAMPS in caught.value.hint
