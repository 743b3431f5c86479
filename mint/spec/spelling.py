"""What artists type for a key or a name -> the one that is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mint.spec.yaml_source import nearest

CURLY = "“”„‟«»‘’‚"
# What other programs call our keys and their values.
SYNONYMS = {
    **dict.fromkeys(("title", "collection"), "name"),
    **dict.fromkeys(("size", "count", "amount", "quantity", "total", "max_supply"), "supply"),
    **dict.fromkeys(("ticker", "short_name"), "symbol"),
    **dict.fromkeys(("author", "artist"), "creator"),
    **dict.fromkeys(("attributes", "properties", "layers"), "traits"),
    **dict.fromkeys(("sampler", "sampler_name"), "scheduler"),
    **dict.fromkeys(("cfg", "cfg_scale", "guidance"), "guidance_scale"),
    **dict.fromkeys(("checkpoint", "base_model"), "model"),
    **dict.fromkeys(("lora", "loras", "adapter"), "adapters"),
    **dict.fromkeys(("textual_inversion", "textual_inversions", "embedding"), "embeddings"),
    **dict.fromkeys(("strength", "weight", "multiplier"), "scale"),
    **dict.fromkeys(("website", "homepage", "link"), "external_url"),
    **dict.fromkeys(("percent", "percentage", "fee", "share"), "bps"),
    **dict.fromkeys(("fp32", "float", "full"), "float32"),
    **dict.fromkeys(("fp16", "half"), "float16"),
    **dict.fromkeys(("euler a", "euler_a", "euler ancestral"), "euler-ancestral"),
    **dict.fromkeys(("ipfs", "local node", "node"), "kubo"),
    **dict.fromkeys(("not", "forbid", "exclude", "excludes"), "never"),
    **dict.fromkeys(("then", "require", "needs", "must"), "requires"),
    "if": "when",
    "bf16": "bfloat16",
}


def meant(word: str, names: Sequence[str]) -> str | None:
    """The one of `names` that `word` is another spelling of, if that is certain enough."""
    plain = word.strip(CURLY + " ").lower()
    if plain in names or SYNONYMS.get(plain) in names:
        return plain if plain in names else SYNONYMS[plain]
    if (first := plain.split(" ")[0]) in names:  # `name friends`, without a colon
        return first
    close = re.match(r'did you mean "(.*)"\?\Z', nearest(plain, names))
    return close[1] if close else None


def advice(word: str, names: Sequence[str]) -> str:
    """The name that is likely meant, or the known ones."""
    likely = meant(word, names)
    return f'did you mean "{likely}"?' if likely else nearest(word, names)
