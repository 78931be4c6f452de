"""Settings of all tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from typing import TypeVar

import pytest
from hypothesis import settings

from course.progress.store import FOLDER_VARIABLE
from tests.support.lesson_budget import SECONDS, budget_report
from tests.support.seeds import pytest_collectstart, pytest_fixture_setup, pytest_runtest_setup  # noqa: F401 - hooks

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

# Before torch and NumPy are imported: two test workers with as many threads as cores each only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell starts what runs in the background with Ctrl-C ignored, and what the tests start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says something about the machine's load, not about the code.
settings.register_profile("course", deadline=None)
settings.load_profile("course")


@pytest.fixture(scope="session", autouse=True)
def progress_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever a test starts, it keeps no progress in the developer's own file."""
    os.environ[FOLDER_VARIABLE] = str(tmp_path_factory.mktemp("progress"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have each mark that keeps a test out of `make test` say why."""
    for item in items:
        for mark in item.iter_markers("thorough"):
            if mark.args or mark.kwargs.keys() != {"reason"}:
                raise pytest.UsageError(f'{item.nodeid}: write @pytest.mark.thorough(reason="…")')


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test fail that is skipped in CI: what is never run there is not known to hold."""
    report = yield
    return failed_in_ci(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same for a whole file."""
    report = yield
    return failed_in_ci(report)


def failed_in_ci(report: Report) -> Report:
    """Return the report of a skip as that of a failure if this is CI; an expected failure is none."""
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where nothing may be: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what each lesson took of its budget."""
    reports = [report for report in terminalreporter.getreports("passed") if report.when == "call"]
    lines = budget_report(dict(told for report in reports for key, told in report.user_properties if key == SECONDS))
    if lines:
        terminalreporter.section("lessons from top to bottom")
        for line in lines:
            terminalreporter.write_line(line)
