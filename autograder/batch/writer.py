"""The one writer of a batch: graded notebooks to `autograded/`, scores to the gradebook.

Files first, then one transaction with the scores and the ledger's entry: a process killed in between
leaves no entry, and the next run grades that submission again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from sqlalchemy.exc import DBAPIError, IntegrityError

from autograder.batch.ledger import Entry, Ledger
from autograder.batch.scores import Scores
from autograder.batch.submissions import Submission
from autograder.batch.summaries import Kept, enter_summary, stamp_of
from autograder.course_folder import WAIT_SECONDS, CourseFolder
from autograder.errors import cannot_write
from autograder.examiner.task import Graded
from autograder.files import remove_all_but, share, write_atomically
from autograder.gradebook import connection_lost
from autograder.interrupts import tell
from autograder.penalties import Penalties
from autograder.provenance import Provenance, enter

SECONDS_BETWEEN_TRIES = 0.5


class Writer:
    """Saves graded notebooks of one assignment."""

    def __init__(
        self, course: CourseFolder, gradebook: Gradebook, ledger: Ledger, assignment: str, notebooks: Sequence[str]
    ) -> None:
        self._course = course
        self._gradebook = gradebook
        self._ledger = ledger
        self._assignment = assignment
        self._notebooks = {f"{name}.ipynb" for name in notebooks}
        self._scores = Scores(gradebook, assignment, Penalties(course.config))
        nbgraders = Autograde(config=course.config, coursedir=course.directory)
        self._mode = int(str(nbgraders.permissions), 8)  # 444 is meant as in chmod

    def path(self, student: str, notebook: str) -> Path:
        """Return where a graded notebook is written."""
        return self._course.folder("autograded", self._assignment, student) / f"{notebook}.ipynb"

    def save(
        self,
        submission: Submission,
        graded: Graded,
        fingerprint: str,
        beside: Callable[[], object] = lambda: None,
    ) -> None:
        """Write one graded notebook with its files, its scores and its entry in the ledger.

        Parameters
        ----------
        beside : Callable[[], object], optional
            Enters more in the same transaction; it may be called again.
        """
        try:
            self._write_files(submission, graded)
            stamp = stamp_of(self.path(submission.student, submission.source.name))
        except OSError as error:
            raise cannot_write(self.path(submission.student, submission.source.name), error) from error
        deadline, told, disturbed = time.monotonic() + WAIT_SECONDS, False, False
        while True:
            try:
                self._enter(submission, graded, fingerprint, stamp, beside)
            except DBAPIError as error:
                if isinstance(error, IntegrityError) and not disturbed:
                    disturbed = True  # a run of another assignment has added the student meanwhile
                    continue
                if not connection_lost(error) or time.monotonic() > deadline:
                    raise
                if not told:
                    tell(f"the gradebook's server has gone; waiting up to {WAIT_SECONDS} seconds for it.")
                    told = True
                time.sleep(SECONDS_BETWEEN_TRIES)  # a database's server that is started anew is there in a moment
            else:
                return

    def _enter(
        self, submission: Submission, graded: Graded, fingerprint: str, stamp: str, beside: Callable[[], object]
    ) -> None:
        """Enter scores, the ledger's entry and the summary, all or nothing; once more does no harm."""
        try:
            self._scores.enter(submission, graded)
            self._ledger.enter(
                Entry(
                    submission.student,
                    submission.source.name,
                    fingerprint,
                    graded.verdict.decode(),
                    graded.problem,
                    graded.seconds,
                )
            )
            key = (self._assignment, submission.student, submission.source.name)
            enter(self._gradebook, key, Provenance.now(graded.versions, graded.wall.sentence if graded.wall else ""))
            kept = Kept(graded.summary, stamp, verdict=None, wall=graded.wall) if graded.summary else None
            enter_summary(self._gradebook, key, kept)
            beside()
            self._gradebook.db.commit()
        except BaseException:
            self._gradebook.db.rollback()
            raise

    def _write_files(self, submission: Submission, graded: Graded) -> None:
        notebook = self.path(submission.student, submission.source.name)
        # Other notebooks have been there for the student's code; nbgrader takes each in this folder for a graded one.
        files = {name: content for name, content in submission.files.items() if not name.endswith(".ipynb")}
        remove_all_but(notebook.parent, self._notebooks | files.keys())
        for name, content in files.items():
            write_atomically(notebook.parent / name, content, self._mode)
        write_atomically(notebook, graded.notebook, self._mode)
        if self._course.directory.groupshared:
            share(notebook.parent, self._course.root)
