"""Graded notebooks get into their folder and the gradebook together, or not at all."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from nbgrader.api import Gradebook
from sqlalchemy.exc import OperationalError

from autograder.batch import writer as writers
from autograder.batch.dispatch import Job
from autograder.batch.ledger import Ledger
from autograder.batch.submissions import Submission
from autograder.batch.writer import Writer
from autograder.errors import UserError
from autograder.examiner.task import Graded, grade_task
from autograder.provenance import NO_WALL
from autograder.provenance import entered as made_with
from tests.support.classroom import HALF, MINI, RIGHT, Classroom, job_of


def graded(job: Job) -> Graded:
    """What grading gives without running anything: zeros."""
    return grade_task(replace(job.task, problem="It was not looked at."))


def entered(room: Classroom) -> set[str]:
    """The cells that have a score."""
    with room.gradebook() as gradebook:
        submissions = gradebook.assignment_submissions(MINI)
        grades = [grade for submission in submissions for grade in submission.notebooks[0].grades]
        return {grade.cell.name for grade in grades if grade.auto_score is not None}


def test_files_scores_and_entry_are_there_together(room: Classroom, writer: Writer) -> None:
    job = job_of(room, "ada", RIGHT, files={"data/mine.txt": b"1"})
    writer.save(job.submission, graded(job), "print")
    folder = room.folder("ada", "autograded")
    assert {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} >= {f"{MINI}.ipynb", "data/mine.txt"}
    assert writer.path("ada", MINI) == folder / f"{MINI}.ipynb"
    assert stat.S_IMODE(writer.path("ada", MINI).stat().st_mode) == 0o444
    assert room.scores() == {"ada": 0}
    assert room.problems() == {"ada": "It was not looked at."}
    with room.gradebook() as gradebook:
        (made,) = made_with(gradebook, MINI).values()
    assert made.wall == NO_WALL


def test_what_fails_halfway_leaves_no_score_and_no_entry(
    room: Classroom, writer: Writer, gradebook: Gradebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of(room, "ada", RIGHT)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "enter", fail)
        with pytest.raises(OSError, match="disk full"):
            writer.save(job.submission, graded(job), "print")
    assert entered(room) == set()
    assert Ledger(gradebook, MINI).entries() == {}
    writer.save(job.submission, graded(job), "print")
    assert entered(room) == {"test_double", "test_mean", "essay"}


def test_nobody_sees_half_a_file(room: Classroom, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = job_of(room, "ada", RIGHT), job_of(room, "ada", HALF)
    writer.save(first.submission, graded(first), "print")
    before = writer.path("ada", MINI).read_bytes()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.replace", killed)
        with pytest.raises(KeyboardInterrupt):
            writer.save(second.submission, graded(second), "print")
    assert writer.path("ada", MINI).read_bytes() == before
    assert [path.name for path in writer.path("ada", MINI).parent.iterdir()] == [f"{MINI}.ipynb"]


def test_files_of_an_earlier_submission_go(room: Classroom, writer: Writer) -> None:
    job = job_of(room, "ada", RIGHT, files={"old/deep/a.txt": b"1", "kept.txt": b"1"})
    writer.save(job.submission, graded(job), "print")
    folder = room.folder("ada", "autograded")
    (folder / "link.txt").symlink_to(folder / "kept.txt")
    later: Submission = replace(job.submission, files={"kept.txt": b"2"})
    writer.save(later, graded(job), "print")
    assert sorted(str(p.relative_to(folder)) for p in folder.rglob("*")) == ["kept.txt", f"{MINI}.ipynb"]
    assert (folder / "kept.txt").read_bytes() == b"2"


def test_instructors_who_share_a_course_may_write_what_others_wrote(released: Classroom, tmp_path: Path) -> None:
    shared = released.copy(tmp_path / "shared", "\nc.CourseDirectory.groupshared = True\n")
    with shared.gradebook() as gradebook:
        job = job_of(shared, "ada", RIGHT, files={"deep/er/mine.txt": b"1"})
        Writer(shared.course, gradebook, Ledger(gradebook, MINI), MINI, [MINI]).save(job.submission, graded(job), "x")
    made = list((shared.course.root / "autograded").rglob("*"))
    folders = {stat.S_IMODE(path.stat().st_mode) & 0o2770 for path in made if path.is_dir()}
    assert folders == {0o2770}
    assert {stat.S_IMODE(path.stat().st_mode) for path in made if path.is_file()} == {0o664}
    assert stat.S_IMODE((shared.course.root / "autograded").stat().st_mode) & 0o2770 == 0o2770


def test_what_cannot_be_written_is_one_line(room: Classroom, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_of(room, "ada", RIGHT)

    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("autograder.batch.writer.write_atomically", refuse)
    with pytest.raises(UserError, match=r"autograded/ada/mini/.* cannot be written: Permission denied\."):
        writer.save(job.submission, graded(job), "print")


def shut_down() -> OperationalError:
    return OperationalError("UPDATE grade", {}, psycopg.errors.AdminShutdown("terminating connection"))


def refused() -> OperationalError:
    return OperationalError("UPDATE grade", {}, psycopg.OperationalError("connection failed: Connection refused"))


def test_a_database_whose_server_is_started_anew_gets_all(
    room: Classroom,
    writer: Writer,
    gradebook: Gradebook,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    job = job_of(room, "ada", RIGHT)
    monkeypatch.setattr(writers, "SECONDS_BETWEEN_TRIES", 0)
    commit, failures = gradebook.db.commit, [shut_down(), refused()]

    def failing() -> None:
        if failures:
            raise failures.pop()
        commit()

    monkeypatch.setattr(gradebook.db, "commit", failing)
    writer.save(job.submission, graded(job), "print")
    assert not failures
    said = "autograder: the gradebook's server has gone; waiting up to 60 seconds for it.\n"
    assert capsys.readouterr().err == said
    assert "test_double" in entered(room)
    assert room.problems() == {"ada": "It was not looked at."}


def test_one_that_does_not_come_back_ends_the_run(
    room: Classroom, writer: Writer, gradebook: Gradebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "WAIT_SECONDS", 0)
    tries = []

    def failing() -> None:
        tries.append(1)
        raise shut_down()

    monkeypatch.setattr(gradebook.db, "commit", failing)
    job = job_of(room, "ada", RIGHT)
    with pytest.raises(OperationalError):
        writer.save(job.submission, graded(job), "print")
    assert tries == [1]
    assert room.problems() == {}
