"""Put trained models into the package: float16, safetensors, the folders that libraries load.

`ship.py --pipeline P --clip C --upscaler U --judge J` writes to mint/atelier; a part that is not
named stays.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
import vocabulary
from diffusers import (
    AutoencoderTiny,
    DPMSolverMultistepScheduler,
    StableDiffusionPipeline,
)
from editions import EDITIONS
from transformers import (
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPTokenizer,
    ResNetForImageClassification,
)

# What training left in the settings: paths of that machine, and how it cut and filled its captions.
LEFT = ("_name_or_path", "max_length", "pad_to_multiple_of", "pad_token_type_id", "padding_side",
        "stride", "truncation_side", "truncation_strategy")  # fmt: skip
LIMIT = 60_000_000  # bytes, of all models together
HERE = Path(__file__).parents[2] / "mint" / "atelier"


def clean(folder: Path) -> None:
    """Remove what is not part of a model from its settings; let everybody read its files."""
    for path in folder.rglob("*.*"):
        path.chmod(0o644)
        if path.suffix == ".json":
            settings = json.loads(path.read_text())
            own = {name: value for name, value in settings.items() if name not in LEFT}
            own |= {name: None for name in ("truncation", "padding") if name in own}
            path.write_text(json.dumps(own, indent=2, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pipeline", type=Path, help="folder made by diffusion.py")
    parser.add_argument("--vae", type=Path, help="in place of the pipeline's (a tuned decoder)")
    parser.add_argument("--detail", type=Path, help="folder made by diffusion.py --noisiest")
    parser.add_argument("--clip", type=Path, help="folder made by clip.py")
    parser.add_argument("--upscaler", type=Path, help="file made by upscaler.py")
    parser.add_argument("--x2", type=Path, help="the same with --scale 2")
    parser.add_argument("--judge", type=Path, help="folder made by classifier.py")
    parser.add_argument("--gan", type=Path, help="folder made by gan.py")
    parser.add_argument("--vae-painter", type=Path, help="folder made by vae_painter.py")
    parser.add_argument("--edition", type=int, choices=list(EDITIONS), default=1)
    parser.add_argument("--out", type=Path, default=HERE)
    o = parser.parse_args()
    for name, folder in (("pipeline", o.pipeline), ("detail", o.detail)):
        if folder:
            shutil.rmtree(o.out / name, ignore_errors=True)
            pipeline = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None)
            if o.vae:
                pipeline.vae = AutoencoderTiny.from_pretrained(o.vae)
            if name == "detail":  # a refiner paints by its own scheduler
                of = pipeline.scheduler.config
                pipeline.scheduler = DPMSolverMultistepScheduler.from_config(of)
            pipeline.to(torch.float16).save_pretrained(o.out / name)
            clean(o.out / name)
    if o.pipeline:
        vocabulary.write(o.out / "pipeline", o.edition)
    if o.clip:
        shutil.rmtree(o.out / "clip", ignore_errors=True)
        CLIPModel.from_pretrained(o.clip).to(torch.float16).save_pretrained(o.out / "clip")
        CLIPTokenizer.from_pretrained(o.clip).save_pretrained(o.out / "clip")
        CLIPImageProcessorPil.from_pretrained(o.clip).save_pretrained(o.out / "clip")
        clean(o.out / "clip")
    for name, file in (("model", o.upscaler), ("x2", o.x2)):
        if file:
            (o.out / "upscaler").mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, o.out / "upscaler" / f"{name}.safetensors")
    if o.judge:
        shutil.rmtree(o.out / "judge", ignore_errors=True)
        model = ResNetForImageClassification.from_pretrained(o.judge)
        model.to(torch.float16).save_pretrained(o.out / "judge")
        shutil.copyfile(
            o.judge / "preprocessor_config.json", o.out / "judge" / "preprocessor_config.json"
        )
        clean(o.out / "judge")
    for name, folder in (("gan", o.gan), ("vae", o.vae_painter)):
        if folder:
            shutil.rmtree(o.out / name, ignore_errors=True)
            shutil.copytree(folder, o.out / name, copy_function=shutil.copyfile)
    size = sum(file.stat().st_size for file in o.out.rglob("*.safetensors"))
    print(f"{size / 1e6:.1f} MB of weights")
    if size > LIMIT:
        raise SystemExit(f"more than {LIMIT / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
