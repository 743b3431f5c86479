"""Each minted token's URI, as the contract gives it, to the picture that the manifest records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mint.document import plain, sha256
from mint.record.manifest import Manifest
from mint.stages import Progress
from mint.verify.claims import digest_of_uri, read_uri, token_error
from mint.verify.files import Files

if TYPE_CHECKING:
    from mint.chain.network import Chain
    from mint.curate.token import Token


def check_uris(
    manifest: Manifest,
    files: Files,
    chain: Chain,
    order: Sequence[int],
    token_ids: Sequence[int],
    progress: Progress,
) -> str:
    """The URIs of these tokens lead to their pictures: order[i] is that of token i + 1.

    Tokens that their owners burned have none.
    """
    from mint.chain.fairmint import token_uris

    assert manifest.deployment is not None
    address, burned = manifest.deployment.address, 0
    progress("checking", 0, len(token_ids))
    uris = token_uris(chain, address, token_ids)
    for done, (token_id, uri) in enumerate(uris, 1):
        index = order[token_id - 1]
        if uri:
            _follow(manifest.tokens[index], (manifest.metadata or ())[index], uri, files)
        else:
            burned += 1
        progress("checking", done, len(token_ids))
    uris_followed = f"{len(token_ids) - burned} token URIs on {chain.network}"
    note = " in the order that was drawn" if manifest.collection.sale else ""
    return f"{uris_followed} lead to the recorded pictures{note}"


def _follow(token: Token, digest: str, uri: str, files: Files) -> None:
    """TokenURI -> CAR -> JSON -> image -> digests, as a marketplace would go."""
    document = read_uri(files, uri, token)
    if sha256(document) != digest:
        raise token_error(token, "its token URI leads to other metadata")
    if digest_of_uri(files, plain(document)["image"], token) != token.image.file:
        raise token_error(token, "its token URI leads to another picture")
