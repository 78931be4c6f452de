"""A released course that each test gets a copy of, with an exchange."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.classroom import Classroom
from tests.support.classroom_fixtures import _frozen_source, forks, released, room
from tests.support.exchange import Exchange

__all__ = ["_frozen_source", "forks", "released", "room"]


@pytest.fixture
def exchange(room: Classroom, tmp_path: Path) -> Exchange:
    return Exchange(room, tmp_path, "c.Watch.pause_minutes = 0")
