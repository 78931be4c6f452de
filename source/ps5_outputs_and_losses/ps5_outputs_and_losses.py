# %% [markdown] nbgrader={"grade": false, "grade_id": "about", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Outputs and losses
#
# **What you do.** Write softmax, its logarithm and the cross-entropy with NumPy so that they survive large logits, fit
# a temperature, pair each task with its output activation and loss, and mend a training script.
#
# **Goals.** After this exercise you can
#
# - compute softmax and cross-entropy without overflow, along the right axis,
# - calibrate a classifier with one number,
# - say which activation and which loss belong to a task,
# - recognise a double softmax by its loss, and remove it.
#
# **Time** about 75 minutes. **Points** 30: softmax 6, its logarithm 5, cross-entropy 5, temperature 5, output layers 4,
# the training script 5.
#
# **You need** lessons 06a and 06b.

# %% [markdown] nbgrader={"grade": false, "grade_id": "rules", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## How the checks work
#
# Each exercise has a cell for your answer and a cell of checks below it. Run the checks as often as you like: each has
# a name, and a failed one says what it tried, what it got and what it expected. They earn about a third of the points.
# The rest comes from further checks of the same kind at grading: other inputs and axes, `float32`, very large logits,
# classes that are ruled out, other data to train on. The line below the table says how many and of which kind.
#
# **Rules for exercises 1 to 3**
#
# - Logits are NumPy arrays, `float32` or `float64`, with at least one element; they can be transposed, or a slice of
#   another array. A logit of $-\infty$ rules its class
#   out; every row has at least one finite logit. NaN and $+\infty$ do not occur.
# - No overflow and no NumPy warning for logits between $-10^{30}$ and $10^{30}$. Leave the arguments as they were.
# - Write the function yourself. For these three exercises, NumPy and Python's standard library are all there is when
#   they are graded; use torch in your own cells as you like, to compare. A function that needs torch, SciPy or another
#   library earns no points. If yours does, a line below the table of checks says so. Calling your own functions is
#   fine, and so is a file of your own that you hand in with the notebook.
# - Results count as right within a relative error of $10^{-6}$ in `float64` and $10^{-5}$ in `float32`, or within
#   $10^{-12}$ and $10^{-6}$ of the right value. All logarithms are natural ones.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch
from torch import nn

from course.checks import Checks, expect_array, expect_close
from course.checks.outputs import (
    expect_loss_of_probabilities,
    expect_lower_loss_than_beside,
    expect_output_layer,
    expect_refusal,
    trained,
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "softmax_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. Softmax with a temperature
#
# $$\operatorname{softmax}(z; T)_i = \frac{e^{z_i/T}}{\sum_j e^{z_j/T}}$$
#
# The sum runs along one axis of `z`; every slice along it becomes probabilities that sum to 1. The result has the shape
# and dtype of `z`. $T$ is a positive number: above 1 it flattens the probabilities, below 1 it sharpens them.
#
# Typed as it stands, $e^{1000}$ overflows. Softmax does not change when the same number is subtracted from all logits
# of a slice, so subtract the largest:
#
# $$\operatorname{softmax}(z; T)_i = \frac{e^{(z_i - m)/T}}{\sum_j e^{(z_j - m)/T}}, \qquad m = \max_j z_j$$
#
# Now no exponent is above 0, and one of them is exactly 0, so the sum is at least 1. Take the maximum of *each slice*.
# With the maximum of the whole array, a row far below it turns into 0/0.

# %% nbgrader={"grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax(z, T=1.0, axis=-1):
    """Softmax of z / T along an axis: same shape, same dtype."""
    ### BEGIN SOLUTION
    weights = np.exp((z - z.max(axis=axis, keepdims=True)) / T)
    return weights / weights.sum(axis=axis, keepdims=True)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_softmax", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
checks = Checks("softmax", points=6, from_scratch=True)
with checks("right for one row", weight=2):
    z = np.array([2.0, 1.0, 0.5, -1.0])
    expect_close(softmax(z), [0.6094600376, 0.2242078180, 0.1359889158, 0.0303432286], x=z, rtol=1e-6)
with checks("right for each row of a table"):
    z = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 4.0]])
    expected = [[0.0900305732, 0.2447284711, 0.6652409558], [0.0176684220, 0.0176684220, 0.9646631560]]
    expect_close(softmax(z), expected, x=z, rtol=1e-6)
