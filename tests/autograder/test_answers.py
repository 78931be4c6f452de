"""The text format of catalogues of answers, and the errors for the person who writes one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.answers import Answer, load_answers, parse_answers
from autograder.errors import UserError

FILE = Path("catalogue") / "ps1" / "selu.py"

TEXT = """# Answers to selu.

# %% right: where
import math


def selu(x):
    return x  # %% right: not a marker

# %% wrong: sign
# fails: right for x < 0
# fails: keeps the shape
def selu(x):
    # fails: indented, so part of the answer
    return -x
"""


def test_answers_are_read_in_file_order_with_all_they_say():
    assert parse_answers(TEXT, FILE) == [
        Answer(
            "ps1", "selu", "where", True,
            "import math\n\n\ndef selu(x):\n    return x  # %% right: not a marker\n",
            (),
        ),
        Answer(
            "ps1", "selu", "sign", False,
            "def selu(x):\n    # fails: indented, so part of the answer\n    return -x\n",
            ("right for x < 0", "keeps the shape"),
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("x = 1\n# %% right: a\n", 1, "code before the first"),
        ("# about\n\nx = 1\n", 3, "code before the first"),
        ("", 1, "there is no '# %% right: NAME'"),
        ("# nothing yet\n", 1, "there is no '# %% right: NAME'"),
        ("# about\n\n# %% rihgt: a\ndef f(): ...\n", 3, "expected '# %% right: NAME' or '# %% wrong: NAME'"),
        ("# %%\ndef f(): ...\n", 1, "expected '# %% right: NAME'"),
        ("# %% right:\ndef f(): ...\n", 1, "expected '# %% right: NAME'"),
        ("# %% right: a\ndef f(): ...\n# %% wrong: b\ndef f(): ...\n", 3, "only a wrong one, needs a '# fails: CHECK'"),
        ("# %% right: a\n# fails: c\ndef f(): ...\n", 1, "only a wrong one, needs a '# fails: CHECK'"),
        ("# %% right: a\nx = 1\n\n# %% wrong: a\n# fails: c\nx = 2\n", 4, "two answers are called 'a'"),
    ],
)
def test_a_malformed_catalogue_is_refused_with_file_and_line(text, line, reason):
    with pytest.raises(UserError) as caught:
        parse_answers(text, FILE)
    assert str(caught.value).startswith(f"{FILE}, line {line}: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_catalogue_holds_the_answers_of_all_its_files(tmp_path):
    folder = tmp_path / "ps1"
    folder.mkdir()
    (folder / "b.py").write_text("# %% right: one\nb = 1\n", encoding="utf-8")
    (folder / "a.py").write_text("# %% right: one\na = 'é'\n", encoding="utf-8")
    assert [(a.exercise, a.name, a.source) for a in load_answers(tmp_path, "ps1")] == [
        ("a", "one", "a = 'é'\n"),
        ("b", "one", "b = 1\n"),
    ]


def test_an_assignment_without_a_catalogue_is_refused_by_name(tmp_path):
    with pytest.raises(UserError, match=r"There is no catalogue of answers in .*ps9\.$"):
        load_answers(tmp_path, "ps9")


printable = st.characters(codec="ascii", exclude_categories=["Cc"])
words = st.text(printable, min_size=1, max_size=20).map(str.strip).filter(bool)


@given(st.lists(st.tuples(words, st.lists(words, max_size=3)), min_size=1, max_size=5, unique_by=lambda a: a[0]))
def test_what_is_written_is_read_back(answers):
    lines = []
    for name, fails in answers:
        lines += [f"# %% {'wrong' if fails else 'right'}: {name}", *(f"# fails: {check}" for check in fails), "x = 1"]
    read = parse_answers("\n".join(lines), FILE)
    assert [(answer.name, list(answer.fails), answer.right) for answer in read] == [
        (name, fails, not fails) for name, fails in answers
    ]
    assert {answer.source for answer in read} == {"x = 1\n"}
