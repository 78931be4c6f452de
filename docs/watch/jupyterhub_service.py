"""A JupyterHub service for `autograder watch`: name this file with `load_subconfig` in jupyterhub_config.py.

The hub starts it, and starts it again if it ends. For that the hub has to be root, as the one of docs/hub is.
"""

from __future__ import annotations

from pathlib import Path

c = get_config()  # noqa: F821 - traitlets puts it there

INSTRUCTOR = "instructor"
"""The account that has the course folder."""
TEACHING = Path("/home") / INSTRUCTOR / "teaching"
"""The course folder."""
AUTOGRADER = Path("/home") / INSTRUCTOR / ".local" / "bin" / "autograder"
"""Where the instructor has installed the grader: `which autograder` says it."""

c.JupyterHub.services.append(
    {
        "name": "feedback",
        "user": INSTRUCTOR,
        "cwd": str(TEACHING),
        "command": [str(AUTOGRADER), "watch"],
        "environment": {"HOME": str(TEACHING.parent)},
    }
)
