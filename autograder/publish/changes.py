"""Tells whether `source/` has changed since `nbgrader generate_assignment` put it into the gradebook."""

from __future__ import annotations

from collections.abc import Iterable

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import ClearSolutions, IncludeHeaderFooter

from autograder.course_folder import CourseFolder
from course.handing_in.sourcecells import SourceCell, SourceNotebook

AUTOTEST = "AUTOTEST"


def changes(course: CourseFolder, assignment: str, sources: Iterable[SourceNotebook]) -> list[str]:
    """Return a line for each notebook of an assignment whose graded or locked cells differ from the gradebook's."""
    lines = []
    for source in sources:
        path = course.folder("source", assignment) / f"{source.name}.ipynb"
        try:
            notebook = nbformat.read(path, as_version=4)
        except Exception:  # no notebook, or none that nbgrader could generate: it says so when it is asked to
            continue
        if changed := _changed(course, notebook, source):
            lines.append(
                f"{path} is not what the gradebook has (cell {', '.join(map(repr, changed[:4]))}"
                f"{' and others' if len(changed) > 4 else ''}): graded as the gradebook has it. "
                f"Run 'nbgrader generate_assignment {assignment} --force' and grade again; if cells came or went, "
                f"first 'nbgrader db assignment remove {assignment} --force', which loses points given by hand."
            )
    return lines


def _changed(course: CourseFolder, notebook: NotebookNode, source: SourceNotebook) -> list[str]:
    known = {cell.name: cell for cell in source.cells}
    there = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if utils.is_grade(cell) or utils.is_solution(cell) or utils.is_locked(cell) or utils.is_task(cell)
    }
    solution = ClearSolutions(config=course.config).begin_solution_delimeter
    changed = [name for name, cell in there.items() if name not in known or _differs(cell, known[name], solution)]
    around = IncludeHeaderFooter(config=course.config)
    if not (around.header or around.footer):
        changed += [name for name in known if name not in there]
    return changed


def _differs(cell: NotebookNode, known: SourceCell, solution: str) -> bool:
    told = cell.metadata.nbgrader
    if utils.is_grade(cell) != known.grade or utils.is_task(cell) != known.task:
        return True
    if (known.grade or known.task) and float(told.get("points", 0)) != known.points:
        return True
    made = solution in cell.source or AUTOTEST in cell.source  # nbgrader writes these cells anew
    return known.locked and not made and cell.source != known.source
