# %% [markdown]
# # Classic activations: sigmoid, tanh, ReLU
#
# **Goals.** After this lesson you can
# - write down sigmoid, tanh and ReLU with their derivatives, and derive the derivatives;
# - say where each function is flat, and read that off a picture;
# - spot and mend code that overflows;
# - explain what all-positive inputs do to gradient descent, and what they do not.
#
# **Time.** 45 minutes, 30 of them for the core.
#
# **You need.** Python, NumPy arrays, and the chain rule for functions of one variable.

# %%
import warnings

import numpy as np
import torch

from course.checks import Checks, expect_close
from course.computations.functions import evaluate
from course.demos.activation_explorer import CLASSIC, ActivationExplorer
from course.demos.zigzag import RATES, Zigzag, speed
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz
from course.widgets.tables import Table

# %% [markdown] tags=["section:B1", "section:D3"]
# ## Three functions at a glance
#
# A unit of a network computes a weighted sum of its inputs, the *pre-activation* $x$. The *activation
# function* turns $x$ into the unit's output. In training, the gradient that flows back through the unit is
# multiplied by the slope $f'(x)$. So two things matter: the value, and the slope.
#
# | function | formula | range | slope | largest slope | known for |
# |---|---|---|---|---|---|
# | sigmoid | $\sigma(x) = \dfrac{1}{1 + e^{-x}}$ | $(0, 1)$ | $\sigma(x)\,(1 - \sigma(x))$ | $1/4$ at $x = 0$ | output is a probability; flat on both sides |
# | tanh | $\dfrac{e^x - e^{-x}}{e^x + e^{-x}}$ | $(-1, 1)$ | $1 - \tanh^2 x$ | $1$ at $x = 0$ | zero-centred; flat on both sides |
# | ReLU | $\max(0, x)$ | $[0, \infty)$ | $0$ for $x < 0$, $1$ for $x > 0$ | $1$ for every $x > 0$ | not flat for $x > 0$; exact zeros for $x < 0$ |
#
# The next cell asks PyTorch for the same facts.

# %%
x = np.linspace(-30, 30, 60_001)
columns = {"function": "", "smallest f": ".3g", "largest f": ".3g", "largest slope": ".3g", "flat share": ".0%"}
table = Table("on [−30, 30]", columns)
for name in ("sigmoid", "tanh", "relu"):
    value, slope = evaluate(name, x)  # torch computes the value, autograd the slope
    flat = np.mean(np.abs(slope) < 0.1)
    table.add(name, value.min(), value.max(), slope.max(), flat)
table.show()

# %% [markdown]
# *Flat share* is the share of the interval from −30 to 30 where the slope is below 0.1. Sigmoid and tanh are flat
# almost everywhere. ReLU is flat on one half. The cell rounds to three digits, so it shows 1 and −1 where the table
# excludes them. From some $x$ on the computer's own numbers do the same: lesson 10 asks where.

# %% [markdown]
# ## Sigmoid
#
# Before you read on, make a guess and record it.

# %%
slope_guess = Prediction(r"What is the slope of the sigmoid at its steepest point, $\sigma'(0)$?")
slope_guess

# %% [markdown] tags=["section:E2"]
# ### Value and slope of the sigmoid
#
# $$\sigma(x) = \frac{1}{1 + e^{-x}}$$
#
# The sigmoid maps every number to $(0, 1)$. It is $1/2$ at $0$ and symmetric about that point:
# $\sigma(-x) = 1 - \sigma(x)$. Its slope can be written with its own value. By the chain rule
#
# $$\sigma'(x) = \frac{e^{-x}}{(1 + e^{-x})^2}
#   = \frac{1}{1 + e^{-x}} \cdot \frac{e^{-x}}{1 + e^{-x}} = \sigma(x)\,\bigl(1 - \sigma(x)\bigr).$$
#
# The product $s(1 - s)$ is largest at $s = 1/2$, that is at $x = 0$, and is $1/4$ there.

# %% [markdown]
# Read it off the picture: the slope is a low hill. A broad band on a curve marks where it is flat,
# $|f'(x)| < 0.1$. A unit there is called *saturated*: it passes on less than a tenth of the gradient.
#
# ![Two panels over x from −6 to 6. Above, the sigmoid rises from 0 to 1 in an S shape. Below, its slope is a
# hill of height 0.25 at x = 0. Broad bands mark the flat zones left of −2.06 and right of 2.06. A line marks
# x = 3, where the sigmoid is 0.953 and its slope 0.045.](images/02_sigmoid.png)
#
# **Where it is used.** As the output of a binary classifier, and as a gate (lessons 06a and 07a).

