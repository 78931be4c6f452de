"""A process that grades has what it needs of nbgrader, and not Jupyter's server."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import autograder.examiner.server", "False"),
        ("import nbgrader, autograder.examiner.lean", "True"),  # it was there, and stays as it is
    ],
)
def test_nbgraders_extensions_are_not_imported(program: str, said: str) -> None:
    ask = "import sys, nbgrader.utils; print('nbgrader.server_extensions' in sys.modules, nbgrader.__version__ > '0')"
    done = subprocess.run([sys.executable, "-c", f"{program}; {ask}"], capture_output=True, text=True, check=True)
    assert done.stdout == f"{said} True\n"
