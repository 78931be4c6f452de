"""`python -m tests.adversarial.table`: which attacks succeed on stock nbgrader, and which behind each wall of ours.

What was found is kept in `found.json`; the pages are written from it.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.progress import track

from autograder.course_folder import CourseFolder
from autograder.examiner.rooms import close_room_factories
from autograder.room import walls
from tests.adversarial.attack import Attack, load_attacks
from tests.adversarial.evidence import evidence
from tests.adversarial.ours import ROOT, Ours, copy_of_the_course
from tests.adversarial.stock import outcome_on_stock, undisturbed_on_stock
from tests.adversarial.world import World

PAGE = ROOT / "docs" / "measured" / "attacks.md"
SUMMARY_PAGE = ROOT / "docs" / "grading.md"
FOUND = Path(__file__).parent / "found.json"
COMMAND = "python -m tests.adversarial.table --write"
BEGIN, END = f"<!-- from here on made by {COMMAND} -->", "<!-- to here -->"

STOCK = "stock"
GRADERS = (STOCK, *walls.NAMES)
TITLES = {STOCK: "stock nbgrader", "namespaces": "behind namespaces", "landlock": "behind Landlock"}

INTRODUCTION = """# Attacks

Each row is a submission to ps1 that would like full marks, or harm. `{command}` grades every one of them with
stock nbgrader {stock} and with this project's grader behind each of its walls, each time with an honest submission
after it, and writes this page. It takes an hour on a busy machine with two cores; `pytest tests/adversarial` does all
of it but stock nbgrader's part; `make test` leaves out the second wall, `make test-all` does not.

