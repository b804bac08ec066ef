"""``python tests/bench/serving.py [--requests N] [--threads N] [--weights FOLDER] [--variants …]``.

Prints what an answer costs, one request at a time: median and 95th percentile, processor time,
cold start (a fresh process to its first answer) and peak memory, for every arithmetic of serving,
beside the autoregressive peer's beam of five. Each variant has a process of its own.

The peer has random weights of the same size, so only its time means something: it links, encodes
and searches, but ranks nothing. Random weights never end a program; a trained peer ends when all
five have ended, which ``peer … short`` supposes to be after 12 of the 24 places.
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
VARIANTS = ("float32", "bfloat16", "int8", "peer float32", "peer int8", "peer int8 short")
SHORT = 12
PEER_BEAM = 5


def codefusion(folder, precision):
    """What answers a request with five ranked rules."""
    from model.corpus.generate import TODAY
    from model.pipeline import Settings, Suggester

    suggester = Suggester.load(folder, Settings(precision=precision))
    return lambda case: suggester.suggest(case.utterance, case.table, today=TODAY)


def peer(folder, precision, places):
    """What answers a request with a beam of five over so many places."""
    import torch

    from model.baselines import build
    from model.config import read_config
    from model.corpus.generate import TODAY
    from model.features import encode_input
    from model.linking import link
    from model.quantised import for_serving
    from model.together import encode_each

    config = replace(read_config(folder / "config.json"), kind="autoregressive", dropout=0.0)
    torch.manual_seed(0)
    model = for_serving(build(config), precision)
    model.config = replace(config, length=places or config.length)

    def answer(case):
        pieces = encode_input(link(case.utterance, case.table, TODAY))
        with torch.inference_mode():
            return model.propose(encode_each(model, [pieces])[0], PEER_BEAM)

    return answer


def answering(variant, folder):
    """The answer of a variant to a case."""
    kind, *rest = variant.split()
    if kind != "peer":
        return codefusion(folder, kind)
    return peer(folder, rest[0], SHORT if "short" in rest else None)


def measured(variant, folder, requests, threads):
    """What a variant costs in this process, which has just begun."""
    import torch

    from model.corpus.cases import validation_cases

    cases = list(validation_cases())
    loaded = time.perf_counter()
    torch.set_num_threads(threads)
    answer = answering(variant, folder)
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


def in_own_process(variant, weights, requests, threads):
    """The figures of a variant, from a fresh process."""
    options = {"--only": variant, "--weights": weights, "--requests": requests}
    words = [str(word) for pair in options.items() for word in pair]
    command = [sys.executable, __file__, *words, "--threads", str(threads)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(found.stdout)


@click.command()
@click.option("--weights", type=click.Path(path_type=Path, exists=True), default=WEIGHTS)
@click.option("--requests", default=200, help="Validation requests to answer, one at a time.")
@click.option("--threads", default=2, help="Torch's threads.")
@click.option("--variants", default=",".join(VARIANTS), help="Which, with commas between.")
@click.option("--only", help="Measure one variant in this process and print JSON.")
def main(weights, requests, threads, variants, only):
    """Measure serving."""
    if only:
        click.echo(json.dumps(measured(only, weights, requests, threads)))
        return
    names = [name.strip() for name in variants.split(",")]
    unknown = sorted(set(names) - set(VARIANTS))
    if unknown:
        raise click.UsageError(f"no variant {', '.join(unknown)}; there are: {', '.join(VARIANTS)}")
    figures = [in_own_process(name, weights, requests, threads) for name in names]
    shown = Table(f"{requests} requests, {threads} threads", *names)
    for key in figures[0]:
        shown.add_row(key, *(f"{each[key]:.4g}" for each in figures))
    Console(width=130).print(shown)


if __name__ == "__main__":
    main()
