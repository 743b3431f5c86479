"""Measure painters on pictures that none of them saw: `held_out.py --data H PIPELINE...`.

Prints the mean squared error of v, in all and for each theme, over the same steps and noise for
every pipeline. Only pipelines with the same autoencoder can be compared so.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from random import Random

import torch
from diffusers import AutoencoderTiny, DDIMScheduler, UNet2DConditionModel
from diffusion import SCHEDULE, encode
from editions import edition_of
from training import DEVICE
from transformers import CLIPTextModel, CLIPTokenizer

BATCH = 24


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pipelines", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, required=True, help="folder made by data.py")
    parser.add_argument("--seed", type=int, default=5)
    o = parser.parse_args()
    art, pictures = edition_of(o.data), json.loads((o.data / "traits.json").read_text())
    vae = AutoencoderTiny.from_pretrained(o.pipelines[0] / "vae").float().to(DEVICE)
    latents = encode(o.data, vae)
    alphas = DDIMScheduler(**SCHEDULE, clip_sample=False).alphas_cumprod.to(DEVICE)
    for folder in o.pipelines:
        unet = UNet2DConditionModel.from_pretrained(folder / "unet").float().to(DEVICE)
        text = CLIPTextModel.from_pretrained(folder / "text_encoder").float().to(DEVICE)
        tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
        chance, errors = torch.Generator().manual_seed(o.seed), defaultdict(list)
        for first in range(0, len(pictures), BATCH):
            rows, x0 = pictures[first : first + BATCH], latents[first : first + BATCH]
            noise = torch.randn(x0.shape, generator=chance).to(DEVICE)
            t = torch.randint(0, 1000, (len(rows),), generator=chance).to(DEVICE)
            a = alphas[t].view(-1, 1, 1, 1)
            words = [art.caption(*row, Random(first + i)) for i, row in enumerate(rows)]
            tokens = tokenizer(words, padding="max_length", truncation=True, return_tensors="pt")
            context = text(input_ids=tokens.input_ids.to(DEVICE)).last_hidden_state
            v = unet(a.sqrt() * x0 + (1 - a).sqrt() * noise, t, context).sample
            squared = (v - (a.sqrt() * noise - (1 - a).sqrt() * x0)).square().mean((1, 2, 3))
            for (theme, _), error in zip(rows, squared.tolist(), strict=True):
                errors[theme].append(error)
        means = {theme: round(sum(each) / len(each), 4) for theme, each in errors.items()}
        total = sum(sum(each) for each in errors.values()) / len(pictures)
        print(folder, round(total, 4), means, flush=True)


if __name__ == "__main__":
    main()
