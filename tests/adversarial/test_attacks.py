"""No attack gets an undeserved point, reaches anything outside, or changes another student's grade."""

from __future__ import annotations

import pytest

from autograder.room import walls
from tests.adversarial.attack import Attack, load_attacks
from tests.adversarial.behind import FIRST, OTHERS
from tests.adversarial.evidence import evidence

ATTACKS = load_attacks()


class Behind:
    """All attacks behind one wall; a class for each, so that several processes can share the work."""

    wall: str

    @pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.group}: {attack.name}")
    def test_attack(self, grader, attack):
        ours = grader(self.wall)
        found = evidence(ours.outcome(attack), ours.deserved(attack))
        if self.wall in attack.open_behind:
            assert found != [], "it is stopped now: take it from what the pages say is open"
        else:
            assert found == []


class TestBehindTheFirstWall(Behind):
    wall = FIRST

    def test_what_shows_success_is_seen(self, grader):
        """Without this, a blind detector would let every attack pass as stopped."""
        softplus = "def softplus(x): return np.logaddexp(0, x)"
        honest = grader(self.wall).outcome(Attack("", "", "", cells={"softplus": softplus}))
        assert evidence(honest, deserved=5) == []
        assert evidence(honest, deserved=0) == ["5 points where 0 are deserved"]


@pytest.mark.thorough(reason="the same attacks once more: a machine grades behind the first wall that it can build")
class TestBehindTheSecondWall(Behind):
    (wall,) = OTHERS


def test_there_are_enough_attacks_and_no_two_are_the_same():
    assert len(ATTACKS) >= 200
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert len({repr((a.code, a.body, a.cells, a.edit)) for a in ATTACKS}) == len(ATTACKS)


def test_they_run_behind_every_wall():
    assert sorted(each.wall for each in Behind.__subclasses__()) == sorted(walls.NAMES)
