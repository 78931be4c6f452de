"""`autograder watch` as a program: stock commands as two students and an instructor, a second one, kills anywhere."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from autograder.watch.journal import Row
from autograder.watch.policy import NOT_THE_GRADE
from tests.flows.test_nbgrader_commands import Commands
from tests.flows.test_postgresql import address
from tests.support.classroom import MINI, RIGHT, Classroom
from tests.support.exchange import Exchange

__all__ = ["address"]

WRONG = {**RIGHT, "double": "def double(x):\n    return 7\n"}
PATIENCE = 120.0
"""Seconds that a test waits for what has to come; a busy machine takes its time."""


@contextmanager
def watching(exchange: Exchange, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command beside the test, and interrupt it at the end."""
    command = [sys.executable, "-m", "autograder", "watch", MINI, "--workers=1", *options]
    process = subprocess.Popen(
        command,
        cwd=exchange.course.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)


def line_with(process: subprocess.Popen[str], words: str) -> str:
    """Wait for a line of its output."""
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return line
    raise AssertionError(f"it ended without a line with {words!r}")


@pytest.mark.slow
def test_with_postgresql_whose_connections_end(released: Classroom, tmp_path: Path, address: str) -> None:
    room = released.copy(tmp_path / "course", f"\nc.CourseDirectory.db_url = {address!r}\n")
    exchange = Exchange(room, tmp_path, "c.Watch.pause_minutes = 0")
    ada, ben = exchange.student("ada"), exchange.student("ben")
    ada.submit(RIGHT)
    told: list[str] = []
    done: list[str] = []

    def settled(row: Row) -> None:
        done.append(row.student)
        if len(done) == 2:
            service.stop()
            return
        ben.submit(WRONG)
        engine = create_engine(address)
        with engine.connect() as connection:  # as a server does that is started anew
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            )
        engine.dispose()

    service = exchange.service(tell=told.append, done=settled)
    service.run()
    assert done == ["ada", "ben"]
    assert [(row.student, row.state) for row in exchange.rows()] == [("ada", "released"), ("ben", "released")]
    assert told[-1] == "going on."
    assert len(ada.fetch()) == len(ben.fetch()) == 1
    assert exchange.room.scores() == {"ada": 6.0, "ben": 2.0}


@pytest.fixture
def exchange(room: Classroom, tmp_path: Path) -> Exchange:
    """Nobody waits, for a pause or for tomorrow: on a quick machine a student has more than ten feedbacks in a test."""
    return Exchange(room, tmp_path, "c.Watch.pause_minutes = 0\nc.Watch.feedbacks_a_day = 1000")


@pytest.mark.slow
def test_two_students_and_an_instructor_with_stock_commands(exchange: Exchange, tmp_path: Path) -> None:
    people = {}
    for name in ("ada", "ben"):
        exchange.student(name).solve(WRONG)
        people[name] = Commands(tmp_path / name, exchange.folder)
    with watching(exchange) as process:
        for name, nbgrader in people.items():
            desk = exchange.student(name).desk
            nbgrader.well(desk, "submit", MINI, f"--student={name}", "--course=activations")
            line_with(process, f"{MINI}, {name}: feedback after")
            nbgrader.well(desk, "fetch_feedback", MINI, f"--student={name}", "--course=activations")
            pages = [path.read_text() for path in sorted((desk / MINI / "feedback").glob("*/*.html"))]
            assert "double(3) is 7" in pages[-1]
            assert NOT_THE_GRADE in pages[-1]
        second = subprocess.run(
            [sys.executable, "-m", "autograder", "watch", MINI],
            cwd=exchange.course.root,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert second.returncode == 1
        assert second.stderr.count("\n") == 1
        assert f"is being watched already (process {process.pid} on " in second.stderr
    assert process.returncode == 130
    instructor = Commands(tmp_path / "teacher", exchange.folder)
    instructor.well(exchange.course.root, "export", "--to=grades.csv")
    assert "ada" in (exchange.course.root / "grades.csv").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    "kills", [5, pytest.param(30, marks=pytest.mark.thorough(reason="repeats the five kills with other moments"))]
)
def test_killed_at_random_moments_it_goes_on(exchange: Exchange, kills: int) -> None:
    """Every submission is graded or made room for a newer one; the gradebook is that of an undisturbed run."""
    chance = random.Random(kills)
    students = [exchange.student(name) for name in ("ada", "ben", "cleo")]
    submitted = {}
    for number in range(kills):
        student = chance.choice(students)
        answers = chance.choice([RIGHT, WRONG])
        submitted[student.submit(answers)] = student.name
        with watching(exchange, "--once") as process:
            time.sleep(chance.uniform(0.5, 8.0) if number else 8.0)
            process.kill()
    last = {}
    for student in students:
        submitted[student.submit(RIGHT)] = student.name
        last[student.name] = max(name for name, whose in submitted.items() if whose == student.name)
    with watching(exchange, "--once") as process:
        process.wait(PATIENCE)
    rows = {row.submission: row for row in exchange.rows()}
    assert rows.keys() == submitted.keys()
    assert {row.state for row in rows.values()} <= {"released", "replaced"}
    assert all(rows[name].state == "released" for name in last.values())
    released = [row for row in rows.values() if row.state == "released"]
    pages = [len(student.fetch()) for student in students]
    assert pages == [sum(row.student == student.name for row in released) for student in students]
    assert exchange.room.scores() == {student.name: 6.0 for student in students}
    assert not list(exchange.course.root.glob("submitted/*/.*"))
