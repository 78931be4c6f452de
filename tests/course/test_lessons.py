"""What every lesson must have, read from its text twin; a new lesson is covered as soon as its file is there."""

from __future__ import annotations

import itertools
import re
import tomllib

import nbformat
import pytest

from tests.support import lesson_minutes, lessons
from tests.support.lessons import LESSONS, NAMES, ROOT

SECTIONS: dict[str, list[str]] = tomllib.loads((ROOT / "tests/course/lessons/sections.toml").read_text())
PARAGRAPH = 30  # words
SCREEN = 34  # lines of source

every_lesson = pytest.mark.parametrize("name", NAMES)


def test_there_are_lessons() -> None:
    assert "02_classic_activations" in NAMES


@every_lesson
def test_teaches_exactly_its_sections(name: str) -> None:
    assert set(lessons.taught(lessons.read(name))) == set(SECTIONS[name])


@every_lesson
def test_a_section_cell_explains_and_a_run_shows_the_point(name: str) -> None:
    cells = lessons.read(name).cells
    for index, cell in enumerate(cells):
        for section in (tag for tag in lessons.tags(cell) if tag.startswith("section:")):
            following = cells[index + 1 : index + 4]
            assert lessons.prose_words(cell.source) >= PARAGRAPH, f"{section}: less than a paragraph"
            assert any(map(lessons.shows_something, following)), f"{section}: no run shows the point"


def test_the_coverage_page_lists_every_section_with_the_cells_that_teach_it() -> None:
    page = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([A-E]\d+) \| (.+) \|$", page, re.MULTILINE))
    assert list(rows) == [
        f"{text}{n}" for text, most in zip("ABCDE", (6, 2, 2, 14, 18), strict=True) for n in range(1, most + 1)
    ]
    tagged = lessons.sections()
    assert set(tagged) == set(rows)
    for section, row in rows.items():
        _, cells, state = row.split(" | ")
        assert re.findall(r"(\d\d[a-z]?) \*(.+?)\*(?:; |$)", cells) == tagged[section], section
        assert state == "full"
        for exercise in re.findall(r"\bps\d\b", cells):
            assert list((ROOT / "source").glob(f"{exercise}_*")), f"{section}: there is no {exercise}"


@every_lesson
def test_one_h1_and_headings_in_order(name: str) -> None:
    levels = [level for level, _ in lessons.headings(lessons.read(name))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))


@every_lesson
def test_opens_with_goals_time_and_prerequisites_and_closes_with_recap_and_next(name: str) -> None:
    notebook = lessons.read(name)
    first = notebook.cells[0].source
    assert "**Goals.**" in first
    assert re.search(r"\*\*Time\.\*\* \d+ minutes", first)
    assert "**You need.**" in first
    assert [text for _, text in lessons.headings(notebook)][-2:] == ["Recap", "What comes next"]


@every_lesson
def test_has_a_prediction_with_its_comparison_and_a_quiz(name: str) -> None:
    code = "\n".join(cell.source for cell in lessons.read(name).cells if cell.cell_type == "code")
    predictions = re.findall(r"^(\w+) = Prediction\(", code, re.MULTILINE)
    assert predictions
    for prediction in predictions:
        assert f"{prediction}.compare(" in code, f"{prediction} is never compared with a result"
    assert f'Quiz("{name}")' in code


@every_lesson
def test_all_imports_are_in_the_first_code_cell(name: str) -> None:
    first, *others = [cell for cell in lessons.read(name).cells if cell.cell_type == "code"]
    assert "import " in first.source
    for cell in others:
        assert not re.search(r"^\s*(import|from) ", cell.source, re.MULTILINE), cell.source


@every_lesson
def test_every_picture_exists_and_has_an_alt_text(name: str) -> None:
    for alt, target in lessons.images(lessons.read(name)):
        assert len(alt.split()) >= 10, f"{target}: the alt text says too little"
        assert (LESSONS / target).is_file(), f"{target} is missing; run python -m course.demos.framework.stills"


