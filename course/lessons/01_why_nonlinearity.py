# %% [markdown]
# # Why a network needs non-linearity
#
# **Goals.** After this lesson you can
# - show that linear layers without an activation collapse into one, with a proof and with a run;
# - prove that no straight line separates XOR, and solve XOR with two ReLU units by hand;
# - watch two layers of two units learn to unfold data, and say which boundary they can never draw;
# - build a bump from three ReLU units, and any curve on an interval from bumps;
# - state the universal approximation theorem with its conditions, and say what it does not promise;
# - say what depth adds once there is an activation.
#
# **Time.** 80 minutes, 55 of them for the core.
#
# **You need.** Python, NumPy arrays, and multiplication of matrices.

# %%
import numpy as np
import torch

from course.checks import Checks, expect_close
from course.checks.messages import numbers
from course.computations.data import make_data
from course.computations.training import batches, descend
from course.computations.unfolding import record
from course.demos.curve_fit import CurveFit
from course.demos.decision_boundary import DATA, DecisionBoundary, accuracy, learn, make_classifier
from course.demos.folded_plane import FoldedPlane
from course.demos.linear_collapse import LinearCollapse, rounding
from course.demos.relu_bump import ReluBump, terms
from course.demos.unfolding import Unfolding
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz
from course.widgets.tables import Table

torch.set_num_threads(1)  # the networks here are small: sharing them out between cores would cost time

# %% [markdown] tags=["section:D1"]
# ## What an activation function is
#
# A layer of a network takes a vector $\mathbf x$ and computes $W\mathbf x + \mathbf b$. This is a *linear layer* (strictly:
# affine, because of $\mathbf b$). An **activation function** $f$ is applied to each element of the result. It is what
# stands between one linear layer and the next:
#
# $$\mathbf h = f(W_1 \mathbf x + \mathbf b_1), \qquad \mathbf y = W_2 \mathbf h + \mathbf b_2.$$
#
# Which $f$ is best is the subject of the other lessons. This one asks why there must be one at all, and why it must not
# be a straight line.

# %%
rng = np.random.default_rng(0)
W1, b1 = rng.standard_normal((4, 3)), rng.standard_normal(4)
W2, b2 = rng.standard_normal((2, 4)), rng.standard_normal(2)
x = rng.standard_normal(3)
table = Table("what the network puts out", {"between the layers": "", "first output": ".4f", "second output": ".4f"})
table.add("ReLU", *(W2 @ np.maximum(0, W1 @ x + b1) + b2))
table.add("nothing", *(W2 @ (W1 @ x + b1) + b2))
table.show()

# %%
collapse_guess = Prediction(
    "24 linear layers in float64, nothing between them. How far are they from some single linear layer, "
    "relative to the size of their outputs?",
    choices=["about 1: nothing like one layer", "about 10⁻³", "about 10⁻¹⁵: rounding only"],
)
collapse_guess

# %% [markdown] tags=["section:A1", "section:E1"]
# ## Without an activation, depth collapses
#
# Put two linear layers into each other and multiply out:
#
# $$W_2 (W_1 \mathbf x + \mathbf b_1) + \mathbf b_2 = (W_2 W_1)\,\mathbf x + (W_2 \mathbf b_1 + \mathbf b_2).$$
#
# That is one linear layer, with the matrix $W_2 W_1$ and the bias $W_2 \mathbf b_1 + \mathbf b_2$. Take it and a third layer, and
# again there is one, and so on for any number. A deep linear network can represent what one layer can, and
# nothing else. If a layer in between is narrow, it can represent even less: the product of matrices has no higher rank than
# its narrowest factor.

# %%
W, b = W2 @ W1, W2 @ b1 + b2
table = Table("the same output, computed in two ways", {"": "", "first output": ".8f", "second output": ".8f"})
table.add("two layers", *(W2 @ (W1 @ x + b1) + b2))
table.add("the merged layer", *(W @ x + b))
table.show()

single, double = rounding(24, np.float32), rounding(24, np.float64)
table = Table("difference from one layer, relative to the outputs", {"layers": "d", "float32": ".0e", "float64": ".0e"})
for depth in (2, 6, 12, 24):
    table.add(depth, single[depth - 1], double[depth - 1])
