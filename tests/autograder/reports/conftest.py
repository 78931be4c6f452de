"""A small graded class for every test of what comes after grading."""

from __future__ import annotations

from tests.support.graded_class import empty_course, graded

__all__ = ["empty_course", "graded"]
