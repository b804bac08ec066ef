"""The service as it is run: gunicorn started by the command, its log, its workers, a client."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from server.identity.who import SCOPES, Identity, Role
from server.store import Store, keys
from server.store.schema import upgrade

LISTENING = re.compile(r"Listening at: http://([0-9.]+):(\d+)")
WHO = Identity("test", "", Role.ADMIN, frozenset(SCOPES), "command")
DECISION = {"outcome": "accepted", "rank": 1, "rules": [{"condition": "GreaterThan(c[2], 100)"}]}


def new_key(url: str, role: Role = Role.ADMIN) -> str:
    """The text of a key in a database, whose tables are made where it has none."""
    store = Store(url)
    upgrade(store)
    with store.begin() as session:
        text, _ = keys.create(session, WHO, "test", role, frozenset(SCOPES))
    store.engine.dispose()
    return text


@dataclass(frozen=True)
class Reply:
    """Status, headers and body of an answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Running:
    """One gunicorn with settings of its own; ``folder`` takes what it writes."""

    folder: Path
    settings: dict[str, object] = field(default_factory=dict)
    key: str = ""
    lines: list[str] = field(default_factory=list)
    port: int = 0
    held: socket.socket | None = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.ended()

    def ended(self):
        """Wait until the master and its workers are gone."""
        self.process.wait(60)
        self._reader.join(60)

    def start(self):
        """Start it, and return when it listens.

        A socket in ``held`` is handed over as systemd does, with our place in the process table.
        """
        self._heard = threading.Condition()
        said = {"port": self.port, "weights": self.folder / "none"} | self.settings
        environ = {name: text for name, text in os.environ.items() if "PROMETHEUS" not in name}
        environ |= {f"CELLFUSION_{name.upper()}": str(value) for name, value in said.items()}
        environ |= {"TMPDIR": str(self.folder), "XDG_DATA_HOME": str(self.folder)}
        known = len(self.lines)
        command, inherited = [sys.executable, "-m", "server.cli", "serve"], []
        if self.held is not None:
            inherited = [self.held.fileno()]
            given = f"exec 3<&{inherited[0]}; LISTEN_FDS=1 LISTEN_PID=$$ exec"
            command = ["bash", "-c", f'{given} "$@"', "held", *command]
        self.process = subprocess.Popen(
            command,
            env=environ,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            pass_fds=inherited,
        )
        self._reader = threading.Thread(target=self._read, args=(self.process.stderr,))
        self._reader.start()
        self.port = int(self.wait_for(LISTENING, known)[2])

    def _read(self, stream):
        with stream:
            for line in stream:
                with self._heard:
                    self.lines.append(line)
                    self._heard.notify_all()
        with self._heard:
            self._heard.notify_all()

    def wait_for(self, pattern, start=0, count=1, seconds=120.0):
        """The match in the log, from a line on, that makes so many."""

        def found():
            matches = [each for line in self.lines[start:] if (each := re.search(pattern, line))]
            return matches[count - 1] if len(matches) >= count else None

        with self._heard:
            match = self._heard.wait_for(
                lambda: found() or self.process.poll() is not None, seconds
            )
            assert match, f"{pattern} is not in the log: {''.join(self.lines[-20:])}"
            assert found(), "".join(self.lines[-20:])
            return found()

    @property
    def workers(self):
        """The ids of the worker processes."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return [int(child) for child in children.split()]

    def signal(self, which=signal.SIGHUP):
        """Send the master a signal."""
        self.process.send_signal(which)

    def head(self, path, body, method=None, **headers):
        """The lines of a request before its body."""
        kind = "application/json"
        found = {"Host": "localhost", "Content-Type": kind, "Content-Length": len(body)}
        if self.key:
            found["Authorization"] = f"Bearer {self.key}"
        found |= headers
        lines = [f"{method or ('POST' if body else 'GET')} {path} HTTP/1.1"]
        return "\r\n".join([*lines, *(f"{name}: {text}" for name, text in found.items()), "", ""])

    def ask(self, path, body=None, method=None, seconds=60.0, **headers):
        """The answer to a request on a connection of its own.

        Raises:
            OSError, http.client.HTTPException: there is none.
        """
        data = b"" if body is None else json.dumps(body).encode()
        with self.open(seconds) as connection:
            connection.sendall(self.head(path, data, method, **headers).encode() + data)
            return reply(connection)

    def open(self, seconds=60.0):
        """A connection."""
        return socket.create_connection(("127.0.0.1", self.port), seconds)

    def begin(self, path, body):
        """A connection with a request that a worker has in hand, and the body that it waits for."""
        data = json.dumps(body).encode()
        connection = self.open()
        head = self.head(path, data, Connection="close", Expect="100-continue")
        connection.sendall(head.encode())
        assert b"100 Continue" in connection.recv(100)
        return connection, data

    def counted(self, name, **labels):
        """A count of the service, of all its workers."""
        wanted = "".join(rf'(?=[^}}]*{label}="{re.escape(v)}")' for label, v in labels.items())
        text = self.ask("/metrics").body.decode()
        found = re.search(rf"^{name}(?:\{{{wanted}[^}}]*\}})? ([\d.]+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0


def reply(connection):
    """The answer that comes on a connection."""
    with http.client.HTTPResponse(connection) as found:
        found.begin()
        return Reply(found.status, dict(found.getheaders()), found.read())
