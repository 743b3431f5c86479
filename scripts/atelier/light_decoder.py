"""Train a decoder for atelier's latents, with a quarter of its own one's work, for GAN and VAE.

Mean absolute difference to the renders and to their edges: flat colours leave little else to
learn. Noise on the latents teaches it to bear what a generator gets wrong.
"""

import torch
from one_pass import blank, decoder_of, latents, save_part
from torch import Tensor
from training import DEVICE, RANK, WORLD, autocast, grid, images, options, train

from mint.models.generator import decoded

CROP = 16  # places of latents; eight times as many pixels
RIM = 16  # pixels
NOISE = 0.1


def inner(first: int) -> Tensor:
    """(8 * CROP,): 0 near an end of a crop, where a convolution sees zeros and the picture goes on.

    1 elsewhere, also at the end of the picture itself.
    """
    seen = torch.ones(8 * CROP)
    seen[: RIM * (first > 0)] = 0
    seen[len(seen) - RIM * (first < 32 - CROP) :] = 0
    return seen


def main() -> None:
    parser = options(steps=3000, batch=16)
    parser.set_defaults(lr=2e-3)
    o = parser.parse_args()
    torch.manual_seed(o.seed)
    codes, drawn = latents(o.data, o.out.parent), images(o.data)[RANK::WORLD]
    learning = decoder_of(blank())

    def loss(step: int) -> dict[str, Tensor]:
        which = torch.randint(len(codes), (o.batch,)).tolist()
        # Beyond either end too, so that crops at the picture's rim are as frequent as others.
        corners = torch.randint(-4, 32 - CROP + 5, (o.batch, 2)).clamp(0, 32 - CROP).tolist()
        places = [(i, y, x) for i, (y, x) in zip(which, corners, strict=True)]
        crops = torch.stack([codes[i, :, y : y + CROP, x : x + CROP] for i, y, x in places])
        pixels = [
            drawn[i, 8 * y : 8 * (y + CROP), 8 * x : 8 * (x + CROP)].permute(2, 0, 1)
            for i, y, x in places
        ]
        spread = NOISE * torch.rand(o.batch, 1, 1, 1, device=DEVICE)
        crops = crops + spread * torch.randn_like(crops)
        with autocast():
            painted = decoded(learning, crops.contiguous(memory_format=torch.channels_last))
        off = (painted.float() - torch.stack(pixels).float() / 255) * torch.stack(
            [inner(y)[:, None] * inner(x) for _, y, x in places]
        ).unsqueeze(1).to(DEVICE)
        edges = off.diff(dim=2).abs().mean() + off.diff(dim=3).abs().mean()
        return {"loss": off.abs().mean() + 0.5 * edges, "mse": off.square().mean()}

    def save() -> None:
        save_part(o.out / "decoder.safetensors", learning)
        with torch.no_grad():
            grid(decoded(learning, codes[:16]) * 2 - 1, 4).save(o.out / "samples.png")

    models = {"decoder": learning}
    train(o.out, models, loss, steps=o.steps, lr=o.lr, seed=o.seed, ema=0.998, save=save)


if __name__ == "__main__":
    main()
