"""Measure a painter and a CLIP on combinations of traits that were never trained.

`evaluate.py PIPELINE --clip CLIP --judge JUDGE --held-out H --out O [--baseline OLD]` writes
`O/metrics.json` and `O/metrics.md`. With `--detail` and `--enlarger` it measures finished pictures.
What is painted stays in `O/pictures`, so a killed run goes on where it was and `--only kid,vendi`
measures again without painting again.
"""

import argparse
import json
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import measures
import numpy as np
import painting
import torch
import torch.nn.functional as F
from diffusers import AutoencoderTiny
from free_prompts import PROMPTS
from judge import accuracy, to_tensor
from measures import EDITS, Array, Pixels
from report import markdown
from subject import Subject
from training import DEVICE, grid

SETS, SEEDS = 16, 32  # fixed trait sets, and the pictures painted of each
CURVE = [(steps, guidance) for guidance in (1.0, 3.0) for steps in (4, 6, 8, 10, 20)]
CURVE_COUNT = 128
FREE_SEEDS = 4  # pictures of each free prompt
SHEET_SIDE = 384  # pixels of a picture on the sheet
Figures = dict[str, Any]


def adherence(s: Subject) -> Figures:
    """Share of pictures in which the judge sees the trait that was asked for."""
    labels = s.judge.labels(s.traits)
    figures: Figures = {}
    for name, pictures in {**s.compared, "renders": s.renders}.items():
        logits = s.logits(pictures)
        figures[name] = accuracy(logits, labels)
        mistakes = Counter(
            f"{group}: {values[right]} seen as {values[answer]}"
            for group, values in s.judge.groups.items()
            for right, answer in zip(
                labels[group].tolist(), logits[group].argmax(1).tolist(), strict=True
            )
            if right != answer
        )
        figures[f"{name}: most frequent mistakes"] = dict(mistakes.most_common(10))
    return figures


def clip(s: Subject) -> Figures:
    """Zero-shot reading of each group on held-out renders: the value whose text lies nearest.

    The text of a value is its clause of a caption ("happy eyes"), which is what clip.py trains: in
    the first of its wordings, or as the mean of the unit vectors of all of them. A value of which
    captions say nothing, as the colour of an absent hat, has no text and is not asked.
    """
    module = s.art.THEMES[s.theme]
    vectors = s.clip.images(s.renders)
    figures: Figures = {"texts": {}}
    for wordings in ("first wording", "all wordings"):
        logits, labels = {}, {}
        for group, phrases in module.PHRASES.items():
            rows = []
            for value, phrasings in phrases.items():
                used = phrasings[:1] if wordings == "first wording" else phrasings
                texts = [module.clauses({group: words})[-1] for words in used]
                figures["texts"].setdefault(f"{group}: {value}", texts[0])
                rows.append(s.clip.texts(texts).mean(0))
            classes = np.stack(rows) / np.linalg.norm(rows, axis=1, keepdims=True)
            values = [*phrases]
            worded = [i for i, traits in enumerate(s.traits) if traits[group] in phrases]
            logits[group] = torch.from_numpy(vectors[worded] @ classes.T)
            labels[group] = torch.tensor([values.index(s.traits[i][group]) for i in worded])
        figures[wordings] = accuracy(logits, labels)
    return figures


def duplicates(s: Subject) -> Figures:
    """Cosines of duplicates (edits of a picture) and of different ones (same traits, other seed).

    On renders, and on paintings: there the pairs are neighbours in the fixed trait sets.
    """
    n = s.o.seeds
    neighbour = np.concatenate([i * n + np.roll(np.arange(n), -1) for i in range(s.o.sets)])
    paintings = s.repeats["samples"]
    pairs = {
        "renders": (s.renders, s.other_renders(s.traits)),
        "paintings": (paintings, paintings[neighbour]),
    }
    figures: Figures = {}
    for name, (pictures, others) in pairs.items():
        vectors = s.clip.images(pictures)
        different = (vectors * s.clip.images(others)).sum(1)
        same = {}
        for kind, edit in EDITS.items():
            edited = np.stack([edit(picture, i) for i, picture in enumerate(pictures)])
            same[kind] = (vectors * s.clip.images(edited)).sum(1)
        everything = np.concatenate(list(same.values()))
        figures[name] = {
            "pairs of each kind": len(pictures),
            "different, called one": measures.called_one(pictures, others, different),
            "auc": {"overall": measures.roc_auc(everything, different)}
            | {kind: measures.roc_auc(cosines, different) for kind, cosines in same.items()},
            "best threshold": measures.best_threshold(everything, different),
            "quantiles": {
                kind: measures.quantiles(cosines)
                for kind, cosines in {"different": different, **same}.items()
            },
        }
    return figures


