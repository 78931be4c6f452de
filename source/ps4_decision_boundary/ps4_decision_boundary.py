# %% [markdown] nbgrader={"grade": false, "grade_id": "about", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # See the decision boundary
#
# **What you do.** Read out what a network computes just before its last layer, draw where it decides for which class,
# in the plane of its inputs and in the plane of its features, and build a widget that redraws the first of these
# pictures for another activation function.
#
# **Goals.** After this exercise you can
#
# - take the activations of a hidden layer out of a network, and leave the network as it was,
# - evaluate a network on a grid and show its decision boundary as filled contours,
# - show how hidden layers move the data until a straight line separates the classes,
# - connect a dropdown to a figure.
#
# **Time** about 105 minutes. **Points** 35: 7 for the features, 10 for the boundary, 5 for the plane of the features,
# 7 for the widget, 6 for showing it, as a picture or in words, and what you say about it.
#
# **You need** lesson 01 for why a network without activation can only draw a straight line, and `contourf` of
# Matplotlib, `Dropdown` of ipywidgets.

# %% [markdown] nbgrader={"grade": false, "grade_id": "rules", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## How the checks work
#
# Each exercise has a cell for your answer and a cell of checks below it. Run the checks as often as you like: each
# has a name, and a failed one says what it tried, what it got and what it expected. Points come from these checks
# and from further ones at grading, with other networks and other data; each cell says how many more and of which kind. Figures are judged by
# their data (contours, points), not by their looks; when they are graded, the checks draw them once more from these
# data, for you and for the person who grades the last task.
#
# **The networks** here tell class 0 from class 1. Each is an `nn.Sequential` whose last part is the output layer,
# `nn.Linear(width, 1)`. Its one output is the **logit** $z$ of class 1; the **probability** of class 1 is
# $\sigma(z) = 1 / (1 + e^{-z})$. On the **decision boundary** the network is undecided: $z = 0$, $\sigma(z) = 0.5$.
#
# **Rules for the first three exercises**
#
# - `X` is a NumPy array with a row for each input, `float32` or `float64`, stored row by row or column by column. The
#   weights are `float32`.
# - Use the network as in evaluation: no dropout, running statistics in batch norm. Most networks you are given are
#   in training mode, some in evaluation mode, always as a whole.
# - Leave it as you found it: in the same mode, with the same layers and weights, with no hook, method or gradient
#   more or less than before. Leave `X` as it was, and torch recording gradients if it did. Put back what you switch
#   for all of torch.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import copy
from functools import cache

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.colors import LinearSegmentedColormap
from sklearn.datasets import make_moons
from torch import nn

from course.checks import Checks, expect_array, expect_close
from course.checks.decision_boundary import (
    boundary_picture_of,
    expect_activation_dropdown,
    expect_bands,
    expect_boundary_level,
    expect_class_colours,
    expect_grid,
    expect_in_axes,
    expect_options,
    expect_picture,
    exploration_of,
    logit_of,
    pictures_of,
)
from course.checks.feature_plane import (
    cut_of,
    expect_cut,
    expect_feature_points,
    expect_in_given_axes,
    expect_unit_labels,
    expect_view,
    feature_picture_of,
)
from course.computations.boundaries import boundary_of, in_words
from course.widgets.explorer_words import with_words

# %% [markdown] nbgrader={"grade": false, "grade_id": "given_about", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## What you are given
#
# `DATA` is a pair: 80 points of the plane, and their classes. `train(activation, data)` returns a network with one
# hidden layer of 8 units, trained on such a pair; `train(activation, data, hidden=(16, 2))` has hidden layers of 16 and
# of 2 units. It takes about 0.05 s, and the same arguments give the same network.
# `BLUE`, `ORANGE` and the colour map `CLASS_MAP` between them, which the colour-blind can tell apart as well, are
# yours to use. `toy_network` makes the networks of the first checks.

# %% nbgrader={"grade": false, "grade_id": "given", "locked": true, "schema_version": 3, "solution": false, "task": false}
ACTIVATIONS = {"identity": nn.Identity, "tanh": nn.Tanh, "ReLU": nn.ReLU, "GELU": nn.GELU}
DATA = make_moons(80, noise=0.15, random_state=0)
BLUE, ORANGE = "#0072B2", "#E69F00"
CLASS_MAP = LinearSegmentedColormap.from_list("classes", [BLUE, "white", ORANGE])
trained = {}


