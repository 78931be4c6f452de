"""`autograder demo`: a sample class from release to report, in a folder of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.batch.run import grade_with_progress
from autograder.courseroot import CONFIG_NAME, Course
from autograder.errors import UserError
from autograder.export import export_grades
from autograder.feedback import write_feedback
from autograder.notebooks import build_notebooks, generate_assignment
from autograder.report import what_failed, write_report
from autograder.results import read_results
from autograder.sample_class import enter_names, make_sample_class

CATALOGUE = Path("tests") / "catalogue"
OWN_MARK = ".autograder-demo"
"""Marks a folder that this command made, and may therefore empty."""


def run_demo(course: Course, target: Path, students: int, console: Console) -> None:
    """Generate, hand in, grade, give feedback, export and report; the course's own gradebook is left alone.

    Raises
    ------
    UserError
        If ``target`` exists and was not made by this command.
    """
    demo = _demo_course(course, target)
    console.print(f"[bold]1. Release[/bold]: student notebooks in {_short(demo.root / 'release')}")
    for assignment in demo.assignments():
        generate_assignment(demo, assignment)
    console.print(f"[bold]2. Sample class[/bold]: {students} students hand in")
    enter_names(demo, make_sample_class(demo, course.root / CATALOGUE, demo.root / "submitted", students=students))
    for assignment in demo.assignments():
        console.print(f"[bold]3. Grade[/bold] {assignment}")
        grade_with_progress(demo, assignment, console, workers=os.cpu_count() or 1)
        console.print("[bold]4. Feedback, class report[/bold]")
        write_feedback(demo, assignment)
        page = write_report(demo, assignment)
        console.print(_table(demo, assignment))
        console.print(f"Class report: {_short(page)}", soft_wrap=True)
    console.print(f"Feedback:     {_short(demo.root / 'feedback')}", soft_wrap=True)
    console.print(f"Grades:       {_short(export_grades(demo, demo.root / 'grades.csv'))}", soft_wrap=True)


def _demo_course(course: Course, target: Path) -> Course:
    if target.exists() and any(target.iterdir()) and not (target / OWN_MARK).exists():
        raise UserError(f"{target} is not empty and was not made by this command; name another folder with --to.")
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    (target / OWN_MARK).touch()
    build_notebooks(course.root)
    shutil.copy(course.root / CONFIG_NAME, target)
    shutil.copytree(course.root / "source", target / "source")
    return Course.load(target.resolve())


def _table(course: Course, assignment: str) -> Table:
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
