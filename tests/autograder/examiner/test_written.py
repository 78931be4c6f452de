"""The file of a graded notebook is the one that nbformat writes."""

from __future__ import annotations

import copy

import nbformat
from hypothesis import given
from hypothesis import strategies as st

from autograder.examiner.written import written
from course.handing_in.notebook_parts import new_cell, new_display, new_error, new_stream

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('\n\r\x0b\x1c\u2028"\\\x00\t'), max_size=30)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)
OUTPUTS = st.one_of(
    st.builds(new_stream, st.just("stdout"), TEXTS),
    st.builds(new_error, TEXTS, TEXTS, st.lists(TEXTS, max_size=3)),
    st.builds(
        new_display, st.dictionaries(st.sampled_from(["text/plain", "text/html", "application/json"]), TEXTS | PLAIN)
    ),
)
CELLS = st.builds(
    lambda kind, source, metadata, outputs: {
        **new_cell(kind, source, metadata),
        **({"outputs": outputs} if kind == "code" else {}),
    },
    st.sampled_from(["code", "markdown"]),
    TEXTS,
    st.dictionaries(TEXTS, PLAIN, max_size=3),
    st.lists(OUTPUTS, max_size=3),
)


@given(st.lists(CELLS, max_size=3), st.dictionaries(TEXTS, PLAIN, max_size=3))
def test_a_notebook_is_written_as_nbformat_does(cells, metadata):
    notebook = nbformat.v4.new_notebook(metadata=nbformat.from_dict(metadata))
    notebook.cells = [nbformat.from_dict({**cell, "id": f"cell-{number}"}) for number, cell in enumerate(cells)]
    right = nbformat.writes(copy.deepcopy(notebook)).encode(errors="replace")
    assert written(notebook) == right
