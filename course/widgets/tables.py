"""Tables of what a cell has computed: a real one on the page, columns of text where there is no page."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from IPython.display import display

from course.widgets.markup import typeset

Value = str | float | Sequence[float]
"""What a cell of a table holds: a text, a number, or several numbers of one kind, such as one for each seed."""


class Table:
    """A table that is filled row by row, and then shown.

    Parameters
    ----------
    caption : str
        What the numbers are: the quantity, its unit, over what.
    columns : Mapping[str, str]
        Name of each column, with its unit, to the format of its numbers, as in an f-string:
        `{"rate": "g", "right": ".1%"}`. The first column heads the rows and may go without a name.

    Examples
    --------
    >>> table = Table("loss after 100 steps, median (smallest to largest)", {"function": "", "loss": ".2f"})
    >>> table.add("ReLU", [0.25, 0.5, 0.75])
    >>> table.add("sigmoid", 2.3)
    >>> table.show()
    loss after 100 steps, median (smallest to largest)
    function                 loss
    ReLU      0.50 (0.25 to 0.75)
    sigmoid                  2.30
    """

    def __init__(self, caption: str, columns: Mapping[str, str]) -> None:
        self._caption, self._columns = caption, {typeset(name): form for name, form in columns.items()}
        self._rows: list[list[str]] = []
        self._numeric = [False] * len(self._columns)

    def add(self, *values: Value) -> None:
        """Add a row.

        Parameters
        ----------
        *values : Value
            One for each column: a text, a number in the column's format, or several numbers, which are shown as their
            median with the smallest and the largest in brackets.

        Raises
        ------
        ValueError
            If there are more or fewer than columns.
        """
        if len(values) != len(self._columns):
            raise ValueError(
                f"The table has {len(self._columns)} columns ({', '.join(self._columns)}); this row has {len(values)} "
                "values."
            )
        self._rows.append([_shown(value, form) for value, form in zip(values, self._columns.values(), strict=True)])
        self._numeric = [
            numeric or not isinstance(value, str) for numeric, value in zip(self._numeric, values, strict=True)
        ]

    def show(self) -> None:
        """Show the table below the cell; where nothing can show it, print its text."""
        display(self)

    def __repr__(self) -> str:
        lines = [list(self._columns), *self._rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = [
            "  ".join(
                cell.rjust(width) if numeric else cell.ljust(width)
                for cell, width, numeric in zip(line, widths, self._numeric, strict=True)
            ).rstrip()
            for line in lines
        ]
        return "\n".join([typeset(self._caption), *text])

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        """Return the table as HTML, with a caption and headers that screen readers announce, and as text."""
        heads = "".join(
            f'<th scope="col" style="{_aligned(numeric)}">{html.escape(name)}</th>' if name else "<td></td>"
            for name, numeric in zip(self._columns, self._numeric, strict=True)
        )
        rows = "".join(f"<tr>{self._row(row)}</tr>" for row in self._rows)
        caption = f'<caption style="text-align:left">{html.escape(typeset(self._caption))}</caption>'
        return {
            "text/html": f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>",
            "text/plain": repr(self),
        }

    def _row(self, row: Sequence[str]) -> str:
        first, *rest = zip(row, self._numeric, strict=True)
        head = f'<th scope="row" style="{_cell(first[1])};font-weight:normal">{html.escape(first[0])}</th>'
        return head + "".join(f'<td style="{_cell(numeric)}">{html.escape(cell)}</td>' for cell, numeric in rest)


def _shown(value: Value, form: str) -> str:
    if isinstance(value, str):
        return typeset(value)
    numbers = np.asarray(value)
    if numbers.ndim == 0:
        return _formatted(numbers[()], form)
    if not numbers.size:
        raise ValueError("This cell of the table holds no number at all.")
    low, middle, high = (_formatted(number, form) for number in (numbers.min(), np.median(numbers), numbers.max()))
    return f"{middle} ({low} to {high})"


def _formatted(number: Any, form: str) -> str:
    """Return a number as text; one that is 0 when rounded has no minus sign."""
    text = format(number, form)
    digits = set(text.partition("e")[0])
    is_zero = "0" in digits and not digits & set("123456789")
    return typeset(text.removeprefix("-") if is_zero else text)


def _aligned(numeric: bool) -> str:
    return f"text-align:{'right' if numeric else 'left'}"


def _cell(numeric: bool) -> str:
    """Return the style of a cell: a number is not broken at its minus sign, however narrow the page is."""
    return _aligned(numeric) + (";white-space:nowrap;font-variant-numeric:tabular-nums" if numeric else "")
