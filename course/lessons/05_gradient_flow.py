# %% [markdown]
# # Gradient flow: why deep networks need the right slope and the right start
#
# **Goals.** After this lesson you can
# - say by what a gradient is multiplied in each layer, and predict whether it vanishes, explodes or arrives;
# - read gradient norms, pre-activation histograms and saturated shares layer by layer;
# - match initialisation and activation, and derive the factors $1$ and $2$ of Xavier and He;
# - spot a network that cannot learn because of how it was initialised;
# - tell saturated units from dead ones while a network learns, and read the size of its steps;
# - say what residual connections change, and what they do not solve.
#
# **Time.** 75 minutes, 45 of them for the core.
#
# **You need.** Lesson 02: slopes and flat zones. The chain rule. A little of `torch.nn`.

# %%
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from course.checks import Checks, expect_close
from course.checks.dead_neurons import expect_hooks_unchanged, expect_modes_unchanged
from course.checks.messages import numbers
from course.computations.data import digits
from course.computations.functions import ACTIVATIONS
from course.computations.signals import (
    Network,
    pre_activation_gradient_norms,
    propagate,
    saturation,
    update_ratios,
    weight_gradient_norms,
)
from course.computations.training import batches, descend
from course.demos.gain_map import GainMap
from course.demos.gradient_flow import GradientFlow
from course.demos.over_training import OverTraining
from course.demos.pre_activations import PreActivations
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz
from course.widgets.tables import Table

# %% [markdown] tags=["section:A2"]
# ## The chain rule multiplies
#
# Layer $l$ computes $z_l = W_l h_{l-1} + b_l$ and $h_l = f(z_l)$. Write $\delta_l$ for the gradient of the loss by
# $z_l$. The chain rule takes it from one layer to the one before:
#
# $$\delta_{l-1} = f'(z_{l-1}) \odot W_l^\top \delta_l, \qquad
#   \frac{\partial L}{\partial W_l} = \delta_l\, h_{l-1}^\top.$$
#
# So on its way back the gradient is multiplied, layer after layer, by a *slope* and by *weights*. A product of many
# factors below 1 shrinks exponentially: the gradient *vanishes*, and the first layers hardly learn. Factors above 1 let it
# *explode*.
#
# Which functions are to blame? The slope of the sigmoid is at most $1/4$, everywhere. The slope of tanh is at most $1$
# and smaller away from $0$. The slope of ReLU is exactly $1$ for positive pre-activations. The next cell has the
# product of the slopes at its best, and it is only half of the story: the weights multiply too.

# %%
table = Table("largest product of the slopes", {"layers": "d", "sigmoid": ".1e", "tanh": "g", "ReLU": "g"})
for depth in (5, 10, 20):
    table.add(depth, 0.25**depth, 1.0**depth, 1.0**depth)
table.show()

exponents = {"about 10 times": 1, "about 1,000 times": 3, "about a million times": 6, "about 10¹² times": 12}
flow_guess = Prediction(
    "A network of 10 sigmoid layers, Xavier initialisation. How many times smaller is the gradient at the first "
    "layer's pre-activations than at the tenth's?",
    choices=list(exponents),
)
flow_guess

# %%
columns = {"": "", "first layer": ".1e", "tenth": ".1e", "tenth / first": ".1e"}
table = Table("gradient of the pre-activations, 5 seeds: median (smallest to largest)", columns)
for name in ("sigmoid", "tanh", "relu"):
    delta = pre_activation_gradient_norms(propagate(Network(name, depth=10, initialisation="xavier")))
    ratio = delta[-1] / delta[0]  # one number per seed
    table.add(name, delta[0], delta[-1], ratio)
    if name == "sigmoid":
        power = np.log10(np.median(ratio))
table.show()
flow_guess.compare(min(exponents, key=lambda choice: abs(exponents[choice] - power)))

# %% [markdown]
# ### The same with plain PyTorch
#
# *Beyond the core.*
#
# The demos of this lesson compute five seeds at once. To see that nothing is hidden, here is the norm of the first layer's
# gradient in an ordinary `nn.Sequential` with 8 hidden layers, on random data.

# %%
def first_layer_norm(activation, seed):
    torch.manual_seed(seed)
    layers = [layer for _ in range(8) for layer in (nn.Linear(32, 32), activation())]
    model = nn.Sequential(*layers, nn.Linear(32, 1))
    for layer in model[::2]:
        nn.init.xavier_uniform_(layer.weight)
    x, y = torch.randn(64, 32), torch.randint(0, 2, (64, 1)).float()
    F.binary_cross_entropy_with_logits(model(x), y).backward()
    return model[0].weight.grad.norm().item()


table = Table("gradient of the first layer, 5 seeds: median (smallest to largest)", {"": "", "norm": ".1e"})
for activation in (nn.Sigmoid, nn.Tanh, nn.ReLU):
    table.add(activation.__name__, [first_layer_norm(activation, seed) for seed in range(5)])
