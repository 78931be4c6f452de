"""The long run in small, and that each of its checks can fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from autograder.course_folder import CourseFolder
from autograder.practice.live import ASSIGNMENT
from autograder.watch.journal import Row, State
from tests.flows import soak
from tests.flows.soak_checks import (
    MORE,
    Rest,
    Sent,
    last_of,
    left_in_the_course,
    left_in_the_exchange,
    not_flat,
    not_graded_once,
    pages_not_right,
)

NOON = datetime(2027, 1, 4, 12)
SENT = [
    Sent("ada", NOON, "ada+1", "a1.html"),
    Sent("ben", NOON, "ben+1", "b1.html"),
    Sent("ada", NOON + timedelta(minutes=1), "ada+2", "a2.html"),
    Sent("ada", NOON + timedelta(minutes=2), "ada+3", "a3.html"),
]
"""Ada's second one made room for the third."""
RELEASED = {"a1.html", "a3.html", "b1.html"}
TOLD = Counter(ada=2, ben=1)
GRADEBOOK = {"ada": NOON + timedelta(minutes=2), "ben": NOON}
PAGES = {"ada": b"hers", "ben": b"his"}


def row(one: Sent) -> Row:
    replaced = one.name == "ada+2"
    moment = None if replaced else one.stamp
    state: State = "replaced" if replaced else "released"
    return Row(one.name, ASSIGNMENT, one.student, state, one.stamp, one.stamp, one.stamp, moment, moment)


ROWS = {one.name: row(one) for one in SENT}


def first(problems: Iterator[str]) -> str:
    return next(problems, "")


def test_a_run_in_which_all_is_well_has_no_problem() -> None:
    assert [*not_graded_once(SENT, ROWS, TOLD, GRADEBOOK)] == []
    assert [*pages_not_right(SENT, ROWS, RELEASED, PAGES, PAGES)] == []
    assert [*not_flat(Rest(500, 20, 16, 3), Rest(550, 20, 16, 3))] == []
    assert last_of(SENT) == {"ada": SENT[3], "ben": SENT[1]}


@pytest.mark.parametrize(
    ("after", "problem"),
    [
        (Rest(700.0, 20, 16, 3), "memory: 700 MiB at the end, 500 after the warm-up (at most 615)"),
        (Rest(500.0, 21 + MORE, 16, 3), "processes: 29 at the end"),
        (Rest(500.0, 20, 17 + MORE, 3), "descriptors of the service: 25 at the end"),
        (Rest(500.0, 20, 16, 4 + MORE), "sockets of the service: 12 at the end"),
    ],
)
def test_what_grows_is_named(after: Rest, problem: str) -> None:
    [found] = not_flat(Rest(500.0, 20, 16, 3), after)
    assert found.startswith(problem)


def test_a_submission_without_a_grade_is_named() -> None:
    def problems(changed: dict[str, Row], told: Counter[str] = TOLD) -> list[str]:
        return [*not_graded_once(SENT, changed, told, GRADEBOOK)]

    forgotten = {name: row for name, row in ROWS.items() if name != "ben+1"}
    assert "forgotten: ben+1" in problems(forgotten)
    failed = replace(ROWS["ben+1"], state="failed", note="no room")
    assert problems(ROWS | {"ben+1": failed})[:2] == [
        "failed: ben+1 (no room)",
        "the last submission has no grade: ben+1 is failed",
    ]
    assert problems(ROWS | {"ben+1": replace(ROWS["ben+1"], graded=None)}) == [
        "the last submission has no grade: ben+1 is released"
    ]
    assert problems(ROWS | {"eve+1": replace(ROWS["ben+1"], submission="eve+1", student="eve")}) == [
        "nobody submitted it: eve+1"
    ]
    assert problems(ROWS, TOLD + Counter(ben=1)) == ["ben got 2 feedbacks for 1 submissions"]
    [stale] = not_graded_once(SENT, ROWS, TOLD, GRADEBOOK | {"ada": NOON})
    assert stale == f"the gradebook has no grade of ada's last submission, but of {NOON}"


def test_a_page_that_is_missing_or_anothers_is_named() -> None:
    assert first(pages_not_right(SENT, ROWS, RELEASED - {"b1.html"}, PAGES, PAGES)) == "ben+1: no page by its name"
    assert first(pages_not_right(SENT, ROWS, RELEASED | {"a2.html"}, PAGES, PAGES)) == "ada+2: a page without a grade"
    assert first(pages_not_right(SENT, ROWS, RELEASED, PAGES | {"ben": None}, PAGES)).startswith("ben could not fetch")
    assert first(pages_not_right(SENT, ROWS, RELEASED, PAGES | {"ben": b"hers"}, PAGES)).startswith("ben fetched")


