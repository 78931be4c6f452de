"""What a submission takes beside another one, in a process of its own: `python -m benchmarks.beside`."""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
from nbgrader.api import Gradebook

from autograder.batch.coordinator import job_for
from autograder.batch.executors import local_executor
from autograder.batch.run import how_configured
from autograder.batch.submissions import Submission
from autograder.course_folder import CourseFolder
from autograder.examiner.rooms import preload_for
from autograder.examiner.sourcecells import source_notebooks
from autograder.examiner.task import Task
from autograder.examiner.workers import grade_patiently, worker_pids

PROCESSES = 64
WARM_UP = 4
"""Submissions to each worker before anything is measured."""
_MANY = 40
"""Processes by which the busy submission is known to have begun; the limit on processes lets it have a few less."""
_BUSY_SECONDS = 25
"""That its cell takes: longer than the neighbours."""

_BUSY = f"""
import os, time
for _ in range({PROCESSES}):
    try:
        child = os.fork()
    except OSError:
        break
    if child == 0:
        while True:
            pass
time.sleep({_BUSY_SECONDS})
"""


def main() -> None:
    """Measure `rounds` times; print JSON: medians of the seconds of `neighbours` submissions, by what ran beside them.

    Arguments are the course folder, the assignment, `rounds` and `neighbours`. The submission is that of the first
    student; beside it runs the same one, or the same with busy processes.
    """
    folder, assignment, rounds, neighbours = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    honest, busy = _tasks(CourseFolder.load(folder), assignment)
    executor = local_executor(2)()
    for _ in range(WARM_UP):
        for future in [executor.submit(grade_patiently, honest) for _ in range(2)]:
            future.result()
    kinds = {"honest": honest, "busy": busy}
    seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
    for turn in range(rounds):
        for kind in sorted(kinds, reverse=turn % 2 == 0):
            seconds[kind].append(_median_beside(executor, kinds[kind], honest, neighbours, begins=kind == "busy"))
    executor.shutdown()
    print(json.dumps(seconds))


def _tasks(course: CourseFolder, assignment: str) -> tuple[Task, Task]:
    """Return the first student's submission, and the same with busy processes in its first solution cell."""
    with Gradebook(course.db_url) as gradebook:
        source = source_notebooks(gradebook, assignment, course)[assignment]
    how = how_configured(course)
    how = replace(how, settings=replace(how.settings, preload=preload_for([source])))
    name = f"{assignment}.ipynb"
    notebook = nbformat.read(course.folder("submitted", assignment, "student0000") / name, as_version=4)
    tasks = []
    for added in ("", _BUSY):
        cell = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution"))
        cell.source = added + cell.source
        tasks.append(job_for(Submission("student0000", source, nbformat.writes(notebook).encode()), how).task)
    return tasks[0], tasks[1]


def _median_beside(executor: Executor, beside: Task, task: Task, neighbours: int, *, begins: bool) -> float:
    """Return the median of a submission's seconds while one worker grades another, again and again."""
    over = threading.Event()

    def go_on() -> None:
        while not over.is_set():
            executor.submit(grade_patiently, beside).result()

    other = threading.Thread(target=go_on)
    other.start()
    while begins and _processes() < _MANY:
        time.sleep(0.1)
    found = [executor.submit(grade_patiently, task).result().seconds for _ in range(neighbours)]
    over.set()
    other.join()
    return statistics.median(each for each in found if each is not None)


def _processes() -> int:
    return sum(len(psutil.Process(pid).children(recursive=True)) for pid in worker_pids())


if __name__ == "__main__":
    main()
