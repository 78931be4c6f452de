"""What counts as numbers of a student, in which form ever, and how a value is named."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torch import nn

from autograder.examiner.proxies import Handle, StudentObject
from autograder.room.inside.wire import RemoteRef
from course.checks.messages import NotNumbersError, described, described_type, numbers

DTYPES = [*"?bBhHiIlLqQefd"]
TORCH_DTYPES = [torch.bool, torch.uint8, torch.int16, torch.int64, torch.float16, torch.float32, torch.float64]


class TensorInTheRoom:
    """What the examiner holds of a parameter that a student returned: it answers, and is no tensor."""

    def __init__(self, tensor):
        self._tensor = tensor

    def detach(self):
        return self._tensor.detach()


values = st.sampled_from(DTYPES).flatmap(
    lambda kind: arrays.arrays(np.dtype(kind), arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
)
"""Arrays of every kind that counts, NaN and infinities among the floats."""


def same(found, expected):
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, np.asarray(expected).astype(np.float64), strict=True)


@given(values)
def test_an_array_of_any_real_kind_is_numbers_and_so_are_its_scalars_and_lists(array):
    before = array.copy()
    same(numbers(array), before)
    if array.size:
        same(numbers(array.tolist()), before)
        same(numbers(array.reshape(-1)[0]), before.reshape(-1)[0])
        same(numbers(list(array.reshape(-1))), before.reshape(-1))
        same(numbers(tuple(array.reshape(-1).tolist())), before.reshape(-1))
    np.testing.assert_array_equal(array, before)


@given(values, st.sampled_from(TORCH_DTYPES), st.booleans())
def test_tensors_and_lists_of_tensors_are_the_numbers_in_them(array, dtype, gradient):
    with np.errstate(all="ignore"):
        tensor = torch.tensor(array.astype(np.float64).tolist()).reshape(array.shape).to(dtype)
    expected = tensor.double().numpy()
    if gradient and dtype.is_floating_point:
        tensor.requires_grad_()
        same(numbers(nn.Parameter(tensor)), expected)
    same(numbers(tensor), expected)
    same(numbers(TensorInTheRoom(tensor)), expected)
    if tensor.ndim and tensor.numel():  # an empty list does not say how long its rows would be
        same(numbers(list(tensor)), expected)
        same(numbers([entry.tolist() for entry in tensor]), expected)


@given(st.lists(st.floats() | st.integers() | st.booleans(), min_size=1))
def test_python_numbers_in_a_list_need_not_be_of_one_kind(entries):
    same(numbers(entries), [float(entry) for entry in entries])
    same(numbers([torch.tensor(float(entry), dtype=torch.float64) for entry in entries]), list(map(float, entries)))


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=5), st.data())
def test_one_element_among_numbers_is_its_number(entries, data):
    wrappers = [float, np.float32, lambda x: np.array([x]), lambda x: torch.tensor([x]), lambda x: torch.tensor([[x]])]
    mixed = [0, *(data.draw(st.sampled_from(wrappers))(entry) for entry in entries)]
    same(numbers(mixed), [0.0, *entries])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (torch.tensor([1.5], dtype=torch.bfloat16), [1.5]),
        (np.ma.array([1.5]), [1.5]),
        ([[[1.5]]], [[[1.5]]]),
        ([2**70], [2.0**70]),
        ([], []),
        (np.float16(1.5), 1.5),
        (True, 1.0),
    ],
    ids=repr,
)
def test_rarer_forms_are_numbers_too(value, expected):
    same(numbers(value), expected)


def test_a_column_of_one_element_tensors_stays_a_column():
    assert numbers([torch.tensor([1.0]), torch.tensor([2.0])]).shape == (2, 1)


contains_itself: list[object] = []
contains_itself.append(contains_itself)


@pytest.mark.parametrize(
    ("value", "came"),
    [
        (None, "None"),
        ("1.5", "a value of type str"),
        (b"1", "a value of type bytes"),
        (1j, "a value of type complex"),
        (torch.tensor([1j]), "a value of type Tensor"),
        (torch.eye(2).to_sparse(), "a value of type Tensor"),
        ({"a": 1.0}, "a value of type dict"),
        ({1.0}, "a value of type set"),
        ([1.0, None], "a value of type list"),
        ([1.0, "2"], "a value of type list"),
        ([1.0, Decimal(1)], "a value of type list"),
        ([[1.0], [1.0, 2.0]], "a value of type list"),
        ([1.0, torch.ones(2)], "a value of type list"),
        ([10**400], "a value of type list"),
        (contains_itself, "a value of type list"),
        (np.array(["a"]), "a value of type ndarray"),
        (np.array(["2020-01-01"], dtype="M8[D]"), "a value of type ndarray"),
        (range(3).__iter__(), "a value of type range_iterator"),
        (len, "a value of type builtin_function_or_method"),
    ],
    ids=lambda value: value if type(value) is str else "",
)
def test_anything_else_is_refused_by_what_it_is(value, came):
    with pytest.raises(NotNumbersError) as caught:
        numbers(value, "numbers as losses")
    assert str(caught.value) == f"Expected numbers as losses, got {came}."


def test_without_further_words_numbers_are_expected():
    with pytest.raises(AssertionError, match=r"^Expected numbers, got None\.$"):
        numbers(None)


def test_what_a_dishonest_object_says_of_itself_is_not_believed():
    class Asker:
        def getattr(self, target, name):
            return {"detach": lambda: NothingButLies()}[name]

    class NothingButLies:
        def cpu(self):
            return self

        def is_complex(self):
            return False

        def double(self):
            return self

        def numpy(self):
            return "right"

    with pytest.raises(NotNumbersError, match="got a value of type Lie"):
        numbers(StudentObject(Handle(RemoteRef(1, "Lie"), 1), Asker()))


def test_a_name_says_what_came_also_of_what_stayed_in_the_room():
    assert [described(value) for value in (None, 1.5, [], torch.ones(1))] == [
        "None",
        "a value of type float",
        "a value of type list",
        "a value of type Tensor",
    ]
    assert described(StudentObject(Handle(RemoteRef(1, "Curve"), 1), object())) == "a value of type Curve"
    assert described_type("NoneType") == "None"
    assert described_type("Figure") == "a value of type Figure"
    assert math.isnan(numbers(math.nan))
