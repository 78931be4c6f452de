"""What a test cell is worth, and where its names come from; the student's side is a dictionary here."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.examiner.testcells import Namespace, imported_by, run_given_cell, run_test_cell
from autograder.examiner.verdict import CellVerdict
from autograder.room.errors import RoomNameError
from course.handing_in.sourcecells import SourceCell, SourceNotebook


class Names:
    """Stands for the student's run: it knows names, and notes which it was asked for."""

    double = asks_in_double = False

    def __init__(self, **names: Any) -> None:
        self.names, self.asked = names, list[str]()

    def get(self, name: str) -> Any:
        self.asked.append(name)
        if name not in self.names:
            raise RoomNameError(name)
        return self.names[name]


def run(source: str, student: Names | None = None, given: str = "") -> CellVerdict:
    namespace = Namespace(student or Names())  # type: ignore[arg-type]
    run_given_cell(given, namespace)
    return run_test_cell(SourceCell("test", "code", source, "", True, True, False, False, 4.0), namespace)


@pytest.mark.parametrize(
    ("source", "points"),
    [
        ("pass", 4),
        ("assert True", 4),
        ("x = 0", 4),
        ("'text'", 4),
        ("2.5", 2.5),
        ("0", 0),
        ("4", 4),
        ("None", 4),
        ("", 4),
    ],
)
def test_a_cell_that_ends_gives_its_last_number_or_everything(source: str, points: float) -> None:
    assert (run(source).points, run(source).reason) == (points, "")


@pytest.mark.parametrize("source", ["-0.5", "4.5", "True", "float('nan')", "float('inf')", "10**400", "-(10**5000)"])
def test_a_number_that_no_cell_may_give_is_worth_nothing(source: str) -> None:
    found = run(source)
    assert found.points == 0
    assert found.reason.endswith("it may give 0 to 4.")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("assert 1 == 2, 'one is not two'", "one is not two"),
        ("raise ValueError('no such number')", "no such number"),
        ("import sys; sys.exit(1)", "ended the program"),
        ("def f(:", "SyntaxError"),
    ],
)
def test_a_cell_that_fails_is_worth_nothing_and_says_why(source: str, reason: str) -> None:
    found = run(source)
    assert found.points == 0
    assert reason in found.reason


def test_checks_travel_with_the_points() -> None:
    found = run(
        "from course.checks import Checks\nchecks = Checks('f', points=4)\nwith checks('right'): pass\n"
        "with checks('wrong'): assert False, 'it is not'\nchecks.score()"
    )
    assert found.points == 2
    assert [(check.name, check.points, check.message) for check in found.checks] == [
        ("right", 2, ""),
        ("wrong", 0, "it is not"),
    ]


def test_names_are_looked_up_here_then_at_the_students() -> None:
    student = Names(answer=3, len=lambda x: 99, given=0)
    assert run("assert (answer, len('ab'), given) == (3, 2, 7)", student, given="given = 7").points == 4
    assert student.asked == ["answer"]
    assert "'nowhere'" in run("nowhere", student).reason
    run("__builtin__", student)
    assert student.asked == ["answer", "nowhere"], "a name of Python's own is not asked of the student"


def test_magics_do_nothing_and_what_a_cell_prints_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("%matplotlib inline\nprint('secret')\n3", given="%config x=1\n1 / 0").points == 3
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import numpy as np, math\nfrom course.checks import figures", ["numpy", "math", "course.checks"]),
        ("def f():\n    from math import pi\n\n\nfrom . import g", ["math"]),
        ("import json\nchecks.drawn_again(report)", ["autograder.examiner.redrawn", "json"]),
        ("import", []),
    ],
)
def test_a_worker_imports_what_locked_cells_take(source: str, expected: list[str]) -> None:
    def cell(*, locked: bool) -> SourceCell:
        return SourceCell("test", "code", source, "", locked, locked, not locked, False, 1.0)

    assert imported_by(SourceNotebook("ps", "ps", None, (cell(locked=True), cell(locked=True)))) == expected
    assert imported_by(SourceNotebook("ps", "ps", None, (cell(locked=False),))) == []
