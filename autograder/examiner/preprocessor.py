"""nbgrader preprocessors: `Restore` replaces OverwriteCells, `Examiner` replaces Execute."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Enum, Float, Integer, List, Unicode
from traitlets.config import Configurable

from autograder.course_folder import CourseFolder
from autograder.examiner.examine import Mode
from autograder.examiner.rooms import RoomSettings, preload_for
from autograder.examiner.sourcecells import source_notebooks
from autograder.examiner.task import Bounds, Task
from autograder.examiner.verdict import Verdict
from autograder.examiner.workers import grade_patiently
from autograder.handed_in import read_handed_in
from autograder.room.inside.limits import MIB, PROCESSORS, Limits
from autograder.room.walls import WallName
from course.handing_in.allowed import CELL_SECONDS, SUBMISSION_SECONDS
from course.handing_in.restore import restore
from course.handing_in.sourcecells import SourceNotebook

Resources = dict[str, Any]

UNPROTECTED_WARNING = "Student code runs WITHOUT a wall (unprotected): it can read and change your files, grades too."


class Restore(NbGraderPreprocessor):
    """Takes the released notebook, as the gradebook has it; `Examiner` reads what was handed in, within bounds."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook without an answer."""
        notebook, _ = restore(nbformat.v4.new_notebook(), _source_notebook(resources, course_folder(self)))
        return notebook, resources


class Examiner(NbGraderPreprocessor):
    """Runs a submission in two rooms and writes outputs and verdict into the notebook."""

    mode = Enum(
        ["examiner", "in-kernel"],
        default_value="examiner",
        help="Where test cells run: in the examiner, or as stock nbgrader has it in the student's kernel.",
    ).tag(config=True)
    cell_seconds = Float(CELL_SECONDS, help="Seconds for one cell.").tag(config=True)
    submission_seconds = Float(SUBMISSION_SECONDS, help="Seconds for all cells of a submission together.").tag(
        config=True
    )
    processor_seconds = Float(
        0.0,
        help="Processor seconds of all processes of a submission together; 0: eight times `submission_seconds`, "
        "which is eight processors that are busy all the time.",
    ).tag(config=True)
    memory_mib = Integer(2048, help="Memory of all processes of a submission together, in MiB.").tag(config=True)
    processes = Integer(64, help="Processes and threads of a submission.").tag(config=True)
    file_mib = Integer(64, help="Size of a file that a submission writes, in MiB.").tag(config=True)
    output_kib = Integer(1024, help="Output kept of one cell, in KiB.").tag(config=True)
    files_mib = Integer(
        64, help="Size of all files that a student hands in beside the notebook, in MiB; the assignment's do not count."
    ).tag(config=True)
    examining_seconds = Float(
        120.0, help="Processor seconds of this program for the test cells of one submission, its rooms not counted."
    ).tag(config=True)
    wall = Enum(
        ["auto", "namespaces", "landlock"],
        default_value="auto",
        help="What isolates student code from this machine: namespaces where they can be made, else Landlock.",
    ).tag(config=True)
    unprotected = Bool(
        False, help="Run student code WITHOUT a wall. Only for submissions that you would run yourself."
    ).tag(config=True)
    warm = Bool(True, help="Fork kernels from a fork server; off: a fresh interpreter for each submission.").tag(
        config=True
    )
    kernel_packages = List(
        Unicode(),
        help="In-kernel mode only: importable packages that the tests need and the sandbox would otherwise hide.",
    ).tag(config=True)

    def limits(self) -> Limits:
        """Return the configured limits."""
        return Limits(
            cell_seconds=self.cell_seconds,
            submission_seconds=self.submission_seconds,
            processor_seconds=self.processor_seconds or PROCESSORS * self.submission_seconds,
            memory_bytes=self.memory_mib * MIB,
            processes=self.processes,
            file_bytes=self.file_mib * MIB,
            output_bytes=self.output_kib * 1024,
        )

    def files_bytes(self) -> int:
        """Return how much of a student's own files goes along with the notebook."""
        return self.files_mib * MIB

    def bounds(self) -> Bounds:
        """Return what the trusted side may use for one submission."""
        return Bounds(examining_seconds=self.examining_seconds)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook with outputs and verdicts; what `autograder grade` would not read gets no points."""
        student = resources["nbgrader"]["student"]
        course = course_folder(self)
        source = _source_notebook(resources, course)
        handed_in = read_handed_in(course, source.assignment, student, source.name, self.files_bytes())
        graded = grade_patiently(
            Task(
                submission=handed_in.notebook,
                source=source.text,
                files=handed_in.files,
                settings=replace(self.settings(), preload=preload_for([source])),
                mode=self.grading_mode(),
                left_out=handed_in.notes,
                problem=handed_in.problem,
                bounds=self.bounds(),
            )
        )
        verdict = Verdict.from_dict(json.loads(graded.verdict))
        if graded.problem:
            self.log.warning("%s: zero points. %s", student, graded.problem)
        for note in [] if graded.problem else verdict.notes:
            self.log.warning("%s: %s", student, note)
        for incident in verdict.incidents:
            self.log.warning("%s, %s: %s", student, incident.cell, incident.what)
        return nbformat.reads(graded.notebook.decode(), as_version=4), resources

    def grading_mode(self) -> Mode:
        """Return where test cells run."""
        return "in-kernel" if self.mode == "in-kernel" else "examiner"

    def settings(self) -> RoomSettings:
        """Return how student rooms are started; logs a warning when they are not protected."""
        if self.unprotected:
            self.log.warning(UNPROTECTED_WARNING)
        return RoomSettings(
            limits=self.limits(),
            wall=cast("WallName", self.wall),
            unprotected=self.unprotected,
            warm=self.warm,
            packages=tuple(self.kernel_packages) if self.mode == "in-kernel" else (),
        )


def course_folder(preprocessor: Configurable) -> CourseFolder:
    """Return the course folder; nbgrader works in it, with the settings that a preprocessor's parents have."""
    return CourseFolder(Path(CourseDirectory(parent=preprocessor).root), preprocessor.config)


def _source_notebook(resources: Resources, course: CourseFolder) -> SourceNotebook:
    """Return the notebook that the gradebook knows, loading it at most once for one conversion."""
    told = resources["nbgrader"]
    if "source_notebook" not in told:
        with Gradebook(told["db_url"]) as gradebook:
            sources = source_notebooks(gradebook, told["assignment"], course)
            told["source_notebook"] = sources[told["notebook"]]
    source: SourceNotebook = told["source_notebook"]
    return source
