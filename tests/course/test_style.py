"""The style of all figures."""

from __future__ import annotations

from matplotlib.figure import Figure

from course import style


def test_the_legends_of_the_figure_go_and_those_of_axes_stay() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], label="line")
    axes.legend()
    for place in ("upper left", "upper right"):
        figure.legend(loc=place)
    style.clear_legends(figure)
    assert figure.legends == []
    assert axes.get_legend() is not None
