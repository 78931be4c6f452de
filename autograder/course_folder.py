"""The course folder: where it is, its nbgrader settings, its assignments and submissions."""

from __future__ import annotations

import difflib
import fnmatch
import glob
import logging
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from pathlib import Path

from nbgrader.apps import AutogradeApp, NbGraderAPI
from nbgrader.auth import Authenticator
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import make_url
from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

from autograder.errors import UserError
from autograder.timestamps import exchange_zone

CONFIG_NAME = "nbgrader_config.py"

WAIT_SECONDS = 60
"""How long nbgrader and we wait for a gradebook that is in use; SQLite by itself waits five seconds."""

LITTER = frozenset(
    {
        "__MACOSX",
        "__pycache__",
        "@eaDir",
        "#recycle",
        "#snapshot",
        "$RECYCLE.BIN",
        "System Volume Information",
        "RECYCLER",
        "Network Trash Folder",
        "Temporary Items",
        "TheVolumeSettingsFolder",
        "lost+found",
    }
)
"""Folders that systems and archive programs leave behind; those that begin with a dot are no students either."""

_ANYONE = "\0a student\0"
"""No name of a folder."""


@dataclass(frozen=True)
class CourseFolder:
    """A course folder with its nbgrader settings."""

    root: Path
    config: Config

    @classmethod
    def find(cls, start: Path) -> CourseFolder:
        """Return the course that `start` lies in: the nearest folder upwards with an nbgrader_config.py.

        If there is none, it is the course that the user's Jupyter settings name (`CourseDirectory.root`).

        Raises
        ------
        UserError
            If there is none, or its settings cannot be read.
        """
        start = start.resolve()
        for folder in [start, *start.parents]:
            if (folder / CONFIG_NAME).is_file():
                return cls.load(folder)
        named = _load_settings(AutogradeApp().config_file_paths).CourseDirectory.get("root")
        if isinstance(named, str) and Path(named).is_dir():
            return cls.load(Path(named).resolve())
        also = f", and CourseDirectory.root in Jupyter's settings is {named}, which is no folder" if named else ""
        raise UserError(
            f"No {CONFIG_NAME} in {start} or above it{also}: run this inside the course folder, or use --course."
        )

    @classmethod
    def load(cls, root: Path) -> CourseFolder:
        """Return the course in the folder `root`, with the settings that `nbgrader` has there.

        They are the user's, from Jupyter's folders, then those of the course folder, which win.
        """
        app = AutogradeApp()
        # Before the settings are read; last, so that nothing in a course takes the place of a package.
        if str(root) not in sys.path:
            sys.path.append(str(root))
        settings = _load_settings(app.config_file_paths)
        root, own = _load_own(root)
        settings.merge(own)
        app.update_config(settings)  # it translates the names that settings had in earlier versions
        _put_scripts_on_path()
        return cls(root, app.config)

    @cached_property
    def directory(self) -> CourseDirectory:
        """nbgrader's view of this folder; read-only."""
        return CourseDirectory(config=self.config, root=str(self.root))

    @cached_property
    def zone(self) -> tzinfo | None:
        """The time zone in which nbgrader's settings have the exchange write, if they name one."""
        return exchange_zone(self.config)

    @cached_property
    def students_own(self) -> Mapping[str, Container[str]]:
        """Files of each assignment that a student's own take the place of (`Autograde.exclude_overwriting`)."""
        own: Mapping[str, Container[str]] = Autograde(config=self.config).exclude_overwriting
        return own

    def api(self) -> NbGraderAPI:
        """Return nbgrader's own programming interface to this course."""
        coursedir = _CourseDirectory(config=self.config, root=str(self.root))  # it narrows its own at times
        coursedir.db_url = self.waiting_db_url
        api = NbGraderAPI(coursedir, Authenticator(config=self.config), config=self.config)
        api.log.setLevel(logging.ERROR)
        return api

    @property
    def db_url(self) -> str:
        """The gradebook's address: SQLite in the course folder unless nbgrader's `db_url` says otherwise."""
        return str(self.directory.db_url)

    @property
    def waiting_db_url(self) -> str:
        """The gradebook's address for programs that are to wait while it is in use."""
        url = make_url(self.db_url)
        if url.get_backend_name() == "sqlite" and "timeout" not in url.query:
            url = url.update_query_dict({"timeout": str(WAIT_SECONDS)})
        return url.render_as_string(hide_password=False)

    def folder(self, step: str, assignment: str, student: str = ".") -> Path:
        """Return the folder of one step of the workflow, such as `submitted`, for one assignment and student."""
        return Path(self.directory.format_path(self._step(step), student, assignment))

    def folders(self, step: str, assignment: str) -> Callable[[str], Path]:
        """Return a function that says where one step of an assignment has a student's files, for a whole class."""
        anyone = self.folder(step, assignment, _ANYONE)
        before, _, after = str(anyone).partition(_ANYONE)
        if f"{before}a{after}" == str(self.folder(step, assignment, "a")) and "\0" not in before + after:
            return lambda student: Path(f"{before}{student}{after}")
        return lambda student: self.folder(step, assignment, student)  # it depends on the name in another way

    def _step(self, step: str) -> str:
        """Return what nbgrader's settings call the folder of a step."""
        return str(getattr(self.directory, f"{step}_directory"))

    @property
    def source(self) -> Path:
        """Where the instructor notebooks are."""
        return self.root / self.directory.source_directory

    @property
    def release(self) -> Path:
        """Where the student versions are."""
        return self.root / self.directory.release_directory

    @property
    def answers(self) -> Path:
        """Where the right and wrong answers to every exercise are."""
        return self.root / "autograder" / "practice" / "answers"

    @property
    def quiz_sources(self) -> Path:
        """Where the quizzes are with their keys."""
        return self.root / "autograder" / "publish" / "quiz_sources"

    @property
    def quizzes(self) -> Path:
        """Where the quizzes are as students get them."""
        return self.root / "course" / "quizzes"

    def assignments(self) -> list[str]:
        """Return the names of the assignments in `source/`, sorted: its folders that hold notebooks."""
        if not self.source.is_dir():
            raise UserError(f"There is no {self.source}: a course keeps its instructor notebooks there.")
        return sorted({path.parent.name for path in self.source.glob("[!.]*/*.ipynb")})

    def require_assignment(self, name: str) -> str:
        """Return `name` if it is an assignment of this course.

        Raises
        ------
        UserError
            Naming the nearest assignment there is.
        """
        known = self.assignments()
        if name in known:
            return name
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known) or 'none'}."
        raise UserError(f"There is no assignment {name!r} in {self.source}. {hint}")

    def students(self, assignment: str, step: str = "submitted") -> list[str]:
        """Return the students with a folder in `submitted/` for this assignment, or in that of another step, sorted."""
        directory = CourseDirectory(config=self.config, root=glob.escape(str(self.root)))
        anyone = directory.format_path(glob.escape(self._step(step)), "*", glob.escape(assignment))
        folders = glob.glob(anyone)  # noqa: PTH207 - unlike Path.glob it leaves hidden folders out, as nbgrader does
        pattern = self.directory.format_path(
            re.escape(self._step(step)), "(?P<student>[^/]*)", re.escape(assignment), escape=True
        )
        found = [re.fullmatch(pattern, folder) for folder in folders if Path(folder).is_dir()]
        names = {match["student"] for match in found if match}
        excluded = {part.strip() for part in self.directory.student_id_exclude.split(",")}
        wanted = self.directory.student_id
        return sorted(name for name in names - LITTER - excluded if fnmatch.fnmatchcase(name, wanted))


