# %% [markdown]
# # Choosing an activation
#
# **Goals.** After this lesson you can
# - choose an activation for a hidden layer, an output or a gate, with a reason and with code that runs;
# - say where sigmoid, tanh and softmax still belong, and why a gate *wants* to saturate;
# - write a step of an LSTM and of attention, with the right function in each place;
# - say of any two functions what sets them apart: range, slope, mean, cost.
#
# **Time.** 55 minutes, 40 of them for the core.
#
# **You need.** Lessons 02 to 06a, or what they teach: the functions, dead units, gradient flow, outputs and losses.

# %%
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from course.checks import Checks, expect_close
from course.checks.messages import numbers
from course.computations.functions import ACTIVATIONS, evaluate
from course.computations.recommendations import TABLE
from course.demos.attention_weights import AttentionWeights
from course.demos.flow_chart import FlowChart
from course.demos.glu import Glu
from course.demos.memory_gate import MemoryGate
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz
from course.widgets.tables import Table

torch.set_num_threads(1)  # the networks here are small: sharing them out between cores would cost time

# %% [markdown] tags=["section:D2"]
# ## Four places for an activation
#
# 1. **Between two linear layers.** Without it they collapse into one (lesson 01).
# 2. **At the output**, matched to the loss (lesson 06a). Often the activation is inside the loss, and the network ends
#    in raw logits.
# 3. **In a gate**, where a number from 0 to 1 says how much of a signal passes: LSTM, attention, gated feed-forward
#    blocks.
# 4. **In a convolution block**: convolution, normalisation, activation, then pooling.
#
# In the last one, does the order of activation and pooling matter? A function that never falls keeps the order of
# numbers, so the largest stays the largest.

# %%
pool_guess = Prediction(
    "Max pooling first is cheaper: fewer numbers are left to activate. For which functions is the result the same?",
    choices=["ReLU and GELU", "ReLU only", "GELU only", "neither"],
)
pool_guess

# %%
torch.manual_seed(0)
maps = torch.randn(8, 16, 12, 12)  # (samples, channels, height, width)
same = {}
table = Table("largest difference between the two orders", {"pooling": "", "activation": "", "difference": ".4f"})
for pool in (F.max_pool2d, F.avg_pool2d):
    for activation in (F.relu, F.gelu):
        apart = (pool(activation(maps), 2) - activation(pool(maps, 2))).abs().max().item()
        same[pool, activation] = apart < 1e-6
        table.add(pool.__name__, activation.__name__, apart)
table.show()
relu, gelu = same[F.max_pool2d, F.relu], same[F.max_pool2d, F.gelu]
pool_guess.compare("ReLU only" if relu and not gelu else "ReLU and GELU" if relu else "neither")

# %% [markdown]
# GELU falls before it rises (lesson 04). In a window of negative numbers the largest one need not have the largest
# GELU. And the mean of ReLUs differs from the ReLU of the mean as soon as a window has both signs. So the order is free
# for ReLU with max pooling. Elsewhere another order is another network.

# %% [markdown] tags=["section:E11"]
# ## Choosing: a flow chart that ends in code
#
# The first question is *where* the function stands, because a hidden layer, an output and a gate want different things:
# a gradient that gets through, the right range for the loss, a share between 0 and 1. Choose an answer for each of
# the three, then look at the path of each.
# 1. Move the slider of dead units past 10 %. Which paths change, and which do not?
# 2. Which outputs end in *none*, and where does their activation go?
#
# ![A flow chart from left to right. The box “Where does it stand?” leads to hidden layer, output layer and gate. A
# hidden layer asks which kind of network: fully connected or convolutional lead to ReLU, and from there to Leaky ReLU
# when many units are dead; transformer to GELU, efficient vision to SiLU, on a phone to Hardswish, recurrent to tanh,
# tiny batches without normalisation to ELU, deep without normalisation to SELU, an experiment to Mish. The path to ReLU
# is blue. An output asks what is predicted, a gate what it opens.](images/07a_flow_chart.png)

# %%
chart = FlowChart()
chart

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. The two that end in ReLU, *fully connected* and *convolutional*, go on to Leaky ReLU. Nothing else depends on the
#    slider.
# 2. *Any number* has none at all. *Yes or no*, *one of many classes* and *several labels at once* end in none because
#    their loss has it inside.
#
# </details>

