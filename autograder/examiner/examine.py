"""Grades one restored notebook in two rooms and writes outputs and verdict into it."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Literal

import nbformat
from nbformat import NotebookNode
from nbgrader import utils

from autograder.examiner.looks import OwnCode, find_looks, python_files
from autograder.examiner.pictures import Pictures
from autograder.examiner.sanitise import (
    bound_sources,
    keep_given_text,
    sanitise_cell,
    sanitise_outputs,
    show_given_pictures,
)
from autograder.examiner.student import StudentRun, first_error
from autograder.examiner.testcells import Namespace, run_given_cell, run_test_cell
from autograder.examiner.verdict import METADATA_KEY, NOT_GRADED, CellVerdict, Incident, Look, Verdict, WallUsed
from autograder.room.inside.limits import Limits
from autograder.room.session import RoomFactory
from course.checks import checks_table, student_side
from course.handing_in.cellcode import SKIPPED
from course.handing_in.celltext import names_defined
from course.handing_in.notebook_parts import new_cell, new_display, new_error, new_result
from course.handing_in.recognise import grade_id
from course.handing_in.sourcecells import SourceCell, SourceNotebook

Mode = Literal["examiner", "in-kernel"]

WENT_ON = ("ModuleNotFoundError:", "ImportError:", "StdinNotImplementedError:", "UsageError: Line magic")
"""Beginnings of errors after which a cell goes on: `course.handing_in.lenient`."""


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
    tests = {cell.name: cell for cell in source.cells if cell.is_test}
    verdict = Verdict(notes=[*notes], looks=_looks(notebook, source, files))
    with StudentRun(warm, files, limits, last_try=last_try) as student:
        pictures = Pictures(files, student.file)
        answers = (cell.source for cell in source.cells if cell.solution and cell.cell_type == "code")
        namespace = Namespace(student, chain.from_iterable(map(names_defined, answers)))
        student_side.seed_generators()
        before = student_side.switch(student)
        try:
            for number, cell in enumerate(notebook.cells):
                student.require_sandbox()
                began(_name(cell, number))
                if cell.cell_type != "code":
                    continue
                test = tests.get(grade_id(cell))
                if test is not None and mode == "examiner":
                    student.begin_cell()
                    _write_verdict(cell, run_test_cell(test, namespace), verdict)
                    continue
                if test is None and SKIPPED in cell.metadata.get("tags", []):
                    continue
                _run_student_cell(cell, number, student, pictures, verdict)
                if utils.is_locked(cell) and mode == "examiner":
                    student.begin_cell()
                    run_given_cell(cell.source, namespace)
                if test is not None:
                    _judge_outputs(cell, test, verdict)
            student.require_sandbox()
            _clean_texts(notebook, pictures, Pictures(files))
        finally:
            student_side.switch(before)
    _note_incidents(notebook, verdict)
    notebook.metadata[METADATA_KEY]["wall"] = wall_of(warm).to_dict()
    return verdict


def _looks(notebook: NotebookNode, source: SourceNotebook, files: Mapping[str, bytes]) -> list[Look]:
    """Return the lines of the student's that a person should look at."""
    own = [
        OwnCode(_name(cell, number), cell.source)
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and not utils.is_locked(cell)
    ]
    given = [cell.source for cell in source.cells if cell.cell_type == "code" and cell.locked and not cell.is_test]
    return find_looks([*own, *python_files(files)], given)


def _name(cell: NotebookNode, number: int) -> str:
    """Return what a cell is called in reports: its nbgrader id, or its number in the notebook."""
    return grade_id(cell) or f"cell {number + 1}"


def _called(cell: NotebookNode, number: int) -> str:
    """Return what a cell is called within a sentence."""
    return f"cell {grade_id(cell)!r}" if grade_id(cell) else _name(cell, number)


