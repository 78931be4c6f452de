"""Imports between folders run one way, and what is mounted into the sandbox needs nothing of the host."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MAY_IMPORT = {
    # What students have. It never imports the instructor's side.
    "course": "",
    "course.checks": "course.checks.beside",
    "course.checks.beside": "course.checks",
    "course.computations": "course",
    "course.widgets": "course",
    "course.demos.framework": "course course.computations course.widgets",
    "course.demos": "course course.computations course.widgets course.demos.framework",
    # What instructors have, from the bottom to the top.
    "autograder.room.inside": "",
    "autograder.room.walls": "autograder.room autograder.room.inside",
    "autograder.room": "autograder autograder.room.inside autograder.room.walls course",
    "autograder.machine": "autograder autograder.room autograder.room.walls",
    "autograder.examiner": "autograder autograder.room autograder.room.inside autograder.room.walls course.checks",
    "autograder.reference": "",
    "autograder.from_scratch": "course.checks course.checks.beside",
    "autograder.hidden_checks": "autograder.from_scratch autograder.reference course.checks course.checks.beside",
    "autograder.hidden_checks.dead_neurons": "autograder.reference course.checks course.checks.beside",
    "autograder.publish": "autograder course.widgets",
    "autograder.batch": "autograder autograder.examiner autograder.publish autograder.room autograder.room.inside "
    "autograder.room.walls course",
    "autograder.reports": "autograder autograder.batch autograder.examiner course course.checks",
    "autograder.practice": "autograder autograder.batch autograder.publish autograder.reports autograder.room "
    "autograder.room.walls",
    # Loose modules: the command may start everything, the others stand below all folders.
    "autograder": "",
    "autograder.cli": "autograder autograder.batch autograder.machine autograder.practice autograder.publish "
    "autograder.reports autograder.room autograder.room.walls",
}
"""What the modules of a folder may import of ours besides their own folder; of `course` and `autograder`, the modules
that lie loose in them."""

EXCEPTIONS = {("course.demos.framework.stills", "course.demos")}
"""The stills are drawn of every demo there is."""

IN_THE_SANDBOX = {"IPython", "ipykernel", "msgpack", "numpy", "torch", "traitlets", "zmq"}
"""Packages that the fork server and the kernels find in the room's environment."""


def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    found = {}
    for package in ("course", "autograder"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if parts[:2] != ("course", "lessons") and parts[:3] != ("autograder", "practice", "answers"):
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def folder_of(module: str) -> str:
    """The folder of a module; of `autograder.cli`, its own line in the table."""
    if module in MAY_IMPORT:
        return module
    return next((name for name in MAY_IMPORT if module.rpartition(".")[0] == name), module.rpartition(".")[0])


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that a file imports, wherever in the file; relative names keep their dots."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield node.lineno, full if full in MODULES else base


def broken(module: str, path: Path) -> list[str]:
    """The imports of a module that the table does not allow, each with the line to change."""
    folder = folder_of(module)
    if folder not in MAY_IMPORT:
        return [f"{path.relative_to(ROOT)}: say in MAY_IMPORT of {Path(__file__).name} what {folder} may import"]
    allowed = {folder, *MAY_IMPORT[folder].split()}
    return [
        f"{path.relative_to(ROOT)}, line {line}: {folder} may not import {name}; it may import of ours only "
        f"{', '.join(sorted(allowed))}"
        for line, name in imports(path)
        if name.partition(".")[0] in ("course", "autograder", "benchmarks", "tests")
        and folder_of(name) not in allowed
        and (module, name) not in EXCEPTIONS
    ]


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_one_way(module: str) -> None:
    assert broken(module, MODULES[module]) == []


def test_an_import_against_the_direction_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    file = tmp_path / "scoring.py"
    file.write_text("import numpy\n\n\ndef f():\n    from autograder.batch import run\n")
    (line,) = broken("course.checks.scoring", file)
    assert line.startswith("scoring.py, line 5: course.checks may not import autograder.batch.run")


@pytest.mark.parametrize("path", sorted((ROOT / "autograder" / "room" / "inside").glob("*.py")), ids=lambda p: p.stem)
def test_what_is_mounted_into_the_sandbox_needs_nothing_of_the_host(path: Path) -> None:
    known = sys.stdlib_module_names | IN_THE_SANDBOX
    foreign = [f"line {line}: {name}" for line, name in imports(path) if name.partition(".")[0] not in known | {""}]
    assert foreign == [], "only the standard library, siblings (from . import …) and the sandbox's packages are there"
    assert not [name for _, name in imports(path) if name.startswith("..")], "above this folder there is nothing"


def test_given_cells_import_what_students_have() -> None:
    """From the first course taught with it on, these names are a contract with notebooks in students' hands."""
    used = {
        name
        for twin in sorted((ROOT / "source").glob("*/*.py"))
        for _, name in imports(twin)
        if name.partition(".")[0] == "course"
    }
    assert used <= {
        "course.checks",
        "course.checks.beside.calls",
        "course.checks.beside.design",
        "course.checks.beside.gradient_flow",
        "course.checks.beside.networks",
        "course.checks.dead_neurons",
        "course.checks.decision_boundary",
        "course.checks.design",
        "course.checks.figures",
        "course.checks.gradient_flow",
        "course.checks.messages",
        "course.checks.outputs",
        "course.checks.student_side",
    }
