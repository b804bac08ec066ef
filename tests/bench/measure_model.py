"""``python tests/bench/measure_model.py [--weights FOLDER] [--pairs FILE] [--limit N]``.

Prints what the model card says: top-1, 3 and 5 on the project's own validation requests, on the
blind ones, which decide on nothing, and, where published pairs are given, on every fifth of them,
which training never sees: on all of these, and on those whose request names every value that the
condition needs.
"""

import random
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from grammar.table_json import NO_COLUMN
from model.corpus.cases import Case, blind_cases, validation_cases
from model.corpus.generate import TODAY
from model.corpus.notation import SpokenRule
from model.corpus.pairs import load_pairs, pair_sample
from model.evaluate import run, summarise
from model.pipeline import WEIGHTS, Suggester


def held_out_cases(paths):
    """The pairs kept out of training, those without a table as requests about one column."""
    for path in paths:
        for pair in load_pairs(path):
            if pair.held_out:
                table = pair.table if pair.table.columns else NO_COLUMN
                yield Case(pair.id, pair.utterance, table, ((SpokenRule(pair.condition),),), False)


def that_say_all(paths):
    """The ids of the pairs whose request names every value that the condition needs."""
    pairs = (pair for path in paths for pair in load_pairs(path) if pair.held_out)
    samples = ((pair.id, pair_sample(pair, TODAY)) for pair in pairs)
    return {key for key, sample in samples if sample and "HOLE" not in sample.program}


@click.command()
@click.option("--weights", type=click.Path(path_type=Path), default=WEIGHTS)
@click.option("--pairs", type=click.Path(path_type=Path, exists=True), multiple=True)
@click.option("--limit", type=int, help="Measure on so many cases of each set only.")
@click.option("--seed", default=0)
def main(weights, pairs, limit, seed):
    """Measure the shipped model."""
    suggester = Suggester.load(weights)
    sets = {"validation": list(validation_cases()), "blind": list(blind_cases())}
    sets["held-out pairs"] = list(held_out_cases(pairs))
    figures = {}
    for name, cases in sets.items():
        random.Random(0).shuffle(cases)
        outcomes = list(run(suggester, cases[:limit], TODAY, seed=seed))
        figures[name] = summarise(outcomes).to_json()
    complete = that_say_all(pairs)
    said = [each for each in outcomes if each.case.id in complete]
    figures["of them, all said"] = summarise(said).to_json()
    shown = Table("figure", *figures)
    for key in figures["validation"]:
        shown.add_row(key, *(str(found[key]) for found in figures.values()))
    Console(width=100).print(shown)


if __name__ == "__main__":
    main()
