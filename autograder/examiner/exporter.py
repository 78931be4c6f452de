"""What `nbgrader autograde` exports with: it looks for a wall before nbgrader touches anything, and reads submissions.

nbgrader would read them with nbformat, which refuses notebooks that JupyterLab opens, and would look for them by
patterns, so that a student's folder called `[a]` would be that of the student `a`.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException

from autograder.course_folder import CourseFolder, found_literally
from autograder.errors import UserError
from autograder.examiner.outdated import require_this_version
from autograder.examiner.preprocessor import Examiner
from autograder.examiner.rooms import require_wall
from autograder.examiner.sourcecells import require_python, source_notebooks
from autograder.gradebook import open_gradebook
from autograder.lock import alone
from autograder.penalties import Penalties
from autograder.provenance import entered
from autograder.renamed import find_renamed, notebook_names
from autograder.room.errors import SandboxUnavailable
from autograder.tables import make_tables
from autograder.timestamps import exchange_zone, read_timestamp_file
from autograder.versions import versions


class WalledExporter(NotebookExporter):
    """Writes notebooks as nbgrader's own exporter does, and refuses to be made where student code would be refused.

    nbgrader makes its exporter first of all. Later it has removed what was graded before, and answers every
    exception with a traceback for each student.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        if isinstance(self.parent, BaseConverter):
            _bring_up_to_date(self.parent)
        if isinstance(self.parent, Autograde):
            self.parent.assignments = found_literally(self.parent, _renamed(self.parent))
        examiner = Examiner(parent=self)
        if examiner.unprotected:  # the examiner says so itself, with each submission
            return
        try:
            require_wall(examiner.settings())
        except SandboxUnavailable as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from None

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Export a notebook; of one that a student handed in nothing is read here, where nothing bounds the reading."""
        if resources is None or not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources, **kw)
        resources["metadata"] = {"name": resources["nbgrader"]["notebook"], "path": str(Path(filename).parent)}
        return self.from_notebook_node(new_notebook(), resources, **kw)  # type: ignore[no-untyped-call]


def _graded_by_this_version(gradebook: Gradebook, assignment: str) -> bool:
    """Tell whether this code has graded the assignment before: its test cells then need no look, which costs time."""
    return any(made.grader == versions()["grader"] for made in entered(gradebook, assignment).values())


def _renamed(converter: BaseConverter) -> Callable[[Path], list[Path]]:
    """Return a function that names the notebooks which a submission has under other names, as nbgrader is to know them.

    nbgrader does not read them; `Examiner` finds the files.
    """
    directory = converter.coursedir
    course, assignment = CourseFolder(Path(directory.root), converter.config), directory.assignment_id
    names = fnmatch.filter(sorted(notebook_names(course, assignment)), directory.notebook_id)

    def found(folder: Path) -> list[Path]:
        paths = [folder / f"{name}.ipynb" for name in names]
        return [
            path
            for path in paths
            if not os.path.lexists(path) and len(find_renamed(course, assignment, folder, path.stem)) == 1
        ]

    return found


def _bring_up_to_date(converter: BaseConverter) -> None:
    """Have nbgrader read time stamps as we do, and bring late penalties up to date, of what it skips too.

    While `autograder grade` is busy with the assignment, nbgrader ends here: two graders of it would write to the same
    folders.
    """
    directory = converter.coursedir
    home = exchange_zone(converter.config)
    # nbgrader has no setting for this; its own reading takes CEST for UTC, and ends at what is no date.
    directory.get_existing_timestamp = lambda folder: read_timestamp_file(Path(folder), home).utc
    course = CourseFolder(Path(directory.root), converter.config)
    try:
        with alone(course, directory.assignment_id), open_gradebook(course) as gradebook:
            make_tables(gradebook)
            sources = source_notebooks(gradebook, directory.assignment_id, course).values()
            require_python(sources)
            if Examiner(parent=converter).grading_mode() == "examiner" and not _graded_by_this_version(
                gradebook, directory.assignment_id
            ):
                for source in sources:  # later, nbgrader would have removed it all
                    require_this_version(source)
            Penalties(converter.config).update(gradebook, directory.assignment_id)
    except MissingEntry:  # nbgrader says so itself
        return
    except UserError as error:
        converter.log.error("%s", error)
        raise NbGraderException(str(error)) from None
