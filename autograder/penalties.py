"""Penalties for handing in late: nbgrader's plugin decides them, and here they are brought up to date.

They follow from what is in the gradebook (scores, time stamps, due dates, extensions) and from the settings, so
nothing has to be graded again when one of these changes.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Assignment, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import Select, bindparam, select, update
from traitlets.config import Config

from autograder.errors import UserError
from autograder.gradebook_update import add_tables
from autograder.provenance import Provenance, enter
from autograder.timestamps import exchange_zone, read_timestamp_file
from autograder.versions import versions

_SET = (
    update(SubmittedNotebook.__table__)
    .where(SubmittedNotebook.__table__.c.id == bindparam("notebook"))
    .values(late_submission_penalty=bindparam("penalty"))
)


class Penalties:
    """Decides penalties as the course's settings want it."""

    def __init__(self, config: Config) -> None:
        late = AssignLatePenalties(config=config)
        late.init_plugin()
        self._plugin = late.plugin_inst

    def update(self, gradebook: Gradebook, assignment: str) -> None:
        """Enter the penalties of all submissions of an assignment anew, and commit if one has changed.

        Raises
        ------
        UserError
            If the plugin fails.
        """
        if self._enter(gradebook, Assignment.name == assignment):
            gradebook.db.commit()

    def enter(self, gradebook: Gradebook, notebook: SubmittedNotebook) -> None:
        """Enter the penalty of one notebook, whose scores have been flushed, without a commit."""
        self._enter(gradebook, SubmittedNotebook.id == notebook.id)

    def of(
        self,
        student: str,
        score: float,
        timestamp: datetime | None,
        extension: timedelta | None,
        duedate: datetime | None,
    ) -> float:
        """Return the penalty of one notebook that has so many points; nothing is entered."""
        return self.decided(student, score, seconds_late(timestamp, extension, duedate)) or 0.0

    def _enter(self, gradebook: Gradebook, which: Any) -> bool:
        """Enter the penalties of the notebooks asked for; True if one has changed."""
        rows = gradebook.db.execute(
            _of_submissions(
                select(
                    SubmittedNotebook.id,
                    SubmittedNotebook.late_submission_penalty,
                    SubmittedAssignment.student_id,
                    SubmittedAssignment.timestamp,
                    SubmittedAssignment.extension,
                    Assignment.duedate,
                ),
                which,
            )
        ).all()
        scores: dict[str, list[float]] = {}
        if any(seconds_late(*dates) > 0 for _, _, _, *dates in rows):
            # One query for all, and not nbgrader's sum for each: no index leads from a notebook to its grades.
            points = select(Grade.notebook_id, Grade.score).join(
                SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id
            )
            for notebook, score in gradebook.db.execute(_of_submissions(points, which)):
                scores.setdefault(notebook, []).append(score)
        changed = []
        for notebook, before, student, *dates in rows:
            # Exact, so that it does not depend on the order in which a database returns them.
            penalty = self.decided(student, math.fsum(scores.get(notebook, ())), seconds_late(*dates))
            if penalty != before:
                changed.append({"notebook": notebook, "penalty": penalty})
        if changed:
            gradebook.db.connection().execute(_SET, changed)
        return bool(changed)

    def decided(self, student: str, score: float, seconds: float) -> float | None:
        """Return the penalty of a notebook with so many points that is so many seconds late; None if there is none."""
        if seconds <= 0:
            return None
        name = type(self._plugin).__name__
        try:
            penalty = self._plugin.late_submission_penalty(student, score, seconds)
            penalty = None if penalty is None else float(penalty)
        except Exception as error:
            raise UserError(
                f"{name}, the plugin for late penalties (AssignLatePenalties.plugin_class), failed for {student!r}: "
                f"{type(error).__name__}: {error}."
            ) from error
        if penalty is not None and math.isnan(penalty):
            raise UserError(f"{name}, the plugin for late penalties, gave {penalty} for {student!r}.")
        return None if penalty is None else min(max(penalty, 0.0), score)


def _of_submissions(rows: Select[Any], which: Any) -> Select[Any]:
    """Return a query about submitted notebooks for those that are asked for."""
    return (
        rows.join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .where(which)
    )


def seconds_late(timestamp: datetime | None, extension: timedelta | None, duedate: datetime | None) -> float:
    """Return how many seconds after the due date, with its extension, something was handed in; below 0 if before."""
    if timestamp is None or duedate is None:
        return 0.0
    return (timestamp - duedate - (extension or timedelta())).total_seconds()


class LatePenalties(AssignLatePenalties):
    """Enters time stamp, penalty and versions for `nbgrader autograde` as `autograder grade` does."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook as it is; a time stamp that cannot be read takes the place of an earlier one too."""
        told = resources["nbgrader"]
        course = CourseDirectory(parent=self)
        folder = Path(course.format_path(course.submitted_directory, told["student"], told["assignment"]))
        stamp = read_timestamp_file(folder, exchange_zone(self.config))
        add_tables(told["db_url"])
        with Gradebook(told["db_url"], course.course_id) as gradebook:
            gradebook.find_submission(told["assignment"], told["student"]).timestamp = stamp.utc
            gradebook.db.flush()
            notebook = gradebook.find_submission_notebook(told["notebook"], told["assignment"], told["student"])
            Penalties(self.config).enter(gradebook, notebook)
            wall = nb.metadata.get("autograder", {}).get("wall", {}).get("sentence", "")  # the examiner's word
            made = Provenance.now(versions(), wall)
            enter(gradebook, (told["assignment"], told["student"], told["notebook"]), made)
            gradebook.db.commit()
        return nb, resources
