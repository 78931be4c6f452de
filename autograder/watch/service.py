"""The loop of `autograder watch`: sees what arrives, collects, grades, writes pages and releases them.

What became of a submission is committed with its grade, so that the loop can end anywhere and begin again. When the
exchange, the disk or the database fails, it says so once, waits, and goes on from what has been committed.
"""

from __future__ import annotations

import errno
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import CancelledError, Executor, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from nbgrader.api import Assignment, Gradebook, InvalidEntry, Student
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from traitlets import TraitError

from autograder.batch.coordinator import GradingOptions
from autograder.batch.dispatch import LOOK_SECONDS, Job, Watched
from autograder.batch.submissions import enrol
from autograder.course_folder import CourseFolder
from autograder.errors import UserError, of_the_machine, require_writable
from autograder.examiner.task import Graded, Task
from autograder.examiner.workers import TRIES, grade
from autograder.gradebook import existing_gradebook, open_gradebook, which_file
from autograder.lock import alone
from autograder.room.errors import SandboxUnavailable
from autograder.watch.collect import collect_one, forged_by
from autograder.watch.desk import Desk, NoPage, Pages, shown, state_of_sources
from autograder.watch.inbox import Bell, Inbox
from autograder.watch.journal import Journal, Row
from autograder.watch.queue import Arrival, Queue
from course.handing_in.files import printable

LOOK_AGAIN_SECONDS = 2.0
"""The exchange is looked at this often even if the file system tells nothing, as on NFS."""
UNFINISHED_SECONDS = 0.1
"""And this often while somebody submits."""
REFRESH_SECONDS = 30.0
"""Dates, settings of the gradebook and marks are looked at this often."""
SHOW_SECONDS = 60.0
"""The status is shown anew this often."""
TROUBLE_SECONDS = 5.0
"""How long it waits when something has failed."""
RETRY_SECONDS = 300.0
"""After so long a submission is tried again that failed through our fault."""
MOST_NOTED = 100
"""Names in the exchange that are no submissions and stand in the gradebook: anybody can make any number of them."""
SLOW_SECONDS = 10.0
"""A student whose submission took longer leaves a worker to the others."""

_LATE = "it was submitted after the due date, and an earlier one counts (ExchangeCollect.before_duedate)"
_NO_PAGE = "its feedback page could not be made"
_REFUSED = "the newer one that took its place was refused"
TROUBLES = (UserError, OSError, SQLAlchemyError, sqlite3.Error, InvalidEntry, ExchangeError, SandboxUnavailable)
"""What ends by itself, or when a person has put something right."""
_OF_THE_SUBMISSION = (
    errno.EACCES,
    errno.EILSEQ,
    errno.EINVAL,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.ENXIO,
    errno.EPERM,
)
"""What a student's files can be the reason of: only this submission is not graded."""


