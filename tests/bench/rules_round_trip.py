"""Every rule of every workbook in a folder: read, said in the language, written back.

    python tests/bench/rules_round_trip.py FOLDER

Counted by kind: the ``cfRule`` elements that stand in the parts (a 2010 twin of a rule counts with
it), the rules that are read, those whose condition prints and parses to itself, those whose
formulas do, and those that read back as they were (cells, kind, condition, formulas, style, what
stops) after they were written into an empty workbook. A rule that stands in the extension alone is
written back where it was: all rules but it are taken out. Exits 1 where one is lost or changed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from collections import Counter, defaultdict
from pathlib import Path

import openpyxl
from lxml import etree

from grammar.conditions import Formula
from grammar.errors import CellFusionError, GrammarError
from grammar.formula_parser import parse_formula
from grammar.formula_printer import print_formula
from grammar.ooxml_read import X14
from grammar.parser import parse_condition
from grammar.printer import print_condition
from server.workbooks import SheetRule, apply_rules, list_rules
from server.workbooks.existing import remove_rules
from server.workbooks.package import open_package
from server.workbooks.session import open_sheet
from server.workbooks.styles import comparable

STEPS = ("in the file", "read", "language", "formulas", "written back")


def elements(package, sheet):
    """The kinds of a sheet's rules as they stand in the part, counted without our reader."""
    root = etree.fromstring(package.archive.read(package.member(sheet.part)))
    main = root.findall("{*}conditionalFormatting/{*}cfRule")
    linked = {node.text for rule in main for node in rule.iter(f"{{{X14}}}id")}
    extra = root.iterfind(f".//{{{X14}}}conditionalFormatting/{{{X14}}}cfRule")
    alone = [rule for rule in extra if rule.get("id") not in linked]
    return [rule.get("type", "expression") for rule in main] + [
        "x14 " + rule.get("type", "expression") for rule in alone
    ]


def kind_of(rule):
    """The kind of a rule that was read, as ``elements`` calls it."""
    return ("x14 " if rule.is_extension else "") + rule.kind


def is_said(rule):
    """Whether the condition's text gives the same condition."""
    text = print_condition(rule.condition)
    try:
        return parse_condition(text) == rule.condition
    except CellFusionError as error:
        print(f"    {text[:100]}: {error}".splitlines()[0])
        return False


def prints_back(rule):
    """Whether the formulas parse and print as they were up to white space and a dead tail."""
    formulas = [*rule.formulas]
    if isinstance(rule.condition, Formula):
        formulas.append(rule.condition.text)
    try:
        return all(
            "".join(print_formula(parse_formula(text)).removeprefix("=").split())
            == "".join(text.removeprefix("=").split())
            for text in formulas
        )
    except GrammarError as error:
        print(f"    {formulas}: {error}".splitlines()[0])
        return False


def essence(listed, placed):
    """What has to read back equal; the style as it stands, since colours may be the theme's."""
    rule = listed.rule
    said = rule.condition, rule.formulas, rule.stop_if_true
    style = comparable(placed.dxf) if placed.dxf is not None else None
    return rule.kind, sorted(map(str, rule.areas)), said, placed.value.canonical(), style


def essences(source, sheet):
    """What has to read back equal, of every rule of a sheet."""
    with open_sheet(source, sheet) as opened:
        placed = opened.rules
    return [essence(*pair) for pair in zip(list_rules(source, sheet), placed, strict=True)]


def written_back(source, listed, placed, folder):
    """What the rule says after it was written, ``None`` where it is gone."""
    empty, output = folder / "empty.xlsx", folder / "output.xlsx"
    output.unlink(missing_ok=True)
    if placed.is_extension:
        others = [rule.id for rule in list_rules(source, listed.sheet) if rule.id != listed.id]
        if not others:
            return essence(listed, placed)
        remove_rules(source, listed.sheet, list(dict.fromkeys(others)), output)
        found = essences(output, listed.sheet)
    else:
        apply_rules(empty, "Sheet", [SheetRule(placed.sqref, placed.value, placed.dxf)], output)
        found = essences(output, "Sheet")
    return found[0] if found else None


def check_sheet(source, sheet, counts, folder):
    """Count the rules of one sheet, and print what does not come through."""
    listed = list_rules(source, sheet.name)
    with open_package(source) as package:
        there = elements(package, sheet)
    for kind in there:
        counts[kind]["in the file"] += 1
    if not listed:
        return
    with open_sheet(source, sheet.name) as opened:
        placed = opened.rules
    for rule, place in zip(listed, placed, strict=True):
        kind = kind_of(rule.rule)
        after = written_back(source, rule, place, folder)
        same = after == essence(rule, place)
        results = True, is_said(rule.rule), prints_back(rule.rule), same
        for step, good in zip(STEPS[1:], results, strict=True):
            counts[kind][step] += good
        if not all(results):
            print(f"{source.name}, {sheet.name}, {rule.sqref}, {kind}: {results[1:]}")


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    counts, files, refused = defaultdict(Counter), 0, 0
    with tempfile.TemporaryDirectory() as name:
        openpyxl.Workbook().save(Path(name) / "empty.xlsx")
        for source in sorted(options.folder.glob("*.x[lt]*")):
            try:
                with open_package(source) as package:
                    sheets = package.worksheets()
                for sheet in sheets:
                    check_sheet(source, sheet, counts, Path(name))
                files += 1
            except CellFusionError as error:
                refused += 1
                print(f"{source.name}: {error}")
    counts["all"] = sum(counts.values(), Counter())
    print(f"{'':24}" + "".join(f"{step:>14}" for step in STEPS))
    for kind, row in sorted(counts.items(), key=lambda item: (item[0] == "all", item[0])):
        print(f"{kind:24}" + "".join(f"{row[step]:14}" for step in STEPS))
    lost = sum(counts["all"]["in the file"] - counts["all"][step] for step in STEPS[1:])
    print(f"{files} workbooks, {refused} refused, {lost} lost or changed")
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
