"""`python -m course.rehearse`: what it prints, and its exit statuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from course.rehearse.__main__ import main
from course.rehearse.kernel import Kernel
from tests.course.rehearse.paper import Paper, right, save

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def it(*arguments: object) -> tuple[int, str, str]:
        status = main(list(map(str, arguments)))
        said = capsys.readouterr()
        return status, said.out, said.err

    return it


def test_all_is_well_and_something_is_not(tmp_path: Path, run: Run) -> None:
    paper = Paper(tmp_path / "release", "one")
    done = {"one": right("one"), "essay": "I wrote this."}
    status, out, err = run(save(paper.answered(done), tmp_path / "done"), "--release", paper.folder)
    assert (status, err) == (0, "")
    blocks = out.split("\n\n")
    assert blocks[0].startswith("Rehearsal of mini, as it was saved at ")
    assert blocks[1].startswith("one: 2 of 2 visible checks pass\n  seconds (at most 30 each): given ")
    assert blocks[-2] == "Nothing to mend."
    assert blocks[-1].startswith("Not part of this rehearsal: the hidden checks")
    status, out, err = run(save(paper.answered({}), tmp_path / "to_do"), "--release", paper.folder)
    assert (status, err) == (1, "")
    assert "\n\none: not written yet\n" in out
    assert "To mend:\n- one\n- essay: nothing is written there yet\n" in out


def test_what_cannot_be_rehearsed_is_one_line(tmp_path: Path, run: Run) -> None:
    assert run(tmp_path / "mini.ipynb") == (
        2,
        "",
        f"{tmp_path / 'mini.ipynb'} cannot be read: No such file or directory.\n",
    )
    paper = Paper(tmp_path / "release", "one")
    status, out, err = run(save(paper.notebook, tmp_path / "mine"), "--release", tmp_path)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1


def test_a_kernel_that_does_not_start_is_one_line(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("Kernel died before replying to kernel_info")

    monkeypatch.setattr(Kernel, "__init__", fail)
    paper = Paper(tmp_path / "release", "one")
    status, _, err = run(save(paper.notebook, tmp_path / "mine"), "--release", paper.folder)
    assert (status, err) == (2, "The rehearsal's kernel did not start: Kernel died before replying to kernel_info\n")


def test_usage_is_explained(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "course.rehearse"]
    wrong = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stderr.startswith("usage: python -m course.rehearse ")) == (2, True)
    told = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
    assert "Exit status: 0 if nothing is to be mended, 1 if something is" in told


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    paper = Paper(tmp_path / "release", "one")
    mine = save(paper.notebook, tmp_path / "mine")
    command = [sys.executable, "-m", "course.rehearse", mine, "--release", paper.folder]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (1, "")
