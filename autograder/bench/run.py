"""`autograder bench`: the whole comparison, its table and ``bench.json``."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.bench.honest import make_course
from autograder.bench.measure import measure
from autograder.courseroot import Course

ASSIGNMENT = "ps1_from_scratch"
CATALOGUE = Path("tests") / "catalogue"

GOALS = {
    "stock_cpu_s / ours_cpu_s": (20, "at least"),
    "stock_wall_s / ours_wall_s_2": (40, "at least"),
    "ours_cpu_s / limit_s": (3, "at most"),
    "cost_1000_over_50": (1.1, "at most"),
    "coordinator_ms": (20, "at most"),
}


def run_bench(course: Course, target: Path, console: Console, *, ours: int, stock: int, scale: list[int]) -> None:
    """Measure everything on the same submissions and write ``bench.json``.

    Parameters
    ----------
    ours, stock : how many submissions each grader gets
    scale : class sizes at which the cost per submission is compared; first and last are set in relation
    """
    numbers: dict[str, float] = {}
    python = sys.executable
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch).resolve()

        def fresh(name: str, students: int, *, stock: bool = False) -> str:
            console.print(f"… {name}, {students} submissions")
            made = make_course(course, folder / name, ASSIGNMENT, course.root / CATALOGUE, students, stock=stock)
            return str(made.root)

        root = fresh("limit", ours)
        limit = measure([python, "-m", "autograder.bench.limit", root, ASSIGNMENT], folder)
        numbers |= _last_json(limit.output)

        root = fresh("stock", stock, stock=True)
        found = measure([python, "-m", "nbgrader", "autograde", ASSIGNMENT], Path(root))
        numbers |= {"stock_wall_s": found.wall_s / stock, "stock_cpu_s": found.cpu_s / stock}
        numbers["stock_peak_mib"] = found.peak_mib

        for workers in (1, 2):
            root = fresh(f"ours-{workers}", ours)
            found = measure([python, "-m", "autograder.bench.ours", root, ASSIGNMENT, str(workers)], folder)
            numbers[f"ours_wall_s_{workers}"] = found.wall_s / ours
            numbers[f"ours_peak_mib_{workers}"] = found.peak_mib
            if workers == 1:
                numbers["ours_cpu_s"] = found.cpu_s / ours
            inside = _last_json(found.output)
            numbers[f"ours_steady_s_{workers}"] = inside["steady_s"]
            numbers[f"ours_start_up_s_{workers}"] = inside["start_up_s"]
        numbers["peak_mib"] = numbers["ours_peak_mib_2"]

        for students in scale:
            root = fresh(f"scale-{students}", students)
            found = measure([python, "-m", "autograder.bench.ours", root, ASSIGNMENT, "2"], folder)
            inside = _last_json(found.output)
            numbers[f"cost_{students}_s"] = inside["steady_s"]
            numbers[f"cost_{students}_with_start_s"] = found.wall_s / students
            numbers["coordinator_ms"] = inside["coordinator_ms"]
        numbers["cost_1000_over_50"] = numbers[f"cost_{scale[-1]}_s"] / numbers[f"cost_{scale[0]}_s"]

    result = {
        **{key: round(value, 4) for key, value in numbers.items()},
        "submissions": {"ours": ours, "stock": stock, "scale": scale},
        "machine": {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()},
    }
    target.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    console.print(_table(numbers))
    console.print(_goals(numbers))
    console.print(f"Written: {target}")


def _last_json(output: str) -> dict[str, float]:
    numbers: dict[str, float] = json.loads(output.strip().splitlines()[-1])
    return numbers


def _table(numbers: dict[str, float]) -> Table:
    table = Table("", "wall s", "CPU s", "peak MiB", title="Per submission, start-up of the command included")
    for name, wall, cpu, peak in [
        ("stock nbgrader", "stock_wall_s", "stock_cpu_s", "stock_peak_mib"),
        ("ours, 1 worker", "ours_wall_s_1", "ours_cpu_s", "ours_peak_mib_1"),
        ("ours, 2 workers", "ours_wall_s_2", "", "ours_peak_mib_2"),
        ("bare limit", "limit_s", "", ""),
    ]:
        table.add_row(name, *(f"{numbers[key]:.3g}" if key else "" for key in (wall, cpu, peak)))
    return table


def _goals(numbers: dict[str, float]) -> Table:
    table = Table("", "goal", "measured", "", title="Goals")
    for name, (goal, direction) in GOALS.items():
        over, _, under = name.partition(" / ")
        value = numbers[over] / (numbers[under] if under else 1)
        reached = value >= goal if direction == "at least" else value <= goal
        table.add_row(name, f"{direction} {goal:g}", f"{value:.3g}", "reached" if reached else "MISSED")
    return table
