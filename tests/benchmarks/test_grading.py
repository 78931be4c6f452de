"""The tables about grading, from numbers that are made up."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from traitlets.config import Config

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from benchmarks import grading
from benchmarks.grading import GOALS, RESOLUTION_S, grading_page, grading_sections, one_more
from benchmarks.measure import Measured

NUMBERS: dict[str, Any] = {
    "stock_wall_s": 4.0, "stock_cpu_s": 3.0, "stock_peak_mib": 300.0,
    "ours_wall_s_1": 0.2, "ours_cpu_s_1": 0.1, "ours_peak_mib_1": 400.0,
    "ours_wall_s_2": 0.125, "ours_cpu_s_2": 0.11, "ours_peak_mib_2": 600.0,
    "ours_start_up_s_2": 2.0, "limit_s": 0.02, "limit_cpu_s": 0.02, "ours_steady_cpu_s": 0.07, "coordinator_ms": 5.0,
    "steady_s_of_50": 0.1, "wall_s_of_50": 0.15, "cpu_s_of_50": 0.12,
    "steady_s_of_1000": 0.1, "wall_s_of_1000": 0.1, "cpu_s_of_1000": 0.1,
    "smallest_steady_s": 0.1, "largest_steady_s": 0.1, "largest_wall_s": 0.1, "largest_cpu_s": 0.1,
    "stock_feedback_wall_s": 0.3, "stock_feedback_cpu_s": 0.25, "largest_feedback_wall_s": 0.02,
    **{
        f"{name}_{kind}_s_of_{size}": size / 100
        for name in ("grade", "feedback", "report", "export") for kind in ("wall", "cpu") for size in (50, 1000, 5000)
    },
    **{
        f"{which}_{name}_cpu_s": 0.01
        for name in ("grade", "feedback", "report", "export") for which in ("smaller", "larger")
    },
    **{f"all_{name}_{kind}_s": 2.5 for name in ("report", "export") for kind in ("wall", "cpu")},
    "ours_peak_mib_1_of_the command itself": 150.0, "ours_peak_mib_2_of_the command itself": 160.0,
    "ours_peak_mib_1_of_fork servers and rooms": 250.0, "ours_peak_mib_2_of_fork servers and rooms": 440.0,
    "ours_peak_mib_2_of_workers and examiners": 1.0,
    "parts": {
        "by_part": {"coordinator": 5.0, "examiner tests": 30.0, "bare ending": 15.0},
        "by_process": {"coordinator": [4.0, 1.0], "examiner": [20.0, 10.0], "bare": [3.0, 12.0]},
        "start": {"imports": 0.5, "ordinary": 1.0, "torch": 2.0, "bare": 0.6, "tests": 1.5, "first": 0.3},
    },
    "clock": "with a sundial", "otter_version": "",
    "submissions": {"ours": 100, "stock": 6, "scale": [50, 1000]},
    "machine": {"cores": 2, "processor": "x86_64", "python": "3.11.7"},
}  # fmt: skip


def test_each_goal_is_set_beside_what_was_measured() -> None:
    goals = grading_sections(NUMBERS)[4]
    assert [row[0] for row in goals.rows] == [name for name, *_ in GOALS]
    assert goals.rows[0][1:] == ("at least 22", "30", "reached")
    assert goals.rows[2][1:] == ("at least 40", "32", "missed")
    assert goals.rows[4][1:] == ("at most 3", "3.5", "missed")


def test_the_page_says_how_cpu_was_counted_and_has_it_for_every_grader() -> None:
    page = grading_page(NUMBERS)
    assert "Counted with a sundial." in page
    assert "| ours, 2 workers | 0.125 | 0.11 | 600 |" in page
    assert "| bare limit | 0.02 | 0.02 |  |" in page
    assert "| 1000 | 100 | 100 | 100 |" in page


def test_otter_stands_beside_stock_or_the_page_says_that_it_was_not_measured() -> None:
    assert "Otter-Grader was not measured: `make otter`" in grading_page(NUMBERS)
    measured = {"otter_version": "7.0.0", "otter_wall_s": 2.5, "otter_cpu_s": 2.0, "otter_peak_mib": 150.0}
    page = grading_page(NUMBERS | measured)
    assert "not measured" not in page
    assert "Otter-Grader 7.0.0 grades the same submissions as stock" in page
    assert "| Otter-Grader | 2.5 | 2 | 150 |" in page


def test_the_commands_for_all_assignments_have_a_row_and_a_goal() -> None:
    page = grading_page(NUMBERS)
    assert "| report | 1000 | 2.50 | 2.50 |" in page
    assert "| report of all assignments, largest class, wall s | at most 3 | 2.5 | reached |" in page


def test_what_comes_after_grading_is_told_by_class_size_beside_stock() -> None:
    page = grading_page(NUMBERS)
    assert "| stock nbgrader, feedback | 6 | 300 | 250 |" in page
    assert "| export | 1000 | 10.0 | 10.0 |" in page
    assert "| export | 5000 | 10.0 | 10.0 |" in page
    assert "| stock wall / ours with 2 workers, feedback | at least 15 | 15 | reached |" in page
    assert "| CPU of one more, larger classes / smaller, report | at most 1.05 | 1 | reached |" in page


@pytest.mark.parametrize("failure", [UserError("it failed"), KeyError("it failed"), KeyboardInterrupt("it failed")])
def test_what_has_been_measured_is_printed_whatever_fails_later(
    failure: BaseException, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def measure(command: list[str], *_: Any) -> Measured:
        if "autograde" in command:
            raise failure
        return Measured(1.0, 1.0, 1.0, '{"limit_s": 0.5}', "")

    monkeypatch.setattr(grading, "measure", measure)
    monkeypatch.setattr(grading, "make_course", lambda _, folder, *__, **___: CourseFolder(folder, Config()))
    console = Console(file=io.StringIO(), width=100)
    with pytest.raises(type(failure), match="it failed"):
        grading.measure_grading(CourseFolder(tmp_path, Config()), console, ours=2, stock=1, scale=[2])
    assert '"limit_s": 0.5' in console.file.getvalue()


def test_one_more_is_what_the_larger_class_takes_more() -> None:
    assert one_more({"export_cpu_s_of_50": 1.0, "export_cpu_s_of_200": 2.5}, "export", 50, 200) == 0.01


@pytest.mark.parametrize("of_200", [0.9, 1.0, 1.001])
def test_one_more_is_never_less_than_can_be_told(of_200: float) -> None:
    assert one_more({"export_cpu_s_of_50": 1.0, "export_cpu_s_of_200": of_200}, "export", 50, 200) == RESOLUTION_S


def test_what_a_missed_goal_has_in_its_way_stands_below_the_goals() -> None:
    page = grading_page(NUMBERS)
    assert "## Where the time goes" in page.partition("## Goals")[2]
    assert "| examiner: test cells, without their questions | 30.0 | 60 % |" in page
    assert "| all together | 50.0 |  |" in page
    assert "| bare room | 3.0 | 12.0 |" in page
    assert "| what the test cells import, torch above all | 1.50 |" in page
    assert "| fork servers and rooms | 250 | 440 |" in page


def test_each_time_a_command_has_everything_to_do_and_the_least_cpu_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    takes = iter([3.0, 1.0, 2.0])

    def measure(command: list[str], folder: Path) -> Measured:
        (folder / "feedback").mkdir()  # fails if it is there
        return Measured(1.0, next(takes), 1.0, "", "")

    monkeypatch.setattr(grading, "measure", measure)
    assert grading.least(["autograder", "feedback", "ps1"], tmp_path).cpu_s == 1.0


def test_a_single_class_size_is_set_in_no_relation() -> None:
    alone = {key: value for key, value in NUMBERS.items() if key != "ours_steady_cpu_s"}
    assert "bare limit, from" not in grading_page(alone)
