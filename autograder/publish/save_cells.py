"""nbgrader's step that saves an assignment's cells to the gradebook, with a refusal that says what to do."""

from __future__ import annotations

from nbformat import NotebookNode
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import SaveCells as NbgradersSaveCells


class SaveCells(NbgradersSaveCells):
    """Saves cells; where submissions forbid that cells come or go, it names the cells and the way out."""

    def _create_notebook(self, nb: NotebookNode) -> None:
        try:
            super()._create_notebook(nb)
        except RuntimeError:
            raise NbGraderException(self._refusal()) from None

    def _refusal(self) -> str:
        new = {*self.new_grade_cells, *self.new_solution_cells, *self.new_task_cells, *self.new_source_cells}
        old = {*self.old_grade_cells, *self.old_solution_cells, *self.old_task_cells, *self.old_source_cells}
        sets = {"new": new - old, "gone": old - new}
        what = "; ".join(f"{word}: {', '.join(sorted(names))}" for word, names in sets.items() if names)
        return (
            f"Cannot add or remove cells of {self.notebook_id!r}, nor change what they are for: the gradebook has "
            f"submissions of {self.assignment_id!r} ({what or 'the same cells in other roles'}). Undo that in source/, "
            f"or run 'nbgrader db assignment remove {self.assignment_id} --force' (points given by hand are lost; what "
            f"was handed in stays), then this again, then 'autograder grade {self.assignment_id}'."
        )
