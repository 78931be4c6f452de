# %% [markdown]
# # Claims under test
#
# *Beyond the core.*
#
# **Goals.** After this lesson you can
# - turn a claim into something that a run can contradict;
# - find the counterexample to an *always*, and set an *about* or a *better* against its spread;
# - name the condition that a half-true claim has lost;
# - tell apart quantities that one word mixes up;
# - judge what you read next about activation functions.
#
# **Time.** 80 minutes. Or 30 for any ten claims: nobody has to read them all.
#
# **You need.** Lessons 01 to 06a. Run the cells up to the first picture; after that choose the
# claims you care about, in any order.

# %%
import copy
import math
import re
import time
import warnings
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from course.checks import Checks, expect_close
from course.checks.messages import numbers
from course.computations.data import digits
from course.computations.experiments import Runs, make_task, steps_until
from course.computations.functions import ACTIVATIONS, evaluate
from course.computations.signals import Network, pre_activation_gradient_norms, propagate, saturation
from course.computations.training import batches, descend
from course.demos.claim_explorer import ClaimExplorer
from course.demos.dead_neurons import CURE, CURE_RATE, LAYERS, SPELL, UNITS, Story, examine, lab_samples
from course.widgets.claims import CLAIMS, VERDICTS, Findings
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz
from course.widgets.tables import Table

torch.set_num_threads(1)  # the networks here are small: sharing them out between cores would cost time
found = Findings()

# %% [markdown]
# ## How to test a claim
#
# This course was made from five texts. A, B and C are pages of questions and answers for job interviews, D is a
# reference page, E a chapter of an online course. Most of what they say is right, and the other lessons teach it. This
# lesson is about the rest. You will meet the same sentences elsewhere.
#
# 1. **Say what is counted.** "Dead", "faster" and "vanishes" are not quantities. Define one before you measure.
# 2. **Predict**, so that the result can surprise you.
# 3. **For *all*, *always*, *never*: look for one counterexample.** Try the extremes: 0, ±1000, one sample, many
#    layers, a confident mistake.
# 4. **For *about* and *better*: measure several times** and set the difference against the spread.
# 5. **Ask for the condition.** Many wrong claims were right once, and lost an *if* on the way.
# 6. **Keep a control**: the test must be able to say yes.
#
# A verdict is one of four:

# %%
table = Table("the four verdicts", {"verdict": "", "claims": "d", "meaning": ""})
for verdict, meaning in VERDICTS.items():
    table.add(verdict, sum(claim.verdict == verdict for claim in CLAIMS), meaning)
table.show()

# %% [markdown]
# Here is why rule 4 matters. The cell "compares" two networks: one run each. They have the same layers, the same
# activation, data and budget. Only the seed differs. Then it repeats the run with more seeds.

# %%
X, y, unseen_X, unseen_y = digits(hold_out=5)  # a fifth held out; scaled by the mean and the spread of the others
HE, XAVIER = 2**0.5, 1.0


def network(activation=nn.ReLU, seed=0, depth=2, gain=HE):
    """64 pixels, hidden layers of 64 units, ten logits; weights with deviation gain / √fan-in, biases of 0."""
    torch.manual_seed(seed)
    hidden = [layer for _ in range(depth) for layer in (nn.Linear(64, 64), activation())]
    model = nn.Sequential(*hidden, nn.Linear(64, 10))
    for layer in model[::2]:
        nn.init.normal_(layer.weight, std=gain / layer.in_features**0.5)
        nn.init.zeros_(layer.bias)
    return model


def train(model, seed, steps, loss=F.cross_entropy):
    """Mean loss of the last ten steps, and accuracy on digits the model has not seen."""
    samples = batches(X, y, steps=steps, size=64, seed=seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, fused=True)
    losses = list(descend(model, loss, samples, optimizer))
    with torch.no_grad():
        return np.mean(losses[-10:]), (model(unseen_X).argmax(1) == unseen_y).float().mean().item()


right = [train(network(seed=seed), seed, 60)[1] for seed in range(5)]
print(f"one run each: network P {right[0]:.1%}, network Q {right[1]:.1%} of the unseen digits")
print(f"five seeds of the same network: {min(right):.1%} to {max(right):.1%}")

# %% [markdown]
# ## One claim, one picture
#
# Five of the claims of this lesson as pictures. Choose a claim, move the slider, and compare what should be there, if
# the claim held, with what is.
# 1. How far to the left must you look to know GELU's smallest value for sure?
# 2. For which $\alpha$ are the slopes of ELU equal on both sides of 0?
# 3. How many of the twelve printed probabilities lie on their lines?
#
# ![Smallest value found between minus r and 0, against r from 0 to 40. The lines of GELU, SiLU and Mish fall to −0.17,
# −0.28 and −0.31 before r = 2 and stay level. The line of Leaky ReLU falls for ever and crosses all
# three.](images/10_claim_range.png)
#
# ![Softmax of (2, 1, 0.5, −1) against the temperature from 0.25 to 6, four lines. Crosses at T = 0.5, 2 and 5 mark
# printed values: at T = 0.5 and 2 most of them lie clearly beside their lines.](images/10_claim_temperature.png)

# %%
ClaimExplorer()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. From $r = 1$ on the line of GELU is level at −0.1700. But looking makes nothing sure, however far you look. An
#    argument does: the slope is negative everywhere to the left of −0.7518, so the values rise as you go left from
#    there.
# 2. For $\alpha = 1.00$ only.
# 3. Four: the 0.00 at $T = 0.5$, the 0.10 at $T = 2$, and 0.32 and 0.18 at $T = 5$.
#
# </details>

# %% [markdown]
# ## Values and slopes

# %% [markdown] tags=["claim:gated-range"]
# ### "GELU and SiLU take every real value"
#
# **Said in** B and D: their tables give the range $(-\infty, \infty)$.
#
# **Test.** Look for the smallest value. The control is Leaky ReLU, for which the claim is true.

# %%
x, lowest = np.linspace(-12, 12, 240_001), {}
table = Table("on [−12, 12]", {"": "", "smallest": ".6f", "at x =": ".4f"})
for name in ("leaky_relu", "gelu", "silu", "mish"):
    value = evaluate(name, x)[0]
    lowest[name] = value.min()
    table.add(ACTIVATIONS[name].label, value.min(), x[value.argmin()])
table.show()
found.add("gated-range", ", ".join(f"{ACTIVATIONS[n].label} ≥ {lowest[n]:.6f}" for n in ("gelu", "silu", "mish")))

# %% [markdown]
# **What is so.** GELU is never below −0.169971, at $x = -0.7518$. SiLU is never below −0.278465, at $x = -1.2785$, and
# Mish never below −0.308843, at $x = -1.1924$. Further left the gate shuts faster than $x$ falls, and the values rise
# back towards 0. The smallest value of Leaky ReLU lies at the end of the interval, wherever it ends.

# %% [markdown] tags=["claim:elu-smooth"]
# ### "ELU is smooth at 0"
#
# **Said in** D and E.
#
# **Test.** Slopes and second derivatives next to 0, from the left and from the right, as differences of values.

# %%
def differences(alpha, side, h=1e-4):
    """First and second derivative of ELU on one side of 0."""
    near, far = (F.elu(torch.tensor(side * k * h, dtype=torch.float64), alpha).item() for k in (1, 2))
    return near / (side * h), (far - 2 * near) / h**2


columns = {f"{what}, {side}": ".2f" for what in ("slope", "second derivative") for side in ("left", "right")}
table = Table("ELU close to 0", {"α": "g", **columns})
for alpha in (0.5, 1.0, 2.0):
    (slope, bend), (slope_right, bend_right) = differences(alpha, -1), differences(alpha, 1)
    table.add(alpha, slope, slope_right, bend, bend_right)