table.show()

# %% [markdown]
# ### Your turn: the way back by hand
#
# A network of tanh layers without biases, $z_l = W_l \tanh(z_{l-1})$. The $z_l$ of one sample have been kept, and
# $\delta$ of the last layer is known. Multiply your way back, without autograd.

# %%
def deltas(last, weights, z):
    """Return the list [δ_1, …, δ_L], given last = δ_L, weights = [W_1, …, W_L] and z = [z_1, …, z_L]."""
    raise NotImplementedError  # your code: 4 to 6 lines


# %%
source = torch.Generator().manual_seed(0)
signal, matrices, kept = torch.randn(5, generator=source).double(), [], []
for into, out in ((5, 4), (4, 3), (3, 2)):
    matrices.append(torch.randn(out, into, generator=source).double().requires_grad_())
    kept.append(matrices[-1] @ signal)
    signal = torch.tanh(kept[-1])
wanted = torch.autograd.grad(signal.square().sum(), kept)  # the δ of all layers
kept, matrices = [[part.detach() for part in parts] for parts in (kept, matrices)]


def found_for(first, last):
    """What `deltas` returns for the layers from `first` to `last`, each δ as a row."""
    of_layers = [[part.clone() for part in parts[first - 1 : last]] for parts in (matrices, kept)]
    return [numbers(delta).ravel() for delta in deltas(wanted[last - 1].clone(), *of_layers)]


checks = Checks("deltas", points=5)
with checks("a single layer: the δ that is known"):
    assert len(found_for(3, 3)) == 1, f"{len(found_for(3, 3))} of them came back."
    expect_close(found_for(3, 3)[0], wanted[2], rtol=1e-5)
with checks("one for each layer, the last one last"):
    assert len(found_for(1, 3)) == 3, f"{len(found_for(1, 3))} of them came back for 3 layers."
    expect_close(found_for(1, 3)[2], wanted[2], rtol=1e-5)
for layer, steps in ((2, "one step"), (1, "two steps")):
    with checks(f"layer {layer}, {steps} back: what autograd gives"):
        expect_close(found_for(1, 3)[layer - 1], wanted[layer - 1], rtol=1e-5, atol=1e-6)
with checks("any number of layers: the first two alone"):
    for found, expected in zip(found_for(1, 2), wanted[:2], strict=True):
        expect_close(found, expected, rtol=1e-5, atol=1e-6)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def deltas(last, weights, z):
#     found = [last]
#     for layer in range(len(weights) - 1, 0, -1):
#         slope = 1 - torch.tanh(z[layer - 1]) ** 2
#         found.insert(0, slope * (weights[layer].T @ found[0]))
#     return found
# ```
#
# </details>

# %% [markdown] tags=["section:D13"]
# ## Twenty layers, layer by layer
#
# The demo has up to 30 hidden layers of 64 units that read handwritten digits, before the first step of training. It
# shows the norm of the gradient in each layer, on a logarithmic axis. A straight line that falls to the left is
# a gradient that vanishes exponentially. Lines are medians of 5 seeds, bands run from the smallest to the largest.
# 1. With PyTorch's default, which of the four vanish? Is ReLU among them?
# 2. Which initialisation makes tanh flat, which ReLU? Does one of the three suit the sigmoid?
# 3. Go back to the default and multiply the weights by 2.45, the root of 6. Which of the others have you made?
#
# ![Gradient of the weights against the hidden layer, 1 to 20, on a logarithmic axis, with PyTorch's default
# initialisation. All four lines fall towards layer 1: the sigmoid, solid with round markers, to about 10⁻¹⁷, GELU,
# solid with diamonds, to about 10⁻¹⁰, ReLU, dash-dot with triangles, to about 10⁻⁸, and tanh, dashed with squares,
# to about 10⁻⁵.](images/05_gradient_flow.png)

# %%
GradientFlow()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. All four vanish, ReLU too. Of the last layer's gradient the first gets 2·10⁻¹⁶ with the sigmoid, 7·10⁻⁹ with
#    GELU, 2·10⁻⁶ with ReLU and 0.0006 with tanh.
# 2. Xavier makes tanh flat: first over last layer is 1.2. He makes ReLU flat: 1.1. None suits the sigmoid: 5·10⁻¹⁰ at
#    best, with He. (Xavier's line for ReLU is flat too, but look at its height; the last section comes back to that.)
# 3. He's, nearly: a sixth of his variance times 6. ReLU's ratio is now 1.5. What is left of the default are its
#    biases and the uniform distribution.
#
# </details>

# %% [markdown]
# With He's initialisation three lines are flat. The sigmoid still falls.
#
# ![The same picture with He initialisation. The lines of tanh, ReLU and GELU are flat, between 0.1 and 4, with GELU's
# band the widest. The sigmoid falls from 0.3 in layer 20 to about 10⁻¹⁰ in layer 1.](images/05_gradient_flow_he.png)

