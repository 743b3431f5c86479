"""Train the judge that is shipped: a ResNet of transformers that names the traits of a picture.

One classifier for all themes, whose labels are `theme/group: value` and `theme: name`; a softmax
over the labels of one group says which of its values a picture shows. It learns from degraded
renders, as judge.py does, but of other seeds, with another architecture, and shares no weights
with that one, which measures it.

`torchrun --nproc-per-node 2 scripts/atelier/classifier.py --data D --held-out H --out O`
"""

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
import torch.nn.functional as F
from editions import edition_of, first
from judge import accuracy, degraded, halved
from numpy.typing import NDArray
from torch import Tensor, nn
from training import DEVICE, autocast, options, train
from transformers import ResNetConfig, ResNetForImageClassification

SIDE = 128  # pixels of what it reads
THEME = "theme"  # the group that says which world a picture is of
Groups = dict[str, list[str]]
# What transformers' image processors read: the mean of each 2 x 2 pixels of a painting of 256.
PREPARATION = {
    "image_processor_type": "ViTImageProcessor",
    "do_resize": True, "size": {"height": SIDE, "width": SIDE}, "resample": 4,
    "do_rescale": True, "rescale_factor": 1 / 255,
    "do_normalize": True, "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
}  # fmt: skip


def groups(art: ModuleType = first) -> Groups:
    """`theme` and every `theme/group`, with their values."""
    traits = {
        f"{theme}/{group}": list(values)
        for theme, module in art.THEMES.items()
        for group, values in module.TRAITS.items()
    }
    return {THEME: list(art.THEMES)} | traits


def classifier(art: ModuleType) -> ResNetForImageClassification:
    """The untrained network, its labels named."""
    labels = [f"{group}: {value}" for group, values in groups(art).items() for value in values]
    return ResNetForImageClassification(
        ResNetConfig(
            embedding_size=40,
            hidden_sizes=[40, 80, 128, 192],
            depths=[2, 2, 2, 2],
            layer_type="basic",
            id2label=dict(enumerate(labels)),
            label2id={label: i for i, label in enumerate(labels)},
        )
    )


def by_group(logits: Tensor, art: ModuleType = first) -> dict[str, Tensor]:
    """Logits (n, k) -> those of each group."""
    sizes = [len(values) for values in groups(art).values()]
    return dict(zip(groups(art), logits.split(sizes, dim=1), strict=True))


class Renders:
    """A data folder's pictures, the theme of each, and the index of its value in each group."""

    def __init__(self, folder: Path) -> None:
        self.art = edition_of(folder)
        traits: list[tuple[str, dict[str, str]]] = json.loads((folder / "traits.json").read_text())
        self.images: NDArray[np.uint8] = np.load(folder / "images.npy", mmap_mode="r")
        self.answers = {
            group: torch.tensor([_answer(group, values, *each) for each in traits])
            for group, values in groups(self.art).items()
        }

    def loss(self, logits: Tensor, places: Tensor) -> dict[str, Tensor]:
        """The mean over the groups that the pictures at `places` have."""
        losses, right = [], []
        for group, scores in by_group(logits.float(), self.art).items():
            answers = self.answers[group][places].to(DEVICE)
            known = answers >= 0
            if known.any():
                losses.append(F.cross_entropy(scores[known], answers[known]))
                right.append((scores[known].argmax(1) == answers[known]).float().mean())
        return {"loss": torch.stack(losses).mean(), "accuracy": torch.stack(right).mean()}

    def accuracy(self, logits: Tensor) -> dict[str, float]:
        """Share of right answers in each group, among the pictures of its theme."""
        scores: dict[str, float] = {}
        for group, part in by_group(logits, self.art).items():
            known = self.answers[group] >= 0
            one = accuracy({group: part[known]}, {group: self.answers[group][known]})
            scores[group] = one[group]
        return scores | {"mean": sum(scores.values()) / len(scores)}


def _answer(group: str, values: list[str], theme: str, traits: dict[str, str]) -> int:
    if group == THEME:
        return values.index(theme)
    of, name = group.split("/")
    return values.index(traits[name]) if of == theme else -1


def main() -> None:
    parser = options(steps=2400, batch=32)
    parser.add_argument("--held-out", type=Path, required=True, help="renders to measure on")
    parser.set_defaults(lr=2e-3)
    o = parser.parse_args()
    torch.manual_seed(o.seed)
    renders, held_out = Renders(o.data), Renders(o.held_out)
    model = classifier(renders.art).to(DEVICE)
    model.to(memory_format=torch.channels_last)

    def loss(step: int) -> dict[str, Tensor]:
        places = torch.randint(len(renders.images), (o.batch,)).sort().values
        x = degraded(renders.images[places.numpy()])
        with autocast():
            logits = model(x.contiguous(memory_format=torch.channels_last)).logits
        return renders.loss(logits, places)

    @torch.no_grad()
    def save() -> None:
        model.eval()
        plain, spoiled = [], []
        for start in range(0, len(held_out.images), 50):
            pixels = held_out.images[start : start + 50]
            plain.append(model(halved(pixels)).logits.cpu())
            spoiled.append(model(degraded(pixels.copy())).logits.cpu())
        model.train()
        scores = {
            "held_out": held_out.accuracy(torch.cat(plain)),
            "held_out_degraded": held_out.accuracy(torch.cat(spoiled)),
        }
        model.save_pretrained(o.out / "judge")
        (o.out / "judge" / "preprocessor_config.json").write_text(json.dumps(PREPARATION))
        (o.out / "metrics.json").write_text(json.dumps(scores, indent=1))
        print({name: round(value["mean"], 4) for name, value in scores.items()}, flush=True)

    models: dict[str, nn.Module] = {"judge": model}
    train(o.out, models, loss, steps=o.steps, lr=o.lr, seed=o.seed, save=save,
          weight_decay=0.02, betas=(0.9, 0.99), every=400)  # fmt: skip


if __name__ == "__main__":
    main()