# %% [markdown]
# Your choice is a starting point, not a verdict: it says what people use and why. The same chart as text:

# %%
table = Table("every path of the chart", dict.fromkeys(("layer", "situation", "activation", "reason"), ""))
for path in TABLE.values():
    table.add(path.role, path.situation, path.activation, path.reason)
table.show()
print("\nThe code at the end of your path:\n\n" + chart.code)
print("What it prints when it runs:")
exec(chart.code)

# %% [markdown]
# ### Rules of thumb, and what they rest on
#
# - **Start with ReLU**, He's initialisation, and an eye on dead units. It is the simplest thing that works.
# - **Keep what a known architecture has.** Transformers come with GELU or SwiGLU, EfficientNet with SiLU (why: lesson
#   04). Trained weights expect their activation. Between GELU and SiLU expect no difference that you could measure on a
#   small task; lesson 08 tries.
# - **A deep network needs normalisation, residual connections or an exact start** (lesson 05), more than another
#   function.
# - **Very deep without normalisation: ELU or SELU**, whose outputs have a mean near 0; SELU also keeps the spread
#   (lesson 03).
# - **For an experiment: Mish**, or what is newest. Expect to have to prove it (lesson 08).
# - **Change one thing at a time**, and compare over several seeds.
#
# ![The same chart with another path in blue: output layer, what is predicted, one of many classes, none. Dotted lines
# mark the answers of the other two roles.](images/07a_flow_chart_output.png)
#
# ![The same chart with the slider at 35 % dead units: the blue path goes from hidden layer over convolutional and
# ReLU to Leaky ReLU.](images/07a_flow_chart_dead.png)

# %% [markdown] tags=["section:D6"]
# ## Gates: where saturation is wanted
#
# A sigmoid whose slope is nearly 0 blocks the gradient of a hidden layer. So why does every LSTM have three sigmoids?
# Its memory is $c_t = f_t\,c_{t-1} + i_t\,g_t$: the forget gate $f_t$ says how much is kept, the input gate $i_t$ how
# much of the candidate $g_t$ comes in. Keeping something for 100 steps takes $f^{100} \approx 1$, and that needs a gate
# that is almost exactly 1: saturated. The gradient that flows back along the memory is multiplied by the same
# $f^{100}$, so it is kept as well. What the flat slope blocks is only the gradient of the gate's *own* weights: it is
# hard to teach a gate that has shut for good. Forget gates often start open, with a bias of 1 or more, so that memory
# and gradient are kept from the first step on.

# %%
columns = {"z": ".1f", "opening f": ".5f", "left after 100 steps": ".2g", "slope: how easily the gate itself learns": ".5f"}
table = Table("a forget gate", columns)
for z in (0.0, 1.0, 3.0, 5.0, 8.0):
    opening, slope = evaluate("sigmoid", z)
    table.add(z, opening, opening**100, slope)
table.show()

# %% [markdown]
# Grey bars are offered to the memory: three pulses and some noise.
# 1. Open the forget gate until the first pulse is still there at the end. Which $z$ does that take?
# 2. Shut the input gate. How far down must $z$ go until the noise no longer matters? What happens to the pulses?
# 3. Make the gates of ReLU, with the forget gate at $z = 1$. Then go to $z = 1.1$. Why is a gate without an upper limit
#    dangerous?
#
# ![Left, the sigmoid with the forget gate's point at z = 5, open to 0.99, and the input gate's at 0.5, open to 0.62.
# Right, over 60 steps, grey bars at steps 5, 25 and 40, and a blue memory line: it jumps at each bar and hardly changes
# between them.](images/07a_memory_open.png)
#
# ![The same with the forget gate at z = 1, open to 0.73: after each bar the blue line is back at zero within
# about ten steps.](images/07a_memory_leaks.png)

# %%
MemoryGate()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. About 4.4: the gate is then open to 0.988, and one half is left after 57 steps. At 4.0 it is 38 steps, too few
#    for the pulse at step 5.
# 2. About −3, where the gate is open to 0.047. The pulses shrink as much as the noise: the memory ends at 0.029. A
#    gate cannot tell them apart by itself; in an LSTM it opens and shuts step by step.
# 3. At $z = 1$ the memory is kept for ever. At 1.1 it is multiplied by 1.1 at each step: by 117 in 50 steps. A gate
#    above 1 is an amplifier, and in a loop it explodes.
#
# </details>

