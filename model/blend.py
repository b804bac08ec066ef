"""A training's weights blended with those that it started from, as WiSE-FT does.

``python -m model.blend EARLIER LATER --share 0.7 --out DIR``: what a training gains on new samples
it partly loses elsewhere; in between, both stay (Wortsman et al., CVPR 2022).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from grammar.errors import ModelError
from model.baselines import build
from model.config import read_config
from model.training import averaged_weights
from model.weights_io import save_weights


def blend(earlier: Path, later: Path, share: float, out: Path) -> None:
    """Write ``(1 - share) * earlier + share * later`` of two runs' averaged weights to ``out``.

    Raises:
        ModelError: one is no run, or they are of models of different shapes.
    """
    before, after = averaged_weights(earlier), averaged_weights(later)
    if {name: w.shape for name, w in before.items()} != {n: w.shape for n, w in after.items()}:
        raise ModelError(f"{earlier} and {later} are runs of different models; blend two of one")
    model = build(read_config(later / "weights" / "config.json"))
    model.load_state_dict({name: before[name].lerp(w, share) for name, w in after.items()})
    save_weights(model, out)


def main(argv: Sequence[str] | None = None) -> None:
    """Blend two runs; ``--share`` is that of the later one."""
    parser = argparse.ArgumentParser(description="Blend a run's weights with those before it.")
    parser.add_argument("earlier", type=Path)
    parser.add_argument("later", type=Path)
    parser.add_argument("--share", type=float, default=0.7)
    parser.add_argument("--out", type=Path, required=True)
    found = parser.parse_args(argv)
    try:
        blend(found.earlier, found.later, found.share, found.out)
    except ModelError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
