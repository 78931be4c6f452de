"""Grades one restored notebook in two rooms and writes outputs and verdict into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import nbformat
from nbformat import NotebookNode
from nbgrader import utils

from autograder.examiner.sanitise import sanitise_cell, sanitise_outputs
from autograder.examiner.sourcecells import SourceCell, SourceNotebook
from autograder.examiner.student import StudentRun, first_error
from autograder.examiner.testcells import Namespace, run_given_cell, run_test_cell
from autograder.examiner.verdict import METADATA_KEY, CellVerdict, Incident, Verdict, WallUsed
from autograder.notebook_parts import new_cell, new_error, new_result
from autograder.room.inside.limits import Limits
from autograder.room.session import RoomFactory
from course.checks import checks_table, student_side

Mode = Literal["examiner", "in-kernel"]

WENT_ON = ("ModuleNotFoundError:", "ImportError:", "StdinNotImplementedError:")
"""Beginnings of errors after which a cell goes on: `room.inside.lenient`."""

SKIPPED = "skip-execution"
"""Tag of a cell that is not run, as nbclient has it; test cells always are."""


def examine(
    notebook: NotebookNode,
    source: SourceNotebook,
    warm: RoomFactory,
    files: Mapping[str, bytes],
    limits: Limits,
    mode: Mode = "examiner",
    notes: Sequence[str] = (),
) -> Verdict:
    """Run a restored notebook, write each cell's outputs into it, and return the verdict.

    Parameters
    ----------
    notebook : NotebookNode
        The submission after `restore`; its outputs are replaced in place.
    source : SourceNotebook
        The notebook as the gradebook knows it; only its test cells are run as such.
    warm : RoomFactory
        Where student rooms come from.
    files : Mapping[str, bytes]
        The other files of the submission, by relative path.
    limits : Limits
        What the student's code may use.
    mode : Mode, optional
        `examiner` runs test cells here; `in-kernel` runs them in the student's kernel as nbgrader does, for courses
        whose tests expect that.
    notes : Sequence[str], optional
        What `restore` had to put right, and which files were left out.
    """
    tests = {cell.name: cell for cell in source.cells if _is_test(cell)}
    verdict = Verdict(notes=[*notes])
    with StudentRun(warm, files, limits) as student:
        namespace = Namespace(student)
        student_side.seed_generators()
        before = student_side.switch(student)
        try:
            for number, cell in enumerate(notebook.cells):
                if cell.cell_type != "code":
                    if not utils.is_locked(cell):
                        _sanitise(cell)
                    continue
                test = tests.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
                if test is not None and mode == "examiner":
                    student.begin_cell()
                    _write_verdict(cell, run_test_cell(test, namespace), verdict)
                    continue
                if test is None and SKIPPED in cell.metadata.get("tags", []):
                    continue
                _run_student_cell(cell, number, student, verdict)
                if utils.is_locked(cell) and mode == "examiner":
                    student.begin_cell()
                    run_given_cell(cell.source, namespace)
                if test is not None:
                    _judge_outputs(cell, test, verdict)
        finally:
            student_side.switch(before)
    _note_incidents(notebook, verdict)
    notebook.metadata[METADATA_KEY]["wall"] = wall_of(warm).to_dict()
    return verdict


def _sanitise(cell: NotebookNode) -> None:
    """Make a cell of the student's harmless; an answer that is as nbgrader signed it keeps the instructor's text."""
    text, signed = cell.source, cell.metadata.get("nbgrader", {}).get("checksum")
    try:
        untouched = bool(signed) and utils.compute_checksum(cell) == signed
    except UnicodeEncodeError:  # half a surrogate pair
        untouched = False
    sanitise_cell(cell)
    if untouched:
        cell.source = text


def wall_of(warm: RoomFactory) -> WallUsed:
    """Return the wall around the rooms of this process."""
    return WallUsed(warm.wall.name, warm.wall.sentence)


def refuse(notebook: NotebookNode, source: SourceNotebook, problem: str) -> Verdict:
    """Give a submission that cannot be graded zeros that say why, in a notebook that says so at its top."""
    verdict = Verdict(notes=[problem])
    for cell in notebook.cells:
        origin = next((c for c in source.cells if c.name == cell.metadata.nbgrader.grade_id), None)
        if origin is not None and _is_test(origin):
            _write_verdict(cell, CellVerdict(origin.name, 0.0, origin.points, reason=problem), verdict)
    notebook.cells.insert(0, new_cell("markdown", f"**This submission was not graded.** {problem}", {}))
    sanitise_cell(notebook.cells[0])
    _note_incidents(notebook, verdict)
    return verdict


def _note_incidents(notebook: NotebookNode, verdict: Verdict) -> None:
    """Keep with the notebook what happened to it; the cells keep their own verdicts."""
    whole = {key: value for key, value in verdict.to_dict().items() if key != "cells"}
    notebook.metadata[METADATA_KEY] = nbformat.from_dict(whole)


def _is_test(cell: SourceCell) -> bool:
    return cell.grade and not cell.solution and cell.cell_type == "code"


def _run_student_cell(cell: NotebookNode, number: int, student: StudentRun, verdict: Verdict) -> None:
    run = student.run_cell(cell.source)
    cell.outputs = sanitise_outputs(run.outputs)
    cell.execution_count = None
    name = cell.metadata.get("nbgrader", {}).get("grade_id") or f"cell {number + 1}"
    why = first_error(run.outputs)
    if run.ended == "error" and why.startswith(WENT_ON):
        verdict.notes.append(f"cell {name!r}: what stands below the line that failed ran all the same ({why})")
    if run.ended not in ("ok", "error"):
        verdict.incidents.append(Incident(name, run.note))
        cell.outputs.append(new_error("Stopped", run.note, [f"Stopped: {run.note}"]))


def _judge_outputs(cell: NotebookNode, test: SourceCell, verdict: Verdict) -> None:
    """Score a test cell that ran in the student's kernel by its outputs, as nbgrader does."""
    try:
        points, _ = utils.determine_grade(cell)
    except (ValueError, KeyError) as error:  # nbgrader would lose the whole submission
        _write_verdict(cell, CellVerdict(test.name, 0.0, test.points, reason=f"No valid score: {error}."), verdict)
    else:
        verdict.cells.append(CellVerdict(test.name, float(points or 0), test.points))


def _write_verdict(cell: NotebookNode, found: CellVerdict, verdict: Verdict) -> None:
    """Write the one output by which nbgrader scores a test cell: a plain float in range, or an error."""
    verdict.cells.append(found)
    if found.reason:
        output = new_error("Failed", found.reason, [f"Failed: {found.reason}"])
    else:
        data = {"text/plain": repr(float(found.points))}
        if found.checks:
            data["text/html"] = checks_table(f"{found.points:g} of {found.max_points:g} points", found.checks)
        output = new_result(data)
    cell.execution_count = None
    cell.outputs = [output]
    cell.metadata[METADATA_KEY] = nbformat.from_dict(found.to_dict())