class _CourseDirectory(CourseDirectory):
    """nbgrader's, for names with line breaks too."""

    def format_path(self, nbgrader_step: str, student_id: str, assignment_id: str, escape: bool = False) -> str:
        """Return a path, or a pattern of paths in which `.` is any character."""
        path = super().format_path(nbgrader_step, student_id, assignment_id, escape=escape)
        return f"(?s){path}" if escape else path


def own_settings(root: Path) -> Config:
    """Return the settings that are in the course folder itself, without those of this user and this machine."""
    app = AutogradeApp()
    app.update_config(_load_own(root)[1])  # it translates the names that settings had in earlier versions
    return app.config


def copy_settings(root: Path, target: Path) -> None:
    """Copy a course's settings to another folder, where they name a gradebook of its own, whatever `db_url` says."""
    text = (root / CONFIG_NAME).read_text(encoding="utf-8")
    own = f"sqlite:///{(target.resolve() / 'gradebook.db').as_posix()}"
    (target / CONFIG_NAME).write_text(f"{text}\nc.CourseDirectory.db_url = {own!r}\n", encoding="utf-8")


def same_name(name: str) -> str:
    """Return a name in the one form in which equal names are equal: a Mac writes `é` as `e` and an accent."""
    return unicodedata.normalize("NFC", name)


def _load_own(root: Path) -> tuple[Path, Config]:
    """Return a course's own settings, and its folder: the settings may name another, whose settings win."""
    own = _load_settings([str(root)], shared=False)
    elsewhere = own.CourseDirectory.get("root")
    if isinstance(elsewhere, str) and (root / elsewhere).resolve() != root.resolve():
        root = (root / elsewhere).resolve()
        own.merge(_load_settings([str(root)], shared=False))
    return root, own


def _load_settings(folders: list[str], *, shared: bool = True) -> Config:
    """Return what Jupyter's settings files in these folders say, the first folder winning.

    Parameters
    ----------
    folders : list of str
        Where to look.
    shared : bool, optional
        Whether files for all of Jupyter count too, as in the user's folders.
    """
    config = Config()
    for name in [*(["jupyter_config"] if shared else []), CONFIG_NAME.removesuffix(".py")]:
        for folder in reversed(folders):
            for kind, make in ((".py", PyFileConfigLoader), (".json", JSONFileConfigLoader)):
                loader = make(name + kind, path=folder)
                try:
                    config.merge(loader.load_config())
                except ConfigFileNotFound:
                    continue
                except Exception as error:
                    raise UserError(
                        f"{Path(folder, loader.filename)} cannot be read ({type(error).__name__}: {error})."
                    ) from error
    return config


def _put_scripts_on_path() -> None:
    """Let nbgrader find `alembic`, which it starts by name, even if no environment is activated."""
    scripts = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", "")
    if scripts not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([scripts, path])


def found_literally(
    converter: BaseConverter, more: Callable[[Path], list[Path]] = lambda folder: []
) -> dict[str, list[str]]:
    """Return folders of an assignment with their notebooks, as nbgrader's converters keep them.

    nbgrader takes the folders that it finds for patterns once more: `[a]` would hold the notebooks of the student `a`.

    Parameters
    ----------
    more : Callable[[Path], list[Path]], optional
        Returns further notebooks of a folder.
    """
    directory = converter.coursedir
    named = str(converter._format_source(directory.assignment_id, directory.student_id))
    folders = [named] if Path(named).is_dir() else sorted(glob.glob(named))  # noqa: PTH207 - the pattern begins at the root
    notebooks = {
        folder: [
            str(path) for path in sorted({*Path(folder).glob(f"{directory.notebook_id}.ipynb"), *more(Path(folder))})
        ]
        for folder in folders
    }
    return {folder: paths for folder, paths in notebooks.items() if paths}