table.show()
found.add("elu-smooth", f"at α = 2 the slope is {slope:.2f} just left of 0 and {slope_right:.2f} just right of it")

# %% [markdown]
# **What is so.** The slope is $\alpha$ on the left and 1 on the right. Only $\alpha = 1$, the usual value, has no
# kink. And even then the second derivative jumps, from 1.00 to 0.00: differentiable, and not smooth.

# %% [markdown] tags=["claim:relu-jumps"]
# ### "ReLU is discontinuous at 0, and GELU keeps small changes small"
#
# **Said in** E, as the reason why GELU suits transformers.
#
# **Test.** Take steps of 0.001 in $x$. By how much does the value change at most, as a multiple of the step? And the
# slope?

# %%
x, stretch = np.linspace(-4, 4, 8001), {}
table = Table("largest change in a step of 0.001", {"": "", "of the value, in steps": ".3f", "of the slope": ".3f"})
for name in ("relu", "gelu", "silu"):
    value, slope = evaluate(name, x)
    stretch[name], jump = np.abs(np.diff(value)).max() / 0.001, np.abs(np.diff(slope)).max()
    table.add(ACTIVATIONS[name].label, stretch[name], jump)
table.show()
mild, steep = stretch["relu"], stretch["gelu"]
found.add("relu-jumps", f"ReLU's value changes by at most {mild:.3f} times the step, GELU's by up to {steep:.3f}")

# %% [markdown]
# **What is so.** ReLU is continuous: its value changes by at most 1.000 times the step. It is GELU that stretches
# small changes, by up to 1.129. What jumps in ReLU is its *slope*, by 1.000 in one step. So the smooth thing about
# GELU is its gradient.

# %% [markdown]
# ### Your turn: how steep does it get?
#
# *"The slope of an activation function is at most 1"* is a claim as well. Write the tool that tests it, for any function of
# a tensor: the largest size of its slope on an interval. Take many points, and let autograd or differences find the
# slopes. A slope of −3 has the size 3.

# %%
def steepest(f, low=-8.0, high=8.0):
    """Return the largest size that the slope of f has between low and high."""
    raise NotImplementedError  # your code: 3 or 4 lines

# %%
def expect_steepest(wanted, f, *between, rtol=1e-2):
    expect_close(numbers(steepest(f, *between)).ravel(), [wanted], rtol=rtol)


checks = Checks("steepest", points=5)
with checks("known ones: ReLU 1, the sigmoid a quarter"):
    expect_steepest(1.0, torch.relu)
    expect_steepest(0.25, torch.sigmoid)
with checks("a falling function counts by its size"):
    expect_steepest(3.0, lambda x: -3 * x)
with checks("on the interval that is asked for"):
    expect_steepest(4.0, torch.square, 0, 2)
    expect_steepest(10.0, torch.square, -5, 2)
with checks("steep only for a short way"):
    expect_steepest(50.0, lambda x: torch.sigmoid(200 * (x - 1.3)), rtol=5e-2)
with checks("the claim is false: GELU reaches 1.129, and it is not the steepest"):
    for f, wanted in ((F.gelu, 1.1290), (F.silu, 1.0998), (F.selu, 1.7581)):
        expect_steepest(wanted, f)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def steepest(f, low=-8.0, high=8.0):
#     x = torch.linspace(low, high, 100_001, dtype=torch.float64, requires_grad=True)
#     (slope,) = torch.autograd.grad(f(x).sum(), x)
#     return slope.abs().max().item()
# ```
#
# </details>

# %% [markdown] tags=["claim:gelu-dropout"]
# ### "GELU acts as a soft form of dropout"
#
# **Said in** E, as a picture: a form of stochastic regularisation, and in the same sentence a *deterministic*
# approximation of it.
#
# **Test.** What is left of dropout in it? Dropout acts by noise: two passes of the same input differ. The control is
# dropout itself.

# %%
torch.manual_seed(0)
inputs, differ = torch.randn(1000), {}
table = Table("two passes in training", {"layer": "", "differ, of 1000 places": "d"})
for layer in (nn.Dropout(0.1), nn.GELU()):
    layer.train()
    differ[type(layer).__name__] = (layer(inputs) != layer(inputs)).sum().item()
    table.add(type(layer).__name__, differ[type(layer).__name__])
table.show()
found.add("gelu-dropout", f"two passes differ at {differ['GELU']} of 1000 places; with dropout at {differ['Dropout']}")

# %% [markdown]
# **What is so.** The picture shows where the formula comes from: GELU is the *mean* of a random gate (lesson 04). As a
# statement on what it does it lacks the condition *on average*. In a mean no noise is left, and it is noise that makes
# dropout regularise. If you want dropout, add dropout.

# %%
wish_guess = Prediction(
    "Which of these is bounded below, differentiable, and has a slope that stays above 0.05 in size everywhere?",
    choices=["softplus", "GELU", "ELU", "none of the three"],
)
wish_guess

# %% [markdown] tags=["claim:wish-list"]
# ### "An activation can be bounded below and have no vanishing slope"
#
# **Said in** E, as a task: design one that is differentiable everywhere, bounded below, and has no vanishing gradient.
#
# **Test.** Look at the smallest value on two intervals, to see who is bounded below, and at the smallest slope in
# size.

# %%
near, far, kept = np.linspace(-20, 20, 4001), np.linspace(-200, 200, 40_001), []
columns = {"smallest value on [−20, 20]": ".4f", "on [−200, 200]": ".4f", "smallest |slope| on [−20, 20]": ".0e"}
table = Table("bounded below, and never flat?", {"": "", **columns})
for name in ("leaky_relu", "softplus", "elu", "gelu", "silu", "mish"):
    (low, slope), lower = evaluate(name, near), evaluate(name, far)[0].min()
    table.add(ACTIVATIONS[name].label, low.min(), lower, np.abs(slope).min())
    if np.abs(slope).min() > 0.05 and lower > low.min() - 0.1:
        kept.append(ACTIVATIONS[name].label)
table.add("√(1 + x²), flat at 0", 1.0, 1.0, np.abs(near / np.hypot(1, near)).min())
table.show()
found.add("wish-list", f"of seven functions, {len(kept)} are bounded below and keep |slope| > 0.05 on [−20, 20]")
wish_guess.compare(kept[0] if kept else "none of the three")

# %% [markdown]
# **What is so.** The list contradicts itself. If $|f'(x)| \ge c > 0$ everywhere, $f'$ cannot change its sign, since a
# derivative takes all values in between. Let it be positive. Then $f(0) - f(-n) \ge c\,n$ by the mean value theorem,
# so $f(-n) \le f(0) - c\,n$ falls without bound. If it is negative, $f(n)$ does. So a function that is bounded below
# has a slope of 0 somewhere, or comes as close to it as you like. Say *where* the slope must not vanish: for large
# positive $x$, for example. Exercise **ps6** does.

# %% [markdown]
# ## Numbers

# %% [markdown] tags=["claim:quarter-power"]
# ### "0.25 to the power 20 is about 10⁻¹³"
#
# **Said in** D. A has $0.25^{10} \approx 10^{-6}$.
#
# **Test.** Compute both.

# %%
table = Table("powers of 1/4", {"n": "d", "0.25ⁿ": ".1e", "its logarithm to base 10": ".2f"})
for n in (10, 20):
    table.add(n, 0.25**n, math.log10(0.25**n))
table.show()
found.add("quarter-power", f"{0.25**20:.1e}, about 10⁻¹²")

# %% [markdown]
# **What is so.** $0.25^{20} = 9.1 \cdot 10^{-13}$. That is 10 to the power −12.04, so about $10^{-12}$. A's number is
# right.