@torch.no_grad()
def vae(s: Subject) -> Figures:
    """Reconstruction of held-out renders, latents neither quantised nor clipped."""
    model, errors = AutoencoderTiny.from_pretrained(s.o.pipeline / "vae").float().to(DEVICE), []
    for first in range(0, len(s.renders), 8):
        x = to_tensor(s.renders[first : first + 8])
        latents = model.encode(x).latents
        d = (model.decode(latents).sample.clamp(-1, 1) - x) / 2
        errors += d.square().mean((1, 2, 3)).tolist()
    return {
        "psnr of the mean squared error": measures.psnr(statistics.fmean(errors)),
        "mean of the pictures' psnr": statistics.fmean(map(measures.psnr, errors)),
        "worst picture": measures.psnr(max(errors)),
    }


def kid(s: Subject) -> Figures:
    """KID against held-out renders; other renders of the same traits show what is nought."""
    others = {**s.compared, "other renders": s.other_renders(s.traits)}
    figures: Figures = {}
    for name, features in s.features().items():
        real = features(s.renders)
        figures[name] = {
            k: measures.kid(features(pictures), real) for k, pictures in others.items()
        }
    return figures


def vendi(s: Subject) -> Figures:
    """Mean Vendi score of fixed trait sets; "pixels" are 32 x 32, less the sets' mean render."""
    n = s.o.seeds
    means = [
        _small(part).mean(0, keepdims=True) for part in np.split(s.repeats["renders"], s.o.sets)
    ]
    figures: Figures = {"sets": s.o.sets, "seeds": n}
    features = s.features()
    for source, pictures in s.repeats.items():
        sets = np.split(pictures, s.o.sets)
        for name, of in features.items():
            score = statistics.fmean(measures.vendi(of(part)) for part in sets)
            figures.setdefault(name, {})[source] = score
        figures.setdefault("pixels", {})[source] = statistics.fmean(
            measures.vendi(_small(part) - mean) for part, mean in zip(sets, means, strict=True)
        )
    return figures


def _small(pictures: Pixels) -> Array:
    small = F.interpolate(to_tensor(pictures), (32, 32), mode="area")
    return small.flatten(1).double().cpu().numpy()


