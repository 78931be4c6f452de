"""The templates of the class report, the overview and the feedback page, and the filters that they share."""

from __future__ import annotations

from datetime import datetime, timedelta
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
    environment.filters["moment"] = moment
    environment.filters["in_words"] = in_words
    return environment.get_template(name)


def moment(time: datetime) -> str:
    """Return a date and time to the minute; its zone goes without saying."""
    return f"{time:%Y-%m-%d %H:%M}"


def in_words(time: timedelta) -> str:
    """Return how late something is, in the two largest units that matter."""
    minutes = int(time.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{days} d"] * bool(days) + [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes and not days)
    return " ".join(parts) or "under 1 min"
