"""The pages say what was measured, of every attack there is."""

from __future__ import annotations

from autograder.room import walls
from tests.adversarial import table
from tests.adversarial.attack import load_attacks


def test_every_attack_has_been_measured_on_every_grader_that_it_runs_on():
    found = table.load_found()
    for grader in table.GRADERS:
        wanted = {attack.name for attack in load_attacks() if grader != table.STOCK or not attack.not_on_stock}
        assert set(found[grader]) == wanted, f"{table.COMMAND} --missing --grader {grader}"


def test_what_succeeds_behind_a_wall_is_named():
    found = table.load_found()
    for wall in walls.NAMES:
        succeed = {name for name, shown in found[wall].items() if shown}
        assert succeed == {attack.name for attack in load_attacks() if wall in attack.open_behind}


def test_the_pages_are_made_from_what_was_found():
    attacks, found = load_attacks(), table.load_found()
    assert table.PAGE.read_text(encoding="utf-8") == table.render(attacks, found)
    page = table.SUMMARY_PAGE.read_text(encoding="utf-8")
    assert table.with_summary(page, attacks, found) == page


def test_a_success_shows_in_both_tables():
    attacks = load_attacks()
    found = {grader: dict(results) for grader, results in table.load_found().items()}
    found["landlock"]["TCP"] = ["reached a TCP server"]
    assert "| fails | **succeeds**: reached a TCP server |" in table.render(attacks, found)
    row = next(line for line in table.summary(attacks, found).splitlines() if line.startswith("| Reaching out"))
    assert row.endswith("| 1 succeed |")
