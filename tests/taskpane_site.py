"""The task pane as people get it: the real service on loopback, in front of a book of answers."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, Page, Playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from grammar.parser import parse_condition
from grammar.rules import ROW, Rule, RuleSet, Style
from grammar.table import Table
from grammar.values import to_serial
from model.pipeline import Proposal, Suggestion
from model.ranking import Features
from model.steps import Watch
from server.app import create_app
from server.config import Config
from server.errors import BusyError
from server.sample import HEADERS, order_rows

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
OFFICE = "https://appsforoffice.microsoft.com/**"
STUB = Path(__file__).parent / "fixtures" / "office.js"
PANE = {"width": 350, "height": 700}

GREEN, ORANGE = Style(fill="#C6EFCE", font="#006100"), Style(fill="#FFC000")
BOLD, EDGED = Style(bold=True, border="#C00000"), Style(font="#C00000", strike=True)


def rule(text: str, style: Style = GREEN, **more: object) -> Rule:
    """A rule from the text of its condition."""
    return Rule(parse_condition(text), style=style, **more)


BOOK: dict[str, list[list[Rule]]] = {
    "amounts over 500 in green": [
        [rule("GreaterThan(c[6], 500)")],
        [rule("GreaterThan(c[6], 500)", target=ROW)],
        [rule("GreaterThanEqual(c[6], 500)")],
        [rule("GreaterThan(c[7], 0.05)")],
    ],
    "rows where Status is Open in orange": [[rule("TextEquals(c[5], 'Open')", ORANGE, target=ROW)]],
    "customers with Garden": [[rule("TextContains(c[1], 'Garden')", EDGED)]],
    "top 10 amounts in bold": [[rule("Top(c[6], 10)", BOLD)]],
    "not delivered": [[rule("Blanks(c[4])", ORANGE)]],
    "colour scale on Amount": [[rule("ColorScale(c[6])", Style())]],
    "bars on Amount": [[rule("DataBar(c[6])", Style())]],
    "second column in green": [[rule("GreaterThan(c[1], 5)")]],
    "bars on Rank": [[rule("DataBar(c[3])", Style())]],
    "bars on Share": [[rule("DataBar(c[2])", Style())]],
    "icons on Amount": [[rule("IconSet(c[6])", Style())]],
    "big green, small orange": [
        [rule("GreaterThan(c[6], 500)", stop_if_true=True), rule("LessThan(c[6], 100)", ORANGE)]
    ],
    "Amount over 200 in green": [[rule("GreaterThan(c[6], 200)")]],
    "amounts in green": [],
    "amounts in green, over 500": [[rule("GreaterThan(c[6], 500)")]],
}
QUESTIONS = {"amounts in green": "Which amounts are to be green?"}
BUSY = "keep the server busy"


class BookModel:
    """Answers the requests of the book."""

    def suggest_many(
        self,
        requests: Sequence[tuple[str, Table]],
        *,
        today: dt.date,
        top: int,
        seed: int,
        watch: Watch | None = None,
    ) -> list[Suggestion]:
        """What the book says, whatever the table is."""
        if watch:
            for place, _ in enumerate(requests):
                watch(place, 1, "GreaterThan(c[6], ?)")
        return [_answer(utterance) for utterance, _ in requests]


def _answer(utterance: str) -> Suggestion:
    if utterance == BUSY:
        raise BusyError("64 requests come first", 3)
    readings = BOOK.get(utterance, [])
    question = QUESTIONS.get(utterance)
    proposals = [Proposal(RuleSet(tuple(rules)), 0.9, Features()) for rules in readings]
    return Suggestion(tuple(proposals), question is not None, question, 1.0)


class Handler(WSGIRequestHandler):
    """Connections that stay open, as gunicorn has them, and no line a request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def serving(app: Flask | None = None) -> Iterator[str]:
    """The address of the page while the service runs: one for this machine, or an application."""
    served = app or create_app(Config(), BookModel())
    server = make_server("127.0.0.1", 0, served, threaded=True, request_handler=Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}/taskpane/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium, without a screen and quiet on the network."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)


def excel_sheet(**more: object) -> dict[str, object]:
    """What the stub of Office.js starts with: the sample orders, a cell of them selected."""
    rows = [list(HEADERS), *order_rows(dt.date(2026, 8, 1))]
    values = [[_value(value) for value in row] for row in rows]
    codes = ["General"] * 3 + ["yyyy-mm-dd"] * 2 + ["General", "#,##0.00", "0%"]
    formats = [codes for _ in rows]
    return {"region": "A1:H61", "values": values, "formatCodes": formats, **more}


def _value(value: object) -> object:
    if isinstance(value, dt.date):
        return to_serial(value)
    return "" if value is None else value


def office_script(**sheet: object) -> str:
    """The stub that stands for Office.js, with the sheet that it starts with."""
    return f"window.__office = {json.dumps(excel_sheet(**sheet))};\n{STUB.read_text()}"


def open_excel(page: Page, address: str, **sheet: object) -> None:
    """Open the page as Excel does, Office.js replaced at the network by the stub."""
    body = office_script(**sheet)
    page.route(OFFICE, lambda route: route.fulfill(body=body, content_type="text/javascript"))
    page.goto(f"{address}?app=excel")


def ask(page: Page, utterance: str) -> None:
    """Write a request and send it."""
    page.get_by_label("Which cells").fill(utterance)
    page.get_by_role("button", name="Suggest").click()
