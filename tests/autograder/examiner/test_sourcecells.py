"""What `release/` and `source/` say about cells goes along with what the gradebook says."""

from __future__ import annotations

from autograder.examiner.sourcecells import SourceNotebook, source_notebooks
from tests.support.classroom import MINI, Classroom
from tests.support.classroom_fixtures import released, room

__all__ = ["released", "room"]



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
