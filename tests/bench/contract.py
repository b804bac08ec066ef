"""Schemathesis at every endpoint of the OpenAPI document: no 5xx, no undocumented answer.

    python tests/bench/contract.py [--examples 50] [--seed 1]

The real service runs on loopback with a book of answers in place of the model and without limits
of rate; its store is a new file. Exits 1 where an answer has a status, type or body that the
document does not name, or where the service fails.
"""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from taskpane_site import BookModel, serving

from server.app import create_app
from server.config import Config

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,unsupported_method"
)
MANY = "1000000/minute"


def main() -> int:
    """0 where the service keeps to its document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=50, help="for each endpoint and phase")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = replace(
            Config(),
            database_url=f"sqlite:///{Path(folder) / 'store.db'}",
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
            ]
            return subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
