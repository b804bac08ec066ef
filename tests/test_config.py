"""The service's settings: read once, unknown ones refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.config import OFFICE_HOSTS, Config
from server.errors import ConfigError


def test_defaults_serve_one_person():
    """Without settings the service listens on this machine alone."""
    config = Config.load({})
    assert config == Config()
    assert config.host == "127.0.0.1"
    assert config.hosts == ["localhost", "127.0.0.1", "[::1]"]
    assert config.frame_ancestors == OFFICE_HOSTS


def test_variables_are_read_as_their_kind():
    """Numbers, folders, lists, truth values and optional texts become what they are."""
    config = Config.load(
        {
            "CELLFUSION_PORT": "9000",
            "CELLFUSION_WEIGHTS": "models/mine",
            "CELLFUSION_FRAME_ANCESTORS": "https://a.example, https://b.example",
            "CELLFUSION_BATCHING": "no",
            "CELLFUSION_BASE_URL": "https://cells.example",
            "CELLFUSION_BATCH_WAIT_MS": "2.5",
            "HOME": "/elsewhere",
        }
    )
    assert config.port == 9000
    assert config.weights == Path("models/mine")
    assert config.frame_ancestors == ("https://a.example", "https://b.example")
    assert config.batching is False
    assert config.base_url == "https://cells.example"
    assert config.batch_wait_ms == 2.5


def test_arguments_go_before_variables():
    """What is said on the command line wins; what is not said leaves the variable."""
    environ = {"CELLFUSION_PORT": "9000", "CELLFUSION_WORKERS": "3"}
    config = Config.load(environ, port=9001, workers=None)
    assert (config.port, config.workers) == (9001, 3)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"CELLFUSION_PROT": "1"}, "CELLFUSION_PROT"),
        ({"CELLFUSION_PORT": "many"}, "port"),
        ({"CELLFUSION_PORT": "70000"}, "70000"),
        ({"CELLFUSION_BATCHING": "perhaps"}, "batching"),
        ({"CELLFUSION_QUEUE_SIZE": "0"}, "queue_size"),
        ({"CELLFUSION_ANSWER_SECONDS": "nan"}, "answer_seconds"),
        ({"CELLFUSION_BATCH_WAIT_MS": "-1"}, "batch_wait_ms"),
        ({"CELLFUSION_LOG_LEVEL": "LOUD"}, "LOUD"),
        ({"CELLFUSION_SCRIPT_SOURCES": "https://a;object-src"}, "object-src"),
    ],
)
def test_settings_that_make_no_sense_are_refused(environ, said):
    """The message names the setting or its value."""
    with pytest.raises(ConfigError, match=said):
        Config.load(environ)


@given(
    st.builds(
        Config,
        port=st.integers(0, 65535),
        weights=st.none() | st.just(Path("a folder")),
        base_url=st.none() | st.just("https://cells.example"),
        batching=st.booleans(),
        frame_ancestors=st.lists(st.just("https://a.example"), max_size=2).map(tuple),
        answer_seconds=st.floats(0.001, 1e6),
    )
)
def test_settings_survive_the_environment(config):
    """The variables that are handed to the workers give the same settings again."""
    assert Config.load(config.to_environ()) == config


def test_a_public_service_answers_to_every_name_unless_told():
    """Only a loopback service guesses its names."""
    assert Config(host="0.0.0.0").hosts is None  # noqa: S104 - a setting, nothing listens
    assert Config(trusted_hosts=("cells.example",)).hosts == ["cells.example"]
