"""In a bare kernel NumPy is the only package, and files beside the notebook are there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from course.rehearse.kernel import Kernel

LONG = 60.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("work")
    (folder / "mine").mkdir()
    (folder / "mine" / "part.py").write_text("A = 5")
    (folder / "torch").mkdir()  # of data
    (folder / "helper.py").write_text("B = 6")
    return folder


@pytest.fixture(scope="module")
def kernel(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    made = Kernel(folder, tmp_path_factory.mktemp("home"), bare=True)
    yield made
    made.close()


@pytest.mark.parametrize("name", ["scipy", "matplotlib", "PIL", "nbgrader", "autograder", "course.demos", "pip"])
def test_other_packages_cannot_be_imported(kernel: Kernel, name: str) -> None:
    assert kernel.run(f"import {name}", LONG).error == f"ModuleNotFoundError: No module named {name!r}"
    looked_for = f"__import__('importlib.util').util.find_spec({name!r}) is None"
    assert kernel.ask(looked_for, LONG).answer is True


@pytest.mark.parametrize(
    "code",
    [
        "import asyncio, ctypes, decimal, sqlite3, numpy.fft, numpy.random, zoneinfo, sysconfig\n"
        "sysconfig.get_config_vars()",
        "from course.checks import Checks",
        "from course.handing_in import replay",
        "import mine.part, helper\nassert (mine.part.A, helper.B) == (5, 6)",
        "import torch\nassert not hasattr(torch, 'nn')",
        "from importlib.metadata import version\nversion('numpy')",
    ],
)
def test_python_numpy_the_checks_and_the_files_are_there(kernel: Kernel, code: str) -> None:
    outcome = kernel.run(code, LONG)
    assert (outcome.ended, outcome.error) == ("ok", "")
