"""Prints how many captured Excel results the evaluator gives, suite by suite.

Usage: python tests/bench/excel_results.py PATH [--locale ja-JP] [--suites a,b] [--misses]

PATH is a JSON list of ``{"suite", "id", "formula", "setup", "expect", "tol"}``.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from pathlib import Path

from grammar.calc import answer

CORE = (
    "logical operators comparison_rank_probes value_coercion_probes info text datetime count "
    "countif countif_edges ifs stats math lookup references"
).split()


def agrees(case: dict, result: dict) -> bool:
    """Whether a result is the captured one, within the case's tolerance."""
    expected = case["expect"]
    wanted = expected.get("value", expected.get("code"))
    if result["kind"] != expected["kind"]:
        return False
    if expected["kind"] != "number":
        return bool(result["value"] == wanted)
    tolerance = case.get("tol") or {}
    return math.isclose(
        result["value"],
        wanted,
        rel_tol=tolerance.get("rel", 1e-12),
        abs_tol=tolerance.get("abs", 1e-12),
    )


def run(cases: list[dict], locale: str) -> dict[str, tuple[dict, dict, bool]]:
    """Case, result and agreement by the case's identity."""
    results = {}
    for case in cases:
        record = {"formula": case["formula"], "cells": case["setup"], "locale": locale}
        result = answer(record | {"cell": case.get("cell")})
        results[f"{case['suite']}/{case['id']}"] = (case, result, agrees(case, result))
    return results


def report(results: dict[str, tuple[dict, dict, bool]], misses: bool) -> None:
    """Prints a row a suite, the core ones first."""
    right, whole, unsupported = Counter(), Counter(), Counter()
    for case, result, good in results.values():
        whole[case["suite"]] += 1
        right[case["suite"]] += good
        unsupported[case["suite"]] += result["kind"] == "unsupported"
        if misses and not good:
            cells = {k: v.get("value", v.get("formula")) for k, v in case["setup"].items()}
            print(case["suite"], case["formula"], cells, case["expect"], result)
    for name in sorted(whole, key=lambda s: (s not in CORE, s)):
        print(f"{name:34} {right[name]:4} / {whole[name]:4}  unsupported {unsupported[name]}")
    for title, names in (("core suites", CORE), ("all suites", list(whole))):
        total = sum(whole[name] for name in names)
        good = sum(right[name] for name in names)
        print(f"{title:34} {good:4} / {total:4}  {100 * good / max(total, 1):.1f} %")


def main() -> None:
    """Reads the arguments and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--locale", default="en-US")
    parser.add_argument("--suites", default="")
    parser.add_argument("--misses", action="store_true")
    arguments = parser.parse_args()
    cases = json.loads(arguments.path.read_text(encoding="utf-8"))
    chosen = set(filter(None, arguments.suites.split(",")))
    cases = [case for case in cases if not chosen or case["suite"] in chosen]
    report(run(cases, arguments.locale), arguments.misses)


if __name__ == "__main__":
    main()
