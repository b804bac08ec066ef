"""What the service remembers: counts, decisions, the library of rules, keys and who did what."""

from server.store.engine import Store

__all__ = ["Store"]
