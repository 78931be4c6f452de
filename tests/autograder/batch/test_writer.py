"""Graded notebooks get into their folder and the gradebook together, or not at all."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace

import pytest
from nbgrader.api import Gradebook

from autograder.batch.dispatch import Job
from autograder.batch.ledger import Ledger
from autograder.batch.submissions import Submission
from autograder.batch.writer import READ_ONLY, Writer
from autograder.examiner.task import Graded, grade_task
from tests.support.classroom import HALF, MINI, RIGHT, Classroom, job_of


@pytest.fixture
def gradebook(room: Classroom) -> Iterator[Gradebook]:
    with room.gradebook() as gradebook:
        yield gradebook


@pytest.fixture
def writer(room: Classroom, gradebook: Gradebook) -> Writer:
    return Writer(room.course, gradebook, Ledger(gradebook, MINI), MINI, [MINI])


def graded(job: Job) -> Graded:
    """What grading gives without running anything: zeros."""
    return grade_task(replace(job.task, problem="It was not looked at."))


def entered(room: Classroom) -> set[str]:
    """The cells that have a score."""
    with room.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook(MINI, MINI, "ada")
        return {grade.cell.name for grade in notebook.grades if grade.auto_score is not None}


def test_files_scores_and_entry_are_there_together(room: Classroom, writer: Writer) -> None:
    job = job_of(room, "ada", RIGHT, files={"data/mine.txt": b"1"})
    writer.save(job.submission, graded(job), "print")
    folder = room.folder("ada", "autograded")
    assert {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} >= {f"{MINI}.ipynb", "data/mine.txt"}
    assert writer.path("ada", MINI) == folder / f"{MINI}.ipynb"
    assert stat.S_IMODE(writer.path("ada", MINI).stat().st_mode) == READ_ONLY
    assert room.scores() == {"ada": 0}
    assert room.problems() == {"ada": "It was not looked at."}


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
