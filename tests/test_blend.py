"""Blending two runs: weights in between, of one model only."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from network import tiny_model

from grammar.errors import ModelError
from model.blend import blend, main
from model.codefusion import RuleModel
from model.training import CHECKPOINT
from model.weights_io import load_weights, save_weights


def run(path: Path, model: RuleModel) -> RuleModel:
    """A directory as a training leaves it."""
    save_weights(model, path / "weights")
    torch.save({"average": model.state_dict()}, path / CHECKPOINT)
    return model


def test_a_blend_lies_between_two_runs(tmp_path: Path) -> None:
    """Every weight is three quarters of the later one's and a quarter of the earlier one's."""
    one = run(tmp_path / "one", tiny_model(seed=1)).state_dict()
    other = run(tmp_path / "other", tiny_model(seed=2)).state_dict()
    paths = [str(tmp_path / name) for name in ("one", "other")]
    main([*paths, "--share", "0.75", "--out", str(tmp_path / "blend")])
    for name, weight in load_weights(tmp_path / "blend").state_dict().items():
        torch.testing.assert_close(
            weight, one[name] * 0.25 + other[name] * 0.75, atol=2e-3, rtol=2e-3
        )


def test_runs_of_different_models_are_not_blended(tmp_path: Path) -> None:
    """The error names both; nothing is written."""
    run(tmp_path / "one", tiny_model())
    run(tmp_path / "other", tiny_model("oneshot"))
    with pytest.raises(ModelError, match="different models"):
        blend(tmp_path / "one", tmp_path / "other", 0.5, tmp_path / "blend")
    assert not (tmp_path / "blend").exists()


def test_what_is_no_run_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without a checkpoint, or with a damaged one, ends the command with one sentence."""
    run(tmp_path / "one", tiny_model())
    for name, content in (("none", None), ("damaged", b"no checkpoint"), ("empty", b"")):
        folder = tmp_path / name
        folder.mkdir()
        if content is not None:
            (folder / CHECKPOINT).write_bytes(content)
        with pytest.raises(SystemExit, match="2"):
            main([str(tmp_path / "one"), str(folder), "--out", str(tmp_path / "blend")])
        assert f"{name}/{CHECKPOINT} is no checkpoint" in capsys.readouterr().err
    assert not (tmp_path / "blend").exists()
