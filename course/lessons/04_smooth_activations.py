# %% [markdown]
# # Smooth activations: GELU, SiLU, Mish
#
# **Goals.** After this lesson you can
# - write GELU, SiLU and Mish as $x$ times a gate, and derive their slopes;
# - say where GELU's formula comes from, and what its two short forms cost;
# - turn SiLU from a straight line into ReLU with one parameter;
# - say how low each function goes and where it falls, and what one unit can do because of that;
# - spot a Mish whose values are right and whose gradient is `nan`.
#
# **Time.** 70 minutes, 30 of them for the core.
#
# **You need.** Lesson 02: sigmoid, tanh and ReLU with their slopes.

# %%
import math
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from course.checks import Checks, expect_close
from course.checks.messages import numbers
from course.computations.functions import ACTIVATIONS, evaluate
from course.demos.dip import Dip, minimum
from course.demos.gelu_forms import GeluForms, errors
from course.demos.self_gated import SelfGated
from course.demos.silu_beta import SiluBeta
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz
from course.widgets.tables import Table

torch.set_num_threads(1)  # so that the times below can be compared

# %% [markdown]
# ## One idea: x times a gate
#
# ReLU can be read as a product: $x$ times a gate that is shut, $0$, for negative $x$ and open, $1$, for positive
# $x$. The functions of this lesson keep the product and let the gate open gradually. Many tables list their range as
# $(-\infty, \infty)$. Think of a product of a negative number and a gate that is nearly shut, then guess.

# %%
lowest_guess = Prediction(
    "GELU is x·Φ(x), with a gate Φ that rises from 0 to 1. What is the smallest value it takes?"
)
lowest_guess

# %% [markdown] tags=["section:B1", "section:D3"]
# ### Three functions at a glance
#
# Each function is $f(x) = x\,g(x)$ with a gate $g$ that rises from 0 to 1 and is opened by $x$ itself: it is
# *self-gated*. The product rule gives every slope in the same way: $f'(x) = g(x) + x\,g'(x)$. Far to the right the gate
# is open and $f(x) \approx x$. Far to the left the gate shuts faster than $x$ grows, so $f(x) \to 0$. In between
# $f$ is negative. So there is a smallest value, and the range is bounded below.
#
# | function | gate $g(x)$ | slope | range | known for |
# |---|---|---|---|---|
# | GELU | $\Phi(x)$ | $\Phi(x) + x\,\varphi(x)$ | $[-0.170, \infty)$ | BERT, GPT-2 and many transformers after them |
# | SiLU, Swish | $\sigma(x)$ | $\sigma(x)\,\bigl(1 + x\,(1 - \sigma(x))\bigr)$ | $[-0.278, \infty)$ | EfficientNet |
# | Mish | $t = \tanh(\mathrm{softplus}(x))$ | $t + x\,(1 - t^2)\,\sigma(x)$ | $[-0.309, \infty)$ | YOLOv4 |
#
# $\Phi$ is the distribution function of the standard normal, $\varphi$ its density, $\sigma$ the sigmoid, and
# $\mathrm{softplus}(x) = \ln(1 + e^x)$.

