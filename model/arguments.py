"""Options of training from the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import MISSING, fields
from pathlib import Path

from model.config import ModelConfig
from model.training import Options

TYPES = {"Path": Path, "Path | None": Path, "float | None": float, "int | None": int}
TYPES |= {"int": int, "float": float, "str": str}
SHAPE = (
    *("draws", "noise_factor", "self_conditioning", "unrolled", "dropout"),
    *("dim", "denoiser_layers", "decoder_layers", "causal_layers"),
)
"""Fields of the model's configuration that may be set."""


def parse(
    argv: Sequence[str] | None, description: str, kinds: Sequence[str] = ("codefusion",)
) -> tuple[Options, argparse.Namespace]:
    """The options of a run, and the rest: ``kind``, ``start`` and the model's shape."""
    parser = argparse.ArgumentParser(description=description)
    for field in fields(Options):
        _add(parser, field.name, str(field.type), field.default)
    parser.add_argument("--kind", choices=kinds, default=kinds[0])
    parser.add_argument(  # torchrun would take "--start" for its own "--start-method"
        "--start-from", dest="start", type=Path, help="directory of a run to take the weights of"
    )
    for field in fields(ModelConfig):
        if field.name in SHAPE:
            _add(parser, field.name, str(field.type), field.default)
    found = parser.parse_args(argv)
    options = Options(**{field.name: getattr(found, field.name) for field in fields(Options)})
    return options, found


def _add(parser: argparse.ArgumentParser, name: str, kind: str, default: object) -> None:
    flag = "--" + name.replace("_", "-")
    if kind == "bool":
        parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=default)
    else:
        needed = default is MISSING
        parser.add_argument(
            flag, type=TYPES[kind], required=needed, default=None if needed else default
        )


def shape_of(found: argparse.Namespace) -> dict[str, float]:
    """The model's shape as keywords of :class:`model.config.ModelConfig`."""
    return {name: getattr(found, name) for name in SHAPE}
