"""Writes files whole or not at all, and reads what was handed in, distrusting it: links, sizes and names.

Both ways of grading read through `read_submitted`: the `autograder grade` command and nbgrader's preprocessor.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.other_notebooks import content_of
from autograder.renamed import copies_beside, find_renamed, is_untouched, notebooks_below
from autograder.timestamps import NAME as TIMESTAMP
from course.handing_in.files import MAX_FILES, MAX_FILES_BYTES, printable, read_files
from course.handing_in.reading import MAX_NOTEBOOK_BYTES

SHARED_FOLDER = 0o2770
"""What a folder has at least that several instructors write to (`CourseDirectory.groupshared`)."""


def write_atomically(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put a file in its place in one step: nobody sees half of it, and an interrupted run leaves the old one.

    Parameters
    ----------
    path : Path
        Its folder is made if it is not there.
    data : bytes
        All that the file is to hold.
    mode : int, optional
        The file's permissions.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def share(folder: Path, root: Path) -> None:
    """Let other instructors of the group write to what is in a folder, and to those above it within the course."""
    folders = [path for path in folder.rglob("*") if path.is_dir()]
    above = [path for path in (folder, *folder.parents) if root in path.parents]
    for path in (*folders, *above):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & SHARED_FOLDER != SHARED_FOLDER:
            with contextlib.suppress(PermissionError):  # another's folder, and up to that person
                path.chmod(mode | SHARED_FOLDER)


def remove_all_but(folder: Path, names: Set[str]) -> None:
    """Remove all but the regular files of these names: what an earlier submission or a killed run left behind."""
    for path in sorted(folder.rglob("*"), reverse=True):  # what is in a folder comes before the folder
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in names or path.is_symlink():
            path.unlink()


@dataclass(frozen=True)
class Submitted:
    """A notebook as it was handed in, and the files that go along with it."""

    notebook: bytes
    files: dict[str, bytes]
    """By relative path; the assignment's own take the place of the student's."""
    left_out: tuple[str, ...]
    """Which files are not among them, and why, as sentences."""


def read_submitted(
    course: CourseFolder, assignment: str, student: str, notebook: str, most_bytes: int = MAX_FILES_BYTES
) -> Submitted:
    """Return what a student handed in for the notebook of this name.

    Parameters
    ----------
    most_bytes : int, optional
        Of the student's own files; those that would be more are left out, the largest first.

    Raises
    ------
    UserError
        With the reason, on one line, why there is nothing to grade.
    """
    folder = course.folder("submitted", assignment, student)
    with _told_in_one_line(folder):
        _refuse_links(course, folder)
        path, named = _notebook(course, assignment, folder, notebook)
        raw = _read_notebook(path)
        named += [
            printable(f"beside {path.name} there is {name}, which was not graded")
            for name in copies_beside(course, assignment, path, notebook, raw)
        ]
        given, not_given = _given_files(course, assignment)
        own, left_out = read_files(folder, course.directory.ignore, MAX_FILES, most_bytes, given.keys())
    return Submitted(raw, _merged(own, given), (*named, *left_out, *not_given))


@contextmanager
def _told_in_one_line(folder: Path) -> Iterator[None]:
    try:
        yield
    except UserError as error:
        raise UserError(printable(str(error))) from None
    except OSError as error:
        name = Path(error.filename or folder).name
        raise UserError(printable(f"{name} cannot be read: {error.strerror}.")) from None


def _refuse_links(course: CourseFolder, folder: Path) -> None:
    """Refuse a submission that lies elsewhere; where `submitted/` itself is, the instructor decides."""
    submitted = course.root / course.directory.submitted_directory
    for path in [folder, *folder.parents]:
        if path == submitted:
            return
        if path.is_symlink():
            raise UserError(f"{path} is a symbolic link; a submission must be a folder.")


def _notebook(course: CourseFolder, assignment: str, folder: Path, name: str) -> tuple[Path, list[str]]:
    """Return the file that is the notebook of this name, and a sentence if it has another one.

    A notebook without answers beside a copy that has some is as good as none: people work in the copy.
    """
    path = folder / f"{name}.ipynb"
    there = os.path.lexists(path)
    renamed = find_renamed(course, assignment, folder, name)
    if there:
        if not renamed or not _untouched(course, assignment, path, name):
            return path, []
        renamed = [other for other in renamed if not _untouched(course, assignment, other, name)]
        if not renamed:
            return path, []
    if len(renamed) == 1:
        other = renamed[0].relative_to(folder).as_posix()
        if there:
            return renamed[0], [printable(f"{other} was graded as {path.name}, in which nothing is answered")]
        return renamed[0], [printable(f"{other} was graded as {path.name}, which is not there")]
    others = renamed or notebooks_below(folder) or sorted(f for f in folder.glob("[!.]*") if f.name != TIMESTAMP)
    names = ", ".join(other.relative_to(folder).as_posix() for other in others)
    if there:
        raise UserError(f"Nothing is answered in {path.name}; there is {names[:200]}. Rename the one that counts.")
    which = " Rename the one that counts." if len(renamed) > 1 else ""
    found = f"; there is {names[:200]}" if names else ""
    raise UserError(f"There is no {path.name} in the submission{found}.{which}")


def _untouched(course: CourseFolder, assignment: str, path: Path, name: str) -> bool:
    return is_untouched(course, assignment, content_of(path, MAX_NOTEBOOK_BYTES), name)


def _read_notebook(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        kind = "a symbolic link" if path.is_symlink() else error.strerror
        raise UserError(f"{path.name} cannot be read: {kind}.") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise UserError(f"{path.name} is not a file.")
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size > MAX_NOTEBOOK_BYTES:
            limit = MAX_NOTEBOOK_BYTES // 1024**2
            raise UserError(
                f"{path.name} has {status.st_size / 1024**2:.0f} MiB; at most {limit} are read. "
                "Please clear its outputs, save it and hand it in again."
            )
        return file.read(MAX_NOTEBOOK_BYTES)


def _merged(own: Mapping[str, bytes], given: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return a student's files with the assignment's in their place; a file in the way of a given one goes."""
    taken = {folder for name in given for folder in _folders(name)}
    kept = {name: content for name, content in own.items() if name not in taken and not _folders(name) & given.keys()}
    return {**kept, **given}


def _folders(name: str) -> set[str]:
    return {parent.as_posix() for parent in PurePosixPath(name).parents}


def _given_files(course: CourseFolder, assignment: str) -> tuple[dict[str, bytes], list[str]]:
    """Return the assignment's own files, but not its text twins: they hold the solutions."""
    folder = course.folder("source", assignment)
    twins = [f"{notebook.stem}.py" for notebook in folder.glob("*.ipynb")]
    files, left_out = read_files(folder, [*course.directory.ignore, *twins])
    students_own = course.students_own.get(assignment, ())
    return {name: content for name, content in files.items() if name not in students_own}, left_out
