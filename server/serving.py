"""What gunicorn asks for while it serves: settings that survive a reload, and shared counts.

Imported by ``gunicorn.conf.py``, which gunicorn runs anew at every reload; what is to last from one
reload to the next is kept here.
"""

from __future__ import annotations

import gc
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grammar.errors import CellFusionError
from server.config import Config

log = logging.getLogger("cellfusion.serving")
COUNTS = "PROMETHEUS_MULTIPROC_DIR"
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps files in memory


class Serving:
    """One gunicorn: its settings, and the folder of its counts."""

    def __init__(self) -> None:
        self.config: Config | None = None
        self._counts: Path | None = None

    def settings(self, environ: Mapping[str, str]) -> Config:
        """The settings; at a reload the former ones where the new ones cannot be used.

        Raises:
            ConfigError: they cannot be used, and there are no former ones.
        """
        try:
            found = Config.load(environ)
        except CellFusionError as error:
            if self.config is None:
                raise
            log.error("not reloaded: %s", error, extra={"error": error.code})
            return self.config
        self.config = found
        return found

    def count_in(self, environ: dict[str, str] | os._Environ[str]) -> None:
        """Have workers keep their counts in an empty folder: that of the environment or a new one.

        Counts of workers that have ended are kept there as well, but not those of an earlier start.
        """
        if self._counts is not None:
            return
        if COUNTS in environ:
            self._counts = Path(environ[COUNTS])
            self._counts.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            place = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
            self._counts = Path(tempfile.mkdtemp(prefix="cellfusion-metrics-", dir=place))
            environ[COUNTS] = str(self._counts)
        self._forget_counts()

    def _forget_counts(self) -> None:
        for file in self._counts.glob("*.db") if self._counts else ():
            file.unlink(missing_ok=True)

    def ready(self, server: Any) -> None:  # noqa: ANN401 - gunicorn's, which has no types
        """Leave what is loaded alone, so that workers share its memory for as long as they live."""
        gc.collect()
        gc.freeze()

    def reload(self, server: Any) -> None:  # noqa: ANN401
        """Give workers to come the policy as it is now, and the model that is loaded already.

        With settings that cannot be used all stays as it was.
        """
        from server.app import from_environment

        try:
            server.app.callable = from_environment(server.app.callable)
        except CellFusionError as error:
            log.error("not reloaded: %s", error, extra={"error": error.code})
        except Exception as error:  # whatever it is, it must not end a service that works
            log.error("not reloaded", exc_info=error)
        else:
            log.info("reloaded")
            self.ready(server)

    def child_ended(self, server: Any, worker: Any) -> None:  # noqa: ANN401
        """Forget what a worker that ended had waiting; what it counted stays."""
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # upstream

    def ended(self, server: Any) -> None:  # noqa: ANN401
        """Remove the counts."""
        if self._counts is not None:
            self._forget_counts()
            if self._counts.name.startswith("cellfusion-metrics-"):
                shutil.rmtree(self._counts, ignore_errors=True)


SERVING = Serving()
