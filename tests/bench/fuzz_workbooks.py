"""Mutates workbooks of a folder and lets every reader and writer at them.

    python tests/bench/fuzz_workbooks.py FOLDER [--count 2000] [--seed 1] [--seconds 600]

Bytes of the archive change, or text inside its parts under a right checksum. Tables and rules are
listed, the workbook is linted, a rule applied, old ones removed, reordered and replaced, the rules
merged, and one previewed as picture or page. Exits 1 where anything but one of our own errors is
raised, something is left behind by what is refused, a run takes over 5 s of processor time, or
more than 512 MiB.
``--keep FOLDER`` takes a copy of every file that fails.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from rich_workbooks import ALL

from grammar.errors import CellFusionError
from grammar.parser import parse_condition
from grammar.rules import Rule, RuleSet, Style
from server.checks.lint import lint_workbook
from server.workbooks import (
    apply_rules,
    list_rules,
    list_tables,
    merge_rules,
    read_table,
    remove_rules,
    reorder_rules,
    replace_rule,
)
from server.workbooks.package import open_package
from server.workbooks.preview import write_preview

TODAY = dt.date(2026, 8, 1)
MEMORY = 512 * 1024 * 1024
"""Beyond what the imports take; an allocation past it fails."""
SECONDS = 5
PREVIEWED = RuleSet((Rule(parse_condition("NotBlanks(c[0])"), style=Style(fill="#FFA500")),))

VALUES = (
    *(b"", b"0", b"-1", b"4294967296", b"A1", b"..", b"/", b"1.5", b"A1:XFD1048576", b"#REF!"),
    *(b"nan", b"-inf", b"1e308", b"1_000", b"9" * 5000, "\u0663".encode(), b"_xD800_"),
)
TOKENS = (
    *(b"<", b">", b'"', b"&x;", b"\0", b'priority="-1"', b'sqref="ZZZZ1"', b"</sheetData>"),
    *(b"<sheetData/>", b"<!--", b"]]>", b"\xff\xfe", b'r="XFE1"', b't="s"', b't="d"', b"1e999"),
    b'<!DOCTYPE a [<!ENTITY x "y">]>',
)
VALUE = re.compile(rb'="[^"]*"')


def changed_bytes(rng, data):
    """The archive with some bytes changed, cut or put in."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 2, 5, 20))):
        place, kind = rng.randrange(len(data)), rng.random()
        if kind < 0.5:
            data[place] = rng.randrange(256)
        elif kind < 0.7:
            del data[place : place + rng.randrange(1, 200)]
        elif kind < 0.9:
            data[place:place] = rng.randbytes(rng.randrange(1, 50))
        else:
            data = data[:place]
        data = data or bytearray(b"x")
    return bytes(data)


def changed_text(rng, data):
    """A part with attribute values, tokens or lengths changed."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        place, kind = rng.randrange(len(data) + 1), rng.random()
        values = list(VALUE.finditer(bytes(data)))
        if kind < 0.75 and values:
            value = rng.choice(values)
            data[value.start() + 2 : value.end() - 1] = rng.choice(VALUES)
        elif kind < 0.9:
            data[place : place + rng.choice((0, 1, 5))] = rng.choice(TOKENS)
        else:
            del data[place : place + rng.randrange(1, 100)]
    return bytes(data)


def changed_parts(rng, data):
    """The archive with one to three parts changed under right checksums."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(output, "w") as new:
        names = [name for name in old.namelist() if name.endswith((".xml", ".rels"))]
        picked = set(rng.sample(names, min(len(names), rng.choice((1, 1, 2, 3)))))
        for name in old.namelist():
            content = old.read(name)
            if name in picked:
                if rng.random() < 0.05:
                    continue
                content = changed_text(rng, content)
            new.writestr(name, content, zipfile.ZIP_DEFLATED)
    return output.getvalue()


def first_sheet(source):
    """The name of the first sheet, where the file opens."""
    with open_package(source) as package:
        return package.worksheets()[0].name if package.worksheets() else ""


