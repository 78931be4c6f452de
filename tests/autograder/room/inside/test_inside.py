"""What runs beside the student's code imports nothing of the grader's."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import autograder.room.inside

FOLDER = Path(autograder.room.inside.__file__).parent
PACKAGES = {
    *("IPython", "cloudpickle", "ipykernel", "msgpack", "numpy", "torch", "tornado", "traitlets", "zmq"),
}
"""The packages of the sandbox that are there for us."""


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: path.stem)
def test_it_imports_the_standard_library_its_siblings_and_the_packages_of_the_sandbox(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            assert node.level == 1, f"{path.name}:{node.lineno} imports from outside its folder"
            continue
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        for module in modules:
            top = module.partition(".")[0]
            assert top in sys.stdlib_module_names | PACKAGES, f"{path.name}:{node.lineno} imports {module}"
