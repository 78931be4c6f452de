"""Attacks behind the walls that come after the first: all with `--every-wall`, else those that meet a wall."""

from __future__ import annotations

from autograder.room import walls
from tests.adversarial.evidence import evidence


def belongs(wall, attack):
    return attack.group != "Calling the kernel" and wall != walls.NAMES[0]


def test_attack(grader, wall, attack):
    ours = grader(wall)
    found = evidence(ours.outcome(attack), ours.deserved(attack))
    if wall in attack.open_behind:
        assert found != [], "it is stopped now: take it from what the pages say is open"
    else:
        assert found == []
