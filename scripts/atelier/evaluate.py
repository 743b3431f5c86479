"""Measure a pipeline and a CLIP on combinations of traits that were never trained.

`evaluate.py PIPELINE --clip CLIP --judge JUDGE --held-out H --out O [--baseline OLD]` writes
`O/metrics.json` and `O/metrics.md`. Pictures are kept in `O/pictures`, so a killed run goes on
where it was and `--only kid,vendi` measures again without painting again.
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
from judge import accuracy, to_tensor
from measures import EDITS, Array, Pixels
from report import written
from subject import Subject
from training import DEVICE, grid

SETS, SEEDS = 16, 32  # fixed trait sets, and the pictures painted of each
CURVE = [(steps, guidance) for guidance in (1.0, 3.0) for steps in (4, 6, 8, 10, 20)]
CURVE_COUNT = 128
Found = dict[str, Any]


def adherence(s: Subject) -> Found:
    """Share of pictures in which the judge sees the trait that was asked for."""
    labels = s.judge.labels(s.traits)
    found: Found = {}
    for name, pictures in {**s.compared, "renders": s.renders}.items():
        logits = s.logits(pictures)
        found[name] = accuracy(logits, labels)
        mistakes = Counter(
            f"{group}: {values[asked]} seen as {values[seen]}"
            for group, values in s.judge.groups.items()
            for asked, seen in zip(
                labels[group].tolist(), logits[group].argmax(1).tolist(), strict=True
            )
            if asked != seen
        )
        found[f"{name}: most frequent mistakes"] = dict(mistakes.most_common(10))
    return found


def clip(s: Subject) -> Found:
    """Zero-shot reading of each group on held-out renders: the value whose text lies nearest.

    The text of a value is its clause of a caption ("happy eyes"), which is what clip.py trains: in
    the first of its wordings, or as the mean of the unit vectors of all of them. A value of which
    captions say nothing, as the colour of an absent hat, has no text and is not asked.
    """
    module = s.art.THEMES[s.theme]
    vectors = s.clip.images(s.renders)
    found: Found = {"texts": {}}
    for wordings in ("first wording", "all wordings"):
        logits, labels = {}, {}
        for group, phrases in module.PHRASES.items():
            rows = []
            for value, said in phrases.items():
                said = said[:1] if wordings == "first wording" else said
                texts = [module.clauses({group: words})[-1] for words in said]
                found["texts"].setdefault(f"{group}: {value}", texts[0])
                rows.append(s.clip.texts(texts).mean(0))
            classes = np.stack(rows) / np.linalg.norm(rows, axis=1, keepdims=True)
            values = [*phrases]
            worded = [i for i, traits in enumerate(s.traits) if traits[group] in phrases]
            logits[group] = torch.from_numpy(vectors[worded] @ classes.T)
            labels[group] = torch.tensor([values.index(s.traits[i][group]) for i in worded])
        found[wordings] = accuracy(logits, labels)
    return found


def duplicates(s: Subject) -> Found:
    """Cosines of duplicates (edits of a picture) and of different ones (same traits, other seed).

    On renders, and on paintings: there the pairs are neighbours in the fixed trait sets.
    """
    n = s.o.seeds
    neighbour = np.concatenate([i * n + np.roll(np.arange(n), -1) for i in range(s.o.sets)])
    painted = s.repeats["samples"]
    pairs = {
        "renders": (s.renders, s.drawn(s.traits)),
        "paintings": (painted, painted[neighbour]),
    }
    found: Found = {}
    for name, (pictures, others) in pairs.items():
        vectors = s.clip.images(pictures)
        different = (vectors * s.clip.images(others)).sum(1)
        same = {}
        for kind, edit in EDITS.items():
            edited = np.stack([edit(picture, i) for i, picture in enumerate(pictures)])
            same[kind] = (vectors * s.clip.images(edited)).sum(1)
        everything = np.concatenate(list(same.values()))
        found[name] = {
            "pairs of each kind": len(pictures),
            "auc": {"overall": measures.roc_auc(everything, different)}
            | {kind: measures.roc_auc(cosines, different) for kind, cosines in same.items()},
            "best threshold": measures.best_threshold(everything, different),
            "quantiles": {
                kind: measures.quantiles(cosines)
                for kind, cosines in {"different": different, **same}.items()
            },
        }
    return found


@torch.no_grad()
def vae(s: Subject) -> Found:
    """Reconstruction of held-out renders, latents neither quantised nor clipped."""
    model, errors = s.painter.pipe.vae, []
    for first in range(0, len(s.renders), 8):
        x = to_tensor(s.renders[first : first + 8])
        told = model.encode(x.to(model.dtype))
        latents = told.latents if hasattr(told, "latents") else told.latent_dist.mode()
        d = (model.decode(latents).sample.float().clamp(-1, 1) - x) / 2
        errors += d.square().mean((1, 2, 3)).tolist()
    return {
        "psnr of the mean squared error": measures.psnr(statistics.fmean(errors)),
        "mean of the pictures' psnr": statistics.fmean(map(measures.psnr, errors)),
        "worst picture": measures.psnr(max(errors)),
    }


def kid(s: Subject) -> Found:
    """KID against held-out renders; other renders of the same traits show what is nought."""
    others = {**s.compared, "other renders": s.drawn(s.traits)}
    found: Found = {}
    for name, features in s.features().items():
        real = features(s.renders)
        found[name] = {k: measures.kid(features(pictures), real) for k, pictures in others.items()}
    return found


def vendi(s: Subject) -> Found:
    """Mean Vendi score of fixed trait sets; "pixels" are 32 x 32, less the sets' mean render."""
    n = s.o.seeds
    means = [
        _small(part).mean(0, keepdims=True) for part in np.split(s.repeats["renders"], s.o.sets)
    ]
    found: Found = {"sets": s.o.sets, "seeds": n}
    features = s.features()
    for source, pictures in s.repeats.items():
        sets = np.split(pictures, s.o.sets)
        for name, of in features.items():
            score = statistics.fmean(measures.vendi(of(part)) for part in sets)
            found.setdefault(name, {})[source] = score
        found.setdefault("pixels", {})[source] = statistics.fmean(
            measures.vendi(_small(part) - mean) for part, mean in zip(sets, means, strict=True)
        )
    return found


