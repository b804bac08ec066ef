"""The network's configuration: one frozen object, JSON beside the weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from grammar.errors import ModelError


@dataclass(frozen=True)
class EncoderConfig:
    """The shape of a BERT encoder; the defaults are those of MiniLM-L6-H384-uncased."""

    vocab_size: int = 30522
    hidden_size: int = 384
    num_hidden_layers: int = 6
    num_attention_heads: int = 12
    intermediate_size: int = 1536
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    layer_norm_eps: float = 1e-12


@dataclass(frozen=True)
class ModelConfig:
    """The shape of the whole network.

    ``kind`` is ``codefusion`` or a peer of :mod:`model.baselines`; ``noise_factor`` is F of
    :mod:`model.scheduler`; ``draws`` is the number of noisings of each sample in training;
    ``unrolled`` is the share of its self-conditioned noisings that go on from an own guess;
    ``causal_layers`` is the depth of the decoder that proposes programs left to right, before any
    are drawn (0: none); ``dropout`` slows learning and earns its keep only over several epochs.
    """

    vocab_size: int
    length: int
    kind: str = "codefusion"
    dim: int = 256
    embedding_dim: int = 64
    num_heads: int = 8
    denoiser_layers: int = 4
    decoder_layers: int = 2
    causal_layers: int = 3
    dropout: float = 0.0
    num_train_timesteps: int = 1000
    noise_factor: float = 4.0
    self_conditioning: float = 0.5
    unrolled: float = 1.0
    draws: int = 4
    encoder: EncoderConfig = field(default_factory=EncoderConfig)

    def __post_init__(self) -> None:
        if self.dim % self.num_heads:
            raise ModelError(f"dim {self.dim} is no multiple of num_heads {self.num_heads}")


def _known(kind: type, values: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(values) - {entry.name for entry in fields(kind)})
    if unknown:
        raise ModelError(f"unknown keys in the model's configuration: {', '.join(unknown)}")
    return values


def config_from_dict(values: dict[str, Any]) -> ModelConfig:
    """The configuration that :func:`config_to_dict` wrote.

    Raises:
        ModelError: an unknown or a missing key.
    """
    encoder = EncoderConfig(**_known(EncoderConfig, values.get("encoder", {})))
    try:
        return ModelConfig(**{**_known(ModelConfig, values), "encoder": encoder})
    except TypeError as error:
        raise ModelError(f"the model's configuration is incomplete: {error}") from error


def config_to_dict(config: ModelConfig) -> dict[str, Any]:
    """The configuration as plain JSON values."""
    return asdict(config)


def read_config(path: Path) -> ModelConfig:
    """The configuration in a JSON file.

    Raises:
        ModelError: no such file, no JSON, or keys that are not known.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot read the model's configuration {path}: {error}") from error
    return config_from_dict(values)


def write_config(config: ModelConfig, path: Path) -> None:
    """Write the configuration as indented JSON."""
    path.write_text(json.dumps(config_to_dict(config), indent=2) + "\n", encoding="utf-8")
