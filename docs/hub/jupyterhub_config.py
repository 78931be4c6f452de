"""JupyterHub for the course on one machine, where each person has an account. docs/jupyterhub.md says how to use it."""

from __future__ import annotations

import os
from pathlib import Path

from jupyterhub.spawner import Spawner

from course.lab.command import FIRST, JUPYTER

c = get_config()  # noqa: F821 - traitlets puts it there

INSTRUCTORS = {"instructor"}
"""Accounts that see Formgrader and Create Assignment."""

c.Authenticator.allow_all = True  # everybody who has an account

# Brings the lessons in the home up to date, then becomes the person's server. nbgrader fetches into the home, too.
c.Spawner.cmd = ["course-home", "jupyterhub-singleuser"]
c.Spawner.notebook_dir = "~"
c.Spawner.http_timeout = 120  # the first start of a day reads much from the disk
c.Spawner.default_url = f"/lab/tree/{FIRST}"


def choose_settings(spawner: Spawner) -> None:
    """Give a person's server the settings of this folder, the panels of the person's role, and own programs."""
    panels = [] if spawner.user.name in INSTRUCTORS else [JUPYTER / "student"]
    folders = [*panels, JUPYTER / "everyone", Path(__file__).resolve().parent]
    programs = Path(f"~{spawner.user.name}").expanduser() / ".local" / "bin"  # `pip install --user` puts them there
    spawner.environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(map(str, folders))
    spawner.environment["PATH"] = os.pathsep.join([str(programs), os.environ["PATH"]])


c.Spawner.pre_spawn_hook = choose_settings
