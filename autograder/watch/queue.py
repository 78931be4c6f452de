"""Whose submission is graded next: students take turns, and each has one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from autograder.course_folder import same_name


@dataclass(frozen=True)
class Arrival:
    """A submission in the exchange."""

    student: str
    """The name there, as it stands."""
    assignment: str
    name: str
    """Of its folder in the exchange, which no other has."""
    stamp: datetime
    """When it was submitted, by its name; in UTC, without a zone, as all times here."""
    arrived: datetime
    """When it was there."""

    @property
    def person(self) -> str:
        """The student, however the accents in the name are stored: the gradebook has one id for all spellings."""
        return same_name(self.student)


class Queue:
    """Submissions that wait for a worker.

    A newer submission of a student takes the place of an older one to the same assignment that still waits. Students
    whose last one took long never have all the workers among them.

    Parameters
    ----------
    workers : int
        How many submissions are graded at a time.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._waiting: dict[str, dict[str, Arrival]] = {}
        """By student, in the order of their turns, and by assignment."""
        self._busy: set[str] = set()
        self._slow: set[str] = set()

    def add(self, arrival: Arrival) -> Arrival | None:
        """Let a submission wait, and return the one that is not needed any more: an older one, or this."""
        own = self._waiting.setdefault(arrival.person, {})
        before = own.get(arrival.assignment)
        if before is not None and (before.stamp, before.name) >= (arrival.stamp, arrival.name):
            return arrival if before.name != arrival.name else None
        own[arrival.assignment] = arrival
        return before

    def take(self, now: datetime, not_before: Callable[[Arrival], datetime]) -> Arrival | None:
        """Return the submission to grade now, whose student is busy until `done`; None if nobody can be served.

        Parameters
        ----------
        not_before : Callable[[Arrival], datetime]
            Says when a submission may be graded at the earliest.
        """
        if len(self._busy) >= self._workers:
            return None
        for student, own in self._waiting.items():
            if student in self._busy or (student in self._slow and not self._has_room_for_slow()):
                continue
            ready = [arrival for arrival in own.values() if not_before(arrival) <= now]
            if ready:
                chosen = min(ready, key=lambda arrival: (arrival.arrived, arrival.name))
                del own[chosen.assignment]
                del self._waiting[student]  # to the end of the line, if there is more
                if own:
                    self._waiting[student] = own
                self._busy.add(student)
                return chosen
        return None

    def done(self, student: str, *, slow: bool = False) -> None:
        """Let a student's next submission have its turn.

        Parameters
        ----------
        slow : bool, optional
            Whether this one took long.
        """
        person = same_name(student)
        self._busy.discard(person)
        (self._slow.add if slow else self._slow.discard)(person)

    def _has_room_for_slow(self) -> bool:
        return self._workers == 1 or len(self._busy & self._slow) < self._workers - 1

    def __iter__(self) -> Iterator[Arrival]:
        """Iterate over what waits."""
        return (arrival for own in self._waiting.values() for arrival in own.values())

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))
