"""A check-up of a network as a table: one row for each layer."""

from __future__ import annotations

from collections.abc import Sequence

from course.computations.check_up import LayerReport
from course.widgets.tables import Table


def layer_table(caption: str, reports: Sequence[LayerReport]) -> Table:
    """Return the reports as a table, the first layer first.

    Parameters
    ----------
    caption : str
        Which network, and when.
    reports : sequence of LayerReport
        What `check_up` returns.
    """
    columns = {
        "layer": "", "units": "d", "dead": "d", "zeros": ".0%", "no gradient": "d", "flat": ".0%", "spread of z": ".2g",
        "gradient": ".1e", "update/weights": ".1e",
    }  # fmt: skip
    table = Table(caption, columns)
    for number, r in enumerate(reports, start=1):
        dead, zeros, flat = ("–" if value is None else value for value in (r.dead, r.zeros, r.flat))
        table.add(f"{number} {r.name}", r.units, dead, zeros, r.no_gradient, flat, r.spread, r.gradient, r.update)
    return table
