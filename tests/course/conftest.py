"""Fixtures of the tests of what students have."""

from __future__ import annotations

from pathlib import Path

import pytest

from course.progress import store
from course.progress.store import FOLDER_VARIABLE


@pytest.fixture
def kept_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody works in a notebook; the folder where the progress is kept, which is not there yet."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "kept"))
    monkeypatch.setattr(store, "somebody_is_there", lambda: True)
    return tmp_path / "kept"