# %% [markdown] tags=["section:B2"]
# ### Why ReLU replaced sigmoid and tanh
#
# The usual answer is: its slope is 1, so nothing shrinks. It is right for a single path through units that are all
# active. But about half of the units are not, and the weights matter as much. The demo showed ReLU vanishing too. What
# ReLU does have is this: *with the right weights* the gradient keeps its size at any depth, and half of the slopes are
# exactly 1. The next cell looks for such weights. For tanh they are Xavier's or a little more, with hardly a unit
# saturated. For the sigmoid they are about ten times Xavier's, and then three quarters of its units are in their flat
# zones: the network is a pile of switches, and the gradient comes through the few that are not flat.
#
# The price of ReLU is a unit that is off for every sample. Its gradient is exactly 0, and it stays off: lesson 03.

# %%
scales = (0.5, 1.0, 2.0, 4.0, 10.0)
caption = "20 layers, median of 5 seeds: first layer's gradient / last layer's (share of flat slopes)"
table = Table(caption, {"weights times": "", **{f"{scale:g}": "" for scale in scales}})
for name, initialisation in (("sigmoid", "xavier"), ("tanh", "xavier"), ("relu", "he")):
    row = []
    for scale in scales:
        network = Network(name, 20, initialisation, scale)
        signals = propagate(network)
        delta = pre_activation_gradient_norms(signals)
        flat = np.median(saturation(network, signals))
        row.append(f"{np.median(delta[0] / delta[-1]):.0e} ({flat:.0%})")
    table.add(f"{name}, {initialisation}", *row)
table.show()

# %% [markdown] tags=["section:D6"]
# ## Saturation
#
# A sigmoid or tanh unit is *saturated* where its slope is nearly 0, far from the origin on either side. Then almost
# no gradient passes, however large the error is. If the sigmoid's value is $0.99$, its slope is
# $0.99 \cdot 0.01 = 0.0099$: one hundredth of the gradient gets through. At $0.999$ it is a tenth of that.
#
# In a hidden layer that is a loss. Elsewhere it is what you want: a gate of an LSTM has to be able to stay shut,
# and a probability at the output has to come close to 0 or 1. There the loss function undoes the flat slope
# (lesson 06a). So sigmoid and tanh live on in gates and outputs (lesson 07a).

# %%
table = Table("slope of the sigmoid by its value", {"value": "g", "slope": ".6f"})
for value in (0.5, 0.9, 0.99, 0.999):
    table.add(value, value * (1 - value))
table.show()
caption = "saturated share of a tanh network, |f'| < 0.1, 20 layers, median over layers and seeds"
table = Table(caption, {"Xavier weights times": "g", "saturated": ".1%"})
for scale in (0.5, 1.0, 1.5, 2.5, 4.0):
    network = Network("tanh", 20, "xavier", scale)
    share = saturation(network, propagate(network))
    table.add(scale, np.median(share))
table.show()

# %% [markdown]
# Look at the pre-activations themselves. On the left, each row is a layer; grey is the zone where the slope is flat.
# 1. Choose tanh and multiply the weights by 2.5. Which layers saturate?
# 2. Choose ReLU with PyTorch's default. What happens to the histograms with depth?
# 3. Choose the sigmoid with any initialisation. Is it saturated? Then why does its gradient vanish?
#
# ![Left, histograms of the pre-activations of a tanh network with Xavier weights times 2.5, for eight of its 20
# layers. In every layer they spread over both grey zones beyond ±1.82. Right, the saturated share against the layer: about
# 0.4 in each, with a narrow band over the seeds.](images/05_pre_activations_saturated.png)

# %%
PreActivations()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. All of them, alike: 40 % of the slopes in the first layer and 36 % in the last are flat.
# 2. They narrow: from a spread of 0.53 in the first layer to 0.12 in the third and 0.08 in the twentieth. What is
#    left comes from the biases.
# 3. No: with Xavier's weights 3 % of the slopes are flat in the first layer and none in the last. Its gradient
#    vanishes because the slope is at most $1/4$ even where it is largest.
#
# </details>

# %% [markdown]
# The sigmoid of the third question is *not* saturated. Its pre-activations stay near 0, where its slope is
# largest. But the largest is $1/4$, and that is enough to make the gradient vanish.
#
# And tanh with weights times 2.5 is saturated, yet its gradient *grows* on the way back: what passes the open units
# is multiplied by larger weights. So saturation and vanishing are two things. Measure both.

