"""nbgrader's settings that `autograder grade` cannot honour: refused before anything is graded, or named.

Which ones it honours is in docs/settings.md.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties

from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.errors import UserError
from autograder.examiner.preprocessor import Examiner

_STEPS = ("sanitize_preprocessors", "autograde_preprocessors")
_KNOWN = ("nbgrader.preprocessors.", "nbconvert.preprocessors.", "autograder.")
_FIELDS = ("nbgrader_step", "student_id", "assignment_id")
_WITHOUT_EFFECT = {
    "Execute": "Examiner.cell_seconds and its neighbours",
    "ExecutePreprocessor": "Examiner.cell_seconds and its neighbours",
}
_SETTINGS_OF = (Examiner, CourseDirectory, Autograde, AssignLatePenalties, LateSubmissionPlugin)
_FOR_VALIDATE = "kernel_name"
"""Of those, what this course's own settings say to `nbgrader validate`."""


def require_supported(course: CourseFolder) -> None:
    """Refuse settings that would change grades in `nbgrader autograde` and do nothing here.

    Raises
    ------
    UserError
        Naming the setting.
    """
    for setting in _unsupported(course):
        raise UserError(
            f"nbgrader's setting {setting}, which 'autograder grade' does not honour: take it out of the settings, "
            "or grade with 'nbgrader autograde'. Nothing was graded."
        )


def without_effect(course: CourseFolder) -> list[str]:
    """Return a line for each setting, or section of them, that changes nothing here."""
    return [*_misspelt(course), *_of_other_programs(course)]


def _misspelt(course: CourseFolder) -> Iterator[str]:
    """Yield a line for each name that no setting has; nbgrader's commands warn of theirs alone."""
    for owner in _SETTINGS_OF:
        known = owner.class_trait_names(config=True)
        for name in sorted(course.config.get(owner.__name__, {}).keys() - set(known)):
            if not name[0].isupper():  # a section within this one
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(known))}."
                yield f"{owner.__name__} has no setting {name!r}, so it has no effect. {hint}"


def _of_other_programs(course: CourseFolder) -> list[str]:
    return [
        f"{CONFIG_NAME} sets {section}.{', '.join(sorted(names))}, which has no effect here; set {instead} instead."
        for section, instead in _WITHOUT_EFFECT.items()
        if (names := course.config.get(section, {}).keys() - {_FOR_VALIDATE})
    ]


def _unsupported(course: CourseFolder) -> Iterator[str]:
    autograde = Autograde(config=course.config, coursedir=course.directory)
    for hook in ("pre_convert_hook", "post_convert_hook"):
        if getattr(autograde, hook) is not None:
            yield f"Autograde.{hook} names a function"
    for step in _STEPS:
        for processor in getattr(autograde, step):
            if not (name := _name(processor)).startswith(_KNOWN):
                yield f"Autograde.{step} names {name}"
    if course.directory.notebook_id != "*":
        yield f"CourseDirectory.notebook_id is {course.directory.notebook_id!r}"
    for field in _FIELDS:
        if f"{{{field}}}" not in course.directory.directory_structure:
            yield f"CourseDirectory.directory_structure has no {{{field}}}"


def _name(processor: Any) -> str:
    if isinstance(processor, str):
        return processor
    return f"{processor.__module__}.{processor.__qualname__}"
