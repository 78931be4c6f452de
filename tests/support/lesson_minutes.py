"""How long each lesson takes, counted in its cells: `python -m tests.support.lesson_minutes --write`, or `make pages`.

The command writes what it counts into the lessons' text twins and into `course/README.md`; then `autograder notebooks`
builds the notebooks.
"""

from __future__ import annotations

import ast
import json
import math
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat

from course.demos import all_demos
from tests.support.lessons import NAMES, ROOT, headings, number

WORDS_A_MINUTE = 130
"""Of prose with formulas, each formula in a line counted as a word."""

MINUTES = {"demo": 5.0, "prediction": 1.0, "own": 2.0, "read": 0.8, "question": 0.7}
"""A demo to play with, a prediction, a cell for the reader's own code or own words, a code cell to read, a question of
a quiz."""

STEP = 5
"""Minutes are rounded up to a multiple of it."""

BEYOND = "*Beyond the core.*"
"""Below a heading: the core path leaves out what stands from here to the next heading of that level. Below the title:
the whole lesson."""

CORE = 360
"""Minutes that the core path may take."""

_DEMOS = "|".join(kind.__name__ for kind in all_demos().values())
_NOT_READ = re.compile(r"!\[[^\]]*\]\([^)]*\)|```.*?```|</?[a-z]+>", re.DOTALL)
_FORMULA = re.compile(r"(\$\$?)[^$]+\1")
_TIME = re.compile(r"\*\*Time\.\*\* \d+ minutes(?:, \d+ of them[^.]*)?\.")
_SUM = re.compile(r"\d+(?: \+\s+\d+)+ = \d+ minutes")


@dataclass(frozen=True)
class Minutes:
    """What a lesson takes, and what of it is on the core path; both rounded up."""

    whole: int
    core: int

    def sentence(self) -> str:
        """Return what the lesson's first cell says of it."""
        part = "" if self.core in (0, self.whole) else f", {self.core} of them for the core"
        return f"**Time.** {self.whole} minutes{part}."

    def cells(self) -> str:
        """Return the two columns of the list of lessons."""
        return f"| {self.whole} | {self.core or '–'} |"


def minutes(notebook: nbformat.NotebookNode, questions: int) -> Minutes:
    """Count a lesson.

    Parameters
    ----------
    notebook : NotebookNode
        The lesson, read from its text twin.
    questions : int
        Of its quiz.
    """
    whole = core = 0.0
    left_out = math.inf  # the level of the heading from which on the core path leaves out
    for cell in notebook.cells:
        for level, _ in headings(nbformat.v4.new_notebook(cells=[cell]))[:1]:
            if level <= left_out:
                left_out = level if BEYOND in cell.source else math.inf
        spent = _reading(cell.source) if cell.cell_type == "markdown" else _code(cell.source, questions)
        whole += spent
        core += spent if left_out == math.inf else 0.0
    return Minutes(_rounded_up(whole), _rounded_up(core))


def _rounded_up(spent: float) -> int:
    return STEP * math.ceil(round(spent / STEP, 6))


def _reading(text: str) -> float:
    text = _FORMULA.sub(" formula ", _NOT_READ.sub(" ", text))
    return sum(any(map(str.isalnum, word)) for word in text.split()) / WORDS_A_MINUTE


def _code(source: str, questions: int) -> float:
    if re.search(rf"^(\w+ = )?({_DEMOS})\(", source, re.MULTILINE):
        return MINUTES["demo"]
    if source.startswith("Quiz("):
        return questions * MINUTES["question"]
    if source.startswith("deck.card("):
        texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
        return MINUTES["own"] + sum(_reading(text) for text in texts if isinstance(text, str))
    if "raise NotImplementedError" in source:
        return MINUTES["own"]
    statements = ast.parse(source).body
    predictions = sum(map(_predicts, statements))
    shown = sum(isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Name) for statement in statements)
    return predictions * MINUTES["prediction"] + (MINUTES["read"] if len(statements) > predictions + shown else 0.0)


def _predicts(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and ast.unparse(statement.value).startswith("Prediction(")


def counted(root: Path = ROOT) -> dict[str, Minutes]:
    """Count all lessons of a course."""
    found = {}
    for name in NAMES:
        quiz = json.loads((root / "course" / "quizzes" / f"{name}.json").read_text(encoding="utf-8"))
        twin = jupytext.read(root / "course" / "lessons" / f"{name}.py")
        found[name] = minutes(twin, len(quiz["questions"]))
    return found


def in_lesson(text: str, takes: Minutes) -> str:
    """Return the text of a lesson with these minutes in its first cell."""
    assert len(_TIME.findall(text)) == 1
    return _TIME.sub(takes.sentence(), text)


def in_list(text: str, takes: Mapping[str, Minutes]) -> str:
    """Return the list of lessons with these minutes, and with the sum of the core path."""
    for name, each in takes.items():
        text, rows = re.subn(rf"(?<=lessons/{name}\.ipynb\) )\| \d+ \| [\d–]+ \|", each.cells(), text)
        assert rows == 1, f"no row for {name}"
    assert len(_SUM.findall(text)) == 1
    return _SUM.sub(core_path(takes.values()), text)


def core_path(takes: Iterable[Minutes]) -> str:
    """Return the core path as a sum."""
    parts = [each.core for each in takes if each.core]
    return f"{' + '.join(map(str, parts))} = {sum(parts)} minutes"


def write(root: Path = ROOT) -> list[Path]:
    """Write the minutes of all lessons; return the files that have changed."""
    takes = counted(root)
    page = root / "course" / "README.md"
    mended = {page: in_list(page.read_text(encoding="utf-8"), takes)}
    for name, each in takes.items():
        twin = root / "course" / "lessons" / f"{name}.py"
        mended[twin] = in_lesson(twin.read_text(encoding="utf-8"), each)
    changed = [path for path, text in mended.items() if text != path.read_text(encoding="utf-8")]
    for path in changed:
        path.write_text(mended[path], encoding="utf-8")
    return changed


if __name__ == "__main__":
    for lesson, each in counted().items():
        print(f"{number(lesson):<4}{each.whole:>4} minutes, {each.core:>3} of them core")
    print("core path:", core_path(counted().values()))
    if "--write" in sys.argv:
        for changed in write():
            print(changed.relative_to(ROOT))