# %% [markdown] tags=["section:D8"]
# ## Initialisation must match the activation
#
# How large should weights be at the start? Let them be independent with mean 0 and variance $v$, and $n$ the number
# of inputs (fan-in). One pre-activation is a sum of $n$ products, so $\operatorname{Var} z_l = n\,v\,\mathrm{E}[h_{l-1}^2]$.
# - **tanh** near 0 is nearly the identity, so $\mathrm{E}[h^2] \approx \operatorname{Var} z$. The variance stays the same if
#   $n v = 1$. That is *Xavier* (Glorot): $v = 1/n$, or $2/(\text{fan-in} + \text{fan-out})$ as a compromise with the
#   way back.
# - **ReLU** sets one half of a symmetric distribution to 0, so $\mathrm{E}[h^2] = \tfrac12 \operatorname{Var} z$. The variance
#   stays the same if $n v = 2$. That is *He* (Kaiming): $v = 2/n$.
#
# On the way back each component of $W^\top \delta$ is a sum over the layer's *outputs*, so there $n$ is the *fan-out*.
# In the square layers of this lesson both are the same. Where they are not, `mode="fan_out"` of `kaiming_normal_` keeps
# the size of a component on the way back, the default `"fan_in"` that on the way forward. Each product is multiplied by
# a slope. So per layer $\mathrm{E}[\delta^2]$ is multiplied by $n\,v\,\mathrm{E}[f'^2]$, and here the norm by its root. For ReLU
# $\mathrm{E}[f'^2] = \tfrac12$, for tanh near 0 about $1$, for the sigmoid at most $\tfrac1{16}$: the same two
# conditions again, and a factor of at most $\tfrac14$ for a sigmoid with Xavier.

# %%
factors = {"1: it matches ReLU": 1, "0.71, the root of 1/2": 0.71, "0.41, the root of 1/6": 0.41, "0.33": 0.33}
factor_guess = Prediction(
    "`nn.Linear` draws its weights uniformly with variance 1/(3n). By what is the gradient's norm multiplied in each "
    "ReLU layer?",
    choices=list(factors),
)
factor_guess

# %%
settings = [("relu", "he", 2 / 2), ("relu", "xavier", 1 / 2), ("relu", "default", 1 / 6)]
settings += [("tanh", "xavier", 1), ("sigmoid", "xavier", 1 / 16), ("sigmoid", "default", 1 / 48)]
caption = "factor per layer, 20 layers; measured with 5 seeds: median (smallest to largest)"
table = Table(caption, {"": "", "formula": ".3f", "measured": ".3f"})
for name, initialisation, square in settings:
    delta = pre_activation_gradient_norms(propagate(Network(name, 20, initialisation)))
    factor = (delta[0] / delta[-1]) ** (1 / 19)  # geometric mean over the 19 steps back
    table.add(f"{name}, {initialisation}", square**0.5, factor)
    if (name, initialisation) == ("relu", "default"):
        measured = np.median(factor)
table.show()

# %%
factor_guess.compare(min(factors, key=lambda choice: abs(factors[choice] - measured)))



# %% [markdown]
# For ReLU the formula is exact on average, and the run agrees. For tanh and the sigmoid it takes the largest slope for all
# units, so it is a little too high. PyTorch's default fits none of them.

# %% [markdown] tags=["section:D8"]
# ### A gain for every function
#
# The same recipe works for each $f$: with $nv = 1/\mathrm E[f(z)^2]$ for standard normal $z$, the next $z$ has variance
# 1 again. The root of that is called the *gain*; weights get the deviation $\text{gain}/\sqrt{n}$. The way back asks
# for $1/\mathrm E[f'(z)^2]$ instead. For ReLU the two agree. For others they do not, and you have to choose.
#
# Look at tanh. `nn.init.calculate_gain("tanh")` is $5/3$, and above it said 1. They answer two questions. With 1 tanh
# is taken for the identity: that holds near 0, and the signal slowly moves there. With $5/3$ the larger weights make up
# for the squashing: the *signal* keeps a spread near 1, and the *gradient* grows on its way back. Over 20 layers either
# costs the gradient a factor of about 5, in opposite directions; neither is fatal.
#
# PyTorch has no gain for GELU and SiLU. He's $\sqrt 2 = 1.414$ is close for GELU, less so for SiLU. For SELU it has
# $3/4$, but a self-normalising network wants 1, `nonlinearity="linear"`, as its manual says. A layer of your own has to
# call the initialiser itself, as `initialise` below does: nothing else knows which activation follows.

