"""Train the CLIP: a small CLIPModel that reads traits and tells one picture from another.

Three losses on the same embedding: pictures against their captions (Radford et al. 2021); each
trait group read zero-shot, through the text tower; and pictures against their own re-encoded,
cropped, tinted copies, where the hard negative is a second picture with the same traits.
Without the last one every picture of the same traits is a near-duplicate to it.

`--data` is a folder of twins: data.py --repeat 2. Drawn at 160 px (--size 160), which is what the
tower sees, they need not be made smaller at every step.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from types import ModuleType

import numpy as np
import torch
import torch.nn.functional as F
from editions import edition_of
from numpy.typing import NDArray
from spoil import saved, tinted, tints
from tokenizer import build, text_settings
from torch import Tensor
from training import DEVICE, autocast, images, options, train
from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

SIDE, DIMENSIONS = 160, 128
MEAN, STD = 0.5, 0.25
# Temperature of the picture-to-picture loss.
INSTANCE = 0.07
THREADS = ThreadPoolExecutor()  # Pillow's JPEG lets others run meanwhile


def model(tokenizer: CLIPTokenizer, width: int, layers: int, patch: int) -> CLIPModel:
    """Two towers, small enough for two CPU cores."""
    vision = dict(
        hidden_size=width,
        intermediate_size=3 * width,
        num_hidden_layers=layers,
        num_attention_heads=max(1, width // 32),
        image_size=SIDE,
        patch_size=patch,
    )
    return CLIPModel(
        CLIPConfig(
            text_config=text_settings(tokenizer), vision_config=vision, projection_dim=DIMENSIONS
        )
    ).to(DEVICE)


def unit(output: object) -> Tensor:
    """The features of a tower's answer, of length 1."""
    return F.normalize(getattr(output, "pooler_output", output).float(), dim=-1)


def cropped(pictures: Tensor, most: float) -> Tensor:
    """Pictures (N, 3, H, W) at SIDE, each without up to `most` of its width and height."""
    count = len(pictures)
    size = 1 - torch.rand(count) * most
    slack = 1 - size
    place = (torch.rand(2, count) * 2 - 1) * slack
    zero = torch.zeros(count)
    affine = torch.stack(
        [torch.stack([size, zero, place[0]], 1), torch.stack([zero, size, place[1]], 1)], 1
    ).to(pictures.device)
    grid = F.affine_grid(affine, [count, 3, SIDE, SIDE], align_corners=False)
    # Softened first, so that the smaller grid does not alias.
    return F.grid_sample(reduced(pictures), grid, padding_mode="reflection", align_corners=False)


def reduced(pictures: Tensor) -> Tensor:
    """Pictures at SIDE, as the product prepares them."""
    if pictures.shape[-1] == SIDE:
        return pictures
    return F.interpolate(pictures, (SIDE, SIDE), mode="bicubic", antialias=True).clamp(0, 1)


def view(pixels: NDArray[np.uint8], random: Random, *, strong: bool) -> Tensor:
    """Pictures (N, H, W, 3) as the tower gets them; strong = as a near-duplicate would look."""
    count = len(pixels)
    if strong:
        losses = [random.randint(60, 95) if random.random() < 0.5 else None for _ in pixels]
        pixels = np.stack(
            list(THREADS.map(lambda p, q: saved(p, "JPEG", q) if q else p, pixels, losses))
        )
    pictures = torch.from_numpy(pixels).to(DEVICE).permute(0, 3, 1, 2).float() / 255
    pictures = cropped(pictures, 0.06 if strong else 0.02)
    if strong:
        pictures = tinted(pictures, tints((torch.rand(count) - 0.5) * 0.3, torch.ones(count)))
        pictures = pictures * (1 + 0.1 * (torch.rand(count, 1, 1, 1, device=DEVICE) - 0.5))
    # What a denoiser and a small autoencoder do: soft edges and grain.
    if random.random() < 0.3:
        pictures = F.avg_pool2d(F.pad(pictures, (1, 1, 1, 1), mode="reflect"), 3, 1)
    if random.random() < 0.3:
        pictures = pictures + 0.03 * torch.randn_like(pictures)
    return (pictures.clamp(0, 1) - MEAN) / STD


def readings(theme: ModuleType, random: Random | None = None) -> dict[str, dict[str, str]]:
    """Per trait group each value's clause: what the text tower is asked zero-shot.

    A value of which captions say nothing, as the colour of an absent hat, is not asked.
    """
    clauses: dict[str, dict[str, str]] = {}
    for group, phrases in theme.PHRASES.items():
        words = {v: random.choice(ways) if random else ways[0] for v, ways in phrases.items()}
        clauses[group] = {v: theme.clauses({group: word})[-1] for v, word in words.items()}
    return clauses


