"""A pipeline whose U-Net has a LoRA to be learned: pictures, words and noise into numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.errors import RenderError
from mint.models.families import class_name, family_of
from mint.models.painter import load_pipeline
from mint.models.runtime import device_of, import_torch, set_deterministic
from mint.models.tuning import Layers, Tuning
from mint.models.weights import Model, is_generator
from mint.paint.words import encoder
from mint.plan.recipe import Diffusion

if TYPE_CHECKING:
    from torch import Tensor

    from mint.paint.png import Pixels

# Pipelines that learn here: a U-Net that takes the noise out of latents, by a DDPM's schedule.
BASES = ("StableDiffusionPipeline", "StableDiffusionXLPipeline")
PREDICTIONS = ("epsilon", "v_prediction", "sample")
# Linear layers that attention is made of, and the convolutions between.
ATTENTION = ["to_q", "to_k", "to_v", "to_out.0"]
PLACES: dict[Layers, list[str]] = {
    "attention": ATTENTION,
    "all": [
        *ATTENTION, "proj_in", "proj_out", "ff.net.0.proj", "ff.net.2",
        "conv1", "conv2", "conv_shortcut", "time_emb_proj",
    ],
}  # fmt: skip
MIN_SNR = 5.0  # Hang et al. 2023, arXiv 2303.09556
Words = dict[str, "Tensor"]


class Noised(NamedTuple):
    """Latents (n, c, h, w) with noise on them, at timesteps (n,), and what the model should say.

    `weights` (n,) are those of the pictures' squared errors.
    """

    latents: Tensor
    timesteps: Tensor
    target: Tensor
    weights: Tensor


def refuse_untaught(folder: Path) -> str:
    """The class of the pipeline in `folder`, which learns here; raises RenderError for others."""
    hint = f"choose a model of one of: {', '.join(BASES)}; atelier is one"
    if is_generator(folder):
        raise RenderError(f"{folder} is a GAN or a VAE, which learns no LoRA", hint=hint)
    name = class_name(folder)
    if name not in BASES:
        raise RenderError(f"a {name} is not taught here", hint=hint)
    return name


class Student:
    """The model, in float32 on the runtime's device; only the LoRA's numbers can change.

    Raises RenderError for a model that cannot be loaded, or that learned otherwise.
    """

    def __init__(self, model: Model, diffusion: Diffusion, tuning: Tuning) -> None:
        torch = import_torch()
        set_deterministic(torch, tuning.runtime.threads)
        self.torch, self.tuning = torch, tuning
        self.device = device_of(tuning.runtime)
        self.pipe = load_pipeline(model, diffusion).to(self.device)
        config = self.pipe.scheduler.config
        _refuse_flow(self.pipe)
        self.predicts = config.prediction_type
        self.alphas = self.pipe.scheduler.alphas_cumprod.to(self.device, torch.float32)
        for part in self.pipe.components.values():
            if hasattr(part, "requires_grad_"):
                part.requires_grad_(False)
        self.unet = self.pipe.unet
        self._add_lora()
        self._encode = encoder(self.pipe, family_of(tuning.base), guided=False)

    def _add_lora(self) -> None:
        from diffusers.models.attention_processor import AttnProcessor
        from peft import LoraConfig

        tuning = self.tuning
        settings = LoraConfig(
            r=tuning.rank,
            lora_alpha=tuning.rank,
            init_lora_weights="gaussian",
            target_modules=PLACES[tuning.layers],
        )
        with self.torch.random.fork_rng(devices=[]):
            self.torch.manual_seed(tuning.seed)
            self.unet.add_adapter(settings)
        if self.device == "cpu":
            self.unet.set_attn_processor(AttnProcessor())  # learns 1.4 times as fast as sdpa
            self.unet.to(memory_format=self.torch.channels_last)

    def lora(self) -> dict[str, Any]:
        """The numbers that learn, by name."""
        return {name: p for name, p in self.unet.named_parameters() if p.requires_grad}

    def file(self) -> dict[str, Tensor]:
        """The LoRA in peft's names, in half precision: half as large, as good.

        Diffusers reads them as they are; those of its own converter mix two kinds where more than
        attention has learned, and it then reads half of them.
        """
        from peft.utils import get_peft_model_state_dict

        weights = get_peft_model_state_dict(self.unet)
        return {f"unet.{name}": w.half().contiguous().cpu() for name, w in sorted(weights.items())}

    def latents(self, pictures: Sequence[Pixels]) -> Tensor:
        """Pictures (height, width, 3) as the U-Net sees them: (n, c, h, w)."""
        latents: Tensor = self.torch.cat([self._latents(pixels) for pixels in pictures])
        return latents

    def _latents(self, pixels: Pixels) -> Tensor:
        vae, torch = self.pipe.vae, self.torch
        rows = torch.from_numpy(pixels.copy()).to(self.device)
        with torch.no_grad():
            coded = vae.encode(rows.permute(2, 0, 1)[None].float() / 127.5 - 1)
        latents = coded.latents if hasattr(coded, "latents") else coded.latent_dist.mode()
        scaled: Tensor = latents * vae.config.scaling_factor
        return scaled

    def words(self, captions: Sequence[str]) -> Words:
        """A row for each caption, by the argument of the U-Net that it goes into."""
        with self.torch.no_grad():
            rows = self._encode(captions, [""] * len(captions))
        words = {"encoder_hidden_states": rows["prompt_embeds"]}
        if "pooled_prompt_embeds" in rows:  # SDXL, which also reads size, cut and size again
            wide, high = self.tuning.width, self.tuning.height
            sizes = self.torch.tensor([[high, wide, 0, 0, high, wide]] * len(captions))
            words["text_embeds"] = rows["pooled_prompt_embeds"]
            words["time_ids"] = sizes.to(self.device, self.torch.float32)
        return words

    def predict(self, noised: Noised, words: Words) -> Tensor:
        """What the model with the LoRA says of noised pictures."""
        sizes = {name: row for name, row in words.items() if name != "encoder_hidden_states"}
        with self.torch.autocast(self.device, self.torch.bfloat16, enabled=self.tuning.half):
            sample = self.unet(
                noised.latents,
                noised.timesteps,
                words["encoder_hidden_states"],
                added_cond_kwargs=sizes or None,
            ).sample
        return sample.float()  # type: ignore[no-any-return]  # diffusers has no types here

    def before(self, noised: Noised, words: Words) -> Tensor:
        """What the model said before it learned anything."""
        with self.torch.no_grad(), self._untaught():
            return self.predict(noised, words)

    @contextmanager
    def _untaught(self) -> Iterator[None]:
        self.unet.disable_adapters()
        try:
            yield
        finally:
            self.unet.enable_adapters()

    def noised(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Noised:
        """Latents under noise (n, c, h, w), as far as the timesteps (n,) say."""
        alphas = self.alphas[timesteps]
        a = alphas.view(-1, 1, 1, 1)
        mixed = a.sqrt() * latents + (1 - a).sqrt() * noise
        target = {
            "epsilon": noise,
            "v_prediction": a.sqrt() * noise - (1 - a).sqrt() * latents,
            "sample": latents,
        }[self.predicts]
        snr = alphas / (1 - alphas).clamp(min=1e-8)
        weights = {
            "epsilon": snr.clamp(max=MIN_SNR) / snr.clamp(min=1e-8),
            "v_prediction": (snr.clamp(max=MIN_SNR) + 1) / (snr + 1),
            "sample": snr.clamp(max=MIN_SNR),
        }[self.predicts]
        if self.device == "cpu":
            mixed = mixed.contiguous(memory_format=self.torch.channels_last)
        return Noised(mixed, timesteps, target, weights)


def _refuse_flow(pipe: Any) -> None:
    """Raise RenderError for a model that learned by another kind of noise than is taught here."""
    kind, config = type(pipe.scheduler).__name__, pipe.scheduler.config
    has_alphas = hasattr(pipe.scheduler, "alphas_cumprod")
    if not has_alphas or config.get("prediction_type") not in PREDICTIONS:
        raise RenderError(
            f"the model learned by {kind}, whose noise is not taught here",
            hint=f"choose a model that predicts one of: {', '.join(PREDICTIONS)}",
        )
    if pipe.unet.config.in_channels != pipe.vae.config.latent_channels:
        raise RenderError(
            f"the model reads {pipe.unet.config.in_channels} channels, and pictures have "
            f"{pipe.vae.config.latent_channels}: it fills holes or edits pictures",
            hint="choose the model that paints from words alone",
        )
