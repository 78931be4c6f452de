"""What a student's function gives comes as plain data, and its errors as they are."""

from __future__ import annotations

import collections

import pytest
import torch
from torch import nn

from course.checks.results import result_of, result_with_network


def test_a_result_is_plain_data():
    assert type(result_of(collections.OrderedDict, a=1)) is dict


def test_an_error_of_the_function_comes_through():
    with pytest.raises(ZeroDivisionError):
        result_of(lambda x: x / 0, 1)


@pytest.mark.parametrize("in_training", [True, False])
def test_a_function_of_a_network_is_called_with_a_copy_in_the_middle_of_training_or_not(in_training):
    model = nn.Linear(2, 1)

    def look(copy, *args):
        seen.append(copy)
        return collections.OrderedDict(grad=copy.bias.grad, args=args)

    seen: list[nn.Module] = []
    found = result_with_network(look, model, 3, in_training=in_training)
    assert type(found) is dict
    assert found["args"] == (3,)
    assert found["grad"] == (torch.ones(1) if in_training else None)
    assert seen[0] is not model
