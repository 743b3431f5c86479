"""A CLIP vocabulary in which every word of the captions is one token."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import art as first
from transformers import CLIPTokenizer

WINDOW, SECOND_WINDOW = 32, 48  # captions of the second edition have up to 46 tokens
ENDS = ("<|startoftext|>", "<|endoftext|>")
# Letters and digits for the words that nobody foresaw.
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789,.-!'"
# Words that artists put between traits.
FILLERS = "the and with of on in a an wearing its nft character drawing illustration cute art style"


def words(art: ModuleType = first) -> list[str]:
    """Every word of every wording of every trait, and of what joins them, in alphabetical order."""
    said = [*art.OPENINGS, *art.JOINERS, FILLERS]
    for theme in art.THEMES.values():
        for group, values in theme.PHRASES.items():
            for wordings in values.values():
                said += wordings
                # Alone, so that the words which stand in for dropped traits are heard, too.
                said += theme.clauses({group: wordings[0]})
    return sorted(set(" ".join(said).lower().replace(",", " ").replace("-", " ").split()))


def merges(art: ModuleType = first) -> list[tuple[str, str]]:
    """Byte-pair merges until each word is one piece; the most frequent pair first.

    Not by tokenizers' BpeTrainer: it breaks ties by a random hash, and two processes that train
    one model would number the words differently.
    """
    pieces = [[*word[:-1], word[-1] + "</w>"] for word in words(art)]
    rules: list[tuple[str, str]] = []
    while pairs := Counter(p for word in pieces for p in pairwise(word)):
        pair = max(sorted(pairs), key=lambda p: pairs[p])
        rules.append(pair)
        pieces = [joined(word, pair) for word in pieces]
    return rules


def joined(word: list[str], pair: tuple[str, str]) -> list[str]:
    """The word's pieces with every occurrence of the pair as one piece."""
    out: list[str] = []
    for piece in word:
        if out and (out[-1], piece) == pair:
            out[-1] += piece
        else:
            out.append(piece)
    return out


def build(window: int | None = None, art: ModuleType = first) -> CLIPTokenizer:
    """The tokenizer; the same ids in every process and on every machine."""
    window = window or (WINDOW if art is first else SECOND_WINDOW)
    rules = merges(art)
    pieces = [*LETTERS, *(f"{letter}</w>" for letter in LETTERS), *map("".join, rules), *ENDS]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    with TemporaryDirectory() as folder:
        Path(folder, "vocab.json").write_text(json.dumps(vocabulary))
        lines = ["#version: 0.2", *(" ".join(pair) for pair in rules)]
        Path(folder, "merges.txt").write_text("\n".join(lines) + "\n")
        return CLIPTokenizer(
            f"{folder}/vocab.json", f"{folder}/merges.txt", model_max_length=window
        )


def text_settings(tokenizer: CLIPTokenizer, width: int = 128) -> dict[str, int]:
    """CLIPTextConfig's settings: two layers, since the captions have few words, little grammar."""
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": width,
        "intermediate_size": 3 * width,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": tokenizer.model_max_length,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


if __name__ == "__main__":
    tokenizer = build()
    split = [word for word in words() if len(tokenizer(word).input_ids) != 3]
    print(len(tokenizer), "tokens,", len(words()), "words; split:", split)