table.show()
collapse_guess.compare("about 10⁻¹⁵: rounding only" if double[23] < 1e-14 else "about 10⁻³")

# %% [markdown]
# The two ways of computing differ only in how they round: about 7 digits agree in float32, 15 in float64, at every depth.
#
# The demo sends a square net of lines through a stack of layers that turn, stretch and shift the plane. Between the
# layers stands $(1 - s)\,x + s f(x)$, so you can let the activation in little by little.
#
# ![Left, a net of straight, evenly spaced blue lines that fills a dashed parallelogram. Right, the distance from one linear
# layer against the number of layers: below 2·10⁻⁶ for float32 and below 4·10⁻¹⁵ for float64, both level up to
# 24 layers.](images/01_collapse.png)
#
# 1. Set $s = 0$ and move the number of layers. What shape does the net keep?
# 2. Move $s$ just off 0. How many powers of ten does the distance jump?
# 3. $s = 1$: what do more layers add now?

# %%
LinearCollapse()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. A parallelogram, with straight and even lines, at every number of layers. The distance from one linear layer
#    stays below $10^{-14}$, which is rounding.
# 2. With 5 layers, from rounding at $s = 0$, below $10^{-14}$, to 0.0076 at $s = 0.02$: about thirteen powers of ten.
#    A little activation is not a little bit linear.
# 3. With one layer there is nothing between layers, and the distance is rounding. Then it grows: 0.13 with 2 layers,
#    0.26 with 6, 0.57 with 24. Each layer bends what the one before has bent.
#
# </details>

# %% [markdown]
# ![With six layers and tanh between them. Left, the lines of the net are bent into a round shape that does not fill the
# dashed parallelogram. Right, the distance from one linear layer is near 0.26, where without an activation it is
# rounding.](images/01_no_collapse.png)
#
# There is no way back after the bend: no linear layer undoes it. That is what makes a second layer worth having.

# %% [markdown]
# ### Your turn: merge a whole stack
#
# Above, two layers became one. Do the same for any number of layers, of any widths that fit together. Leave the layers
# that go in as they are.

# %%
def merge(layers):
    """Return W and b of the one layer that stands for all layers, given as pairs (W, b), the first layer first."""
    raise NotImplementedError  # your code: 4 to 6 lines


# %%
def through(layers, inputs):
    for weights, bias in layers:
        inputs = weights @ inputs + bias
    return inputs


draw = np.random.default_rng(1).standard_normal
sizes = (3, 5), (5, 4), (4, 2), (2, 6), (6, 1), (1, 7), (7, 3)
stack = [(draw((out, into)), draw(out)) for into, out in sizes]


def expect_same(number, sample):
    merged = merge([(weights.copy(), bias.copy()) for weights, bias in stack[:number]])
    assert isinstance(merged, tuple | list) and len(merged) == 2, "Return two things: W and b."
    W, b = map(numbers, merged)
    expect_close(W @ sample + b.ravel(), through(stack[:number], sample), rtol=1e-4, atol=1e-4)


checks = Checks("merge", points=5)
with checks("a single layer stays what it is"):
    expect_same(1, draw(3))
with checks("two layers, all inputs 0: the bias is right"):
    expect_same(2, np.zeros(3))
with checks("three layers, other inputs"):
    expect_same(3, draw(3))
with checks("seven layers, wide and narrow"):
    expect_same(7, draw(3))
with checks("the layers are left as they were"):
    mine = [(weights.copy(), bias.copy()) for weights, bias in stack]
    merge(mine)
    assert len(mine) == 7, f"Seven layers went in, and the list has {len(mine)} now."
    same = all(np.array_equal(*pair) for layers in zip(mine, stack) for pair in zip(*layers))
    assert same, "The numbers of a layer have changed. Make new arrays."
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def merge(layers):
#     W, b = layers[0]
#     for W_next, b_next in layers[1:]:
#         W, b = W_next @ W, W_next @ b + b_next
#     return W, b
# ```
#
# </details>

