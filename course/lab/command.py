"""Opens the course in JupyterLab, in a working copy: `python -m course.lab [--copy FOLDER] [JupyterLab's options]`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from course.lab.working_copy import refresh

COURSE = Path(__file__).resolve().parents[2]
JUPYTER = Path(__file__).parent / "jupyter"
FIRST = "lessons/00_start_here.ipynb"


def main(arguments: list[str]) -> None:
    """Bring the working copy up to date, say what is new, and open it."""
    parser = argparse.ArgumentParser(prog="python -m course.lab", description=main.__doc__, allow_abbrev=False)
    parser.add_argument(
        "--copy", type=Path, default=COURSE / "my_course", metavar="FOLDER", help="working copy; my_course if left out"
    )
    parser.add_argument("--no-lab", action="store_true", help="bring it up to date, and that is all")
    chosen, options = parser.parse_known_args(arguments)
    copy = chosen.copy.resolve()
    try:
        lines = refresh(COURSE, copy)
    except OSError as error:
        sys.exit(f"The working copy {copy} cannot be made ({error}). --copy FOLDER names another place.")
    for line in lines:
        print(line)
    if not chosen.no_lab:
        open_lab(copy, options)


def open_lab(copy: Path, options: list[str]) -> None:
    """Run JupyterLab in the working copy; the settings of the user's own JupyterLab are read and stay as they are."""
    folders = [JUPYTER / "student", JUPYTER / "everyone", os.environ.get("JUPYTER_CONFIG_PATH")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(str(folder) for folder in folders if folder)
    # Tabs of another JupyterLab would open beside the first lesson.
    os.environ.setdefault("JUPYTERLAB_WORKSPACES_DIR", str(copy / ".lab" / "workspaces"))
    os.chdir(copy)  # where settings of a server, and nbgrader's, are looked for
    from jupyterlab.labapp import LabApp

    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    LabApp.launch_instance(
        [
            f"--ServerApp.root_dir={copy}",
            f"--LabApp.default_url=/lab/tree/{FIRST}",
            *(["--allow-root"] if as_root else []),
            *options,
        ]
    )
