"""One assignment that is watched: its notebooks, how it is graded, and the pages that its students get."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from nbgrader.api import (
    Assignment,
    BaseCell,
    Gradebook,
    GradeCell,
    Notebook,
    SourceCell,
    SubmittedAssignment,
    TaskCell,
)
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import notebook_hash
from sqlalchemy import select

from autograder.batch.coordinator import GradingOptions, assignment_sources, job_for
from autograder.batch.dispatch import Job
from autograder.batch.ledger import Ledger
from autograder.batch.submissions import Submission, collect_submission
from autograder.batch.writer import Writer
from autograder.course_folder import CourseFolder
from autograder.errors import UserError, require_writable
from autograder.examiner.rooms import preload_for
from autograder.examiner.sourcecells import require_python
from autograder.examiner.task import unanswered
from autograder.exchange import exchange_folder
from autograder.files import share
from autograder.reports.feedback import KeepPagesOnly
from autograder.reports.feedback_files import FeedbackFiles, Wanted
from autograder.reports.feedback_page import Grades, class_grades
from autograder.reports.page_template import template
from autograder.reports.release import SECRET, ReleaseFeedback, by_hand
from autograder.reports.view import View
from autograder.watch.policy import Policy

BY_HAND = "not handed in through the exchange: its page is in the folder of the feedback"
"""Note on a submission whose page nbgrader cannot release."""


class NoPage(Exception):
    """The page of a submission could not be made, for no reason of the machine."""


class Pages:
    """Makes the pages of one assignment and puts them where its students fetch them."""

    def __init__(self, course: CourseFolder, assignment: str) -> None:
        self._course = course
        self._assignment = assignment
        self._files = FeedbackFiles(course, assignment, without=KeepPagesOnly)
        template("feedback.html.j2")  # read now, and not while the first student waits

    def write(self, student: str, grades: Mapping[str, Grades], view: View) -> str:
        """Write the pages of a student's graded submission and release them; return why they could not be released.

        Raises
        ------
        NoPage
            If a page cannot be made.
        UserError, OSError, nbgrader.exchange.ExchangeError
            If the disk or the exchange cannot be used.
        """
        folder = self._course.folder("feedback", self._assignment, student)
        require_writable(folder)
        graded = self._course.folder("autograded", self._assignment, student)
        if not any(graded.glob("*.ipynb")):  # somebody has removed it
            raise NoPage
        if not self._files.write(Wanted(student, graded, folder, grades, view)):
            require_writable(folder)  # the disk may just have become full
            raise NoPage
        if self._course.directory.groupshared:
            share(folder, self._course.root)
        if by_hand(folder):
            return BY_HAND
        self._release(student)
        return ""

    def are_released(self, student: str) -> bool:
        """Tell whether the exchange has the pages of a student's graded submission.

        Their names come from that submission's secret, so pages of another one do not count.
        """
        graded = self._course.folder("autograded", self._assignment, student)
        if by_hand(graded):
            return False
        secret = (graded / SECRET).read_text(encoding="utf-8", errors="replace")
        names = [notebook_hash(secret=secret, notebook_id=path.stem) for path in graded.glob("*.ipynb") if secret]
        pages = exchange_folder(self._course) / str(self._course.directory.course_id) / "feedback"
        return bool(names) and all((pages / f"{name}.html").is_file() for name in names)

    def _release(self, student: str) -> None:
        directory = CourseDirectory(config=self._course.config, root=str(self._course.root))
        directory.assignment_id, directory.student_id = self._assignment, glob.escape(student)
        release = ReleaseFeedback(coursedir=directory, config=self._course.config)
        require_writable(Path(str(release.root)))
        release.start()


class Desk:
    """What the gradebook and the settings say about one assignment, until one of them changes.

    Parameters
    ----------
    how : GradingOptions
        How the course grades.
    """

    def __init__(
        self, course: CourseFolder, gradebook: Gradebook, assignment: str, how: GradingOptions, pages: Pages
    ) -> None:
        self.assignment = assignment
        self.pages = pages
        self.policy = Policy.of(course.config, assignment)
        self._course = course
        self._gradebook = gradebook
        self.sources = assignment_sources(course, gradebook, assignment)
        require_python(self.sources.values())
        self.preload = preload_for(self.sources.values())
        self._how = replace(how, settings=replace(how.settings, preload=how.settings.preload or self.preload))
        self.ledger = Ledger(gradebook, assignment)
        self.writer = Writer(course, gradebook, self.ledger, assignment, list(self.sources))
        gradebook.db.rollback()

    def jobs(self, student: str, folder: str) -> list[Job]:
        """Return the work that grades a submission that has been collected.

        Parameters
        ----------
        student : str
            The id in the gradebook.
        folder : str
            The student's name in the exchange.
        """
        collected = [
            collect_submission(self._course, self.assignment, folder, source, self._how.files_bytes)
            for source in self.sources.values()
        ]
        return [job_for(replace(submission, student=student), self._how) for submission in collected]

    def unanswered(self) -> Job:
        """Return the work that grades the assignment's first notebook as it was released."""
        source = next(iter(self.sources.values()))
        raw = unanswered(job_for(Submission("", source), self._how).task)
        return job_for(Submission("", source, raw), self._how)

    def is_graded(self, job: Job) -> bool:
        """Tell whether this very submission has its grade."""
        if not self.writer.path(*job.key).exists():
            return False
        entry = self.ledger.entries().get(job.key)
        self._gradebook.db.rollback()
        return bool(entry and entry.fingerprint == job.fingerprint)

    def graded_stamp(self, student: str) -> datetime | None:
        """Return when the submission was handed in that the gradebook has of a student, if it has one."""
        stamp: datetime | None = self._gradebook.db.scalar(
            select(SubmittedAssignment.timestamp)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .where(Assignment.name == self.assignment, SubmittedAssignment.student_id == student)
        )
        self._gradebook.db.rollback()
        return stamp

    def due(self, student: str) -> datetime | None:
        """Return when this student's work is due, an extension included."""
        return self.dues().get(student, self.common_due())

    def dues(self) -> dict[str, datetime | None]:
        """Return when the work is due of each student who handed in, extensions included."""
        due = self.common_due()
        rows = self._gradebook.db.execute(
            select(SubmittedAssignment.student_id, SubmittedAssignment.extension)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .where(Assignment.name == self.assignment)
        ).all()
        self._gradebook.db.rollback()
        return {student: due and due + (extension or timedelta()) for student, extension in rows}

    def common_due(self) -> datetime | None:
        """Return when the assignment is due, without extensions."""
        due: datetime | None = self._gradebook.db.scalar(
            select(Assignment.duedate).where(Assignment.name == self.assignment)
        )
        self._gradebook.db.rollback()
        return due

    def grades(self, student: str | None = None) -> dict[str, dict[str, Grades]]:
        """Return what the gradebook has of the class, or of one student, by student and notebook."""
        found = class_grades(self._gradebook, self.assignment, student)
        self._gradebook.db.rollback()
        return found


