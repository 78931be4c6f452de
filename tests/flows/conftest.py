"""A released course that each test gets a copy of."""

from __future__ import annotations

from tests.support.classroom_fixtures import _frozen_source, forks, released, room

__all__ = ["_frozen_source", "forks", "released", "room"]
