"""Reads `timestamp.txt`: what nbgrader's exchange writes there, and what people and their programs write.

nbgrader's own reading takes `23:30 CEST` for 23:30 UTC, and so charges a punctual student for being late.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import dateutil.parser
from dateutil.tz import gettz
from nbgrader.exchange.abc import Exchange
from traitlets.config import Config

NAME = "timestamp.txt"
MAX_BYTES = 400
"""Read of it; the longest honest one has under a hundred characters."""

OFFSETS = {
    "UTC": 0, "GMT": 0, "UT": 0, "Z": 0, "ZULU": 0, "WET": 0,
    "CET": 60, "MET": 60, "MEZ": 60, "WAT": 60, "WEST": 60,
    "CEST": 120, "MEST": 120, "MESZ": 120, "EET": 120, "CAT": 120, "SAST": 120,
    "EEST": 180, "EAT": 180, "MSK": 180, "IDT": 180,
    "PKT": 300, "WIB": 420, "AWST": 480, "HKT": 480, "WITA": 480,
    "JST": 540, "KST": 540, "WIT": 540, "ACST": 570,
    "AEST": 600, "CHST": 600, "ACDT": 630, "AEDT": 660, "NZST": 720, "NZDT": 780,
    "NDT": -150, "ADT": -180, "NST": -210, "EDT": -240, "EST": -300, "MDT": -360,
    "MST": -420, "PDT": -420, "AKDT": -480, "AKST": -540, "HDT": -540, "HST": -600,
}  # fmt: skip
"""Abbreviations that mean one offset from UTC wherever they are in use today, in minutes.

Written down here, since a grade may not depend on the time zones that a machine knows.
"""

AMBIGUOUS = frozenset({"AMT", "AST", "BST", "CDT", "CST", "ECT", "GST", "IST", "PST", "SST", "WST"})
"""Abbreviations in use for several offsets, as CST in Chicago, Havana and Shanghai."""

LARGEST_OFFSET = timedelta(hours=16)

_ZONE = re.compile(r"\b[A-Za-z_]{2,}(?:/[A-Za-z][\w+-]*)+|\b(?:Egypt|Hongkong|Iran|Israel|Japan|Singapore|Turkey)\b")
"""Names of the time zone database; the last are those without a slash that people write."""

_COMMENT = re.compile(r"[(\[]([^)\]]*)[)\]]")
_OFFSET = re.compile(
    r"""(?:(?P<time>\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s*[AP]M)?|T\d{2,6}(?:[.,]\d+)?)\s*|\s)
        (?P<zero>GMT|UTC|UT|Z)?\s*
        (?P<sign>[+-])(?P<hours>\d\d?)(?::?(?P<minutes>\d\d)(?::?(?P<seconds>\d\d)(?:\.(?P<fraction>\d{1,6}))?)?)?
        (?![\d:/.-])""",
    re.VERBOSE | re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(?<!\d)\d{4}[-/.]\d|^\d{8}(?!\d)|^\d{12,14}")
_DOTTED = re.compile(r"(?<!\d)\d{1,2}\. ?\d{1,2}\. ?\d{2,4}")
_NOON = re.compile(r"(?<=[\d\s])([ap])\.?\s?m\b\.?", re.IGNORECASE)


@dataclass(frozen=True)
class TimeStamp:
    """When a submission was handed in."""

    utc: datetime | None = None
    """In UTC and without a zone, as the gradebook has it; None if it is not dated."""
    note: str = ""
    """Why it is not dated although there is a time stamp."""


class _Unclear(Exception):
    """What is not understood; completes a sentence about the time stamp."""


def read_timestamp_file(folder: Path, home: tzinfo | None = None) -> TimeStamp:
    """Return the time stamp of the submission in a folder.

    Parameters
    ----------
    folder : Path
        Where `timestamp.txt` is, if the submission has one.
    home : tzinfo | None, optional
        The time zone in which the exchange writes: there an abbreviation has one meaning.
    """
    path = folder / NAME
    if path.is_symlink() or not path.is_file():
        return TimeStamp()
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES)
    except OSError as error:
        return TimeStamp(note=f"{NAME} cannot be read ({error.strerror}); the submission counts as not dated")
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = raw.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    return read_timestamp(text, home) if text.strip("\0 \t\r\n") else TimeStamp()


def read_timestamp(text: str, home: tzinfo | None = None) -> TimeStamp:
    """Return what a time stamp says; what has more than one meaning is not dated, with a note that says why.

    Without a time zone it is in UTC, as in nbgrader.
    """
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:80]
    try:
        return TimeStamp(_utc(text, home))
    except _Unclear as why:
        return TimeStamp(note=f"{NAME} says {shown!r}, {why}; the submission counts as not dated")
    except Exception:  # dateutil raises many kinds for text that is no date
        return TimeStamp(note=f"{NAME} is not a date ({shown!r}); the submission counts as not dated")


def exchange_zone(config: Config) -> tzinfo | None:
    """Return the time zone in which nbgrader's settings have the exchange write, if they name one."""
    name = Exchange(config=config).timezone
    return gettz(name) if name != "UTC" else None


