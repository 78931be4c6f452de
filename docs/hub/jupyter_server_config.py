"""Settings of each person's server on the hub."""

from __future__ import annotations

import os

c = get_config()  # noqa: F821 - traitlets puts it there

# A login shell would set PATH anew, and not find `nbgrader` and `autograder` in the hub's environment.
c.ServerApp.terminado_settings = {"shell_command": [os.environ.get("SHELL") or "/bin/sh"]}
