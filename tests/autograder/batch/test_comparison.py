"""A dry run says what grading would change, to the point, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.batch.run import grade_with_progress
from autograder.errors import UserError
from autograder.publish.notebooks import generate_assignment
from tests.support.classroom import DOUBLE, HALF, MINI, TEST_DOUBLE, Classroom, mini_notebook

LATE = '\nc.LateSubmissionPlugin.penalty_method = "zero"\n'


def totals(room: Classroom) -> dict[str, float]:
    """Return points less penalties, as nbgrader exports them."""
    with room.gradebook() as gradebook:
        return {
            row.student.id: row.score - (row.late_submission_penalty or 0.0)
            for row in gradebook.assignment_submissions(MINI)
        }


def by_hand(gradebook: Gradebook, student: str, score: float) -> None:
    gradebook.find_grade("test_double", MINI, MINI, student).manual_score = score
    gradebook.db.commit()


@pytest.fixture
def graded(released: Classroom, tmp_path: Path) -> Classroom:
    """A class that has been graded; everybody's date is known."""
    room = released.copy(tmp_path / "course", LATE)
    for student, answers in {"ada": {}, "ben": HALF, "cleo": None, "dan": HALF}.items():
        room.hand_in(student, *([] if answers is None else [answers]))
        room.folder(student).joinpath("timestamp.txt").write_text("2026-03-02 10:00:00 UTC")
    room.grade()
    with room.gradebook() as gradebook:
        by_hand(gradebook, "dan", 3.5)
    room.grade()
    return room


def test_after_a_check_and_a_date_are_corrected(graded: Classroom) -> None:
    before = graded.content()
    assert graded.grade(dry_run=True).changes == {}
    assert graded.grade(dry_run=True, force=True).changes == {}
    corrected = TEST_DOUBLE.replace("double(3) == 6", "double(3) == 7").replace("== 200", "in (200, 6)")
    nbformat.write(mini_notebook(DOUBLE, corrected), graded.course.source / MINI / f"{MINI}.ipynb")
    generate_assignment(graded.course, MINI)
    graded.hand_in("eve")
    was, content = totals(graded), graded.content()
    assert content == before

    changes = graded.grade(dry_run=True).changes
    assert changes is not None
    assert graded.content() == before
    assert {student: change.sentence() for student, change in changes.items()} == {
        "cleo": "6 -> 4 points (-2): test_double 4 -> 2",
        "eve": "would get 4 points, and has no grade yet",
    }
    graded.grade()
    now = totals(graded)
    assert {student: change.after for student, change in changes.items()} == {
        student: score for student, score in now.items() if was.get(student) != score
    }

    with graded.gradebook() as gradebook:
        gradebook.update_or_create_assignment(MINI, duedate="2026-03-01 10:00:00 UTC")
    late = graded.grade(dry_run=True)
    assert (late.graded, late.skipped) == (0, 5)
    assert late.changes is not None
    assert late.changes["ben"].sentence() == "2 -> 0 points (-2): late penalty 0 -> 2"
    assert set(late.changes) == {"ben", "cleo", "dan"}  # ada has no point to lose, and eve no date
    assert totals(graded) == now
    graded.grade()
    assert {student: totals(graded)[student] for student in late.changes} == {"ben": 0, "cleo": 0, "dan": 0}


def test_what_is_printed(graded: Classroom, capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(width=80)
    grade_with_progress(graded.course, MINI, console, workers=1, dry_run=True, student="ada")
    assert capsys.readouterr().out.splitlines()[1:] == ["No grade would change. Nothing was saved."]
    with graded.gradebook() as gradebook:
        gradebook.update_or_create_assignment(MINI, duedate="2026-03-01 10:00:00 UTC")
    grade_with_progress(graded.course, MINI, console, workers=1, dry_run=True, student="cleo")
    assert capsys.readouterr().out.splitlines()[1:] == [
        "1 grade would change. Nothing was saved.",
        "cleo: 6 -> 0 points (-6): late penalty 0 -> 6",
    ]


def test_a_change_in_source_that_the_gradebook_does_not_have_is_said(
    graded: Classroom, capsys: pytest.CaptureFixture[str]
) -> None:
    corrected = TEST_DOUBLE.replace("double(3) == 6", "double(3) == 7")
    nbformat.write(mini_notebook(DOUBLE, corrected), graded.course.source / MINI / f"{MINI}.ipynb")
    grade_with_progress(graded.course, MINI, Console(width=80), workers=1, dry_run=True, student="ada")
    said = capsys.readouterr().out.splitlines()[1:]
    assert said[0] == "No grade would change. Nothing was saved."
    assert "is not what the gradebook has (cell 'test_double'): graded as the gradebook has it" in said[1]


def test_nothing_to_compare_with(released: Classroom, tmp_path: Path) -> None:
    room = released.copy(tmp_path / "course")
    room.hand_in("ada")
    with room.gradebook() as gradebook:
        gradebook.remove_assignment(MINI)
    said = r"Nothing of mini is in the gradebook yet, .* run 'autograder grade mini' first"
    with pytest.raises(UserError, match=said):
        room.grade(dry_run=True)
    (room.course.root / "gradebook.db").unlink()
    with pytest.raises(UserError, match="There is no gradebook"):
        room.grade(dry_run=True)
    assert not (room.course.root / "gradebook.db").exists()
