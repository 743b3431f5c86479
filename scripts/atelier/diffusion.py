"""Train the painter: a UNet2DConditionModel and its CLIPTextModel, together, from nothing.

v-prediction on a scaled-linear schedule with zero terminal SNR, so that the first step may start
from pure noise (Lin et al. 2024, arXiv 2305.08891). Every step counts alike: in flat art an edge
between two inks of nearly one colour is lost in all but the last bit of noise, and steps with
little noise that count less (min-SNR, Hang et al. 2023, arXiv 2303.09556) leave it a smear. Places
where a trait shows count more, by `telling`.

With `--noisiest 600` and pictures of 512 px it learns the last part of the way only: a model that
goes on with pictures made larger (as SDXL's refiner and eDiff-I's experts, arXiv 2307.01952 and
2211.01324), which `image.refiners` calls `atelier-detail`.
"""

import json
from pathlib import Path
from random import Random

import torch
from diffusers import (
    AutoencoderTiny,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from diffusers.models.attention_processor import AttnProcessor
from editions import edition_of
from places import roaming, telling
from tokenizer import build, text_settings
from torch import Tensor, nn
from training import DEVICE, RANK, WORLD, autocast, grid, images, options, train
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

TEXT, TIME = 128, 128  # numbers of a word, and of the step
SCHEDULE = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
    "steps_offset": 1,
}


