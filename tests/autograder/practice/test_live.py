"""The live demo: a class submits, mends what its feedback names, and submits again."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from autograder.course_folder import CourseFolder
from autograder.practice.live import Waits, run_live
from tests.support.graded_class import ROOT


@pytest.mark.slow
def test_each_submission_gets_a_line_with_its_waiting_time() -> None:
    said = io.StringIO()
    waits = run_live(CourseFolder.load(ROOT), 2, Console(file=said, width=200))
    lines = said.getvalue().splitlines()
    first = [line for line in lines if ": first submission, feedback after " in line]
    mended = [line for line in lines if ": mended submission, feedback after " in line]
    assert len(first) == 2
    assert len(mended) == sum("to mend" in line for line in first)
    assert all(line.endswith("; all visible checks pass") for line in mended)
    assert all(re.search(r"after \d+\.\d s", line) for line in (*first, *mended))
    assert len(waits.seconds) == len(first) + len(mended)
    assert waits.lost == 0
    assert lines[-1] == waits.sentence()


def test_the_waits_in_one_sentence() -> None:
    assert Waits().sentence() == "No feedback came."
    waits = Waits([3.0, 1.0, 2.0], lost=1)
    assert waits.sentence() == "3 feedbacks: median 2.0 s, 95 % within 3.0 s, at most 3.0 s; 1 never came."