# %%
x = np.linspace(-20, 20, 400_001)
columns = {"smallest f": ".6f", "at x": ".4f", "largest slope": ".4f", "smallest slope": ".4f", "slope at 0": ".4f"}
table = Table("on [−20, 20]", {"function": "", **columns})
for name in ("relu", "gelu", "silu", "mish"):
    value, slope = evaluate(name, x)  # torch computes the value, autograd the slope
    place = "x ≤ 0" if name == "relu" else x[value.argmin()]
    table.add(ACTIVATIONS[name].label, value.min(), place, slope.max(), slope.min(), slope[x.size // 2])
table.show()

# %%
lowest_guess.compare(evaluate("gelu", x)[0].min(), tolerance=0.01)

# %% [markdown]
# Two more things to read off. The slopes exceed $1$ somewhere to the right, and they are negative somewhere to
# the left: the functions fall before they rise.
#
# Move $x$ and compare the gates.
# 1. At which $x$ is the gate of Mish half open?
#
# ![Three panels over x from −6 to 6 with ReLU, dash-dot green, GELU, solid purple, SiLU, dashed blue, and Mish,
# dotted vermillion. Left, the gates: a step at 0 for ReLU, and three S-shaped curves, SiLU's the slowest, Mish's at 0.6
# for x = 0, the others at 0.5. Middle, the functions: all but ReLU dip below 0 for negative x. Right, the slopes:
# ReLU's jumps from 0 to 1, the others pass smoothly, from below 0 on the left to above 1 on the
# right.](images/04_self_gated.png)

# %%
SelfGated()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. A little left of −0.3: there it is at 0.504, at −0.35 it is at 0.488. (Exactly: −0.312, where softplus is 0.549
#    and tanh of it one half.)
#
# </details>

# %% [markdown] tags=["section:E6"]
# ## GELU
#
# $$\mathrm{GELU}(x) = x\,\Phi(x) = \frac{x}{2}\left(1 + \operatorname{erf}\frac{x}{\sqrt 2}\right)$$
#
# Why $\Phi$? Let a coin decide whether a unit passes its input on, as in dropout, but let a larger input have the
# better chance: draw $Z$ from the standard normal, pass $x$ if $Z \le x$, else pass $0$. The chance of passing is
# $P(Z \le x) = \Phi(x)$, so the *mean* output is $x\,\Phi(x)$. GELU puts the mean in the place of the coin, and
# there is nothing random left in it. (Hendrycks and Gimpel, *Gaussian Error Linear Units*, 2016.)
#
# For the slope, $\Phi' = \varphi$ with $\varphi(x) = e^{-x^2/2}/\sqrt{2\pi}$, so the product rule gives
#
# $$\mathrm{GELU}'(x) = \Phi(x) + x\,\varphi(x).$$

# %%
points = torch.tensor([-2.0, -1.0, 0.5, 2.0], dtype=torch.float64, requires_grad=True)
F.gelu(points).sum().backward()
values = points.detach().numpy()
draws = np.random.default_rng(0).standard_normal((1_000_000, 1))
passed = np.where(draws <= values, values, 0.0)  # a million coins for each x
error = passed.std(axis=0) / math.sqrt(len(draws))
table = Table("a million coins for each x", {"x": "", **{f"{x:g}": ".4f" for x in values}})
table.add("mean of the coin", *passed.mean(axis=0))
table.add("its standard error", *error)
table.add("torch's GELU", *F.gelu(points).detach())
table.show()
phi, density = torch.special.ndtr(points.detach()).numpy(), np.exp(-(values**2) / 2) / math.sqrt(2 * math.pi)
table = Table("slope of GELU", {"x": "", **{f"{x:g}": ".6f" for x in values}})
table.add("formula", *(phi + values * density))
table.add("autograd", *points.grad)
table.show()

# %% [markdown]
# ### What smooth means
#
# ReLU is continuous, its slope is not: at $0$ it jumps from $0$ to $1$. GELU has derivatives of every order. To see the
# difference, look at the slope on a grid. Halve the grid's step, and see whether the largest change from one point to the
# next halves too.

# %%
names = ("relu", "gelu", "silu", "mish")
columns = {"step": "g", **{ACTIVATIONS[name].label: ".4f" for name in names}}
table = Table("largest change of the slope from one point of the grid to the next", columns)
for step in (0.1, 0.05, 0.025):
    grid = np.arange(-4, 4, step) + step / 3  # 0 itself is no grid point
    table.add(step, *(np.abs(np.diff(evaluate(name, grid)[1])).max() for name in names))
table.show()

# %% [markdown]
# ### The two short forms
#
# *Beyond the core.*
#
# $\Phi$ needs the error function. For those who want it cheaper, the authors of GELU give two gates made of simpler
# parts:
#
# $$\Phi(x) \approx \tfrac12\Bigl(1 + \tanh\bigl(\sqrt{2/\pi}\,(x + 0.044715\,x^3)\bigr)\Bigr), \qquad
#   \Phi(x) \approx \sigma(1.702\,x).$$
#
# Where does the first come from? Near $0$, $2\Phi(x) - 1 = \sqrt{2/\pi}\,\bigl(x - \tfrac{x^3}{6} + \dots\bigr)$ and
# $\tanh u = u - \tfrac{u^3}{3} + \dots$. Put $u = \sqrt{2/\pi}\,(x + c\,x^3)$ and compare the terms in $x^3$:
# $c - \tfrac13 \cdot \tfrac2\pi = -\tfrac16$, so $c = \tfrac{2}{3\pi} - \tfrac16 \approx 0.0455$. The published
# $0.044715$ is close to it, but not the same.

# %%
form_guess = Prediction(
    "How far is the tanh form from the exact GELU, where it is worst?",
    choices=["about 0.02", "about 0.0005", "about 0.00000006, rounding in float32"],
)
form_guess

# %%
x = np.linspace(-6, 6, 24_001)
table = Table("largest error on [−6, 6]", {"of the": "", "tanh form": ".2e", "sigmoid form": ".2e"})
for kind in ("function", "gate", "slope"):
    size = {name: error.max() for name, error in errors(kind, x).items()}
    table.add(kind, size["gelu_tanh"], size["gelu_sigmoid"])
table.show()
worst = errors("function", x)["gelu_tanh"].max()
form_guess.compare(f"about {worst:.4f}")

# %% [markdown]
# Move the two constants. Try this:
# 1. Choose *value x·gate* and look for the $k$ with the smallest largest error. Is it 1.702?
# 2. Choose *the gate alone* and look again. What do the bumps of the error look like at the best $k$?
# 3. Set $c = 0$: how much does the cubic term bring?
#
# ![Two panels over x from −6 to 6. Left, GELU as a broad purple band with its tanh form, dashed black, and its
# sigmoid form, solid sky blue, on top of it. Right, the distance of the two from the exact form on a logarithmic
# axis: the sigmoid form reaches 0.02 near x = ±2.3, the tanh form 0.0005 near x = ±2.7; both are exact at
# 0.](images/04_gelu_forms.png)

# %%
GeluForms()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. No. The largest error of the *value* is 0.0203 at 1.702 and 0.0139 at 1.773, where it is smallest.
# 2. At 1.702 the largest error of the *gate* is 0.0095, and its four bumps are equally high: to lower one would raise
#    another.
# 3. A lot: without it the tanh form is off by up to 0.034, with it by 0.0005.
#
# </details>

# %%
candidates = {"k": np.arange(1.5, 2.0, 0.001), "c": np.arange(0.040, 0.050, 0.00001)}
columns = {"constant": "", "of the": "", "best at": ".5f", "published": "g"}
table = Table("where the largest error is smallest", columns)
for constant, form, published in (("k", "gelu_sigmoid", 1.702), ("c", "gelu_tanh", 0.044715)):
    for kind in ("function", "gate"):
        size = [errors(kind, x[::20], **{constant: value})[form].max() for value in candidates[constant]]
        best = int(np.argmin(size))
        table.add(constant, kind, candidates[constant][best], published)
table.show()

# %% [markdown]
# So the published constants are the best ones for the *gate*. There the bumps of the error are equally high, the
# mark of a best fit in this sense. For $x\,\Phi(x)$ itself slightly different constants would be closer. Libraries
# use the published ones, and being the same matters more than being closer.
#
# Does the error matter? Networks are often run in bfloat16, with eight significant bits. There most results of the two
# forms round to the same number. And is the short form faster today? Ask the machine.

# %%
torch.manual_seed(0)
inputs = torch.randn(1_000_000)
exact, short = F.gelu(inputs), F.gelu(inputs, approximate="tanh")
print(f"equal after rounding to bfloat16: {(exact.bfloat16() == short.bfloat16()).float().mean():.1%}")
table = Table("time for a million numbers, in ms: median of 9 runs (shortest to longest)", {"approximate=": "", "ms": ".1f"})
for form in ("none", "tanh"):
    milliseconds = []
    for _ in range(9):
        start = time.perf_counter()
        F.gelu(inputs, approximate=form)
        milliseconds.append(1e3 * (time.perf_counter() - start))
    table.add(f'"{form}"', milliseconds)
table.show()

# %% [markdown]
# Whichever is faster on your machine: run a trained network with the form it was trained with. The published code of
# GPT-2 has the tanh form. In PyTorch that is `nn.GELU(approximate="tanh")`; `nn.GELU()` is the exact one.
#
# Is that pedantry? The two get mixed up again and again, because the name in a configuration file, `gelu`, does not say
# which one is meant, and nothing fails. Some public reports:
# - Gemma was trained with the tanh form and was run with the exact one, by several libraries (GitHub: vllm-project/vllm
#   issue 3411; NVIDIA-NeMo/Megatron-Bridge pull request 4661).
# - In one case the cost was measured: a speech model trained with the tanh form was run with the exact one. Its inner
#   signal was off by 0.35 %. Of its words 0.91 % were wrong, against 0.84 % with the right form, which the authors call
#   the same within noise (kyutai-labs/pocket-tts, pull request 278).
# - In another case it did show: a language model with exact GELU, run with the tanh form, wrote the same text as the
#   original for only 6 of 10 prompts (NVIDIA/TensorRT-Model-Connect, issue 663). Where several logits are nearly equal,
#   a small difference picks another word.

# %% [markdown] tags=["section:E7"]
# ## SiLU, also called Swish
#
# $$\mathrm{SiLU}(x) = x\,\sigma(x) = \frac{x}{1 + e^{-x}}, \qquad
#   \mathrm{SiLU}'(x) = \sigma(x) + x\,\sigma(x)(1 - \sigma(x)) = \sigma(x)\bigl(1 + x\,(1 - \sigma(x))\bigr).$$
#
# Where is the minimum? The slope is zero where $1 + x\,(1 - \sigma(x)) = 0$. Write $x = -u$ and use
# $1 - \sigma(-u) = \sigma(u)$: the condition is $u\,\sigma(u) = 1$. The value there is
# $-u\,\sigma(-u) = -u + u\,\sigma(u) = 1 - u$. So the place and the depth of the dip differ by exactly one.
#
# **History.** Often it is said that an automatic search discovered this function (Ramachandran, Zoph and Le, 2017, who
# named it Swish). It had been published before: by Hendrycks and Gimpel (2016), who named it SiLU, and by Elfwing,
# Uchibe and Doya (2017). EfficientNet uses it. MobileNetV3 uses *hard-swish*, which replaces the sigmoid by
# straight pieces.

# %%
place, value = minimum("silu")
sigma = 1 / (1 + math.exp(place))  # σ(u) at u = −place
print(f"minimum {value:.6f} at x = {place:.6f}")
print(f"u·σ(u) = {-place * sigma:.6f} and 1 − u = {1 + place:.6f}")
points = np.array([-4.0, -1.0, 0.0, 2.4])
s = 1 / (1 + np.exp(-points))
table = Table("slope of SiLU", {"x": "", **{f"{x:g}": ".6f" for x in points}})
table.add("formula", *(s * (1 + points * (1 - s))))
table.add("autograd", *evaluate("silu", points)[1])
table.show()

# %% [markdown]
# ### A parameter from linear to ReLU
#
# *Beyond the core.*
#
# Swish has a parameter: $f_\beta(x) = x\,\sigma(\beta x)$. It can be fixed, or learned like a weight.
# - At $\beta = 0$ the gate is $1/2$ everywhere, and $f_0(x) = x/2$ is a straight line.
# - For $\beta \to \infty$ the gate becomes a step, and $f_\beta$ becomes ReLU.
# - $\beta = 1$ is SiLU, and $\beta = 1.702$ is GELU's sigmoid form.

# %%
beta_guess = Prediction(
    r"You double $\beta$ from 1 to 2. What happens to the depth of the dip?",
    choices=["it doubles", "it stays the same", "it halves", "it becomes a quarter"],
)
beta_guess

# %% [markdown]
# ![Two panels over x from −6 to 6. Left, SiLU with β = 1 as a solid blue line between the dotted line x/2 and the
# dash-dot green ReLU; a triangle marks its minimum −0.278 at x = −1.28. Right, the slopes: 1/2 everywhere for the
# straight line, a jump from 0 to 1 for ReLU, and for SiLU a smooth rise from slightly below 0 to slightly above
# 1.](images/04_silu_beta.png)

# %%
SiluBeta()

# %%
x, depth = np.linspace(-20, 20, 400_001), {}
columns = {"β": "g", "minimum": ".6f", "at x": ".4f", "largest distance from ReLU": ".6f"}
table = Table("x·σ(βx)", columns)
for beta in (0.5, 1.0, 2.0, 10.0):
    y = x / (1 + np.exp(-beta * x))
    apart = np.abs(y - np.maximum(x, 0)).max()
    table.add(beta, y.min(), x[y.argmin()], apart)
    depth[beta] = y.min()
table.show()
beta_guess.compare("it halves" if abs(depth[2.0] / depth[1.0] - 0.5) < 1e-3 else "something else")

# %% [markdown]
# The reason is a change of scale: $f_\beta(x) = \frac{1}{\beta}\,\beta x\,\sigma(\beta x) = \frac{1}{\beta}\,f_1(\beta x)$.
# Every $f_\beta$ is SiLU seen from another distance, with both axes divided by $\beta$. The dip is
# $0.2785/\beta$ deep and lies at $-1.2785/\beta$. For the same reason the *slopes* keep their range for every
# $\beta > 0$: only where they are reached changes.

# %% [markdown] tags=["section:E8"]
# ## Mish
#
# $$\mathrm{Mish}(x) = x \tanh(\mathrm{softplus}(x)), \qquad \mathrm{softplus}(x) = \ln(1 + e^x)$$
#
# The gate takes two steps. Softplus turns $x$ into a positive number, tanh squeezes that into $(0, 1)$. With
# $t = \tanh(\mathrm{softplus}(x))$ the chain rule gives the gate the slope $(1 - t^2)\,\sigma(x)$, because the slope of
# softplus is $\sigma$. So $\mathrm{Mish}'(x) = t + x\,(1 - t^2)\,\sigma(x)$.
#
# At $x = 0$ the gate is not half open: with $e^{\ln 2} = 2$, $\tanh(\ln 2) = \frac{2 - 1/2}{2 + 1/2} = \frac35$.
# (Misra, *Mish: A Self Regularized Non-Monotonic Activation Function*, 2019.)

# %%
points = torch.tensor([-4.0, -1.0, 0.0, 1.5], dtype=torch.float64)
t, s = torch.tanh(F.softplus(points)), torch.sigmoid(points)
table = Table("Mish", {"x": "", **{f"{x:g}": ".6f" for x in points.tolist()}})
table.add("gate", *t)
table.add("slope, formula", *(t + points * (1 - t**2) * s))
table.add("slope, autograd", *evaluate("mish", points)[1])
table.show()

# %% [markdown]
# ### Spot the bug
#
# *Beyond the core.*
#
# This Mish is the formula, word for word. Its values are right, even at 1000.

# %%
def mish_from_the_book(x):
    return x * torch.tanh(torch.log(1 + torch.exp(x)))


points = torch.tensor([-3.0, 0.0, 3.0, 1000.0], requires_grad=True)
table = Table("Mish", {"x": "", **{f"{x:g}": ".6g" for x in points.tolist()}})
table.add("from the book", *mish_from_the_book(points).detach())
table.add("torch", *F.mish(points).detach())
table.show()

bug_guess = Prediction(
    "What does autograd return as its slope at x = 1000?",
    choices=["1.0", "0.0", "inf", "nan"],
)
bug_guess

# %%
mish_from_the_book(points).sum().backward()
table = Table("slope of Mish", {"x": "", **{f"{x:g}": ".6g" for x in points.tolist()}})
table.add("from the book", *points.grad)
slope = points.grad[-1].item()

points.grad = None
F.mish(points).sum().backward()
table.add("torch", *points.grad)
table.show()
bug_guess.compare(str(slope))

# %% [markdown]
# On the way forward $e^{1000} = \infty$, and $\tanh(\infty) = 1$ hides it. On the way back the chain rule multiplies
# the slope of the logarithm, $1/\infty = 0$, by the slope of the exponential, $\infty$. And $0 \cdot \infty$ is
# `nan`. It would happen in float32 from about $x = 88.7$ on, and one such unit spoils every weight before it.
#
# The cure is the library's softplus, which never forms $e^x$ for large $x$: `x * torch.tanh(F.softplus(x))`, or simply
# `F.mish`. The lesson: a right value does not prove a right gradient. Check both at extremes.

# %%
points.grad = None
(points * torch.tanh(F.softplus(points))).sum().backward()
print("slopes with softplus:", points.grad.numpy())



# %% [markdown]
# ### Your turn: a slope by hand
#
# *Beyond the core.*
#
# $\mathrm{TanhExp}(x) = x \tanh(e^x)$ is one more $x$ times a gate (Liu and Di, *TanhExp: A Smooth Activation Function
# with High Convergence Speed for Lightweight Neural Networks*, 2020). Write its slope, without autograd, so that it is a
# number at ±1000 too.

# %%
def tanhexp_slope(x):
    """Return the slope of x·tanh(exp(x)) at each element of a tensor."""
    raise NotImplementedError  # your code: 3 or 4 lines


# %%
at = torch.linspace(-5, 4, 91, dtype=torch.float64, requires_grad=True)
(wanted,) = torch.autograd.grad((at * torch.tanh(torch.exp(at))).sum(), at)
at = at.detach()
checks = Checks("tanhexp_slope", points=4)
with checks("at 0 it is the height of the gate"):
    expect_close(tanhexp_slope(torch.zeros(1, dtype=torch.float64)), [math.tanh(1)], x=[0], rtol=1e-5)
with checks("from −5 to 4 it is what autograd gives"):
    expect_close(tanhexp_slope(at.clone()), wanted, x=at, rtol=1e-5, atol=1e-5)
with checks("1 far to the right"):
    expect_close(tanhexp_slope(torch.tensor([50.0, 1000.0])), [1, 1], x=[50, 1000], rtol=1e-6)
with checks("0 far to the left"):
    expect_close(tanhexp_slope(torch.tensor([-1000.0, -200.0])), [0, 0], x=[-1000, -200], atol=1e-6)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def tanhexp_slope(x):
#     e = torch.exp(torch.clamp(x, max=20.0))
#     t = torch.tanh(e)
#     return t + x * (1 - t**2) * e
# ```
#
# The gate is $\tanh u$ with $u = e^x$, and $u' = u$. From $x = 3$ on the gate is 1 to all digits, so the clamp changes
# no result. Without it $0 \cdot \infty$ would be `nan`.
#
# </details>

# %% [markdown] tags=["section:E6", "section:D13"]
# ## Why GELU in transformers, and ReLU in convolutional networks?
#
# No theorem says so. These are the reasons that can be checked.
#
# **GELU in transformers.**
# - *Where the inputs lie.* A layer norm in front of the block keeps pre-activations near 0, with a spread of the order
#   of 1. That is where GELU and ReLU differ most; far out they are the same. GELU has a slope there on both sides, so a
#   unit that is a little below 0 still learns.
# - *The cost is hidden.* In a feed-forward block of width $d$ each number that is activated has cost $d$
#   multiplications before it and $d$ after it. The wider the block, the less an exponential counts, as the run shows.
# - *History.* BERT and GPT-2 were tuned with it. Their learning rates, starts and trained weights were handed on, and
#   trained weights need their function. The authors of GELU report gains over ReLU on their tasks; lesson 08 finds none
#   on digits.
#
# **ReLU in convolutional networks.**
# - *Batch norm comes first.* It centres each channel in front of the activation, so about half of its inputs are
#   positive whatever the weights are, until its own learned shift moves them. So ReLU's weak spot, dying, matters less.
# - *Memory.* A convolution has few weights and large feature maps, so what is kept for the way back are mostly feature
#   maps. ReLU keeps one tensor where GELU keeps two, and it can work in place.
# - *It folds away.* After training, convolution, batch norm and ReLU become one operation. In 8-bit integers
#   $\max(0, x)$ is exact; GELU needs a table.
# - *History*, again: ResNet and its weights.

# %%
def seconds(module, x):
    """Shortest of 9 runs, forward and backward."""
    runs = []
    for _ in range(9):
        start = time.perf_counter()
        module(x).sum().backward()
        runs.append(time.perf_counter() - start)
    return min(runs)


torch.manual_seed(0)
columns = {"width": "d", "ReLU": ".1%", "GELU": ".1%"}
table = Table("feed-forward block: time on top of that of the two linear layers", columns)
for width in (32, 512):
    x, z = torch.randn(128, width, requires_grad=True), torch.randn(128, 4 * width, requires_grad=True)
    layers = seconds(nn.Sequential(nn.Linear(width, 4 * width), nn.Linear(4 * width, width)), x)
    table.add(width, *(seconds(activation, z) / layers for activation in (nn.ReLU(), nn.GELU())))
table.show()

# %%
def kept(activation, before, after, x):
    """How many tensors of the activation's size autograd keeps for the way back, each storage once."""
    found = {}
    with torch.autograd.graph.saved_tensors_hooks(
        lambda t: found.setdefault(t.untyped_storage().data_ptr(), t), lambda t: t
    ):
        after(activation(before(x)))
    return sum(t.numel() == len(x) * before.out_features for t in found.values())


x, pair = torch.randn(32, 64), (nn.Linear(64, 512), nn.Linear(512, 64))
table = Table("tensors of the layer's size kept between two linear layers", {"activation": "", "tensors": "d"})
for activation in (nn.ReLU(), nn.Tanh(), nn.GELU(), nn.SiLU(), nn.Mish()):
    table.add(type(activation).__name__, kept(activation, *pair, x))
table.show()
shifted = torch.randn(64, 16, 8, 8) - 3.0  # feature maps, all channels far below 0
table = Table("numbers above 0 in the feature maps", {"": "", "positive": ".1%"})
for label, z in (("as they are", shifted), ("after batch norm", nn.BatchNorm2d(16)(shifted))):
    table.add(label, (z > 0).double().mean())
table.show()

# %% [markdown]
# ## The dip
#
# *Beyond the core.*
#
# A function that only ever rises is *monotonic*. Sigmoid, tanh, ReLU, Leaky ReLU and ELU are. GELU, SiLU and Mish are
# not: each falls from $0$ on the far left to its minimum and rises from there.
#
# | function | minimum | at $x$ |
# |---|---|---|
# | GELU | $-0.169971$ | $-0.7518$ |
# | SiLU | $-0.278465$ | $-1.2785$ |
# | Mish | $-0.308843$ | $-1.1924$ |
#
# Left of the minimum the slope is negative: to make the unit's output larger, its input has to become *smaller*.

# %%
share_guess = Prediction(
    "Pre-activations come from a standard normal. What share of them, between 0 and 1, lies left of GELU's minimum?"
)
share_guess

# %%
columns = {"": "", "spread 0.5": ".1%", "spread 1": ".1%", "spread 2": ".1%"}
table = Table("share of normal pre-activations left of the minimum", columns)
for name in ("gelu", "silu", "mish"):
    place, value = minimum(name)
    share = torch.special.ndtr(place / torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64))
    table.add(ACTIVATIONS[name].label, *share)
table.show()
share_guess.compare(torch.special.ndtr(torch.tensor(minimum("gelu")[0])).item(), tolerance=0.03)

# %% [markdown]
# So this is no rare corner: with spread 1, more than a fifth of the inputs of a GELU lie there. Move the output level
# and count the inputs that give it.
# 1. Find a level that SiLU reaches twice and GELU never.
# 2. How many inputs give the output 0?
#
# ![Output against input from −6 to 1 for GELU, solid purple, SiLU, dashed blue, and Mish, dotted vermillion. All
# start near 0 on the left, fall to minima of −0.170, −0.278 and −0.309, marked with triangles, and rise through 0 at
# x = 0. A broad band marks where they fall. The horizontal line at −0.12 meets each of them twice, left and right
# of its minimum.](images/04_dip.png)

# %%
Dip()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. For example −0.2. SiLU reaches it at −2.396 and at −0.545, GELU never: its minimum is −0.170.
# 2. One, $x = 0$. Far to the left all three come as close to 0 as you like and do not reach it.
#
# </details>

# %% [markdown]
# ### Your turn: two inputs, one output
#
# SiLU takes each value between its minimum and 0 twice. Given the $x$ on the right of the minimum, find the one on the
# left. No elementary formula gives it, so halve an interval: from −50 to its minimum SiLU only falls.

# %%
def silu_of(x):
    return x / (1 + math.exp(-x))


bottom = minimum("silu")[0]
print(f"the minimum is at {bottom:.4f}")
print(f"an x and its twin: SiLU(−0.545) = {silu_of(-0.545):.4f}, SiLU(−2.396) = {silu_of(-2.396):.4f}")

# %%
def twin(x):
    """Return the number left of SiLU's minimum that has the output of x (−1.27 to −0.01), right to 3 decimals."""
    raise NotImplementedError  # your code: 4 to 8 lines


# %%
def twin_of(right):
    found = numbers(twin(right), "a number")
    assert found.size == 1, f"Return one number, not {found.size}."
    return found.item()  # an array, a tensor or a list with one number will do


checks = Checks("twin", points=4)
with checks("it lies left of the minimum"):
    for right in (-1.0, -0.5, -0.1):
        left = twin_of(right)
        assert left < bottom, f"For x = {right} you return {left:.4f}; the minimum is at {bottom:.4f}."
with checks("it has the output of x"):
    for right in (-1.0, -0.5, -0.1):
        expect_close(silu_of(twin_of(right)), silu_of(right), rtol=2e-3)
with checks("close to the minimum it is about as far on the other side"):
    expect_close(twin_of(-1.27), bottom - (-1.27 - bottom), atol=5e-3)
with checks("for an x close to 0 it is far to the left"):
    expect_close(twin_of(-0.01), -7.2888, atol=2e-3)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def twin(x):
#     left, right = -50.0, bottom
#     while right - left > 1e-6:
#         middle = (left + right) / 2
#         if silu_of(middle) > silu_of(x):
#             left = middle
#         else:
#             right = middle
#     return middle
# ```
#
# </details>

# %% [markdown]
# ### What one unit can do with it
#
# A monotonic unit cuts the plane once: its output is above a threshold on one side of a line only. XOR needs more than
# one line, so a single ReLU with a threshold cannot do it. A unit with a dip has *three* zones, high, low, high, and
# two parallel lines between them. Here is one GELU that solves XOR, and then the best that chance finds for each function.

# %%
corners, xor = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([False, True, True, False])
output = evaluate("gelu", corners @ [-1.2, -1.2])[0]
print("one GELU, weights −1.2 and −1.2:", output.round(3), "below −0.08:", output < -0.08)

rng, units = np.random.default_rng(0), 200_000
weights, bias = rng.normal(0, 2, (2, units)), rng.normal(0, 2, units)
threshold = rng.normal(0, 0.5, units)
table = Table(f"corners right, of 4: the best of {units:,} random units", {"": "", "corners": "d"})
for name in ("relu", "gelu", "silu", "mish"):
    above = evaluate(name, corners @ weights + bias)[0] > threshold
    agree = (above == xor[:, None]).sum(axis=0)
    best = np.maximum(agree, 4 - agree).max()  # "above" may mean either class
    table.add(ACTIVATIONS[name].label, best)
table.show()

# %% [markdown]
# Does that make smooth functions better? It shows that they can do something else, not that they train better.
# Papers report gains on their own tasks. Lesson 08 swaps ReLU for GELU under a fixed budget, over several seeds, and looks
# whether the difference is larger than the spread.

# %% [markdown]
# ## Quiz
#
# Every answer has its own feedback. Nothing is graded.

# %%
Quiz("04_smooth_activations")

# %% [markdown]
# ## Recap
#
# - GELU, SiLU and Mish are $x\,g(x)$ with gates $\Phi$, $\sigma$ and $\tanh(\mathrm{softplus})$; the slope is $g + x\,g'$.
# - They are bounded below: −0.170, −0.278, −0.309. They fall on the left of the minimum, so two inputs can have one output.
# - GELU is the mean of a coin that passes $x$ with probability $\Phi(x)$. Its tanh form is off by at most 0.0005, its
#   sigmoid form by 0.02. Run a network with the form it was trained with.
# - $x\,\sigma(\beta x)$ runs from $x/2$ to ReLU. All its members are one curve at different scales.
# - A formula with `exp` can have right values and a `nan` gradient.
#
# ## What comes next
#
# - [Lesson 05](05_gradient_flow.ipynb): what the slopes of many layers do to the gradient, and what initialisation has to
#   do with it.
# - [Lesson 08](08_experiments.ipynb): ReLU and GELU in a fair race.
