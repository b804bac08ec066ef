"""Weights on disk: safetensors shards of a few megabytes beside ``config.json``.

Tables and the largest matrices are int8 with a scale for every row, all else is float16; loading
needs neither the pre-trained package nor a network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.overrides import TorchFunctionMode

from grammar.errors import ModelError
from model.baselines import build
from model.codefusion import RuleModel
from model.config import read_config, write_config

SHARD_BYTES = 14_000_000
QUANTISED_FROM = 500_000
"""Matrices of at least so many entries are kept as int8."""
SCALE = ".scale"


def quantise(weight: Tensor) -> tuple[Tensor, Tensor]:
    """int8 of the same shape and float32 scales ``(rows, 1)``: weight ≈ int8 × scale."""
    scale = weight.abs().amax(dim=1, keepdim=True).clamp_min(1e-8) / 127
    return (weight / scale).round().to(torch.int8), scale


def pack(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """What is written to disk for the weights of a model."""
    packed: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if weight.dim() == 2 and weight.numel() >= QUANTISED_FROM:
            packed[name], packed[name + SCALE] = quantise(weight.float())
        else:
            packed[name] = weight.to(torch.float16)
    return packed


def unpack(packed: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights in float32 again."""
    return {
        name: tensor.float() * packed[name + SCALE] if name + SCALE in packed else tensor.float()
        for name, tensor in packed.items()
        if not name.endswith(SCALE)
    }


def shards(packed: dict[str, Tensor], limit: int = SHARD_BYTES) -> list[dict[str, Tensor]]:
    """Tensors in order, cut where a file would grow beyond ``limit`` bytes."""
    found: list[dict[str, Tensor]] = [{}]
    size = 0
    for name, tensor in packed.items():
        if found[-1] and size + tensor.nbytes > limit:
            found.append({})
            size = 0
        found[-1][name] = tensor.contiguous()
        size += tensor.nbytes
    return found


def save_weights(model: RuleModel, directory: Path) -> list[Path]:
    """The shards written, beside their configuration; older shards there are removed."""
    directory.mkdir(parents=True, exist_ok=True)
    for stale in directory.glob("model-*.safetensors"):
        stale.unlink()
    parts = shards(pack(model.state_dict()))
    paths = [directory / f"model-{number:02}.safetensors" for number in range(len(parts))]
    for path, part in zip(paths, parts, strict=True):
        save_file(part, path)
    write_config(model.config, directory / "config.json")
    return paths


class _Unfilled(TorchFunctionMode):
    """Leaves large random weights undrawn, which takes longer than to read the right ones.

    The ``meta`` device does so too, but imports torch's compiler, which takes longer still.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - whatever torch's function returns
        """What ``func`` returns; a tensor that is to be filled comes back as it is."""
        given = kwargs or {}
        if getattr(func, "__name__", "") in ("normal_", "uniform_", "kaiming_uniform_"):
            return args[0] if args else given["tensor"]
        return func(*args, **given)


def load_weights(directory: Path) -> RuleModel:
    """The model in a directory, ready to sample.

    Raises:
        ModelError: weights that are missing or of another shape.
    """
    with _Unfilled():
        model = build(read_config(directory / "config.json"))
    packed: dict[str, Tensor] = {}
    for path in sorted(directory.glob("model-*.safetensors")):
        packed |= load_file(path)
    try:
        model.load_state_dict(unpack(packed), assign=True)
    except RuntimeError as error:
        raise ModelError(f"the weights in {directory} do not fit their config: {error}") from error
    return model.eval()
