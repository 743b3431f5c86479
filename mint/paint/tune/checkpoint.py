"""Where learning stands, on disk: kill -9 loses the steps since the last one, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mint.models.runtime import import_torch
from mint.models.tuning import metadata
from mint.store import write

if TYPE_CHECKING:
    from torch import Tensor

FILE = "checkpoint.safetensors"
MOMENTS = ("exp_avg", "exp_avg_sq")  # of Adam
STEP, LOSSES = "step", "losses"


class TrainingState:
    """The numbers that learn, the optimiser's memory of them, and what was measured so far.

    `losses` has the mean of every FIGURES steps.
    """

    def __init__(self, parameters: dict[str, Any], optimiser: Any) -> None:
        self.parameters, self.optimiser = parameters, optimiser
        self.step = 0
        self.losses: list[float] = []

    def save(self, folder: Path) -> None:
        """Replace the folder's checkpoint."""
        from safetensors.torch import save

        tensors: dict[str, Tensor] = {}
        for name, weight in self.parameters.items():
            tensors[f"weight/{name}"] = weight.detach().contiguous()
            for moment in MOMENTS if self.step else ():
                tensors[f"{moment}/{name}"] = self.optimiser.state[weight][moment].contiguous()
        losses = " ".join(map(repr, self.losses))
        write(folder / FILE, save(tensors, {STEP: str(self.step), LOSSES: losses}))

    def restore(self, folder: Path) -> None:
        """Go on from the folder's checkpoint; from nothing where there is none that is whole."""
        from safetensors.torch import load_file

        torch, file = import_torch(), folder / FILE
        if not file.exists():
            return
        try:
            header, tensors = metadata(file), load_file(file)
            step, losses = int(header[STEP]), [float(each) for each in header[LOSSES].split()]
            shapes = {name: tensors[f"weight/{name}"].shape for name in self.parameters}
        except Exception:  # torn by a disk, or another program's: learned anew
            return
        if any(shapes[name] != weight.shape for name, weight in self.parameters.items()):
            return
        with torch.no_grad():
            for name, weight in self.parameters.items():
                weight.copy_(tensors[f"weight/{name}"])
                if step:
                    moments = {m: tensors[f"{m}/{name}"].to(weight.device) for m in MOMENTS}
                    self.optimiser.state[weight] = {"step": torch.tensor(float(step)), **moments}
        self.step, self.losses = step, losses
