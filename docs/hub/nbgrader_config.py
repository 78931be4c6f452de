"""nbgrader's settings for everybody on the hub; an instructor's course folder has its own on top."""

from __future__ import annotations

from pathlib import Path

c = get_config()  # noqa: F821 - traitlets puts it there

c.CourseDirectory.course_id = "activations"
# A folder of this machine that everybody may write to, as nbgrader wants it.
c.Exchange.root = str(Path(__file__).resolve().with_name("exchange"))
