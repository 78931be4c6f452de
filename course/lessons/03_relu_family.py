# %% [markdown]
# # ReLU and its family
#
# **Goals.** After this lesson you can
# - say why ReLU replaced sigmoid and tanh as the default, and what it costs;
# - tell three things apart: a dead unit, a sparse layer, and a zero gradient;
# - explain why a dead unit stays dead, count dead units, and bring them back;
# - write down Leaky ReLU, PReLU and ELU with their slopes, and choose between them;
# - spot the `where` trap: a NaN gradient from a branch that was not taken.
#
# **Time.** 70 minutes, 40 of them for the core.
#
# **You need.** Lesson 02, and how gradient descent changes a weight.

# %%
import copy
import math
from contextlib import ExitStack, suppress

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from course.checks import Checks, expect_close
from course.checks.dead_neurons import expect_hooks_unchanged, expect_modes_unchanged
from course.computations.functions import ACTIVATIONS, evaluate
from course.computations.training import batches, descend
from course.demos.activation_explorer import FAMILY, ActivationExplorer
from course.demos.dead_neurons import CURE, CURE_RATE, LAYERS, SPELL, UNITS, DeadNeuronLab, Story, lab_samples
from course.demos.relu_family import ReluFamily
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz
from course.widgets.tables import Table

torch.set_num_threads(1)  # the networks here are small: sharing them out between cores would cost time

# %% [markdown]
# ## Why ReLU became the default
#
# A gradient that flows back through a layer is multiplied by the slopes $f'(x)$ of the layer's units. Think of a path
# through 20 sigmoid layers, one unit in each, with weights of 1.

# %%
chain_guess = Prediction(
    "The slope of the sigmoid is at most 1/4. What is the largest factor that 20 such slopes can multiply to?",
    choices=["about 10⁻²", "about 10⁻⁶", "about 10⁻¹²"],
)
chain_guess

# %%
print(f"20 sigmoid layers: at most {0.25**20:.2e}")
print(f"20 ReLU layers, every unit active: {1.0**20:.0f}")
chain_guess.compare(f"about 10{'⁻¹²' if 5e-13 < 0.25**20 < 5e-12 else '?'}")

# %% [markdown] tags=["section:B2", "section:D4"]
# ### What it has over sigmoid and tanh
#
# 1. **Nothing shrinks where it is active.** For $x > 0$ the slope is exactly 1, and a product of ones is 1.
# 2. **It is cheap:** one comparison, no exponential.
# 3. **It is sparse:** about half of the outputs of a fresh layer are exactly 0. (Whether zeros save time: lesson 10.)
# 4. **It trained faster.** Krizhevsky, Sutskever and Hinton (*ImageNet classification with deep convolutional neural
#    networks*, 2012) trained a four-layer network on CIFAR-10 down to 25 % training error: with ReLU it took a sixth of
#    the epochs that it took with **tanh**.
#
# The weights count too: a path's factor is the product of slopes *and* weights. So the next cell gives each
# function the weights made for it: variance $2/n$ for ReLU (He), $1/n$ for the other two (Xavier), where $n$ is the
# number of inputs of a unit. It measures how much gradient is left at the input of 20 layers.

# %%
def gradient_left(activation, gain, seed, depth=20, width=64):
    """Size of the gradient at the input, where it has size 1 at the output."""
    generator = torch.Generator().manual_seed(seed)
    start = x = torch.randn(200, width, generator=generator, requires_grad=True)
    for _ in range(depth):
        weights = gain * torch.randn(width, width, generator=generator) / width**0.5
        x = activation(x @ weights)
    signal = torch.randn(x.shape, generator=generator)
    (gradient,) = torch.autograd.grad(x, start, signal / signal.norm())
    return gradient.norm().item()


table = Table("gradient left, 5 seeds: median (smallest to largest)", {"activation": "", "behind 20 layers": ".1e"})
for activation, gain in ((torch.sigmoid, 1.0), (torch.tanh, 1.0), (torch.relu, 2**0.5)):
    table.add(activation.__name__, [gradient_left(activation, gain, seed) for seed in range(5)])
table.show()

# %% [markdown]
# Behind 20 sigmoid layers nothing arrives that could teach the first one. Tanh, whose slope reaches 1, loses far less,
# and ReLU keeps the size of the gradient. Lesson 05 looks at this layer by layer.
#
# **The trade-off.** For $x < 0$ the slope of ReLU is 0 and *nothing* passes. A unit that is negative on all of your data
# is stuck. That is the subject of this lesson.

# %% [markdown]
# ## Dead, sparse, or without gradient?
#
# Take 1000 random units and ask each one for its output.

# %%
dead_guess = Prediction(
    "1000 units with random weights and no bias, 500 random samples. How many units output 0 on all of them?"
)
dead_guess

# %% [markdown] tags=["section:E4", "section:A3"]
# ### Three quantities with three names
#
# - A unit is **dead** on some data if its pre-activation is negative or zero on *every* sample: its output is always 0.
# - The **sparsity** of a layer is the share of zeros among all outputs, over units *and* samples. Half is what
#   symmetric weights without bias give. It is healthy.
# - A unit has **zero gradient** for one sample or one batch if it is not active there. It may learn from the next.
#
# Only the first one is damage. A single random input per unit measures the second and says nothing about the
# first: for random weights it comes out near one half, always.