def utc_now() -> datetime:
    """Return the time in UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass
class _UnderWay:
    """A submission that has been collected and is being graded, one notebook after the other."""

    arrival: Arrival
    student: str
    """The id in the gradebook."""
    ready: datetime
    jobs: list[Job]
    future: Future[Graded] | None = None
    failures: int = 0
    began: float = field(default_factory=time.monotonic)


class Service:
    """Watches some assignments of a course.

    Parameters
    ----------
    assignments : Collection of str
        Those to watch; none for all that the gradebook knows.
    make_executor : Callable[[], Executor]
        Called when there is something to grade, and again if the executor has lost its work.
    workers : int
        How many submissions are graded at a time.
    tell : Callable[[str], object]
        Gets a line for people.
    done : Callable[[Row], object], optional
        Told of each submission when that is settled.
    show : Callable[[Collection[Row], Collection[Arrival]], object], optional
        Given every minute all that is settled, and what waits or is being graded.
    now : Callable[[], datetime], optional
        The clock.
    """

    def __init__(
        self,
        course: CourseFolder,
        assignments: Collection[str],
        how: GradingOptions,
        make_executor: Callable[[], Executor],
        workers: int,
        tell: Callable[[str], object],
        done: Callable[[Row], object] = lambda row: None,
        show: Callable[[Collection[Row], Collection[Arrival]], object] = lambda rows, waiting: None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._course = course
        self._named = tuple(assignments)
        self._how = how
        self._make_executor = make_executor
        self._workers = workers
        self._tell = tell
        self._done = done
        self._show = show
        self._shown = -SHOW_SECONDS
        self._now = now
        self._executor: Executor | None = None
        self._queue = Queue(workers)
        self._under_way: dict[str, _UnderWay] = {}
        self._pages: dict[str, Pages] = {}
        self._locks: dict[str, ExitStack] = {}
        self._held_by_others: dict[str, float] = {}
        self._retry_at: dict[str, float] = {}
        self._new_marks: dict[str, str] = {}
        self._trouble = ""
        self._told: set[str] = set()
        self._bell: Bell | None = None
        self._over = threading.Event()
        self.ready = threading.Event()
        """Set once its workers have started, each with one notebook graded."""

    def stop(self) -> None:
        """Have `run` return, from another thread; what is being graded is given up."""
        self._over.set()
        if (bell := self._bell) is not None:
            bell.ring()

    def run(self, *, once: bool = False) -> None:
        """Go on until interrupted, or until all that is there has been graded as far as pauses allow.

        Parameters
        ----------
        once : bool, optional
            Whether to end, and to raise what otherwise would be waited for.
        """
        self._bell = Bell(Inbox(self._course, ()).folder)
        open_it = open_gradebook
        try:
            while True:
                try:
                    with open_it(self._course, writing=True) as gradebook:
                        open_it = existing_gradebook  # one that is taken away is waited for, and not made anew
                        _Session(self, gradebook).run(once=once)
                        return
                except TROUBLES as error:
                    if once:
                        raise
                    self.trouble(error)
                    self._over.wait(TROUBLE_SECONDS)
                if self._over.is_set():
                    return
        finally:
            self._close()

    def trouble(self, error: Exception) -> None:
        """Say what has failed, once for as long as it lasts."""
        line = _in_one_line(error)
        if isinstance(error.__cause__, CancelledError):
            self._drop_executor()
        if line != self._trouble:
            self._tell(f"waiting: {line}")
        self._trouble = line

    def _close(self) -> None:
        if self._bell is not None:
            self._bell.close()
        self._drop_executor()
        for lock in self._locks.values():
            lock.close()
        self._locks.clear()

    def _drop_executor(self) -> None:
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)


class _Session:
    """The loop for as long as the gradebook stays open."""

    def __init__(self, service: Service, gradebook: Gradebook) -> None:
        self._service = service
        self._course = service._course
        self._gradebook = gradebook
        self._file = which_file(service._course)
        self._journal = Journal(gradebook)
        self._queue = service._queue
        self._desks: dict[str, Desk] = {}
        self._states: dict[str, object] = {}
        self._students: dict[str, str] = {}
        self._refreshed = -REFRESH_SECONDS
        self._stale: dict[str, str] = {}
        """Submissions whose pages say something else now, with what they show."""
        self._looked_at = time.monotonic()

    def run(self, *, once: bool) -> None:
        self._set_up()
        self._release_what_is_graded()
        if not once and not self._service._under_way:
            self._warm_up()
        while not self._service._over.is_set():
            if which_file(self._course) != self._file:
                raise UserError("the gradebook has been replaced by another file, which is opened now.")
            if time.monotonic() - self._refreshed > REFRESH_SECONDS:
                self._refresh()
            unfinished = self._take_in()
            self._hand_out()
            self._go_on()
            anew = self._renew_a_page()
            if time.monotonic() - self._service._shown > SHOW_SECONDS:
                self._show()
            if self._service._trouble:
                self._service._tell("going on.")
                self._service._trouble = ""
            if anew:  # look who has submitted, then take the next
                continue
            if once and not unfinished and not self._service._under_way and not self._can_serve():
                self._show()
                return
            self._wait(unfinished)

    def _show(self) -> None:
        """Have the status shown; it is a courtesy, and nobody waits for feedback because it fails."""
        waiting = [*self._queue, *(each.arrival for each in self._service._under_way.values())]
        self._service._shown = time.monotonic()
        try:
            self._service._show(self._journal.rows.values(), waiting)
        except (UserError, OSError) as error:
            self._tell_once(f"the status cannot be shown: {_in_one_line(error)}")

    # What is watched -----------------------------------------------------------------------------------

    def _set_up(self) -> None:
        """Make ready for each assignment, anew if it has been released again."""
        service = self._service
        names = service._named or tuple(
            name
            for name in self._gradebook.db.scalars(select(Assignment.name).order_by(Assignment.name))
            if name in self._course.assignments()
        )
        busy = {each.arrival.assignment for each in service._under_way.values()}
        problems: list[Exception] = []
        for name in names:
            if name in self._desks and name in busy:
                continue
            state = state_of_sources(self._course, self._gradebook, name)
            if name in self._desks and self._states.get(name) == state:
                continue
            try:
                if name not in service._pages:
                    service._pages[name] = Pages(self._course, name)
                self._desks[name] = Desk(self._course, self._gradebook, name, service._how, service._pages[name])
                self._states[name] = state
            except (UserError, TraitError) as error:  # one that is being written holds up no other
                self._gradebook.db.rollback()
                self._desks.pop(name, None)
                self._tell_of(name, _in_one_line(error))
                problems.append(error)
        if problems and not self._desks:
            raise problems[0]
        self._inbox = Inbox(self._course, self._desks)

    def _refresh(self) -> None:
        """Look at dates and marks, and note which pages say something new."""
        self._set_up()
        self._refreshed = time.monotonic()
        junk = [row.submission for row in self._journal.rows.values() if not row.student]
        self._journal.remove(self._inbox.gone(junk))
        self._stale.clear()
        for desk in self._desks.values():
            self._find_stale(desk)
            self._let_in_who_was_late(desk)

    def _let_in_who_was_late(self, desk: Desk) -> None:
        """Forget that submissions were late that are in time now: the date was moved, or a student got more time."""
        late = [row for row in self._journal.rows.values() if row.note == _LATE and row.assignment == desk.assignment]
        if late:
            dues, common = desk.dues(), desk.common_due()
            due = {row: dues.get(self._id(row.student), common) for row in late}
            self._journal.remove([row.submission for row, by in due.items() if by is None or row.submitted <= by])

    def _newest(self, assignment: str) -> dict[str, Row]:
        """Return the last submission that was graded and released of each student."""
        newest: dict[str, Row] = {}
        for row in self._journal.rows.values():
            if row.assignment == assignment and row.state == "released" and row.graded is not None:
                before = newest.get(row.student)
                if before is None or (before.graded or row.graded) < row.graded:
                    newest[row.student] = row
        return newest

    def _find_stale(self, desk: Desk) -> None:
        if not (newest := self._newest(desk.assignment)):
            return
        grades, dues = desk.grades(), desk.dues()
        busy = {each.arrival.student for each in self._service._under_way.values()}
        for folder, row in newest.items():
            student = self._id(folder)
            found = grades.get(student)
            if folder in busy or found is None or row.note:
                continue
            view = desk.policy.view(self._released(row), self._service._now(), dues.get(student), self._zone)
            now = shown(view, found)
            if now == row.shown:
                self._service._new_marks.pop(row.submission, None)
            elif self._service._new_marks.get(row.submission) == now or row.shown.split()[:-1] != now.split()[:-1]:
                self._stale[row.submission] = now
            else:  # somebody may be marking just now: the next time, if it is still the same
                self._service._new_marks[row.submission] = now

    def _renew_a_page(self) -> bool:
        """Make the pages of one submission anew; False if there is none.

        When the date passes they are those of the whole class, and new submissions do not wait behind them.
        """
        while self._stale:
            name = next(iter(self._stale))
            expected = self._stale.pop(name)
            row = self._journal.rows[name]
            own = self._journal.of(row.assignment, row.student)
            busy = row.student in {each.arrival.student for each in self._service._under_way.values()}
            newer = any(one.graded and row.graded and one.graded > row.graded for one in own)
            desk = self._desks.get(row.assignment)
            if desk is None or busy or newer or row.state != "released":
                continue
            student = self._id(row.student)
            grades = desk.grades(student).get(student, {})
            view = desk.policy.view(self._released(row), self._service._now(), desk.due(student), self._zone)
            if shown(view, grades) != expected:  # somebody marks it just now
                continue
            try:
                note = desk.pages.write(student, grades, view)
            except NoPage:
                self._fail(replace(row, state="failed", note=_NO_PAGE))
            else:
                self._journal.enter(replace(row, shown=expected, note=note))
            return True
        return False

    # What arrives --------------------------------------------------------------------------------------

    def _take_in(self) -> bool:
        """Let what has arrived wait for its turn; True if somebody submits just now."""
        seen = self._inbox.look(_Known(self))
        now = self._service._now()
        gone: list[Row] = []
        noted = sum(not row.student for row in self._journal.rows.values()) if seen.refused else 0
        for name, problem in seen.refused.items():
            if noted + len(gone) >= MOST_NOTED:
                self._tell_once(
                    f"the exchange's inbound folder has more than {MOST_NOTED} names that are no submissions; only the "
                    "first are noted. Remove what does not belong there."
                )
            elif not name.isprintable() or not _storable(name):
                self._tell_of(name, problem)
            else:
                assignment = next((each for each in self._desks if f"+{each}+" in name), "")
                arrival = Arrival("", assignment, name, now, now)
                gone.append(Row.of(arrival, "refused", note=printable(problem)))
        students: set[str] | None = None
        for arrival in self._not_left(seen.arrived):
            if students is None:
                students = set(self._gradebook.db.scalars(select(Student.id)))
                self._gradebook.db.rollback()
            if not _storable(arrival.name):
                self._tell_of(arrival.name, "its name cannot be stored")
            elif missing := self._not_enrolled(arrival.student):
                self._wait_for_enrolment(arrival, missing)
            elif problem := self._refusal(arrival, students):
                gone.append(Row.of(arrival, "refused", note=problem))
            elif out := self._queue.add(arrival):
                gone.append(Row.of(out, "replaced"))
        self._journal.enter(*gone)
        for row in gone:
            self._service._done(row)
        return seen.unfinished

    def _not_left(self, arrived: list[Arrival]) -> list[Arrival]:
        """Return what is to be done of what has arrived: not what had its grade and its page before we saw it.

        At the first start in the middle of a term that is most of it: others have collected and graded it.
        """
        settled: dict[tuple[str, str], datetime] = {}
        for arrival in arrived:
            if _storable(arrival.name) and arrival.name not in self._journal.rows and self._has_page(arrival):
                settled[arrival.assignment, arrival.person] = arrival.stamp
        rows: list[Row] = []
        to_do: list[Arrival] = []
        for arrival in arrived:
            stamp = settled.get((arrival.assignment, arrival.person), datetime.min)
            if arrival.stamp > stamp or arrival.name in self._journal.rows:
                to_do.append(arrival)
            elif arrival.stamp == stamp:
                rows.append(Row.of(arrival, "left", graded=self._service._now(), note="it had a grade and feedback"))
            else:
                rows.append(Row.of(arrival, "replaced", note="a newer one had been graded"))
        self._journal.enter(*rows)
        if left := Counter(row.assignment for row in rows if row.state == "left"):
            which = ", ".join(f"{assignment} {number}" for assignment, number in sorted(left.items()))
            self._service._tell(
                f"left as they are: {left.total()} submissions that have a grade and feedback already ({which}). Grade "
                "them anew with 'autograder grade', 'autograder feedback' and 'nbgrader release_feedback'."
            )
        return to_do

    def _has_page(self, arrival: Arrival) -> bool:
        """Tell whether it is this very submission whose grade the gradebook has, and whose page has been released."""
        desk = self._desks[arrival.assignment]
        student = self._id(arrival.student)
        return desk.graded_stamp(student) == arrival.stamp and desk.pages.are_released(student)

    def _wait_for_enrolment(self, arrival: Arrival, problem: str) -> None:
        """Note that the gradebook has no such student, and ask again later: somebody may be added late."""
        self._service._retry_at[arrival.name] = time.monotonic() + RETRY_SECONDS
        row = Row.of(arrival, "failed", note=problem)
        if self._journal.rows.get(arrival.name) != row:
            self._journal.enter(row)
            self._service._done(row)

    def _refusal(self, arrival: Arrival, students: set[str]) -> str:
        if self._is_late_and_another_counts(arrival):
            return _LATE
        owner = forged_by(self._course, self._inbox.folder / arrival.name, arrival.student, students)
        return owner and f"{owner} made it, not {arrival.student}; collect it with 'nbgrader collect' if that is right"

    def _is_late_and_another_counts(self, arrival: Arrival) -> bool:
        """Tell whether nbgrader would not collect a submission, since the settings prefer one that is in time."""
        if not ExchangeCollect(config=self._course.config).before_duedate:
            return False
        due = self._desks[arrival.assignment].due(self._id(arrival.student))
        if due is None or arrival.stamp <= due:
            return False
        graded = [row.submitted for row in self._journal.of(arrival.assignment, arrival.student) if row.graded]
        waiting = [*self._queue, *(each.arrival for each in self._service._under_way.values())]
        own = [one.stamp for one in waiting if (one.assignment, one.student) == (arrival.assignment, arrival.student)]
        return any(stamp <= due for stamp in (*graded, *own))

    def _not_enrolled(self, folder: str) -> str:
        """Return why a student has no id in the gradebook, or nothing."""
        if folder in self._students:
            return ""
        students, refused = enrol(self._course, self._gradebook, [folder])
        self._gradebook.db.rollback()
        self._students |= {name: student for student, name in students.items()}
        return next(iter(refused.values()), "")

    def _id(self, folder: str) -> str:
        """Return a student's id in the gradebook, by the name in the exchange."""
        self._not_enrolled(folder)
        return self._students.get(folder, folder)

    # Grading -------------------------------------------------------------------------------------------

    @property
    def _zone(self) -> Any:
        return self._course.zone

    def _released(self, of: Arrival | Row) -> list[datetime]:
        """Return when a student got feedbacks for an assignment."""
        rows = self._journal.of(of.assignment, of.student)
        return [row.released for row in rows if row.released is not None]

    def _not_before(self, arrival: Arrival) -> datetime:
        """Return when a submission may be graded, as far as the student's pauses go."""
        policy = self._desks[arrival.assignment].policy
        return policy.allowance(self._released(arrival), self._service._now(), self._zone).next

    def _is_free(self, arrival: Arrival) -> datetime:
        """Return the same, and never while another process grades the assignment."""
        if arrival.assignment not in self._desks:
            return datetime.max
        soonest = self._not_before(arrival)
        if soonest <= self._service._now() and not self._locked(arrival.assignment):
            return datetime.max
        return soonest

    def _locked(self, assignment: str) -> bool:
        """Hold an assignment's lock, if no other process does; ask every few seconds."""
        service = self._service
        if assignment in service._locks:
            return True
        if time.monotonic() - service._held_by_others.get(assignment, -TROUBLE_SECONDS) < TROUBLE_SECONDS:
            return False
        with ExitStack() as lock:
            try:
                lock.enter_context(alone(self._course, assignment))
            except UserError as error:
                if assignment not in service._held_by_others:
                    service._tell(f"waiting: {error}")
                service._held_by_others[assignment] = time.monotonic()
                return False
            service._held_by_others.pop(assignment, None)
            service._locks[assignment] = lock.pop_all()
        return True

    def _can_serve(self) -> bool:
        now = self._service._now()
        return any(self._is_free(arrival) <= now for arrival in self._queue)

    def _hand_out(self) -> None:
        """Give work to the workers that are free, and give up the locks that nobody needs."""
        service = self._service
        while (arrival := self._queue.take(service._now(), self._is_free)) is not None:
            try:
                self._begin(arrival)
            except (*TROUBLES, KeyboardInterrupt):
                self._service._under_way.pop(arrival.name, None)
                self._queue.done(arrival.student)
                if arrival.name not in self._journal:  # else only its page is left to do
                    self._queue.add(arrival)
                raise
            except Exception as error:  # a bug of ours may cost one submission its feedback, and nobody else's
                self._service._under_way.pop(arrival.name, None)
                self._fail(Row.of(arrival, "failed", note=_in_one_line(error)))
        used = {each.arrival.assignment for each in service._under_way.values()}
        for assignment in service._locks.keys() - used:
            service._locks.pop(assignment).close()

    def _begin(self, arrival: Arrival) -> None:
        """Collect a submission and have its first notebook graded."""
        ready = max(arrival.arrived, self._not_before(arrival))
        desk = self._desks[arrival.assignment]
        try:
            collected = collect_one(self._course, arrival.assignment, arrival.name)
        except UserError as error:
            self._refuse(Row.of(arrival, "refused", ready, note=str(error)))
            return
        except OSError as error:
            if error.errno not in _OF_THE_SUBMISSION or not self._inbox.folder.is_dir():
                raise
            require_writable(self._course.folder("submitted", arrival.assignment, arrival.student))
            self._refuse(Row.of(arrival, "refused", ready, note=f"it cannot be read ({error.strerror})"))
            return
        student = self._id(arrival.student)
        graded = desk.graded_stamp(student)
        if not collected or (graded is not None and graded > arrival.stamp):  # under another spelling of the name
            self._settle(Row.of(arrival, "replaced", ready, note="a newer one had been collected"))
            return
        before = self._journal.rows.get(arrival.name)
        spoiled = before is not None and before.note == _NO_PAGE  # the graded notebook may be at fault
        jobs = [job for job in desk.jobs(student, arrival.student) if spoiled or not desk.is_graded(job)]
        if not jobs:  # by 'autograder grade', or by a run that could not make the page
            row = Row.of(arrival, "graded", ready, graded=self._service._now())
            self._journal.enter(row)
            self._queue.done(arrival.student)
            self._release(row)
            return
        under_way = _UnderWay(arrival, student, ready, jobs)
        self._service._under_way[arrival.name] = under_way
        self._start(under_way)

    def _refuse(self, refused: Row) -> None:
        """Enter that a submission is not graded; the last one that made room for it waits again."""
        own = list(self._journal.of(refused.assignment, refused.student))
        since = max((row.submitted for row in own if row.graded), default=datetime.min)
        waited = [row for row in own if row.state == "replaced" and since < row.submitted < refused.submitted]
        again = [replace(row, state="failed", note=_REFUSED) for row in sorted(waited, key=_by_stamp)[-1:]]
        self._settle(refused, *again)
        for row in again:
            self._queue.add(Arrival(row.student, row.assignment, row.submission, row.submitted, row.arrived))

    def _start(self, under_way: _UnderWay) -> None:
        """Have the next notebook graded."""
        service = self._service
        if service._executor is None:
            service._executor = service._make_executor()
        job = under_way.jobs[0]
        task = replace(job.task, last_try=under_way.failures == TRIES - 1)
        under_way.future = service._executor.submit(grade, self._prepared(task))
        if (bell := service._bell) is not None:
            under_way.future.add_done_callback(lambda _: bell.ring())
        _ = job.fingerprint  # made while that goes on

    def _warm_up(self) -> None:
        """Have each new worker grade a notebook without answers: what starts at first use is then there."""
        service = self._service
        if service._executor is not None:
            return
        service._executor = service._make_executor()
        jobs = [desk.unanswered() for desk in self._desks.values()]
        tasks = [self._prepared(job.task) for job in jobs for _ in range(service._workers)]
        begun = [service._executor.submit(grade, task) for task in tasks]
        for job in jobs:
            _ = job.fingerprint  # the first takes a while: it reads all that grades

        def tell_when_ready() -> None:
            wait(begun)
            service.ready.set()

        threading.Thread(target=tell_when_ready, name="warm", daemon=True).start()

    def _prepared(self, task: Task) -> Task:
        """Return a task for rooms that have imported what any of the assignments needs: the same rooms serve all."""
        names = dict.fromkeys(name for desk in self._desks.values() for name in desk.preload)
        return replace(task, settings=replace(task.settings, preload=tuple(names)))

    def _go_on(self) -> None:
        """Take what has been graded."""
        for under_way in list(self._service._under_way.values()):
            if under_way.arrival.assignment not in self._desks:  # its notebooks cannot be used just now
                continue
            if under_way.future is None:  # its executor has been lost
                self._start(under_way)
            elif under_way.future.done():
                self._looked_at = time.monotonic()
                try:
                    self._take_result(under_way, under_way.future)
                except TROUBLES:
                    raise
                except Exception as error:  # as above
                    self._service._under_way.pop(under_way.arrival.name, None)
                    self._fail(Row.of(under_way.arrival, "failed", under_way.ready, note=_in_one_line(error)))
        executor = self._service._executor
        if isinstance(executor, Watched) and time.monotonic() - self._looked_at > LOOK_SECONDS:
            self._looked_at = time.monotonic()
            if self._service._under_way:
                executor.look()

    def _take_result(self, under_way: _UnderWay, future: Future[Graded]) -> None:
        try:
            graded = future.result()
        except CancelledError as error:
            for each in self._service._under_way.values():
                each.future = None
            raise UserError("the workers were lost: their Dask scheduler has ended or was started anew.") from error
        except (SandboxUnavailable, UserError):
            under_way.future = None
            raise
        except Exception as error:
            self._failed(under_way, error)
            return
        job = under_way.jobs[0]
        desk = self._desks[under_way.arrival.assignment]
        if len(under_way.jobs) > 1:
            desk.writer.save(job.submission, graded, job.fingerprint)
            under_way.jobs.pop(0)
            under_way.failures = 0
            self._start(under_way)
            return
        row = Row.of(under_way.arrival, "graded", under_way.ready, graded=self._service._now())
        desk.writer.save(job.submission, graded, job.fingerprint, lambda: self._journal.write(row))
        self._journal.entered(row)
        del self._service._under_way[under_way.arrival.name]
        slow = time.monotonic() - under_way.began > SLOW_SECONDS
        self._queue.done(under_way.arrival.student, slow=slow)
        self._release(row)

    def _failed(self, under_way: _UnderWay, error: Exception) -> None:
        under_way.failures += 1
        if under_way.failures < TRIES:
            self._start(under_way)
            return
        del self._service._under_way[under_way.arrival.name]
        self._fail(Row.of(under_way.arrival, "failed", under_way.ready, note=_in_one_line(error)[:300]))

    def _fail(self, row: Row) -> None:
        """Note a failure of ours, and try again later."""
        self._service._retry_at[row.submission] = time.monotonic() + RETRY_SECONDS
        self._settle(row)

    def _settle(self, row: Row, *beside: Row) -> None:
        """Enter what became of a submission, others beside it, and let its student go on."""
        self._journal.enter(row, *beside)
        self._queue.done(row.student)
        self._service._done(row)

    # Feedback ------------------------------------------------------------------------------------------

    def _release_what_is_graded(self) -> None:
        """Release the pages of what was graded before this began."""
        for row in list(self._journal.rows.values()):
            if row.state == "graded" and row.assignment in self._desks:
                self._release(row)

    def _release(self, row: Row) -> None:
        """Write and release the pages of a submission that has just been graded."""
        desk = self._desks[row.assignment]
        student = self._id(row.student)
        grades = desk.grades(student).get(student)
        if grades is None:
            self._fail(replace(row, state="failed", note="its grade has been taken out of the gradebook"))
            return
        now = self._service._now()
        view = desk.policy.view([*self._released(row), now], now, desk.due(student), self._zone)
        try:
            note = desk.pages.write(student, grades, view)
        except NoPage:
            self._fail(replace(row, state="failed", note=_NO_PAGE))
            return
        released = replace(row, state="released", released=self._service._now(), shown=shown(view, grades), note=note)
        self._journal.enter(released)
        self._service._done(released)

    # Waiting -------------------------------------------------------------------------------------------

    def _wait(self, unfinished: bool) -> None:
        seconds = UNFINISHED_SECONDS if unfinished else LOOK_AGAIN_SECONDS
        assert self._service._bell is not None
        self._service._bell.wait(seconds)

    def _tell_of(self, name: str, problem: str) -> None:
        """Say once why something that the database cannot hold is not graded."""
        self._tell_once(f"{printable(name)}: not graded, {problem}")

    def _tell_once(self, line: str) -> None:
        if line not in self._service._told:
            self._service._told.add(line)
            self._service._tell(line)


class _Known:
    """The submissions that need no look: settled, waiting, under way, or to be tried again later."""

    def __init__(self, session: _Session) -> None:
        service = session._service
        self._journal = session._journal
        self._names = {arrival.name for arrival in session._queue} | service._under_way.keys()
        now = time.monotonic()
        self._later = {name for name, moment in service._retry_at.items() if moment > now}

    def __contains__(self, name: object) -> bool:
        return name in self._journal or name in self._names or name in self._later


def _by_stamp(row: Row) -> datetime:
    return row.submitted


def _storable(name: str) -> bool:
    """Tell whether a database can hold a name: not if it has bytes that are no text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _in_one_line(error: Exception) -> str:
    """Return what an error says, in one line; of what to do, a watch that waits runs nothing again."""
    if isinstance(error, OSError):
        error = of_the_machine(error) or error
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return printable(line.replace(", and run this again", ""))