# %%
def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(x):
    s = sigmoid(x)
    return s * (1 - s)


points = torch.tensor([-5.0, -2.0, 0.0, 2.0, 5.0], dtype=torch.float64, requires_grad=True)
torch.sigmoid(points).sum().backward()  # the slope of each element ends up in points.grad
table = Table("slope of the sigmoid", {"x": "", **{f"{x:g}": ".6f" for x in points.tolist()}})
table.add("formula", *sigmoid_derivative(points.detach().numpy()))
table.add("autograd", *points.grad.numpy())
table.show()

# %%
slope_guess.compare(sigmoid_derivative(0.0))

# %% [markdown] tags=["section:E3"]
# ## Tanh
#
# $$\tanh x = \frac{e^x - e^{-x}}{e^x + e^{-x}}$$
#
# Tanh is a sigmoid in other units. Divide numerator and denominator by $e^x$ and use
# $\frac{1 - u}{1 + u} = \frac{2}{1 + u} - 1$ with $u = e^{-2x}$:
#
# $$\tanh x = \frac{1 - e^{-2x}}{1 + e^{-2x}} = \frac{2}{1 + e^{-2x}} - 1 = 2\,\sigma(2x) - 1.$$
#
# So tanh runs over $(-1, 1)$ and is *zero-centred*: $\tanh(-x) = -\tanh x$. For the slope, write $s = \sigma(2x)$,
# so that $\tanh x = 2s - 1$. The chain rule gives
#
# $$\tanh' x = 4\,s\,(1 - s) = 1 - (2s - 1)^2 = 1 - \tanh^2 x.$$
#
# The slope is largest where $\tanh x = 0$, at $x = 0$, and is $1$ there: four times the sigmoid's. But it is
# flat even closer to zero.

# %% [markdown]
# ![Two panels over x from −6 to 6 with sigmoid, a solid blue line, and tanh, a dashed vermillion line. Above,
# tanh rises from −1 to 1, steeper than the sigmoid. Below, the slope of tanh is a hill of height 1, the slope of
# the sigmoid a hill of height 0.25. Bands mark flat zones: sigmoid beyond ±2.06, tanh beyond ±1.82.](images/02_tanh.png)
#
# **Where it is used.** In recurrent networks and for outputs in $(-1, 1)$. Before ReLU it was the usual choice for hidden layers.

# %%
x = np.linspace(-6, 6, 1001)
print("largest difference between tanh x and 2σ(2x) − 1:", np.abs(np.tanh(x) - (2 * sigmoid(2 * x) - 1)).max())

_, slope = evaluate("tanh", x)
print("largest difference between 1 − tanh²x and autograd:", np.abs(1 - np.tanh(x) ** 2 - slope).max())

# %% [markdown] tags=["section:E4"]
# ## ReLU
#
# $$\mathrm{ReLU}(x) = \max(0, x), \qquad
#   \mathrm{ReLU}'(x) = \begin{cases} 0 & x < 0 \\ 1 & x > 0 \end{cases}$$
#
# The *rectified linear unit* passes positive numbers on and replaces negative ones by zero. For $x > 0$ its slope
# is exactly $1$, however large $x$ is: nothing shrinks. For $x < 0$ the slope is $0$ and no gradient passes at all.
#
# At $x = 0$ the function has a kink. The slope from the left is $0$, from the right $1$, so there is no
# derivative. PyTorch has to return something and returns $0$.

# %% [markdown]
# Its smooth relative is *Softplus*, $\ln(1 + e^x)$, whose slope is the sigmoid.
#
# ![Two panels over x from −6 to 6 with ReLU, a dash-dot green line, and Softplus, a purple line with two dots
# between dashes. Above, ReLU is 0 up to x = 0 and then equals x; Softplus rounds off the corner. Below, the slope of
# ReLU jumps from 0 to 1 at x = 0, the slope of Softplus follows the sigmoid. ReLU is flat left of 0, Softplus left
# of −2.20.](images/02_relu.png)
#
# Why ReLU became the default, and how a unit can get stuck in its flat half, is the subject of lesson 03.

# %%
def relu(x):
    return np.maximum(0, x)


def relu_derivative(x):
    return (x > 0).astype(x.dtype)


points = np.array([-2.0, -0.5, 0.0, 0.5, 2.0])
value, slope = evaluate("relu", points)
table = Table("ReLU and its slope", {"x": "", **{f"{x:g}": "g" for x in points}})
table.add("value, formula", *relu(points))
table.add("value, torch", *value)
table.add("slope, formula", *relu_derivative(points))
table.add("slope, torch", *slope)
table.show()

