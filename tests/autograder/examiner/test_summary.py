"""What is kept of a graded notebook: above all the code that is the student's own, in tokens."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.examiner.summary import (
    FORM,
    MOST_CODE,
    Summary,
    encoded,
    given_lines,
    letter,
    number_of,
    student_code,
    summarise,
    tokens,
)
from course.handing_in.sourcecells import ReleasedCell, SourceCell, SourceNotebook

STUB = "def selu(x):\n    raise NotImplementedError"
SOURCE = SourceNotebook(
    "ps1",
    "x",
    None,
    (SourceCell("selu", "code", STUB, "", False, False, True, False, 0.0),),
    (ReleasedCell("", "code", "import numpy as np"),),
)


def cell(source: str | list[str], kind: str = "code", **ours: object) -> dict[str, object]:
    return {"cell_type": kind, "source": source, "metadata": {"nbgrader": ours} if ours else {}}


CELLS = [
    cell("import numpy as np"),
    cell("mine = 1\n\nother = 2"),
    cell(["def selu(x):\n", "    return x  # linear\n"], grade_id="selu", solution=True, grade=False, locked=False),
    cell("assert selu(0) == 0", grade_id="test_selu", solution=False, grade=True, locked=True),
    cell("hidden()", grade_id="unlocked", solution=False, grade=True, locked=False),
    cell("A text.", "markdown"),
    cell("third = 3"),
]


def test_code_is_without_lines_of_the_assignment_and_without_its_cells() -> None:
    lines = given_lines(SOURCE.text)
    assert lines == {"def selu(x):", "raise NotImplementedError", "import numpy as np"}
    assert student_code(CELLS, lines) == {"": "mine = 1\nother = 2\nthird = 3", "selu": "    return x  # linear"}


def test_code_is_cut_where_nobody_reads_on() -> None:
    assert len(student_code([cell("x = 1\n" * 100_000)], ())[""]) == MOST_CODE


def test_a_summary_is_what_it_was_when_its_form_got_this_number() -> None:
    """Whoever changes what is in one counts `FORM` up, and then the number here."""
    summary = summarise({"cells": CELLS}, b"{}", SOURCE)
    assert (FORM, replace(summary, kind="")) == (
        1,
        Summary(
            "",
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            ("a name", "=", "1", "2", "3", "return"),
            {"": "012013014", "selu": "50"},
        ),
    )


def test_it_is_another_kind_where_the_assignment_is_another() -> None:
    other = SourceNotebook("ps1", "x", None, SOURCE.cells, ())
    one, two = (summarise({"cells": CELLS}, b"{}", source) for source in (SOURCE, other))
    assert one.kind != two.kind
    assert one.content == two.content
    assert summarise({"cells": CELLS}, b"{ }", SOURCE).content != one.content


def test_it_travels_as_plain_data() -> None:
    summary = summarise({"cells": CELLS}, b"{}", SOURCE)
    assert Summary.from_dict(json.loads(json.dumps(vars(summary)))) == summary


def test_comments_docstrings_and_layout_do_not_count() -> None:
    assert tokens('def f(x):\n    """Say "it"."""\n    return 1  # one') == tokens("def f( y ):\n  return 1")
    assert tokens("np.where") != tokens("np.clip")


@given(st.text(max_size=300))
def test_any_text_has_tokens_and_they_come_back_from_their_letters(text: str) -> None:
    words, alphabet = tokens(text), dict[str, str]()
    assert len(words) <= len(text)
    letters = encoded(words, alphabet)
    assert [list(alphabet)[number_of(each)] for each in letters] == words


@pytest.mark.parametrize("number", [0, 1, 55_247, 55_248, 100_000])
def test_a_letter_is_a_character_that_any_file_can_hold(number: int) -> None:
    assert number_of(letter(number).encode().decode()) == number
