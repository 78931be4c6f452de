"""Numbers that took minutes are written down, whatever becomes of the last step."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from benchmarks import Part, run
from tests.benchmarks.test_walls import RESULT

COURSE = CourseFolder.find(Path(__file__).parents[2])


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been measured."""
    parts: list[str] = []

    def walls(*_: Any, **__: Any) -> dict[str, Any]:
        parts.append("walls")
        return RESULT

    monkeypatch.setattr(run, "measure_walls", walls)
    return parts


def bench(target: Path, pages: Path) -> str:
    console = Console(file=io.StringIO(), width=100)
    run.run_bench(COURSE, target, pages, console, parts=[Part.WALLS], ours=2, stock=1, scale=[2], presses=1)
    return console.file.getvalue()


@pytest.mark.slow
@pytest.mark.thorough(reason="a grader a column is started, stock nbgrader too; no grade depends on it")
def test_the_command_measures_real_graders(tmp_path: Path) -> None:
    sizes = ["--ours", "2", "--stock", "1", "--scale", "2", "--scale", "3"]
    command = [sys.executable, "-m", "benchmarks", "--only", "grading", *sizes]
    said = subprocess.run(
        [*command, "--to", str(tmp_path / "a" / "bench.json"), "--pages", str(tmp_path / "b")],
        cwd=COURSE.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")
    numbers = json.loads((tmp_path / "a" / "bench.json").read_text())
    assert 0 < numbers["limit_cpu_s"] < numbers["ours_cpu_s_1"]
    assert numbers["clock"] in (tmp_path / "b" / "bench.md").read_text()


def test_folders_that_are_not_there_are_made_and_other_parts_are_kept(measured: list[str], tmp_path: Path) -> None:
    target, pages = tmp_path / "a" / "b" / "bench.json", tmp_path / "c" / "d"
    bench(target, pages)
    assert json.loads(target.read_text()) == {"walls": RESULT}
    assert "# Speed behind both walls" in (pages / "walls_speed.md").read_text()
    target.write_text('{"demos": 1}')
    bench(target, pages)
    assert json.loads(target.read_text()) == {"demos": 1, "walls": RESULT}


@pytest.mark.parametrize("where", ["target", "pages"])
def test_what_cannot_be_written_is_said_before_anything_is_measured(
    where: str, measured: list[str], tmp_path: Path
) -> None:
    (tmp_path / "a file").touch()
    places = {"target": tmp_path / "bench.json", "pages": tmp_path / "pages"}
    places[where] = tmp_path / "a file" / "x.json"
    with pytest.raises(UserError, match=r"cannot be written to: .*Write elsewhere: --to, --pages"):
        bench(**places)
    assert measured == []


def test_an_earlier_file_that_is_no_json_is_left_alone(measured: list[str], tmp_path: Path) -> None:
    (tmp_path / "bench.json").write_text("{")
    with pytest.raises(UserError, match=r"bench\.json cannot be read as JSON"):
        bench(tmp_path / "bench.json", tmp_path)
    assert (tmp_path / "bench.json").read_text() == "{"
    assert measured == []


def test_the_numbers_are_written_before_the_page_is_made(
    measured: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> str:
        raise KeyError("a number that the page wants")

    monkeypatch.setattr(run, "walls_page", broken)
    with pytest.raises(KeyError):
        bench(tmp_path / "bench.json", tmp_path)
    assert json.loads((tmp_path / "bench.json").read_text()) == {"walls": RESULT}


def test_the_numbers_are_printed_if_the_last_step_fails(
    measured: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run, "write_atomically", full)
    console = Console(file=io.StringIO(), width=100)
    with pytest.raises(UserError, match=r"No space left on device\. The numbers are above"):
        run.run_bench(
            COURSE, tmp_path / "b.json", tmp_path, console, parts=[Part.WALLS], ours=2, stock=1, scale=[2], presses=1
        )
    printed = console.file.getvalue()
    assert json.loads(printed[printed.index("{") :]) == {"walls": RESULT}
