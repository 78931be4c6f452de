"""A report without names has none, in messages either, and is otherwise the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from autograder.examiner.verdict import Incident, Look
from autograder.provenance import Provenance
from autograder.reports.anonymous import SHORTEST, without_names
from autograder.reports.class_report import render_report, write_report
from autograder.reports.misconceptions import find_misconceptions
from autograder.reports.report_data import report_csv, report_json
from autograder.reports.results import ClassResults, ExerciseResult, StudentResult, read_results
from autograder.reports.similarity import near_identical
from autograder.reports.statistics import check_stats, score_stats
from course.checks import CheckResult
from tests.support.graded_class import PS1, Class, code_of


def student(name: str, points: float, said: str = "") -> StudentResult:
    checks = (CheckResult("ada's check", points, 5.0, said),)
    exercise = ExerciseResult("tanh", points, 5.0, needs_manual=False, checks=checks, reason=said)
    return StudentResult(
        name,
        f"{name.title()} Lovelace",
        0.0,
        (exercise,),
        incidents=(Incident("c", said),),
        looks=(("ps1", Look("c", 3, "x", said)),),
        notes=(said,),
        problem=said,
    )


def results(*students: StudentResult) -> ClassResults:
    return ClassResults("ps1", 5.0, students, ungraded=("zoe",))


def test_names_go_from_texts_and_numbers_follow_the_points() -> None:
    said = "/home/ada, Ada Lovelace: ada2 is not adam; x = 3"
    found = without_names(results(student("ada", 1.0, said), student("bob", 4.0)))
    first, second = found.students
    assert [(each.id, each.name, each.score) for each in found.students] == [
        ("student 1", "", 4.0),
        ("student 2", "", 1.0),
    ]
    clean = "/home/student 2, student 2: ada2 is not adam; x = 3"
    assert second.exercises[0].checks[0] == CheckResult("ada's check", 1.0, 5.0, clean)
    assert second.exercises[0].reason == clean
    assert (second.problem, second.notes) == (clean, (clean,))
    assert second.incidents == (Incident("c", clean),)
    assert second.looks == (("ps1", Look("c", 3, "x", clean)),)
    assert first.problem == ""
    assert found.ungraded == ("student 3",)


def test_of_a_text_that_a_student_wrote_nobody_can_be_told() -> None:
    said = {
        "ADA_solution.py is not read": "student 2_solution.py is not read",
        "open('/home/adalov/x.csv')": "open('/home/(a student)/x.csv')",
        r"C:\Users\adal\x.csv": r"C:\Users\(a student)\x.csv",
        "by a.lovelace@uni.example": "by (an address)",
        "# LOVELACE, Ada": "# student 2, student 2",
        "W@x.mean() + x.max() @ y": "W@x.mean() + x.max() @ y",
        "np.max of Max Power": "np.max of student 1",
    }
    other = replace(student("mp1", 4.0), name="Max Power")
    for before, after in said.items():
        found = without_names(results(student("ada", 1.0, before), other))
        assert found.students[1].problem == after, before


@given(st.lists(st.text(min_size=SHORTEST, max_size=8), min_size=1, max_size=5, unique=True), st.text(max_size=20))
def test_no_id_stays_between_spaces(names: list[str], before: str) -> None:
    found = without_names(results(*(student(name, 1.0, f"{before} {name} .") for name in names)))
    for each in found.students:
        for name in names:
            if name.strip() == name and not name.startswith("student"):
                assert f" {name} ." not in each.problem


def test_no_part_of_the_report_names_anybody() -> None:
    """Feedback links, misconceptions with their examples, similar code, times: on the page, in the CSV, in the JSON."""
    code = "\n".join(f"out[{n}] = np.where(x > {n}, x, {n} * x)  # by zaphod" for n in range(9))
    named = ClassResults(
        "ps1",
        5.0,
        tuple(
            replace(
                student(name, points, f"{name}, Zaphod Lovelace: got 1"),
                name="Zaphod Lovelace",
                problem="",
                feedback=(Path(f"/course/feedback/{name}/ps1/ps1.html"),),
                handed_in=datetime(2026, 3, 1, 10, 7, 33, tzinfo=UTC),
                made_with=(Provenance.now({}),),
                late=timedelta(hours=1),
                code={"ps1/tanh": code_of(code)},
            )
            for name, points in (("zaphod42", 1.0), ("trillian", 2.0), ("marvin", 2.0))
        ),
        ("arthurdent",),
        absent=("fordprefect",),
    )
    hidden = without_names(named)
    page = Path("/course/reports/ps1-anonymous.html")
    made = datetime(2026, 4, 1, tzinfo=UTC)

    def written(results: ClassResults) -> list[str]:
        groups, alike = find_misconceptions(results, []), near_identical(results)
        assert len(groups) == len(alike) == 1
        return [
            render_report(results, groups, alike, page, made),
            report_csv(results, page),
            report_json(results, groups, alike, page, made),
        ]

    for before, after in zip(written(named), written(hidden), strict=True):
        for name in ("zaphod42", "trillian", "marvin", "Lovelace", "feedback/", "10:07"):
            assert name.casefold() in before.casefold()
            assert name.casefold() not in after.casefold()
        assert "zaphod" not in after.casefold()
        assert "arthurdent" not in after
        assert "fordprefect" not in after
        assert "student 1" in after


def test_the_page(graded: Class) -> None:
    named = read_results(graded.course, PS1)
    hidden = without_names(named)
    path = write_report(graded.course, named.assignment, anonymous=True)
    assert path.name == f"{named.assignment}-anonymous.html"
    page = path.read_text()
    for each in named.students:
        assert f">{each.id}<" not in page
        assert not each.name or each.name not in page
    assert "student 1" in page
    assert score_stats(hidden) == score_stats(named)
    assert {(each.check, each.passed) for each in check_stats(hidden)} == {
        (each.check, each.passed) for each in check_stats(named)
    }