# %% [markdown] tags=["claim:temperature"]
# ### "Softmax of (2, 1, 0.5, −1) at T = 0.5, 2 and 5, as printed"
#
# **Said in** A, as comments beside the code.
#
# **Test.** Run it. And add up each printed row: probabilities have to add up to 1.

# %%
printed = {0.5: (0.87, 0.10, 0.03, 0.00), 2.0: (0.41, 0.28, 0.22, 0.10), 5.0: (0.32, 0.27, 0.23, 0.18)}
worst, right = 0.0, 0
columns = {"T": "g", **{f"printed p{i}": ".2f" for i in "₁₂₃₄"}, "sum": ".2f"}
table = Table("softmax of (2, 1, 0.5, −1)", columns | {f"run p{i}": ".3f" for i in "₁₂₃₄"})
for T, row in printed.items():
    run = torch.softmax(torch.tensor([2.0, 1.0, 0.5, -1.0]) / T, dim=0).numpy()
    worst = max(worst, np.abs(run - row).max())
    right += sum(round(float(p), 2) == said for p, said in zip(run, row))
    table.add(T, *row, sum(row), *run)
table.show()
found.add("temperature", f"{right} of the 12 printed numbers are right; the others are off by up to {worst:.3f}")

# %% [markdown]
# **What is so.** At $T = 0.5$: 0.842, 0.114, 0.042, 0.002. At $T = 2$: 0.434, 0.263, 0.205, 0.097. At $T = 5$: 0.322,
# 0.263, 0.238, 0.177. The printed row for $T = 2$ adds up to 1.01. Rounding alone can do that, so it is a hint and no
# proof, but it needs no computer. A comment is not an output.

# %% [markdown]
# ### Your turn: is 1.01 a reason for doubt?
#
# How often do honest probabilities, rounded to two digits, *not* add up to 1.00? Rules 4 and 6: try it often, and keep a
# control. Draw many rows of $n$ random probabilities that add up to 1, round each of them to two digits, and count. Two
# probabilities are the control: what the one loses by rounding the other gains. Mind that a sum of decimals such as
# 0.1 + 0.2 is seldom exact.

# %%
def share_off(n, draws=10_000):
    """Return the share of rows of n rounded probabilities whose sum, to two digits, is not 1.00."""
    raise NotImplementedError  # your code: 3 or 4 lines

# %%
checks = Checks("share_off", points=5)
with checks("a share, from 0 to 1"):
    assert 0 <= float(share_off(4)) <= 1, f"Got {float(share_off(4)):.4g}."
with checks("the control: two probabilities always add up"):
    assert float(share_off(2)) < 0.001, f"{float(share_off(2)):.1%} of the rows do not. Print one whose sum is off."
with checks("three and ten probabilities: the more of them, the more often"):
    three, ten = float(share_off(3)), float(share_off(10))
    assert 0.2 < three < 0.3, f"For three it is {three:.1%}. Are numbers rounded to the nearest, and rows random?"
    assert ten > 0.45, f"For ten it is {ten:.1%}, for three {three:.1%}."
with checks("four, as in the printed rows: another try gives nearly the same"):
    tries = [float(share_off(4)) for _ in range(2)]
    doubt = " Does a sum of 1.0000000000000002 count as off?" if max(tries) > 0.357 else ""
    assert all(0.3 < share < 0.357 for share in tries), f"Got {tries[0]:.1%} and {tries[1]:.1%}.{doubt}"
with checks("as many rows as asked for: of seven, a whole number is off"):
    off = 7 * float(share_off(4, 7))
    assert abs(off - round(off)) < 1e-3, f"Of 7 rows {off:.2f} are off: draw `draws` rows."
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def share_off(n, draws=10_000):
#     p = np.random.default_rng().dirichlet(np.ones(n), draws)
#     sums = p.round(2).sum(axis=1)
#     return np.mean(np.abs(sums - 1) > 0.005)
# ```
#
# A third of all rows of four are off, half of them up. So a sum of 1.01 is a reason to run it, and no proof.
#
# </details>

# %%
one_guess = Prediction(
    "In float32, from which x on is `torch.sigmoid(x)` exactly 1?",
    choices=["never", "about 17", "about 89", "about 700"],
)
one_guess

# %% [markdown] tags=["claim:open-interval"]
# ### "A sigmoid is never 0 or 1"
#
# **Said in** B, C, D and E: range $(0, 1)$, without its ends.
#
# **Test.** On paper it is true. Ask float32.

# %%
def from_below(x):
    """The sigmoid for x ≤ 0, with no exponential that can overflow."""
    return torch.exp(x) / (1 + torch.exp(x))


x = torch.arange(0, 110, 0.01)
one, zero = x[torch.sigmoid(x) == 1][0].item(), x[torch.sigmoid(-x) == 0][0].item()
print(f"exactly 1 from x = {one:.2f} on, exactly 0 from x = {-zero:.2f} down")
print(f"exp(88.7) = {torch.exp(torch.tensor(88.7)).item():.1e}, exp(88.8) = {torch.exp(torch.tensor(88.8)).item()}")
far = torch.tensor(-90.0)
print(f"at −90: torch {torch.sigmoid(far).item()}, stable form {from_below(far).item():.1e}")
print(f"the stable form is 0 from x = {-x[from_below(-x) == 0][0].item():.2f} down")
print("log(1 − sigmoid(20)) =", torch.log(1 - torch.sigmoid(torch.tensor(20.0))).item())
found.add("open-interval", f"in float32 it is 1 from {one:.1f} on, and 0 from {-zero:.1f} down")
one_guess.compare(min(("about 17", "about 89", "about 700"), key=lambda choice: abs(int(choice.split()[1]) - one)))

# %% [markdown]
# **What is so.** It holds for real numbers. The largest float32 below 1 is about $1 - 6 \cdot 10^{-8}$, so the sigmoid
# is 1 from about $x = 17$ on. Close to 0 there are far more numbers: the stable form of lesson 02 still gives something
# at −90 and ends near −104. torch's own sigmoid ends near −89. It computes $1 / (1 + e^{-x})$, and there $e^{-x}$
# overflows to ∞. That does no harm, $1/\infty = 0$ is close enough. And the logarithm of $1 - \sigma$ is −∞ from 17 on.
# This is why losses take logits.

# %% [markdown]
# ## Code as printed

# %% [markdown] tags=["claim:naive-exp"]
# ### "The formulas of sigmoid, ELU and Mish are ready to be code"
#
# **Said in** E, whose functions are the formulas word for word.
#
# **Test.** The same three formulas, in NumPy for values and warnings, in torch for slopes, at −1000 and 1000.

# %%
forms = {
    "sigmoid": lambda m, x: 1 / (1 + m.exp(-x)),
    "ELU": lambda m, x: m.where(x > 0, x, m.exp(x) - 1),
    "Mish": lambda m, x: x * m.tanh(m.log(1 + m.exp(x))),
}
far, broken = np.array([-1000.0, 1000.0]), []
columns = {f"{what} at {place}": "g" for what in ("value", "slope") for place in ("−1000", "1000")}
table = Table("the formulas as they are printed", {"": "", **columns, "warnings": "d"})
for name, form in forms.items():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = form(np, far)
    points = torch.tensor(far, requires_grad=True)
    form(torch, points).sum().backward()
    broken += [name] * points.grad.isnan().any().item()
    table.add(name, *value, *points.grad, len(caught))
table.show()
found.add("naive-exp", f"right values, an overflow in each, and slopes of nan in {len(broken)} of 3")

# %% [markdown]
# **What is so.** All three values come out right, and `exp` overflows in all three. What autograd makes of them is
# `nan`: $0 \cdot \infty$ in the chain rule. Lessons 02, 03 and 04 have the stable forms.

# %%
place_guess = Prediction(
    "`h` holds −1 and 2. What is `h + F.relu(h, inplace=True)`?", choices=["[-1, 4]", "[0, 4]", "[-1, 2]", "an error"]
)
place_guess

