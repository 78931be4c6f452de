# %% [markdown]
# # Activations in today's models
#
# *Beyond the core.*
#
# **Goals.** After this lesson you can
# - write GLU, SwiGLU and GEGLU, make them as large as a plain block, and say what a gated unit can do that a plain
#   one cannot;
# - say which functions overflow in float16, and which are hard to store in 8 bits;
# - count what autograd keeps for each function, and what `inplace` and recomputation save;
# - say when the zeros of ReLU save time;
# - use functions that learn or oscillate, and name what they cost.
#
# **Time.** 70 minutes.
#
# **You need.** Lesson 04 (GELU, SiLU), lessons 07a and 07b (gates, modules), lesson 08 (several seeds, pairs).

# %%
import copy
import math
import time

import numpy as np
import torch
import torch.nn.functional as F
from scipy.interpolate import BSpline
from torch import nn
from torch.utils.checkpoint import checkpoint

from course.checks import Checks, expect_close
from course.checks.messages import numbers
from course.computations.data import digits
from course.computations.experiments import confidence_interval
from course.computations.gated import Blocks, fresh_errors
from course.computations.periodic import Curves, fit, siren, spread
from course.computations.training import batches, descend
from course.demos.backward_memory import BackwardMemory
from course.demos.gated_plane import GatedPlane
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz
from course.widgets.tables import Table

torch.set_num_threads(1)  # so that times can be compared

# %% [markdown]
# ## Gated units
#
# A feed-forward block of a transformer was $f(x W)\,U$ for years, with $f$ ReLU or GELU. Many of today's language
# models have a second matrix in front and multiply:
#
# $$\bigl(g(x W) \odot x V\bigr)\,U.$$
#
# $xV$ is the *value*, $g(xW)$ the *gate*, $\odot$ multiplies number by number. The name says which $g$:
#
# | block | $g$ | for example in |
# |---|---|---|
# | GLU | $\sigma$ | convolutional language models (Dauphin, Fan, Auli and Grangier, *Language Modeling with Gated Convolutional Networks*, 2017) |
# | ReGLU | ReLU | |
# | GEGLU, GeGLU | GELU | Gemma (Gemma Team, *Gemma: Open Models Based on Gemini Research and Technology*, 2024) |
# | SwiGLU | SiLU | PaLM (Chowdhery and others, 2022), LLaMA (Touvron and others, 2023) |
# | bilinear | identity | |
#
# Shazeer, *GLU Variants Improve Transformer*, 2020, compares them all. In code a gate is one line more.

# %%
class GEGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        self.gate, self.value = nn.Linear(d, hidden, bias=False), nn.Linear(d, hidden, bias=False)
        self.out = nn.Linear(hidden, d, bias=False)

    def forward(self, x):
        return self.out(F.gelu(self.gate(x)) * self.value(x))


def size(module):
    return sum(p.numel() for p in module.parameters())


plain = nn.Sequential(nn.Linear(768, 3072, bias=False), nn.GELU(), nn.Linear(3072, 768, bias=False))
print(f"plain block, 768 to 3072 to 768: {size(plain):,} parameters")
print(f"GEGLU with 3072 hidden units: {size(GEGLU(768, 3072)):,} parameters")

width_guess = Prediction("How many hidden units may the GEGLU have to be as large as the plain block?")
width_guess

# %% [markdown]
# ### Equal parameters
#
# With three matrices of $d \times h'$ instead of two of $d \times h$, equal size means $3\,d\,h' = 2\,d\,h$, so $h' =
# \tfrac23 h$. For the usual $h = 4d$ that is $\tfrac83 d$. A comparison without this correction gives the gate half
# as many parameters again, and proves little. In practice $h'$ is rounded to a multiple that suits the hardware.

# %%
hidden = 2 * 3072 // 3
print(f"{hidden} hidden units: {size(GEGLU(768, hidden)):,} parameters")
exact = 8 / 3 * 4096
print(f"d = 4096: 8/3 d = {exact:.1f}, rounded up to a multiple of 256: {math.ceil(exact / 256) * 256}, as in LLaMA 7B")
width_guess.compare(hidden)

# %% [markdown]
# ### What one gated unit can do
#
# A plain unit looks in one direction: its output depends on $w \cdot x$ alone. A gated unit looks in two. Here it is
# over the plane, $(u \cdot x)\,g(v \cdot x)$ with $u = (1, 0)$. The corners of XOR are marked.
# 1. Angle 90°, length 1: with which variants does a threshold on this one unit solve XOR?
# 2. Angle 0°, *ReGLU*: which function of $x_1$ is that?
# 3. *SwiGLU*, angle 90°: make the gate's weights six times as long. What happens to the outputs where the gate is
#    closed?
#
# ![Left, the output of a SwiGLU unit over the plane from −2 to 2: orange in the upper right corner, sky blue in the
# upper left, a pale orange lower left and a pale blue lower right. Black dots at (1, 1) and (−1, −1), purple
# triangles at (−1, 1) and (1, −1). Right, the output along the two diagonals: the black line is never below 0, the
# purple dashed one never above it.](images/11_gated_plane.png)

