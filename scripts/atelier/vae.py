"""Train the autoencoder: pictures of 256 px to 32 x 32 latents of 8 channels and back.

diffusers' AutoencoderTiny. `--stages 5 --latents 16` and data of 512 px make one whose latents are
32 x 32 as well, so that a step of the painter costs what it did. Non-affine batch norm gives every
latent channel unit variance while training and is folded into the encoder's last convolution
afterwards, so `scaling_factor` is 1. Noise on the latents teaches the decoder to bear what a
denoiser leaves.
"""

import json
from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from diffusers.models.autoencoders.vae import AutoencoderTinyBlock
from measures import psnr
from torch import Tensor, nn
from training import DEVICE, autocast, grid, images, options, train

CROP = 128  # px, of 256; of larger pictures as much larger
NOISE = 0.05
# Residual blocks of a stage, from the latents' size up; a block at the picture's own costs most.
BLOCKS = {4: (2, 2, 1, 1), 5: (3, 3, 2, 1, 0)}


def model(width: int, latents: int, stages: int) -> AutoencoderTiny:
    """The autoencoder, every residual block near the identity at first."""
    blocks = BLOCKS[stages]
    vae = AutoencoderTiny(
        latent_channels=latents,
        encoder_block_out_channels=(width,) * stages,
        decoder_block_out_channels=(width,) * stages,
        num_encoder_blocks=(0, *blocks[-2::-1]),
        num_decoder_blocks=blocks,
        scaling_factor=1.0,
    )
    for layer in vae.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_in", nonlinearity="linear")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    with torch.no_grad():
        for block in vae.modules():
            if isinstance(block, AutoencoderTinyBlock):
                first, second, last = (c for c in block.conv if isinstance(c, nn.Conv2d))
                first.weight.mul_(1.4)
                second.weight.mul_(1.4)
                last.weight.mul_(0.2)
        output(vae).weight.mul_(0.3)
        # The decoder answers in [0, 1] and rescales: begin at a light grey.
        output(vae).bias.fill_(0.7)
    return vae.to(DEVICE, memory_format=torch.channels_last)


def output(vae: AutoencoderTiny) -> nn.Conv2d:
    """The decoder's last convolution."""
    return [layer for layer in vae.decoder.modules() if isinstance(layer, nn.Conv2d)][-1]


def fold(vae: AutoencoderTiny, norm: nn.BatchNorm2d) -> AutoencoderTiny:
    """A copy whose encoder gives normalised latents by itself."""
    copy = AutoencoderTiny.from_config(vae.config)
    copy.load_state_dict(vae.state_dict())
    last = [layer for layer in copy.encoder.modules() if isinstance(layer, nn.Conv2d)][-1]
    scale = (norm.running_var + norm.eps).rsqrt().cpu()
    with torch.no_grad():
        last.weight.mul_(scale[:, None, None, None])
        last.bias.copy_((last.bias - norm.running_mean.cpu()) * scale)
    return copy


def main() -> None:
    parser = options(steps=20_000, batch=4)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--latents", type=int, default=8, help="channels")
    parser.add_argument("--stages", type=int, choices=list(BLOCKS), default=4)
    parser.add_argument("--held-out", type=Path, help="data folder to measure on")
    parser.add_argument("--decoder-only", action="store_true", help="leave the latents as they are")
    parser.add_argument("--warm-start", type=Path, help="begin with the weights of this folder")
    parser.add_argument("--noise", type=float, default=NOISE)
    o = parser.parse_args()
    if o.decoder_only and not o.warm_start:
        parser.error("--decoder-only needs the encoder of --warm-start")
    torch.manual_seed(o.seed)
    vae = model(o.width, o.latents, o.stages)
    norm = nn.BatchNorm2d(o.latents, affine=False, momentum=0.02).to(DEVICE)
    if o.warm_start:
        vae.load_state_dict(AutoencoderTiny.from_pretrained(o.warm_start).state_dict())
    if o.decoder_only:
        vae.encoder.requires_grad_(False)
    drawn = images(o.data)
    size, step = drawn.shape[1], 2 ** (o.stages - 1)
    crop = CROP * size // 256
    held_images = images(o.held_out or o.data)[:64].permute(0, 3, 1, 2).float() / 127.5 - 1

    def batch() -> Tensor:
        which = torch.randint(len(drawn), (o.batch,)).tolist()
        corners = (torch.randint(0, (size - crop) // step + 1, (o.batch, 2)) * step).tolist()
        crops = [
            drawn[i, y : y + crop, x : x + crop] for i, (y, x) in zip(which, corners, strict=True)
        ]
        pixels = torch.stack(crops).permute(0, 3, 1, 2).float() / 127.5 - 1
        return pixels.contiguous(memory_format=torch.channels_last)

    def loss(step: int) -> dict[str, Tensor]:
        x = batch()
        with autocast():
            z = vae.encoder(x)
        z = z.float() if o.decoder_only else norm(z.float())
        z = z + o.noise * torch.randn_like(z)
        with autocast():
            y = vae.decoder(z)
        d = y.float() - x
        squared = d.square().mean()
        # Edges: the differences of neighbours, which make outlines crisp.
        edges = d.diff(dim=-1).abs().mean() + d.diff(dim=-2).abs().mean()
        return {"loss": 4 * squared + 0.5 * d.abs().mean() + 0.25 * edges, "mse": squared}

    def save() -> None:
        shipped = vae if o.decoder_only else fold(vae, norm).to(DEVICE)
        shipped.save_pretrained(o.out / "vae")
        with torch.no_grad(), autocast():
            painted = torch.cat(
                [
                    shipped.decode(shipped.encode(x).latents).sample.float()
                    for x in held_images.split(8)
                ]
            )
        grid(torch.cat([held_images[:8], painted[:8]]), 8).save(o.out / "samples.png")
        error = (painted.clamp(-1, 1) - held_images) / 2
        line = {"psnr": round(psnr(error.square().mean().item()), 3)}
        (o.out / "metrics.json").write_text(json.dumps(line))
        print(line, flush=True)

    models: dict[str, nn.Module] = {"vae": vae, "norm": norm}
    train(
        o.out,
        models,
        loss,
        steps=o.steps,
        lr=o.lr,
        seed=o.seed,
        save=save,
        betas=(0.9, 0.99),
        weight_decay=1e-4,
        every=1000,
    )


if __name__ == "__main__":
    main()
