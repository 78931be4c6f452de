"""Seconds from *Submit* to the page with `autograder watch`, and what stock nbgrader's four commands take."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.answers import load_answers
from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.errors import UserError
from autograder.practice.live import ASSIGNMENT, LiveStudent
from benchmarks.grading import CATALOGUE
from benchmarks.honest import make_course
from benchmarks.measure import measure
from benchmarks.pages import ROOT, mark
from benchmarks.tables import Section, machine, verdict

IDLE, BURST, STOCK = 20, 300, 5
COMMANDS = ("collect", "autograde", "generate_feedback", "release_feedback")
"""What an instructor calls where nobody watches."""
GOALS = (
    ("one at a time, median, s", "idle", "median_s", 2.0),
    ("within a minute, 95 %, s", "burst", "95_percent_s", 45.0),
    ("within a minute, the longest, s", "burst", "most_s", 60.0),
)

PAGE = """{mark}
# Speed of feedback while they work

The numbers are in `bench.json` too.

`autograder watch` looks at the exchange of a class that submits {assignment} with nbgrader's own class, answers right
and wrong. A wait begins when *Submit* returns, and ends when the page lies where *Fetch Feedback* looks. Students
submit one at a time, each when the one before has the page; then one submission of each of a class, spread evenly over
a minute. The students' own work, *Submit* itself, runs on the same machine. This run: {cores} cores, {processor},
Python {python}.

Stock nbgrader releases nothing by itself. Beside it stands what its four commands take, from the moment that somebody
calls them: for one submission, and for each of {stock_submissions} that came after it.

{sections}"""


def measure_watch(
    course: CourseFolder, console: Console, *, idle: int = IDLE, burst: int = BURST, stock: int = STOCK
) -> dict[str, Any]:
    """Measure waits while a course is watched, and stock nbgrader's commands.

    Parameters
    ----------
    course : CourseFolder
        Where the assignment and the catalogue are.
    console : Console
        Told what is measured.
    idle, burst : int
        Submissions one at a time, and within a minute.
    stock : int
        Submissions for stock nbgrader, after a first one.

    Returns
    -------
    dict
        Seconds: of waits by pattern, of stock's commands for one submission and for each of the others.

    Raises
    ------
    UserError
        If a command fails.
    """
    console.print(f"… waits for feedback, {idle} submissions one at a time, {burst} within a minute")
    command = [sys.executable, "-m", "benchmarks.watch", "--idle", str(idle), "--burst", str(burst)]
    waits = json.loads(measure(command, ROOT).output.strip().splitlines()[-1])
    console.print(f"… stock nbgrader, {stock} submissions")
    return {
        "assignment": ASSIGNMENT,
        "waits": {kind: {name: round(value, 3) for name, value in found.items()} for kind, found in waits.items()},
        "stock": measure_stock(course, stock),
        "stock_submissions": stock,
        "machine": machine(),
    }


def measure_stock(course: CourseFolder, submissions: int) -> dict[str, dict[str, float]]:
    """Return the wall seconds of stock nbgrader's commands: for one submission, and for each of the next."""
    with tempfile.TemporaryDirectory(prefix="bench-stock-") as scratch:
        folder = Path(scratch).resolve()
        exchange = folder / "exchange"
        exchange.mkdir()
        exchange.chmod(0o777)
        made = make_course(course, folder / "course", ASSIGNMENT, course.root / CATALOGUE, 0, stock=True)
        with (made.root / CONFIG_NAME).open("a", encoding="utf-8") as file:
            file.write(f"c.Exchange.root = {str(exchange)!r}\n")
        made = CourseFolder.load(made.root)
        answer = made.api().release_assignment(ASSIGNMENT)
        if not answer["success"]:
            raise UserError(f"nbgrader could not release {ASSIGNMENT}: {answer.get('error') or answer.get('log')}")
        answers = load_answers(course.answers, ASSIGNMENT)
        names = [f"stock{number:03}" for number in range(submissions + 1)]
        people = [LiveStudent(made, folder, name, answers, threading.Event()) for name in names]
        return {
            "one": _four_commands(people[:1], made.root),
            "each": {name: took / submissions for name, took in _four_commands(people[1:], made.root).items()},
        }


def _four_commands(people: Sequence[LiveStudent], root: Path) -> dict[str, float]:
    """Have students submit, call the commands, and return what each took."""
    pages = [student.submit() for student in people]
    took = {
        name: round(measure([sys.executable, "-m", "nbgrader", name, ASSIGNMENT], root).wall_s, 3) for name in COMMANDS
    }
    if missing := sum(not page.is_file() for page in pages):
        raise UserError(f"stock nbgrader released no feedback for {missing} of {len(pages)} submissions")
    return took


def watch_sections(result: dict[str, Any]) -> list[Section]:
    """Return the tables."""
    waits, stock = result["waits"], result["stock"]
    patterns = {"idle": "one at a time", "burst": "within a minute"}
    columns = ("median_s", "95_percent_s", "most_s")
    rows = [
        (name, f"{waits[kind]['submissions']:g}", *(f"{waits[kind][column]:.2f}" for column in columns))
        for kind, name in patterns.items()
    ]
    commands = [(name, *(f"{stock[kind][name]:.2f}" for kind in ("one", "each"))) for name in COMMANDS]
    commands.append(("together", *(f"{sum(stock[kind].values()):.2f}" for kind in ("one", "each"))))
    goals = [
        (name, f"at most {goal:g}", f"{waits[kind][key]:.2f}", verdict(waits[kind][key], goal, "at most"))
        for name, kind, key, goal in GOALS
    ]
    return [
        Section("Seconds from Submit to the page", ("", "submissions", "median", "95 % within", "longest"), rows),
        Section("Seconds of stock nbgrader's commands", ("", "one submission", "each of the next"), commands),
        Section("Goals", ("", "goal", "measured", ""), goals),
    ]


def watch_page(result: dict[str, Any]) -> str:
    """Return the page as Markdown."""
    sections = "\n".join(section.markdown() for section in watch_sections(result))
    return PAGE.format(mark=mark("watch_speed"), **result, **result["machine"], sections=sections)