def _utc(text: str, home: tzinfo | None) -> datetime:
    text = " ".join(unicodedata.normalize("NFKC", text).replace("\u2212", "-").split())
    text = _NOON.sub(r" \1m", text)
    comment = _COMMENT.search(text)
    text = _COMMENT.sub(" ", text)
    names = _ZONE.findall(text)
    text = _ZONE.sub(" ", text)
    text, offset = _without_offset(text)
    text = re.sub(r"[A-Za-z]+", lambda word: _upper_zone(word[0]), text)
    naive, word = _date(text)
    if offset is not None:
        return naive - offset
    named = [*names, *([word] if word else [])] or ([comment[1]] if comment else [])
    if not named:
        return naive
    offsets = {_offset_of(name, naive, home) for name in named}
    if len(offsets) > 1:
        raise _Unclear(f"and the time zones {' and '.join(map(repr, named))} differ")
    return naive - offsets.pop()


def _without_offset(text: str) -> tuple[str, timedelta | None]:
    """Return a text without the offset from UTC that it gives, and the offset."""
    found = _OFFSET.search(text)
    if not found or (found["time"] is None and found["minutes"] is None):
        return text, None
    size = timedelta(
        hours=int(found["hours"]),
        minutes=int(found["minutes"] or 0),
        seconds=int(found["seconds"] or 0),
        microseconds=int((found["fraction"] or "0").ljust(6, "0")),
    )
    if int(found["minutes"] or 0) > 59 or size > LARGEST_OFFSET:
        raise _Unclear("whose offset from UTC is out of range")
    kept = f"{text[: found.start()]} {found['time'] or ''} {text[found.end() :]}"
    return kept.replace("  ", " "), -size if found["sign"] == "-" else size


def _upper_zone(word: str) -> str:
    return word.upper() if word.upper() in OFFSETS.keys() | AMBIGUOUS else word


def _date(text: str) -> tuple[datetime, str]:
    """Return date and time, and the abbreviation of a time zone among them, if any."""
    if re.fullmatch(r"\d{9,11}|\d{13}", text.strip()):
        raise _Unclear("a number that can mean many things")
    words: set[str] = set()

    def note_zone(name: str | None, offset: int | None) -> None:
        if offset:  # one that `_OFFSET` does not know, as `CET+1`: dateutil turns the sign of such
            raise _Unclear("whose offset from UTC is not understood")
        if name:
            words.add(name)

    if _YEAR_FIRST.search(text):
        orders = [{"dayfirst": False}]
    elif _DOTTED.search(text):
        orders = [{"dayfirst": True}]
    else:
        orders = [{"dayfirst": day, "yearfirst": year} for day in (False, True) for year in (False, True)]
    defaults = datetime(2001, 1, 1), datetime(2002, 2, 2)  # what is missing would come from there
    made = {
        dateutil.parser.parse(text, default=default, tzinfos=note_zone, **order).replace(tzinfo=None)
        for default in defaults
        for order in orders
    }
    if len({(date.year, date.month, date.day) for date in made}) > 1:
        by_order = {dateutil.parser.parse(text, default=defaults[0], ignoretz=True, **order) for order in orders}
        if len(by_order) > 1:
            raise _Unclear(f"which can be {' or '.join(sorted(f'{date:%Y-%m-%d}' for date in by_order))}")
        raise ValueError(text)
    return made.pop(), words.pop() if words else ""


def _offset_of(name: str, naive: datetime, home: tzinfo | None) -> timedelta:
    """Return the offset from UTC that a time zone has at a local time."""
    if home is not None:
        there = {zoned.utcoffset() for zoned in _both(naive, home) if (zoned.tzname() or "").upper() == name.upper()}
        if len(there) == 1:
            return there.pop() or timedelta()
    if name.upper() in AMBIGUOUS:
        raise _Unclear(f"and the time zone {name!r} has several meanings")
    if name.upper() in OFFSETS:
        return timedelta(minutes=OFFSETS[name.upper()])
    zone = gettz(name) if _ZONE.fullmatch(name) else None
    if zone is None:
        raise _Unclear(f"and the time zone {name[:40]!r} is not known")
    offsets = {zoned.utcoffset() for zoned in _both(naive, zone)}
    if len(offsets) > 1:
        raise _Unclear(f"an hour in which the clocks changed in {name}")
    return offsets.pop() or timedelta()


def _both(naive: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return a local time before and after the clocks changed, which is the same time but for that hour."""
    return naive.replace(tzinfo=zone, fold=0), naive.replace(tzinfo=zone, fold=1)


def to_zone(moment: datetime, zone: tzinfo | None) -> datetime:
    """Return a moment that is in UTC without a zone in another one; without one, in this machine's."""
    return moment.replace(tzinfo=UTC).astimezone(zone)
