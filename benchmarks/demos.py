"""What a key press, a drag and a held key show, and when, in a real browser: every demo, and a plain `interact`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import Any

import nbformat
import numpy as np
from playwright.sync_api import ViewportSize
from rich.console import Console

from autograder.errors import UserError
from benchmarks.film import Film, drag, film, hold
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

GAP_MS = 33.4
P95_GAP_MS = 50
PER_SECOND = 30
"""Goals for what a moving hand sees: milliseconds between two pictures, in the median and for 95 % of them; pictures.

A frame takes 16.7 ms.
"""

QUIET_BEFORE_S = 5.0
"""Seconds in which a demo is left alone before its slider is dragged."""

FILM_S = 1.5
"""Seconds of a drag, and of a held key."""

STEPS_PER_SECOND = 60
"""Steps that the hand passes at least; across a slider with many steps it goes once in `FILM_S`."""

KEYS_PER_SECOND = 40
"""How often the keyboard repeats a key: systems do it 25 to 66 times."""

MOVED = ("drag", "held")
FILMED = ("ours", "interact")
VIEWPORT: ViewportSize = {"width": 1280, "height": 1600}  # both versions are in sight

PAGE = """{mark}
# Speed of the demos

The numbers are in the part `demos` of `bench.json` too. Measuring takes about a quarter of an hour, and the machine
should do nothing else meanwhile. This run: {cores} cores, {processor}, Python {python}; {presses} key presses for each
number (`python -m benchmarks --only demos --presses N` takes another number).

A demo answers a key press on its slider by setting the data of the artists that move, and sends the page the pixels
that changed. While nobody touches it, it draws ahead: the next step of each slider to either side, then more and more
steps of the slider in use. The page keeps these pictures. A key press shows one in the next frame, a drag plays them,
and the kernel's own picture follows. What notebooks usually do is
`ipywidgets.interact`: each press makes a new figure, draws all of it, and shows it as an inline picture. Three versions
run here in turn, press by press, in one JupyterLab page in headless Chromium with one kernel, so that what else the
machine does hits all alike: **ours** as lessons have it, the same **asked only**, that is without drawing ahead, which
is what a demo does for which nothing has been drawn yet, and **interact**. A key is pressed once {quiet} ms have
passed without a message, so ours can draw ahead in the pauses a person leaves between presses. All have a slider with
the same steps, and the same artists, data and size in pixels; a test compares the pictures. Where in doubt, `interact`
gets the advantage: ours goes first, so that where a computation is kept for the next time, `interact` finds it done; it
cuts off no margins, for which it would draw twice; and it writes no readout and no text alternative, as ours does.

- **ms** are from the key event to the first frame that shows other pixels, on the clock of the page: from the event's
  `timeStamp` to the moment at which the frame has been rendered. When something has been put on the canvas, or an
  image has been loaded, the next frame's picture is copied, and compared with the one before the press once the time
  has been taken. Until then nothing is watched. The first {warm_up} press of each version does not count.
- **p90**: nine of ten presses took at most that long.
- **ahead**: of how many presses of ours the step had been drawn ahead, in percent.
- **to the kernel**, **kernel**, **to pixels**: means of the parts of *asked only*. From the key to the page's first
  message, from there to the arrival of the picture in the page, from there to the rendered frame.
- **goal**: {goal} ms for functions of numbers, {grid_goal} ms where a network is evaluated on a grid of points.

Then the hand moves, on **ours** and on **interact**. Ours is shown anew and left alone for {quiet_before:g} s. A mouse
drags the slider for {film} s from where it is to the right end and back, once across the track in that time, or faster
where the slider has so few steps that less than {steps} would pass in a second. A second later the right arrow key is
held as long, {keys} times a second, and from the slider's end on the left one.

- **gap**: milliseconds between two frames that show other pixels than the one before, from the first event of the hand
  to the last; median, and **95 %** of all gaps are at most that long.
- **a second**: so many pictures were shown.
- **kept**: pictures that the page had when the drag began.
- **goal**: gaps of at most {gap} ms (two frames) in the median and {p95} ms for 95 %, and {per_second} pictures a
  second.

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
        If there is no Chromium, or if a key press or a moving hand changes no pixel.
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
                slider, laps = _press_in_turn(notebook, name, presses)
                kept, films = _move(notebook, name, slider)
                measured[name] = {"control": slider.description, "goal_ms": goal(name), **statistics(laps)}
                measured[name] |= {"kept": kept, **film_statistics(films)}
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


