"""The order of cells is the notebook's, and what `release/` and `source/` say about them goes along."""

from __future__ import annotations

import shutil

import nbformat
import pytest
from nbgrader.api import SourceCell

from autograder.errors import UserError
from autograder.examiner.sourcecells import require_python, source_notebooks
from course.handing_in.sourcecells import SourceNotebook
from tests.support.classroom import MINI, Classroom
from tests.support.classroom_fixtures import released, room

__all__ = ["released", "room"]

ORDER = ["given", "double", "test_double", "mean", "test_mean", "essay"]


def order(room: Classroom) -> list[str]:
    with room.gradebook() as gradebook:
        return [cell.name for cell in source_notebooks(gradebook, MINI, room.course)[MINI].cells]


def shuffle(room: Classroom) -> None:
    """Let the database return the cells backwards, as it may after some were corrected."""
    with room.gradebook() as gradebook:
        cells = gradebook.find_notebook(MINI, MINI).source_cells
        told = [{key: getattr(cell, key) for key in SourceCell.__table__.columns.keys()} for cell in cells]  # noqa: SIM118
        for cell in cells:
            gradebook.db.delete(cell)
        gradebook.db.commit()
        for number, fields in enumerate(reversed(told)):
            gradebook.db.add(SourceCell(**{**fields, "id": f"{number:032}"}))
            gradebook.db.commit()


@pytest.mark.parametrize("kept", [("release", "source"), ("release",), ("source",)])
def test_it_is_the_notebooks(room: Classroom, kept: tuple[str, ...]) -> None:
    shuffle(room)
    with room.gradebook() as gradebook:
        assert [cell.name for cell in source_notebooks(gradebook, MINI)[MINI].cells] == ORDER[::-1]
    for step in {"release", "source"} - set(kept):
        shutil.rmtree(room.course.root / step)
    assert order(room) == ORDER


def test_what_only_the_source_has_stands_where_it_has_it(room: Classroom) -> None:
    path = room.course.folder("release", MINI) / f"{MINI}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.nbgrader.grade_id in ("double", "essay")]
    nbformat.write(notebook, path)
    shuffle(room)
    assert order(room) == ORDER


def test_a_broken_notebook_is_passed_over(room: Classroom) -> None:
    for step in ("release", "source"):
        (room.course.folder(step, MINI) / f"{MINI}.ipynb").write_text('{"cells": [{}]}')
    assert sorted(order(room)) == sorted(ORDER)


@pytest.mark.parametrize("spec", [None, {}, {"name": "own"}, {"name": "python3", "language": "Python"}])
def test_python_by_whatever_name(spec: dict[str, str] | None) -> None:
    require_python([SourceNotebook(MINI, MINI, spec, ())])


@pytest.mark.parametrize("language", ["R", "julia", "sas"])
def test_other_languages_are_refused(language: str) -> None:
    with pytest.raises(UserError, match=f"is written in {language}, and only Python"):
        require_python([SourceNotebook(MINI, MINI, {"name": "x", "language": language}, ())])


def test_released_cells_have_texts_and_ids_and_travel_as_text(room: Classroom) -> None:
    with room.gradebook() as gradebook:
        found = source_notebooks(gradebook, MINI, room.course)[MINI]
    released = {cell.name: cell for cell in found.released if cell.name}
    assert list(released) == [cell.name for cell in found.cells]
    assert all(cell.ids for cell in released.values())
    assert "HIDDEN" not in released["test_double"].source
    assert SourceNotebook.from_text(found.text) == found


def test_without_the_folders_the_gradebook_is_enough(room: Classroom) -> None:
    with room.gradebook() as gradebook:
        assert source_notebooks(gradebook, MINI)[MINI].released == ()