with checks("right along the first axis", needs="right for each row of a table"):
    z = np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 4.0]])
    expected = [[0.0900305732, 0.0176684220], [0.2447284711, 0.0176684220], [0.6652409558, 0.9646631560]]
    expect_close(softmax(z, axis=0), expected, x=z, rtol=1e-6)
with checks("right at -1000 and 1000", needs="right for one row"):
    z = np.array([-1000.0, 1000.0, 1000.0])
    expect_close(softmax(z), [0.0, 0.5, 0.5], x=z, rtol=1e-6, atol=1e-12)
with checks("float32 in gives float32 out", needs="right for one row"):
    expect_array(softmax(np.array([0.5, 1.0], dtype=np.float32), T=2.0), shape=(2,), dtype=np.float32)
with checks("T = 0.5 sharpens, T = 2 flattens", weight=2):
    z = np.array([2.0, 1.0, 0.5, -1.0])
    expect_close(softmax(z, T=0.5), [0.8420335724, 0.1139568520, 0.0419223830, 0.0020871926], x=z, rtol=1e-6)
    expect_close(softmax(z, T=2.0), [0.4343997000, 0.2634767366, 0.2051958888, 0.0969276746], x=z, rtol=1e-6)
checks.at_grading(
    16,
    "other rows, axes and temperatures, large logits, ruled-out classes, float32, no warnings, transposed and "
    "strided arrays, z left as it was",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.outputs import check_softmax

check_softmax(checks, softmax, needs=["right for one row", "right for each row of a table"])
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "log_softmax_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. Its logarithm
#
# $$\log \operatorname{softmax}(z)_i = (z_i - m) - \log \sum_j e^{z_j - m}, \qquad m = \max_j z_j$$
#
# The loss needs the logarithm of a probability. Computing softmax first and its logarithm afterwards does not do: for
# the logits 0 and 1000 the first probability is $e^{-1000}$, which rounds to 0, and the logarithm of 0 is $-\infty$.
# The right answer is $-1000$, and the formula above gives it, because it never computes the probability.
#
# A class that is ruled out, with the logit $-\infty$, has the log-probability $-\infty$.

# %% nbgrader={"grade": false, "grade_id": "log_softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_softmax(z, axis=-1):
    """Natural logarithm of the softmax of z along an axis: same shape, same dtype."""
    ### BEGIN SOLUTION
    shifted = z - z.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_log_softmax", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
checks = Checks("log_softmax", points=5, from_scratch=True)
with checks("right for one row", weight=2):
    z = np.array([2.0, 1.0, 0.5, -1.0])
    expect_close(log_softmax(z), [-0.4951818981, -1.4951818981, -1.9951818981, -3.4951818981], x=z, rtol=1e-6)
with checks("right for each row of a table"):
    z = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 4.0]])
    expected = [[-2.4076059644, -1.4076059644, -0.4076059644], [-4.0359762997, -4.0359762997, -0.0359762997]]
    expect_close(log_softmax(z), expected, x=z, rtol=1e-6)
with checks("right for the logits 0 and 1000"):
    z = np.array([0.0, 1000.0])
    expect_close(log_softmax(z), [-1000.0, 0.0], x=z, rtol=1e-6, atol=1e-12)
with checks("right along the first axis", needs="right for each row of a table"):
    z = np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 4.0]])
    expected = [[-2.4076059644, -4.0359762997], [-1.4076059644, -4.0359762997], [-0.4076059644, -0.0359762997]]
    expect_close(log_softmax(z, axis=0), expected, x=z, rtol=1e-6)
with checks("float32 in gives float32 out", needs="right for one row"):
    expect_array(log_softmax(np.array([0.5, 1.0], dtype=np.float32)), shape=(2,), dtype=np.float32)
