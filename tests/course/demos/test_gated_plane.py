"""One gated unit against torch, and what the lesson says of its corners."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from course.demos.gated_plane import CELLS, CORNERS, VARIANTS, GatedPlane, gated_unit, separates

GATES = {"SwiGLU": F.silu, "GEGLU": F.gelu, "ReGLU": F.relu, "GLU": torch.sigmoid, "bilinear": lambda z: z}


@pytest.mark.parametrize("variant", VARIANTS)
def test_map_and_lines_are_value_times_gate(variant: str) -> None:
    demo = GatedPlane()
    demo.set(variant=variant, angle=35.0, length=2.5)
    v = 2.5 * np.array([np.cos(np.deg2rad(35.0)), np.sin(np.deg2rad(35.0))])

    def unit(points: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return points[:, 0] * np.asarray(GATES[variant](torch.from_numpy(points @ v)))

    t = np.linspace(-2, 2, CELLS)
    image = np.asarray(demo.map.get_array())
    np.testing.assert_allclose(image[7], unit(np.column_stack([t, np.full(CELLS, t[7])])), atol=1e-12)
    np.testing.assert_allclose(demo.equal.get_ydata(), unit(np.column_stack([t, t])), atol=1e-12)
    np.testing.assert_allclose(demo.differ.get_ydata(), unit(np.column_stack([t, -t])), atol=1e-12)
    np.testing.assert_allclose(demo.corners, unit(CORNERS), atol=1e-12)


def test_which_variants_solve_xor_with_one_unit() -> None:
    solved = {name for name in VARIANTS if separates(gated_unit(CORNERS, name, 90.0, 1.0))}
    assert solved == {"SwiGLU", "GEGLU", "bilinear"}
    demo = GatedPlane()
    for name in VARIANTS:
        demo.set(variant=name)
        assert ("does not tell them apart" in demo.readout) == (name not in solved)


def test_reglu_that_looks_where_its_value_looks_is_squared_relu() -> None:
    points = np.random.default_rng(0).normal(size=(50, 2))
    np.testing.assert_allclose(gated_unit(points, "ReGLU", 0.0, 1.0), np.maximum(points[:, 0], 0) ** 2, atol=1e-15)
