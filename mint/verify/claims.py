"""What checks share: the files on record by path, and errors that name a token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mint.errors import PublishError, VerifyError
from mint.record.manifest import Manifest, Publication
from mint.verify.files import Files

if TYPE_CHECKING:
    from mint.curate.token import Token


def read_file(files: Files, path: str, token: Token) -> bytes:
    """The file at "CID/name" of the CAR; raises VerifyError."""
    try:
        return files.read(path)
    except PublishError as error:
        raise _absent(path, token, error) from error


def _absent(path: str, token: Token, error: PublishError) -> VerifyError:
    return token_error(token, f"the CAR does not give {path.rpartition('/')[2]}: {error}")


def read_uri(files: Files, uri: str, token: Token) -> bytes:
    """The file at an ipfs:// URI, from the CAR; raises VerifyError."""
    return read_file(files, uri.removeprefix("ipfs://"), token)


def digest_of_uri(files: Files, uri: str, token: Token) -> str:
    """Its SHA-256; raises VerifyError."""
    try:
        return files.digest(path := uri.removeprefix("ipfs://"))
    except PublishError as error:
        raise _absent(path, token, error) from error


def published(manifest: Manifest) -> Publication:
    """The CIDs on record; raises VerifyError where nothing is published."""
    if manifest.publication is None:
        raise VerifyError("nothing is published", hint="run mint build without --until")
    return manifest.publication


def token_error(token: Token, message: str) -> VerifyError:
    """The error to raise about one token."""
    return VerifyError(f"token {token.token_id}: {message}")


@contextmanager
def hinted(hint: str) -> Iterator[None]:
    """Add what to do next to each VerifyError that does not say it."""
    try:
        yield
    except VerifyError as error:
        if error.hint:
            raise
        raise VerifyError(str(error), hint=hint) from error
