"""Seconds of a submission beside one with very many busy processes: what it costs the neighbours."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.course_folder import CourseFolder
from autograder.machine.doctor import fair_share_findings
from benchmarks.beside import PROCESSES
from benchmarks.grading import ASSIGNMENT, CATALOGUE
from benchmarks.honest import make_course
from benchmarks.measure import measure
from benchmarks.pages import ROOT, mark
from benchmarks.tables import Section, compared, machine

ROUNDS, NEIGHBOURS = 5, 8
GOAL = 2.0
"""The most that a submission may take beside the busy one, as a multiple of what it takes beside an honest one."""
NAMES = {"honest": "an honest submission", "busy": f"one with {PROCESSES} busy processes"}

PAGE = """{mark}
# Fair share

The numbers are in `bench.json` too.

Two workers grade. One grades an honest submission to {assignment} {neighbours} times, the other the same submission
again and again, or the same with a cell that starts {processes} busy processes: each in turn, {rounds} times. This
run: {cores} cores, {processor}, Python {python}; {applies}.

{sections}"""


def measure_fair_share(course: CourseFolder, console: Console) -> dict[str, Any]:
    """Grade a submission beside an honest and beside a busy one, in turn.

    Parameters
    ----------
    course : CourseFolder
        Where the assignment and the catalogue are.
    console : Console
        Told what is measured.

    Returns
    -------
    dict
        The median seconds of each round by what ran beside, and the ratio of their medians.

    Raises
    ------
    UserError
        If the command fails.
    """
    console.print(f"… a submission beside one with {PROCESSES} busy processes, {ROUNDS} rounds")
    with tempfile.TemporaryDirectory() as scratch:
        made = make_course(
            course, Path(scratch).resolve() / "course", ASSIGNMENT, course.root / CATALOGUE, 1, stock=False
        )
        command = [sys.executable, "-m", "benchmarks.beside", str(made.root), ASSIGNMENT, str(ROUNDS), str(NEIGHBOURS)]
        seconds = json.loads(measure(command, ROOT).output.splitlines()[-1])
    ratio = statistics.median(seconds["busy"]) / statistics.median(seconds["honest"])
    return {
        "assignment": ASSIGNMENT,
        "rounds": ROUNDS,
        "neighbours": NEIGHBOURS,
        "processes": PROCESSES,
        "seconds": {kind: [round(each, 3) for each in found] for kind, found in seconds.items()},
        "ratio": round(ratio, 4),
        "applies": next(finding.found for finding in fair_share_findings()),
        "machine": machine(),
    }


def fair_share_sections(result: dict[str, Any]) -> list[Section]:
    """Return the table."""
    seconds = {name: result["seconds"][kind] for kind, name in NAMES.items()}
    return [compared("Wall seconds of the neighbour", "beside", seconds, result["ratio"], GOAL, digits=3)]


def fair_share_page(result: dict[str, Any]) -> str:
    """Return the page as Markdown."""
    sections = "\n".join(section.markdown() for section in fair_share_sections(result))
    return PAGE.format(**result, **result["machine"], mark=mark("fair_share"), sections=sections)