@pytest.mark.parametrize(
    "leaked",
    [
        ".watching",
        "submitted/ada/.mini.collecting/x",
        f"autograded/ada/{ASSIGNMENT}/.writing-x",
        f"submitted/eve/{ASSIGNMENT}/timestamp.txt",
        "gradebook.db-journal",
    ],
)
def test_a_file_that_is_left_in_the_course_is_named(leaked: str) -> None:
    fine = {"gradebook.db", "reports/watch.html", f"submitted/ada/{ASSIGNMENT}/{ASSIGNMENT}.ipynb", "source/a"}
    assert [*left_in_the_course({"source/a"}, fine, {"ada"})] == []
    assert [*left_in_the_course({"source/a"}, fine | {leaked}, {"ada"})] == [f"left in the course folder: {leaked}"]


@pytest.mark.parametrize(
    "leaked", ["x/feedback/.a1.html", "x/feedback/c1.html", "x/inbound/eve+1/a", "x/inbound/ada+1", "x"]
)
def test_a_file_that_is_left_in_the_exchange_is_named(leaked: str) -> None:
    fine = {"x/feedback/a1.html", "x/inbound/ada+1/timestamp.txt", "x/outbound/a"}
    assert [*left_in_the_exchange({"x/outbound/a"}, fine, SENT)] == []
    assert [*left_in_the_exchange({"x/outbound/a"}, fine | {leaked}, SENT)] == [f"left in the exchange: {leaked}"]


def test_files_and_empty_folders_are_found(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "c").symlink_to("nowhere")
    assert soak.files_below(tmp_path) == {"a/b", "c"}


def test_a_class_submits_quietly_at_first_and_one_in_twenty_does_harm() -> None:
    planned = soak.plan(200, 2000, 1, ["tame"], ["harmful"])
    assert planned == soak.plan(200, 2000, 1, ["tame"], ["harmful"]) != soak.plan(200, 2000, 2, ["tame"], ["harmful"])
    assert (len(planned), len({one.student for one in planned})) == (2000, 200)
    assert sum(one.example == "harmful" for one in planned) == 100
    assert [one.at for one in planned] == sorted(one.at for one in planned)
    assert 4 * sum(one.at < 0.5 for one in planned) < sum(one.at >= 0.5 for one in planned)


def test_what_goes_on_after_the_end_is_named_and_ended(tmp_path: Path) -> None:
    """The program is one that leaves a process behind and ends with another status."""
    watch = soak.Watch(
        tmp_path,
        tmp_path,
        [
            "bash",
            "-c",
            "trap 'exit 3' INT; sleep 300 & echo '1 x, ada: feedback after 1 s'; while :; do sleep 0.1; done",
        ],
    )
    while not watch.settled:
        pass
    while watch.look().processes < 2:
        pass
    problems = watch.stop()
    assert watch.feedbacks == {"ada": 1}
    assert problems[0].startswith("the service ended with status 3")
    assert any(problem.startswith("left running: ") and "sleep" in problem for problem in problems)


@pytest.mark.slow
def test_a_small_class_leaves_nothing_behind(tmp_path: Path) -> None:
    """It is too short for memory to be at rest: workers start what they need when it is first wanted."""
    told: list[str] = []
    with soak.scratch() as folder:
        problems = soak.Soak(CourseFolder.load(soak.ROOT), folder, told.append).run(3, 8, 1, 2.0)
    assert [problem for problem in problems if not problem.startswith(("memory", "processes"))] == []
    assert "At rest" in told[-1]
    assert not folder.exists()


def test_the_status_says_whether_all_was_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    problems: list[str] = []

    class Run:
        def __init__(self, *_: object) -> None: ...

        def run(self, students: int, submissions: int, seed: int, seconds: float) -> list[str]:
            assert (students, submissions, seed, seconds) == (4, 10, 7, 30.0)
            if problems == ["stop"]:
                raise KeyboardInterrupt
            return problems

    monkeypatch.setattr(soak, "Soak", Run)
    arguments = ["--students", "4", "--submissions", "10", "--seed", "7", "--minutes", "0.5"]
    assert soak.main(arguments) == 0
    problems.append("left running: x")
    assert soak.main(arguments) == 1
    assert "soak: left running: x" in capsys.readouterr().out
    problems[:] = ["stop"]
    assert soak.main(arguments) == 130