@every_lesson
def test_a_cell_fits_on_a_screen(name: str) -> None:
    for cell in lessons.read(name).cells:
        assert len(cell.source.splitlines()) <= SCREEN, cell.source[:200]


@every_lesson
def test_a_table_is_a_table_and_not_printed_columns(name: str) -> None:
    for cell in lessons.read(name).cells:
        if cell.cell_type == "code":
            found = list(lessons.layout(cell.source))
            assert not found, f"use course.widgets.tables.Table in place of {found[0]}"


@pytest.mark.parametrize(
    "printed",
    [
        'print(f"{name:<10}{value}")', 'print(f"{x:>12.3g}")', 'print(f"{x:8.3f}")', 'print(f"{x:>{width}}")',
        'print("%6.2f" % x)', 'print(name.ljust(9), x)', 'line = f"{name:^9}"', 'print("x     slope")',
        'for x in points:\n    print(f"{x}: {x**2:.3f}")', 'print("a\\tb")',
    ],
)  # fmt: skip
def test_printed_columns_are_found(printed: str) -> None:
    assert list(lessons.layout(printed))


@pytest.mark.parametrize(
    "printed",
    [
        'print(f"largest error {error:.1e}, {count:,} of {share:.0%}, {change:+.2f} points")', 'print("a", x, "b")',
        'for warning in caught:\n    print("warning:", warning.message)', 'print(f"{n:d} units, {text!r}")',
        'table = Table("any", {"": "", "loss": ".2f"})\nfor x in points:\n    table.add(f"{x:.2f}", x)', "x = 7 % 5",
    ],
)  # fmt: skip
def test_a_printed_sentence_is_no_table(printed: str) -> None:
    assert list(lessons.layout(printed)) == []


MINUTES = lesson_minutes.counted()
WRITE = "run make pages PAGE=minutes, then make notebooks"


@every_lesson
def test_the_minutes_that_it_prints_are_those_that_it_takes(name: str) -> None:
    assert MINUTES[name].sentence() in lessons.read(name).cells[0].source, WRITE


def test_the_readme_lists_the_minutes_and_a_core_path_of_six_hours() -> None:
    page = (ROOT / "course" / "README.md").read_text(encoding="utf-8")
    assert lesson_minutes.in_list(page, MINUTES) == page, WRITE
    core = sum(each.core for each in MINUTES.values())
    assert 240 < core <= lesson_minutes.CORE, f"{core} minutes: mark more as {lesson_minutes.BEYOND}"


@every_lesson
def test_a_mark_stands_right_below_a_heading(name: str) -> None:
    text = "\n".join(cell.source for cell in lessons.read(name).cells if cell.cell_type == "markdown")
    marked = re.findall(rf"^#+ .+\n\n{re.escape(lesson_minutes.BEYOND)}\n", text, re.MULTILINE)
    assert len(marked) == text.count("Beyond the core")


def test_the_readme_lists_no_lesson_that_is_not_there() -> None:
    listed = re.findall(r"lessons/(\w+)\.ipynb", (ROOT / "course" / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == NAMES


@pytest.mark.parametrize("path", sorted(LESSONS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_committed_notebook_has_no_outputs(path) -> None:  # type: ignore[no-untyped-def]
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert notebook.metadata.kernelspec.name == "python3"


def test_the_helpers_tell_good_cells_from_bad() -> None:
    """The checks above can fail: each helper sees the fault it is for."""
    empty = nbformat.v4.new_markdown_cell("# Title\n\n| a | table |\n\n$$x$$\n\n![alt](x.png)")
    assert lessons.prose_words(empty.source) == 0
    silent = nbformat.v4.new_code_cell("def f(x):\n    return x\n\n\ny = f(1)")
    assert not lessons.shows_something(silent)
    assert lessons.shows_something(nbformat.v4.new_code_cell("y = 1\ny"))
    skipping = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A\n\n### B\n\n```\n# no heading\n```")])
    assert lessons.headings(skipping) == [(1, "A"), (3, "B")]
