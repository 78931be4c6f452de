"""Finds a notebook that was handed in under another name: browsers, Colab and JupyterLab name copies, people too."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograder.course_folder import LITTER, CourseFolder
from autograder.other_notebooks import content_of
from course.handing_in.reading import MAX_NOTEBOOK_BYTES

DEEPEST = 3
"""Folders below a submission in which notebooks are looked for, one in the other."""

MAX_FOUND = 20
"""Notebooks of one submission that are looked at."""

_SUFFIX = re.compile(r"\.ipynb(?:\.(?:txt|json))?\s*$", re.IGNORECASE)
"""Safari and mail programs put theirs behind it."""

MOST_UNTOUCHED = 2 * 1024**2
"""Bytes of a notebook that may be as it was handed out; only so much is parsed, before anything bounds that."""

_SHORT = 15  # characters of a line that many notebooks have
_SHARE = 0.5  # of the assignment's lines; a student may have written over the others


def find_renamed(course: CourseFolder, assignment: str, folder: Path, notebook: str) -> list[Path]:
    """Return the files of a submission that are this notebook under another name, those with the same content once.

    They are known by their name, which has the notebook's in it (`Copy of ps1.ipynb`, `ps1 (1).ipynb`), or by most of
    the lines that students got.

    Parameters
    ----------
    folder : Path
        Of the submission.
    notebook : str
        The name of the notebook that is not there, or has no answers.
    """
    names = notebook_names(course, assignment) | {notebook}
    others = [path for path in notebooks_below(folder) if path not in _in_their_place(folder, names)]
    lines = _released_lines(course, assignment, notebook) if others else set()
    found: dict[bytes, Path] = {}
    for path in others:
        content, like = content_of(path, MAX_NOTEBOOK_BYTES), named_like(path, names)
        if content is not None and (like == notebook or (not like and _has_most(content, lines))):
            found.setdefault(hashlib.sha256(content).digest(), path)
    return list(found.values())


def copies_beside(course: CourseFolder, assignment: str, graded: Path, notebook: str, content: bytes) -> list[str]:
    """Return the names of other files beside the one that is graded which seem to be it, with another content."""
    names = notebook_names(course, assignment) | {notebook}
    known = {graded, *_in_their_place(graded.parent, names)}
    return [
        path.name
        for path in notebooks_below(graded.parent, deepest=0)
        if path not in known
        and named_like(path, names) == notebook
        and content_of(path, MAX_NOTEBOOK_BYTES) not in (None, content)
    ]


def is_untouched(course: CourseFolder, assignment: str, content: bytes | None, notebook: str) -> bool:
    """Tell whether a notebook has no answers: all that `release/` leaves open is as open, and no code was added."""
    if content is None or len(content) > MOST_UNTOUCHED:
        return False
    given = _cells(content_of(course.folder("release", assignment) / f"{notebook}.ipynb", MAX_NOTEBOOK_BYTES))
    found = {text for _, text, _ in _cells(content)}
    left_open = {text for _, text, is_open in given if is_open}
    added = {text for kind, text, _ in _cells(content) if kind == "code"} - {text for _, text, _ in given} - {""}
    return bool(left_open) and left_open <= found and not added


def _cells(content: bytes | None) -> list[tuple[str, str, bool]]:
    """Return type and text of each cell, and whether it is for students to fill in; nothing of what is no notebook."""
    try:
        cells = [cell for cell in json.loads(content or b"")["cells"] if isinstance(cell["source"], (str, list))]
        return [(cell["cell_type"], "".join(cell["source"]).strip(), _is_open(cell)) for cell in cells]
    except (ValueError, LookupError, TypeError, RecursionError):
        return []


def _is_open(cell: dict[str, Any]) -> bool:
    marks = cell.get("metadata", {}).get("nbgrader", {})
    return bool(marks.get("solution") or marks.get("task"))


def notebooks_below(folder: Path, deepest: int = DEEPEST) -> list[Path]:
    """Return the notebooks in a folder and those below it, whatever is behind their suffix; no links."""
    found: list[Path] = []
    for parent, folders, files in os.walk(folder):
        depth = len(Path(parent).relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if depth < deepest and name[0] != "." and name not in LITTER)
        for name in sorted(files):
            path = Path(parent, name)
            if name[0] != "." and _SUFFIX.search(name) and stat.S_ISREG(path.lstat().st_mode):
                found.append(path)
        if len(found) >= MAX_FOUND:
            break
    return found[:MAX_FOUND]


def named_like(path: Path, names: Collection[str]) -> str:
    """Return the longest of these names that is in a file's name, whatever its case, blanks and dashes; "" if none."""
    told = squeezed(_SUFFIX.sub("", path.name))
    inside = [name for name in names if len(squeezed(name)) > 2 and squeezed(name) in told]
    return max(inside, key=lambda name: len(squeezed(name)), default="")


def _in_their_place(folder: Path, names: Collection[str]) -> set[Path]:
    return {folder / f"{name}.ipynb" for name in names}


def squeezed(name: str) -> str:
    """Return a name without what people and programs change in one: case, blanks, dashes."""
    return "".join(character for character in name.casefold() if character.isalnum())


def notebook_names(course: CourseFolder, assignment: str) -> set[str]:
    """Return the names of an assignment's notebooks."""
    return {path.stem for path in course.folder("source", assignment).glob("*.ipynb")}


def _released_lines(course: CourseFolder, assignment: str, notebook: str) -> set[bytes]:
    """Return the longer lines of what students got, as a file has them."""
    for step in ("release", "source"):
        with suppress(OSError, ValueError, LookupError, TypeError):
            told = json.loads((course.folder(step, assignment) / f"{notebook}.ipynb").read_bytes())
            text = "\n".join("".join(cell["source"]) for cell in told["cells"])
            lines = {line.strip() for line in text.splitlines()}
            return {json.dumps(line)[1:-1].encode() for line in lines if len(line) >= _SHORT and line.isascii()}
    return set()


def _has_most(content: bytes, lines: Collection[bytes]) -> bool:
    if b"\0" in content[:4]:  # UTF-16
        content = content.replace(b"\0", b"")
    return bool(lines) and sum(line in content for line in lines) > _SHARE * len(lines)
