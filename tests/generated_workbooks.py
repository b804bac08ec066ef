"""Small workbooks with rules of many kinds, sound and faulty, the same ones for a seed."""

from __future__ import annotations

import random
from pathlib import Path

import xlsxwriter

COLOURS = ("#FFC7CE", "#C6EFCE", "#FFEB9C", "#BDD7EE")
STATES = ("Open", "Paid", "Late", "", "n/a")


def write_workbooks(folder: Path, count: int, seed: int = 1) -> list[Path]:
    """The paths of so many workbooks, in folders of 500; one in a hundred is damaged."""
    paths = []
    for number in range(count):
        path = folder / f"{number // 500:03}" / f"book-{number:05}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_workbook(path, random.Random(f"{seed}-{number}"))
        if number % 100 == 99:
            path.write_bytes(path.read_bytes()[: 400 + number % 300])
        paths.append(path)
    return paths


def write_workbook(path: Path, rng: random.Random) -> None:
    """One workbook: a table of orders and some rules on it."""
    rows = rng.randint(5, 25)
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        sheet = book.add_worksheet(rng.choice(("Orders", "Data", "Sheet1")))
        sheet.write_row(0, 0, ("Id", "State", "Amount", "Due"))
        for row in range(1, rows + 1):
            state, amount = rng.choice(STATES), round(rng.uniform(-50, 500), 2)
            due = 46_000 + rng.randint(0, 400)
            sheet.write_row(row, 0, (f"A-{row}", state, amount if state else "n/a", due))
        for _ in range(rng.randint(1, 4)):
            cells, options = rng.choice(RULES)(rng, rows + 1)
            look = book.add_format({"bg_color": rng.choice(COLOURS)})
            sheet.conditional_format(cells, {"format": look, **options})


def _cell(rng: random.Random, last: int) -> tuple[str, dict[str, object]]:
    sign, value = rng.choice((">", "<", ">=")), rng.choice((0, 100, 250, 9000))
    return f"C2:C{last}", {"type": "cell", "criteria": sign, "value": value}


def _quoted(rng: random.Random, last: int) -> tuple[str, dict[str, object]]:
    return f"D2:D{last}", {"type": "formula", "criteria": f'=$D2="{rng.randint(1, 9)}"'}


def _row(rng: random.Random, last: int) -> tuple[str, dict[str, object]]:
    start = rng.choice((2, 2, 2, 1))
    return f"A2:D{last}", {"type": "formula", "criteria": f'=$B{start}="Late"'}


def _never(rng: random.Random, last: int) -> tuple[str, dict[str, object]]:
    bound = rng.randint(1, 200)
    return f"C2:C{last}", {"type": "formula", "criteria": f"=AND(C2>{bound},C2<{bound - 1})"}


def _deleted(_: random.Random, last: int) -> tuple[str, dict[str, object]]:
    return f"C2:C{last}", {"type": "formula", "criteria": "=C2>#REF!"}


def _scale(_: random.Random, last: int) -> tuple[str, dict[str, object]]:
    return f"C2:C{last}", {"type": "3_color_scale", "format": None}


def _text(rng: random.Random, last: int) -> tuple[str, dict[str, object]]:
    value = rng.choice(STATES[:3])
    return f"B2:B{last}", {"type": "text", "criteria": "containing", "value": value}


def _stops(rng: random.Random, last: int) -> tuple[str, dict[str, object]]:
    return f"C2:C{last}", {
        "type": "cell",
        "criteria": ">",
        "value": rng.choice((50, 60)),
        "stop_if_true": True,
    }


RULES = (_cell, _cell, _quoted, _row, _row, _never, _deleted, _scale, _text, _stops)
