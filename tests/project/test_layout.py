"""Imports run one way: from the top of a list to its bottom."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

LAYERS = """
    autograder.__main__
    autograder.cli
    autograder.practice
    autograder.watch
    autograder.reports
    autograder.batch
    autograder.publish
    autograder.machine
    autograder.examiner
    autograder.hidden_checks, autograder.hidden_checks.dead_neurons
    autograder.reference
    autograder.room
    autograder.room.walls
    autograder.room.inside
    autograder.room.errors, autograder.room.numerics
    autograder

    course.lab
    course.rehearse
    course.demos.framework.stills
    course.demos
    course.demos.framework
    course.widgets
    course.progress
    course.checks
    course.checks.beside
    course.checks.scoring
    course.checks.hints, course.checks.messages
    course.checks.student_side
    course.computations
    course.handing_in
    course
"""
"""What stands higher may import what stands lower, never the other way round.

A name is a folder, or a module that stands elsewhere than its folder; `course` and `autograder` are the modules that
lie loose in them. So `course` never imports `autograder`: the student's copy of the course works without it.
"""

ORDER = [re.split(r",\s*", line.strip()) for line in LAYERS.splitlines() if line.strip()]
HEIGHT = {name: len(ORDER) - number for number, names in enumerate(ORDER) for name in names}

IN_THE_SANDBOX = {"IPython", "ipykernel", "msgpack", "numpy", "torch", "traitlets", "zmq"}
"""Packages that the fork server and the kernels find in the room's environment."""

BESIDE_THE_STUDENT = {f"course.handing_in.{name}" for name in ("allowed", "defaults", "lenient", "replay")}
"""What of the course is imported there; a student's rehearsal imports it as well."""


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


def layer_of(module: str) -> str:
    """The line of `LAYERS` that a module belongs to: its own, else that of the folder it lies in."""
    while module not in HEIGHT:
        module = module.rpartition(".")[0]
    return module


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


def upward(module: str, path: Path) -> list[str]:
    """The imports of a module that go up, each with the line to change."""
    here = layer_of(module)
    return [
        f"{path.relative_to(ROOT)}, line {line}: {here} may not import {name}, which stands above it in LAYERS"
        for line, name in imports(path)
        if name.partition(".")[0] in ("course", "autograder") and HEIGHT[layer_of(name)] > HEIGHT[here]
    ]


def foreign(path: Path, packages: set[str], shared: Collection[str] = ()) -> list[str]:
    """The imports of a module that are neither the standard library, nor its siblings, nor of these, nor shared."""
    known = sys.stdlib_module_names | packages
    folder = ".".join(path.relative_to(ROOT).parent.parts)
    return [
        f"{path.relative_to(ROOT)}, line {line}: {name} is not there where this runs"
        for line, name in imports(path)
        if name not in shared
        and (
            name.startswith("..") or (name.partition(".")[0] not in known | {""} and name.rpartition(".")[0] != folder)
        )
    ]


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_one_way(module: str) -> None:
    assert upward(module, MODULES[module]) == []


def test_every_folder_has_its_place_in_the_order() -> None:
    folders = {name if path.name == "__init__.py" else name.rpartition(".")[0] for name, path in MODULES.items()}
    assert folders <= HEIGHT.keys() <= MODULES.keys()


def test_nobody_but_developers_needs_the_tests_and_the_benchmarks() -> None:
    for path in MODULES.values():
        assert [name for _, name in imports(path) if name.partition(".")[0] in ("tests", "benchmarks")] == [], path


def test_an_import_that_goes_up_is_named_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    file = tmp_path / "scoring.py"
    file.write_text("import numpy\nfrom course import style\n\n\ndef f():\n    from autograder.batch import run\n")
    assert upward("course.checks.figures", file) == [
        "scoring.py, line 6: course.checks may not import autograder.batch.run, which stands above it in LAYERS"
    ]
    assert len(upward("autograder.reference.normal", file)) == 1
    assert upward("autograder.cli", file) == []


def test_what_is_mounted_into_the_sandbox_needs_nothing_of_the_host() -> None:
    """Its own files import each other by `from . import …`: the folder has another name there."""
    paths = sorted((ROOT / "autograder" / "room" / "inside").rglob("*.py"))
    assert len(paths) > 10
    assert [line for path in paths for line in foreign(path, IN_THE_SANDBOX, BESIDE_THE_STUDENT)] == []
    assert [name for path in paths for _, name in imports(path) if name.startswith("autograder")] == []


@pytest.mark.parametrize("module", sorted(BESIDE_THE_STUDENT))
def test_what_of_the_course_runs_in_the_sandbox_needs_no_more(module: str) -> None:
    path = MODULES[module]
    needed = {name for _, name in imports(path) if name.startswith("course")}
    assert needed <= BESIDE_THE_STUDENT
    assert foreign(path, IN_THE_SANDBOX, BESIDE_THE_STUDENT) == []


def test_an_import_of_something_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    file = tmp_path / "inside" / "agent.py"
    file.parent.mkdir()
    file.write_text("import os, rich\nfrom . import wire\nimport zmq.error\nfrom autograder.room import errors\n")
    assert foreign(file, {"zmq"}) == [
        "inside/agent.py, line 1: rich is not there where this runs",
        "inside/agent.py, line 4: autograder.room.errors is not there where this runs",
    ]


def test_given_cells_import_what_students_have() -> None:
    """From the first course taught with it on, these names are a contract with notebooks in students' hands."""
    used = {
        name
        for twin in sorted((ROOT / "source").glob("*/*.py"))
        for _, name in imports(twin)
        if name.partition(".")[0] == "course"
    }
    assert used == {
        "course.checks",
        "course.checks.beside.design",
        "course.checks.beside.gated_units",
        "course.checks.beside.gradient_flow",
        "course.checks.beside.networks",
        "course.checks.dead_neurons",
        "course.checks.decision_boundary",
        "course.checks.design",
        "course.checks.elementwise",
        "course.checks.feature_plane",
        "course.checks.figures",
        "course.checks.gated_units",
        "course.checks.gradient_flow",
        "course.checks.messages",
        "course.checks.outputs",
        "course.checks.results",
        "course.checks.student_side",
        "course.computations.boundaries",
        "course.rehearse.button",
        "course.widgets.explorer_words",
    }
