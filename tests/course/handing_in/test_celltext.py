"""Texts that differ in blanks, comments and layout say the same; what code defines is read without running it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.handing_in.celltext import joined_to, names_defined, rest_of, says_the_same, visible_text

CODE = "import math\n\n\ndef f(x):\n    return {'a': x}\n"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (CODE.replace("\n", "\r\n"), True),
        (f"# mine\n{CODE}  # to do", True),
        ('import math\ndef f(x):\n    return {\n        "a": x,\n    }', True),
        (f"{CODE}import os", False),
        (CODE.replace("'a'", "'b'"), False),
        ("def f(:", False),
        ("(" * 3000, False),
    ],
)
def test_code_that_says_the_same(text, same):
    assert says_the_same(text, CODE, "code") is same


def test_text_that_says_the_same():
    assert says_the_same("# A  title\n\n<!-- note -->\ntext", "# A title\ntext\n", "markdown")
    assert not says_the_same("# A title\ntext and mine", "# A title\ntext", "markdown")


def test_what_is_hidden_is_not_seen():
    text = "a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc\n### BEGIN MARK SCHEME\nd\n### END MARK SCHEME\n"
    assert visible_text(text) == "a\nc\n"
    assert visible_text("a\n[//]: # (BEGIN MARK SCHEME)\nb\n[//]: # (END MARK SCHEME)\nc") == "a\nc"


def test_names_that_code_defines():
    code = "!pip install x\nimport numpy as np, os.path\nfrom a import b, c as d\nasync def e(): g = 1\nclass F: pass\n"
    code += "h, i = 1, 2\nj: int = 3\nk == 4\n    l = 5\n"
    assert names_defined(code) == {"np", "os", "b", "d", "e", "F", "h", "i", "j"}


def test_what_was_written_around_a_known_text():
    assert rest_of("mine\n\n# Task\n\nalso mine", "# Task") == "mine\n\nalso mine"
    assert rest_of("# Another task", "# Task") == "# Another task"


@given(st.lists(st.sampled_from(["x = 1", "def f():\n    return 2", "assert f() == 2", "# nothing"]), min_size=1))
def test_pieces_say_what_the_whole_says(pieces):
    assert joined_to(pieces, "\n\n".join(pieces), "code")


@given(st.text(), st.text())
def test_no_text_breaks_the_comparison(text, other):
    assert says_the_same(text, text, "code")
    says_the_same(text, other, "code")
    names_defined(text)
    rest_of(text, other)
