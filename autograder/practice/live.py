"""`autograder demo --live`: a class submits to an exchange, reads its feedback, mends, and submits again.

Everything lies in a temporary folder. The students are threads that use nbgrader's own class for *Submit*, and look
where *Fetch Feedback* looks.
"""

from __future__ import annotations

import os
import random
import re
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader import utils
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeSubmit
from rich.console import Console
from traitlets.config import Config

from autograder.answers import Answer, load_answers
from autograder.batch.executors import local_executor
from autograder.batch.run import how_configured
from autograder.course_folder import CourseFolder, copy_settings
from autograder.errors import UserError
from autograder.examiner.rooms import require_wall
from autograder.publish.notebooks import generate_assignment
from autograder.watch.service import Service

ASSIGNMENT = "ps1_from_scratch"
APART_SECONDS = 0.5
"""Between the first submissions of two students, on average."""
MENDING_SECONDS = (2.0, 6.0)
"""How long a student reads and mends, at least and at most."""
PATIENCE_SECONDS = 300.0
"""Then a student gives up."""
LOOK_SECONDS = 0.02

_EXERCISE = re.compile(r'<section class="exercise".*?</section>', re.DOTALL)
_NAME = re.compile(r"<h2[^>]*>\s*<code>(.*?)</code>", re.DOTALL)
_FAILED = re.compile(r'class="(?:mark bad|problem)"')


@dataclass
class Waits:
    """How long each submission's page took, from the end of *Submit*, in seconds."""

    seconds: list[float] = field(default_factory=list)
    lost: int = 0
    """Submissions whose page never came."""

    def sentence(self) -> str:
        """Return them for people."""
        if not self.seconds:
            return "No feedback came."
        ordered = sorted(self.seconds)
        most = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        return (
            f"{len(ordered)} feedbacks: median {statistics.median(ordered):.1f} s, 95 % within {most:.1f} s, "
            f"at most {ordered[-1]:.1f} s; {self.lost} never came."
        )


def run_live(course: CourseFolder, students: int, console: Console) -> Waits:
    """Have a class submit, mend by the feedback, and submit again; print a line for each submission.

    Raises
    ------
    UserError
        If the course has no such assignment or no catalogue of answers to it.
    SandboxUnavailable
        If this machine cannot build a wall.
    """
    answers = load_answers(course.answers, ASSIGNMENT)
    with tempfile.TemporaryDirectory(prefix="demo-live-") as name:
        folder = Path(name).resolve()
        watched = watched_course(course, folder)
        how = how_configured(watched)
        require_wall(how.settings)
        workers = os.cpu_count() or 1

        def tell(line: str) -> None:
            console.print(line, markup=False, highlight=False, soft_wrap=True)

        tell(f"{students} students submit {ASSIGNMENT} to {folder / 'exchange'}, and mend by their feedback.")
        service = Service(watched, [ASSIGNMENT], how, local_executor(workers), workers, tell)
        waits = Waits()
        lock, over = threading.Lock(), threading.Event()
        names = [f"student{number:02}" for number in range(1, students + 1)]
        people = [LiveStudent(watched, folder, name, answers, over) for name in names]

        def live(student: LiveStudent) -> None:
            for what in ("first", "mended"):
                took = student.submit_and_wait()
                with lock:
                    if took is None:
                        waits.lost += 1
                        tell(f"{student.name}: no feedback for the {what} submission")
                        return
                    waits.seconds.append(took)
                    tell(f"{student.name}: {what} submission, feedback after {took:.1f} s{student.left()}")
                if not student.mend():
                    return

        def all_live() -> None:
            try:
                service.ready.wait(PATIENCE_SECONDS)
                with ThreadPoolExecutor(students) as pool:
                    for student in people:
                        pool.submit(live, student)
                        over.wait(student.draw.uniform(0, 2 * APART_SECONDS))
            finally:
                service.stop()

        classes = threading.Thread(target=all_live, name="class")
        classes.start()
        try:
            service.run()
        finally:
            over.set()
            service.ready.set()
            classes.join()
        tell(waits.sentence())
        return waits


