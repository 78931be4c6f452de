"""What the report takes from a graded notebook, and when it reads one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.examiner.verdict import METADATA_KEY, Incident, WallUsed
from autograder.reports.graded_notebook import GradedNotebook, graded_notebook, read_graded, told_by, up_to_date
from course.checks import CheckResult
from course.handing_in.sourcecells import ReleasedCell, SourceNotebook

SOURCE = SourceNotebook("ps1", "x", None, ())
WALL = WallUsed("namespaces", "made of namespaces")
NOTEBOOK = {
    "cells": [{"cell_type": "code", "source": "mine = 1", "metadata": {}}],
    "metadata": {METADATA_KEY: {"wall": WALL.to_dict()}},
}


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cells": [], "metadata": {"autograder": {"looks": 1}}}', "\ud800"])
def test_what_cannot_be_read_says_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.ipynb"
    path.write_bytes(text.encode(errors="surrogatepass"))
    assert up_to_date(path, SOURCE, None) is up_to_date(tmp_path / "none.ipynb", SOURCE, None) is None
    assert graded_notebook(None) == GradedNotebook()


def test_what_is_kept_says_all_and_knows_its_file_again(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(NOTEBOOK))
    kept = up_to_date(path, SOURCE, None)
    assert kept is not None
    said = graded_notebook(kept)
    assert (said.wall, {name: code.tokens for name, code in said.code.items()}) == (WALL, {"": ["a name", "=", "1"]})
    assert up_to_date(path, SOURCE, kept) is kept
    path.touch()
    again = up_to_date(path, SOURCE, kept)
    assert again is not kept
    assert again == read_graded(path.read_bytes(), SOURCE, again.stamp if again else "")
    path.write_text(json.dumps(NOTEBOOK).replace("= 1", "= 2"))
    changed = up_to_date(path, SOURCE, kept)
    assert graded_notebook(changed).code[""].tokens == ["a name", "=", "2"]
    path.unlink()
    assert up_to_date(path, SOURCE, kept) is None


def test_what_is_given_now_is_no_code_of_the_students(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(NOTEBOOK))
    kept = up_to_date(path, SOURCE, None)
    assert graded_notebook(kept).code != {}
    given = replace(SOURCE, released=(ReleasedCell("", "code", "mine = 1"),))
    assert graded_notebook(up_to_date(path, given, kept)).code == {}


def test_what_another_version_has_entered_is_passed_over() -> None:
    check = {"name": "right", "points": 1.0, "max_points": 1.0, "message": ""}
    known = {"grade_id": "a", "points": 1.0, "max_points": 1.0, "checks": [check], "reason": ""}
    told = told_by(
        json.dumps(
            {
                "cells": [known, known | {"grade_id": "b", "colour": "red"}],
                "incidents": [{"cell": "a", "what": "stopped", "when": 1}],
                "looks": [{"cell": "a"}],
                "notes": ["a note"],
            }
        )
    )
    assert told.verdicts.keys() == {"a"}
    assert told.verdicts["a"].checks == (CheckResult(**check),)
    assert (told.incidents, told.looks, told.notes) == ((Incident("a", "stopped"),), (), ("a note",))
