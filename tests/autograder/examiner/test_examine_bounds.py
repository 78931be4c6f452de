"""What test cells raise ends them alone, and what cells print is bounded for the notebook as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from autograder.examiner.examine import examine
from autograder.examiner.proxies import StudentStopped
from autograder.examiner.student import StudentRun
from autograder.room.clock import RoomClock
from autograder.room.session import RoomFactory
from course.handing_in.restore import restore
from tests.autograder.examiner.conftest import LIMITS, Paper

ENDS_A_PROGRAM = {
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "SystemExit": "raise SystemExit(3)",
    "GeneratorExit": "raise GeneratorExit",
    "pytest.fail": "import pytest\npytest.fail('not right')",
}


@pytest.mark.parametrize("what", ENDS_A_PROGRAM)
def test_a_test_cell_that_would_end_a_program_ends_itself(grade: Callable[..., Any], what: str) -> None:
    tests = {"first": ENDS_A_PROGRAM[what], "second": "assert answer == 1"}
    _, verdict = grade(tests, {"first": "answer = 1", "second": ""}, given=ENDS_A_PROGRAM[what])
    assert [cell.points for cell in verdict.cells] == [0, 4]
    assert verdict.cells[0].reason


def test_output_is_bounded_for_the_notebook_as_a_whole(warm: RoomFactory) -> None:
    limits = replace(LIMITS, all_output_bytes=2500)
    with StudentRun(warm, {}, limits) as student:
        runs = [student.run_cell("print('x' * 999)") for _ in range(5)]
    texts = ["".join(output.text for output in run.outputs) for run in runs]
    assert [text.count("x") for text in texts] == [999, 999, 500, 0, 0]
    assert all("[output cut: the cells of a notebook keep" in text for text in texts[2:])


@pytest.fixture
def costly(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clock of a room, whatever runs takes four seconds."""
    monkeypatch.setattr(RoomClock, "since", lambda *_: 4.0)


DEADLY = "def answer():\n    import os\n    os._exit(1)\n"
TRAININGS = ["first = 1", "second = 2", "third = 3"]


@pytest.mark.usefixtures("costly")
def test_a_replay_gives_each_cell_its_own_time(warm: RoomFactory) -> None:
    """Three cells of four seconds together take longer than a cell may, and are there again after a death."""
    with StudentRun(warm, {}, replace(LIMITS, cell_seconds=10, submission_seconds=100)) as student:
        runs = [student.run_cell(source) for source in [*TRAININGS, "import os\nos._exit(1)", "fourth = first + third"]]
        assert [run.ended for run in runs] == ["ok", "ok", "ok", "died", "ok"]
        assert student.get("fourth") == 4


@pytest.mark.usefixtures("costly")
def test_replays_are_bounded_by_the_time_of_the_submission(warm: RoomFactory) -> None:
    """Each death costs the three cells once more: 12 + 4 s, then 12 + 4 s, and 4 s are left of 36."""
    deadly = "import os\nos._exit(1)"
    with StudentRun(warm, {}, replace(LIMITS, cell_seconds=10, submission_seconds=36)) as student:
        runs = [student.run_cell(source) for source in [*TRAININGS, deadly, deadly, "fourth = 4"]]
    assert [run.ended for run in runs] == ["ok", "ok", "ok", "died", "died", "died"]
    assert "used up" in runs[-1].note
    assert "used up" not in runs[-2].note


CHANGED = "SCALE = 2\ntrained = sum(range(10))\n{more}"
COSTLY_CELLS = {"endless": "while True:\n    pass\n", "sleeps": "import time\ntime.sleep(3600)\n"}


@pytest.mark.parametrize("kind", COSTLY_CELLS)
def test_what_was_added_to_a_given_cell_is_bounded_like_any_other(warm: RoomFactory, kind: str) -> None:
    """Its text runs as the student's, until it is stopped; the given cell runs after it, and what stands below."""
    paper = Paper("SCALE = 3", {"death": "answer()", "answer": "assert answer() == 3 * 45"})
    answers = {"death": DEADLY, "answer": "def answer():\n    return SCALE * sum(range(10))\n"}
    text = CHANGED.format(more=COSTLY_CELLS[kind])
    notebook, notes = restore(paper.handed_in({"given": text, **answers}), paper.source)
    verdict = examine(notebook, paper.source, warm, {}, replace(LIMITS, cell_seconds=3), notes=notes)
    assert [cell.points for cell in verdict.cells] == [0, 4]
    (incident,) = verdict.incidents
    assert incident.what.startswith("stopped after 3 s")
    assert any("'given'" in note for note in notes)
    assert [cell.source for cell in notebook.cells[:2]] == [text, "SCALE = 3"]


@pytest.mark.usefixtures("costly")
def test_a_training_in_a_given_cell_is_counted_each_time_it_runs(warm: RoomFactory) -> None:
    """The student's text, the given cell and the answer take 12 s; a submission of 10 s has none for the check."""
    paper = Paper("SCALE = 3", {"answer": "assert answer == 135"})
    given = {"given": CHANGED.format(more=""), "answer": "answer = SCALE * trained"}
    points = []
    for seconds in (100, 10):
        notebook, notes = restore(paper.handed_in(given), paper.source)
        limits = replace(LIMITS, submission_seconds=seconds)
        verdict = examine(notebook, paper.source, warm, {}, limits, notes=notes)
        points.append(verdict.cells[0].points)
    assert points == [4, 0]
    assert "used up" in verdict.cells[0].reason


BACKGROUND = "import os\nif os.fork() == 0:\n    while True: pass\n"


def test_processor_time_that_is_used_up_ends_what_follows_and_says_so(warm: RoomFactory) -> None:
    """What it met is told at the cell that ran then, in the words of every later one."""
    told = "all processes of the submission together used more than 0.5 s of processor time"
    with StudentRun(warm, {}, replace(LIMITS, processor_seconds=0.5)) as student:
        runs = [
            student.run_cell(source) for source in ["first = 1", BACKGROUND, "import time\ntime.sleep(60)", "x = 1"]
        ]
        with pytest.raises(StudentStopped, match=told):
            student.get("first")
    assert [run.ended for run in runs] == ["ok", "ok", "died", "died"]
    assert [run.note for run in runs[2:]] == [f"the kernel was killed: {told}", told]
