"""What people do to cells: merged, split, pasted, moved, retyped, without their marks."""

from __future__ import annotations

from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from tests.flows.corpus.case import (
    ONLY_MEAN,
    Case,
    above,
    delete,
    insert,
    into,
    merge,
    order,
    paste,
    retype,
    same_ids,
    split,
    together,
    twice,
    unmark,
    write,
)
from tests.support.classroom import GIVEN, RIGHT

STUB = 'def double(x):\n    raise NotImplementedError("write me")\n'
WRONG = "def double(x):\n    return x\n"
ESSAY = "Because it doubles."
ALL_CELLS = ("given", "double", "test_double", "mean", "test_mean", "essay")

CELLS: dict[str, Case] = {
    "import in the given cell": Case(
        together(write("given", "<>\nimport math"), write("double", "def double(x):\n    return math.fsum([x, x])\n")),
        note="'given'",
    ),
    "import above the given cell": Case(write("given", "import math\n<>"), note="'given'"),
    "comments and blanks in the given cell": Case(write("given", "# mine\n\n<>\n\n# seen")),
    "given cell emptied": Case(write("given", "")),
    "given cell deleted": Case(delete("given"), note="'given'"),
    "given number changed": Case(write("given", GIVEN.replace("100", "5")), note="'given'"),
    "given number renamed": Case(
        together(
            write("given", GIVEN.replace("LIMIT", "FACTOR").replace("100", "2")),
            write("double", "def double(x):\n    return FACTOR * x\n"),
        ),
        note="'given'",
    ),
    "given cell split": Case(split("given", *GIVEN.splitlines()), note="'given'"),
    "answer merged into the given cell": Case(merge("given", "double"), note="'given'"),
    "given cell and answer merged, its marks lost": Case(
        together(merge("given", "double"), unmark("given", ids=True)), note="'double'"
    ),
    "answer merged with its test": Case(merge("double", "test_double"), note="'test_double'"),
    "two answers merged": Case(
        together(order("given", "double", "mean", "test_double", "test_mean", "essay"), merge("double", "mean"))
    ),
    "test merged with the next answer": Case(merge("test_double", "mean"), note="'test_double'"),
    "all code merged": Case(merge(*ALL_CELLS[:-1]), note="'given'"),
    "all code merged into a new cell": Case(
        together(merge(*ALL_CELLS[:-1]), unmark("given", ids=True)), note="'double'"
    ),
    "helper in the cell of checks": Case(
        together(
            above("test_double", "def twice(x):\n    return x + x\n"),
            write("double", "def double(x):\n    return twice(x)\n"),
        ),
        note="'test_double'",
    ),
    "answer in the cell of checks": Case(
        together(above("test_double", RIGHT["double"]), write("double", STUB)), note="'test_double'"
    ),
    "cell of checks emptied": Case(write("test_double", "")),
    "cell of checks deleted": Case(delete("test_double", "test_mean"), note="'test_mean'"),
    "cell of checks split": Case(
        split(
            "test_double",
            'from course.checks import Checks\n\nchecks = Checks("double", points=4)',
            'with checks("small"):\n    assert double(3) == 6, f"double(3) is {double(3)}"',
            "checks.score()",
        ),
        note="'test_double'",
    ),
    "cell of checks pasted to try": Case(paste("test_double", 1)),
    "cell of checks pasted above the answer": Case(paste("test_double", -1)),
    "cell of checks pasted and changed": Case(paste("test_double", 1, "print(double(4))"), note="'test_double'"),
    "answer below its empty cell": Case(together(write("double", STUB), insert("double", RIGHT["double"]))),
    "answer above its empty cell, which undoes it": Case(
        together(write("double", STUB), insert("double", RIGHT["double"], behind=False)),
        ONLY_MEAN,
        why="Not written yet.",
    ),
    "answers in new cells": Case(retype("double", "mean"), note="'double', 'mean'"),
    "answers at the top": Case(retype("double", "mean", at=0), note="'double', 'mean'"),
    "answers at the end": Case(retype("double", "mean", at=-1), note="'double', 'mean'"),
    "answers alone": Case(
        together(retype("double", "mean"), delete("given", "test_double", "test_mean", "essay")),
        note="'double', 'mean'",
    ),
    "answer in pieces in new cells": Case(
        together(
            delete("double"), insert("given", "def twice(x):\n    return x + x", "def double(x):\n    return twice(x)")
        ),
        note="'double'",
    ),
    "answer with trials around it": Case(
        together(
            insert("given", "print(LIMIT)", "1 / 0"),
            insert("double", "double(4)", "double('a')"),
            insert("mean", "mean([])"),
        )
    ),
    "copy of the answer": Case(paste("double", 1), note="'double'"),
    "old copy above": Case(paste("double", 0, WRONG), note="'double'"),
    "old copy at the end": Case(paste("double", None, WRONG), note="'double'"),
    "old copy below, which undoes it": Case(
        paste("double", 1, WRONG), ONLY_MEAN, note="'double'", why="double(3) is 3"
    ),
    "empty copy below": Case(paste("double", 1, ""), note="'double'"),
    "trial with the answer's marks": Case(paste("double", 1, "double(4)"), note="'double'"),
    "answer split: helper, function": Case(
        split("double", "def twice(x):\n    return x + x", "def double(x):\n    return twice(x)"), note="'double'"
    ),
    "answer split: function, remark": Case(split("double", RIGHT["double"], "# it works"), note="'double'"),
    "answer split and its marks lost": Case(
        together(
            split("double", "def twice(x):\n    return x + x", "def double(x):\n    return twice(x)"),
            unmark("double", ids=True),
        ),
        note="'double'",
    ),
    "all pasted twice": Case(twice, note="'double'"),
    "all pasted twice, the marks of all lost": Case(together(twice, unmark(ids=True)), note="marks were lost"),
    "marks lost": Case(unmark(), note="marks were lost"),
    "marks and ids lost": Case(unmark(ids=True), note="marks were lost"),
    "marks of the answers lost": Case(unmark("double", "mean"), note="marks were lost"),
    "marks of the checks lost": Case(unmark("test_double", "test_mean"), note="marks were lost"),
    "marks and ids of one answer lost": Case(unmark("mean", ids=True), note="'mean'"),
    "one id for all": Case(same_ids),
    "one id for all, marks lost": Case(together(same_ids, unmark()), note="marks were lost"),
    "the other way round": Case(order(*reversed(ALL_CELLS)), note="order"),
    "checks first": Case(order("test_double", "test_mean", "given", "double", "mean", "essay"), note="order"),
    "given cell last": Case(order("double", "test_double", "mean", "test_mean", "essay", "given"), note="order"),
    "answers exchanged": Case(order("given", "mean", "test_double", "double", "test_mean", "essay"), note="order"),
    "another order, marks lost": Case(together(order(*reversed(ALL_CELLS)), unmark()), note="order"),
    "answer as Markdown": Case(into(new_markdown_cell, "double"), note="'double'"),
    "answer as raw text": Case(into(new_raw_cell, "double"), note="'double'"),
    "checks as raw text": Case(into(new_raw_cell, "test_double"), note="'test_double'"),
    "given cell as Markdown": Case(into(new_markdown_cell, "given"), note="'given'"),
    "essay as code": Case(together(write("essay", ESSAY), into(new_code_cell, "essay")), note="'essay'", essay=ESSAY),
    "essay as raw text": Case(
        together(write("essay", ESSAY), into(new_raw_cell, "essay")), note="'essay'", essay=ESSAY
    ),
    "essay split": Case(split("essay", "It doubles.", "Therefore."), note="'essay'", essay="It doubles.\n\nTherefore."),
    "essay below its empty cell": Case(
        lambda nb: nb.cells.append(new_markdown_cell(ESSAY)), note="'essay'", essay=ESSAY
    ),
    "essay in a new cell": Case(together(write("essay", ESSAY), retype("essay")), note="'essay'", essay=ESSAY),
    "essay pasted twice": Case(together(write("essay", ESSAY), paste("essay", 1)), note="'essay'", essay=ESSAY),
    "essay at the top": Case(
        together(write("essay", ESSAY), order("essay", *ALL_CELLS[:-1])), note="order", essay=ESSAY
    ),
}
