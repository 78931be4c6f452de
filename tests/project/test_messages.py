"""docs/messages.md has every message of the code, with what it means and what to do."""

from __future__ import annotations

import ast

from tests.project.messages import PAGE, Text, entries, listing, page, problems, texts, texts_in

KNOWN, NONE = entries()


def test_every_message_of_the_code_has_an_entry_and_every_entry_a_message() -> None:
    found = texts()
    assert len(found) > 450
    assert problems(KNOWN, NONE, found) == []


def test_the_page_is_what_the_command_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make pages PAGE=messages"


def test_what_lacks_an_entry_is_named_with_its_line() -> None:
    known, none = (
        {"No course in …": "There is none. -> Make one.", "half": "a meaning alone"},
        {"gone with the code": "x"},
    )
    found = [
        Text("No course in … here", "a.py:1"),
        Text("the disk of … is melting", "a.py:7"),
        Text("half told", "b.py:2"),
    ]
    assert problems(known, none, found) == [
        "a.py:7: no entry in messages.toml begins 'the disk of … is melting'",
        "messages.toml: no text of the code begins 'gone with the code'",
        "messages.toml: 'half' needs its meaning, ->, and what to do",
    ]


CODE = '''
"""A docstring is no message."""
X = "one two three".split()
def f(name, why):
    raise UserError(f"There is no {name} in the course{f': look into {why} first' if why else ''}.")
    notes.append("cell " + "was put back at its place")
    option(help="Write to this file.", value="too short")
'''


def test_texts_of_code_are_found_with_their_gaps() -> None:
    assert [*texts_in(ast.parse(CODE))] == [
        (5, "There is no … in the course…."),
        (5, ": look into … first"),
        (6, "was put back at its place"),
    ]


def test_the_list_is_sorted_and_says_who_says_it() -> None:
    known = {"… beta is": "A meaning. -> Do it.", "Alpha [x] or": "Another. -> Do that."}
    found = [Text("… beta is here", "autograder/gradebook.py:3"), Text("Alpha [x] or so", "course/lab/command.py:9")]
    assert listing(known, {}, found).splitlines() == [
        *("## A", "", r"### Alpha \[x\] or so", ""),
        *("Another. **To do:** Do that. *Said by:* `make lab`, `python -m course.lab`.", ""),
        *("## B", "", "### … beta is here", ""),
        "A meaning. **To do:** Do it. *Said by:* any `autograder` command.",
    ]
