"""An assignment that people have handed in keeps its cells, and nbgrader says what to do about it."""

from __future__ import annotations

from collections.abc import Callable

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import SaveCells as NbgradersSaveCells

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.publish.notebooks import generate_assignment
from autograder.publish.save_cells import SaveCells
from tests.support.classroom import MINI, ROOT, Classroom
from tests.support.classroom_fixtures import released, room

__all__ = ["released", "room"]


def test_nothing_else_of_generating_is_changed() -> None:
    def names(steps: list[object]) -> list[str]:
        return [step if isinstance(step, str) else step.__name__ for step in steps]

    theirs = names(GenerateAssignment().preprocessors)
    ours = [name.rpartition(".")[2] for name in CourseFolder.load(ROOT).config.GenerateAssignment.preprocessors]
    assert ours == theirs
    assert SaveCells.__name__ == NbgradersSaveCells.__name__


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda nb: nb.cells.pop(4), "(gone: test_mean)"),
        (lambda nb: nb.cells[3].metadata.nbgrader.update(grade_id="new"), "(new: new; gone: mean)"),
        (
            lambda nb: nb.cells[0].metadata.nbgrader.update(solution=True, locked=False),
            "(the same cells in other roles)",
        ),
    ],
)
def test_with_submissions_cells_neither_come_nor_go(
    room: Classroom, change: Callable[[NotebookNode], object], said: str
) -> None:
    with room.gradebook() as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission(MINI, "ada")
    path = room.course.folder("source", MINI) / f"{MINI}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)
    with pytest.raises(UserError) as error:
        generate_assignment(room.course, MINI)
    assert said in str(error.value)
    assert f"nbgrader db assignment remove {MINI} --force" in str(error.value)
    with room.gradebook() as gradebook:
        gradebook.remove_assignment(MINI)
    generate_assignment(room.course, MINI)