# %%
rng = np.random.default_rng(0)
samples = rng.standard_normal((500, 10))
weights = 0.5 * rng.standard_normal((1000, 10))  # a row for each unit
active = samples @ weights.T > 0  # shape (samples, units)

print("zero on the first sample:", np.sum(~active[0]), "of 1000 units")
print(f"sparsity over 500 samples: {np.mean(~active):.1%} of all outputs are 0")
print("dead on all 500 samples:", np.sum(~active.any(axis=0)), "units")
dead_guess.compare(float(np.sum(~active.any(axis=0))))

# %% [markdown]
# Why none? Inputs $\mathbf x$ and $-\mathbf x$ are equally likely here, so each sample makes a unit active with
# probability $\tfrac12$, and 500 samples in a row fail with probability $2^{-500}$.
#
# ### What a threshold can mean
#
# *Beyond the core.*
#
# You will read "over 10 % is a warning", "over 30 % is a problem", "40 to 60 % should be active". Ask *of what*.
# - Dead units, over a large set of data: a well started network has almost none. A tenth of a layer is
#   capacity you pay for and do not have. The figure is a habit, not a law.
# - Active share of the outputs: about half at the start, and training may lower it. Ten percent can be a
#   healthy sparse layer. Never read death off this number.

# %% [markdown] tags=["section:A3"]
# ## Why a dead unit stays dead
#
# Let a unit have $z = \mathbf w \cdot \mathbf x + b$ and output $a = \mathrm{ReLU}(z)$. The chain rule gives for the mean
# loss over the samples $s$
#
# $$\frac{\partial L}{\partial \mathbf w} = \sum_s \frac{\partial L}{\partial a_s}\,\mathrm{ReLU}'(z_s)\,\mathbf x_s.$$
#
# If the unit is dead, $\mathrm{ReLU}'(z_s) = 0$ in every term. The gradient is not small, it is exactly zero, and so is
# the one for $b$. Gradient descent leaves the unit as it is. In the first layer the inputs are the data, so with plain
# descent on fixed data it is dead for good. In a later layer the inputs may still move, because the layers before it
# learn, and can wake it up. Momentum left over from before can move its weights too. Weight decay alone does not wake
# it: it shrinks weights and bias alike.

# %%
torch.manual_seed(0)
layer, head = nn.Linear(20, 6), nn.Linear(6, 1)
with torch.no_grad():
    layer.bias[:3] = -5.0  # as if one bad step had done it
x, y = torch.randn(200, 20), torch.randn(200, 1)
z = layer(x)
F.mse_loss(head(torch.relu(z)), y).backward()

table = Table("the first three are dead", {"unit": "d", "active on": ".0%", "gradient of its weights": ".6f"})
for unit in range(6):
    table.add(unit, (z[:, unit] > 0).double().mean(), layer.weight.grad[unit].norm())
table.show()

# %% [markdown] tags=["section:A3"]
# ### How far down is dead?
#
# *Beyond the core.*
#
# Three causes push a unit below zero on all data: a large negative **bias**, a **learning rate** so large that one step
# throws the unit there, and a **start** that puts it there. How far is too far depends on the weights. For
# inputs with mean 0, variance 1 and no correlation, $z$ has mean $b$ and standard deviation $\lVert \mathbf w \rVert$. If it
# is roughly normal, the unit is active on the share $\Phi(b / \lVert \mathbf w \rVert)$ of the samples, with $\Phi$ the
# normal distribution function. On $n$ samples it is probably dead once $n\,\Phi(b / \lVert \mathbf w \rVert)$ is well below 1.

# %%
x = torch.randn(2000, 20)
weights = torch.randn(300, 20)
weights = 2**0.5 * weights / weights.norm(dim=1, keepdim=True)  # He: ‖w‖ is about √2
columns = {"bias b": ".0f", "active, Φ(b/‖w‖)": ".4%", "active, measured": ".4%", "dead": "d"}
table = Table("300 units on 2000 samples", columns)
for bias in (0.0, -2.0, -4.0, -5.0, -6.0):
    active = x @ weights.T + bias > 0
    predicted = torch.special.ndtr(torch.tensor(bias / 2**0.5))
    table.add(bias, predicted, active.double().mean(), (~active.any(dim=0)).sum())
table.show()

# %% [markdown] tags=["section:A3", "section:D5"]
# ## Count them in any model: a forward hook
#
# So far the pre-activations were at hand. In a finished model they are hidden inside `forward`. A **forward hook** gets
# at them: a function that PyTorch calls with the module, its inputs and its output each time the module has run.
# 1. **Register** the hook on every ReLU and keep the handle that comes back.
# 2. **Run** many samples, in parts if need be, without gradients.
# 3. **Reduce over the samples** with `any(dim=0)`: was the unit above 0 on at least one? A unit is alive if it was so
#    in *any* of the parts, so the parts are joined with `|`. A mean in place of `any` would give the active share,
#    which is another quantity.
# 4. **Remove** each handle, even if the run fails, so that nothing is left behind. Here an `ExitStack` does it: what
#    was given to `callback` is called when the block ends, in whatever way it ends. `try` and `finally` do the same.
#
# A hook belongs to the module, not to the place: one ReLU object that is used in several places is seen as one (lesson
# 07b has that bug), and `F.relu` is no module, so no hook sees it. In `train` mode dropout and batch norm would disturb
# the count: call `model.eval()` before and put the mode back after.

