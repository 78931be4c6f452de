"""Every page that a command makes is in one folder, is marked, and has its command in one table."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import pages
from benchmarks.pages import COMMANDS, FOLDER, PAGES, ROOT, Page, main, mark


def listed(*arguments: str) -> list[str]:
    """What git prints, line by line."""
    said = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return said.stdout.splitlines()


def test_every_page_has_a_command() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.md")) == sorted(PAGES)
    assert {path.name for path in FOLDER.iterdir()} == {*(f"{name}.md" for name in PAGES), "bench.json"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_marked_as_generated(name: str) -> None:
    path = FOLDER / f"{name}.md"
    assert path.read_text(encoding="utf-8").startswith(f"{mark(name)}\n")
    assert f"make pages PAGE={name}" in mark(name)
    (said,) = listed("check-attr", "linguist-generated", path.relative_to(ROOT).as_posix())
    assert said.endswith(": true")


def test_no_other_page_is_made_by_a_command() -> None:
    tracked = [ROOT / name for name in listed("ls-files", "*.md")]
    beside = [path for path in tracked if path.parent != FOLDER and path.exists()]
    assert ROOT / "README.md" in beside
    assert [path for path in beside if path.read_text(encoding="utf-8").startswith("<!-- Generated")] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_there(name: str) -> None:
    assert importlib.util.find_spec(COMMANDS[name].module.partition(" ")[0]) is not None


def test_an_unknown_page_gives_one_line_with_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["attack"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"pages: no page is called attack; there are: {', '.join(COMMANDS)}"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that have been run; the one called `breaks` fails."""
    ran: list[list[str]] = []

    def run(command: list[str], *, cwd: Path, check: bool) -> subprocess.CompletedProcess[bytes]:
        assert (cwd, check) == (ROOT, False)
        ran.append(command)
        return subprocess.CompletedProcess(command, int(command[2] == "breaks"))

    monkeypatch.setattr(pages.subprocess, "run", run)
    return ran


def test_without_root_the_others_are_made(
    made: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = {"whole": Page("a.whole", "it makes a machine"), "small": Page("a.small --write")}
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert main([], commands) == 0
    assert made == [[sys.executable, "-m", "a.small", "--write"]]
    why = "whole needs root, because it makes a machine: sudo make pages PAGE=whole\n"
    assert capsys.readouterr().err == f"pages: left out: {why}"
    assert main(["whole"], commands) == 2
    assert capsys.readouterr().err == f"pages: {why}"
    assert len(made) == 1
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert main([], commands) == 0
    assert len(made) == 3


def test_what_fails_is_named_and_the_rest_is_made(made: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], {"one": Page("breaks"), "two": Page("works")}) == 1
    assert [command[2] for command in made] == ["breaks", "works"]
    assert capsys.readouterr().err == "pages: failed: one\n"
