"""Measure the parts asked for, print their tables, write `bench.json` and the pages."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.files import write_atomically
from benchmarks import Part
from benchmarks.fair_share import fair_share_page, fair_share_sections, measure_fair_share
from benchmarks.grading import grading_page, grading_sections, measure_grading
from benchmarks.otter import python_of_otter
from benchmarks.tables import Section
from benchmarks.walls import measure_walls, walls_page, walls_sections
from benchmarks.watch_speed import measure_watch, watch_page, watch_sections


def run_bench(
    course: CourseFolder,
    target: Path,
    pages: Path,
    console: Console,
    *,
    parts: Collection[Part],
    ours: int,
    stock: int,
    scale: list[int],
    presses: int,
    otter: Path | None = None,
) -> None:
    """Measure and write down. What is not measured now stays in `bench.json` as it is.

    Parameters
    ----------
    course : CourseFolder
        Where assignments and catalogue are.
    target : Path
        The JSON file.
    pages : Path
        The folder of the pages.
    console : Console
        Gets the tables.
    parts : collection of Part
        What to measure.
    ours, stock, scale
        See `measure_grading`.
    presses
        See `measure_demos`.
    otter : Path | None, optional
        A Python with Otter-Grader; if left out, that of `make otter`, if it is there.

    Raises
    ------
    UserError
        Before anything is measured, if the files cannot be written or an earlier `target` cannot be read. If writing
        fails all the same, the numbers are printed.
    """
    _require_writable(target.parent, pages)
    result = _earlier(target)
    otter = python_of_otter(otter) if Part.GRADING in parts else None

    def publish(page: str, text: Callable[[], str], sections: Callable[[], list[Section]]) -> None:
        numbers = json.dumps(result, indent=2) + "\n"
        try:
            write_atomically(target, numbers.encode())  # first of all
            for section in sections():
                section.show(console)
            write_atomically(pages / page, text().encode())
        except OSError as error:
            console.print(numbers, markup=False, highlight=False, soft_wrap=True)
            raise UserError(f"{error.filename or target}: {error.strerror}. The numbers are above.") from None
        console.print(f"Written: {target}, {pages / page}")

    if Part.GRADING in parts:
        grading = measure_grading(course, console, ours=ours, stock=stock, scale=scale, otter=otter)
        result = grading | {key: value for key, value in result.items() if key in list(Part)}
        publish("bench.md", lambda: grading_page(grading), lambda: grading_sections(grading))
    if Part.WALLS in parts:
        walls = measure_walls(course, console, students=ours)
        result = result | {Part.WALLS.value: walls}
        publish("walls_speed.md", lambda: walls_page(walls), lambda: walls_sections(walls))
    if Part.FAIR_SHARE in parts:
        share = measure_fair_share(course, console)
        result = result | {Part.FAIR_SHARE.value: share}
        publish("fair_share.md", lambda: fair_share_page(share), lambda: fair_share_sections(share))
    if Part.WATCH in parts:
        waits = measure_watch(course, console)
        result = result | {Part.WATCH.value: waits}
        publish("watch_speed.md", lambda: watch_page(waits), lambda: watch_sections(waits))
    if Part.DEMOS in parts:
        try:
            from benchmarks.demos import demos_page, demos_sections, measure_demos
        except ModuleNotFoundError as problem:
            raise UserError(f"The demos are measured in a browser, and {problem.name} is missing: make setup") from None
        demos = measure_demos(presses, console)
        result = result | {Part.DEMOS.value: demos}
        publish("demos_speed.md", lambda: demos_page(demos), lambda: demos_sections(demos))


def _earlier(target: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(target.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UserError(
            f"{target} cannot be read as JSON ({error}). Remove it, or write elsewhere: --to FILE"
        ) from None
    return found


def _require_writable(*folders: Path) -> None:
    """Make the folders, and try to write in each: ten minutes later would be late to find out."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            raise UserError(
                f"{folder} cannot be written to: {error.strerror}. Write elsewhere: --to, --pages"
            ) from None
