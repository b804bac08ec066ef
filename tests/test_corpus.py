"""The training corpus: its files, what linking makes of them, and the generator."""

from __future__ import annotations

import datetime as dt
import random
import re
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grammar.conditions import Comparison, Date, Number, Range, columns_of, has_holes
from grammar.values import Kind
from model.corpus import wording
from model.corpus.abstraction import abstract, generic_words
from model.corpus.augment import Sample, join, make_sample, narrow, vary
from model.corpus.cases import Case, ranking_cases, validation_cases
from model.corpus.check import check
from model.corpus.generate import TODAY, Corpus, Sampler, to_example
from model.corpus.notation import parse_rules
from model.corpus.schemas import DATA, load_schemas, sample_table
from model.corpus.templates import instantiate, load_templates
from model.dataset import Example
from model.decode import decode_rules
from model.encode import NotEncodableError, encode_rules
from model.evaluate import to_rule
from model.features import MAX_INPUT, Symbols
from model.linking import link
from model.linking.dates import dates_in
from model.linking.numbers import numbers_in
from model.vocabulary import LENGTH

FILES = sorted(
    path
    for pattern in ("schemas_*.json", "requests_*.json", "ranking_*.json", "templates_*.tsv")
    for path in DATA.glob(pattern)
)
SEED = 11


@lru_cache(maxsize=1)
def corpus() -> Corpus:
    """The shipped corpus; loaded once, only to be read."""
    return Corpus.load((), SEED)


@lru_cache(maxsize=1)
def hand_written() -> tuple[tuple[str, str, Sample | None], ...]:
    """Every hand-written request with its rules and its sample."""
    rng = random.Random(SEED)
    found = []
    for schema in load_schemas():
        table = sample_table(schema, rng, 20)
        for say, rules in schema.requests:
            found.append((say, rules, make_sample(say, parse_rules(rules), table, TODAY)))
    return tuple(found)


def draw(count: int, seed: int = SEED) -> list[tuple[str, Sample]]:
    """The first samples of a fresh generator, with their kinds."""
    return list(islice(Sampler(corpus(), seed).samples(), count))


@lru_cache(maxsize=1)
def drawn() -> tuple[tuple[str, Sample], ...]:
    """300 samples, drawn once, only to be read."""
    return tuple(draw(300))


def examples(samples: list[Sample]) -> list[Example]:
    """What training reads of samples, under one sequence of symbols."""
    rng = random.Random(SEED)
    return [to_example(s.linked, s.program, Symbols.shuffled(rng)) for s in samples]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_shipped_files_have_no_fault(path: Path) -> None:
    """Every rule parses and names columns that its schema has."""
    assert list(check(path)) == []


def test_the_size_of_the_corpus() -> None:
    """646 schemas of as many ids, each with requests, and templates beside them."""
    schemas = load_schemas()
    assert len(schemas) == 646
    assert len({schema.id for schema in schemas}) == 646
    assert min(len(schema.requests) for schema in schemas) >= 10
    assert len({say for say, _, _ in hand_written()}) >= 46000
    assert len(load_templates()) >= 1000


def cells_of(case: Case) -> list[tuple[object, ...]]:
    """The cells of a case's table, column by column."""
    return [tuple(column.values) for column in case.table.columns]


def test_what_the_ranker_is_fitted_on_is_in_no_corpus() -> None:
    """Its tables are the same every time, and neither they nor its requests are trained on."""
    cases = ranking_cases()
    assert len(cases) >= 1200
    assert 0 < sum(case.abstain for case in cases) < 150
    again = ranking_cases()
    assert [cells_of(case) for case in cases] == [cells_of(case) for case in again]
    assert not {case.utterance for case in cases} & {say for say, _, _ in hand_written()}
    assert not {case.id.rpartition("-")[0] for case in cases} & {s.id for s in load_schemas()}


def test_letters_keep_their_columns() -> None:
    """A request that names a column by its letter is said of the table as it stands."""
    schema = load_schemas()[0]
    table = sample_table(schema, random.Random(SEED), 8)
    rules = parse_rules("GreaterThan(c[1], 4)")
    for _ in range(20):
        sample = Sampler(corpus(), SEED).spoken(schema, table, "column B over 4", rules)
        assert sample is not None
        assert len(sample.linked.table.columns) == len(schema.columns)
        assert sample.program[1] == "C1"


def test_hand_written_rules_can_be_encoded() -> None:
    """Linking offers all that the rule needs for at least 97 in 100 requests."""
    samples = [sample for _, _, sample in hand_written()]
    assert sum(sample is not None for sample in samples) / len(samples) >= 0.97