# %% [markdown] tags=["claim:in-place"]
# ### "In-place ReLU is an option like any other"
#
# **Said in** B, in a comment.
#
# **Test.** Use it where its input is needed again: in a sum, and behind a sigmoid.

# %%
h = torch.tensor([-1.0, 2.0])
print("h + F.relu(h):", (h + F.relu(h)).tolist())
result = h + F.relu(h, inplace=True)
print("h + F.relu(h, inplace=True):", result.tolist())
try:
    nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.ReLU(inplace=True))(torch.ones(1, 2)).sum().backward()
except RuntimeError as problem:
    print("behind a sigmoid: RuntimeError:", str(problem).split(":")[0])
    found.add("in-place", f"a residual sum of [-1, 2] gives {result.tolist()}, silently; behind a sigmoid: an error")
place_guess.compare(str([int(value) for value in result.tolist()]))

# %% [markdown]
# **What is so.** It is safe where nothing else needs its input, as right after a linear layer. In a residual sum it
# changes the result and says nothing. Behind a function whose slope is computed from its own output, autograd notices
# and stops.

# %% [markdown] tags=["claim:softmax-nll"]
# ### "Softmax goes with NLLLoss"
#
# **Said in** C, in the table.
#
# **Test.** A confident mistake: logits 12 and 0, and the class is the second. Loss and gradient for both pairings.

# %%
loss, table = {}, Table("a confident mistake", {"": "", "loss": ".2g", "gradient, wrong logit": ".2g", "right logit": ".2g"})
for head in (F.log_softmax, F.softmax):
    logits = torch.tensor([[12.0, 0.0]], requires_grad=True)
    loss[head] = F.nll_loss(head(logits, dim=1), torch.tensor([1]))
    loss[head].backward()
    table.add(head.__name__, loss[head].item(), *logits.grad[0])
table.show()
wrong, proper = loss[F.softmax].item(), loss[F.log_softmax].item()
found.add("softmax-nll", f"a confident mistake has the loss {wrong:.0e} instead of {proper:.0f}")

# %% [markdown]
# **What is so.** `NLLLoss` returns minus the entry of the right class, and takes it for a *log*-probability. Given
# probabilities it lies between −1 and 0, raises nothing, and passes back next to no gradient where the mistake is
# worst. It goes with `log_softmax`. Together they are `CrossEntropyLoss` (lesson 06a).

# %%
bce_guess = Prediction(
    "The logit is 20 and the label is 0: as wrong as can be. Sigmoid and `BCELoss` in float32: what is the gradient by "
    "the logit?",
    choices=["1", "20", "0", "nan"],
)
bce_guess

# %% [markdown] tags=["claim:sigmoid-bce"]
# ### "Sigmoid and BCELoss train a binary classifier"
#
# **Said in** E: its training script ends in a sigmoid layer and uses `BCELoss`.
#
# **Test.** Logits that are more and more wrong, with both losses.

# %%
pairings = {
    "BCELoss(sigmoid)": lambda z, t: F.binary_cross_entropy(torch.sigmoid(z), t),
    "BCEWithLogitsLoss": F.binary_cross_entropy_with_logits,
}
gradient = {}
table = Table("one sample with label 0", {"logit": "g", "": "", "loss": ".3f", "gradient": ".3f"})
for value in (2.0, 10.0, 15.0, 20.0):
    for name, loss in pairings.items():
        logit = torch.tensor(value, requires_grad=True)
        size = loss(logit, torch.tensor(0.0))
        size.backward()
        gradient[name] = logit.grad.item()
        table.add(value, name, size.item(), logit.grad.item())
table.show()
plain, stable = gradient.values()
found.add("sigmoid-bce", f"at logit 20 and label 0 its gradient is {plain:.0f}; from logits it is {stable:.0f}")
bce_guess.compare(f"{plain:.0f}")

# %% [markdown]
# **What is so.** It works while the logits are small, and E's script runs well. But a sample that is far enough on the
# wrong side gets the loss 100 (PyTorch cuts the logarithm off at −100) and the gradient 0: it cannot be learned any
# more. With logits the gradient is 1.000, as it should be.

# %% [markdown]
# ## Gradients

# %%
chain_guess = Prediction(
    "20 sigmoid units in a row, each with weight 4 and bias −2. The input is 0.5. What is the slope of the last "
    "output by the input?",
    choices=["about 10⁻¹²", "about 10⁻³", "1"],
)
chain_guess

# %% [markdown] tags=["claim:at-most"]
# ### "The gradient behind n sigmoids is at most 0.25ⁿ"
#
# **Said in** A for 10 layers and in D for 20.
#
# **Test.** Rule 3: one counterexample. $\sigma(4 \cdot 0.5 - 2) = \sigma(0) = 0.5$, so the signal stays where the
# slope is largest.

# %%
slopes = {}
table = Table(f"20 sigmoids in a row; 0.25²⁰ is {0.25**20:.1e}", {"weight": "g", "slope": ".1e"})
for weight, bias in ((1.0, -0.5), (4.0, -2.0)):
    start = h = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    for _ in range(20):
        h = torch.sigmoid(weight * h + bias)
    h.backward()
    slopes[weight] = start.grad.item()
    table.add(weight, start.grad.item())
table.show()
found.add("at-most", f"with weights of 4 the slope behind 20 sigmoids is {slopes[4.0]:.0f}")
chain_guess.compare("1" if math.isclose(slopes[4.0], 1.0) else "about 10⁻¹²")

# %% [markdown]
# **What is so.** $0.25^n$ bounds the product of the *slopes*. A gradient is a product of slopes and weights. In a
# chain with weights of at most 1 in size the bound holds. That it is hard to find weights that help in a whole network
# is another matter (lesson 05).

# %% [markdown] tags=["claim:relu-vanish"]
# ### "With ReLU gradients do not vanish"
#
# **Said in** all five, because its slope is 1 for positive inputs.
#
# **Test.** 20 layers, digits, 5 seeds: gradient of the first layer's pre-activations over that of the last.

# %%
left = {}
table = Table("gradient of layer 1 over that of layer 20, 5 seeds: median (smallest to largest)", {"": "", "ratio": ".0e"})
for name, start in (("sigmoid", "xavier"), ("tanh", "xavier"), ("relu", "default"), ("relu", "xavier"), ("relu", "he")):
    gradient = pre_activation_gradient_norms(propagate(Network(name, 20, start)))
    left[name, start] = ratio = gradient[0] / gradient[-1]
    table.add(f"{name}, {start}", ratio)
table.show()
factor = np.median(left["relu", "default"]) ** (1 / 19)
found.add("relu-vanish", f"with nn.Linear's default the gradient shrinks to {factor:.2f} times its size per layer")

# %% [markdown]
# **What is so.** About half of the units are off, and weights count too. With the default of `nn.Linear` a ReLU
# network loses more than half of its gradient in each layer, and tanh with Xavier's weights does much better. With
# He's weights ReLU keeps it. So: *ReLU with matching weights*. The slope of 1 is not enough.
#
# ![Gradient of a ReLU network over that of its last layer, against the number of layers back. With He's weights the
# line stays near the claimed 1, with Xavier's it falls to about 10⁻⁵ in 29 layers, with PyTorch's default below
# 10⁻¹¹.](images/10_claim_relu.png)

# %% [markdown] tags=["claim:saturation"]
# ### "Gradients vanish because units saturate"
#
# **Said in** B, D and E. D adds: where gradients shrink from layer to layer, look for saturating functions.
#
# **Test.** Two numbers for each network: the share of flat slopes, $|f'| < 0.1$, and the gradient that is left.

