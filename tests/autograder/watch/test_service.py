"""From the exchange and back: what is submitted is collected, graded, and its page can be fetched."""

from __future__ import annotations

import errno
import os
import shutil
import unicodedata
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeReleaseFeedback

from autograder.batch.run import how_configured
from autograder.errors import UserError
from autograder.lock import alone
from autograder.publish.notebooks import generate_assignment
from autograder.reports.feedback import write_feedback
from autograder.room.errors import SandboxUnavailable
from autograder.watch import service as module
from autograder.watch.journal import Row
from autograder.watch.policy import NOT_THE_GRADE
from tests.support.classroom import CRASH, HALF, MINI, RIGHT, TEST_DOUBLE, Inline, mini_notebook
from tests.support.exchange import Exchange

WRONG = {**RIGHT, "double": "def double(x):\n    return 7\n"}


def due(exchange: Exchange, hours: float) -> None:
    """Set the due date so many hours from now."""
    with exchange.room.gradebook() as gradebook:
        gradebook.find_assignment(MINI).duedate = module.utc_now() + timedelta(hours=hours)
        gradebook.db.commit()


def release_by_hand(exchange: Exchange) -> None:
    """Run `nbgrader release_feedback`."""
    directory = CourseDirectory(config=exchange.course.config, root=str(exchange.course.root), assignment_id=MINI)
    ExchangeReleaseFeedback(coursedir=directory, config=exchange.course.config).start()


def test_a_student_submits_mends_and_submits_again(exchange: Exchange) -> None:
    ada = exchange.student("ada")
    first = ada.submit(WRONG)
    exchange.watch_once()
    [page] = ada.fetch()
    assert "double(3) is 7" in page
    assert NOT_THE_GRADE in page
    assert "9 of 10 feedbacks left today" in page
    second = ada.submit(RIGHT)
    exchange.watch_once()
    assert len(pages := ada.fetch()) == 2
    assert pages[0] == page  # each submission keeps its feedback
    assert "double(3) is 7" not in pages[1]
    assert exchange.room.scores() == {"ada": 6.0}
    assert [(row.submission, row.state) for row in exchange.rows()] == [(first, "released"), (second, "released")]


def test_nobody_gets_another_students_page(exchange: Exchange) -> None:
    ada, ben = exchange.student("ada"), exchange.student("ben")
    ada.submit(RIGHT)
    ben.submit(WRONG)
    exchange.watch_once()
    assert ["double(3) is 7" in page for page in ada.fetch()] == [False]
    assert ["double(3) is 7" in page for page in ben.fetch()] == [True]
    pages = exchange.folder / str(exchange.course.directory.course_id) / "feedback"
    assert all(len(path.stem) == 32 for path in pages.iterdir())  # nbgrader's hash of the submission's secret
    assert not pages.stat().st_mode & 0o044  # a name has to be known


def test_what_is_done_is_not_done_again(exchange: Exchange) -> None:
    exchange.student("ada").submit(RIGHT)
    assert [row.state for row in exchange.watch_once()] == ["released"]
    before = exchange.rows()
    assert exchange.watch_once() == []
    assert exchange.rows() == before


def test_a_newer_submission_takes_the_place_of_one_that_waits(exchange: Exchange) -> None:
    ada = exchange.student("ada")
    ada.submit(WRONG)
    ada.submit(RIGHT)
    assert [row.state for row in exchange.watch_once()] == ["replaced", "released"]
    assert len(ada.fetch()) == 1
    assert exchange.room.scores() == {"ada": 6.0}


def test_one_that_made_room_for_another_that_is_refused_is_graded_after_all(exchange: Exchange) -> None:
    exchange.course.config.CourseDirectory.max_dir_size = 100
    ada = exchange.student("ada")
    ada.submit(WRONG)
    ada.submit(RIGHT)
    name = ada.submit(WRONG)
    (exchange.inbound / name / "data.csv").write_bytes(b"1" * 200_000)
    exchange.watch_once()
    assert [row.state for row in exchange.rows()] == ["replaced", "released", "refused"]
    assert exchange.room.scores() == {"ada": 6.0}
    assert len(ada.fetch()) == 1
    assert exchange.watch_once() == []


