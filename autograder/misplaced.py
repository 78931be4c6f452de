"""Finds what lies in the folder of submissions where no grader looks: in a folder of another name, or in none."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from autograder.course_folder import LITTER, CourseFolder
from autograder.renamed import named_like, notebook_names, notebooks_below, squeezed
from course.handing_in.files import printable

MOST_NAMED = 10
"""Lines about one assignment."""


def misplaced(course: CourseFolder, assignment: str) -> list[str]:
    """Return a line for each place from which an assignment seems to be meant to be graded, and is not.

    A student who has a folder for the assignment has handed in there, whatever else is around.
    """
    root = course.root / course.directory.submitted_directory
    proper = course.folder("submitted", assignment, "STUDENT")
    if proper != root / "STUDENT" / assignment or not root.is_dir():  # folders of another order are the course's own
        return []
    elsewhere = _elsewhere(root, assignment, notebook_names(course, assignment), course.assignments())
    found = [
        printable(f"{path.relative_to(course.root)} was not graded: it belongs into {root.name}/{who}/{assignment}/.")
        for path, who in elsewhere
        if not (root / who / assignment).is_dir()
    ]
    more = len(found) - MOST_NAMED
    return [*found[:MOST_NAMED], *([f"{more} more in {root.name}/ are not where they belong."] if more > 0 else [])]


def _elsewhere(
    root: Path, assignment: str, notebooks: Collection[str], assignments: Collection[str]
) -> Iterator[tuple[Path, str]]:
    """Yield what is misplaced, and the student whose it seems to be."""
    for outer in _entries(root):
        if not outer.is_dir():
            if named_like(outer, notebooks):
                yield outer, "STUDENT"
            continue
        swapped = squeezed(outer.name) == squeezed(assignment)  # submitted/ASSIGNMENT/STUDENT
        for inner in _entries(outer):
            if inner.is_dir():
                if inner.name not in assignments and (
                    squeezed(inner.name) == squeezed(assignment)
                    or any(named_like(path, notebooks) for path in notebooks_below(inner, deepest=0))
                ):
                    yield inner, inner.name if swapped else outer.name
            elif named_like(inner, notebooks):
                yield inner, "STUDENT" if swapped else outer.name


def _entries(folder: Path) -> list[Path]:
    """Return the folders in a folder and its notebooks; no links, and nothing hidden."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(
                entry.name
                for entry in entries
                if entry.name[0] != "." and entry.name not in LITTER and entry.is_dir(follow_symlinks=False)
            )
    except OSError:  # nobody may look into it, and the grader says so where it matters
        return []
    return [*(folder / name for name in names), *notebooks_below(folder, deepest=0)]
