"""Mutates workbooks of a folder and lets every reader and writer at them.

    python tests/bench/fuzz_workbooks.py FOLDER [--count 2000] [--seed 1]

Bytes of the archive change, or text inside its parts under a right checksum. Exits 1 where
anything but one of our own errors is raised, something is left behind, or a file takes over 5 s.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import resource
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from rich_workbooks import ALL

from grammar.errors import CellFusionError
from server.workbooks import apply_rules, list_rules, list_tables, read_table
from server.workbooks.package import open_package

VALUES = (b"", b"0", b"-1", b"4294967296", b"A1", b"..", b"/", b"1.5", b"A1:XFD1048576", b"#REF!")
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


def first_sheet(data):
    """The name of the first sheet, where the file opens."""
    with open_package(data) as package:
        return package.worksheets()[0].name if package.worksheets() else ""


def attempt(label, work, folder, counts):
    """Count one piece of work by its outcome."""
    before = set(folder.iterdir())
    try:
        work()
        counts[f"{label}: done"] += 1
    except CellFusionError as error:
        counts[f"{label}: {type(error).__name__}"] += 1
        if set(folder.iterdir()) != before or "\n" in str(error):
            counts["failed"] += 1
            print(f"{label}: left something behind, or says {error}")
    except Exception:  # noqa: BLE001 - this is what is looked for
        counts["failed"] += 1
        traceback.print_exc()


def main():
    """Print outcomes, the slowest file and the peak of memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng, counts, slowest = random.Random(options.seed), Counter(), 0.0
    found = sorted(options.folder.glob("*.x[lt]*"))
    files = [path.read_bytes() for path in found if path.stat().st_size < 60_000]
    with tempfile.TemporaryDirectory() as name:
        output = Path(name) / "out.xlsx"
        for _ in range(options.count):
            data = rng.choice((changed_bytes, changed_parts, changed_parts))(rng, rng.choice(files))
            started = time.process_time()
            for label, work in (
                ("list tables", lambda data=data: list_tables(data)),
                ("read table", lambda data=data: read_table(data)),
                ("list rules", lambda data=data: list_rules(data)),
                ("apply", lambda data=data: apply_rules(data, first_sheet(data), ALL, output)),
            ):
                attempt(label, work, Path(name), counts)
            output.unlink(missing_ok=True)
            slowest = max(slowest, time.process_time() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for label, count in sorted(counts.items()):
        print(f"{count:8} {label}")
    print(f"slowest {slowest:.2f} s, peak {peak:.0f} MiB")
    sys.exit(1 if counts["failed"] or slowest > 5 else 0)


if __name__ == "__main__":
    main()
