"""Groups of students with the same failed checks, named after the answers of the catalogue."""

from __future__ import annotations

import pytest

from autograder.answers import Answer
from autograder.reports.misconceptions import Misconception, find_misconceptions
from autograder.reports.results import ClassResults, ExerciseResult, StudentResult
from course.checks import CheckResult
from tests.support.graded_class import code_of

CHECKS = ("right for x > 0", "right for x < 0", "keeps float32")
SIGN = "return np.where(x > 0, x, alpha * (1 - np.exp(x)))"
SLOPE = "return np.where(x > 0, x, alpha * x)"
ANSWERS = [
    Answer("ps1", "selu", "sign of the negative branch", False, SIGN, (CHECKS[1],)),
    Answer("ps1", "selu", "a line for x < 0", False, SLOPE, (CHECKS[1],)),
    Answer("ps1", "selu", "always float64", False, "return np.float64(x)", (CHECKS[2],)),
    Answer("ps1", "selu", "both branches", True, "return np.where(x > 0, x, alpha * (np.exp(x) - 1))", ()),
]


def student(name: str, messages: tuple[str, str, str], code: str = "", rest: float = 0.0) -> StudentResult:
    checks = tuple(
        CheckResult(check, 0.0 if said else 1.0, 1.0, said) for check, said in zip(CHECKS, messages, strict=True)
    )
    exercises = (
        ExerciseResult("selu", sum(check.points for check in checks), 3.0, False, checks),
        ExerciseResult("rest", rest, 5.0, False),
    )
    return StudentResult(name, "", 0.0, exercises, code={"ps1/selu": code_of(code)})


def found(*students: StudentResult) -> list[tuple[str, str, tuple[str, ...], tuple[str, ...], str, str]]:
    groups = find_misconceptions(ClassResults("ps1", 8.0, students, ()), ANSWERS)
    return [(g.name, g.exercise, g.checks, g.students, g.example.id, g.message) for g in groups]


WRONG = ("", "got 1, expected -1", "")


def test_the_group_is_named_after_the_answer_that_looks_like_theirs() -> None:
    code = SIGN.replace("x", "value")
    assert found(student("ada", WRONG, code, rest=1.0), student("ben", WRONG, code, rest=4.0)) == [
        ("sign of the negative branch", "selu", (CHECKS[1],), ("ada", "ben"), "ben", WRONG[1])
    ]
    assert found(student("ada", WRONG, SLOPE), student("ben", WRONG, SLOPE))[0][0] == "a line for x < 0"


def test_largest_first_and_nobody_alone() -> None:
    other = ("", "", "got float64")
    groups = found(*(student(f"s{n}", WRONG) for n in range(2)), *(student(f"t{n}", other) for n in range(3)))
    assert [(name, len(students)) for name, _, _, students, _, _ in groups] == [
        ("always float64", 3),
        ("sign of the negative branch", 2),
    ]
    assert found(student("ada", WRONG), student("ben", other)) == []


def test_what_only_follows_does_not_part_a_group() -> None:
    follows = ("", WRONG[1], "Counts once 'right for x < 0' passes.")
    [(_, _, checks, students, _, _)] = found(student("ada", WRONG), student("ben", follows))
    assert (checks, students) == ((CHECKS[1],), ("ada", "ben"))


@pytest.mark.parametrize(
    "said", ["Not written yet.", "SystemExit: 0", "The code ended the program (sys.exit).", "KeyboardInterrupt: "]
)
def test_what_was_not_written_or_ended_itself_is_no_misconception(said: str) -> None:
    assert found(student("ada", (said,) * 3), student("ben", (said,) * 3)) == []


def test_what_the_catalogue_does_not_have_stays_without_a_name() -> None:
    all_wrong = ("got 1", "got 2", "got 3")
    assert found(student("ada", all_wrong), student("ben", all_wrong))[0][0] == ""
    unread = StudentResult("ada", "", 0.0, student("ada", WRONG).exercises, problem="It cannot be read.")
    assert found(unread, student("ben", WRONG)) == []


def test_what_all_checks_say_parts_a_group() -> None:
    groups = found(
        *(student(name, (said,) * 3) for name, said in zip("abcd", ("one", "two", "one", "two"), strict=True))
    )
    assert [(students, message) for _, _, _, students, _, message in groups] == [
        (("a", "c"), "one"),
        (("b", "d"), "two"),
    ]


def test_an_answer_that_names_few_of_the_checks_fits_if_it_looks_like_theirs() -> None:
    code = "return np.float64(x)"
    all_wrong = ("got 1", "got 2", "got 3")
    assert found(student("ada", all_wrong, code), student("ben", all_wrong, code))[0][0] == "always float64"


@pytest.mark.parametrize(
    ("failed", "said"),
    [(1, "c0"), (4, "c0; c1; c2; c3"), (6, "c0; c1; c2; and 3 more of 9 checks"), (9, "all 9 checks")],
)
def test_many_checks_are_counted(failed: int, said: str) -> None:
    example = student("ada", WRONG)
    assert Misconception("x", tuple(f"c{n}" for n in range(failed)), 9, ("ada",), example).in_short == said
