"""What every test relies on."""

from hypothesis import settings

# no deadline: time is never asserted; the same examples in every run, so that a red run is a change
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")