# %%
share = {}
table = Table("20 layers, median of 5 seeds", {"": "", "flat": ".1%", "first / last gradient": ".0e"})
for name, start, scale in (("sigmoid", "xavier", 1.0), ("tanh", "xavier", 2.5), ("relu", "default", 1.0)):
    deep = Network(name, 20, start, scale)
    signals = propagate(deep)
    gradient = pre_activation_gradient_norms(signals)
    share[name] = np.median(saturation(deep, signals))
    ratio = np.median(gradient[0] / gradient[-1])
    table.add(f"{name}, {start} × {scale}", share[name], ratio)
table.show()
flat, steep = share["sigmoid"], share["tanh"]
found.add("saturation", f"the gradient vanishes with {flat:.0%} flat sigmoids, and not with {steep:.0%} flat tanhs")

# %% [markdown]
# **What is so.** Saturation is one way to lose a gradient. The sigmoid network has hardly a saturated unit, and its
# gradient vanishes, because $1/4$ is small too. The tanh network is saturated in more than a third of its units, and
# its gradient *grows*: large weights outweigh flat slopes. ReLU, which has no saturation for $x > 0$, vanishes with
# small weights. Measure both.

# %% [markdown] tags=["claim:default-start"]
# ### "nn.Linear starts with the He initialisation that ReLU wants"
#
# **Said in** D: PyTorch's defaults usually do this correctly.
#
# **Test.** Variance of a weight times fan-in. He's is 2.

# %%
torch.manual_seed(0)
table = Table("fan-in times variance of a weight", {"fan-in": "d", "default": ".3f", "He": ".3f"})
for n in (64, 256, 1024):
    layer = nn.Linear(n, 512)
    default = n * layer.weight.var().item()
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    table.add(n, default, n * layer.weight.var().item())
table.show()
gain = nn.init.calculate_gain("leaky_relu", 5**0.5)
print(f"kaiming_uniform_ with a = √5, as in nn.Linear's source: gain² = {gain**2:.3f}")
found.add("default-start", f"fan-in times variance of a weight is {default:.2f}; He's is 2")

# %% [markdown]
# **What is so.** The default is uniform with variance $\frac{1}{3n}$, a sixth of He's. Its source calls a function
# with Kaiming in its name, but with the parameter $a = \sqrt 5$. The square of the gain is then 0.333, where He's is 2.
# In a shallow network this does little harm, in a deep one see above.

# %% [markdown] tags=["claim:mismatch"]
# ### "A mismatched start saturates the units within a few batches"
#
# **Said in** D, of He with tanh and of Xavier with ReLU.
#
# **Test.** Four hidden layers, 60 batches of digits, 3 seeds. Share of flat tanh slopes before and after, and
# accuracy.

# %%
def flat_share(model):
    """Share of tanh slopes below 0.1 in the hidden layers."""
    shares, h = [], X[:300]
    for linear, activation in zip(model[:-1:2], model[1::2]):
        z = linear(h)
        shares.append((1 - torch.tanh(z) ** 2 < 0.1).float().mean().item())
        h = activation(z)
    return np.mean(shares)


columns = {"": "", "start": "", "accuracy": ".1%", "flat at the start": ".1%", "flat after 60 batches": ".1%"}
table = Table("4 hidden layers, 3 seeds: median (smallest to largest)", columns)
for activation in (nn.ReLU, nn.Tanh):
    for label, gain in (("Xavier", XAVIER), ("He", HE)):
        models = [network(activation, seed, 4, gain) for seed in range(3)]
        flat = [flat_share(model) for model in models]
        accuracy = [train(model, seed, 60)[1] for seed, model in enumerate(models)]
        if activation is nn.Tanh:
            later = [flat_share(model) for model in models]
            before, after = np.median(flat), np.median(later)
            table.add("tanh", label, accuracy, flat, later)
        else:
            table.add("ReLU", label, accuracy, "–", "–")
table.show()
found.add("mismatch", f"tanh with He's weights: {before:.0%} flat slopes at the start, {after:.0%} after 60 batches")

# %% [markdown]
# **What is so.** With He's weights more of the tanh slopes are flat than with Xavier's, at the start and later, and
# still only about one in seven. ReLU cannot saturate for $x > 0$: with Xavier's weights its signal shrinks instead.
# The ranges of the accuracies overlap in each pair. What a mismatch costs grows with depth: for ReLU a factor of
# $\sqrt 2$ in each layer, which makes 4 in four layers and 1024 in twenty (lesson 05).

# %% [markdown] tags=["claim:same-sign"]
# ### "All-positive inputs move all weights of a unit the same way"
#
# **Said in** E, as the reason to prefer tanh to the sigmoid.
#
# **Test.** Output units fed by 32 sigmoid units: the share of units whose weights all get a gradient of one sign.

# %%
share = {}
caption = "units all of whose weights move the same way, 20 seeds: median (smallest to largest)"
table = Table(caption, {"": "", "batch": "d", "units": ".0%", "mean": ".0%"})
for activation in (torch.sigmoid, torch.tanh):
    for size in (1, 8, 64):
        same = []
        for seed in range(20):
            torch.manual_seed(seed)
            hidden, output = nn.Linear(64, 32), nn.Linear(32, 10)
            rows = torch.randperm(len(X))[:size]
            F.cross_entropy(output(activation(hidden(X[rows]))), y[rows]).backward()
            gradient = output.weight.grad
            same.append(((gradient > 0).all(1) | (gradient < 0).all(1)).float().mean().item())
        share[activation, size] = np.mean(same)
        table.add(activation.__name__, size, same, share[activation, size])
table.show()
found.add("same-sign", f"true of all units for one sample, of {share[torch.sigmoid, 64]:.0%} for a batch of 64")

# %% [markdown]
# **What is so.** It is exact for one sample, where the gradient is one number times the inputs. In a batch the errors
# have both signs, and the sum can point elsewhere: the larger the batch, the fewer units are bound. And what positive
# inputs cost in the end is the largest usable learning rate, not the direction (lesson 02).

# %% [markdown]
# ## Dead units

# %% [markdown] tags=["claim:one-sample"]
# ### "A unit that is 0 on one random input is a dead unit"
#
# **Said in** E, as a demonstration: 1000 random units, one random input each, about half of them "dead".
#
# **Test.** Give the same units 500 inputs. As a control, kill 100 of the 1000 with a bias of −50: a good test finds
# these.

# %%
rng = np.random.default_rng(0)
weights, samples = 0.5 * rng.standard_normal((1000, 10)), rng.standard_normal((500, 10))
columns = {"units killed": "d", "0 on the first sample": "d", "0 on all 500 samples": "d"}
table = Table("1000 units", columns)
for killed in (100, 0):
    bias = np.where(np.arange(1000) < killed, -50.0, 0.0)
    active = samples @ weights.T + bias > 0
    one, all_of_them = (~active[0]).sum(), (~active.any(axis=0)).sum()
    table.add(killed, one, all_of_them)
table.show()
found.add("one-sample", f"none killed: {one} of 1000 units are 0 on one input, {all_of_them} on all of 500")

# %% [markdown]
# **What is so.** Dead means 0 on *every* sample. One sample measures something else, the share of zeros, and for
# weights that are as often positive as negative it is near one half, whatever happens to the units.

# %% [markdown] tags=["claim:thresholds"]
# ### "Dead units: a problem at 10 %, or 30 %, or below 50 % active"
#
# **Said in** A (over 10 % dead), D (over 30 % zeros) and E (above 50 %, or 40 to 60 %, active, and below 20 % in
# trouble).
#
# **Test.** Three quantities, on networks of which two are fine and one had far too large a learning rate.

