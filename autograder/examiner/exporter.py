"""What `nbgrader autograde` exports with: it looks for a wall before nbgrader touches anything."""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.converters.base import NbGraderException

from autograder.examiner.preprocessor import Examiner
from autograder.examiner.rooms import require_wall
from autograder.room.errors import SandboxUnavailable


class WalledExporter(NotebookExporter):
    """Writes notebooks as nbgrader's own exporter does, and refuses to be made where student code would be refused.

    nbgrader makes its exporter first of all. Later it has removed what was graded before, and answers every
    exception with a traceback for each student.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        examiner = Examiner(parent=self)
        if examiner.unprotected:  # the examiner says so itself, with each submission
            return
        try:
            require_wall(examiner.settings())
        except SandboxUnavailable as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from None