# %%
def ever_active(model, parts):
    """For each ReLU, in the order in which they run: which units are above 0 on at least one sample."""
    seen = {}

    def note(module, inputs, output):
        active = (output > 0).any(dim=0)
        seen[module] = seen[module] | active if module in seen else active

    with ExitStack() as hooks, torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.ReLU):
                hooks.callback(module.register_forward_hook(note).remove)
        for part in parts:
            model(part)
    return list(seen.values())

# %%
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(20, 30), nn.ReLU(), nn.Linear(30, 30), nn.ReLU(), nn.Linear(30, 1))
with torch.no_grad():
    model[0].bias[:4] = -9.0  # kill 4 units of the first layer and 7 of the second
    model[2].bias[:7] = -9.0
samples = torch.randn(1000, 20)
table = Table("units never active", {"on": "", "first layer": "d", "second layer": "d"})
for label, parts in (("the first 2 samples", [samples[:2]]), ("1000 samples in 10 parts", samples.split(100))):
    table.add(label, *((~active).sum() for active in ever_active(model, parts)))
table.show()
print("hooks left behind:", sum(len(module._forward_hooks) for module in model.modules()))

# %% [markdown]
# ### Your turn: how much is active?
#
# `ever_active` asks for units above 0 *at all*. Measure the active share: how many outputs of a ReLU, over units and
# samples, are above 0? A model may nest layers, run them in any order, or one twice. Leave its mode and others' hooks
# alone. If the run fails, remove your hooks and let the error out.

# %%
def nested():
    """Two ReLUs, one of them a level further down: the first is always active, the second never."""
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Sequential(nn.Linear(4, 4), nn.ReLU()), nn.Linear(4, 1))
    for layer, bias in ((model[0], 5.0), (model[2][0], -99.0)):
        nn.init.constant_(layer.weight, 0.1)
        nn.init.constant_(layer.bias, bias)
    return model


class LastFirst(nn.Sequential):
    """Runs its last layer twice, and then the others, from the back to the front."""

    def forward(self, x):
        for layer in (self[-1], *reversed(self)):
            x = layer(x)
        return x


# %%
def active_shares(model, x):
    """Return a list: each time that an nn.ReLU runs, the share of its outputs above 0, in the order of the runs."""
    raise NotImplementedError  # your code: 6 to 8 lines


# %%
def without_its_error(model, x):
    with suppress(Exception):
        active_shares(model, x)


fitting, too_wide = torch.zeros(5, 3), torch.zeros(5, 7)
checks = Checks("active_shares", points=7)
with checks("counts outputs, not units or samples"):
    expect_close(active_shares(nn.Sequential(nn.ReLU()), torch.tensor([[2.0, 1, -1], [3.0, -1, -1]])), [0.5], rtol=1e-5)
with checks("finds each ReLU, in layers within layers too"):
    expect_close(active_shares(nested(), fitting), [1, 0], atol=1e-6)
with checks("a number each time a ReLU runs, in that order"):
    model = LastFirst(nn.ReLU(), nn.LogSigmoid(), nn.ReLU())
    expect_close(active_shares(model, torch.tensor([[1.0, -1.0]])), [0.5, 0.5, 0], atol=1e-6)
with checks("leaves no hook behind, and those of others in place"):
    expect_hooks_unchanged(active_shares, nested(), fitting)
with checks("leaves the model in its mode"):
    model = nested()
    model[2].eval()  # the rest is in train mode
    expect_modes_unchanged(active_shares, model, fitting)
with checks("leaves no hook behind when the run fails"):
    active_shares(nested(), fitting)
    expect_hooks_unchanged(without_its_error, nested(), too_wide)
with checks("the error of a run that fails comes out"):
    active_shares(nested(), fitting)
    ended = False
    with suppress(Exception):
        active_shares(nested(), too_wide)
        ended = True
    assert not ended, "The model takes 3 numbers and was given 7: let the error that this raises pass."
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def active_shares(model, x):
#     shares = []
#
#     def note(module, inputs, output):
#         shares.append((output > 0).float().mean().item())
#
#     with ExitStack() as hooks, torch.no_grad():
#         for relu in [module for module in model.modules() if isinstance(module, nn.ReLU)]:
#             hooks.callback(relu.register_forward_hook(note).remove)
#         model(x)
#     return shares
# ```
#
# </details>

# %% [markdown]
# ## The dead-neuron lab
#
# A network with three hidden layers of 50 units learns 1000 handwritten digits with the optimiser Adam. Up to step 100
# it uses ReLU and *your* learning rate. Then Leaky ReLU takes ReLU's place, with a small slope $\alpha$ for $x < 0$, and the
# learning rate becomes 0.003. A move of a slider shows the first two steps at once. **Train** takes all 300 steps
# while you go on working, and **Stop** ends it.
#
# ![The lab at the start with bias −2. Left, a dot for each unit at the share of samples on which it is active: the units
# of layer 1 below 25 %, in layers 2 and 3 close to 0, with many crosses for dead units. Middle, dead units after
# two steps: 0, 10 and 28 of 50. Right, the activation after step 100, with slope 0.1 on the
# left.](images/03_lab_start.png)
#
# 1. Move the bias down from 0 to −4. Which layer dies first, and why?
# 2. Stay at bias −1 and lower the weight scale. PyTorch's own start has 0.41 times He's deviation. What does that do?
# 3. Bias 0, scale 1, learning rate 0.1: press Train. Then set $\alpha$ to 0 and train again. Then 0.3.