# %% [markdown] tags=["section:D6"]
# ### And tanh?
#
# A recurrent network applies the same weights at every step. A state without bounds can grow like a power of these
# weights. In the run below ReLU's state grows by about the same factor at each step: after 10 steps it is some fifteen
# times larger, after 100 steps it is a number with fourteen digits. Tanh bounds it: wherever the weights point, the
# state stays within $\pm 1$, and both signs are possible, so a memory can be raised and lowered. This is why tanh lives
# on in LSTM and GRU cells, and in outputs with a range such as the pixels of an image generator, while feed-forward
# layers have mostly left it.

# %%
torch.manual_seed(0)
caption = "largest state of a plain recurrent network, weights of standard deviation 2 / √64, median of 5 seeds"
table = Table(caption, {"": "", **{f"step {step}": ".2g" for step in (1, 10, 50, 100)}})
for nonlinearity in ("tanh", "relu"):
    sizes = []
    for seed in range(5):
        torch.manual_seed(seed)
        rnn = nn.RNN(64, 64, nonlinearity=nonlinearity, bias=False, batch_first=True)
        nn.init.normal_(rnn.weight_hh_l0, std=2.0 / 64**0.5)
        with torch.no_grad():
            states, _ = rnn(torch.randn(1, 100, 64))
        sizes.append(states.abs().amax(dim=(0, 2)))
    table.add(nonlinearity, *(np.median([size[step - 1] for size in sizes]) for step in (1, 10, 50, 100)))
table.show()

# %% [markdown]
# ### Your turn: one step of an LSTM
#
# An LSTM computes four numbers for each unit from its input and its state, stored side by side as torch does: input gate
# $i$, forget gate $f$, candidate $g$, output gate $o$. The new memory is $c' = f\,c + i\,g$, and the new
# state is $h' = o \tanh c'$. What comes in are the pre-activations of $i$, $f$, $g$ and $o$: give each the function that its
# role asks for.

# %%
def lstm_step(parts, c):
    """Return h' and c'; parts has the pre-activations of i, f, g and o side by side in the last axis, c is the memory."""
    raise NotImplementedError  # your code: 3 to 5 lines

# %%
def step(*parts, memory):
    state, memory = lstm_step(torch.cat(parts, dim=-1), memory.clone())
    return state, memory


def expect_cell(units):
    """A step is one of torch's own cell, with all it computes from the input and the state."""
    torch.manual_seed(0)
    cell, x, h, c = nn.LSTMCell(3, units), torch.randn(5, 3), torch.randn(5, units), 2 * torch.randn(5, units)
    parts = F.linear(x, cell.weight_ih, cell.bias_ih) + F.linear(h, cell.weight_hh, cell.bias_hh)
    for ours, theirs in zip(step(parts.detach(), memory=c), cell(x, (h, c))):
        expect_close(ours, theirs.detach(), rtol=1e-4, atol=1e-5)


g, o, c = torch.randn(3, 5, 4, generator=torch.Generator().manual_seed(0))
far, ones = torch.full_like(c, 50.0), torch.ones_like(c)
checks = Checks("lstm_step", points=6)
with checks("both gates shut: the memory is empty"):
    expect_close(step(-far, -far, g, o, memory=c)[1], 0 * ones, atol=1e-6)
with checks("forget gate open, input gate shut: the memory is kept"):
    expect_close(step(-far, far, g, o, memory=c)[1], c, rtol=1e-5)
with checks("input gate open, forget gate shut: candidates from −50 to 50 come in within −1 and 1, both signs"):
    expect_close(step(far, -far, far, o, memory=c)[1], ones, rtol=1e-5)
    expect_close(step(far, -far, -far, o, memory=c)[1], -ones, rtol=1e-5)
with checks("the output gate opens the state, which stays within −1 and 1 however large the memory is"):
    expect_close(step(-far, far, g, -far, memory=c)[0], 0 * ones, atol=1e-6)
    expect_close(step(-far, far, g, far, memory=100 + far)[0], ones, rtol=1e-5)
with checks("state and memory are those of nn.LSTMCell"):
    expect_cell(4)
