"""The check-up of a network as a table."""

from __future__ import annotations

from course.computations.check_up import LayerReport
from course.widgets.reports import layer_table


def test_a_row_for_each_layer_and_a_dash_where_there_is_nothing_to_ask() -> None:
    hidden = LayerReport("Linear + ReLU", 8, 2, 0.5, 1, 0.25, 1.0, 0.1, 1e-3)
    output = LayerReport("Linear", 3, None, None, 0, None, 2.0, 0.3, 1e-4)
    assert repr(layer_table("at the start", [hidden, output])).splitlines() == [
        "at the start",
        "layer            units  dead  zeros  no gradient  flat  spread of z  gradient  update/weights",
        "1 Linear + ReLU      8     2   50 %            1  25 %            1  1.0·10⁻¹        1.0·10⁻³",
        "2 Linear             3     –      –            0     –            2  3.0·10⁻¹        1.0·10⁻⁴",
    ]
