"""Feedback shows a student which checks failed and why, their own work, and no hidden test."""

from __future__ import annotations

import re
import shutil
from copy import deepcopy
from datetime import datetime
from html.parser import HTMLParser

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.preprocessors import ClearHiddenTests

from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.errors import UserError
from autograder.reports import feedback
from autograder.reports.feedback import ClearTestTracebacks, write_feedback
from autograder.reports.results import read_results
from tests.support.graded_class import HOSTILE, PICTURE, PS1, ROOT, Class


class Text(HTMLParser):
    """The text of a page, as a reader sees it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.scripts: list[dict[str, str | None]] = []
        self.addresses: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts.append(dict(attrs))
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]

    @property
    def text(self) -> str:
        return "".join(self.parts)


@pytest.fixture(scope="module")
def pages(graded: Class) -> dict[str, str]:
    written = write_feedback(graded.course, PS1)
    return {path.parent.parent.name: path.read_text(encoding="utf-8") for path in written}


def hidden_lines(graded: Class) -> list[str]:
    """Return the lines of the hidden tests that say something of their own."""
    regions = [
        region
        for cell in graded.instructor_notebook().cells
        for region in re.findall(r"### BEGIN HIDDEN TESTS(.*?)### END HIDDEN TESTS", cell.source, re.DOTALL)
    ]
    return [line.strip() for region in regions for line in region.splitlines() if len(line.strip()) > 8]


def test_everyone_graded_gets_one(pages: dict[str, str]) -> None:
    assert sorted(pages) == ["ada", "ben", "cleo", "dan"]


def test_no_hidden_test_in_any(graded: Class, pages: dict[str, str]) -> None:
    lines = hidden_lines(graded)
    assert any("numpy_reference" in line for line in lines)
    for page in pages.values():
        text = Text(page).text
        assert [line for line in lines if line in text] == []
        assert "autograder." not in page
        assert "HIDDEN TESTS" not in page


def test_shows_which_checks_failed_and_why(pages: dict[str, str]) -> None:
    text = Text(pages["ben"]).text
    assert text.count("✗ failed") == 3
    assert text.count("✓ passed") == 9
    assert text.count(f"At x = 1: {HOSTILE}") == 6  # in each exercise, and above as what to look at first
    assert "Failed: Not there." in Text(pages["cleo"]).text


def test_shows_the_students_own_figure(pages: dict[str, str]) -> None:
    assert f"data:image/png;base64,{PICTURE}" in pages["cleo"]
    assert PICTURE not in pages["ada"]


def test_holds_no_script_and_needs_no_other_file(pages: dict[str, str]) -> None:
    for page in pages.values():
        parsed = Text(page)
        assert parsed.scripts == []
        assert {address for address in parsed.addresses if not address.startswith(("#", "data:image/"))} == set()
        assert "default-src 'none'" in page


def test_formulas_are_mathml(pages: dict[str, str]) -> None:
    assert "<mo>softplus</mo>" in pages["ada"]
    assert "$" not in Text(pages["ada"]).text


def test_a_comment_is_shown_and_runs_nothing(graded: Class) -> None:
    said = f"Think of **large** $x$. {HOSTILE} [here](javascript:alert) <b onclick=alert()>now</b>"
    with Gradebook(graded.course.db_url, graded.course.directory.course_id) as gradebook:
        gradebook.find_comment("selu", PS1, PS1, "ada").manual_comment = said
        gradebook.db.commit()
    try:
        (path,) = write_feedback(graded.course, PS1, "ada")
        page = path.read_text(encoding="utf-8")
    finally:
        with Gradebook(graded.course.db_url, graded.course.directory.course_id) as gradebook:
            gradebook.find_comment("selu", PS1, PS1, "ada").manual_comment = None
            gradebook.db.commit()
    assert "<strong>large</strong> <math" in page
    assert "<b>now</b>" in page
    assert "alert" not in page


def test_a_cell_that_was_stopped_is_said_as_what_it_is(pages: dict[str, str]) -> None:
    text = Text(pages["cleo"]).text
    assert "A cell did not end: stopped after 30 s." in text
    assert "This cell did not end: stopped after 30 s." in text


def test_one_student_only(graded: Class) -> None:
    [path] = write_feedback(graded.course, PS1, "ada")
    assert path == graded.course.folder("feedback", PS1, "ada") / f"{PS1}.html"


def test_a_students_page_neither_stops_the_feedback_nor_is_in_it(graded: Class, pages: dict[str, str]) -> None:
    folder = graded.course.folder("autograded", PS1, "ada")
    evil = {name: folder / name for name in (f"{PS1}.html", "other.html", "img/shot.png", "timestamp.txt")}
    for name, path in evil.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(HOSTILE if name != "timestamp.txt" else "2026-01-01 00:00:00 UTC")
        path.chmod(0o444)
    try:
        [page] = write_feedback(graded.course, PS1, "ada")
    finally:
        for path in evil.values():
            path.unlink()
        (folder / "img").rmdir()
    assert page.read_text(encoding="utf-8") == pages["ada"]
    left = {path.relative_to(page.parent).as_posix() for path in page.parent.rglob("*")}
    assert left == {page.name, "timestamp.txt"}


def test_one_bad_notebook_costs_one(graded: Class, pages: dict[str, str]) -> None:
    broken = graded.course.folder("autograded", PS1, "dan") / f"{PS1}.ipynb"
    before = broken.read_bytes()
    try:
        broken.write_text("{")
        with pytest.raises(UserError, match="failed on the submissions of dan; the others have theirs"):
            write_feedback(graded.course, PS1)
    finally:
        broken.write_bytes(before)
    assert (graded.course.folder("feedback", PS1, "ben") / f"{PS1}.html").exists()


@pytest.mark.parametrize(
    ("assignment", "student", "said"),
    [
        (PS1, "eve", "No graded notebook of 'eve' in .*: run 'autograder grade ps1_from_scratch' first"),
        ("ps9", None, "There is no assignment 'ps9'"),
    ],
)
def test_nothing_to_write(graded: Class, assignment: str, student: str | None, said: str) -> None:
    with pytest.raises(UserError, match=said):
        write_feedback(graded.course, assignment, student)


def test_traceback_and_warning_of_a_test_cell_lose_hidden_lines(graded: Class) -> None:
    cell = next(c for c in graded.instructor_notebook().cells if c.metadata.nbgrader.grade_id == "test_selu")
    hidden = hidden_lines(graded)[0]
    cell.outputs = [
        nbformat.v4.new_output("stream", name="stderr", text=f"<cell>:1: UserWarning: odd\n  {hidden}\nmine\n"),
        nbformat.v4.new_output("error", ename="ValueError", evalue="bad", traceback=["1 x", f"----> 2 {hidden}"]),
        nbformat.v4.new_output("error", ename="AssertionError", evalue="", traceback=[f"----> 2 {hidden}"]),
    ]
    clean, _ = ClearTestTracebacks().preprocess_cell(cell, {}, 0)
    assert clean.outputs[0].text == "<cell>:1: UserWarning: odd\nmine\n"
    assert [output.traceback for output in clean.outputs[1:]] == [["ValueError: bad"], ["AssertionError"]]


def test_traceback_of_the_students_own_cell_stays(graded: Class) -> None:
    cell = next(c for c in graded.instructor_notebook().cells if c.metadata.nbgrader.grade_id == "selu")
    cell.outputs = [nbformat.v4.new_output("error", ename="ValueError", evalue="bad", traceback=["----> 1 mine"])]
    clean, _ = ClearTestTracebacks().preprocess_cell(cell, {}, 0)
    assert clean.outputs[0].traceback == ["----> 1 mine"]


def test_settings_clear_tracebacks_before_the_markers_go() -> None:
    steps = list(CourseFolder.load(ROOT).config.GenerateFeedback.preprocessors)
    tracebacks = steps.index(f"{ClearTestTracebacks.__module__}.{ClearTestTracebacks.__name__}")
    assert tracebacks < steps.index(f"nbgrader.preprocessors.{ClearHiddenTests.__name__}"), CONFIG_NAME


def test_a_graded_notebook_without_a_score_is_named_and_the_others_get_theirs(graded: Class) -> None:
    """As after `nbgrader db student remove`, or a run that was killed between file and gradebook."""
    lost = graded.course.folder("autograded", PS1, "lost, or removed")
    shutil.copytree(graded.course.folder("autograded", PS1, "ada"), lost)
    said: list[str] = []
    try:
        written = write_feedback(graded.course, PS1, tell=said.append)
    finally:
        shutil.rmtree(lost.parent)
    assert [path.parent.parent.name for path in written] == ["ada", "ben", "cleo", "dan"]
    assert [line for line in said if "no feedback for lost, or removed: graded notebooks without a score" in line]


def test_who_was_collected_by_hand_is_named_if_others_were_not(graded: Class) -> None:
    said: list[str] = []
    write_feedback(graded.course, PS1, tell=said.append)
    assert said == []  # a course without an exchange
    folder = graded.course.folder("autograded", PS1, "ada")
    folder.joinpath("timestamp.txt").write_text("2026-03-01 10:00:00 UTC")
    folder.joinpath("submission_secret.txt").write_text("secret")
    try:
        write_feedback(graded.course, PS1, tell=said.append)
    finally:
        for name in ("timestamp.txt", "submission_secret.txt"):
            folder.joinpath(name).unlink()
    assert len(said) == 1
    assert said[0].startswith(
        "'nbgrader release_feedback' leaves out ben, cleo, dan: not handed in through the exchange"
    )


def test_penalties_are_brought_up_to_date(graded: Class) -> None:
    """The plugin of the settings, `penalty_method`: everything is taken from whoever is late."""
    config = graded.course.config.copy()
    config.LateSubmissionPlugin.penalty_method = "zero"
    course = CourseFolder(graded.course.root, config)
    with Gradebook(course.db_url, course.directory.course_id) as gradebook:
        gradebook.update_or_create_assignment(PS1, duedate=datetime(2026, 3, 1))
        gradebook.update_or_create_submission(PS1, "ada", timestamp=datetime(2026, 3, 2))
    try:
        (page,) = write_feedback(course, PS1, "ada")
        assert "Late submission penalty" in Text(page.read_text(encoding="utf-8")).text
        assert read_results(course, PS1).students[0].score == 0
    finally:
        with Gradebook(course.db_url, course.directory.course_id) as gradebook:
            gradebook.update_or_create_assignment(PS1, duedate=None)
    assert read_results(course, PS1).students[0].score == 30


def test_a_students_own_page_neither_blocks_the_feedback_nor_reaches_it(graded: Class) -> None:
    folder = graded.course.folder("autograded", PS1, "ada")
    files = {
        f"{PS1}.html": "<p>mine</p>",
        "plot.HTML": "<script>",
        "a/b.svg": "<svg>",
        "notes.txt": "x",
        "c.html/d": "y",
    }
    for name, text in files.items():
        folder.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        folder.joinpath(name).write_text(text)
        folder.joinpath(name).chmod(0o444)
    try:
        (page,) = write_feedback(graded.course, PS1, "ada")
    finally:
        for name in files:
            folder.joinpath(name).unlink()
        for name in ("a", "c.html"):
            folder.joinpath(name).rmdir()
    assert "mine" not in page.read_text(encoding="utf-8")
    assert "30" in page.read_text(encoding="utf-8")
    there = {path.relative_to(page.parent).as_posix() for path in page.parent.rglob("*") if path.is_file()}
    assert there == {f"{PS1}.html"}


def test_instructors_who_share_a_course_may_replace_each_others_feedback(graded: Class) -> None:
    config = graded.course.config.copy()
    config.CourseDirectory.groupshared = True
    (page,) = write_feedback(CourseFolder(graded.course.root, config), PS1, "ada")
    for folder in (page.parent, page.parent.parent, page.parent.parent.parent):
        assert folder.stat().st_mode & 0o2770 == 0o2770, folder


def test_a_page_is_written_again_only_if_it_would_be_another(graded: Class, pages: dict[str, str]) -> None:
    def written() -> dict[str, int]:
        return {path.parent.parent.name: path.stat().st_ino for path in write_feedback(graded.course, PS1)}

    before = written()
    assert written() == before
    with Gradebook(graded.course.db_url, graded.course.directory.course_id) as gradebook:
        gradebook.find_comment("selu", PS1, PS1, "ada").manual_comment = "Think again."
        gradebook.db.commit()
    graded.course.folder("feedback", PS1, "ben").joinpath(f"{PS1}.html").write_text("half a page")
    try:
        after = written()
        assert {name for name in before if after[name] != before[name]} == {"ada", "ben"}
        page = graded.course.folder("feedback", PS1, "ada") / f"{PS1}.html"
        assert "Think again." in page.read_text(encoding="utf-8")
    finally:
        with Gradebook(graded.course.db_url, graded.course.directory.course_id) as gradebook:
            gradebook.find_comment("selu", PS1, PS1, "ada").manual_comment = None
            gradebook.db.commit()
    write_feedback(graded.course, PS1)
    assert page.read_text(encoding="utf-8") == pages["ada"]


def test_nbgraders_own_command_writes_the_same_page(graded: Class, pages: dict[str, str]) -> None:
    course = graded.course
    result = feedback.run_nbgraders(course, PS1, ["ben"])
    assert result["success"]
    own = (course.folder("feedback", PS1, "ben") / f"{PS1}.html").read_text(encoding="utf-8")
    assert own.strip() == pages["ben"].partition("\n<!-- made from ")[0].strip()


def test_another_page_is_left_to_nbgrader(graded: Class) -> None:
    config = deepcopy(graded.course.config)
    config.GenerateFeedback.exporter_class = "nbconvert.exporters.PythonExporter"
    assert write_feedback(CourseFolder(graded.course.root, config), PS1, "ada") == []  # no HTML
    assert "def selu" in (graded.course.folder("feedback", PS1, "ada") / f"{PS1}.py").read_text(encoding="utf-8")
    assert len(write_feedback(graded.course, PS1, "ada")) == 1
