"""A kernel that is replaced when it ends: the cells that ran before run again in the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from course.rehearse.kernel import START_SECONDS, Kernel, Outcome

MOST_DEATHS = 30
"""Kernels that end in one rehearsal; after them nothing more is run."""


@dataclass(frozen=True)
class Step:
    """A cell that ran, and what the other kernel has to know to follow."""

    source: str
    given: bool
    ended_well: bool = True


class Side:
    """The student's side of a rehearsal.

    Parameters
    ----------
    folder, home : Path
        As `Kernel` has them.
    seconds : float
        For each cell.
    bare : bool, optional
        Whether it follows another side where NumPy is the only package.
    preload : Sequence[str], optional
        What is imported before the first cell, in time that is not counted.
    """

    def __init__(
        self, folder: Path, home: Path, seconds: float, *, bare: bool = False, preload: Sequence[str] = ()
    ) -> None:
        self._preload = tuple(preload)
        self._start: Callable[[], Kernel] = lambda: Kernel(folder, home, bare=bare)
        self._seconds = seconds
        self._bare = bare
        self._kernel: Kernel | None = None
        self._kernels = 0
        self.steps: list[Step] = []
        self._followed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._kernel is not None:
            self._kernel.close()

    def run(self, source: str, *, given: bool) -> Outcome:
        """Run a cell of the notebook; one that is stopped or ends the kernel is left out when others run again."""
        kernel = self._living()
        if kernel is None:
            return Outcome("died", 0.0)
        outcome = kernel.run(source, self._seconds)
        if outcome.ended in ("ok", "error"):
            step = Step(source, given, outcome.ended == "ok")
            self.steps.append(step)
            if given and kernel.alive:
                kernel.ask(_call("given", source), self._seconds)
        return outcome

    def check(self, *arguments: Any) -> Outcome:
        """Run a cell of checks; `beside.check` says with what arguments."""
        kernel = self._living()
        return Outcome("died", 0.0) if kernel is None else kernel.ask(_call("check", *arguments), self._seconds)

    def follow(self, steps: Sequence[Step]) -> None:
        """Catch up with another side."""
        new, self._followed = steps[self._followed :], len(steps)
        for step in new:
            kernel = self._living()
            if kernel is not None and self._again(kernel, step):
                self.steps.append(step)

    def _living(self) -> Kernel | None:
        """Return a kernel that has run what ran; None if too many have ended."""
        while self._kernel is None or not self._kernel.alive:
            if self._kernels > MOST_DEATHS:
                return None
            self._kernels += 1
            self._kernel = self._start()
            self._kernel.ask(_call("begin", self._bare, self._preload), START_SECONDS)
            steps, self.steps = self.steps, []
            for step in steps:
                if self._kernel.alive and self._again(self._kernel, step):
                    self.steps.append(step)
        return self._kernel

    def _again(self, kernel: Kernel, step: Step) -> bool:
        if self._bare:
            outcome = kernel.ask(_call("replay", step.source, step.ended_well), self._seconds)
        else:
            outcome = kernel.run(step.source, self._seconds)
        if step.given and kernel.alive:
            kernel.ask(_call("given", step.source), self._seconds)
        return kernel.alive and outcome.ended in ("ok", "error")


def _call(function: str, *arguments: Any) -> str:
    """Return an expression that calls a function of `beside` in a kernel."""
    return f"__import__('course.rehearse.beside', fromlist=['beside']).{function}(*{arguments!r})"
