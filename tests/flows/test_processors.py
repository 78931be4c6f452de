"""What the sample class gets, and what demos draw, does not depend on the processor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.testing.compare import compare_images

from course.demos.framework.stills import FOLDER
from tests.flows.processors import ROOT, differing, environment, make_class, verdicts

SENSITIVE = {
    "ps3_gradient_flow": ["lli"],
    "ps5_outputs_and_losses": ["okowalska", "ppapadopoulos"],
    "ps6_design_your_own": ["zhaddad"],
}
"""Submissions whose messages told processors apart once: a sum that cancels, a loss, a training that is unstable.

All of the class takes half an hour: `python -m tests.flows.processors`.
"""


pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.thorough(reason="the same once more: only a change of numbers or libraries could matter"),
]


def test_verdicts_do_not_depend_on_the_processor(tmp_path: Path) -> None:
    """Points and messages are equal, on this processor and as one of 2006 computes."""
    folder = tmp_path / "course"
    make_class(folder, 16)
    here, there = (
        {
            who: verdict
            for assignment, students in SENSITIVE.items()
            for who, verdict in verdicts(folder, processor, processor, [assignment], students).items()
        }
        for processor in ("this", "2006")
    )
    assert len(here) == 4
    assert all(cell["checks"] for verdict in here.values() for cell in verdict["cells"])
    assert differing(here, there) == {}


def test_stills_do_not_depend_on_the_processor(tmp_path: Path) -> None:
    """With the tolerance of `test_stills_are_up_to_date`."""
    command = [sys.executable, "-m", "course.demos.framework.stills", tmp_path]
    subprocess.run(command, cwd=ROOT, env=environment("2006"), check=True)
    written = sorted(tmp_path.glob("*.png"))
    assert len(written) > 40
    found = [compare_images(str(FOLDER / path.name), str(path), tol=8) for path in written]
    assert [difference for difference in found if difference] == []
