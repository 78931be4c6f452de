"""The templates of the class report and of the feedback page, and the filters that they share."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape


@cache
def template(name: str) -> Template:
    """Return a template, which escapes all that it is given.

    Parameters
    ----------
    name : str
        Its file in `templates/`.
    """
    environment = Environment(
        loader=PackageLoader("autograder.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = lambda value: f"{value:.2f}".rstrip("0").rstrip(".")
    environment.filters["breaking"] = lambda name: Markup(str(escape(name)).replace("_", "_<wbr>"))
    return environment.get_template(name)
