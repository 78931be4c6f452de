"""A real exchange folder, and students who submit and fetch feedback with nbgrader's own classes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeFetchFeedback, ExchangeReleaseAssignment, ExchangeSubmit
from traitlets.config import Config

from autograder.batch.run import how_configured
from autograder.course_folder import CourseFolder
from autograder.watch.journal import Journal, Row
from autograder.watch.service import Service
from tests.support.classroom import MINI, RIGHT, Classroom, Inline


class Exchange:
    """The exchange of a classroom, whose assignment is released there."""

    def __init__(self, room: Classroom, folder: Path, settings: str = "") -> None:
        self.folder = folder / "exchange"
        self.folder.mkdir()
        self.folder.chmod(0o777)
        self.room = room
        with room.course.root.joinpath("nbgrader_config.py").open("a") as file:
            file.write(f"\nc.Exchange.root = {str(self.folder)!r}\n{settings}\n")
        self.course = CourseFolder.load(room.course.root)
        room.course = self.course
        directory = CourseDirectory(config=self.course.config, root=str(self.course.root), assignment_id=MINI)
        ExchangeReleaseAssignment(coursedir=directory, config=self.course.config).start()

    @property
    def inbound(self) -> Path:
        return self.folder / str(self.course.directory.course_id) / "inbound"

    def student(self, name: str) -> Student:
        return Student(self, name)

    def service(self, make_executor: object = Inline, **more: object) -> Service:
        """A service in this process."""
        told = more.pop("tell", lambda line: None)
        workers = more.pop("workers", 1)
        return Service(
            self.course,
            [MINI],
            how_configured(self.course),
            make_executor,  # type: ignore[arg-type]
            workers,  # type: ignore[arg-type]
            told,  # type: ignore[arg-type]
            **more,  # type: ignore[arg-type]
        )

    def watch_once(self, **more: object) -> list[Row]:
        """Do what is there, and return what became of it."""
        done: list[Row] = []
        self.service(done=done.append, **more).run(once=True)
        return done

    def rows(self) -> list[Row]:
        """What the gradebook says of all submissions, the first first."""
        with self.room.gradebook() as gradebook:
            return sorted(Journal(gradebook).rows.values(), key=lambda row: row.submitted)


class Student:
    """One student at a desk of their own."""

    def __init__(self, exchange: Exchange, name: str) -> None:
        self.name = name
        self._exchange = exchange
        self.desk = exchange.folder.parent / "desks" / name
        self.config = Config(
            {
                "Exchange": {
                    "root": str(exchange.folder),
                    "cache": str(self.desk / "cache"),
                    "assignment_dir": str(self.desk),
                },
                "CourseDirectory": {"course_id": exchange.course.directory.course_id, "student_id": name},
            }
        )

    def _run(self, kind: type) -> None:
        directory = CourseDirectory(config=self.config, assignment_id=MINI)
        kind(coursedir=directory, authenticator=Authenticator(config=self.config), config=self.config).start()

    def solve(self, answers: Mapping[str, str], name: str = f"{MINI}.ipynb") -> None:
        """Write answers into the notebook."""
        folder = self.desk / MINI
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(self._exchange.room.notebook(answers)))

    def submit(self, answers: Mapping[str, str] = RIGHT, name: str = f"{MINI}.ipynb") -> str:
        """Submit answers, and return the name of the folder in the exchange."""
        self.solve(answers, name)
        before = {path.name for path in self._exchange.inbound.iterdir()}
        self._run(ExchangeSubmit)
        [name] = {path.name for path in self._exchange.inbound.iterdir()} - before
        return name

    def fetch(self) -> list[str]:
        """Fetch feedback, and return all pages that there are, the oldest submission's first."""
        self._run(ExchangeFetchFeedback)
        return [path.read_text() for path in sorted((self.desk / MINI / "feedback").glob("*/*.html"))]