def _small(pictures: Pixels) -> Array:
    small = F.interpolate(to_tensor(pictures), (32, 32), mode="area")
    return small.flatten(1).double().cpu().numpy()


def curve(s: Subject) -> Found:
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


def speed(s: Subject) -> Found:
    """Seconds for a picture in batches of 8, beside the UNet's and the decoder's alone."""
    pipe, steps, guidance = s.painter.pipe, s.o.steps, s.o.guidance
    jobs = s.prompts(s.traits)[: painting.BATCH]
    wide = len(jobs) * (2 if guidance > 1 else 1)
    side = pipe.unet.config.sample_size
    kind: Any = {"device": DEVICE, "dtype": pipe.unet.dtype}
    x = torch.randn(wide, pipe.unet.config.in_channels, side, side, **kind)
    window = pipe.tokenizer.model_max_length
    words = torch.randn(wide, window, pipe.unet.config.cross_attention_dim, **kind)
    with torch.inference_mode():
        whole = _timed(lambda: painting.batch(s.painter, jobs, steps, guidance)) / len(jobs)
        unet = steps * _timed(lambda: pipe.unet(x, 500, words)) / len(jobs)
        decoder = _timed(lambda: pipe.vae.decode(x[: len(jobs)])) / len(jobs)
    cuda = DEVICE.type == "cuda"
    return {
        "device": torch.cuda.get_device_name()
        if cuda
        else f"{torch.get_num_threads()} CPU threads",
        "load before": round(os.getloadavg()[0], 2),
        "dtype": str(pipe.unet.dtype).removeprefix("torch."),
        "seconds per picture": whole,
        "pictures per second": 1 / whole,
        "of it UNet": unet,
        "of it decoder": decoder,
        "floor, pictures per second": 1 / (unet + decoder),
    }


def _timed(work: Callable[[], object], times: int = 5) -> float:
    """The median of a few runs after one that does not count."""
    taken = []
    for _ in range(times + 1):
        started = time.perf_counter()
        work()
        if DEVICE.type == "cuda":
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:])


SECTIONS: dict[str, Callable[[Subject], Found]] = {
    f.__name__: f for f in (speed, vae, clip, adherence, kid, duplicates, vendi, curve)
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pipeline", type=Path)
    for name in ("clip", "judge", "held-out", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--baseline", type=Path, help="an older pipeline to compare with")
    parser.add_argument("--count", type=int, default=1000, help="held-out combinations to paint")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--guidance", type=float, default=3.0)
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
        first = subject.paint(subject.prompts(subject.traits)[:64])[0]
        grid(to_tensor(first), 8).save(o.sheet)
    settings = {
        "pipeline": str(o.pipeline), "digest": subject.painter.digest, "theme": subject.theme,
        "count": o.count, "steps": o.steps, "guidance": o.guidance, "dtype": o.dtype,
        "device": DEVICE.type,
    }  # fmt: skip
    path = o.out / "metrics.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    if found.get("settings") != settings:  # of another model: nothing of it is ours
        found = {"settings": settings}
    for name in filter(None, o.only.split(",")):
        found[name] = SECTIONS[name](subject)
        found.setdefault("measured", {})[name] = {
            "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            "judge": str(o.judge), "clip": str(o.clip), "baseline": str(o.baseline),
        }  # fmt: skip
        print(name, json.dumps(found[name])[:400], flush=True)
        path.write_text(json.dumps(found, indent=1))
        (o.out / "metrics.md").write_text(written(found))


if __name__ == "__main__":
    main()