def remove_first(source, output):
    """Take out the first rule of a workbook that has one."""
    rules = list_rules(source)
    if rules:
        remove_rules(source, rules[0].sheet, [rules[0].id], output)


def turn_round(source, output):
    """Put the last rule of a workbook that has one first."""
    rules = list_rules(source)
    if rules:
        reorder_rules(source, rules[-1].sheet, [rules[-1].id], output)


def replace_last(source, output):
    """Put all of ours in the place of the last rule of a workbook that has one."""
    rules = list_rules(source)
    if rules:
        replace_rule(source, rules[-1].sheet, rules[-1].id, ALL, output)


def preview(source, output):
    """Preview a rule on the first table."""
    write_preview(source, PREVIEWED, read_table(source), output, TODAY)


def works(source, folder, page):
    """Everything that is tried on one file, by name."""
    return {
        "list tables": lambda: list_tables(source),
        "read table": lambda: read_table(source),
        "list rules": lambda: list_rules(source),
        "lint": lambda: lint_workbook(source, TODAY),
        "apply": lambda: apply_rules(source, first_sheet(source), ALL, folder / "out.xlsx"),
        "remove": lambda: remove_first(source, folder / "less.xlsx"),
        "reorder": lambda: turn_round(source, folder / "turned.xlsx"),
        "replace": lambda: replace_last(source, folder / "replaced.xlsx"),
        "merge": lambda: merge_rules(source, first_sheet(source), folder / "merged.xlsx"),
        f"preview {page}": lambda: preview(source, folder / f"out.{page}"),
    }


class TooSlowError(Exception):
    """A piece of work took too much processor time."""


def too_slow(*_args):
    raise TooSlowError


def confine():
    """Let a process that takes too much memory or time fail and not the machine."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY,) * 2)
    signal.signal(signal.SIGVTALRM, too_slow)


def attempt(label, work, folder, counts):
    """Count one piece of work by its outcome; its seconds of processor time."""
    before, started = set(folder.iterdir()), time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        work()
        counts[f"{label}: done"] += 1
    except CellFusionError as error:
        counts[f"{label}: {type(error).__name__}"] += 1
        if set(folder.iterdir()) != before or "\n" in str(error):
            counts["failed"] += 1
            print(f"{label}: left something behind, or says {error}")
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        counts["failed"] += 1
        place = traceback.extract_tb(error.__traceback__)[-1]
        print(f"{label}: {type(error).__name__} {error} in {place.filename}:{place.lineno}")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - started


def main():
    """Feed the files; 0 where all is well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="when to end early")
    parser.add_argument("--keep", type=Path, help="a folder for files that fail")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    confine()
    rng, counts, slowest, files = random.Random(options.seed), Counter(), {}, 0
    found = sorted(options.folder.glob("*.x[lt]*"))
    contents = [path.read_bytes() for path in found if path.stat().st_size < 60_000]
    end = time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as other:
        source, folder = Path(other) / "source.xlsx", Path(name)
        while files < options.count and time.monotonic() < end:
            files += 1
            change = rng.choice((changed_bytes, changed_parts, changed_parts))
            source.write_bytes(change(rng, rng.choice(contents)))
            failed = counts["failed"]
            for label, work in works(source, folder, ("png", "html")[files % 2]).items():
                seconds = attempt(label, work, folder, counts)
                slowest[label] = max(slowest.get(label, 0.0), seconds)
            if options.keep and counts["failed"] > failed:
                shutil.copy(source, options.keep / f"{options.seed}-{files}.xlsx")
            for path in folder.iterdir():
                path.unlink()
    return report(files, counts, slowest)


def report(files, counts, slowest):
    """Print what happened; 0 where it is within the bounds."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{files} files", flush=True)
    for label, count in sorted(counts.items()):
        print(f"{count:8} {label}")
    print("slowest: " + ", ".join(f"{name} {each:.2f} s" for name, each in slowest.items()))
    print(f"peak of memory {peak:.0f} MiB, {counts['failed']} failures")
    return 1 if counts["failed"] or max(slowest.values()) > SECONDS or peak > 512 else 0


if __name__ == "__main__":
    sys.exit(main())
