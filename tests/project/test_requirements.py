"""docs/requirements says which sentence announces each check, and which check holds each rule of a text."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import nbformat
import pytest

from course.checks import Score
from tests.support.notebook_runner import ROOT, grade, notebook_cells

FOLDER = ROOT / "docs" / "requirements"
TABLES = sorted(path.stem for path in FOLDER.glob("*.md"))
REQUIREMENTS, CHECKS = ("requirement", "check"), ("check", "visible or hidden", "sentence")


def tables(text: str) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the rows of each table of a page, by its head."""
    found: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    rows: list[tuple[str, ...]] | None = None
    for line in text.splitlines():
        if not line.startswith("|"):
            rows = None
            continue
        cells = tuple(cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1])
        if rows is None:
            rows = found.setdefault(cells, [])
        elif not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            rows.append(cells)
    return found


@functools.cache
def page(assignment: str) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
    return tables((FOLDER / f"{assignment}.md").read_text(encoding="utf-8"))


@functools.cache
def checks_of(assignment: str) -> dict[str, dict[str, float]]:
    """Return the points of all checks at grading, by test cell and name: those of an answer that is not written yet."""
    stubs = {cell.grade_id: cell.source for cell in notebook_cells("release", assignment) if cell.solution}
    scores: dict[str, Score] = grade(assignment, stubs)
    return {name: {check.name: check.max_points for check in score.checks} for name, score in scores.items()}


def released(assignment: str) -> dict[str, str]:
    """Return the sources of the test cells that students have."""
    return {cell.grade_id: cell.source for cell in notebook_cells("release", assignment) if cell.points}


def literals(source: str) -> set[str]:
    return {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant) and node.value}


def one_line(text: str) -> str:
    return " ".join(text.split())


def text_of(assignment: str) -> str:
    """Return the released text, each cell and paragraph in one line."""
    notebook = nbformat.read(ROOT / "release" / assignment / f"{assignment}.ipynb", as_version=4)
    return one_line(" ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown"))


def names(cell: str, known: set[str]) -> list[str]:
    """Return the checks in a cell of a table, which stand between semicolons; what is in brackets is a remark."""
    parts = [cell] if cell in known else [part.strip() for part in cell.split(";")]
    return [part for part in parts if part and not part.startswith("(")]


@pytest.mark.parametrize("assignment", TABLES)
def test_a_page_has_its_title_and_two_tables(assignment: str) -> None:
    assert (FOLDER / f"{assignment}.md").read_text(encoding="utf-8").startswith(f"# {assignment}\n")
    assert list(page(assignment)) == [REQUIREMENTS, CHECKS]


@pytest.mark.parametrize("assignment", TABLES)
def test_every_check_is_in_the_table_and_nothing_else_is(assignment: str) -> None:
    listed = [row[0] for row in page(assignment)[CHECKS]]
    assert len(listed) == len(set(listed))
    assert set(listed) == {name for checks in checks_of(assignment).values() for name in checks}


@pytest.mark.parametrize("assignment", TABLES)
def test_every_requirement_names_checks_and_every_check_holds_one(assignment: str) -> None:
    known = {row[0] for row in page(assignment)[CHECKS]}
    named = [name for row in page(assignment)[REQUIREMENTS] for name in names(row[1], known)]
    assert set(named) == known
    assert all(row[1] for row in page(assignment)[REQUIREMENTS])


@pytest.mark.parametrize("assignment", TABLES)
def test_the_table_says_which_checks_students_see(assignment: str) -> None:
    seen = {text for source in released(assignment).values() for text in literals(source)}
    said = {row[0]: row[1] for row in page(assignment)[CHECKS]}
    assert said == {name: "visible" if name in seen else "hidden" for name in said}


@pytest.mark.parametrize("assignment", TABLES)
def test_every_check_has_a_sentence_and_what_is_quoted_stands_in_the_notebook(assignment: str) -> None:
    text = text_of(assignment)
    sentences = [row[2] for row in page(assignment)[CHECKS]]
    quoted = [one_line(quote) for sentence in sentences for quote in re.findall("“([^”]+)”", sentence)]
    assert all(sentences)
    assert [quote for quote in quoted if quote not in text] == []


@pytest.mark.parametrize("assignment", TABLES)
def test_what_a_visible_cell_says_of_the_checks_to_come_is_so(assignment: str) -> None:
    for grade_id, source in released(assignment).items():
        said = re.search(r"checks\.at_grading\(\s*(\d+)", source)
        visible = [name for name in checks_of(assignment)[grade_id] if name in literals(source)]
        if said:
            assert int(said[1]) == len(checks_of(assignment)[grade_id]) - len(visible), grade_id


@pytest.mark.parametrize("assignment", TABLES)
def test_visible_checks_earn_a_third_of_an_exercise(assignment: str) -> None:
    for grade_id, source in released(assignment).items():
        points = checks_of(assignment)[grade_id]
        visible = sum(points[name] for name in points if name in literals(source))
        assert visible >= sum(points.values()) / 3 - 1e-9, grade_id


def test_a_table_is_read_with_bars_in_its_cells() -> None:
    page = "# x\n\n| check | sentence |\n|---|:-:|\n| a \\| b | “c” |\n\ntext\n| d |\n|---|\n| e |\n"
    assert tables(page) == {("check", "sentence"): [("a | b", "“c”")], ("d",): [("e",)]}


def test_there_are_pages() -> None:
    assert TABLES
    assert set(TABLES) <= {path.parent.name for path in Path(ROOT / "source").glob("*/*.ipynb")}
