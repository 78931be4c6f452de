"""Every lesson lets the reader write code at least twice; such a cell is kind as shipped and has a solution."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

import pytest

from tests.support import lessons
from tests.support.your_turn import Turn, turns

WITHOUT = {"00_start_here", "09_interview"}
"""In 00 the reader mends a function, in 09 the reader speaks."""

TURNS = {name: turns(name) for name in lessons.NAMES}
every_turn = pytest.mark.parametrize(
    "turn", [pytest.param(turn, id=f"{name[:2]}-{turn.name}") for name in TURNS for turn in TURNS[name].values()]
)


@pytest.mark.parametrize("name", [name for name in lessons.NAMES if name not in WITHOUT])
def test_a_lesson_has_at_least_two(name: str) -> None:
    assert len(TURNS[name]) >= 2


@every_turn
def test_as_shipped_every_check_says_that_nothing_is_written(turn: Turn) -> None:
    score = turn.score()
    assert float(score) == 0
    assert len(score.checks) >= 3
    assert {check.message for check in score.checks} == {"Not written yet."}


@every_turn
def test_the_solution_passes_and_is_as_long_as_the_cell_says(turn: Turn) -> None:
    assert turn.failed(turn.solution) == {}
    said = re.search(r"# your code: (\d)(?: (?:or|to) (\d))? lines?$", turn.shipped, re.MULTILINE)
    assert said, turn.shipped
    written = lines(turn.solution) - lines(turn.shipped) + turn.shipped.count("raise NotImplementedError")
    assert int(said[1]) <= written <= int(said[2] or said[1])


@every_turn
def test_no_later_cell_needs_what_the_reader_wrote_or_a_check_set(turn: Turn) -> None:
    assert turn.used_later() == set()


def test_a_name_that_is_used_later_is_found() -> None:
    """The check above can fail."""
    (turn, *_) = TURNS["11_todays_models"].values()
    assert replace(turn, after=("a = 1", "print(a, checks)", "def f():\n    return geglu")).used_later() == {
        "checks", "geglu",
    }  # fmt: skip


def lines(source: str) -> int:
    """Lines of code, each statement or head of one on a line, without docstrings and comments."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            del node.body[0]
    return len([line for line in ast.unparse(tree).splitlines() if line.strip()])
