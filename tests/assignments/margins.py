"""Measures how far the reference is from the threshold of each check that rests on training.

`make pages PAGE=margins` writes docs/measured/margins.md. It takes a minute or two.

A check whose seeds are fixed, and that compares with a training carried out beside it, differs by rounding alone: its
spread is the difference to that training in float64, or with inputs changed by a millionth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autograder.hidden_checks import design
from autograder.hidden_checks import outputs as hidden
from autograder.reference import outputs
from benchmarks.pages import mark
from course.checks.outputs import cross_entropy_of
from tests.support.notebook_runner import ROOT, notebook_cells

PAGE = ROOT / "docs" / "measured" / "margins.md"
ENOUGH = 5
"""A threshold is at least so many spreads away from the reference."""

RUNS = 60
FALLS_BELOW = 0.551
"""The loss that a visible check of `train` asks for after 30 steps."""

CORNERS, NO_BEND = 1.0 - 0.05, 0.85
"""What visible checks of `compare` ask of a network with ReLU, at least, and without an activation, at most."""


@dataclass(frozen=True)
class Margin:
    """A check that rests on training."""

    check: str
    threshold: float
    reference: float
    spread: float
    of: str
    """What the spread is taken over."""

    @property
    def away(self) -> float:
        """Distance from the threshold in spreads."""
        distance = abs(self.reference - self.threshold)
        return distance / self.spread if self.spread else np.inf

    def row(self) -> str:
        """Return the row of the table."""
        away = "no spread" if self.away == np.inf else f"{self.away:.0f}" if self.away >= 10 else f"{self.away:.1f}"
        return (
            f"| {self.check} | {self.threshold:.4g} | {self.reference:.4g} | {self.spread:.2g} ({self.of}) | {away} |"
        )


def relu(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return values and slopes of ReLU."""
    return x.clamp(min=0), (x > 0).to(x.dtype)


def straight(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return values and slopes of no activation."""
    return x, torch.ones_like(x)


def margins() -> list[Margin]:
    """Measure all of them."""
    return [*_of_train(), *_of_ps6()]


def _over_seeds(check: str, threshold: float, found: Sequence[float], mean_of: int = 1) -> Margin:
    spread = float(np.std(found, ddof=1)) / mean_of**0.5
    return Margin(check, threshold, float(np.mean(found)), spread, f"{len(found)} seeds")


def _trained(X: Tensor, y: Tensor, steps: int, seed: int, dtype: torch.dtype = torch.float32) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, int(y.max()) + 1))
    return outputs.train_on_logits(network.to(dtype), X.to(dtype), y, steps=steps, lr=0.5)


def _of_train() -> list[Margin]:
    X, y = hidden._clusters()
    mixed_up = y[torch.from_numpy(np.random.default_rng(56).permutation(len(y)))]
    given = _given("ps5_outputs_and_losses")
    after = [_trained(X, y, 40, seed)[1].detach().numpy() for seed in range(RUNS)]
    losses = [cross_entropy_of(probabilities, y) for probabilities in after]
    accuracies = [float((probabilities.argmax(axis=1) == y.numpy()).mean()) for probabilities in after]
    learned_by_heart = [
        cross_entropy_of(_trained(X, mixed_up, 40, s)[1].detach().numpy(), mixed_up) for s in range(RUNS)
    ]
    visible = [_trained(given["points"], given["labels"], 30, seed)[0][-1] for seed in range(RUNS)]
    single, double = (_trained(X, y, 40, 0, dtype) for dtype in (torch.float32, torch.float64))
    rounding = max(float(np.abs(np.subtract(single[0], double[0])).max()), float((single[1] - double[1]).abs().max()))
    return [
        _over_seeds("train: the loss falls below 0.551", FALLS_BELOW, visible),
        _over_seeds(f"train: {hidden.LEARNS} (loss)", hidden.LEARNED_LOSS, losses),
        _over_seeds(f"train: {hidden.LEARNS} (accuracy)", hidden.LEARNED_ACCURACY, accuracies),
        _over_seeds(f"train: {hidden.LEARNS} (mixed-up labels)", hidden.MIXED_UP_LOSS, learned_by_heart),
        Margin(
            "train: network, seed, optimiser and steps are as they were", hidden.TRAINING_TOL, 0.0, rounding, "rounding"
        ),
    ]


def _of_ps6() -> list[Margin]:
    given = _given("ps6_design_your_own")
    corners, mixed = given["corners"], design.mixed_up_data()
    seeds = range(RUNS)

    def runs(slope: Callable[[Tensor], tuple[Tensor, Tensor]], data: design.Data) -> list[float]:
        return design.accuracies_over_seeds(slope, data, seeds)

    relabelled, expected = design.mostly_relabelled(corners(100))
    off = [abs(found - expected) for found in runs(relu, relabelled)]
    exact = design.accuracies_over_seeds(relu, mixed, design.MIXED_UP_SEEDS)
    noise = torch.Generator().manual_seed(0)
    nudged = (mixed[0] * (1 + 1e-6 * torch.randn(mixed[0].shape, generator=noise)), *mixed[1:])
    other = design.accuracies_over_seeds(relu, nudged, design.MIXED_UP_SEEDS)
    rounding = max(float(np.abs(np.subtract(exact, other)).max()), 1e-3)  # a row of 1000 at least
    return [
        _over_seeds("my_activation: trains like ReLU on the digits", _lowest(), runs(relu, given["DIGITS"]), 5),
        _over_seeds("compare: ReLU learns the corners", CORNERS, runs(relu, corners(80))),
        _over_seeds("compare: without an activation it cannot", NO_BEND, runs(straight, corners(80))),
        _over_seeds("compare: accuracy is the share of test rows", 0.05, off),
        Margin("compare: 50 steps of Adam, seed by seed", design.TRAINED, 0.0, rounding, "rounding"),
        Margin("compare: another seed, another start", design.SEED_MATTERS, float(np.ptp(exact)), rounding, "rounding"),
    ]


def _lowest() -> float:
    return design.RELU_ACCURACY - design.MARGIN


def _given(assignment: str) -> dict[str, Any]:
    """Return the names of an assignment's given cells before the first exercise, and of those that train."""
    names: dict[str, Any] = {}
    for cell in notebook_cells("source", assignment):
        if cell.grade_id in ("setup", "given_training", "script"):
            exec(cell.source, names)
    return names


def page() -> str:
    """Return the page."""
    rows = "\n".join(margin.row() for margin in margins())
    return f"""{mark(PAGE.stem)}
# Margins of checks that rest on training

The reference is a training as the task describes it. The spread is a
standard deviation over seeds or, where the seeds are fixed and the check compares with a training beside it, what
rounding makes of it: the largest difference to that training in float64 (train), or with inputs changed by a millionth
and one row of 1000 at least (compare). Each threshold is at least {ENOUGH} spreads away.

`revive` in ps2 and everything in ps1, ps3 and ps7 is checked without training; the networks of ps4 are compared
with those that the same code trains beside them.

| check | threshold | reference | spread | spreads away |
|---|--:|--:|--:|--:|
{rows}
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
