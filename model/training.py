"""The training loop of both phases and of every kind of head.

Seeded, resumable, bounded by minutes or steps; logs one JSON object a line to ``log.jsonl``, keeps
an average of the weights and measures sampling itself on held-out examples, since the losses do not
show when sampling fails. Under ``torchrun`` every process takes its own batches.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from torch import Tensor, nn

from grammar.errors import ModelError
from model.codefusion import RuleModel
from model.dataset import Batch, Examples, drop_words, epoch_batches, load_examples
from model.validation import accuracy_by_steps

Objective = Callable[[RuleModel, Batch], dict[str, Tensor]]
CHECKPOINT = "checkpoint.pt"
WORD_TABLE = "encoder.bert.words.weight"
FLOOR = 0.02
"""Share of the peak learning rate that the cosine ends at."""


def averaged_weights(run: Path) -> dict[str, Tensor]:
    """The averaged weights of a run, by name.

    Raises:
        ModelError: the folder holds no checkpoint.
    """
    path = run / CHECKPOINT
    if not is_zipfile(path):  # which is what torch writes
        raise ModelError(f"{path} is no checkpoint of a training; name a run's folder")
    found: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)["average"]
    return found


@dataclass(frozen=True)
class Options:
    """How to train; ``minutes`` or ``steps`` bound the run and shape the cosine."""

    data: Path
    out: Path
    validation: Path | None = None
    minutes: float | None = None
    steps: int | None = None
    seed: int = 0
    batch_size: int = 64
    lr: float = 8e-4
    encoder_lr: float = 1e-4
    weight_decay: float = 0.01
    warmup_steps: int = 150
    clip: float = 1.0
    ema_decay: float = 0.998
    word_dropout: float = 0.03
    rules_share: float = 0.07
    unconditional: float = 0.5
    log_every: int = 10
    checkpoint_minutes: float = 10.0
    validation_minutes: float = 10.0
    validation_size: int = 256
    resume: bool = False
    threads: int = 1
    device: str = "cpu"
    bf16: bool = True
    freeze_words: bool = False
    """Leave the encoder's word table as it is: words that the corpus lacks keep their place."""
    freeze_encoder: bool = False
    """Leave the whole encoder as it is, as where heads are compared on one encoder."""

    def __post_init__(self) -> None:
        if self.minutes is None and self.steps is None:
            raise ModelError("training needs an end: give minutes or steps")


@dataclass
class Progression:
    """Where a run stands; kept in its checkpoint."""

    step: int = 0
    samples: int = 0
    seconds: float = 0.0


def rank() -> int:
    """This process among those of ``torchrun``."""
    return int(os.environ.get("RANK", "0"))


