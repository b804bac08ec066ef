"""Errors of the service.

::

    CellFusionError            the tree of grammar/errors.py
    └── ServiceError           the service cannot do it, whatever the input
        ├── ConfigError        settings that cannot be used
        ├── LimitError         input larger than the service takes
        ├── MalformedError     a body that cannot be parsed
        ├── InvalidInputError  a body that is not of the documented form
        ├── MediaTypeError     a body of another type than the endpoint takes
        ├── UnauthenticatedError  nobody's identity is proved
        ├── ForbiddenError     somebody who may not
        ├── KeysUnavailableError  the keys that tokens are signed with cannot be read
        ├── PolicyError        a rule that the organisation does not allow
        ├── BusyError          more requests are waiting than will be served
        ├── LateError          the model did not answer in time
        ├── StoreError         the database does not answer; nothing was stored
        ├── OutdatedError      the store lacks migrations
        ├── MissingError       nothing goes by that name
        └── ConflictError      somebody else has changed it meanwhile
"""

from __future__ import annotations

from grammar.errors import CellFusionError


class ServiceError(CellFusionError):
    """The service refused or could not finish."""

    code = "service"


class ConfigError(ServiceError):
    """Settings that cannot be used."""

    code = "config"


class LimitError(ServiceError):
    """Input that is larger than the service takes."""

    code = "too_large"


class MalformedError(ServiceError):
    """A body that is no JSON or no form."""

    code = "malformed"


class InvalidInputError(ServiceError):
    """A body that is not of the documented form; ``errors`` names the places."""

    code = "invalid_input"

    def __init__(self, errors: list[dict[str, object]]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{each['place']}: {each['message']}" for each in errors[:5]))


class MediaTypeError(ServiceError):
    """A body of a type that the endpoint does not take."""

    code = "unsupported_media_type"


class UnauthenticatedError(ServiceError):
    """Nobody's identity is proved; the code says why."""

    code = "unauthenticated"

    def __init__(self, message: str, code: str = "unauthenticated") -> None:
        self.code = code
        super().__init__(message)


class ForbiddenError(ServiceError):
    """Somebody who may not; the code says why."""

    code = "forbidden"

    def __init__(self, message: str, code: str = "forbidden") -> None:
        self.code = code
        super().__init__(message)


class KeysUnavailableError(ServiceError):
    """The keys that tokens are signed with cannot be read now."""

    code = "keys_unavailable"


class PolicyError(ServiceError):
    """A rule that the organisation's policy does not allow."""

    code = "policy"


class BusyError(ServiceError):
    """More requests wait than will be served soon; ``seconds`` from now there will be room."""

    code = "busy"

    def __init__(self, message: str, seconds: int = 1) -> None:
        self.seconds = seconds
        super().__init__(f"{message}; try again in {seconds} second{'' if seconds == 1 else 's'}")


class LateError(ServiceError):
    """The model did not answer in time."""

    code = "late"


class StoreError(ServiceError):
    """The database does not answer or refuses, so nothing was stored."""

    code = "store"


class OutdatedError(ServiceError):
    """The tables of the store are not those of this version."""

    code = "store_outdated"


class MissingError(ServiceError):
    """Nothing goes by that name."""

    code = "not_found"


class ConflictError(ServiceError):
    """What is stored is no longer what it was when it was read."""

    code = "conflict"
