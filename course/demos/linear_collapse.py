"""Collapse: a stack of linear layers is one linear layer, up to rounding; an activation between them ends that.

Each layer maps the plane to itself: it rotates, stretches by 1.2 one way and by 0.85 the other, and shifts. Between
two layers stands x → (1 - s) x + s f(x) with an activation f, so that s = 0 is linear and s = 1 is the activation.
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course import style
from course.computations.functions import ACTIVATIONS, FloatArray
from course.computations.training import one_thread
from course.demos.framework.base import Demo
from course.demos.framework.controls import count_slider, menu, slider

DEEPEST = 24  # layers
LINES = 9  # of the net in each direction
STOPS = 41  # points on each line
ROUNDINGS = 16  # of the size of the outputs: what rounding adds up to, at most; how much it does, differs by processor
PRECISIONS: dict[str, Any] = {"float32": np.float32, "float64": np.float64}
BOUNDS = {kind: ROUNDINGS * float(np.finfo(dtype).eps) for kind, dtype in PRECISIONS.items()}


@cache
def layers() -> tuple[FloatArray, FloatArray]:
    """Return the weights, shape (DEEPEST, 2, 2), and biases, shape (DEEPEST, 2), of all layers."""
    rng = np.random.default_rng(3)
    angles = rng.uniform(0.0, 2 * np.pi, DEEPEST)
    turn = np.moveaxis(np.array([[np.cos(angles), -np.sin(angles)], [np.sin(angles), np.cos(angles)]]), -1, 0)
    return turn * [1.2, 0.85], rng.uniform(-0.2, 0.2, (DEEPEST, 2))


@cache
def net() -> FloatArray:
    """Return points of a square net of lines, line by line: shape (2 * LINES * STOPS, 2), within [-1, 1]."""
    at, along = np.linspace(-1, 1, LINES), np.linspace(-1, 1, STOPS)
    fixed, moving = np.repeat(at, STOPS), np.tile(along, LINES)
    return np.concatenate([np.column_stack([fixed, moving]), np.column_stack([moving, fixed])])


def between(x: NDArray[Any], name: str, share: float) -> NDArray[Any]:
    """Return what stands between two layers: (1 - share) x + share f(x), in the dtype of `x`."""
    if share == 0.0:
        return x
    with one_thread():
        active = ACTIVATIONS[name].torch_function(torch.from_numpy(x)).numpy()
    return (1.0 - share) * x + share * active


def stack(x: FloatArray, depth: int, name: str, share: float, dtype: Any = np.float64) -> NDArray[Any]:
    """Return the outputs of the first 1, 2, …, `depth` layers, computed in `dtype`: shape (depth, n, 2)."""
    weights, biases = (part.astype(dtype) for part in layers())
    outputs = []
    signal = x.astype(dtype)
    for index in range(depth):
        signal = (between(signal, name, share) if index else signal) @ weights[index].T + biases[index]
        outputs.append(signal)
    return np.array(outputs)


def merged(depth: int, dtype: Any = np.float64) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return weight and bias, shapes (2, 2) and (2,), of the one layer that equals `depth` linear layers.

    W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂), and so on, computed in `dtype`.
    """
    weights, biases = (part.astype(dtype) for part in layers())
    weight, bias = np.eye(2, dtype=dtype), np.zeros(2, dtype=dtype)
    for index in range(depth):
        weight, bias = weights[index] @ weight, weights[index] @ bias + biases[index]
    return weight, bias


def rounding(depth: int, dtype: Any) -> FloatArray:
    """Return relative differences between 1, …, `depth` linear layers and the merged one on the net: shape (depth,)."""
    outputs = stack(net(), depth, "identity", 0.0, dtype)
    differences = []
    for count, output in enumerate(outputs, start=1):
        weight, bias = merged(count, dtype)
        once = net().astype(dtype) @ weight.T + bias
        differences.append(float(np.abs(output - once).max()) / float(np.abs(output).max()))
    return np.array(differences)


def bend(outputs: FloatArray) -> FloatArray:
    """Return how far from affine each of several maps of the net is.

    Parameters
    ----------
    outputs : FloatArray
        Ndarray of float64, shape (d, n, 2).

    Returns
    -------
    ndarray of float64, shape (d,)
        Root mean square distance to the best affine map (least squares) over that to the best constant: 0 is
        affine, 1 is nothing like it.
    """
    basis, _ = np.linalg.qr(np.column_stack([net(), np.ones(len(net()))]))
    rest = outputs - basis @ (basis.T @ outputs)
    spread = outputs - outputs.mean(axis=1, keepdims=True)
    return np.sqrt((rest**2).sum((1, 2)) / (spread**2).sum((1, 2)))


