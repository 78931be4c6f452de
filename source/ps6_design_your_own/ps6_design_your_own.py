# %% [markdown] nbgrader={"grade": false, "grade_id": "about", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Design your own activation
#
# **What you do.** Invent an activation function that has the properties people look for, show that a network
# trains with it, and compare it fairly with ReLU.
#
# **Goals.** After this exercise you can
#
# - turn a wish list into properties that a program can check, and see which wishes contradict each other,
# - write a smooth function in PyTorch whose values and gradients stay finite,
# - compare two activations so that the difference means something.
#
# **Time** about 90 minutes. **Points** 30: the function 14, the comparison 6, the write-up 10.
#
# **You need** lessons 03 and 04 for ideas, and lesson 05 for what a slope does to the gradient.

# %% [markdown] nbgrader={"grade": false, "grade_id": "rules", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## How the checks work
#
# Each of the first two exercises has a cell for your answer and a cell of checks below it. Run the checks as often
# as you like: each has a name, and a failed one says what it tried, what it got and what it expected. Points come
# from these checks and from further ones at grading, which hold your answer to everything the text of the exercise
# says. No check compares with a formula: every function that has the properties is right.
#
# The write-up is graded by a person.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from course.checks import Checks, expect_close
from course.checks.beside.design import value_and_slope
from course.checks.design import bend, expect_tensor
from course.checks.elementwise import Observed
from course.checks.messages import described
from course.checks.results import result_of
from course.checks.student_side import run, type_name

# %% [markdown] nbgrader={"grade": false, "grade_id": "given_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## The network and the data
#
# Both exercises use them. The network has two hidden layers of 32 units. The data are the 8 × 8 pictures of digits
# that come with scikit-learn: 300 to train, 600 to test. Training is 50 steps of Adam on all training rows at once.
# `CORNERS` are small made-up data on which a network without an activation must fail.

# %% nbgrader={"grade": false, "grade_id": "given_training", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Network(nn.Module):
    """64 inputs, two hidden layers of 32 units with the activation behind each, 10 logits."""

    def __init__(self, activation):
        super().__init__()
        self.activation = activation
        self.first, self.second, self.last = nn.Linear(64, 32), nn.Linear(32, 32), nn.Linear(32, 10)

    def forward(self, x):
        hidden = self.activation(self.first(x))
        return self.last(self.activation(self.second(hidden)))


def train(network, X, y, steps=50):
    """Train the network in place: steps of Adam on all rows."""
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(steps):
        optimizer.zero_grad()
        cross_entropy(network(X), y).backward()
        optimizer.step()


def digits():
    """Return X_train (300, 64), y_train, X_test (600, 64), y_test; pixels from 0 to 1, classes 0 to 9."""
    bunch = load_digits()
    order = torch.randperm(len(bunch.target), generator=torch.Generator().manual_seed(0))
    X, y = torch.tensor(bunch.data / 16, dtype=torch.float32)[order], torch.tensor(bunch.target)[order]
    return X[:300], y[:300], X[300:900], y[300:900]


def corners(rows):
    """Return made-up data of two classes that no straight line parts: x1 x2 > 0 or not. Other inputs are 0."""
    generator = torch.Generator().manual_seed(1)
    X = torch.zeros(2 * rows, 64)
    X[:, :2] = torch.randint(0, 2, (2 * rows, 2), generator=generator) * 2 - 1
    y = (X[:, 0] * X[:, 1] > 0).long()
    X[:, :2] += 0.8 * torch.rand(2 * rows, 2, generator=generator) - 0.4
    return X[:rows], y[:rows], X[rows:], y[rows:]


DIGITS, CORNERS = digits(), corners(80)