# %%
GatedPlane()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. With SwiGLU, GEGLU and bilinear. SwiGLU gives 0.731 and 0.269 where the signs are equal, and the same below 0
#    where they differ, because its gate is negative for negative inputs. ReGLU gives 0.000 at two corners of
#    different kinds, and the sign of GLU is that of $x_1$ alone.
# 2. Squared ReLU: $x_1\,\mathrm{ReLU}(x_1) = \mathrm{ReLU}(x_1)^2$. It is 1.000 at the corners with $x_1 = 1$ and
#    0.000 at the others.
# 3. They shrink from 0.269 to 0.015 in size, while those with an open gate grow to 5.985. The unit comes close to
#    ReGLU with weights six times as long.
#
# </details>

# %% [markdown]
# ### Is it better?
#
# Two made-up tasks with 16 inputs: a sum of *products* $x_1x_2 + x_3x_4 + \dots$, and a sum of *bends* $|x_1| + |x_2|
# + \dots$ One residual block with 64 hidden units, or 42 with a gate, learns each in 200 steps of Adam. The learning
# rate is chosen for each block, by other seeds, on other data; then ten fresh seeds, and the difference from GELU in
# pairs.

# %%
block_guess = Prediction(
    "Which of these has the smallest error on the products?", choices=["GELU", "GLU", "SwiGLU", "bilinear"]
)
block_guess

# %%
blocks = ("GELU", "SiLU", "GLU", "SwiGLU", "bilinear")
form = {"task": "", "block": "", "parameters": "d", "error": ".3f", "minus GELU's": "+.3f", "95 % interval": ""}
table = Table("squared error on fresh data: mean of ten seeds (smallest to largest), and differences in pairs", form)
for task in ("products", "bends"):
    base = fresh_errors(task, "GELU")
    for name in blocks:
        found, d = fresh_errors(task, name), confidence_interval(fresh_errors(task, name) - base)
        error = (found.min(), found.mean(), found.max())
        difference = ("", "") if name == "GELU" else (d.mean, f"[{d.low:+.3f}, {d.high:+.3f}]")
        table.add(task, name, Blocks(name, 16, 1, [0]).block_parameters(), error, *difference)
table.show()
means = {name: fresh_errors("products", name).mean() for name in blocks}
block_guess.compare(min(means, key=means.get))

# %% [markdown]
# Where the target *is* a product, bilinear and GLU win, whose gates are closest to a straight line near 0. SwiGLU is
# a little *worse* than GELU on both tasks, and the plain SiLU is better than GELU on both. So a gate is not better as
# such.
#
# Why is it in today's models, then? Because of measurements on language models. Shazeer trained T5-like transformers
# of equal size and cost, and the gated blocks had lower perplexity than ReLU, GELU and Swish, GEGLU and SwiGLU the
# lowest. The paper gives no reason and says so. Others have found the same at their scale. Quote it with its set-up:
# *transformers, text, equal parameters*. Neither result refutes the other.

# %% [markdown]
# ### Your turn: a fused gate
#
# Checkpoints often store $W$ and $V$ as one matrix, so that one multiplication gives both, side by side in the last
# axis. Which half is the gate is a matter of convention: `F.glu` takes the **second**, many language models store the
# gate **first**. Nothing fails if you mix them up. Write GEGLU for both.

# %%
def geglu(both, gate_first=False):
    """Split the last axis of `both` into halves; return value times GELU of the gate."""
    raise NotImplementedError  # your code: 3 lines


# %%
both = torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(0))
a, b = both[..., :4], both[..., 4:]
checks = Checks("geglu", points=4)
with checks("splits the last axis, whatever comes before it"):
    expect_close(numbers(geglu(both.clone())).shape, (2, 5, 4))
with checks("other widths, and no axis before it"):
    expect_close(numbers(geglu(torch.ones(3, 6))).shape, (3, 3))
    expect_close(numbers(geglu(torch.ones(10))).shape, (5,))
with checks("the second half is the gate, as in F.glu"):
    expect_close(geglu(both.clone()), a * F.gelu(b), rtol=1e-5, atol=1e-6)
with checks("the first half is the gate if asked"):
    expect_close(geglu(both.clone(), True), F.gelu(a) * b, rtol=1e-5, atol=1e-6)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def geglu(both, gate_first=False):
#     first, second = both.chunk(2, dim=-1)
#     gate, value = (first, second) if gate_first else (second, first)
#     return value * F.gelu(gate)
# ```
#
# </details>

# %% [markdown]
# ## Squared ReLU
#
# $\mathrm{ReLU}(x)^2$ came out of an automatic search (So and others, *Primer: Searching for Efficient Transformers
# for Language Modeling*, 2021), and Nemotron-4 has it (Parmar and others, *Nemotron-4 15B Technical Report*, 2024).
# Its slope $2\,\mathrm{ReLU}(x)$ does not jump. It is exactly 0 for half of a centred input, as ReLU is. And it grows
# like a square: twice the input, four times the output. That has a price in formats with a small range.

# %%
overflow_guess = Prediction(
    "What is the squared ReLU of 300 in float16?", choices=["90000", "65504, the largest number", "inf", "nan"]
)
overflow_guess

# %% [markdown]
# ## Range: float16, bfloat16, int8
#
# float16 has 5 bits for the exponent and 10 for the fraction: it ends at 65504. bfloat16 has 8 and 7: the range of
# float32, with two to three decimal digits.

# %%
x = torch.tensor([100.0, 255.0, 256.0, 300.0])
table = Table("what comes out for four inputs", {"x": "", **{f"{number:g}": ".1f" for number in x}})
for kind in (torch.float32, torch.float16, torch.bfloat16):
    table.add(f"ReLU² in {str(kind)[6:]}", *(torch.relu(x.to(kind)) ** 2).tolist())
