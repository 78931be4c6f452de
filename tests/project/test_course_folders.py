"""What the course's folders are for: a demo per file, computations without widgets, one place for data and controls."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from course.demos.framework.base import Demo

COURSE = Path(__file__).resolve().parents[2] / "course"
DEMOS = [path for path in sorted((COURSE / "demos").glob("*.py")) if path.stem != "__init__"]
every_demo = pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.stem)


def names_used(path: Path) -> set[str]:
    """Every name and attribute in a file, and every name that it imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update(alias.name for alias in node.names)
    return names


@every_demo
def test_a_demo_module_has_one_demo(path: Path) -> None:
    module = importlib.import_module(f"course.demos.{path.stem}")
    classes = [kind for _, kind in inspect.getmembers(module, inspect.isclass) if kind.__module__ == module.__name__]
    assert len([kind for kind in classes if issubclass(kind, Demo)]) == 1


@every_demo
def test_a_demo_imports_no_other_demo(path: Path) -> None:
    """What two demos share belongs to course.computations, or to course.demos.framework if it is made of widgets."""
    others = {other.stem for other in DEMOS}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for module in modules:
            parts = module.split(".")
            assert not (parts[:2] == ["course", "demos"] and parts[2:3] and parts[2] in others), f"it imports {module}"


@every_demo
def test_a_demo_makes_its_controls_by_the_helpers(path: Path) -> None:
    made_by_hand = {"FloatSlider", "IntSlider", "FloatText", "Dropdown", "ToggleButtons", "Checkbox"}
    assert names_used(path) & made_by_hand == set(), "make them with course.demos.framework.controls"


def test_digits_are_loaded_in_one_place() -> None:
    loaders = [path for path in sorted(COURSE.rglob("*.py")) if "load_digits" in names_used(path)]
    assert loaders == [COURSE / "computations" / "data.py"]


def test_computations_and_style_need_no_widgets() -> None:
    """So that a report of the grader, which needs six colours, does not start the widget framework."""
    modules = [f"course.computations.{path.stem}" for path in sorted((COURSE / "computations").glob("*.py"))]
    code = f"""
import importlib, sys
for name in {["course.style", *modules]!r}:
    importlib.import_module(name.removesuffix(".__init__"))
sys.exit(", ".join(sorted({{"ipywidgets", "anywidget", "IPython"}} & set(sys.modules))) or 0)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
