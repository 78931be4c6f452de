"""A long run of `autograder watch`, at whose end nothing may be left and nothing missing: `make soak`.

A class submits as in the hour before a due date: quiet at first, then a rush, each student several times. One in twenty
submissions crashes, loops or attacks. All of it lies in a temporary folder, and `autograder watch` is a process of its
own.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeFetchFeedback

from autograder.course_folder import CourseFolder
from autograder.gradebook import existing_gradebook
from autograder.practice.live import ASSIGNMENT, student_settings, submit, watched_course
from autograder.practice.sample_class import Kind, make_sample_class
from autograder.timestamps import read_timestamp
from autograder.watch.journal import Row, rows
from tests.flows.soak_checks import (
    GROWTH,
    SLACK_MIB,
    Rest,
    Sent,
    last_of,
    left_in_the_course,
    left_in_the_exchange,
    not_flat,
    not_graded_once,
    pages_not_right,
)

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = f"""
c.Watch.feedbacks_a_day = {10**6}
c.Examiner.cell_seconds = 5
"""
"""Nobody waits for tomorrow, and an endless loop costs seconds."""
COMMAND = (sys.executable, "-m", "autograder", "watch", ASSIGNMENT)
HARMFUL = frozenset(Kind) - {
    Kind.RIGHT, Kind.HALF, Kind.WRONG, Kind.EMPTY, Kind.DELETED, Kind.RENAMED, Kind.TRUNCATED
}  # fmt: skip
HARMFUL_SHARE = 0.05
EXAMPLES = 60
"""Notebooks of the sample class that the submissions are drawn from."""
WARM_UP = 0.1
"""Share of the submissions before memory is looked at for the first time: workers start what they need when it is first
wanted, such as rooms with torch."""
SAMPLE_SECONDS = 2.0
TELL_SECONDS = 5.0
REST_SAMPLES = 5
"""Looks at the service at rest, a second apart; the least counts."""
PATIENCE_SECONDS = 300.0
"""Without a line of the service for so long, no more is waited for."""


@dataclass(frozen=True)
class Planned:
    """A submission that will be made."""

    at: float
    """Share of the time that has passed."""
    student: str
    example: str
    """The student of the sample class whose notebook it is."""


def plan(students: int, submissions: int, seed: int, tame: Sequence[str], harmful: Sequence[str]) -> list[Planned]:
    """Draw who submits what when; more and more towards the end, and everybody at least once.

    Parameters
    ----------
    tame, harmful : Sequence of str
        Students of the sample class by what their notebooks do.
    """
    draw = random.Random(seed)
    names = [f"student{number:03}" for number in range(1, students + 1)]
    who = names[:submissions] + draw.choices(names, k=max(0, submissions - students))
    draw.shuffle(who)
    bad = set(draw.sample(range(submissions), round(HARMFUL_SHARE * submissions)))
    moments = sorted(draw.betavariate(3, 1) for _ in who)
    return [
        Planned(moment, student, draw.choice(harmful if number in bad else tame))
        for number, (moment, student) in enumerate(zip(moments, who, strict=True))
    ]


class Watch:
    """`autograder watch` as a process, with all that it starts.

    Parameters
    ----------
    course : Path
        The course folder.
    temporary : Path
        Becomes its folder for temporary files.
    command : sequence of str, optional
        Another program in its place.
    """

    def __init__(self, course: Path, temporary: Path, command: Sequence[str] = COMMAND) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=course,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)},
            start_new_session=True,  # Ctrl-C is for the run, which ends it in order
        )
        self.lines: list[str] = []
        self._seen: set[psutil.Process] = set()
        self._reader = threading.Thread(target=self._read, name="lines", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self.lines.extend(line.rstrip() for line in self._process.stdout)

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    @property
    def settled(self) -> int:
        """How many submissions it has done with."""
        done = ("feedback after", "a newer submission took its place", "not graded")
        return sum(any(f": {words}" in line for words in done) for line in self.lines)

    @property
    def feedbacks(self) -> Counter[str]:
        """How many feedbacks it has told of, by student."""
        told = (line.partition(": feedback after") for line in self.lines)
        return Counter(before.rpartition(", ")[2] for before, words, _ in told if words)

    def look(self) -> Rest:
        """Look at all its processes now."""
        pss, number, descriptors, sockets = 0, 0, 0, 0
        with suppress(psutil.Error):
            service = psutil.Process(self._process.pid)
            descriptors, sockets = service.num_fds(), len(service.net_connections("all"))
            tree = [service, *service.children(recursive=True)]
            self._seen.update(tree)
            for process in tree:
                with suppress(psutil.Error):
                    pss += process.memory_full_info().pss
                    number += 1
        return Rest(pss / 2**20, number, descriptors, sockets)

    def rest(self) -> Rest:
        """Look at them several times while nothing waits, and return the least of each."""
        looks = []
        for _ in range(REST_SAMPLES):
            time.sleep(1.0)
            looks.append(self.look())
        return Rest(
            min(look.pss_mib for look in looks),
            min(look.processes for look in looks),
            min(look.descriptors for look in looks),
            min(look.sockets for look in looks),
        )

    def stop(self) -> list[str]:
        """End it as Ctrl-C does; return a line for what did not end, which is killed."""
        problems = []
        self.look()
        self._process.send_signal(signal.SIGINT)
        try:
            status = self._process.wait(60.0)
            if status != 128 + signal.SIGINT:
                problems.append(f"the service ended with status {status}: {' | '.join(self.lines[-3:])}")
        except subprocess.TimeoutExpired:
            problems.append("the service did not end when it was interrupted")
        _, left = psutil.wait_procs(self._seen, timeout=5.0)
        for process in left:
            problems.append(f"left running: {process}")
            with suppress(psutil.Error):
                process.kill()
        self._reader.join(10.0)
        return problems


class Soak:
    """One run in a folder of its own.

    Parameters
    ----------
    course : CourseFolder
        Where the assignment and the catalogue are.
    tell : Callable[[str], object]
        Gets a line every few seconds.
    """

    def __init__(self, course: CourseFolder, folder: Path, tell: Callable[[str], object]) -> None:
        self._folder = folder
        self._tell = tell
        self.course = watched_course(course, folder)
        with (self.course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(SETTINGS)
        self._exchange = folder / "exchange"
        self._examples = folder / "examples" / "submitted"
        made = make_sample_class(self.course, course.answers, self._examples, students=EXAMPLES)
        self._harmful = [student.id for student in made if student.kinds[ASSIGNMENT] in HARMFUL]
        self._tame = [student.id for student in made if student.kinds[ASSIGNMENT] not in HARMFUL]
        self._temporary = folder / "t"
        self._temporary.mkdir()
        self._before = files_below(self.course.root), files_below(self._exchange)
        self._sent: list[str] = []
        self._ticked = self._told = 0.0

    def run(self, students: int, submissions: int, seed: int, seconds: float) -> list[str]:
        """Have the class submit, and return a line for everything that is not as it must be at the end."""
        planned = plan(students, submissions, seed, self._tame, self._harmful)
        watch = Watch(self.course.root, self._temporary)
        try:
            early = max(1, round(WARM_UP * submissions))
            share = planned[early - 1].at
            self._submit(watch, planned[:early], 0.0, seconds)
            warm = self._settled(watch)
            self._submit(watch, planned[early:], share, seconds)
            last = self._settled(watch)
        finally:
            stopped = watch.stop()
        self._tell(
            f"At rest {warm.pss_mib:.0f} MiB after the warm-up, {last.pss_mib:.0f} MiB at the end (at most "
            f"{GROWTH:g} times as much and {SLACK_MIB:g} MiB); {warm.processes} and {last.processes} processes, "
            f"{warm.descriptors} and {last.descriptors} descriptors, {warm.sockets} and {last.sockets} sockets."
        )
        return [*stopped, *not_flat(warm, last), *self._found(watch)]

    def _submit(self, watch: Watch, planned: Sequence[Planned], share: float, seconds: float) -> None:
        began = time.monotonic() - share * seconds
        for one in planned:
            while (left := began + one.at * seconds - time.monotonic()) > 0:
                time.sleep(min(left, 0.5))
                self._tick(watch)
            desk = self._desk(one.student)
            shutil.rmtree(desk / ASSIGNMENT, ignore_errors=True)
            shutil.copytree(self._examples / one.example / ASSIGNMENT, desk / ASSIGNMENT)
            (desk / ASSIGNMENT / "timestamp.txt").unlink()
            submit(self.course, desk, one.student)
            self._sent.append(one.student)
            self._tick(watch)

    def _settled(self, watch: Watch) -> Rest:
        """Wait until nothing waits, and look at what is there then."""
        lines, since = 0, time.monotonic()
        while watch.settled < len(self._sent) and not watch.ended:
            time.sleep(0.2)
            self._tick(watch)
            if len(watch.lines) > lines:
                lines, since = len(watch.lines), time.monotonic()
            elif time.monotonic() - since > PATIENCE_SECONDS:
                break
        return watch.rest()

    def _tick(self, watch: Watch) -> None:
        now = time.monotonic()
        if now - self._ticked < SAMPLE_SECONDS:
            return
        self._ticked = now
        look = watch.look()
        if now - self._told >= TELL_SECONDS:
            self._told = now
            self._tell(
                f"{len(self._sent)} submitted, {watch.settled} done; {look.pss_mib:.0f} MiB in {look.processes} "
                f"processes, {look.descriptors} descriptors"
            )

    def _desk(self, student: str) -> Path:
        desk = self._folder / "desks" / student
        desk.mkdir(parents=True, exist_ok=True)
        return desk

    def _found(self, watch: Watch) -> Iterator[str]:
        """Iterate over what is left, missing or wrong."""
        course_id = str(self.course.directory.course_id)
        sent = [*sent_to(self._exchange / course_id / "inbound")]
        if len(sent) != len(self._sent):
            yield f"{len(self._sent)} were submitted, and the exchange has {len(sent)}"
        journal, stamps = self._gradebook()
        students = {one.student for one in sent}
        released = {path.name for path in (self._exchange / course_id / "feedback").iterdir()}
        written = {name: page(self.course.folder("feedback", ASSIGNMENT, name)) for name in students}
        yield from not_graded_once(sent, journal, watch.feedbacks, stamps)
        yield from pages_not_right(sent, journal, released, self._fetched(sent), written)
        yield from left_in_the_course(self._before[0], files_below(self.course.root), students)
        yield from left_in_the_exchange(self._before[1], files_below(self._exchange), sent)
        yield from (f"left in the temporary folder: {path}" for path in sorted(files_below(self._temporary)))

    def _gradebook(self) -> tuple[dict[str, Row], dict[str, datetime | None]]:
        with existing_gradebook(self.course) as gradebook:
            return rows(gradebook), stamps_of(gradebook)

    def _fetched(self, sent: Sequence[Sent]) -> dict[str, bytes | None]:
        """Have each student fetch feedback, and return the pages of the last submissions."""
        found: dict[str, bytes | None] = {}
        for student in last_of(sent):
            desk = self._desk(student)
            config = student_settings(self.course, desk, student)
            ExchangeFetchFeedback(
                coursedir=CourseDirectory(config=config, assignment_id=ASSIGNMENT),
                authenticator=Authenticator(config=config),
                config=config,
            ).start()
            newest = max(desk.glob("cache/*/*/timestamp.txt"), key=lambda path: path.parent.name).read_text().strip()
            found[student] = page(desk / ASSIGNMENT / "feedback" / newest)
        return found


def stamps_of(gradebook: Gradebook) -> dict[str, datetime | None]:
    """Return when the submissions were made whose grades the gradebook has, by student."""
    return {one.student.id: one.timestamp for one in gradebook.assignment_submissions(ASSIGNMENT)}


def sent_to(inbound: Path) -> Iterator[Sent]:
    """Iterate over the submissions in the exchange."""
    for folder in inbound.iterdir():
        stamp = read_timestamp((folder / "timestamp.txt").read_text()).utc
        assert stamp is not None
        secret = (folder / "submission_secret.txt").read_text()
        names = {path.stem for path in folder.glob("*.ipynb")} | {ASSIGNMENT}
        pages = {name: f"{utils.notebook_hash(secret=secret, notebook_id=name)}.html" for name in names}
        page = pages.pop(ASSIGNMENT)
        yield Sent(folder.name.partition("+")[0], stamp, folder.name, page, frozenset(pages.values()))


def page(folder: Path) -> bytes | None:
    """Return the page in a folder of feedback, if it is there; it has the name of the notebook that was handed in."""
    path = next(folder.glob("*.html"), None)
    return None if path is None else path.read_bytes()


def files_below(folder: Path) -> set[str]:
    """Return everything below a folder that is no folder, and the folders that are empty."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir() or not any(path.iterdir())
    }


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a temporary folder with a short path, as sockets need one."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        yield Path(name).resolve()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; the status is 1 if something is not as it must be, 130 if somebody stopped it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=200, metavar="N", help="size of the class")
    parser.add_argument("--submissions", type=int, default=2000, metavar="N", help="of all students together")
    parser.add_argument("--seed", type=int, default=2026, metavar="N", help="of everything that is drawn")
    parser.add_argument("--minutes", type=float, default=15.0, metavar="N", help="in which they submit")
    options = parser.parse_args(arguments)

    def tell(line: str) -> None:
        print(line, flush=True)

    try:
        with scratch() as folder:
            run = Soak(CourseFolder.load(ROOT), folder, tell)
            problems = run.run(options.students, options.submissions, options.seed, 60 * options.minutes)
    except KeyboardInterrupt:
        tell("soak: stopped")
        return 128 + signal.SIGINT
    for problem in problems:
        tell(f"soak: {problem}")
    tell("soak: failed" if problems else "soak: all submissions graded once, nothing left")
    return int(bool(problems))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: nothing goes on alone
    sys.exit(main())
