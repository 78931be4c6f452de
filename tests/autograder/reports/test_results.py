"""Results: the gradebook's scores, joined with the verdicts in the graded notebooks."""

from __future__ import annotations

import dataclasses
import json
import shutil
from datetime import UTC, datetime, timedelta

import nbformat
import pytest
from nbgrader.api import Gradebook
from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError

from autograder.batch.ledger import Entry, Ledger
from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.examiner.verdict import METADATA_KEY, Incident, Look, Verdict
from autograder.reports import graded_notebook
from autograder.reports import results as results_module
from autograder.reports.graded_notebook import LONGEST, MOST, read_graded
from autograder.reports.results import ClassResults, ExerciseResult, FailedCheck, StudentResult, read_results
from autograder.reports.statistics import check_stats, exercise_stats, score_stats
from autograder.tables import SUMMARY
from course.checks import CheckResult
from tests.support.graded_class import EXERCISES, HOSTILE, PS1, Class


@pytest.fixture(scope="module")
def results(graded: Class) -> ClassResults:
    return read_results(graded.course, PS1)


def student(results: ClassResults, name: str) -> StudentResult:
    return next(student for student in results.students if student.id == name)


def test_scores_are_the_gradebooks(results: ClassResults) -> None:
    assert {s.id: (s.score, s.max_score) for s in results.students} == {
        "ada": (30.0, 30.0),
        "ben": (22.5, 30.0),
        "cleo": (25.0, 30.0),
        "dan": (0.0, 30.0),
    }
    assert results.max_score == 30
    assert results.ungraded == ("eve",)


def test_exercises_come_in_the_order_of_the_notebook(results: ClassResults) -> None:
    assert all(tuple(e.title for e in student.exercises) == EXERCISES for student in results.students)


def test_failures_name_exercise_check_and_message(results: ClassResults) -> None:
    message = f"At x = 1: {HOSTILE}"
    assert student(results, "ada").failures == ()
    assert student(results, "ben").failures == tuple(
        FailedCheck(name, "right values", message) for name in EXERCISES[3:]
    )
    assert student(results, "cleo").failures == (FailedCheck("selu", "", "Not there."),)


def test_incidents_notes_and_problems(results: ClassResults) -> None:
    assert student(results, "cleo").incidents == (Incident("selu", "stopped after 30 s"),)
    assert student(results, "ada").incidents == ()  # an error of hers is called Stopped
    assert student(results, "ada").notes == ("cell 'x' was missing",)
    assert student(results, "dan").problem == "It cannot be read."
    assert student(results, "dan").failures == ()


def test_lines_to_look_at_stand_with_their_notebook_and_cost_nothing(results: ClassResults) -> None:
    look = Look("selu", 2, "reaches for frames of running code", HOSTILE)
    assert student(results, "cleo").looks == ((PS1, look),)
    assert student(results, "ada").looks == ()


def test_a_report_is_no_longer_for_what_a_student_wrote(graded: Class, results: ClassResults) -> None:
    path = graded.course.folder("autograded", PS1, "cleo") / f"{PS1}.ipynb"
    before = path.read_bytes()
    notebook = nbformat.read(path, as_version=4)
    forged = nbformat.v4.new_output("error", ename="Stopped", evalue="x" * 10_000_000, traceback=[])
    notebook.cells[-1].outputs = [forged]
    told = notebook.metadata[METADATA_KEY]
    told.incidents = told.incidents + [{"cell": "selu", "what": "y" * 100_000}] * 200
    try:
        nbformat.write(notebook, path)
        incidents = student(read_results(graded.course, PS1), "cleo").incidents
    finally:
        path.write_bytes(before)
    assert incidents[0] == student(results, "cleo").incidents[0]
    assert incidents[1] == Incident("selu", "y" * (LONGEST - 1) + "…")
    assert len(incidents) == MOST + 1
    assert incidents[-1].what == f"and {201 - MOST} more"