# %% [markdown] nbgrader={"grade": false, "grade_id": "my_activation_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. Your function
#
# Write $f$ as `my_activation`. A wish list one often reads is "non-linear, differentiable everywhere, bounded below,
# and without vanishing gradients". Taken literally, the last two wishes contradict each other: if $f$ is bounded
# below and its slope never changes sign, then $f$ has to flatten out on one side, and the slope goes to 0 there. So
# we say where the slope must not vanish: on the right, as for ReLU. On the left it may.
#
# | property | what is checked |
# |---|---|
# | **not a straight line** | on $[-4, 4]$ the largest distance from the best straight line is at least 1 % of the range of $f$ there (25 % for ReLU) |
# | **continuous slope** | wherever the slope changes fast between -100 and 100, the check zooms in, down to steps of $10^{-5}$. The change of slope shrinks if $f$ is smooth. If it stays above 0.003, there is a kink. A slope made of many small steps, as of a table joined by straight lines, is not continuous either |
# | **right gradient** | autograd gives the slope that the values have, within $10^{-4}$ and $10^{-4}$ of the slope, between -9000 and 9000 |
# | **no vanishing slope on the right** | $f'(x) \ge 0.05$ for $10 \le x \le 10^4$ |
# | **bounded below** | $f$ must not go on sinking. From each power of ten to the next, down to $-10^6$, its minimum may fall by at most 0.6 of what it fell over the one before; the first is from $-10^2$ to $-10^3$. Any leak, as in Leaky ReLU, falls ten times as much |
# | **finite** | $f$ and $f'$ are neither infinite nor NaN from $-10^4$ to $10^4$, in `float32` and `float64` |
# | **trains** | in `Network`, trained by `train` on `DIGITS`, the mean test accuracy over the seeds 0 to 4 is at least 0.882: at most 0.04 below ReLU's 0.922 (mean of 50 seeds). From seed to seed accuracies vary by 0.009 (standard deviation), so a mean of five varies by 0.004: the margin is ten times that, and nobody fails by bad luck |
#
# **Rules**
#
# - The argument is a tensor of any shape, `float32` or `float64`; it may be transposed. Return a tensor of the same shape and dtype, and
#   leave the argument as it was. In `float64`, compute in `float64`.
# - Each element is treated by itself, and the same input gives the same output.
# - Work with tensor operations, not with a loop over elements: the checks ask for some five million values.
# - You may use anything in PyTorch. A known function under a new name passes these checks, but it is no design: the
#   write-up asks what you changed and why.
#
# **Where to start.** Take a smooth function and bend it, shift it, mix two, or put a smooth piece between two
# straight ones. At a place where two pieces meet, both the values and the slopes must agree, and only one piece may
# count: `clamp` has slope 1 at its own limits, so autograd gives `x.clamp(max=0) + x.clamp(min=0)` the slope 2 at 0.

# %% nbgrader={"grade": false, "grade_id": "my_activation", "locked": false, "schema_version": 3, "solution": true, "task": false}
def my_activation(x: Tensor) -> Tensor:
    """An activation of my own: same shape, same dtype."""
    ### BEGIN SOLUTION
    # A parabola between two straight pieces, and a small smooth dip left of 0.
    inside = x.clamp(-1, 1)
    hinge = (inside + 1) ** 2 / 4 + (x - inside).clamp(min=0)
    return hinge - 0.3 * torch.exp(-((x + 1.5) ** 2))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_my_activation", "locked": true, "points": 14, "schema_version": 3, "solution": false, "task": false}
checks = Checks("my_activation", points=14)
activation = my_activation
with checks("not a straight line"):
    share = bend(activation)
    assert share >= 0.01, f"On [-4, 4] it leaves its best straight line by {share:.2%} of its range; at least 1% is asked."
with checks("same shape and dtype", needs="not a straight line"):
    for x in [torch.tensor([-2.5, 0.5, 4.0]), torch.full((2, 3), 0.5, dtype=torch.float64)]:
        expect_tensor(activation(x), like=x)
with checks("no kink at 0", needs="not a straight line"):
    values = activation(torch.tensor([-1e-4, 0.0, 1e-4], dtype=torch.float64)).tolist()
    left, right = (values[1] - values[0]) / 1e-4, (values[2] - values[1]) / 1e-4
    assert abs(right - left) < 0.01, f"At 0 the slope is {left:.4g} from the left and {right:.4g} from the right."
with checks("gradient right at -1, 0 and 1", needs="not a straight line"):
    x = torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64)
    before, here, after = (activation(x + step).detach() for step in (-1e-5, 0.0, 1e-5))
    left, right = (here - before) / 1e-5, (after - here) / 1e-5
    _, slopes = run(value_and_slope, activation, x)
    assert slopes is not None, "No gradient comes back to x: is the result detached, or computed with NumPy?"
    between = slopes.clamp(torch.minimum(left, right), torch.maximum(left, right))
    expect_close(slopes, between.nan_to_num(0.0), x=x, atol=0.01)
with checks("rises from 20 to 21", needs="not a straight line"):
    before, after = activation(torch.tensor([20.0, 21.0], dtype=torch.float64)).tolist()
    assert after - before >= 0.05, f"From x = 20 to 21 it rises by {after - before:.4g}; expected at least 0.05."
with checks("finite at -10^4 and 10^4, slope included", needs="not a straight line"):
    for kind in (torch.float32, torch.float64):
        ends = torch.tensor([-1e4, -500.0, -90.0, 90.0, 500.0, 1e4], dtype=kind)
        for found in run(value_and_slope, activation, ends):
            assert found is not None and found.isfinite().all(), f"At ±90, ±500 or ±10^4 a {kind} value or slope is not finite."
