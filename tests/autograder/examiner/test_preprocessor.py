"""The settings of the examiner are what the guide for instructors says."""

from __future__ import annotations

import re
from pathlib import Path

from traitlets.config import Config

from autograder.examiner.preprocessor import Examiner

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
