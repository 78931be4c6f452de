"""`python -m tests.adversarial.table`: which attacks succeed against stock nbgrader, and which against this grader."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.progress import track

from autograder.examiner.warm import close_warm_processes
from tests.adversarial.attack import Attack, load_attacks
from tests.adversarial.evidence import evidence
from tests.adversarial.ours import ROOT, Ours, copy_of_the_course
from tests.adversarial.stock import outcome_on_stock, undisturbed_on_stock
from tests.adversarial.world import World

PAGE = ROOT / "docs" / "attacks.md"
COMMAND = "python -m tests.adversarial.table --write"

INTRODUCTION = """# Attacks

Each row is a submission to ps1 that would like full marks, or harm. `{command}` grades every one of them twice, with
stock nbgrader {stock} and with this project's grader, each time with an honest submission after it, and writes this
page. It took half an hour on a busy machine with two cores; `pytest
tests/adversarial` does the right-hand half of it on every change.

An attack has succeeded if it got a point that it would not get without the attack, if something it may not read shows
in the graded notebook, if it reached or changed something outside, if the next student's grade is not what it is
without the attack, or if the graded notebook runs something in the browser of whoever opens it. The attacks are in
`tests/adversarial/attacks/`.
"""


def main() -> None:
    """Measure, print, and write the page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="part of a group or name; only these attacks, for a look")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    attacks = [
        a for a in load_attacks() if not options.names or any(n in f"{a.group}: {a.name}" for n in options.names)
    ]
    page = render(attacks, *measure(attacks))
    Console().print(Markdown(page))
    if options.write and not options.names:
        PAGE.write_text(page, encoding="utf-8")


Evidence = Mapping[str, Sequence[str]]
"""By the name of the attack, in what ways it succeeded."""


def measure(attacks: Sequence[Attack]) -> tuple[Evidence, Evidence]:
    """Grade all attacks both ways and return what shows their success: against stock nbgrader, against ours."""
    os.environ["GRADER_SECRET"] = "secret-in-the-environment"
    ours: dict[str, Sequence[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder).resolve()
        (scratch / "home").mkdir()
        course = copy_of_the_course(scratch / "ours", stock=False)
        with World(course.root, scratch / "home") as world:
            grader = Ours(course, world)
            deserved = {attack.name: grader.deserved(attack) for attack in attacks}
            for attack in track(attacks, "ours"):
                ours[attack.name] = evidence(grader.outcome(attack), deserved[attack.name])
            close_warm_processes()
        template = copy_of_the_course(scratch / "stock", stock=True)

        def place(name: str) -> Path:
            folder = scratch / name
            folder.mkdir()
            return folder

        undisturbed = undisturbed_on_stock(template, place("undisturbed"))

        def on_stock(attack: Attack) -> Sequence[str]:
            outcome = outcome_on_stock(attack, template, place(attack.name), undisturbed)
            shutil.rmtree(scratch / attack.name)
            return evidence(outcome, deserved[attack.name])

        run = [attack for attack in attacks if not attack.not_on_stock]
        with ThreadPoolExecutor(2) as pool:
            found = track(pool.map(on_stock, run), "stock", total=len(run))
            stock = {attack.name: shown for attack, shown in zip(run, found, strict=True)}
    return stock, ours


def render(attacks: Sequence[Attack], stock: Evidence, ours: Evidence) -> str:
    """Return the page."""
    lines = [INTRODUCTION.format(command=COMMAND, stock=version("nbgrader"))]
    lines += ["| | attacks | run on stock | succeed on stock | succeed on ours |", "|---|---:|---:|---:|---:|"]
    groups = {group: list(members) for group, members in groupby(attacks, lambda attack: attack.group)}
    lines += [_totals(group, members, stock, ours) for group, members in groups.items()]
    lines += [_totals("**all**", attacks, stock, ours)]
    for group, members in groups.items():
        lines += ["", f"## {group}", "", "| attack | what it wants | stock | ours |", "|---|---|---|---|"]
        for attack in members:
            found = f"not run: {attack.not_on_stock}" if attack.not_on_stock else _cell(stock[attack.name])
            lines.append(f"| {attack.name} | {attack.wants} | {found} | {_cell(ours[attack.name])} |")
    return "\n".join(lines) + "\n"


def _totals(name: str, attacks: Sequence[Attack], stock: Evidence, ours: Evidence) -> str:
    ran = [attack for attack in attacks if not attack.not_on_stock]
    on_stock, on_ours = sum(bool(stock[a.name]) for a in ran), sum(bool(ours[a.name]) for a in attacks)
    return f"| {name} | {len(attacks)} | {len(ran)} | {on_stock} | {on_ours} |"


def _cell(found: Sequence[str]) -> str:
    return f"**succeeds**: {', '.join(found)}" if found else "fails"


if __name__ == "__main__":
    main()
