"""What the fork server imports once, so that its children start warm."""

# ruff: noqa: E402, F401, TID253  preloading is this module's purpose
from mint.models.runtime import import_torch

import_torch()  # before the libraries read what it sets

import diffusers
import eth_tester
import transformers
import web3
from diffusers import StableDiffusionPipeline
from transformers import CLIPModel

import mint.build
import mint.chain.local
import mint.cli
import mint.launch.mint
