"""The memory cell against torch's LSTM cell, and what the demo says about it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from course.demos.memory_gate import STEPS, MemoryGate, candidates, half_life, memory


def test_memory_is_that_of_an_lstm_cell() -> None:
    """A cell whose weights are all 0 but the candidate's; biases hold the gates' pre-activations."""
    cell = nn.LSTMCell(1, 1).double()
    forget, take = 2.0, -0.5
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        cell.weight_ih[2] = 1.0  # torch's order: input, forget, candidate, output
        cell.bias_ih[:2] = torch.tensor([take, forget], dtype=torch.float64)
        states, state = [], (torch.zeros(1, 1).double(), torch.zeros(1, 1).double())
        for value in np.arctanh(np.clip(candidates(), -0.999, 0.999)):  # the cell takes the tanh of it
            state = cell(torch.tensor([[value]]), state)
            states.append(state[1].item())
    demo = MemoryGate()
    demo.set(forget=forget, take=take)
    np.testing.assert_allclose(demo.states, states, atol=2e-3)  # the pulse of 1 is cut to 0.999
    np.testing.assert_array_equal(demo.state.get_ydata(), demo.states)


@pytest.mark.parametrize("gate", ["sigmoid", "hard_sigmoid", "relu"])
def test_points_stand_on_the_curve(gate: str) -> None:
    demo = MemoryGate()
    demo.set(gate=gate, forget=2.0, take=-1.5)
    for point, z in ((demo.forget, 2.0), (demo.take, -1.5)):
        x, y = demo.curve.get_data()
        assert point.get_xdata()[0] == z
        assert point.get_ydata()[0] == pytest.approx(np.interp(z, x, y), abs=1e-3)


def test_an_open_gate_keeps_and_a_shut_one_forgets() -> None:
    offered = candidates()
    np.testing.assert_allclose(memory(1.0, 1.0, offered), np.cumsum(offered))
    np.testing.assert_array_equal(memory(0.0, 0.5, offered), 0.5 * offered)
    assert not memory(0.9, 0.0, offered).any()
    assert np.abs(offered).max() == 1.0
    assert offered.shape == (STEPS,)


def test_a_gate_without_limit_leaves_the_picture_and_the_words_say_so() -> None:
    demo = MemoryGate()
    demo.set(gate="relu", forget=8.0, take=1.0)
    assert np.abs(demo.states).max() > 1e40
    assert np.abs(demo.state.get_ydata()).max() == 1e3
    assert "It leaves the picture." in demo.alt_text
    assert "grows at each step" in demo.readout
    demo.set(gate="sigmoid", forget=-8.0, take=-8.0)
    assert "leaves the picture" not in demo.alt_text
    assert demo.error == ""


@pytest.mark.parametrize(
    ("forget", "words"),
    [
        (0.0, "at once"),
        (0.5, "one half after 1.0 steps"),
        (1.0, "for ever"),
        (1.1, "grows"),
        (0.99, "one half after 69 "),
    ],
)
def test_half_life(forget: float, words: str) -> None:
    assert words in half_life(forget)
