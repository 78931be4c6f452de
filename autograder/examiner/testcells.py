"""Runs the cells that are not the student's, test cells and given cells, in the examiner's own namespace."""

from __future__ import annotations

import ast
import contextlib
import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from autograder.examiner.proxies import StudentObject
from autograder.examiner.student import StudentRun
from autograder.examiner.verdict import CellVerdict
from autograder.room.walls.environment import without_places
from course.checks import CheckResult, Score, describe
from course.handing_in.cellcode import execute, is_from_scratch, parse
from course.handing_in.celltext import visible_part
from course.handing_in.names import Names
from course.handing_in.sourcecells import SourceCell, SourceNotebook

_LONG = 10**100
"""Python writes out no integer of thousands of digits, and nobody wants to read one of a hundred."""


class _Magics:
    """Stands in for IPython's shell: line magics such as `%matplotlib inline` matter only to the student's kernel."""

    def run_line_magic(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing."""

    def run_cell_magic(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing."""


_ASKS_THE_USER = {"input", "print"}
"""Built-in functions that tests put their own in the place of."""


class Namespace(Names):
    """Globals of the examiner's cells; a name they lack is looked up in the student room.

    Parameters
    ----------
    student : StudentRun
        Whose names are looked up.
    theirs : Iterable[str], optional
        Names that answers are to define.
    """

    def __init__(self, student: StudentRun, theirs: Iterable[str] = ()) -> None:
        super().__init__(get_ipython=_Magics)
        self._student = student
        self._theirs = {*theirs, *_ASKS_THE_USER}
        self.replaced: set[str] = set()
        """Names of the student's that tests gave something of their own, which the student's code does not see."""

    def bare(self) -> Namespace:
        """Return these globals, with names that they lack looked up in the bare room."""
        namespace = Namespace(self._student.bare(), self._theirs)
        namespace.update(self)
        return namespace

    def find(self, name: str) -> Any:
        """Return a variable of the notebook."""
        found = self._student.get(name)
        self._theirs.add(name)
        return found

    def take_away(self, name: str) -> None:
        """Delete a variable of the notebook."""
        try:
            self._student.delete(name)
        except NameError as error:
            raise KeyError(name) from error

    def __setitem__(self, name: str, value: Any) -> None:
        """Set a name here, or put back in the notebook what was deleted there."""
        if name in self.deleted and isinstance(value, StudentObject):
            self._student.put(name, value)
            self.deleted.discard(name)
            return
        if name in self._theirs and (value is None or callable(value)) and not isinstance(value, StudentObject):
            self.replaced.add(name)
        super().__setitem__(name, value)

    @property
    def student(self) -> StudentRun:
        """Whose names are looked up."""
        return self._student


def run_given_cell(source: str, namespace: Namespace) -> None:
    """Run a given cell for the names it defines; if it fails, the student's kernel shows why."""
    with contextlib.suppress(BaseException):
        _execute(source, "<given cell>", namespace)
    namespace.replaced.clear()  # the notebook's code sees what a given cell defines


def run_test_cell(cell: SourceCell, namespace: Namespace) -> CellVerdict:
    """Run a test cell to its end and return what it is worth.

    Full marks come from a cell that ran to its end and gave no number; a `Score` or a number from 0 to the
    cell's points gives that; anything else, an exception included, gives 0 with the reason.

    A cell whose `Checks` are `from_scratch` is run in the bare room. Its visible part is run in the ordinary room too:
    a check that fails there says what JupyterLab says, and one earns its points if it passes in both.
    """
    found = _in_rooms(cell, namespace)
    if found.points == cell.points or not namespace.student.double:
        return found
    # What the student made in float64 may want the same of the test cell, which is then as in JupyterLab.
    with namespace.student.in_double():
        again = _in_rooms(cell, namespace)
    return again if again.points > found.points else found


def _in_rooms(cell: SourceCell, namespace: Namespace) -> CellVerdict:
    if not is_from_scratch(cell.source):
        found = _run(cell, cell.source, namespace)
        return _with_replaced(found, namespace)
    seen = _run(cell, visible_part(cell.source), namespace)
    return _joined(seen, _run(cell, cell.source, namespace.bare()))


def _with_replaced(found: CellVerdict, namespace: Namespace) -> CellVerdict:
    """Say, where points are missing, that the test puts something of its own in the place of the student's."""
    names, namespace.replaced = sorted(namespace.replaced), set()
    if not names or not found.reason:
        return found
    told = f"The test replaces {', '.join(names)}, which the notebook's code sees in in-kernel mode only."
    return replace(found, reason=f"{found.reason} {told}")


def imported_by(source: SourceNotebook) -> list[str]:
    """Return the modules that grading a notebook's locked cells imports, in their order.

    Those that the cells name (of `from a import b` it is `a`), and what draws a figure again where a cell asks for it:
    it brings Matplotlib, which each submission's own process would import once more.
    """
    found: dict[str, None] = {}
    for cell in source.cells:
        if cell.cell_type == "code" and cell.locked:
            if ".drawn_again(" in cell.source:
                found["autograder.examiner.redrawn"] = None
            with contextlib.suppress(SyntaxError):  # running it says so
                for node in ast.walk(parse(cell.source, cell.name)):
                    if isinstance(node, ast.Import):
                        found |= dict.fromkeys(alias.name for alias in node.names)
                    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                        found[node.module] = None
    return list(found)


def _joined(seen: CellVerdict, bare: CellVerdict) -> CellVerdict:
    """Return the verdict of the bare room, where checks that failed before students' eyes fail with that message."""
    failed = {check.name: check.message for check in seen.checks if not check.passed}
    checks = tuple(
        replace(check, points=0.0, message=failed[check.name]) if check.name in failed else check
        for check in bare.checks
    )
    if bare.reason or seen.reason:
        return replace(bare, points=0.0, reason=seen.reason or bare.reason)
    if all(check.passed for check in checks):
        return bare
    return replace(bare, points=round(sum(check.points for check in checks), 4), checks=checks)


def _run(cell: SourceCell, source: str, namespace: Namespace) -> CellVerdict:
    def verdict(points: float, reason: str = "", checks: tuple[CheckResult, ...] = ()) -> CellVerdict:
        return CellVerdict(cell.name, points, cell.points, checks, reason, figures)

    figures: tuple[Any, ...] = ()

    try:
        result = _execute(source, f"<{cell.name}>", namespace)
    except BaseException as error:  # pytest.fail raises no Exception either
        return verdict(0.0, without_places(describe(error)))
    checks, figures = (result.checks, result.figures) if type(result) is Score else ((), ())
    if isinstance(result, int | float):
        if isinstance(result, bool) or not 0 <= result <= cell.points:  # nor is NaN in between
            gave = repr(result) if abs(result) < _LONG or not isinstance(result, int) else "far too many"
            return verdict(0.0, f"The test cell gave {gave} points; it may give 0 to {cell.points:g}.", checks)
        return verdict(float(result), checks=checks)
    return verdict(cell.points)


def _execute(source: str, filename: str, namespace: Namespace) -> Any:
    """Run a cell as IPython would and return the value of its last expression, or None."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        _default_dtype(double=namespace.student.asks_in_double),
    ):
        return execute(source, filename, namespace)


@contextlib.contextmanager
def _default_dtype(*, double: bool) -> Iterator[None]:
    """Compute in float64, as a test cell would in a kernel where the student left that on."""
    torch = sys.modules.get("torch")
    if torch is None or not double:
        yield
        return
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