# %% [markdown]
# ### Your turn: the way back from the output alone
#
# The slopes of all three functions can be computed from the *output* $y = f(x)$, without $x$. So PyTorch keeps only $y$ of
# them for the way back. Write that step: the gradient by $y$ goes in, the gradient by $x$ comes out. The arrays that go
# in stay as they are.

# %%
def step_back(name, y, gradient):
    """Return the gradient by x: that by y, times the slope of f, which is "sigmoid", "tanh" or "relu"."""
    raise NotImplementedError  # your code: 4 to 7 lines


# %%
at, arriving = np.array([-3.0, -0.5, 0.25, 2.0]), np.array([1.0, -2.0, 0.5, 3.0])
checks = Checks("step_back", points=5)
for name in ("sigmoid", "tanh", "relu"):
    with checks(f"{name}: what autograd gives"):
        value, slope = evaluate(name, at)
        expect_close(step_back(name, value.copy(), arriving.copy()), arriving * slope, x=at, rtol=1e-5, atol=1e-6)
with checks("nothing passes a ReLU whose output is 0"):
    expect_close(step_back("relu", np.zeros(1), np.ones(1)), [0.0], x=[0.0])
with checks("the arrays that go in stay as they are"):
    for name in ("sigmoid", "tanh", "relu"):
        value, coming = evaluate(name, at)[0].copy(), arriving.copy()
        step_back(name, value, coming)
        assert np.array_equal(coming, arriving), f"{name}: the gradient that went in has changed. Make a new array."
        assert np.array_equal(value, evaluate(name, at)[0]), f"{name}: the output that went in has changed."
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def step_back(name, y, gradient):
#     if name == "sigmoid":
#         return gradient * y * (1 - y)
#     if name == "tanh":
#         return gradient * (1 - y**2)
#     return gradient * (y > 0)
# ```
#
# </details>

# %% [markdown]
# ## Explore
#
# Tick the functions you want, and move $x$ with the mouse or the arrow keys. Try this:
# 1. Find the $x$ where the slope of tanh falls below the slope of the sigmoid.
# 2. Widen the range to −30 … 30. How much of it is left that is not flat?
# 3. Tick ReLU and Softplus. From which $x$ on can you no longer tell them apart?
#
# ![The explorer with sigmoid, tanh and ReLU from −4 to 4 and a line at x = 2. There the sigmoid is 0.881 with
# slope 0.105, tanh 0.964 with slope 0.071, which is flat, and ReLU 2 with slope 1.](images/02_explorer.png)
#
# Run the next cell to move it yourself. A picture like this one is for pages where nothing runs; it folds away once its
# demo does.

# %%
ActivationExplorer(CLASSIC, shown=("sigmoid", "tanh"))

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. A little above 1.65: there tanh has slope 0.137 and the sigmoid 0.135, at 1.7 it is 0.125 against 0.131. (They
#    cross at 1.663.)
# 2. Next to nothing. The sigmoid is not flat between −2.06 and 2.06, that is 7 % of the range, tanh between −1.82 and
#    1.82, 6 %.
# 3. From $|x| = 4.6$ on they differ by 0.01, and less further out: at 4.6 Softplus is 4.61, at −4.6 it is 0.01.
#
# </details>

# %% [markdown]
# ## Overflow: right on paper, wrong in floating point
#
# The largest float64 is about $1.8 \cdot 10^{308}$, so $e^x$ overflows to infinity a little above $x = 709$. In
# float32 and float16 it happens much sooner.

# %%
table = Table("where exp(x) overflows", {"numbers": "", "above x =": ".2f"})
for dtype in (np.float64, np.float32, np.float16):
    table.add(dtype.__name__, np.log(float(np.finfo(dtype).max)))
table.show()

# %% [markdown]
# What does that do to our `sigmoid`? At $x = -1000$ it computes $e^{1000} = \infty$, and then $1/\infty = 0$. The
# result is right. The overflow still happened, and NumPy says so.

# %%
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print("sigmoid([-1000, 1000]) =", sigmoid(np.array([-1000.0, 1000.0])))
print("warning:", caught[0].message)

# %% [markdown]
# ### Spot the bug
#
# This tanh is the formula from above, word for word. On $[-3, 3]$ it is right. What does it return at $x = 1000$?

# %%
def tanh_from_the_book(x):
    up, down = np.exp(x), np.exp(-x)
    return (up - down) / (up + down)


print("at [-3, 0, 3]:", tanh_from_the_book(np.array([-3.0, 0.0, 3.0])))

bug_guess = Prediction(
    "What is `tanh_from_the_book(1000.0)`?",
    choices=["1.0", "inf", "nan", "an exception"],
)
bug_guess

# %%
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    result = tanh_from_the_book(np.array([-1000.0, 1000.0]))
print("tanh_from_the_book([-1000, 1000]) =", result)
for warning in caught:
    print("warning:", warning.message)
bug_guess.compare(str(result[1]))

# %% [markdown]
# The numerator and the denominator are both infinite, and $\infty/\infty$ is `nan`. One `nan` in a layer makes nearly
# every weight `nan` after the next step, so this bug ends a training run.
#
# ### The stable forms
#
# *Beyond the core.*
#
# Take the exponential only of numbers that are not positive, $e^{-|x|} \in (0, 1]$. Nothing can overflow then.
#
# $$\sigma(x) = \begin{cases} \dfrac{1}{1 + e^{-|x|}} & x \ge 0 \\[2ex]
#   \dfrac{e^{-|x|}}{1 + e^{-|x|}} & x < 0 \end{cases} \qquad
#   |\tanh x| = \frac{1 - e^{-2|x|}}{1 + e^{-2|x|}}$$
#
# The second line of the sigmoid is the first with numerator and denominator multiplied by $e^{x}$. For tanh we also use
# `expm1`, which computes $e^u - 1$ without losing digits when $u$ is near 0.

# %%
def stable_sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1 + e)


