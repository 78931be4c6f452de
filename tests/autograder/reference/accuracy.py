"""How far every reference is from the true value: `python -m tests.autograder.reference.accuracy` prints the table.

`--write` puts it in docs/measured/accuracy.md.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import torch
from numpy.typing import NDArray

from autograder.reference.activations import CATALOGUE, Activation, NumPyFunction, TorchFunction
from benchmarks.pages import mark
from tests.support import mpmath_reference

DIGITS = 50
GOAL = 4.0  # ULP, NumPy in float64
PAGE = Path(__file__).parents[3] / "docs" / "measured" / "accuracy.md"
DType = type[np.float32] | type[np.float64]
Results = NDArray[np.floating[Any]]

_MAGNITUDES = (
    *(5e-324, 1e-310, 2.2250738585072014e-308, 1e-300, 1e-45, 1e-40, 1.17549435e-38, 1e-30, 1e-16, 1e-8, 1e-4, 0.1),
    *(0.5, 1.0, 2.0, 3.0, 6.0, 20.0, 27.0, 37.5, 38.4, 38.6, 87.3, 88.7, 103.9, 372.0, 700.0, 708.3, 708.4, 709.7),
    *(740.0, 744.4, 745.1, 745.2, 746.0, 1e4, 1e10, 1e30, 3e38, 1e100, 1e154, 1e200, 1e300, 1.7e308),
)
_OFFSETS = (0.0, 1e-14, 1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-3, 1e-2, 3e-2, 0.1, 0.2)


@dataclass(frozen=True)
class Worst:
    """The largest error found, in ULP, and a description of the input it is at."""

    ulp: float = 0.0
    where: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the table: a function or derivative and its largest errors."""

    name: str
    numpy64: Worst
    numpy32: Worst
    torch64: Worst


def ulp_error(result: float, true: Any, dtype: DType) -> float:
    """Return |result - true| in units in the last place of the true value.

    The unit is the distance of neighbouring numbers of `dtype` in the true value's binade; below the smallest normal
    number it is the smallest subnormal one, so a result flushed to 0 counts by what it lost. Beyond the largest
    number the right result is infinity. NaN, and infinity in place of a number, count as infinitely wrong.
    """
    info = np.finfo(dtype)
    if abs(true) >= mp.mpf(float(info.max)) * (1 + mp.mpf(float(info.epsneg)) / 2):
        return 0.0 if result == math.copysign(math.inf, true) else math.inf
    if not math.isfinite(result):
        return math.inf
    exponent = int(mp.frexp(true)[1]) - 1 if true else info.minexp
    unit = mp.ldexp(1, max(exponent, int(info.minexp)) - int(info.nmant))
    return float(abs(mp.mpf(result) - true) / unit)


def hard_points(activation: Activation, dtype: DType, random_points: int = 300) -> Results:
    """Return the inputs an elementwise function is examined at, sorted, shape (n,).

    Zero, subnormal and huge numbers; the neighbours of 0, of every kink and of the minimum; where exp saturates; and
    random points, uniform in [-5, 5], [-40, 40] and [-750, 750] and log-uniform over all magnitudes.
    """
    rng = np.random.default_rng(20240229)
    centres = {0.0, *activation.kinks, *_derivative_zeros(activation)}
    points = [0.0, *(sign * m for m in _MAGNITUDES for sign in (-1, 1))]
    for centre in centres:
        points += [centre + sign * offset for offset in _OFFSETS for sign in (-1, 1)]
        for direction in (-math.inf, math.inf):
            neighbour = dtype(centre)
            for _ in range(3):
                neighbour = np.nextafter(neighbour, dtype(direction))
                points.append(float(neighbour))
    for bound in (5, 40, 750):
        points += list(rng.uniform(-bound, bound, random_points))
    for low, high in ((-320, 308), (-12, 3)):
        points += list(rng.choice([-1, 1], random_points) * 10 ** rng.uniform(low, high, random_points))
    with np.errstate(over="ignore", under="ignore"):
        values = np.unique(np.array(points).astype(dtype))
    return values[np.isfinite(values)]


