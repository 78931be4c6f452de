"""Honest submissions for a benchmark: right answers from the catalogue in turn, all of them different people's."""

from __future__ import annotations

import shutil
from itertools import cycle, islice
from pathlib import Path

import nbformat

from autograder.answers import Answer, load_answers
from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.publish.notebooks import generate_assignment

STOCK_CONFIG = """
c = get_config()
c.CourseDirectory.root = r"{root}"
c.CourseDirectory.course_id = "activations"
c.CourseDirectory.ignore.extend(["{assignment}.py"])
c.ClearSolutions.code_stub = {{"python": 'raise NotImplementedError("write me")'}}
"""
"""Stock nbgrader: its own restoring and its own Execute."""


def make_course(
    course: CourseFolder, folder: Path, assignment: str, catalogue: Path, students: int, *, stock: bool
) -> CourseFolder:
    """Make a course folder with one released assignment that `students` honest students handed in."""
    folder.mkdir(parents=True)
    shutil.copytree(course.root / "source" / assignment, folder / "source" / assignment)
    if stock:
        text = STOCK_CONFIG.format(root=folder, assignment=assignment)
        (folder / CONFIG_NAME).write_text(text, encoding="utf-8")
    else:
        shutil.copy(course.root / CONFIG_NAME, folder)
    made = CourseFolder.load(folder)
    generate_assignment(made, assignment)
    hand_in(made, assignment, catalogue, students)
    return made


def hand_in(course: CourseFolder, assignment: str, catalogue: Path, students: int) -> None:
    """Write `students` submissions; student n has the n-th combination of right answers."""
    answers: dict[str, list[Answer]] = {}
    for answer in load_answers(catalogue, assignment):
        if answer.right:
            answers.setdefault(answer.exercise, []).append(answer)
    turns = {exercise: islice(cycle(right), students) for exercise, right in answers.items()}
    released = course.folder("release", assignment) / f"{assignment}.ipynb"
    for number in range(students):
        notebook = nbformat.read(released, as_version=4)
        chosen = {exercise: next(turn).source for exercise, turn in turns.items()}
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id in chosen:
                cell.source = chosen[grade_id]
        folder = course.folder("submitted", assignment, f"student{number:04}")
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{assignment}.ipynb")
