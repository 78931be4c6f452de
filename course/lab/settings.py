"""nbgrader's settings for students: which course it is, and where its exchange is."""

from __future__ import annotations

from traitlets.config import Config

NAME = "nbgrader_config.py"

FOR_STUDENTS = (("CourseDirectory", "course_id"), ("Exchange", "root"))
"""All that students need to know of a course's settings."""


def for_students(settings: Config) -> str:
    """Return a settings file that says of a course's settings what students need, and nothing else."""
    lines = [
        f"c.{section}.{name} = {str(settings[section][name])!r}"
        for section, name in FOR_STUDENTS
        if settings[section].get(name)
    ]
    head = '"""nbgrader\'s settings: to which course an assignment is submitted."""\n\nc = get_config()  # noqa: F821\n'
    return head + "".join(f"{line}\n" for line in lines)