def state_of_sources(course: CourseFolder, gradebook: Gradebook, assignment: str) -> object:
    """Return what changes when an assignment's notebooks do, without reading them: a `Desk` has read them already."""
    notebooks = [path for step in ("source", "release") for path in course.folder(step, assignment).glob("*.ipynb")]
    files = {(str(path), found.st_mtime_ns, found.st_size) for path in notebooks for found in [path.stat()]}
    ids = (
        select(Notebook.id)
        .join(Assignment, Notebook.assignment_id == Assignment.id)
        .where(Assignment.name == assignment)
    )
    of_it = select(BaseCell.id).where(BaseCell.notebook_id.in_(ids))
    wanted = [
        select(Notebook.id, Notebook.name, Notebook.kernelspec).where(Notebook.id.in_(ids)),
        select(SourceCell.__table__).where(SourceCell.notebook_id.in_(ids)),
        select(BaseCell.__table__).where(BaseCell.notebook_id.in_(ids)),
        select(GradeCell.__table__).where(GradeCell.__table__.c.id.in_(of_it)),
        select(TaskCell.__table__).where(TaskCell.__table__.c.id.in_(of_it)),
    ]
    cells = [set(map(tuple, gradebook.db.execute(each))) for each in wanted]
    gradebook.db.rollback()
    return files, cells


def require_our_page(course: CourseFolder) -> None:
    """Refuse settings under which nobody here could say what a page shows.

    Raises
    ------
    UserError
        Naming the setting.
    """
    if not FeedbackFiles.fit(course):
        raise UserError(
            "nbgrader's setting GenerateFeedback.exporter_class names another feedback page than this grader's, which "
            "alone can leave out what is hidden: take it out of the settings, or release feedback with nbgrader."
        )


def shown(view: View, grades: Mapping[str, Grades]) -> str:
    """Return what tells whether a page would say something new: what it shows, and the marks once all are given."""
    scores = [score for one in grades.values() for cells in one.scores.values() for score in cells.values()]
    marks = [(name, one.scores, one.comments, one.penalties) for name, one in sorted(grades.items())]
    waits = any(score.waits for score in scores)
    content = "waits" if waits else hashlib.sha256(repr(marks).encode(errors="surrogatepass")).hexdigest()[:16]
    return f"{view.stage} {'open' if not view.lines else 'not open'} {content}"