def stable_tanh(x):
    m = np.expm1(-2 * np.abs(x))
    return np.copysign(-m / (2 + m), x)


extreme = np.array([-1000.0, -20.0, 0.0, 1e-12, 20.0, 1000.0])
with np.errstate(over="raise", invalid="raise"):  # an overflow would stop the cell
    table = Table("the stable forms", {"x": "", **{f"{x:g}": ".3g" for x in extreme}})
    table.add("sigmoid", *stable_sigmoid(extreme))
    table.add("tanh", *stable_tanh(extreme))
    table.show()
print("largest difference from np.tanh:", np.abs(stable_tanh(x) - np.tanh(x)).max())

# %% [markdown]
# There is a second way to lose digits. On paper $2\sigma(2x) - 1$ is tanh. Near $0$ it subtracts two numbers that are
# almost equal, and what remains is mostly rounding error.

# %%
tiny = np.array([1e-4, 1e-8, 1e-12])
error = np.abs((2 * sigmoid(2 * tiny) - 1) / np.tanh(tiny) - 1)
table = Table("2σ(2x) − 1 near 0", {"x": ".0e", "relative error": ".1e"})
for value, wrong in zip(tiny, error):
    table.add(value, wrong)
table.show()

# %% [markdown]
# ### Your turn: a slope that keeps its digits
#
# *Beyond the core.*
#
# The formula $1 - \tanh^2 x$ loses digits in the same way: at $x = 20$ it gives exactly 0. Put
# $|\tanh x| = \frac{1 - e}{1 + e}$ with $e = e^{-2|x|}$ into it, and simplify until no numbers that are nearly equal are
# subtracted.

# %%
def tanh_slope(x):
    """Return the slope of tanh at each of the numbers x, right to many digits however far out x is."""
    raise NotImplementedError  # your code: 2 or 3 lines


# %%
checks = Checks("tanh_slope", points=4)
with checks("equal to 1 − tanh² x on [−6, 6]"):
    near = np.linspace(-6, 6, 121)
    expect_close(tanh_slope(near.copy()), 1 - np.tanh(near) ** 2, x=near, rtol=1e-5)
with checks("right at 20, where 1 − tanh² x is 0"):
    expect_close(tanh_slope(np.array([20.0])), [1.699342e-17], x=[20], rtol=1e-4)
with checks("the same at −20"):
    expect_close(tanh_slope(np.array([-20.0])), [1.699342e-17], x=[-20], rtol=1e-4)
with checks("nothing overflows at ±1000"), np.errstate(over="raise", invalid="raise"):
    expect_close(tanh_slope(np.array([-1000.0, 1000.0])), [0, 0], x=[-1000, 1000], atol=1e-100)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def tanh_slope(x):
#     e = np.exp(-2 * np.abs(x))
#     return 4 * e / (1 + e) ** 2
# ```
#
# Over the common denominator, $1 - \frac{(1 - e)^2}{(1 + e)^2}$ has the numerator $(1 + e)^2 - (1 - e)^2 = 4e$.
#
# </details>

# %% [markdown]
# In your own networks use `torch.sigmoid` and `torch.tanh`, which are stable. Writing them once shows what they spare you.

