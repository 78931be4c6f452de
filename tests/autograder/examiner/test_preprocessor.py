"""The settings of the examiner are what the guide for instructors says."""

from __future__ import annotations

import re
from pathlib import Path

from traitlets.config import Config

from autograder.examiner.preprocessor import Examiner
from autograder.room.inside.limits import Limits

GUIDE = Path(__file__).parents[3] / "docs" / "instructors.md"


def test_the_guide_shows_every_setting_with_its_default():
    (block,) = re.findall(r"```python\n(c\.Examiner\..*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
    c = Config()
    exec(block, {"c": c})
    examiner = Examiner()
    shown = dict(c.Examiner)
    assert shown == {name: getattr(examiner, name) for name in shown}
    own = set(Examiner.class_own_traits(config=True))
    assert set(shown) == own - {"warm", "kernel_packages"}  # for tests, and for in-kernel mode


def test_processor_time_follows_the_wall_time_unless_it_is_set():
    assert Examiner(submission_seconds=50).limits().processor_seconds == 400
    assert Examiner(submission_seconds=50, processor_seconds=7).limits().processor_seconds == 7
    assert Examiner().limits() == Limits()
