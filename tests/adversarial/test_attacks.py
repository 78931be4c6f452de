"""No attack gets an undeserved point, reaches anything outside, or changes another student's grade."""

import pytest

from tests.adversarial.attack import Attack, load_attacks
from tests.adversarial.evidence import evidence

ATTACKS = load_attacks()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.group}: {attack.name}")
def test_attack(ours, attack: Attack):
    assert evidence(ours.outcome(attack), ours.deserved(attack)) == []


def test_there_are_enough_attacks_and_no_two_are_the_same():
    assert len(ATTACKS) >= 40
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert len({repr((attack.code, attack.body, attack.cells, attack.edit)) for attack in ATTACKS}) == len(ATTACKS)
