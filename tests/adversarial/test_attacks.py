"""No attack gets an undeserved point, reaches anything outside, or changes another student's grade."""

import pytest

from tests.adversarial.attack import Attack, load_attacks
from tests.adversarial.evidence import evidence

ATTACKS = load_attacks()


def named(attack: Attack) -> str:
    return f"{attack.group}: {attack.name}"


@pytest.mark.parametrize("attack", ATTACKS, ids=named)
def test_attack(ours, attack):
    assert evidence(ours.outcome(attack), ours.deserved(attack)) == []


def test_what_shows_success_is_seen(ours):
    """Without this, a blind detector would let every attack pass as stopped."""
    honest = ours.outcome(Attack("", "", "", cells={"softplus": "def softplus(x): return np.logaddexp(0, x)"}))
    assert evidence(honest, deserved=5) == []
    assert evidence(honest, deserved=0) == ["5 points where 0 are deserved"]


def test_there_are_enough_attacks_and_no_two_are_the_same():
    assert len(ATTACKS) >= 40
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert len({repr((a.code, a.body, a.cells, a.edit)) for a in ATTACKS}) == len(ATTACKS)
