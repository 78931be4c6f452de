"""Late penalties follow due dates, extensions, settings and points given by hand, and nothing is graded for that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from sqlalchemy import event
from traitlets import Any as AnyTrait
from traitlets.config import Config

from autograder.errors import UserError
from autograder.penalties import Penalties
from tests.support.classroom import MINI, Classroom
from tests.support.classroom_fixtures import released, room

__all__ = ["released", "room"]

DUE = datetime(2026, 3, 2, 12)


class Gives(LateSubmissionPlugin):
    """Gives what it is told to."""

    share = AnyTrait().tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> Any:
        return self.share(score, total_seconds_late) if callable(self.share) else self.share


def penalties(share: Any) -> Penalties:
    return Penalties(Config({"AssignLatePenalties": {"plugin_class": Gives}, "Gives": {"share": share}}))


@pytest.fixture
def gradebook(room: Classroom) -> Iterator[Gradebook]:
    """One late and one punctual submission, with six points each."""
    with room.gradebook() as gradebook:
        gradebook.update_or_create_assignment(MINI, duedate=DUE)
        for student, hour in {"late": 13, "zoe": 11}.items():
            gradebook.add_student(student)
            gradebook.add_submission(MINI, student, timestamp=datetime(2026, 3, 2, hour))
            for cell, points in {"test_double": 4, "test_mean": 2}.items():
                gradebook.find_grade(cell, MINI, MINI, student).auto_score = points
        gradebook.db.commit()
        yield gradebook


def entered(room: Classroom) -> dict[str, float | None]:
    """What stands in the gradebook for whoever opens it now."""
    with room.gradebook() as gradebook:
        found = gradebook.assignment_submissions(MINI)
        return {submission.student.id: submission.notebooks[0].late_submission_penalty for submission in found}


def half(score: float, seconds: float) -> float:
    return score / 2


def test_they_follow_the_gradebook_and_the_settings(room: Classroom, gradebook: Gradebook) -> None:
    penalties(half).update(gradebook, MINI)
    assert entered(room) == {"late": 3, "zoe": None}
    essay = gradebook.find_grade("essay", MINI, MINI, "late")
    essay.manual_score, essay.needs_manual_grade = 2.0, False
    gradebook.db.commit()
    penalties(half).update(gradebook, MINI)
    assert entered(room) == {"late": 4, "zoe": None}
    penalties(lambda score, seconds: seconds / 3600).update(gradebook, MINI)
    assert entered(room) == {"late": 1, "zoe": None}
    gradebook.grant_extension(MINI, "late", hours=1)
    penalties(half).update(gradebook, MINI)
    assert entered(room) == {"late": None, "zoe": None}
    gradebook.update_or_create_assignment(MINI, duedate=datetime(2026, 3, 1))
    penalties(half).update(gradebook, MINI)
    assert entered(room) == {"late": 4, "zoe": 3}
    gradebook.update_or_create_assignment(MINI, duedate=None)  # and an extension all the same
    penalties(half).update(gradebook, MINI)
    assert entered(room) == {"late": None, "zoe": None}


@pytest.mark.parametrize(("given", "entered_as"), [(None, None), (-1, 0), (100, 6), (float("inf"), 6), (2, 2)])
def test_a_penalty_is_at_least_nothing_and_at_most_the_score(
    room: Classroom, gradebook: Gradebook, given: Any, entered_as: float | None
) -> None:
    penalties(given).update(gradebook, MINI)
    assert entered(room)["late"] == entered_as


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("a lot", r"Gives, .* failed for 'late': ValueError: could not convert"),
        (float("nan"), r"Gives, .* gave nan for 'late'"),
        (lambda score, seconds: 1 / 0, r"Gives, .*plugin_class.* failed for 'late': ZeroDivisionError"),
    ],
    ids=["text", "nan", "raises"],
)
def test_a_plugin_that_fails_is_named(room: Classroom, gradebook: Gradebook, given: Any, why: str) -> None:
    with pytest.raises(UserError, match=why):
        penalties(given).update(gradebook, MINI)
    assert entered(room)["late"] is None


def test_what_is_as_it_should_be_is_not_written(gradebook: Gradebook) -> None:
    penalties(half).update(gradebook, MINI)
    statements: list[str] = []
    event.listen(gradebook.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    penalties(half).update(gradebook, MINI)
    assert statements
    assert not [statement for statement in statements if not statement.startswith("SELECT")]
