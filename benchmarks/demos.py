"""Milliseconds from a key press to new pixels, in a real browser: every demo, and a plain `interact` beside it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median
from typing import Any

import nbformat
import numpy as np
from playwright.sync_api import ViewportSize
from rich.console import Console

from autograder.errors import UserError
from benchmarks.pages import mark
from benchmarks.stopwatch import Lap, time_key
from benchmarks.tables import Section, machine, verdict
from benchmarks.versions import first_slider
from course.demos import all_demos
from tests.support.lab import LabServer, NotebookPage, chromium

GOAL_MS = 50
GRID_GOAL_MS = 100
ON_A_GRID = frozenset({"decision_boundary", "unfolding"})
"""Demos that evaluate a network on a grid of points for each picture."""

WARM_UP = 1  # presses of each version that do not count
VERSIONS = ("ours", "asked_only", "interact")
COLUMNS = tuple(f"{version}_{number}" for version in VERSIONS for number in ("ms", "p90_ms"))
QUIET_MS = 150  # between two presses no message comes or goes for so long
VIEWPORT: ViewportSize = {"width": 1280, "height": 1600}  # both versions are in sight

PAGE = """{mark}
# Speed of the demos

The numbers are in the part `demos` of `bench.json` too. Measuring takes about ten minutes, and the machine should do
nothing else meanwhile. This run: {cores} cores, {processor}, Python {python}; {presses} key presses for each number
(`python -m benchmarks --only demos --presses N` takes another number).

A demo answers a key press on its slider by setting the data of the artists that move, and sends the page the pixels
that changed. While nobody touches it, it draws the next step of each slider to either side ahead and sends that too:
a key press shows it in the next frame, and the kernel's own picture follows. What notebooks usually do is
`ipywidgets.interact`: each press makes a new figure, draws all of it, and shows it as an inline picture. Three versions
run here in turn, press by press, in one JupyterLab page in headless Chromium with one kernel, so that what else the
machine does hits all alike: **ours** as lessons have it, the same **asked only**, that is without drawing ahead, which
is what a key held down or a slider dragged fast gets, and **interact**. A key is pressed once {quiet} ms have passed
without a message, so ours can draw ahead in the pauses a person leaves between presses. All have a slider with the same
steps, and the same artists, data and size in pixels; a test compares the pictures. Where in doubt, `interact` gets the
advantage: ours goes first, so that where a computation is kept for the next time, `interact` finds it done; it cuts off
no margins, for which it would draw twice; and it writes no readout and no text alternative, as ours does.

- **ms** are from the key event to the first frame that shows other pixels, on the clock of the page: from the event's
  `timeStamp` to the moment at which the frame has been rendered. When something has been put on the canvas, or an
  image has been loaded, the next frame's picture is copied, and compared with the one before the press once the time
  has been taken. Until then nothing is watched. The first {warm_up} press of each version does not count.
- **p90**: nine of ten presses took at most that long.
- **ahead**: of how many presses of ours the step had been drawn ahead, in percent.
- **to the kernel**, **kernel**, **to pixels**: means of the parts of *asked only*. From the key to the page's first
  message, from there to the arrival of the picture in the page, from there to the rendered frame.
- **goal**: {goal} ms for functions of numbers, {grid_goal} ms where a network is evaluated on a grid of points.

