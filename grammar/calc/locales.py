"""What differs between countries in text that reads as a number or a date."""

from __future__ import annotations

from dataclasses import dataclass

from grammar.errors import UnsupportedError


@dataclass(frozen=True)
class Locale:
    """The order of a short date's parts and the currency of ``DOLLAR``."""

    name: str
    date_order: str
    currency: str
    currency_digits: int


EN_US = Locale("en-US", "mdy", "$", 2)
LOCALES = {
    locale.name: locale
    for locale in (
        EN_US,
        Locale("en-GB", "dmy", "£", 2),
        Locale("de-DE", "dmy", "€", 2),
        Locale("ja-JP", "ymd", "¥", 0),
    )
}


def find_locale(name: str) -> Locale:
    """The locale of a name such as ``en-GB``.

    Raises:
        UnsupportedError: not one of :data:`LOCALES`.
    """
    if name not in LOCALES:
        raise UnsupportedError(f"{name!r} is no known locale; use one of {', '.join(LOCALES)}")
    return LOCALES[name]