gate = value = x.half()
table.add("SiLU(x)·x in float16", *(F.silu(gate) * value).tolist())
table.show()
overflow_guess.compare(str((torch.relu(x.half()) ** 2)[-1].item()))

# %% [markdown]
# 300² = 90000 is beyond float16. bfloat16 has it as 90112, off by 0.1 %, because of its short fraction. A gated unit
# is a product as well: if both factors are large, it overflows just as early. In a long FP8 training run this
# happened: the two weight vectors of a SwiGLU unit aligned, and the products became outliers (Fishman and others,
# *Scaling FP8 Training to Trillion-Token LLMs*, 2024).
#
# **int8** has 255 or 256 levels. With one scale for a tensor, its largest number decides how far apart they are. So
# ask of an activation: how far does its largest output lie above the usual ones? And what becomes of the rest if one
# input is an outlier?

# %%
def to_int8(y):
    """Round to 255 levels, evenly spaced from −largest to +largest; return what they stand for."""
    scale = y.abs().max() / 127
    return (y / scale).round() * scale


functions = {"ReLU": torch.relu, "GELU": F.gelu, "SiLU": F.silu, "ReLU²": lambda z: torch.relu(z) ** 2}
form = {"function": "", "largest output / deviation": ".1f", "error": ".1f", "error with one input at 30": ".1f"}
table = Table("rounding error relative to the outputs, in %: mean of 5 seeds (smallest to largest)", form)
for name in [*functions, "SwiGLU"]:
    rows = []
    for seed in range(5):
        z, v = torch.randn(2, 100_000, generator=torch.Generator().manual_seed(seed))
        found = []
        for outlier in (False, True):
            if outlier:
                z[0] = v[0] = 30.0
            y = F.silu(z) * v if name == "SwiGLU" else functions[name](z)
            rest = slice(1, None)  # the error of all the others
            found.append(100 * ((to_int8(y)[rest] - y[rest]).norm() / y[rest].norm()).item())
            found.append((y.abs().max() / y.std()).item())
        rows.append(found)
    e, far, out, _ = np.array(rows).T
    table.add(name, far.mean(), (e.min(), e.mean(), e.max()), out.mean())
table.show()

# %% [markdown]
# ReLU, GELU and SiLU lose 1 to 2 %. The products, ReLU² and SwiGLU, reach about twice as far out for the same spread,
# and lose 2 to 4 %. One outlier costs ReLU 7 %; of ReLU² and SwiGLU it leaves little, because it is squared. That is
# why outliers get a scale of their own in practice (per channel, or kept in 16 bits).
#
# ReLU has one more advantage: its outputs have no sign, so all levels of *unsigned* int8 can lie above 0. That halves
# their distance, and the error. GELU and SiLU need a few levels for their dip.

# %% [markdown]
# ### Your turn: unsigned int8
#
# Write the rounding that uses all 256 levels, 0 to 255, from the smallest to the largest output. Level 0 stands for
# the smallest.

# %%
def to_uint8(y):
    """Return what the 256 evenly spaced levels from y.min() to y.max() stand for, each number rounded to the nearest."""
    raise NotImplementedError  # your code: 3 or 4 lines


# %%
def rounded(y):
    return torch.as_tensor(numbers(to_uint8(y.clone())))


at = torch.linspace(-4, 4, 10_001)
gelu_outputs, below = F.gelu(at), torch.tanh(at) - 3  # the second are all negative
checks = Checks("to_uint8", points=4)
with checks("the smallest and the largest number are exact"):
    for y in (gelu_outputs, below):
        expect_close([rounded(y).min(), rounded(y).max()], [y.min(), y.max()], rtol=1e-5)
with checks("there are at most 256 different numbers"):
    for y in (gelu_outputs, below):
        assert len(rounded(y).unique()) <= 256, f"There are {len(rounded(y).unique())}: round to whole levels."
with checks("no number moves by more than half a level"):
    for y in (gelu_outputs, below):
        half, moved = (y.max() - y.min()) / 255 / 2, (rounded(y) - y).abs().max()
        assert moved <= 1.01 * half, f"One moves by {moved:.5f}, half a level is {half:.5f}."
with checks("less error than to_int8"):
    ours, theirs = ((f(gelu_outputs) - gelu_outputs).norm().item() for f in (rounded, to_int8))
    assert ours < theirs, f"Error {ours:.4f}, and {theirs:.4f} with to_int8."
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def to_uint8(y):
#     low, high = y.min(), y.max()
#     scale = (high - low) / 255
#     return ((y - low) / scale).round() * scale + low
# ```
#
# If $y$ can be constant, `scale` is 0: then return `y` as it is.
#
# </details>

# %% [markdown]
# ## The wrong GELU, measured
#
# Lesson 04 has reports of checkpoints that were run with the other form of GELU. Here is the experiment: residual
# networks with exact GELU learn the digits, then run with another function in its place, *without* training again.
# `bfloat16` is the same network, rounded, for scale. The network also serves the sections below.

# %%
data = digits(hold_out=5)


class Residual(nn.Module):
    def __init__(self, activation, blocks=4, d=64):
        super().__init__()
        self.enter, self.leave = nn.Linear(64, d), nn.Linear(d, 10)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2 * d), activation(), nn.Linear(2 * d, d)) for _ in range(blocks)
        )

    def forward(self, x):
        h = self.enter(x)
        for block in self.blocks:
            h = h + block(h)
        return self.leave(h)