def watched_course(course: CourseFolder, folder: Path) -> CourseFolder:
    """Make a course with the one assignment, released into an exchange of its own."""
    exchange, root = folder / "exchange", folder / "course"
    exchange.mkdir()
    exchange.chmod(0o777)
    root.mkdir()
    copy_settings(course.root, root)
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"c.Exchange.root = {str(exchange)!r}\nc.Watch.pause_minutes = 0\n")
    source = root / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    notebook = course.folder("source", ASSIGNMENT) / f"{ASSIGNMENT}.ipynb"
    (source / notebook.name).write_bytes(notebook.read_bytes())
    made = CourseFolder.load(root)
    generate_assignment(made, ASSIGNMENT)
    answer = made.api().release_assignment(ASSIGNMENT)
    if not answer["success"]:
        raise UserError(f"nbgrader could not release {ASSIGNMENT}: {answer.get('error') or answer.get('log')}")
    return made


def student_settings(course: CourseFolder, desk: Path, student: str) -> Config:
    """Return nbgrader's settings for a student who works in a folder of their own."""
    exchange = {
        "root": str(course.config.Exchange.root),
        "cache": str(desk / "cache"),
        "assignment_dir": str(desk),
    }
    directory = {"course_id": str(course.directory.course_id), "student_id": student}
    return Config({"Exchange": exchange, "CourseDirectory": directory})


def submit(course: CourseFolder, desk: Path, student: str) -> Path:
    """Submit what lies in a student's folder, and return the page that *Fetch Feedback* will look for."""
    config = student_settings(course, desk, student)
    ExchangeSubmit(
        coursedir=CourseDirectory(config=config, assignment_id=ASSIGNMENT),
        authenticator=Authenticator(config=config),
        config=config,
    ).start()
    secret = max((desk / "cache").rglob("submission_secret.txt"), key=lambda path: path.parent.name).read_text()
    page = f"{utils.notebook_hash(secret=secret, notebook_id=ASSIGNMENT)}.html"
    return Path(config.Exchange.root, config.CourseDirectory.course_id, "feedback", page)


class LiveStudent:
    """One student with answers of the catalogue, right and wrong ones.

    Parameters
    ----------
    folder : Path
        Where the students' desks are.
    over : threading.Event
        Ends all waiting.
    """

    def __init__(
        self, course: CourseFolder, folder: Path, name: str, answers: list[Answer], over: threading.Event
    ) -> None:
        self.name = name
        self.draw = random.Random(name)
        self._course = course
        self._answers = answers
        self._over = over
        self._desk = folder / "desks" / name
        self._page = ""
        released = nbformat.read(course.folder("release", ASSIGNMENT) / f"{ASSIGNMENT}.ipynb", as_version=4)
        self._notebook = nbformat.from_dict(released)
        share = self.draw.uniform(0.2, 0.9)
        for exercise in self._exercises():
            self._answer(exercise, right=self.draw.random() < share)

    def _exercises(self) -> list[str]:
        return [cell.metadata.nbgrader.grade_id for cell in self._notebook.cells if utils.is_solution(cell)]

    def _answer(self, exercise: str, *, right: bool) -> None:
        choices = [answer.source for answer in self._answers if answer.exercise == exercise and answer.right == right]
        for cell in self._notebook.cells:
            if choices and cell.metadata.get("nbgrader", {}).get("grade_id") == exercise:
                cell.source = self.draw.choice(choices)

    def submit_and_wait(self) -> float | None:
        """Submit, and return how many seconds later the page could be fetched; None if it never could."""
        path = self.submit()
        began = time.monotonic()
        while not path.exists():
            if time.monotonic() - began > PATIENCE_SECONDS or self._over.wait(LOOK_SECONDS):
                return None
        took = time.monotonic() - began
        self._page = path.read_text(encoding="utf-8")
        return took

    def submit(self) -> Path:
        """Submit, and return the page that *Fetch Feedback* will look for."""
        desk = self._desk / ASSIGNMENT
        desk.mkdir(parents=True, exist_ok=True)
        nbformat.write(self._notebook, desk / f"{ASSIGNMENT}.ipynb")
        return submit(self._course, self._desk, self.name)

    def _failed(self) -> list[str]:
        """Return the exercises that the page says have failed."""
        found = [section for section in _EXERCISE.findall(self._page) if _FAILED.search(section)]
        return [name[1].replace("<wbr>", "") for name in map(_NAME.search, found) if name]

    def left(self) -> str:
        """Return what is still to be mended, as the end of a line."""
        failed = self._failed()
        return f"; to mend: {', '.join(failed)}" if failed else "; all visible checks pass"

    def mend(self) -> bool:
        """Mend what the page says has failed; False if there is nothing to mend."""
        failed = self._failed()
        self._over.wait(self.draw.uniform(*MENDING_SECONDS))
        for exercise in failed:
            self._answer(exercise, right=True)
        return bool(failed)