# %% [markdown] tags=["section:E1"]
# ## A problem that no straight line solves: XOR
#
# XOR is 1 if exactly one of two inputs is 1. A linear classifier says 1 where $w_1 x_1 + w_2 x_2 + b > 0$. To be right it needs
#
# $$b \le 0, \qquad w_1 + b > 0, \qquad w_2 + b > 0, \qquad w_1 + w_2 + b \le 0$$
#
# for the inputs $(0,0)$, $(1,0)$, $(0,1)$ and $(1,1)$. Add the two in the middle: $w_1 + w_2 + 2b > 0$. So
# $w_1 + w_2 + b > -b \ge 0$, which contradicts the last one. No weights do it. And since linear layers
# collapse, no number of linear layers does it.
#
# Two ReLU units do it: $\;\mathrm{ReLU}(x_1 + x_2) - 2\,\mathrm{ReLU}(x_1 + x_2 - 1)$. The next cell tries half a million random lines
# against these two units.

# %%
inputs = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
xor = np.array([0, 1, 1, 0])

lines = rng.uniform(-2, 2, (500_000, 3))  # w1, w2, b
says = lines[:, :2] @ inputs.T + lines[:, 2:] > 0
print("best of 500 000 lines:", np.max(np.sum(says == xor, axis=1)), "of 4 right")

total = inputs.sum(axis=1)
print("two ReLU units give:", np.maximum(0, total) - 2 * np.maximum(0, total - 1), "for", xor)

# %% [markdown] tags=["section:E14"]
# ### What the two units do to the plane
#
# *Beyond the core.*
#
# How can two bends help a straight line? Look at it from the output layer. It does not see $(x_1, x_2)$. It sees the
# *hidden space* $(h_1, h_2)$, here with $h_1 = \mathrm{ReLU}(x_1 + x_2)$ and $h_2 = \mathrm{ReLU}(x_1 + x_2 - 1)$.
# There the corners $(1, 0)$ and $(0, 1)$ lie on top of each other at $(1, 0)$, and $(1, 1)$ has moved out of their row,
# up to $(2, 1)$. Now a straight line separates the classes: $h_1 - 2 h_2 = \tfrac12$.
#
# So the output layer still draws a straight line. The activation has folded the plane so that a straight line will do.
# Every hidden layer does this, in more dimensions: it moves the data to where the next layer finds them easier.

# %%
hidden = np.maximum(0, total[:, None] - np.array([0, 1]))  # a row (h1, h2) for each corner
columns = {"corner": "", "hidden space": "", "class": "d", "h1 − 2 h2 − 1/2": "+.1f"}
table = Table("where the corners go, and on which side of the line they lie there", columns)
for corner, point, label in zip(inputs, hidden, xor):
    table.add(str(corner), str(point), label, point @ [1, -2] - 0.5)
table.show()

# %% [markdown]
# In the demo the units put out $(1 - s)\,z + s\,\mathrm{ReLU}(z)$, so you can let the fold in little by little.
# 1. At $s = 0$ there is no cut. How do the four corners lie?
# 2. How much of the fold does a cut need? And what gets better with more?
#
# ![At s = 1. Left, the unit square with blue dots at (0, 0) and (1, 1), vermillion triangles at the other two corners,
# and a pale diagonal band around the triangles. Right, hidden space: the dots at (0, 0) and (2, 1), both triangles at
# (1, 0), and a green dashed line between them. The image of the whole plane is a dotted line with one bend, at (1,
# 0).](images/01_folded.png)
#
# ![At s = 0. Right, the dots at (0, −1) and (2, 1) and both triangles at (1, 0) lie on one straight dotted line; there
# is no cut, and left no band.](images/01_not_folded.png)

# %%
FoldedPlane()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. On one straight line, in the order 0, 1, 0. No cut can have the middle on one side and both ends on the other.
# 2. Any. At $s = 0.05$ the classes are 0.018 apart, at 0.5 they are 0.200 apart, at 1 it is 0.447. More room means that
#    weights may be off by more before a corner falls on the wrong side.
#
# </details>

# %% [markdown]
# ### Your turn: another fold
#
# *Beyond the core.*
#
# Now the corners are $(\pm 1, \pm 1)$, and the class is 1 where both signs are the *same*, else 0. Give two ReLU units
# and an output, $v \cdot \mathrm{ReLU}(W \mathbf x + \mathbf b) + c$, that compute it. Take a pencil first: which values
# can $x_1 + x_2$ have, and what has to happen to them?

