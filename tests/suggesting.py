"""A suggester with random weights: the mechanism of the shipped one, not its accuracy."""

from __future__ import annotations

from dataclasses import replace

import torch

from model.baselines import build
from model.config import EncoderConfig, ModelConfig
from model.features import MAX_INPUT
from model.pipeline import Settings, Suggester
from model.ranking import Ranker
from model.vocabulary import LENGTH, TARGET_TOKENS


def tiny_suggester() -> Suggester:
    """Few candidates in few steps from a network of a few hundred thousand parameters."""
    torch.manual_seed(0)
    encoder = EncoderConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=MAX_INPUT,
    )
    config = ModelConfig(len(TARGET_TOKENS), LENGTH, dim=32, embedding_dim=16, num_heads=2)
    layers = {"denoiser_layers": 1, "decoder_layers": 1, "causal_layers": 1}
    config = replace(config, encoder=encoder, **layers)
    return Suggester(build(config), Ranker(), Settings(count=2, steps=2))