def curve(s: Subject) -> Figures:
    """What more steps and guidance bring."""
    traits = s.traits[:CURVE_COUNT]
    by_judge = s.features()["judge"]
    real, labels = by_judge(s.renders), s.judge.labels(traits)
    rows = []
    for steps, guidance in CURVE:
        pictures, seconds = s.paint(s.prompts(traits), steps, guidance)
        distance = measures.kid(by_judge(pictures), real, size=len(traits) // 2)
        right = accuracy(s.logits(pictures), labels)
        rows.append(
            {"steps": steps, "guidance": guidance, "adherence": right["mean"],
             "lowest group": min(right.values()), "kid": distance["mean"], "seconds": seconds}
        )  # fmt: skip
    return {"prompts": len(traits), "rows": rows}


def speed(s: Subject) -> Figures:
    """Seconds for a picture in batches of 8: the median of five, after one that does not count."""
    o, jobs = s.o, s.prompts(s.traits)[: painting.BATCH]
    painter, spent = painting.load(s.models, o.steps, o.guidance, o.dtype), []
    for _ in range(6):
        started = time.perf_counter()
        painting.batch(painter, jobs)
        spent.append((time.perf_counter() - started) / len(jobs))
    cuda = DEVICE.type == "cuda"
    return {
        "device": torch.cuda.get_device_name() if cuda else f"{painter.here.threads} CPU threads",
        "load before": round(os.getloadavg()[0], 2),
        "dtype": o.dtype,
        "seconds per picture": statistics.median(spent[1:]),
    }


def lines(s: Subject) -> Figures:
    """Median width of edges, in pixels, of paintings as large as they are and of renders as large.

    And of the paintings the share that is more than a quarter wider than its own render.
    """
    traits = s.traits[: s.o.lines]
    paintings = s.paint(s.prompts(traits), side=None)[0]
    renders = s.other_renders(traits, side=paintings.shape[1])
    widths = [[measures.edge_width(each) for each in part] for part in (paintings, renders)]
    blurred = [mine > 1.25 * clean for mine, clean in zip(*widths, strict=True)]
    return {
        "pictures": len(traits),
        "side": paintings.shape[1],
        "paintings": statistics.median(widths[0]),
        "renders": statistics.median(widths[1]),
        "paintings a quarter wider": statistics.fmean(blurred),
    }


def free(s: Subject) -> Figures:
    """Of free prompts: the share of what each asks for that the judge sees, in four pictures.

    Of those that the judge can read: a judge of the first edition knows few of their traits.
    """
    groups = s.judge.groups
    prompts = {
        prompt: traits
        for prompt, traits in PROMPTS[s.theme].items()
        if all(value in groups.get(group, ()) for group, value in traits.items())
    }
    jobs = [(prompt, seed) for prompt in prompts for seed in range(FREE_SEEDS)]
    logits = s.logits(s.paint(jobs)[0]) if jobs else {}
    rows = {}
    for i, (prompt, traits) in enumerate(prompts.items()):
        place = slice(i * FREE_SEEDS, (i + 1) * FREE_SEEDS)
        right = torch.stack([
            logits[group][place].argmax(1) == groups[group].index(value)
            for group, value in traits.items()
        ])  # fmt: skip
        rows[prompt] = {
            "traits": right.float().mean().item(), "all of them": right.all(0).tolist()
        }  # fmt: skip
    firsts = [row["all of them"][0] for row in rows.values()]
    return {"prompts": rows, "painted as asked, first picture": sum(firsts), "of": len(firsts)}


SECTIONS: dict[str, Callable[[Subject], Figures]] = {
    f.__name__: f for f in (speed, vae, clip, adherence, kid, lines, free, duplicates, vendi, curve)
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pipeline", type=Path)
    for name in ("clip", "judge", "held-out", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--detail", type=Path, help="the folder of a refiner that goes on")
    parser.add_argument("--at", type=float, default=0.5, help="where the refiner takes over")
    parser.add_argument("--enlarger", type=Path, help="the file of an enlarger")
    parser.add_argument("--baseline", type=Path, help="an older pipeline to compare with")
    parser.add_argument("--count", type=int, default=1000, help="held-out combinations to paint")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--lines", type=int, default=24, help="pictures whose edges are measured")
    parser.add_argument("--sets", type=int, default=SETS)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16", "float16"))
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, with commas")
    parser.add_argument("--sheet", type=Path, help="write the first 64 paintings, 8 x 8, here")
    o = parser.parse_args()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    o.out.mkdir(parents=True, exist_ok=True)
    subject = Subject(o)
    if o.sheet:
        first = subject.paint(subject.prompts(subject.traits)[:64], side=SHEET_SIDE)[0]
        grid(to_tensor(first), 8).save(o.sheet)
    settings = {
        "pipeline": str(o.pipeline), "digest": subject.models.digest, "theme": subject.theme,
        "count": o.count, "steps": o.steps, "guidance": o.guidance, "dtype": o.dtype,
        "device": DEVICE.type,
    }  # fmt: skip
    path = o.out / "metrics.json"
    figures = json.loads(path.read_text()) if path.exists() else {}
    if figures.get("settings") != settings:  # of another model: nothing of it is ours
        figures = {"settings": settings}
    for name in filter(None, o.only.split(",")):
        figures[name] = SECTIONS[name](subject)
        figures.setdefault("measured", {})[name] = {
            "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            "judge": str(o.judge), "clip": str(o.clip), "baseline": str(o.baseline),
        }  # fmt: skip
        print(name, json.dumps(figures[name])[:400], flush=True)
        path.write_text(json.dumps(figures, indent=1))
        (o.out / "metrics.md").write_text(markdown(figures))


if __name__ == "__main__":
    main()
