"""Holds the graders to the catalogue: right answers earn everything, wrong ones fail by name and keep the rest."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any

import pytest

from autograder.answers import Answer, load_answers
from autograder.course_folder import CourseFolder
from course.checks import MESSAGE_LIMIT, Score, student_side
from tests.support.notebook_runner import RAN, ROOT, grade, notebook_cells, score_of

CATALOGUE = ROOT / "autograder" / "practice" / "answers"
ASSIGNMENTS = sorted(folder.name for folder in CATALOGUE.iterdir() if folder.is_dir())
ANSWERS = [answer for assignment in ASSIGNMENTS for answer in load_answers(CATALOGUE, assignment)]
RIGHT = [answer for answer in ANSWERS if answer.right]
WRONG = [answer for answer in ANSWERS if not answer.right]
LEFT_BEHIND = [
    answer
    for answer in WRONG
    if answer.assignment in ("ps3_gradient_flow", "ps4_decision_boundary")
    and re.search(r"\b(hooks?|forward)\b.* stays? ", answer.name)
]
FIRST_OF = {answer.exercise: answer for answer in reversed(WRONG)}
LAST_OF = {answer.exercise: answer for answer in WRONG}
EXERCISES = sorted({(answer.assignment, answer.exercise) for answer in ANSWERS})
RIGHT_IN_SAMPLE = 4


def named(answer: Answer) -> str:
    return f"{answer.exercise}: {answer.name}"


LATER = pytest.mark.thorough(reason="more answers of the same kinds: a sample fails each check once")


def sample(answers: Sequence[Answer]) -> list[Answer]:
    """Of one exercise's answers, right ones from first to last, and wrong ones until each check is named by one.

    Answers that name few checks come first, since they say most about them.
    """
    right = [answer for answer in answers if answer.right]
    spread = {number * (len(right) - 1) // (RIGHT_IN_SAMPLE - 1) for number in range(RIGHT_IN_SAMPLE)}
    chosen, named = [right[number] for number in sorted(spread)], set[str]()
    for answer in sorted((answer for answer in answers if not answer.right), key=lambda answer: len(answer.fails)):
        if not named.issuperset(answer.fails):
            chosen.append(answer)
            named.update(answer.fails)
    return chosen


SAMPLE = {
    (answer.exercise, answer.name)
    for exercise in EXERCISES
    for answer in sample([answer for answer in ANSWERS if (answer.assignment, answer.exercise) == exercise])
}


def sampled(answers: Sequence[Answer]) -> list[Any]:
    """Return all answers as parameters, those that are not in the sample for `make test-all` alone."""
    return [
        pytest.param(answer, marks=() if (answer.exercise, answer.name) in SAMPLE else LATER, id=named(answer))
        for answer in answers
    ]


@functools.cache
def solution_scores(assignment: str) -> dict[str, Score]:
    return grade(assignment, {})


@functools.cache
def stub_scores(assignment: str) -> dict[str, Score]:
    stubs = {cell.grade_id: cell.source for cell in notebook_cells("release", assignment) if cell.solution}
    return grade(assignment, stubs)


def points(assignment: str) -> dict[str, float]:
    return {cell.grade_id: cell.points for cell in notebook_cells("source", assignment) if cell.points}


@pytest.mark.parametrize("answer", sampled(RIGHT))
def test_a_right_answer_gets_full_marks_whatever_its_style(answer):
    assert {check.name: check.message for check in score_of(answer).checks if not check.passed} == {}
    assert score_of(answer) == points(answer.assignment)[f"test_{answer.exercise}"]


@pytest.mark.parametrize("answer", sampled(WRONG))
def test_a_wrong_answer_fails_the_checks_it_names(answer):
    failed = {check.name for check in score_of(answer).checks if not check.passed}
    assert set(answer.fails) <= failed


@pytest.mark.parametrize("answer", sampled(LEFT_BEHIND))
def test_a_hook_or_method_that_stays_behind_fails_the_check_of_that_and_no_other(answer):
    assert [check.name for check in score_of(answer).checks if not check.passed] == list(answer.fails)


@pytest.mark.parametrize("answer", sampled(WRONG))
def test_a_wrong_answer_keeps_exactly_the_points_of_the_checks_it_satisfies(answer):
    score = score_of(answer)
    kept = sum(check.max_points for check in score.checks if check.passed)
    assert score == pytest.approx(kept, abs=1e-4)
    assert 0 <= score < points(answer.assignment)[f"test_{answer.exercise}"]


@pytest.mark.parametrize("answer", [*FIRST_OF.values(), *LAST_OF.values()], ids=named)
def test_an_answer_does_not_touch_the_points_of_the_other_exercises(answer):
    expected = points(answer.assignment)
    others = expected.keys() - {f"test_{answer.exercise}"}
    scores = grade(answer.assignment, {answer.exercise: answer.source}, only=others)
    assert others
    assert scores == {name: expected[name] for name in others}


@pytest.mark.parametrize("answer", sampled(WRONG))
def test_messages_are_one_or_two_short_lines_and_show_no_array(answer):
    for check in score_of(answer).checks:
        assert len(check.message) <= MESSAGE_LIMIT // 2
        assert check.message.count("\n") < 2
        assert "array(" not in check.message


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_instructor_solution_gets_full_marks_and_the_metadata_agrees_with_the_checks(assignment):
    assert solution_scores(assignment) == points(assignment)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_released_stub_gets_zero_in_every_check(assignment):
    for score in stub_scores(assignment).values():
        assert score == 0
        assert not any(check.passed for check in score.checks)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_released_stub_is_told_that_it_is_not_written_yet(assignment):
    for score in stub_scores(assignment).values():
        assert score.checks[0].message == "Not written yet."


@pytest.mark.parametrize(("assignment", "exercise"), EXERCISES)
def test_a_function_that_is_not_defined_costs_its_own_points_only(assignment, exercise):
    scores = grade(assignment, {exercise: f"def another_name(x):\n    return x  # not {exercise}"})
    expected = points(assignment) | {f"test_{exercise}": 0.0}
    assert scores == expected
    assert [check.name for check in scores[f"test_{exercise}"].checks] == [RAN]
    assert exercise in scores[f"test_{exercise}"].checks[0].message


@pytest.mark.parametrize(
    "source",
    ["import sys\nsys.exit(1)", "def broken(:", "raise RuntimeError('top of the cell')"],
    ids=["sys.exit", "syntax error", "exception"],
)
def test_a_cell_that_fails_as_a_whole_costs_its_own_points_only(source):
    assignment, exercise = EXERCISES[0]
    assert grade(assignment, {exercise: source}) == points(assignment) | {f"test_{exercise}": 0.0}


def test_grading_leaves_the_student_side_as_it_was():
    before = student_side.switch(student_side.SameKernel())
    student_side.switch(before)
    grade(ASSIGNMENTS[0], {})
    assert student_side.switch(before) is before


def test_an_unknown_exercise_is_refused():
    with pytest.raises(ValueError, match="no solution cell sellu"):
        grade(ASSIGNMENTS[0], {"sellu": ""})


@pytest.mark.parametrize(("assignment", "exercise"), EXERCISES)
def test_every_exercise_has_four_right_and_twelve_wrong_answers(assignment, exercise):
    assert sum((a.assignment, a.exercise) == (assignment, exercise) for a in RIGHT) >= 4
    assert sum((a.assignment, a.exercise) == (assignment, exercise) for a in WRONG) >= 12


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_exercise_with_points_is_in_the_catalogue(assignment):
    solutions = {cell.grade_id for cell in notebook_cells("source", assignment) if cell.solution}
    assert {exercise for name, exercise in EXERCISES if name == assignment} == solutions


@LATER
@pytest.mark.parametrize(("assignment", "exercise"), EXERCISES)
def test_no_check_is_useless(assignment, exercise):
    """Each check is failed by an answer that names it, and for a reason of its own."""
    answers = [a for a in WRONG if (a.assignment, a.exercise) == (assignment, exercise)]
    failed = {
        check.name
        for answer in answers
        for check in score_of(answer).checks
        if check.name in answer.fails and check.message and not check.message.startswith("Counts once")
    }
    assert failed == {check.name for check in solution_scores(assignment)[f"test_{exercise}"].checks}


@pytest.mark.parametrize(("assignment", "exercise"), EXERCISES)
def test_the_catalogue_names_only_checks_that_exist(assignment, exercise):
    there = {check.name for check in solution_scores(assignment)[f"test_{exercise}"].checks}
    answers = [a for a in WRONG if (a.assignment, a.exercise) == (assignment, exercise)]
    assert {name for answer in answers for name in answer.fails} <= there


@pytest.mark.parametrize(("assignment", "exercise"), EXERCISES)
def test_the_sample_names_every_check_that_answers_name(assignment, exercise):
    answers = [a for a in ANSWERS if (a.assignment, a.exercise) == (assignment, exercise)]
    chosen = [a for a in answers if (a.exercise, a.name) in SAMPLE]
    assert {name for a in chosen for name in a.fails} == {name for a in answers for name in a.fails}
    assert sum(a.right for a in chosen) >= RIGHT_IN_SAMPLE


def test_every_assignment_with_a_catalogue_is_in_the_course():
    assert set(ASSIGNMENTS) <= set(CourseFolder.load(ROOT).assignments())
