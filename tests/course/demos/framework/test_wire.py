"""Pictures as they travel: exact, in runs as long as can be, and nothing else is touched."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from course.demos.framework.wire import pack, runs
from tests.support.page import paint

PIXELS = st.sampled_from([0, 1, 0xFF000000, 0xFFFFFFFF])  # few colours, so that neighbours are often alike


@given(data=st.data(), shape=array_shapes(min_dims=2, max_dims=2, max_side=12))
def test_what_is_packed_and_painted_over_the_still_part_gives_the_picture(
    data: st.DataObject, shape: tuple[int, int]
) -> None:
    still, picture = (data.draw(arrays(np.uint32, shape, elements=PIXELS)) for _ in range(2))
    np.testing.assert_array_equal(paint(still, pack(picture, picture != still)), picture)
    everything = np.ones(shape, dtype=np.bool_)
    np.testing.assert_array_equal(paint(np.zeros(shape, dtype=np.uint32), pack(picture, everything)), picture)


@given(data=st.data(), shape=array_shapes(min_dims=2, max_dims=2, max_side=12))
def test_runs_are_as_long_as_can_be(data: st.DataObject, shape: tuple[int, int]) -> None:
    old, new = (data.draw(arrays(np.uint32, shape, elements=PIXELS)) for _ in range(2))
    found = runs(new, old != new)
    assert found[:, 1].sum() == (old != new).sum()  # nothing else is touched
    ends = found[:, 0] + found[:, 1]
    touching = ends[:-1] == found[1:, 0]
    assert (ends[:-1] <= found[1:, 0]).all()
    assert (found[:-1, 2] != found[1:, 2])[touching].all(), "two runs could be one"
