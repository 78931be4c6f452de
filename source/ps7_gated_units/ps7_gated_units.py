# %% [markdown] nbgrader={"grade": false, "grade_id": "about", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Gated units, and what they keep
#
# **What you do.** Write the gated unit of today's language models, a SiLU that keeps less for the backward pass, and a
# meter for what is kept. Then convert a network from one form of GELU to the other, and explain what you measured.
#
# **Goals.** After this exercise you can
#
# - write SwiGLU, and compare it with a ReLU block of equally many weights,
# - write a forward and a backward pass of your own for autograd,
# - say what autograd keeps for the backward pass, and count it,
# - change a setting everywhere in a network and leave the original alone.
#
# **Time** about 90 minutes. **Points** 35: `swiglu` 4, `SwiGLU` 6, `LeanSiLU` 6, `saved_bytes` 6, `convert_gelu` 6, the
# text 7.
#
# **You need** lesson 11, which shows where these units are used and what they cost.

# %% [markdown] nbgrader={"grade": false, "grade_id": "rules", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## How the checks work
#
# Each exercise has a cell for your answer and a cell of checks below it. Run the checks as often as you like: each has a
# name, and a failed one says what it got and what it expected. At least a third of an exercise's points come from these
# checks, the others from further ones at grading; the line below the table says how many and of which kind. A person
# reads the text.
#
# - Tensors are `float32` or `float64`, and all that meet in one call are of the same type. Compute in it and return it.
# - A number counts as right if its error is at most $10^{-5}\,(1 + |y|)$ in `float32` and $10^{-9}\,(1 + |y|)$ in
#   `float64`, where $y$ is the right one.
# - You may use anything in PyTorch.
# - The names of the functions and classes are fixed. What you call things inside is up to you.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import copy

import torch
from torch import nn

from course.checks import Checks
from course.checks.beside.gated_units import Branches
from course.checks.gated_units import (
    converted_outputs,
    expect_bytes,
    expect_near,
    expect_one_kept,
    gated_product,
    gated_unit,
    lean_pass,
    original_output,
    saved_by,
)


def written_out(x):
    """SiLU as a product of two factors."""
    return x * torch.sigmoid(x)

# %% [markdown] nbgrader={"grade": false, "grade_id": "swiglu_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. The gated product (4 points)
#
# A gate is a factor that decides how much of a value passes. SwiGLU takes SiLU of one product as the gate of another:
#
# $$\operatorname{swiglu}(x, W, V) = \operatorname{SiLU}(x W) \odot (x V),
# \qquad \operatorname{SiLU}(z) = z\,\sigma(z) = \frac{z}{1 + e^{-z}}$$
#
# The $\odot$ multiplies element by element. Write `swiglu(x, W, V)`.
#
# **An example worked by hand.** With
# $x = (1, 2)$, $W = \begin{pmatrix} 1 & -1 \\ 0.5 & 0 \end{pmatrix}$ and
# $V = \begin{pmatrix} 3 & 0 \\ -1 & 2 \end{pmatrix}$ the products are $xW = (2, -1)$ and $xV = (1, 4)$. Since
# $\operatorname{SiLU}(2) = 1.761594$ and $\operatorname{SiLU}(-1) = -0.268941$, the result is $(1.761594, -1.075766)$.
#
# **Rules**
#
# - `W` and `V` have the shape $(d, h)$. `x` has the shape $(d)$, or $(\dots, d)$ with any number of leading dimensions,
#   some of which may be 0; the result has the shape $(h)$ or $(\dots, h)$. All three may be transposed, or a slice of a
#   larger tensor.
# - The products $xW$ and $xV$ lie between $-10^4$ and $10^4$, where nothing must become infinite or NaN, gradients included.
# - Autograd gives the right gradients for `x`, `W` and `V`.
# - Leave the arguments as they were.