checks.at_grading(
    12,
    "other rows and axes, large logits, ruled-out classes, float32, no warnings, transposed and strided arrays, z "
    "left as it was",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.outputs import check_log_softmax

check_log_softmax(checks, log_softmax, needs=["right for one row", "right for each row of a table"])
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "cross_entropy_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. Cross-entropy
#
# $$\operatorname{CE}(z, y) = -\frac{1}{n} \sum_{i=1}^{n} \log \operatorname{softmax}(z_i)_{y_i}$$
#
# `logits` has the shape $(n, K)$: a row for each example, a column for each class. `y` has the shape $(n,)$ and holds
# the true class of each row, an integer from 0 to $K - 1$ in any of NumPy's integer dtypes (`uint8` is usual for images,
# and cannot count more than 255 rows); not every class needs to have a row. The result is one number, the mean over
# the rows.
#
# The loss takes logits. It picks one log-probability from each row. Multiplying with a one-hot table instead turns the
# $-\infty$ of a class that is ruled out into NaN, since $0 \cdot \infty$ has no value. The true class is never ruled
# out.

# %% nbgrader={"grade": false, "grade_id": "cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy(logits, y):
    """Mean cross-entropy of logits, shape (n, K), and true classes y, shape (n,): one number."""
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1))
    return np.mean(log_sums - shifted[np.arange(len(y)), y])
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_cross_entropy", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
checks = Checks("cross_entropy", points=5, from_scratch=True)
with checks("right for one row", weight=2):
    expect_close(cross_entropy(np.array([[2.0, 1.0, 0.5, -1.0]]), np.array([1])), 1.4951818981, rtol=1e-6)
with checks("the mean over the rows", weight=2):
    z = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 4.0]])
    expect_close(cross_entropy(z, np.array([0, 2])), (2.4076059644 + 0.0359762997) / 2, rtol=1e-6)
with checks("ln K if all logits are equal"):
    expect_close(cross_entropy(np.zeros((6, 10)), np.arange(6)), np.log(10), rtol=1e-6)
with checks("right at -1000 and 1000", needs="the mean over the rows"):
    z = np.array([[1000.0, -1000.0], [-1000.0, 1000.0]])
    expect_close(cross_entropy(z, np.array([1, 1])), 1000.0, rtol=1e-6)
with checks("float32 logits, uint8 classes", needs="the mean over the rows"):
    z = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 4.0]], dtype=np.float32)
    expect_close(cross_entropy(z, np.array([0, 2], dtype=np.uint8)), (2.4076059644 + 0.0359762997) / 2, rtol=1e-5)
checks.at_grading(
    13,
    "other rows, many rows, classes of any integer dtype or without a row, large logits, ruled-out classes, "
    "float32, no warnings, transposed and strided arrays, arguments left as they were",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.outputs import check_cross_entropy

check_cross_entropy(checks, cross_entropy, needs=["right for one row", "the mean over the rows"])
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "fit_temperature_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. Fit a temperature
#
# A network that is too sure of itself has a larger cross-entropy on held-out data than it needs to have. Dividing all
# its logits by one number $T$ leaves the order of the classes as it is, so no prediction changes, but the probabilities
# become honest (Guo et al. 2017). Find
#
# $$T^{*} = \arg\min_{T > 0} \operatorname{CE}(z / T,\, y)$$
#
# on held-out logits, shape $(n, K)$, `float64`, and true classes `y`, shape $(n,)$. In $1/T$ the loss is convex, so
# there is only one minimum. It lies between $T = 0.05$ and $T = 20$ for all data of this exercise, and your answer
# counts as right within 1 % of it. Leave the logits and classes as they were.
#
# Here any tool is allowed: your own functions, torch, `scipy.optimize.minimize_scalar`, a fine grid. If you step
# through values, a constant *ratio* between neighbours serves small and large $T$ alike.

# %% nbgrader={"grade": false, "grade_id": "held_out", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Held-out logits of a network that is too sure of itself: the classes are drawn from softmax(logits / 3).
held_out = np.random.default_rng(4)
held_out_logits = held_out.normal(0, 6, size=(300, 4))
held_out_y = np.array([held_out.choice(4, p=np.exp(row / 3) / np.exp(row / 3).sum()) for row in held_out_logits])

# %% nbgrader={"grade": false, "grade_id": "fit_temperature", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_temperature(logits, y):
    """Return the temperature T at which the cross-entropy of logits / T and y is smallest."""
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=1, keepdims=True)
    of_labels = shifted[np.arange(len(y)), y].mean()

    def loss(T):
        return np.log(np.exp(shifted / T).sum(axis=1)).mean() - of_labels / T

    low, high = np.log(0.04), np.log(25)
    for _ in range(25):
        third = (high - low) / 3
        if loss(np.exp(low + third)) < loss(np.exp(high - third)):
            high -= third
        else:
            low += third
    return float(np.exp((low + high) / 2))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_fit_temperature", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
