"""Who is refused: every wrong token, key, role, tenant and path, and every endpoint to a stranger.

    python tests/bench/refusals.py

The first table is that of the tests, as the service answers it now; the second is the URL map with
what was decided of each rule and what somebody without a token gets there. Exits 1 where somebody
was let in or answered otherwise than the tests expect, or where nothing was decided.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from flask import Flask
from identities import make_app
from rich.console import Console
from rich.table import Table
from test_identity import RULE, WRONG_KEYS, WRONG_PATHS, WRONG_TOKENS, asked

from server.identity.door import access_of
from server.identity.who import PUBLIC

Row = tuple[str, str, int, str, bool]


def wrong(app: Flask) -> Iterator[Row]:
    """What was sent, where, status and code of the answer, and whether it was to be so."""
    for name, (authorization, status, code) in (WRONG_TOKENS | WRONG_KEYS).items():
        answer = asked(app, "POST", "/api/v1/validate", authorization, json=RULE)
        yield name, "POST /api/v1/validate", *judged(answer, status, code)
    for name, (method, path, authorization, status, code) in WRONG_PATHS.items():
        yield (
            name,
            f"{method} {path}",
            *judged(asked(app, method, path, authorization), status, code),
        )


def judged(answer, status: int, code: str | None) -> tuple[int, str, bool]:
    """Status and code of an answer, and whether both are those that were expected."""
    found = (answer.get_json(silent=True) or {}).get("code", "")
    return answer.status_code, found, answer.status_code == status and code in (None, found)


def strangers(app: Flask) -> Iterator[Row]:
    """Every rule and method of the URL map, who may, and what a stranger gets."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        access = access_of(app, rule.endpoint)
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<path:{name}>", "x").replace(f"<{name}>", "x")
        for method in sorted(rule.methods or ()):
            with asked(app, method, path, "") as answer:
                status = answer.status_code
            role = "everybody" if access == PUBLIC else f"{access.role if access else 'undecided'}"
            scope = f", scope {access.scope}" if access and access.scope else ""
            is_right = access is not None and (access == PUBLIC or status == 401)
            yield f"{method} {rule.rule}", role + scope, status, "", is_right


def show(title: str, headers: tuple[str, ...], rows: list[Row]) -> int:
    """How many rows are wrong, after all were printed."""
    table = Table(*headers, title=title, title_justify="left")
    for first, second, status, code, is_right in rows:
        told = f"{status} {code}".strip() + ("" if is_right else "  WRONG")
        table.add_row(first, second, told)
    console = Console(width=110)
    console.print(table)
    faults = sum(not row[-1] for row in rows)
    console.print(f"{len(rows)} asked, {faults} not as they should be\n")
    return faults


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(Path(folder), log_level="ERROR")
        faults = show("wrong ones", ("what", "where", "answer"), list(wrong(app)))
        map_of = ("endpoint", "who may", "to a stranger")
        faults += show("the URL map", map_of, list(strangers(app)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
