"""Training examples on disk and as batches of nearly equal length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from grammar.errors import ModelError

MASK_PIECE = 103
FIRST_WORD_PIECE = 999
"""Ids below are ``[unused…]`` symbols and markers, which are never dropped."""
BUCKET = 50
"""Batches that are shuffled together and cut by length."""


@dataclass(frozen=True)
class Example:
    """One request as word pieces and its program as token ids, both without padding rules."""

    input_ids: list[int]
    segment_ids: list[int]
    target: list[int]
    weight: float = 1.0


@dataclass(frozen=True)
class Batch:
    """Tensors of B examples: ids int64 and mask bool ``(B, S)``, targets ``(B, L)``, weights."""

    input_ids: Tensor
    segment_ids: Tensor
    mask: Tensor
    targets: Tensor
    weights: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device."""
        return Batch(*(getattr(self, name).to(device) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Examples:
    """Columns of a data file; ``offsets`` cut ``input_ids`` and ``segment_ids`` by example."""

    input_ids: NDArray[np.uint16]
    segment_ids: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    targets: NDArray[np.int16]
    weights: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.targets)

    def lengths(self) -> NDArray[np.int64]:
        """Word pieces of every example."""
        return np.diff(self.offsets)

    def batch(self, rows: NDArray[np.int64]) -> Batch:
        """The examples of these rows, padded to the longest."""
        spans = [(int(self.offsets[row]), int(self.offsets[row + 1])) for row in rows]
        width = max(end - start for start, end in spans)
        ids = np.zeros((len(rows), width), np.int64)
        segments = np.zeros_like(ids)
        for place, (start, end) in enumerate(spans):
            ids[place, : end - start] = self.input_ids[start:end]
            segments[place, : end - start] = self.segment_ids[start:end]
        lengths = np.array([end - start for start, end in spans])
        return Batch(
            torch.from_numpy(ids),
            torch.from_numpy(segments),
            torch.from_numpy(np.arange(width) < lengths[:, None]),
            torch.from_numpy(self.targets[rows].astype(np.int64)),
            torch.from_numpy(self.weights[rows]),
        )


def save_examples(path: Path, examples: Iterable[Example]) -> int:
    """The number of examples written to an ``.npz`` file.

    Raises:
        ModelError: there are none.
    """
    kept = list(examples)
    if not kept:
        raise ModelError(f"no examples to write to {path}")
    lengths = [len(each.input_ids) for each in kept]
    np.savez_compressed(
        path,
        input_ids=np.concatenate([np.asarray(each.input_ids, np.uint16) for each in kept]),
        segment_ids=np.concatenate([np.asarray(each.segment_ids, np.uint8) for each in kept]),
        offsets=np.cumsum([0, *lengths], dtype=np.int64),
        targets=np.asarray([each.target for each in kept], np.int16),
        weights=np.asarray([each.weight for each in kept], np.float32),
    )
    return len(kept)


def load_examples(path: Path) -> Examples:
    """The examples of an ``.npz`` file.

    Raises:
        ModelError: no such file, or one with other contents.
    """
    try:
        with np.load(path, allow_pickle=False) as data:
            return Examples(*(data[name] for name in Examples.__dataclass_fields__))
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"cannot read training examples from {path}: {error}") from error


def epoch_batches(
    examples: Examples, batch_size: int, rng: np.random.Generator, world: int = 1
) -> list[NDArray[np.int64]]:
    """Rows by batch, each example once: shuffled, then alike in length within a batch.

    So are every ``world`` batches in a row, lest one process waits for another at every step; what
    is left over of them sits the epoch out.
    """
    order = rng.permutation(len(examples))
    lengths = examples.lengths()
    batches: list[NDArray[np.int64]] = []
    for start in range(0, len(order), batch_size * BUCKET):
        pool = order[start : start + batch_size * BUCKET]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches += [pool[i : i + batch_size] for i in range(0, len(pool), batch_size)]
    groups = [batches[i : i + world] for i in range(0, len(batches), world)]
    whole = [groups[i] for i in rng.permutation(len(batches) // world)]
    return [batch for group in whole for batch in group] or batches


def in_order(examples: Examples, batch_size: int) -> Iterator[Batch]:
    """All examples in the order of the file."""
    for start in range(0, len(examples), batch_size):
        yield examples.batch(np.arange(start, min(start + batch_size, len(examples))))


def drop_words(batch: Batch, share: float) -> Batch:
    """The batch with a share of its words (never symbols or markers) masked."""
    if share <= 0:
        return batch
    drop = (torch.rand(batch.input_ids.shape) < share) & (batch.input_ids >= FIRST_WORD_PIECE)
    ids = batch.input_ids.masked_fill(drop, MASK_PIECE)
    return Batch(ids, batch.segment_ids, batch.mask, batch.targets, batch.weights)