# %% nbgrader={"grade": false, "grade_id": "swiglu", "locked": false, "schema_version": 3, "solution": true, "task": false}
def swiglu(x, W, V):
    """SiLU(x W) times x V, element by element: shape (..., h) for x of shape (..., d) and W, V of shape (d, h)."""
    ### BEGIN SOLUTION
    return nn.functional.silu(x @ W) * (x @ V)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_swiglu", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
row = torch.tensor([1.0, 2.0])
W, V = torch.tensor([[1.0, -1.0], [0.5, 0.0]]), torch.tensor([[3.0, 0.0], [-1.0, 2.0]])

checks = Checks("swiglu", points=4)
by_hand = "one row, worked by hand"
with checks(by_hand, weight=2):
    expect_near(gated_product(swiglu, row, W, V)["output"], [1.761594, -1.075766], like=row)
with checks("a batch of two batches", needs=by_hand):
    rows = torch.stack([row, -row, 0 * row]).repeat(2, 1, 1)
    expected = [[[1.761594, -1.075766], [0.238406, -2.924234], [0, 0]]] * 2
    expect_near(gated_product(swiglu, rows, W, V)["output"], expected, like=rows)
with checks("float64 in gives float64 out", needs=by_hand):
    output = gated_product(swiglu, row.double(), W.double(), V.double())["output"]
    expect_near(output, [1.7615941559557646, -1.0757656854799804], like=row.double())
with checks("a gradient reaches x, W and V", needs=by_hand):
    found = gated_product(swiglu, row, W, V)["gradients"]
    for name in ("x", "W", "V"):
        assert found[name] is not None, f"No gradient comes back to {name}: is the result cut off from it?"