with checks("three units as well as four"):
    expect_cell(3)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def lstm_step(parts, c):
#     i, f, g, o = parts.chunk(4, dim=-1)
#     c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
#     return torch.sigmoid(o) * torch.tanh(c), c
# ```
#
# Three gates, three sigmoids. The candidate may raise or lower the memory: tanh. The memory itself has no activation, so
# that its gradient passes, and only what leaves it goes through tanh.
#
# </details>

# %% [markdown]
# ### Attention: softmax as a gate
#
# *Beyond the core.*
#
# A sigmoid opens each gate by itself. In attention the gates *compete*: softmax over the scores $\mathbf q \cdot
# \mathbf k_j / \sqrt d$ shares a weight of 1 out among the keys. The output is the mix of the values with these
# weights.
#
# Turn the query and watch the star, the mix. Then make the query long: the gate saturates, one key takes nearly all,
# and hardly any gradient reaches the others. The dot product of two random vectors with $d$ independent components of
# mean 0 and variance 1 has standard deviation $\sqrt d$. That is why it is divided by $\sqrt d$: to keep the gate out
# of saturation. Last, mask D and E, as a language model masks the future.
#
# ![Left, five keys A to E on a circle, an arrow for the query near A and B, a star for the mix. Right, bars for the
# weights: A 0.50, B 0.39, E, C and D small.](images/07a_attention.png)
#
# ![The same with a query of length 20: A has 0.84, B 0.16, all others nothing, and the star lies close to
# A.](images/07a_attention_sharp.png)

# %%
AttentionWeights()

# %%
columns = {"d": "d", "deviation of the scores": ".1f", "largest weight, unscaled": ".3f", "scaled": ".3f"}
table = Table("10 keys; the largest weight is the median of 500 queries", columns)
for d in (4, 64, 1024):
    generator = torch.Generator().manual_seed(0)
    query, keys = (torch.randn(shape, generator=generator) for shape in ((500, 1, d), (500, 10, d)))
    scores = (query * keys).sum(dim=-1)
    largest = [torch.softmax(s, dim=-1).amax(dim=-1).median().item() for s in (scores, scores / d**0.5)]
    table.add(d, scores.std(), *largest)
table.show()

# %% [markdown]
# ### Your turn: attention that cannot see the future
#
# *Beyond the core.*
#
# Write attention for a language model: position $i$ may look at positions 0 to $i$ only. Scores are divided by $\sqrt d$,
# a masked score is $-\infty$, and the weights of each query sum to 1. Scores may be large.

# %%
def causal_attention(q, k, v):
    """Return the mixed values; q, k and v have the shape (positions, d), and so has the result."""
    raise NotImplementedError  # your code: 3 to 6 lines

# %%
source = torch.Generator().manual_seed(0)


def mixed(*qkv):
    return numbers(causal_attention(*(part.clone() for part in qkv)))


def expect_mixed(positions, d):
    qkv = torch.randn(3, positions, d, generator=source, dtype=torch.float64)
    wanted = F.scaled_dot_product_attention(*qkv[:, None], is_causal=True)[0]
    expect_close(mixed(*qkv), wanted, rtol=1e-5, atol=1e-5)


q, k, v = torch.randn(3, 6, 16, generator=source, dtype=torch.float64)
checks = Checks("causal_attention", points=6)
with checks("the first position sees itself alone"):
    expect_close(mixed(q, k, v)[0], v[0], rtol=1e-5)
with checks("other keys and values in the future change nothing in the past"):
    later = torch.arange(6)[:, None] >= 4
    for much in (9, -120):
        expect_close(mixed(q, k + much * later, v - 9 * later)[:4], mixed(q, k, v)[:4], rtol=1e-5, atol=1e-5)
with checks("the weights of a query sum to 1: if all values are equal, so is the mix"):
    expect_close(mixed(q, k, torch.ones_like(v)), torch.ones_like(v), rtol=1e-5)
with checks("each position mixes all up to its own"):
    expect_mixed(6, 16)
    expect_close(mixed(0 * q, k, v)[2], v[:3].mean(dim=0), rtol=1e-5, atol=1e-5)
with checks("scores over √d, for other shapes too"):
    expect_mixed(4, 9)
    expect_mixed(7, 2)
