# %% [markdown] nbgrader={"grade": false, "grade_id": "about", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Activations from scratch
#
# **What you do.** Write three activation functions and their derivatives with NumPy, and let them survive the
# inputs that break the textbook formula.
#
# **Goals.** After this exercise you can
#
# - turn a piecewise formula into vectorised NumPy,
# - derive and write the derivative that backpropagation needs,
# - tell a formula that is right on paper from one that is right in floating point.
#
# **Time** about 60 minutes. **Points** 30: six functions, 5 points each.
#
# **You need** lesson 02: the naive sigmoid and tanh overflow there, and here you meet the same trap.

# %% [markdown] nbgrader={"grade": false, "grade_id": "rules", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## How the checks work
#
# Each exercise has a cell for your answer and a cell of checks below it. Run the checks as often as you like:
# each has a name, and a failed one says what it tried, what it got and what it expected. They earn about a third of
# the points. The rest comes from further checks of the same kind at grading: other inputs, `float32`, very small and
# very large inputs, NaN and infinities, arrays of any shape. The line below the table says how many and of which kind.
#
# **Rules for all six functions**
#
# - The argument `x` is a NumPy array of any shape, `float32` or `float64`: it can be empty, have no dimension, be
#   transposed, or be a slice of another array. Return an array of the same shape and dtype, and leave `x` as it was.
# - No overflow and no NumPy warning for any `x` between $-10^{30}$ and $10^{30}$.
# - NaN gives NaN. At ±∞ return the limit. (Where torch returns something else, its answer counts as right too.)
# - Write the function yourself. NumPy and Python's standard library are all there is when this is graded; use torch
#   in your own cells as you like, to compare. A function that needs torch, SciPy or another library earns no points.
#   If yours does, a line below the table of checks says so. Calling your own functions is fine, and so is a file of
#   your own that you hand in with the notebook.
# - Results count as right within a relative error of $10^{-6}$ in `float64` and $10^{-5}$ in `float32`, however small
#   they are. Where the right value is exactly 0, or too small for the dtype, $10^{-12}$ and $10^{-6}$ are close enough.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course.checks import Checks, expect_array, expect_close

# %% [markdown] nbgrader={"grade": false, "grade_id": "selu_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. SELU
#
# $$\operatorname{SELU}(x) = \lambda \begin{cases} x & x > 0 \\ \alpha\,(e^{x} - 1) & x \le 0 \end{cases}
# \qquad \alpha = 1.6732632423543772,\quad \lambda = 1.0507009873554805$$
#
# The two constants are chosen so that activations with mean 0 and variance 1 keep that mean and variance from
# layer to layer (Klambauer et al. 2017).
#
# Two things to watch. `np.where` computes both branches everywhere, so $e^{1000}$ overflows even where its result
# is thrown away. And $e^{x} - 1$ loses its digits near 0; NumPy has a function for it that does not.

# %% nbgrader={"grade": false, "grade_id": "selu_constants", "locked": true, "schema_version": 3, "solution": false, "task": false}
ALPHA = 1.6732632423543772
LAMBDA = 1.0507009873554805

# %% nbgrader={"grade": false, "grade_id": "selu", "locked": false, "schema_version": 3, "solution": true, "task": false}
def selu(x):
    """SELU of every element of x: same shape, same dtype."""
    ### BEGIN SOLUTION
    negative = ALPHA * np.expm1(np.minimum(x, 0))
    return (LAMBDA * np.where(x > 0, x, negative)).astype(x.dtype)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_selu", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
checks = Checks("selu", points=5, from_scratch=True)
with checks("right for x > 0"):
    x = np.array([0.5, 1.0, 3.0])
    expect_close(selu(x), [0.5253504937, 1.0507009874, 3.1521029621], x=x, rtol=1e-6)
with checks("right for x < 0"):
    x = np.array([-3.0, -1.0, -0.1])
    expect_close(selu(x), [-1.6705687288, -1.1113307378, -0.1673052726], x=x, rtol=1e-6)
with checks("keeps the shape", needs=("right for x > 0", "right for x < 0")):
    expect_array(selu(np.full((2, 3), 0.5)), shape=(2, 3))
