"""Grades the sample class as other processors would, and says which verdicts differ from this one's.

The numeric libraries choose their code by the processor: `python -m tests.flows.processors` has them choose that of
older ones, in the examiner, in the student's room, or in both. What a room's own environment settles stays settled.
It takes minutes for each pair; `--students` and the names of assignments make it shorter.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

PROCESSORS: dict[str, dict[str, str]] = {
    "this": {},
    "2013": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL",
        "MKL_CBWR": "AVX2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
    },
    "2006": {
        "ATEN_CPU_CAPABILITY": "default",
        "OPENBLAS_CORETYPE": "Prescott",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL",
        "MKL_CBWR": "COMPATIBLE",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F",
    },
}
"""Variables that make torch, NumPy, their BLAS and the C library compute as a processor of that year does."""

PAIRS = (("2006", "this"), ("this", "2006"), ("2006", "2006"), ("2013", "this"), ("this", "2013"))
"""Whose processor the examiner has, and whose the student's room."""

UNBOUNDED = 600.0
"""Seconds for a cell: a busy machine must not look like another processor."""


def environment(processor: str) -> dict[str, str]:
    """Return this process's variables with those of a processor in the place of any that choose one."""
    chosen = {name for variables in PROCESSORS.values() for name in variables}
    own = {name: value for name, value in os.environ.items() if name not in chosen}
    return own | PROCESSORS[processor] | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def make_class(folder: Path, students: int) -> None:
    """Release every assignment in a course folder of its own, and hand in for a sample class."""
    from autograder.course_folder import CONFIG_NAME, CourseFolder
    from autograder.practice.sample_class import make_sample_class
    from autograder.publish.notebooks import generate_assignment

    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / CONFIG_NAME, folder)
    shutil.copytree(ROOT / "source", folder / "source")
    course = CourseFolder.load(folder)
    for assignment in course.assignments():
        generate_assignment(course, assignment)
    make_sample_class(course, ROOT / "autograder" / "practice" / "answers", folder / "submitted", students=students)


def verdicts(
    folder: Path, examiner: str, room: str, assignments: Sequence[str] = (), students: Sequence[str] = ()
) -> dict[str, Any]:
    """Grade the class in a process of its own, and return the verdicts by assignment and student.

    Parameters
    ----------
    folder : Path
        What `make_class` made.
    examiner, room : str
        Names in `PROCESSORS`
    assignments, students : Sequence[str], optional
        Whose submissions; by default all.
    """
    order = {"folder": str(folder), "room": PROCESSORS[room], "assignments": assignments, "students": students}
    done = subprocess.run(
        [sys.executable, "-m", "tests.flows.processors", "--grade"],
        cwd=ROOT,
        env=environment(examiner),
        input=json.dumps(order),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what two classes of verdicts do not share, cell for cell and check for check."""
    found = {}
    for who in one.keys() | other.keys():
        ours, theirs = _parts(one.get(who)), _parts(other.get(who))
        for part in ours.keys() | theirs.keys():
            if ours.get(part) != theirs.get(part):
                found[f"{who} {part}"] = ours.get(part), theirs.get(part)
    return dict(sorted(found.items()))


def _parts(verdict: Any) -> dict[str, Any]:
    if verdict is None:
        return {"all": None}
    parts: dict[str, Any] = {"incidents": verdict["incidents"], "notes": verdict["notes"]}
    for cell in verdict["cells"]:
        parts[cell["grade_id"]] = [cell["points"], cell["reason"], len(cell["checks"])]
        for check in cell["checks"]:
            parts[f"{cell['grade_id']}: {check['name']}"] = [check["points"], check["message"]]
    return parts


def _grade(order: Mapping[str, Any]) -> dict[str, Any]:
    """Grade what `order` says in this process, one after the other."""
    from nbgrader.api import Gradebook

    from autograder.batch.coordinator import job_for
    from autograder.batch.run import how_configured
    from autograder.batch.submissions import collect_submission, find_students
    from autograder.course_folder import CourseFolder
    from autograder.examiner.rooms import close_room_factories, preload_for
    from autograder.examiner.sourcecells import source_notebooks
    from autograder.examiner.task import grade_task
    from autograder.room.walls.base import STUDENT_ENVIRONMENT

    for name, value in order["room"].items():
        STUDENT_ENVIRONMENT.setdefault(name, value)
    course = CourseFolder.load(Path(order["folder"]))
    course.config.Examiner.cell_seconds = course.config.Examiner.submission_seconds = UNBOUNDED
    found = {}
    for assignment in order["assignments"] or course.assignments():
        with Gradebook(course.db_url, course.directory.course_id) as gradebook:
            sources = source_notebooks(gradebook, assignment)
        how = how_configured(course)
        how = dataclasses.replace(
            how, settings=dataclasses.replace(how.settings, preload=preload_for(sources.values()))
        )
        for student in order["students"] or find_students(course, assignment, None):
            for source in sources.values():
                task = job_for(collect_submission(course, assignment, student, source), how).task
                found[f"{assignment} {student}"] = json.loads(grade_task(task).verdict)
        close_room_factories()
    return found


def main() -> None:
    """Compare all pairs, and end with status 1 if a verdict differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assignments", nargs="*")
    parser.add_argument("--students", type=int, default=16, help="size of the class; the first 16 do no harm")
    parser.add_argument("--grade", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.grade:
        print("\n" + json.dumps(_grade(json.load(sys.stdin))))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "course"
        make_class(folder, options.students)
        expected = verdicts(folder, "this", "this", options.assignments)
        print(f"{len(expected)} submissions")
        failed = False
        for examiner, room in PAIRS:
            found = differing(expected, verdicts(folder, examiner, room, options.assignments))
            failed |= bool(found)
            print(f"examiner {examiner}, room {room}: {len(found)} differences", flush=True)
            for what, (ours, theirs) in found.items():
                print(f"  {what}\n    {ours}\n    {theirs}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