# %%
DeadNeuronLab()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. The last one. At bias −1 there are 9 of 50 dead units in layer 3 and none before it, at −2 it is 0, 10 and 28, at
#    −4 it is 10, 37 and 50. The few active units of one layer give the next one small inputs, and there the bias
#    outweighs them.
# 2. The smaller the weights, the more the bias outweighs them: with scale 0.4, about PyTorch's own, 41 units of layer 2
#    and all 50 of layer 3 are dead from the start.
# 3. After 100 steps 39 units of layer 2 and 15 of layer 3 are dead. At the end, with $\alpha = 0.1$, 27 of layer 2
#    are; with $\alpha = 0$ all of the 39 and 15; with $\alpha = 0.3$ none.
#
# </details>

# %% [markdown]
# A negative bias hits the **later** layers first: with few active units in one layer, the next gets small inputs, and there the
# bias outweighs the rest.
#
# With learning rate 0.1, most of layer 2 dies within 100 steps. What happens then depends on $\alpha$:
#
# ![After training with learning rate 0.1 and slope 0. Middle: until step 100, dead units rise to 39 of 50 in layer 2 and
# 15 in layer 3, none in layer 1. After step 100 all three lines are level: no unit comes
# back.](images/03_lab_not_revived.png)
#
# ![The same with slope 0.1. After step 100 the line of layer 3 drops from 15 to 0 at once, the line of layer 2 from 39
# to 27.](images/03_lab_revived.png)

# %% [markdown] tags=["section:D5", "section:D13"]
# ### Count, change one thing, count again
#
# A picture of one run proves little, so the next cells repeat it with five seeds. First the **diagnosis**: after 100
# steps, how many of the 150 hidden units are dead at a small, a larger and a far too large learning rate? Look at the
# accuracy as well, here on the digits it is trained on. A network with some dead units can fit the data all the same:
# the others do the work. So the loss curve does not show you dead units. You have to count them, on many samples, layer
# by layer.

# %%
columns = {"learning rate": "g", f"dead of {LAYERS * UNITS}": ".0f", "training accuracy": ".0%"}
table = Table(f"after {SPELL} steps, 5 seeds: median (smallest to largest)", columns)
for rate in (0.003, 0.03, 0.1):
    ends = [Story(rate=rate, seed=seed).run(SPELL) for seed in range(5)]
    table.add(rate, [sum(end.dead) for end in ends], [end.accuracy for end in ends])
table.show()

# %%
revive_guess = Prediction(
    "From step 100 on the learning rate is small, 0.003. Which slope α brings nearly all dead units back within "
    "200 steps?",
    choices=["0: the small rate is enough", "0.1", "0.3", "none of them"],
)
revive_guess

# %% [markdown] tags=["section:D5", "section:D13"]
# ### Revive them
#
# Now the **cure**. The network after 100 bad steps goes on for 200 steps with the small learning rate and slope
# $\alpha$ for negative pre-activations. With $\alpha = 0$ it remains a ReLU network, so this row shows what a smaller learning rate
# does by itself. With $\alpha > 0$ the gradient of a dead unit is $\alpha$ times what an active unit would get: not zero, so its
# weights move again. *Dead* still means: negative on every sample, so that ReLU put back would give 0 on all of them.

# %%
caption = f"rate 0.1 up to step {SPELL}, then 0.003 for {CURE} steps; 5 seeds: median (smallest to largest)"
columns = {"slope α": "g", "dead before": ".0f", "dead after": ".0f", "training accuracy": ".0%"}
table, outcome = Table(caption, columns), {}
for slope in (0.0, 0.1, 0.3):
    stories = [Story(rate=0.1, slope=slope, seed=seed) for seed in range(5)]
    after = [story.run() for story in stories]
    before = [sum(r.dead) for story in stories for r in story.records if r.step == SPELL]
    outcome[slope] = [sum(r.dead) for r in after]
    table.add(slope, before, outcome[slope], [r.accuracy for r in after])
table.show()

names = {0.0: "0: the small rate is enough", 0.1: "0.1", 0.3: "0.3"}
works = [names[slope] for slope, dead in outcome.items() if np.median(dead) < 0.05 * LAYERS * UNITS]
revive_guess.compare(works[0] if works else "none of them")

# %% [markdown]
# The smaller learning rate alone brings hardly any back: **it prevents, it does not cure.** How much a slope cures depends on
# its size. Between 0.1 and 0.3 the dead units differ clearly; the accuracies lie within each other's spread over the seeds.

