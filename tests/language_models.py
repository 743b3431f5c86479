"""Causal language models of a few thousand weights: of our sentences, or random."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.families.parts import bytes_tokenizer, chance, stirred

END = "<|endoftext|>"
# The form of a chat, as Qwen's and many others' tokenizers write it.
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tokenizer_of(texts: Iterable[str], size: int = 700) -> Any:
    """A byte-level BPE tokenizer that knows the words of `texts`."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    whole = Tokenizer(models.BPE())
    whole.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    whole.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=[END], initial_alphabet=alphabet, show_progress=False
    )
    whole.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=whole, eos_token=END, pad_token=END)


def gpt2(vocabulary: int, end: int, width: int = 64, window: int = 512) -> Any:
    """A GPT-2 of random weights."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        loss_type="ForCausalLM",
        vocab_size=vocabulary, n_positions=window, n_embd=width, n_layer=2, n_head=4,
        bos_token_id=end, eos_token_id=end, attn_pdrop=0, embd_pdrop=0, resid_pdrop=0,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return GPT2LMHeadModel(config)


def learned(folder: Path, lessons: Sequence[tuple[str, str]], steps: int = 120) -> Path:
    """A GPT-2 that learned to go on with the first text of each lesson by the second."""
    import torch

    tokenizer = tokenizer_of([first + second for first, second in lessons])
    model = gpt2(len(tokenizer), tokenizer.eos_token_id)
    batches = [_batch(tokenizer, [each for each in lessons if (len(each[0]) > 200) is long])
               for long in (True, False)]  # fmt: skip
    rate, threads = torch.optim.AdamW(model.parameters(), lr=4e-3), torch.get_num_threads()
    torch.set_num_threads(1)  # to share out so little takes longer than to do it
    for _ in range(steps):
        rate.zero_grad()
        for ids, labels in batches:
            model(input_ids=ids, labels=labels).loss.backward()
        rate.step()
    torch.set_num_threads(threads)
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _batch(tokenizer: Any, lessons: Sequence[tuple[str, str]]) -> tuple[Any, Any]:
    """Tokens, and those that the model is to say, each of shape (lessons, longest)."""
    from torch import tensor
    from torch.nn.utils.rnn import pad_sequence

    texts = [[tokenizer(text)["input_ids"] for text in lesson] for lesson in lessons]
    rows = [tensor([*start, *rest]) for start, rest in texts]
    goals = [tensor([*[-100] * len(start), *rest]) for start, rest in texts]
    filled = pad_sequence(goals, batch_first=True, padding_value=-100)
    return pad_sequence(rows, batch_first=True), filled


def random_gpt2(folder: Path, *, chat: bool = False, window: int = 2048) -> Path:
    """A GPT-2 of random weights over bytes, which writes anything at all; `chat` has a template."""
    marks = ["<|im_start|>", "<|im_end|>", END]
    tokenizer = bytes_tokenizer(marks)
    tokenizer.eos_token = END
    if chat:
        tokenizer.chat_template = CHAT
    model = gpt2(len(tokenizer), len(tokenizer) - 1, 32, window)
    with chance():
        stirred(model)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