# %%
z = torch.randn(1_000_000, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
columns = {"f": "", "E f²": ".3f", "gain, forward": ".3f", "gain, backward": ".3f", "torch": ".3f"}
table = Table("f(z) for a standard normal z", columns)
for name in ("tanh", "relu", "selu", "gelu", "silu", "mish"):
    value = ACTIVATIONS[name].torch_function(z)
    (slope,) = torch.autograd.grad(value.sum(), z)
    known = nn.init.calculate_gain(name) if name in ("tanh", "relu", "selu") else "none"
    square = value.square().mean().item()
    table.add(name, square, square**-0.5, slope.square().mean().item() ** -0.5, known)
table.show()

columns = {"gain": ".2f", "spread of z, layer 1": ".2f", "layer 20": ".2f", "gradient, layer 1 / layer 20": ".2g"}
table = Table("20 tanh layers, median of 5 seeds", columns)
for gain in (1.0, 5 / 3):
    signals = propagate(Network("tanh", 20, "xavier", gain))
    spread, delta = signals.pre_activations.std(dim=(-2, -1)), pre_activation_gradient_norms(signals)
    table.add(gain, spread[0].median(), spread[-1].median(), np.median(delta[0] / delta[-1]))
table.show()

# %% [markdown]
# ### Your turn: a start that measures
#
# A gain holds for standard normal inputs, and someone has to work it out. Measure instead: send data through the
# network, and divide the weights of each linear layer by the standard deviation of all its outputs, over samples and
# units (Mishkin and Matas, *All you need is a good init*, 2016). Write it for an `nn.Sequential` of linear layers and
# activations.

# %%
def stack_of(kinds):
    """Return an `nn.Sequential`: for each L a linear layer with biases that are not small, for each S a SiLU."""
    torch.manual_seed(0)
    model = nn.Sequential(*(nn.Linear(64, 64) if kind == "L" else nn.SiLU() for kind in kinds))
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            nn.init.normal_(parameter, std=2.0)
    return model


samples = torch.randn(200, 64, generator=torch.Generator().manual_seed(0))
print("to try it on:", stack_of("LSL"))
print(f"standard deviation of what it puts out: {stack_of('LSL')(samples).std():.3f}")

# %%
def measured_start(model, x):
    """Set the biases to 0 and scale each linear layer's weights so that all its outputs have standard deviation 1."""
    raise NotImplementedError  # your code: 5 to 8 lines


# %%
def started(kinds, far=0):
    model = stack_of(kinds)
    for layer in model[:far]:
        layer.weight.data.abs_()
    return found if isinstance(found := measured_start(model, samples + far), nn.Module) else model


def expect_ones(kinds, far=0):
    signal = samples + far
    for place, layer in enumerate(started(kinds, far)):
        spread = (signal := layer(signal)).std()
        assert abs(spread - 1) < 0.02 or isinstance(layer, nn.SiLU), f"model[{place}] puts out std {spread:.3g}."


checks = Checks("measured_start", points=7)
with checks("the first layer puts out a standard deviation of 1"):
    expect_ones("L")
with checks("so does every later one"):
    expect_ones("LSLSLSL")
with checks("linear layers in other places"):
    expect_ones("SLLSSL")
with checks("outputs far from 0: how far does not count"):
    expect_ones("LSL", far=1)
with checks("biases are 0"):
    expect_close([layer.bias.abs().max() for layer in started("LSL")[::2]], [0, 0], atol=1e-6)
with checks("one number for all weights of a layer"):
    for layer, old in zip(started("LSLSL")[::2], stack_of("LSLSL")[::2]):
        low, high = (layer.weight / old.weight).aminmax()
        assert high - low < 1e-3 * abs(high), f"One layer's weights were multiplied by {low:.3g} to {high:.3g}."
with checks("the network can be trained, and runs as any other"):
    assert all(part.requires_grad for part in started("LSL").parameters()), "A layer's requires_grad is False now."
    expect_hooks_unchanged(measured_start, stack_of("LSL"), samples)
    expect_modes_unchanged(measured_start, stack_of("LSL"), samples)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def measured_start(model, x):
#     with torch.no_grad():
#         for layer in model:
#             if isinstance(layer, nn.Linear):
#                 layer.bias.zero_()
#                 layer.weight /= layer(x).std()
#             x = layer(x)
# ```
#
# </details>

# %% [markdown] tags=["section:D8"]
# ### Why random at all?
#
# *Beyond the core.*
#
# Why not start with all weights equal? Because equal units stay equal. Two units of a layer with the same incoming and
# outgoing weights compute the same, get the same gradient, and take the same step. So they are one unit, for ever.
# Random numbers *break the symmetry*; their size is what this section is about. (All biases at 0 do no harm, since the
# weights differ already.)

# %%
x = torch.linspace(-2, 2, 100)[:, None]
columns = {"start": "", "first loss": ".3f", "last loss": ".4f", "spread between the four units": ".3g"}
table = Table("300 steps of Adam on sin 3x", columns)
for label, start in (("all weights 0.1", lambda w: nn.init.constant_(w, 0.1)), ("Xavier", nn.init.xavier_normal_)):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1))
    for layer in (model[0], model[2]):
        start(layer.weight)
        nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    losses = list(descend(model, F.mse_loss, batches(x, torch.sin(3 * x), steps=300), optimizer))
    with torch.no_grad():
        apart = model[:2](x).std(dim=1).max().item()
    table.add(label, losses[0], losses[-1], apart)
table.show()