# %% [markdown] tags=["section:D5"]
# ### ELU and GELU as cures
#
# *Beyond the core.*
#
# ELU and GELU pass a gradient for $x < 0$ too, but their slope fades: at $x = -5$ ELU's is $e^{-5} \approx 0.007$,
# GELU's is below $10^{-5}$ in size. So they should wake up units close below 0 and leave the others. The next cell puts
# each in the place of ReLU, in three of the five networks after 100 bad steps, for the same 200 gentle steps. *Dead*
# means what it meant above: below 0 on every sample. As a second question it lets each function live through the 100
# bad steps from the start. Does it *prevent*?

# %%
def exchanged(network, activation):
    """A copy of the network with another activation in the place of ReLU."""
    parts = [part for layer in network.hidden for part in (layer, activation)]
    return copy.deepcopy(nn.Sequential(*parts, network.logits))


def below_zero(model):
    """Units whose pre-activation is not above 0 on any sample."""
    count, signal = 0, lab_samples()[0]
    with torch.no_grad():
        for part in model[:-1]:
            signal = part(signal)
            if isinstance(part, nn.Linear):
                count += int((signal <= 0).all(dim=0).sum())
    return count


def went_on(network, activation, rate, steps, seed):
    """Units below zero on every sample after some steps with another activation."""
    model = exchanged(network, activation)
    optimizer = torch.optim.Adam(model.parameters(), rate, fused=True)
    list(descend(model, F.cross_entropy, batches(*lab_samples(), steps=steps, size=64, seed=seed), optimizer))
    return below_zero(model)

# %%
bad = [Story(rate=0.1, seed=seed) for seed in range(3)]
for story in bad:
    story.run(SPELL)
caption = f"units of {LAYERS * UNITS} below zero on every sample, 3 seeds: median (smallest to largest)"
columns = {"": "", f"cure: {CURE} gentle steps after {SPELL} bad ones": ".0f", f"from the start: {SPELL} bad steps": ".0f"}
table = Table(caption, columns)
table.add("ReLU", "see above", [sum(story.records[-1].dead) for story in bad])
for label, activation in (("ELU", nn.ELU()), ("GELU", nn.GELU())):
    cure = [went_on(story.network, activation, CURE_RATE, CURE, seed + SPELL) for seed, story in enumerate(bad)]
    life = [went_on(Story(seed=seed).network, activation, 0.1, SPELL, seed) for seed in range(3)]
    table.add(label, cure, life)
table.show()

# %% [markdown]
# As a cure, ELU brings most of the units back, and GELU next to none: they are too far down for it. From the start,
# neither keeps its units above 0 at this rate, which is far too large. Mind what that number means: an ELU unit below 0
# is not lost. Its output is not 0, and its gradient is small and not zero. It is flat, not dead.
#
# | what | prevents deaths | revives | cost |
# |---|---|---|---|
# | smaller learning rate, warm-up | yes | no | slower steps |
# | start made for ReLU: He weights, biases of 0 | yes | no | none |
# | Leaky ReLU, PReLU | no unit is without gradient | yes, by the size of the slope | a parameter; no exact zeros |
# | ELU | no unit has gradient 0; far below 0 it is small | most of them here | an exponential |
# | GELU | close to 0 only | hardly any here; those close to 0 (lesson 09) | $\Phi$ |
# | batch norm before ReLU (run in lesson 09) | yes | it centres each pre-activation on the batch | one more layer |
#
# So why is ReLU still the default? At a sensible learning rate and a He start hardly a unit dies, as the first row of
# the diagnosis shows. Start simple. Count. Change it when the count tells you to.

# %% [markdown] tags=["section:E5", "section:D3"]
# ## The family
#
# All members are $x$ for $x > 0$. They differ on the left, and so does their slope there.
#
# | function | for $x \le 0$ | range | slope for $x < 0$ | parameter |
# |---|---|---|---|---|
# | ReLU | $0$ | $[0, \infty)$ | $0$ | none |
# | Leaky ReLU | $\alpha x$ | $(-\infty, \infty)$ | $\alpha$ | fixed, often 0.01 |
# | PReLU | $\alpha x$ | $(-\infty, \infty)$ | $\alpha$ | learned; PyTorch starts at 0.25 |
# | ELU | $\alpha\,(e^x - 1)$ | $(-\alpha, \infty)$ | $\alpha e^x = f(x) + \alpha$ | fixed, often 1 |
#
# Leaky ReLU is often written $\max(\alpha x, x)$. That holds for $\alpha \le 1$ only: with a larger $\alpha$ the maximum picks
# the wrong line on both sides.
#
# **ELU has a smooth joint only for $\alpha = 1$.** From the left its slope tends to $\alpha e^0 = \alpha$, from the right it is 1. For
# every other $\alpha$ it has a kink at 0, as ReLU has. And for $\alpha = 1$ the second derivative still jumps, from 1 to 0.

# %%
close = torch.tensor([-1e-6, 1e-6], dtype=torch.float64, requires_grad=True)
table = Table("slope of ELU close to 0", {"α": "g", "just left of 0": ".4f", "just right": ".4f"})
for alpha in (0.5, 1.0, 2.0):
    (slope,) = torch.autograd.grad(F.elu(close, alpha).sum(), close)
    table.add(alpha, *slope)
table.show()

x = np.array([-30.0, -3.0, -1.0, -0.1])
table = Table("slopes left of 0", {"x": "", **{f"{number:g}": ".6f" for number in x}})
for name in ("relu", "leaky_relu", "elu"):
    table.add(name, *evaluate(name, x)[1])