def _sanitise(cell: NotebookNode, pictures: Pictures) -> None:
    """Make a cell of the student's harmless; an answer that is as nbgrader signed it keeps the instructor's text."""
    signed = cell.metadata.get("nbgrader", {}).get("checksum")
    try:
        untouched = bool(signed) and utils.compute_checksum(cell) == signed
    except UnicodeEncodeError:  # half a surrogate pair
        untouched = False
    if untouched:
        keep_given_text(cell, pictures)
    else:
        sanitise_cell(cell, pictures)


def wall_of(warm: RoomFactory) -> WallUsed:
    """Return the wall around the rooms of this process."""
    return WallUsed(warm.wall.name, warm.wall.sentence)


def refuse(notebook: NotebookNode, source: SourceNotebook, problem: str) -> Verdict:
    """Give a submission that cannot be graded zeros that say why, in a notebook that says so at its top."""
    verdict = Verdict(notes=[problem])
    for cell in notebook.cells:
        origin = next((c for c in source.cells if c.name == cell.metadata.nbgrader.grade_id), None)
        if origin is not None and origin.is_test:
            _write_verdict(cell, CellVerdict(origin.name, 0.0, origin.points, reason=problem), verdict)
    notebook.cells.insert(0, new_cell("markdown", f"{NOT_GRADED} {problem}", {}))
    _clean_texts(notebook, Pictures(), Pictures())
    _note_incidents(notebook, verdict)
    return verdict


def _note_incidents(notebook: NotebookNode, verdict: Verdict) -> None:
    """Keep with the notebook what happened to it; the cells keep their own verdicts."""
    whole = {key: value for key, value in verdict.to_dict().items() if key != "cells"}
    notebook.metadata[METADATA_KEY] = nbformat.from_dict(whole)


def _clean_texts(notebook: NotebookNode, pictures: Pictures, given: Pictures) -> None:
    """Make what a student wrote harmless, and put pictures into the cells that show them.

    This comes last: cells above may show files that cells below them write.
    """
    for cell in notebook.cells:
        if utils.is_locked(cell):
            if cell.cell_type != "code":
                show_given_pictures(cell, given)
        elif cell.cell_type != "code":
            _sanitise(cell, pictures)
    bound_sources(cell for cell in notebook.cells if not utils.is_locked(cell))


def _run_student_cell(
    cell: NotebookNode, number: int, student: StudentRun, pictures: Pictures, verdict: Verdict
) -> None:
    run = student.run_cell(cell.source)
    cell.outputs = sanitise_outputs(run.outputs, pictures)
    cell.execution_count = None
    name = _name(cell, number)
    why = first_error(run.outputs)
    if run.ended in ("ok", "error") and why.startswith(WENT_ON):
        verdict.notes.append(
            f"{_called(cell, number)}: what stands below the line that failed ran all the same ({why})"
        )
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
    """Write the one output by which nbgrader scores a test cell: a plain float in range, or an error.

    Figures follow it as displays, which nbgrader does not score.
    """
    verdict.cells.append(found)
    if found.reason:
        output = new_error("Failed", found.reason, [f"Failed: {found.reason}"])
    else:
        data = {"text/plain": repr(float(found.points))}
        if found.checks:
            data["text/html"] = checks_table(f"{found.points:g} of {found.max_points:g} points", found.checks)
        output = new_result(data)
    cell.execution_count = None
    cell.outputs = [output, *_drawn_again(found)]
    cell.metadata[METADATA_KEY] = nbformat.from_dict(found.to_dict())


def _drawn_again(found: CellVerdict) -> list[NotebookNode]:
    """Return the figures of a test cell, drawn from what was reported of them, each below its caption."""
    if not found.figures:
        return []
    from autograder.examiner.redrawn import redraw  # it needs torch, as the checks of figures do; others do not

    outputs = []
    for drawn in map(redraw, found.figures):
        caption = {"text/plain": drawn.caption, "text/html": f"<p>{html.escape(drawn.caption)}</p>"}
        outputs.append(new_display(caption))
        if drawn.png:
            picture = {"text/plain": drawn.alt, "image/png": base64.b64encode(drawn.png).decode()}
            outputs.append(new_display(picture, {"image/png": {"alt": drawn.alt}}))
    return outputs
