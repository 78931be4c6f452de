"""What may be seen when: rules for all assignments and for one, a day's feedbacks, pauses, clocks that were wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from dateutil.tz import gettz
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError
from traitlets.config import Config

from autograder.reports.view import EVERYTHING
from autograder.watch.policy import NOT_THE_GRADE, Policy

NOON = datetime(2027, 1, 4, 12)
DAY = timedelta(days=1)
MOMENTS = st.datetimes(NOON - 3 * DAY, NOON + 3 * DAY)


def policy(**settings: object) -> Policy:
    return Policy.of(Config({"Watch": settings}), "ps1")


def test_by_default_students_see_visible_checks_until_the_work_is_due() -> None:
    rules = policy()
    assert (rules.a_day, rules.pause) == (10, timedelta(minutes=2))
    assert rules.stage(NOON, NOON + DAY) == "visible"
    assert rules.stage(NOON, NOON) == "everything"
    assert rules.stage(NOON, None) == "visible"


def test_everything_may_come_at_a_date() -> None:
    rules = policy(everything_from="2027-01-10 13:00 CET")
    assert rules.stage(NOON, NOON - DAY) == "visible"
    assert rules.stage(datetime(2027, 1, 10, 12), NOON) == "everything"


def test_an_assignment_may_have_rules_of_its_own() -> None:
    settings = {"before_due": "counts", "assignments": {"ps1": {"feedbacks_a_day": 3, "pause_minutes": 0.5}}}
    assert policy(**settings) == Policy("counts", None, 3, timedelta(seconds=30))
    assert Policy.of(Config({"Watch": settings}), "ps2") == Policy("counts")


@pytest.mark.parametrize(
    "settings",
    [
        {"before_due": "some"},
        {"everything_from": "soon"},
        {"feedbacks_a_day": 0},
        {"assignments": {"ps1": {"feedback_a_day": 3}}},
        {"assignments": {"ps1": {"pause_minutes": -1}}},
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(TraitError):
        policy(**settings)


def test_a_page_before_the_due_date_says_that_it_is_no_grade_and_what_is_left() -> None:
    released = [NOON - timedelta(minutes=minutes) for minutes in (60, 30, 0)]
    view = policy().view(released, NOON, NOON + DAY, UTC)
    assert view.stage == "visible"
    assert view.lines[0] == NOT_THE_GRADE
    assert "from 2027-01-05 12:00 UTC on" in view.lines[1]
    assert view.lines[2] == "7 of 10 feedbacks left today, next at 12:02 (UTC)."
    assert policy().view(released, NOON, NOON, UTC) == EVERYTHING


def test_a_page_that_shows_everything_before_the_due_date_is_no_grade_either() -> None:
    view = policy(before_due="everything").view([NOON], NOON, NOON + DAY, UTC)
    assert view.stage == "everything"
    assert view.lines == (NOT_THE_GRADE, "9 of 10 feedbacks left today, next at 12:02 (UTC).")


def test_when_the_day_is_used_up_the_next_comes_at_midnight_where_the_course_is() -> None:
    zone = gettz("America/New_York")
    used = [NOON - timedelta(minutes=minute) for minute in range(0, 50, 5)]
    told = policy().allowance(used, NOON, zone)
    assert (told.left, told.next) == (0, datetime(2027, 1, 5, 5))
    assert told.sentence(zone) == "0 of 10 feedbacks left today, next at 00:00 tomorrow (EST)."
    assert policy().allowance(used, NOON + DAY, zone).left == 10


@pytest.mark.parametrize(
    ("hours", "when"), [(5, "17:00"), (12, "00:00 tomorrow"), (20, "08:00 tomorrow"), (48, "12:00 on 2027-01-06")]
)
def test_the_next_one_has_its_day(hours: int, when: str) -> None:
    told = policy(pause_minutes=60 * hours).allowance([NOON], NOON, UTC)
    assert told.sentence(UTC) == f"9 of 10 feedbacks left today, next at {when} (UTC)."


@given(st.lists(MOMENTS, max_size=30), MOMENTS, st.integers(1, 5))
def test_nobody_waits_for_ever_and_nobody_gets_more_than_the_rules_say(
    released: list[datetime], now: datetime, a_day: int
) -> None:
    rules = Policy(a_day=a_day)
    told = rules.allowance(released, now, UTC)
    assert 0 <= told.left <= a_day
    assert told.next - now <= DAY + rules.pause  # wherever a wrong clock has put the feedbacks of before
    past = [moment for moment in released if moment <= now]
    if told.next <= now:
        assert sum(moment.date() == now.date() for moment in past) < a_day
        assert all(now - moment >= rules.pause for moment in past)
