"""The templates of pages: what students write is escaped, and numbers and names are as people read them."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from autograder.reports.page_template import template


def test_filters_and_escaping() -> None:
    environment = template("feedback.html.j2").environment
    page = environment.from_string("{{ 2.50 | points }} {{ 3.0 | points }} {{ '<b>a_b' | breaking }} {{ name }}")
    assert page.render(name="<i>") == "2.5 3 &lt;b&gt;a_<wbr>b &lt;i&gt;"


def test_a_name_that_is_not_given_is_a_mistake() -> None:
    with pytest.raises(UndefinedError):
        template("report.html.j2").environment.from_string("{{ missing }}").render()