# %% [markdown]
# ## Spot the bug
#
# *Beyond the core.*
#
# A network of 20 ReLU layers for the digits, optimiser Adam, all names as in the manual. There is no typing error in it.

# %%
def build(seed):
    torch.manual_seed(seed)
    hidden = [layer for _ in range(20) for layer in (nn.Linear(64, 64), nn.ReLU())]
    return nn.Sequential(*hidden, nn.Linear(64, 10))


X, y, unseen_X, unseen_y = digits(hold_out=5)  # a fifth held out; scaled by the mean and the spread of the others


def train(model, seed, steps=60):
    """Last loss and accuracy on digits the model has not seen."""
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    samples = batches(X, y, steps=steps, size=64, seed=seed)
    losses = list(descend(model, F.cross_entropy, samples, optimizer))
    with torch.no_grad():
        return np.mean(losses[-10:]), (model(unseen_X).argmax(1) == unseen_y).float().mean().item()


bug_guess = Prediction(
    "After 60 steps of 64 digits: what accuracy on unseen digits, median of 3 seeds?",
    choices=["about 10 %, as by chance", "about 50 %", "about 80 %", "above 95 %"],
)
bug_guess

# %%
broken = [train(build(seed), seed) for seed in range(3)]
table = Table("20 layers as PyTorch starts them, 60 steps", {"seed": "d", "loss": ".3f", "accuracy": ".1%"})
for seed, (loss, accuracy) in enumerate(broken):
    table.add(seed, loss, accuracy)
table.show()
print(f"guessing: loss ln 10 = {np.log(10):.3f}, accuracy 10 %")
median = np.median([accuracy for _, accuracy in broken])
bug_guess.compare("about 10 %, as by chance" if median < 0.2 else f"{median:.0%}")

# %% [markdown]
# Look at the numbers at the start, before any step. Send in two different digits and see how much of the difference
# reaches the output.