# %%
columns = {"": "", "dead units": ".0%", "zeros": ".0%", "no gradient from 8 samples": ".0%", "accuracy": ".0%"}
table = Table("four numbers of the same networks", columns)
for label, rate, steps in (("learning rate 0.1", 0.1, SPELL), ("fresh, He", 0.003, 1), ("trained", 0.003, SPELL)):
    story = Story(rate=rate)
    story.run(steps)
    state = examine(story.network, steps)
    inside, _ = story.network.trace(lab_samples()[0][:8])
    silent = np.mean([(z <= 0).all(0).float().mean().item() for z in inside])
    dead, zeros = sum(state.dead) / (LAYERS * UNITS), 1 - state.active.mean()
    table.add(label, dead, zeros, silent, state.accuracy)
table.show()
found.add("thresholds", f"in good health: {dead:.0%} dead, {zeros:.0%} zeros, accuracy {state.accuracy:.0%}")

# %% [markdown]
# **What is so.** The two healthy networks have next to no dead unit and about half zeros. D's rule sounds the alarm
# for both. Of E's rules the first rejects the fresh network and the second accepts it. Each quantity needs a threshold
# of its own.
# - *Dead units*, 0 on every sample of a large set: expect next to none. A tenth of a layer is worth a look. That is
#   A's rule.
# - *Zeros*, over units and samples: about half at the start, and what training makes of it later. No threshold fits.
# - *No gradient in one batch*: it depends on the size of the batch, and the next one may have it.

# %% [markdown] tags=["claim:dead-forever"]
# ### "A dead unit never comes back"
#
# **Said in** A, D and E: permanently disabled, irreversible.
#
# **Test.** First layer: 20 units with biases of −5, dead on all 500 samples, 300 steps, also with weight decay. Deeper
# layers: the network of lesson 03 at learning rate 0.1, 3 seeds.

# %%
torch.manual_seed(0)
samples, wanted = torch.randn(500, 20), torch.randn(500, 1)
table = Table("first layer, 20 dead units", {"weight decay": "g", "still dead": "d", "mean bias": ".2f"})
for decay in (0.0, 0.1):
    model = nn.Sequential(nn.Linear(20, 20), nn.ReLU(), nn.Linear(20, 1))
    nn.init.constant_(model[0].bias, -5.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=decay)
    losses = list(descend(model, F.mse_loss, batches(samples, wanted, steps=300), optimizer))
    still = (model[0](samples) <= 0).all(0).sum().item()
    table.add(decay, still, model[0].bias.mean().item())
table.show()

wild = [Story(rate=0.1, seed=seed) for seed in range(3)]
for story in wild:
    story.run(SPELL)
dead = np.array([[record.active == 0 for record in story.records] for story in wild])  # seed, record, layer, unit
ever, woken = dead.any(1).sum((0, 2)), (dead[:, :-1] & ~dead[:, 1:]).any(1).sum((0, 2))
table = Table("rate 0.1, 3 seeds", {"layer": "d", "units that died": "d", "active again later": "d"})
for layer in range(LAYERS):
    table.add(layer + 1, ever[layer], woken[layer])
table.show()
back = f"{woken.sum()} of {ever.sum()}"
found.add("dead-forever", f"in the first layer {still} of 20 stay dead; in deeper ones {back} came back")

# %% [markdown]
# **What is so.** In the first layer, with plain gradient descent on fixed data, it is true. Weight decay does not help: it
# shrinks weights and bias alike, and the sign of $\mathbf w \cdot \mathbf x + b$ stays. In deeper layers the inputs move
# while the layers before them learn, the optimiser's momentum goes on for a few steps, and many units come back by
# themselves. "Dead" is a statement about a unit *and* its data.

# %% [markdown] tags=["claim:leaky-revives"]
# ### "Leaky ReLU with slope 0.01 brings dead units back"
#
# **Said in** E: the slope, usually 0.01, lets them recover.
#
# **Test.** The three networks of the cell above, then 200 gentle steps with Leaky ReLU, as in the lab of lesson 03.
# Slopes 0.01 and 0.3.

# %%
def dead_after_cure(story, slope):
    """Dead units after CURE gentle steps with this slope for negative pre-activations."""
    model = copy.deepcopy(story.network)
    model.negative_slope = slope
    optimizer = torch.optim.Adam(model.parameters(), lr=CURE_RATE, fused=True)
    list(descend(model, F.cross_entropy, batches(*lab_samples(), steps=CURE, size=64), optimizer))
    return sum(examine(model, CURE).dead)


before, left = [sum(story.records[-1].dead) for story in wild], {}
columns = {"": "", **{f"seed {seed}": "d" for seed in range(3)}}
table = Table(f"dead of {LAYERS * UNITS} units", columns)
table.add("before", *before)
for slope in (0.01, 0.3):
    after = [dead_after_cure(story, slope) for story in wild]
    left[slope] = sum(after) / sum(before)
    table.add(f"after {CURE} steps with slope {slope}", *after)
table.show()
found.add("leaky-revives", f"still dead: {left[0.01]:.0%} of them with slope 0.01, {left[0.3]:.0%} with slope 0.3")

# %% [markdown]
# **What is so.** A slope of 0.01 lets a hundredth of the gradient through. After 200 steps more than half of the units
# are still dead. With 0.3 next to none are. So the word in E that counts is *gradually*: how gradually depends on the
# slope (lesson 03).

# %%
half_guess = Prediction(
    "Half of the units in each hidden layer are dead from the start, for good. How much lower is the accuracy on "
    "unseen digits after 160 steps?",
    choices=["more than 20 points", "5 to 20 points", "less than 5 points"],
)
half_guess

# %% [markdown] tags=["claim:half-dead"]
# ### "With half of the units dead the accuracy stays low"
#
# **Said in** D: it plateaus early, because half of the capacity is turned off.
#
# **Test.** Kill half of the units with a bias of −1000, train as usual, and look twice: early and later. 3 seeds.

# %%
behind = {}
models = {dead: [network(seed=seed) for seed in range(3)] for dead in (0, 32)}
with torch.no_grad():
    for layer in (layer for model in models[32] for layer in model[:-1:2]):
        layer.bias[:32] = -1000.0
columns = {"steps": "d", "dead of 64 in each layer": "d", "accuracy": ".1%"}
table = Table("unseen digits, 3 seeds: median (smallest to largest)", columns)
for done, more in ((40, 40), (160, 120)):
    accuracy = {}
    for dead, group in models.items():
        accuracy[dead] = [train(model, seed + done, more)[1] for seed, model in enumerate(group)]
        table.add(done, dead, accuracy[dead])
    behind[done] = 100 * (np.median(accuracy[0]) - np.median(accuracy[32]))
table.show()
found.add("half-dead", f"with half dead {behind[40]:.0f} points behind after 40 steps, {behind[160]:.1f} after 160")
lost = behind[160]
half_guess.compare("less than 5 points" if lost < 5 else "5 to 20 points" if lost < 20 else "more than 20 points")

# %% [markdown]
# **What is so.** It starts more slowly, and then comes close: the others do the work. How much capacity the task needs
# decides, not the share that is dead; a task that needs all of it would suffer. And so a good accuracy does not show
# that no unit is dead. Count them.

# %% [markdown]
# ## Outputs and losses

# %% [markdown] tags=["claim:double-softmax"]
# ### "With softmax applied twice training goes nowhere"
#
# **Said in** D, which asks to show that it fails to converge.
#
# **Test.** Digits, 200 steps, 3 seeds, with logits and with probabilities given to the cross-entropy.

# %%
floor = math.log(math.e + 9) - 1
columns = {"the loss is given": "", "last loss": ".3f", "accuracy": ".1%"}
table = Table("200 steps, 3 seeds: median (smallest to largest)", columns)
for label, loss in (("logits", F.cross_entropy), ("softmax", lambda z, t: F.cross_entropy(z.softmax(1), t))):
    losses, accuracy = zip(*[train(network(seed=seed), seed, 200, loss) for seed in range(3)])
    table.add(label, losses, accuracy)