{sections}"""


def measure_demos(presses: int, console: Console, names: Sequence[str] | None = None) -> dict[str, Any]:
    """Measure demos, one after the other.

    Parameters
    ----------
    presses : int
        Key presses that count, for each version of each demo.
    console : Console
        Told what is measured.
    names : sequence of str, optional
        Modules of `course.demos`; all demos if left out.

    Returns
    -------
    dict
        What `bench.json` has under `demos`.

    Raises
    ------
    UserError
        If there is no Chromium, or if a key press changes no pixel.
    """
    measured = {}
    with tempfile.TemporaryDirectory() as scratch:
        root, home = Path(scratch) / "root", Path(scratch) / "home"
        root.mkdir()
        home.mkdir()
        nbformat.write(bench_notebook(), root / "demos.ipynb")
        with LabServer(root, home) as server, chromium() as browser:
            notebook = NotebookPage(browser.new_page(viewport=VIEWPORT), server, "demos.ipynb", "bench")
            notebook.run_all()
            for name in names or all_demos():
                console.print(f"… {name}")
                control, laps = _press_in_turn(notebook, name, presses)
                measured[name] = {"control": control, "goal_ms": goal(name), **statistics(laps)}
    return {"presses": presses, "machine": machine(), "measured": measured}


def bench_notebook() -> nbformat.NotebookNode:
    """Return a cell that imports, and an empty one for each version."""
    # No kernel has the benchmarks on its path; at the end of it, so that a copied `course` still comes first.
    root = str(Path(__file__).resolve().parents[1])
    first = f"import sys\nsys.path.append({root!r})\n"
    first += "from benchmarks.versions import show_asked_only, show_interact, show_ours"
    cells = [nbformat.v4.new_code_cell(first)]
    cells += [nbformat.v4.new_code_cell() for _ in VERSIONS]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _press_in_turn(notebook: NotebookPage, name: str, presses: int) -> tuple[str, dict[str, list[Lap]]]:
    """Show all versions of a demo and press keys; return what the slider is called and the laps that count."""
    controls = all_demos()[name]().controls
    slider = controls[first_slider(controls)]
    cells = [notebook.run_cell(index, f"show_{version}({name!r})") for index, version in enumerate(VERSIONS, start=1)]
    laps: dict[str, list[Lap]] = {version: [] for version in VERSIONS}
    for key in walk(slider, WARM_UP + presses):
        for cell, version in zip(cells, VERSIONS, strict=True):
            lap = time_key(notebook.slider(cell, slider.description), key, notebook.output(cell))
            if lap is None:
                raise UserError(f"{name} ({version}): {key} on the slider {slider.description!r} changes no pixel.")
            laps[version].append(lap)
            notebook.wait_until_idle(QUIET_MS)
    return slider.description, {version: found[WARM_UP:] for version, found in laps.items()}


def walk(slider: Any, presses: int) -> list[str]:
    """Arrow keys that move a slider one step each: to the right, and back at each end."""
    position = round((slider.value - slider.min) / slider.step)
    last = round((slider.max - slider.min) / slider.step)
    keys, direction = [], 1
    for _ in range(presses):
        if not 0 <= position + direction <= last:
            direction = -direction
        position += direction
        keys.append("ArrowRight" if direction == 1 else "ArrowLeft")
    return keys


def goal(name: str) -> int:
    """Milliseconds that a press may take in the median."""
    return GRID_GOAL_MS if name in ON_A_GRID else GOAL_MS


def statistics(laps: dict[str, list[Lap]]) -> dict[str, float]:
    """Milliseconds: medians and 90th percentiles, means of parts; and percent of the presses drawn ahead."""
    found: dict[str, float] = {"ahead_percent": 100 * mean(lap.ahead for lap in laps["ours"])}
    for version, of_version in laps.items():
        totals = [lap.total for lap in of_version]
        found[f"{version}_ms"] = median(totals)
        found[f"{version}_p90_ms"] = float(np.percentile(totals, 90))
    for part in ("to_kernel", "kernel", "to_pixels"):
        found[f"{part}_ms"] = mean(getattr(lap, part) for lap in laps["asked_only"])
    return {key: round(value, 1) for key, value in found.items()}


def demos_sections(result: dict[str, Any]) -> list[Section]:
    """Return the tables: times and goals, then the parts of the time when the kernel is asked."""
    measured = result["measured"]
    speed = [
        (
            name,
            row["control"],
            *(f"{row[key]:.1f}" for key in COLUMNS),
            f"{row['interact_ms'] / row['ours_ms']:.1f}",
            f"{row['ahead_percent']:.0f}",
            f"at most {row['goal_ms']}",
            verdict(row["ours_ms"], row["goal_ms"], "at most"),
        )
        for name, row in measured.items()
    ]
    parts = [
        (name, *(f"{row[key]:.1f}" for key in ("to_kernel_ms", "kernel_ms", "to_pixels_ms")))
        for name, row in measured.items()
    ]
    head = (
        "demo", "slider", "ours ms", "p90", "asked only ms", "p90", "interact ms", "p90", "interact / ours", "ahead %",
        "goal", "",
    )  # fmt: skip
    return [
        Section("From key press to new pixels", head, speed),
        Section(
            "Where the time goes when the kernel is asked, ms", ("demo", "to the kernel", "kernel", "to pixels"), parts
        ),
    ]


def demos_page(result: dict[str, Any]) -> str:
    """Return the page about the speed of the demos as Markdown."""
    sections = "\n".join(section.markdown() for section in demos_sections(result))
    return PAGE.format(
        **result["machine"], mark=mark("demos_speed"), presses=result["presses"], warm_up=WARM_UP, quiet=QUIET_MS,
        goal=GOAL_MS, grid_goal=GRID_GOAL_MS, sections=sections,
    )  # fmt: skip
