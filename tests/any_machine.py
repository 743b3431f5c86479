"""A build as a machine of other settings makes it: python -m tests.any_machine FILE THREADS

Beside FILE it leaves `raw.npz`, with every picture before its numbers are rounded to pixels, and
`said.json`: what the build came to and what painting its tokens in other ways came to.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import mint.models.runtime
import mint.paint.render
from mint.build import Options, build
from mint.document import sha256
from mint.models.painter import load_pipeline
from mint.models.runtime import import_torch
from mint.models.weights import Model
from mint.record.manifest import Manifest
from mint.spec.collection import ATELIER
from tests.builds import files

# Threads, batch, channels last in memory, oneDNN.
WAYS = [(1, 1, False, True), (2, 8, True, True), (4, 8, False, False)]

Raw = dict[str, npt.NDArray[np.float64]]


def main(file: Path, threads: int) -> None:
    mint.models.runtime.cores = lambda: threads
    torch, raw = import_torch(), Raw()
    _note_rounding(torch, raw)
    manifest, _ = build(file, Options(until="publish"), lambda *news: None)
    np.savez(file.parent / "raw.npz", **raw)  # type: ignore[arg-type]  # numpy's stub takes ** for its other options
    assert manifest.publication is not None
    out = {
        "root": manifest.publication.root,
        "files": files(file),
        "kernels": torch.backends.cpu.get_cpu_capability(),
        "painted": [token.enlarged.painted for token in manifest.tokens if token.enlarged],
        "again": [list(_again(torch, manifest, *way)) for way in WAYS],
    }
    (file.parent / "said.json").write_text(json.dumps(out))


def _note_rounding(torch: Any, raw: Raw) -> None:
    """Keep what is rounded to pixels, 0 to 255, by the digest of the pixels that it becomes."""
    rounded = torch.Tensor.round

    def note(tensor: Any) -> Any:
        result = rounded(tensor)
        for picture, pixels in zip(tensor, result, strict=True) if tensor.ndim == 4 else ():
            raw[sha256(pixels.numpy().tobytes())] = picture.numpy().copy()
        if tensor.ndim == 3:
            raw[sha256(result.numpy().tobytes())] = tensor.numpy().copy()
        return result

    torch.Tensor.round = note


def _again(
    torch: Any, manifest: Manifest, threads: int, batch: int, last: bool, one_dnn: bool
) -> Iterator[str]:
    """The digests of the tokens' pixels, painted so."""
    mint.models.runtime.cores = lambda: threads
    torch.backends.mkldnn.set_flags(one_dnn)

    def in_other_order(*args: Any) -> Any:
        pipe = load_pipeline(*args)
        for part in (pipe.unet, pipe.vae):
            part.to(memory_format=torch.channels_last)
        return pipe

    vars(mint.paint.render)["load_pipeline"] = in_other_order if last else load_pipeline
    recipes = [token.recipe for token in manifest.tokens]
    runtime = manifest.runtimes[recipes[0].runtime]
    model = Model(ATELIER / "pipeline", runtime.weights)
    paint = mint.paint.render.diffusers_renderer(model, recipes[0].diffusion, runtime)
    for start in range(0, len(recipes), batch):
        group = recipes[start : start + batch]
        for _, pixels in zip(group, paint((group * batch)[:batch]), strict=False):
            yield sha256(pixels.tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
