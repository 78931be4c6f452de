# %% [markdown] nbgrader={"grade": false, "grade_id": "about", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Gradient flow
#
# **What you do.** Measure how large the gradient is at each layer of a deep network, compare activations under equal
# conditions, draw the result, and explain it.
#
# **Goals.** After this exercise you can
#
# - read the gradient of each layer out of PyTorch, without being fooled by old gradients,
# - compare two networks so that only the activation differs,
# - draw numbers that span many powers of ten,
# - say why a sigmoid network of ten layers hardly trains its first one.
#
# **Time** about 75 minutes. **Points** 35: the measurement 10, the comparison 5, the picture 10, the
# explanation 10.
#
# **You need** lesson 05, where the same numbers move under sliders.

# %% [markdown] nbgrader={"grade": false, "grade_id": "rules", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## How the checks work
#
# Each exercise has a cell for your answer and a cell of checks below it. Run the checks as often as you like:
# each has a name, and a failed one says what it got and what it expected. At least a third of an exercise's points
# come from these checks, the others from further ones at grading, on networks and numbers that you have not seen; the
# line below the table says how many and of which kind. A person reads the explanation.
#
# Norms and medians count as right within a relative error of $10^{-4}$, about a thousand roundings in `float32`, and
# drawn numbers within 1 %. A norm that is 0 must come out as 0.
#
# A figure is judged by its data. When it is graded, the checks draw it once more from the data they read, for you and
# for the person who reads the explanation.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import functools

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from course.checks import Checks, figures, student_side
from course.checks.beside.gradient_flow import result_of_second_call
from course.checks.gradient_flow import expect_norms
from course.checks.results import result_of, result_with_network

# %% [markdown] nbgrader={"grade": false, "grade_id": "gradient_per_layer_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. The gradient at each layer
#
# Write `gradient_per_layer(model, X, y)`. It returns a list with one `float` for each `nn.Linear` in the model, the
# first layer first: the Euclidean norm of the gradient of the loss with respect to that layer's **weight**,
#
# $$\left\lVert \frac{\partial L}{\partial W} \right\rVert
# = \sqrt{\textstyle\sum_{ij} \left(\frac{\partial L}{\partial W_{ij}}\right)^{2}}.$$
#
# The model classifies into two classes. `model(X)` has shape `(n, 1)` and holds logits $z$; `y` has shape `(n,)` and
# holds 0.0 or 1.0. The loss is the **mean** binary cross-entropy of the logits, in PyTorch
# `nn.functional.binary_cross_entropy_with_logits`:
#
# $$L = \frac{1}{n} \sum_{k=1}^{n} \Bigl[\ln\bigl(1 + e^{z_k}\bigr) - y_k z_k\Bigr].$$
#
# **An example worked by hand.** One layer, $z = 0.5\,x_1 - 0.5\,x_2$, two rows $(2, 4)$ and $(6, 2)$ with $y = 1, 0$.
# The logits are $-1$ and $2$. Since $\partial L / \partial z_k = \bigl(\sigma(z_k) - y_k\bigr)/n$, the gradient is
# $\frac{1}{2}\bigl[(0.2689 - 1)\,(2, 4) + 0.8808\,(6, 2)\bigr] = (1.9113, -0.5813)$, and its norm is $1.9978$.
#
# **Rules**
#
# - A model is an `nn.Sequential` and may have others inside. The order of `model.modules()` is the order of the layers.
# - Only `nn.Linear` counts, and the weight of each asks for a gradient. Other layers may be there, with weights of
#   their own, some of them frozen.
# - `X`, `y` and the weights are `float32`, or all `float64`. `X` has at least one row.
# - The logits may be far from 0 on the wrong side: a confident mistake has a gradient.
# - Run the model in the mode it is in, train or eval. Leave it as it was: the mode, the weights, which of them need a
#   gradient, no hook and no patched method left behind. `X` and `y` stay as they are, too, and ask for no gradient.
#   Put back what you switch for all of torch.
#   (In train mode, batch norm moves its running statistics when the model runs. It may.)
# - The model may carry gradients of an earlier `backward()`. They must not count. What you leave in `.grad` is up
#   to you.

# %% nbgrader={"grade": false, "grade_id": "gradient_per_layer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_per_layer(model, X, y):
    """Norm of the loss gradient of each nn.Linear weight, first layer first: a list of floats."""
    ### BEGIN SOLUTION
    weights = [layer.weight for layer in model.modules() if isinstance(layer, nn.Linear)]
    loss = nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y)
    return [gradient.norm().item() for gradient in torch.autograd.grad(loss, weights)]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_gradient_per_layer", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