def _derivative_zeros(activation: Activation) -> list[float]:
    """Return the doubles nearest to the zeros of the derivative, for every setting of the parameters."""
    if activation.minimum is None:
        return []
    derivative = getattr(mpmath_reference, f"{activation.name}_derivative")
    zeros = []
    with mp.workdps(DIGITS):
        for parameters in activation.parameters:
            start = activation.minimum[0] / parameters.get("beta", 1.0)
            zeros.append(float(mp.findroot(partial(derivative, **parameters), start)))
    return zeros


def hard_logits(dtype: DType, random_rows: int = 40) -> list[Results]:
    """Return the rows of logits that softmax and log-softmax are examined at."""
    rng = np.random.default_rng(20240229)
    big = float(np.finfo(dtype).max)
    rows: list[Sequence[float]] = [
        *([0.0], [big], [0.0, 0.0], [1.0, 1.0 + 2**-20], [1e-8, 0.0], [-1e-8, 1e-8], [5e-324, 0.0], [2, 1, 0.5, -1]),
        *([20.0, 0.0], [37.0, 0.0], [700.0, 0.0], [744.9, 0.0], [88.0, 0.0], [1000.0, 0.0], [1e4, -1e4, 0.0]),
        *([1e4, 1e4 + 1e-2, 1e4 - 3e-3], [big, -big], [big, big], [-big, 0.0, 1.0], [3.0] * 7, [700, 699.9, -700, 0]),
    ]
    for scale in (1e-6, 1.0, 10.0, 300.0):
        for _ in range(random_rows // 4):
            rows.append(list(rng.normal(0, scale, rng.integers(2, 9))))
    with np.errstate(under="ignore"):
        return [np.array(row).astype(dtype) for row in rows]


def worst_error(
    function: Callable[..., Any], truth: Callable[..., Any], x: Results, parameters: Mapping[str, float]
) -> Worst:
    """Return the largest error of an elementwise `function` at x, against mpmath's `truth`."""
    return max(_elementwise_errors(function(x, **parameters), truth, x, parameters), key=lambda worst: worst.ulp)


def _elementwise_errors(
    results: Results, truth: Callable[..., Any], x: Results, parameters: Mapping[str, float]
) -> Iterator[Worst]:
    setting = "".join(f", {name}={value:g}" for name, value in parameters.items())
    with mp.workdps(DIGITS):
        for point, result in zip(x.tolist(), results.tolist(), strict=True):
            true = truth(mp.mpf(point), **parameters)
            yield Worst(ulp_error(result, true, x.dtype.type), f"{point!r}{setting}")


def worst_row_error(
    function: Callable[..., Any], truth: Callable[..., Any], rows: Sequence[Results], parameters: Mapping[str, float]
) -> Worst:
    """Return the largest error of softmax, log-softmax or a Jacobian of them over rows of logits."""
    worst = Worst()
    with mp.workdps(DIGITS):
        for row in rows:
            true = np.array(truth([mp.mpf(value) for value in row.tolist()], **parameters), dtype=object)
            results = function(row, **parameters)
            for one, exact in zip(results.ravel().tolist(), true.ravel(), strict=True):
                error = ulp_error(one, exact, row.dtype.type)
                if error > worst.ulp:
                    logits = ", ".join(f"{value:.4g}" for value in row[:4]) + (", ..." if row.size > 4 else "")
                    worst = Worst(error, f"[{logits}], T={parameters['temperature']:g}")
    return worst


def measure(activation: Activation, derivative: bool, dtype: DType, library: str, effort: float = 1.0) -> Worst:
    """Return the largest error over all settings of the parameters; `effort` scales the number of random points."""
    suffix = "_derivative" if derivative else ""
    truth = getattr(mpmath_reference, activation.name + suffix)
    function = getattr(activation, library + suffix)
    called = _on_arrays(function) if library == "torch" else _quietly(function)
    if activation.over_axis:
        rows = hard_logits(dtype, int(40 * effort))
        found = [worst_row_error(called, truth, rows, parameters) for parameters in activation.parameters]
    else:
        points = hard_points(activation, dtype, int(300 * effort))
        found = [worst_error(called, truth, points, parameters) for parameters in activation.parameters]
    return max(found, key=lambda worst: worst.ulp)


def _quietly(function: NumPyFunction) -> NumPyFunction:
    def called(x: Results, **parameters: float) -> Results:
        with np.errstate(over="ignore"):  # the grid has points whose true value is out of range
            return function(x, **parameters)

    return called


def _on_arrays(function: TorchFunction) -> NumPyFunction:
    def called(x: Results, **parameters: float) -> Results:
        return np.asarray(function(torch.from_numpy(x.copy()), **parameters).detach())

    return called


def table() -> list[Row]:
    """Measure every function and every derivative of the catalogue."""
    return [
        Row(
            activation.name + ("_derivative" if derivative else ""),
            measure(activation, derivative, np.float64, "numpy"),
            measure(activation, derivative, np.float32, "numpy"),
            measure(activation, derivative, np.float64, "torch"),
        )
        for activation in CATALOGUE
        for derivative in (False, True)
    ]


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the table in Markdown."""
    lines = [
        "| function | NumPy float64 | at | NumPy float32 | at | torch float64 | at |",
        "|---|---:|---|---:|---|---:|---|",
    ]
    for row in rows:
        cells = [f"`{row.name}`"]
        for worst in (row.numpy64, row.numpy32, row.torch64):
            cells += [_number(worst.ulp), worst.where if worst.ulp else ""]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _number(ulp: float) -> str:
    return f"{ulp:.2f}" if ulp < 1000 else f"{ulp:.1e}"


def verdict(rows: Sequence[Row]) -> str:
    """Return the sentence that says whether NumPy's float64 functions meet the goal."""
    largest = max(rows, key=lambda row: row.numpy64.ulp)
    missed = [f"`{row.name}` ({row.numpy64.ulp:.2f})" for row in rows if row.numpy64.ulp > GOAL]
    if missed:
        return f"The goal is {GOAL:g} ULP for NumPy in float64. It is missed by {', '.join(missed)}."
    return (
        f"The goal is {GOAL:g} ULP for NumPy in float64. All {len(rows)} functions and derivatives meet it; "
        f"the largest error is {largest.numpy64.ulp:.2f} ULP, in `{largest.name}`."
    )


def page(rows: Sequence[Row]) -> str:
    """Return the text of docs/measured/accuracy.md."""
    torch_version = torch.__version__.split("+")[0]
    return f"""{mark(PAGE.stem)}
# Accuracy of the reference implementations

{verdict(rows)}

{as_markdown(rows)}

## How the errors are measured

Each result is compared with mpmath at {DIGITS} digits. The error is |result - true value| divided by one ULP: the
distance of neighbouring floating-point numbers in the binade of the true value. For a true value below the smallest
normal number it is the smallest subnormal number, 2^-1074 in float64 and 2^-149 in float32. So a result close to
zero is held to its own digits, not to those of a larger number, and a result that was flushed to zero counts by what
it lost. A correctly rounded result has at most 0.5 ULP. Where the true value is out of the range of the dtype, the
right result is infinity. NaN, or infinity in place of a number, counts as an infinite error.

The inputs are hard ones: zero, subnormal numbers and the smallest normal one, ±1e-8, ±20, ±700, ±1e4 and on to the
largest number, the places where exp underflows, the neighbours of zero, of every kink and of every minimum (where
the derivative is zero and its terms cancel), and random points, both uniform and spread over all magnitudes. Softmax
and its relatives get rows of logits of the same kinds; the error of a derivative there is that of the worst element
of the Jacobian. Functions with a parameter are measured at several values of it, and the worst is listed.

The last columns are for information: they show what PyTorch {torch_version} and its autograd return. Their large
numbers are errors relative to a tiny true value, in the tails or at a zero of a derivative; the absolute error is
small there (softplus is cut off at x = 20, which loses 2e-9; hard sigmoid's slope is 1/6 in single precision). The
infinite ones are inputs close to the largest number, where PyTorch overflows on the way to a result that does not.

Made with NumPy {np.__version__} and PyTorch {torch_version}. NumPy's exp and tanh differ a little between processors,
so the second decimal may differ on another machine.
"""


def main() -> None:
    """Print the table, or write the page."""
    parser = argparse.ArgumentParser(description=f"Compare the references with mpmath at {DIGITS} digits.")
    parser.add_argument("--write", action="store_true", help="write the table to docs/measured/accuracy.md too")
    write = parser.parse_args().write
    rows = table()
    print(as_markdown(rows))
    print(verdict(rows))
    if write:
        PAGE.write_text(page(rows), encoding="utf-8")
        print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
