"""Reads the catalogue of right and wrong answers, with which graders are tested and sample classes are made.

One file an exercise, named after the solution cell it fills: `<folder>/<assignment>/<grade_id>.py`. Each
answer begins with a marker; a wrong one names the checks that must fail it:

    # %% right: both branches with where
    def selu(x): ...

    # %% wrong: sign of the negative branch
    # fails: right for x < 0
    def selu(x): ...
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError

_MARKER = re.compile(r"^# %% (?P<verdict>right|wrong): (?P<name>\S.*)$")
_FAILS = "# fails: "


@dataclass(frozen=True)
class Answer:
    """One answer to one exercise."""

    assignment: str
    exercise: str
    name: str
    right: bool
    source: str
    fails: tuple[str, ...]
    """Names of the checks that must fail it; empty for a right answer."""


def load_answers(folder: Path, assignment: str) -> list[Answer]:
    """Return the answers to all exercises of an assignment, in file order.

    Parameters
    ----------
    folder : Path
        Holds a folder for each assignment.

    Raises
    ------
    UserError
        If there is no catalogue, or an answer in it is malformed; with file and line.
    """
    files = sorted((folder / assignment).glob("*.py"))
    if not files:
        raise UserError(f"There is no catalogue of answers in {folder / assignment}.")
    return [answer for file in files for answer in parse_answers(file.read_text(encoding="utf-8"), file)]


def parse_answers(text: str, file: Path) -> list[Answer]:
    """Return the answers of one catalogue file.

    Raises
    ------
    UserError
        With file and line, for code before the first marker, no or an unknown marker, a repeated name, a wrong
        answer without `# fails:` or a right one with it.
    """
    answers: list[Answer] = []
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("# %%")]
    for number, line in enumerate(lines[: starts[0] if starts else None], 1):
        if line.strip() and not line.startswith("#"):
            raise UserError(f"{file}, line {number}: code before the first '# %% right:' or '# %% wrong:' line.")
    if not starts:
        raise UserError(f"{file}, line 1: there is no '# %% right: NAME' or '# %% wrong: NAME' line.")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        where = f"{file}, line {start + 1}"
        marker = _MARKER.match(lines[start])
        if marker is None:
            raise UserError(f"{where}: expected '# %% right: NAME' or '# %% wrong: NAME', got {lines[start]!r}.")
        body = lines[start + 1 : end]
        fails = tuple(line.removeprefix(_FAILS).strip() for line in body if line.startswith(_FAILS))
        right = marker["verdict"] == "right"
        if right == bool(fails):
            raise UserError(f"{where}: a wrong answer, and only a wrong one, needs a '{_FAILS}CHECK' line.")
        if marker["name"] in {answer.name for answer in answers}:
            raise UserError(f"{where}: two answers are called {marker['name']!r}.")
        source = "\n".join(line for line in body if not line.startswith(_FAILS)).strip() + "\n"
        answers.append(Answer(file.parent.name, file.stem, marker["name"], right, source, fails))
    return answers
