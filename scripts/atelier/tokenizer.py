"""A CLIP vocabulary in which every word of the captions is one token."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from art import JOINERS, OPENINGS, THEMES
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer

WINDOW = 32
ENDS = ("<|startoftext|>", "<|endoftext|>")
# Words that artists put between traits, and letters and digits for those nobody foresaw.
FILLERS = "the and with of on in a an wearing its nft character drawing illustration cute art style"


def sentences() -> list[str]:
    """Every wording of every trait, and what joins them."""
    said = [*OPENINGS, *JOINERS, FILLERS]
    for theme in THEMES.values():
        for group, values in theme.PHRASES.items():
            for wordings in values.values():
                said += wordings
                # Alone, so that the words which stand in for dropped traits are heard, too.
                said += theme.clauses({group: wordings[0]})
    return [sentence.lower() for sentence in said]


def build(window: int = WINDOW) -> CLIPTokenizer:
    """Learn merges until each word is one token; ids do not depend on the machine."""
    bpe = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token=ENDS[1]))
    bpe.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=8192,
        min_frequency=1,
        special_tokens=[],
        initial_alphabet=list("abcdefghijklmnopqrstuvwxyz0123456789,.-!'"),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    bpe.train_from_iterator(sentences(), trainer)
    learned = json.loads(bpe.to_str())["model"]
    vocabulary: dict[str, int] = learned["vocab"]
    for letter in "abcdefghijklmnopqrstuvwxyz0123456789,.-!'":
        vocabulary.setdefault(letter + "</w>", len(vocabulary))
    for mark in ENDS:
        vocabulary[mark] = len(vocabulary)
    merges = [" ".join(pair) if isinstance(pair, list) else pair for pair in learned["merges"]]
    with TemporaryDirectory() as folder:
        Path(folder, "vocab.json").write_text(json.dumps(vocabulary))
        Path(folder, "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n")
        return CLIPTokenizer(
            f"{folder}/vocab.json", f"{folder}/merges.txt", model_max_length=window
        )


if __name__ == "__main__":
    tokenizer = build()
    words = {word for sentence in sentences() for word in sentence.replace(",", " ").split()}
    split = sorted(word for word in words if len(tokenizer(word).input_ids) != 3)
    print(len(tokenizer), "tokens;", len(words), "words; split:", split)
    print(tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id)
