"""What a student's function gives comes as plain data, and its errors as they are."""

from __future__ import annotations

import collections

import pytest

from course.checks.results import result_of


def test_a_result_is_plain_data():
    assert type(result_of(collections.OrderedDict, a=1)) is dict


def test_an_error_of_the_function_comes_through():
    with pytest.raises(ZeroDivisionError):
        result_of(lambda x: x / 0, 1)