with checks("leaves its input unchanged", needs="not a straight line"):
    watched = Observed(activation)
    watched(torch.tensor([-1e4, -200.0, -1.5, 0.0, 1.5, 200.0, 1e4], dtype=torch.float64))
    watched.expect_arguments_unchanged()
with checks("hardly sinks from -100 to -200", needs="not a straight line"):
    near, far = activation(torch.tensor([-100.0, -200.0], dtype=torch.float64)).tolist()
    assert far > near - 0.1, f"From x = -100 to -200 it sinks by {near - far:.4g}; a bounded function levels off."
checks.at_grading(
    9,
    "kinks everywhere from -100 to 100, the gradient everywhere, the slope up to 10^4, the minimum down to -10^6, "
    "other shapes, precision, each element by itself, repeated calls, and training",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.design import check_properties, check_training, check_use

gate = "not a straight line"
check_properties(checks, activation, needs=gate)
check_use(checks, activation, needs=gate)
check_training(checks, activation, DIGITS, needs=gate)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "draw_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Look at it.** `draw` shows your function (solid) and its slope from autograd (dashed). For a good design the
# solid line has no corner, levels off or rises again on the left, and keeps rising on the right; the dashed line has
# no step and does not come down to 0 on the right. For ReLU, the dashed line jumps from 0 to 1 at $x = 0$.

# %% nbgrader={"grade": false, "grade_id": "draw", "locked": true, "schema_version": 3, "solution": false, "task": false}
def draw(activation, low=-6.0, high=6.0):
    """Plot an activation and its slope between low and high."""
    x = torch.linspace(low, high, 601, dtype=torch.float64)
    values, slopes = value_and_slope(activation, x)
    figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
    axes.plot(x, values, color="#0072B2", label="function")
    axes.plot(x, slopes, color="#D55E00", linestyle="--", label="slope")
    axes.axhline(0, color="gray", linewidth=0.8)
    axes.set(xlabel="x", ylabel="value, slope")
    axes.legend(frameon=False)
    return axes

# %% nbgrader={"grade": false, "grade_id": "draw_mine", "locked": false, "schema_version": 3, "solution": false, "task": false}
# Take the sign away and run this cell.
# draw(my_activation);

# %% [markdown] nbgrader={"grade": false, "grade_id": "compare_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. A fair comparison
#
# Write `compare(activations, seeds, data)`. It trains one network for each activation and each seed, and returns
# the test accuracies.
#
# - `activations` is a dict from a name to a function, `seeds` a list of integers, and `data` a tuple
#   `(X_train, y_train, X_test, y_test)` as `DIGITS` is.
# - Return a dict with the same names, in any order; each value is a list with one accuracy for each seed, in the order of the
#   seeds. An accuracy is the share of test rows that get their own class: a Python `float` from 0 to 1.
#
# $$\text{accuracy} = \frac{1}{n} \sum_{i=1}^{n} \big[\arg\max_k z_{ik} = y_i\big]
# \qquad z_i: \text{logits of test row } i$$
#
# - **The training** is that of `train`, as it stands: 50 steps on all training rows. The test rows only count at the
#   end; they choose nothing.
# - **Fair.** For a given seed, the networks of all activations start from the same weights. So the same function
#   under two names gets the same accuracies.
# - **Repeatable.** The accuracy for a seed depends on this seed, the function and the data, and on nothing that was
#   trained before it. `torch.manual_seed` makes the next `Network` start from the weights of that seed.
#
# Why several seeds? One run may be lucky. A difference between two activations says something when it is larger
# than the spread over the seeds.

# %% nbgrader={"grade": false, "grade_id": "compare", "locked": false, "schema_version": 3, "solution": true, "task": false}
def compare(activations, seeds, data):
    """Test accuracies: name of the activation -> one float for each seed."""
    ### BEGIN SOLUTION
    X_train, y_train, X_test, y_test = data

    def accuracy(activation, seed):
        torch.manual_seed(seed)
        network = Network(activation)
        train(network, X_train, y_train)
        with torch.no_grad():
            predicted = network(X_test).argmax(dim=1)
        return (predicted == y_test).double().mean().item()

    return {name: [accuracy(activation, seed) for seed in seeds] for name, activation in activations.items()}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_compare", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
checks = Checks("compare", points=6)
function = compare
seen = {}
with checks("ReLU learns the corners"):
    seen = result_of(function, {"ReLU": torch.relu, "none": torch.clone}, [0, 1], CORNERS)
    expect_close(seen["ReLU"], [1.0, 1.0], atol=0.05)
with checks("without an activation it cannot", needs="ReLU learns the corners"):
    found = max(seen["none"])
    assert found <= 0.85, f"A network without a bend reached {found:.3g} on the corners; a straight line cannot."
with checks("a list of floats for each name", needs="ReLU learns the corners"):
    assert isinstance(seen, dict), f"Expected a dict, got {described(seen)}."
    assert set(seen) == {"ReLU", "none"}, f"Expected the names 'ReLU' and 'none', got {list(seen)}."
    for name, found in seen.items():
        assert isinstance(found, list), f"Expected a list for {name!r}, got {described(found)}."
        kinds = {type_name(accuracy) for accuracy in found if not isinstance(accuracy, float)}
        assert not kinds, f"Expected plain floats for {name!r}, got values of type {', '.join(sorted(kinds))}."
        assert len(found) == 2, f"Expected 2 accuracies for {name!r} with seeds [0, 1], got {len(found)}."
checks.at_grading(
    6,
    "on other labels and seeds, the share of test rows, the training, the same start for each activation, another "
    "one for each seed, a seed that is alone, and test rows that choose nothing",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.design import check_comparison

check_comparison(
    checks, function, corners(100), needs=("ReLU learns the corners", "without an activation it cannot")
)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "results_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Run your comparison.** It takes a second or two. Add other functions if you like: `torch.tanh`, `nn.GELU()`.

# %% nbgrader={"grade": false, "grade_id": "results", "locked": false, "schema_version": 3, "solution": false, "task": false}
# Take the signs away and run this cell.
# results = compare({"ReLU": torch.relu, "mine": my_activation}, list(range(5)), DIGITS)
# for name, found in results.items():
#     mean, spread = torch.tensor(found).mean(), torch.tensor(found).std()
#     print(f"{name:10s} mean {mean:.4f}, spread over seeds {spread:.4f}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "write_up_task", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": true}
# ## 3. Write-up
#
# Write 150 to 300 words in the cell below. A person reads them. Answer these five questions; each is worth 2 points.
#
# 1. **The design.** What is the formula of $f$, and what did you change about which known function, with what
#    intention?
# 2. **The slope.** What is $f'$, and why has it no jump? Treat each place where two pieces meet.
# 3. **The two ends.** What does $f$ do for $x \to -\infty$ and for $x \to \infty$, where may the gradient vanish,
#    and what does that mean for a unit whose pre-activations are all far on the left?
# 4. **The comparison.** Give mean and spread over the seeds for ReLU and for $f$. Is the difference larger than the
#    spread?
# 5. **The limits.** What does this experiment not show, and what would you run next?
#
# A good answer gives numbers from your own run, and does not claim more than they carry.
#
# [//]: # (BEGIN MARK SCHEME)
#
# **For graders only**
#
# **For the grader.** Two points for each question: 2 right and complete, 1 right in part, 0 wrong or missing. Any
# function that passed the checks can earn all ten.
#
# 1. Formula stated and the same as in the code; names the function it came from; the intention is about behaviour
#    (smooth at 0, non-zero slope on the left, cheaper), not "better". A known function unchanged: at most 1.
# 2. A formula for $f'$ and the reason it is continuous: made of continuous functions, or values and slopes of the
#    pieces worked out at each join. "Autograd gives it" alone: 0.
# 3. Both limits, and the limit of $f'$ on both sides. Says that on the left the gradient goes to 0 (or changes sign),
#    which boundedness forces, and that a unit all of whose pre-activations are there hardly learns or not at all.
# 4. Means and spreads of both, over at least 5 seeds, that agree with the code; a conclusion that follows. With this
#    network most honest designs lie within the spread of ReLU, and "no difference seen" is a right conclusion.
# 5. Names at least two limits: one data set that even a linear network learns (0.925 without an activation, over 50 seeds), a small
#    network, two hidden layers, one learning rate and one optimizer, 50 steps, five seeds; and a next run that
#    addresses one of them.
#
# [//]: # (END MARK SCHEME)

# %% [markdown] nbgrader={"grade": false, "grade_id": "write_up", "locked": false, "schema_version": 3, "solution": false, "task": false}
# *Write here.*

# %% [markdown] nbgrader={"grade": false, "grade_id": "recap", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Recap
#
# - A function that is bounded below and never falls must flatten on the left: say where a gradient must not vanish.
# - Smooth means that the change of slope shrinks as you zoom in; at a kink it does not.
# - A comparison is fair when only one thing differs: same weights, same data, several seeds, spread reported.
#
# **Before you hand in**, restart the kernel, run all cells, and press Validate. Then save, run the cell below and press
# its button: it rehearses the grading, apart from the hidden checks, and says what to mend.

# %% tags=["skip-execution"]
from course.rehearse.button import RehearseButton

RehearseButton("ps6_design_your_own")