def is_linked(case: Case) -> bool:
    """Whether one right reading of a case can be said with what linking offers."""
    linked = link(case.utterance, case.table, TODAY)
    for reading in case.readings:
        try:
            encode_rules(reading, linked)
        except NotEncodableError:
            continue
        return True
    return False


def test_linking_finds_what_the_validation_set_needs() -> None:
    """At least 96 in 100 cases of the validation set can be answered at all."""
    cases = [case for case in validation_cases() if case.readings and not case.abstain]
    assert len(cases) > 300
    assert sum(map(is_linked, cases)) / len(cases) >= 0.96


def test_validation_cases_are_whole() -> None:
    """Ids differ, tables have columns, and every case has a reading or asks back."""
    cases = validation_cases()
    assert len({case.id for case in cases}) == len(cases)
    for case in cases:
        assert case.table.columns
        assert case.readings or case.abstain
        for rule in (rule for reading in case.readings for rule in reading):
            assert max(columns_of(rule.condition), default=0) < len(case.table.columns)
            assert to_rule(rule).target.to_json()


def test_no_validation_request_is_in_the_corpus() -> None:
    """Training never sees a sentence that is measured with."""
    known = {say.lower().strip(" .") for say, _, _ in hand_written()}
    shared = [c for c in validation_cases() if c.utterance.lower().strip(" .") in known]
    assert len(shared) <= 0.01 * len(validation_cases())


def test_the_generator_repeats_itself_for_a_seed() -> None:
    """Two runs of 200 samples give equal ids, programs and segments."""
    one, two = (examples([s for _, s in run]) for run in (drawn()[:200], draw(200)))
    assert one == two
    assert all(len(example.target) == LENGTH for example in one)
    assert all(len(example.input_ids) <= MAX_INPUT for example in one)


def test_another_seed_draws_other_samples() -> None:
    """The seed decides what is drawn."""
    one, two = ([s.linked.utterance for _, s in draw(20, seed)] for seed in (1, 2))
    assert one != two


def test_sentences_rarely_repeat() -> None:
    """Of 300 samples nearly all have a sentence of their own."""
    sentences = {sample.linked.utterance for _, sample in drawn()}
    assert len(sentences) >= 285


def test_every_sample_is_a_program_of_its_request() -> None:
    """What the generator calls right decodes to rules that select with columns of the table."""
    for _, sample in drawn():
        found = decode_rules(list(sample.program), sample.linked)
        for rule in found.rules if found else ():
            used = columns_of(rule.condition)
            assert max(used, default=0) < len(sample.linked.table.columns)


def test_every_kind_of_sample_is_drawn() -> None:
    """Requests, templates, abstractions, added targets, joint and bare ones; pairs when given."""
    kinds = {kind for kind, _ in drawn()}
    assert kinds == {"request", "template", "abstract", "tail", "joint", "bare"}


def test_variants_keep_their_program() -> None:
    """A variant says something else and still has the slots that the program names."""
    rng = random.Random(SEED)
    originals = [sample for _, _, sample in hand_written()[:60] if sample]
    changed = [vary(sample, rng, TODAY) for sample in originals]
    assert [s.program for s in changed] == [s.program for s in originals]
    texts = zip(originals, changed, strict=True)
    assert sum(a.linked.utterance != b.linked.utterance for a, b in texts) > 20
    for sample in changed:
        decode_rules(list(sample.program), sample.linked)


def test_joint_requests_have_both_rules() -> None:
    """Two requests in one sentence are two rules in priority order."""
    schema = load_schemas()[0]
    table = sample_table(schema, random.Random(SEED), 20)
    parts = [make_sample(say, parse_rules(rules), table, TODAY) for say, rules in schema.requests]
    found = [sample for sample in parts if sample and "THEN" not in sample.program]
    rng = random.Random(SEED)
    joints = [join(a, b, rng, TODAY) for a, b in pairwise(found)]
    programs = [decode_rules(list(j.program), j.linked) for j in joints if j]
    assert programs
    assert all(rules and len(rules.rules) == 2 for rules in programs)


def test_narrowing_keeps_the_columns_that_are_used() -> None:
    """Columns of a rule stay, wherever they move to."""
    rng = random.Random(SEED)
    for schema in load_schemas()[:30]:
        table = sample_table(schema, rng, 8)
        rules = parse_rules(schema.requests[0][1])
        narrowed, moved = narrow(schema, table, rules, rng)
        for old, new in zip(rules, moved, strict=True):
            before = [table.columns[i].values for i in columns_of(old.condition)]
            after = [narrowed.columns[i].values for i in columns_of(new.condition)]
            assert before == after