def _press_in_turn(notebook: NotebookPage, name: str, presses: int) -> tuple[Any, dict[str, list[Lap]]]:
    """Show all versions of a demo and press keys; return a slider like that of the page, and the laps that count."""
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
    return slider, {version: found[WARM_UP:] for version, found in laps.items()}


def _move(notebook: NotebookPage, name: str, slider: Any) -> tuple[int, dict[tuple[str, str], Film]]:
    """Drag the slider and hold a key; return how many pictures the page kept before, and the films."""
    steps = round((slider.max - slider.min) / slider.step)
    films = {}
    for version in FILMED:
        index = VERSIONS.index(version) + 1
        cell = notebook.run_cell(index, f"show_{version}({name!r})")
        handle, output = notebook.slider(cell, slider.description), notebook.output(cell)
        if version == "ours":
            time.sleep(QUIET_BEFORE_S)
            kept = notebook.kept(cell)
        films["drag", version] = film(output, partial(drag, handle, FILM_S, steps, STEPS_PER_SECOND))
        notebook.wait_until_idle(QUIET_MS)
        time.sleep(1)
        held = partial(hold, handle, FILM_S, slider.step, slider.max, KEYS_PER_SECOND)
        films["held", version] = film(output, held)
        notebook.wait_until_idle(QUIET_MS)
    return kept, films


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


def film_statistics(films: Mapping[tuple[str, str], Film]) -> dict[str, float]:
    """Milliseconds between pictures, median and 95th percentile, and pictures a second, of each film."""
    found = {}
    for (moved, version), of_version in films.items():
        name = f"{moved}_{version}"
        found[f"{name}_gap_ms"] = round(median(of_version.gaps), 1)
        found[f"{name}_p95_gap_ms"] = round(float(np.percentile(of_version.gaps, 95)), 1)
        found[f"{name}_per_second"] = round(of_version.per_second, 1)
    return found


def smooth(row: Mapping[str, Any], moved: str) -> str:
    """Return whether ours reached its goals for a drag or for a held key."""
    reached = (
        row[f"{moved}_ours_gap_ms"] <= GAP_MS
        and row[f"{moved}_ours_p95_gap_ms"] <= P95_GAP_MS
        and row[f"{moved}_ours_per_second"] >= PER_SECOND
    )
    return "reached" if reached else "missed"


def demos_sections(result: dict[str, Any]) -> list[Section]:
    """Return the tables: times and goals, what a moving hand sees, then the parts of the time when it is asked."""
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
    moving = [
        Section(
            title,
            ("demo", "kept", "ours gap ms", "95 %", "a second", "interact gap ms", "95 %", "a second", ""),
            [
                (
                    name,
                    f"{row['kept']}",
                    *(
                        f"{row[f'{moved}_{version}_{number}']:.1f}"
                        for version in FILMED
                        for number in ("gap_ms", "p95_gap_ms", "per_second")
                    ),
                    smooth(row, moved),
                )
                for name, row in measured.items()
                if "kept" in row  # an earlier version measured key presses alone
            ],
        )
        for moved, title in zip(MOVED, ("While the slider is dragged", "While a key is held"), strict=True)
    ]
    return [
        Section("From key press to new pixels", head, speed),
        *moving,
        Section(
            "Where the time goes when the kernel is asked, ms", ("demo", "to the kernel", "kernel", "to pixels"), parts
        ),
    ]


def demos_page(result: dict[str, Any]) -> str:
    """Return the page about the speed of the demos as Markdown."""
    sections = "\n".join(section.markdown() for section in demos_sections(result))
    return PAGE.format(
        **result["machine"], mark=mark("demos_speed"), presses=result["presses"], warm_up=WARM_UP, quiet=QUIET_MS,
        goal=GOAL_MS, grid_goal=GRID_GOAL_MS, sections=sections, quiet_before=QUIET_BEFORE_S, film=FILM_S,
        steps=STEPS_PER_SECOND, keys=KEYS_PER_SECOND, gap=GAP_MS, p95=P95_GAP_MS, per_second=PER_SECOND,
    )  # fmt: skip
