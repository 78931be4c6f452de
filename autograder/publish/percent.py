"""jupytext's percent format, in which a line of a cell that looks like a cell's marker survives.

Such a line, `# %% data`, would begin another cell when the text is read. It is written with one more `#` and a space,
as jupytext writes magics, and loses them again when it is read. In a string it is left as it is: jupytext looks for no
marker there.
"""

from __future__ import annotations

import re

from jupytext.cell_reader import DoublePercentScriptCellReader
from jupytext.cell_to_text import DoublePercentCellExporter
from jupytext.formats import get_format_implementation
from jupytext.stringparser import StringParser

_MARKER = r"#\s*(?:%%+\s.*|%%\s*|<codecell>\s*|In\[[0-9 ]*\]:?\s*)"
"""What `DoublePercentScriptCellReader` takes for a marker, without what stands before it."""
_LIKE_MARKER = re.compile(rf"(\s*)((?:# )*{_MARKER})", re.DOTALL)
_ESCAPED = re.compile(rf"(\s*)# ((?:# )*{_MARKER})", re.DOTALL)


class CellReader(DoublePercentScriptCellReader):
    """Reads a cell."""

    def extract_content(self, lines: list[str]) -> list[str]:
        """Return the cell's text, of the lines below its marker."""
        content: list[str] = super().extract_content(_replaced(lines, _ESCAPED, r"\1\2"))
        return content


class CellExporter(DoublePercentCellExporter):
    """Writes a cell."""

    def cell_to_text(self) -> list[str]:
        """Return the lines of the cell, its marker first."""
        marker, *lines = super().cell_to_text()
        return [marker, *_replaced(lines, _LIKE_MARKER, r"\1# \2")]


def _replaced(lines: list[str], pattern: re.Pattern[str], new: str) -> list[str]:
    """Return the lines, those outside strings that match replaced."""
    parser = StringParser("python")
    replaced = []
    for line in lines:
        found = None if parser.is_quoted() else pattern.fullmatch(line)
        replaced.append(found.expand(new) if found else line)
        parser.read_line(line)
    return replaced


def register() -> None:
    """Have jupytext use these in this process, wherever it reads or writes Python text in the percent format."""
    percent = get_format_implementation(".py", "percent")
    percent.cell_reader_class, percent.cell_exporter_class = CellReader, CellExporter
