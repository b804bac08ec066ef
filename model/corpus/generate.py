"""The training corpus: ``python -m model.corpus.generate --out train.npz --count 200000``.

A mixture of hand-written requests with values, colours and columns swapped, templates, requests
abstracted to templates, with a target added or two in one, and, where they are given, published
pairs.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import click
from rich.progress import track

from grammar.conditions import columns_of
from grammar.errors import CellFusionError
from grammar.table import Table
from grammar.table_json import NO_COLUMN
from model.corpus.abstraction import abstract, generic_words
from model.corpus.augment import Sample, join, make_sample, narrow, vary
from model.corpus.flags import retell
from model.corpus.notation import SpokenRule, move_rule, parse_rules
from model.corpus.pairs import Pair, load_pairs, pair_sample, without_table
from model.corpus.schemas import Schema, load_schemas, sample_table
from model.corpus.tails import add_tail
from model.corpus.templates import Template, instantiate, load_templates
from model.dataset import Example, save_examples
from model.features import Symbols, encode_input
from model.linking import Linked
from model.linking.columns import bare_letters_in, letters_in
from model.vocabulary import to_ids

TODAY = dt.date(2026, 11, 23)
"""The day on which the requests were written; dates without a year belong to its year."""
SHARES = {
    "request": 0.45,
    "template": 0.15,
    "abstract": 0.14,
    "tail": 0.06,
    "joint": 0.07,
    "bare": 0.03,
    "pair": 0.1,
}
BARE_PAIRS = 0.15
"""Share of the pairs that come without their table."""
_TAIL_TRIES = 8
"""Most requests have a style or a target already, and take no tail."""
DROPPED_LINKS = 0.2
"""Share of samples that lose or gain a column mention, so that the model learns to doubt them."""


@dataclass
class Corpus:
    """Everything that samples are drawn from."""

    schemas: tuple[Schema, ...]
    templates: tuple[Template, ...]
    abstracted: tuple[Template, ...]
    pairs: tuple[Sample, ...]
    bare_pairs: tuple[Sample, ...] = ()

    @classmethod
    def load(cls, pair_paths: tuple[Path, ...], seed: int, held_out: bool = False) -> Corpus:
        """The corpus; ``held_out`` takes the pairs that training never sees instead."""
        schemas, templates = load_schemas(), load_templates()
        chosen = [p for path in pair_paths for p in load_pairs(path) if p.held_out == held_out]
        abstracted = _abstracted(schemas, templates, seed)
        bare = _pairs(map(without_table, chosen))
        return cls(schemas, templates, abstracted, _pairs(chosen), bare)


def _abstracted(
    schemas: tuple[Schema, ...], templates: tuple[Template, ...], seed: int
) -> tuple[Template, ...]:
    generic, rng = generic_words(schemas, templates), random.Random(seed)
    found = []
    for schema in schemas:
        table = sample_table(schema, rng, 20)
        for say, rules in schema.requests:
            sample = make_sample(say, parse_rules(rules), table, TODAY)
            template = sample and abstract(say, rules, sample, schema, generic)
            if template:
                found.append(template)
    return tuple(found)


def _pairs(pairs: Iterable[Pair]) -> tuple[Sample, ...]:
    samples = (pair_sample(pair, TODAY) for pair in pairs)
    return tuple(sample for sample in samples if sample)


class Sampler:
    """Draws samples of a corpus, the same ones for the same seed."""

    def __init__(self, corpus: Corpus, seed: int) -> None:
        self.corpus = corpus
        self.rng = random.Random(seed)
        shares = {k: v for k, v in SHARES.items() if k != "pair" or corpus.pairs}
        self.kinds, self.weights = list(shares), list(shares.values())
        self.draws: dict[str, Callable[[], Sample | None]] = {
            "request": self.request,
            "template": lambda: self.template(self.corpus.templates),
            "abstract": lambda: self.template(self.corpus.abstracted),
            "tail": self.tail,
            "joint": self.joint,
            "bare": self.bare,
            "pair": self.pair,
        }

    def samples(self) -> Iterator[tuple[str, Sample]]:
        """Endless ``(kind, sample)``."""
        while True:
            kind = self.rng.choices(self.kinds, self.weights)[0]
            sample = self.draws[kind]()
            if sample:
                yield kind, self.doubtful(sample)

    def table(self, schema: Schema) -> Table:
        return sample_table(schema, self.rng, self.rng.randint(6, 26))

    def request(self) -> Sample | None:
        schema = self.rng.choice(self.corpus.schemas)
        say, written = self.rng.choice(schema.requests)
        return self.spoken(schema, self.table(schema), say, parse_rules(written))

    def spoken(
        self, schema: Schema, table: Table, say: str, rules: tuple[SpokenRule, ...]
    ) -> Sample | None:
        table, rules = retell(say, table, rules, self.rng)
        if not any(chain(letters_in(say, table), bare_letters_in(say, table))):
            # no letter names the place, so it need not stay
            table, rules = narrow(schema, table, rules, self.rng)
        sample = make_sample(say, rules, table, TODAY)
        return vary(sample, self.rng, TODAY) if sample else None

    def template(self, templates: tuple[Template, ...]) -> Sample | None:
        schema, template = self.rng.choice(self.corpus.schemas), self.rng.choice(templates)
        table = self.table(schema)
        filled = instantiate(template, schema, table, self.rng)
        if not filled:
            return None
        try:
            rules = parse_rules(filled[1])
        except CellFusionError:
            return None
        return self.spoken(schema, table, filled[0], rules)

    def tail(self) -> Sample | None:
        for _ in range(_TAIL_TRIES):
            schema = self.rng.choice(self.corpus.schemas)
            say, written = self.rng.choice(schema.requests)
            found = add_tail(say, parse_rules(written), schema, self.rng)
            if found:
                return self.spoken(schema, self.table(schema), *found)
        return None

    def joint(self) -> Sample | None:
        schema = self.rng.choice(self.corpus.schemas)
        table = self.table(schema)
        chosen = self.rng.sample(schema.requests, 2)
        parts = [make_sample(say, parse_rules(rules), table, TODAY) for say, rules in chosen]
        if parts[0] is None or parts[1] is None:
            return None
        return join(parts[0], parts[1], self.rng, TODAY)

    def bare(self) -> Sample | None:
        """A request about one column, said where no table is known."""
        say, written = self.rng.choice(self.rng.choice(self.corpus.schemas).requests)
        rules = parse_rules(written)
        used = {index for rule in rules for index in columns_of(rule.condition)}
        if len(used) != 1 or any(rule.target.columns for rule in rules):
            return None
        moved = [move_rule(rule, dict.fromkeys(used, 0)) for rule in rules]
        sample = make_sample(say, moved, NO_COLUMN, TODAY)
        return vary(sample, self.rng, TODAY) if sample else None

    def pair(self) -> Sample | None:
        is_bare = self.corpus.bare_pairs and self.rng.random() < BARE_PAIRS
        chosen = self.corpus.bare_pairs if is_bare else self.corpus.pairs
        return vary(self.rng.choice(chosen), self.rng, TODAY)

    def doubtful(self, sample: Sample) -> Sample:
        """The sample with a column mention lost or misplaced now and then."""
        linked = sample.linked
        if self.rng.random() >= DROPPED_LINKS or not linked.columns:
            return sample
        kept = [mention for mention in linked.columns if self.rng.random() < 0.5]
        if self.rng.random() < 0.3:
            wrong = self.rng.randrange(len(linked.table.columns))
            kept.append(replace(self.rng.choice(linked.columns), column=wrong))
        return replace(sample, linked=replace(linked, columns=tuple(kept)))


def to_example(linked: Linked, program: tuple[str, ...], symbols: Symbols) -> Example:
    """Word pieces and token ids under one choice of symbols."""
    ids, segments = encode_input(linked, symbols)
    return Example(ids, segments, to_ids(symbols.rename(list(program))))


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--count", default=200_000, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--pairs", type=click.Path(path_type=Path, exists=True), multiple=True)
@click.option("--held-out", is_flag=True, help="Take the pairs that training never sees.")
def main(out: Path, count: int, seed: int, pairs: tuple[Path, ...], held_out: bool) -> None:
    """Write a corpus of COUNT samples as word pieces and programs."""
    kinds = write_corpus(out, count, seed, pairs, held_out)
    click.echo(", ".join(f"{kind} {number}" for kind, number in kinds.most_common()))


def write_corpus(
    out: Path, count: int, seed: int, pairs: tuple[Path, ...], held_out: bool = False
) -> Counter[str]:
    """How many samples of each kind were drawn and written to ``out``."""
    sampler = Sampler(Corpus.load(pairs, seed, held_out), seed)
    rng, kinds, drawn = random.Random(seed + 1), Counter[str](), sampler.samples()
    examples = []
    for _ in track(range(count), "corpus", disable=not sys.stderr.isatty()):
        kind, sample = next(drawn)
        kinds[kind] += 1
        examples.append(to_example(sample.linked, sample.program, Symbols.shuffled(rng)))
    save_examples(out, examples)
    return kinds


if __name__ == "__main__":
    main()
