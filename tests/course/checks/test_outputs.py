"""What a student's answer to ps5 is taken for."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from enum import Enum
from types import MappingProxyType

import numpy as np

from course.checks import outputs


def test_named_tuples_string_enums_and_ordered_dicts_are_taken_for_what_they_are():
    class Name(str, Enum):  # noqa: UP042 - a StrEnum is another kind
        ACTIVATION = "identity"
        LOSS = "MSELoss"

    pair = namedtuple("pair", "activation loss")
    outputs.expect_output_layer(lambda task: pair(Name.ACTIVATION, np.str_("MSELoss")), "t", [("identity", "MSELoss")])
    found, _ = outputs.trained(
        lambda X, y, steps: OrderedDict(losses=(1.0,), probabilities=np.ones((2, 1))), None, [0, 0], 1
    )
    assert found.tolist() == [1.0]


def test_a_mapping_that_is_no_dict_is_one_for_training():
    answer = MappingProxyType({"losses": [np.float32(1.0)], "probabilities": [[1.0], [1.0]], "model": object()})
    losses, probabilities = outputs.trained(lambda X, y, steps: answer, None, [0, 0], 1)
    assert losses.tolist() == [1.0]
    assert probabilities.tolist() == [[1.0], [1.0]]
