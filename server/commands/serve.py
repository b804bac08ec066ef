"""The command that serves."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

CONFIGURATION = Path(__file__).parent.parent / "gunicorn.conf.py"


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="[default: 8765; 0 takes a free one]")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that answer.  [default: 1]")
@click.option("--weights", type=click.Path(path_type=Path), help="Folder of another model.")
@click.option("--policy", type=click.Path(path_type=Path), help="Policy file (TOML).")
def serve(
    host: str | None,
    port: int | None,
    workers: int | None,
    weights: Path | None,
    policy: Path | None,
) -> None:
    """Serve the API and the task pane, by default for one person on this machine.

    Every setting can also be given as a variable, as CELLFUSION_PORT, or in a policy file.
    """
    from server.config import Config
    from server.identity.door import check_closed
    from server.settings import as_environ

    said = {"host": host, "port": port, "workers": workers, "weights": weights, "policy": policy}
    config = Config.load(os.environ, **said)
    check_closed(config)
    command = [sys.executable, "-m", "gunicorn", "--config", str(CONFIGURATION)]
    click.echo(f"serving on http://{config.host}:{config.port} (Ctrl+C ends it)", err=True)
    # the same process becomes gunicorn, so that signals reach it
    os.execve(sys.executable, command, os.environ | as_environ(said))  # noqa: S606 - our own