# %%
def same_sign():
    """Return W (2 × 2), b (2 numbers), v (2 numbers) and c (1 number)."""
    raise NotImplementedError  # your code: 3 to 5 lines


# %%
def expect_at(corners, wanted):
    W, b, v, c = (numbers(part) for part in same_sign())
    for corner in corners:
        got = (v.ravel() @ np.maximum(0, W @ corner + b.ravel()) + c).item()
        assert abs(got - wanted) < 1e-6, f"At {corner} your network gives {got:g}."


checks = Checks("same_sign", points=3)
with checks("two hidden units and one output"):
    W, b, v, c = (numbers(part) for part in same_sign())
    assert W.shape == (2, 2), f"W has the shape {W.shape}."
    sizes = b.size, v.size, c.size
    assert sizes == (2, 2, 1), f"b, v and c have {b.size}, {v.size} and {c.size} numbers."
with checks("1 where the signs are the same"):
    expect_at([(1, 1), (-1, -1)], 1)
with checks("0 where they differ"):
    expect_at([(1, -1), (-1, 1)], 0)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def same_sign():
#     W = np.array([[1, 1], [-1, -1]])  # the units see x1 + x2 and its negative
#     b, v, c = np.array([0, 0]), np.array([0.5, 0.5]), 0
#     return W, b, v, c
# ```
#
# $\mathrm{ReLU}(z) + \mathrm{ReLU}(-z) = |z|$, so this is $\tfrac12 |x_1 + x_2|$. There are others, for
# example XOR from above, turned round and fitted to the new corners.
#
# </details>

# %% [markdown]
# ## Boundaries that bend
#
# A classifier's *decision boundary* is where it is undecided. For a stack of linear layers it is a straight line. The
# demo trains a network with two hidden layers of 16 units on four kinds of data. Choose, press **Train**, and go on
# working or press **Stop**. Only the activation differs between the runs: data, start and number of steps are the same.
#
# ![Circles, with no activation after 250 steps. Left, an inner ring of triangles within an outer ring of dots, cut by
# a straight dotted line; the colours are pale. Right, the loss stays level at ln 2, the loss of a
# coin.](images/01_boundary_linear.png)

# %%
boundary_guess = Prediction(
    "Circles: one class inside, the other around it. What share of new points will the network without "
    "activation get right?",
    choices=["about half", "about three quarters", "nearly all"],
)
boundary_guess

# %%
DecisionBoundary()

# %% [markdown]
# ![The same circles with ReLU. Left, a closed dotted boundary runs between the inner and the outer ring. Right, the loss falls
# from ln 2 to near 0 within 100 steps.](images/01_boundary_relu.png)
#
# ![Spirals with ReLU. Left, the boundary winds between the two arms; it is made of short straight pieces. Right, the
# loss falls to near 0 in about 100 steps.](images/01_boundary_spirals.png)
#
# One run could be luck. The next cell repeats it from three starts and looks at points the network has not seen.

# %%
def rights(kind: str, activation: str) -> list[float]:
    """Return the share of held-out points that a network gets right, from each of three starts."""
    shares = []
    for seed in range(3):
        network = make_classifier(activation, seed)
        list(learn(network, *make_data(kind, noise=0.05)))
        shares.append(accuracy(network, *make_data(kind, noise=0.05, seed=1)))
    return shares


caption = "share of held-out points right, 3 starts: median (smallest to largest)"
table = Table(caption, {"data": "", "no activation": ".0%", "ReLU": ".0%"})
for kind in DATA.values():
    straight, bent = rights(kind, "identity"), rights(kind, "relu")
    table.add(kind, straight, bent)
    if kind == "circles":
        circles = np.mean(straight)
table.show()

share = "about half" if circles < 0.6 else "about three quarters" if circles < 0.9 else "nearly all"
boundary_guess.compare(share)

# %%
table = Table(caption, {"data": "", "tanh": ".0%", "sigmoid": ".0%"})
for kind in ("xor", "spirals"):
    table.add(kind, rights(kind, "tanh"), rights(kind, "sigmoid"))
