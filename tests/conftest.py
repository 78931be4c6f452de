"""Settings of all tests."""

import os

import pytest
from hypothesis import settings

from tests.lessons.budget import SECONDS, budget_report
from tests.support.seeds import pytest_collectstart, pytest_fixture_setup, pytest_runtest_setup  # noqa: F401 - hooks

# Before torch and NumPy are imported: two test workers with as many threads as cores each only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# How long an example takes says something about the machine's load, not about the code.
settings.register_profile("course", deadline=None)
settings.load_profile("course")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what each lesson took of its budget."""
    reports = [report for report in terminalreporter.getreports("passed") if report.when == "call"]
    lines = budget_report(dict(told for report in reports for key, told in report.user_properties if key == SECONDS))
    if lines:
        terminalreporter.section("lessons from top to bottom")
        for line in lines:
            terminalreporter.write_line(line)
