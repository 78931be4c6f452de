"""The one table of activation functions, which tests, the accuracy page and graders go through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from torch import Tensor

from autograder.reference import numpy_reference, torch_reference
from autograder.reference.elementwise import FloatArray

NumPyFunction = Callable[..., FloatArray]
TorchFunction = Callable[..., Tensor]


@dataclass(frozen=True)
class Activation:
    """An activation function by its name in `numpy_reference` and `torch_reference`.

    parameters: settings of the keyword parameters it is examined with, the usual one first.
    kinks: where its derivative does not exist; the references then follow PyTorch.
    minimum: (x, value) of the local minimum, to six decimals, for the usual setting.
    over_axis: whether it works over an axis (softmax), so that its derivative is a Jacobian.
    """

    name: str
    parameters: tuple[Mapping[str, float], ...] = ({},)
    kinks: tuple[float, ...] = ()
    minimum: tuple[float, float] | None = None
    over_axis: bool = False

    @property
    def numpy(self) -> NumPyFunction:
        """The NumPy function."""
        return cast(NumPyFunction, getattr(numpy_reference, self.name))

    @property
    def numpy_derivative(self) -> NumPyFunction:
        """The NumPy derivative."""
        return cast(NumPyFunction, getattr(numpy_reference, f"{self.name}_derivative"))

    @property
    def torch(self) -> TorchFunction:
        """The PyTorch function."""
        return cast(TorchFunction, getattr(torch_reference, self.name))

    @property
    def torch_derivative(self) -> TorchFunction:
        """The PyTorch derivative, by autograd."""
        return cast(TorchFunction, getattr(torch_reference, f"{self.name}_derivative"))


_TEMPERATURES = ({"temperature": 1.0}, {"temperature": 0.1}, {"temperature": 3.0})

CATALOGUE: tuple[Activation, ...] = (
    Activation("identity"),
    Activation("sigmoid"),
    Activation("tanh"),
    Activation("relu", kinks=(0.0,)),
    Activation("leaky_relu", parameters=({}, {"negative_slope": 0.2}), kinks=(0.0,)),
    Activation("prelu", parameters=({"alpha": 0.25}, {"alpha": -0.5}), kinks=(0.0,)),
    Activation("elu", parameters=({}, {"alpha": 0.3}, {"alpha": 5.0}), kinks=(0.0,)),
    Activation("selu", kinks=(0.0,)),
    Activation("gelu", minimum=(-0.751792, -0.169971)),
    Activation("gelu_tanh", minimum=(-0.752461, -0.170041)),
    Activation("gelu_sigmoid", minimum=(-0.751154, -0.163610)),
    Activation("silu", minimum=(-1.278465, -0.278465)),
    Activation("swish", parameters=({}, {"beta": 0.5}, {"beta": 3.0}, {"beta": -1.5}), minimum=(-1.278465, -0.278465)),
    Activation("mish", minimum=(-1.192431, -0.308843)),
    Activation("softplus"),
    Activation("hardswish", kinks=(-3.0, 3.0), minimum=(-1.5, -0.375)),
    Activation("hard_sigmoid", kinks=(-3.0, 3.0)),
    Activation("softmax", parameters=_TEMPERATURES, over_axis=True),
    Activation("log_softmax", parameters=_TEMPERATURES, over_axis=True),
)
BY_NAME: Mapping[str, Activation] = {activation.name: activation for activation in CATALOGUE}
