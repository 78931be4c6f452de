"""One measured run of our batch, in its own process: `python -m benchmarks.ours`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from autograder.__main__ import collect_seldom
from autograder.batch.coordinator import Progress, grade_class
from autograder.batch.executors import local_executor
from autograder.batch.run import how_configured
from autograder.course_folder import CourseFolder


class _Clock:
    """Notes when results come."""

    def __init__(self) -> None:
        self.first_s = self.last_s = 0.0
        self.cpu_at_first_s = 0.0
        self.count = 0

    def start(self, total: int) -> None:
        """Nothing to prepare."""

    def done(self, done: Progress) -> None:
        """Note the time of a result."""
        self.last_s = time.monotonic()
        self.count += 1
        if self.count == 1:
            self.first_s, self.cpu_at_first_s = self.last_s, time.process_time()


def main() -> None:
    """Grade the assignment in the course folder named first with `workers` workers, behind a wall; print JSON."""
    collect_seldom()
    folder, assignment, workers = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    course = CourseFolder.load(folder)
    if len(sys.argv) > 4:
        course.config.Examiner.wall = sys.argv[4]
    clock = _Clock()
    start = time.monotonic()
    grade_class(course, assignment, how_configured(course), local_executor(workers), workers, listener=clock)
    after_first = max(clock.count - 1, 1)
    print(
        json.dumps(
            {
                "start_up_s": clock.first_s - start,
                "steady_s": (clock.last_s - clock.first_s) / after_first,
                "coordinator_ms": 1000 * (time.process_time() - clock.cpu_at_first_s) / after_first,
            }
        )
    )


if __name__ == "__main__":
    main()
