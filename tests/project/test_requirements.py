"""docs/requirements says which sentence announces each check, which check holds each rule of a text, and which answer
holds each kind of mistake."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable
from pathlib import Path

import nbformat
import pytest

from autograder.answers import Answer, load_answers
from course.checks import Score
from tests.support.notebook_runner import ROOT, grade, notebook_cells

FOLDER = ROOT / "docs" / "requirements"
TABLES = sorted(path.stem for path in FOLDER.glob("ps*.md"))
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


def full_name(grade_id: str, name: str) -> str:
    """Return a check's name in the tables: the same name occurs in several exercises."""
    return f"{grade_id.removeprefix('test_')}: {name}"


def full_names(assignment: str) -> list[str]:
    return [full_name(grade_id, name) for grade_id, checks in checks_of(assignment).items() for name in checks]


def named(cell: str, known: Iterable[str]) -> set[str]:
    """Return the checks in a cell of a table, which stand between semicolons.

    A name without its exercise is that check in each exercise that has it; a name of no check is returned as it is.
    """
    found = set()
    for part in (part.strip() for part in cell.split(";")):
        found |= {name for name in known if part in (name, name.split(": ", 1)[1])} or {part}
    return found


@pytest.mark.parametrize("assignment", TABLES)
def test_a_page_has_its_title_and_two_tables(assignment: str) -> None:
    assert (FOLDER / f"{assignment}.md").read_text(encoding="utf-8").startswith(f"# {assignment}\n")
    assert list(page(assignment)) == [REQUIREMENTS, CHECKS]


@pytest.mark.parametrize("assignment", TABLES)
def test_every_check_is_in_the_table_and_nothing_else_is(assignment: str) -> None:
    listed = [row[0] for row in page(assignment)[CHECKS]]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(full_names(assignment))


@pytest.mark.parametrize("assignment", TABLES)
def test_every_requirement_names_checks_and_every_check_holds_one(assignment: str) -> None:
    known = full_names(assignment)
    cells = [row[1] for row in page(assignment)[REQUIREMENTS]]
    assert set().union(*(named(cell, known) for cell in cells)) == set(known)


@pytest.mark.parametrize("assignment", TABLES)
def test_the_table_says_which_checks_students_see(assignment: str) -> None:
    sources = released(assignment)
    assert {row[0]: row[1] for row in page(assignment)[CHECKS]} == {
        full_name(grade_id, name): "visible" if name in literals(sources[grade_id]) else "hidden"
        for grade_id, checks in checks_of(assignment).items()
        for name in checks
    }


@pytest.mark.parametrize("assignment", TABLES)
def test_every_check_has_a_sentence_that_stands_in_the_notebook(assignment: str) -> None:
    text = text_of(assignment)
    sentences = [row[2] for row in page(assignment)[CHECKS]]
    assert [sentence for sentence in sentences if not re.fullmatch("“[^”]+”( “[^”]+”)*", sentence)] == []
    quoted = [one_line(quote) for sentence in sentences for quote in re.findall("“([^”]+)”", sentence)]
    assert [quote for quote in quoted if quote not in text] == []


@pytest.mark.parametrize("assignment", TABLES)
def test_what_a_visible_cell_says_of_the_checks_to_come_is_so(assignment: str) -> None:
    for grade_id, source in released(assignment).items():
        said = re.findall(r"(?m)^checks\.at_grading\(\s*(\d+)", source)
        hidden = [name for name in checks_of(assignment)[grade_id] if name not in literals(source)]
        assert said == [str(len(hidden))], grade_id


@pytest.mark.parametrize("assignment", TABLES)
def test_visible_checks_earn_a_third_of_an_exercise(assignment: str) -> None:
    for grade_id, source in released(assignment).items():
        points = checks_of(assignment)[grade_id]
        visible = sum(points[name] for name in points if name in literals(source))
        assert visible >= sum(points.values()) / 3 - 1e-9, grade_id


def test_a_table_is_read_with_bars_in_its_cells() -> None:
    page = "# x\n\n| check | sentence |\n|---|:-:|\n| a \\| b | “c” |\n\ntext\n| d |\n|---|\n| e |\n"
    assert tables(page) == {("check", "sentence"): [("a | b", "“c”")], ("d",): [("e",)]}


def test_a_name_alone_is_that_check_in_each_exercise_that_has_it() -> None:
    known = ["f: shape", "g: shape", "f: a block: inner first"]
    assert named("shape; a block: inner first", known) == set(known)
    assert named("f: shape", known) == {"f: shape"}
    assert named("g: a block: inner first; ", known) == {"g: a block: inner first", ""}


def test_every_assignment_has_a_page() -> None:
    assert TABLES
    assert set(TABLES) == {path.parent.name for path in Path(ROOT / "source").glob("*/*.ipynb")}


KINDS = ("exercise", "answer")


@functools.cache
def catalogue() -> dict[str, list[Answer]]:
    """Return all answers by exercise."""
    found: dict[str, list[Answer]] = {}
    for assignment in TABLES:
        for answer in load_answers(ROOT / "autograder" / "practice" / "answers", assignment):
            found.setdefault(answer.exercise, []).append(answer)
    return found


def sections(text: str) -> dict[str, list[tuple[str, ...]]]:
    """Return the rows of the table below each heading."""
    return {part.partition("\n")[0]: tables(part)[KINDS] for part in text.split("\n## ")[1:]}


KINDS_OF_MISTAKES = sections((FOLDER / "kinds.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", KINDS_OF_MISTAKES)
def test_every_kind_of_mistake_has_an_answer_in_each_exercise_or_a_reason(kind: str) -> None:
    named = [exercise for row in KINDS_OF_MISTAKES[kind] for exercise in row[0].split("; ")]
    assert sorted(named) == sorted(catalogue())
    for exercise, cell in KINDS_OF_MISTAKES[kind]:
        if not cell.startswith("–: "):
            answers = {f"{'right' if answer.right else 'wrong'}: {answer.name}" for answer in catalogue()[exercise]}
            assert cell in answers, exercise


def test_the_kinds_are_those_that_were_seen() -> None:
    assert len(KINDS_OF_MISTAKES) == 9
    assert all(any(not cell.startswith("–: ") for _, cell in rows) for rows in KINDS_OF_MISTAKES.values())
