"""New submissions are seen once they are whole, by the names that nbgrader gives them; a bell rings when they come."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from autograder.errors import UserError
from autograder.watch import inbox as module
from autograder.watch.inbox import Bell, Inbox
from tests.support.classroom import MINI
from tests.support.exchange import Exchange

AT = "2027-01-04 12:00:00.000000 UTC"


def put(exchange: Exchange, name: str, *files: str, mode: int = 0o777) -> Path:
    folder = exchange.inbound / name
    folder.mkdir()
    for file in files:
        (folder / file).write_text("x")
    folder.chmod(mode)
    return folder


WHOLE = ("timestamp.txt", "submission_secret.txt")


def test_a_submission_is_seen_as_nbgrader_names_it(exchange: Exchange) -> None:
    name = exchange.student("ada").submit()
    [seen] = Inbox(exchange.course, [MINI]).look(set()).arrived
    assert (seen.student, seen.assignment, seen.name) == ("ada", MINI, name)
    stamp = (exchange.inbound / name / "timestamp.txt").read_text()
    assert str(seen.stamp) in stamp
    assert Inbox(exchange.course, [MINI]).look({name}).arrived == []
    assert Inbox(exchange.course, ["other"]).look(set()).arrived == []


@pytest.mark.parametrize("student", ["a+b", "Ünal", "x y", "[a]", "a@b.c"])
def test_names_of_students_may_have_signs_in_them(exchange: Exchange, student: str) -> None:
    put(exchange, f"{student}+{MINI}+{AT}+random", *WHOLE)
    assert [each.student for each in Inbox(exchange.course, [MINI]).look(set()).arrived] == [student]


def test_without_the_random_part_a_name_is_read_too(exchange: Exchange) -> None:
    put(exchange, f"ada+{MINI}+{AT}", *WHOLE)
    assert [each.student for each in Inbox(exchange.course, [MINI]).look(set()).arrived] == ["ada"]


def test_a_zone_that_is_a_number_is_told_and_not_passed_over(exchange: Exchange) -> None:
    name = f"ada+{MINI}+2027-01-05 12:00:00 +04+random"
    put(exchange, name, *WHOLE)
    seen = Inbox(exchange.course, [MINI]).look(set())
    assert seen.arrived == []
    assert "another assignment" in seen.refused[name]


def test_stamps_are_in_order_when_the_clocks_change(exchange: Exchange) -> None:
    exchange.course.config.Exchange.timezone = "Europe/Berlin"
    put(exchange, f"ada+{MINI}+2027-10-31 02:50:00.000000 CEST+x", *WHOLE)
    put(exchange, f"ada+{MINI}+2027-10-31 02:10:00.000000 CET+x", *WHOLE)
    seen = Inbox(exchange.course, [MINI]).look(set()).arrived
    assert [str(each.stamp) for each in sorted(seen, key=lambda each: each.stamp)] == [
        "2027-10-31 00:50:00",
        "2027-10-31 01:10:00",
    ]


def test_what_is_being_written_is_waited_for(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = Inbox(exchange.course, [MINI])
    folder = put(exchange, f"ada+{MINI}+{AT}+x", mode=0o755)
    for step in ("timestamp.txt", "submission_secret.txt"):
        seen = inbox.look(set())
        assert (seen.arrived, seen.unfinished) == ([], True)
        (folder / step).write_text("x")
    assert inbox.look(set()).arrived == []
    folder.chmod(0o777)  # nbgrader's last step
    assert len(inbox.look(set()).arrived) == 1


def test_what_another_program_made_counts_once_it_has_settled(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    inbox = Inbox(exchange.course, [MINI])
    folder = put(exchange, f"ada+{MINI}+{AT}+x", "mini.ipynb", mode=0o755)
    assert inbox.look(set()).arrived == []
    clock[0] += module.SETTLED_SECONDS - 1
    (folder / "more").write_text("x")
    assert inbox.look(set()).arrived == []
    clock[0] += module.SETTLED_SECONDS - 1
    assert inbox.look(set()).arrived == []
    clock[0] += 2
    assert len(inbox.look(set()).arrived) == 1


def test_a_clock_that_is_wrong_dates_no_arrival_into_the_future(exchange: Exchange) -> None:
    folder = put(exchange, f"ada+{MINI}+{AT}+x", *WHOLE)
    os.utime(folder, (2e9 + 1e9, 2e9 + 1e9))
    [seen] = Inbox(exchange.course, [MINI]).look(set()).arrived
    assert seen.arrived.timestamp() < time.time() + 24 * 3600


@pytest.mark.parametrize("student", [".", "..", ".hidden", "lost+found", "x" * 129])
def test_what_no_student_can_be_called_is_refused(exchange: Exchange, student: str) -> None:
    put(exchange, f"{student}+{MINI}+{AT}+x", *WHOLE)
    seen = Inbox(exchange.course, [MINI]).look(set())
    assert seen.arrived == []
    assert len(seen.refused) == 1


def test_students_whom_the_settings_leave_out_are_refused(exchange: Exchange) -> None:
    exchange.course.config.CourseDirectory.student_id_exclude = "teacher, ada"
    put(exchange, f"ada+{MINI}+{AT}+x", *WHOLE)
    [why] = Inbox(exchange.course, [MINI]).look(set()).refused.values()
    assert "student_id_exclude" in why


def test_an_exchange_that_is_not_there_says_what_to_do(exchange: Exchange) -> None:
    exchange.folder.rename(exchange.folder.with_name("away"))
    with pytest.raises(UserError, match="nbgrader release_assignment"):
        Inbox(exchange.course, [MINI]).look(set())


def test_a_bell_rings_when_a_folder_comes_and_when_it_is_asked_to(tmp_path: Path) -> None:
    bell = Bell(tmp_path)
    try:
        waits = threading.Thread(target=bell.wait, args=(3600.0,))
        waits.start()
        number = 0
        while waits.is_alive():  # the first may come before it listens
            (tmp_path / str(number)).mkdir()
            waits.join(0.1)
            number += 1
        bell.ring()
        bell.wait(3600.0)
    finally:
        bell.close()


def test_a_bell_in_a_folder_that_is_not_there_is_silent_and_can_be_closed(tmp_path: Path) -> None:
    bell = Bell(tmp_path / "nothing")
    bell.wait(0.01)
    bell.close()
