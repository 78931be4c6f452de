"""Networks for the digits, all but one with a fault on purpose. Look at the check-up before you look in here."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.computations.check_up import LayerReport, check_up
from course.computations.data import digits
from course.computations.training import batches, descend, one_thread

STEPS = 150
BATCH = 64
HIDDEN, UNITS, CLASSES = 4, 64, 10
FAULTS = {
    "A": "saturating hidden layers: sigmoids, fed with pixels from 0 to 16 that nobody standardised",
    "B": "unseen dead units: a learning rate of 0.03, fifteen times the others'",
    "C": "double softmax: nn.Softmax in front of cross_entropy",
    "D": "nothing",
    "E": "wrong initialisation: weights of deviation 0.02, far too small for 64 inputs and no normalisation",
}
"""What is wrong with each."""


@dataclass(frozen=True)
class Patient:
    """A network with its optimizer and its data; a fifth of the digits is held out.

    Attributes
    ----------
    x, y : Tensor, shapes (n, 64) and (n,)
        What it is trained on: float32 and class numbers.
    unseen_x, unseen_y : Tensor
        The held out digits.
    """

    model: nn.Sequential
    optimizer: torch.optim.Optimizer
    seed: int
    x: Tensor
    y: Tensor
    unseen_x: Tensor
    unseen_y: Tensor

    def train(self, steps: int = STEPS, samples: int | None = None) -> list[float]:
        """Return the loss before each of `steps` steps.

        With `samples`, on that many digits only, all of them in each step.
        """
        x, y, size = self.x[:samples], self.y[:samples], BATCH if samples is None else None
        order = batches(x, y, steps=steps, size=size, seed=self.seed)
        return list(descend(self.model, F.cross_entropy, order, self.optimizer))

    @torch.no_grad()
    def accuracy(self) -> float:
        """Return the share of the held-out digits it gets right."""
        return (self.model(self.unseen_x).argmax(dim=1) == self.unseen_y).double().mean().item()

    def check_up(self) -> list[LayerReport]:
        """Examine activations on all training digits, gradient and step on the first batch."""
        with one_thread():
            return check_up(self.model, F.cross_entropy, self.x, self.y, self.optimizer, batch=BATCH)


def admit(name: str, seed: int = 0) -> Patient:
    """Return patient `name`, a key of FAULTS, untrained; the seed draws its weights and the order of the digits."""
    weak, saturating = name == "E", name == "A"
    generator = torch.Generator().manual_seed(seed)
    layers: list[nn.Module] = []
    for number in range(HIDDEN + 1):
        layer = nn.Linear(UNITS, UNITS if number < HIDDEN else CLASSES)
        he, xavier = (2 / UNITS) ** 0.5, (1 / UNITS) ** 0.5
        spread = 0.02 if weak else xavier if saturating or number == HIDDEN else he
        nn.init.normal_(layer.weight, std=spread, generator=generator)
        nn.init.zeros_(layer.bias)
        layers += [layer, nn.Sigmoid() if saturating else nn.ReLU()]
    layers[-1:] = [nn.Softmax(dim=1)] if name == "C" else []
    model = nn.Sequential(*layers)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03 if name == "B" else 0.002)
    return Patient(model, optimizer, seed, *digits(hold_out=5, standardised=not saturating))
