"""A verdict depends on the submission alone."""

from __future__ import annotations

import dataclasses
import random
from multiprocessing.context import BaseContext

import pytest

from autograder.batch.coordinator import job_for
from autograder.batch.dispatch import Dispatcher, Job
from autograder.batch.executors import local_executor
from autograder.batch.run import how_configured
from autograder.batch.submissions import collect_submission
from autograder.examiner.sourcecells import source_notebooks
from tests.support.classroom import MINI, RIGHT, Classroom

HARMLESS = [
    "def double(x):\n    return x + x\n",
    "def double(x):\n    return 6\n",
    "import random\ndef double(x):\n    return random.random()\n",
    "import numpy as np\ndef double(x):\n    return np.random.normal()\n",
    "import numpy as np\ndef double(x):\n    return float(np.random.rand() > 0.5) * 2 * x\n",
    "import torch\ndef double(x):\n    return torch.rand(()).item()\n",
    "def double(x):\n    return ''.join({'one', 'two', 'three', 'four', 'five'})\n",
    "def double(x):\n    return hash('text')\n",
    "import sys\nsys.exit()\n",
    "def double(x):\n    return double(x)\n",
    "def double(x):\n    raise KeyError({3: x})\n",
    "print('x' * 2_000_000)\ndef double(x):\n    return 2 * x\n",
    "def double(x)\n    return 2 * x\n",
    "raise KeyboardInterrupt\n",
    "",
]
DEADLY = [
    "import os\nos._exit(3)\n",
    "import os\ndef double(x):\n    os._exit(0)\n",
    "import ctypes\nctypes.string_at(0)\n",
    "blocks = [bytes(2**26) for _ in range(40)]\n",
    "import os, signal\ndef double(x):\n    os.kill(os.getpid(), signal.SIGKILL)\n",
]
MEANS = [
    RIGHT["mean"],
    "def mean(values):\n    return len(values)\n",
    "def mean(values):\n    return values\n",
    "def mean(values):\n    return sum(values) // len(values)\n",
]
SUBMISSIONS = 60
# A deadly answer costs a fresh room for each death, and a cold room seconds: one of each kind is enough.
ANSWERS = [(deadly, RIGHT["mean"]) for deadly in DEADLY]
ANSWERS += [(double, mean) for mean in MEANS for double in HARMLESS][: SUBMISSIONS - len(DEADLY)]


@pytest.fixture
def jobs(room: Classroom) -> list[Job]:
    """The work of the class: sixty submissions, no two the same."""
    how = how_configured(room.course)
    with room.gradebook() as gradebook:
        source = source_notebooks(gradebook, MINI)[MINI]
    made = []
    for number, (double, mean) in enumerate(ANSWERS):
        room.hand_in(f"student{number:02}", {"double": double, "mean": mean})
        made.append(job_for(collect_submission(room.course, MINI, f"student{number:02}", source), how))
    return made


def verdicts(jobs: list[Job], order: int, workers: int, *, warm: bool = True) -> dict[str, tuple[bytes, bytes]]:
    """Grade in a random order; return verdict and graded notebook by student."""
    settings = dataclasses.replace(jobs[0].task.settings, warm=warm)
    shuffled = [dataclasses.replace(job, task=dataclasses.replace(job.task, settings=settings)) for job in jobs]
    random.Random(order).shuffle(shuffled)
    outcomes = Dispatcher(local_executor(workers), workers).run(iter(shuffled))
    return {outcome.job.submission.student: (outcome.graded.verdict, outcome.graded.notebook) for outcome in outcomes}


EACH_ANSWER_ONCE = len(DEADLY) + len(HARMLESS)
"""Further students have the same answers to `double` with others to `mean`."""


@pytest.mark.slow
@pytest.mark.timeout(900)  # a cold room starts an interpreter and imports torch
@pytest.mark.parametrize(
    "cold",
    [
        EACH_ANSWER_ONCE,
        pytest.param(SUBMISSIONS, marks=pytest.mark.thorough(reason="minutes of imports: a room of its own for each")),
    ],
)
def test_order_workers_and_temperature_do_not_matter(jobs: list[Job], forks: BaseContext, cold: int) -> None:
    """Sixty submissions in two orders with one and two workers in warm kernels; each answer once more in a cold one."""
    first = verdicts(jobs, order=1, workers=1)
    assert len(first) == len(set(ANSWERS)) == SUBMISSIONS
    assert len({double for double, _ in ANSWERS[:EACH_ANSWER_ONCE]}) == len({double for double, _ in ANSWERS})
    if cold < SUBMISSIONS:
        second = verdicts(jobs, order=2, workers=2)
        assert differing(first, second) == {}
    in_cold_rooms = verdicts(jobs[:cold], order=3, workers=2, warm=False)
    assert len(in_cold_rooms) == cold
    assert differing(first, in_cold_rooms) == {}


def differing(one: dict[str, tuple[bytes, bytes]], other: dict[str, tuple[bytes, bytes]]) -> dict[str, object]:
    return {student: (one[student], result) for student, result in other.items() if one[student] != result}
