"""Logs as JSON, one object a line, without what people wrote: no cells, no requests, no rules."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import traceback

FIELDS = ("request_id", "method", "route", "status", "milliseconds", "bytes", "error", "size")
"""What a record may say beside its message."""
_QUOTING = re.compile(
    r"(Invalid request from ip=\S*[^\s:]|Error handling request|Closing connection"
    r"|Ignored premature client disconnection|HTTP/2 [a-z ]+)\b"
)
"""How messages of gunicorn begin that go on with what was sent."""


class JsonFormatter(logging.Formatter):
    """Records as JSON; of an exception its type and places, as its message may quote a cell."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        moment = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1]:
            line["exception"] = describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    """What a record says; gunicorn's own without the lines and paths that it quotes."""
    text = record.getMessage()
    quoting = _QUOTING.match(text) if record.name.startswith("gunicorn") else None
    return quoting[0] if quoting else text


def describe(error: BaseException) -> dict[str, object]:
    """The type of an exception and the lines that it passed, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "type": type(error).__qualname__,
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def setup_logs(level: str) -> None:
    """Write the records of ``cellfusion`` as JSON to standard error."""
    logger = logging.getLogger("cellfusion")
    logger.setLevel(level)
    logger.propagate = False  # gunicorn gives the root logger a handler of its own
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter())
        logger.addHandler(handler)
