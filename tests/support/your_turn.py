"""The cells of a lesson in which readers write code: what their checks say of an answer.

A lesson has a test module of its own, `tests/course/lessons/test_NN_name.py`, with right answers in several styles and
wrong ones; `tests/flows/test_your_turn.py` asks of every lesson what holds for all.
"""

from __future__ import annotations

import ast
import dis
import re
from collections.abc import Iterable
from dataclasses import dataclass
from types import CodeType
from typing import Any

from course.checks import Score
from tests.support import lessons

_SOLUTION = re.compile(r"<details><summary>Solution</summary>.*?```python\n(.*?)```.*</details>", re.DOTALL)


@dataclass(frozen=True)
class Turn:
    """One cell for the reader's code: as it is shipped, the cell of checks behind it, and the folded solution."""

    name: str
    shipped: str
    test: str
    solution: str
    before: tuple[str, ...]
    """Sources of the code cells before it, from the top of the lesson."""
    after: tuple[str, ...]
    """Sources of the code cells behind its checks, to the end of the lesson."""

    def changed(self, old: str, new: str) -> str:
        """Return the solution with a slip in it."""
        assert self.solution.count(old) == 1, f"{old!r} does not stand once in the solution of {self.name}"
        return self.solution.replace(old, new)

    def score(self, answer: str | None = None) -> Score:
        """Return what the cell of checks returns for an answer; for the cell as it is shipped, if there is none."""
        source = self.shipped if answer is None else answer
        names: dict[str, Any] = {}
        exec("\n\n".join([self.before[0], *_needed(self.before[1:], [source, self.test]), source]), names)
        *rest, last = ast.parse(self.test).body
        exec(compile(ast.Module(rest, []), self.name, "exec"), names)
        return eval(ast.unparse(last), names)

    def failed(self, answer: str | None = None) -> dict[str, str]:
        """Return the names of the checks that fail for an answer, each with its message."""
        return {check.name: check.message for check in self.score(answer).checks if not check.passed}

    def used_later(self) -> set[str]:
        """Return the names that its cells set, the function included, and that a later cell uses as they are."""
        own = _names(self.shipped, "STORE_NAME") | _names(self.test, "STORE_NAME")
        used: set[str] = set()
        for statement in _statements(self.after):
            used |= own & _read(statement)
            own -= _names(statement, "STORE_NAME")
        return used


def turns(lesson: str) -> dict[str, Turn]:
    """Return the cells for readers' code of a lesson by the titles of their checks, in order."""
    cells = lessons.read(lesson).cells
    found = {}
    for index, cell in enumerate(cells):
        title = re.search(r'= Checks\("(\w+)"', cell.source) if cell.cell_type == "code" else None
        if title and "raise NotImplementedError" in cells[index - 1].source:
            solution = _SOLUTION.fullmatch(cells[index + 1].source)
            assert solution, f"{lesson}: no folded solution behind the checks of {title[1]}"
            before, after = (
                tuple(other.source for other in part if other.cell_type == "code")
                for part in (cells[: index - 1], cells[index + 1 :])
            )
            found[title[1]] = Turn(title[1], cells[index - 1].source, cell.source, solution[1], before, after)
    return found


def _needed(cells: Iterable[str], sources: Iterable[str]) -> list[str]:
    """Return the top-level statements of earlier cells that give `sources` the names they use, in order."""
    wanted: set[str] = set()
    for source in reversed(list(sources)):
        wanted = (wanted - _names(source, "STORE_NAME")) | _read(source)
    found = []
    for statement in reversed(_statements(cells)):
        if wanted & _names(statement, "STORE_NAME"):
            wanted = (wanted - _names(statement, "STORE_NAME")) | _read(statement)
            found.append(statement)
    return found[::-1]


def _statements(cells: Iterable[str]) -> list[str]:
    return [ast.unparse(statement) for cell in cells for statement in ast.parse(cell).body]


def _read(source: str) -> set[str]:
    return _names(source, "LOAD_NAME", "LOAD_GLOBAL") - _names(source, "STORE_NAME")


def _names(source: str, *operations: str) -> set[str]:
    """Return the names with which a module's text does something, its functions and classes included."""

    def within(code: CodeType) -> set[str]:
        own = {step.argval for step in dis.get_instructions(code) if step.opname in operations}
        return own.union(*(within(part) for part in code.co_consts if isinstance(part, CodeType)))

    return within(compile(source, "lesson", "exec"))
