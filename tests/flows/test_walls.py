"""The wall in what people see, and what happens where none can be built."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
import psutil
import pytest
from rich.console import Console
from sqlalchemy import delete

from autograder.batch import run
from autograder.batch.coordinator import Summary
from autograder.batch.summaries import kept_summaries
from autograder.course_folder import CourseFolder
from autograder.examiner.preprocessor import UNPROTECTED_WARNING
from autograder.examiner.verdict import METADATA_KEY, WallUsed
from autograder.reports.class_report import write_report
from autograder.reports.results import read_results
from autograder.room import walls
from autograder.room.errors import SandboxUnavailable
from autograder.tables import SUMMARY
from tests.support.classroom import CRASH, HALF, MINI, ROOT, Classroom

NO_WALL = "autograder: No wall can be built around student code here. namespaces: "
UNPROTECTED = pytest.mark.thorough(reason="cold rooms without a wall; the demo on such a machine is in make test")
OPEN = "Wall around student code: none; student code can read and change your files."


@pytest.fixture(params=walls.NAMES)
def wall(request: pytest.FixtureRequest) -> str:
    """Each wall that this machine can build."""
    if found := walls.problems(request.param):
        pytest.skip(f"the wall of {request.param} cannot be built here: {found[0].what}")
    return str(request.param)


def without_walls(room: Classroom, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the course folder, on a machine that has neither namespaces nor Landlock."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", "tests.machines.without_walls", sys.executable, *command],
        cwd=room.course.root,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def grade(room: Classroom, *options: str) -> subprocess.CompletedProcess[str]:
    return without_walls(room, "-m", "autograder.cli", "grade", MINI, "--workers", "1", *options)


def test_the_wall_travels_with_the_notebook_and_stands_in_the_report(
    released: Classroom, tmp_path: Path, wall: str
) -> None:
    room = released.copy(tmp_path / "course", f"\nc.Examiner.wall = {wall!r}\n")
    room.hand_in("ada")
    room.hand_in("ben", HALF)
    room.hand_in("odd", b"{")
    used = WallUsed(wall, walls.wall_named(wall).sentence)
    assert room.grade().walls == {used: 2}
    notebooks = [
        nbformat.read(room.folder(name, "autograded") / f"{MINI}.ipynb", as_version=4) for name in ("ada", "odd")
    ]
    assert [n.metadata[METADATA_KEY].get("wall") for n in notebooks] == [used.to_dict(), None]
    assert f"Wall around student code: {used.sentence}." in write_report(room.course, MINI).read_text()
    from_summaries = read_results(room.course, MINI)
    with room.gradebook() as gradebook:
        assert kept_summaries(gradebook, MINI).keys() == {(name, MINI) for name in ("ada", "ben", "odd")}
        gradebook.db.execute(delete(SUMMARY))
        gradebook.db.commit()
    assert read_results(room.course, MINI) == from_summaries  # now from the notebooks
    assert room.grade().walls == {}  # nothing ran


def test_walls_do_not_change_what_is_graded(released: Classroom, tmp_path: Path) -> None:
    for name in walls.NAMES:
        room = released.copy(tmp_path / name, f"\nc.Examiner.wall = {name!r}\n")
        room.hand_in("ada", HALF)
        if not walls.problems(name):
            room.grade()
            assert room.scores() == {"ada": 2}


def test_workers_of_several_machines_have_a_line_each() -> None:
    used = Counter({WallUsed("landlock", "Landlock (ABI 4)"): 3, WallUsed("namespaces", "namespaces"): 9})
    assert run.wall_lines(used) == [
        "Wall around student code: namespaces (9 of 12 notebooks).",
        "Wall around student code: Landlock (ABI 4) (3 of 12 notebooks).",
    ]
    assert run.wall_lines(Summary().walls) == []


@pytest.mark.parametrize("data", [None, "namespaces", ["name"], {"name": "x"}, {"name": 1, "sentence": "x"}])
def test_what_a_student_wrote_in_the_place_of_a_wall_is_none(data: object) -> None:
    assert WallUsed.from_dict(data) is None


@pytest.mark.slow
def test_without_a_wall_nothing_is_graded_and_nothing_changes(room: Classroom) -> None:
    room.hand_in("ada")
    room.grade()
    room.hand_in("ada", HALF)
    room.hand_in("ben")
    before = room.content()
    done = grade(room)
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert line.startswith(NO_WALL)
    assert " landlock: this kernel has no Landlock" in line
    assert "One of them is enough. So nothing was graded." in line
    assert "autograder grade --unprotected" in line
    assert room.content() == before


@UNPROTECTED
@pytest.mark.slow
def test_unprotected_it_grades_all_the_same_and_says_so_on_each_run(room: Classroom) -> None:
    room.hand_in("ada")
    room.hand_in("ben", HALF)
    for graded in ("2 graded", "0 graded"):
        done = grade(room, "--unprotected")
        assert done.returncode == 0, done.stderr
        assert done.stderr.splitlines() == [f"autograder: {UNPROTECTED_WARNING}"]
        assert graded in done.stdout
        assert (OPEN in done.stdout.splitlines()) == (graded == "2 graded")
    assert room.scores() == {"ada": 6, "ben": 2}
    assert f'<p class="warning">{OPEN}</p>' in write_report(room.course, MINI).read_text()
    # Whoever has a wall again does not keep what was graded without one.
    assert room.grade().graded == 2


@UNPROTECTED
@pytest.mark.slow
def test_unprotected_a_loop_and_a_crash_cost_their_own_exercise_and_leave_no_process(
    released: Classroom, tmp_path: Path
) -> None:
    room = released.copy(tmp_path / "course", "\nc.Examiner.cell_seconds = 3\n")
    room.hand_in("loop", {"double": "import subprocess\nsubprocess.Popen(['sleep', '4321'])\nwhile True:\n    pass\n"})
    room.hand_in("crash", CRASH)
    done = grade(room, "--unprotected")
    assert done.returncode == 0, done.stderr
    assert "loop: double: stopped after 3 s" in done.stdout
    assert "crash: double: the kernel's process ended itself with exit status 1" in done.stdout
    assert room.scores() == {"loop": 0, "crash": 2}
    assert not [process for process in psutil.process_iter(["cmdline"]) if process.info["cmdline"] == ["sleep", "4321"]]


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--force"]])
def test_nbgrader_refuses_too_in_one_line_and_leaves_what_there_is(room: Classroom, options: list[str]) -> None:
    room.hand_in("ada")
    room.grade()
    before = room.content()
    room.hand_in("ada", HALF)
    done = without_walls(room, "-m", "nbgrader", "autograde", MINI, *options)
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if "ERROR" in line]
    assert len(errors) == 1
    assert "No wall can be built around student code here." in errors[0]
    assert "c.Examiner.unprotected = True" in errors[0]
    assert "Traceback" not in done.stdout + done.stderr
    assert room.content() == before


@pytest.mark.slow
def test_nbgrader_grades_unprotected_where_the_settings_say_so(released: Classroom, tmp_path: Path) -> None:
    room = released.copy(tmp_path / "course", "\nc.Examiner.unprotected = True\n")
    room.hand_in("ada")
    done = without_walls(room, "-m", "nbgrader", "autograde", MINI)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(UNPROTECTED_WARNING) == 1
    assert room.scores() == {"ada": 6}
    assert OPEN in write_report(room.course, MINI).read_text()


def test_a_wall_that_is_asked_for_by_name_has_no_stand_in(
    released: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = released.copy(tmp_path / "course", "\nc.Examiner.wall = 'landlock'\nc.Examiner.cell_seconds = 7\n")
    room.hand_in("ada")
    problem = walls.Problem("no Landlock", "get some")
    monkeypatch.setattr(walls, "problems", lambda name: (problem,) if name == "landlock" else ())
    with pytest.raises(SandboxUnavailable, match=r"landlock: no Landlock \(to do: get some\)\. So nothing was graded"):
        run.grade_with_progress(room.course, MINI, Console(file=io.StringIO()), workers=1)
    assert CourseFolder.load(room.course.root).folder("autograded", MINI).exists() is False