# %%
linear = nn.Linear(64, 64)
print(f"variance of a weight · fan_in: {linear.weight.var().item() * 64:.3f} (He wants 2)")
model, signal = build(0), X[:2]
table = Table("difference of two digits, relative to the signal", {"after layer": "d", "difference": ".0e"})
with torch.no_grad():
    for number, layer in enumerate(model):
        signal = layer(signal)
        if isinstance(layer, nn.ReLU) and number // 2 + 1 in (1, 5, 10, 20):
            apart = (signal[0] - signal[1]).norm() / signal.norm()
            table.add(number // 2 + 1, apart)
table.show()

# %% [markdown]
# **The bug is the initialisation that nobody wrote.** The default of `nn.Linear` is uniform with variance
# $1/(3n)$, a sixth of He's. It is often said to match ReLU. It does not: in each layer the part of the signal that comes
# from the input shrinks by $\sqrt{1/6} \approx 0.41$, and so does the gradient. What is left after 20 layers comes from
# the biases and is the same for every digit. A shallow network hides the fault: three layers cost a factor of 15.
#
# ![Left, histograms of the pre-activations of a ReLU network with PyTorch's default, for eight of its 20 layers. The
# first is a hill from −1.5 to 1.5, all others are narrow, within about ±0.25. Right, the share with slope 0 stays
# near one half, with a wide band over the seeds.](images/05_pre_activations.png)
#
# The cure is one line per layer. Same seeds, same budget:

# %%
def initialise(model):
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return model


mended = [train(initialise(build(seed)), seed) for seed in range(3)]
columns = {"seed": "d", "loss": ".3f", "accuracy": ".1%", "accuracy before": ".1%"}
table = Table("20 layers with He initialisation, 60 steps", columns)
for seed, ((loss, accuracy), (_, before)) in enumerate(zip(mended, broken)):
    table.add(seed, loss, accuracy, before)
table.show()

# %% [markdown] tags=["section:D10", "section:D11", "section:D6"]
# ### Watch it while it learns
#
# *Beyond the core.*
#
# The start is not the end of it: weights move, and pre-activations can *drift* into the flat zones within some batches.
# So look again during training. The next cell trains a tanh network of four layers with two learning rates. Every 20
# steps it shows, for the first and the last hidden layer, the spread of $z$ and the share of flat slopes, and for the
# first layer the logarithm of *update over weights*: $-3$ means that a step changes the weights by a thousandth.
#
# What to look for: numbers that settle are fine. A share of flat slopes that climbs to most of a layer, or an update
# ratio that stays far above $-2$, says *why* a loss falls slowly: the learning rate has thrown the units into their
# flat zones.

# %%
def watch(rate, seed=0, steps=81):
    """Show what drifts while a network of four tanh layers learns the digits."""
    torch.manual_seed(seed)
    model = nn.Sequential(*(part for _ in range(4) for part in (nn.Linear(64, 64), nn.Tanh())), nn.Linear(64, 10))
    for layer in model[::2]:
        nn.init.xavier_normal_(layer.weight)
        nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    columns = {f"{what}, layer {layer}": form for what, form in (("spread", ".2f"), ("flat", ".0%")) for layer in (1, 4)}
    table = Table(f"rate {rate}", {"step": "d", "loss": ".3f", **columns, "log₁₀ update/weights": ".1f"})
    before = model[0].weight.detach().clone()
    for step, loss in enumerate(descend(model, F.cross_entropy, batches(X, y, steps=steps, size=64), optimizer)):
        if step % 20 == 0:
            with torch.no_grad():
                z = [model[:depth](X[:300]) for depth in (1, 7)]
                flat = [(1 - torch.tanh(part) ** 2 < 0.1).float().mean().item() for part in z]
                ratio = ((model[0].weight - before).norm() / before.norm()).log10().item()
            table.add(step, loss, z[0].std(), z[1].std(), *flat, ratio)
        before = model[0].weight.detach().clone()
    table.show()


for rate in (0.002, 0.1):
    watch(rate)

# %% [markdown]
# With 0.002 the spreads settle near 1 and few slopes are flat. With 0.1 one step already moves the weights by most of
# their own size, and after 20 steps four fifths of all slopes are flat. The loss falls even so, and stays several times
# higher.

# %% [markdown]
# ### Saturated or dead?
#
# A share of flat slopes does not say whose they are. The demo goes through such a training step by step, for three
# starts: histograms of all four layers; over the steps, how many units are flat on *every* digit, and the logarithm of
# step over weights, with a line at $-3$. On the right, one layer in full: a row for each unit, a column for each of
# 300 digits, orange where the slope is flat. An orange *row* is a unit that learns from no digit, an orange *column* a digit
# from which the layer learns nothing, and scattered orange does little harm.
# 1. tanh, learning rate 0.1, step 20: how much of layer 2 is flat? How many of its units are flat on every digit?
# 2. The same rate with ReLU: where are the dead units at step 20, and where are there none? How many with rate 0.002?
# 3. tanh with 0.002: where does the logarithm begin, where does it end? What do weights three times as large change?
#
# ![tanh with learning rate 0.1 after 20 steps. Left, four histograms that fill the picture from −5 to 5, most of it in the
# grey zones. Middle, no unit is flat on every digit, and the logarithm of step over weights falls from about −0.4 to
# −1.5. Right, the picture of layer 2: nearly all orange, with short white strokes in every
# row.](images/05_over_training_tanh.png)
#
# ![ReLU with learning rate 0.1 after 20 steps. Left, the pre-activations of layers 3 and 4 lie mostly left of 0, in the grey
# zone. Middle, within 20 steps most units of layers 2 to 4 are flat on every digit, of layer 1 none. Right, the
# picture of layer 2: orange, with white in a few rows.](images/05_over_training_relu.png)

# %%
OverTraining()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. 88 % of the slopes, 88 to 90 % over the three starts, and not one unit: each row has gaps, so each unit still
#    learns from some digits. That is why the loss falls all the same, to 0.93 by then.
# 2. 57, 42 and 48 of 64 in layers 2, 3 and 4, none in layer 1. What goes into the deeper layers is never negative, so one
#    large step can push a unit down on all digits at once; the standardised pixels have both signs. The loss is 2.31, no
#    better than guessing. With 0.002 it is 0, 0, 2 and 3 units, and the loss is 0.91.
# 3. From −1.9 after two steps to −2.6 or −2.7. Adam's first steps move each weight by about the learning rate, and 0.002
#    over a typical weight of 0.125 is −1.8 as a logarithm. Three times the weights lower it by 0.48 at first,
#    and it ends at −3.0, where the rule of thumb wants it. But the loss ends at 0.28 instead of 0.08: these units begin
#    half saturated.
#
# </details>

# %% [markdown] tags=["section:A2"]
# ## Residual connections
#
# A residual layer adds its input to its output: $h_l = h_{l-1} + f(z_l)$. The way back then has two branches,
#
# $$\frac{\partial L}{\partial h_{l-1}} = \frac{\partial L}{\partial h_l}
#   + W_l^\top \Bigl(f'(z_l) \odot \frac{\partial L}{\partial h_l}\Bigr).$$
#
# The first branch has no factor at all: a road for the gradient past every activation. It arrives even in a sigmoid
# network. Tick *residual connections* in the demo above.
#
# They do not make initialisation unimportant. Sizes now *add up*, forward and backward. With He's weights a ReLU
# branch adds at least as much mean square as there is, in every layer, and the signal explodes. In practice
# normalisation layers or a small factor on the branch keep it in check.
#
# ![Gradient of the weights against the hidden layer, 1 to 20, with PyTorch's default initialisation and residual
# connections. All four lines are nearly flat, between 0.3 and 130.](images/05_gradient_flow_residual.png)

# %%
columns = {"": "", "layers": "", "first layer's gradient": ".0e", "spread of the last pre-activations": ".1e"}
table = Table("20 layers, median of 5 seeds", columns)
for name, initialisation in (("sigmoid", "xavier"), ("relu", "default"), ("relu", "he")):
    for residual in (False, True):
        signals = propagate(Network(name, 20, initialisation, residual=residual))
        first = np.median(weight_gradient_norms(signals)[0])
        spread = signals.pre_activations[-1].std().item()
        kind = "residual" if residual else "plain"
        table.add(f"{name}, {initialisation}", kind, first, spread)
table.show()

# %% [markdown]
# ## Beyond: a map of all gains
#
# *Beyond the core.*
#
# Call $\text{gain} = \sqrt{n v}$ the standard deviation of a weight times $\sqrt{\text{fan-in}}$. The map shows one gain
# in each column and one layer in each row. Where a column has one colour from bottom to top, the gradient arrives
# unchanged.
# 1. Find that gain for ReLU. Is it He's $\sqrt 2$?
# 2. Show the spread of the pre-activations for tanh. What happens left and right of gain 1?
# 3. Is there such a gain for the sigmoid in this range?
#
# ![Left, a heat map for ReLU: gain from 0.4 to 3 across, hidden layers 1 to 20 upwards, colour for the gradient of the
# pre-activations. At small gain the first layers are dark, below 10⁻⁸; near gain 1.4, He's, the columns have one
# colour; at large gain the first layers are bright, above 10⁴. Right, the column at gain 1: the gradient falls from
# layer 20 to layer 1 by a factor of about a thousand.](images/05_gain_map.png)

# %%
GainMap()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. Yes: first and last layer are most alike at 1.4, the mark nearest to $\sqrt 2$.
# 2. On the left the spread shrinks from layer to layer: at gain 0.5 from 0.44 to 6·10⁻⁷. On the right it settles at a
#    level of its own, 1.5 at gain 2, where the units saturate. At gain 1 it falls slowly, from 0.87 to 0.14.
# 3. No. At gain 3, the end of the range, the gradient still falls from 0.044 in layer 20 to 2·10⁻⁷ in layer 1. It
#    would take about 10.
#
# </details>

# %% [markdown]
# ### A flat line is not enough
#
# Now a trap. Choose ReLU with Xavier and the gradient of the *weights* in the first demo: the line is flat, and the
# network still starts badly. In $\partial L/\partial W_l = \delta_l h_{l-1}^\top$ one factor shrinks on the way back and
# the other on the way forward. Their product is equally small everywhere. So look at the size as well.
#
# A size needs something to compare with. The *update-to-weight ratio* is the norm of one update over the norm of the
# weights it changes. A rule of thumb (Stanford's CS231n notes) is about $10^{-3}$. Far below, a layer stands still;
# far above, it is overwritten.

# %%
columns = {f"{what}, layer {layer}": ".0e" for what in ("gradient of the weights", "update / weights") for layer in (1, 20)}
table = Table("20 ReLU layers, one step with learning rate 0.1, median of 5 seeds", {"": "", **columns})
for initialisation in ("default", "xavier", "he"):
    network = Network("relu", 20, initialisation)
    signals = propagate(network)
    g, ratio = weight_gradient_norms(signals), update_ratios(network, signals, rate=0.1)
    table.add(initialisation, *map(np.median, (g[0], g[-1], ratio[0], ratio[-1])))
table.show()

# %% [markdown]
# With the default, learning rates for the first and the last layer would have to differ by a factor of about half a
# million. With He one learning rate serves all, and 0.1 is too large for this network: about a tenth of it gives the
# rule's $10^{-3}$.

# %% [markdown]
# ## Quiz
#
# Every answer has its own feedback. Nothing is graded.

# %%
Quiz("05_gradient_flow")

# %% [markdown]
# ## Recap
#
# - Going back one layer multiplies the gradient by a slope and by weights. Its norm changes by about
#   $\sqrt{n\,v\,\mathrm{E}[f'^2]}$ per layer.
# - Sigmoid: on average a factor of at most $1/4$ per layer with Xavier's weights, whatever the units do. Larger weights saturate them.
# - tanh wants a gain $\sqrt{n v}$ from 1 (Xavier) to 5/3, ReLU one of $\sqrt 2$ (He). `nn.Linear` starts with
#   $n v = 1/3$: in a deep ReLU network initialise by hand.
# - A slope of 1 alone does not save ReLU. Slope and weights together do.
# - Residual connections give the gradient a way past the factors. Then watch for growth.
# - Inspect by layer: gradient norm, saturated share, update-to-weight ratio.
#
# ## What comes next
#
# - Exercise [ps3_gradient_flow](../../release/ps3_gradient_flow/ps3_gradient_flow.ipynb):
#   measure the gradient of each layer yourself, and plot it.
# - [Lesson 06a](06a_outputs_and_losses.ipynb): the output layer, and how its activation must match the loss.
