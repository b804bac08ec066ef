"""``python tests/bench/halves.py [--weights FOLDER] [--limit N]``.

Prints what the halves of the model find alone on the project's own validation requests, from one
training: the diffusion's draws with search and ranking, the causal decoder's beam of five as an
autoregressive model answers (no search, no ranking), and both as they are shipped.
"""

from dataclasses import replace
from pathlib import Path

import click
import torch
from peers import TOP, read, table_of
from rich.console import Console
from rich.progress import track

from model.corpus.cases import validation_cases
from model.corpus.generate import TODAY
from model.evaluate import judge, run, summarise
from model.features import encode_input
from model.linking import link
from model.pipeline import WEIGHTS, Proposal, Suggester, Suggestion
from model.ranking import Features
from model.together import encode_each
from model.wide import chosen_columns, seen


def beamed(suggester, case):
    """The outcome of the causal decoder's beam alone, in its own order."""
    whole = link(case.utterance, case.table, TODAY)
    linked = seen(whole, chosen_columns(whole))
    with torch.inference_mode():
        [encoded] = encode_each(suggester.model, [encode_input(linked)])
        [candidates] = suggester.model.propose(encoded, TOP)
    rules = [read(candidate, linked) for candidate in candidates]
    good = [Proposal(each, 1.0, Features()) for each in rules if each]
    valid = sum(each is not None for each in rules) / max(len(rules), 1)
    return judge(case, Suggestion(tuple(good), False, None, valid), TODAY, 0.0)


@click.command()
@click.option("--weights", type=click.Path(path_type=Path, exists=True), default=WEIGHTS)
@click.option("--limit", type=int, help="Measure on so many requests only.")
def main(weights, limit):
    """Measure each half alone, then both."""
    both = Suggester.load(weights)
    drawn = Suggester(both.model, both.ranker, replace(both.settings, beam=0))
    cases = [case for case in validation_cases() if case.readings and not case.abstain][:limit]
    ways = {
        "draws, search, ranking": run(drawn, cases, TODAY),
        "causal beam of five": (beamed(both, case) for case in cases),
        "both": run(both, cases, TODAY),
    }
    figures = {
        name: summarise(list(track(found, name, total=len(cases)))).to_json()
        for name, found in ways.items()
    }
    Console(width=120).print(table_of(figures))


if __name__ == "__main__":
    main()
