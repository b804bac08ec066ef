"""How gunicorn serves: the model is loaded once and shared by workers of one math thread each."""

import os
import shutil
import tempfile
from pathlib import Path

# read by torch and numpy when they are imported, so before everything else
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from server.config import Config
from server.logs import JsonFormatter

_config = Config.load(os.environ)
_counts = None
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    _counts = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(
        prefix="cellfusion-metrics-"
    )

wsgi_app = "server.app:from_environment()"
bind = (
    f"[{_config.host}]:{_config.port}" if ":" in _config.host else f"{_config.host}:{_config.port}"
)
workers = _config.workers
worker_class = "gthread"
threads = _config.threads
preload_app = True
timeout = 30 + int(max(_config.answer_seconds, _config.workbook_seconds))
graceful_timeout = 30
keepalive = 5
max_requests = 10_000
max_requests_jitter = 1_000
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - in memory
accesslog = None  # the service writes its own, without what people asked
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonFormatter}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {
        "gunicorn.error": {"level": _config.log_level, "handlers": ["stderr"], "propagate": False},
        "gunicorn.access": {"level": "WARNING", "handlers": [], "propagate": False},
    },
}


def child_exit(server, worker):  # noqa: ANN001, ANN201 - gunicorn's hook
    """Forget what a worker that ended had waiting."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):  # noqa: ANN001, ANN201 - gunicorn's hook
    """Remove the counts."""
    if _counts:
        shutil.rmtree(_counts, ignore_errors=True)
