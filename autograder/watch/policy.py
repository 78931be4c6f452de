"""What students may see of their submissions, when, and how often: the instructor's settings, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from traitlets import Dict, Enum, Float, Integer, TraitError, Unicode, validate
from traitlets.config import Config, Configurable

from autograder.reports.view import EVERYTHING, STAGES, Stage, View
from autograder.timestamps import read_timestamp, to_zone

NOT_THE_GRADE = "This is not your grade. It says how your last submission stands now; you can submit again."
"""First line of a page before everything is shown."""
FIRST = datetime(1970, 1, 2)
"""Before all feedbacks."""


class Watch(Configurable):
    """Settings of `autograder watch` in `nbgrader_config.py`."""

    before_due = Enum(
        STAGES,
        default_value="visible",
        help="What a page shows before the due date: the checks that students have (visible), also how many of the "
        "hidden checks of each exercise pass (counts), or everything.",
    ).tag(config=True)
    everything_from = Unicode(
        "", help="From when on pages show everything, as '2027-01-15 12:00 UTC'; empty: from the student's due date on."
    ).tag(config=True)
    feedbacks_a_day = Integer(10, min=1, help="Feedbacks that a student gets a day for an assignment.").tag(config=True)
    pause_minutes = Float(2.0, min=0.0, help="Minutes between two feedbacks of a student for an assignment.").tag(
        config=True
    )
    assignments = Dict(
        value_trait=Dict(), help="Other values for single assignments, as {'ps1': {'before_due': 'everything'}}."
    ).tag(config=True)

    @validate("everything_from")
    def _is_a_date(self, proposal: Any) -> str:
        text = str(proposal["value"])
        if text and read_timestamp(text).utc is None:
            raise TraitError(f"Watch.everything_from is {text!r}, which is no date such as '2027-01-15 12:00 UTC'.")
        return text

    @validate("assignments")
    def _has_known_names(self, proposal: Any) -> Any:
        known = set(self.trait_names(config=True)) - {"assignments"}
        for assignment, own in proposal["value"].items():
            if unknown := own.keys() - known:
                raise TraitError(
                    f"Watch.assignments has {sorted(unknown)[0]!r} for {assignment!r}; there are: "
                    f"{', '.join(sorted(known))}."
                )
        return proposal["value"]


@dataclass(frozen=True)
class Allowance:
    """How many feedbacks a student still gets today, and when the next one."""

    left: int
    a_day: int
    next: datetime
    """The earliest moment; it may be past, and is `FIRST` for a student who has had none."""
    asked: datetime
    """When that was."""

    def sentence(self, zone: tzinfo | None) -> str:
        """Return it for the student.

        Parameters
        ----------
        zone : tzinfo, optional
            Of the student's clock; without it, this machine's.
        """
        at = to_zone(max(self.next, self.asked), zone)
        days = (at.date() - to_zone(self.asked, zone).date()).days
        when = f"{at:%H:%M}" + ("" if days == 0 else " tomorrow" if days == 1 else f" on {at:%Y-%m-%d}")
        return f"{self.left} of {self.a_day} feedbacks left today, next at {when} ({at:%Z})."


@dataclass(frozen=True)
class Policy:
    """The rules of one assignment."""

    before_due: Stage = "visible"
    everything_from: datetime | None = None
    a_day: int = 10
    pause: timedelta = timedelta(minutes=2)

    @classmethod
    def of(cls, config: Config, assignment: str) -> Policy:
        """Return the rules that the settings have for an assignment.

        Raises
        ------
        TraitError
            If a setting cannot be used.
        """
        common = Watch(config=config)
        own: Mapping[str, Any] = common.assignments.get(assignment, {})
        rules = Watch(config=config, **own)
        date = read_timestamp(rules.everything_from).utc if rules.everything_from else None
        pause = timedelta(minutes=rules.pause_minutes)
        return cls(rules.before_due, date, rules.feedbacks_a_day, pause)

    def is_open(self, now: datetime, due: datetime | None) -> bool:
        """Tell whether everything may be seen.

        Parameters
        ----------
        due : datetime, optional
            When this student's work is due.
        """
        since = self.everything_from or due
        return since is not None and now >= since

    def stage(self, now: datetime, due: datetime | None) -> Stage:
        """Return what may be seen now."""
        return "everything" if self.is_open(now, due) else self.before_due

    def allowance(self, released: Iterable[datetime], now: datetime, zone: tzinfo | None) -> Allowance:
        """Return what a student may still get.

        Parameters
        ----------
        released : Iterable[datetime]
            When this student got feedbacks for the assignment; those in the future, which a clock that was wrong has
            left behind, do not count.
        zone : tzinfo, optional
            In which a day begins; without it, this machine's.
        """
        past = [moment for moment in released if moment <= now]
        today = to_zone(now, zone).date()
        used = sum(to_zone(moment, zone).date() == today for moment in past)
        soonest = max(past) + self.pause if past else FIRST
        if used >= self.a_day:
            soonest = max(soonest, _next_day(now, zone))
        return Allowance(max(0, self.a_day - used), self.a_day, soonest, now)

    def view(self, released: Iterable[datetime], now: datetime, due: datetime | None, zone: tzinfo | None) -> View:
        """Return what a page that is made now shows, and says about itself.

        Parameters
        ----------
        released : Iterable[datetime]
            As for `allowance`, this page included.
        """
        if self.is_open(now, due):
            return EVERYTHING
        lines = [NOT_THE_GRADE]
        if self.before_due != "everything":
            since = self.everything_from or due
            when = f"from {to_zone(since, zone):%Y-%m-%d %H:%M %Z} on" if since else "later"
            more = "the hidden checks" if self.before_due == "visible" else "what the hidden checks are"
            lines.append(f"It shows the checks that you have; {more} and the points for them are shown {when}.")
        lines.append(self.allowance(released, now, zone).sentence(zone))
        return View(self.before_due, tuple(lines))


def _next_day(now: datetime, zone: tzinfo | None) -> datetime:
    """Return the first moment of the next day in a zone, in UTC."""
    midnight = datetime.combine(to_zone(now, zone).date() + timedelta(days=1), time.min, zone)
    return midnight.astimezone(UTC).replace(tzinfo=None)
