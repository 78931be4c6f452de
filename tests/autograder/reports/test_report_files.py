"""Where pages are, and how they are linked."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urljoin

from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.report_files import anchor, link

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=10).filter(
    lambda name: name not in (".", "..")
)


@given(NAMES)
def test_a_link_leads_to_the_file_whatever_its_name(student: str) -> None:
    page = Path("/course/reports/ps1.html")
    address = link(Path("/course/feedback", student, "ps1/ps1.html"), page)
    assert (
        unquote(urljoin("file:///course/reports/ps1.html", address))
        == f"file:///course/feedback/{student}/ps1/ps1.html"
    )


@given(st.text(max_size=20))
def test_an_anchor_is_one_word(student: str) -> None:
    assert anchor(student).isalnum()
    assert anchor(student) != anchor(f"{student}x")
