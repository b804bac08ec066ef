"""The files of the roll-out: settings that exist, secrets without defaults, tools that agree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from proxy import render, run
from services import free_port

from server.config import Config
from server.identity.door import check_closed
from server.settings import PREFIX

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
FILES = sorted([*DEPLOY.iterdir(), ROOT / "Dockerfile", ROOT / "docs" / "rollout.md"])
SETTINGS = {field.name for field in fields(Config)}
SUBSTITUTED = re.compile(r"(?<!\$)\$\{([A-Z_]+)(?:(:[-?])([^}]*))?\}")
SECRETS = {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}
GUID = "11111111-2222-4333-8444-555555555555"
FILLED = {
    "SERVER_NAME": "cells.example.org",
    "TENANT_ID": GUID,
    "CLIENT_ID": GUID,
    "POSTGRES_PASSWORD": "a1",
    "REDIS_PASSWORD": "b2",
    "TLS_FOLDER": "./tls",
}


def text_of(name):
    return (DEPLOY / name).read_text(encoding="utf-8")


def environment(name):
    """The variables of a file."""
    lines = (line for line in text_of(name).splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_settings_that_exist_are_named(path):
    """A variable of ours that no setting has would keep the service from starting."""
    named = set(re.findall(rf"{PREFIX}([A-Z_]+)", path.read_text(encoding="utf-8")))
    assert {name.lower() for name in named} - {"version"} <= SETTINGS


def test_the_example_of_a_machine_serves(tmp_path):
    """Environment and policy together are settings that keep strangers out."""
    page = tmp_path / "msal-browser.min.js"
    page.write_text("", encoding="utf-8")
    policy = tmp_path / "policy.toml"
    text = text_of("policy.toml").replace("/etc/cellfusion/msal-browser.min.js", str(page))
    policy.write_text(text, encoding="utf-8")
    assert set(tomllib.loads(text)) <= SETTINGS
    found = environment("cellfusion.env.example")
    assert found["CELLFUSION_POLICY"] == "/etc/cellfusion/policy.toml"
    config = Config.load(found | {"CELLFUSION_POLICY": str(policy)})
    check_closed(config)
    assert not config.is_local
    assert config.workers == 2


def compose():
    """The services, their variables filled in."""
    found = yaml.safe_load(text_of("compose.yaml"))
    return found["services"]


def filled(text):
    """A value as compose would have it."""
    return SUBSTITUTED.sub(lambda found: FILLED.get(found[1]) or found[3], str(text))


def test_the_services_of_compose_are_told_settings_that_serve(tmp_path):
    """What compose hands over is read without a complaint and keeps strangers out."""
    given = compose()["cellfusion"]["environment"]
    environ = {name: filled(text) for name, text in given.items()}
    (tmp_path / "msal-browser.min.js").write_text("", encoding="utf-8")
    shutil.copy(DEPLOY / "policy.toml", tmp_path)
    for name in ("CELLFUSION_MSAL_URL", "CELLFUSION_POLICY"):
        environ[name] = environ[name].replace("/etc/cellfusion", str(tmp_path))
    config = Config.load(environ | {"CELLFUSION_HOST": "0.0.0.0"})  # noqa: S104 - as in the image
    check_closed(config)
    assert config.database_url == "postgresql://cellfusion:a1@postgres:5432/cellfusion"
    assert config.base_url == "https://cells.example.org"


def test_compose_has_no_secret_and_asks_for_each():
    """Passwords have no default, and what is missing is asked for by name."""
    found = SUBSTITUTED.findall(text_of("compose.yaml"))
    names = {name for name, _, _ in found}
    asked = {name for name, kind, said in found if kind == ":?" and name in said}
    defaults = {name for name, kind, _ in found if kind == ":-"}
    assert asked == set(FILLED)
    assert asked | defaults == names
    assert not defaults & SECRETS
    example = environment("compose.env.example")
    assert set(example) <= names
    assert all(not example[name] for name in SECRETS)


def test_compose_gives_the_service_little():
    """No root, no capability, nothing to write to, and the stores are not reached from outside."""
    services = compose()
    own = services["cellfusion"]
    assert own["read_only"]
    assert own["cap_drop"] == ["ALL"]
    assert own["security_opt"] == ["no-new-privileges:true"]
    assert [name for name, each in services.items() if "ports" in each] == ["proxy"]
    assert services["postgres"]["networks"] == services["redis"]["networks"] == ["inside"]
    for name, each in services.items():
        for other in each.get("depends_on", ()):
            assert other in services, name


def test_the_image_is_lean_and_runs_as_nobody():
    """Two stages, a user, a probe, no latest, and copies only of what is there."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith(("#", " "))]
    bases = [rest for step, rest in steps if step == "FROM"]
    assert len(bases) == 2
    assert all(re.match(r"\S+:[\d.]+", base) for base in bases)
    users = [rest for step, rest in steps if step == "USER"]
    assert users == ["10001"]
    assert "HEALTHCHECK" in {step for step, _ in steps}
    assert "ADD" not in {step for step, _ in steps}
    copied = [rest.split()[:-1] for step, rest in steps if step == "COPY" and "--from" not in rest]
    sources = {source for each in copied for source in each}
    assert all((ROOT / source).exists() for source in sources)
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{source}" for source in sources} == {line for line in kept if line[0] == "!"}
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(packages) <= sources
    torch = next(each for each in project["project"]["dependencies"] if each.startswith("torch"))
    assert f'"{torch}"' in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_nginx_takes_its_configuration(tmp_path):
    """nginx itself reads the file, for one instance and for two."""
    for upstreams in (["127.0.0.1:1"], ["127.0.0.1:1", "127.0.0.1:2"]):
        main = render(tmp_path, "cells.example.org", upstreams, free_port())
        assert "test is successful" in run(main, "-t")


def test_systemd_takes_the_units(tmp_path):
    """systemd itself finds nothing wrong, where the command is there, and little exposed."""
    for name in ("cellfusion.service", "cellfusion.socket"):
        text = text_of(name).replace("/opt/cellfusion/bin/cellfusion", sys.executable)
        (tmp_path / name).write_text(text, encoding="utf-8")
    unit = str(tmp_path / "cellfusion.service")
    plain = {"env": os.environ | {"SYSTEMD_LOG_LEVEL": "warning"}, "text": True}
    found = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, check=False, **plain
    )
    assert (found.returncode, found.stderr) == (0, "")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit]
    judged = subprocess.run(command, capture_output=True, check=False, **plain)
    assert judged.returncode == 0, judged.stdout[-400:]


def test_the_account_and_the_folders_are_made(tmp_path):
    """systemd-sysusers makes the account in an empty root; tmpfiles reads its lines."""
    (tmp_path / "etc").mkdir()
    command = ["systemd-sysusers", f"--root={tmp_path}", str(DEPLOY / "sysusers.conf")]
    subprocess.run(command, check=True, capture_output=True)
    account = (tmp_path / "etc" / "passwd").read_text(encoding="utf-8")
    assert re.search(r"^cellfusion:.*:/usr/sbin/nologin$", account, re.MULTILINE)
    (tmp_path / "etc" / "cellfusion").mkdir()
    command = ["systemd-tmpfiles", "--create", f"--root={tmp_path}", str(DEPLOY / "tmpfiles.conf")]
    subprocess.run(command, check=True, capture_output=True)
    assert oct((tmp_path / "etc" / "cellfusion").stat().st_mode & 0o777) == "0o750"
