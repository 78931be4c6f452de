"""Builds the student bundle: a zip of what students need, which works on its own and leaks nothing.

It is the repository without `source/`, `autograder/`, `tests/`, the text twins and the instructor's
documents. The same commit gives the same bytes.
"""

from __future__ import annotations

import io
import os
import subprocess
import time
import tomllib
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jinja2
from packaging.requirements import Requirement
from traitlets.config import Config

from autograder.course_folder import CourseFolder, own_settings
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.publish.leaks import find_leaks
from course.lab import settings

TEMPLATES = Path(__file__).parent / "templates"
COPIED = ("LICENSE", "constraints.txt")
CONTENT_SUFFIXES = {".ipynb", ".py", ".js", ".css", ".json", ".md", ".png", ".svg", ".csv", ".npz"}
"""What lessons and assignments consist of; an editor's backup or a cache does not get in."""

COPIES = "course/rehearse/copies"
"""Where a rehearsal looks for the assignments as they were released."""

LAST_ZONE = timezone(timedelta(hours=-12))
"""A zip has times without a zone. As of here, a file is nowhere younger than now, which `make` would mind."""

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""The first time a zip can hold."""

CONDA_NAMES = {
    "torch": "pytorch-cpu",
    "matplotlib": "matplotlib-base",
    "msgpack": "msgpack-python",
    "jupyter-client": "jupyter_client",
}
"""What a package of PyPI is called on conda-forge, where that differs."""


def build_bundle(root: Path, target: Path, *, assignments: bool = True) -> Path:
    """Write the student bundle of the course in `root` to the zip file `target`, whole or not at all.

    Parameters
    ----------
    root : Path
        The course folder.
    target : Path
        The zip file.
    assignments : bool, optional
        Whether the assignments are in it; where students fetch them from an exchange, they need not be.

    Raises
    ------
    UserError
        If a part is missing, or something in it is not for students.
    """
    files = bundle_files(root, assignments=assignments)
    leaks = find_leaks(root, files)
    if leaks:
        raise UserError(
            f"The bundle was not written: {len(leaks)} leaks to students.\n" + "\n".join(f"- {leak}" for leak in leaks)
        )
    name = _project(root)["name"]
    write_atomically(target, _zip({f"{name}/{path}": data for path, data in files.items()}, date_of(root)))
    return target


def bundle_files(root: Path, *, assignments: bool = True) -> dict[str, bytes]:
    """Return the files of the bundle: path in it -> contents.

    Raises
    ------
    UserError
        If a part of the course is missing.
    """
    files = _content(root, "course") | (_content(root, "release") if assignments else {})
    files |= _copies(files)
    for name in COPIED:
        files[name] = _read(root, name)
    project = _project(root)
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    context = {
        "project": project,
        "conda_packages": [conda_requirement(requirement) for requirement in project["dependencies"]],
        "assignments": sorted({Path(path).parts[1] for path in files if path.startswith("release/")}),
    }
    for template in sorted(TEMPLATES.glob("*.j2")):
        files[template.stem] = templates.get_template(template.name).render(context).encode()
    files[settings.NAME] = settings.for_students(_for_students(root)).encode()
    return files


def unnamed_exchange(root: Path) -> str | None:
    """Return the exchange that only settings outside the course folder name: the bundle does not."""
    exchange: str | None = CourseFolder.load(root).config.Exchange.get("root")
    return None if exchange == own_settings(root).Exchange.get("root") else exchange


def date_of(root: Path) -> datetime:
    """Return the date of the files in a bundle: `SOURCE_DATE_EPOCH`, else the last commit's, else now."""
    git = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
    try:
        commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout
    except OSError:  # there is no git
        commit = ""
    seconds = next((s for s in (os.environ.get("SOURCE_DATE_EPOCH", ""), commit.strip()) if s.isdecimal()), time.time())
    return max(datetime.fromtimestamp(int(seconds), UTC), EARLIEST + timedelta(days=1))


def conda_requirement(requirement: str) -> str:
    """Return a requirement of PyPI, such as `torch>=2.6,<3`, as conda-forge's `pytorch-cpu>=2.6,<3`."""
    parsed = Requirement(requirement)
    return CONDA_NAMES.get(parsed.name, parsed.name) + ",".join(sorted(map(str, parsed.specifier), reverse=True))


def _for_students(root: Path) -> Config:
    """Return the course's settings, with the exchange only if the course folder names it.

    A student's copy has its settings from here, and they win over those of the student's machine. Where the exchange is
    on this machine says nothing about that one.
    """
    told = Config(CourseFolder.load(root).config)
    told.Exchange = own_settings(root).Exchange
    return told


def _content(root: Path, folder: str) -> dict[str, bytes]:
    """Return the lessons, code and data below `folder`, without text twins."""
    paths = [path for path in sorted((root / folder).rglob("*")) if _is_content(path.relative_to(root))]
    if not paths:
        raise UserError(f"There is nothing in {root / folder}: build it first with make notebooks or make release.")
    twins = {path.with_suffix(".py") for path in paths if path.suffix == ".ipynb"}
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths if path not in twins}


def _copies(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the assignments once more: a rehearsal restores a student's notebook from a copy that nobody works in."""
    notebooks = {
        Path(path).stem: data for path, data in files.items() if path.startswith("release/") and path.endswith(".ipynb")
    }
    return {f"{COPIES}/{name}.json": data for name, data in notebooks.items()}


def _is_content(path: Path) -> bool:
    hidden = any(part.startswith((".", "__pycache__")) for part in path.parts)
    return path.suffix in CONTENT_SUFFIXES and not hidden


def _project(root: Path) -> dict[str, Any]:
    """Return the [project] table of pyproject.toml, the one list of dependencies."""
    project: dict[str, Any] = tomllib.loads(_read(root, "pyproject.toml").decode("utf-8"))["project"]
    return project


def _read(root: Path, name: str) -> bytes:
    try:
        return (root / name).read_bytes()
    except OSError as error:
        raise UserError(f"The bundle needs {root / name}, which cannot be read ({error.strerror}).") from error


def _zip(files: dict[str, bytes], date: datetime) -> bytes:
    buffer = io.BytesIO()
    when = date.astimezone(LAST_ZONE).timetuple()[:6]
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in sorted(files.items()):
            entry = zipfile.ZipInfo(path, when)
            entry.create_system = 3  # Unix, also where this runs on another system
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()