def denoiser(
    channels: list[int], latents: int, layers: int, heads: list[int] | None = None
) -> UNet2DConditionModel:
    """32 x 32 latents without attention, then the levels that read the words.

    `heads` of attention at each level; without them one for each 32 channels.
    """
    lower = len(channels) - 1
    return UNet2DConditionModel(
        sample_size=32,
        in_channels=latents,
        out_channels=latents,
        block_out_channels=channels,
        layers_per_block=layers,
        down_block_types=("DownBlock2D",) + ("CrossAttnDownBlock2D",) * lower,
        up_block_types=("CrossAttnUpBlock2D",) * lower + ("UpBlock2D",),
        cross_attention_dim=TEXT,
        attention_head_dim=heads or [max(1, c // 32) for c in channels],
        norm_num_groups=16,
        time_embedding_dim=TIME,
    )


@torch.no_grad()
def encode(folder: Path, vae: AutoencoderTiny) -> Tensor:
    """Latents (N, C, side / 8, side / 8) of this process's share: every WORLD-th picture."""
    parts = []
    for pixels in images(folder)[RANK::WORLD].split(16):
        x = (pixels.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(
            memory_format=torch.channels_last
        )
        with autocast():
            parts.append(vae.encode(x).latents.float())
    return torch.cat(parts).contiguous()


def latents_of(folder: Path, out: Path, vae: AutoencoderTiny) -> Tensor:
    """`encode`, remembered beside the checkpoints."""
    path = out / f"latents-{RANK}-{WORLD}.pt"
    if not path.exists():
        out.mkdir(parents=True, exist_ok=True)
        torch.save(encode(folder, vae), path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)
    latents: Tensor = torch.load(path, map_location=DEVICE, weights_only=True)
    return latents


def inherit(text: CLIPTextModel, tokenizer: CLIPTokenizer, folder: Path) -> None:
    """Begin with the text encoder of the pipeline in `folder`, which may know other words.

    Words that both know keep their vectors; places beyond its window begin as its last.
    """
    before = CLIPTextModel.from_pretrained(folder / "text_encoder").state_dict()
    old = CLIPTokenizer.from_pretrained(folder / "tokenizer").get_vocab()
    state = text.state_dict()
    for name, values in before.items():
        if "token_embedding" in name:
            for word, place in tokenizer.get_vocab().items():
                if word in old:
                    state[name][place] = values[old[word]]
        elif "position_embedding" in name:
            rest = len(state[name]) - len(values)
            state[name] = torch.cat([values, values[-1:].repeat(rest, 1)])
        else:
            state[name] = values
    text.load_state_dict(state)


def main() -> None:
    parser = options(steps=20_000, batch=48)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--channels", type=int, nargs="+", default=[96, 160, 224])
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--warm-start", type=Path, help="begin with this pipeline's weights")
    parser.add_argument("--every", type=int, default=500)
    parser.add_argument("--share", nargs="+", default=[], help="THEME=WEIGHT; 1 unless told")
    parser.add_argument("--mind", nargs="+", default=[], help="TRAIT=WEIGHT: see roaming")
    parser.add_argument("--noisiest", type=int, default=1000, help="learn only steps before this")
    parser.add_argument("--muon", action="store_true", help="Muon's steps for the matrices")
    o = parser.parse_args()
    mind = {group: float(weight) for group, weight in (one.split("=") for one in o.mind)}
    torch.manual_seed(o.seed)
    vae = AutoencoderTiny.from_pretrained(o.vae).requires_grad_(False)
    vae.to(DEVICE, memory_format=torch.channels_last)
    art = edition_of(o.data)
    tokenizer = build(art=art)
    text = CLIPTextModel(CLIPTextConfig(**text_settings(tokenizer, TEXT))).to(DEVICE)
    before = o.warm_start and UNet2DConditionModel.from_pretrained(o.warm_start / "unet")
    heads = before.config.attention_head_dim if before else None  # of a widened one: fewer
    unet = denoiser(o.channels, vae.config.latent_channels, o.layers, heads)
    unet.to(DEVICE, memory_format=torch.channels_last)
    if DEVICE.type == "cpu":
        unet.set_attn_processor(AttnProcessor())  # trains 1.4 x as fast as the fused one
    if before:
        unet.load_state_dict(before.state_dict())
        inherit(text, tokenizer, o.warm_start)
    pictures = json.loads((o.data / "traits.json").read_text())[RANK::WORLD]
    latents = latents_of(o.data, o.out, vae)
    unet.register_to_config(sample_size=latents.shape[-1])
    places = {}
    for theme in {name for name, _ in pictures}:
        rows = [i for i, (name, _) in enumerate(pictures) if name == theme]
        traits = [pictures[i][1] for i in rows]
        places[theme] = telling(latents[rows], traits)
        for group in mind.keys() & traits[0].keys():
            there = roaming(latents[rows], [had[group] for had in traits])
            places[theme] = places[theme] + mind[group] * there
    scheduler = DDIMScheduler(**SCHEDULE, clip_sample=False)
    alphas = scheduler.alphas_cumprod.to(DEVICE)

    share = {theme: float(weight) for theme, weight in (one.split("=") for one in o.share)}
    if strange := share.keys() - places.keys():
        parser.error(f"--share names {sorted(strange)}, and {o.data} has {sorted(places)}")
    chances = torch.tensor([share.get(theme, 1.0) for theme, _ in pictures])

    def loss(step: int) -> dict[str, Tensor]:
        which = torch.multinomial(chances, o.batch, replacement=True).tolist()
        random = Random(int(torch.randint(2**31, (1,))))
        # One caption in ten is empty: guidance needs to know what a picture without words is.
        words = [
            "" if random.random() < 0.1 else art.caption(*pictures[i], random, drop=0.08)
            for i in which
        ]
        tokens = tokenizer(words, padding="max_length", truncation=True, return_tensors="pt")
        x0 = latents[which]
        noise = torch.randn_like(x0)
        t = torch.randint(0, o.noisiest, (o.batch,), device=DEVICE)
        a = alphas[t].view(-1, 1, 1, 1)
        xt = (a.sqrt() * x0 + (1 - a).sqrt() * noise).contiguous(memory_format=torch.channels_last)
        target = a.sqrt() * noise - (1 - a).sqrt() * x0
        with autocast():
            context = text(input_ids=tokens.input_ids.to(DEVICE)).last_hidden_state
            predicted = unet(xt, t, context).sample
        squared = (predicted.float() - target).square()
        importance = torch.stack([places[pictures[i][0]] for i in which])
        return {"loss": (importance * squared).mean(), "mse": squared.mean()}

    random = Random("samples")
    wanted: list[str] = []
    while len(wanted) < 16:
        theme = pictures[len(wanted) % len(pictures)][0]
        traits = art.sample(theme, random)
        if art.held_out(theme, traits):
            wanted.append(art.caption(theme, traits))

    def save() -> None:
        pipeline = StableDiffusionPipeline(
            vae=vae,
            text_encoder=text,
            tokenizer=tokenizer,
            unet=unet,
            scheduler=scheduler,
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
        pipeline.save_pretrained(o.out / "pipeline")
        if o.noisiest < 1000:
            return  # from noise alone it paints nothing
        pipeline.scheduler = DPMSolverMultistepScheduler.from_config(scheduler.config)
        pipeline.set_progress_bar_config(disable=True)
        with torch.no_grad(), autocast():
            painted = pipeline(
                wanted,
                num_inference_steps=10,
                guidance_scale=3,
                generator=[torch.Generator().manual_seed(i) for i in range(len(wanted))],
                output_type="pt",
            ).images
        grid(painted * 2 - 1, 4).save(o.out / "samples.png")

    models: dict[str, nn.Module] = {"unet": unet, "text_encoder": text}
    train(
        o.out,
        models,
        loss,
        steps=o.steps,
        lr=o.lr,
        seed=o.seed,
        ema=0.999,
        muon=o.muon,
        save=save,
        every=o.every,
    )


if __name__ == "__main__":
    main()