def test_times_feedback_and_seconds(graded: Class) -> None:
    pages, aside = graded.course.root / "feedback", graded.course.root / "aside"
    pages.mkdir(exist_ok=True)
    pages.rename(aside)  # other tests write there
    page = graded.course.folder("feedback", PS1, "ben") / f"{PS1}.html"
    page.parent.mkdir(parents=True)
    page.touch()
    with Gradebook(graded.course.db_url, graded.course.directory.course_id) as gradebook:
        gradebook.find_assignment(PS1).duedate = datetime(2026, 3, 1)
        gradebook.add_student("zoe")
        for name, day in (("ada", 1), ("ben", 3), ("cleo", 3)):
            gradebook.find_submission(PS1, name).timestamp = datetime(2026, 3, day)
        gradebook.find_submission(PS1, "cleo").extension = timedelta(days=1)
        Ledger(gradebook, PS1).enter(Entry("cleo", PS1, "", json.dumps(Verdict().to_dict()), "", 1.25))
        gradebook.db.commit()
    settings = graded.course.config.copy()
    settings.merge({"Exchange": {"timezone": "Europe/Berlin"}})
    try:
        found = read_results(graded.course, PS1)
        there = read_results(CourseFolder(graded.course.root, settings), PS1)
    finally:
        shutil.rmtree(pages)
        aside.rename(pages)
        with Gradebook(graded.course.db_url, graded.course.directory.course_id) as gradebook:
            gradebook.find_assignment(PS1).duedate = None
            gradebook.remove_student("zoe")
            for submission in gradebook.assignment_submissions(PS1):
                submission.timestamp = submission.extension = None
            gradebook.db.commit()
    assert found.duedate == datetime(2026, 3, 1, tzinfo=UTC)
    assert [s.handed_in and f"{s.handed_in:%d %H %Z}" for s in there.students] == [
        "01 01 CET",
        *["03 01 CET"] * 2,
        None,
    ]
    assert found.course == "activations"
    assert found.absent == ("zoe",)
    assert {s.id: (s.late.days, s.handed_in and s.handed_in.day) for s in found.students} == {
        "ada": (0, 1),
        "ben": (2, 3),
        "cleo": (1, 3),
        "dan": (0, None),
    }
    assert [s.feedback for s in found.students] == [(), (page,), (), ()]
    assert [s.seconds for s in found.students] == [None, None, 1.25, None]
    assert student(found, "cleo").code[f"{PS1}/selu"].tokens == ["while", "True", ":", "pass"]


def test_notebooks_of_stock_nbgrader_have_scores_and_no_checks(graded: Class, results: ClassResults) -> None:
    path = graded.course.folder("autograded", PS1, "ben") / f"{PS1}.ipynb"
    before = path.read_bytes()
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if METADATA_KEY in cell.metadata:
            cell.metadata[METADATA_KEY] = {"grade_id": "forged"}
    try:
        nbformat.write(notebook, path)
        ben = student(read_results(graded.course, PS1), "ben")
        path.write_text("{}")
        no_cells = student(read_results(graded.course, PS1), "ben")
    finally:
        path.write_bytes(before)
    assert (ben.score, ben.failures) == (22.5, ())
    assert (no_cells.score, no_cells.failures) == (22.5, ())


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The students whose notebooks have been read."""
    found: list[str] = []
    monkeypatch.setattr(
        graded_notebook,
        "read_graded",
        lambda content, source, stamp: found.append(stamp) or read_graded(content, source, stamp),
    )
    return found


def test_a_notebook_is_read_once_and_again_when_somebody_has_changed_it(graded: Class, read: list[str]) -> None:
    before = read_results(graded.course, PS1)
    read.clear()
    assert read_results(graded.course, PS1) == before
    assert read == []
    path = graded.course.folder("autograded", PS1, "ben") / f"{PS1}.ipynb"
    content = path.read_bytes()
    try:
        path.write_bytes(content.replace(b"right shape", b"right sizes"))
        changed = read_results(graded.course, PS1)
        assert {c.name for e in student(changed, "ben").exercises for c in e.checks} == {"right values", "right sizes"}
        assert len(read) == 1
    finally:
        path.write_bytes(content)
    assert read_results(graded.course, PS1) == before
    assert len(read) == 2
    path.touch()
    assert read_results(graded.course, PS1) == before
    assert len(read) == 2  # other times, and the same content


def test_whoever_may_not_write_to_the_gradebook_reads_the_notebooks(
    graded: Class, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_results(graded.course, PS1)
    with Gradebook(graded.course.db_url, graded.course.directory.course_id) as gradebook:
        gradebook.db.execute(delete(SUMMARY))
        gradebook.db.commit()

    def refuse(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("attempt to write a readonly database"))

    with monkeypatch.context() as patch:
        patch.setattr(results_module, "enter_summary", refuse)
        read.clear()
        assert [read_results(graded.course, PS1) for _ in range(2)] == [before] * 2
        assert len(read) == 8
    assert read_results(graded.course, PS1) == before


def test_what_the_ledger_says_is_not_kept_twice(graded: Class) -> None:
    read_results(graded.course, PS1)
    with Gradebook(graded.course.db_url, graded.course.directory.course_id) as gradebook:
        kept = dict(gradebook.db.execute(select(SUMMARY.c.student, SUMMARY.c.verdict)).all())
    assert kept.keys() == {"ada", "ben", "cleo", "dan"}
    assert kept["ada"] is None  # the batch has entered it
    assert kept["ben"] is not None


def test_points_of_a_person_count_and_missing_ones_wait() -> None:
    waiting = StudentResult("ada", "", 2.0, (ExerciseResult("essay", 0.0, 5.0, True), ExerciseResult("a", 5, 5, False)))
    assert waiting.needs_manual
    assert waiting.score == 3.0
    assert dataclasses.replace(waiting, penalty=9.0).score == 0.0


def test_nothing_graded(empty_course: CourseFolder) -> None:
    with pytest.raises(UserError, match=r"There is no gradebook .*grade an assignment first"):
        read_results(empty_course, PS1)
    assert not (empty_course.root / "gradebook.db").exists()


def test_other_assignment_graded(graded: Class, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = graded.course.root / "source" / "ps0"
    other.mkdir()
    (other / "ps0.ipynb").write_bytes((graded.course.folder("source", PS1) / f"{PS1}.ipynb").read_bytes())
    try:
        with pytest.raises(UserError, match="Nothing has been graded for ps0 yet: run 'autograder grade ps0' first"):
            read_results(graded.course, "ps0")
    finally:
        (other / "ps0.ipynb").unlink()
        other.rmdir()


def test_unknown_assignment(graded: Class) -> None:
    with pytest.raises(UserError, match="Did you mean ps1_from_scratch"):
        read_results(graded.course, "ps1_from_scrach")


def class_of(*points: tuple[float, float]) -> ClassResults:
    """Make a class in which each student has so many of 5 points in two exercises."""
    students = tuple(
        StudentResult(f"s{n}", "", 0.0, (ExerciseResult("a", one, 5, False), ExerciseResult("b", two, 5, False)))
        for n, (one, two) in enumerate(points)
    )
    return ClassResults("x", 10.0, students, ())


def test_score_statistics() -> None:
    stats = score_stats(class_of((0, 0), (5, 0), (5, 5), (5, 5)))
    assert (stats.count, stats.mean, stats.median) == (4, 6.25, 7.5)
    assert (stats.lower_quartile, stats.upper_quartile) == (3.75, 10)
    assert stats.standard_deviation == pytest.approx(4.14578098794425)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(0, 0), (5, 5)], 1.0),
        ([(0, 5), (5, 0)], -1.0),
        ([(0, 0), (0, 5), (5, 0), (5, 5)], 0.0),
        ([(5, 0), (5, 5)], None),
        ([(3, 3)], None),
    ],
)
def test_discrimination(points: list[tuple[float, float]], expected: float | None) -> None:
    first = exercise_stats(class_of(*points))[0]
    assert first.discrimination == (expected if expected is None else pytest.approx(expected))


def checked(*messages: tuple[str, str]) -> ClassResults:
    """Make a class in which each student's two checks have these messages."""
    students = tuple(
        StudentResult(
            f"s{n}",
            "",
            0.0,
            (
                ExerciseResult(
                    "a", 0, 5, False, (CheckResult("first", 0, 2.5, one), CheckResult("second", 0, 2.5, two))
                ),
            ),
        )
        for n, (one, two) in enumerate(messages)
    )
    return ClassResults("x", 5.0, students, ())


