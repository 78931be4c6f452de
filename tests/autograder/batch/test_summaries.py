"""Summaries stand in the gradebook beside the ledger, and say what the notebook itself would say."""

from __future__ import annotations

from dataclasses import replace

from nbgrader.api import Gradebook

from autograder.batch.ledger import Ledger
from autograder.batch.summaries import Kept, enter_summary, kept_summaries, stamp_of
from autograder.batch.writer import Writer
from autograder.examiner.summary import Summary, content_hash
from autograder.examiner.task import grade_task
from autograder.examiner.verdict import WallUsed
from tests.support.classroom import MINI, RIGHT, Classroom, job_of

KEY = (MINI, "ada", MINI)
KEPT = Kept(Summary("kind", "content", ("\0", "\ud800", "ä"), {"": "012"}), "stamp", "{}", WallUsed("none", "no wall"))


def test_any_code_comes_back_and_nothing_of_another_assignment(room: Classroom, gradebook: Gradebook) -> None:
    Writer(room.course, gradebook, Ledger(gradebook, MINI), MINI, [MINI])
    enter_summary(gradebook, KEY, KEPT)
    enter_summary(gradebook, ("other", "ada", MINI), KEPT)
    assert kept_summaries(gradebook, MINI) == {("ada", MINI): KEPT}
    enter_summary(gradebook, KEY, replace(KEPT, wall=None))
    assert kept_summaries(gradebook, MINI) == {("ada", MINI): replace(KEPT, wall=None)}
    enter_summary(gradebook, KEY, replace(KEPT, verdict=None))
    assert kept_summaries(gradebook, MINI) == {}  # nothing has been graded beside which it would stand
    enter_summary(gradebook, KEY, None)
    assert kept_summaries(gradebook, MINI) == {}


def test_the_writer_enters_that_of_the_file_it_has_written(
    room: Classroom, writer: Writer, gradebook: Gradebook
) -> None:
    job = job_of(room, "ada", RIGHT)
    graded = grade_task(replace(job.task, problem="It was not looked at."))
    writer.save(job.submission, graded, "print")
    path = writer.path("ada", MINI)
    kept = kept_summaries(gradebook, MINI)["ada", MINI]
    assert kept == Kept(graded.summary, stamp_of(path), graded.verdict.decode(), None)
    assert kept.summary.content == content_hash(path.read_bytes())
    writer.save(job.submission, replace(graded, summary=None), "print")  # from a worker of an earlier version
    assert kept_summaries(gradebook, MINI) == {}
