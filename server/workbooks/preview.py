"""A preview of rules on a workbook: a picture, a page, or a copy that carries them."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from grammar.errors import OutputError
from grammar.explain import explain
from grammar.ooxml import to_openpyxl
from grammar.rules import RuleSet
from grammar.table import Table
from server.workbooks.apply import AppliedResult, apply_rules
from server.workbooks.cell_styles import read_theme
from server.workbooks.layers import NewRule, SheetContext
from server.workbooks.output import is_taken, whole_output
from server.workbooks.package import open_package
from server.workbooks.placed import rule_id
from server.workbooks.preview_html import render_html
from server.workbooks.preview_picture import Picture, build_picture
from server.workbooks.preview_png import draw_png
from server.workbooks.sheet_rule import SheetRule
from server.workbooks.workbook_grid import WorkbookGrid

SUFFIXES = (".png", ".html", ".xlsx")
_DPI = 192


def write_preview(
    workbook: Path, rules: RuleSet, table: Table, output: Path, today: dt.date
) -> None:
    """Write what the rules would look like on the table's sheet, by the output's suffix.

    The output is there whole or not at all, and never replaces a file.

    Raises:
        CellFusionError: the workbook cannot be read, a rule cannot be written, or the output
            exists, is of another kind or cannot be written.
    """
    suffix = output.suffix.lower()
    if suffix not in SUFFIXES:
        raise OutputError(f"{output.name} is no preview; name it {', '.join(SUFFIXES)}")
    if is_taken(output):
        raise OutputError(f"{output} exists already; name another file or remove it first")
    if suffix == ".xlsx":
        apply_rules(workbook, table.sheet, [rule for rule, _ in _new_rules(rules, table)], output)
        return
    picture = preview_picture(workbook, rules, table, today)
    with whole_output(output) as stream:
        if suffix == ".html":
            stream.write(render_html(picture).encode())
        else:
            draw_png(picture).save(stream, "PNG", dpi=(_DPI, _DPI))


def preview_picture(workbook: Path, rules: RuleSet, table: Table, today: dt.date) -> Picture:
    """The preview as data, read from a copy to which the rules were applied.

    Raises:
        CellFusionError: the workbook cannot be read or a rule cannot be written.
    """
    new = _new_rules(rules, table)
    with tempfile.TemporaryDirectory(prefix="cellfusion-") as folder:
        copy = Path(folder) / "copy.xlsx"
        applied = apply_rules(workbook, table.sheet, [rule for rule, _ in new], copy)
        with open_package(copy) as package:
            grid = WorkbookGrid(package, table.sheet)
            context = SheetContext(package, grid, table, today, read_theme(package))
            names = {rule_id(rule.sqref, rule.rule, rule.dxf): said for rule, said in new}
            return build_picture(context, rules, names, _notes(applied))


def _new_rules(rules: RuleSet, table: Table) -> list[tuple[SheetRule, NewRule]]:
    """Every rule as it is written, with its name and what it says."""
    return [
        (
            SheetRule.of(part.sqref, part.rule),
            NewRule(f"rule {number}", explain(rule.condition, table)),
        )
        for number, rule in enumerate(rules.rules, 1)
        for part in to_openpyxl(rule, table)
    ]


def _notes(applied: AppliedResult) -> list[str]:
    """What a person should know about the places that the rules took."""
    notes = list(applied.notes)
    old = sum(not rule.added for rule in applied.rules)
    if old:
        notes.append("the rule is there already" if old == 1 else f"{old} rules are there already")
    return notes
