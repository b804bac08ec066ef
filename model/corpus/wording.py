"""How literals, names and whole sentences are said: spellings, typing errors, politeness."""

from __future__ import annotations

import datetime as dt
import random
import re

from grammar.values import from_serial

COLOURS = (
    "red,green,blue,yellow,orange,purple,pink,grey,gray,black,brown,light green,"
    "light red,light blue,light yellow,light orange,dark green,dark red,dark blue,"
    "pale yellow,pale blue,pale green,soft red,soft green,teal,turquoise,amber,gold,"
    "magenta,cyan,violet,lilac,navy,salmon,peach,mint,lavender,beige,olive,maroon,"
    "bright yellow,bright red,bright green,crimson,light grey,dark grey,light pink,"
    "light purple,dark orange,rose,coral,tan,lime,silver,white"
).split(",")
_COMMON = COLOURS[:20]
_BEFORE = (
    "please,pls,can you,could you please,i want to,i need to,hey,hi,ok so,now,next:,"
    "would you,i'd like to,we need to,kindly,just,let's,"
).split(",")
_AFTER = (
    "please;pls;thanks;thank you;asap;in this table;in the sheet;on this sheet;"
    "on Sheet1;in sheet Data;for the whole table;ok?;if possible;"
    "using conditional formatting;by conditional formatting;with conditional formatting;"
    "so I can see it;for me"
).split(";")
_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_KEYS = {"a": "sq", "e": "wr", "i": "uo", "o": "ip", "n": "bm", "t": "ry", "s": "ad", "r": "et"}


def colour(rng: random.Random) -> str:
    """A colour as people name it, the common ones more often."""
    return rng.choice(_COMMON if rng.random() < 0.6 else COLOURS)


def number(value: float, rng: random.Random, units: tuple[str, ...] = ()) -> str:
    """A spelling of a number: plain, with separators, shortened, as a word or with its unit."""
    text = _plain_number(value, rng)
    if units and rng.random() < 0.35:
        unit = rng.choice(units)
        glue = rng.choice(["", " "]) if text[-1:].isdigit() else " "
        return unit + text if unit in "$€£¥" else f"{text}{glue}{unit}"
    return text


def _plain_number(value: float, rng: random.Random) -> str:
    if value == int(value):
        whole = int(value)
        if 0 <= whole <= 12 and rng.random() < 0.2:
            return _WORDS[whole]
        if abs(whole) >= 1000 and whole % 100 == 0 and rng.random() < 0.3:
            return f"{whole / 1000:g}{rng.choice(['k', 'K', ' thousand'])}"
        return f"{whole:,}" if abs(whole) >= 1000 and rng.random() < 0.4 else str(whole)
    return f"{value:g}" if abs(value) < 1e5 else f"{value:.2f}"


def percent(fraction: float, rng: random.Random) -> str:
    """A spelling of a percentage."""
    return f"{round(fraction * 100, 6):g}" + rng.choice(
        ["%", "%", "%", " %", " percent", " per cent"]
    )


def date(serial: float, rng: random.Random) -> str:
    """A spelling of a day; the year may be left out only where it is 2026."""
    day = from_serial(serial).date()
    forms = [f"{day:%Y-%m-%d}", f"{day.day} {day:%B} {day.year}", f"{day:%b} {day.day}, {day.year}"]
    forms += [f"{day.day}. {day:%B} {day.year}", f"{day:%B} {_ordinal(day)}, {day.year}"]
    if day.day > 12:
        forms.append(f"{day:%d/%m/%Y}")
    if day.year == 2026:
        forms += [f"{day.day} {day:%b}", f"{day:%B} {day.day}", f"{day.day} {day:%B}"] * 2
        forms.append(f"{day:%B} {_ordinal(day)}")
    return rng.choice(forms)


def _ordinal(day: dt.date) -> str:
    suffix = "th" if 11 <= day.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return f"{day.day}{suffix}"


def header_form(header: str, rng: random.Random) -> str:
    """A header as another sheet would spell it."""
    plain = header.replace("_", " ")
    draw = rng.random()
    if draw < 0.6:
        return header
    if draw < 0.7:
        return plain.lower()
    if draw < 0.78:
        return plain.upper()
    return plain.replace(" ", "_") if draw < 0.85 else plain.title()


def disturb(text: str, rng: random.Random, fixed: set[str]) -> str:
    """The sentence with case, punctuation, politeness or a typing error changed now and then."""
    if rng.random() < 0.12:
        before = rng.choice(_BEFORE)
        text = f"{before} {text}" if before else text
    if rng.random() < 0.12:
        text = f"{text.rstrip('.!? ')} {rng.choice(_AFTER)}"
    if rng.random() < 0.15:
        text = text.rstrip(".") + rng.choice([".", "!", "", " .", "..."])
    if rng.random() < 0.15:
        text = _misspell(text, rng, fixed)
    if rng.random() < 0.08:
        text = _drop_word(text, rng)
    return text[:1].upper() + text[1:] if rng.random() < 0.2 else text


def _misspell(text: str, rng: random.Random, fixed: set[str]) -> str:
    words = [match for match in re.finditer(r"[a-z]{5,}", text) if match[0] not in fixed]
    if not words:
        return text
    chosen = rng.choice(words)
    place = rng.randrange(chosen.start() + 1, chosen.end() - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place] + text[place:]
    if kind == 2:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    near = _KEYS.get(text[place], text[place])
    return text[:place] + rng.choice(near) + text[place + 1 :]


def _drop_word(text: str, rng: random.Random) -> str:
    small = list(re.finditer(r"\b(?:the|a|an|all|please|cells|in|that|are|is|with)\b ", text))
    if not small:
        return text
    chosen = rng.choice(small)
    return text[: chosen.start()] + text[chosen.end() :]