table.show()
points, label = make_data("xor", noise=0.05, seed=1)
crossed = (points[:, :1] * points[:, 1:] < 0) != (label == 1)
print(f"XOR: noise has put {crossed.double().mean():.1%} of the held-out points on the wrong side")

# %% [markdown]
# Without an activation there is one best line, and every start ends near it. On the moons this line is not bad, and
# that is worth knowing too: try the linear model first. With ReLU or tanh the same layers solve all four. On XOR nobody
# can reach 100 %: the noise is added after the points have got their class, and it has put 4 % of them on the wrong
# side. From some starts the sigmoid gets fewer of the spirals in these 250 steps and needs more of them. That is about
# speed, not about what it can represent: which activation is *better* in the end, these data cannot tell.

# %% [markdown]
# ### What the layers do to the plane
#
# Sixteen units are too many to look at. Two units in each of two layers are not: after each layer the data lie in a plane
# again, and you can see where every point has gone. You have folded XOR by hand. Here a network finds its own way.
#
# The demo has a training of 300 steps, from ten starts. Above, the plane as it comes in, after layer 1 and after layer 2,
# with a net that was square at first; the dashed line is the straight cut of the output layer. Below, each hidden unit
# over the plane: white (in the dark theme black) is 0. A move of *step* goes back and forth in the training.
# 1. XOR with tanh, start 3. How many points does the best straight line leave on the wrong side at step 300: in what
#    comes in, after layer 1, after layer 2? And at step 50?
# 2. The same with the other starts: how many of the ten find it?
# 3. Circles: does the boundary close around the inner ring, in any start, with tanh, with ReLU, with GELU?
# 4. Choose no activation. What happens to the net?
#
# ![XOR with tanh after 300 steps. Above left, the plane: four blocks of points, and nearly all on the side of their class.
# Middle, after layer 1 most points lie along the edges of a square, the classes at opposite corners. Right, after layer
# 2 they lie along two edges that meet in a corner, and a dashed line cuts the triangles around this corner off from the
# dots at both ends. Below, the units of layer 1 change sign along a straight line, those of layer 2 along one with a
# corner.](images/01_unfolding.png)

# %%
Unfolding()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. At step 300: 56, then 41 after layer 1, then 4 after layer 2. Each layer does a part. At step 50 it was 56, 49
#    and 43, and the loss 0.486; it ends at 0.076.
# 2. One, start 3, with 5 points on the wrong side; the noise has put about as many there. The other nine end with 25
#    to 53. They are stuck: each small change of the weights makes the loss larger.
# 3. With tanh never: the best, start 1, has 17 on the wrong side and the loss 0.268. With ReLU neither: start 3 has 21,
#    and 0.291. The side of the inner ring always runs out of the picture. With GELU it closes in 5 of the ten starts, 2,
#    5, 6, 8 and 9, with no point on the wrong side.
# 4. Its lines stay straight and even; it is only turned, stretched and sheared. So the best straight line leaves 65 on
#    the wrong side before and after each layer, and the loss ends at 0.693, the loss of a coin.
#
# </details>

# %% [markdown]
# ![Circles with tanh after 300 steps. Above left, the side of the inner class contains the inner ring, but it is a band that
# runs out of the picture on one side, right through the outer ring. Middle and right, the points lie along the edges of a square,
# and the cut takes a corner off.](images/01_unfolding_circles.png)
#
# ### Why two tanh units cannot close a ring
#
# A layer of two tanh units with an invertible matrix is continuous and *one-to-one*: it bends the plane, and never folds
# it. So are two such layers. Suppose the boundary enclosed a bounded side. The layers would carry it to a bounded piece
# of the last plane, and its edge, which is the boundary, to the edge of the piece. But what lies on the boundary lies on
# the straight cut, and no bounded piece has all of its edge on one straight line. So the enclosed side has a way out, at
# any number of layers. For ReLU, a limit of one-to-one functions, it holds too, and in general for layers no wider than
# the input (Johnson, *Deep, skinny neural networks are not universal approximators*, 2019).
#
# There are two ways out. GELU falls before it rises, so it can fold. Or give the first layer a third unit: in three
# dimensions there is room to bend the plane into a bowl.

