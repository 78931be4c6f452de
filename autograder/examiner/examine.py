"""Grades one restored notebook in two rooms and writes outputs and verdict into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import nbformat
from nbformat import NotebookNode
from nbgrader import utils

from autograder.examiner.sanitise import sanitise_cell, sanitise_outputs
from autograder.examiner.sourcecells import SourceCell, SourceNotebook
from autograder.examiner.student import StudentRun
from autograder.examiner.testcells import Namespace, run_given_cell, run_test_cell
from autograder.examiner.verdict import METADATA_KEY, CellVerdict, Incident, Verdict, WallUsed
from autograder.notebook_parts import new_cell, new_error, new_result
from autograder.room.inside.limits import Limits
from autograder.room.session import RoomFactory
from course.checks import checks_table, student_side

Mode = Literal["examiner", "in-kernel"]


def examine(
    notebook: NotebookNode,
    source: SourceNotebook,
    warm: RoomFactory,
    files: Mapping[str, bytes],
    limits: Limits,
    mode: Mode = "examiner",
    notes: Sequence[str] = (),
    began: Callable[[str], None] = lambda cell: None,
    *,
    last_try: bool = False,
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
    began : Callable[[str], None], optional
        Told the name of each cell before it is looked at.
    last_try : bool, optional
        Whether a kernel that was killed, perhaps from outside, counts as killed by the student's code.

    Raises
    ------
    SandboxEnded
        If what the rooms are made of was ended from outside.
    """
    tests = {cell.name: cell for cell in source.cells if _is_test(cell)}
    verdict = Verdict(notes=[*notes])
    with StudentRun(warm, files, limits, last_try=last_try) as student:
        namespace = Namespace(student)
        student_side.seed_generators()
        before = student_side.switch(student)
        try:
            for number, cell in enumerate(notebook.cells):
                student.require_sandbox()
                began(_name(cell, number))
                if cell.cell_type != "code":
                    if not utils.is_locked(cell):
                        sanitise_cell(cell)
                    continue
                test = tests.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
                if test is not None and mode == "examiner":
                    student.begin_cell()
                    _write_verdict(cell, run_test_cell(test, namespace), verdict)
                    continue
                _run_student_cell(cell, number, student, verdict)
                if utils.is_locked(cell) and mode == "examiner":
                    student.begin_cell()
                    run_given_cell(cell.source, namespace)
                if test is not None:
                    _judge_outputs(cell, test, verdict)
            student.require_sandbox()
        finally:
            student_side.switch(before)
    _note_incidents(notebook, verdict)
    notebook.metadata[METADATA_KEY]["wall"] = wall_of(warm).to_dict()
    return verdict


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
    if run.ended not in ("ok", "error"):
        verdict.incidents.append(Incident(_name(cell, number), run.note))
        cell.outputs.append(new_error("Stopped", run.note, [f"Stopped: {run.note}"]))


def _name(cell: NotebookNode, number: int) -> str:
    """Return nbgrader's name of a cell, or its number."""
    return cell.metadata.get("nbgrader", {}).get("grade_id") or f"cell {number + 1}"


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
