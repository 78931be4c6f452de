"""Any bytes are a notebook or are said to be none; a notebook that breaks rules is read like one that keeps them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.handing_in.reading import MAX_CELLS, MAX_NOTEBOOK_BYTES, UnreadableNotebook, read_submission, refusal

TEXT = 'def double(x):\n    """Zweimal – „x“ 😀."""\n    return 2 * x\n'
MARKS = {"grade_id": "double", "solution": True, "grade": False, "locked": False, "schema_version": 3}


def notebook() -> dict[str, Any]:
    """Return a valid notebook as an editor writes it: an answer with outputs, an essay with a picture, a raw cell."""
    code = {
        "cell_type": "code",
        "id": "double",
        "metadata": {"nbgrader": {**MARKS}, "tags": ["mine"], "collapsed": False},
        "source": TEXT.splitlines(keepends=True),
        "outputs": [{"output_type": "display_data", "data": {"text/plain": ["[{"]}, "metadata": {}}],
        "execution_count": 3,
    }
    essay = {
        "cell_type": "markdown",
        "id": "essay",
        "metadata": {"nbgrader": {**MARKS, "grade_id": "essay"}},
        "source": "![x](attachment:a.png)",
        "attachments": {"a.png": {"image/png": "iVBORw0KGgo="}},
    }
    raw = {"cell_type": "raw", "id": "raw", "metadata": {}, "source": "as it is"}
    return {
        "cells": [code, essay, raw],
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def written(content: Any, encoding: str = "utf-8") -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode(encoding)


def answers(raw: bytes) -> list[tuple[str, str, Any, Any]]:
    """Return type, text, name for grading and attachments of each cell."""
    cells = read_submission(raw)[0].cells
    return [
        (cell.cell_type, cell.source, cell.metadata.get("nbgrader", {}).get("grade_id"), cell.get("attachments"))
        for cell in cells
    ]


PLAIN = answers(written(notebook()))


def test_what_grading_uses_is_read():
    read, notes = read_submission(written(notebook()))
    assert notes == []
    assert PLAIN == [
        ("code", TEXT, "double", None),
        ("markdown", "![x](attachment:a.png)", "essay", {"a.png": {"image/png": "iVBORw0KGgo="}}),
        ("raw", "as it is", None, None),
    ]
    assert read.cells[0].metadata == {"nbgrader": MARKS, "tags": ["mine"]}
    assert [cell.id for cell in read.cells] == ["double", "essay", "raw"]
    assert (read.cells[0].outputs, read.cells[0].execution_count, read.metadata) == ([], None, {})


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    content = notebook()
    change(content)
    return written(content)


def each_cell(**fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda nb: [cell.update(fields) for cell in nb["cells"]]


HARMLESS: dict[str, bytes] = {
    "an old minor version with ids": changed(lambda nb: nb.update(nbformat_minor=2)),
    "no minor version": changed(lambda nb: nb.pop("nbformat_minor")),
    "no version": changed(lambda nb: nb.pop("nbformat")),
    "versions of the wrong type": changed(lambda nb: nb.update(nbformat="4", nbformat_minor=None)),
    "no metadata": changed(lambda nb: nb.pop("metadata")),
    "metadata null": changed(lambda nb: nb.update(metadata=None)),
    "no display name": changed(lambda nb: nb["metadata"]["kernelspec"].pop("display_name")),
    "keys of an editor": changed(lambda nb: (nb.update(vscode={}), each_cell(transient={}, state=[1])(nb))),
    "outputs everywhere": changed(each_cell(outputs=[{}, None, 3], execution_count="x")),
    "attachments on code": changed(lambda nb: nb["cells"][0].update(attachments={"a": {"b": "c"}})),
    "old outputs": changed(lambda nb: nb["cells"][0].update(outputs=[{"output_type": "pyout", "text": "2"}])),
    "no outputs": changed(lambda nb: nb["cells"][0].pop("outputs")),
    "no execution count": changed(lambda nb: nb["cells"][0].pop("execution_count")),
    "outputs without metadata": changed(lambda nb: nb["cells"][0]["outputs"][0].pop("metadata")),
    "no metadata of a raw cell": changed(lambda nb: nb["cells"][2].pop("metadata")),
    "wrong types in metadata": changed(lambda nb: nb["cells"][0]["metadata"].update(tags=None, name=3, collapsed="no")),
    "nested text": changed(lambda nb: nb["cells"][0].update(source=[[TEXT[:9]], [[TEXT[9:], None]]])),
    "text in one piece": changed(lambda nb: nb["cells"][0].update(source=TEXT)),
    "types in capitals": changed(lambda nb: [cell.update(cell_type=cell["cell_type"].title()) for cell in nb["cells"]]),
    "a copy from Jupyter's server": written({"type": "notebook", "content": notebook()}),
    **{f"ids {value!r}": changed(each_cell(id=value)) for value in (None, "", 5, "x" * 65, "a=b", "same", [], {})},
    **{
        encoding: written(notebook(), encoding)
        for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
    },
    "zero bytes at the end": written(notebook()) + bytes(4096),
    "zero bytes at the end of UTF-16": written(notebook(), "utf-16") + bytes(4097),
    "Windows line ends": written(notebook()).replace(b"\n", b"\r\n"),
    "NaN": written(notebook()).replace(b'"execution_count": 3', b'"execution_count": NaN'),
    "commas too many": written(notebook()).replace(b'\\n"\n   ]', b'\\n",\n   ],').replace(b"],,", b"],"),
    "halves of a character": written(notebook()).replace("😀".encode(), b"\\ud83d\\ude00"),
    "halves as bytes": written(notebook()).replace("😀".encode(), "\ud83d\ude00".encode("utf-8", "surrogatepass")),
    "deep metadata": written(notebook()).replace(b'"collapsed": false', b'"deep": ' + b"[" * 9999 + b"]" * 9999),
}


@pytest.mark.parametrize("raw", HARMLESS.values(), ids=HARMLESS)
def test_what_breaks_rules_and_is_understood_needs_no_note(raw: bytes):
    assert answers(raw) == PLAIN
    assert read_submission(raw)[1] == []


def only(**cell: Any) -> bytes:
    return written({"cells": [cell], "nbformat": 4})


MERGE = "def f(x):\n<<<<<<< local\n    return x\n=======\n    return -x\n>>>>>>> remote"
BOTH_SIDES = "both sides of a merge conflict are in it; one has to be chosen"
NO_ENDS = "its lines had no ends; each piece of its text was read as a line"
UNKNOWN = "of a type that Jupyter does not have; kept as raw text"
BROKEN = "its text is broken; what is no text was left out"
BEHIND = "something stood behind the end of the notebook; it was not read"
WINDOWS = "the file is not in UTF-8; its text was read as Windows-1252, and accents may be wrong"


@pytest.mark.parametrize(
    ("raw", "cells", "notes"),
    [
        (only(cell_type="sql", source="select"), [("raw", "select")], [f"cell 1: {UNKNOWN}"]),
        (only(source="1", outputs=[]), [("code", "1")], ["cell 1: without a type; taken for code"]),
        (only(source="1"), [("markdown", "1")], ["cell 1: without a type; taken for markdown"]),
        (
            only(source="1", metadata={"nbgrader": {"grade_id": "a", "cell_type": "code"}}),
            [("code", "1")],
            ["cell 1: without a type; taken for code"],
        ),
        (only(cell_type="heading", source="One\ntwo", level=3), [("markdown", "### One two")], []),
        (only(cell_type="heading", source="One", level="x"), [("markdown", "# One")], []),
        (only(cell_type="code", source=None), [("code", "")], []),
        (only(cell_type="code"), [("code", "")], []),
        (only(cell_type="code", source=["x = ", 5]), [("code", "x = 5")], []),
        (only(cell_type="code", source=["1", {"a": 1}]), [("code", "1")], [f"cell 1: {BROKEN}"]),
        (
            only(cell_type="code", source=["def f(x):", '    """Return x."""', "    return x"]),
            [("code", 'def f(x):\n    """Return x."""\n    return x')],
            [f"cell 1: {NO_ENDS}"],
        ),
        (only(cell_type="code", source=["x = [", "1]"]), [("code", "x = [1]")], []),
        (only(cell_type="code", source=["x = (", "y z"]), [("code", "x = (y z")], []),
        (only(cell_type="markdown", source=["Two ", "words"]), [("markdown", "Two words")], []),
        (only(cell_type="code", source=MERGE), [("code", MERGE)], [f"cell 1: {BOTH_SIDES}"]),
        (only(cell_type="markdown", source="Title\n=======\n"), [("markdown", "Title\n=======\n")], []),
        (
            b'{"cells": [{"cell_type": "code", "source": "a\\ud83d"}]}',
            [("code", "a�")],
            ["cell 1: half a character was replaced by �"],
        ),
        (
            b'{"cells": [null, 3, {"cell_type": "code", "source": "1"}]}',
            [("code", "1")],
            ["cells 1 and 2: not a cell; left out"],
        ),
        (
            only(cell_type="code", source="1").replace(b'"nbformat": 4', b'"nbformat": 9'),
            [("code", "1")],
            ["the file says that its format is 9; it was read as format 4"],
        ),
        (only(cell_type="code", source="1") + b"\n  }\n]", [("code", "1")], [BEHIND]),
        (
            only(cell_type="markdown", source="café “x”").decode().encode("cp1252"),
            [("markdown", "café “x”")],
            [WINDOWS],
        ),
        (
            b'{"cells": [' + b'{"cell_type": "x"},' * 9 + b"]}",
            [("raw", "")] * 9,
            [f"cells 1, 2, 3, 4, 5 and 4 more: {UNKNOWN}"],
        ),
    ],
)
def test_what_was_guessed_or_lost_is_noted(raw: bytes, cells: list[tuple[str, str]], notes: list[str]):
    read, found = read_submission(raw)
    assert [(cell.cell_type, cell.source) for cell in read.cells] == cells
    assert found == notes


def test_old_formats():
    third = nbformat.v4.downgrade(nbformat.from_dict(json.loads(written(notebook()))))
    assert [cell[:2] for cell in answers(nbformat.v3.writes_json(third).encode())] == [cell[:2] for cell in PLAIN]
    second = {
        "nbformat": 2,
        "worksheets": [
            {"cells": [{"cell_type": "code", "input": "1"}]},
            {"cells": [{"cell_type": "html", "source": "2"}]},
        ],
    }
    assert [cell[:2] for cell in answers(written(second))] == [("code", "1"), ("markdown", "2")]
    first = {"cells": [{"cell_type": "code", "code": "1", "prompt_number": 1}, {"cell_type": "text", "text": "2"}]}
    assert [cell[:2] for cell in answers(written(first))] == [("code", "1"), ("markdown", "2")]


def test_colab_keeps_ids_with_the_metadata():
    (cell,) = read_submission(only(cell_type="code", source="1", metadata={"id": "Abc_1-2", "colab": {}}))[0].cells
    assert (cell.id, cell.metadata) == ("Abc_1-2", {})


CONFLICT = b'{\n "cells": [\n<<<<<<< HEAD\n  {},\n=======\n  null,\n>>>>>>> theirs\n ]\n}'


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "it is empty"),
        (bytes(4096), "it is empty"),
        (b'{"cells": [', "it is not JSON; perhaps the file was cut off"),
        (b'{"cells": [{"source": "', "it is not JSON; perhaps the file was cut off"),
        (b"[]", "it is not a Jupyter notebook, which begins with {"),
        (b"5", "it is not a Jupyter notebook"),
        (b'{"a": 1}', "it is not a Jupyter notebook: it has no cells"),
        (b'{"cells": [{}\n{}]}', "it is not JSON (line 2: a comma or ] should be here)"),
        (b'{"cells": [{"source": "\\d"}]}', "it is not JSON (line 1: Invalid \\escape"),
        (b"{cells: []}", "it is not JSON (line 1: a name in double quotes should be here)"),
        (b'{"cells": []}{"cells": []}', "it holds two notebooks"),
        (CONFLICT, "it holds both sides of a merge conflict (line 3)"),
        (b"<<<<<<< HEAD\n{}", "it holds both sides of a merge conflict (line 1)"),
        (b"PK\x03\x04zip", "it is an archive (ZIP), not a notebook"),
        (b"\n<!DOCTYPE html>", "it is a web page, not a notebook"),
        (b'{"cells": [{"source": ' + b"[" * 101 + b"]" * 101 + b"}]}", "it is nested too deeply, more than 100 levels"),
        (b" " * (MAX_NOTEBOOK_BYTES + 1), "more than 128"),
        (only(cell_type="code", source="x" * 33 * 1024**2), "without its outputs it still has more than 32 MiB"),
        (b'{"cells": [{"source": [' + b"{}," * 1_000_001 + b"]}]}", "it still has more than 1,000,000 values"),
        (b'{"cells": [' + b"{}," * 100_001 + b"]}", "it has more than 100,000 names and values outside"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_is_no_notebook_is_said_to_be_none(raw: bytes, says: str):
    with pytest.raises(UnreadableNotebook) as caught:
        read_submission(raw)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_refusal_names_the_file_and_what_to_do():
    assert refusal("ps1", UnreadableNotebook("it is empty")) == (
        "ps1.ipynb cannot be read: it is empty. Please hand it in again as JupyterLab saves it."
    )


def test_empty_cells_are_no_reason_to_refuse():
    full, empty = {"cell_type": "code", "source": "1"}, {"cell_type": "code", "source": ""}
    cells = read_submission(written({"cells": [full, *[empty] * (MAX_CELLS + 5), full]}))[0].cells
    assert [cell.source for cell in cells] == ["1", *[""] * MAX_CELLS, "1"]
    with pytest.raises(UnreadableNotebook, match="more than 2,000 cells"):
        read_submission(written({"cells": [full] * (MAX_CELLS + 1)}))


def test_metadata_of_too_many_keys_are_read_in_part():
    many = {"nbgrader": MARKS, **{f"key{number}": {} for number in range(2000)}, "tags": ["late"]}
    read, notes = read_submission(only(cell_type="code", source="1", metadata=many))
    assert read.cells[0].metadata == {"nbgrader": MARKS}
    assert notes == ["cell 1: its metadata have more than 1,000 keys; the others were not read"]


def test_what_is_dropped_may_be_large():
    outputs = b'"outputs": [{"data": {"text/plain": "' + b"x" * 45_000_000 + b'"}}]'
    raw = written(notebook()).replace(b'"execution_count": 3', b'"execution_count": 3, ' + outputs)
    assert answers(raw) == PLAIN


NEEDED = {"cells", "cell_type", "source", "nbgrader", "grade_id", "attachments"}
"""Keys without which an answer is another; in attachments nothing is broken."""

JUNK = [None, True, -1, 1e300, "", "\ud800", [], {}, [[]], {"a": None}]


def break_rules(value: Any, chance: random.Random) -> Any:
    """Return a notebook with keys removed, added and made of another type, wherever no answer stands."""
    if isinstance(value, list):
        return [break_rules(item, chance) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, item in value.items():
        if key == "attachments":
            kept[key] = item
        elif key in NEEDED or (key == "metadata" and "nbgrader" in item):
            kept[key] = break_rules(item, chance)
            if key == "source" and chance.random() < 0.5:
                text = "".join(item)
                cut = chance.randrange(len(text) + 1)
                kept[key] = chance.choice(
                    [text, [text], [text[:cut], text[cut:]], [[text[:cut]], [None, [text[cut:]]]]]
                )
        elif chance.random() < 0.6:
            kept[key] = chance.choice([*JUNK, break_rules(item, chance)])
    if chance.random() < 0.3:
        kept[chance.choice(["transient", "outputs", "vscode", "x" * 500])] = chance.choice(JUNK)
    items = list(kept.items())
    chance.shuffle(items)
    return dict(items)


@given(st.randoms(use_true_random=False), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]), st.booleans())
def test_a_broken_notebook_has_the_same_answers(chance: random.Random, encoding: str, ascii_only: bool):
    text = json.dumps(break_rules(notebook(), chance), ensure_ascii=True, indent=chance.choice([None, 1]))
    if not ascii_only:
        text = text.replace("\\u2013", "–")
    assert answers(text.encode(encoding) + bytes(chance.randrange(9))) == PLAIN


@given(st.binary(max_size=300) | st.text('{}[]",:\\a1 cells', max_size=60).map(str.encode))
def test_no_bytes_break_reading(raw: bytes):
    one_line(raw)


@given(st.integers(0, 2000), st.binary(max_size=4), st.integers(0, 40))
def test_no_damage_breaks_reading(at: int, put: bytes, cut: int):
    raw = written(notebook())
    one_line(raw[:at] + put + raw[at + cut :])


def one_line(raw: bytes) -> None:
    try:
        read, said = read_submission(raw)
        nbformat.validate(read, relax_add_props=True)
        json.dumps(read, ensure_ascii=False).encode()
    except UnreadableNotebook as error:
        said = [str(error)]
    assert all(len(sentence.splitlines()) == 1 for sentence in said)
