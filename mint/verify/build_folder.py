"""A manifest against build/<slug>: the files that an artist may upload elsewhere."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

from mint.document import sha256
from mint.errors import VerifyError
from mint.record.folders import Folders, published_files, token_files
from mint.record.manifest import Manifest
from mint.stages import Progress
from mint.store import content
from mint.verify.threads import in_threads

if TYPE_CHECKING:
    from mint.curate.token import Token


def check_build_folder(folders: Folders, manifest: Manifest, progress: Progress) -> str:
    """images/ and metadata/ contain the files on record and no other token's."""
    documents = manifest.metadata or repeat(None, len(manifest.tokens))
    pairs = zip(manifest.tokens, documents, strict=True)
    checks = in_threads(lambda pair: _check_token(folders, *pair), pairs)
    progress("checking", 0, len(manifest.tokens))
    for done, _ in enumerate(checks, start=1):
        progress("checking", done, len(manifest.tokens))
    parts = {
        "images": ("png", manifest.tokens),
        "metadata": ("json", manifest.tokens),
        "animations": ("mp4", [token for token in manifest.tokens if token.animation]),
        "wallpapers": ("png", [token for token in manifest.tokens if token.wallpaper]),
    }
    for folder, (suffix, tokens) in parts.items():
        expected = {f"{token.token_id}.{suffix}" for token in tokens}
        if stray := token_files(folders.out / folder) - expected:
            name = f"{folder}/{min(stray)}"
            raise VerifyError(f"{name} is no token's", hint="mint build removes it")
    banner = manifest.banner
    if banner and sha256(content(folders.banner) or b"") != banner.image.file:
        raise VerifyError(
            f"{folders.banner} is not the banner that was built", hint="mint build puts it back"
        )
    names = "images" if manifest.metadata is None else "images and metadata"
    return f"the {names} of {len(manifest.tokens)} tokens in {folders.out} are as they were built"


def _check_token(folders: Folders, token: Token, metadata: str | None) -> None:
    files = dict(published_files(folders, token))
    if metadata is not None:
        files[folders.metadata(token.token_id)] = metadata
    for path, digest in files.items():
        if sha256(content(path) or b"") != digest:
            raise VerifyError(
                f"token {token.token_id}: {path} is not the file that was built",
                hint="mint build puts it back",
            )
