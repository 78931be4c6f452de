"""`autograder bench`: the whole comparison, its table and ``bench.json``."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from autograder.bench.honest import make_course
from autograder.bench.measure import measure
from autograder.courseroot import Course

ASSIGNMENT = "ps1_from_scratch"
CATALOGUE = Path("tests") / "catalogue"

PAGE = """# Benchmark

This page and `bench.json` are made by `make bench`; do not edit them. It takes about ten minutes, and the machine
should do nothing else meanwhile.

All graders get the same honest submissions to ps1_from_scratch: right answers from the catalogue, in turn. Stock
nbgrader grades {stock} of them with its own `Execute`, the others {ours}. This run: {cores} cores, {processor},
Python {python}.

- **wall**, **CPU**: of the whole command, with all processes it starts, divided by the number of submissions. CPU
  seconds are those of user and system together, also of processes that outlive their parent.
- **peak**: proportional set size (PSS) of all processes together, sampled twice a second.
- **bare limit**: a process with everything imported forks, runs the cells one after the other, and exits. No kernel,
  no sandbox, no gradebook: nothing that runs the cells in a process of their own can be faster.
- **coordinator_ms**: CPU milliseconds per submission of the process that reads, writes and enters scores, at the
  largest class size.

{sections}"""

GOALS = {
    "stock_cpu_s / ours_cpu_s": (20, "at least"),
    "stock_wall_s / ours_wall_s_2": (40, "at least"),
    "ours_cpu_s / limit_s": (3, "at most"),
    "cost_1000_over_50": (1.1, "at most"),
    "coordinator_ms": (20, "at most"),
}


def run_bench(
    course: Course, target: Path, page: Path, console: Console, *, ours: int, stock: int, scale: list[int]
) -> None:
    """Measure everything on the same submissions and write ``bench.json`` and the page about it.

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
    page.write_text(bench_page(result), encoding="utf-8")
    for heading, head, rows in (_per_submission(result), _by_size(result), _goals(result)):
        table = Table(*head, title=heading)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    console.print(f"Written: {target}, {page}")


def _last_json(output: str) -> dict[str, float]:
    numbers: dict[str, float] = json.loads(output.strip().splitlines()[-1])
    return numbers


Section = tuple[str, Sequence[str], Sequence[Sequence[str]]]
"""Heading, heads of the columns, rows."""


def _per_submission(result: dict[str, Any]) -> Section:
    rows = [
        ("stock nbgrader", "stock_wall_s", "stock_cpu_s", "stock_peak_mib"),
        ("ours, 1 worker", "ours_wall_s_1", "ours_cpu_s", "ours_peak_mib_1"),
        ("ours, 2 workers", "ours_wall_s_2", "", "ours_peak_mib_2"),
        ("bare limit", "limit_s", "", ""),
    ]
    return (
        "Per submission, start-up of the command included",
        ("", "wall s", "CPU s", "peak MiB"),
        [(name, *(f"{result[key]:.3g}" if key else "" for key in keys)) for name, *keys in rows],
    )


def _by_size(result: dict[str, Any]) -> Section:
    rows = [
        (str(size), f"{1000 * result[f'cost_{size}_s']:.0f}", f"{1000 * result[f'cost_{size}_with_start_s']:.0f}")
        for size in result["submissions"]["scale"]
    ]
    return (
        "Wall milliseconds per submission by the size of the class, 2 workers",
        ("submissions", "from the first result on", "whole command"),
        rows,
    )


def _goals(result: dict[str, Any]) -> Section:
    rows = []
    for name, (goal, direction) in GOALS.items():
        over, _, under = name.partition(" / ")
        value = result[over] / (result[under] if under else 1)
        reached = value >= goal if direction == "at least" else value <= goal
        rows.append((name, f"{direction} {goal:g}", f"{value:.3g}", "reached" if reached else "missed"))
    return "Goals", ("", "goal", "measured", ""), rows


def bench_page(result: dict[str, Any]) -> str:
    """Return the page about a benchmark as Markdown."""
    machine, counts = result["machine"], result["submissions"]
    sections = "\n".join(_markdown(section) for section in (_per_submission(result), _by_size(result), _goals(result)))
    return PAGE.format(**machine, **counts, sections=sections)


def _markdown(section: Section) -> str:
    heading, head, rows = section
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join([f"## {heading}", "", *(f"| {' | '.join(line)} |" for line in lines), ""])
