"""What opening a painter imports, in a process of its own."""

from __future__ import annotations

import gc
import json
import subprocess
import sys

from mint.models.lean import without_collection

PAINT = """
import gc, json, sys
from mint.models.runtime import import_torch, runtime
from mint.models.weights import Model
from mint.paint.render import diffusers_renderer
from mint.plan.recipe import Diffusion, Recipe
from mint.spec.collection import ATELIER

here = runtime("", dtype="float64")
settings = Diffusion(
    model="atelier", steps=1, guidance_scale=3, scheduler="dpm++", width=64, height=64,
    dtype="float64",
)
recipe = Recipe(prompt="a fox", negative_prompt="", seed=1, diffusion=settings, runtime=here.digest)
diffusers_renderer(Model(ATELIER / "pipeline", ""), settings, here)([recipe])
imported = list(sys.modules)
assert gc.get_freeze_count() > 300_000

torch = import_torch()
add = torch.compile(lambda x: x + 1, backend="eager", fullgraph=True)
assert add(torch.ones(2)).tolist() == [2, 2]
print(json.dumps(imported))
"""
# Compiling, training on several machines, exporting; and the pipelines of all other models.
UNUSED = {
    "torch._dynamo.eval_frame",
    "torch._inductor",
    "torch.distributed.fsdp",
    "torch.distributed.tensor",
    "torch.onnx",
    "diffusers.pipelines.auto_pipeline",
    "diffusers.models.controlnets",
}


def test_painting_imports_neither_the_compiler_nor_other_models() -> None:
    # When it has painted, torch.compile still works: the compiler was only not imported.
    done = subprocess.run([sys.executable, "-c", PAINT], capture_output=True, text=True, check=True)
    assert not UNUSED & set(json.loads(done.stdout.splitlines()[-1]))


COMPILE = """
import sys
from mint.models.runtime import import_torch

torch = import_torch()
import torch._dynamo.utils as utils

assert utils is sys.modules[utils.__name__] is torch._dynamo.utils
torch.compile(lambda x: x + 1, backend="eager")(torch.ones(2))
assert utils.counters["frames"]["ok"] == 1
"""


def test_a_part_of_the_compiler_is_imported_once() -> None:
    subprocess.run([sys.executable, "-c", COMPILE], check=True)


MOVED = """
import sys
from mint.models import lean

lean.MASKS = "torch._dynamo.moved"
torch = lean.lean_torch()
assert not [name for name in sys.modules if name.startswith("torch._dynamo")]
assert "_dynamo" not in vars(torch)
"""


def test_of_a_torch_with_another_compiler_nothing_is_left_out() -> None:
    subprocess.run([sys.executable, "-c", MOVED], check=True)


def test_what_is_no_import_may_become_garbage() -> None:
    before = gc.get_freeze_count()
    with without_collection():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == before