def test_the_pause_between_two_feedbacks_and_the_feedbacks_of_a_day(exchange: Exchange) -> None:
    exchange.course.config.Watch.update({"pause_minutes": 2.0, "feedbacks_a_day": 2})
    clock = [datetime(2027, 1, 4, 12)]

    def watch() -> list[str]:
        return [row.state for row in exchange.watch_once(now=lambda: clock[0])]

    ada, ben = exchange.student("ada"), exchange.student("ben")
    ada.submit(WRONG)
    assert watch() == ["released"]
    ada.submit(HALF)
    assert watch() == []
    ben.submit(RIGHT)
    assert watch() == ["released"]  # the pause is ada's alone
    clock[0] += timedelta(minutes=2)
    assert watch() == ["released"]
    ada.submit(RIGHT)
    clock[0] += timedelta(hours=1)
    assert watch() == []
    assert "0 of 2 feedbacks left today" in ada.fetch()[-1]
    clock[0] += timedelta(days=1)
    assert watch() == ["released"]
    assert len(ada.fetch()) == 3


@pytest.mark.parametrize("stage", ["visible", "counts", "everything"])
def test_what_is_shown_before_and_after_the_due_date(exchange: Exchange, stage: str) -> None:
    exchange.course.config.Watch.update({"before_due": stage})
    due(exchange, 5)
    ada = exchange.student("ada")
    ada.submit({**HALF, "essay": "Because."})  # right for the visible check of `double`, wrong for the hidden one
    exchange.watch_once()
    [before] = ada.fetch()
    assert NOT_THE_GRADE in before
    assert ("double(100) is 6" in before) == (stage == "everything")
    assert ("0 of 1 hidden check passes" in before) == (stage == "counts")
    assert "assert mean" not in before
    due(exchange, -1)
    exchange.watch_once()
    [after] = ada.fetch()
    assert NOT_THE_GRADE not in after
    assert "double(100) is 6" in after
    assert "still marks this" in after  # the essay waits for a person
    assert len([row for row in exchange.rows() if row.state == "released"]) == 1


def test_where_the_last_in_time_counts_a_late_one_is_not_collected(exchange: Exchange) -> None:
    exchange.course.config.ExchangeCollect.before_duedate = True
    ada, ben = exchange.student("ada"), exchange.student("ben")
    ada.submit(RIGHT)
    due(exchange, 0)
    ada.submit(WRONG)
    ben.submit(WRONG)
    exchange.watch_once()
    states = {(row.student, row.state, row.note.partition(",")[0]) for row in exchange.rows()}
    assert states == {
        ("ada", "released", ""),
        ("ada", "refused", "it was submitted after the due date"),
        ("ben", "released", ""),
    }
    assert exchange.room.scores()["ada"] == 6.0


@pytest.mark.parametrize("before", [True, False])
def test_who_got_more_time_is_not_late(exchange: Exchange, before: bool) -> None:
    """Whether the extension was entered before the late submission or after."""
    exchange.course.config.ExchangeCollect.before_duedate = True
    ada = exchange.student("ada")
    ada.submit(WRONG)
    exchange.watch_once()
    due(exchange, 0)
    late = ada.submit(RIGHT)
    if not before:
        assert [row.state for row in exchange.watch_once()] == ["refused"]
    with exchange.room.gradebook() as gradebook:
        gradebook.grant_extension(MINI, "ada", hours=5)
    assert [(row.submission, row.state) for row in exchange.watch_once()] == [(late, "released")]
    assert exchange.room.scores() == {"ada": 6.0}