checks = Checks("fit_temperature", points=5)
with checks("no better T beside it", weight=2):
    expect_lower_loss_than_beside(fit_temperature(held_out_logits.copy(), held_out_y), held_out_logits, held_out_y)
with checks("half the logits, half the temperature", weight=3):
    halved = held_out_logits / 2
    expect_lower_loss_than_beside(fit_temperature(halved.copy(), held_out_y), halved, held_out_y)
checks.at_grading(
    8,
    "other logits, large and small temperatures, other numbers of classes, transposed arrays, the logits and "
    "classes left as they were",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.outputs import check_fit_temperature

check_fit_temperature(checks, fit_temperature, needs="no better T beside it")
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "output_layer_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 5. Which output, which loss
#
# `output_layer(task)` returns a tuple of two strings: the name of the activation that turns the network's raw outputs
# into its prediction, and the name of the loss in `torch.nn` to train with. Choose from these names, and where
# `torch.nn` has two forms of the same loss, take the one that is given the raw outputs (the logits):
#
# - activations: `"identity"`, `"sigmoid"`, `"softmax"`
# - losses: `"MSELoss"`, `"BCELoss"`, `"BCEWithLogitsLoss"`, `"NLLLoss"`, `"CrossEntropyLoss"`
#
# | `task` | for example |
# |---|---|
# | `"regression"` | tomorrow's temperature in degrees Celsius |
# | `"bounded regression"` | the share of the sky that clouds cover, between 0 and 1 |
# | `"binary classification"` | is this message spam? One output |
# | `"multi-class classification"` | which digit is this? Exactly one class is true |
# | `"multi-label classification"` | which of 20 things does this photo show? None, one or several |
#
# For example, `output_layer("binary classification")` is `("sigmoid", "BCEWithLogitsLoss")`. Anything but these five
# names, letter for letter, is another task: raise a `ValueError` whose message contains it, so that a misspelt name is
# found at once.

# %% nbgrader={"grade": false, "grade_id": "output_layer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def output_layer(task):
    """Return (activation, loss) for a task, two names; raise ValueError for a task that is not in the list."""
    ### BEGIN SOLUTION
    table = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    if task not in table:
        raise ValueError(f"no output layer is known for the task {task!r}")
    return table[task]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_output_layer", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
checks = Checks("output_layer", points=4)
with checks("binary classification"):
    expect_output_layer(output_layer, "binary classification", [("sigmoid", "BCEWithLogitsLoss")])
with checks("regression"):
    expect_output_layer(output_layer, "regression", [("identity", "MSELoss")])
with checks("an unknown task is a ValueError", needs="regression"):
    expect_refusal(output_layer, "clustering")
checks.at_grading(4, "the other tasks, and names that only resemble a task")
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.outputs import check_output_layer

check_output_layer(checks, output_layer)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "train_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 6. Mend a training script
#
# The script below trains a classifier and returns two things: the loss before each step, and the probabilities of the
# classes after the last step. It runs without an error, and on easy data it even predicts the right classes. But its
# loss stops far above 0.
#
# `nn.CrossEntropyLoss` takes logits and applies log-softmax to them. The network ends in a softmax, so what goes
# through log-softmax are probabilities, all between 0 and 1. Even if the true class had probability 1 and the $K - 1$
# others 0, the loss would be
#
# $$-\log \frac{e^{1}}{e^{1} + (K - 1)\,e^{0}} = \log\left(1 + \frac{K - 1}{e}\right)$$
#
# For three classes this is 0.551, and no training brings it lower. On the way the gradient passes through both
# softmaxes and shrinks.

# %% nbgrader={"grade": false, "grade_id": "script", "locked": true, "schema_version": 3, "solution": false, "task": false}
def train_with_bug(X, y, steps=50):
    """Train on inputs X, shape (n, d), and classes y, shape (n,); return the losses and the probabilities."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(X.shape[1], 16),
        nn.ReLU(),
        nn.Linear(16, int(y.max()) + 1),
        nn.Softmax(dim=1),
    )
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_function(model(X), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        probabilities = model(X)
    return {"losses": losses, "probabilities": probabilities}


# 90 points in three clusters, and the number of the cluster of each.
labels = torch.arange(90) % 3
centres = torch.tensor([[0.0, 2.0], [2.0, -1.0], [-2.0, -1.0]])
points = centres[labels] + 0.7 * torch.randn(90, 2, generator=torch.Generator().manual_seed(1))

# %% nbgrader={"grade": false, "grade_id": "try_script", "locked": false, "schema_version": 3, "solution": false, "task": false}
# Try it here, as often as you like.
run = train_with_bug(points, labels)
print(f"loss before the first step {run['losses'][0]:.3f}, before the last {run['losses'][-1]:.3f}")
print(f"right classes {(run['probabilities'].argmax(dim=1) == labels).float().mean():.0%}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "train_rules", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Copy the script into the next cell under the name `train` and mend it.
#
# - The losses are the cross-entropy of the network's probabilities: softmax is applied once.
# - `"probabilities"` are still probabilities: numbers from 0 to 1 that sum to 1 in each row.
# - Change nothing else. With the same network, seed, optimiser and number of steps, your losses and probabilities are
#   the same as those of any other right answer, within 0.01, whatever the data: also where a class has no row, for
#   which the network has an output all the same, and with labels that are mixed up, of which this network cannot
#   learn much.
#
# There is more than one right way. A good answer brings the loss on `points` from 1.339 before the first step to 0.029
# before the last of 50 steps; the script above goes from 1.167 to 0.578.

# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(X, y, steps=50):
    """Train on inputs X, shape (n, d), and classes y, shape (n,); return the losses and the probabilities."""
    ### BEGIN SOLUTION
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(X.shape[1], 16),
        nn.ReLU(),
        nn.Linear(16, int(y.max()) + 1),
    )
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_function(model(X), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        probabilities = torch.softmax(model(X), dim=1)
    return {"losses": losses, "probabilities": probabilities}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_train", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
checks = Checks("train", points=5)
with checks("the loss is the cross-entropy of the probabilities"):
    expect_loss_of_probabilities(train, points, labels, steps=0)
with checks("the losses named above", weight=2):
    losses, _ = trained(train, points, labels, steps=50)
    expect_close(losses[[0, -1]], [1.339, 0.029], atol=0.01)
with checks("the loss falls below 0.551"):
    losses, _ = trained(train, points, labels, steps=30)
    assert 0 < losses[-1] < 0.551, f"Before the last of 30 steps the loss is {losses[-1]:.3f}."
checks.at_grading(
    5,
    "five classes, a class without a row, mixed-up labels, and the losses and probabilities that any right answer has",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.outputs import check_training

check_training(
    checks, train, needs=["the loss is the cross-entropy of the probabilities", "the loss falls below 0.551"]
)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "recap", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Recap
#
# - Subtract the largest logit of each slice, and softmax and its logarithm hold at any size of the logits.
# - Loss functions take logits; probabilities are for people and come out of softmax once, at the very end.
# - One temperature, fitted on held-out data, makes an overconfident classifier honest without changing a prediction.
# - One true class of many: softmax and cross-entropy. Yes or no, once or for each label: sigmoid and binary
#   cross-entropy. A number: identity and squared error.
# - A cross-entropy that stops at $\log(1 + (K - 1)/e)$ has seen two softmaxes.
#
# **Before you hand in**, restart the kernel, run all cells, and press Validate. Then save, run the cell below and press
# its button: it rehearses the grading, apart from the hidden checks, and says what to mend.

# %% tags=["skip-execution"]
from course.rehearse.button import RehearseButton

RehearseButton("ps5_outputs_and_losses")
