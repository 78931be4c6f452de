"""Attacks by calls to the kernel do what they are for where there is no wall: `test_attacks` would see a hole."""

from __future__ import annotations

import os
import subprocess
import sys

import psutil
import pytest

from tests.adversarial.attack import load_attacks, means
from tests.adversarial.evidence import said

CALLS = [attack for attack in load_attacks() if attack.group == "Calling the kernel"]


@pytest.mark.parametrize(
    "attack", [a for a in CALLS if not a.not_on_stock and not a.not_everywhere], ids=lambda attack: attack.name
)
def test_without_a_wall_the_attack_succeeds(world, tmp_path, attack):
    """As a plain process: what is seen of it here is what would be seen of a hole in a wall."""
    told = tmp_path / "told"  # no pipe: what an attack leaves behind would keep it open
    before = standing()
    with world.instead_of_grader():
        code = world.prelude() + means(attack.code) + attack.code
        command = ["sh", "-c", '"$@"; :', "sh", sys.executable, "-c", code]  # attacks mean their parent, too
        with told.open("w") as file:
            subprocess.run(command, stdout=file, check=False, cwd=tmp_path, timeout=60)
        shown = told.read_text(errors="replace")
        assert world.effects() + said(shown) != []
        assert world.effects() == [], "the world was not put in order again"
    assert standing() == before, "it met the tests themselves"


def standing() -> dict[str, object]:
    """Return what decides how much of the processors this process gets."""
    process = psutil.Process()
    return {"policy": os.sched_getscheduler(0), "nice": process.nice(), "cores": process.cpu_affinity()}
