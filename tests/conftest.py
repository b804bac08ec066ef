"""What every test relies on."""

import os
import shutil
import tempfile

import pytest
import services
from hypothesis import settings

# no deadline: time is never asserted; the same examples in every run, so that a red run is a change
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")

# a service without a database of its own keeps one in this folder, which is not to be a person's
DATA = tempfile.mkdtemp(prefix="cellfusion-data-")
os.environ["XDG_DATA_HOME"] = DATA


def pytest_unconfigure() -> None:
    """Remove what services have kept."""
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL of this run; each test takes a database of its own from it."""
    with services.postgres() as found:
        yield found


@pytest.fixture(scope="session")
def redis_server():
    """A Redis of this run."""
    with services.redis_server() as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request, tmp_path):
    """The URL of a new and empty database, of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return request.getfixturevalue("postgres").database()
