"""The README says what is so: its pictures and the table of assignments; the demo's test holds the table of grades."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from tests.project.diagram import PICTURE, mark
from tests.project.readme import DECIDED_BY, README, excerpt, made_of, mark_of, table_of

ROOT = Path(__file__).resolve().parents[2]
TEXT = README.read_text(encoding="utf-8")


@pytest.mark.parametrize("picture", DECIDED_BY)
def test_a_picture_shows_what_is_there_now(picture: str) -> None:
    assert f"docs/images/{picture}" in TEXT
    assert mark_of(picture) == made_of(picture), "make pages PAGE=readme"


def test_the_diagram_is_that_of_the_architecture() -> None:
    assert PICTURE.read_text(encoding="utf-8").rstrip().endswith(mark()), "make pages PAGE=diagram"


def test_points_and_minutes_of_the_assignments() -> None:
    rows = re.findall(r"^\| \[\w+\]\((release/\S+)\) \|.*\| (\d+) \| (\d+) \|$", TEXT, flags=re.MULTILINE)
    found = []
    for path in sorted((ROOT / "release").glob("*/*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        points = sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in cells)
        text = "".join(cell.source for cell in cells if cell.cell_type == "markdown")
        minutes = re.findall(r"(\d+) minutes", text)[0]
        found.append((path.relative_to(ROOT).as_posix(), f"{points:g}", minutes))
    assert rows == found


def test_folders_that_are_named_are_there() -> None:
    named = re.findall(r"^\| ((?:`[^`]+/`(?:, )?)+) \|", TEXT, flags=re.MULTILINE)
    folders = [name for row in named for name in re.findall(r"`([^`]+)`", row)]
    assert len(folders) > 5
    assert [name for name in folders if not (ROOT / name).is_dir()] == []


PRINTED = """\
Overview
        ps1
┏━━━━━━┳━━━┓
┃ who  ┃ s ┃
┡━━━━━━╇━━━┩
│ ada  │ 3 │
│ fkaya │ 2 │
│      │ b │
│ zoe  │ 1 │
└──────┴───┘
"""


def test_an_excerpt_has_the_rows_of_some_students_whole() -> None:
    lines = PRINTED.splitlines()
    assert excerpt(PRINTED).splitlines() == [*lines[1:5], *lines[6:8], "…"]
    assert table_of(TEXT).count("┃") == 4
