"""Training in the background of a page, with progress and a stop.

`Training` runs `descend` of `course.computations.training`, or any other iterator, behind a button. A demo uses
it like this:

    def make_controls(self):
        self.training = Training(self.train, steps=300, show=self.set)
        return {"rate": ..., "train": self.training.button}

    def layout_controls(self):
        ...  # the other controls, then self.training.widget, which holds button, bar and message

    def train(self):  # one item is one step; keep what you want to draw
        yield from descend(self.model, loss, batches(x, y, steps=300), optimizer)

    def update(self):
        settings = ...  # read the controls; raise BadInputError before anything else
        if settings != self._settings:
            self.training.cancel()  # a run with other settings is over
            ...  # make the model anew
        self.training.follow_button()
        ...  # set the artists' data to what has been recorded so far

Where an event loop runs, as in a notebook's kernel, work is done there in slices of some milliseconds, so that
every slider stays alive, and `show` is called every `SHOW_S` seconds. Where none runs, as in tests and in
`course.demos.framework.stills`, `demo.set(train=True)` returns when the training has ended. The steps are the same.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import ipywidgets as widgets

from course.computations.training import one_thread
from course.demos.framework.controls import row
from course.widgets.markup import alert, status

SLICE_S = 0.01  # work this long, then let the page have its turn
PAUSE_S = 0.002  # long enough for a message to be received, handled and answered
SHOW_S = 0.1  # time between two pictures


class Training:
    """A button that starts and stops some work, a progress bar, and a line that says how it stands.

    Parameters
    ----------
    work : callable returning an iterator
        Called at each start. Drawing an item from the iterator is one step. It may end early.
    steps : int
        How many steps there will be, for the progress bar. Change the attribute if settings change it.
    show : callable
        Called now and then while the work goes on, to draw what there is so far. The button's release at the end
        is a change of a control: the demo draws once more by itself.
    shown : int, optional
        How many steps the demo takes by itself when a setting changes, and shows.

    Attributes
    ----------
    button : ToggleButton
        Pressed while the work goes on. Give it to the demo as a control.
    widget : widget
        Button, bar and message in a row.
    done : int
        Steps taken since the last start.
    message : str
        How it stands, as the page shows it.
    """

    def __init__(
        self, work: Callable[[], Iterator[object]], steps: int, show: Callable[[], None], *, shown: int = 0
    ) -> None:
        self.steps, self.done, self.message = steps, 0, ""
        self._shown = shown
        self._work, self._show = work, show
        self._running: Iterator[object] | None = None
        self._task: asyncio.Task[None] | None = None
        self.button = widgets.ToggleButton(description="Train", icon="play", layout=widgets.Layout(width="110px"))
        self.bar = widgets.IntProgress(description="progress", max=steps, layout=widgets.Layout(width="260px"))
        self._line = widgets.HTML()
        self.widget = row([self.button, self.bar, self._line])
        self.cancel()

    @property
    def running(self) -> bool:
        """Whether there is work going on."""
        return self._running is not None

    def foreseeable(self, sliders: Mapping[str, Any], *, views: Collection[str] = ()) -> dict[str, Any]:
        """Return those of a demo's sliders that may be tried out now: see `Demo.foreseeable`.

        None while there is work going on. Once something has been trained, a change of a setting would throw it
        away: then only the `views`, the names of sliders that choose what is shown of it.
        """
        if self.running:
            return {}
        return {name: slider for name, slider in sliders.items() if not self.done or name in views}

    def follow_button(self) -> None:
        """Start if the button has been pressed, stop if it has been released; else do nothing."""
        if self.button.value and not self.running:
            self._start()
        elif not self.button.value and self.running:
            self._end(f"Stopped after step {self.done} of {self.steps}. Train starts again from the first step.")

    def cancel(self) -> None:
        """Stop any run and forget about it: the settings are no longer those of the run."""
        if self.running:
            self.button.value = False
        if self._shown:
            self._end(f"Shown: the first {self._shown} steps. Train takes {self.steps}.")
        else:
            self._end("Not trained yet with these settings.")
        self.done = self.bar.value = 0

    def _start(self) -> None:
        self._running = run = self._work()
        self.done, self.bar.value, self.bar.max = 0, 0, self.steps
        self.button.description, self.button.icon = "Stop", "stop"
        self._say(f"Training: {self.steps} steps.")
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            deque(self._slices(run), maxlen=0)
        else:
            self._task = loop.create_task(self._in_background(run))

    async def _in_background(self, run: Iterator[object]) -> None:
        shown = time.monotonic()
        for _ in self._slices(run):
            if time.monotonic() - shown > SHOW_S:
                self.bar.value = self.done
                self._show()
                shown = time.monotonic()
            await asyncio.sleep(PAUSE_S)

    def _slices(self, run: Iterator[object]) -> Iterator[None]:
        """Do the work of `run` and yield after each slice, until it has ended or is no longer the present run."""
        while run is self._running:
            try:
                more = self._work_for_a_slice(run)
            except Exception as problem:
                self._end(f"The training failed: {problem}", wrong=True)
                self.button.value = False
                raise
            if not more:
                early = "" if self.done == self.steps else f" of {self.steps}, where it ended early"
                self._end(f"Trained: step {self.done}{early}.")
                self.button.value = False
            yield

    def _work_for_a_slice(self, run: Iterator[object]) -> bool:
        """Tell whether there is more to do after SLICE_S seconds of work."""
        end = time.monotonic() + SLICE_S
        with one_thread():
            for _ in run:
                self.done += 1
                if time.monotonic() > end:
                    return True
        return False

    def _end(self, message: str, *, wrong: bool = False) -> None:
        self._running = None
        self.bar.value = self.done
        self.button.description, self.button.icon = "Train", "play"
        self._say(message, wrong=wrong)

    def _say(self, message: str, *, wrong: bool = False) -> None:
        self.message = message
        self._line.value = alert(message) if wrong else status(message)
