"""A manifest against build/<slug>: the files that an artist may upload elsewhere."""

from __future__ import annotations

from mint.document import sha256
from mint.errors import VerifyError
from mint.record.folders import Folders, token_files
from mint.record.manifest import Manifest
from mint.store import content


def check_build_folder(folders: Folders, manifest: Manifest) -> str:
    """images/ and metadata/ contain the files on record and no other token's."""
    for i, token in enumerate(manifest.tokens):
        files = [(folders.image(token.token_id), token.image.file)]
        if manifest.metadata is not None:
            files.append((folders.metadata(token.token_id), manifest.metadata[i]))
        for path, digest in files:
            if sha256(content(path) or b"") != digest:
                raise VerifyError(
                    f"token {token.token_id}: {path} is not the file that was built",
                    hint="mint build puts it back",
                )
    for folder, suffix in (("images", "png"), ("metadata", "json")):
        expected = {f"{token.token_id}.{suffix}" for token in manifest.tokens}
        if stray := token_files(folders.out / folder) - expected:
            name = f"{folder}/{min(stray)}"
            raise VerifyError(f"{name} is no token's", hint="mint build removes it")
    names = "images" if manifest.metadata is None else "images and metadata"
    return f"the {names} of {len(manifest.tokens)} tokens in {folders.out} are as they were built"
