"""What the fork server imports once, so that a child of test_faults starts warm."""

import diffusers  # noqa: F401, TID253  preloading is this module's purpose
import eth_tester  # noqa: F401, TID253
import torch  # noqa: F401, TID253
import transformers  # noqa: F401, TID253
import web3  # noqa: F401, TID253
from diffusers import StableDiffusionPipeline  # noqa: F401, TID253
from transformers import CLIPModel  # noqa: F401, TID253

import mint.build
import mint.chain.local
import mint.launch.mint  # noqa: F401
