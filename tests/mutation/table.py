"""Measures how many mutants of the solutions the test cells kill: `python -m tests.mutation.table [--write]`."""

from __future__ import annotations

import argparse
import multiprocessing
import signal
import sys
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import NoReturn

from benchmarks.pages import mark
from tests.mutation.mutants import Mutant, mutants
from tests.support.notebook_runner import ROOT, grade, notebook_cells

PAGE = ROOT / "docs" / "measured" / "mutation.md"
EXPLANATIONS = Path(__file__).parent / "survivors.toml"
SECONDS = 20
GOAL = 0.95

INTRODUCTION = f"""{mark(PAGE.stem)}
# Mutants killed by the test cells

A test is worth what it notices. Each solution of the assignments is changed in one place, by
[Cosmic Ray](https://github.com/sixty-north/cosmic-ray) or by deleting one statement, and its test cell is run. A mutant
is killed if it does not get full marks. Replacements that any run would notice, such as `+` by `>>`, are left out.

A survivor is no hole if it does what the task asks: equal to the solution, or another right answer. Each such survivor
is explained below and counted as *right too*; the share is of the others. Goal: {GOAL:.0%}.
"""


Found = tuple[Mutant, bool]
"""A mutant, and whether it survived."""

Explanations = Mapping[tuple[str, str], str]
"""Why a survivor is right too, by exercise and change."""


def survives(mutant: Mutant) -> bool:
    """Whether the mutant gets full marks; one that runs on for ever does not."""
    points = {cell.grade_id: cell.points for cell in notebook_cells("source", mutant.assignment)}
    test = f"test_{mutant.exercise}"
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(SECONDS)
    try:
        return grade(mutant.assignment, {mutant.exercise: mutant.source}, only={test})[test] == points[test]
    except Overdue:
        return False
    finally:
        signal.alarm(0)


class Overdue(BaseException):
    """A mutant took too long; not an `Exception`, since the checks would take that for the answer's."""


def _too_long(number: int, frame: object) -> NoReturn:
    raise Overdue


def explanations() -> Explanations:
    """Return what is known of the survivors."""
    return {
        (entry["exercise"], entry["change"]): entry["why"]
        for entry in tomllib.loads(EXPLANATIONS.read_text())["survivor"]
    }


def render(found: Sequence[Found]) -> str:
    """Return the page."""
    known = explanations()
    head = "| assignment | exercise | mutants | killed | right too | share |"
    lines = [INTRODUCTION, head, "|---|---|---:|---:|---:|---:|"]
    for (assignment, exercise), group in groupby(found, lambda pair: (pair[0].assignment, pair[0].exercise)):
        lines.append(_row(assignment, f"`{exercise}`", list(group), known))
    lines += [_row("**all**", "", found, known), "", "## Survivors", ""]
    survivors = [mutant for mutant, survived in found if survived]
    lines += ["| exercise | change | why it survives |", "|---|---|---|"] if survivors else ["None."]
    for mutant in survivors:
        why = known.get((mutant.exercise, mutant.change), "**not explained**")
        change = mutant.change.replace("|", "\\|")
        lines.append(f"| `{mutant.exercise}` | `{change}` | {why} |")
    return "\n".join(lines) + "\n"


def _row(assignment: str, exercise: str, found: Sequence[Found], known: Explanations) -> str:
    killed = sum(not survived for _, survived in found)
    right = sum(survived and (mutant.exercise, mutant.change) in known for mutant, survived in found)
    return f"| {assignment} | {exercise} | {len(found)} | {killed} | {right} | {share(found, known):.1%} |"


def share(found: Sequence[Found], known: Explanations) -> float:
    """Return the share of killed mutants among those that are wrong."""
    killed = sum(not survived for _, survived in found)
    wrong = sum(not survived or (mutant.exercise, mutant.change) not in known for mutant, survived in found)
    return killed / wrong if wrong else 1.0


def main() -> None:
    """Measure; with `--write` write the page. The exit status is 1 below the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    parser.add_argument("--assignment", action="append", help="only this one; may be given more than once")
    options = parser.parse_args()
    assignments = options.assignment or sorted(path.name for path in (ROOT / "source").iterdir() if path.is_dir())
    made = [mutant for assignment in assignments for mutant in mutants(assignment)]
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("forkserver")) as pool:
        found = list(zip(made, pool.map(survives, made, chunksize=4), strict=True))
    page = render(found)
    if options.write:
        PAGE.write_text(page, encoding="utf-8")
    print(page)
    sys.exit(share(found, explanations()) < GOAL)


if __name__ == "__main__":
    main()