def world() -> int:
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def parameter_groups(model: RuleModel, options: Options) -> list[dict[str, Any]]:
    """Parameters that learn, by rate and decay: only matrices decay, embeddings do not."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        frozen = options.freeze_words and name == WORD_TABLE
        frozen |= options.freeze_encoder and name.startswith("encoder.")
        parameter.requires_grad_(not frozen)
        if not parameter.requires_grad:
            continue
        rate = options.encoder_lr if name.startswith("encoder.bert.") else options.lr
        table = "words" in name or "positions" in name or "segments" in name or "free" in name
        decay = 0.0 if parameter.dim() < 2 or table else options.weight_decay
        groups.setdefault((rate, decay), []).append(parameter)
    return [
        {"params": found, "lr": rate, "peak": rate, "weight_decay": decay}
        for (rate, decay), found in groups.items()
    ]


class Trainer:
    """One run: a model, its average, an optimiser and a place in the data."""

    def __init__(self, model: RuleModel, options: Options, objective: Objective) -> None:
        torch.set_num_threads(options.threads)
        self.options = options
        self.objective = objective
        self.device = torch.device(options.device)
        if self.device.type == "cuda":
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        self.model = model.to(self.device)
        self.average = deepcopy(self.model).eval().requires_grad_(False)
        self.optimizer = torch.optim.AdamW(
            parameter_groups(self.model, options), betas=(0.9, 0.98), fused=True
        )
        self.data = load_examples(options.data)
        self.validation = load_examples(options.validation) if options.validation else None
        self.place = Progression()
        self.history: list[dict[str, float]] = []
        self.last_checkpoint = self.last_validation = 0.0
        options.out.mkdir(parents=True, exist_ok=True)
        self._order: tuple[int, list[NDArray[np.int64]]] = (-1, [])
        torch.manual_seed(options.seed * 1000 + rank())
        if options.resume:
            self.restore()

    def run(self) -> RuleModel:
        """The average of the weights once the time or the steps are used up."""
        self._join()
        columns = (TextColumn("{task.description}"), TimeElapsedColumn())
        quiet = rank() > 0 or not sys.stderr.isatty()
        with Progress(*columns, disable=quiet) as progress:
            task = progress.add_task("training", total=None)
            while self.fraction() < 1:
                progress.update(task, description=self.train_step())
        self.validate()
        self.save()
        return self.average

    def fraction(self) -> float:
        """The share of the run that is done, by time or by steps, whichever is further."""
        by_time = self.place.seconds / (60 * self.options.minutes) if self.options.minutes else 0
        by_step = self.place.step / self.options.steps if self.options.steps else 0
        return max(by_time, by_step)

    def train_step(self) -> str:
        """A line for the progress bar after one step of the optimiser."""
        started = time.monotonic()
        batch = self.next_batch().to(self.device)
        self.model.train()
        with self.autocast():
            terms = self.objective(self.model, batch)
        torch.autograd.backward(terms["loss"])
        self.update()
        self.place.step += 1
        self.place.samples += len(batch.targets) * world()
        losses = {name: float(term.detach()) for name, term in terms.items()}
        self.place.seconds = self._agreed(self.place.seconds + time.monotonic() - started)
        self.record(losses)
        return f"step {self.place.step}, loss {losses['loss']:.3f}"

    def autocast(self) -> AbstractContextManager[object]:
        """bfloat16 for matrix products where it is asked for."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.options.bf16)

    def next_batch(self) -> Batch:
        """The batch at this step: the order of an epoch follows from seed and epoch alone."""
        epoch, place = divmod(self.place.step, self._batches_an_epoch())
        rows = self._epoch(epoch)[place * world() + rank()]
        return drop_words(self.data.batch(rows), self.options.word_dropout)

    def _batches_an_epoch(self) -> int:
        return max(math.ceil(len(self.data) / self.options.batch_size) // world(), 1)

    def _epoch(self, epoch: int) -> list[NDArray[np.int64]]:
        if self._order[0] != epoch:
            rng = np.random.default_rng([self.options.seed, epoch])
            self._order = (epoch, epoch_batches(self.data, self.options.batch_size, rng, world()))
        return self._order[1]

    def update(self) -> None:
        """Clip, step, and move the average."""
        self._share_gradients()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.options.clip)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * self.rate()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        decay = min(self.options.ema_decay, (1 + self.place.step) / (10 + self.place.step))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.average.parameters()), list(self.model.parameters()), 1 - decay
            )

    def rate(self) -> float:
        """The learning rate as a share of its peak: linear warm-up, then a cosine."""
        warm = min((self.place.step + 1) / max(self.options.warmup_steps, 1), 1.0)
        cosine = 0.5 * (1 + math.cos(math.pi * min(self.fraction(), 1.0)))
        return warm * (FLOOR + (1 - FLOOR) * cosine)

    def _join(self) -> None:
        if world() > 1 and not torch.distributed.is_initialized():
            backend = "nccl" if self.device.type == "cuda" else "gloo"
            torch.distributed.init_process_group(backend)

    def _agreed(self, seconds: float) -> float:
        """The longest time of all processes, so that all of them stop at the same step."""
        if world() == 1:
            return seconds
        longest = torch.tensor([seconds], device=self.device)
        torch.distributed.all_reduce(longest, torch.distributed.ReduceOp.MAX)
        return float(longest)

    def _share_gradients(self) -> None:
        if world() == 1:
            return
        for parameter in self.model.parameters():
            if parameter.grad is None and parameter.requires_grad:
                parameter.grad = torch.zeros_like(parameter)
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        torch.distributed.all_reduce(flat)
        parts = torch.split(flat / world(), [gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def record(self, losses: dict[str, float]) -> None:
        """Keep the losses; log, validate and save when their time has come."""
        self.history.append({"rules": losses["rules"]} if "rules" in losses else losses)
        if len(self.history) >= self.options.log_every:
            self.log(mean_of(self.history))
            self.history = []
        elapsed = self.place.seconds / 60
        if elapsed - self.last_validation >= self.options.validation_minutes:
            self.validate()
        if elapsed - self.last_checkpoint >= self.options.checkpoint_minutes:
            self.save()

    def log(self, entry: dict[str, Any]) -> None:
        """Append a line to ``log.jsonl``."""
        if rank() > 0:
            return
        place = {
            "step": self.place.step,
            "samples": self.place.samples,
            "minutes": round(self.place.seconds / 60, 2),
            "samples_per_second": round(self.place.samples / max(self.place.seconds, 1e-6), 2),
        }
        with (self.options.out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(place | entry) + "\n")

    def validate(self) -> None:
        """Log the accuracy of sampling with the averaged weights, by number of steps.

        The time that it takes counts as time of the run.
        """
        started = time.monotonic()
        self.last_validation = self.place.seconds / 60
        if self.validation is None or rank() > 0:
            return
        held_out: Examples = self.validation
        with torch.random.fork_rng(), self.autocast():
            found = accuracy_by_steps(
                self.average, held_out, self.device, self.options.validation_size
            )
        self.place.seconds += time.monotonic() - started
        self.log({"validation": found})

    def save(self) -> None:
        """Write the checkpoint, replacing the last one only when it is whole."""
        self.last_checkpoint = self.place.seconds / 60
        if rank() > 0:
            return
        state = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "place": vars(self.place),
            "rng": torch.get_rng_state(),
        }
        path = self.options.out / CHECKPOINT
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def restore(self) -> None:
        """Go on where the checkpoint in ``out`` stands; from the start where there is none."""
        path = self.options.out / CHECKPOINT
        if not path.exists():
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.place = Progression(**state["place"])
        torch.set_rng_state(state["rng"].cpu())
        self.last_checkpoint = self.last_validation = self.place.seconds / 60


def mean_of(entries: list[dict[str, float]]) -> dict[str, float]:
    """The mean of every term over the entries that have it."""
    names = {name: None for entry in entries for name in entry}
    return {
        name: round(float(np.mean([entry[name] for entry in entries if name in entry])), 4)
        for name in names
    }
