# %% [markdown] nbgrader={"grade": false, "grade_id": "about", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Dead neurons
#
# **What you do.** Write two functions that find the dead units of any network, and one that brings them back.
# Then kill units yourself, by training too fast, and explain what you see.
#
# **Goals.** After this exercise you can
#
# - tell a dead unit from one that is merely silent on most inputs,
# - look inside a network with forward hooks and leave no trace,
# - replace a layer anywhere in a network without touching its weights,
# - say why a dead ReLU stays dead and which cure helps when.
#
# **Time** about 90 minutes. **Points** 30: `dead_neuron_rate` 8, `dead_by_layer` 6, `revive` 10, the text 6.
#
# **You need** lesson 03, which shows how ReLU units die.

# %% [markdown] nbgrader={"grade": false, "grade_id": "rules", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## What counts as dead
#
# A ReLU layer computes $a = \max(0, z)$ from its pre-activation $z$. Feed it a batch of $N$ rows. Unit $j$ is
# **dead on this batch** if
#
# $$a_{ij} = 0 \quad\text{for every row } i = 1, \dots, N.$$
#
# Exactly 0, on every row. A healthy unit is 0 on about half of the rows, so counting zeros says nothing about death.
#
# - **A ReLU layer** is an `nn.ReLU` module, wherever it sits in the network. Other activations do not count, whatever
#   they return. A network may also call `torch.relu` inside a `forward` of its own, where no module is to be seen;
#   none of the networks here does that, and your functions need not find it.
# - **A module that is used twice** makes two layers: it has different inputs each time.
# - **A unit** is one index of axis 1 of the ReLU's output. In a batch of shape $(N, F)$ that is a feature, in a batch
#   of shape $(N, C, L)$ or $(N, C, H, W)$ it is a channel: dead if it is 0 on every row at every position.
# - **What a ReLU returns** counts, not what a later layer makes of it: `inplace=True` lets a ReLU write over its input,
#   and the layer behind it over the ReLU's output.
# - **Measured in eval mode**: dropout off, batch norm with its running statistics. The network may arrive in any mode.
#
# ## How the checks work
#
# Run the cell of checks below an exercise as often as you like: each check has a name, and a failed one says what it
# tried, what it got and what it expected. At least a third of an exercise's points come from these checks, the others
# from further ones at grading; the line below the table says how many and of which kind.
#
# **Rules for all three functions**
#
# - `model` is an `nn.Module` of any structure, all `float32` or all `float64`, and `X` a batch for it of the same type,
#   with at least one row. `X` may lie in memory in any order, as the transpose of an array does.
# - Leave `model` as it was: its layers, weights and buffers, its hooks and methods, the train or eval mode *of every
#   module* (one may be frozen in eval mode while the others train), its stored gradients and which weights ask for one.
#   Other people's hooks stay, and torch goes on recording gradients, with all its modes and switches as they were.
#   Working on a copy is a way to do so.
# - Shares count as right within a relative error of $10^{-6}$, ten times the rounding of a division in `float32`. In
#   part 3, outputs count within $10^{-4}$ and slopes within $10^{-3}$ (sums and differences of `float32` numbers), and
#   gradients within 2 %, since they are compared with slopes taken between two points.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import copy

import numpy as np
import torch
from torch import nn

from course.checks import Checks, expect_close
from course.checks.beside.networks import Residual
from course.checks.dead_neurons import (
    expect_gradient_in_every_unit,
    expect_hooks_unchanged,
    expect_same_weights,
    expect_state_unchanged,
)
from course.checks.results import result_with_network

# %% [markdown] nbgrader={"grade": false, "grade_id": "example_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Two networks to try things on
#
# `example_network()` has six ReLU units, of which two are dead on `EXAMPLE_X`: the third of the first layer, since
# $-x_1 - x_2 - 3 < 0$ for all $x$ between $-1$ and 1, and the second of the second layer, whose inputs are never
# negative while its weights and bias are. `Residual`, imported above, is a block of layers with a ReLU on the sum:
#
# ```python
# class Residual(nn.Module):
#     def __init__(self, block):
#         super().__init__()
#         self.relu = nn.ReLU()
#         self.block = block
#
#     def forward(self, x):
#         return self.relu(x + self.block(x))
# ```