table.show()
print(f"lowest loss that ten probabilities allow: ln(e + 9) − 1 = {floor:.3f}")
found.add("double-softmax", f"it reaches {np.median(accuracy):.0%} of unseen digits; its loss stays above {floor:.3f}")

# %% [markdown]
# **What is so.** It trains, more slowly at first (try 100 steps), and ends about as often right as without the
# mistake. What is broken is the loss. The best probabilities are 1 and nine times 0, and the second softmax makes
# $\frac{e}{e + 9}$ of the 1. So the loss cannot fall below 1.461, whatever you do. That is the danger: the accuracy
# looks fine, and nothing stops you (lesson 06a).

# %% [markdown] tags=["claim:binary-softmax"]
# ### "Softmax over two classes is a mistake"
#
# **Said in** A, which calls it a bug that works all the same.
#
# **Test.** Softmax of two logits against the sigmoid of their difference; and the two losses.

# %%
torch.manual_seed(0)
pair, classes = 5 * torch.randn(1000, 2, dtype=torch.float64), torch.randint(0, 2, (1000,))
difference = pair[:, 1] - pair[:, 0]
apart = (pair.softmax(1)[:, 1] - torch.sigmoid(difference)).abs().max().item()
two, one = F.cross_entropy(pair, classes), F.binary_cross_entropy_with_logits(difference, classes.double())
print(f"largest difference of the probabilities {apart:.0e}, of the losses {abs(two - one).item():.0e}")
found.add("binary-softmax", f"equal to the sigmoid of the difference of the logits, up to rounding ({apart:.0e})")

# %% [markdown]
# **What is so.** $\dfrac{e^{z_1}}{e^{z_0} + e^{z_1}} = \sigma(z_1 - z_0)$: the same model and the same loss. It spends
# a second row of weights on the last layer. No competition is created that a sigmoid does not have.

# %% [markdown] tags=["claim:multi-label"]
# ### "Softmax on several labels makes exactly one of them probable"
#
# **Said in** A.
#
# **Test.** One sample that has the first two of three labels. Gradient descent on its three logits, with each loss.

# %%
target, best = torch.tensor([1.0, 1.0, 0.0]), {}
table = Table("probabilities after 500 steps", {"": "", "true": ".3f", "true as well": ".3f", "false": ".3f"})
for label, loss, activation in (
    ("softmax", lambda z: F.cross_entropy(z, target / target.sum()), lambda z: z.softmax(0)),
    ("sigmoid", lambda z: F.binary_cross_entropy_with_logits(z, target), torch.sigmoid),
):
    z = torch.tensor([0.5, 0.0, 0.0], requires_grad=True)
    optimizer = torch.optim.SGD([z], lr=2.0)
    for _ in range(500):
        optimizer.zero_grad()
        loss(z).backward()
        optimizer.step()
    best[label] = activation(z).detach().numpy()
    table.add(label, *best[label])
table.show()
found.add("multi-label", f"the two labels share the probability: {best['softmax'][0]:.2f} and {best['softmax'][1]:.2f}")

# %% [markdown]
# **What is so.** Trained on samples with two labels, softmax gives one half to each, so none of the two is likely. The
# advice is right, a sigmoid for each label, and the reason is: probabilities that add up to 1 cannot say *both*.

# %% [markdown]
# ## Experiments and history

# %% [markdown] tags=["claim:six-times"]
# ### "ReLU trains six times faster than the sigmoid"
#
# **Said in** E, with the AlexNet paper as its source.
#
# **Read** the source: Krizhevsky, Sutskever and Hinton (2012) compare with **tanh**, for one network with four
# convolutional layers, on CIFAR-10, by the epochs to 25 % training error. **Test** whether the factor is the same
# elsewhere: digits, by the rules of lesson 08. Each function has its own start and the learning rate that is fastest
# for it, found with other seeds.

# %%
task, grid, steps = replace(make_task("digits"), sizes=(64, 32, 10)), (0.03, 0.1, 0.3, 1.0), {}
table = Table("one hidden layer, 5 seeds: median (smallest to largest)", {"": "", "own best rate": "g", "steps": ".0f"})
for name in ("relu", "tanh", "sigmoid"):
    tuning = Runs(task, name, grid, range(100, 103), every=1).train(30).records
    rate = grid[int(np.median(steps_until(tuning, 0.25), axis=1).argmin())]
    needed = steps_until(Runs(task, name, [rate], range(5), every=1).train(30).records, 0.25)[0]
    steps[name] = np.median(needed)
    table.add(name, rate, needed)
table.show()
sigmoid, tanh = steps["sigmoid"] / steps["relu"], steps["tanh"] / steps["relu"]
found.add("six-times", f"with one hidden layer the sigmoid needs {sigmoid:.1f} times ReLU's steps, tanh {tanh:.1f} times")

# %% [markdown]
# **What is so.** The paper's six is for ReLU against tanh, in one network on one data set. Here, each at its own best
# rate, tanh needs no more steps than ReLU, and the sigmoid about one and a half times as many. With three hidden
# layers, in lesson 08, tanh needs half of them. There is no such factor: it depends on depth, start, learning rate and
# data. And a step is not a second.

# %%
race_guess = Prediction(
    "The data: 20 normal inputs, and the class is 1 if the sum of the first five is positive. Four hidden activations "
    "race. Which has the best accuracy on new data?",
    choices=["ReLU", "GELU", "tanh", "none at all: the identity"],
)
race_guess

# %% [markdown] tags=["claim:race"]
# ### "A race on these data shows which activation trains best"
#
# **Said in** E: six activations, one run each, training loss only.
#
# **Test.** The same kind of data, 5 epochs, 3 seeds, accuracy on 2000 new samples, and one more runner: no activation.

# %%
torch.manual_seed(42)
inputs = torch.randn(3000, 20)
targets = (inputs[:, :5].sum(1) > 0).float()[:, None]
runners = {"ReLU": nn.ReLU, "GELU": nn.GELU, "tanh": nn.Tanh, "none at all: the identity": nn.Identity}
right, final = {}, {}
columns = {"": "", "accuracy on new data": ".1%", "training loss": ".3f"}
table = Table("3 seeds: median (smallest to largest)", columns)
for name, activation in runners.items():
    right[name], last = [], []
    for seed in range(3):
        torch.manual_seed(seed)
        sizes = ((20, 64), (64, 32), (32, 16))
        layers = [layer for pair in sizes for layer in (nn.Linear(*pair), activation())]
        model = nn.Sequential(*layers, nn.Linear(16, 1))
        samples = batches(inputs[:1000], targets[:1000], steps=160, size=32, seed=seed)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01, fused=True)
        losses = list(descend(model, F.binary_cross_entropy_with_logits, samples, optimizer))
        with torch.no_grad():
            right[name].append(((model(inputs[1000:]) > 0) == (targets[1000:] > 0.5)).float().mean().item())
        last.append(np.mean(losses[-32:]))
    final[name] = np.median(last)
    table.add(name, right[name], last)
table.show()
best, by_loss = max(right, key=lambda name: np.median(right[name])), min(final, key=final.get)
found.add("race", f"best on new samples: {best}; lowest training loss: {by_loss}")
race_guess.compare(best)

# %% [markdown]
# **What is so.** The boundary between the classes is flat: $x_1 + \dots + x_5 = 0$. A network without activation has
# the right shape, and nothing to gain from another. On new data it is in front. The training loss, all that E
# compares, puts another in front. A race needs data on which the control fails, several seeds, and new samples (lesson
# 08).