with checks("large scores do not overflow"):
    alone = 1000 * torch.eye(6, 16, dtype=torch.float64)  # each query meets its own key only
    expect_close(mixed(alone, alone, v), v, rtol=1e-5)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def causal_attention(q, k, v):
#     n, d = q.shape
#     scores = q @ k.T / d**0.5
#     future = torch.ones(n, n, dtype=torch.bool).triu(diagonal=1)
#     weights = torch.softmax(scores.masked_fill(future, -torch.inf), dim=-1)
#     return weights @ v
# ```
#
# In torch it is `F.scaled_dot_product_attention(q, k, v, is_causal=True)`.
#
# </details>

# %% [markdown]
# ### GLU and SwiGLU
#
# *Beyond the core.*
#
# A gated linear unit splits its features into two halves: the signal $\mathbf a$ and the gate's pre-activation $\mathbf
# b$. The output is $\mathbf a \odot \sigma(\mathbf b)$. Compare SiLU, $x\,\sigma(x)$, where $x$ gates itself: here
# another part of the features decides. SwiGLU puts SiLU in the sigmoid's place. Then the gate has no upper limit, and
# the unit can *multiply* two features.
#
# Choose the variants.
# 1. Which gates can amplify?
# 2. Which can change the sign?
#
# ![Left, a grey sine, a rising dotted line b from −3 to 3 and a dashed gate that follows the sigmoid from 0.05 to 0.95.
# Right, the product: a sine that grows from nearly nothing to nearly 1.](images/07a_glu.png)
#
# ![The same for SwiGLU: the gate dips below 0 on the left and rises to 2.9 on the right, and the product grows to 2.7
# in size.](images/07a_swiglu.png)

# %%
Glu()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. All but GLU. Its gate stays below 1, and the largest product is 0.942. The others go with $b$ without limit: here
#    up to 2.656 for SwiGLU and 2.814 for ReGLU.
# 2. Those that reach below 0: *bilinear*, down to −3.000, SwiGLU, down to −0.278, and GEGLU, down to −0.170. GLU and
#    ReGLU cannot.
#
# </details>

# %% [markdown] tags=["section:B1"]
# ## All functions in one table
#
# $\sigma$ is the sigmoid, $\Phi$ and $\varphi$ are distribution function and density of the standard normal,
# $s = \ln(1 + e^x)$.
#
# | function | formula | range | slope |
# |---|---|---|---|
# | sigmoid | $1 / (1 + e^{-x})$ | $(0, 1)$ | $\sigma (1 - \sigma)$ |
# | tanh | $2\sigma(2x) - 1$ | $(-1, 1)$ | $1 - \tanh^2 x$ |
# | ReLU | $\max(0, x)$ | $[0, \infty)$ | $0$ or $1$ |
# | Leaky ReLU, PReLU | $x$, or $\alpha x$ for $x \le 0$ | $(-\infty, \infty)$ | $\alpha$ or $1$ |
# | ELU | $x$, or $\alpha (e^x - 1)$ for $x \le 0$ | $(-\alpha, \infty)$ | $\alpha e^x$ or $1$ |
# | SELU | $\lambda\,\mathrm{ELU}_\alpha$, $\alpha = 1.6733$, $\lambda = 1.0507$ | $(-1.758, \infty)$ | $\lambda \alpha e^x$ or $\lambda$ |
# | softplus | $s$ | $(0, \infty)$ | $\sigma$ |
# | GELU | $x\,\Phi(x)$ | $[-0.170, \infty)$ | $\Phi + x \varphi$ |
# | SiLU, Swish | $x\,\sigma(x)$ | $[-0.278, \infty)$ | $\sigma\,(1 + x (1 - \sigma))$ |
# | Mish | $x \tanh s$ | $[-0.309, \infty)$ | $\tanh s + x (1 - \tanh^2 s)\,\sigma$ |
# | Hardswish | $x \cdot \min(\max(x + 3, 0), 6) / 6$ | $[-0.375, \infty)$ | $0$, $(2x + 3)/6$ or $1$ |
# | softmax | $e^{z_i} / \sum_j e^{z_j}$ | $(0, 1)$, sum 1 | $p_i ([i = j] - p_j)$, a matrix |
#
# The cell adds what else you may want to know: mean and mean square of the output for a standard normal input, the gain
# for the initialisation that follows (lesson 05), and how many tensors of its size autograd keeps for the way back
# between two linear layers.

