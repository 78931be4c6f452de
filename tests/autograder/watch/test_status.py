"""The status says who waits, how long feedback took, and what was not graded and why, in a terminal and on a page."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from rich.console import Console

from autograder.errors import UserError
from autograder.lock import watching
from autograder.watch.journal import Row
from autograder.watch.queue import Arrival
from autograder.watch.run import print_status, sentence
from autograder.watch.service import utc_now
from autograder.watch.status import MOST, Status, in_order, read_status, render_page, status_lines
from tests.support.exchange import Exchange

NOW = datetime(2027, 1, 4, 12)


def arrival(student: str, ago: float, assignment: str = "ps1") -> Arrival:
    moment = NOW - timedelta(seconds=ago)
    return Arrival(student, assignment, f"{student}+{assignment}+{ago}", moment, moment)


def released(student: str, ago: float, waited: float) -> Row:
    done = NOW - timedelta(seconds=ago)
    return Row.of(arrival(student, ago + waited), "released", graded=done, released=done)


def status(waiting: tuple[Arrival, ...] = (), *rows: Row, trouble: str = "") -> Status:
    return Status(NOW, "process 1 on here, since 12:00", waiting, rows, trouble)


def test_who_waits_and_for_how_long() -> None:
    lines = status_lines(status((arrival("ada", 300), arrival("ben", 2, "ps2"))))
    assert lines[0] == "Watched by process 1 on here, since 12:00."
    assert lines[1] == "Waiting or being graded: 2 (ps1 1, ps2 1); the first for 5 min."
    assert "Nothing waits." in status_lines(status())


def test_how_long_the_last_hours_feedbacks_took() -> None:
    rows = [
        released("ada", 10, 1.0),
        released("ben", 20, 2.0),
        released("cleo", 3599, 9.0),
        released("dan", 3700, 99.0),
    ]
    assert "Feedbacks in the last hour: 3, after 2.0 s (median), at most 9.0 s." in status_lines(status((), *rows))
    assert "No feedback in the last hour." in status_lines(status((), rows[-1]))


def test_what_was_not_graded_and_why() -> None:
    rows = [
        Row.of(arrival("ada", 60), "failed", note="the process that graded it ended"),
        Row.of(arrival("ben", 90), "refused", note="it is not a folder"),
        Row.of(arrival("cleo", 8 * 24 * 3600), "refused", note="long ago"),
    ]
    assert status_lines(status((), *rows))[-3:] == [
        "Not graded: 2.",
        "- ps1, ada: the process that graded it ended; it is tried again",
        "- ps1, ben: it is not a folder",
    ]


def test_only_the_newest_submission_of_a_student_waits() -> None:
    assert in_order([arrival("ada", 5), arrival("ada", 1), arrival("ben", 3)]) == (arrival("ben", 3), arrival("ada", 1))


def test_the_page_has_a_plot_with_a_text_and_shows_names_as_text(exchange: Exchange) -> None:
    many = tuple(arrival(f"<b>{number}", 100) for number in range(MOST + 3))
    rows = [released("ada", 60 * minute, 1.0 + minute) for minute in range(30)]
    failed = Row.of(arrival("<i>x", 3), "failed", note="<script>")
    page = render_page(exchange.course, status(many, *rows, failed))
    assert 'alt="Waiting times. Minutes from now, number of feedbacks, seconds: -30 to -20: 9, median 26.0 s' in page
    assert "and 3 more" in page
    assert "<b>" not in page
    assert "<script" not in page
    assert "<img" not in render_page(exchange.course, status())


def test_another_process_reads_the_same_from_gradebook_and_exchange(exchange: Exchange) -> None:
    ada, ben = exchange.student("ada"), exchange.student("ben")
    ada.submit()
    exchange.watch_once()
    ben.submit()
    found = read_status(exchange.course, utc_now())
    assert [waiting.student for waiting in found.waiting] == ["ben"]
    assert [row.student for row in found.lately] == ["ada"]
    assert found.watcher == ""
    with watching(exchange.course):
        assert read_status(exchange.course, utc_now()).watcher.startswith("process ")
    exchange.folder.rename(exchange.folder.with_name("away"))
    assert "The exchange has no folder" in "\n".join(status_lines(read_status(exchange.course, utc_now())))


def test_without_a_gradebook_there_is_nothing_to_say(exchange: Exchange) -> None:
    (exchange.course.root / "gradebook.db").unlink()
    with pytest.raises(UserError, match="There is no gradebook"):
        read_status(exchange.course, NOW)


def test_the_command_prints_it_and_writes_the_page(exchange: Exchange, capsys: pytest.CaptureFixture[str]) -> None:
    exchange.student("ada").submit()
    exchange.watch_once()
    print_status(exchange.course, Console(width=200))
    assert "Nothing waits." in capsys.readouterr().out
    assert "Nothing waits." in (exchange.course.root / "reports" / "watch.html").read_text()


def test_one_line_for_each_submission() -> None:
    assert sentence(released("ada", 0, 1.25)) == "ps1, ada: feedback after 1.2 s"
    assert sentence(Row.of(arrival("ada", 0), "replaced")) == "ps1, ada: a newer submission took its place"
    assert sentence(Row.of(arrival("ada", 0), "refused", note="why")) == "ps1, ada: not graded; why"
    assert "tried again in five minutes; why" in sentence(Row.of(arrival("ada", 0), "failed", note="why"))
