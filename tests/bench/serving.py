"""``python tests/bench/serving.py [--requests N] [--weights FOLDER] [--peer FOLDER] …``.

Prints what an answer costs, one request at a time: median and 95th percentile, processor time,
cold start (a fresh process to its first answer) and peak memory, for every arithmetic of serving,
beside an autoregressive beam of five. Each variant has a process of its own.

``beam`` is the causal decoder of the same weights alone, of three layers; ``peer`` has six, and
those weights of ``tests/bench/peers.py`` that ``--peer`` names. Both link, encode, search and read
the rules, but rank nothing, and end when all five programs have ended or are outdone. Without
``--peer`` its weights are random: no program of theirs ends, which is the worst case.
"""

import json
import random
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

WEIGHTS = Path(__file__).parents[2] / "model" / "weights"
VARIANTS = ("float32", "bfloat16", "int8", "beam int8", "peer float32", "peer int8")
PEER_BEAM = 5


def codefusion(folder, precision):
    """What answers a request with five ranked rules."""
    from model.corpus.generate import TODAY
    from model.pipeline import Settings, Suggester

    suggester = Suggester.load(folder, Settings(precision=precision))
    return lambda case: suggester.suggest(case.utterance, case.table, today=TODAY)


def untrained(folder):
    """A peer as large as the model of a folder, with random weights."""
    import torch

    from model.baselines import build
    from model.config import read_config

    torch.manual_seed(0)
    return build(replace(read_config(folder / "config.json"), kind="autoregressive", dropout=0.0))


def beam(model, precision):
    """What answers a request with a beam of five."""
    import torch
    from peers import read

    from model.corpus.generate import TODAY
    from model.features import encode_input
    from model.linking import link
    from model.memory import keep_freed
    from model.quantised import for_serving
    from model.together import encode_each

    keep_freed()
    model = for_serving(model, precision)

    def answer(case):
        linked = link(case.utterance, case.table, TODAY)
        with torch.inference_mode():
            [encoded] = encode_each(model, [encode_input(linked)])
            [found] = model.propose(encoded, PEER_BEAM)
        return [read(each, linked) for each in found]

    return answer


def answering(variant, folder, peer):
    """The answer of a variant to a case."""
    from model.weights_io import load_weights

    kind, _, precision = variant.partition(" ")
    if not precision:
        return codefusion(folder, kind)
    if kind == "beam":
        return beam(load_weights(folder), precision)
    return beam(load_weights(peer) if peer else untrained(folder), precision)


def measured(variant, folder, peer, requests, threads):
    """What a variant costs in this process, which has just begun."""
    import torch

    from model.corpus.cases import validation_cases

    cases = list(validation_cases())
    loaded = time.perf_counter()
    torch.set_num_threads(threads)
    answer = answering(variant, folder, peer)
    answer(cases[0])
    ready = time.perf_counter() - loaded
    random.Random(0).shuffle(cases)
    walls, cpus = [], []
    for case in cases[:requests]:
        wall, cpu = time.perf_counter(), time.process_time()
        answer(case)
        walls.append(1000 * (time.perf_counter() - wall))
        cpus.append(1000 * (time.process_time() - cpu))
    return {
        "median ms": statistics.median(walls),
        "95th percentile ms": sorted(walls)[int(0.95 * len(walls))],
        "fastest ms": min(walls),
        "median processor ms": statistics.median(cpus),
        "cold start s": imported() + ready,
        "peak memory MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def imported():
    """Seconds that a fresh process takes until the model's modules are imported."""
    before = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import model.pipeline"], check=True)
    return time.perf_counter() - before


def in_own_process(variant, weights, peer, requests, threads):
    """The figures of a variant, from a fresh process."""
    options = {"--only": variant, "--weights": weights, "--requests": requests}
    options |= {"--peer": peer} if peer else {}
    words = [str(word) for pair in options.items() for word in pair]
    command = [sys.executable, __file__, *words, "--threads", str(threads)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(found.stdout)


@click.command()
@click.option("--weights", type=click.Path(path_type=Path, exists=True), default=WEIGHTS)
@click.option("--peer", type=click.Path(path_type=Path, exists=True), help="Its trained weights.")
@click.option("--requests", default=200, help="Validation requests to answer, one at a time.")
@click.option("--threads", default=2, help="Torch's threads.")
@click.option("--variants", default=",".join(VARIANTS), help="Which, with commas between.")
@click.option("--only", help="Measure one variant in this process and print JSON.")
def main(weights, peer, requests, threads, variants, only):
    """Measure serving."""
    if only:
        click.echo(json.dumps(measured(only, weights, peer, requests, threads)))
        return
    names = [name.strip() for name in variants.split(",")]
    unknown = sorted(set(names) - set(VARIANTS))
    if unknown:
        raise click.UsageError(f"no variant {', '.join(unknown)}; there are: {', '.join(VARIANTS)}")
    figures = [in_own_process(name, weights, peer, requests, threads) for name in names]
    shown = Table(f"{requests} requests, {threads} threads", *names)
    for key in figures[0]:
        shown.add_row(key, *(f"{each[key]:.4g}" for each in figures))
    Console(width=130).print(shown)


if __name__ == "__main__":
    main()