# %% nbgrader={"grade": false, "grade_id": "example", "locked": true, "schema_version": 3, "solution": false, "task": false}
def linear(weight, bias):
    """A Linear layer with the given weights."""
    layer = nn.Linear(len(weight[0]), len(weight))
    layer.load_state_dict({"weight": torch.tensor(weight), "bias": torch.tensor(bias)})
    return layer


def example_network():
    """Two ReLU layers of 4 and 2 units; one unit of each is dead on EXAMPLE_X."""
    first = linear([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0], [1.0, 1.0]], [0.0, 0.0, -3.0, 0.5])
    second = linear([[1.0, -1.0, 1.0, 0.5], [-1.0, -0.5, -0.5, -1.0]], [0.1, -0.2])
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), linear([[0.9, -1.3]], [0.0]))


EXAMPLE_X = torch.tensor([[0.8, -0.4], [-0.6, 0.9], [0.3, 0.2], [-0.7, -0.5], [-1.0, 0.1]])

# %% [markdown] nbgrader={"grade": false, "grade_id": "dead_neuron_rate_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. The share of dead units (8 points)
#
# Write `dead_neuron_rate(model, X)`: the number of dead units of all ReLU layers, divided by the number of all their
# units.
#
# $$\text{rate} = \frac{\sum_\ell d_\ell}{\sum_\ell n_\ell} \qquad
# d_\ell \text{ dead units among the } n_\ell \text{ units of layer } \ell$$
#
# That is not the mean of the layers' shares when the layers differ in width. Return a `float` from 0 to 1, and `0.0`
# for a network without a ReLU layer.
#
# To see what a layer returns, register a forward hook: `handle = module.register_forward_hook(hook)` makes torch call
# `hook(module, inputs, output)` each time the module runs, until `handle.remove()`. Note that `model.modules()` walks
# through all modules, also nested ones, and lists one that is used twice only once.

# %% nbgrader={"grade": false, "grade_id": "dead_neuron_rate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dead_neuron_rate(model, X):
    """Share of the units of all ReLU layers that are 0 on every row of X: a float from 0 to 1."""
    ### BEGIN SOLUTION
    dead = total = 0

    def count(module, inputs, output):
        nonlocal dead, total
        alive = (output != 0).transpose(0, 1).flatten(1).any(dim=1)
        dead += int((~alive).sum())
        total += len(alive)

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(count)
    with torch.no_grad():
        model(X)
    return dead / total if total else 0.0
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_dead_neuron_rate", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
checks = Checks("dead_neuron_rate", points=8)
with checks("2 of 6 units are dead", weight=3):
    expect_close(result_with_network(dead_neuron_rate, example_network(), EXAMPLE_X), 2 / 6, rtol=1e-6)
with checks("on three of the rows 3 of 6 units are dead", weight=3):
    # The first unit is silent on all three: dead is a statement about a batch.
    expect_close(result_with_network(dead_neuron_rate, example_network(), EXAMPLE_X[[1, 3, 4]]), 3 / 6, rtol=1e-6)
with checks("2 of 3 channels are dead", weight=3):
    picture = nn.Sequential(nn.Conv2d(1, 3, kernel_size=1), nn.ReLU())
    picture[0].load_state_dict({
        "weight": torch.tensor([1.0, -1.0, 0.0]).reshape(3, 1, 1, 1), "bias": torch.tensor([-0.9, -0.1, -1.0])
    })
    # The first channel is above 0 at one of the 32 positions, which is enough to live.
    pixels = torch.zeros(2, 1, 4, 4)
    pixels[1, 0, 2, 3] = 1.0
    expect_close(result_with_network(dead_neuron_rate, picture, pixels), 2 / 3, rtol=1e-6)
with checks("2 of 6 units are dead in float64, and in train mode with dropout", needs="2 of 6 units are dead"):
    expect_close(result_with_network(dead_neuron_rate, example_network().double(), EXAMPLE_X.double()), 2 / 6, rtol=1e-6)
    leaky = nn.Sequential(nn.Dropout(0.99), *example_network()).train()
    expect_close(result_with_network(dead_neuron_rate, leaky, EXAMPLE_X), 2 / 6, rtol=1e-6)
