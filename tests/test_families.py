"""Every family of painters through the whole product: built, interrupted, resumed, verified."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mint.build import Options, build
from mint.models.families import class_name, family_of
from mint.stages import Step
from mint.verify.verify import prove
from tests.builds import painted, run
from tests.families import FAMILIES, settings


class Interrupted(Exception):
    """Power is cut."""


def collection(folder: Path, name: str, model: Path, dtype: str, batch: int) -> Path:
    """One token more than a batch by the model, their words of different lengths."""
    image = {"model": str(model), "prompt": "a {Body} fox", "steps": 2, "dtype": dtype}
    text = {
        "name": name, "symbol": "ANY", "description": "Some foxes.", "supply": batch + 1, "seed": 1,
        "image": image | {"batch": batch} | settings(name),
        "traits": {"Body": {"red": 1, "very long and orange": 1, "dim": 1, "blue": 1, "old": 1}},
        "dedup": {"threshold": 1}, "truth": {"judge": "off"},
    }  # fmt: skip
    file = folder / "collection.yaml"
    file.write_text(yaml.safe_dump(text))
    return file


def interrupted_build(file: Path) -> None:
    """A build that ends when its last picture is painted, but not yet in the store."""

    def cut(step: Step, done: int, total: int) -> None:
        if step == "painting" and done == total:
            raise Interrupted

    with pytest.raises(Interrupted):
        build(file, Options(until="publish"), cut)


@pytest.mark.parametrize(("dtype", "batch"), [("bfloat16", 4), ("float32", 1)])
@pytest.mark.parametrize("name", FAMILIES)
def test_it_is_built_and_verified(
    name: str, dtype: str, batch: int, family: Callable[[str], Path], tmp_path: Path
) -> None:
    alone = family_of(class_name(family(name))).alone  # then it is painted in no batch
    file = collection(tmp_path, name, family(name), dtype, 1 if alone else batch)

    interrupted_build(file)
    manifest, news, _ = run(file, until="publish")
    sentences = list(prove(str(file), sample=len(manifest.tokens), network=None, environ={}))

    assert painted(news) == 1
    equal = [sentence for sentence in sentences if "every pixel is equal" in sentence]
    assert len(equal) == len(manifest.tokens)
