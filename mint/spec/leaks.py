"""Secrets that were written into collection.yaml, which is published with the collection."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from mint.errors import CollectionError
from mint.spec.services import PinningService
from mint.spec.yaml_source import Location, Source

_SECRET_KEY = re.compile(
    r"(private|secret|api|access|auth|signing|infura|alchemy|wallet)[ _-]?(key|token|secret)s?"
    r"|mnemonic|(seed|recovery|secret)[ _-]?(phrase|words)|pass(word|phrase)|keystore"
    rf"|jwt|({'|'.join(get_args(PinningService))}|pinning|ipfs|dag_import)[ _-]?\w+"
    r"|(rpc|node)[ _-]?(url|api)?|secret|token",
    re.IGNORECASE,
)
_SECTIONS = {"storage": "pinning", "c2pa": "c2pa"}
_PRIVATE_KEY = re.compile("(0x)?[0-9a-fA-F]{64}")
_PICTURES = ("init", "reference", "control")  # whose `pixels` are a digest, and refused if not
# What a key of that kind is called in the environment.
_VARIABLES = (
    ("pinata|jwt", "PINATA_JWT"),
    ("filebase", "FILEBASE_KEY and FILEBASE_SECRET"),
    ("dag.import", "DAG_IMPORT_TOKEN"),
    ("ipfs", "IPFS_TOKEN"),
    ("c2pa", "MINT_C2PA_CERTIFICATE and MINT_C2PA_KEY, the paths of two PEM files"),
    ("rpc|node|infura|alchemy", "MINT_RPC_URL"),
    ("pinning|api|access|auth", "PINATA_JWT, FILEBASE_KEY or PINNING_TOKEN, as your service asks"),
    ("", "MINT_KEYSTORE (an encrypted file) or MINT_PRIVATE_KEY"),
)  # fmt: skip


def leaks(source: Source) -> Iterator[CollectionError]:
    """An error for each secret, without its value."""
    for location in source.keys:
        key, value = str(location[-1]), source.value_at(location)
        is_secret = _SECRET_KEY.fullmatch(key) or location == ("c2pa", "key")
        if location[:2] == ("image", "embeddings") and key == "token":  # a word of the prompt
            is_secret = False
        if key == "pixels" and location[-2:-1] and location[-2] in _PICTURES:
            continue
        if key == "consent" and location[-3:-2] == ("adapters",):  # the digest of a consent.yaml
            continue
        if is_secret and not _is_trait(source, location, value):
            words = f"{_SECTIONS.get(str(location[0]), '')} {key}"
            variable = next(name for part, name in _VARIABLES if re.search(part, words.lower()))
            yield source.error(
                location,
                f'"{key}" is a secret, and this file is published with the collection',
                f"delete the line, and in the environment set {variable}",
                key=True,
            )
        elif _is_text(value) and _is_private(key, value):
            yield source.error(
                location,
                f'"{key}" looks like a private key, and this file is published with the collection',
                "write the address (40 digits after 0x); the key that signs belongs into "
                "MINT_KEYSTORE or MINT_PRIVATE_KEY in the environment",
            )


def _is_trait(source: Source, location: Location, value: Any) -> bool:
    """Whether a key is a trait's name, which may be Token: where it has values, or stands in a
    rule or a question.
    """
    if location[0] == "traits":
        return not _is_text(value)
    traits = source.values.get("traits")
    named = isinstance(traits, Mapping) and location[-1] in traits
    return named and not {"never", "when", "requires", "where", "ask"}.isdisjoint(location[:-1])


def _is_private(key: str, value: str) -> bool:
    digest = key == "pixels"  # of a picture, which has as many digits
    return "PRIVATE KEY-----" in value or bool(not digest and _PRIVATE_KEY.fullmatch(value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
