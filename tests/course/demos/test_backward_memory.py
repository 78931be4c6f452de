"""What the demo says is kept, against what autograd keeps: each kind of block, all at once and recomputed."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from course.demos.backward_memory import KINDS, MIB, BackwardMemory, peak, timeline

D = 24
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "silu_by_hand": lambda z: z * torch.sigmoid(z),
    "gelu_by_hand": lambda z: 0.5 * z * (1 + torch.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))),
}


class Block(nn.Module):
    def __init__(self, kind: str) -> None:
        super().__init__()
        hidden = round(KINDS[kind].wide * D)
        self.function = FUNCTIONS.get(kind)
        self.first, self.value, self.last = nn.Linear(D, hidden), nn.Linear(D, hidden), nn.Linear(hidden, D)

    def forward(self, x: Tensor) -> Tensor:
        z = self.first(x)
        return self.last(F.silu(z) * self.value(x) if self.function is None else self.function(z))


def kept(forward: Callable[[Tensor], Tensor], model: nn.Module) -> float:
    """What autograd keeps of a run, each storage once and no weights, in tensors of the input's size."""
    x = torch.randn(40, D, requires_grad=True)
    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    sizes: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        sizes.setdefault(tensor.untyped_storage().data_ptr(), tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        forward(x)
    return sum(size for key, size in sizes.items() if key not in weights) / x.numel()


@pytest.mark.parametrize("kind", KINDS)
def test_the_way_forward_is_what_autograd_keeps(kind: str) -> None:
    model = nn.Sequential(*(Block(kind) for _ in range(3)))
    for blocks in (1, 2, 3):
        assert kept(model[:blocks], model) == pytest.approx(timeline(KINDS[kind].kept, 3, 0)[blocks - 1])


def test_a_recomputed_segment_keeps_its_input_and_while_it_runs_all_that_its_blocks_keep() -> None:
    model = nn.Sequential(*(Block("gelu") for _ in range(4)))

    def in_segments(x: Tensor) -> Tensor:
        for start in (0, 2):
            x = checkpoint(model[start : start + 2], x, use_reentrant=False)
        return x

    line = timeline(KINDS["gelu"].kept, 4, 2)
    assert kept(in_segments, model) == line[3] == 2
    assert kept(model[2:], model) + 1 == pytest.approx(line[4])  # and the first segment's input


@pytest.mark.parametrize("blocks", [1, 5, 24])
def test_the_way_back_ends_as_it_began_and_one_segment_saves_nothing(blocks: int) -> None:
    for segment in range(blocks + 1):
        line = timeline(9.0, blocks, segment)
        assert len(line) == 2 * blocks
        assert line[-1] == 9.0  # the first block, alone
    assert peak(9.0, blocks, blocks) == peak(9.0, blocks, 0) == 9.0 * blocks


def test_the_picture_shows_the_numbers() -> None:
    demo = BackwardMemory()
    demo.set(kind="relu", format="float32", blocks=10, segment=3)
    unit = 1024 * 2048 * 4 / MIB
    np.testing.assert_allclose(demo.line.get_ydata(), unit * timeline(5.0, 10, 3))
    np.testing.assert_allclose(demo.peaks.get_ydata(), [unit * peak(5.0, 10, length) for length in range(1, 11)])
    assert f"all kept: peak {unit * 50:.0f} MiB" in demo.readout
    demo.set(segment=32)
    assert demo.here.get_xdata()[0] == 10, "a segment is no longer than the stack"
    demo.set(recompute=False)
    assert "without recomputation" in demo.alt_text
