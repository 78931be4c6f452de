"""The activation functions a demo can show: one table of names, colours, line styles and torch functions.

Values and derivatives come from torch itself, so a demo shows what a network would compute.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import ArrayLike, NDArray

from course import style

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Activation:
    """One function with its looks.

    `jumps` lists the points where the derivative has no value because it jumps.
    """

    name: str
    label: str
    colour: str
    dash: Any
    torch_function: Callable[[torch.Tensor], torch.Tensor]
    jumps: tuple[float, ...] = ()

    @property
    def looks(self) -> str:
        """Colour and line style in words, for alt texts."""
        return f"{style.COLOUR_NAMES[self.colour]}, {style.DASH_NAMES[self.dash]}"


_TABLE = (
    Activation("identity", "identity", style.BLACK, style.DOTTED, torch.clone),
    Activation("sigmoid", "sigmoid", style.BLUE, style.SOLID, torch.sigmoid),
    Activation("tanh", "tanh", style.VERMILLION, style.DASHED, torch.tanh),
    Activation("relu", "ReLU", style.GREEN, style.DASHDOT, F.relu, jumps=(0.0,)),
    # torch switches to the identity above `threshold`; at 40 that is exact in float64, at its default 20 not.
    Activation("softplus", "Softplus", style.PURPLE, style.DASHDOTDOT, partial(F.softplus, beta=1.0, threshold=40.0)),
    Activation("leaky_relu", "Leaky ReLU", style.ORANGE, style.DASHED, F.leaky_relu, jumps=(0.0,)),
    Activation("elu", "ELU", style.SKY, style.DASHDOTDOT, F.elu),
    Activation("selu", "SELU", style.BLACK, style.DASHDOT, F.selu, jumps=(0.0,)),
    Activation("gelu", "GELU", style.PURPLE, style.SOLID, F.gelu),
    Activation("gelu_tanh", "GELU, tanh form", style.BLACK, style.DASHED, partial(F.gelu, approximate="tanh")),
    Activation("gelu_sigmoid", "GELU, sigmoid form", style.SKY, style.SOLID, lambda x: x * torch.sigmoid(1.702 * x)),
    Activation("silu", "SiLU (Swish)", style.BLUE, style.DASHED, F.silu),
    Activation("mish", "Mish", style.VERMILLION, style.DOTTED, F.mish),
    Activation("hardswish", "Hardswish", style.SKY, style.DASHDOT, F.hardswish, jumps=(-3.0, 3.0)),
    Activation("hard_sigmoid", "hard sigmoid", style.ORANGE, style.DOTTED, F.hardsigmoid, jumps=(-3.0, 3.0)),
)
ACTIVATIONS = {activation.name: activation for activation in _TABLE}
MARKERS = {"sigmoid": ("o", "round"), "tanh": ("s", "square"), "relu": ("^", "triangle"), "gelu": ("D", "diamond")}
"""A marker on every layer tells lines apart where dashes are short."""


def evaluate(name: str, x: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return value and derivative of the activation `name` at `x`, as torch computes them.

    Parameters
    ----------
    name : str
        A key of `ACTIVATIONS`.
    x : array_like of float, any shape
        Converted to float64.

    Returns
    -------
    value, derivative : ndarray of float64, the shape of `x`
        The derivative is autograd's. At a jump that is torch's convention: 0 for ReLU at 0.
    """
    inputs = torch.tensor(np.asarray(x, dtype=np.float64), requires_grad=True)
    outputs = ACTIVATIONS[name].torch_function(inputs)
    (slopes,) = torch.autograd.grad(outputs.sum(), inputs)
    return outputs.detach().numpy(), slopes.numpy()


def curves(name: str, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return `evaluate` for plotting: the derivative is NaN at its jumps, so that a line breaks there."""
    value, slope = evaluate(name, x)
    slope[np.isin(x, ACTIVATIONS[name].jumps)] = np.nan
    return value, slope


def sigmoid_gate(x: FloatArray, k: float) -> tuple[FloatArray, FloatArray]:
    """Return σ(k·x) and its derivative; the shape of `x`. Written with tanh, which cannot overflow."""
    s = 0.5 * (1 + np.tanh(0.5 * k * x))
    return s, k * s * (1 - s)


FLAT = 0.1  # a slope below this in size counts as flat


def grid(low: float, high: float, jumps: Sequence[float] = (), points: int = 481) -> FloatArray:
    """Return `points` even steps from `low` to `high`, the `jumps` and their close neighbours, sorted: shape (n,)."""
    close = 1e-9 * (high - low)
    around = [jump + side for jump in jumps if low < jump < high for side in (-close, 0.0, close)]
    return np.unique(np.concatenate([np.linspace(low, high, points), around]))


def is_flat(slope: FloatArray) -> NDArray[np.bool_]:
    """Return where |slope| < 0.1; a missing slope (NaN) is not flat."""
    return np.abs(np.nan_to_num(slope, nan=np.inf)) < FLAT


def flat_zones(x: FloatArray, slope: FloatArray) -> list[tuple[float, float]]:
    """Return the intervals of `x` where |slope| < 0.1; an end between two grid points is interpolated."""

    def end(flat: int, beside: int) -> float:
        if not 0 <= beside < len(x) or np.isnan(slope[beside]):
            return float(x[flat])
        heights = np.abs(slope[[flat, beside]])
        return float(np.interp(FLAT, heights, x[[flat, beside]]))

    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_flat(slope), [False]]).astype(int)))
    return [(end(start, start - 1), end(stop - 1, stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]
