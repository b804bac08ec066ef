"""``python tests/bench/batched.py [--rounds N] [--threads N] [--precision P] [--sizes N,…]``.

Prints what a request costs when so many are answered in one batch, beside the same requests singly:
processor time a request of the whole answer and of the network alone, medians over rounds that
alternate between the two, and the peak of memory so far. All in a thread, as the service does.
"""

import random
import resource
import statistics
import threading
import time

import click
import torch
from rich.console import Console
from rich.table import Table

from model.candidates import trim
from model.corpus.cases import validation_cases
from model.corpus.generate import TODAY
from model.draws import is_sure
from model.features import encode_input
from model.linking import link
from model.pipeline import Settings, Suggester
from model.sampling import sample_each
from model.together import encode_each


def whole(suggester, requests):
    """Answers, from the requests to the ranked rules."""
    suggester.suggest_many(requests, today=TODAY)


def network(suggester, requests):
    """The network's part of it; what is scored left to right are the draws' own programs."""
    own, model = suggester.settings, suggester.model
    linked = [link(*request, TODAY) for request in requests]
    pieces = list(map(encode_input, linked))
    begun = time.process_time()
    with torch.inference_mode():
        encoded = encode_each(model, pieces)
        beams = [model.propose(one, own.beam)[0] for one in encoded]
        triples = zip(encoded, linked, beams, strict=True)
        unsure = [one for one, request, beam in triples if not is_sure(beam, request, own.sure)]
        drawn = sample_each(model, unsure, 0, own.steps, own.count) if unsure else []
        for one, logits in zip(unsure, drawn, strict=True):
            model.causal_scores(one, [trim(row) for row in logits.argmax(-1).tolist()])
    return time.process_time() - begun


def cost(work, suggester, batches):
    """Processor milliseconds a request; work that has parts to leave out says what it took."""
    begun = time.process_time()
    said = [work(suggester, batch) for batch in batches]
    took = time.process_time() - begun if None in said else sum(said)
    return 1000 * took / sum(map(len, batches))


def compared(work, suggester, requests, size, rounds):
    """Median milliseconds a request, batched and singly."""
    batches = [requests[at : at + size] for at in range(0, len(requests), size)]
    single = [[request] for request in requests]
    pairs = [(cost(work, suggester, batches), cost(work, suggester, single)) for _ in range(rounds)]
    return [statistics.median(each) for each in zip(*pairs, strict=True)]


@click.command()
@click.option("--rounds", default=9, show_default=True)
@click.option("--requests", default=16, show_default=True, help="Validation requests a round.")
@click.option("--threads", default=1, show_default=True, help="Torch's threads.")
@click.option("--precision", default="auto", show_default=True)
@click.option("--sizes", default="1,2,4,8,16", show_default=True, help="With commas between.")
def main(**options):
    """Measure batches."""
    thread = threading.Thread(target=measure, kwargs=options)
    thread.start()
    thread.join()


def measure(rounds, requests, threads, precision, sizes):
    """Print the table."""
    torch.set_num_threads(threads)
    suggester = Suggester.load(settings=Settings(precision=precision))
    cases = list(validation_cases())
    random.Random(0).shuffle(cases)
    asked = [(case.utterance, case.table) for case in cases[:requests]]
    whole(suggester, asked[:1])
    shown = Table("ms a request", "whole", "singly", "", "network", "singly", "", "peak MB")
    for size in map(int, sizes.split(",")):
        row = []
        for work in (whole, network):
            batched, single = compared(work, suggester, asked, size, rounds)
            row += [f"{batched:.1f}", f"{single:.1f}", f"{100 * (batched / single - 1):+.1f} %"]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        shown.add_row(f"in batches of {size}", *row, f"{peak:.0f}")
    Console(width=100).print(shown)


if __name__ == "__main__":
    main()