def train(activation, data, hidden=(8,)):
    """Network with this activation (a name from ACTIVATIONS) and hidden layers, trained on data = (X, y)."""
    X, y = data
    key = activation, tuple(hidden), X.tobytes(), y.tobytes()
    if key not in trained:
        inputs, targets = torch.tensor(X, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            layers = [nn.Linear(width, units) for width, units in zip((2, *hidden), hidden)]
            parts = [part for layer in layers for part in (layer, ACTIVATIONS[activation]())]
            model = nn.Sequential(*parts, nn.Linear(hidden[-1], 1)).double()
        optimizer = torch.optim.LBFGS(model.parameters(), max_iter=20, line_search_fn="strong_wolfe")

        def closure():
            optimizer.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(model(inputs)[:, 0], targets)
            loss = loss + 0.001 * sum((p**2).sum() for p in model.parameters())
            loss.backward()
            return loss

        optimizer.step(closure)
        optimizer.zero_grad()
        trained[key] = model.float()
    return copy.deepcopy(trained[key])


def toy_network(activation, *weights):
    """Network with these weights in its hidden layers, all biases 0."""
    parts = []
    for weight in weights:
        layer = nn.Linear(len(weight[0]), len(weight))
        layer.weight.data, layer.bias.data = torch.tensor(weight), torch.zeros(len(weight))
        parts += [layer, activation()]
    return nn.Sequential(*parts, nn.Linear(len(weights[-1]), 1))

# %% [markdown] nbgrader={"grade": false, "grade_id": "hidden_features_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. The features before the last layer
#
# With hidden layers $1, \dots, L$ and activation $f$, a network computes
#
# $$h_0 = x, \qquad h_l = f(W_l h_{l-1} + b_l), \qquad z = w \cdot h_L + c.$$
#
# The last step is linear. So the hidden layers have to bend the plane until a flat cut through the space of $h_L$
# separates the classes. $h_L$ is what the output layer sees: the **features**.
#
# Write `hidden_features(model, X)`. It returns $h_L$ for each row of `X`, as a NumPy array of shape
# `(rows of X, width of the last hidden layer)`.
#
# - Take what goes *into* the output layer, after the activation. If dropout comes in between, it is switched off.
# - The hidden part may have any number of layers, any activation, batch norm, or blocks (an `nn.Sequential` inside
#   the `nn.Sequential`). The output layer is always the last part.
# - One row, or one unit, still gives an array with two dimensions. Thousands of rows work as well.
# - Results count as right within a relative error of $10^{-4}$ (plus $10^{-5}$): what `float32` keeps in a few layers.

# %% nbgrader={"grade": false, "grade_id": "hidden_features", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hidden_features(model, X):
    """Activations of the last hidden layer, shape (rows of X, width)."""
    ### BEGIN SOLUTION
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            return model[:-1](torch.as_tensor(X, dtype=torch.float32)).numpy()
    finally:
        model.train(training)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_hidden_features", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
checks = Checks("hidden_features", points=7)
points = np.array([[1.0, 2.0], [-1.0, 0.5], [0.0, -3.0]])
with checks("right for one hidden layer"):
    model = toy_network(nn.Tanh, [[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
    expected = np.tanh([[1, 2, -1], [-1, 0.5, -1.5], [0, -3, 3]])
    expect_close(hidden_features(model, points), expected, rtol=1e-4, atol=1e-5)
with checks("right for two hidden layers"):
    model = toy_network(nn.ReLU, [[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]], [[1.0, 1.0, 0.0], [-1.0, 2.0, -1.0]])
    expect_close(hidden_features(model, points), [[3, 3], [0.5, 1], [0, 0]], rtol=1e-4, atol=1e-5)
with checks("a NumPy array", needs=("right for one hidden layer", "right for two hidden layers")):
    expect_array(hidden_features(train("tanh", DATA), DATA[0]), shape=(80, 8))
with checks("one row or one unit keeps two dimensions", needs=("right for one hidden layer", "right for two hidden layers")):
    model = toy_network(nn.Tanh, [[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
    expect_close(hidden_features(model, points[:1]), np.tanh([[1, 2, -1]]), rtol=1e-4, atol=1e-5)
    model = toy_network(nn.Tanh, [[1.0, -1.0]])
    expect_close(hidden_features(model, points), np.tanh([[-1], [-1.5], [3]]), rtol=1e-4, atol=1e-5)
checks.at_grading(
    6,
    "deeper networks, networks made of blocks, types and layouts of X and thousands of rows, dropout and batch "
    "norm, and two about what is left behind in the network and in X",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.decision_boundary import check_hidden_features

check_hidden_features(checks, hidden_features, needs=["right for one hidden layer", "right for two hidden layers"])
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "plot_boundary_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. Draw the boundary
#
# Write `plot_boundary(model, X, y, ax)`. `X` has two columns, `y` holds a 0 or 1 for each row. It draws into the axes
# `ax` and returns what `ax.contourf` returns.
#
# - **Contours.** Fill contours of the probability, or of the logit, of class 1. The boundary (0.5 of the probability,
#   0 of the logit) is one of the levels; the others are yours to choose. No part of the picture stays white, however
#   sure the network is there.
# - **Grid.** Evaluate the network on a grid of straight lines along the axes that reaches beyond all rows of `X`, with
#   at least 100 points along each axis. The data may lie anywhere in the plane, and may be wide along one axis and
#   narrow along the other, 0.1 and less: make the margin a share of the width, so that along each axis the grid is at
#   most three times as wide as the data. No row of `X` may lie outside of what the axes show.
# - **Points.** Draw each row of `X` on top of the contours, in one colour for class 0 and another for class 1, by `y`.
# - Draw into `ax` alone: other figures belong to others. Lines, a title, a legend or a colour bar are welcome.
#
# The network takes rows $(x_1, x_2)$, the grid is two-dimensional: `np.meshgrid`, make a row of each grid point, call
# the network once, and give its output the shape of the grid again.
#
# **A good answer looks like this** (the data and the network of the checks below):
#
# ![Two moons of points, blue for class 0 and orange for class 1, on bands of colour that turn from blue over white to orange. The boundary, a black line that climbs from the lower left, dips and climbs again, runs between the moons. Four of the 80 points lie on the wrong side.](boundary.png)

# %% nbgrader={"grade": false, "grade_id": "plot_boundary", "locked": false, "schema_version": 3, "solution": true, "task": false}
def plot_boundary(model, X, y, ax):
    """Draw the decision boundary of model with the data; returns the filled contours."""
    ### BEGIN SOLUTION
    margin = 0.1 * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    rows = torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)
    training = model.training
    model.eval()
    with torch.no_grad():
        probability = torch.sigmoid(model(rows)).numpy().reshape(xx.shape)
    model.train(training)
    contours = ax.contourf(xx, yy, probability, levels=np.linspace(0, 1, 11), cmap=CLASS_MAP, alpha=0.7)
    ax.contour(xx, yy, probability, levels=[0.5], colors="black")
    ax.scatter(X[:, 0], X[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE), edgecolors="black")
    ax.set_xlabel("$x_1$")
    ax.set_ylabel("$x_2$")
    return contours
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_plot_boundary", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
checks = Checks("plot_boundary", points=10)


@cache
def drawn():
    return checks.drawn_again(boundary_picture_of(plot_boundary, train("tanh", DATA), *DATA))


with checks("filled contours of the probability or the logit"):
    expect_bands(drawn().contours, logit_of(train("tanh", DATA)), DATA[0])
with checks("the boundary is one of the levels", needs="filled contours of the probability or the logit"):
    expect_boundary_level(drawn().contours, logit_of(train("tanh", DATA)), DATA[0])
with checks("drawn into ax", needs="filled contours of the probability or the logit"):
    expect_in_axes(drawn())
with checks("a grid beyond the data, of 100 points and more", needs="filled contours of the probability or the logit"):
    expect_grid(drawn().contours, DATA[0])
with checks("points coloured by class"):
    expect_class_colours(drawn().points, *DATA)
checks.at_grading(
    8,
    "bands, grid and what the axes show on data far away and narrow along one axis, the exact place of the "
    "boundary, a network that is very sure, colours, dropout, and the network left as it was",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.decision_boundary import check_plot_boundary

check_plot_boundary(checks, plot_boundary, needs=["filled contours of the probability or the logit"])
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "plot_features_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. The plane of the features
#
# Give the last hidden layer just two units, and you can look at what the output layer sees: the features
# $h = (h_1, h_2)$ of each row are a point in a plane, and the output layer is undecided on the straight line
#
# $$w_1 h_1 + w_2 h_2 + c = 0.$$
#
# So the bent boundary of exercise 2 and this straight line are the same thing, seen before and after the hidden layers.
#
# Write `plot_features(model, X, y, ax)`. The last hidden layer of `model` has two units; `X` may have any number of
# columns. It draws into `ax`, and what it returns plays no part.
#
# - **Points.** Draw a point for each row of `X` at its features: the first unit along x, the second along y. Use one
#   colour for class 0 and another for class 1, by `y`, and keep them on top of filled areas.
# - **Line.** Draw the line where the output layer is undecided, at least across the rectangle around the points. How is
#   up to you: `ax.plot`, `ax.axline`, `ax.contour` or the border between two filled areas. The line may be flat, steep
#   or vertical ($w_2 = 0$), and it may pass beside all points; then nothing of it needs to be seen.
# - **View.** All points lie inside of what the axes show, and along each axis this is at most three times as wide as
#   the points are, however far away or steep the line is.
# - **Labels.** Both axes have a label that says which unit it is, for example `$h_1$` and `$h_2$`.
# - Draw into `ax` alone. More lines, a title or a legend are welcome.
#
# The output layer is `model[-1]`; it has a `weight` of shape `(1, 2)` and a `bias` of shape `(1,)`. A line through two
# points of it, or a contour of its value, needs no division by $w_2$.
#
# The checks try your plot by itself: while they run, a right function takes the place of your `hidden_features`, if you
# call it. So a slip in exercise 1 costs nothing here.
#
# **A good answer looks like this** (for the network of the first checks below, whose numbers are made up):
#
# ![The plane of two tanh units. The points of class 0, blue, lie along the top and down the right side, those of class 1, orange, in the middle and in the lower right corner. A straight black line climbs steeply from the lower left to the top. All of class 1 and many points of class 0 lie to the right of it.](features.png)

# %% nbgrader={"grade": false, "grade_id": "plot_features", "locked": false, "schema_version": 3, "solution": true, "task": false}
def plot_features(model, X, y, ax):
    """Draw the features of X, and the line along which the output layer cuts their plane."""
    ### BEGIN SOLUTION
    h = hidden_features(model, X)
    ax.scatter(h[:, 0], h[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE), edgecolors="black")
    ax.set(xlabel="$h_1$", ylabel="$h_2$", xlim=ax.get_xlim(), ylim=ax.get_ylim())
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="black")
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_plot_features", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
checks = Checks("plot_features", points=5)


@cache
def plane():
    model = toy_network(nn.Tanh, [[1.0, 0.5], [-0.5, 1.0]])
    model[-1].weight.data, model[-1].bias.data = torch.tensor([[2.0, -1.0]]), torch.tensor([0.5])
    X, y = DATA
    features = np.tanh(X @ np.array([[1.0, -0.5], [0.5, 1.0]]))
    picture = checks.drawn_again(feature_picture_of(plot_features, model, X, y, features))
    return picture, cut_of(model), features


with checks("points at the features, coloured by class"):
    picture, cut, features = plane()
    expect_feature_points(picture, features, DATA[1])
with checks("the line of the output layer"):
    picture, cut, features = plane()
    expect_cut(picture, cut, features)
with checks("drawn into ax", needs=("points at the features, coloured by class", "the line of the output layer")):
    expect_in_given_axes(plane()[0])
with checks("the view fits the points", needs="points at the features, coloured by class"):
    picture, cut, features = plane()
    expect_view(picture, features)
with checks("labels on both axes", needs=("points at the features, coloured by class", "the line of the output layer")):
    expect_unit_labels(plane()[0])
checks.at_grading(
    7,
    "deeper networks, blocks, types and columns of X, lines that are flat, steep, vertical or beside the points, "
    "colours, dropout and batch norm, and the network and X left as they were",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.feature_plane import check_plot_features

check_plot_features(checks, plot_features, needs=["points at the features, coloured by class", "the line of the output layer"])
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "bend_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Run the next cell: four networks with hidden layers of 16 and 2 units, on the same data, with one activation each.
# The identity can only stretch, turn and flatten the two moons; the others bend them apart.
# How they get there, step by step through a training, is what the demo *Unfolding* in lesson 01 shows.

# %% nbgrader={"grade": false, "grade_id": "bend", "locked": false, "schema_version": 3, "solution": false, "task": false}
figure, panels = plt.subplots(1, 4, figsize=(13, 3.2), layout="constrained")
try:
    for panel, name in zip(panels, ACTIVATIONS):
        model = train(name, DATA, hidden=(16, 2))
        plot_features(model, *DATA, panel)
        panel.set_title(name)
        wrong = (logit_of(model)(DATA[0]) > 0) != DATA[1]
        print(f"{name}: {wrong.sum()} of {len(wrong)} points lie on the wrong side of the line.")
except (NameError, NotImplementedError) as error:
    print(f"Your pictures will stand here: {type(error).__name__}.")
    plt.close(figure)
finally:
    plt.show()
    plt.close(figure)

# %% [markdown] nbgrader={"grade": false, "grade_id": "boundary_explorer_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. A widget that redraws
#
# Write `boundary_explorer(data)`. `data` is a pair `(X, y)` as `DATA` is. It returns a widget in which one chooses an
# activation and sees the boundary of the network that `train(activation, data)` gives.
#
# - **Dropdown.** Somewhere in the widget, whatever its layout, is one `widgets.Dropdown` with the description
#   `activation` (capitals and a colon do no harm). Its options are the names in `ACTIVATIONS`.
# - **Picture.** As soon as the widget is made it shows the boundary for the activation that is chosen. The picture is
#   drawn with filled contours, by your `plot_boundary` or by `contourf`, of the probability or the logit.
# - **Redraw.** Each change of the dropdown draws the new boundary; no button is needed. The old picture goes away: an
#   `Output` is cleared before the new one, and in the end the axes hold one filled contour set, and the figure no more
#   axes than at first.
# - **In the widget.** The picture is part of what you return: an `Output` widget you draw into (as `interactive` and
#   `interactive_output` do), a canvas of `ipympl`, or an `Image`.
# - **Its own.** Two explorers side by side have a picture each, of their own data.
#
# The checks try your explorer by itself: while they run, a simple function of the same name takes the place of your
# `plot_boundary`. So a slip in exercise 2 costs nothing here.
#
# With `interactive`, a call of `plt.show()` at the end of your drawing function puts the picture into the widget.
#
# **What a good explorer shows** for the first two activations (the data of the checks below):
#
# ![Two pictures of the two moons on bands of colour from blue over white to orange, each with the boundary as a black line. Titled activation: identity, the boundary is a straight line that climbs from left to right, with 11 of the 80 points on the wrong side. Titled activation: tanh, it climbs, dips between the moons and climbs again, with 4 points on the wrong side.](explorer.png)

# %% nbgrader={"grade": false, "grade_id": "boundary_explorer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def boundary_explorer(data):
    """Widget with an activation dropdown that redraws the decision boundary on data = (X, y)."""
    ### BEGIN SOLUTION
    X, y = data

    def draw(activation):
        figure, ax = plt.subplots(figsize=(6, 4))
        plot_boundary(train(activation, data), X, y, ax)
        ax.set_title(f"Network with {activation}", loc="left")
        plt.show()

    return widgets.interactive(draw, activation=list(ACTIVATIONS))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_boundary_explorer", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
checks = Checks("boundary_explorer", points=7)


@cache
def moved():
    return checks.drawn_again(exploration_of(boundary_explorer, DATA, moves=1))


with checks("a widget with one activation dropdown"):
    expect_activation_dropdown(moved())
with checks("the dropdown offers all activations", needs="a widget with one activation dropdown"):
    expect_options(moved(), ACTIVATIONS)
with checks("a picture for the first choice", needs="a widget with one activation dropdown"):
    first = pictures_of(moved())[0]
    expect_picture(first, logit_of(train(first.choice, DATA)), DATA[0])
with checks("another choice, another picture", needs="a widget with one activation dropdown"):
    last = pictures_of(moved())[1]
    assert last.choice != pictures_of(moved())[0].choice, "The dropdown does not stay at what was chosen."
    expect_picture(last, logit_of(train(last.choice, DATA)), DATA[0])
checks.at_grading(
    5,
    "all activations on other data, the way back to the first, the picture in the widget, old pictures that go "
    "away, and two explorers side by side",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.decision_boundary import check_boundary_explorer

tilted = make_moons(60, noise=0.1, random_state=5)
tilted = tilted[0] @ np.array([[0.6, 0.8], [-0.8, 0.6]]), tilted[1]
check_boundary_explorer(
    checks, boundary_explorer, train, ACTIVATIONS, tilted, DATA,
    needs=["another choice, another picture"],
)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "show_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Now look at it, or read it: the text below the explorer says in words what the boundary of the chosen activation looks
# like, and a screen reader announces it when it changes. Run the next cell, and choose each activation in turn.

# %% nbgrader={"grade": false, "grade_id": "show", "locked": true, "schema_version": 3, "solution": false, "task": false}
try:
    explorer = with_words(boundary_explorer(DATA), lambda name: in_words(boundary_of(train(name, DATA), *DATA)))
except (NameError, NotImplementedError) as error:
    explorer = f"Your explorer will stand here: {type(error).__name__}."
explorer

# %% [markdown] nbgrader={"grade": false, "grade_id": "explorer_picture", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": true}
# ## 5. Show it and say what you see (6 points, graded by a person)
#
# Choose an activation with a curved boundary in your explorer, and hand it in **as a picture or in words**. Both are
# worth the same, so take the one that suits you. Double-click the cell below this one; it goes below the words "My
# picture".
#
# - **As a picture:** take a screenshot with dropdown and figure both in it, and paste it (Ctrl+V or ⌘V), or drag the
#   file into the cell. JupyterLab stores it in the notebook, so there is no file to hand in. Run the cell to see it.
# - **In words:** describe what your explorer shows, in about five sentences, so that somebody could sketch it: the
#   activation that is chosen, where the boundary begins, bends and ends, the side on which class 1 is, which points lie
#   on the wrong side, and how sure the network is. You may take the numbers from the text below your explorer.
#
# Then answer in the same cell, in three to five sentences:
#
# 1. Which activation did you choose, and how does its boundary differ from the one of the identity?
# 2. Why can the network with the identity not do better, although it has 8 hidden units?
# 3. How do the boundaries of ReLU and of tanh differ in shape, and where in their formulas does that come from?
#
# [//]: # (BEGIN MARK SCHEME)
#
# **For graders only**
#
# - 2 points, the picture or the words; one of them is enough, and both are worth the same.
#   As a picture: 1 for dropdown and figure of the student's own explorer, readable; 1 for a curved boundary that
#   belongs to the activation chosen, with the points in the colours of their classes.
#   In words: 1 for the activation chosen and the points (how many are on the wrong side, or which; how sure the network
#   is); 1 for the boundary, so that one could sketch it: where it begins, bends and ends, and the side of class 1.
#   Numbers from the text below the explorer are welcome, rounded too: that text is to a reader what the screenshot is
#   to others. The right ones: tanh has 4 points on the wrong side, ReLU and GELU 1; all three boundaries climb from
#   the lower left, fall between the moons and climb to the upper right, with class 1 below and to the right.
# - 1 point: the boundary of the named activation follows the moons, the identity's is a straight line.
# - 1.5 points: without activation the layers collapse into one linear layer, $w \cdot (Wx + b) + c$ is again
#   $v \cdot x + d$, and $v \cdot x + d = 0$ is a line, however many hidden units there are. Half a point for "it is
#   linear" without the reason.
# - 1.5 points: ReLU's boundary has straight pieces with corners, tanh's bends smoothly. ReLU networks are piecewise
#   linear, with kinks where a unit's pre-activation crosses 0; tanh is smooth everywhere. Half a point for the shapes
#   without the reason.
# - No image in the cell, or one that cannot be opened: what is said in words still counts, for these 2 points too.
#
# [//]: # (END MARK SCHEME)

# %% [markdown]
# **My picture** (or my explorer in words)
#
# **What I see**

# %% [markdown] nbgrader={"grade": false, "grade_id": "recap", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Recap
#
# - The last layer of a classifier is linear. The layers before it have to make the classes separable by a flat cut.
# - A function that only looks at a network switches to evaluation, computes without gradients, and puts the mode back.
# - A decision boundary is the level line of the probability at 0.5, or of the logit at 0. Draw the value, not the
#   class.
# - A widget that redraws clears or replaces its old picture, and keeps what belongs to it in itself.
#
# **Before you hand in**, restart the kernel, run all cells, add your picture or your words, save, and press Validate.
# Then run the cell below and press its button: it rehearses the grading, apart from the hidden checks, and says what to
# mend.

# %% tags=["skip-execution"]
from course.rehearse.button import RehearseButton

RehearseButton("ps4_decision_boundary")
