"""How long the code of a submission may take, unless an instructor says otherwise."""

from __future__ import annotations

CELL_SECONDS = 30.0
"""Of wall time, for one cell or one cell of checks."""

SUBMISSION_SECONDS = 300.0
"""Of wall time, for all cells of a notebook together."""

GRACE_SECONDS = 2.0
"""Between the interrupt of an overdue cell and its kernel's end."""
