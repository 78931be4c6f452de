"""`autograder grade --dry-run`: takes the place of the writer, and says whose grade would change, and by how much."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, MissingEntry, SubmittedNotebook

from autograder.batch.submissions import Submission
from autograder.batch.writer import Writer
from autograder.examiner.task import Graded
from autograder.penalties import Penalties


@dataclass
class Change:
    """What would become of one student's grade in an assignment."""

    before: float | None = 0.0
    """Points less the late penalty; None if there is no grade yet."""
    after: float = 0.0
    reasons: list[str] = field(default_factory=list)
    """Cells and penalties that would have another value."""

    def sentence(self) -> str:
        """Return it for people, without the student's name."""
        if self.before is None:
            return f"would get {self.after:.4g} points, and has no grade yet"
        change = f"{self.before:.4g} -> {self.after:.4g} points ({self.after - self.before:+.4g})"
        return f"{change}: {', '.join(self.reasons)}"


class Comparison:
    """Compares what is graded with the gradebook, which stays as it is."""

    def __init__(self, gradebook: Gradebook, writer: Writer, penalties: Penalties, assignment: str) -> None:
        self._gradebook = gradebook
        self._writer = writer
        self._penalties = penalties
        self._assignment: Assignment = gradebook.find_assignment(assignment)
        self._seen: set[tuple[str, str]] = set()
        self._changes: dict[str, Change] = {}

    def path(self, student: str, notebook: str) -> Path:
        """Return where a graded notebook is."""
        return self._writer.path(student, notebook)

    def save(self, submission: Submission, graded: Graded, fingerprint: str) -> None:
        """Compare one graded notebook with its grades."""
        student, name = submission.student, submission.source.name
        self._seen.add((student, name))
        try:
            notebook = self._gradebook.find_submission_notebook(name, self._assignment.name, student)
        except MissingEntry:
            change = self._changes.setdefault(student, Change(before=None))
            score = sum(cell.score or 0.0 for cell in graded.cells.values())
            change.after += score - self._penalty(student, score, submission, None)
            return
        scores, reasons = 0.0, []
        entered = {grade.cell.name for grade in notebook.grades}
        for cell, came in graded.cells.items():  # since this submission was graded
            if cell not in entered and came.score:
                scores += came.score
                reasons.append(f"{cell} 0 -> {came.score:.4g}")
        for grade in notebook.grades:
            new = graded.cells[grade.cell.name].score if grade.cell.name in graded.cells else None
            if (new or 0.0) != (grade.auto_score or 0.0) and grade.manual_score is None:
                reasons.append(f"{grade.cell.name} {grade.auto_score or 0.0:.4g} -> {new or 0.0:.4g}")
            by_hand = grade.manual_score if grade.manual_score is not None else new
            scores += (by_hand or 0.0) + (grade.extra_credit or 0.0)
        self._add(student, notebook, scores, self._penalty(student, scores, submission, notebook), reasons)

    def changes(self, students: list[str]) -> dict[str, Change]:
        """Return what would change for these students, those whose submissions need not be graded again included."""
        for submission in self._gradebook.assignment_submissions(self._assignment.name):
            student = submission.student.id
            for notebook in submission.notebooks:
                if student in students and (student, notebook.name) not in self._seen:
                    penalty = self._penalties.of(
                        student, notebook.score, submission.timestamp, submission.extension, self._assignment.duedate
                    )
                    self._add(student, notebook, notebook.score, penalty, [])
        return {student: change for student, change in sorted(self._changes.items()) if change.before != change.after}

    def _penalty(self, student: str, score: float, submission: Submission, notebook: SubmittedNotebook | None) -> float:
        extension = notebook.assignment.extension if notebook is not None else None
        return self._penalties.of(student, score, submission.timestamp, extension, self._assignment.duedate)

    def _add(self, student: str, notebook: SubmittedNotebook, score: float, penalty: float, reasons: list[str]) -> None:
        before = notebook.late_submission_penalty or 0.0
        change = self._changes.setdefault(student, Change())
        if change.before is not None:
            change.before += notebook.score - before
        change.after += score - penalty
        change.reasons += reasons
        if penalty != before:
            change.reasons.append(f"late penalty {before:.4g} -> {penalty:.4g}")