# %% [markdown] tags=["section:E3"]
# ## What zero-centred inputs are good for
#
# *Beyond the core.*
#
# The outputs of a sigmoid layer are all positive, and they are the inputs of the next layer. Take one unit there, with
# pre-activation $z = \sum_i w_i x_i$. For one sample, the chain rule gives
#
# $$\frac{\partial L}{\partial w_i} = \frac{\partial L}{\partial z}\, x_i.$$
#
# The first factor is the same number for every weight. If all $x_i > 0$, all components of the gradient have the same
# sign: in this step all weights go up, or all go down. If one weight has to grow and another to shrink, the
# path can only get there in a *zigzag*. Inputs on both sides of zero, as tanh gives them, have no such limit.
#
# This holds for one sample, or where $\partial L / \partial z$ has one sign for the whole batch. The
# average over a batch with errors of both signs can point anywhere.

# %%
zigzag_guess = Prediction(
    "Inputs run from 0 to 2 instead of −1 to 1, and the learning rate is small, 0.05. "
    "How many steps does the zigzag take, compared with the centred inputs?",
    choices=["many more", "about as many", "far fewer"],
)
zigzag_guess

# %% [markdown]
# The demo trains the two weights of one linear unit, one sample per step. The first weight has to grow and the
# second to shrink. Move the input offset from 0, where inputs are centred, to 2.
#
# ![Three panels. Left, a square cloud of inputs from 0 to 2 in both directions. Middle, the path of the weights from a
# square at the upper left to a star at the lower right, in steps that go up and right or down and left. Right,
# steps needed against learning rate: a solid line for this offset and a dashed line for offset 0 fall together, then the
# solid line turns up while the dashed line goes on down.](images/02_zigzag.png)

# %%
Zigzag()

# %%
small = int(np.argmin(np.abs(RATES - 0.05)))
columns = {"inputs": "", f"steps at rate {RATES[small]:.2f}": ".0f", "best rate": ".2f", "steps at the best rate": ".0f"}
table = Table("median over 15 orders of the samples", columns)
for offset in (0.0, 1.0, 2.0):
    steps = speed(offset)[1]  # row 1 of the quartiles is the median
    best = int(np.argmin(steps))
    table.add(f"{offset - 1:.0f} to {offset + 1:.0f}", steps[small], RATES[best], steps[best])
table.show()

centred, positive = speed(0.0)[1][small], speed(1.0)[1][small]
ratio = positive / centred
zigzag_guess.compare("many more" if ratio > 1.5 else "far fewer" if ratio < 0.67 else "about as many")

# %% [markdown]
# So the zigzag is a symptom. With a small learning rate it costs nothing: the detours are short and cancel. What
# all-positive inputs take away is the **large** learning rate.
#
# The reason is the curvature of the mean loss. For independent inputs with variance $\tfrac13$ and mean $c$, its
# matrix is $\tfrac13 I + c^2 \begin{pmatrix} 1 & 1 \\ 1 & 1 \end{pmatrix}$. Along $(1, -1)$ the curvature is
# $\tfrac13$ whatever $c$ is. Along $(1, 1)$ it is $\tfrac13 + 2c^2$. The steep direction limits the learning rate,
# the shallow one then sets the speed. (LeCun, Bottou, Orr and Müller, *Efficient BackProp*, 1998.)
#
# **The cure** is to centre: standardise the inputs of the network, and let normalisation layers do the same inside it
# (lesson 07b). Then the choice of a hidden function need not be made for this reason.

# %% [markdown]
# ## Quiz
#
# Every answer has its own feedback. Nothing is graded.

# %%
Quiz("02_classic_activations")

# %% [markdown]
# ## Recap
#
# - $\sigma' = \sigma(1 - \sigma) \le \tfrac14$ and $\tanh' = 1 - \tanh^2 \le 1$, both largest at $0$. $\tanh x = 2\sigma(2x) - 1$.
# - Sigmoid is flat beyond about ±2.06, tanh beyond ±1.82. ReLU is flat for $x < 0$ only; at $0$ its slope jumps.
# - `exp` overflows. Stable forms take it only of $-|x|$. The textbook tanh returns `nan` at 1000.
# - All-positive inputs give all weights of a unit the same gradient sign, sample by sample. What that costs is
#   the large learning rate.
#
# ## What comes next
#
# - Exercise [ps1_from_scratch](../../release/ps1_from_scratch/ps1_from_scratch.ipynb):
#   write three more activations and their derivatives, stable at ±1000.
# - [Lesson 03](03_relu_family.ipynb): ReLU and its family. Why it became the default, and how units die and can be revived.
