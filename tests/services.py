"""Servers that tests start for themselves: PostgreSQL and Redis, on free ports and for one run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

USER = "cellfusion"
QUICK = (
    "-c fsync=off -c full_page_writes=off -c shared_buffers=16MB "
    "-c max_connections=60 -c autovacuum=off"
)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _binaries() -> Path:
    """Debian keeps the programs of each version in a folder of its own."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = str(versions[-1]) if versions else shutil.which("initdb")
    assert found, "PostgreSQL is missing; run tests/install_system_packages.sh"
    return Path(found).parent


@dataclass
class Postgres:
    """A cluster of its own, which can be stopped and started again."""

    folder: Path
    port: int

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs, which refuse to be root."""
        command = [str(_binaries() / program), *arguments]
        if os.geteuid() == 0:
            command = [
                "setpriv",
                "--reuid=postgres",
                "--regid=postgres",
                "--clear-groups",
                *command,
            ]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL)

    def create(self) -> None:
        """Make the cluster."""
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        options = ("-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.run("initdb", "-D", str(self.data), "-U", USER, *options)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        """Serve, and return when connections are taken."""
        options = f"-p {self.port} -k {self.folder} -h 127.0.0.1 {QUICK}"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.data), "-w", "-l", log, "-o", options, "start")

    def stop(self, how: str = "fast") -> None:
        """End it: ``fast`` in good order, ``immediate`` as a crash would."""
        self.run("pg_ctl", "-D", str(self.data), "-w", "-m", how, "stop")

    def url(self, name: str = "postgres") -> str:
        """The URL of a database."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def database(self) -> str:
        """The URL of a new and empty schema: as good as a database, and made in no time."""
        name = f"test_{uuid4().hex}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{self.url()}?options=-csearch_path%3D{name}"


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A cluster while it is needed."""
    folder = Path(tempfile.mkdtemp(prefix="cellfusion-postgres-"))
    found = Postgres(folder, free_port())
    try:
        found.create()
        found.start()
        yield found
        if (found.data / "postmaster.pid").exists():
            found.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Redis:
    """A server without a file, which can be stopped and started again."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, arguments: Sequence[str] = ()) -> None:
        """Serve, and return when it answers."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        quiet = ["--save", "", "--appendonly", "no", "--loglevel", "warning", *arguments]
        self.process = subprocess.Popen(
            command + quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        retry = Retry(ConstantBackoff(0.05), 200)
        with redis.Redis(port=self.port, retry=retry) as client:
            assert client.ping()

    def stop(self) -> None:
        """End it, with all that it holds."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def redis_server() -> Iterator[Redis]:
    """A Redis while it is needed."""
    found = Redis(free_port())
    try:
        found.start()
        yield found
    finally:
        found.stop()
