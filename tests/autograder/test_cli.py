"""The command: mistakes and failures are one line, help reads well, and it can be stopped."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from traitlets import TraitError

from autograder import cli, interrupts
from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.errors import UserError
from autograder.publish import bundle
from tests.support.classroom import MINI, write_course


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command here, with whatever `report` is to do, and return status and output."""
    monkeypatch.setattr(interrupts.state, "phase", "start")
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str, does: Callable[[Path], object] | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["autograder", *arguments])
        if does:
            monkeypatch.setattr(CourseFolder, "find", does)
        with pytest.raises(SystemExit) as end:
            cli.main()
        return int(end.value.code or 0), *capsys.readouterr()

    return run


def raises(error: BaseException) -> Callable[[Path], object]:
    def does(start: Path) -> object:
        raise error

    return does


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (UserError("It is wrong."), "It is wrong."),
        (
            OSError(errno.ENOSPC, "No space left on device", "/x"),
            "/x cannot be read or written: No space left on device. Free some space on that disk, and run this again.",
        ),
        (
            TraitError("The 'db_url' trait expected a string, not the int 5."),
            "nbgrader's settings cannot be used: The 'db_url' trait expected a string, not the int 5. "
            "Correct it in nbgrader_config.py.",
        ),
        (
            TraitError("The 'x' trait of <a.b.Late object at 0x7f6e> instance\nmust be a type, but 'y' is not there"),
            "nbgrader's settings cannot be used: The 'x' trait of Late must be a type, but 'y' is not there. "
            "Correct it in nbgrader_config.py.",
        ),
    ],
)
def test_what_a_person_can_put_right_is_one_line(
    run: Callable[..., tuple[int, str, str]], error: Exception, line: str
) -> None:
    assert run("report", "ps1", does=raises(error)) == (1, "", f"autograder: {line}\n")


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["autograder", "report", "ps1"])
    monkeypatch.setattr(CourseFolder, "find", raises(FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))))
    with pytest.raises(FileNotFoundError):
        cli.main()


def test_stopped(run: Callable[..., tuple[int, str, str]]) -> None:
    said = "autograder: stopped; run it again.\n"
    assert run("report", "ps1", does=raises(KeyboardInterrupt())) == (130, "", said)
    said = "autograder: stopped. What was graded is saved; run it again to go on.\n"
    assert run("grade", "ps1", does=raises(KeyboardInterrupt())) == (130, "", said)


def test_what_an_interrupt_broke_is_not_told_as_a_mistake(
    run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """nbgrader takes a `KeyboardInterrupt` for an answer, and says that it was canceled."""
    monkeypatch.setattr(interrupts.state, "number", 15)
    for broken in (
        UserError("nbgrader could not write the feedback: Canceled"),
        FileNotFoundError(errno.ENOENT, "No such file or directory"),
        RuntimeError("cannot schedule new futures after shutdown"),
    ):
        monkeypatch.setattr(interrupts.state, "phase", "start")
        assert run("feedback", "ps1", does=raises(broken)) == (143, "", "autograder: stopped; run it again.\n")


def test_version(run: Callable[..., tuple[int, str, str]]) -> None:
    status, out, err = run("--version")
    assert (status, err) == (0, "")
    assert re.fullmatch(r"autograder \d+\.\d+\S*, nbgrader \d\S*, Python 3\S*, NumPy \d\S*, torch \d\S*\n", out)


@pytest.mark.parametrize("command", ["", "grade", "export", "demo", "bundle"])
def test_help_names_what_to_write_and_fits_into_80_columns(
    run: Callable[..., tuple[int, str, str]], command: str
) -> None:
    status, out, err = run(*command.split(), "--help")
    assert (status, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    assert "..." not in out.replace("ARGS]...", "")  # nothing is cut off
    for flag in ("--help", "--force", "--unprotected", "--version"):
        assert not re.search(rf"{flag} +<", out), f"{flag} takes no value"


def test_bundle_says_which_exchange_it_does_not_name(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = write_course(tmp_path / "course")
    monkeypatch.setattr(bundle, "build_bundle", lambda root, target, *, assignments: target)
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "1")  # this machine may name one, as the image does
    assert run("bundle", "--to", "b.zip", does=lambda start: course) == (0, "b.zip\n", "")
    monkeypatch.delenv("JUPYTER_NO_CONFIG")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path))
    (tmp_path / CONFIG_NAME).write_text("c = get_config()\nc.Exchange.root = '/srv/elsewhere'\n")
    status, out, err = run("bundle", "--to", "b.zip", does=lambda start: course)
    assert (status, err) == (0, "")
    assert "It does not name the exchange /srv/elsewhere" in out
    assert f"not in {course.root / CONFIG_NAME}." in out


def test_feedback_is_refused_where_its_pages_cannot_be_written(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = write_course(tmp_path)
    course.folder("autograded", MINI, "ada").mkdir(parents=True)
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    status, _, err = run("feedback", MINI, does=lambda start: course)
    assert status == 1
    assert f"{course.folder('feedback', MINI, 'ada')} cannot be written: Permission denied. Make {tmp_path} " in err


def test_report_names_each_page_and_export_to_standard_output_prints_nothing_of_its_own(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = write_course(tmp_path)
    asked: list[object] = []

    def pages(folder: CourseFolder, assignment: str | None, *, anonymous: bool, workers: int) -> list[Path]:
        asked.append((assignment, anonymous))
        return [Path("reports/ps1.html"), Path("reports/index.html")]

    def export(folder: CourseFolder, target: Path | None, form: object, tell: Callable[[str], object]) -> Path:
        asked.append((target, form))
        tell("a remark.")
        return target or Path("grades.csv")

    monkeypatch.setattr("autograder.reports.overview.write_all", pages)
    monkeypatch.setattr("autograder.reports.export.export_grades", export)
    there = (0, "reports/ps1.html\nreports/index.html\n", "")
    assert run("report", does=lambda start: course) == there
    assert run("report", "ps1", "--anonymous", does=lambda start: course) == there
    assert run("export", "--to", "-", does=lambda start: course) == (0, "", "autograder: a remark.\n")
    moodle = run("export", "--format", "moodle", does=lambda start: course)
    assert moodle == (0, "grades.csv\n", "autograder: a remark.\n")
    assert asked == [(None, False), ("ps1", True), (Path("-"), None), (None, "moodle")]
    status, out, err = run("export", "--format", "excel", does=lambda start: course)
    assert (status, out) == (1, "")
    assert err == "autograder: There is no format 'excel' for grades. There are: nbgrader, canvas, moodle.\n"