# %%
def kept(function):
    """Tensors of the layer's size that autograd keeps between two linear layers, each storage once."""
    found, first, last = {}, nn.Linear(16, 512), nn.Linear(512, 16)
    hooks = (lambda t: found.setdefault(t.untyped_storage().data_ptr(), t)), (lambda t: t)
    with torch.autograd.graph.saved_tensors_hooks(*hooks):
        last(function(first(torch.randn(8, 16))))
    return sum(t.numel() == 8 * 512 for t in found.values())


z = torch.randn(1_000_000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
columns = {"f": "", "mean f": ".3f", "mean f²": ".3f", "gain": ".2f", "lowest": ".3f", "tensors kept": "d"}
table = Table("for a standard normal z", columns)
for name in ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "softplus", "gelu", "silu", "mish", "hardswish"):
    f = ACTIVATIONS[name].torch_function
    out, low = f(z), evaluate(name, np.linspace(-60, 60, 120_001))[0].min()
    lowest = "no limit" if low < -0.5 and name == "leaky_relu" else low
    square = out.square().mean().item()
    table.add(ACTIVATIONS[name].label, out.mean(), square, square**-0.5, lowest, kept(f))
table.show()

# %% [markdown] tags=["section:E15"]
# ## Key takeaways
#
# | activation | best for | avoid when |
# |---|---|---|
# | ReLU | hidden layers, the default; convolution blocks | many units are counted dead; negative outputs are needed |
# | Leaky ReLU, PReLU | reviving and preventing dead units | exact zeros are wanted |
# | ELU, SELU | outputs with a mean near 0; SELU for deep networks without normalisation | time counts; SELU without its own initialisation |
# | GELU | transformers | ReLU does as well and time counts: it has no exponential |
# | SiLU (Swish) | efficient vision networks, gates of SwiGLU | as GELU |
# | Mish | an experiment, and networks that were trained with it (YOLOv4) | time counts; there is no time to compare over seeds |
# | Hardswish | phones, 8-bit numbers | speed is no concern |
# | sigmoid | gates; probabilities of yes or no, outside of the loss | hidden layers of deep networks |
# | tanh | states of recurrent networks, outputs in a range around 0 | deep networks without residual connections or normalisation |
# | softmax | attention; probabilities of one of many classes, outside of the loss | hidden layers, where units should not compete (lesson 06a); several labels at once; before `CrossEntropyLoss` |
#
# No function is best everywhere, and between neighbours in this table the difference is often smaller than the spread over
# seeds. What the table rests on is the shape: how far each function reaches down and up, which decides where it can
# stand, and how much slope is left far out, which decides what passes through it on the way back.

# %%
x = np.linspace(-300, 300, 60_001)
left, right = np.searchsorted(x, [-5.0, 5.0])
columns = {"": "", "lowest value": ".3f", "largest value": ".3f", "slope at −5": ".4f", "slope at 5": ".4f"}
table = Table("on [−300, 300]", columns)
for name in ("relu", "leaky_relu", "elu", "selu", "gelu", "silu", "sigmoid", "tanh"):
    value, slope = evaluate(name, x)
    ends = [v if abs(v) < 2 else "no limit" for v in (value.min(), value.max())]
    table.add(name, *ends, slope[left], slope[right])
table.show()

# %% [markdown]
# ## Quiz
#
# Every answer has its own feedback. Nothing is graded.

# %%
Quiz("07a_choosing")

# %% [markdown]
# ## Recap
#
# - Ask first where it stands: hidden layers need a gradient that gets through, outputs the range of the loss, gates a
#   share.
# - Hidden: ReLU unless the architecture comes with another one, or the count of dead units tells you. Output: mostly
#   raw logits. Gate: sigmoid, or softmax if the gates compete.
# - A gate is meant to saturate. A hidden layer is not. Tanh bounds a state that runs in a loop.
# - Attention divides scores by $\sqrt d$ to keep softmax out of saturation.
# - Between neighbours in the table the difference is often smaller than the spread over seeds.
#
# ## What comes next
#
# - [Lesson 07b](07b_pytorch_and_diagnosis.ipynb): how PyTorch offers them, four traps, and how to find what is wrong with a
#   network.