with checks("0.0 without a ReLU", needs="2 of 6 units are dead"):
    expect_close(result_with_network(dead_neuron_rate, nn.Sequential(nn.Linear(2, 3), nn.Tanh()), EXAMPLE_X), 0.0)
with checks("no hook is left behind", needs="2 of 6 units are dead"):
    expect_hooks_unchanged(dead_neuron_rate, example_network(), EXAMPLE_X)
checks.at_grading(
    24,
    "nested, wide and random networks, convolutions, shared modules, classes of their own, other activations, "
    "tiny outputs, batch norm and dropout, float64, memory order, and what a call leaves behind",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.dead_neurons.counting import check_dead_neuron_rate

check_dead_neuron_rate(checks, dead_neuron_rate, needs=["2 of 6 units are dead", "2 of 3 channels are dead"])
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "dead_by_layer_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. Layer by layer (6 points)
#
# One number does not say where the network is ill. Write `dead_by_layer(model, X)`: a list with the share of dead
# units of each ReLU layer,
#
# $$\left[\frac{d_1}{n_1}, \frac{d_2}{n_2}, \dots\right]$$
#
# in the order in which the layers *run*. That need not be the order in which they were declared: look at `Residual`
# above. A module that runs twice has two entries. A network without a ReLU layer gives `[]`.

# %% nbgrader={"grade": false, "grade_id": "dead_by_layer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dead_by_layer(model, X):
    """Share of dead units of each ReLU layer, in running order: a list of floats from 0 to 1."""
    ### BEGIN SOLUTION
    shares = []

    def measure(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(measure)
    with torch.no_grad():
        model(X)
    return shares
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_dead_by_layer", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
checks = Checks("dead_by_layer", points=6)
with checks("1 of 4 and 1 of 2 units are dead", weight=4):
    expect_close(result_with_network(dead_by_layer, example_network(), EXAMPLE_X), [1 / 4, 1 / 2], rtol=1e-6)
with checks("a Residual block: inner ReLU first", weight=4):
    inner = linear([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]], [-2.0, 0.0, -3.0])
    block = nn.Sequential(inner, nn.ReLU(), linear([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [0.5, -1.0]))
    expect_close(result_with_network(dead_by_layer, Residual(block), EXAMPLE_X), [2 / 3, 1 / 2], rtol=1e-6)
with checks("the same module twice: two entries", weight=2):
    relu = nn.ReLU()
    minus = linear([[-1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]], [0.0, 0.0])
    twice = nn.Sequential(example_network()[0], relu, minus, relu)
    expect_close(result_with_network(dead_by_layer, twice, EXAMPLE_X), [1 / 4, 1 / 2], rtol=1e-6)
with checks("an empty list without a ReLU", needs="1 of 4 and 1 of 2 units are dead"):
    expect_close(result_with_network(dead_by_layer, nn.Sequential(nn.Linear(2, 3), nn.Tanh()), EXAMPLE_X), [])
with checks("no hook is left behind", needs="1 of 4 and 1 of 2 units are dead"):
    expect_hooks_unchanged(dead_by_layer, example_network(), EXAMPLE_X)
checks.at_grading(
    24,
    "nested, wide and random networks, convolutions, shared modules, classes of their own, other activations, "
    "tiny outputs, batch norm and dropout, float64, memory order, and what a call leaves behind",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.dead_neurons.counting import check_dead_by_layer

check_dead_by_layer(checks, dead_by_layer, needs=["1 of 4 and 1 of 2 units are dead"])
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "revive_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. Bring them back (10 points)
#
# Backpropagation reaches the weights $w$ and the bias $b$ of a unit only through its activation $f$:
#
# $$z = w \cdot x + b, \qquad
# \frac{\partial L}{\partial w} = \sum_{i} \frac{\partial L}{\partial a_i}\, f'(z_i)\, x_i, \qquad
# \frac{\partial L}{\partial b} = \sum_{i} \frac{\partial L}{\partial a_i}\, f'(z_i).$$
#
# ReLU has $f'(z) = 0$ for all $z < 0$. A unit that is below 0 on every row therefore gets a gradient of exactly 0 and
# does not move; only if layers before it move its inputs can it wake up. The cure is another $f$.
#
# Write `revive(model)`: return a new network with the same weights, in which no unit is without a gradient.
#
# - Replace every `nn.ReLU`, at any depth, by one and the same function $f$ of your choice. What you use, and how you
#   put it there, is up to you; the checks look at what the network does.
# - For $z > 0$ let $f(z) = z$: units that work go on as before.
# - For $z < 0$ let $f$ have a small slope: at least 0.001, so that a gradient comes through, and at most 0.9, so that
#   there still is a bend at 0 (a smooth bend may be steeper between $-0.5$ and 0). The checks look everywhere from
#   $z = -0.001$ to $z = -1000$, in eval mode. A flat part, wherever it lies, leaves the units in it as dead as they
#   were, and so does a function that flattens out far to the left, as ELU does.
# - The gradient is the one that belongs to $f$, for negative and positive $z$ (the checks go up to 1000), and a finite
#   number: NaN is no gradient.
# - Nothing else changes. The new network has all weights and buffers of the old one under the same names (a learnable
#   $f$ may add some), the other layers, and each module's mode. A `float64` network stays `float64`.
# - The weights are its own: when the new network is trained, the old one stays as it is. `model` itself is unchanged.
#
# Note that `named_children()` and `named_modules()` list a module that is used twice only under its first name.

# %% nbgrader={"grade": false, "grade_id": "revive", "locked": false, "schema_version": 3, "solution": true, "task": false}
def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    ### BEGIN SOLUTION
    revived = copy.deepcopy(model)
    for name, module in list(revived.named_modules(remove_duplicate=False)):
        if isinstance(module, nn.ReLU):
            parent, _, attribute = name.rpartition(".")
            setattr(revived.get_submodule(parent), attribute, nn.LeakyReLU(0.01))
    return revived
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_revive", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
checks = Checks("revive", points=10)
with checks("every unit gets a gradient", weight=3):
    expect_gradient_in_every_unit(revive(example_network()), EXAMPLE_X, biases=["0.bias", "2.bias"])
alive = "every unit gets a gradient"
with checks("2 stays 2, and from -1000 to -500 the slope is from 0.001 to 0.9", needs=alive, weight=3):
    unit = nn.Sequential(linear([[1.0]], [0.0]), nn.ReLU())
    low, high, positive = revive(unit).eval()(torch.tensor([[-1000.0], [-500.0], [2.0]])).flatten().tolist()
    expect_close(positive, 2.0, rtol=1e-4)
    slope = (high - low) / 500
    assert 0.000999 <= slope <= 0.9009, f"From z = -1000 to z = -500 the slope is {slope:.3g}."
with checks("a float64 network gives float64", needs=alive):
    output = revive(example_network().double())(EXAMPLE_X.double())
    assert output.dtype == torch.float64, f"Expected torch.float64, got {output.dtype}."
with checks("the weights are the same", needs=alive, weight=2):
    expect_same_weights(revive(example_network()), example_network())
with checks("the network it was given stays as it was", needs=alive):
    expect_state_unchanged(revive, example_network())
checks.at_grading(
    14,
    "deep, nested and convolutional networks, shared modules, batch norm and dropout, the slope of f and its gradient "
    "everywhere, float64, and that the old network stays as it was",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.dead_neurons.reviving import check_revive

check_revive(checks, revive, needs=["every unit gets a gradient"])
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. Kill some units and explain (6 points)
#
# `train` below fits a small network to noisy samples of a curve, by plain gradient descent. It is the same network with
# the same start each time; you choose the learning rate. Compare a moderate one with one that is far too large, look at
# the shares of dead units before and after, revive the network, and train it on.

# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
def training_data(rows=200, seed=0):
    """Inputs (rows, 1) from -2 to 2 and noisy values (rows, 1) of a curve."""
    generator = torch.Generator().manual_seed(seed)
    x = 4 * torch.rand(rows, 1, generator=generator) - 2
    return x, torch.sin(3 * x) + 0.1 * torch.randn(rows, 1, generator=generator)


def fresh_network(seed=0):
    """An untrained network of two hidden ReLU layers with 32 units each."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))


def train(model, X, y, learning_rate, steps=300):
    """Train the model in place by gradient descent, and return its mean squared error before and after."""
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    before = nn.functional.mse_loss(model(X), y).item()
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(X), y).backward()
        optimizer.step()
    return before, nn.functional.mse_loss(model(X), y).item()

# %% [markdown] nbgrader={"grade": false, "grade_id": "try_it_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# A cell to start from. It is not graded; change it and add cells as you like.

# %% nbgrader={"grade": false, "grade_id": "try_it", "locked": false, "schema_version": 3, "solution": false, "task": false}
# X, y = training_data()
# model = fresh_network()
# print("dead before:", dead_by_layer(model, X))
# print("error before and after:", train(model, X, y, learning_rate=0.05))
# print("dead after:", dead_by_layer(model, X))

# %% [markdown] nbgrader={"grade": false, "grade_id": "explanation", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": true}
# ### Your text (6 points, read by a person)
#
# In the cell below, write 150 to 300 words on cause and cure, with numbers from your own runs.
#
# 1. **Cause.** What did the large learning rate do to the units that died? Why do they stay dead when you train on with
#    a smaller rate? Use the formulas for the gradient in part 3.
# 2. **Evidence.** Shares of dead units before and after, for at least two learning rates, and the errors of the dead
#    and the revived network after training on.
# 3. **Cure.** What would you do so that units do not die in the first place, and what once they are dead? What does
#    your cure cost, and where does it not help?
#
# A good text has one clear thought in a paragraph, gives the numbers it rests on, and says what it does not explain.
# Above a learning rate of 1 the error may become NaN; then nothing that follows from it means much.
#
# [//]: # (BEGIN MARK SCHEME)
#
# **For graders only**
#
# **Cause, 2 points.** 1 point: after a large step the pre-activation is negative on every row (weights or bias were
# thrown far out), so the output is 0 everywhere. 1 point: then f'(z) = 0 on every row, so the gradients of w and b are
# exactly 0 and no learning rate, small or large, moves the unit. "The gradient is small" earns nothing here. Also
# right: a change in earlier layers can still move its inputs and wake it.
#
# **Evidence, 2 points.** 1 point: shares per layer before and after for two rates. With the network as given, two torch
# versions may differ a little: before, 0.09 and 0.12 in both cases; after 300 steps at 0.05 the same; at 0.5, 0.09 and
# 0.91; at 0.7, every unit of the second layer. 1 point: errors after 300 more steps at 0.05, starting from the network
# trained at 0.5: about 0.37 as it is, 0.03 revived. Other settings are as good, if they are stated.
#
# **Cure, 2 points.** 1 point: tells prevention (smaller rate or warm-up, He initialisation, batch norm before the ReLU)
# from revival (a slope left of 0), and sees that lowering the rate does not revive. 1 point: one honest limit, such as:
# a small slope means a slow return (at 0.7 the revived network with slope 0.01 still has 0.47 after 300 steps); ELU
# flattens out far left; dead is a statement about this batch; a few dead units do no harm (some are dead at the start).
#
# Take off 1 point for a text without a number of its own. Do not mark language.
#
# [//]: # (END MARK SCHEME)

# %% [markdown]
# *Write your text here (double-click to edit).*

# %% [markdown] nbgrader={"grade": false, "grade_id": "recap", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Recap
#
# - Dead means 0 on every row. Zeros in a batch are normal, and about half of them is healthy.
# - A forward hook sees what a module returns each time it runs. Remove it, or work on a copy.
# - A dead ReLU gets a gradient of exactly 0. A slope left of 0 lets the gradient through, at any distance from 0.
# - A module that is used twice is one object in two places, for counting and for replacing.
#
# **Before you hand in**, restart the kernel, run all cells, and press Validate. Then save, run the cell below and press
# its button: it rehearses the grading, apart from the hidden checks, and says what to mend.

# %% tags=["skip-execution"]
from course.rehearse.button import RehearseButton

RehearseButton("ps2_dead_neurons")
