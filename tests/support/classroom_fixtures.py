"""A released course that each test gets a copy of; the grader's own source counts as unchanged."""

from __future__ import annotations

import multiprocessing
import multiprocessing.forkserver
from multiprocessing.context import BaseContext
from pathlib import Path

import pytest

from autograder.batch import submissions
from autograder.publish.notebooks import generate_assignment
from tests.support.classroom import MINI, Classroom, write_course


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """The course, released, before anybody handed in."""
    course = write_course(tmp_path_factory.mktemp("released") / "course")
    generate_assignment(course, MINI)
    return Classroom(course)


@pytest.fixture
def room(released: Classroom, tmp_path: Path) -> Classroom:
    """A copy of the course for one test."""
    return released.copy(tmp_path / "course")


@pytest.fixture(autouse=True)
def _frozen_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no edit of the program during a test grade a class again."""
    monkeypatch.setattr(submissions, "grader_fingerprint", lambda names: "this program")


@pytest.fixture(scope="session")
def forks() -> BaseContext:
    """Processes forked from one that has imported what these tests use."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["autograder.batch.run", "distributed", "tests.support.classroom"])
    multiprocessing.forkserver.ensure_running()
    return context
