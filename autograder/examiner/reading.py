"""Reads the bytes of a submitted notebook, distrusting them."""

from __future__ import annotations

import warnings

import nbformat
from nbformat import NotebookNode, reader
from nbformat.reader import NotJSONError

from autograder.errors import UnreadableNotebook
from autograder.examiner.nesting import is_nested_deeper
from autograder.files import MAX_NOTEBOOK_BYTES

MAX_CELLS = 2000
"""Cells of a notebook that is read at all; validating and running each takes time."""

MAX_NESTING = 100
"""Levels of a notebook that is read at all; an honest one, interactive figures included, has under thirty."""


def read_submission(raw: bytes) -> tuple[NotebookNode, list[str]]:
    """Return a submitted notebook in the current format, and what had to be guessed or was lost, as sentences.

    Parameters
    ----------
    raw : bytes
        The bytes of the file.

    Raises
    ------
    UnreadableNotebook
        Saying what is wrong with the file.
    """
    if len(raw) > MAX_NOTEBOOK_BYTES:
        raise UnreadableNotebook(f"it has {len(raw) / 1024**2:.0f} MiB, more than {MAX_NOTEBOOK_BYTES // 1024**2}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableNotebook(f"it is not UTF-8 text (byte {error.start})") from error
    if is_nested_deeper(raw, MAX_NESTING):
        raise UnreadableNotebook(f"it is nested too deeply, more than {MAX_NESTING} levels")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # cells without ids: old notebooks, read all the same
            notebook = nbformat.convert(reader.reads(text), 4)
            _refuse_many_cells(notebook)
            nbformat.validate(notebook)
    except UnreadableNotebook:
        raise
    except NotJSONError as error:
        raise UnreadableNotebook("it is not JSON; perhaps the file was cut off") from error
    except Exception as error:
        raise UnreadableNotebook(f"it is not a Jupyter notebook ({_first_line(error)})") from error
    return notebook, []


def _refuse_many_cells(notebook: NotebookNode) -> None:
    if len(notebook.cells) > MAX_CELLS:
        raise UnreadableNotebook(f"it has {len(notebook.cells)} cells, more than {MAX_CELLS}")


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:200]