def test_when_the_date_passes_new_submissions_do_not_wait_behind_the_pages_of_the_class(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.watch import desk

    due(exchange, 5)
    class_of = ["ada", "ben", "cleo"]
    for name in class_of:
        exchange.student(name).submit(HALF)
    exchange.watch_once()
    due(exchange, -1)
    made: list[str] = []
    write = desk.Pages.write

    def written(self: desk.Pages, student: str, *more: object) -> str:
        if not made:  # the first of the class is under way
            exchange.student("dan").submit(RIGHT)
        made.append(student)
        return write(self, student, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.Pages, "write", written)
    exchange.watch_once()
    assert made[1] == "dan"
    assert sorted([made[0], *made[2:]]) == class_of
    assert all(NOT_THE_GRADE not in exchange.student(name).fetch()[0] for name in [*class_of, "dan"])


def test_a_status_that_cannot_be_written_holds_up_nobody(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHOW_SECONDS", -1.0)
    exchange.student("ada").submit(RIGHT)
    told: list[str] = []

    def full(*shown: object) -> None:
        raise UserError("reports/watch.html cannot be written: no space left on the disk.")

    assert [row.state for row in exchange.watch_once(tell=told.append, show=full)] == ["released"]
    assert told == ["the status cannot be shown: reports/watch.html cannot be written: no space left on the disk."]


def test_an_extension_is_the_students_own_due_date(exchange: Exchange) -> None:
    due(exchange, 5)
    for name in ("ada", "ben"):
        exchange.student(name).submit(HALF)
    exchange.watch_once()
    due(exchange, -1)
    with exchange.room.gradebook() as gradebook:
        gradebook.grant_extension(MINI, "ada", hours=5)
    exchange.watch_once()
    assert NOT_THE_GRADE in exchange.student("ada").fetch()[0]
    assert NOT_THE_GRADE not in exchange.student("ben").fetch()[0]


def test_what_a_person_marks_stays_and_is_shown_once_all_is_marked(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REFRESH_SECONDS", 0.0)
    due(exchange, -1)
    ada = exchange.student("ada")
    ada.submit({**RIGHT, "essay": "Because."})
    exchange.watch_once()
    assert "still marks this" in ada.fetch()[0]
    with exchange.room.gradebook() as gradebook:
        essay = gradebook.find_grade("essay", MINI, MINI, "ada")
        essay.manual_score, essay.needs_manual_grade = 2.5, False
        gradebook.find_comment("double", MINI, MINI, "ada").manual_comment = "Short and clear."
        gradebook.db.commit()
    service = exchange.service()
    service.run(once=True)
    service.run(once=True)
    [page] = ada.fetch()
    assert "Short and clear." in page
    assert "<strong>8.5</strong> of 9 points" in page
    ada.submit(WRONG)
    exchange.watch_once()
    with exchange.room.gradebook() as gradebook:
        assert gradebook.find_grade("essay", MINI, MINI, "ada").manual_score == 2.5
        assert gradebook.find_comment("double", MINI, MINI, "ada").manual_comment == "Short and clear."


def test_a_submission_that_kills_its_kernel_gets_its_page(exchange: Exchange) -> None:
    ada = exchange.student("ada")
    ada.submit(CRASH)
    exchange.watch_once()
    assert "did not end" in ada.fetch()[0]


def test_another_process_that_grades_is_waited_for(exchange: Exchange) -> None:
    exchange.student("ada").submit(RIGHT)
    told: list[str] = []
    with alone(exchange.course, MINI):
        assert exchange.watch_once(tell=told.append) == []
    assert len(told) == 1
    assert told[0].startswith("waiting: mini is being graded already (process")
    assert [row.state for row in exchange.watch_once()] == ["released"]


def test_what_was_collected_and_graded_by_hand_only_gets_its_page(exchange: Exchange) -> None:
    ada = exchange.student("ada")
    name = ada.submit(RIGHT)
    shutil.copytree(exchange.inbound / name, exchange.room.folder("ada"))
    exchange.room.grade()

    def nothing_to_do() -> None:
        raise AssertionError("graded again")

    exchange.watch_once(make_executor=nothing_to_do)
    assert len(ada.fetch()) == 1


def test_what_had_a_grade_and_feedback_before_the_first_start_is_left_alone(exchange: Exchange) -> None:
    """In the middle of a term: a person has collected, graded and released, and only what came since is done."""
    people = {name: exchange.student(name) for name in ("ada", "ben", "cleo")}
    for name, student in people.items():
        student.submit(WRONG)
        last = student.submit(HALF)
        if name != "cleo":  # hers came later
            shutil.copytree(exchange.inbound / last, exchange.room.folder(name))
    exchange.room.grade()
    write_feedback(exchange.course, MINI, None, print)
    release_by_hand(exchange)
    due(exchange, -24 * 60)
    newer = people["ben"].submit(RIGHT)
    before = people["ada"].fetch()
    told: list[str] = []
    assert {(row.student, row.state) for row in exchange.watch_once(tell=told.append)} == {
        ("ben", "released"),
        ("cleo", "replaced"),
        ("cleo", "released"),
    }
    [line] = told
    assert line.startswith("left as they are: 2 submissions that have a grade and feedback already (mini 2)")
    assert people["ada"].fetch() == before
    assert {(row.student, row.state) for row in exchange.rows() if row.submission < newer or row.student != "ben"} == {
        (name, state) for name in people for state in ("replaced", "released" if name == "cleo" else "left")
    }
    assert exchange.watch_once(tell=told.append) == []
    assert told == [line]


def test_a_grade_without_its_page_or_of_an_earlier_submission_is_not_left_alone(exchange: Exchange) -> None:
    """As after a gradebook was restored from a backup: the exchange has pages that it knows nothing of."""
    ada = exchange.student("ada")
    ada.submit(HALF)
    exchange.watch_once()
    database = exchange.course.root / "gradebook.db"
    backup = database.read_bytes()
    last = ada.submit(RIGHT)
    exchange.watch_once()
    database.write_bytes(backup)
    assert [(row.submission, row.state) for row in exchange.watch_once()] == [(last, "released")]
    assert exchange.room.scores() == {"ada": 6.0}


@pytest.mark.parametrize("by", ["a new file", "nothing for a while"])
def test_a_gradebook_that_is_put_back_while_it_is_watched_is_opened_anew(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """What was written to the removed file would be lost, and an empty one in its place would hide the backup."""
    monkeypatch.setattr(module, "TROUBLE_SECONDS", 0.01)
    database = exchange.course.root / "gradebook.db"
    backup = database.with_name("backup.db")
    shutil.copy(database, backup)
    told: list[str] = []
    done: list[str] = []

    def settled(row: Row) -> None:
        done.append(row.student)
        if done == ["ada"]:
            database.unlink()
            if by == "a new file":
                backup.rename(database)
        elif {"ada", "ben"} <= set(done[1:]):
            service.stop()

    def tell(line: str) -> None:
        told.append(line)
        if backup.exists() and line.startswith("waiting: There is no gradebook"):
            backup.rename(database)
        elif line == "going on.":
            exchange.student("ben").submit(RIGHT)

    exchange.student("ada").submit(RIGHT)
    service = exchange.service(done=settled, tell=tell)
    service.run()
    assert told[0] == "waiting: the gradebook has been replaced by another file, which is opened now."
    assert told[-1] == "going on."
    assert exchange.room.scores() == {"ada": 6.0, "ben": 6.0}


def test_who_is_added_to_the_gradebook_late_need_not_submit_again(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange.course.config.Autograde.create_student = False
    exchange.student("ada").submit(RIGHT)
    [row] = exchange.watch_once()
    assert (row.state, "no such student" in row.note) == ("failed", True)
    assert exchange.watch_once() == []
    with exchange.room.gradebook() as gradebook:
        gradebook.add_student("ada")
    assert [row.state for row in exchange.watch_once()] == ["released"]


def test_a_submission_that_a_person_removes_while_it_waits_holds_up_nobody(exchange: Exchange) -> None:
    ada, ben = exchange.student("ada"), exchange.student("ben")
    first, gone = ada.submit(WRONG), ben.submit(RIGHT)

    def done(row: Row) -> None:
        if row.submission == first:
            shutil.rmtree(exchange.inbound / gone)

    exchange.service(done=done).run(once=True)
    assert {row.submission: row.state for row in exchange.rows()} == {first: "released", gone: "refused"}


def test_an_older_submission_that_arrives_late_is_not_collected(exchange: Exchange) -> None:
    ada = exchange.student("ada")
    late = ada.submit(WRONG)
    hidden = exchange.inbound.parent / late
    (exchange.inbound / late).rename(hidden)
    ada.submit(RIGHT)
    exchange.watch_once()
    hidden.rename(exchange.inbound / late)
    assert [(row.state, row.submission) for row in exchange.watch_once()] == [("replaced", late)]
    assert exchange.room.scores() == {"ada": 6.0}


def test_two_spellings_of_one_name_are_one_student_whose_last_submission_counts(exchange: Exchange) -> None:
    """The gradebook has one id for both, so that a student who also works on a Mac is not there twice."""
    here, mac = (exchange.student(unicodedata.normalize(form, "müller")) for form in ("NFC", "NFD"))
    here.submit(WRONG)
    exchange.watch_once()
    late = here.submit(HALF)
    hidden = exchange.inbound.parent / late
    (exchange.inbound / late).rename(hidden)
    mac.submit(RIGHT)
    exchange.watch_once()
    hidden.rename(exchange.inbound / late)
    assert [row.state for row in exchange.watch_once()] == ["replaced"]
    assert exchange.room.scores() == {"müller": 6.0}
    assert ["double(3) is 7" in page for page in here.fetch()] == [True]
    assert ["double(3) is 7" in page for page in mac.fetch()] == [False]


def test_what_is_no_submission_is_noted_once_and_holds_up_nobody(exchange: Exchange) -> None:
    now = "2027-01-04 12:00:00.000000 UTC"
    (exchange.inbound / f"ada+{MINI}+soon+x").mkdir()
    (exchange.inbound / f"..+{MINI}+{now}+x").mkdir()
    (exchange.inbound / f"ben+{MINI}+{now}+x").write_text("a file")
    (exchange.inbound / f"cleo+other+{now}+x").mkdir()
    (exchange.inbound / f"{'x' * 150}+{MINI}+{'y' * 60}+x").mkdir()
    os.mkdir(os.fsencode(exchange.inbound) + f"/eve+{MINI}+{now}+".encode() + b"\xff")  # noqa: PTH102 - bytes
    os.chmod(os.fsencode(exchange.inbound) + f"/eve+{MINI}+{now}+".encode() + b"\xff", 0o777)  # noqa: PTH101
    exchange.student("dan").submit(RIGHT)
    states = sorted((row.state, row.note) for row in exchange.watch_once())
    assert [state for state, _ in states] == ["refused"] * 4 + ["released"]
    assert exchange.watch_once() == []


def test_of_names_that_are_no_submissions_some_are_noted_and_only_while_they_are_there(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_NOTED", 3)
    for number in range(5):
        (exchange.inbound / f"ada+{MINI}+soon+{number}").mkdir()
    told: list[str] = []
    assert [row.state for row in exchange.watch_once(tell=told.append)] == ["refused"] * 3
    assert ["no submissions" in line for line in told] == [True]
    for folder in exchange.inbound.iterdir():
        folder.rmdir()
    exchange.student("dan").submit(RIGHT)
    exchange.watch_once()
    assert [row.student for row in exchange.rows()] == ["dan"]


def test_links_in_a_submission_lead_nowhere(exchange: Exchange, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("rosebud")
    ada = exchange.student("ada")
    name = ada.submit({**RIGHT, "double": "print(open('leak.txt').read())\n"})
    (exchange.inbound / name / "leak.txt").symlink_to(secret)
    exchange.watch_once()
    assert "rosebud" not in "".join(ada.fetch())
    assert "rosebud" not in "".join(
        path.read_text(errors="replace") for path in exchange.room.folder("ada").rglob("*") if not path.is_symlink()
    )


def test_the_exchange_goes_away_and_comes_back(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits, says so once, and goes on; here after the third failure the exchange is mounted again."""
    exchange.student("ada").submit(RIGHT)
    away = exchange.folder.with_name("away")
    exchange.folder.rename(away)
    monkeypatch.setattr(module, "TROUBLE_SECONDS", 0.01)
    told: list[str] = []
    states: list[str] = []

    def done(row: Row) -> None:
        states.append(row.state)
        service.stop()

    class Service(module.Service):
        troubles = 0

        def trouble(self, error: Exception) -> None:
            super().trouble(error)
            self.troubles += 1
            if self.troubles == 3:
                away.rename(exchange.folder)

    service = Service(exchange.course, [MINI], how_configured(exchange.course), Inline, 1, told.append, done)
    service.run()
    assert states == ["released"]
    assert service.troubles == 3
    assert "The exchange has no folder" in told[0]
    assert told[1:] == ["going on."]


def test_with_once_what_fails_is_raised(exchange: Exchange) -> None:
    shutil.rmtree(exchange.folder)
    with pytest.raises(module.TROUBLES):
        exchange.watch_once()


def test_the_page_of_a_notebook_under_another_name_can_be_fetched(exchange: Exchange) -> None:
    """*Fetch Feedback* looks for it by the name that the student's own file has."""
    ada, ben = exchange.student("ada"), exchange.student("ben")
    ada.submit(RIGHT, "mini (1).ipynb")
    ben.submit(RIGHT)
    assert [row.state for row in exchange.watch_once()] == ["released", "released"]
    assert len(ada.fetch()) == len(ben.fetch()) == 1
    assert [page.name for page in (ada.desk / MINI / "feedback").glob("*/*.html")] == ["mini (1).html"]


def test_a_page_that_could_not_be_released_is_released_later(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk of the exchange is full for a while; the grade is not entered twice."""
    from autograder.watch import desk

    ada = exchange.student("ada")
    ada.submit(RIGHT)
    whole = desk.ReleaseFeedback.start

    def full(self: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "page.html")

    monkeypatch.setattr(desk.ReleaseFeedback, "start", full)
    with pytest.raises(OSError, match="No space left"):
        exchange.watch_once()
    assert [row.state for row in exchange.rows()] == ["graded"]
    monkeypatch.setattr(desk.ReleaseFeedback, "start", whole)
    graded = exchange.rows()[0].graded

    def nothing_to_do() -> None:
        raise AssertionError("graded again")

    assert [row.state for row in exchange.watch_once(make_executor=nothing_to_do)] == ["released"]
    assert exchange.rows()[0].graded == graded
    assert len(ada.fetch()) == 1


def test_a_page_that_could_not_be_released_is_released_once(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was graded by hand does not wait for its turn again when only its page is left to do."""
    from autograder.watch import desk

    monkeypatch.setattr(module, "TROUBLE_SECONDS", 0.01)
    ada = exchange.student("ada")
    name = ada.submit(RIGHT)
    shutil.copytree(exchange.inbound / name, exchange.room.folder("ada"))
    exchange.room.grade()
    whole = desk.ReleaseFeedback.start
    tries: list[str] = []

    def full_at_first(self: desk.ReleaseFeedback) -> None:
        tries.append("release")
        if len(tries) == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "page.html")
        whole(self)

    monkeypatch.setattr(desk.ReleaseFeedback, "start", full_at_first)
    states: list[str] = []

    def done(row: Row) -> None:
        states.append(row.state)
        if row.student == "ben":
            service.stop()
        elif len(states) == 1:
            exchange.student("ben").submit(RIGHT)

    told: list[str] = []
    service = exchange.service(done=done, tell=told.append)
    service.run()
    assert states == ["released", "released"]
    assert len(tries) == 3
    full = "page.html cannot be read or written: No space left on device. Free some space on that disk."
    assert told == [f"waiting: {full}", "going on."]  # nothing that tells anybody to run it again


def test_an_exchange_that_goes_away_while_a_submission_is_collected_costs_nobody_a_submission(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange.student("ada").submit(RIGHT)
    away = exchange.folder.with_name("away")
    whole = module.collect_one

    def gone(*which: object) -> bool:
        exchange.folder.rename(away)
        return whole(*which)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(module, "collect_one", gone)
        with pytest.raises(module.TROUBLES):
            exchange.watch_once()
    away.rename(exchange.folder)
    assert [row.state for row in exchange.watch_once()] == ["released"]


def test_an_assignment_that_is_being_written_holds_up_no_other(exchange: Exchange) -> None:
    """As after 'Add new assignment' in Formgrader: it is in the gradebook, and its notebook is not finished."""
    with exchange.room.gradebook() as gradebook:
        gradebook.add_assignment("mini2")
    (exchange.course.root / "source" / "mini2").mkdir()
    (exchange.course.root / "source" / "mini2" / "mini2.ipynb").write_text("{")
    exchange.student("ada").submit(RIGHT)
    told: list[str] = []
    service = module.Service(exchange.course, [], how_configured(exchange.course), Inline, 1, told.append)
    service.run(once=True)
    assert [row.state for row in exchange.rows()] == ["released"]
    assert len(told) == 1
    assert told[0].startswith("mini2: not graded, ")


def test_notebooks_are_read_anew_only_when_they_have_changed(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An assignment that is edited and released again in the middle of a term is graded by what it is now."""
    monkeypatch.setattr(module, "REFRESH_SECONDS", 0.0)
    made: list[str] = []

    class Desk(module.Desk):
        def __init__(self, *of: object) -> None:
            super().__init__(*of)  # type: ignore[arg-type]
            made.append(self.assignment)

    monkeypatch.setattr(module, "Desk", Desk)
    exchange.student("ada").submit(RIGHT)

    def change() -> None:
        source = exchange.course.folder("source", MINI) / f"{MINI}.ipynb"
        nbformat.write(mini_notebook(test_double=TEST_DOUBLE.replace("200", "201")), source)
        generate_assignment(exchange.course, MINI)

    def done(row: Row) -> None:
        if row.student == "ada":
            assert made == [MINI]
            change()
            exchange.student("ben").submit(RIGHT)
        else:
            service.stop()

    service = exchange.service(done=done)
    service.run()
    assert made == [MINI, MINI]
    assert exchange.room.scores() == {"ada": 6.0, "ben": 4.0}


def test_with_no_assignment_that_can_be_used_it_waits(exchange: Exchange) -> None:
    shutil.rmtree(exchange.course.root / "source" / MINI)
    with exchange.room.gradebook() as gradebook:
        gradebook.remove_assignment(MINI)
    with pytest.raises(UserError):
        exchange.watch_once()


@pytest.mark.parametrize("spoiled", [True, False])
def test_a_page_that_cannot_be_made_anew_ends_nothing(exchange: Exchange, spoiled: bool) -> None:
    """Somebody spoiled a graded notebook or took it away; it is graded again, as after any fault of ours."""
    due(exchange, 5)
    ada, ben = exchange.student("ada"), exchange.student("ben")
    ada.submit(HALF)
    ben.submit(HALF)
    exchange.watch_once()
    shutil.rmtree(exchange.course.folder("autograded", MINI, "ada"))
    if spoiled:
        (exchange.course.folder("autograded", MINI, "ada")).mkdir()
        (exchange.course.folder("autograded", MINI, "ada") / f"{MINI}.ipynb").write_text("{")
    due(exchange, -1)
    exchange.watch_once()
    assert NOT_THE_GRADE not in ben.fetch()[0]
    assert {(row.student, row.state) for row in exchange.rows()} == {("ada", "failed"), ("ben", "released")}
    exchange.watch_once()
    assert NOT_THE_GRADE not in ada.fetch()[0]


def test_workers_warm_up_once_and_not_after_each_failure(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an exchange that is away for an hour leaves hours of work that nobody waits for."""
    monkeypatch.setattr(module, "TROUBLE_SECONDS", 0.01)
    shutil.rmtree(exchange.folder)
    begun: list[object] = []

    class Counting(Inline):
        def submit(self, *what: object, **how: object) -> Future[object]:  # type: ignore[override]
            begun.append(what)
            return super().submit(*what, **how)  # type: ignore[arg-type]

    class Service(module.Service):
        troubles = 0

        def trouble(self, error: Exception) -> None:
            super().trouble(error)
            self.troubles += 1
            if self.troubles == 4:
                self.stop()

    Service(exchange.course, [MINI], how_configured(exchange.course), Counting, 1, lambda line: None).run()
    assert len(begun) == 1


def test_a_wall_that_cannot_be_built_for_a_while_is_waited_for(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine was out of memory, say."""
    monkeypatch.setattr(module, "TROUBLE_SECONDS", 0.01)
    exchange.student("ada").submit(RIGHT)
    begun: list[object] = []

    class Unlucky(Inline):
        def submit(self, *what: object, **how: object) -> Future[object]:  # type: ignore[override]
            begun.append(what)
            if len(begun) == 2:  # the first one warms up
                future: Future[object] = Future()
                future.set_exception(SandboxUnavailable("no room"))
                return future
            return super().submit(*what, **how)  # type: ignore[arg-type]

    told: list[str] = []
    service = exchange.service(make_executor=Unlucky, tell=told.append, done=lambda row: service.stop())
    service.run()
    assert [row.state for row in exchange.rows()] == ["released"]
    assert told == ["waiting: no room", "going on."]
