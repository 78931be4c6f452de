"""The bare limit: fork, run all cells in one namespace, exit; no kernel, no sandbox, no gradebook.

Run as `python -m benchmarks.limit COURSE ASSIGNMENT`; prints JSON. Nothing that runs Python cells in a
process of their own can be faster.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

import nbformat
import torch

from autograder.course_folder import CourseFolder


def main() -> None:
    """Run every submission of the assignment, one after the other."""
    course, assignment = CourseFolder.load(Path(sys.argv[1])), sys.argv[2]
    source = nbformat.read(course.folder("source", assignment) / f"{assignment}.ipynb", as_version=4)
    tests = {cell.metadata.nbgrader.grade_id: cell.source for cell in source.cells if "nbgrader" in cell.metadata}
    programs = [
        _cells(course.folder("submitted", assignment, student) / f"{assignment}.ipynb", tests)
        for student in course.students(assignment)
    ]
    torch.set_num_threads(1)
    _run(programs[0])  # imports what the cells import, so that the children need not
    start = time.monotonic()
    for program in programs:
        child = os.fork()
        if child == 0:
            _run(program)
            os._exit(0)
        if os.waitpid(child, 0)[1] != 0:
            raise SystemExit("a submission of the benchmark fails outside the grader too")
    wall = time.monotonic() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime
    print(json.dumps({"limit_s": wall / len(programs), "limit_cpu_s": cpu / len(programs)}))


def _cells(path: Path, tests: dict[str, str]) -> list[str]:
    notebook = nbformat.read(path, as_version=4)
    return [
        tests[cell.metadata.nbgrader.grade_id] if cell.metadata.nbgrader.grade else cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and "nbgrader" in cell.metadata
    ]


def _run(program: list[str]) -> None:
    namespace: dict[str, object] = {"__name__": "__main__"}
    for source in program:
        exec(compile(source, "<cell>", "exec"), namespace)


if __name__ == "__main__":
    main()
