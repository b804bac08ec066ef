"""How gunicorn serves: the model is loaded once and shared by workers of one math thread each."""

import os

# read by torch and numpy when they are imported, so before everything else
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from server.logs import JsonFormatter
from server.serving import SERVING, SHARED_MEMORY

_config = SERVING.settings(os.environ)
SERVING.count_in(os.environ)
_longest = int(max(_config.answer_seconds, _config.workbook_seconds))

wsgi_app = "server.app:from_environment()"
bind = (
    f"[{_config.host}]:{_config.port}" if ":" in _config.host else f"{_config.host}:{_config.port}"
)
workers = _config.workers
worker_class = "server.balance.FairWorker"
threads = _config.threads
preload_app = True
timeout = 30 + _longest
graceful_timeout = 5 + _longest  # what was begun is ended
keepalive = 75  # longer than people think, and than a proxy keeps a connection
max_requests = 10_000
max_requests_jitter = 1_000
worker_tmp_dir = str(SHARED_MEMORY) if os.access(SHARED_MEMORY, os.W_OK) else None
control_socket_disable = True  # signals do, and its folder would have to be writable
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
when_ready = SERVING.ready
on_reload = SERVING.reload
child_exit = SERVING.child_ended
on_exit = SERVING.ended
