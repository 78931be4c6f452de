"""Time stamps are read as their writers mean them, or a note says why they are not."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.tz import gettz
from hypothesis import given
from hypothesis import strategies as st
from traitlets.config import Config

from autograder.timestamps import AMBIGUOUS, OFFSETS, TimeStamp, exchange_zone, read_timestamp, read_timestamp_file

HALF_PAST_NINE = datetime(2026, 6, 1, 21, 30)


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-01 21:30:00",
        "2026-06-01 21:30:00.000000 UTC",
        "2026-06-01T21:30:00Z",
        "2026-06-01T21:30Z",
        "20260601T213000Z",
        "2026-06-01 21:30:00 GMT",
        "2026-06-01 23:30:00.000000 CEST",
        "2026-06-01 23:30 cest",
        "2026-06-01 23:30:00 MESZ",
        "2026-06-01 23:30 (CEST)",
        "2026-06-01 17:30:00 EDT",
        "2026-06-01 14:30:00 PDT",
        "2026-06-02 06:30:00 JST",
        "2026-06-02 07:30:00 ChST",
        "2026-06-01 23:30:00 +0200",
        "2026-06-01 23:30:00 +02:00",
        "2026-06-01 23:30:00 +02",
        "2026-06-01 18:30:00 -03",
        "2026-06-01 18:30:00 \u221203:00",
        "2026-06-02 03:15:00 +0545",
        "2026-06-01T23:30:00+02:00",
        "20260601T233000+0200",
        "2026-06-01T23:30:00+02:00[Europe/Berlin]",
        "2026-06-01 23:30:00 GMT+2",
        "2026-06-01 23:30:00 UTC+02:00",
        "2026-06-01 23:30:00 Europe/Berlin",
        "2026-06-01 18:30:00 America/Argentina/Buenos_Aires",
        "2026-06-01 23:30 Etc/GMT-2",
        "2026-06-02 06:30 Japan",
        "Mon, 01 Jun 2026 23:30:00 +0200",
        "Mon, 01 Jun 2026 23:30:00 +0200 (CEST)",
        "Mon, 01 Jun 2026 21:30:00 GMT",
        "Mon Jun  1 23:30:00 CEST 2026",
        "Mon Jun 1 23:30:00 2026 +0200",
        "Mon Jun 01 2026 23:30:00 GMT+0200 (Central European Summer Time)",
        "2026-06-01 11:30 PM CEST",
        "2026-06-01 11:30\u202fp.m. CEST",
        "11:30 PM CEST, June 1 2026",
        "Monday, June 1, 2026 9:30:00 PM",
        "1 June 2026 at 23:30 CEST",
        "1.6.2026 23:30 MESZ",
    ],
)
def test_what_people_and_programs_write(text: str) -> None:
    assert read_timestamp(text) == TimeStamp(HALF_PAST_NINE)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-06-01 23:30 CST", "the time zone 'CST' has several meanings"),
        ("2026-06-01 23:30 IST", "the time zone 'IST' has several meanings"),
        ("2026-06-01 23:30 BST", "the time zone 'BST' has several meanings"),
        ("2026-06-01 23:30 XYZ", "the time zone 'XYZ' is not known"),
        ("2026-06-01 23:30 (Berlin time)", "the time zone 'Berlin time' is not known"),
        ("2026-06-01 23:30 Mars/Olympus", "the time zone 'Mars/Olympus' is not known"),
        ("2026-06-01 23:30 CET+1", "whose offset from UTC is not understood"),
        ("2026-06-01 23:30 UTC+25", "whose offset from UTC is out of range"),
        ("2026-06-01 23:30 JST Europe/Berlin", "the time zones 'Europe/Berlin' and 'JST' differ"),
        ("2026-10-25 02:30 Europe/Berlin", "an hour in which the clocks changed in Europe/Berlin"),
        ("01/06/2026 23:30 CEST", "which can be 2026-01-06 or 2026-06-01"),
        ("1780356600", "a number that can mean many things"),
        ("yesterday", "timestamp.txt is not a date ('yesterday')"),
        ("June 2026 12:00", "timestamp.txt is not a date"),
        ("12:30", "timestamp.txt is not a date"),
        ("\x1b[31m", "timestamp.txt is not a date"),
    ],
)
def test_what_is_not_clear_is_not_dated_and_noted(text: str, why: str) -> None:
    stamp = read_timestamp(text)
    assert stamp.utc is None
    assert why in stamp.note
    assert stamp.note.endswith("; the submission counts as not dated")
    assert stamp.note.isprintable()


def test_the_exchanges_own_zone_decides_what_its_abbreviations_mean() -> None:
    for name, text, utc in (
        ("America/Chicago", "2026-01-01 12:00:00.000000 CST", datetime(2026, 1, 1, 18)),
        ("Asia/Shanghai", "2026-01-01 12:00:00.000000 CST", datetime(2026, 1, 1, 4)),
        ("Asia/Kolkata", "2026-01-01 12:00:00.000000 IST", datetime(2026, 1, 1, 6, 30)),
        ("Europe/London", "2026-06-01 12:00:00.000000 BST", datetime(2026, 6, 1, 11)),
    ):
        home = exchange_zone(Config({"Exchange": {"timezone": name}}))
        assert read_timestamp(text, home) == TimeStamp(utc)
        assert read_timestamp(text).utc is None
    assert exchange_zone(Config()) is None


NOWADAYS = datetime(2026, 1, 15), datetime(2026, 7, 15)
ZONES = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))


def test_the_abbreviations_mean_what_the_time_zones_of_today_say() -> None:
    meanings: dict[str, set[float]] = defaultdict(set)
    for zone in map(ZoneInfo, ZONES):
        for day in NOWADAYS:
            local = day.replace(tzinfo=zone)
            offset = local.utcoffset()
            assert offset is not None
            meanings[str(local.tzname()).upper()].add(offset.total_seconds() / 60)
    named = {name: offsets for name, offsets in meanings.items() if name.isalpha()}
    several = {name for name, offsets in named.items() if len(offsets) > 1}
    assert several <= AMBIGUOUS
    assert {name: {OFFSETS[name]} for name in named if name in OFFSETS} == {
        name: offsets for name, offsets in named.items() if name in OFFSETS
    }
    assert named.keys() <= OFFSETS.keys() | AMBIGUOUS
    assert not OFFSETS.keys() & AMBIGUOUS


OFFSET = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENT = st.datetimes(datetime(2000, 1, 1), datetime(2060, 12, 31)).map(lambda moment: moment.replace(fold=0))
WITH_OFFSET = [
    "%Y-%m-%d %H:%M:%S.%f %z",
    "%Y-%m-%d %H:%M:%S.%f%:z",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y%m%dT%H%M%S%z",
    "%a, %d %b %Y %H:%M:%S %z",
    "%a %b %d %H:%M:%S %Y %z",
    "%a %b %d %Y %H:%M:%S GMT%z (Some Zone Time)",
    "%d.%m.%Y %H:%M:%S %z",
    "%B %d, %Y %I:%M:%S %p %z",
    "%m/%d/%Y %H:%M:%S %z",
    "%d/%m/%y %H:%M %z",
    "%H:%M:%S %d %B %Y UTC%:z",
]


def written(moment: datetime, form: str) -> str:
    offset = moment.strftime("%z")
    return moment.strftime(form.replace("%:z", f"{offset[:3]}:{offset[3:]}"))


def as_written(moment: datetime, form: str) -> datetime:
    """The moment without what the form leaves out, in UTC."""
    kept = moment if "%f" in form else moment.replace(microsecond=0)
    kept = kept if "%S" in form else kept.replace(second=0)
    return kept.astimezone(UTC).replace(tzinfo=None)


@given(MOMENT, OFFSET, st.sampled_from(WITH_OFFSET))
def test_any_moment_with_an_offset_is_read_back_or_noted(naive: datetime, zone: timezone, form: str) -> None:
    moment = naive.replace(tzinfo=zone)
    stamp = read_timestamp(written(moment, form))
    if "/" in form:  # day and month, or year, in an order that nobody can tell
        assert (stamp.utc == as_written(moment, form)) != bool(stamp.note)
    else:
        assert stamp == TimeStamp(as_written(moment, form))


@given(MOMENT, st.sampled_from(ZONES), st.sampled_from(["%Z", "NAME"]), st.booleans())
def test_any_moment_as_the_exchange_writes_it(naive: datetime, name: str, last: str, told: bool) -> None:
    """`%Y-%m-%d %H:%M:%S.%f %Z`, or the name of the zone: exactly that moment, or a note."""
    zone = gettz(name)
    moment = naive.replace(tzinfo=UTC).astimezone(zone)
    text = moment.strftime(f"%Y-%m-%d %H:%M:%S.%f {last.replace('NAME', name)}")
    stamp = read_timestamp(text, zone if told else None)
    if stamp.note:
        assert stamp.utc is None
        abbreviation = str(moment.tzname())
        known = OFFSETS.get(abbreviation.upper())
        assert last == "NAME" or known is None
    elif last == "NAME" or told:
        assert stamp.utc == naive
    else:  # in years past a zone may have had another meaning of its abbreviation
        meant = OFFSETS.get(str(moment.tzname()).upper())
        assert stamp.utc == naive or (meant is not None and timedelta(minutes=meant) != moment.utcoffset())


@given(MOMENT)
def test_mail_and_no_zone(naive: datetime) -> None:
    seconds = naive.replace(microsecond=0)
    assert read_timestamp(format_datetime(seconds.replace(tzinfo=UTC))) == TimeStamp(seconds)
    assert read_timestamp(str(naive)) == read_timestamp(naive.isoformat()) == TimeStamp(naive)


@given(st.text(max_size=60))
def test_any_text_is_a_date_or_a_note(text: str) -> None:
    stamp = read_timestamp(text)
    assert (stamp.utc is None) == bool(stamp.note)
    assert stamp.utc is None or stamp.utc.tzinfo is None
    assert stamp.note.isprintable()


@pytest.mark.parametrize(
    ("raw", "utc"),
    [
        (b"\xef\xbb\xbf2026-06-01 21:30:00\r\n", HALF_PAST_NINE),
        ("2026-06-01 21:30:00".encode("utf-16"), HALF_PAST_NINE),
        (b"", None),
        (b" \r\n\0", None),
    ],
)
def test_files_of_any_editor(tmp_path: Path, raw: bytes, utc: datetime | None) -> None:
    tmp_path.joinpath("timestamp.txt").write_bytes(raw)
    assert read_timestamp_file(tmp_path) == TimeStamp(utc)


def test_no_file_and_links(tmp_path: Path) -> None:
    assert read_timestamp_file(tmp_path) == TimeStamp()
    tmp_path.joinpath("secret.txt").write_text("2026-06-01")
    tmp_path.joinpath("timestamp.txt").symlink_to("secret.txt")
    assert read_timestamp_file(tmp_path) == TimeStamp()


def test_garbage_is_noted(tmp_path: Path) -> None:
    tmp_path.joinpath("timestamp.txt").write_bytes(b"\xff\xfe\x00" + b"9" * 1000)
    assert "is not a date" in read_timestamp_file(tmp_path).note