def network(*weights):
    """ReLU network with these weight matrices and biases 0."""
    layers = []
    for weight in map(torch.tensor, weights):
        linear = nn.Linear(weight.shape[1], weight.shape[0])
        linear.load_state_dict({"weight": weight, "bias": torch.zeros(weight.shape[0])})
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def one_layer():
    return network([[0.5, -0.5]])


def three_layers():
    return network([[1.0, -1.0], [2.0, 1.0]], [[1.0, -0.5], [0.5, 2.0], [-1.0, 1.0]], [[0.5, -0.25, 1.0]])


def norms_of(model, X, y):
    return result_with_network(gradient_per_layer, model, X, y, in_training=False)


two_rows, four_rows = torch.tensor([[2.0, 4.0], [6.0, 2.0]]), torch.tensor([[1.0, 2], [3, -1], [2, 0], [1, 1]])
labels = torch.tensor([1.0, 0.0, 0.0, 1.0])

checks = Checks("gradient_per_layer", points=10)
with checks("one layer, worked by hand", weight=2):
    expect_norms(norms_of(one_layer(), two_rows, labels[:2]), [1.997780])
with checks("three layers, first layer first", weight=2):
    expect_norms(norms_of(three_layers(), four_rows, labels), [0.376148, 0.681160, 1.144361])
both = ["one layer, worked by hand", "three layers, first layer first"]
with checks("three layers in float64"):
    norms = norms_of(three_layers().double(), four_rows.double(), labels.double())
    expect_norms(norms, [0.376148, 0.681160, 1.144361])
with checks("a list of floats", needs=both):
    norms = norms_of(three_layers(), four_rows, labels)
    assert isinstance(norms, list), "Return a list."
    assert all(isinstance(norm, float) for norm in norms), "Each entry should be a float; .item() makes one."
with checks("a second call gives the same", needs=both):
    again = student_side.run(result_of_second_call, gradient_per_layer, one_layer(), two_rows, labels[:2])
    expect_norms(again, [1.997780])