# %% [markdown] tags=["claim:swish-search"]
# ### "Swish was discovered by a search, and MobileNet uses it"
#
# **Said in** E.
#
# **Test.** Ask the documentation of `nn.SiLU` for its papers: the first four digits of an arXiv number are year and
# month. And compare SiLU with what MobileNetV3 uses, hard-swish (Howard and others, 2019).

# %%
table = Table("what the documentation of nn.SiLU cites", {"month": "", "title": ""})
for title, number in re.findall(r"`([^`<]+) <https://arxiv.org/abs/(\d{4}\.\d{5})", nn.SiLU.__doc__):
    table.add(f"20{number[:2]}-{number[2:4]}", " ".join(title.split()))
table.show()
x = np.linspace(-8, 8, 160_001)
apart = np.abs(evaluate("silu", x)[0] - evaluate("hardswish", x)[0])
print(f"SiLU and hard-swish: up to {apart.max():.3f} apart, at |x| = {abs(x[apart.argmax()]):.0f}")
found.add("swish-search", f"first paper June 2016, search October 2017; hard-swish is up to {apart.max():.2f} away")

# %% [markdown]
# **What is so.** PyTorch's manual credits the name SiLU to the GELU paper of June 2016, and a paper of February 2017 used
# the same function. The search of October 2017 found it again and named it Swish. MobileNetV3 has hard-swish, up to
# 0.142 away, and the MobileNets before it ReLU6.

# %% [markdown] tags=["claim:universal"]
# ### "One hidden layer approximates any continuous function"
#
# **Said in** A.
#
# **Test.** Best fits with $k$ ReLU units on $[-1, 1]$: inside, outside, and of a function with a jump.

# %%
def relu_fit(f, units, x):
    """Least squares with `units` ReLU units on [−1, 1], evaluated at x."""
    def features(x):
        return np.column_stack([np.maximum(0, x[:, None] - np.linspace(-1, 1, units, endpoint=False)), np.ones_like(x)])

    grid = np.linspace(-1, 1, 401)
    return features(x) @ np.linalg.lstsq(features(grid), f(grid), rcond=None)[0]


def wave(x):
    return np.sin(3 * x)


x, outside = np.linspace(-1, 1, 401), np.array([10.0, 100.0])
columns = {"units": "d", "error on [−1, 1]": ".4f", "at 10": ".0f", "at 100": ".0f", "the sign function next to 0": ".2f"}
table = Table("errors of a fit by least squares", columns)
for units in (4, 16, 64):
    inside = np.abs(relu_fit(wave, units, x) - wave(x)).max()
    far = np.abs(relu_fit(wave, units, outside) - wave(outside))
    beside = np.array([-1e-9, 1e-9])
    jump = np.abs(relu_fit(np.sign, units, beside) - np.sign(beside)).max()
    table.add(units, inside, *far, jump)
table.show()
found.add("universal", f"64 units: error {inside:.4f} on [−1, 1], and {far[1]:.0f} at x = 100")

# %% [markdown]
# **What is so.** On a closed and bounded set, to any accuracy you name, with enough units, for an activation that is
# no polynomial (lesson 01). Outside of the set the error grows without bound. A function with a jump is not
# continuous, and no number of units helps there: next to a jump of 2 some error is at least 1. And the theorem does
# not say that training finds the weights.

# %% [markdown] tags=["claim:sparse-fast"]
# ### "Zeros make a layer cheaper"
#
# **Said in** E: sparse, therefore efficient.
#
# **Test.** Multiply a matrix with more and more zeros by another: as it is, and stored as a list of its non-zeros.
# Best of 7.

# %%
def milliseconds(left, right):
    """Shortest of 7 products."""
    runs = []
    for _ in range(7):
        start = time.perf_counter()
        left @ right
        runs.append(1e3 * (time.perf_counter() - start))
    return min(runs)


hidden, matrix, took = torch.randn(400, 400), torch.randn(400, 400), {}
table = Table("ms for a product", {"zeros": ".0%", "as it is": ".2f", "as a list of non-zeros": ".2f"})
for zeros in (0.0, 0.5, 0.99):
    some = hidden * (torch.rand(400, 400) >= zeros)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch says that the format is new
        listed = milliseconds(some.to_sparse_csr(), matrix)
    took[zeros] = milliseconds(some, matrix)
    table.add(zeros, took[zeros], listed)
table.show()
found.add("sparse-fast", f"the product with half zeros takes {took[0.5] / took[0.0]:.1f} times as long as without")

# %% [markdown]
# **What is so.** The usual product multiplies the zeros too. Half of them being zero saves nothing. A format that
# leaves zeros out can save time when nearly all are zero, and costs time before that. The numbers are your machine's:
# run it again.

# %% [markdown]
# ## The control

# %% [markdown] tags=["claim:control"]
# ### Six statements that should come out right
#
# **Said in** A, B, C and E. A test that always says *false* tests nothing.

# %%
def as_printed(values, *texts):
    """Whether the values, rounded as the texts are, read like the texts."""
    return all(f"{value:.{len(text) - 2}f}" == text for value, text in zip(values.tolist(), texts))


x, integers = torch.linspace(-6, 6, 1001, dtype=torch.float64), torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0])
W1, W2, sample = (torch.randn(shape, dtype=torch.float64) for shape in ((5, 10), (3, 5), (10, 8)))
first = {name: pre_activation_gradient_norms(propagate(Network(name, 8)))[0] for name in ("sigmoid", "relu")}
held = {
    "A: two linear layers are one": torch.allclose(W2 @ (W1 @ sample), (W2 @ W1) @ sample),
    "A: 0.25^10 is about 10^-6": round(math.log10(0.25**10)) == -6,
    "A: 8 layers back, sigmoid's gradient is far below ReLU's": max(first["sigmoid"]) < min(first["relu"]) / 100,
    "B: softmax of 2, 1, 0.1": as_printed(torch.softmax(torch.tensor([2.0, 1.0, 0.1]), 0), "0.659", "0.242", "0.099"),
    "C: sigmoid of −2 to 2": as_printed(torch.sigmoid(integers), "0.12", "0.27", "0.50", "0.73", "0.88"),
    "E: tanh z = 2σ(2z) − 1": torch.allclose(torch.tanh(x), 2 * torch.sigmoid(2 * x) - 1),
}
for statement, holds in held.items():
    print("holds:" if holds else "FAILS:", statement)
found.add("control", f"{sum(held.values())} of {len(held)} hold")

# %% [markdown]
# **What is so.** All hold. The texts are right far more often than this lesson makes it look.
#
# Some claims no run here can test: that GELU gains half a point to a point on language tasks, or that fewer than a
# tenth of the units die in practice. They need the data they are about. Ask for the paper, the number of seeds, and
# the spread.

# %% [markdown]
# ## All claims in one table
#
# The table is made from the list of claims and from what your session has measured. A claim whose cell you have not
# run says so.

# %%
found

# %% [markdown]
# ## Quiz
#
# Every answer has its own feedback. Nothing is graded.

# %%
Quiz("10_claims_under_test")

# %% [markdown]
# ## Recap
#
# - Define the quantity, predict, look for a counterexample, measure with spread, ask for the condition, keep a
#   control.
# - Many claims are half right, and have lost their condition: which weights, which data, which number format, how many
#   samples.
# - Numbers in comments are claims too. Run them; add them up.
# - One word, several quantities: *dead* and *zero*, *saturated* and *vanishing*, *faster per step* and *fewer steps*.
# - An experiment that every contestant wins, even the one that should lose, compares nothing.
#
# ## What comes next
#
# - Take a page on activation functions that you trust, pick three sentences, and test them. You have the tools now.
# - [Lesson 11](11_todays_models.ipynb): what today's models use, and what each function costs.
# - Exercise [ps6_design_your_own](../../release/ps6_design_your_own/ps6_design_your_own.ipynb):
#   make a claim of your own, and prove it by a run.
