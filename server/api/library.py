"""The organisation's library of named rules: everybody reads, testers write."""

from __future__ import annotations

import re

from flask import Blueprint

from grammar.rules import RuleSet
from server.endpoints import delete, get, put
from server.errors import InvalidInputError
from server.identity.who import Access, Role, identity
from server.service import service
from server.store import library as rules
from server.stored import NAME, LibraryIn, LibraryList, LibraryOut, Removed, canonical

library = Blueprint("library", __name__, url_prefix="/api/v1/library")
READ, WRITE = Access(Role.USER, "library"), Access(Role.TESTER, "library")


@get(library, "", LibraryList, problems=(503,), access=READ)
def read_library() -> LibraryList:
    """List every name and the rules that stand under it."""
    with service().store.read() as session:
        return LibraryList(rules=[LibraryOut.model_validate(each) for each in rules.every(session)])


@get(library, "/<name>", LibraryOut, problems=(404, 503), access=READ)
def read_named(name: str) -> LibraryOut:
    """Answer the rules of a name."""
    with service().store.read() as session:
        return LibraryOut.model_validate(rules.one(session, name))


@put(library, "/<name>", LibraryIn, LibraryOut, problems=(409, 503), access=WRITE)
def write_named(name: str, asked: LibraryIn) -> LibraryOut:
    """Store rules under a name, as its first version or the next."""
    if not re.fullmatch(NAME, name):
        message = "1 to 80 characters without slashes, and no blank at either end"
        raise InvalidInputError([{"place": "name", "message": message, "kind": "name"}])
    own = service()
    own.policy.enforce(RuleSet(tuple(rule.to_rule() for rule in asked.rules)))
    named = rules.Named(name, canonical(asked.rules), asked.description, asked.version)
    with own.store.begin() as session:
        return LibraryOut.model_validate(rules.save(session, identity(), named))


@delete(library, "/<name>", Removed, problems=(404, 503), access=WRITE)
def remove_named(name: str) -> Removed:
    """Take the rules of a name out of the library."""
    with service().store.begin() as session:
        rules.remove(session, identity(), name)
    return Removed(removed=name)