checks.at_grading(
    10,
    "deeper and nested networks, tiny gradients, other layers between, train and eval mode, one row, large logits, "
    "float64, old gradients, and what a call leaves behind",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.gradient_flow import check_gradient_norms

check_gradient_norms(checks, gradient_per_layer, needs=both)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "compare_activations_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. A fair comparison
#
# The next cell gives you a network of ten `nn.Linear` layers, data with two classes, and three activations. The weights
# are random: He's initialisation, made for ReLU. Two networks with different weights tell you nothing about their
# activations, and one draw of the weights may be an odd one. So:
#
# - call `torch.manual_seed(seed)` right before **each** network is built, so that for one seed all activations start
#   from the same weights;
# - repeat for several seeds, and take the **median** over the seeds, layer by layer.
#
# Write `compare_activations(measure, activations, X, y, seeds)`. It returns a dict: for each name in `activations`, the
# list of the ten medians as `float`, in full: do not round them. `activations` maps names to classes, as `ACTIVATIONS`
# does; build each network with `deep_network`.
# `measure(model, X, y)` returns one number for each layer; `gradient_per_layer` is one such function, and the checks
# bring others. For an even number of seeds the median lies halfway between the middle two, as `np.median` has it.

# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
def deep_network(activation, depth=10, width=32):
    """2 inputs, `depth` Linear layers with `activation()` between them, one logit; He's weights, biases 0."""
    sizes = [2] + [width] * (depth - 1) + [1]
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        linear = nn.Linear(fan_in, fan_out)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        nn.init.zeros_(linear.bias)
        layers += [linear, activation()]
    return nn.Sequential(*layers[:-1])


ACTIVATIONS = {"sigmoid": nn.Sigmoid, "ReLU": nn.ReLU, "GELU": nn.GELU}
X = torch.randn(64, 2, generator=torch.Generator().manual_seed(0))
y = (X[:, 0] * X[:, 1] > 0).float()  # class 1 where both coordinates have the same sign

# %% nbgrader={"grade": false, "grade_id": "compare_activations", "locked": false, "schema_version": 3, "solution": true, "task": false}
def compare_activations(measure, activations, X, y, seeds):
    """For each activation's name, the median over the seeds of what is measured at each layer: lists of floats."""
    ### BEGIN SOLUTION
    medians = {}
    for name, activation in activations.items():
        measured = []
        for seed in seeds:
            torch.manual_seed(seed)
            measured.append(measure(deep_network(activation), X, y))
        medians[name] = np.median(measured, axis=0).tolist()
    return medians
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_compare_activations", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
def spread_per_layer(model, X, y):
    """Instead of gradients: the spread of what each Linear layer gives, plus the mean of y."""
    spreads = []
    for layer in model:
        X = layer(X)
        if isinstance(layer, nn.Linear):
            spreads.append(X.std().item() + y.mean().item())
    return spreads


def first_weight(model, X=None, y=None):
    """Instead of gradients: one weight of the first layer."""
    return [model[0].weight[0, 0].item()]


def first_weight_for(seed):
    """The same weight of a network that is built right after this seed was set."""
    torch.manual_seed(seed)
    return first_weight(deep_network(nn.ReLU))[0]


checks = Checks("compare_activations", points=5)
with checks("ten numbers for each activation"):
    table = result_of(compare_activations, spread_per_layer, ACTIVATIONS, X, y, [0])
    assert isinstance(table, dict), "Return a dict."
    assert set(table) == set(ACTIVATIONS), f"Expected the keys {list(ACTIVATIONS)}, got {list(table)}."[:250]
    for name in ACTIVATIONS:
        assert len(table[name]) == 10, f"Expected 10 numbers for {name}, got {len(table[name])}."
with checks("equal weights for one seed", needs="ten numbers for each activation"):
    table = result_of(compare_activations, first_weight, ACTIVATIONS, X, y, [7])
    first = {name: float(table[name][0]) for name in ACTIVATIONS}
    for name in ACTIVATIONS:
        assert first[name] == first["sigmoid"], f"{name} and sigmoid started from different weights."
with checks("the median over the seeds", needs="ten numbers for each activation"):
    seeds = [8, 1, 30, 4, 12]
    table = result_of(compare_activations, first_weight, ACTIVATIONS, X, y, seeds)
    middle = sorted(map(first_weight_for, seeds))[2]
    for name in ACTIVATIONS:
        expect_norms(table[name], [middle])
checks.at_grading(4, "other activations, seeds, data and measurements, an even number of seeds, the type of each entry")
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.gradient_flow import check_comparison

check_comparison(
    checks, compare_activations, deep_network, spread_per_layer, needs=["ten numbers for each activation"]
)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "plot_gradients_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. The picture
#
# Write `plot_gradients(norms_by_activation)`. It takes what `compare_activations` returns, a dict of lists, draws it
# with Matplotlib and returns the `Axes`:
#
# - one line for each activation, with its points joined, all in one Axes and labelled with its name; no two lines alike
#   in colour, dashes, marker and width, for up to six of them;
# - layer numbers from 1, evenly spaced, on the x axis; the norms themselves, not their logarithms, on a logarithmic y
#   axis; all of them inside the picture;
# - an x label that contains the word *layer* and a y label that contains the word *gradient*;
# - a legend that has each line's name beside a sample of that line.
#
# The lists may have different lengths. A norm may be 0, in a network whose units are dead. A logarithmic axis has no
# place for 0: leave the point out, let Matplotlib clip it, or draw it at or below the smallest norm of its line, and
# keep the line and its name. An axis that is logarithmic wherever there are norms, and has a place for 0 further down
# (`symlog`), is right too.
#
# This is what a good answer looks like, for the norms of the first checks below:
#
# ![Line plot. The x axis shows layers 1 to 4, the y axis the norm of the weight gradient on a logarithmic scale. Two
# lines with markers rise from left to right: tanh, solid blue, from 0.2 to 0.4; sigmoid, dashed vermillion, from 0.00001
# to 0.09. A legend names both.](images/example.png)

# %% nbgrader={"grade": false, "grade_id": "plot_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def plot_gradients(norms_by_activation):
    """Line plot of gradient norm by layer, one line for each activation, logarithmic y axis; returns the Axes."""
    ### BEGIN SOLUTION
    axes = plt.figure(layout="constrained").add_subplot()
    axes.set_prop_cycle(
        color=["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"],
        linestyle=["-", "--", "-.", ":", "-", "--"],
        marker=list("os^Dv*"),
    )
    for name, norms in norms_by_activation.items():
        axes.semilogy(range(1, len(norms) + 1), norms, label=name)
    axes.set_xlabel("layer (1 is next to the input)")
    axes.set_ylabel("norm of the weight gradient")
    axes.legend()
    return axes
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_plot_gradients", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
example = {"tanh": [2e-1, 3e-1, 5e-1, 4e-1], "sigmoid": [1e-5, 2e-4, 7e-3, 9e-2]}
checks = Checks("plot_gradients", points=10)
picture = functools.cache(lambda: checks.drawn_again(figures.picture_of(plot_gradients, example)))

with checks("a line for each activation, with its norms"):
    figures.expect_lines(picture(), example)
drawn = ["a line for each activation, with its norms"]
with checks("the points are joined", needs=drawn):
    figures.expect_joined(picture(), example)
with checks("returns the Axes", needs=drawn):
    figures.expect_axes_returned(picture())
with checks("logarithmic y axis", needs=drawn):
    figures.expect_scales(picture(), "linear", "log")
with checks("both axes are labelled", needs=drawn):
    figures.expect_labels(picture(), "layer", "gradient")
with checks("a legend names each line", needs=drawn):
    figures.expect_legend(picture(), example)
checks.at_grading(5, "six lines of other lengths, layer numbers, looks and legend, points outside, norms of 0")
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.gradient_flow import check_figure

check_figure(checks, plot_gradients, needs=drawn)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "picture_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. What the picture says
#
# The next cell puts your three functions together: ten layers, three activations, five seeds. Change it as you like;
# it is not graded.

# %% nbgrader={"grade": false, "grade_id": "picture", "locked": false, "schema_version": 3, "solution": false, "task": false}
try:
    norms = compare_activations(gradient_per_layer, ACTIVATIONS, X, y, seeds=range(5))
    plot_gradients(norms)
    plt.show()
    for name, values in norms.items():
        print(f"{name:8} first layer {values[0]:.2e}, last layer {values[-1]:.2e}")
except NotImplementedError:
    print("The picture comes here once all three functions are written.")

# %% [markdown] nbgrader={"grade": false, "grade_id": "explanation", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": true}
# ### Explain it
#
# Write about 150 to 250 words in the cell below. A person reads them, for 10 points. Answer these questions.
#
# 1. What does the picture show? Compare first and last layer for each activation, with numbers.
# 2. Why does the sigmoid line look as it does? Use the chain rule, and say by which factor the gradient shrinks or
#    grows at each layer.
# 3. Why are the ReLU and the GELU lines different from it? What part does the initialisation play?
# 4. What does this mean for training? Name one thing that the picture does not show.
#
# [//]: # (BEGIN MARK SCHEME)
#
# **For graders only**
#
# **10 points.** Medians over the seeds 0 to 4, first and last layer: sigmoid 2.3e-06 and 0.39, ReLU 0.17 and 1.0,
# GELU 0.16 and 0.59. Accept the student's own numbers if the picture cell was changed.
#
# - **2** What is seen: the sigmoid line falls by about five powers of ten from the last layer to the first, almost
#   straight on the logarithmic axis; ReLU and GELU stay within one power of ten. 1 point without numbers.
# - **3** Chain rule: the gradient at a layer is a product with one factor, weights times slope of the activation, for
#   each layer behind it (1). The slope of sigmoid is at most 0.25 (1). So the product falls geometrically: here at most
#   0.25 times sqrt(2), about 0.35, a layer, measured about 0.26 (1). Any statement of a constant factor below 1 with a
#   reason for its size earns the last point.
# - **2** ReLU: slope exactly 1 for positive pre-activations, 0 for the others; about half of the units let the gradient
#   pass (1). He's initialisation, variance 2/fan_in, makes up for that half (1).
# - **1** GELU: close to ReLU, slope between -0.13 and 1.13, so the same initialisation nearly fits.
# - **1** Training: with one learning rate for all layers, the first layers of the sigmoid network hardly move.
# - **1** A limit: the state at initialisation only, one kind of data, one width and depth, this initialisation, norms
#   that also depend on the size of the layer and of its inputs, or anything else that is true.
#
# Wrong statements do not cost points of other lines. "ReLU has no vanishing gradients", without saying for which
# initialisation or inputs, loses the initialisation point.
#
# [//]: # (END MARK SCHEME)

# %% [markdown] nbgrader={"grade": false, "grade_id": "explanation_text", "locked": false, "schema_version": 3, "solution": false, "task": false}
# *Write your explanation here. (Double-click, or press Enter on the cell, to edit it.)*

# %% [markdown] nbgrader={"grade": false, "grade_id": "recap", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Recap
#
# - `backward()` adds to `.grad`. Clear it first, or use `torch.autograd.grad`, which leaves it alone.
# - A fair comparison changes one thing: same seed, same weights, same data, several seeds.
# - A product of ten factors falls or grows geometrically, so draw it on a logarithmic axis.
# - Activation and initialisation belong together: He's fits ReLU.
#
# **Before you hand in**, restart the kernel, run all cells, and press Validate. Then save, run the cell below and press
# its button: it rehearses the grading, apart from the hidden checks, and says what to mend.

# %% tags=["skip-execution"]
from course.rehearse.button import RehearseButton

RehearseButton("ps3_gradient_flow")
