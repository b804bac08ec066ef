"""``python tests/bench/peers.py --data F.npz --out DIR --steps N [--encoder RUN]``.

Trains CodeFusion, its peers and its ablations on the same batches and prints one table: top-1, 3
and 5 on the project's own validation requests, the share of raw programs that are valid, and
distinct conditions among five. All variants draw their own candidates, without search or ranker,
five each. A variant that is trained already is only measured. With ``--encoder`` all heads are
trained from nothing on the encoder of another run, which stays as it is: what differs is then the
heads alone, in a fraction of the time.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import click
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table

from grammar.rules import RuleSet
from model import finetune, pretrain
from model.corpus.cases import validation_cases
from model.corpus.generate import TODAY
from model.decode import InvalidProgramError, decode_rules
from model.evaluate import judge, summarise
from model.features import encode_input
from model.linking import link
from model.pipeline import Proposal, Suggestion
from model.ranking import Features
from model.sampling import sample
from model.together import encode_each
from model.training import CHECKPOINT, averaged_weights
from model.vocabulary import to_tokens
from model.weights_io import load_weights

TOP = 5


@dataclass(frozen=True)
class Variant:
    """One row of the table: a kind of head, and what phase one is for it."""

    kind: str = "codefusion"
    phase_one: tuple[str, ...] | None = ()


VARIANTS = {
    "CodeFusion": Variant(),
    "autoregressive, beam of five": Variant("autoregressive"),
    "diffusion without a decoder (GENIE)": Variant("genie"),
    "one shot": Variant("oneshot"),
    "CodeFusion without phase one": Variant(phase_one=None),
    "CodeFusion without CPD": Variant(phase_one=("--unconditional", "1.0")),
}


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--steps", type=int, required=True, help="Batches of phase two.")
@click.option("--batch-size", default=32, show_default=True)
@click.option("--draws", default=8, show_default=True, help="Noises a request.")
@click.option("--denoising-steps", default=5, show_default=True)
@click.option("--limit", type=int, help="Measure on so many requests only.")
@click.option(
    "--encoder", type=click.Path(path_type=Path, exists=True), help="The run whose encoder to take."
)
@click.option("--only", multiple=True, type=click.Choice(list(VARIANTS)))
def main(data, out, steps, batch_size, draws, denoising_steps, limit, encoder, only):
    """Train every variant with the same seed on the same batches, then measure them."""
    chosen = {name: variant for name, variant in VARIANTS.items() if not only or name in only}
    figures = {}
    encoder = encoder and encoder_alone(encoder, out / "encoder")
    for name, variant in chosen.items():
        weights = trained(variant, data, out / folder_of(name), steps, batch_size, encoder)
        figures[name] = measured(weights, draws, denoising_steps, limit)
        (out / "peers.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    Console(width=120).print(table_of(figures))


def encoder_alone(run, folder):
    """A folder to start from with nothing but the averaged encoder of a run."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = averaged_weights(run).items()
    kept = {name: each for name, each in weights if name.startswith("encoder.")}
    torch.save({"average": kept}, folder / CHECKPOINT)
    return folder


def folder_of(name):
    """A folder's name for a variant."""
    return name.lower().replace(" ", "-").translate(str.maketrans("", "", ",()"))


def trained(variant, data, folder, steps, batch_size, encoder):
    """The folder of a variant's weights, after both phases."""
    weights = folder / "weights"
    if weights.exists():
        return weights
    common = ["--data", str(data), "--batch-size", str(batch_size), "--warmup-steps", "100"]
    quiet = ["--checkpoint-minutes", "1e9", "--validation-minutes", "1e9"]
    start = ["--start-from", str(encoder), "--freeze-encoder"] if encoder else []
    if variant.phase_one is not None:
        first = folder / "phase-one"
        own = ["--steps", str(max(steps // 8, 1)), "--out", str(first), "--kind", variant.kind]
        pretrain.main([*common, *quiet, *own, *start, *variant.phase_one])
        start = ["--start-from", str(first), *start[2:]]
    own = ["--steps", str(steps), "--out", str(folder), "--kind", variant.kind]
    mixed = ["--rules-share", "0"] if variant.phase_one is None else list(variant.phase_one)
    finetune.main([*common, *quiet, *own, *start, *mixed])
    shutil.rmtree(folder / "phase-one", ignore_errors=True)
    return weights


def measured(weights, draws, steps, limit):
    """The figures of one variant on the validation requests that have an answer."""
    model = load_weights(weights).eval()
    cases = [case for case in validation_cases() if case.readings and not case.abstain][:limit]
    found = [answered(model, case, draws, steps) for case in track(cases, weights.parent.name)]
    return summarise(found).to_json()


def answered(model, case, draws, steps):
    """How good a variant's first five candidates for one request are."""
    linked = link(case.utterance, case.table, TODAY)
    with torch.inference_mode():
        [encoded] = encode_each(model, [encode_input(linked)])
        candidates = sample(model, encoded, [0], steps, draws, TOP)[0]
    rules = [read(candidate, linked) for candidate in candidates]
    good = [Proposal(each, 1.0, Features()) for each in rules if each]
    valid = sum(each is not None for each in rules) / max(len(rules), 1)
    return judge(case, Suggestion(tuple(good[:TOP]), False, None, valid), TODAY, 0.0)


def read(candidate, linked) -> RuleSet | bool | None:
    """A candidate's rules, ``False`` where it says that there are none, ``None`` if invalid."""
    try:
        return decode_rules(to_tokens(list(candidate.tokens)), linked) or False
    except InvalidProgramError:
        return None


def table_of(figures):
    """One row a variant."""
    columns = ("top1_exact", "top3_exact", "top5_exact", "top1_cells", "top3_cells", "top5_cells")
    table = Table("variant", *columns, "valid", "distinct")
    for name, row in figures.items():
        table.add_row(name, *(f"{row[key]:.3f}" for key in (*columns, "valid", "distinct")))
    return table


if __name__ == "__main__":
    main()