with checks("right at -1000 and 1000", needs=("right for x > 0", "right for x < 0")):
    x = np.array([-1000.0, 1000.0])
    expect_close(selu(x), [-1.7580993408, 1050.7009874], x=x, rtol=1e-6, atol=1e-12)
with checks("float32 in gives float32 out", needs=("right for x > 0", "right for x < 0")):
    expect_array(selu(np.array([-2.5, 0.5, 4.0], dtype=np.float32)), shape=(3,), dtype=np.float32)
with checks("an empty array stays empty", needs=("right for x > 0", "right for x < 0")):
    expect_array(selu(np.zeros((2, 0))), shape=(2, 0), dtype=np.float64)
checks.at_grading(
    11,
    "other inputs, small ones and large ones in float64 and float32, no warnings, NaN and infinities, other shapes, "
    "transposed and strided arrays, x left as it was",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.elementwise import Elementwise, check_elementwise
from autograder.reference import numpy_reference, torch_reference

check_elementwise(
    checks, selu,
    Elementwise(
        numpy_reference.selu, torch_reference.selu,
        ranges=[(-20, 0), (0, 20)],
        limits=(-LAMBDA * ALPHA, np.inf),
        small=[-1e-4, -1e-8, -1e-12, 1e-12],
    ),
    needs=("right for x > 0", "right for x < 0"),
)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "selu_derivative_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Its derivative
#
# Differentiate each branch on paper. Then unfold the formula and compare.
#
# <details>
# <summary>The derivative of SELU</summary>
#
# $$\operatorname{SELU}'(x) = \begin{cases} \lambda & x > 0 \\ \lambda\,\alpha\,e^{x} & x \le 0 \end{cases}$$
#
# </details>
#
# Far on the left the slope is tiny, but not 0, and its digits count: $\operatorname{SELU}(x) + \lambda\alpha$ has lost them.
#
# The two branches do not meet at 0, so SELU has a kink there. No check looks closer than 0.001 to it.

# %% nbgrader={"grade": false, "grade_id": "selu_derivative", "locked": false, "schema_version": 3, "solution": true, "task": false}
def selu_derivative(x):
    """Derivative of SELU at every element of x: same shape, same dtype."""
    ### BEGIN SOLUTION
    slope = ALPHA * np.exp(np.minimum(x, 0))
    return (LAMBDA * np.where(x > 0, np.ones_like(x), slope)).astype(x.dtype)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_selu_derivative", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
checks = Checks("selu_derivative", points=5, from_scratch=True)
with checks("right for x > 0"):
    x = np.array([0.5, 1.0, 3.0])
    expect_close(selu_derivative(x), [1.0507009874, 1.0507009874, 1.0507009874], x=x, rtol=1e-6)
with checks("right for x < 0"):
    x = np.array([-3.0, -1.0, -0.1])
    expect_close(selu_derivative(x), [0.0875306121, 0.6467686030, 1.5907940682], x=x, rtol=1e-6)
with checks("keeps the shape", needs=("right for x > 0", "right for x < 0")):
    expect_array(selu_derivative(np.full((2, 3), 0.5)), shape=(2, 3))
with checks("right at -1000 and 1000", needs=("right for x > 0", "right for x < 0")):
    x = np.array([-1000.0, 1000.0])
    expect_close(selu_derivative(x), [0.0, 1.0507009874], x=x, rtol=1e-6, atol=1e-12)
with checks("float32 in gives float32 out", needs=("right for x > 0", "right for x < 0")):
    expect_array(selu_derivative(np.array([-2.5, 0.5, 4.0], dtype=np.float32)), shape=(3,), dtype=np.float32)
with checks("an empty array stays empty", needs=("right for x > 0", "right for x < 0")):
    expect_array(selu_derivative(np.zeros((2, 0))), shape=(2, 0), dtype=np.float64)
checks.at_grading(
    11,
    "other inputs, small ones and large ones in float64 and float32, no warnings, NaN and infinities, other shapes, "
    "transposed and strided arrays, x left as it was",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.elementwise import Elementwise, check_elementwise
from autograder.reference import numpy_reference, torch_reference

check_elementwise(
    checks, selu_derivative,
    Elementwise(
        numpy_reference.selu_derivative, torch_reference.selu_derivative,
        ranges=[(-20, 0), (0, 20)],
        limits=(0.0, LAMBDA),
        kinks=[0.0],
        small=[-30.0, -40.0, -80.0, -100.0, -300.0],
    ),
    needs=("right for x > 0", "right for x < 0"),
)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "softplus_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. Softplus
#
# $$\operatorname{softplus}(x) = \ln(1 + e^{x})$$
#
# A smooth ReLU: close to 0 far on the left, close to $x$ far on the right. Typed as it stands, it overflows at
# $x = 1000$, and at $x = -40$ it returns exactly 0, since $1 + e^{-40}$ rounds to 1. Pull the large part out:
#
# $$\ln(1 + e^{x}) = \max(x, 0) + \ln\!\left(1 + e^{-|x|}\right)$$
#
# Check it for both signs of $x$ before you use it. Now $e^{-|x|}$ cannot overflow; for the small part, NumPy has
# a function that computes $\ln(1 + u)$ without losing $u$.

# %% nbgrader={"grade": false, "grade_id": "softplus", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softplus(x):
    """Softplus of every element of x: same shape, same dtype."""
    ### BEGIN SOLUTION
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_softplus", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
checks = Checks("softplus", points=5, from_scratch=True)
with checks("right from -3 to 3"):
    x = np.array([-3.0, -1.0, 0.0, 1.0, 3.0])
    expect_close(softplus(x), [0.0485873516, 0.3132616875, 0.6931471806, 1.3132616875, 3.0485873516], x=x, rtol=1e-6)
with checks("right at -6 and 6"):
    x = np.array([-6.0, 6.0])
    expect_close(softplus(x), [0.0024756851, 6.0024756851], x=x, rtol=1e-6)
with checks("keeps the shape", needs="right from -3 to 3"):
    expect_array(softplus(np.full((2, 3), 0.5)), shape=(2, 3))
with checks("right at -1000 and 1000", needs="right from -3 to 3"):
    x = np.array([-1000.0, 1000.0])
    expect_close(softplus(x), [0.0, 1000.0], x=x, rtol=1e-6, atol=1e-12)
with checks("float32 in gives float32 out", needs="right from -3 to 3"):
    expect_array(softplus(np.array([-2.5, 0.5, 4.0], dtype=np.float32)), shape=(3,), dtype=np.float32)
with checks("an empty array stays empty", needs="right from -3 to 3"):
    expect_array(softplus(np.zeros((2, 0))), shape=(2, 0), dtype=np.float64)
checks.at_grading(
    11,
    "other inputs, small ones and large ones in float64 and float32, no warnings, NaN and infinities, other shapes, "
    "transposed and strided arrays, x left as it was",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.elementwise import Elementwise, check_elementwise
from autograder.reference import numpy_reference, torch_reference

check_elementwise(
    checks, softplus,
    Elementwise(
        numpy_reference.softplus, torch_reference.softplus,
        ranges=[(-20, 0), (0, 20)],
        limits=(0.0, np.inf),
        small=[-30.0, -40.0, -80.0, -100.0, -300.0],
    ),
    needs=["right from -3 to 3"],
)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "softplus_derivative_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Its derivative
#
# Differentiate $\ln(1 + e^{x})$ on paper, with the chain rule, and simplify: you will see an old friend. Then unfold
# the formula and compare.
#
# <details>
# <summary>The derivative of softplus</summary>
#
# By the chain rule, $\dfrac{d}{dx}\ln(1 + e^{x}) = \dfrac{e^{x}}{1 + e^{x}}$. Divide numerator and denominator by
# $e^{x}$:
#
# $$\operatorname{softplus}'(x) = \frac{1}{1 + e^{-x}}$$
#
# </details>
#
# Lesson 02 shows how to compute it without overflow: use $e^{-|x|}$ again, and treat the two signs apart. Far on the
# left it is tiny, but not 0.

# %% nbgrader={"grade": false, "grade_id": "softplus_derivative", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softplus_derivative(x):
    """Derivative of softplus at every element of x: same shape, same dtype."""
    ### BEGIN SOLUTION
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small)).astype(x.dtype)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_softplus_derivative", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
checks = Checks("softplus_derivative", points=5, from_scratch=True)
with checks("right from -3 to 3"):
    x = np.array([-3.0, -1.0, 0.0, 1.0, 3.0])
    expect_close(
        softplus_derivative(x), [0.0474258732, 0.2689414214, 0.5, 0.7310585786, 0.9525741268], x=x, rtol=1e-6
    )
with checks("right at -6 and 6"):
    x = np.array([-6.0, 6.0])
    expect_close(softplus_derivative(x), [0.0024726232, 0.9975273768], x=x, rtol=1e-6)
with checks("keeps the shape", needs="right from -3 to 3"):
    expect_array(softplus_derivative(np.full((2, 3), 0.5)), shape=(2, 3))
with checks("right at -1000 and 1000", needs="right from -3 to 3"):
    x = np.array([-1000.0, 1000.0])
    expect_close(softplus_derivative(x), [0.0, 1.0], x=x, rtol=1e-6, atol=1e-12)
with checks("float32 in gives float32 out", needs="right from -3 to 3"):
    expect_array(softplus_derivative(np.array([-2.5, 0.5, 4.0], dtype=np.float32)), shape=(3,), dtype=np.float32)
with checks("an empty array stays empty", needs="right from -3 to 3"):
    expect_array(softplus_derivative(np.zeros((2, 0))), shape=(2, 0), dtype=np.float64)
checks.at_grading(
    11,
    "other inputs, small ones and large ones in float64 and float32, no warnings, NaN and infinities, other shapes, "
    "transposed and strided arrays, x left as it was",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.elementwise import Elementwise, check_elementwise
from autograder.reference import numpy_reference, torch_reference

check_elementwise(
    checks, softplus_derivative,
    Elementwise(
        numpy_reference.softplus_derivative, torch_reference.softplus_derivative,
        ranges=[(-20, 0), (0, 20)],
        limits=(0.0, 1.0),
        small=[-30.0, -40.0, -80.0, -100.0, -300.0],
    ),
    needs=["right from -3 to 3"],
)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "hardswish_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. Hardswish
#
# $$\operatorname{hardswish}(x) = x \cdot \frac{\min(\max(x + 3,\, 0),\, 6)}{6}$$
#
# A cheap stand-in for $x\,\sigma(x)$ that needs no exponential, made for phones (MobileNetV3, Howard et al. 2019).
# It is 0 up to $-3$, a parabola between $-3$ and 3, and $x$ from 3 on. Close to $-3$, roundings are large beside the
# result, so no `float32` check looks closer than 0.1 to it.

# %% nbgrader={"grade": false, "grade_id": "hardswish", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hardswish(x):
    """Hardswish of every element of x: same shape, same dtype."""
    ### BEGIN SOLUTION
    inside = np.clip(x, -3, 3)
    return np.where(x > 3, x, inside * (inside + 3) / 6).astype(x.dtype)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_hardswish", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
checks = Checks("hardswish", points=5, from_scratch=True)
with checks("right between -3 and 3"):
    x = np.array([-2.0, -0.1, 0.5, 2.0])
    expect_close(hardswish(x), [-0.3333333333, -0.0483333333, 0.2916666667, 1.6666666667], x=x, rtol=1e-6)
with checks("0 below -3, x above 3"):
    x = np.array([-6.0, -4.0, 4.0, 6.0])
    expect_close(hardswish(x), [0.0, 0.0, 4.0, 6.0], x=x, rtol=1e-6, atol=1e-12)
with checks("keeps the shape", needs="right between -3 and 3"):
    expect_array(hardswish(np.full((2, 3), 0.5)), shape=(2, 3))
with checks("right at -1000 and 1000", needs="right between -3 and 3"):
    x = np.array([-1000.0, 1000.0])
    expect_close(hardswish(x), [0.0, 1000.0], x=x, rtol=1e-6, atol=1e-12)
with checks("float32 in gives float32 out", needs="right between -3 and 3"):
    expect_array(hardswish(np.array([-2.5, 0.5, 4.0], dtype=np.float32)), shape=(3,), dtype=np.float32)
with checks("an empty array stays empty", needs="right between -3 and 3"):
    expect_array(hardswish(np.zeros((2, 0))), shape=(2, 0), dtype=np.float64)
checks.at_grading(
    11,
    "other inputs, small ones and large ones in float64 and float32, no warnings, NaN and infinities, other shapes, "
    "transposed and strided arrays, x left as it was",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.elementwise import Elementwise, check_elementwise
from autograder.reference import numpy_reference, torch_reference

check_elementwise(
    checks, hardswish,
    Elementwise(
        numpy_reference.hardswish, torch_reference.hardswish,
        ranges=[(-20, -3), (-3, 3), (3, 20)],
        limits=(0.0, np.inf),
        zeros=[-3.0],
    ),
    needs=["right between -3 and 3"],
)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "hardswish_derivative_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Its derivative
#
# Differentiate each of the three pieces on paper. Then unfold the formula and compare.
#
# <details>
# <summary>The derivative of hardswish</summary>
#
# Between $-3$ and 3 the function is $(x^2 + 3x)/6$. Outside, its slope is 0 on the left and 1 on the right.
#
# $$\operatorname{hardswish}'(x) = \begin{cases} 0 & x < -3 \\ (2x + 3)/6 & -3 < x < 3 \\ 1 & x > 3 \end{cases}$$
#
# </details>
#
# At $\pm 3$ the slope jumps. No check looks closer than 0.001 to those two places, and in `float32` none looks closer
# than 0.1 to $-1.5$, where the slope is 0.

# %% nbgrader={"grade": false, "grade_id": "hardswish_derivative", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hardswish_derivative(x):
    """Derivative of hardswish at every element of x: same shape, same dtype."""
    ### BEGIN SOLUTION
    middle = (2 * np.clip(x, -3, 3) + 3) / 6
    return np.where(x <= -3, 0, np.where(x >= 3, 1, middle)).astype(x.dtype)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_hardswish_derivative", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
checks = Checks("hardswish_derivative", points=5, from_scratch=True)
with checks("right between -3 and 3"):
    x = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    expect_close(
        hardswish_derivative(x), [-0.1666666667, 0.1666666667, 0.5, 0.8333333333, 1.1666666667], x=x, rtol=1e-6
    )
with checks("0 below -3, 1 above 3"):
    x = np.array([-6.0, -4.0, 4.0, 6.0])
    expect_close(hardswish_derivative(x), [0.0, 0.0, 1.0, 1.0], x=x, rtol=1e-6, atol=1e-12)
with checks("keeps the shape", needs="right between -3 and 3"):
    expect_array(hardswish_derivative(np.full((2, 3), 0.5)), shape=(2, 3))
with checks("right at -1000 and 1000", needs="right between -3 and 3"):
    x = np.array([-1000.0, 1000.0])
    expect_close(hardswish_derivative(x), [0.0, 1.0], x=x, rtol=1e-6, atol=1e-12)
with checks("float32 in gives float32 out", needs="right between -3 and 3"):
    expect_array(hardswish_derivative(np.array([-2.5, 0.5, 4.0], dtype=np.float32)), shape=(3,), dtype=np.float32)
with checks("an empty array stays empty", needs="right between -3 and 3"):
    expect_array(hardswish_derivative(np.zeros((2, 0))), shape=(2, 0), dtype=np.float64)
checks.at_grading(
    11,
    "other inputs, small ones and large ones in float64 and float32, no warnings, NaN and infinities, other shapes, "
    "transposed and strided arrays, x left as it was",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.elementwise import Elementwise, check_elementwise
from autograder.reference import numpy_reference, torch_reference

check_elementwise(
    checks, hardswish_derivative,
    Elementwise(
        numpy_reference.hardswish_derivative, torch_reference.hardswish_derivative,
        ranges=[(-20, -3), (-3, 3), (3, 20)],
        limits=(0.0, 1.0),
        kinks=[-3.0, 3.0],
        zeros=[-1.5],
    ),
    needs=["right between -3 and 3"],
)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "recap", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Recap
#
# - `np.where` computes both branches: bound the argument before the exponential sees it.
# - `expm1` and `log1p` keep digits that `exp(x) - 1` and `log(1 + x)` throw away.
# - The derivative of softplus is the sigmoid, and the stable forms of both rest on $e^{-|x|}$.
#
# **Before you hand in**, restart the kernel, run all cells, and press Validate. Then save, run the cell below and press
# its button: it rehearses the grading, apart from the hidden checks, and says what to mend.

# %% tags=["skip-execution"]
from course.rehearse.button import RehearseButton

RehearseButton("ps1_from_scratch")
