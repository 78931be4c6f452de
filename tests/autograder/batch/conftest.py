"""A released course that each test gets a copy of, its gradebook, and the writer that enters grades into it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from nbgrader.api import Gradebook

from autograder.batch.ledger import Ledger
from autograder.batch.writer import Writer
from tests.support.classroom import MINI, Classroom
from tests.support.classroom_fixtures import _frozen_source, forks, released, room

__all__ = ["_frozen_source", "forks", "released", "room"]


@pytest.fixture
def gradebook(room: Classroom) -> Iterator[Gradebook]:
    with room.gradebook() as gradebook:
        yield gradebook


@pytest.fixture
def writer(room: Classroom, gradebook: Gradebook) -> Writer:
    return Writer(room.course, gradebook, Ledger(gradebook, MINI), MINI, [MINI])
