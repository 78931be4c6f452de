"""Attention weights against torch's own attention, and masks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from course.demos.attention_weights import ANGLES, KEYS, NAMES, AttentionWeights, scores, weights


@pytest.mark.parametrize("mask", [False, True])
@pytest.mark.parametrize(("angle", "length"), [(0.0, 0.0), (20.0, 3.0), (200.0, 12.5), (360.0, 30.0)])
def test_weights_and_mix_are_those_of_torch(angle: float, length: float, mask: bool) -> None:
    demo = AttentionWeights()
    demo.set(angle=angle, length=length, mask=mask)
    query = torch.tensor([[length * np.cos(np.radians(angle)), length * np.sin(np.radians(angle))]])
    keys = torch.from_numpy(KEYS)
    seen = torch.tensor([[True, True, True, not mask, not mask]])
    expected = F.scaled_dot_product_attention(query, keys, keys, attn_mask=seen)
    np.testing.assert_allclose(demo.mixed, expected[0].numpy(), atol=1e-12)
    np.testing.assert_allclose([demo.mix.get_xdata()[0], demo.mix.get_ydata()[0]], demo.mixed)
    drawn = [bar.get_ydata()[1] for bar in demo.bars]
    np.testing.assert_allclose(drawn, demo.weights)
    assert sum(drawn) == pytest.approx(1.0)
    if mask:
        assert drawn[3] == drawn[4] == 0.0


def test_a_query_of_length_0_attends_to_all_alike() -> None:
    np.testing.assert_allclose(weights(scores(77.0, 0.0), np.zeros(5, dtype=bool)), 0.2)


def test_a_long_query_picks_the_nearest_key() -> None:
    demo = AttentionWeights()
    for name, angle in zip(NAMES, ANGLES, strict=True):
        demo.set(angle=float(angle), length=30.0)
        assert NAMES[int(np.argmax(demo.weights))] == name
        assert f"{name} 1.00" in demo.alt_text or demo.weights.max() > 0.9


def test_the_arrow_points_along_the_query() -> None:
    demo = AttentionWeights()
    demo.set(angle=120.0, length=30.0)
    (_, x), (_, y) = demo.query.get_data()
    assert np.degrees(np.arctan2(y, x)) == pytest.approx(120.0)
    assert np.hypot(x, y) == pytest.approx(1.0)
    demo.set(length=0.0)
    assert np.hypot(demo.query.get_xdata()[1], demo.query.get_ydata()[1]) == 0.0
    assert "length 0.0" in demo.readout
