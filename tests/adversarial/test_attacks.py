"""No attack gets an undeserved point, reaches anything outside, or changes another student's grade.

Here behind the first wall of this machine; behind the others, and what calls the kernel, in the files beside this one.
"""

from __future__ import annotations

from autograder.room import walls
from tests.adversarial.attack import Attack, load_attacks
from tests.adversarial.behind import WHERE_THE_WALL_MATTERS, lacks, pairs
from tests.adversarial.evidence import evidence


def belongs(wall, attack):
    return attack.group != "Calling the kernel" and wall == walls.NAMES[0]


def test_attack(grader, wall, attack):
    ours = grader(wall)
    found = evidence(ours.outcome(attack), ours.deserved(attack))
    if wall in attack.open_behind:
        assert found != [], "it is stopped now: take it from what the pages say is open"
    else:
        assert found == []


def test_what_shows_success_is_seen(grader):
    """Without this, a blind detector would let every attack pass as stopped."""
    ours = grader(next(wall for wall in walls.NAMES if not lacks(wall)))
    honest = ours.outcome(Attack("", "", "", cells={"softplus": "def softplus(x): return np.logaddexp(0, x)"}))
    assert evidence(honest, deserved=5) == []
    assert evidence(honest, deserved=0) == ["5 points where 0 are deserved"]


def test_there_are_enough_attacks_and_no_two_are_the_same():
    attacks = load_attacks()
    assert len(attacks) >= 200
    assert len({attack.name for attack in attacks}) == len(attacks)
    assert len({repr((a.code, a.body, a.cells, a.edit)) for a in attacks}) == len(attacks)


def test_attacks_run_behind_every_wall_where_it_matters():
    attacks = load_attacks()
    assert {attack.group for attack in attacks} >= WHERE_THE_WALL_MATTERS
    assert len(list(pairs(attacks, every_wall=True))) == len(walls.NAMES) * len(attacks)
    chosen = list(pairs(attacks, every_wall=False))
    assert {attack.name for _, attack in chosen} == {attack.name for attack in attacks}
    for wall in walls.NAMES:
        behind = {attack.name for name, attack in chosen if name == wall}
        assert {a.name for a in attacks if a.group in WHERE_THE_WALL_MATTERS} <= behind
