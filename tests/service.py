"""The service with a model small enough to learn one request within a test."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import lru_cache

import torch
from flask import Flask
from flask.testing import FlaskClient
from network import tiny_config

from grammar.parser import parse_condition
from model.baselines import build
from model.codefusion import CodeFusion
from model.corpus.notation import SpokenRule
from model.dataset import Batch
from model.encode import encode_rules
from model.features import encode_input
from model.linking import link
from model.pipeline import Settings, Suggester
from model.ranking import Ranker
from model.vocabulary import LENGTH, TARGET_TOKENS, to_ids
from server.app import create_app
from server.config import Config
from server.schemas import TableIn
from server.tables_json import table_from_json

TODAY = dt.date(2026, 8, 1)
UTTERANCE = "amounts below 100 in red"
VALUES = [
    ["Order", "Ordered", "Amount"],
    ["A-1", 46235, 80],
    ["A-2", 46236, 120.5],
    ["A-3", 46237, ""],
    ["A-4", 46238, 99],
    ["A-5", 46239, "#N/A"],
]
FORMATS = [["General", "General", "General"], *[["General", "m/d/yyyy", "0.00"]] * 5]
TABLE = {"address": "Orders!B3:D8", "values": VALUES, "number_formats": FORMATS}
RULE = "LessThan(c[2], 100)"


@lru_cache(maxsize=1)
def suggester() -> Suggester:
    """A tiny CodeFusion that has learnt the rule for :data:`UTTERANCE` on :data:`TABLE`.

    It draws beside its beam however sure that is.
    """
    torch.manual_seed(0)
    config = tiny_config()
    encoder = replace(config.encoder, vocab_size=30522, max_position_embeddings=256)
    model = build(
        replace(config, vocab_size=len(TARGET_TOKENS), length=LENGTH, encoder=encoder, draws=4)
    )
    assert isinstance(model, CodeFusion)
    _learn(model)
    return Suggester(model, Ranker(), Settings(count=4, steps=3, sure=0))


def _learn(model: CodeFusion) -> None:
    table = table_from_json(TableIn.model_validate(TABLE), Config())
    linked = link(UTTERANCE, table, TODAY)
    red = SpokenRule(parse_condition(RULE), style=(("fill", "red"),))
    ids, segments = (torch.tensor([row]) for row in encode_input(linked))
    program = torch.tensor([to_ids(encode_rules([red], linked))])
    batch = Batch(ids, segments, torch.ones_like(ids).bool(), program, torch.ones(1))
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    for _ in range(90):
        optimizer.zero_grad()
        model(batch)["loss"].backward()
        optimizer.step()
    model.eval()


def make_app(without_model: bool = False, **settings: object) -> Flask:
    """An application with the tiny model, or with that of its settings."""
    app = create_app(Config.load({}, **settings), None if without_model else suggester())
    app.testing = True
    return app


def make_client(without_model: bool = False, **settings: object) -> FlaskClient:
    """A client of such an application."""
    return make_app(without_model, **settings).test_client()


def request_of(**more: object) -> dict[str, object]:
    """The body of a suggestion for the learnt request."""
    return {"utterance": UTTERANCE, "table": TABLE, "today": TODAY.isoformat(), **more}
