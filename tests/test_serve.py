"""The service as it is run: gunicorn on loopback, started by the command."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

ADDRESS = re.compile(r"Listening at: (http://127\.0\.0\.1:\d+)")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where two workers without a model listen, started by ``cellfusion serve``."""
    environ = {name: text for name, text in os.environ.items() if "PROMETHEUS" not in name}
    folder = tmp_path_factory.mktemp("counts")
    environ |= {"CELLFUSION_WEIGHTS": str(folder / "none"), "TMPDIR": str(folder)}
    command = [sys.executable, "-m", "server.cli", "serve", "--port", "0", "--workers", "2"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        lines = iter(process.stderr.readline, "")
        found = next(filter(None, map(ADDRESS.search, lines)))
        yield found[1]
        process.terminate()
        rest = process.stderr.read()
        assert process.wait(60) == 0, rest
    assert not list(folder.iterdir())


def get(url, body=None):
    """Status and JSON of an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_it_answers(address):
    """Health, a rule's validity and the missing model come over a real connection."""
    status, text = get(f"{address}/healthz")
    assert (status, json.loads(text)["status"]) == (200, "ok")
    status, text = get(f"{address}/api/v1/validate", {"text": "GreaterThan(c[2],100)"})
    assert (status, json.loads(text)["canonical"]) == (200, "GreaterThan(c[2], 100)")
    status, text = get(f"{address}/readyz")
    assert (status, json.loads(text)["code"]) == (503, "model")


def test_metrics_are_those_of_all_workers(address):
    """Twenty requests to two workers are counted as twenty, whoever is asked."""
    before = counted(address)
    for _ in range(20):
        get(f"{address}/openapi.json")
    assert [counted(address) - before for _ in range(5)] == [20] * 5


def counted(address):
    """How often the document was read."""
    _, text = get(f"{address}/metrics")
    found = re.search(r'requests_total\{[^}]*route="/openapi.json"[^}]*\} ([\d.]+)', text)
    return float(found[1]) if found else 0.0


def test_a_wrong_setting_ends_the_command():
    """A misspelt variable is status 2 and one line, not a service with a default."""
    environ = {**os.environ, "CELLFUSION_PROT": "80"}
    command = [sys.executable, "-m", "server.cli", "serve"]
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "CELLFUSION_PROT" in ended.stderr
    assert "Traceback" not in ended.stderr
