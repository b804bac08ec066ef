"""Schemathesis at every endpoint of the OpenAPI document: no 5xx, no undocumented answer.

    python tests/bench/contract.py [--examples 50] [--seed 1] [--shared]

The real service runs on loopback with a book of answers in place of the model and without limits
of rate; its store is a new file, or with --shared a PostgreSQL and a Redis that are started for it,
where an API key is needed. Exits 1 where an answer has a status, type or body that the
document does not name, or where the service fails.
"""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import services
from running import new_key
from taskpane_site import BookModel, serving

from server.app import create_app
from server.config import Config

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,unsupported_method"
)
MANY = "1000000/minute"


def shared(stack: ExitStack) -> tuple[dict[str, object], list[str]]:
    """Settings of a PostgreSQL and a Redis, and the header that lets a script in."""
    url = stack.enter_context(services.postgres()).database()
    redis = stack.enter_context(services.redis_server())
    settings = {"database_url": url, "redis_url": redis.url, "api_keys": True}
    return settings, ["--header", f"Authorization: Bearer {new_key(url)}"]


def main() -> int:
    """0 where the service keeps to its document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=50, help="for each endpoint and phase")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shared", action="store_true", help="on PostgreSQL and Redis")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        more, header = shared(stack) if options.shared else ({}, [])
        config = replace(
            Config(database_url=f"sqlite:///{Path(folder) / 'store.db'}"),
            **more,
            request_rate=MANY,
            suggest_rate=MANY,
            address_rate=MANY,
            log_level="ERROR",
        )
        app = create_app(config, BookModel())
        logging.getLogger("cellfusion").setLevel(logging.CRITICAL)
        with serving(app) as page:
            command = [
                *(str(Path(sys.executable).with_name("schemathesis")), "run"),
                *(page.replace("/taskpane/", "/openapi.json"), "--checks", CHECKS),
                *("--max-examples", str(options.examples), "--seed", str(options.seed)),
                *("--phases", "examples,coverage,fuzzing", "--no-color", "--workers", "1"),
                *("--generation-database", "none", "--suppress-health-check", "all"),
                *header,
            ]
            return subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
