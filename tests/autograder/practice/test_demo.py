"""`autograder demo` says what it will do, and runs on machines without a wall too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from autograder.batch.run import how_configured
from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.practice import demo
from autograder.practice.sample_class import HARMFUL
from autograder.room import walls
from course.handing_in.allowed import CELL_SECONDS
from tests.project.readme import README, excerpt, table_of
from tests.support.graded_class import CATALOGUE, PS1, ROOT, copy_course


class Enough(Exception):
    """Raised in the place of grading."""


@pytest.fixture
def course(tmp_path: Path) -> CourseFolder:
    """A course of one assignment, with its catalogue."""
    made = copy_course(tmp_path / "course")
    shutil.copytree(CATALOGUE / PS1, made.answers / PS1)
    return made


Start = Callable[[Path], tuple[dict[str, Any], str]]


@pytest.fixture
def start(course: CourseFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Start:
    """Run the demo up to the grading; return how it would grade, and what was printed."""

    def until_grading(target: Path) -> tuple[dict[str, Any], str]:
        asked: dict[str, Any] = {}

        def stop(*_: object, **options: Any) -> None:
            asked.update(options)
            raise Enough

        monkeypatch.setattr(demo, "grade_with_progress", stop)
        with pytest.raises(Enough):
            demo.run_demo(course, target, 30, Console(width=80))
        return asked, capsys.readouterr().out

    return until_grading


def handed_in(target: Path) -> set[str]:
    return {path.name for path in (target / "submitted").iterdir()}


def test_it_says_first_what_will_happen(start: Start, tmp_path: Path) -> None:
    asked, printed = start(tmp_path / "demo")
    first = printed.splitlines()[:5]
    assert first[0].startswith("Two to five minutes on two idle cores, up to ten on a busy machine, all in ")
    assert [line.strip()[:2] for line in first[1:]] == ["1.", "2.", "3.", "4."]
    assert "each assignment, 1 in all" in first[1]
    assert "2. Sample class: 30 students hand in" in printed
    assert asked["unprotected"] is False
    assert "no wall" not in printed


def test_workers_import_while_the_class_is_made(
    course: CourseFolder, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    for name in ("lent_executor", "generate_assignment", "make_sample_class"):
        done = getattr(demo, name)

        def told(*given: Any, name: str = name, done: Callable[..., Any] = done, **options: Any) -> Any:
            happened.append(name)
            return done(*given, **options)

        monkeypatch.setattr(demo, name, told)
    start(tmp_path / "demo")
    assert happened == ["lent_executor", "generate_assignment", "make_sample_class"]


def test_reports_are_written_together_when_all_has_been_graded(
    course: CourseFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(course.source / PS1, course.source / "again")
    for path in (course.source / "again").glob(f"{PS1}.*"):
        path.rename(path.with_stem("again"))
    shutil.copytree(course.answers / PS1, course.answers / "again")
    happened: list[str] = []

    def all_reports(made: CourseFolder, workers: int) -> list[Path]:
        happened.append("reports")
        return [made.root / "reports" / "index.html"]

    monkeypatch.setattr(demo, "grade_with_progress", lambda made, name, *_, **options: happened.append(f"grade {name}"))
    monkeypatch.setattr(demo, "write_feedback", lambda made, name, workers: happened.append(f"feedback {name}"))
    monkeypatch.setattr(demo, "write_all", all_reports)
    monkeypatch.setattr(demo, "read_results", lambda made, name: SimpleNamespace(students=[]))
    monkeypatch.setattr(demo, "export_grades", lambda made, page: page)
    demo.run_demo(course, tmp_path / "demo", 30, Console(width=80))
    names = ["again", PS1]
    assert happened == [*(f"grade {name}" for name in names), *(f"feedback {name}" for name in names), "reports"]
    printed = capsys.readouterr().out
    for name in names:
        assert f"reports/{name}.html" in printed.replace("\n", "")
    assert "index.html" in printed.partition("Overview:")[2]


def test_endless_loops_are_stopped_sooner_and_no_lesson_is_built(
    course: CourseFolder, start: Start, tmp_path: Path
) -> None:
    lesson = course.root / "course" / "lessons" / "01_lesson.py"
    lesson.parent.mkdir(parents=True)
    lesson.write_text("# %%\n1\n")
    start(tmp_path / "demo")
    made = CourseFolder.load(tmp_path / "demo")
    assert how_configured(made).settings.limits.cell_seconds == demo.CELL_SECONDS < CELL_SECONDS
    assert not lesson.with_suffix(".ipynb").exists()
    assert (made.source / PS1 / f"{PS1}.ipynb").exists()


def test_without_a_wall_the_harmful_students_stay_away_and_a_line_says_so(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(tmp_path / "all")
    monkeypatch.setattr(walls, "problems", lambda name: (walls.Problem("missing", "get it"),))
    asked, printed = start(tmp_path / "some")
    assert asked["unprotected"] is True
    assert "This machine can build no wall around student code." in printed
    assert all(kind in printed for kind in HARMFUL)
    assert "2. Sample class: 28 students hand in" in printed
    absent = handed_in(tmp_path / "all") - handed_in(tmp_path / "some")
    assert len(absent) == len(HARMFUL) == 2
    assert handed_in(tmp_path / "some") < handed_in(tmp_path / "all")
    written = [path.read_text() for path in (tmp_path / "some" / "submitted").rglob("*.ipynb")]
    assert not any("ctypes.string_at(0)" in text or "2**26" in text for text in written)


def test_a_folder_of_somebody_else_is_left_alone(course: CourseFolder, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    target.joinpath("thesis.txt").write_text("years")
    with pytest.raises(UserError, match="was not made by this command"):
        demo.run_demo(course, target, 30, Console())
    assert [path.name for path in target.iterdir()] == ["thesis.txt"]


@pytest.mark.slow
def test_it_runs_to_its_end_on_a_machine_without_walls(course: CourseFolder, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "autograder.cli", "demo", "--students", "9", "--to", str(tmp_path / "demo")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.machines.without_walls", *command, "--course", str(course.root)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "graded without one, and without its harmful students" in done.stdout
    assert excerpt(done.stdout) == table_of(README.read_text(encoding="utf-8")), "make pages PAGE=readme"
    assert (tmp_path / "demo" / "reports" / f"{PS1}.html").is_file()
