"""Figures are seen below the cell that draws them, whatever a student chose to draw with."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import pytest
from PIL import Image

from autograder.room.session import RoomFactory, StudentRoom

DRAW = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"


@pytest.fixture(scope="module")
def server() -> Iterator[RoomFactory]:
    with RoomFactory(preload=("matplotlib.pyplot",)) as process:
        yield process


@pytest.fixture
def drawing(server: RoomFactory) -> Iterator[StudentRoom]:
    with server.open_room({}) as room:
        yield room


def pictures(room: StudentRoom, source: str) -> list[dict[str, str]]:
    run = room.run_cell(source)
    assert run.ended == "ok", run.outputs
    return [output.data for output in run.outputs if "data" in output]


def darkest(data: dict[str, str]) -> int:
    return min(Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("L").tobytes())


@pytest.mark.parametrize(
    "choice",
    [
        "%matplotlib notebook",
        "%matplotlib qt",
        "%matplotlib tk",
        "%matplotlib",
        "%matplotlib widget",
        "%gui qt",
        "%pylab qt",
        "import matplotlib; matplotlib.use('TkAgg')",
        "import matplotlib.pyplot as plt; plt.switch_backend('Qt5Agg')",
        "%config InlineBackend.figure_formats = ['pdf']",
        "%config InlineBackend.figure_formats = ['svg']",
        "%config InlineBackend.figure_format = 'retina'",
        "import matplotlib_inline.backend_inline as b; b.set_matplotlib_formats('svg', 'pdf')",
    ],
)
def test_a_figure_is_a_picture(drawing: StudentRoom, choice: str) -> None:
    [data] = pictures(drawing, f"{choice}\n{DRAW}")
    assert darkest(data) < 50


def test_where_matplotlib_was_not_imported_before() -> None:
    with RoomFactory(warm=False) as cold, cold.open_room({}) as room:
        [data] = pictures(room, "import matplotlib\nmatplotlib.use('TkAgg')\n" + DRAW + "\nplt.show()")
    assert darkest(data) < 50


def test_a_canvas_is_shown_as_it_is_at_the_end_of_each_cell_that_changes_it(drawing: StudentRoom) -> None:
    make = "%matplotlib widget\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots(); ax.axis('off');"
    [empty] = pictures(drawing, make)
    assert darkest(empty) > 200
    [drawn] = pictures(drawing, "ax.plot([1, 2], color='black');")
    assert darkest(drawn) < 50
    assert pictures(drawing, "1;") == []
    widgets = pictures(drawing, "import ipywidgets\nipywidgets.VBox([ipywidgets.IntSlider(), fig.canvas])")
    assert "application/vnd.jupyter.widget-view+json" in widgets[0]
