"""`autograder demo`: a sample class from release to report, in its own folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from autograder.batch.executors import lent_executor
from autograder.batch.run import grade_with_progress, how_configured
from autograder.course_folder import CONFIG_NAME, CourseFolder, copy_settings
from autograder.errors import UserError
from autograder.examiner.rooms import preload_for, require_wall
from autograder.examiner.sourcecells import source_notebooks
from autograder.gradebook import open_gradebook
from autograder.practice.sample_class import HARMFUL, enter_names, make_sample_class
from autograder.publish.notebooks import build_notebooks, generate_assignment
from autograder.reports.class_report import what_failed
from autograder.reports.export import export_grades
from autograder.reports.feedback import write_feedback
from autograder.reports.overview import write_all
from autograder.reports.report_files import page_path
from autograder.reports.results import read_results
from autograder.room.errors import SandboxUnavailable

OWN_MARK = ".autograder-demo"
"""Marks a folder that this command made, and may therefore empty."""

_PLAN = """\
Two to five minutes on two idle cores, up to ten on a busy machine, all in {folder}; your gradebook is left alone.
  1. Release: the student notebooks of each assignment, {assignments} in all
  2. Sample class: {students} invented students hand in
  3. Grade, assignment by assignment; this takes most of the time
  4. Feedback for each student, class reports and their overview, and a table of each assignment"""

CELL_SECONDS = 10.0
"""After which a cell is stopped here. One student in thirty has an endless loop, and 30 s is long to wait."""

_SETTINGS = f"""
# The sample class has a student with an endless loop; here it is stopped sooner than in a real class.
c.Examiner.cell_seconds = {CELL_SECONDS}
"""

_NO_WALL = (
    "This machine can build no wall around student code. The sample class is our own code, so it is graded without "
    "one, and without its harmful students ({absent}). `autograder doctor` says what would give this machine a wall."
)


def run_demo(course: CourseFolder, target: Path, students: int, console: Console) -> None:
    """Generate, hand in, grade, give feedback, export and report; the course's own gradebook is left alone.

    Raises
    ------
    UserError
        If `target` exists and was not made by this command.
    """
    _require_ours(target)
    plan = _PLAN.format(folder=_short(target), assignments=len(course.assignments()), students=students)
    console.print(plan, markup=False, highlight=False, soft_wrap=True)
    demo = _demo_course(course, target)
    protected = _has_wall(demo)
    if not protected:
        absent = "; ".join(sorted(HARMFUL))
        console.print(_NO_WALL.format(absent=absent), markup=False, highlight=False, soft_wrap=True)
    workers = os.cpu_count() or 1
    with lent_executor(workers) as make_executor:  # which begins to import now, while the class is made
        console.print(f"[bold]1. Release[/bold]: student notebooks in {_short(demo.release)}")
        for assignment in track(demo.assignments(), "release", console=console):
            generate_assignment(demo, assignment)
        made = make_sample_class(
            demo,
            course.answers,
            demo.root / "submitted",
            students=students,
            without=() if protected else HARMFUL,
        )
        console.print(f"[bold]2. Sample class[/bold]: {len(made)} students hand in")
        enter_names(demo, made)
        preload = _preload(demo)  # the same for all assignments, whose rooms then come from the same processes
        for assignment in demo.assignments():
            console.print(f"[bold]3. Grade[/bold] {assignment}")
            grade_with_progress(
                demo,
                assignment,
                console,
                workers=workers,
                unprotected=not protected,
                make_executor=make_executor,
                preload=preload,
            )
    console.print("[bold]4. Feedback, class reports[/bold]")
    with console.status("writing"):
        for assignment in demo.assignments():
            write_feedback(demo, assignment, workers=workers)
        *_, overview = write_all(demo, workers=workers)
    for assignment in demo.assignments():
        console.print(_table(demo, assignment))
        console.print(f"Class report: {_short(page_path(demo, assignment, anonymous=False))}", soft_wrap=True)
    console.print(f"Overview:     {_short(overview)}", soft_wrap=True)
    console.print(f"Feedback:     {_short(demo.root / 'feedback')}", soft_wrap=True)
    console.print(f"Grades:       {_short(export_grades(demo, demo.root / 'grades.csv'))}", soft_wrap=True)


def _preload(course: CourseFolder) -> tuple[str, ...]:
    """Return the modules worth importing for the rooms of any of a course's assignments."""
    with open_gradebook(course) as gradebook:
        sources = [source_notebooks(gradebook, name) for name in course.assignments()]
    return preload_for(notebook for notebooks in sources for notebook in notebooks.values())


def _has_wall(course: CourseFolder) -> bool:
    """Return whether student code can be isolated here, or the course asks for it not to be."""
    try:
        require_wall(how_configured(course).settings)
    except SandboxUnavailable:
        return False
    return True


def _require_ours(target: Path) -> None:
    if target.exists() and any(target.iterdir()) and not (target / OWN_MARK).exists():
        raise UserError(f"{target} is not empty and was not made by this command; name another folder with --to.")


def _demo_course(course: CourseFolder, target: Path) -> CourseFolder:
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    (target / OWN_MARK).touch()
    build_notebooks(course.root, below=course.source.name)
    copy_settings(course.root, target)
    with (target / CONFIG_NAME).open("a", encoding="utf-8") as settings:
        settings.write(_SETTINGS)
    shutil.copytree(course.source, target / "source")
    return CourseFolder.load(target.resolve())


def _table(course: CourseFolder, assignment: str) -> Table:
    table = Table("student", "score", "what failed", title=assignment)
    for student in read_results(course, assignment).students:
        failed = "\n".join(f"{exercise}: {what}" if exercise else what for exercise, what in what_failed(student))
        table.add_row(Text(student.id), f"{student.score:.1f} / {student.max_score:g}", Text(failed))
    return table


def _short(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
