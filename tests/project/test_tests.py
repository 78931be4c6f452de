"""Every test lies where its module does, and looks at nothing private."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALL_TESTS = sorted(ROOT.glob("tests/**/test_*.py"))
TESTS = [*ROOT.glob("tests/autograder/**/test_*.py"), *ROOT.glob("tests/course/**/test_*.py")]


def module_of(test: Path, root: Path) -> Path | None:
    """What a test file is about: the module or folder of its name at its own place in the tree, or a helper beside it.

    Where one file would be too long, its name may go on after the module's: `test_session_failures.py`.
    """
    words = test.stem.removeprefix("test_").split("_")
    for folder in (root / test.relative_to(root / "tests").parent, test.parent):
        for length in range(len(words), 0, -1):
            stem = folder / "_".join(words[:length])
            for path in (stem.with_suffix(".py"), stem):
                if path.exists():
                    return path
    return None


@pytest.mark.parametrize("test", TESTS, ids=lambda path: str(path.relative_to(ROOT / "tests")))
def test_a_test_lies_where_its_module_does(test: Path) -> None:
    assert module_of(test, ROOT) is not None, (
        f"{test.relative_to(ROOT)} belongs to no module: name it test_<module>.py in the folder below tests/ that "
        "mirrors the module's, or move a test of several parts to tests/flows"
    )


def test_a_test_that_lies_elsewhere_is_seen(tmp_path: Path) -> None:
    for name in ("course/checks/scoring.py", "tests/course/checks/helper.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    folder = tmp_path / "tests" / "course"
    assert module_of(folder / "checks" / "test_scoring.py", tmp_path) == tmp_path / "course/checks/scoring.py"
    assert module_of(folder / "checks" / "test_scoring_of_zero.py", tmp_path) == tmp_path / "course/checks/scoring.py"
    assert module_of(folder / "checks" / "test_helper.py", tmp_path) == folder / "checks" / "helper.py"
    assert module_of(folder / "test_checks.py", tmp_path) == tmp_path / "course/checks"
    assert module_of(folder / "test_scoring.py", tmp_path) is None
    assert module_of(folder / "checks" / "test_score.py", tmp_path) is None


def private(text: str) -> list[str]:
    """Names with an underscore that a file takes from our modules or reads from an object, each with its line.

    What Python, Jupyter or torch call by such a name (`_replace`, `_repr_html_`, `_forward_hooks`), and what an object
    says of itself, is not private.
    """
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("autograder", "course"):
            found += [f"line {node.lineno}: {alias.name}" for alias in node.names if alias.name.startswith("_")]
        elif isinstance(node, ast.Attribute) and re.fullmatch(r"_[a-zA-Z]\w*(?<!_)", node.attr):
            owner = ast.unparse(node.value)
            if (
                node.attr != "_replace"
                and not node.attr.endswith("_hooks")
                and owner not in ("self", "cls", "os", "sys", "libc")
            ):
                found.append(f"line {node.lineno}: {owner}.{node.attr}")
    return found


@pytest.mark.parametrize("test", ALL_TESTS, ids=lambda path: str(path.relative_to(ROOT / "tests")))
def test_what_tests_look_at_has_a_public_name(test: Path) -> None:
    assert private(test.read_text(encoding="utf-8")) == []


def test_a_private_name_is_seen() -> None:
    text = "from course.style import _a, b\nx = b(1)._c\nb._repr_html_()\nself._d\nb.__dict__\n"
    assert private(text) == ["line 1: _a", "line 2: b(1)._c"]