An attack has succeeded if it got a point that it would not get without the attack, if something it may not read shows
in the graded notebook, if it reached or changed something outside, if the next student's grade is not what it is
without the attack, if the graded notebook runs something in the browser of whoever opens it, or if the kernel did for
it what it should not and nothing outside would show it. The attacks are in `tests/adversarial/attacks/`.
"""

Evidence = Mapping[str, Mapping[str, Sequence[str]]]
"""By grader and by the name of the attack, in what ways it succeeded."""


def main() -> None:
    """Measure, print, and write the pages if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="part of a group or name; only these attacks are measured")
    parser.add_argument("--grader", choices=GRADERS, action="append", help="only this one; may be repeated")
    parser.add_argument("--missing", action="store_true", help="measure only what has not been measured yet")
    parser.add_argument("--write", action="store_true", help=f"keep what is found, and write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    attacks = load_attacks()
    chosen = [a for a in attacks if not options.names or any(n in f"{a.group}: {a.name}" for n in options.names)]
    found = {grader: dict(results) for grader, results in load_found().items()}
    for grader in options.grader or GRADERS:
        known = found.setdefault(grader, {})
        for name, shown in measure([a for a in chosen if not (options.missing and a.name in known)], grader):
            known[name] = shown
            if shown or options.names:
                print(f"{grader}: {name}: {', '.join(shown) or 'fails'}", flush=True)
            if options.write:
                keep(grader, name, shown)
    Console().print(Markdown(summary(attacks, load_found() if options.write else found)))
    if options.write:
        found = in_order(attacks)
        PAGE.write_text(render(attacks, found), encoding="utf-8")
        page = with_summary(SUMMARY_PAGE.read_text(encoding="utf-8"), attacks, found)
        SUMMARY_PAGE.write_text(page, encoding="utf-8")


def keep(grader: str, name: str, shown: Sequence[str]) -> None:
    """Add one result to those that are kept, at once: it takes an hour, and whoever stops it can go on (--missing)."""
    with FOUND.open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # graders may be measured side by side
        found = json.load(file)
        found.setdefault(grader, {})[name] = shown
        file.seek(0)
        file.truncate()
        json.dump(found, file, indent=1)


def in_order(attacks: Sequence[Attack]) -> Evidence:
    """Put what is kept into the order of the attacks, without those that are gone, and return it."""
    found = {
        grader: {attack.name: load_found()[grader][attack.name] for attack in attacks if attack.name in results}
        for grader, results in load_found().items()
    }
    FOUND.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def load_found() -> Evidence:
    """Return what was found when it was measured last."""
    found: Evidence = json.loads(FOUND.read_text(encoding="utf-8"))
    return found


def measure(attacks: Sequence[Attack], grader: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Grade attacks and yield the name of each with what shows its success."""
    attacks = [attack for attack in attacks if not (grader == STOCK and attack.not_on_stock)]
    if not attacks:
        return
    os.environ["GRADER_SECRET"] = "secret-in-the-environment"
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder).resolve()
        if grader != STOCK:
            with _ours(scratch, grader) as ours:
                for attack in track(attacks, grader):
                    yield attack.name, evidence(ours.outcome(attack), ours.deserved(attack))
            return
        with _ours(scratch, "auto") as ours:
            deserved = {attack.name: ours.deserved(attack) for attack in attacks}
        on_stock = _grader_on_stock(copy_of_the_course(scratch / "stock", stock=True), scratch, deserved)
        alone = any(attack.group == "Calling the kernel" for attack in attacks)  # one would be taken for another
        with ThreadPoolExecutor(1 if alone else 2) as pool:
            shown = track(pool.map(on_stock, attacks), grader, total=len(attacks))
            yield from zip((attack.name for attack in attacks), shown, strict=True)


@contextmanager
def _ours(scratch: Path, wall: str) -> Iterator[Ours]:
    (scratch / "home").mkdir()
    course = copy_of_the_course(scratch / "ours", stock=False)
    with World(course.root, scratch / "home") as world:
        os.environ["TMPDIR"], before = str(world.temporary), os.environ.get("TMPDIR")
        tempfile.tempdir = None
        try:
            yield Ours(course, world, wall)
        finally:
            close_room_factories()
            tempfile.tempdir = None
            os.environ.pop("TMPDIR")
            if before is not None:
                os.environ["TMPDIR"] = before


def _grader_on_stock(
    template: CourseFolder, scratch: Path, deserved: Mapping[str, float]
) -> Callable[[Attack], Sequence[str]]:
    def place(name: str) -> Path:
        folder = scratch / name
        folder.mkdir()
        return folder

    undisturbed = undisturbed_on_stock(template, place("undisturbed"))

    def on_stock(attack: Attack) -> Sequence[str]:
        outcome = outcome_on_stock(attack, template, place(attack.name), undisturbed)
        shutil.rmtree(scratch / attack.name)
        return evidence(outcome, deserved[attack.name])

    return on_stock


def render(attacks: Sequence[Attack], found: Evidence) -> str:
    """Return the page."""
    lines = [INTRODUCTION.format(command=COMMAND, stock=version("nbgrader")), summary(attacks, found)]
    for group, members in groups(attacks).items():
        lines += ["", f"## {group}", ""]
        lines += [
            f"| attack | what it wants | {' | '.join(TITLES.values())} |",
            "|---|---" + "|---" * len(TITLES) + "|",
        ]
        for attack in members:
            cells = " | ".join(_cell(attack, grader, found) for grader in TITLES)
            lines.append(f"| {attack.name} | {attack.wants} | {cells} |")
    return "\n".join(lines) + "\n"


def summary(attacks: Sequence[Attack], found: Evidence) -> str:
    """Return the table of walls against kinds of attack, and what is open behind a wall."""
    lines = [f"| kind of attack | attacks | {' | '.join(TITLES.values())} |", "|---|---:" + "|---:" * len(TITLES) + "|"]
    kinds = groups(attacks)
    lines += [_totals(kind, members, found) for kind, members in kinds.items()]
    lines += [_totals("**all**", attacks, found), ""]
    opened = [(attack, wall, why) for attack in attacks for wall, why in attack.open_behind.items()]
    lines += ["Named by an attack that succeeds, and is expected to:", ""]
    lines += [f"- {TITLES[wall]}, “{attack.name}”: {why}" for attack, wall, why in opened]
    return "\n".join(lines)


def groups(attacks: Sequence[Attack]) -> dict[str, list[Attack]]:
    """Return attacks by kind, in their order."""
    return {group: list(members) for group, members in groupby(attacks, lambda attack: attack.group)}


def with_summary(page: str, attacks: Sequence[Attack], found: Evidence) -> str:
    """Return a page with the table between its markers renewed."""
    before, rest = page.split(BEGIN)
    after = rest.split(END, 1)[1]
    return f"{before}{BEGIN}\n\n{summary(attacks, found)}\n\n{END}{after}"


def _totals(name: str, attacks: Sequence[Attack], found: Evidence) -> str:
    cells = []
    for grader in TITLES:
        ran = [attack for attack in attacks if attack.name in found.get(grader, {})]
        succeeded = sum(bool(found[grader][attack.name]) for attack in ran)
        cells.append(f"{succeeded} succeed" if len(ran) == len(attacks) else f"{succeeded} of {len(ran)} succeed")
    return f"| {name} | {len(attacks)} | {' | '.join(cells)} |"


def _cell(attack: Attack, grader: str, found: Evidence) -> str:
    if grader == STOCK and attack.not_on_stock:
        return f"not run: {attack.not_on_stock}"
    if attack.name not in found.get(grader, {}):
        return "not measured"
    shown = found[grader][attack.name]
    return f"**succeeds**: {', '.join(shown)}" if shown else "fails"


if __name__ == "__main__":
    main()