# %%
columns = {"units": "", "activation": "", **{f"start {n}": "d" for n in range(10)}, "starts with none": "d"}
table = Table("circles, 300 steps: points on the wrong side, of 200", columns)
for widths in ((2, 2), (3, 2)):
    for name in ("tanh", "relu", "gelu"):
        wrong = record("circles", name, widths).wrong[-1]
        table.add(f"{widths[0]} and {widths[1]}", name, *wrong, np.sum(wrong == 0))
table.show()

# %% [markdown]
# That a network *can* represent something is one thing, that training finds it from where it starts is another. A unit
# more than needed often helps with the second. That is one reason why networks are wider than they have to be.

# %% [markdown] tags=["section:A1"]
# ## How many units for a curve?
#
# Now one input, one output, one hidden layer. With $k$ ReLU units the network is
# $y(x) = \sum_j v_j\,\mathrm{ReLU}(w_j x + b_j) + c$. Each unit is a line that switches on at one place, so the sum is
# made of straight pieces: at most $k$ switches, at most $k + 1$ pieces. More units, more pieces, closer to a curve. In
# the demo the switches stand at even steps on $[0, 1]$, and only the output weights are fitted, by least squares. So
# there is no training to go wrong, and what you see is what the layer can do *with these switches*. With switches of
# its own choice it can do more.
#
# ![Left, a sine with 1.5 waves, dotted, and a network of 12 ReLU units that follows it in straight pieces on 0 to 1; in the
# grey parts outside it goes straight on and leaves the curve. Right, the largest error falls with the number of units, to 0.05 at
# 12 units.](images/01_fit_relu.png)
#
# 1. Double $k$ again and again. By which factor does the error fall?
# 2. More waves: what does that cost?
# 3. Activation *none*: what do 64 units do?

# %%
CurveFit()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. By a factor of about 4: from 0.12 at $k = 8$ to 0.029 at 16 and 0.007 at 32. Twice the units, half the step, a
#    quarter of the error; the reason comes further down.
# 2. Twice the waves take twice the units: 3 waves with 32 units have the error 0.028, as 1.5 waves with 16.
# 3. What one does: a straight line, with the error 1.2.
#
# </details>

# %% [markdown]
# ![With no activation and 64 units. Left, the network is a level straight line through the sine. Right, the largest error is the
# same for every number of units, about 1.2.](images/01_fit_linear.png)
#
# Sixty-four linear units are as good as one: their sum is a straight line.

# %% [markdown]
# ## Three units make a bump
#
# *Beyond the core.*
#
# Why does it work? Because ReLU units can be combined into something local. Give three of them the slopes $s$, $-2s$ and $s$:
#
# $$\text{bump}(x) = s\,\mathrm{ReLU}(x - (c - w)) - 2s\,\mathrm{ReLU}(x - c) + s\,\mathrm{ReLU}(x - (c + w)), \qquad s = h / w.$$
#
# Go from left to right and add up the slopes of the units that are on: $0$, then $s$, then $s - 2s = -s$, then
# $s - 2s + s = 0$. So the sum rises from $0$ at $c - w$ to $h$ at $c$, falls back to $0$ at $c + w$, and stays there: a
# triangle, and nothing outside.
#
# ![Left, three straight lines that start at −1, 0 and 1 with slopes 1, −2 and 1. Right, their sum: a triangle from −1 to 1 with
# its top at height 1, and zero everywhere else.](images/01_bump.png)

# %%
ReluBump()

# %% [markdown]
# ### Your turn: a plateau
#
# Four ReLU units make a plateau: 0 up to $a$, a straight rise to 1 at $b$, level up to $c$, a straight fall to 0 at $d$, and
# 0 from there on. The rise and the fall may have any widths. Write it with the units, or in any other way.

# %%
def plateau(x, a, b, c, d):
    """Return the height of the plateau at each of the numbers x, for a < b < c < d."""
    raise NotImplementedError  # your code: 3 to 6 lines


# %%
def expect_plateau(first, last):
    for corners in ((-1.0, 0.0, 2.0, 2.5), (-3.0, -1.0, -0.5, 2.5)):
        ends = -5.0, *corners, 5.0
        at = np.linspace(ends[first], ends[last], 41)
        expect_close(plateau(at.copy(), *corners), np.interp(at, corners, [0, 1, 1, 0]), x=at, rtol=1e-5, atol=1e-5)


