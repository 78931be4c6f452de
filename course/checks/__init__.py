"""Named checks with partial credit: `scoring` counts; other modules judge a subject, or hold what several of them need.

What has to run beside the student's function, and can be trusted no further than that function, is in `beside`.
"""

from __future__ import annotations

from course.checks.scoring import (
    MESSAGE_LIMIT,
    CheckResult,
    Checks,
    Score,
    checks_table,
    describe,
    expect_array,
    expect_close,
    told_apart,
)

__all__ = [
    "MESSAGE_LIMIT",
    "CheckResult",
    "Checks",
    "Score",
    "checks_table",
    "describe",
    "expect_array",
    "expect_close",
    "told_apart",
]
