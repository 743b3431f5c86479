"""Causal language models of transformers: always the same words, and refusals that say why."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mint.errors import RenderError
from mint.models.weights import fingerprint
from mint.models.writer import LONGEST, locate_writer, open_writer
from mint.models.writer_memo import remembering
from mint.store import Store
from tests.language_models import CHAT, random_gpt2

TEXT = "Short: fox\nLong:"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_gpt2(tmp_path_factory.mktemp("models") / "bytes")


def test_it_writes_the_likeliest_bytes_whatever_its_folder_says(
    folder: Path, tmp_path: Path
) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    wild = Path(shutil.copytree(folder, tmp_path / "wild"))
    settings = {"do_sample": True, "temperature": 9.0, "repetition_penalty": 5.0, "num_beams": 3}
    (wild / "generation_config.json").write_text(json.dumps(settings))
    said = open_writer(folder).write(TEXT)

    assert open_writer(wild).write(TEXT) == said == open_writer(folder).write(TEXT)
    # The same by hand: the likeliest token, again and again, all of the text read anew each time.
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(TEXT, return_tensors="pt")["input_ids"]
    start = ids.shape[1]
    while ids.shape[1] < start + LONGEST:
        ids = torch.cat([ids, model(ids).logits[:, -1:].argmax(-1)], 1)
    whole = tokenizer.decode(ids[0, start:], skip_special_tokens=True)
    assert said == whole.lstrip().splitlines()[0]


def test_likelihoods_are_those_of_the_whole_text(folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    endings = [" angry eyes", " hat", " x"]
    scores = open_writer(folder).likelihoods("A picture of a", endings)

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for ending, score in zip(endings, scores, strict=True):
        ids = tokenizer("A picture of a" + ending, return_tensors="pt")["input_ids"]
        with torch.no_grad():
            rows = model(ids).logits[0, :-1].double().log_softmax(1)
        each = rows.gather(1, ids[0, 1:, None])[-len(ending) :]
        assert score == pytest.approx(float(each.mean()), abs=1e-5)
    assert open_writer(folder).likelihoods("A picture of a", endings[:1]) == scores[:1]


def test_a_chat_model_is_asked_in_the_form_of_its_chat(tmp_path: Path) -> None:
    chat = random_gpt2(tmp_path / "chat", chat=True)
    plain = open_writer(random_gpt2(tmp_path / "plain"))

    said = open_writer(chat).write(TEXT)

    form = f"<|im_start|>user\n{TEXT}<|im_end|>\n<|im_start|>assistant\n"
    assert said == plain.write(form)
    assert "enable_thinking" not in CHAT
    assert said != plain.write(TEXT)


def test_nothing_is_written_twice(folder: Path, tmp_path: Path) -> None:
    home, store = Path(shutil.copytree(folder, tmp_path / "model")), Store(tmp_path / "store")
    weights = fingerprint(home, store)
    first = remembering(home, weights, store)
    said, scores = first.write(TEXT), first.likelihoods(TEXT, [" a", " b"])

    (home / "model.safetensors").unlink()  # whoever opens it now fails
    again = remembering(home, weights, store)
    assert again.write(TEXT) == said
    assert again.likelihoods(TEXT, [" a", " b"]) == scores
    with pytest.raises(RenderError, match="cannot be loaded"):
        again.write("Short: cat\nLong:")
    with pytest.raises(RenderError, match="cannot be loaded"):
        remembering(home, "other weights", store).write(TEXT)


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def setting(**values: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / "config.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | values))

    return change


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (without("tokenizer.json"), "without its tokenizer"),
        (without("model.safetensors"), "cannot be loaded"),
        (setting(architectures=["GPT2ForSequenceClassification"]), "goes on with no text"),
        (setting(model_type="clip"), "which writes no text"),
        (setting(model_type="t5", is_encoder_decoder=True), "turns one text into another"),
        (setting(model_type="no-such-model"), "cannot be loaded"),
        (setting(n_layer=3), "lacks 12 of its weights"),
        (lambda folder: (folder / "config.json").write_text("{"), "cannot be loaded"),
        (lambda folder: (folder / "tokenizer.json").write_text("{"), "cannot be loaded"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"x" * 99), "cannot be loaded"),
    ],
)
def test_what_is_no_language_model_is_refused(
    folder: Path, tmp_path: Path, harm: Callable[[Path], object], said: str
) -> None:
    home = Path(shutil.copytree(folder, tmp_path / "model"))
    harm(home)

    with pytest.raises(RenderError, match=said) as e:
        open_writer(home)
    assert "\n" not in str(e.value)
    assert "tokenizer" in e.value.hint


def test_a_text_beyond_its_window_is_refused(tmp_path: Path) -> None:
    small = open_writer(random_gpt2(tmp_path / "small", window=64))
    with pytest.raises(RenderError, match="reads 64 tokens, and 96 are needed"):
        small.write(TEXT)


def test_code_of_the_folder_never_runs(folder: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(folder, tmp_path / "model"))
    (home / "evil.py").write_text("open('ran', 'w')\nclass Evil: pass\nclass EvilConfig: pass\n")
    maps = {"AutoConfig": "evil.EvilConfig", "AutoModelForCausalLM": "evil.Evil"}
    setting(auto_map=maps, model_type="evil")(home)

    with pytest.raises(RenderError, match="cannot be loaded"):
        open_writer(home)
    assert not Path("ran").exists()


def test_a_model_that_is_only_a_pickle_is_refused(folder: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(folder, tmp_path / "model"))
    (home / "model.safetensors").rename(home / "pytorch_model.bin")

    with pytest.raises(RenderError, match="is a pickle, which can run any code"):
        fingerprint(home, Store(tmp_path / "store"))
    with pytest.raises(RenderError, match="cannot be loaded"):
        open_writer(home)


@pytest.mark.parametrize(
    ("model", "revision", "said"),
    [
        ("./nowhere", None, "there is no folder nowhere"),
        ("scribe", None, '"scribe" is no folder here, and no name on the hub'),
        ("org/scribe", None, 'the hub model "org/scribe" has no revision'),
        ("org/scribe", "main", 'the hub model "org/scribe" has the revision "main", no commit'),
        ("org/scribe", "0" * 40, "is not on this machine"),
    ],
)
def test_a_model_that_is_not_here_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, revision: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RenderError, match=said) as e:
        locate_writer(model, revision)
    assert e.value.hint
