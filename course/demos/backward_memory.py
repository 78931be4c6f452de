"""What a stack of feed-forward blocks keeps for the way back: over one training step, with and without recomputation.

A block is a linear layer from d to 4d numbers, an activation, and a linear layer back to d; a gated block has two
layers in and 8/3 d hidden numbers, so that it has as many parameters. Sizes count what autograd keeps, each storage
once: the input of every linear layer, and what the activation needs. Weights and gradients are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from course import style
from course.computations.functions import FloatArray
from course.demos.framework.base import Demo
from course.demos.framework.controls import count_slider, menu, row, tick

MIB = 2.0**20
WIDTH = 1024  # d
TOKENS = 2048  # rows of a batch
MOST = 32  # blocks


@dataclass(frozen=True)
class Kind:
    """A kind of block: how wide its hidden layer is, as a multiple of d, and how many tensors of that width stay."""

    label: str
    wide: float
    tensors: int

    @property
    def kept(self) -> float:
        """What one block keeps, its input included, in tensors of width d."""
        return 1.0 + self.tensors * self.wide


KINDS = {
    "relu": Kind("ReLU", 4.0, 1),
    "gelu": Kind("GELU", 4.0, 2),
    "silu_by_hand": Kind("SiLU by hand", 4.0, 3),
    "gelu_by_hand": Kind("tanh GELU by hand", 4.0, 5),
    "swiglu": Kind("SwiGLU", 8 / 3, 4),
}
BYTES = {"float32": 4, "bfloat16": 2}


def timeline(kept: float, blocks: int, segment: int) -> FloatArray:
    """Return what is kept after each block on the way forward, then back, in tensors of width d.

    Parameters
    ----------
    kept : float
        By one block, its input included.
    blocks : int
        How many there are.
    segment : int
        Blocks in a segment that keeps its input alone and is recomputed on the way back; 0 without recomputation.

    Returns
    -------
    ndarray of float64, shape (2 · blocks,)
        On the way back, each value is what is there while the block's gradients are computed.
    """
    done = np.arange(1, blocks + 1)
    if not segment:
        up = kept * done
        return np.concatenate([up, up[::-1]])
    begun = (done - 1) // segment + 1  # segments whose input is there
    inside = (done - 1) % segment + 1  # blocks of the segment that are still needed
    there = begun + kept * inside - 1.0  # the input of the segment is that of its first block
    return np.concatenate([begun.astype(np.float64), there[::-1]])


def peak(kept: float, blocks: int, segment: int) -> float:
    """Return the largest value of `timeline`."""
    return float(timeline(kept, blocks, segment).max())


class BackwardMemory(Demo):
    """Choose the activation and how much is recomputed; see what is kept over one step, and its peak."""

    title = "What is kept for the way back"
    size = (800, 340)
    stills: ClassVar = {"11_backward_memory": {}}

    def make_controls(self) -> dict[str, Any]:
        """Return the kind of block, the numbers of blocks in all and in a segment, the format, and recomputation."""
        return {
            "kind": menu("activation", [(kind.label, name) for name, kind in KINDS.items()], "gelu", width=260),
            "format": menu("format", list(BYTES), "bfloat16", width=180),
            "recompute": tick("recompute", True),
            "blocks": count_slider("blocks", 24, 2, MOST, width=300),
            "segment": count_slider("blocks in a segment", 1, 1, MOST, width=360),
        }

    def layout_controls(self) -> widgets.Widget:
        """Put menus and box in one row, the sliders in the next."""
        rows = (("kind", "format", "recompute"), ("blocks", "segment"))
        return widgets.VBox([row(self.controls[name] for name in names) for names in rows])

    def build(self, figure: Figure) -> None:
        """Build what is kept over the step, and the peak against the length of a segment."""
        left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
        figure.subplots_adjust(left=0.085, right=0.985, top=0.82, bottom=0.145, wspace=0.26)
        style.style_axes(left, title="kept, MiB", xlabel="blocks done: forward, then back")
        style.style_axes(right, title="peak, MiB", xlabel="blocks in a segment")
        left.set(xlim=(0, 2 * MOST))
        right.set(xlim=(0, MOST + 1))
        self._axes = (left, right)
        (self.plain,) = left.plot([], [], color=style.GREY, linestyle=style.DASHED, label="all kept")
        (self.line,) = left.plot([], [], color=style.VERMILLION, label="as chosen")
        self.turn = left.axvline(0, color=style.GREY, linewidth=1.0, linestyle=style.DOTTED)
        (self.peaks,) = right.plot([], [], ".-", color=style.BLUE, markersize=6, label="with recomputation")
        (self.level,) = right.plot([], [], color=style.GREY, linestyle=style.DASHED)
        (self.here,) = right.plot([], [], "o", color=style.VERMILLION, markersize=9, markeredgecolor="white")
        figure.legend(
            handles=[self.plain, self.line, self.peaks], loc="upper left", ncols=3, frameon=False, handlelength=2.6,
            borderaxespad=0.2,
        )  # fmt: skip
        self.canvas.animate([self.plain, self.line, self.turn, self.peaks, self.level, self.here])
        self._scale: tuple[Any, ...] = ()

    def update(self) -> None:
        """Compute the step as chosen, the one that keeps all, and the peaks of all segments."""
        kind, blocks = KINDS[self.value("kind")], int(self.value("blocks"))
        segment = min(int(self.value("segment")), blocks)
        unit = WIDTH * TOKENS * BYTES[self.value("format")] / MIB
        recompute = bool(self.value("recompute"))
        self.kept = unit * timeline(kind.kept, blocks, segment if recompute else 0)
        self.all = unit * peak(kind.kept, blocks, 0)
        lengths = np.arange(1, blocks + 1)
        self.by_length = unit * np.array([peak(kind.kept, blocks, int(length)) for length in lengths])
        steps = np.arange(1, 2 * blocks + 1)
        self.plain.set_data(steps, unit * timeline(kind.kept, blocks, 0))
        self.line.set_data(steps, self.kept)
        self.turn.set_xdata([blocks + 0.5] * 2)
        self.peaks.set_data(lengths, self.by_length)
        self.level.set_data([0, MOST + 1], [self.all, self.all])
        self.here.set_data([segment], [self.kept.max()])
        scale = (self.value("kind"), self.value("format"))
        if scale != self._scale:  # the same for all numbers of blocks, so that lines move and axes do not
            self._scale = scale
            for axes in self._axes:
                axes.set_ylim(0, 1.08 * unit * peak(kind.kept, MOST, 0))
            self.canvas.invalidate()

    def describe(self) -> tuple[str, str]:
        """Return the peaks, the best length of a segment, and what recomputation costs."""
        kind, blocks = KINDS[self.value("kind")], int(self.value("blocks"))
        segment = min(int(self.value("segment")), blocks)
        best = int(self.by_length.argmin()) + 1
        recompute = bool(self.value("recompute"))
        rows = [
            f"{kind.label}, {blocks} blocks, d = {WIDTH}, {TOKENS} rows, {self.value('format')}",
            f"one block keeps its input and {kind.tensors} × {kind.wide:.3g}d: {kind.kept:.2f} tensors of width d",
            f"all kept: peak {self.all:.0f} MiB",
        ]
        if recompute:
            rows.append(
                f"segments of {segment}, recomputed: peak {self.kept.max():.0f} MiB, "
                f"{100 * self.kept.max() / self.all:.0f} % of it, for one forward pass more"
            )
        rows.append(f"smallest peak with recomputation: {self.by_length.min():.0f} MiB, segments of {best}")
        chosen = f"recomputed in segments of {segment}" if recompute else "without recomputation"
        alt = (
            f"Left: MiB kept over one training step of {blocks} {kind.label} blocks, forward and then back. A grey "
            f"dashed line keeps all: it rises to {self.all:.0f} in the middle and falls again. The vermillion line is "
            f"the step {chosen}: its largest value is {self.kept.max():.0f}. Right: the largest value against the "
            f"number of blocks in a segment, blue with dots, smallest at {best} with {self.by_length.min():.0f}; a "
            f"grey dashed line marks {self.all:.0f}, a vermillion dot the choice."
        )
        return "\n".join(rows), alt