def test_tables_are_as_their_schema_says() -> None:
    """Sampled columns have the kind of their schema, and every listed value occurs."""
    wanted = {"number": Kind.NUMBER, "money": Kind.NUMBER, "date": Kind.DATE, "text": Kind.TEXT}
    for schema in load_schemas()[:20]:
        table = sample_table(schema, random.Random(SEED), 60)
        assert table.row_count == 60
        for column, own in zip(schema.columns, table.columns, strict=True):
            assert own.kind is wanted.get(column.kind, own.kind)
            if column.blank == 0 and None not in own.values:
                assert set(column.values) <= set(own.values)


def test_templates_are_filled_without_a_rest() -> None:
    """No placeholder is left, and the rule parses over the table's columns."""
    rng, filled = random.Random(SEED), 0
    templates = load_templates()
    for schema in load_schemas()[::10]:
        table = sample_table(schema, rng, 12)
        for template in rng.sample(templates, 12):
            pair = instantiate(template, schema, table, rng)
            if pair:
                filled += 1
                assert "{" not in pair[0] + pair[1]
                assert isinstance(parse_rules(pair[1]), tuple)
    assert filled > 50


def test_bounds_of_templates_ascend() -> None:
    """Whatever two numbers or dates are drawn, the rule's first bound is the lower one."""
    rng, found = random.Random(SEED), 0
    templates = [each for each in load_templates() if re.search("Between.*[vw]2", each.rules)]
    for schema in load_schemas()[::4]:
        table = sample_table(schema, rng, 12)
        pair = instantiate(rng.choice(templates), schema, table, rng)
        for rule in parse_rules(pair[1]) if pair else ():
            match rule.condition:
                case Range(low=Number(low), high=Number(high)):
                    found += 1
                    assert low <= high, pair
                case Range(low=Date(first), high=Date(last)):
                    found += 1
                    assert first <= last, pair
    assert found > 30


def test_steps_of_templates_hide_no_later_step() -> None:
    """*Under 3 red, under 7 yellow*, never the other way round, and *over* from the highest on."""
    rng, found = random.Random(SEED), 0
    templates = [each for each in load_templates() if ";" in each.rules and "{v2}" in each.rules]
    for schema in load_schemas()[::4]:
        pair = instantiate(rng.choice(templates), schema, sample_table(schema, rng, 12), rng)
        steps = [rule.condition for rule in parse_rules(pair[1])] if pair else []
        for one, other in pairwise(steps):
            match one, other:
                case Comparison(name, _, Number(first)), Comparison(again, _, Number(second)):
                    if name == again:
                        found += 1
                        low, high = (first, second) if name[0] == "L" else (second, first)
                        assert low <= high, pair
    assert found > 10


def test_abstraction_leaves_no_literal_behind() -> None:
    """A request whose columns are said in full becomes a template; the others do not."""
    schemas = load_schemas()
    generic, found = generic_words(schemas, load_templates()), 0
    for schema in schemas[:20]:
        table = sample_table(schema, random.Random(SEED), 20)
        for say, rules in schema.requests:
            sample = make_sample(say, parse_rules(rules), table, TODAY)
            template = sample and abstract(say, rules, sample, schema, generic)
            if template:
                found += 1
                assert "c[" not in template.rules.replace("c[?]", "")
                assert template.placeholders or template.rules == "NONE"
    assert found > 10


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 2000))
def test_spelt_numbers_and_dates_are_understood(seed: int, value: int) -> None:
    """Whatever the corpus writes for a number, a percent or a day, linking reads it again."""
    rng = random.Random(seed)
    literals = [m.literal for m in numbers_in("above " + wording.number(float(value), rng))]
    assert Number(float(value)) in literals
    percents = [m.literal for m in numbers_in("above " + wording.percent(0.15, rng))]
    assert Number(0.15, percent=True) in percents
    day = dt.date(2026, 1, 1) + dt.timedelta(days=value % 365)
    serial = float((day - dt.date(1899, 12, 30)).days)
    days = [m.literal for m in dates_in("due after " + wording.date(serial, rng), TODAY)]
    assert Date(day) in days


def test_validation_requests_ask_back_where_something_is_open() -> None:
    """A reading with a hole belongs to a case that asks back."""
    for case in validation_cases():
        for rule in (rule for reading in case.readings for rule in reading):
            assert case.abstain or not has_holes(rule.condition)
