"""Elapsed seconds of the same class behind each wall, in one run: what the wall without namespaces costs."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.room.walls import NAMES, problems
from benchmarks.grading import CATALOGUE
from benchmarks.honest import make_course
from benchmarks.measure import measure
from benchmarks.pages import ROOT, mark
from benchmarks.tables import Section, compared, machine

ASSIGNMENT = "ps1_from_scratch"
ROUNDS = 5
GOAL = 1.05
"""The most that a class may take behind the second wall, as a multiple of its time behind the first."""

PAGE = """{mark}
# Speed behind both walls

The numbers are in `bench.json` too.

The same class hands in {students} honest submissions to {assignment} and is graded with two workers behind one wall
and the other in turn, {rounds} times each. This run: {cores} cores, {processor}, Python {python}.

{sections}"""


def measure_walls(course: CourseFolder, console: Console, *, students: int) -> dict[str, Any]:
    """Grade a class behind both walls in turn.

    Parameters
    ----------
    course : CourseFolder
        Where the assignment and the catalogue are.
    console : Console
        Told what is measured.
    students : int
        Size of the class.

    Returns
    -------
    dict
        Seconds of each round by wall, and the ratio of their medians.

    Raises
    ------
    UserError
        If this machine cannot build both walls.
    """
    for name in NAMES:
        if found := problems(name):
            raise UserError(f"Both walls are compared, and here {found[0].what}. {found[0].remedy}")
    seconds: dict[str, list[float]] = {name: [] for name in NAMES}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch).resolve()
        for turn in range(ROUNDS):
            for name in NAMES if turn % 2 == 0 else reversed(NAMES):
                console.print(f"… {name}, {students} submissions, round {turn + 1} of {ROUNDS}")
                made = make_course(
                    course, folder / f"{name}-{turn}", ASSIGNMENT, course.root / CATALOGUE, students, stock=False
                )
                command = [sys.executable, "-m", "benchmarks.ours", str(made.root), ASSIGNMENT, "2", name]
                seconds[name].append(measure(command, ROOT).wall_s)
    first, second = (statistics.median(seconds[name]) for name in NAMES)
    return {
        "students": students,
        "assignment": ASSIGNMENT,
        "rounds": ROUNDS,
        "seconds": {name: [round(each, 3) for each in found] for name, found in seconds.items()},
        "ratio": round(second / first, 4),
        "machine": machine(),
    }


def walls_sections(result: dict[str, Any]) -> list[Section]:
    """Return the table."""
    heading = "Wall seconds of the whole command"
    return [compared(heading, "wall", result["seconds"], result["ratio"], GOAL, digits=2)]


def walls_page(result: dict[str, Any]) -> str:
    """Return the page as Markdown."""
    sections = "\n".join(section.markdown() for section in walls_sections(result))
    return PAGE.format(**result, **result["machine"], mark=mark("walls_speed"), sections=sections)
