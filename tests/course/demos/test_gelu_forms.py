"""The three forms of GELU against the references, and what the lesson says about their constants."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from autograder.reference import numpy_reference
from course.computations.functions import sigmoid_gate
from course.demos.gelu_forms import (
    FORMS,
    KINDS,
    SMALLEST,
    GeluForms,
    K,
    X,
    errors,
    exact_gate,
    quantity,
    tanh_gate,
)
from course.widgets.markup import typeset

GRID = np.concatenate([np.linspace(-12, 12, 2001), [-1000.0, 1000.0]])
GATES = {"gelu": exact_gate, "gelu_tanh": tanh_gate, "gelu_sigmoid": partial(sigmoid_gate, k=K)}


@pytest.mark.parametrize("name", GATES)
def test_each_form_is_the_reference(name: str) -> None:
    value = getattr(numpy_reference, name)(GRID)
    slope = getattr(numpy_reference, f"{name}_derivative")(GRID)
    np.testing.assert_allclose(quantity("function", GRID, GATES[name](GRID)), value, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(quantity("slope", GRID, GATES[name](GRID)), slope, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("k", "c"), [(1.702, 0.044715), (1.4, 0.0), (2.0, 0.06)])
def test_curves_and_errors_follow_the_constants(kind: str, k: float, c: float) -> None:
    demo = GeluForms()
    demo.set(kind=kind, k=k, c=c, x=1.5)
    x = torch.tensor(X, requires_grad=True)
    gates = {
        "gelu": torch.special.ndtr(x),
        "gelu_tanh": 0.5 * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (x + c * x**3))),
        "gelu_sigmoid": torch.sigmoid(k * x),
    }

    def wanted(name: str) -> np.ndarray:
        if kind == "gate":
            return gates[name].detach().numpy()
        value = x * gates[name]
        return (
            (value if kind == "function" else torch.autograd.grad(value.sum(), x, retain_graph=True)[0])
            .detach()
            .numpy()
        )

    np.testing.assert_allclose(demo.exact.get_ydata(), wanted("gelu"), atol=1e-12)
    for name in FORMS:
        np.testing.assert_allclose(demo.forms[name].get_ydata(), wanted(name), atol=1e-12)
        error = np.abs(wanted(name) - wanted("gelu"))
        np.testing.assert_allclose(demo.errors[name].get_ydata(), np.maximum(error, SMALLEST), atol=1e-12)
        assert demo.worst[name].get_ydata()[0] == pytest.approx(error.max())
        # The error is as large at −x, up to rounding.
        assert abs(demo.worst[name].get_xdata()[0]) == pytest.approx(abs(X[error.argmax()]))
    assert all(list(cursor.get_xdata()) == [1.5, 1.5] for cursor in demo.cursors)


def test_the_readout_has_the_values_at_x() -> None:
    demo = GeluForms()
    demo.set(x=-0.75)
    here = torch.tensor(-0.75, dtype=torch.float64)
    for value in (F.gelu(here), F.gelu(here, approximate="tanh"), here * torch.sigmoid(1.702 * here)):
        assert typeset(f"{value.item():.6f}") in demo.readout


def test_the_published_constants_are_best_for_the_gate_and_not_for_the_function() -> None:
    for form, constant, published, width in (("gelu_sigmoid", "k", 1.702, 0.01), ("gelu_tanh", "c", 0.044715, 1e-4)):

        def largest(kind: str, value: float, form: str = form, constant: str = constant) -> float:
            return float(errors(kind, X, **{constant: value})[form].max())

        for side in (-width, width):
            assert largest("gate", published) < largest("gate", published + side)
        assert min(largest("function", published + side) for side in (-width, width)) < largest("function", published)
