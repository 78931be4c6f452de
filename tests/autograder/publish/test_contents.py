"""The list of what there is to do is built from the lessons, and what cannot be read is one line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from autograder.publish.contents import ContentsError, build_contents, read_lesson
from course.progress.contents import FILE, item_id
from tests.support.lessons import NAMES, ROOT, read

HEAD = "# %% [markdown]\n# # A title\n#\n# **Time.** 25 minutes.\n\n# %%\n"


def test_the_file_of_the_course_is_up_to_date(tmp_path: Path) -> None:
    built = build_contents(ROOT, tmp_path / "contents.json")
    assert built.read_bytes() == FILE.read_bytes(), "run make notebooks"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_asks_is_left_out(name: str) -> None:
    (lesson,) = [lesson for lesson in json.loads(FILE.read_text())["lessons"] if lesson["name"] == name]
    code = "\n".join(cell.source for cell in read(name).cells if cell.cell_type == "code")
    assert len(lesson["predictions"]) == len(re.findall(r"\bPrediction\(", code))
    assert len(lesson["cards"]) == len(re.findall(r"\bdeck\.card\(", code))
    assert len(lesson["checks"]) == len(re.findall(r"\bChecks\(", code))


def test_what_there_is_to_do_is_read_without_running_it() -> None:
    lesson = read_lesson(
        HEAD
        + """
guess = Prediction(
    r"How much is $\\sigma$, "
    "in all?", choices=kinds
)
deck.card("Title", "Why?", answer="Because.", points=["one", "two"])
checks = Checks("first", points=2)
for case in cases:
    with checks(f"right for {case}"):
        pass
with checks("right at 0"), checks("and at 1", needs="right at 0"):
    pass
checks = Checks("second", points=1)
with open("file"):
    pass
""",
        "01_name",
    )
    assert lesson == {
        "name": "01_name",
        "title": "A title",
        "minutes": 25,
        "predictions": [item_id(r"How much is $\sigma$, in all?")],
        "cards": [item_id("Why?", "one", "two")],
        "checks": [
            {"title": "first", "names": ["right at 0", "and at 1"]},
            {"title": "second", "names": ["file"]},
        ],
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "01_name.py: needs a heading"),
        (HEAD + 'Prediction(f"How {much}?")', "01_name.py, line 7: write the question here as plain text"),
        (HEAD + 'deck.card("Title", question, points=["one"])', "01_name.py, line 7"),
        (HEAD + 'deck.card("Title", "Why?", points=[one])', "01_name.py, line 7"),
    ],
)
def test_what_cannot_be_read_is_one_line(text: str, message: str) -> None:
    with pytest.raises(ContentsError, match=f"^{message}") as caught:
        read_lesson(text, "01_name")
    assert "\n" not in str(caught.value)