checks.at_grading(
    6,
    "other numbers and widths, gates far from 0, single rows, stacks and none, transposed and strided tensors, the "
    "gradients, and arguments that stay as they were",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.gated_units import check_swiglu

check_swiglu(checks, swiglu, needs=by_hand)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "SwiGLU_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. A block with as many weights (6 points)
#
# In a transformer, each layer has a block that works on every position by itself. The old form has two matrices, from $d$
# inputs to `hidden` units and back:
#
# $$\operatorname{ReLU}(x A)\,B, \qquad A: d \times \text{hidden}, \quad B: \text{hidden} \times d$$
#
# The gated form has three, with no bias either, and a width $w$ of its own:
#
# $$\operatorname{swiglu}(x, W, V)\;U, \qquad W, V: d \times w, \quad U: w \times d$$
#
# Three matrices of the old width would be half as many weights again, and the comparison unfair. Equally many weights,
# $3 d w = 2 d \cdot \text{hidden}$, mean $w = \frac{2}{3}\,\text{hidden}$. With the usual $\text{hidden} = 4d$ this is
# the $\frac{8}{3} d$ that papers give.
#
# Write `SwiGLU(d, hidden)`, an `nn.Module` that stands in for a ReLU block of that width. `hidden` is the width of the
# block that it replaces. Its own is the whole number nearest to $\frac{2}{3}\,\text{hidden}$: 32 for 48, 7 for 10.
#
# **An example worked by hand.** `SwiGLU(2, 6)` has $w = 4$. With all its 24 weights equal to 0.5 and $x = (1, 2)$, each
# unit gets $xW = xV = 1.5$ and gives $1.5 \operatorname{SiLU}(1.5) = 1.839543$; each output is
# $4 \cdot 0.5 \cdot 1.839543 = 3.679085$.
#
# **Rules**
#
# - `parameters()` lists the $3 d w$ weights and nothing else. Keep them in three parameters or in fewer, laid out as you
#   like: `nn.Linear` transposes its weight, and some code keeps $W$ and $V$ in one matrix.
# - `d` and `hidden` are integers of at least 1.
# - `x` has the shape $(d)$ or $(\dots, d)$, as in exercise 1, and the output has the shape of `x`. Leave `x` as it was.
# - The weights start at random, each drawn by itself, so that no two modules are alike. Their range is up to you; that of
#   `nn.Linear` is a good one.
# - After `double()`, or with other weights loaded, the output follows from the weights that are there, in their type, and
#   each of them gets the right gradient.

# %% nbgrader={"grade": false, "grade_id": "SwiGLU", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SwiGLU(nn.Module):
    """A gated block with as many weights as a ReLU block of this hidden width, without biases."""

    def __init__(self, d, hidden):
        super().__init__()
        ### BEGIN SOLUTION
        width = round(2 * hidden / 3)
        self.gate = nn.Linear(d, width, bias=False)
        self.value = nn.Linear(d, width, bias=False)
        self.out = nn.Linear(width, d, bias=False)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return self.out(nn.functional.silu(self.gate(x)) * self.value(x))
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_SwiGLU", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
row, halves = torch.tensor([1.0, 2.0]), torch.full((24,), 0.5)

checks = Checks("SwiGLU", points=6)
with checks("all weights 0.5, worked by hand", weight=2):
    expect_near(gated_unit(SwiGLU, 2, 6, halves, row)["output"], [3.679085, 3.679085], like=row)
with checks("1152 weights for (12, 48), as in the ReLU block", needs="all weights 0.5, worked by hand"):
    relu_block = nn.Sequential(nn.Linear(12, 48, bias=False), nn.ReLU(), nn.Linear(48, 12, bias=False))
    wanted = sum(weight.numel() for weight in relu_block.parameters())
    gated_unit(SwiGLU, 12, 48, torch.full((wanted,), 0.1), torch.ones(12))
with checks("84 weights for (4, 10): the nearest width is 7", needs="all weights 0.5, worked by hand"):
    gated_unit(SwiGLU, 4, 10, torch.full((84,), 0.1), torch.ones(4))
with checks("the shape of x, in float64 too", needs="all weights 0.5, worked by hand"):
    rows = row.double().repeat(2, 3, 1)
    output = gated_unit(SwiGLU, 2, 6, halves.double(), rows)["output"]
    expect_near(output, torch.full_like(rows, 3.679085142871396), like=rows)
checks.at_grading(
    7,
    "other widths, weights that are not all alike, single rows, stacks and none, the gradient of every weight, "
    "float64, how the weights start, and x as it was",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.gated_units import check_swiglu_block

check_swiglu_block(checks, SwiGLU, needs="all weights 0.5, worked by hand")
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "LeanSiLU_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. A SiLU that keeps one tensor (6 points)
#
# The backward pass needs numbers of the forward pass, and autograd keeps them until then. Written as
# `x * torch.sigmoid(x)`, SiLU keeps two tensors: the product needs both its factors. One is enough, since all else can
# be computed from it once more.
#
# Write `LeanSiLU`, a `torch.autograd.Function` with a `forward` and a `backward` of its own. `LeanSiLU.apply(x)` gives
# $\operatorname{SiLU}(x)$. In `forward`, `ctx.save_for_backward(...)` keeps tensors; in `backward`, `ctx.saved_tensors`
# gives them back, as a tuple. `backward` gets the gradient of the loss with respect to the output and returns that with
# respect to `x`, which is the former times the slope,
#
# $$\operatorname{SiLU}'(x) = \sigma(x)\,\bigl(1 + x\,(1 - \sigma(x))\bigr).$$
#
# **Rules**
#
# - Keep one tensor, with `ctx.save_for_backward`, and nothing else that grows with `x`. It takes no more bytes than `x`:
#   as many entries, in the type of `x`.
# - `x` has any shape, may be empty or have no dimension, and may be transposed. The output has its shape and type.
# - Leave `x` as it was, and the gradient that comes in, too: other parts of a network may still need it.
# - Values and gradients are right for all `x` between $-10^4$ and $10^4$, also in the middle of a network and where it
#   is used twice.
# - You may also write `forward(x)` and `setup_context(ctx, inputs, output)`, the other form that torch knows.
# - First derivatives are all that is asked for. Whether the gradient can be differentiated once more is up to you.

# %% nbgrader={"grade": false, "grade_id": "LeanSiLU", "locked": false, "schema_version": 3, "solution": true, "task": false}
class LeanSiLU(torch.autograd.Function):
    """SiLU, x sigmoid(x), that keeps one tensor for the backward pass."""

    @staticmethod
    def forward(ctx, x):
        ### BEGIN SOLUTION
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)
        ### END SOLUTION

    @staticmethod
    def backward(ctx, gradient):
        ### BEGIN SOLUTION
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return gradient * s * (1 + x * (1 - s))
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_LeanSiLU", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
three, ones = torch.tensor([-2.0, 0.0, 3.0]), torch.ones(3)
back, slopes = "the gradient of x", "right slopes at -2, 0 and 3"

checks = Checks("LeanSiLU", points=6)
with checks("right values at -2, 0 and 3"):
    expect_near(lean_pass(LeanSiLU, three, ones)["output"], [-0.238406, 0.0, 2.857722], like=three, x=three)
with checks(slopes, weight=2):
    gradient = lean_pass(LeanSiLU, three, ones)["gradient"]
    expect_near(gradient, [-0.090784, 0.5, 1.088104], like=three, name=back, x=three)
with checks("slope times the gradient that comes in", needs=slopes):
    incoming = torch.tensor([10.0, -2.0, 0.0])
    gradient = lean_pass(LeanSiLU, three, incoming)["gradient"]
    expect_near(gradient, [-0.907842, -1.0, 0.0], like=three, name=back, x=three)
with checks("keeps one tensor, of no more bytes than x", weight=2, needs=slopes):
    expect_one_kept(lean_pass(LeanSiLU, torch.ones(5, 4), torch.ones(5, 4)), size=80)
checks.at_grading(
    8,
    "values and slopes up to ±10^4, float64, any shape, its place in a network, a function of its own, what it keeps, "
    "and x and the incoming gradient as they were",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.gated_units import check_lean_silu

check_lean_silu(checks, LeanSiLU, needs=slopes)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "saved_bytes_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. What autograd keeps (6 points)
#
# Write `saved_bytes(function, x)`: the number of bytes that autograd keeps for the backward pass when `function(x)` runs
# and a gradient with respect to `x` is asked for. Return an `int`.
#
# The memory of a tensor is its **storage**. A view (a slice, a transpose, another shape) has none of its own: it lies in
# the storage of the tensor that it was taken of.
#
# - Each storage that autograd keeps counts once, with all its bytes, however many tensors of it are kept.
# - `x` counts if autograd keeps it, like any other tensor, and so do the weights of a module. They ask for gradients, or
#   do not, as they did when you got the module.
#
# `torch.autograd.graph.saved_tensors_hooks(pack, unpack)` is a context in which autograd calls `pack(tensor)` for each
# tensor that it wants to keep, and keeps what `pack` returns. `tensor.untyped_storage()` is a tensor's storage, with
# `nbytes()` and `data_ptr()`, its address. An address is used again once its storage is gone, so hold on to what you count.
#
# | `x` of shape (4, 8), `float32`, 128 bytes | kept | bytes |
# |---|---|---:|
# | `torch.exp` | its result, which is its slope | 128 |
# | `nn.functional.silu` | `x` | 128 |
# | `x * torch.sigmoid(x)` | `x` for both, and `sigmoid(x)` for both | 256 |
# | `x + 1` | nothing | 0 |
# | `nn.Linear(8, 8)` | `x` for the weight, the weight for `x` | 384 |
#
# **Rules**
#
# - `function` takes a tensor and returns one: a function of torch, of somebody's own, or an `nn.Module`. It may call
#   an `autograd.Function`, may draw random numbers, and leaves its argument alone. It uses all that it computes.
# - `x` has any shape, a storage of its own, and does not ask for a gradient when you get it.
# - Masks and indices count with the bytes that they have, which may be 1 or 8 an entry. Plain numbers, such as the 0.5
#   of `0.5 * x`, do not count.
# - Leave `x` and a module's weights as they were: their values, their `.grad`, and whether they ask for a gradient. Leave
#   no hook behind, and put back what you switch for all of torch.

# %% nbgrader={"grade": false, "grade_id": "saved_bytes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def saved_bytes(function, x):
    """Bytes of the storages that autograd keeps for the backward pass of function(x): an int."""
    ### BEGIN SOLUTION
    kept = {}

    def pack(tensor):
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        function(x.detach().requires_grad_())
    return sum(tensor.untyped_storage().nbytes() for tensor in kept.values())
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_saved_bytes", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
def one_more(x):
    return x + 1


numbers = torch.linspace(-2, 2, 32).reshape(4, 8)

checks = Checks("saved_bytes", points=6)
with checks("exp keeps its result: 128", weight=2):
    expect_bytes(saved_by(saved_bytes, torch.exp, numbers), 128)
with checks("x * sigmoid(x) keeps two tensors, each once: 256", weight=2):
    expect_bytes(saved_by(saved_bytes, written_out, numbers), 256)
with checks("SiLU keeps x, which counts: 128", needs="exp keeps its result: 128"):
    expect_bytes(saved_by(saved_bytes, nn.functional.silu, numbers), 128)
two = "x * sigmoid(x) keeps two tensors, each once: 256"
with checks("x + 1 keeps nothing: 0", needs=two):
    expect_bytes(saved_by(saved_bytes, one_more, numbers), 0)
with checks("twice as much in float64", needs=two):
    expect_bytes(saved_by(saved_bytes, written_out, numbers.double()), 512)
checks.at_grading(
    8,
    "longer functions, views, masks and indices, modules with weights, functions with a backward of their own, other "
    "shapes, the type of the result, and what a call leaves behind",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.gated_units import check_saved_bytes

check_saved_bytes(checks, saved_bytes, needs=two)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "convert_gelu_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 5. From the exact GELU to its short form (6 points)
#
# GELU is $x\,\Phi(x)$. Some networks were trained with this exact form, others with its short form
#
# $$\tfrac{1}{2} x \Bigl(1 + \tanh\bigl(\sqrt{2/\pi}\,(x + 0.044715\,x^3)\bigr)\Bigr),$$
#
# in torch `nn.GELU()` and `nn.GELU(approximate="tanh")`. A checkpoint holds weights and does not say which.
#
# Write `convert_gelu(model)`. It returns a copy of the network in which every `nn.GELU` computes the short form.
#
# **Rules**
#
# - `model` is an `nn.Module` of any structure: nested `nn.Sequential`s, classes of somebody's own with modules as
#   attributes, in an `nn.ModuleList` or an `nn.ModuleDict`. It may be an `nn.GELU` itself.
# - Modules count, however deep they sit. Some networks call `nn.functional.gelu` in a `forward` of their own, keep
#   modules in a plain Python list, where torch does not see them, or pass them over in eval mode, as
#   `nn.TransformerEncoderLayer` does. None of the networks here does any of that.
# - A GELU that has the short form keeps it, in the original and in the copy.
# - An instance of a subclass of `nn.GELU` is one, too. It stays of its class, whose `forward` reads `self.approximate` as
#   that of `nn.GELU` does.
# - Nothing else changes: other layers, weights and buffers and their names, the train or eval mode of each module. A weight
#   that the original shares between two places is shared in the copy, too.
# - Leave the original as it was: its layers and settings, weights, modes, stored gradients, hooks and methods, and what
#   is set for all of torch. The copy has weights of its own: training it leaves the original alone.
#
# `Branches`, imported above, is a network with a list and a dict of modules:
#
# ```python
# class Branches(nn.Module):
#     def __init__(self, branches, heads):
#         super().__init__()
#         self.branches = nn.ModuleList(branches)
#         self.heads = nn.ModuleDict(heads)
#
#     def forward(self, x):
#         total = sum(branch(x) for branch in self.branches)
#         return torch.cat([head(total) for head in self.heads.values()], dim=-1)
# ```

# %% nbgrader={"grade": false, "grade_id": "convert_gelu", "locked": false, "schema_version": 3, "solution": true, "task": false}
def convert_gelu(model):
    """A copy of the network in which every nn.GELU has the tanh form; the original stays exact."""
    ### BEGIN SOLUTION
    converted = copy.deepcopy(model)
    for module in converted.modules():
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
    return converted
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_convert_gelu", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
def doubled(*before):
    """These modules, and behind them the double of each number."""
    double = nn.Linear(3, 3, bias=False)
    double.load_state_dict({"weight": 2 * torch.eye(3)})
    return nn.Sequential(*before, double)


points = torch.tensor([[-2.0, 0.5, 2.25]])
short, exact = [[-0.090805, 0.691428, 4.445597]], [[-0.091001, 0.691462, 4.444990]]

checks = Checks("convert_gelu", points=6)
first, copied = "a GELU in an nn.Sequential", "the output of the copy"
with checks(first, weight=2):
    expect_near(converted_outputs(convert_gelu, doubled(nn.GELU()), points), short, like=points, name=copied)
with checks("the original stays exact", needs=first):
    after = original_output(convert_gelu, doubled(nn.GELU()), points)
    expect_near(after, exact, like=points, name="the output of the original after the call")
with checks("one GELU module in two places", needs=first):
    gelu = nn.GELU()
    twice = converted_outputs(convert_gelu, doubled(gelu, nn.Identity(), gelu), points)
    expect_near(twice, [[-0.043758, 0.439201, 4.387862]], like=points, name=copied)
with checks("in an nn.ModuleList and an nn.ModuleDict", needs=first):
    network = Branches([nn.GELU(), nn.Sequential(nn.GELU())], {"a": nn.Identity(), "b": nn.Sequential(nn.GELU())})
    both_heads = [[*short[0], -0.042117, 0.522218, 4.445590]]
    expect_near(converted_outputs(convert_gelu, network, points), both_heads, like=points, name=copied)
checks.at_grading(
    9,
    "deeper networks, a GELU that is the whole network, subclasses, short forms, other activations, names and modes, "
    "shared weights, float64, and the original",
)
### BEGIN HIDDEN TESTS
from autograder.hidden_checks.gated_units import check_convert_gelu

check_convert_gelu(checks, convert_gelu, needs=first)
### END HIDDEN TESTS
checks.score()

# %% [markdown] nbgrader={"grade": false, "grade_id": "try_it_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 6. What you measured
#
# A cell to start from. It is not graded; change it and add cells as you like.

# %% nbgrader={"grade": false, "grade_id": "try_it", "locked": false, "schema_version": 3, "solution": false, "task": false}
# Take the signs away and run this cell.
# relu_block = nn.Sequential(nn.Linear(48, 192, bias=False), nn.ReLU(), nn.Linear(192, 48, bias=False))
# gelu_block = nn.Sequential(nn.Linear(48, 192, bias=False), nn.GELU(), nn.Linear(192, 48, bias=False))
# x = torch.randn(512, 48, generator=torch.Generator().manual_seed(0))
# for name, block in {"ReLU": relu_block, "GELU": gelu_block, "SwiGLU": SwiGLU(48, 192)}.items():
#     weights = sum(weight.numel() for weight in block.parameters())
#     print(f"{name:7} {weights} weights, keeps {saved_bytes(block, x):8} bytes for {len(x)} rows")
# for name, function in {"x * sigmoid(x)": written_out, "LeanSiLU": LeanSiLU.apply}.items():
#     print(f"{name:15} keeps {saved_bytes(function, x)} bytes; x has {4 * x.numel()}")
# torch.manual_seed(0)
# deep = nn.Sequential(*[nn.Sequential(nn.LayerNorm(48), nn.Linear(48, 48), nn.GELU()) for _ in range(12)])
# with torch.no_grad():
#     print("exact and short form differ by up to", (deep(x) - convert_gelu(deep)(x)).abs().max().item())

# %% [markdown] nbgrader={"grade": false, "grade_id": "explanation", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": true}
# ### Your text (7 points, read by a person)
#
# In the cell below, write 150 to 300 words, with numbers from your own runs.
#
# 1. **Equally many weights.** Why is $w = \frac{2}{3}\,\text{hidden}$ a fair width, and what would a comparison of SwiGLU
#    with a ReLU block say if both had the same width?
# 2. **Memory.** How many bytes does autograd keep for the ReLU block and for `SwiGLU(48, 192)` with 512 rows? Name the
#    tensors that make the difference. What does `LeanSiLU` save, and what does it cost?
# 3. **Two forms of GELU.** How far apart are the outputs of your network with the exact and with the short form? When
#    does such a difference matter, and how would you find out which form a checkpoint was trained with?
#
# A good text has one clear thought in a paragraph, gives the numbers it rests on, and says what they do not show.
#
# ### BEGIN MARK SCHEME
# **Equally many weights, 2 points.** 1 point: 2 d hidden = 3 d w, so w = 2/3 hidden (8/3 d for hidden = 4 d). 1 point: at
# the same width SwiGLU has 1.5 times the weights (and multiplications), so a better result may come from the size alone.
#
# **Memory, 3 points.** 1 point: numbers. With 512 rows of 48 in float32, x is 98 304 bytes, the weights of either block
# are 73 728. The ReLU block keeps 565 248 (x, both weights, the output of ReLU), the GELU block 958 464 (its input as
# well), SwiGLU(48, 192) with width 128 keeps 1 220 608. Accept the student's own numbers if the cell was changed. 1 point: the
# tensors of SwiGLU: x W for SiLU, and SiLU(x W), x V and their product for the two products behind them, four of
# 512 x 128 (262 144 bytes each) against one of 512 x 192 (393 216). Three of the four named are enough. 1 point:
# LeanSiLU keeps x alone, half of what x * sigmoid(x) keeps, and computes the sigmoid once more in the backward pass; the
# fused `silu` of torch does the same.
#
# **Two forms, 2 points.** 1 point: a number of their own, and what it is measured on. One GELU differs by at most 4.7e-4,
# near x = 2.7 and -2.7; the network of the cell by about 0.004, since layer norm enlarges what a layer shrinks (without
# it, a random network of 12 layers differs by less than 1e-6). 1 point: when it matters (training goes on with
# the other form, outputs are compared digit by digit, low precision or many layers, a tested tolerance) or how to find
# out (the model's configuration; run both on an input whose output is known, and see which agrees to rounding). "It never
# matters" and "it always matters" without a condition earn nothing here.
#
# Take off 1 point for a text without a number of its own. Do not mark language.
# ### END MARK SCHEME

# %% [markdown]
# *Write your text here (double-click to edit).*

# %% [markdown] nbgrader={"grade": false, "grade_id": "recap", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Recap
#
# - A gate multiplies: SwiGLU is SiLU of one product times another, and has three matrices where a ReLU block has two.
# - A comparison at equal weights needs a width of 2/3.
# - Autograd keeps what the backward pass needs, which for a product are its factors. What can be computed again need
#   not be kept.
# - Memory is counted by storage: views share one.
# - Two forms of one function are close, and not the same: say which one a network was trained with.
#
# **Before you hand in**, restart the kernel, run all cells, and press Validate. Then save, run the cell below and press
# its button: it rehearses the grading, apart from the hidden checks, and says what to mend.

# %% tags=["skip-execution"]
from course.rehearse.button import RehearseButton

RehearseButton("ps7_gated_units")
