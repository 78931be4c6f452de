"""What test cells raise ends them alone, and what cells print is bounded for the notebook as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from autograder.examiner.student import StudentRun
from autograder.room.session import RoomFactory
from tests.autograder.examiner.conftest import LIMITS

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
