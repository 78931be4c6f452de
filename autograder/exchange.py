"""nbgrader's exchange, the folder through which students get and submit assignments: what to do if it is not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

from nbgrader.exchange.default import Exchange, ExchangeCollect, ExchangeReleaseAssignment

from autograder.course_folder import CourseFolder


def exchange_folder(course: CourseFolder) -> Path:
    """Return where a course's exchange is."""
    return Path(str(Exchange(config=course.config).root))


def exchange_problem(folder: Path) -> str:
    """Return why nobody can use an exchange, as a clause without its subject; nothing if it can be used."""
    if not folder.is_dir():
        return "is missing"
    return "" if os.access(folder, os.R_OK | os.W_OK | os.X_OK) else "cannot be written to"


def remedy(folder: Path) -> str:
    """Return how to make an exchange that everybody on this machine can use."""
    return f"sudo install -d -m 777 {folder}, or name another folder with c.Exchange.root in nbgrader_config.py"


class WithRemedy(Exchange):
    """Says what to do about an exchange that cannot be used; nbgrader tells instructors to ask their instructor."""

    def fail(self, msg: str) -> NoReturn:
        """End with a line."""
        folder = Path(str(self.root))
        if problem := exchange_problem(folder):
            msg = f"The exchange {folder} {problem}: {remedy(folder)}."
        super().fail(msg)
        raise AssertionError("not reached")


class ReleaseAssignment(WithRemedy, ExchangeReleaseAssignment):
    """`nbgrader release_assignment`."""


class Collect(WithRemedy, ExchangeCollect):
    """`nbgrader collect`."""
