"""Grading a class: who gets what, what is graded again, what survives."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.plugins import LateSubmissionPlugin

from autograder.batch import submissions
from autograder.batch.coordinator import Progress
from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.publish.notebooks import generate_assignment
from tests.support.classroom import CRASH, HALF, MINI, RIGHT, TEST_DOUBLE, Classroom, mini_notebook

ESSAY = {**RIGHT, "essay": "Because."}


def numbers(summary: object) -> tuple[int, int]:
    return summary.graded, summary.skipped


def test_scores_comments_files_and_what_a_person_has_to_grade(room: Classroom) -> None:
    room.hand_in("ada", ESSAY)
    room.hand_in("ben", HALF)
    room.folder("ben").joinpath("notes.txt").write_text("mine")
    summary = room.grade()
    assert numbers(summary) == (2, 0)
    assert not summary.problems
    assert room.scores() == {"ada": 6, "ben": 2}
    with room.gradebook() as gradebook:
        essays = {name: gradebook.find_grade("essay", MINI, MINI, name) for name in ("ada", "ben")}
        assert [essays["ada"].auto_score, essays["ada"].needs_manual_grade] == [None, True]
        assert [essays["ben"].auto_score, essays["ben"].needs_manual_grade] == [0, False]
        assert gradebook.find_comment("essay", MINI, MINI, "ben").auto_comment == "No response."
        assert gradebook.find_comment("essay", MINI, MINI, "ada").auto_comment is None
    folder = room.folder("ben", "autograded")
    assert folder.joinpath("notes.txt").read_text() == "mine"
    assert folder.joinpath("data/numbers.csv").read_text() == "1\n2\n3\n"
    assert folder.joinpath(f"{MINI}.ipynb").stat().st_mode & 0o777 == 0o444
    graded = nbformat.read(folder / f"{MINI}.ipynb", as_version=4)
    assert "double(100) is 6" in str(graded.cells)


def test_listener_hears_of_every_notebook(room: Classroom) -> None:
    class Listener:
        def __init__(self) -> None:
            self.total = 0
            self.heard: list[tuple[str, bool]] = []

        def start(self, total: int) -> None:
            self.total = total

        def done(self, done: Progress) -> None:
            self.heard.append((done.submission.student, done.graded))

    room.hand_in("ada")
    room.grade()
    room.hand_in("ben")
    listener = Listener()
    room.grade(listener=listener)
    assert listener.total == 2
    assert sorted(listener.heard) == [("ada", False), ("ben", True)]


def test_only_what_changed_is_graded_again(room: Classroom) -> None:
    for student in ("ada", "ben", "cleo", "dan"):
        room.hand_in(student)
    assert numbers(room.grade()) == (4, 0)
    assert numbers(room.grade()) == (0, 4)
    room.hand_in("ada", HALF)
    room.folder("ben").joinpath("notes.txt").write_text("mine")
    room.folder("cleo", "autograded").joinpath(f"{MINI}.ipynb").unlink()
    assert numbers(room.grade()) == (3, 1)
    assert room.scores() == {"ada": 2, "ben": 6, "cleo": 6, "dan": 6}
    assert room.folder("cleo", "autograded").joinpath(f"{MINI}.ipynb").exists()
    assert numbers(room.grade(force=True)) == (4, 0)
    assert numbers(room.grade(force=True, student="dan")) == (1, 0)


@pytest.mark.parametrize("what", ["test", "file", "program", "limit"])
def test_a_change_on_our_side_grades_all_again(room: Classroom, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    room.hand_in("ada", HALF)
    room.grade()
    if what == "test":
        easier = mini_notebook(test_double=TEST_DOUBLE.replace("== 200", "== 6"))
        nbformat.write(easier, room.course.folder("source", MINI) / f"{MINI}.ipynb")
        generate_assignment(room.course, MINI)
    elif what == "file":
        room.course.folder("source", MINI).joinpath("data/numbers.csv").write_text("2\n2\n2\n")
    elif what == "program":
        monkeypatch.setattr(submissions, "grader_fingerprint", lambda names: "another program")
    else:
        room.course.config.Examiner.cell_seconds = 4
    assert numbers(room.grade()) == (1, 0)
    assert room.scores() == {"ada": 4 if what == "test" else 2}


def test_one_student_only(room: Classroom) -> None:
    room.hand_in("ada")
    room.hand_in("ben")
    assert numbers(room.grade(student="ben")) == (1, 0)
    assert room.scores() == {"ben": 6}
    with pytest.raises(UserError, match="There is no submission of 'eve'"):
        room.grade(student="eve")


def test_nothing_handed_in(room: Classroom) -> None:
    with pytest.raises(UserError, match=r"There is nothing to grade: no folder .*submitted/STUDENT/mini"):
        room.grade()
    (room.course.root / "submitted").mkdir()
    with pytest.raises(UserError, match="There is nothing to grade"):
        room.grade()


def test_an_assignment_not_yet_generated_is_generated(room: Classroom) -> None:
    room.hand_in("ada")
    (room.course.root / "gradebook.db").unlink()
    room.grade()
    assert room.scores() == {"ada": 6}


def test_a_replaced_submission_ends_as_if_it_had_been_the_first(
    room: Classroom, released: Classroom, tmp_path: Path
) -> None:
    fresh = released.copy(tmp_path / "fresh")
    first = room.hand_in("ada", CRASH).parent
    first.joinpath("timestamp.txt").write_text("2026-03-01 10:00:00 UTC")
    first.joinpath("old.txt").write_text("old")
    first.joinpath("way").mkdir()
    first.joinpath("way/in.txt").write_text("a folder")
    room.grade()
    shutil.rmtree(first)
    for classroom in (room, fresh):
        classroom.hand_in("ada").parent.joinpath("way").write_text("a file")
        classroom.grade()
    assert sorted(room.graded_files()) == ["ada/mini/data/numbers.csv", "ada/mini/mini.ipynb", "ada/mini/way"]
    assert room.content() == fresh.content()


def test_what_a_person_gave_survives(room: Classroom) -> None:
    room.hand_in("ada", ESSAY)
    room.grade()
    with room.gradebook() as gradebook:
        for cell, score in (("essay", 2.5), ("test_double", 1.0)):
            grade = gradebook.find_grade(cell, MINI, MINI, "ada")
            grade.manual_score, grade.needs_manual_grade = score, False
        gradebook.find_grade("test_mean", MINI, MINI, "ada").extra_credit = 0.5
        gradebook.find_comment("essay", MINI, MINI, "ada").manual_comment = "Good."
        gradebook.db.commit()
    room.hand_in("ada", {**HALF, "essay": "Another reason."})
    room.grade()
    with room.gradebook() as gradebook:
        essay = gradebook.find_grade("essay", MINI, MINI, "ada")
        double = gradebook.find_grade("test_double", MINI, MINI, "ada")
        assert (essay.manual_score, essay.needs_manual_grade) == (2.5, True)
        assert (double.auto_score, double.manual_score, double.needs_manual_grade) == (2, 1, True)
        assert gradebook.find_grade("test_mean", MINI, MINI, "ada").extra_credit == 0.5
        assert gradebook.find_comment("essay", MINI, MINI, "ada").manual_comment == "Good."


class TwoPointsOff(LateSubmissionPlugin):
    """Takes two points for any delay, and far too many for a long one."""

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float:
        return 2.0 if total_seconds_late < 86400 else 1000.0


PENALTY = "\nc.AssignLatePenalties.plugin_class = 'tests.autograder.batch.test_coordinator.TwoPointsOff'\n"


def test_late_penalties_equal_nbgraders(released: Classroom, tmp_path: Path) -> None:
    room = released.copy(tmp_path / "ours", PENALTY)
    dates = {
        "early": "2026-03-01 10:00:00 UTC",
        "late": "2026-03-02 14:00:00.5 +0100",
        "lost": "2026-04-01 00:00:00 UTC",
    }
    for student, date in dates.items():
        room.hand_in(student)
        room.folder(student).joinpath("timestamp.txt").write_text(f"{date}\n")
    room.hand_in("undated")
    with room.gradebook() as gradebook:
        gradebook.update_or_create_assignment(MINI, duedate=datetime(2026, 3, 2, 12))
    stock = room.copy(tmp_path / "stock")
    room.grade()
    for student in [*dates, "undated"]:
        assert stock.course.api().autograde(MINI, student)["success"]
    assert penalties(room.course) == {"early": None, "late": 2.0, "lost": 6.0, "undated": None}
    assert penalties(stock.course) == penalties(room.course)


def penalties(course: CourseFolder) -> dict[str, float | None]:
    with Classroom(course).gradebook() as gradebook:
        found = gradebook.assignment_submissions(MINI)
        return {submission.student.id: submission.notebooks[0].late_submission_penalty for submission in found}


@pytest.mark.parametrize(
    ("text", "date"),
    [
        (b"2026-03-02 14:00:00 CET", datetime(2026, 3, 2, 13)),
        (b"2026-03-02T14:00:00+00:00", datetime(2026, 3, 2, 14)),
        (b"", None),
        (b"yesterday", None),
        (b"12:30", None),  # dateutil would take today
        (b"March 2", None),
        (b"\xff\xfe\x00", None),
        (b"9" * 400, None),
        (b"2026-13-45 99:00:00 UTC", None),
    ],
)
def test_time_stamps(room: Classroom, text: bytes, date: datetime | None) -> None:
    room.hand_in("ada")
    room.folder("ada").joinpath("timestamp.txt").write_bytes(text)
    summary = room.grade()
    with room.gradebook() as gradebook:
        assert gradebook.find_submission(MINI, "ada").timestamp == date
    notes = summary.notes.pop("ada", [])
    assert not summary.notes
    assert ["timestamp.txt is not a date" in note for note in notes] == ([True] if text and date is None else [])
    assert room.scores() == {"ada": 6}


def test_who_was_removed_from_the_gradebook_is_graded_again(room: Classroom) -> None:
    for student in ("ada", "zoe"):
        room.hand_in(student)
    room.grade()
    with room.gradebook() as gradebook:
        gradebook.remove_student("ada")
    summary = room.grade()
    assert (summary.graded, summary.skipped) == (1, 1)
    with room.gradebook() as gradebook:
        gradebook.remove_assignment(MINI)
    assert room.grade().graded == 2
    assert room.scores() == {"ada": 6, "zoe": 6}


def test_only_python_is_graded(room: Classroom) -> None:
    room.hand_in("ada")
    with room.gradebook() as gradebook:
        notebook = gradebook.find_notebook(MINI, MINI)
        notebook.kernelspec = json.dumps({"name": "ir", "display_name": "R", "language": "R"})
        gradebook.db.commit()
    with pytest.raises(UserError, match=r"mini.ipynb of mini is written in R, and only Python notebooks"):
        room.grade()
    assert room.scores() == {}
    assert not room.graded_files()


def test_penalties_follow_without_grading_anew(released: Classroom, tmp_path: Path) -> None:
    room = released.copy(tmp_path / "course", PENALTY)
    room.hand_in("ada").with_name("timestamp.txt").write_text("2026-03-02 14:00:00 CET")
    room.grade()
    assert penalties(room.course) == {"ada": None}
    for hour, penalty in ((12, 2.0), (13, None)):
        with room.gradebook() as gradebook:
            gradebook.update_or_create_assignment(MINI, duedate=datetime(2026, 3, 2, hour))
        assert room.grade().skipped == 1
        assert penalties(room.course) == {"ada": penalty}


def test_nbgrader_autograde_reads_time_stamps_in_the_same_way(released: Classroom, tmp_path: Path) -> None:
    """Those that it reads wrongly or not at all, by itself; and what it skips gets its penalty too."""
    room = released.copy(tmp_path / "course", PENALTY)
    stamps = {"cest": "2026-06-01 23:30:00 CEST", "pdt": "2026-06-01 15:30:00 PDT", "cst": "2026-06-01 23:30 CST"}
    for student, stamp in {**stamps, "none": "yesterday"}.items():
        room.hand_in(student).with_name("timestamp.txt").write_text(stamp)
    with room.gradebook() as gradebook:
        gradebook.update_or_create_assignment(MINI, duedate=datetime(2026, 6, 1, 22))
        gradebook.add_student("cst")
        gradebook.add_submission(MINI, "cst", timestamp=datetime(2026, 6, 3))  # of an earlier time stamp
    by_command = room.copy(tmp_path / "command")
    by_command.grade()
    for student in room.course.students(MINI):
        assert room.course.api().autograde(MINI, student)["success"]
    assert penalties(room.course) == penalties(by_command.course) == {"cest": None, "cst": None, "none": None, "pdt": 2}
    with room.gradebook() as gradebook:
        gradebook.update_or_create_assignment(MINI, duedate=datetime(2026, 6, 1, 21))
    api = room.course.api()
    assert api.autograde(MINI, "cest", force=False)["success"]
    assert penalties(room.course) == {"cest": 2, "cst": None, "none": None, "pdt": 2}