def test_checks_hardest_first_without_unwritten_answers() -> None:
    unwritten = ("Not written yet.", "Not written yet.")
    stats = check_stats(checked(("", "wrong"), ("", "wrong"), ("Counts once 'x' passes.", "odd"), unwritten))
    assert [(c.check, c.passed, c.count, c.message) for c in stats] == [
        ("second", 0, 3, "wrong"),
        ("first", 2, 3, "Counts once 'x' passes."),
    ]


def test_a_reason_of_its_own_goes_before_one_that_follows() -> None:
    follows = "Counts once 'x' passes."
    assert check_stats(checked((follows, ""), (follows, ""), ("wrong", "")))[0].message == "wrong"


def test_what_waits_for_a_person_is_left_out_of_means() -> None:
    def one(a: float, essay: float, waits: bool, b: float) -> StudentResult:
        exercises = (ExerciseResult("a", a, 5, False), ExerciseResult("essay", essay, 10, waits))
        return StudentResult(f"{a}", "", 1.0, (*exercises, ExerciseResult("b", b, 5, False)))

    results = ClassResults("x", 20.0, (one(5, 8, False, 4), one(3, 0, True, 2), one(1, 4, False, 3)), ())
    assert (results.waiting, results.settled_max) == ({"essay": 1}, 10)
    assert results.settled_scores() == [8, 4, 3]
    assert score_stats(results).mean == 5
    a, essay, b = exercise_stats(results)
    assert (essay.waits, essay.mean, essay.full_marks, essay.discrimination) == (1, 6, 0, pytest.approx(1))
    assert (a.waits, a.mean) == (0, 3)
    assert a.discrimination == pytest.approx(0.5)
    assert b.discrimination == pytest.approx(0.5)


def test_an_exercise_that_nobody_has_marked_has_no_mean() -> None:
    exercises = (ExerciseResult("essay", 0.0, 10, True),)
    results = ClassResults("x", 10.0, (StudentResult("ada", "", 0.0, exercises),), ())
    [essay] = exercise_stats(results)
    assert (essay.mean, essay.mean_share, essay.full_marks, essay.discrimination) == (None, None, None, None)
    assert results.settled_max == 0
    unread = StudentResult("ben", "", 0.0, (ExerciseResult("essay", 0.0, 10, False),), problem="Half a file.")
    with_unread = dataclasses.replace(results, students=(*results.students, unread))
    assert exercise_stats(with_unread)[0].mean is None


@pytest.mark.parametrize("said", ["SystemExit: 0", "SystemExit was raised.", "The code ended the program (sys.exit)."])
def test_that_a_program_ended_itself_is_no_reason(said: str) -> None:
    assert [check.message for check in check_stats(checked((said, said), (said, said), ("wrong", "")))] == ["wrong", ""]