checks = Checks("plateau", points=4)
with checks("0 left of a"):
    expect_plateau(0, 1)
with checks("rises to 1 between a and b"):
    expect_plateau(1, 2)
with checks("level between b and c"):
    expect_plateau(2, 3)
with checks("falls to 0 between c and d, and stays there"):
    expect_plateau(3, 5)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def plateau(x, a, b, c, d):
#     up, down = 1 / (b - a), 1 / (d - c)
#     rise = up * np.maximum(0, x - a) - up * np.maximum(0, x - b)
#     fall = down * np.maximum(0, x - c) - down * np.maximum(0, x - d)
#     return rise - fall
# ```
#
# </details>

# %% [markdown]
# ### Any curve is a sum of bumps, nearly
#
# Put a bump of half width $w$ at each point of a grid with step $w$, as high as the curve is there. Where two neighbours
# overlap, the two slopes add up to the straight line from one point of the curve to the next. So the sum *joins the dots*.
#
# How far is a curve from its joined dots? On a piece of length $w$, $g(x) = f(x) - \text{line}(x)$ is $0$ at both ends, and
# $g'' = f''$. At the point where $|g|$ is largest $g' = 0$, and the nearer end is at most $w/2$ away. Taylor's
# formula from that point to that end gives
#
# $$|f - \text{line}| \le \tfrac12 \left(\tfrac w2\right)^2 \max |f''| = \tfrac{w^2}{8} \max |f''|.$$
#
# Half the step, a quarter of the error.

# %%
x = np.linspace(0, 1, 4001)
curve, largest_second_derivative = np.sin(3 * np.pi * x), (3 * np.pi) ** 2
table = Table("the sine and the sum of bumps", {"bumps": "d", "largest error": ".5f", "bound": ".5f"})
for pieces in (4, 8, 16, 32, 64):
    w = 1 / pieces
    centres = np.arange(pieces + 1) * w
    total = sum(terms(x, centre, w, np.sin(3 * np.pi * centre)).sum(axis=0) for centre in centres)
    table.add(pieces + 1, np.abs(total - curve).max(), w**2 / 8 * largest_second_derivative)
table.show()

# %% [markdown]
# ### Fewer units for the same sum
#
# A bump takes three units, so 33 bumps would take 99. But neighbours share their switches. The sum of all bumps is one
# broken line, and a broken line needs one unit for each place where its slope changes: on $[0, 1]$ that is the left
# end, where the first slope sets in, and each inner point of the grid. Its output weight is the *change* of the slope
# there. So 32 pieces take 32 units and a constant.

# %%
pieces = 32
grid = np.linspace(0, 1, pieces + 1)
heights = np.sin(3 * np.pi * grid)
changes = np.diff(np.diff(heights) * pieces, prepend=0.0)  # of the slope, where each unit switches on
shared = heights[0] + np.maximum(0, x[:, None] - grid[:-1]) @ changes
bumps = sum(terms(x, centre, 1 / pieces, height).sum(axis=0) for centre, height in zip(grid, heights))
print(f"{3 * len(grid)} units in {len(grid)} bumps, or {len(changes)} units and a constant: ", end="")
print(f"the two sums differ by at most {np.abs(bumps - shared).max():.0e}")

# %% [markdown] tags=["section:A1"]
# ### What the theorem says, and what it does not
#
# The **universal approximation theorem** (Leshno, Lin, Pinkus and Schocken, 1993; for sigmoids Cybenko, 1989): let $f$ be a
# continuous activation that is *not a polynomial*. Then for every continuous function on a *closed and bounded* set of
# inputs and every $\varepsilon > 0$, there is a network with **one** hidden layer that is nowhere on the set further than
# $\varepsilon$ from the function, if it may have *enough* units.
#
# It does not say that the approximation holds outside of the set. It does not say that few units will do. And it does
# not say that training finds the weights. The next cell trains 32 ReLU units, enough for 32 joined pieces, from five
# starts, and looks far outside, where every ReLU network of one input is a straight line.

