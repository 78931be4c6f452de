"""Counting the minutes of a lesson, and writing them where a student reads them."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tests.support import lesson_minutes
from tests.support.lesson_minutes import Minutes, core_path, counted, in_lesson, in_list, minutes

WORDS = "word " * 130


def lesson(*cells: str) -> nbformat.NotebookNode:
    """A notebook: what begins with `%` is a code cell."""
    new = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    return nbformat.v4.new_notebook(cells=[new[cell[0] == "%"](cell.removeprefix("%")) for cell in cells])


def spent(*cells: str, questions: int = 0) -> float:
    """Minutes that cells take, found from how many copies of them fill a step of five."""
    copies = 100
    return minutes(lesson(*cells * copies), questions).whole / copies


@pytest.mark.parametrize(
    ("cell", "takes"),
    [
        (WORDS, 1.0),
        (f"{WORDS}![{WORDS}](a.png)", 1.0),
        (f"{WORDS}\n\n```python\n{WORDS}\n```", 1.0),
        (f"| {WORDS.replace(' ', ' | ')} |\n|---|", 1.0),
        ("$a + b + c$ " * 65 + "$$\nx = y\n$$ – " * 65, 1.0),
        ("%from torch import nn\nx = 3\nx", 0.8),
        ("%ActivationExplorer()", 5.0),
        ("%chart = FlowChart()\nchart", 5.0),
        ("%guess = Prediction(\n    'How many?'\n)\nguess", 1.0),
        ("%def f(x):\n    return x\n\n\nguess = Prediction('f?')\nguess", 1.8),
        ("%one = Prediction('a')\ntwo = Prediction('b')\none", 2.0),
        ("%def f(x):\n    raise NotImplementedError  # your code: 3 lines", 2.0),
        (f"%deck.card('one', '''{WORDS}''', answer='''{WORDS}''')", 4.0),
    ],
)
def test_what_a_cell_takes(cell: str, takes: float) -> None:
    assert spent(cell) == pytest.approx(takes, abs=0.06)


def test_a_quiz_takes_as_long_as_it_has_questions() -> None:
    assert minutes(lesson("%Quiz('a')"), 10) == Minutes(10, 10)
    assert minutes(lesson("%Quiz('a')"), 7) == Minutes(5, 5)


def test_minutes_are_rounded_up_to_five() -> None:
    assert [minutes(lesson(WORDS * n), 0).whole for n in (1, 5, 6)] == [5, 5, 10]


def test_what_is_marked_counts_up_to_the_next_heading_of_its_level() -> None:
    mark = lesson_minutes.BEYOND
    five = WORDS * 5
    parts = [f"# A\n\n{five}", f"## B\n\n{mark}\n\n{five}", f"### C\n\n{five}", five, f"## D\n\n{five}"]
    assert minutes(lesson(*parts), 0) == Minutes(30, 15)
    assert minutes(lesson(*parts, f"### E\n\n{mark}", five, f"### F\n\n{five}"), 0) == Minutes(40, 20)
    assert minutes(lesson(f"# A\n\n{mark}\n\n{five}", f"## B\n\n{five}"), 0).core == 0


TAKES = {"01_a": Minutes(60, 40), "02_b": Minutes(45, 45), "03_c": Minutes(75, 0)}
LIST = """core: 1 + 1 = 2 minutes.

| [01 A](lessons/01_a.ipynb) | 5 | – | what it teaches |
| [02 B](lessons/02_b.ipynb) | 5 | 5 | 12 claims |
| [03 C](lessons/03_c.ipynb) | 5 | 5 | more |
"""


def test_the_list_of_lessons_gets_minutes_and_the_path_as_a_sum() -> None:
    wanted = """core: 40 + 45 = 85 minutes.

| [01 A](lessons/01_a.ipynb) | 60 | 40 | what it teaches |
| [02 B](lessons/02_b.ipynb) | 45 | 45 | 12 claims |
| [03 C](lessons/03_c.ipynb) | 75 | – | more |
"""
    assert in_list(LIST, TAKES) == wanted == in_list(wanted, TAKES)
    assert core_path(TAKES.values()) == "40 + 45 = 85 minutes"
    with pytest.raises(AssertionError, match="no row for 04_d"):
        in_list(LIST, {"04_d": Minutes(5, 5)})


def test_a_lesson_gets_its_minutes_and_keeps_what_is_said_beside_them() -> None:
    text = "# **Time.** 5 minutes. Or 30 for any ten claims."
    assert in_lesson(text, TAKES["03_c"]) == "# **Time.** 75 minutes. Or 30 for any ten claims."
    assert in_lesson(text, TAKES["02_b"]) == "# **Time.** 45 minutes. Or 30 for any ten claims."
    partly = in_lesson(text, TAKES["01_a"])
    assert partly == "# **Time.** 60 minutes, 40 of them for the core. Or 30 for any ten claims."
    assert in_lesson(partly, TAKES["02_b"]) == "# **Time.** 45 minutes. Or 30 for any ten claims."


def test_writing_changes_what_is_out_of_date_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lesson_minutes, "NAMES", ["01_a", "02_b"])
    for folder in ("quizzes", "lessons"):
        (tmp_path / "course" / folder).mkdir(parents=True)
    (tmp_path / "course/README.md").write_text(LIST)
    for name in ("01_a", "02_b"):
        (tmp_path / f"course/quizzes/{name}.json").write_text('{"questions": [1, 2]}')
        twin = "# %% [markdown]\n# # A\n#\n# **Time.** 10 minutes.\n\n# %%\nQuiz('a')\n\n# %%\nActivationExplorer()\n"
        (tmp_path / f"course/lessons/{name}.py").write_text(twin if name == "01_a" else twin.replace("10", "25"))
    assert counted(tmp_path) == {"01_a": Minutes(10, 10), "02_b": Minutes(10, 10)}
    written = {path.name for path in lesson_minutes.write(tmp_path)}
    assert written == {"README.md", "02_b.py"}
    assert "**Time.** 10 minutes." in (tmp_path / "course/lessons/02_b.py").read_text()
    assert lesson_minutes.write(tmp_path) == []