def main() -> None:
    parser = options(steps=20_000, batch=64)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--patch", type=int, default=16)
    parser.add_argument("--held-out", type=Path)
    o = parser.parse_args()
    torch.manual_seed(o.seed)
    art = edition_of(o.data)
    tokenizer = build(art=art)
    clip = model(tokenizer, o.width, o.layers, o.patch)
    if DEVICE.type == "cpu":
        clip.set_attn_implementation("eager")  # trains twice as fast as the fused one
    drawn = np.load(o.data / "images.npy", mmap_mode="r")
    pictures = json.loads((o.data / "traits.json").read_text())
    themes = sorted({theme for theme, _ in pictures})

    def texts_of(words: list[str], length: int) -> Tensor:
        tokens = tokenizer(
            words, padding="max_length", max_length=length, truncation=True, return_tensors="pt"
        ).to(DEVICE)
        return unit(clip.get_text_features(**tokens))

    def reading(theme: str, seen: Tensor, which: list[int], random: Random) -> list[Tensor]:
        """Cross-entropy of each of the theme's trait groups, read zero-shot."""
        questions = readings(art.THEMES[theme], random)
        answers = texts_of(
            [text for clauses in questions.values() for text in clauses.values()], 10
        )
        scores = clip.logit_scale.exp().clamp(max=50) * seen @ answers.T
        first, losses = 0, []
        for group, clauses in questions.items():
            values = [*clauses]
            rows = [r for r, i in enumerate(which) if pictures[i][1][group] in clauses]
            right = [values.index(pictures[which[r]][1][group]) for r in rows]
            if rows:
                part = scores[rows, first : first + len(values)]
                losses.append(F.cross_entropy(part, torch.tensor(right, device=DEVICE)))
            first += len(values)
        return losses

    def loss(step: int) -> dict[str, Tensor]:
        random = Random(int(torch.randint(2**31, (1,))))
        # Twins stand side by side, so that each is the other's hardest negative.
        firsts = (torch.randint(len(drawn) // 2, (o.batch // 2,)) * 2).tolist()
        which = [i + twin for i in firsts for twin in (0, 1)]
        pixels = np.stack([drawn[i] for i in which])
        words = [art.caption(*pictures[i], random, drop=0.15) for i in which]
        with autocast():
            views = torch.cat([view(pixels, random, strong=s) for s in (False, True)])
            seen = unit(clip.get_image_features(pixel_values=views))
            text = texts_of(words, tokenizer.model_max_length)
            plain, copied = seen.chunk(2)
            by_group = [
                group
                for theme in themes
                if (rows := [r for r, i in enumerate(which) if pictures[i][0] == theme])
                for group in reading(
                    theme,
                    torch.cat([plain[rows], copied[rows]]),
                    [which[r] for r in rows] * 2,
                    random,
                )
            ]
        scale = clip.logit_scale.exp().clamp(max=50)
        target = torch.arange(o.batch, device=DEVICE)
        pairs = scale * plain @ text.T
        said = (F.cross_entropy(pairs, target) + F.cross_entropy(pairs.T, target)) / 2
        same = F.cross_entropy(plain @ copied.T / INSTANCE, target)
        groups = torch.stack(by_group)
        # Each counts by its own loss: eyes are a few pixels, and colours are learned at once.
        read = (groups.detach() / groups.detach().sum() * groups).sum()
        return {
            "loss": 0.4 * said + 2 * read + 0.4 * same,
            "said": said,
            "read": read,
            "same": same,
        }

    def save() -> None:
        clip.eval()
        clip.save_pretrained(o.out / "clip")
        tokenizer.save_pretrained(o.out / "clip")
        CLIPImageProcessorPil(
            image_mean=[MEAN] * 3,
            image_std=[STD] * 3,
            size={"shortest_edge": SIDE},
            crop_size={"height": SIDE, "width": SIDE},
        ).save_pretrained(o.out / "clip")
        if o.held_out:
            metrics = {"held out": accuracy(clip, texts_of, o.held_out)}
            (o.out / "metrics.json").write_text(json.dumps(metrics))
            print(metrics, flush=True)
        clip.train()

    train(
        o.out,
        {"clip": clip},
        loss,
        steps=o.steps,
        lr=o.lr,
        seed=o.seed,
        weight_decay=0.05,
        save=save,
        every=500,
    )


@torch.no_grad()
def accuracy(
    clip: CLIPModel, texts_of: Callable[[list[str], int], Tensor], folder: Path
) -> dict[str, float]:
    """Share of pictures of a data folder whose trait is read zero-shot, per trait group."""
    pictures = json.loads((folder / "traits.json").read_text())[:500]
    seen = []
    for pixels in images(folder)[:500].split(64):
        whole = reduced(pixels.permute(0, 3, 1, 2).float() / 255)
        seen.append(unit(clip.get_image_features(pixel_values=(whole - MEAN) / STD)))
    embedded = torch.cat(seen)
    right: dict[str, list[bool]] = {}
    for theme in {theme for theme, _ in pictures}:
        rows = [i for i, (of, _) in enumerate(pictures) if of == theme]
        for group, clauses in readings(edition_of(folder).THEMES[theme]).items():
            values = [*clauses]
            nearest = (embedded[rows] @ texts_of([*clauses.values()], 10).T).argmax(1).tolist()
            right[f"{theme} {group}"] = [
                values[f] == pictures[i][1][group]
                for f, i in zip(nearest, rows, strict=True)
                if pictures[i][1][group] in clauses
            ]
    return {group: round(sum(hits) / len(hits), 4) for group, hits in right.items() if hits}


if __name__ == "__main__":
    main()
