"""What the sample class gets does not depend on the processor, of the examiner or of the room."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.processors import differing, make_class, verdicts

SENSITIVE = {
    "ps3_gradient_flow": ["lli"],
    "ps5_outputs_and_losses": ["okowalska", "ppapadopoulos"],
    "ps6_design_your_own": ["zhaddad"],
}
"""Submissions whose messages told processors apart once: a sum that cancels, a loss, a training that is unstable.

All of the class takes half an hour: `python -m tests.flows.processors`.
"""


@pytest.mark.slow
@pytest.mark.timeout(1200)
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
