"""How long students wait for feedback while a course is watched: `python -m benchmarks.watch`, which prints JSON.

A wait begins when *Submit* returns, and ends when the page lies where *Fetch Feedback* looks. `idle`: one submission
at a time. `burst`: one of each student, spread evenly over a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from autograder.answers import load_answers
from autograder.batch.executors import local_executor
from autograder.batch.run import how_configured
from autograder.course_folder import CourseFolder
from autograder.practice.live import ASSIGNMENT, LiveStudent, watched_course
from autograder.watch.service import Service

ROOT = Path(__file__).resolve().parents[1]
MINUTE = 60.0
LOOK_SECONDS = 0.02


def idle(students: Sequence[LiveStudent]) -> list[float]:
    """Return the wait of each student, who submits when the one before has the page."""
    return [took for student in students if (took := student.submit_and_wait()) is not None]


def burst(students: Sequence[LiveStudent], seconds: float = MINUTE) -> list[float]:
    """Return the waits of students who submit within so many seconds."""
    waiting: dict[Path, float] = {}
    waits: list[float] = []
    begin = time.monotonic()
    left = list(enumerate(students))
    while left or waiting:
        if left and time.monotonic() - begin >= seconds * left[0][0] / len(students):
            page = left.pop(0)[1].submit()
            waiting[page] = time.monotonic()
        now = time.monotonic()
        there = [page for page in waiting if page.exists()]
        waits += [now - waiting.pop(page) for page in there]
        time.sleep(LOOK_SECONDS)
    return waits


def summary(waits: Sequence[float]) -> dict[str, float]:
    """Return number, median, 95th percentile and maximum of waits, in seconds."""
    ordered = sorted(waits)
    return {
        "submissions": len(ordered),
        "median_s": statistics.median(ordered),
        "95_percent_s": ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
        "most_s": ordered[-1],
    }


def measure(idle_students: int, burst_students: int, seconds: float = MINUTE) -> dict[str, dict[str, float]]:
    """Watch a course of its own in a temporary folder, and return the waits of both patterns."""
    course = CourseFolder.load(ROOT)
    answers = load_answers(course.answers, ASSIGNMENT)
    with tempfile.TemporaryDirectory(prefix="bench-watch-") as name:
        folder = Path(name).resolve()
        watched = watched_course(course, folder)
        workers = os.cpu_count() or 1
        lines: list[str] = []
        service = Service(
            watched, [ASSIGNMENT], how_configured(watched), local_executor(workers), workers, lines.append
        )
        watching = threading.Thread(target=service.run, name="watch")
        watching.start()
        over = threading.Event()
        try:
            while not service.ready.wait(1.0):
                if not watching.is_alive():
                    raise RuntimeError(f"the watch has ended: {lines}")
            people = [
                LiveStudent(watched, folder, f"{kind}{number:03}", answers, over)
                for kind, count in (("idle", idle_students), ("burst", burst_students))
                for number in range(count)
            ]
            found = {"idle": summary(idle(people[:idle_students]))}
            found["burst"] = summary(burst(people[idle_students:], seconds))
        finally:
            service.stop()
            watching.join()
        return found


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=20, metavar="N", help="submissions one after the other")
    parser.add_argument("--burst", type=int, default=300, metavar="N", help="submissions within a minute")
    options = parser.parse_args()
    print(json.dumps(measure(options.idle, options.burst)))


if __name__ == "__main__":
    main()