# %%
x = torch.linspace(-3, 3, 256, dtype=torch.float64)[:, None]
curve = torch.sin(2 * x)
far = torch.tensor([[10.0], [20.0], [30.0]], dtype=torch.float64)
print(f"32 units that join the dots: largest error at most {(6 / 32) ** 2 / 8 * 4:.3f}")
columns = {"start": "d", "on [−3, 3]": ".2f", "at 10": ".1f", "at 20": ".1f", "at 30": ".1f"}
table = Table("largest error on [−3, 3], and outputs far outside", columns)
for seed in range(5):
    torch.manual_seed(seed)
    network = torch.nn.Sequential(torch.nn.Linear(1, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1)).double()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    losses = list(descend(network, torch.nn.functional.mse_loss, batches(x, curve, steps=600), optimizer))
    with torch.no_grad():
        inside, outside = (network(x) - curve).abs().max(), network(far)[:, 0].numpy()
    table.add(seed, inside, *outside)
table.show()

# %% [markdown]
# The weights that join the dots exist. Training gets closer to them from some starts than from others, and from no
# start nearly as close. And outside, steps of equal length change the output by equal amounts, while the sine stays
# within ±1.

# %%
fold_guess = Prediction(
    "A layer with two ReLU units folds the interval [0, 1] once. How many straight pieces has the map "
    "after 6 such layers?"
)
fold_guess

# %% [markdown] tags=["section:D1"]
# ## What depth adds
#
# With an activation, layers no longer merge, and depth can save units. Take the *tent*,
# $t(x) = 2\,\mathrm{ReLU}(x) - 4\,\mathrm{ReLU}(x - \tfrac12)$, which maps $[0, \tfrac12]$ onto $[0, 1]$ and folds $[\tfrac12, 1]$ back onto it.
# Apply it again: each half is folded, and there are four pieces. Each further layer of two units doubles the number, so $L$
# layers make $2^L$ pieces with $2L$ units. One hidden layer with $k$ units makes at most $k + 1$ (Telgarsky, *Benefits of
# depth in neural networks*, 2016). Depth composes, width only adds.

# %%
def tent(x):
    return 2 * np.maximum(0, x) - 4 * np.maximum(0, x - 0.5)


x = np.linspace(0, 1, 2**12 + 1)
y = x
table = Table("tents in a row", {"layers": "d", "units": "d", "pieces": "d", "units that one hidden layer needs": "d"})
for depth in range(1, 9):
    y = tent(y)
    pieces = 1 + np.count_nonzero(np.diff(np.sign(np.diff(y))))
    table.add(depth, 2 * depth, pieces, pieces - 1)
    if depth == 6:
        folds = pieces
table.show()

# %%
fold_guess.compare(float(folds))

# %% [markdown]
# This is an example, not a law: some functions gain much from depth, others nothing. And depth has a price, which is the
# subject of lesson 05: the gradient has to find its way back through all the layers.

# %% [markdown]
# ## Quiz
#
# Every answer has its own feedback. Nothing is graded.

# %%
Quiz("01_why_nonlinearity")

# %% [markdown]
# ## Recap
#
# - Linear layers merge: $W_2(W_1\mathbf x + \mathbf b_1) + \mathbf b_2 = (W_2W_1)\mathbf x + (W_2\mathbf b_1 + \mathbf b_2)$. The
#   difference in a run is rounding, at every depth.
# - No line separates XOR. Two ReLU units compute it.
# - Three ReLU units make a bump, and bumps join the dots of a curve with an error of at most $\tfrac{w^2}{8}\max|f''|$.
# - One hidden layer with enough units comes as close as you like to a continuous function on a closed and bounded set, if
#   the activation is not a polynomial. Outside of the set anything can happen.
# - With an activation, depth can make pieces exponentially fast. Without one it adds nothing.
#
# ## What comes next
#
# - [Lesson 02](02_classic_activations.ipynb): the classic activations, their values and slopes.
# - Exercise [ps4_decision_boundary](../../release/ps4_decision_boundary/ps4_decision_boundary.ipynb):
#   draw the boundary yourself, and the plane of the last hidden layer that *Unfolding* shows, for any network.
