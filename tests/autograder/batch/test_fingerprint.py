"""What a verdict depends on changes the fingerprint, and nothing else does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.batch import fingerprint as module
from autograder.batch import submissions
from autograder.batch.fingerprint import FOLDERS, behind, fingerprint, grader_fingerprint, names_imported
from course.handing_in.sourcecells import SourceNotebook

ROOT = Path(__file__).resolve().parents[3]
ASSIGNMENTS = sorted(path.stem for path in (ROOT / "source").glob("*/*.ipynb"))


def names_of(assignment: str) -> frozenset[str]:
    return names_imported((ROOT / "source" / assignment / f"{assignment}.ipynb").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Our packages as they are on disk, in a place where they may be changed."""
    target = tmp_path_factory.mktemp("copied")
    ignore = shutil.ignore_patterns("__pycache__", "*.png", "*.ipynb")
    return {name: shutil.copytree(folder, target / name, ignore=ignore) for name, folder in FOLDERS.items()}


def changed_by(path: Path, assignment: str, folders: Mapping[str, Path]) -> bool:
    """Whether a new comment in a file changes the fingerprint of an assignment."""
    names = names_of(assignment)
    before = fingerprint(*behind(names, folders))
    old = path.read_text(encoding="utf-8")
    path.write_text(f"{old}\n# a comment\n", encoding="utf-8")
    after = fingerprint(*behind(names, folders))
    path.write_text(old, encoding="utf-8")
    return before != after


@pytest.mark.parametrize(
    "path",
    [
        "autograder/examiner/task.py",
        "autograder/errors.py",
        "autograder/examiner/sanitise.py",
        "autograder/examiner/student.py",
        "course/handing_in/lenient.py",
        "course/handing_in/replay.py",
        "course/handing_in/restore.py",
        "autograder/hidden_checks/elementwise.py",
        "autograder/reference/double_double.py",
        "autograder/room/inside/agent.py",
        "autograder/room/inside/tensors.py",
        "autograder/room/walls/base.py",
        "autograder/room/walls/filter.py",
        "course/__init__.py",
        "course/checks/beside/calls.py",
        "course/checks/scoring.py",
    ],
)
def test_what_decides_a_verdict_of_ps1_changes_it(path: str, copied: Mapping[str, Path]) -> None:
    assert changed_by(copied["course"].parent / path, "ps1_from_scratch", copied)


@pytest.mark.parametrize(
    "path",
    [
        "autograder/cli.py",
        "autograder/course_folder.py",
        "autograder/examiner/sourcecells.py",
        "autograder/batch/writer.py",
        "autograder/hidden_checks/design.py",
        "autograder/machine/doctor.py",
        "autograder/practice/answers/ps1_from_scratch/selu.py",
        "autograder/practice/demo.py",
        "autograder/publish/leaks.py",
        "autograder/reports/class_report.py",
        "autograder/reports/templates/report.html.j2",
        "course/computations/experiments.py",
        "course/rehearse/words.py",
        "course/demos/dip.py",
        "course/lessons/01_why_nonlinearity.py",
        "course/widgets/quiz.py",
    ],
)
def test_what_decides_none_does_not(path: str, copied: Mapping[str, Path]) -> None:
    assert not changed_by(copied["course"].parent / path, "ps1_from_scratch", copied)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_all_that_grading_imports_is_behind_it(assignment: str) -> None:
    """The imports that Python makes, not the ones that we read."""
    names = names_of(assignment)
    wanted = sorted(name for name in names if name.startswith(("autograder.", "course.")))
    program = (
        "import contextlib, importlib, json, sys\n"
        f"for name in ['autograder.examiner.task', *{wanted!r}]:\n"
        "    with contextlib.suppress(ImportError): importlib.import_module(name)\n"
        "print(json.dumps([name for name in sys.modules if name.partition('.')[0] in ('autograder', 'course')]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = set(json.loads(done.stdout))
    assert any(name.startswith("autograder.hidden_checks.") for name in imported)
    assert imported - behind(names)[0].keys() == set()


def test_all_that_is_mounted_into_the_room_is_behind_it() -> None:
    inside = set((FOLDERS["autograder"] / "room" / "inside").rglob("*.py"))
    assert len(inside) > 10
    assert inside - set(behind([])[0].values()) == set()


def test_versions_of_packages_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    files, packages = behind(names_of("ps4_decision_boundary"))
    assert {"numpy", "torch", "ipykernel", "matplotlib", "scikit-learn", "nbgrader"} <= packages
    assert not {"typer", "rich", "jinja2", "ruff", "pytest"} & packages
    before = fingerprint(files, packages)
    monkeypatch.setattr(module.metadata, "version", lambda name: "0" if name == "numpy" else "1")
    one = fingerprint(files, packages)
    monkeypatch.setattr(module.metadata, "version", lambda name: "1")
    assert len({before, one, fingerprint(files, packages)}) == 3


def test_a_submission_that_imports_a_demo_depends_on_it() -> None:
    source = names_of("ps1_from_scratch")
    own = names_imported(json.dumps({"source": ["from course.demos import (\n", "    dip,\n", ")\n"]}))
    assert "course.demos.dip" in behind(source | own)[0]
    assert grader_fingerprint(source) != grader_fingerprint(source | own)
    assert grader_fingerprint(source) == grader_fingerprint(source | {"nowhere.to.be.found"})


def test_a_submission_depends_on_what_its_helper_files_import(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(submissions, "grader_fingerprint", lambda imported: str(seen.append(imported)))
    source = SourceNotebook("ps1_from_scratch", "ps1_from_scratch", {}, ())
    files = {
        "helper.py": b"import course.demos.dip, scipy.special",
        "more.ipynb": b'["import mpmath"]',
        "a.txt": b"import os",
    }
    submissions.Submission("ada", source, b"import helper", files).fingerprint("")
    assert seen == [{"helper", "course.demos.dip", "scipy.special", "mpmath"}]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import numpy as np\nfrom course.checks import Checks, expect_close\nx = 1", {"numpy", "course.checks"}),
        ("import course.demos.dip, scipy.special", {"course.demos.dip", "scipy.special"}),
        ("from course import (\n    demos,\n    style\n)", {"course.demos", "course.style"}),
        ("    from torch.nn import functional as F", {"torch.nn", "torch.nn.functional"}),
    ],
)
def test_imports_in_a_notebook_are_found(code: str, names: set[str]) -> None:
    assert names <= names_imported(json.dumps({"source": code}))
    assert names <= names_imported(json.dumps({"source": code.splitlines(keepends=True)}, indent=1))
