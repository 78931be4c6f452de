"""An exchange that cannot be used comes with what to do, from `doctor` and from nbgrader's own commands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory

from autograder.course_folder import CourseFolder
from autograder.exchange import exchange_folder, exchange_problem
from autograder.machine.doctor import Status, exchange_findings
from tests.support.classroom import write_course


@pytest.fixture
def course(tmp_path: Path) -> CourseFolder:
    return write_course(tmp_path / "course", f"\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n")


def closed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Root may write anywhere, and this test may run as root."""
    access = os.access

    def asked(path: Path | str, mode: int) -> bool:
        return access(path, mode) and (Path(path) != folder or not mode & os.W_OK)

    monkeypatch.setattr(os, "access", asked)


def test_the_doctor_names_the_folder_and_the_command(course: CourseFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = exchange_folder(course)
    [missing] = exchange_findings(course.root)
    assert (missing.status, missing.found.split(",")[0]) == (Status.OPTIONAL, f"{folder} is missing")
    assert missing.remedy.startswith(f"sudo install -d -m 777 {folder}, or name another folder with c.Exchange.root")
    folder.mkdir()
    assert exchange_problem(folder) == ""
    [found] = exchange_findings(course.root)
    assert (found.status, found.found, found.remedy) == (Status.OK, str(folder), "")
    closed(monkeypatch, folder)
    [shut] = exchange_findings(course.root)
    assert shut.found.startswith(f"{folder} cannot be written to")


def test_elsewhere_the_doctor_says_nothing_of_it(tmp_path: Path) -> None:
    assert list(exchange_findings(tmp_path)) == []


@pytest.mark.parametrize("command", ["release_assignment", "collect", "release_feedback"])
def test_nbgraders_commands_say_it_too(
    course: CourseFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, command: str
) -> None:
    folder = exchange_folder(course)
    folder.mkdir()
    closed(monkeypatch, folder)
    make = getattr(ExchangeFactory(config=course.config), command)
    coursedir = CourseDirectory(config=course.config, root=str(course.root), assignment_id="mini")
    exchange = make(coursedir=coursedir, config=course.config)
    monkeypatch.setattr("nbgrader.exchange.default.release_assignment.os.chmod", refuse)
    with pytest.raises(ExchangeError):
        exchange.start()
    said = f"The exchange {folder} cannot be written to: sudo install -d -m 777 {folder}, or name another folder"
    assert said in caplog.text


def refuse(path: str, mode: int) -> None:
    raise PermissionError


def test_other_failures_keep_their_words(course: CourseFolder, caplog: pytest.LogCaptureFixture) -> None:
    exchange_folder(course).mkdir(mode=0o777)
    exchange = ExchangeFactory(config=course.config).collect(
        coursedir=CourseDirectory(config=course.config, root=str(course.root), assignment_id="mini"),
        config=course.config,
    )
    with pytest.raises(ExchangeError):
        exchange.start()
    assert "Course not found" in caplog.text
