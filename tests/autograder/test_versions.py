"""The versions are those of this process, the grader's own code included."""

from __future__ import annotations

import platform
import re
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
import torch

from autograder import versions as versions_module
from autograder.versions import code_hash, versions, versions_line


def test_versions_are_those_of_this_process() -> None:
    found = versions()
    assert found["python"] == platform.python_version()
    assert found["numpy"] == np.__version__
    assert found["torch"].split("+")[0] == str(torch.__version__).split("+")[0]  # PyPI's build does not name its CUDA
    assert re.fullmatch(rf"{re.escape(metadata.version('activation-course'))}\+[0-9a-f]{{8}}", found["grader"])
    assert versions_line().startswith(f"autograder {found['grader']}, nbgrader {found['nbgrader']}, Python ")


def test_the_hash_is_that_of_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions_module, "CODE", (tmp_path / "autograder",))
    (tmp_path / "autograder").mkdir()
    found = set()
    for code in ("x = 1\n", "x = 2\n", "x = 1\n"):
        (tmp_path / "autograder" / "a.py").write_text(code)
        found.add(code_hash())
    (tmp_path / "autograder" / "notes.txt").write_text("no code")
    assert len(found | {code_hash()}) == 2
