"""All grades of a course: sorted alike by every database, with what is missing left empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.gradebook_update import versions
from autograder.reports.grades import read_grades


@pytest.fixture
def gradebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gradebook]:
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: versions()[1])  # asking alembic takes seconds
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as made:
        yield made


def fill(gradebook: Gradebook) -> None:
    gradebook.add_assignment("ps2")
    gradebook.add_assignment("ps1", duedate=datetime(2026, 2, 1))
    gradebook.add_assignment("ps0", duedate=datetime(2026, 3, 1))
    gradebook.add_student("nobody")
    gradebook.add_student("c", last_name="de Vries", first_name="Ada", lms_user_id="7")
    gradebook.add_student("b", last_name="Zola")
    gradebook.add_student("a", first_name="Anaïs", email="a@example.org")
    gradebook.add_notebook("n", "ps1")
    gradebook.add_grade_cell("g", "n", "ps1", max_score=5, cell_type="code")
    gradebook.add_submission("ps1", "b", timestamp=datetime(2026, 2, 2))
    grade = gradebook.find_grade("g", "n", "ps1", "b")
    grade.auto_score, grade.needs_manual_grade = 4.5, False
    gradebook.find_submission_notebook("n", "ps1", "b").late_submission_penalty = 6.0
    gradebook.add_submission("ps1", "c")
    gradebook.find_grade("g", "n", "ps1", "c").needs_manual_grade = True
    gradebook.db.commit()


def test_sorted_whole_and_as_entered(gradebook: Gradebook) -> None:
    fill(gradebook)
    found = read_grades(gradebook)
    assert [person.id for person in found.people] == ["a", "c", "b", "nobody"]
    assert [person.name for person in found.people] == ["Anaïs", "Ada de Vries", "Zola", ""]
    assert (found.people[1].lms_id, found.people[0].email, found.people[3].email) == ("7", "a@example.org", "")
    assert [task.name for task in found.tasks] == ["ps1", "ps0", "ps2"]
    assert [task.name for task in found.graded] == ["ps1"]
    grade = found.found["ps1", "b"]
    assert (grade.timestamp, grade.raw, grade.penalty, grade.score) == (datetime(2026, 2, 2), 4.5, 6.0, 0.0)
    assert [found.found["ps1", student].waits for student in ("b", "c")] == [False, True]


def test_only_some(gradebook: Gradebook) -> None:
    fill(gradebook)
    found = read_grades(gradebook, ["ps1"], ["b"])
    assert ([task.name for task in found.tasks], [person.id for person in found.people]) == (["ps1"], ["b"])
    assert list(found.found) == [("ps1", "b")]
    other = read_grades(gradebook, ["ps2"])
    assert ([task.name for task in other.tasks], len(other.people), other.found) == (["ps2"], 4, {})
