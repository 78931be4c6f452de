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


@pytest.mark.parametrize("package", ["sqlalchemy", "requests", "nbconvert.exporters", "jupyter_client"])
def test_what_grading_does_not_need_is_not_imported(package: str) -> None:
    ask = f"import sys, autograder.examiner.server; print({package!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    "wanted",
    [
        "from nbconvert import HTMLExporter; HTMLExporter()",
        "import nbconvert; assert 'html' in nbconvert.get_export_names()",
        "from nbconvert.filters import strip_ansi; assert strip_ansi('a') == 'a'",
        "from nbconvert.preprocessors import ExecutePreprocessor; ExecutePreprocessor()",
        "from nbgrader import _jupyter_server_extension_points; _jupyter_server_extension_points()",
    ],
)
def test_who_wants_a_package_as_a_whole_gets_it(wanted: str) -> None:
    subprocess.run([sys.executable, "-c", f"import autograder.examiner.lean; {wanted}"], check=True)


def test_what_a_package_does_not_have_is_missing() -> None:
    ask = "import autograder.examiner.lean, nbconvert; print(hasattr(nbconvert, 'x'), hasattr(nbconvert, '__x__'))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
