"""Where the time of a submission goes, measured once for real."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course_folder import CourseFolder
from benchmarks.accounting import CountingGroup, open_account
from benchmarks.honest import make_course
from benchmarks.parts import ASSIGNMENT, PARTS, PROCESSES, START, Parts, parts_sections

COURSE = CourseFolder.find(Path(__file__).parents[2])

TWO_KINDS = 10
"""So many submissions that the right answers of one of them, not of the first, say `torch`."""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """The parts of submissions of which one names torch, and has other rooms."""
    folder = tmp_path_factory.mktemp("parts") / "course"
    made = make_course(COURSE, folder, ASSIGNMENT, COURSE.answers, TWO_KINDS, stock=False)
    command = [sys.executable, "-m", "benchmarks.parts", str(made.root)]
    said = subprocess.run(command, cwd=COURSE.root, stdout=subprocess.PIPE, text=True, check=True).stdout
    return Parts(**json.loads(said.splitlines()[-1]))


def groups_can_be_made() -> bool:
    with open_account() as account:
        return isinstance(account, CountingGroup)


def test_every_part_has_taken_time(measured: Parts) -> None:
    of_groups = {"forking", "ending"}
    wanted = {
        name
        for name in PARTS
        if groups_can_be_made() or name.split()[0] not in ("ordinary", "bare") or name.split()[1] not in of_groups
    }
    assert measured.by_part.keys() == wanted
    assert all(milliseconds > 0 for milliseconds in measured.by_part.values())
    assert measured.start.keys() == START.keys()


def test_the_parts_of_a_process_are_all_that_it_has_used(measured: Parts) -> None:
    for kind, times in measured.by_process.items():
        parts = [taken for name, taken in measured.by_part.items() if name.split()[0] == kind]
        assert sum(parts) == pytest.approx(sum(times))


def test_the_table_adds_up(measured: Parts) -> None:
    whole, processes, _ = parts_sections(measured)
    assert float(whole.rows[-1][1]) == pytest.approx(sum(measured.by_part.values()), abs=0.05)
    assert len(processes.rows) == len(measured.by_process) <= len(PROCESSES)
