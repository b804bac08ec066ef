"""The wheel that is rolled out: it has every file, and works far from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("grammar", "model", "server", "addin_manifest")
SENTENCE = "orders that are not delivered yet in orange"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def outside(wheel, tmp_path_factory):
    """A function that runs the command of the wheel in a folder elsewhere."""
    site, work = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("work")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    environ = {name: text for name, text in os.environ.items() if name[:10] != "CELLFUSION"}
    environ |= {"PYTHONPATH": str(site), "CELLFUSION_DATABASE_URL": f"sqlite:///{work}/store.db"}

    def run(*arguments):
        command = [sys.executable, "-P", "-m", "server.cli", *arguments]
        return subprocess.run(
            command, check=True, cwd=work, env=environ, capture_output=True, text=True
        ).stdout

    run.site, run.work = site, work
    return run


def test_it_has_every_file(wheel):
    """What git knows of the packages is in the wheel: weights, grammars, pages, migrations."""
    command = ["git", "ls-files", "-z", *PACKAGES]
    listed = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout
    tracked = {name for name in listed.split("\0") if name and (ROOT / name).exists()}
    with zipfile.ZipFile(wheel) as archive:
        assert tracked <= set(archive.namelist())


def test_it_formats_a_workbook_elsewhere(outside):
    """Weights, grammars, tables and previews come out of the wheel."""
    outside("sample", "orders.xlsx")
    outside("apply", SENTENCE, "--workbook", "orders.xlsx", "--output", "done.xlsx")
    outside("preview", SENTENCE, "--workbook", "orders.xlsx", "--output", "orders.png")
    assert {"done.xlsx", "orders.png"} <= {path.name for path in outside.work.iterdir()}


def test_it_serves_elsewhere(outside):
    """Migrations, settings, manifests and the page are there."""
    outside("store", "upgrade")
    assert json.loads(outside("store", "status", "--json"))["ready"]
    shown = json.loads(outside("config", "--json"))
    assert {"name": "port", "value": "8765", "origin": "default"} in shown
    outside("manifest", "--help")
    code = (
        "from server.app import create_app; from server.config import Config; import server\n"
        "client = create_app(Config()).test_client()\n"
        "paths = ('/readyz', '/taskpane/', '/manifest.xml', '/openapi.json')\n"
        "print(server.__file__, *(client.get(path).status_code for path in paths))"
    )
    command = [sys.executable, "-P", "-c", code]
    environ = {**os.environ, "PYTHONPATH": str(outside.site)}
    found = subprocess.run(
        command, check=True, cwd=outside.work, env=environ, capture_output=True, text=True
    )
    where, *statuses = found.stdout.split()
    assert Path(where).is_relative_to(outside.site)
    assert statuses == ["200"] * 4