class LinearCollapse(Demo):
    """Stack layers, then let the activation in: the net stays a parallelogram until it does."""

    title = "Collapse of linear layers"
    size = (760, 360)
    stills: ClassVar = {
        "01_collapse": {"depth": 20, "share": 0.0},
        "01_no_collapse": {"depth": 6, "share": 1.0, "activation": "tanh"},
    }

    def make_controls(self) -> dict[str, Any]:
        """Return the number of layers, how much activation stands between them, and which."""
        choices = [(ACTIVATIONS[name].label, name) for name in ("tanh", "leaky_relu")]
        return {
            "depth": count_slider("layers", 5, 1, DEEPEST, width=340),
            "share": slider("activation, share s", 0.2, 0.0, 1.0, 0.02, width=340),
            "activation": menu("activation f", choices, "tanh", width=220),
        }

    def build(self, figure: Figure) -> None:
        """Build the image of a square net, and how far from one linear layer the stack is."""
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.25))
        figure.subplots_adjust(left=0.05, right=0.985, top=0.9, bottom=0.14, wspace=0.28)
        style.style_axes(left, title="image of a square net, scaled")
        style.style_axes(right, title="distance from one linear layer, relative", xlabel="layers")
        left.set(xlim=(-1.08, 1.08), ylim=(-1.08, 1.08), xticks=(-1, 0, 1), yticks=(-1, 0, 1), aspect="equal")
        right.set(xlim=(0, DEEPEST + 1), yscale="log", ylim=(1e-17, 9))
        right.set_yticks([1e-16, 1e-12, 1e-8, 1e-4, 1], ["10⁻¹⁶", "10⁻¹²", "10⁻⁸", "10⁻⁴", "1"])
        right.minorticks_off()
        (self.lines,) = left.plot([], [], color=style.BLUE, linewidth=1.2)
        (self.corners,) = left.plot([], [], color=style.VERMILLION, linestyle=style.DASHED, linewidth=1.6)
        self.exact = {kind: rounding(DEEPEST, dtype) for kind, dtype in PRECISIONS.items()}
        looks = ((style.ORANGE, style.DASHED), (style.BLUE, style.SOLID))
        for (kind, bound), (colour, dash) in zip(BOUNDS.items(), looks, strict=True):
            right.plot(
                [1, DEEPEST], [bound, bound], color=colour, linestyle=dash, label=f"no activation, {kind}: below"
            )
        (self.bends,) = right.plot([], [], color=style.VERMILLION, linestyle=style.DASHDOT, label="with share s")
        (self.here,) = right.plot([], [], "o", color=style.VERMILLION, markersize=8, markeredgecolor="white")
        right.legend(loc="center right", frameon=False, handlelength=2.8, bbox_to_anchor=(1.0, 0.36))
        self.canvas.animate([self.lines, self.corners, self.bends, self.here])

    def update(self) -> None:
        """Send the net through the layers; measure how far from affine each depth is."""
        depth, share = int(self.value("depth")), float(self.value("share"))
        outputs = stack(net(), DEEPEST, self.value("activation"), share)
        self.bent = bend(outputs)
        image = outputs[depth - 1]
        self.image = (image - image.mean(axis=0)) / np.abs(image - image.mean(axis=0)).max()
        broken = np.insert(self.image, range(STOPS, len(self.image), STOPS), np.nan, axis=0)
        self.lines.set_data(*broken.T)
        self.corners.set_data(*best_parallelogram(self.image).T)
        drawn = np.maximum(self.bent, BOUNDS["float64"])
        self.bends.set_data(range(1, DEEPEST + 1), drawn)
        self.here.set_data([depth], [drawn[depth - 1]])

    def describe(self) -> tuple[str, str]:
        """Return the distances at this depth, for both precisions and for the share chosen."""
        depth, share = int(self.value("depth")), float(self.value("share"))
        name = ACTIVATIONS[self.value("activation")].label
        bent = self.bent[depth - 1]
        rows = [
            f"layers: {depth}; between them (1 − {share:.2f}) x + {share:.2f} {name}(x)",
            *(
                f"no activation, {kind}: {depth} layers and one merged layer differ by {errors[depth - 1]:.1e}"
                for kind, errors in self.exact.items()
            ),
            f"share s = {share:.2f}: distance to the best single linear layer {bent:.1e}",
        ]
        shape = "It fills a parallelogram, straight and even" if bent < 1e-3 else "Its lines are bent"
        alt = (
            f"Left: the image of a square net of lines after {depth} layers, scaled to the panel, with a dashed "
            f"vermillion parallelogram, the image under the best single linear layer. {shape}. Right: distance from "
            f"one linear layer against the number of layers, on a logarithmic axis: without an activation below "
            f"{BOUNDS['float32']:.0e} in float32 (orange, dashed) and {BOUNDS['float64']:.0e} in float64 (blue, solid) "
            f"at every depth, which is rounding; with share {share:.2f} of {name} (vermillion, dash-dot) it is "
            f"{bent:.1e} at {depth} layers."
        )
        return "\n".join(rows), alt


def best_parallelogram(image: FloatArray) -> FloatArray:
    """Return the corners, first one repeated, of the square under the best affine map from net to `image`: (5, 2)."""
    columns = np.column_stack([net(), np.ones(len(net()))])
    fit, *_ = np.linalg.lstsq(columns, image, rcond=None)
    corners = np.array([[-1, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1], [-1, -1, 1]], dtype=float)
    return corners @ fit
