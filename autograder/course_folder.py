"""The course folder: where it is, its nbgrader settings, its assignments and submissions."""

from __future__ import annotations

import difflib
import logging
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.errors import UserError

CONFIG_NAME = "nbgrader_config.py"


@dataclass(frozen=True)
class CourseFolder:
    """A course folder with its nbgrader settings."""

    root: Path
    config: Config

    @classmethod
    def find(cls, start: Path) -> CourseFolder:
        """Return the course that `start` lies in: the nearest folder upwards with an nbgrader_config.py.

        Raises
        ------
        UserError
            If there is none, or its settings cannot be read.
        """
        start = start.resolve()
        for folder in [start, *start.parents]:
            if (folder / CONFIG_NAME).is_file():
                return cls.load(folder)
        raise UserError(f"No {CONFIG_NAME} in {start} or above it: run this inside the course folder, or use --course.")

    @classmethod
    def load(cls, root: Path) -> CourseFolder:
        """Return the course in the folder `root`."""
        try:
            config = PyFileConfigLoader(CONFIG_NAME, path=str(root)).load_config()
        except Exception as error:
            raise UserError(f"{root / CONFIG_NAME} cannot be read ({type(error).__name__}: {error}).") from error
        _put_scripts_on_path()
        return cls(root, config)

    @cached_property
    def directory(self) -> CourseDirectory:
        """nbgrader's view of this folder; read-only."""
        return CourseDirectory(config=self.config, root=str(self.root))

    def api(self) -> NbGraderAPI:
        """Return nbgrader's own programming interface to this course."""
        coursedir = CourseDirectory(config=self.config, root=str(self.root))  # it narrows its own at times
        api = NbGraderAPI(coursedir, Authenticator(config=self.config), config=self.config)
        api.log.setLevel(logging.ERROR)
        return api

    @property
    def db_url(self) -> str:
        """The gradebook's address: SQLite in the course folder unless nbgrader's `db_url` says otherwise."""
        return str(self.directory.db_url)

    def folder(self, step: str, assignment: str, student: str = ".") -> Path:
        """Return the folder of one step of the workflow, such as `submitted`, for one assignment and student."""
        return Path(self.directory.format_path(step, student, assignment))

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

    def students(self, assignment: str) -> list[str]:
        """Return the students with a folder in `submitted/` for this assignment, sorted."""
        submitted = Path(self.directory.submitted_directory)
        base = submitted if submitted.is_absolute() else self.root / submitted
        return sorted(path.parent.name for path in base.glob(f"*/{assignment}") if path.is_dir())


def _put_scripts_on_path() -> None:
    """Let nbgrader find `alembic`, which it starts by name, even if no environment is activated."""
    scripts = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", "")
    if scripts not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([scripts, path])