def trained(activation, seed, steps=120):
    torch.manual_seed(seed)
    net = Residual(activation)
    samples = batches(data.x, data.y, steps=steps, size=64, seed=seed)
    list(descend(net, F.cross_entropy, samples, torch.optim.Adam(net.parameters(), lr=1e-3)))
    return net


swap_guess = Prediction(
    "360 unseen digits, exact GELU replaced by the tanh form: how many get another answer, on average over three networks?"
)
swap_guess

# %%
class Quick(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


@torch.no_grad()
def swapped(net, activation):
    """Return logits of a copy of `net` with another activation in every block."""
    net = copy.deepcopy(net)
    for block in net.blocks:
        block[2] = activation
    return net(data.unseen_x)


gelu_nets = [trained(nn.GELU, seed) for seed in range(3)]
others = {"tanh form": nn.GELU("tanh"), "sigmoid form": Quick(), "SiLU": nn.SiLU(), "ReLU": nn.ReLU()}
changes = {name: [] for name in [*others, "bfloat16"]}
for net in gelu_nets:
    logits = swapped(net, nn.GELU())
    found = {name: swapped(net, function) for name, function in others.items()}
    with torch.no_grad():
        found["bfloat16"] = copy.deepcopy(net).bfloat16()(data.unseen_x.bfloat16()).float()
    for name, new in found.items():
        off, flips = (new - logits).norm() / logits.norm(), (new.argmax(1) != logits.argmax(1)).sum()
        changes[name].append((off.item(), flips.item()))
form = {"put in the place of GELU": "", "logits off by": ".2%", "other answers": ".0f"}
table = Table(f"three networks, {len(logits)} digits: median (smallest to largest)", form)
for name, pairs in changes.items():
    table.add(name, *zip(*pairs))
table.show()
swap_guess.compare(float(np.mean([flips for _, flips in changes["tanh form"]])), tolerance=0.5)

# %% [markdown]
# The tanh form moves the logits by about a hundredth of a percent, far less than rounding to bfloat16 does, and no
# answer changes here. The sigmoid form (CLIP has it, under the name *quick GELU*) moves them by half a percent, more
# than bfloat16 does. SiLU and ReLU are other functions: they move the logits by 6 to 8 %, and even so only a few of
# 360 answers change. Digits forgive much.
#
# So with the tanh form, is all well? For one answer from clear logits, yes. A language model takes the largest of
# many thousand logits a thousand times in a row, and one early difference changes all that follows. And a test that
# compares your port with the original to six digits will fail, for a reason that takes long to find.

# %% [markdown]
# ## What autograd keeps
#
# For the way back autograd keeps tensors from the way forward. In training, they often need more memory than the
# weights do. Two rules:
# - A linear layer keeps its **input**, to compute the gradient of its weights.
# - An activation keeps what its slope is computed from: its **output** (ReLU, sigmoid, tanh), or its **input** (most
#   others).
#
# Between two linear layers, the activation's output *is* the next layer's input. So what ReLU keeps is there anyway.

# %%
def kept(function, x):
    """Return the tensors that autograd keeps while `function(x)` runs, each storage once."""
    found = {}

    def keep(tensor):
        found.setdefault(tensor.untyped_storage().data_ptr(), tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        function(x)
    return list(found.values())


def gelu_by_hand(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


kept_guess = Prediction("Tensors of the layer's size kept between two linear layers: 1 for ReLU. How many for gelu_by_hand?")
kept_guess

# %%
before, after, x = nn.Linear(64, 512), nn.Linear(512, 64), torch.randn(32, 64)
functions = {
    "ReLU": F.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "Leaky ReLU": F.leaky_relu, "ELU": F.elu,
    "GELU": F.gelu, "GELU, tanh form": lambda z: F.gelu(z, approximate="tanh"), "SiLU": F.silu, "Mish": F.mish,
    "softplus": F.softplus, "ReLU²": lambda z: torch.relu(z) ** 2, "SiLU by hand": lambda z: z * torch.sigmoid(z),
    "tanh GELU by hand": gelu_by_hand,
}
counts = {}
form = {"function": "", "between two linear layers": "d", "alone": "d"}
table = Table("tensors of the layer's size that autograd keeps", form)
for name, function in functions.items():
    between = kept(lambda x: after(function(before(x))), x)
    alone = kept(function, torch.randn(32, 512, requires_grad=True))
    counts[name], by_itself = (sum(t.numel() == 32 * 512 for t in found) for found in (between, alone))
    table.add(name, counts[name], by_itself)
table.show()
kept_guess.compare(counts["tanh GELU by hand"])

# %% [markdown]
# 1 for ReLU, sigmoid and tanh; 2 for all others that are built in, and for ReLU²; 3 and 5 for formulas by hand, because each
# step of a formula keeps something. *Alone*, all built-in ones keep a single tensor: it is the company of the linear
# layer that makes ReLU cheaper. The built-in function is one step with a formula for its slope. You can write such a
# step yourself, as a `torch.autograd.Function`; exercise ps7 does. What about `inplace=True`, and what about a gate?

# %%
def gated(x):
    return out(F.silu(gate(x)) * value(x))


form = {"function": "", "kept": "d", "kept with inplace": "d", "inplace writes over its input": ""}
table = Table("tensors of the layer's size that autograd keeps", form)
for name, plain, inplace in (
    ("ReLU", F.relu, lambda z: F.relu(z, inplace=True)),
    ("ELU", F.elu, lambda z: F.elu(z, inplace=True)),
    ("SiLU", F.silu, lambda z: F.silu(z, inplace=True)),
):
    number = [sum(t.numel() == 32 * 512 for t in kept(lambda x: after(f(before(x))), x)) for f in (plain, inplace)]
    z = before(x).detach()
    same = inplace(z).data_ptr() == z.data_ptr()
    table.add(name, *number, "yes" if same else "no")
table.show()

gate, value, out = nn.Linear(64, 342), nn.Linear(64, 342), nn.Linear(342, 64)  # 2/3 of 512: equal parameters
numbers = sum(t.numel() for t in kept(gated, x) if t.shape[-1] == 342)
print(f"SwiGLU at equal parameters: 4 tensors of 342, {numbers / (32 * 512):.2f} of width 512 (GELU: 2)")

# %% [markdown]
# - For **ReLU**, `inplace` saves nothing that is *kept*. It saves the moment: without it, input and output are both
#   in memory while the function runs. Without gradients that is the peak.
# - For **ELU** and Leaky ReLU it does save a kept tensor: torch then computes the slope from the output. For **SiLU**
#   it does not: torch keeps a copy of the input.
# - **SwiGLU** keeps four tensors: the gate before and after SiLU, the value, and the product. At equal parameters
#   that is a third more than GELU.
#
# ### Recomputation
#
# The other way to save: keep a block's input alone, and run the block forward again on the way back (Chen, Xu, Zhang
# and Guestrin, *Training Deep Nets with Sublinear Memory Cost*, 2016). A backward pass costs about two forward
# passes, so one more forward pass is about a third more work.

# %%
stack = nn.Sequential(*(nn.Sequential(nn.Linear(64, 256), nn.GELU(), nn.Linear(256, 64)) for _ in range(8)))
weights = {p.untyped_storage().data_ptr() for p in stack.parameters()}


def recomputed(x):
    for block in stack:
        x = checkpoint(block, x, use_reentrant=False)
    return x


gradients = []
x = torch.randn(512, 64, requires_grad=True)
columns = {"": "", "tensors of the input's size": ".0f", "ms": ".0f"}
table = Table("what is kept, and the time of 5 runs: median (shortest to longest)", columns)
for name, forward in (("all kept", stack), ("recomputed", recomputed)):
    numbers = sum(t.numel() for t in kept(forward, x) if t.untyped_storage().data_ptr() not in weights)
    milliseconds = []
    for _ in range(5):
        start = time.perf_counter()
        found = torch.autograd.grad(forward(x).square().sum(), [x, *stack.parameters()])
        milliseconds.append(1e3 * (time.perf_counter() - start))
    gradients.append(found)
    table.add(name, numbers / x.numel(), milliseconds)
table.show()
print("the same gradients:", all(map(torch.equal, *gradients)))

# %% [markdown]
# 72 tensors become 8: of each block its input (1) instead of 1 + 2·4. In a network as small as this one the
# bookkeeping costs time as well; the third more holds where the matrix products are what takes long. The demo has a larger stack, and shows what is
# kept over a whole step.
# 1. Untick *recompute*, and compare ReLU with the tanh GELU by hand. Which peak is how large?
# 2. GELU, 24 blocks, recomputed: which number of blocks in a segment has the smallest peak? Why not 1, why not 24?
# 3. All kept, 24 blocks: which needs more at equal parameters, GELU or SwiGLU?
#
# ![Left, MiB kept over a step of 24 GELU blocks in bfloat16. The grey dashed line, all kept, rises to 864 half-way
# and falls again. The vermillion line, recomputed block by block, rises slowly to 128 and falls. Right, the peak
# against the blocks in a segment: the blue line is lowest at 2 and rises to 864 at
# 24.](images/11_backward_memory.png)

# %%
BackwardMemory()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. 480 MiB for ReLU, 2016 for the formula by hand, more than four times as much: a block keeps 5.00 tensors of width
#    $d$ against 21.00.
# 2. 2, with 116 MiB instead of 864. With 1, the inputs of all 24 blocks are kept. With 24, one segment, everything is
#    there again while it is computed backwards, and nothing is saved.
# 3. SwiGLU: 1120 MiB against 864, because a block keeps 11.67 tensors of width $d$ against 9.00.
#
# </details>

# %% [markdown]
# ## Sparsity: when zeros save time
#
# Lesson 10 finds that the zeros of ReLU do not make a network faster: a matrix product multiplies by zero as slowly
# as by anything. They *can* save, if the product skips them. In $h\,U$ row $j$ of $U$ is not needed where $h_j = 0$:
# it need not even be read from memory. Three conditions: many zeros, *exact* zeros, and few samples at once.

# %%
@torch.no_grad()
def hidden_units(net, x):
    """Return what the activation of each block puts out: shape (blocks, n, units)."""
    found = []
    handles = [block[2].register_forward_hook(lambda *call: found.append(call[-1])) for block in net.blocks]
    net(x)
    for handle in handles:
        handle.remove()
    return torch.stack(found)


relu_nets = [trained(nn.ReLU, seed) for seed in range(3)]
table = Table("zeros among the hidden outputs, three networks: median (smallest to largest)", {"": "", "zeros": ".1%"})
for name, nets in (("ReLU", relu_nets), ("GELU", gelu_nets)):
    table.add(name, [(hidden_units(net, data.unseen_x) == 0).double().mean().item() for net in nets])
table.show()
h = hidden_units(relu_nets[0], data.unseen_x)
table = Table("rows of the next matrix that at least one sample needs", {"samples at once": "d", "rows": ".0%"})
for n in (1, 4, 16, 64):
    needed = (h[:, : 64 // n * n].unflatten(1, (-1, n)) != 0).any(dim=2).double().mean()
    table.add(n, needed)
table.show()

# %%
torch.manual_seed(0)
units, width = 8192, 1024
U, full = torch.randn(units, width), torch.randn(units)


def fastest(work):
    runs = []
    for _ in range(7):
        start = time.perf_counter()
        work()
        runs.append(time.perf_counter() - start)
    return min(runs)


columns = {"zeros": ".0%", "times as long": ".2f", "same result": ""}
table = Table("only the rows that count, against all of them", columns)
for zeros in (0.5, 0.9, 0.97):
    h = torch.where(torch.rand(units) < zeros, 0.0, full)
    active = h.nonzero().squeeze(1)
    ratio = fastest(lambda: h[active] @ U[active]) / fastest(lambda: h @ U)
    same = torch.allclose(h[active] @ U[active], h @ U, atol=1e-3)
    table.add(zeros, ratio, "yes" if same else "no")
table.show()

# %% [markdown]
# - **Many zeros.** About half of them is what chance gives, and skipping half may well be *slower*, because the rows
#   must be copied first. At 90 % and more it pays. Trained ReLU transformers get there: Li and others, *The Lazy
#   Neuron Phenomenon*, 2022, find a few percent active in T5; Mirzadeh and others, *ReLU Strikes Back*, 2023, report
#   up to three times less computation for language models.
# - **Exact zeros.** GELU and SiLU have none. Models with them have been trained further with ReLU, or with ReLU on
#   both factors of the gate (*dReLU*: Song and others, *Turbo Sparse*, 2024).
# - **Few samples.** For a batch, a row is needed as soon as *one* sample needs it, and soon nearly all are. So it
#   pays when one person waits for one answer, and not in training.

# %% [markdown]
# ## Functions that learn
#
# - **PReLU** (He and others, *Delving Deep into Rectifiers*, 2015) learns the slope on the left, one per layer or per
#   channel: lesson 03. No weight decay on it: that would pull it towards ReLU.
# - **xIELU** (Huang and Schlag, *Deriving Activation Functions Using Integration*, 2024) integrates a slope: rising
#   linearly on the right, an ELU on the left. With learned $\alpha_p, \alpha_n$ and $\beta = 0.5$, $f(x) = \alpha_p
#   x^2 + \beta x$ for $x > 0$, and $\alpha_n (e^x - 1 - x) + \beta x$ else. The authors report lower perplexity than
#   with ReLU² and SwiGLU at equal parameters and cost, for 1.1-billion-parameter Llama models on 126 billion tokens.
#   Apertus has it (2025).
# - **KAN** (Liu and others, *KAN: Kolmogorov-Arnold Networks*, 2024) learns a function for *every connection*, as a
#   spline.

# %%
class XIELU(nn.Module):
    def __init__(self, alpha=0.8, beta=0.5):
        super().__init__()
        self.beta = beta  # the raw parameters are such that α_p > 0 and α_n > β after softplus
        self.raw_p = nn.Parameter(torch.tensor(math.log(math.expm1(alpha))))
        self.raw_n = nn.Parameter(torch.tensor(math.log(math.expm1(alpha - beta))))

    def alphas(self):
        return F.softplus(self.raw_p), self.beta + F.softplus(self.raw_n)

    def forward(self, x):
        p, n = self.alphas()
        left = x.clamp(max=0)  # so that exp cannot overflow in the branch that is not taken
        return torch.where(x > 0, p * x * x, n * (torch.expm1(left) - left)) + self.beta * x


points = torch.tensor([-1000.0, -2.0, -1e-4, 1e-4, 2.0], requires_grad=True)
XIELU()(points).sum().backward()
table = Table("xIELU", {"x": "", **{f"{p:.4g}": ".4f" for p in points.tolist()}})
table.add("slope", *points.grad)
table.show()
form = {"seed": "d", **{f"block {number}": "" for number in range(1, 5)}, "right": ".1%"}
table = Table("α_p and α_n that each block has learned, and unseen digits that are right", form)
for seed in range(3):
    net = trained(XIELU, seed)
    alphas = (block[2].alphas() for block in net.blocks)
    accuracy = (net(data.unseen_x).argmax(1) == data.unseen_y).double().mean()
    table.add(seed, *(f"{p.item():.2f} and {n.item():.2f}" for p, n in alphas), accuracy)
table.show()

# %% [markdown]
# The slope is continuous at 0, where it is $\beta$. It is negative on the left and bounded there, by $\beta -
# \alpha_n = -0.3$ at the start. From 0.8 the parameters move a little in these 120 steps: two numbers per block learn
# as slowly as any weight. Whether they bring anything cannot be seen on digits.
#
# ### Splines
#
# A cubic B-spline on $G$ intervals is $\sum_i c_i B_i(x)$ with $G + 3$ bumps. Each bump is 0 outside of four
# intervals.

# %%
intervals, degree = 32, 3
step = 2 / intervals
knots = -1 + step * np.arange(-degree, intervals + degree + 1)
x = np.linspace(-1, 1, 401)
basis = BSpline.design_matrix(x, knots, degree).toarray()
wave = np.sin(8 * np.pi * x)
c, *_ = np.linalg.lstsq(basis, wave, rcond=None)
spline = BSpline(knots, c, degree)
print(f"{len(c)} coefficients fit sin 8πx on [−1, 1] with a largest error of {np.abs(spline(x) - wave).max():.4f}")
moved = np.abs(basis[:, 10]) > 0
print(f"changing one coefficient changes the function on {moved.mean() * intervals:.1f} of {intervals} intervals")
print("outside of its grid, at 1.3:", BSpline(knots, c, degree, extrapolate=False)(1.3))
linear, edges = 64 * 64, 64 * 64 * (5 + degree)
print(f"64 to 64: {linear:,} weights in a linear layer, {edges:,} coefficients in a KAN layer with 5 intervals")

# %% [markdown]
# One spline fits in one step what the networks below need hundreds for, because its bumps are where they are needed.
# The price: at least eight times as many parameters per connection, nothing outside of the grid (KANs add a SiLU
# term, and move the grid), and slow look-ups. Liu and others report better accuracy for fewer parameters on small
# scientific tasks. At equal parameters or cost, Yu, Yu and Wang, *KAN or MLP: A Fairer Comparison*, 2024, find it
# ahead for formulas, and behind in vision, text, audio and machine learning tasks.

# %% [markdown]
# ## Functions that oscillate
#
# - **SIREN** (Sitzmann and others, *Implicit Neural Representations with Periodic Activation Functions*, 2020):
#   $\sin(30\,z)$, with a start that goes with it.
# - **Snake** (Ziyin, Hartwig and Ueda, *Neural Networks Fail to Learn Periodic Functions and How to Fix It*, 2020):
#   $x + \sin^2(a x)/a$. It never falls, and wiggles around $x + \frac{1}{2a}$.
#
# The task is $\sin 8\pi x$ on $[-1, 1]$: eight waves. Networks 1-64-64-1, 800 steps of Adam, five seeds. A constant 0
# has the error 0.5.

# %%
wave_guess = Prediction("Which one ends with the largest error?", choices=["ReLU", "tanh", "Snake", "SIREN"])
wave_guess

# %%
def snake_5(z):
    return z + torch.sin(5 * z) ** 2 / 5


x, beyond = torch.linspace(-1, 1, 129), torch.linspace(1, 1.5, 65)
waves = [torch.sin(8 * math.pi * part) for part in (x, beyond)]
nets = {
    "ReLU": Curves(torch.relu), "GELU": Curves(F.gelu), "tanh": Curves(torch.tanh),
    "tanh, first layer × 10": Curves(torch.tanh, stretch=10.0),
    "Snake, a = 5": Curves(snake_5), "SIREN": Curves(siren, as_siren=True),
}
ends = {}
table = Table("mean square error: median (smallest to largest)", {"network": "", "up to 1": ".4f", "beyond 1": ".2f"})
for name, curves in nets.items():
    fit(curves, x, waves[0])
    ends[name], *ends_of_seeds = spread(curves, x, waves[0])
    table.add(name, (ends[name], *ends_of_seeds), spread(curves, beyond, waves[1])[0])
table.show()
wave_guess.compare(max(("ReLU", "tanh"), key=ends.get))

# %% [markdown]
# The plain functions hardly start on this curve in 800 steps, the oscillating ones have it. Why? A network learns
# slow waves first (Rahaman and others, *On the Spectral Bias of Neural Networks*, 2019), and eight waves are fast for
# weights of the usual size. What counts is the *scale*: tanh with a first layer ten times as large is much closer.
# And SIREN's 30 fixes how fast it can be.
#
# **Beyond the data** none of them knows how to go on: the errors there are near 0.5 or far above. Ziyin and others
# show Snake going on periodically, in other set-ups. It is not automatic.
#
# What can learn fast waves can also learn noise. The control: one slow wave, 20 points, noise of size 0.3.

# %%
few = torch.linspace(-1, 1, 20)
noisy = torch.sin(math.pi * few) + 0.3 * torch.randn(20, generator=torch.Generator().manual_seed(0))
fine = torch.linspace(-1, 1, 401)
form = {"network": "", "on its 20 points": ".4f", "from the true curve": ".3f"}
table = Table("mean square error: median (smallest to largest)", form)
for name, curves in (("GELU", Curves(F.gelu)), ("SIREN", Curves(siren, as_siren=True))):
    fit(curves, few, noisy)
    table.add(name, spread(curves, few, noisy)[0], spread(curves, fine, torch.sin(math.pi * fine)))
table.show()

# %% [markdown]
# SIREN meets every noisy point, and is further from the truth. Use it where the data are dense and true: images,
# sounds, shapes.
#
# ### Your turn: Snake with a learned frequency
#
# In a layer each unit may have its own $a$, a tensor that is multiplied with the last axis. Learned, $a$ can come to
# 0, where the formula divides by 0. Its limit there is $x$. Write it so that at $a = 0$ neither the value nor a gradient, by
# $x$ or by $a$, is `nan`.

# %%
def snake(x, a):
    """Return x + sin²(ax)/a, and x where a is 0; a has one number for each position of the last axis."""
    raise NotImplementedError  # your code: 1 to 4 lines


# %%
x, a = torch.linspace(-3, 3, 24, dtype=torch.float64).reshape(8, 3), torch.tensor([0.5, 5.0, 30.0], dtype=torch.float64)


def slopes(at):
    """Slopes of the sum of all outputs by x and by a; 0 where nothing flows back."""
    leaves = x.clone().requires_grad_(), at.clone().requires_grad_()
    out = snake(*leaves)
    assert getattr(out, "requires_grad", False), "No gradient flows back: compute it with torch."
    return torch.autograd.grad(out.sum(), leaves, materialize_grads=True)


checks = Checks("snake", points=6)
with checks("the values are right, with a frequency for each unit"):
    expect_close(snake(x.clone(), a.clone()), x + torch.sin(a * x) ** 2 / a, x=x, rtol=1e-5, atol=1e-5)
with checks("a negative frequency mirrors the wiggle"):
    expect_close(snake(x.clone(), -a), x - torch.sin(a * x) ** 2 / a, x=x, rtol=1e-5, atol=1e-5)
with checks("the slope is 1 + sin(2ax), never negative"):
    expect_close(slopes(a)[0], 1 + torch.sin(2 * a * x), x=x, rtol=1e-5, atol=1e-4)
with checks("a is learnt: the slope by a is that of the formula"):
    by_a = (x * torch.sin(2 * a * x) - torch.sin(a * x) ** 2 / a) / a
    expect_close(slopes(a)[1], by_a.sum(dim=0), rtol=1e-4, atol=1e-4)
with checks("a = 0 gives x, not nan"):
    expect_close(snake(x.clone(), 0 * a), x, x=x, rtol=1e-5)
with checks("at a = 0 the slope by x is 1, and that by a a number"):
    by_x, by_a = slopes(0 * a)
    expect_close(by_x, torch.ones_like(x), x=x, rtol=1e-5)
    assert by_a.isfinite().all(), "The slope by a is nan: keep 0 from where you divide."
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def snake(x, a):
#     safe = torch.where(a == 0, 1.0, a)
#     return x + torch.where(a == 0, 0.0, torch.sin(a * x) ** 2 / safe)
# ```
#
# Without `safe`, the values would be right and the gradient `nan`: the trap of lesson 03.
#
# </details>

# %% [markdown]
# ## Maxout
#
# Goodfellow and others, *Maxout Networks*, 2013: no activation at all, but the largest of $k$ linear functions,
# $\max_j (w_j x + b_j)$. ReLU is the larger of $x$ and $0$, $|x|$ that of $x$ and $-x$. One unit can be any *convex*
# function made of $k$ straight pieces, and the difference of two units any function made of straight pieces. It
# learns its shape, costs $k$ times the weights, and only the piece that won gets a gradient.
#
# The $k$ tangents of $x^2$ in the middles of $k$ equal intervals of $[-1, 1]$: at the ends of the intervals, $1/k$
# away, each is too low by $1/k^2$.

# %%
x = np.linspace(-1, 1, 2001)
table = Table("maxout with k pieces for x² on [−1, 1]", {"k": "d", "largest error": ".5f", "1/k²": ".5f"})
for k in (2, 4, 8, 16):
    at = -1 + (2 * np.arange(k) + 1) / k  # the tangent there is 2·at·x − at²
    maxout = (2 * at[:, None] * x - at[:, None] ** 2).max(axis=0)
    table.add(k, np.abs(maxout - x**2).max(), 1 / k**2)
table.show()
pair = np.stack([x, -x])
print("ReLU and |x| are maxout:", np.array_equal(np.maximum(pair[0], 0), np.stack([x, 0 * x]).max(axis=0)), end=", ")
print(np.array_equal(np.abs(x), pair.max(axis=0)))

# %% [markdown]
# ## In one table
#
# "Kept" counts tensors of the hidden layer's width between linear layers, as measured above.
#
# | function | gain, and for what it was shown | price |
# |---|---|---|
# | SwiGLU, GEGLU | perplexity of language models, at equal parameters | third matrix; 4 kept; overflows as a product does |
# | ReLU² | the same; exact zeros | 2 kept; inf in float16 from 256 on |
# | ReLU | exact zeros, 1 kept, 8 bits without a sign | dead units (lesson 03) |
# | GELU, SiLU | smooth; checkpoints need them | 2 kept; no zeros |
# | xIELU | perplexity, by its authors | 2 parameters a layer, more to compute |
# | KAN | small formulas | 8 times the parameters and more |
# | SIREN, Snake | fast waves in dense, true data | learns noise; a frequency to choose |
# | Maxout | any convex shape | $k$ times the weights |

# %% [markdown]
# ## Quiz
#
# Every answer has its own feedback. Nothing is graded.

# %%
Quiz("11_todays_models")

# %% [markdown]
# ## Recap
#
# - A gated block is $(g(xW) \odot xV)\,U$. Equal parameters: two thirds of the hidden units, $\frac83 d$. One SwiGLU
#   unit solves XOR. That gates help is a measurement on language models, not a law.
# - Products overflow: ReLU² of 256 is inf in float16. In 8 bits one outlier ruins them.
# - Between linear layers ReLU keeps 1 tensor, GELU and SiLU 2, a formula by hand 3 to 5. `inplace` saves kept memory
#   only where torch can take the slope from the output. Recomputation saves most, for a third more work.
# - Zeros save time if they are exact, many, and the batch is small.
# - Learned and periodic functions have their tasks. Ask what they cost and what the control says.
#
# ## What comes next
#
# - Exercise [ps7_gated_units](../../release/ps7_gated_units/ps7_gated_units.ipynb): write SwiGLU at equal parameters,
#   a SiLU that keeps one tensor, and the count of what is saved.
# - The [list of lessons](../README.md).
