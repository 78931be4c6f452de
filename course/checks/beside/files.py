"""Reads files beside the notebook."""

from __future__ import annotations

from pathlib import Path


def read_file(name: str, most: int) -> bytes | None:
    """Return the content of a file; None if there is none of this name, or it has more than `most` bytes."""
    path = Path(name)
    return path.read_bytes() if path.is_file() and path.stat().st_size <= most else None