table.show()

# %% [markdown] tags=["section:E5"]
# ### Why ELU: outputs with a mean nearer to 0
#
# The outputs of ReLU are never negative, so their mean is positive, and the next layer gets inputs that are all
# shifted to one side. Lesson 02 showed the price: it rules out large learning rates. ELU's negative outputs pull the
# mean towards 0. That is what it was made for (Clevert, Unterthiner and Hochreiter, *Fast and accurate deep network
# learning by exponential linear units*, 2016).
#
# You will also read that ELU is *more robust*. To what? Its authors mean that a unit far below 0 hardly reacts to
# changes of its input, because ELU levels off there. Leaky ReLU does react, in proportion to its slope. ReLU does not
# react at all. So it holds against Leaky ReLU, for units that are far enough below 0, and not against ReLU. The last
# two columns have the numbers: how much the output varies if the pre-activation is spread by 1 around $-4$ and around
# $-8$. At $-4$ even Leaky ReLU with slope 0.01 is steadier than ELU.

# %%
z = torch.randn(1_000_000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
columns = {"f": "", "mean of f(z)": ".3f", "spread of f(z)": ".3f", "of f(z − 4)": ".4f", "of f(z − 8)": ".4f"}
table = Table("outputs for a standard normal z", columns)
for name in ("relu", "leaky_relu", "gelu", "silu", "elu", "selu", "tanh"):
    f = ACTIVATIONS[name].torch_function
    table.add(ACTIVATIONS[name].label, f(z).mean(), f(z).std(), f(z - 4).std(), f(z - 8).std())
table.show()

# %% [markdown] tags=["section:E5"]
# ### SELU: an ELU with a fixed point
#
# *Beyond the core.*
#
# SELU is $\lambda\,\mathrm{ELU}_\alpha$ with two constants that look like magic. They follow from one demand: if $z$ is
# standard normal, the output shall have mean 0 and variance 1 again. With $\Phi$ for the normal distribution function
# and $\int_{-\infty}^0 e^{kz} \varphi(z)\,dz = e^{k^2/2}\,\Phi(-k)$ the two moments of $\mathrm{ELU}_\alpha$ are
#
# $$\mathrm E[f] = \frac{1}{\sqrt{2\pi}} + \alpha \bigl(\sqrt e\,\Phi(-1) - \tfrac12\bigr), \qquad
#   \mathrm E[f^2] = \tfrac12 + \alpha^2 \bigl(e^2\,\Phi(-2) - 2 \sqrt e\,\Phi(-1) + \tfrac12\bigr).$$
#
# $\mathrm E[f] = 0$ gives $\alpha$, then $\lambda^2\,\mathrm E[f^2] = 1$ gives $\lambda$. With weights of variance
# $1/n$ the next pre-activation is a sum of many such outputs, so it is roughly standard normal again. The pair (0, 1)
# is a *fixed point*. It also attracts: a signal that is too small or too large is drawn back to it (Klambauer,
# Unterthiner, Mayr and Hochreiter, *Self-normalizing neural networks*, 2017). It works with these weights only, and
# dropout has to be `nn.AlphaDropout`, which keeps mean and variance.

# %%
tail = [math.exp(k * k / 2) * torch.special.ndtr(torch.tensor(-float(k), dtype=torch.float64)).item() for k in (1, 2)]
alpha = (1 / math.sqrt(2 * math.pi)) / (0.5 - tail[0])
scale = (0.5 + alpha**2 * (tail[1] - 2 * tail[0] + 0.5)) ** -0.5
print(f"α = {alpha:.6f}, λ = {scale:.6f}; torch has −λα = {F.selu(torch.tensor(-99.0)).item():.6f} at −99,", end=" ")
print(f"here {-scale * alpha:.6f}")

columns = {"": "", "input times": "g", **{f"layer {n}, seed {seed}": ".2g" for seed in range(2) for n in (1, 10, 100)}}
table = Table("spread of the signal, 256 units in each layer", columns)
for name, gain in (("selu", 1.0), ("elu", 1.0), ("tanh", 1.0), ("relu", 2**0.5)):
    for size in (0.5, 2.0):
        spreads = []
        for seed in range(2):
            generator = torch.Generator().manual_seed(seed)
            h = size * torch.randn(100, 256, generator=generator)
            for layer in range(1, 101):
                h = ACTIVATIONS[name].torch_function(gain * h @ torch.randn(256, 256, generator=generator) / 16)
                if layer in (1, 10, 100):
                    spreads.append(h.std())
        table.add(ACTIVATIONS[name].label, size, *spreads)
table.show()

# %% [markdown]
# SELU ends at a spread of 1 from either size, after 100 layers, with no normalisation layer. ELU and tanh with the same
# weights fade to a few hundredths. ReLU with He's weights keeps the size on average, but only the one it was given, and
# wanders: nothing pulls it back.

# %% [markdown]
# ![Two panels. Left, three functions that all equal x on the right; on the left ReLU is 0, Leaky ReLU with slope 0.1 falls
# slowly along a line, ELU with α = 1 falls along a curve that levels off at −1. Right, their slopes: ReLU jumps from 0 to 1
# at 0, Leaky ReLU from 0.1 to 1, ELU rises to 1 without a jump.](images/03_family.png)
#
# At $x = -30$ ELU is as flat as ReLU: a unit that far down gets next to no gradient. Leaky ReLU keeps $\alpha$ at every distance.
#
# Move the parameters. The right halves never change.
# 1. For which $\alpha$ does the slope of ELU have no jump?
# 2. Find the $\alpha$ of ELU for which the mean output of a standard normal input is 0. Where have you met this number?
#
# ![Two panels. Left, ReLU, Leaky ReLU with slope 0.25 and ELU with α = 2, which all equal x on the right and on the left
# are 0, a straight line, and a curve that levels off at −2. Right, their slopes: ReLU jumps from 0 to 1, Leaky ReLU from
# 0.25 to 1, ELU rises to 2 and drops to 1.](images/03_family_kink.png)

# %%
ReluFamily()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. For $\alpha = 1$: the slope left of 0 is 1.00, as on the right.
# 2. Between 1.67, where the mean is 0.0008, and 1.68, where it is −0.0016. It is SELU's $\alpha = 1.6733$, from the
#    section above; exercise ps1 uses it too.
#
# </details>

# %% [markdown] tags=["section:E5"]
# ### Side by side with tanh
#
# *Beyond the core.*
#
# tanh levels off on both sides, ELU on one, Leaky ReLU on none. Move $x$ to both ends and read the slopes.
# 1. Which of the four still pass a gradient at $x = -6$, and how much?
# 2. And at $x = 6$?
#
# ![Two panels over x from −5 to 5 with tanh, dashed vermillion, ReLU, dash-dot green, Leaky ReLU with slope 0.01,
# dashed orange, and ELU, sky blue with two dots between dashes. Above, on the right all but tanh are the line x, and
# tanh levels off at 1; on the left tanh and ELU level off at −1, ReLU and Leaky ReLU stay near 0. Below, the slopes: on
# the left all are near 0 at −5, on the right all but tanh are 1. A line marks x = −2.](images/03_explorer.png)

# %%
ActivationExplorer(FAMILY, shown=FAMILY)

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. Leaky ReLU 0.01, ELU 0.0025, tanh 0.00002, ReLU exactly 0. All four are marked as flat. Leaky ReLU keeps its 0.01
#    further out; the others fade.
# 2. ReLU, Leaky ReLU and ELU pass it on unchanged, with slope 1. tanh has 0.00002, as on the left: it can saturate on
#    both sides.
#
# </details>

# %% [markdown] tags=["section:E5"]
# ### PReLU learns its slope
#
# *Beyond the core.*
#
# In PReLU the slope is a weight like any other (He, Zhang, Ren and Sun, *Delving deep into rectifiers*, 2015). Since
# $f(x) = \alpha x$ for $x < 0$ and $f(x) = x$ otherwise, $\partial f / \partial \alpha = \min(0, x)$: only negative inputs
# teach it. Here a single PReLU sees noisy samples of a leaky function with slope 0.6 and has to find that number.
#
# Two things to know. `nn.PReLU()` has *one* slope for the whole layer; `nn.PReLU(num_parameters=channels)` has one for
# each channel, as in the paper. And weight decay pulls the slope towards 0, that is towards ReLU. So leave it out of
# the decay: put it into a parameter group of its own with `weight_decay=0`.

# %%
columns = {"seed": "d", "α at first": ".2f", "learned": ".3f", "loss at first": ".4f", "at the end": ".4f"}
table = Table("PReLU on data whose slope is 0.6", columns | {"α with weight decay 0.2": ".3f"})
for seed in range(3):
    torch.manual_seed(seed)
    x = torch.randn(400, 1)
    target = F.leaky_relu(x, 0.6) + 0.1 * torch.randn(400, 1)
    unit = nn.PReLU()
    start = unit.weight.item()
    optimizer = torch.optim.SGD(unit.parameters(), lr=0.1)
    losses = list(descend(unit, F.mse_loss, batches(x, target, steps=100), optimizer))
    decayed = nn.PReLU()
    optimizer = torch.optim.SGD(decayed.parameters(), lr=0.1, weight_decay=0.2)
    list(descend(decayed, F.mse_loss, batches(x, target, steps=100), optimizer))
    table.add(seed, start, unit.weight.item(), losses[0], losses[-1], decayed.weight.item())
table.show()
print("slopes of nn.PReLU(num_parameters=16):", nn.PReLU(num_parameters=16).weight.numel())

# %% [markdown]
# ## Spot the bug: the `where` trap
#
# *Beyond the core.*
#
# This ELU is the table's formula. Its values are right, everywhere. What is its gradient at $x = 100$?

# %%
def elu_with_where(x):
    return torch.where(x > 0, x, torch.exp(x) - 1)


x = torch.tensor([-1.0, 2.0, 100.0], requires_grad=True)
print("values", elu_with_where(x).detach().numpy(), "and torch's", F.elu(x).detach().numpy())

trap_guess = Prediction(
    "What does autograd give for the slope of `elu_with_where` at 100?", choices=["1", "0", "inf", "nan"]
)
trap_guess

# %%
(slope,) = torch.autograd.grad(elu_with_where(x).sum(), x)
print("slopes at", x.detach().numpy(), "are", slope.numpy())
print("exp(100) in float32 is", torch.exp(torch.tensor(100.0)).item())
trap_guess.compare(f"{slope[2].item():.3g}")

# %% [markdown]
# `where` computes **both** branches for every element and then picks. On the way back the branch that was not taken gets the
# gradient 0, and the chain rule multiplies it by that branch's slope. At 100 this is $0 \cdot e^{100}$. In float32
# $e^{100}$ overflows to infinity, and $0 \cdot \infty$ is `nan`. Added to the right answer 1 it is still `nan`, and after one
# step of the optimiser so is every weight it touches.
#
# **The cure:** keep the dangerous number out of the branch. Clamp the *input*, not the output.

# %%
def elu_safe(x):
    return torch.where(x > 0, x, torch.expm1(torch.clamp(x, max=0.0)))


x = torch.tensor([-1.0, 0.0, 2.0, 100.0, 1e4], requires_grad=True)
(slope,) = torch.autograd.grad(elu_safe(x).sum(), x)
(theirs,) = torch.autograd.grad(F.elu(x).sum(), x)
table = Table("slopes", {"x": "", **{f"{number:g}": ".6g" for number in x.tolist()}})
table.add("ours", *slope)
table.add("torch's", *theirs)
table.show()

# The same trap with a square root: its slope at 0 is infinite, below 0 it is nan.
x = torch.tensor([-1.0, 0.0, 4.0], requires_grad=True)
(slope,) = torch.autograd.grad(torch.where(x > 0, torch.sqrt(x), torch.zeros_like(x)).sum(), x)
print("where(x > 0, sqrt(x), 0) has slopes", slope.numpy())

# %% [markdown]
# ### Your turn: x ln x
#
# Each term of an entropy is $x \ln x$, which tends to 0 as $x$ does. Write it so that value and slope are exactly 0 for
# $x \le 0$, right for tiny $x > 0$ too, and never `nan`, for a tensor of any shape.

# %%
def x_log_x(x):
    """Return x ln x for each element of a tensor, and 0 where it is not above 0."""
    raise NotImplementedError  # your code: 2 to 4 lines


# %%
def slopes_at(at):
    leaf = torch.tensor(at, requires_grad=True)
    value = x_log_x(leaf)
    assert getattr(value, "requires_grad", False), "No gradient flows back to x."
    return torch.autograd.grad(value.sum(), leaf)[0]


above, below = [0.01, 0.5, 1.0, 3.0], [-2.0, -0.5, 0.0]
checks = Checks("x_log_x", points=6)
with checks("right where x is above 0"):
    expect_close(x_log_x(torch.tensor(above)), [p * math.log(p) for p in above], x=above, rtol=1e-5, atol=1e-6)
with checks("0 elsewhere"):
    expect_close(x_log_x(torch.tensor(below)), [0, 0, 0], x=below)
with checks("the slope is 1 + ln x where x is above 0"):
    expect_close(slopes_at(above), [1 + math.log(p) for p in above], x=above, rtol=1e-5, atol=1e-6)
with checks("the slope is 0 elsewhere"):
    expect_close(slopes_at(below), [0, 0, 0], x=below, atol=1e-6)
with checks("right close to 0 too, at 1e-12"):
    expect_close(x_log_x(torch.tensor([1e-12])), [1e-12 * math.log(1e-12)], x=[1e-12], rtol=1e-4)
    expect_close(slopes_at([1e-12]), [1 + math.log(1e-12)], x=[1e-12], rtol=1e-4)
with checks("a tensor of any shape: each element by itself"):
    for shape in ((2, 2), (1, 4), ()):
        x = torch.tensor(above[:math.prod(shape)]).reshape(shape)
        expect_close(x_log_x(x.clone()), x * torch.log(x), rtol=1e-5, atol=1e-6)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def x_log_x(x):
#     safe = torch.where(x > 0, x, 1.0)
#     return safe * torch.log(safe)
# ```
#
# The logarithm sees only numbers it can take, and at the stand-in 1 the product is 0.
#
# </details>

# %% [markdown]
# ## Quiz
#
# Every answer has its own feedback. Nothing is graded.

# %%
Quiz("03_relu_family")

# %% [markdown]
# ## Recap
#
# - ReLU passes the gradient on unchanged where it is active. Twenty sigmoid slopes multiply to at most $10^{-12}$.
# - **Dead**: not active on any sample. **Sparse**: a share of zeros, about half at the start. **Zero gradient**: in this
#   batch. Count dead units over many samples. One sample, or the share of zeros, says nothing about death.
# - A dead unit's gradient is exactly 0. Large negative biases, too large learning rates and a bad start kill.
# - A smaller learning rate and a He start prevent. A slope on the left revives.
# - Leaky ReLU has a fixed slope, PReLU a learned one. ELU levels off at $-\alpha$ and is smooth at 0 only for $\alpha = 1$.
# - `where` computes both branches: clamp the input of the one that can overflow.
#
# ## What comes next
#
# - Exercise [ps2_dead_neurons](../../release/ps2_dead_neurons/ps2_dead_neurons.ipynb):
#   count the dead units of any model, layer by layer, and revive them.
# - [Lesson 04](04_smooth_activations.ipynb): GELU, SiLU and Mish, which round the corner off.
