# %% [markdown]
# # Interview cards: say it, then check it
#
# *Beyond the core.*
#
# **Goals.** After this lesson you can
# - answer, in your own words, the questions on activations that are asked most, follow-ups included;
# - back each sentence with something you have run, and leave out what does not hold;
# - sum the subject up in one minute;
# - say which of your answers need another round.
#
# **Time.** 100 minutes.
#
# **You need.** Lessons 01 to 06b. Or none of them, to find out which one to read.

# %%
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from course.computations.data import digits
from course.computations.functions import ACTIVATIONS, evaluate
from course.computations.signals import Network, pre_activation_gradient_norms, propagate
from course.computations.training import batches, descend
from course.demos.dead_neurons import UNITS, Story
from course.demos.self_gated import SelfGated
from course.widgets.cards import Deck, spoken
from course.widgets.interview import Interview
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz
from course.widgets.tables import Table

torch.set_num_threads(1)  # the networks here are small: sharing them out between cores would cost time
deck = Deck()

# %% [markdown]
# ## How a card works
#
# 1. Read the question and answer **in writing, in whole sentences**, as you would say it. Two minutes are enough.
# 2. Press *Compare*. A model answer appears beside yours, and the points that a good answer makes.
# 3. Tick the points *you* made and rate yourself. The summary at the end says which cards to repeat.
#
# The cells with the cards are folded, since their text holds the model answers: run them like any other cell. By keyboard: Tab
# leads from the answer to the button, the ticks and the ratings; Space presses. If you read this where nothing runs,
# cover the lines after `answer=`.
#
# After each card come its *grounds*: runs that show each claim of the model answer. An answer you cannot
# back is a recital. What you write, tick and rate is kept on your machine: run the cards tomorrow, and they go on where you
# stopped. Cards 1 to 6 ask what comes first in most interviews, 7 to 12 what follows; two sittings are better than one.

# %% [markdown]
# ## 1. Why activations at all

# %% jupyter={"source_hidden": true}
deck.card(
    "Why activations at all",
    "Why does a neural network need activation functions at all?",
    answer="""
    Because linear layers collapse. W₂(W₁x + b₁) + b₂ is W₂W₁x + (W₂b₁ + b₂), which is one linear layer. However many I
    stack, the network draws straight boundaries and nothing else. It cannot even learn XOR.

    Any function between them that is not linear ends that; one bend is enough. Two ReLU units solve XOR. And one hidden
    layer comes as close as you like to any continuous function on a closed and bounded set, if it has enough units
    and its activation is not a polynomial. That is universal approximation.

    It promises less than it seems to: not how many units that takes, and not that training finds them. Depth is
    another matter. Each layer works on what the one before has made, which can save units.
    """,
    points=[
        "Linear layers in a row are one: weights W₂W₁, bias W₂b₁ + b₂",
        "So boundaries are straight, and XOR is out of reach",
        "One bend is enough: two ReLU units solve XOR",
        "Universal approximation: closed and bounded set, enough units, not a polynomial",
        "It does not say how many units, or that training finds them",
    ],
)

# %% [markdown]
# ### Grounds: collapse, XOR, polynomials
#
# The next cell multiplies two layers out, biases included. Then it looks for the best linear answer to XOR, and
# writes down two ReLU units that solve it. The last lines fit $\sin 3x$ with units whose weights are drawn at random and only
# the output layer is fitted: with ReLU, and with the polynomial $z^2$.
#
# **Do not say** that a network without activations learns nothing: it learns a linear model. And leave no condition of universal
# approximation out.

# %%
rng = np.random.default_rng(0)
w1, b1, w2, b2 = rng.normal(size=(5, 10)), rng.normal(size=5), rng.normal(size=(3, 5)), rng.normal(size=3)
samples = rng.normal(size=(8, 10))
two_layers = (samples @ w1.T + b1) @ w2.T + b2
one_layer = samples @ (w2 @ w1).T + (w2 @ b1 + b2)
print(f"two linear layers and one differ by at most {np.abs(two_layers - one_layer).max():.0e}")

corners, xor = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
design = np.column_stack([corners, np.ones(4)])
print("XOR: best linear answer", (design @ np.linalg.lstsq(design, xor, rcond=None)[0]).round(3), end="; ")
total = corners.sum(axis=1)
print("with two ReLU units", np.maximum(0, total) - 2 * np.maximum(0, total - 1))

x = np.linspace(-3, 3, 401)
table = Table("largest error on sin 3x", {"activation": "", "units": "d", "error": ".4f"})
for label, f in (("ReLU", lambda z: np.maximum(0, z)), ("the square", np.square)):
    for units in (10, 100, 1000):
        slope, kink = rng.normal(size=units), rng.uniform(-3, 3, units)
        hidden = np.column_stack([f(slope * (x[:, None] - kink)), np.ones_like(x)])
        fit = hidden @ np.linalg.lstsq(hidden, np.sin(3 * x), rcond=None)[0]
        table.add(label, units, np.abs(fit - np.sin(3 * x)).max())
table.show()

# %% [markdown]
# The two layers agree up to rounding. The best linear answer to XOR is one half for every corner. With ReLU more units bring the
# error down; with the square a thousand are no better than ten, since a sum of parabolas is a parabola.

# %% [markdown]
# ## 2. Vanishing gradients

# %% jupyter={"source_hidden": true}
deck.card(
    "Vanishing gradients",
    "What is the vanishing gradient problem, and which activations cause it?",
    answer="""
    On its way back the gradient is multiplied, in each layer, by the slope of the activation and by the weights. If
    that product is below one, the gradient shrinks like a power of the depth, and the first layers hardly learn.

    The sigmoid is the usual cause. Its slope is at most 0.25, and 0.25 to the tenth is about one millionth. So with
    weights of the usual size ten layers let next to nothing through. Tanh reaches slope one at zero, so it loses far less until
    its units saturate. ReLU has slope one wherever it is active.

    But that is half of the product. ReLU with weights that are too small vanishes as well. So the cure is the activation
    together with its start: ReLU with He, tanh with Xavier. Residual connections add a path around each block
    that multiplies by one. Normalisation keeps units out of the flat parts.
    """,
    points=[
        "Per layer a factor: slope times weights; below one it shrinks like a power of the depth",
        "Sigmoid: slope at most 0.25, so about 10⁻⁶ after ten layers with usual weights",
        "Tanh: slope 1 at zero, less where it saturates; ReLU: 1 where active",
        "Weights are half of it: ReLU vanishes with a start that is too small",
        "Cures: matching initialisation, residual connections, normalisation",
    ],
)

# %% [markdown]
# ### Grounds: ten layers back
#
# The gradient in the first hidden layer, divided by that in the tenth: digits, no training, the median over seeds. The
# last two rows change one thing each about the first.
#
# **Do not say** that ReLU solves the problem: the third row is ReLU, too. And 0.25 is the *largest* slope, not the usual one.

# %%
print(f"0.25 to the tenth: {0.25**10:.1e}")
table = Table("gradient of layer 1 over that of layer 10, median of 5 seeds", {"network": "", "ratio": ".1e"})
for label, network in (
    ("sigmoid, Xavier", Network("sigmoid", 10, "xavier")),
    ("tanh, Xavier", Network("tanh", 10, "xavier")),
    ("ReLU, PyTorch's default", Network("relu", 10, "default")),
    ("ReLU, He", Network("relu", 10, "he")),
    ("sigmoid, Xavier, residual", Network("sigmoid", 10, "xavier", residual=True)),
    ("sigmoid, Xavier times 10", Network("sigmoid", 10, "xavier", scale=10)),
):
    delta = pre_activation_gradient_norms(propagate(network))
    table.add(label, np.median(delta[0] / delta[-1]))
table.show()

# %% [markdown]
# Sigmoid and Xavier lose almost six powers of ten, tanh not even one. ReLU loses three of them with PyTorch's default weights and none
# with He's. With residual connections the sigmoid's gradient arrives too, and with weights ten times as large: it is the product
# that counts.

# %% [markdown]
# ## 3. Sigmoid or softmax

# %% jupyter={"source_hidden": true}
deck.card(
    "Sigmoid or softmax",
    "When do you put a sigmoid at the output, and when a softmax?",
    answer="""
    It depends on what can be true together. One yes or no: one logit and a sigmoid. Several labels, any of which may hold:
    a sigmoid for each. Exactly one of K classes: a softmax, whose outputs compete for a sum of one.

    For two classes they say the same: the softmax of two logits is the sigmoid of their difference. A softmax there is
    not wrong, it has a logit to spare.

    Two bugs are common. A softmax over labels that may hold together: at most one of them can be above one half, so the second
    true label is pressed down. And sigmoids for classes that exclude each other: their sum can be anything, so it is no
    distribution over the classes.

    In PyTorch I write neither while training. BCEWithLogitsLoss contains the sigmoid, CrossEntropyLoss the softmax. I
    apply them to read probabilities.
    """,
    points=[
        "Ask what can be true together: independent labels or one class of many",
        "Sigmoid for yes or no and for each of several labels; softmax for exactly one of K",
        "Two classes: softmax of two logits is the sigmoid of their difference",
        "Softmax over labels: at most one above 1/2; sigmoids over classes: any sum",
        "The losses contain them: BCEWithLogitsLoss, CrossEntropyLoss",
    ],
)

# %% [markdown]
# ### Grounds: sums, and what the losses contain
#
# **Do not say** that softmax is wrong for two classes, or that sigmoids "are not probabilities": each one is, of its own label.

# %%
z = 3 * torch.randn(1000, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
softmax, sigmoids = z.softmax(1), torch.sigmoid(z)
print(f"sums of 4 outputs: softmax {softmax.sum(1).min():.3f} to {softmax.sum(1).max():.3f}, "
      f"sigmoids {sigmoids.sum(1).min():.3f} to {sigmoids.sum(1).max():.3f}")
print("outputs above one half, at most: softmax", (softmax > 0.5).sum(1).max().item(), end=", ")
print("sigmoids", (sigmoids > 0.5).sum(1).max().item())
difference = (z[:, :2].softmax(1)[:, 0] - torch.sigmoid(z[:, 0] - z[:, 1])).abs().max()
print(f"two classes: softmax and sigmoid of the difference, apart by {difference:.0e}")

labels, classes = (z.roll(1, 0) > 0).double(), z.roll(1, 0).argmax(1)
inside = F.binary_cross_entropy_with_logits(z, labels) - F.binary_cross_entropy(sigmoids, labels)
print(f"BCE with logits and BCE of sigmoids, apart by {inside.abs():.0e}", end="; ")
inside = F.cross_entropy(z, classes) - F.nll_loss(softmax.log(), classes)
print(f"cross-entropy and NLL of log softmax, by {inside.abs():.0e}")

# %% [markdown]
# The softmax sums to 1 each time, the sigmoids to anything between their extremes. All four sigmoids can be above one half, of a
# softmax only one. Both losses contain their function, up to rounding.

# %% [markdown]
# ## 4. Temperature

# %% jupyter={"source_hidden": true}
deck.card(
    "Temperature",
    "What does the temperature of a softmax do, and where is it used?",
    answer="""
    The logits are divided by T before the softmax. Above one the probabilities move towards equal, below one towards all on the
    largest logit. The order stays, so the accuracy does too. For logits 2, 1, 0.5 and −1 the largest probability
    is 0.84 at T = 0.5, 0.61 at T = 1 and 0.43 at T = 2.

    I know three uses. Calibration: fit T to held-out data by the likelihood. An overconfident network needs T above one, an
    underconfident one T below. Distillation: teacher and student share a T above one, so that small probabilities, which
    say what looks alike, count. The loss is multiplied by T², because its gradient shrinks by about that.
    Decoding: a language model that samples with T below one is more predictable, above one more varied.
    """,
    points=[
        "softmax(z/T): above 1 flatter, below 1 sharper; the order stays",
        "A number you have seen, for example 0.84, 0.61, 0.43",
        "Calibration: T by likelihood on held-out data; above 1 if overconfident, below if not confident enough",
        "Distillation: T above 1 for both, loss times T²",
        "Decoding: below 1 more predictable, above 1 more varied",
    ],
)

# %% [markdown]
# ### Grounds: T found again, and T²
#
# Labels are drawn from a softmax at a known temperature, then a fit has to find it. At a temperature of 2 the network is too
# sure of itself, at 0.5 not sure enough. Below that, the gradient of a distillation loss at several temperatures.
#
# **Do not say** "T above one calibrates", or that 0.8 to 1.2 is right for creative text: that depends on model and task.

# %%
z = torch.tensor([2.0, 1.0, 0.5, -1.0])
print("largest probability:", {T: round((z / T).softmax(0).max().item(), 3) for T in (0.5, 1.0, 2.0)})

generator = torch.Generator().manual_seed(0)
logits = 3 * torch.randn(5000, 4, generator=generator)
grid = torch.linspace(0.2, 4, 381)
columns = {"labels drawn at T": "g", "the fit finds": ".2f", "NLL": ".3f", "NLL after": ".3f"}
table = Table("temperature by likelihood", columns)
for true in (2.0, 0.5):
    drawn = torch.multinomial((logits / true).softmax(1), 1, generator=generator)[:, 0]
    nll = torch.stack([F.cross_entropy(logits / T, drawn) for T in grid])
    table.add(true, grid[nll.argmin()], F.cross_entropy(logits, drawn), nll.min())
table.show()

teacher = torch.randn(500, 10, generator=generator)
table = Table("distillation", {"T": "d", "gradient": ".1e", "times T²": ".1e"})
for T in (1, 4, 16):
    student = (teacher + torch.randn(500, 10, generator=torch.Generator().manual_seed(1))).requires_grad_()
    F.kl_div((student / T).log_softmax(1), (teacher / T).softmax(1), reduction="batchmean").backward()
    norm = student.grad.norm().item()
    table.add(T, norm, T**2 * norm)
table.show()

# %% [markdown]
# Both temperatures are found again. Multiplied by T², the gradient keeps its order of magnitude while T grows from 1 to 16.

# %% [markdown]
# ## 5. Why ReLU replaced sigmoid and tanh

# %% jupyter={"source_hidden": true}
deck.card(
    "Why ReLU replaced sigmoid and tanh",
    "Why did ReLU replace sigmoid and tanh in hidden layers, and what is the price?",
    answer="""
    Sigmoid and tanh are flat on both sides. At x = 5 the slope of the sigmoid is below 0.007 and that of tanh below 0.0002,
    so a unit that is far out gets next to no gradient. And the sigmoid's slope is never above 0.25, which depth turns into
    a power. ReLU's slope is one for every positive input, however large. With He initialisation the gradient then keeps its
    size through many layers. It is also one comparison, and its zeros are exact.

    The price is the other half: slope zero for negative inputs, so a unit can die. And like the sigmoid's, ReLU's outputs
    are never negative, so they are not centred on zero.

    Two limits. Tanh with Xavier weights trains well at moderate depth; the factor of six from the AlexNet paper is of one small
    network, against tanh. And where a bounded number is meant, as in gates and at outputs, the two are still
    right.
    """,
    points=[
        "Sigmoid and tanh saturate on both sides: a number at x = 5, say",
        "ReLU: slope 1 for all positive inputs; with He start the gradient keeps its size",
        "Cheap, and exact zeros",
        "Price: units can die, and outputs are not centred on zero",
        "Sigmoid and tanh still belong in gates and at outputs",
    ],
)

# %% [markdown]
# ### Grounds: flat sides, and what they pass on
#
# Slopes far out, and means and slopes when the inputs are drawn from a normal distribution with spread 1 or 5.
#
# **Do not say** that ReLU does not saturate: it does on the left, completely. The price has its runs with cards 9 and 10.

# %%
far = np.array([1.0, 3.0, 5.0, 10.0])
z = np.random.default_rng(0).normal(size=200_000)
slopes = Table("slope", {"x": "", **{f"{x:g}": ".1e" for x in far}})
columns = {"": "", "spread": "d", "mean output": ".3f", "mean slope": ".2f", "slope below 0.01": ".0%"}
table = Table("normal pre-activations", columns)
for name in ("sigmoid", "tanh", "relu"):
    slopes.add(name, *evaluate(name, far)[1])
    for spread in (1, 5):
        value, slope = evaluate(name, spread * z)
        table.add(name, spread, value.mean(), slope.mean(), np.mean(slope < 0.01))
slopes.show()
table.show()

# %% [markdown]
# With spread 5 a third of the sigmoids and more than half of the tanhs have a slope below 0.01. Of the ReLUs it is half at any
# spread: the negative half, and their slope is exactly 0. Sigmoid and ReLU put out numbers whose mean is well above 0.

# %% [markdown]
# ## 6. Module or function

# %% jupyter={"source_hidden": true}
deck.card(
    "Module or function",
    "PyTorch has `nn.ReLU` and `F.relu`. What is the difference, and which do you use where?",
    answer="""
    They compute the same. The module is a layer: it can stand in nn.Sequential, is listed by print and by modules(), and takes
    hooks. The function is called in forward, where the way through the network is more than a chain, as in a gate.

    A module without parameters can be shared: one nn.ReLU in three places gives the same numbers. But a hook on it
    sees all three. PReLU is different. It has a weight, so to share it ties the slopes together, and it must be made
    in __init__, or the optimiser never gets its weight.

    Two traps of the functional form. F.softmax needs dim: say which axis sums to one. And F.dropout knows nothing of
    eval(): it drops unless I pass training=self.training. I use modules where something has to find the
    activations, to count dead units or to swap them, and functions elsewhere.
    """,
    points=[
        "Same numbers; the module is a layer that is listed and takes hooks",
        "The function goes into forward, where the flow is more than a chain",
        "Without parameters a module may be shared; a hook then sees all its places",
        "PReLU has a weight: made in __init__, and shared only on purpose",
        "Traps: softmax without dim, F.dropout in eval()",
    ],
)

# %% [markdown]
# ### Grounds: shared, listed, dropped
#
# **Do not say** that modules are slower, or that sharing a ReLU shares a state: it has none.

# %%
values = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
print("nn.ReLU and F.relu agree:", torch.equal(nn.ReLU()(values), F.relu(values)))


def chain(first, second, third):
    return nn.Sequential(nn.Linear(6, 6), first, nn.Linear(6, 6), second, nn.Linear(6, 6), third)


shared, calls = nn.ReLU(), []
shared.register_forward_hook(lambda *_: calls.append(1))
network = chain(shared, shared, shared)
network(values)
print(f"one ReLU in three places: {sum(isinstance(m, nn.ReLU) for m in network.modules())} in modules(), {len(calls)} calls seen")
tied = nn.PReLU()
for label, parts in (("one PReLU, shared", [tied] * 3), ("three PReLUs", [nn.PReLU() for _ in range(3)])):
    print(f"{label}: {sum(p.numel() for m in chain(*parts).modules() if isinstance(m, nn.PReLU) for p in m.parameters())} slopes to learn")
dropout = nn.Dropout(0.5).eval()
ones = torch.ones(10_000)
print(f"zeros in eval(): nn.Dropout {(dropout(ones) == 0).float().mean():.0%}, F.dropout {(F.dropout(ones) == 0).float().mean():.0%}")

# %% [markdown]
# The shared ReLU is listed once and called three times. Three PReLUs have three slopes to learn, a shared one has one. And `F.dropout`
# drops half of the numbers, whatever mode the model is in.

# %% [markdown]
# ## 7. GELU against ReLU
#
# First a guess, then the card.

# %%
seeds_guess = Prediction(
    "Digits, 3 hidden layers, the same steps for both, five seeds each. What do the accuracies on unseen digits show?",
    choices=["GELU is better in every seed", "ReLU is better in every seed", "the two ranges overlap"],
)
seeds_guess

# %% jupyter={"source_hidden": true}
deck.card(
    "GELU against ReLU",
    "Transformers use GELU where older networks use ReLU. What is the difference, and why would you choose GELU?",
    answer="""
    Both multiply x by a gate. ReLU's gate is a step at zero: shut or open. GELU's gate is Φ(x), the probability
    that a standard normal number is at most x. So it opens gradually.

    Three things follow. ReLU's slope jumps from 0 to 1 at zero, GELU's passes smoothly through one half. A unit a
    little below zero still gets a gradient under GELU; far below, at minus six, next to none. And GELU is not
    monotonic: it falls to about −0.17 near x = −0.75, then rises.

    Why choose it? Its authors reported gains over ReLU on several tasks, BERT and GPT-2 used it in their feed-forward
    blocks, and many followed. That is experience, not proof. On a small task I expect a difference within the
    spread over seeds, so I would measure it. It costs more than ReLU's one comparison.
    """,
    points=[
        "Both are x times a gate: a step for ReLU, Φ(x) for GELU",
        "At 0 the slope of ReLU jumps, the slope of GELU does not",
        "GELU passes some gradient a little below 0, next to none far below",
        "GELU is not monotonic: its minimum is about −0.17",
        "The reason to choose it is experience with transformers; measure on your own task",
    ],
)

# %% [markdown] tags=["section:E16"]
# ### Grounds: gate, slope, dip
#
# ReLU and GELU are $x\,g(x)$ with a gate $g$ between 0 and 1. For GELU, $g = \Phi$: let a coin pass $x$ with probability
# $\Phi(x)$ and else pass 0; GELU is the mean. Nothing random is left in it, so it is no dropout.
#
# **Do not say** that ReLU is discontinuous (its slope is), that GELU ranges over all numbers, or that smoothness
# pays off inside attention: the activation sits in the feed-forward block, attention has a softmax. And
# no percentage without the task it was measured on.

# %%
close = np.array([-1e-6, 1e-6])
columns = {"": "", "value at −10⁻⁶": ".0e", "at 10⁻⁶": ".0e", "slope at −10⁻⁶": ".3f", "slope at 10⁻⁶": ".3f"}
table = Table("close to 0", columns)
for name in ("relu", "gelu"):
    value, slope = evaluate(name, close)
    table.add(name, *value, *slope)
table.show()

x = np.array([-0.5, -1.0, -2.0, -3.0, -6.0])
table = Table("left of 0", {"x": "", **{f"{number:g}": ".1e" for number in x}})
table.add("slope of GELU", *evaluate("gelu", x)[1])
table.show()
x = np.linspace(-8, 8, 160_001)
value, slope = evaluate("gelu", x)
print(f"minimum of GELU {value.min():.4f} at x = {x[value.argmin()]:.3f}; largest slope {slope.max():.3f}")

# %% [markdown]
# Left of about −0.75 the slope is negative, since GELU falls there. It moves weights all the same, the other way. Further left it
# fades.
#
# Move $x$ and say aloud what each of the three panels shows.
#
# ![Three panels over x from −6 to 6 with ReLU, dash-dot green, GELU, solid purple, SiLU, dashed blue, and Mish,
# dotted vermillion. Left, the gates: a step at 0 for ReLU, three S-shaped curves for the others. Middle, the functions: all
# but ReLU dip below 0 for negative x. Right, the slopes: ReLU's jumps from 0 to 1, the others pass smoothly from below 0
# to above 1.](images/04_self_gated.png)

# %%
SelfGated()

# %%
class Mlp(nn.Module):
    """Hidden layers of 48 units with He weights, and ten logits; the activation can be exchanged."""

    def __init__(self, activation, depth, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.activation = activation
        self.hidden = nn.ModuleList(nn.Linear(48 if i else 64, 48) for i in range(depth))
        self.logits = nn.Linear(48, 10)
        for layer in (*self.hidden, self.logits):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        for layer in self.hidden:
            x = self.activation(layer(x))
        return self.logits(x)


X, y, unseen_X, unseen_y = digits(hold_out=4, standardised=False)
X, unseen_X = X / 16 - 0.3, unseen_X / 16 - 0.3  # by numbers that no digit has a say in

# %%
def train(activation, seed, depth=3, loss=F.cross_entropy, steps=100):
    """A trained network and its losses."""
    model = Mlp(activation, depth, seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, fused=True)
    samples = batches(X, y, steps=steps, size=64, seed=seed)
    return model, list(descend(model, loss, samples, optimizer))


def look(model):
    """Loss and accuracy on unseen digits."""
    with torch.no_grad():
        logits = model(unseen_X)
    return F.cross_entropy(logits, unseen_y).item(), (logits.argmax(1) == unseen_y).float().mean().item()

# %%
trained, right = {}, {}
table = Table("accuracy on unseen digits, 5 seeds: median (smallest to largest)", {"": "", "accuracy": ".1%"})
for name in ("relu", "leaky_relu", "gelu", "silu"):
    trained[name] = [train(ACTIVATIONS[name].torch_function, seed) for seed in range(5)]
    right[name] = [look(model)[1] for model, _ in trained[name]]
    table.add(ACTIVATIONS[name].label, right[name])
table.show()

relu, gelu = right["relu"], right["gelu"]
apart = "GELU is better in every seed" if min(gelu) > max(relu) else "ReLU is better in every seed"
overlap = max(min(relu), min(gelu)) <= min(max(relu), max(gelu))
seeds_guess.compare("the two ranges overlap" if overlap else apart)

# %% [markdown]
# On this task five seeds do not separate them. It says nothing about a large language model, and that is the point: a claim
# about which is better needs the task, the budget and the spread.

# %% [markdown]
# ## 8. Follow-up: GELU against Swish
#
# A guess first; its result comes with the grounds.

# %%
swap_guess = Prediction(
    "A network of 6 hidden layers was trained with GELU. You put SiLU in its place and train no further. What "
    "happens to the loss on unseen digits?",
    choices=["it stays within 5 %", "it rises by 5 to 25 %", "it rises by more than 25 %"],
)
swap_guess

# %% jupyter={"source_hidden": true}
deck.card(
    "GELU against Swish",
    "Swish, x·σ(x), looks much like GELU. When would you prefer one over the other?",
    answer="""
    Both are x times a smooth gate: Φ(x) for GELU, σ(βx) for Swish. With β = 1 Swish is called SiLU. With β = 1.7 it
    is within about 0.02 of GELU everywhere, so they are one shape at two scales. SiLU itself is up to 0.19 away from
    GELU, and its dip is deeper: −0.28 against −0.17.

    Trained from scratch, I expect no difference that I could measure on a small task. So I follow the
    architecture: GELU in BERT and GPT-2, SiLU in EfficientNet and, as the gate of SwiGLU, in LLaMA.

    One rule is strict. Trained weights keep the function they were trained with. When I swapped them the loss rose, in the
    deeper network much more. The history, if asked: a search made Swish famous in 2017, but the function had been
    published before, in the GELU paper and as SiLU.
    """,
    points=[
        "Both are x times a smooth gate: Φ(x), or σ(βx); β = 1 is SiLU",
        "With β about 1.7 Swish nearly is GELU; with β = 1 the two differ by up to 0.19",
        "Trained from scratch: no measurable difference expected, follow the architecture",
        "Trained weights keep the activation they were trained with",
        "SiLU was published before the search that named it Swish",
    ],
)

# %% [markdown] tags=["section:E16"]
# ### Grounds: one shape, two scales
#
# $\Phi(x)$ and $\sigma(1.702\,x)$ differ by less than 0.01, so $x\,\sigma(1.702\,x)$, which is Swish with $\beta = 1.702$, is close to
# GELU. SiLU is not close in this sense: every $f_\beta(x) = \tfrac1\beta f_1(\beta x)$ is SiLU seen at another scale, and
# GELU is nearly the one at 1.702. A network trained from scratch can absorb the scale in its weights. Trained weights cannot.
#
# **Do not say** that the two are nearly identical without saying at which scale, that Swish was discovered by a search
# (it was found again), or that MobileNetV3 uses Swish: it uses hard-swish, which has straight pieces.

# %%
x = torch.linspace(-10, 10, 200_001, dtype=torch.float64)
table = Table("distance from GELU", {"": "", "up to": ".4f", "at |x| =": ".2f"})
for name in ("gelu_sigmoid", "silu", "relu"):
    apart = (ACTIVATIONS[name].torch_function(x) - F.gelu(x)).abs()
    table.add(ACTIVATIONS[name].label, apart.max(), x[apart.argmax()].abs())
table.show()
gates = (torch.special.ndtr(x) - torch.sigmoid(1.702 * x)).abs().max()
print(f"the gates Φ(x) and σ(1.702x) differ by up to {gates:.4f}")
print(f"deepest point: GELU {F.gelu(x).min():.3f}, SiLU {F.silu(x).min():.3f}")

# %%
columns = {"hidden layers": "d", "function": "", "loss": ".3f", "change": "+.0%"}
caption = "trained with GELU, another function put in: unseen digits, 3 seeds: median (smallest to largest)"
table = Table(caption, columns)
for depth in (2, 6):
    models = [train(F.gelu, seed, depth)[0] for seed in range(3)]
    before = np.array([look(model)[0] for model in models])
    for name in ("gelu", "gelu_sigmoid", "silu"):
        for model in models:
            model.activation = ACTIVATIONS[name].torch_function
        after = np.array([look(model)[0] for model in models])
        table.add(depth, ACTIVATIONS[name].label, after, after / before - 1)
table.show()

rise = np.median(after / before - 1)
swap_guess.compare("it stays within 5 %" if rise < 0.05 else f"it rises by {'5 to 25 %' if rise < 0.25 else 'more than 25 %'}")

# %% [markdown]
# The sigmoid form in place of GELU is hardly noticed. SiLU costs some ten to twenty percent with two hidden layers, and far more
# with six, where each layer passes its error on.

# %% [markdown]
# ## 9. Dying ReLU
#
# A guess first; its result comes with the grounds.

# %%
revive_guess = Prediction(
    "Half of the 40 ReLU units of a first layer are dead. You go on for 200 steps with a small learning rate, 0.001. How "
    "many of the dead units come back?"
)
revive_guess

# %% jupyter={"source_hidden": true}
deck.card(
    "Dying ReLU",
    "What is the dying ReLU problem? How does it come about, how do you detect it, and what do you do?",
    answer="""
    A ReLU unit is dead on my data if its pre-activation is not above zero on any sample. Then its output is always 0,
    and so is the gradient of its weights: exactly 0, so descent leaves it as it is. In the first layer, with plain
    descent on fixed data, that is for good. Further up, the layers below may move its inputs and wake it.

    It comes from a step that was too large, a large negative bias, or a bad initialisation. To detect it I count, layer by
    layer, the units that are inactive on every one of many samples. The share of zeros in a batch does not tell: a layer
    with few active outputs can have no dead unit.

    To prevent it: a smaller learning rate or warm-up, He initialisation with zero biases, normalisation before the
    ReLU. To bring dead units back: a slope on the left, as in Leaky ReLU. A smaller learning rate alone does not.
    """,
    points=[
        "Dead: not active on any sample of the data, so output and gradient are exactly 0",
        "Causes: too large a step, a large negative bias, a bad start",
        "Detect: count units inactive on every one of many samples, per layer; the share of zeros does not tell",
        "Prevent: learning rate, warm-up, He start, normalisation",
        "Revive: a slope on the left; a smaller learning rate alone does not",
    ],
)

# %% [markdown] tags=["section:E17"]
# ### Grounds: what kills, and what to count
#
# Three networks of three ReLU layers learn digits, 50 units in a layer. One has a He start and a small learning rate, one a
# rate that is far too large, and one starts with all biases at −2. Two quantities are shown for each layer: the
# *dead units*, inactive on all 1000 samples, and the *active share* of all outputs. Watch the first layer of the last row.
#
# **Do not say** "healthy layers have 40 to 60 % active units", "below 20 % is dying", or "count the zeros in a batch". These mix
# up sparsity with death. And in a deeper layer death is not always irreversible.

# %%
columns = {"start": "", "steps": "d", **{f"dead, layer {n}": "d" for n in (1, 2, 3)}}
table = Table(f"dead of {UNITS} units, and active share", columns | {f"active, layer {n}": ".0%" for n in (1, 2, 3)})
for label, settings, steps in (
    ("rate 0.003", {"rate": 0.003}, 50),
    ("rate 0.1", {"rate": 0.1}, 50),
    ("biases −2, not trained", {"bias": -2.0}, 0),
):
    for seed in range(3):
        story = Story(seed=seed, **settings)
        record = story.run(steps) if steps else story.records[0]
        table.add(label, steps, *record.dead, *record.active.mean(axis=1))
table.show()

# %% [markdown]
# At the small rate one unit of 150 died, at the large one most of layer 2. With biases of −2 the first layer is active on about
# one sample in twenty, far below any "healthy" share, and **none** of its units is dead: sparse, not dead.

# %%
def dead_later(activation, rate, bias, seed, steps=200):
    """Dead units of 40, before and after training: inactive on all samples, so that a ReLU gives 0 on them."""
    torch.manual_seed(seed)
    x = torch.randn(300, 10)
    target = torch.sin(x @ torch.randn(10, 1))
    layer, head = nn.Linear(10, 40), nn.Linear(40, 1)
    nn.init.kaiming_normal_(layer.weight)
    nn.init.zeros_(layer.bias)
    with torch.no_grad():
        layer.bias[:20] = bias  # as if one bad step had done it

    def count():
        return int((layer(x) <= 0).all(dim=0).sum())

    start = count()
    optimizer = torch.optim.Adam([*layer.parameters(), *head.parameters()], rate, fused=True)
    network = nn.Sequential(layer, activation, head)
    list(descend(network, F.mse_loss, batches(x, target, steps=steps), optimizer))
    return start, count()

# %%
columns = {"": "", "biases": ".0f", **{f"seed {seed}": "" for seed in range(3)}}
table = Table("dead of 40 units, before → after training", columns)
for label, activation, rate, bias in (
    ("ReLU, rate 0.001", nn.ReLU(), 0.001, -6.0),
    ("Leaky ReLU, slope 0.1, rate 0.03", nn.LeakyReLU(0.1), 0.03, -6.0),
    ("GELU, rate 0.03", nn.GELU(), 0.03, -6.0),
    ("GELU, rate 0.03", nn.GELU(), 0.03, -10.0),
):
    ends = [dead_later(activation, rate, bias, seed) for seed in range(3)]
    table.add(label, bias, *(f"{before} → {after}" for before, after in ends))
    if rate == 0.001:
        revived = np.median([before - after for before, after in ends])
table.show()
revive_guess.compare(float(revived))

# %% [markdown]
# The slope on the left brings many of them back, though not all in 200 steps. GELU does so from close by; from far below its own
# slope is too small. Normalisation in front of the ReLU does it in another way: it shifts each pre-activation to mean 0 over the
# batch.

# %%
torch.manual_seed(0)
layer = nn.Linear(10, 40)
with torch.no_grad():
    layer.bias[:20] = -10.0
z = layer(torch.randn(300, 10))
for label, pre_activations in (("as they are", z), ("after batch norm", nn.BatchNorm1d(40)(z))):
    print(f"{label}: dead units of 40: {int((pre_activations <= 0).all(dim=0).sum())}")

# %% [markdown]
# ## 10. Follow-up: why is ReLU still the default?

# %% jupyter={"source_hidden": true}
deck.card(
    "Why ReLU is still the default",
    "If dying ReLU is such a problem, why is plain ReLU still the usual recommendation?",
    answer="""
    Because it is easy to prevent and easy to see. With He initialisation and a sensible learning rate hardly a unit dies.
    I check that by counting instead of trusting it. A count takes a few lines.

    What speaks for ReLU: it is one comparison, it has no parameter to choose, its zeros are exact, and its
    initialisation is worked out. Most alternatives cost more, and on small tasks their gain is within the spread over seeds.

    So I start simple, count dead units, and change when the count or a comparison on my own task tells me
    to. "Default" depends on the field, though: transformers mostly have GELU or a gated SiLU.
    """,
    points=[
        "With He start and a sensible rate hardly a unit dies",
        "It is cheap, has no parameter, exact zeros, and a matching initialisation",
        "Gains of the alternatives are often within the spread over seeds",
        "Start simple, count, change on evidence",
        "In transformers the default is another: GELU or a gated SiLU",
    ],
)

# %% [markdown] tags=["section:E17"]
# ### Grounds: cost and gain
#
# The gain you have seen: four functions on digits, five seeds each, ranges that overlap. The deaths too: the first rows of the
# table of card 9. What is left is the cost. The next cell times each function on a million numbers, forward and backward.
# What that makes of a whole network depends on what the rest of it costs: measure there.
#
# **Do not say** that fewer than 10 % of units die "in most scenarios". You have seen that the learning rate alone decides between
# one unit and most of a layer. Say what you counted.

# %%
inputs = torch.randn(1_000_000, generator=torch.Generator().manual_seed(0), requires_grad=True)
fastest = {}
table = Table("a million numbers, there and back, the best of 9 runs", {"": "", "ms": ".1f", "times ReLU": ".1f"})
for name in ("relu", "leaky_relu", "elu", "gelu", "silu", "mish"):
    seconds = []
    for _ in range(9):
        start = time.perf_counter()
        ACTIVATIONS[name].torch_function(inputs).sum().backward()
        seconds.append(time.perf_counter() - start)
    fastest[name] = min(seconds)
    table.add(ACTIVATIONS[name].label, 1e3 * min(seconds), fastest[name] / fastest["relu"])
table.show()
counts = {name: sum(p.numel() for p in kind().parameters()) for name, kind in (("ReLU", nn.ReLU), ("PReLU", nn.PReLU))}
print("parameters to learn:", counts)

# %% [markdown]
# Times are noisy and differ from machine to machine and from one version of torch to the next. Leaky ReLU takes hardly
# longer than ReLU. SiLU, GELU and ELU take a few times as long. Mish takes most: we have seen factors from 5 to nearly
# 30.

# %% [markdown]
# ## 11. Hidden against output

# %% jupyter={"source_hidden": true}
deck.card(
    "Hidden against output",
    "What do you ask of an activation in a hidden layer, and what of the one at the output?",
    answer="""
    In hidden layers I am free to choose. I want three things: it is not linear, or the layers collapse into one; together
    with the initialisation it keeps the size of the gradient through many layers; and it is cheap. ReLU, GELU and SiLU do.

    At the output I am not free: the activation must say what the number means, and match the loss. One yes or no: a sigmoid
    with binary cross-entropy. One of K classes: softmax with cross-entropy. Several labels at once: a sigmoid
    for each. Any real number: none, with squared error. A number in a range: a scaled sigmoid or tanh. In PyTorch the
    first three sit inside the loss, so the network ends in a linear layer.

    Typical mistakes: a ReLU before a target that can be negative, a softmax over labels that can be true together,
    sigmoids in deep hidden layers, a softmax in a hidden layer, which makes its units compete.
    """,
    points=[
        "Hidden: not linear, keeps the gradient with the right initialisation, cheap",
        "Output: fixed by what the number means, and it must match the loss",
        "The pairs: sigmoid, softmax, a sigmoid for each label, none; each with its loss",
        "In PyTorch sigmoid and softmax sit inside the loss: give it logits",
        "One mistake and what it does, for example ReLU before negative targets",
    ],
)

# %% [markdown] tags=["section:E18"]
# ### Grounds: two outputs that cannot be right
#
# An output activation limits what the network can say. ReLU cannot say −0.5, so a regression with targets on both sides of 0
# misses all negative ones. Softmax cannot say "90 % dog and 90 % car", since its outputs sum to 1. Both train without any
# error. The next cell fits $\sin x$ with and without a ReLU at the end, then looks for the best outputs for a photo with a
# dog and a car and no tree.
#
# **Do not say** that ReLU's slopes of 0 and 1 mean that nothing vanishes: with PyTorch's default weights the gradient shrinks in
# each ReLU layer (lesson 05).

# %%
x = torch.linspace(-3, 3, 200)[:, None]
target = torch.sin(x)
misses = target[target < 0].square().sum() / len(target)
print(f"squared error of sin x; with a ReLU at the end at least {misses:.3f}, and {target.square().mean():.3f} if it dies")
table = Table("after 200 steps, 3 seeds: median (smallest to largest)", {"": "", "squared error": ".4f"})
for label, last in (("no activation", nn.Identity()), ("ReLU at the end", nn.ReLU())):
    losses = []
    for seed in range(3):
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1), last)
        optimizer = torch.optim.Adam(model.parameters(), 0.01, fused=True)
        losses.append(list(descend(model, F.mse_loss, batches(x, target, steps=200), optimizer))[-1])
    table.add(label, losses)
table.show()

# %%
table = Table("probabilities; wanted: 1, 1, 0", {"": "", "dog": ".3f", "car": ".3f", "tree": ".3f"})
for label, squash in (("softmax", lambda z: torch.softmax(z, 0)), ("sigmoids", torch.sigmoid)):
    z = torch.zeros(3, requires_grad=True)
    optimizer = torch.optim.Adam([z], 0.1, fused=True)
    for _ in range(200):
        optimizer.zero_grad()
        F.binary_cross_entropy(squash(z), torch.tensor([1.0, 1.0, 0.0])).backward()
        optimizer.step()
    table.add(label, *squash(z).detach())
table.show()

# %% [markdown]
# With the ReLU, half of the sine is lost. A seed with the larger of the two errors has an output that is 0 everywhere: the output
# unit itself has died. And the softmax divides its 1 between the two right labels.

# %% [markdown]
# ## 12. Follow-up: why does CrossEntropyLoss take logits?
#
# A guess first; its result comes with the grounds.

# %%
floor_guess = Prediction(
    "Ten classes, softmax by mistake before `CrossEntropyLoss`. What is the smallest loss it can reach?",
    choices=["0", "about 0.23", "about 1.46", "about 2.30"],
)
floor_guess

# %% jupyter={"source_hidden": true}
deck.card(
    "Why CrossEntropyLoss takes logits",
    "PyTorch's `CrossEntropyLoss` wants logits, not probabilities. Why? What happens if you apply softmax first?",
    answer="""
    It contains the softmax: the loss is the log of the sum of exponentials of all logits, minus the logit of the right
    class. Done in one step this is stable. Done in two, a probability can round to 0; its log is minus infinity
    and the gradient is nan.

    The gradient by the logits is p minus y: the probabilities minus the one-hot target. Softmax's flat slope and the
    steep log cancel, so a confident mistake still gets a gradient of nearly full size.

    If I apply softmax first, it is applied twice, and nothing complains. The loss then sees numbers from 0 to 1, so for ten
    classes it cannot fall below 1.46, and gradients get smaller. Such a network often trains, with a fair accuracy. That
    is what makes it hard to notice. The same holds for a sigmoid before BCEWithLogitsLoss. NLLLoss takes log_softmax.
    """,
    points=[
        "The loss contains log-softmax: logsumexp of the logits minus the right one",
        "Stable in one step; in two, a probability rounds to 0 and its log is −∞",
        "The gradient by the logits is p − y, of nearly full size for a confident mistake",
        "Softmax first means softmax twice: no error, a floor of 1.46 for 10 classes, smaller gradients",
        "It often trains all the same: look at the loss and the code, not at accuracy alone",
    ],
)

# %% [markdown] tags=["section:E18"]
# ### Grounds: stable, and p − y
#
# For the right class $k$ the loss is $L = -\ln p_k = \ln \sum_j e^{z_j} - z_k$. Its derivative by a logit is
#
# $$\frac{\partial L}{\partial z_i} = \frac{e^{z_i}}{\sum_j e^{z_j}} - [i = k] = p_i - y_i.$$
#
# Subtracting the largest logit first changes nothing in $p$ and keeps every exponential at most 1. Here are both ways at a
# confident mistake: the right class has logit 0, a wrong one has 2, 20 or 200.
#
# **Do not say** that a double softmax makes training fail to converge. Run it.

# %%
columns = {"": "", "wrong logit": ".0f", "loss": ".4f", "gradient by the wrong logit": ".1e"}
table = Table("the right logit is 0", columns)
for label, loss in (
    ("in two steps", lambda z: -torch.log(torch.softmax(z, 1)[0, 0])),
    ("softmax twice", lambda z: F.cross_entropy(torch.softmax(z, 1), torch.tensor([0]))),
    ("cross_entropy", lambda z: F.cross_entropy(z, torch.tensor([0]))),
):
    for wrong in (2.0, 20.0, 200.0):
        z = torch.tensor([[0.0, wrong]], requires_grad=True)
        value = loss(z)
        value.backward()
        table.add(label, wrong, value.item(), z.grad[0, 1])
table.show()

# %%
z = torch.randn(5, 10, generator=torch.Generator().manual_seed(0), requires_grad=True)
y5 = torch.arange(5)
F.cross_entropy(z, y5, reduction="sum").backward()
print("largest |gradient − (p − y)|:", (z.grad - (z.softmax(1) - F.one_hot(y5, 10))).abs().max().item())

# %%
def softmax_twice(logits, classes):
    return F.cross_entropy(torch.softmax(logits, 1), classes)


table = Table("floor of the loss, softmax twice", {"classes": "d", "floor": ".3f", "ln(1 + (K − 1)/e)": ".3f"})
for k in (2, 3, 10):
    table.add(k, F.cross_entropy(torch.eye(k), torch.arange(k)), np.log(1 + (k - 1) / np.e))
table.show()

twice = [train(F.relu, seed, loss=softmax_twice) for seed in range(5)]
columns = {"trained with": "", "mean of the last 20 losses": ".3f", "accuracy on unseen digits": ".1%"}
table = Table("5 seeds: median (smallest to largest)", columns)
for label, runs in (("logits", trained["relu"]), ("softmax twice", twice)):
    table.add(label, [np.mean(history[-20:]) for _, history in runs], [look(model)[1] for model, _ in runs])
table.show()
floor = F.cross_entropy(torch.eye(10), torch.arange(10)).item()
floor_guess.compare(f"about {floor:.2f}")

# %% [markdown]
# In two steps the loss is infinite at 200 and the gradient `nan`. With softmax twice nothing breaks, and that is worse: the
# confident mistake at 20 gets no gradient at all in float32. Training goes on, its loss stays above the floor, and the accuracy is
# below that of the logits for some seeds and much the same for others.

# %% [markdown]
# ## 13. The whole answer in one minute

# %% jupyter={"source_hidden": true}
deck.card(
    "One minute",
    "Tell me about activation functions. You have one minute.",
    answer="""
    Without activations a stack of linear layers is one linear layer, however deep. A non-linear function between them is
    what makes depth count.

    In hidden layers the gradient is multiplied by slopes and weights. A sigmoid's slope is at most a quarter, so in a
    deep sigmoid network it vanishes, unless the weights are very large. ReLU's is one where it is active: with He
    initialisation the gradient keeps its size. The price is units that can die, so I count them. Transformers mostly use GELU, EfficientNet SiLU; else I
    start with ReLU.

    At the output the activation matches the loss: sigmoid for yes or no and for each of several labels, softmax
    for one class of many, none for a real number. PyTorch's losses contain them, so I pass logits.

    Temperature divides the logits: above one it flattens, for an overconfident model or for distillation; below one it
    sharpens.
    """,
    points=[
        "Linear layers collapse without a non-linear function between them",
        "Sigmoid: slope at most 1/4; ReLU: 1 where active, with He weights; units can die",
        "Which function where: GELU, SiLU, else ReLU",
        "Output matches the loss; pass logits to PyTorch's losses",
        "Temperature: above 1 flattens, below 1 sharpens",
        "It took at most a minute",
    ],
)

# %% [markdown] tags=["section:A6"]
# ### Grounds: one line for each sentence
#
# A short answer is made of the claims that carry most, each of them exact. "ReLU preserves the gradient" alone would be wrong:
# slope *and* weights do. "Temperature above one calibrates" would be wrong for a model that is not
# overconfident. The next cell runs through the minute sentence by sentence, in the order in which you would say it.

# %%
torch.manual_seed(0)
weights = [torch.randn(8, 8, dtype=torch.float64) / 8**0.5 for _ in range(10)]
x = torch.randn(5, 8, dtype=torch.float64)
one = torch.linalg.multi_dot(weights)
stack = x
for weight in weights:
    stack = stack @ weight
print(f"collapse: 10 linear layers and their product differ by at most {(stack - x @ one).abs().max():.0e}")

print(f"largest slope: sigmoid {evaluate('sigmoid', 0.0)[1]:.2f}, ReLU {evaluate('relu', 1.0)[1]:.0f}")
table = Table("gradient of layer 1 over that of layer 20, median of 5 seeds", {"": "", "weights": "", "ratio": ".0e"})
for name, start in (("sigmoid", "xavier"), ("relu", "default"), ("relu", "he")):
    delta = pre_activation_gradient_norms(propagate(Network(name, 20, start)))
    table.add(name, start, np.median(delta[0] / delta[-1]))
table.show()

z = torch.tensor([2.0, 1.0, 0.5, -1.0])
print("sigmoids sum to", round(torch.sigmoid(z).sum().item(), 2), "and softmax to", z.softmax(0).sum().item())
table = Table("softmax", {"temperature": "g", **{f"logit {logit:g}": ".3f" for logit in z.tolist()}})
for temperature in (0.5, 1.0, 2.0):
    table.add(temperature, *torch.softmax(z / temperature, 0))
table.show()
print("length of the model answer:", spoken(" ".join(deck.cards["One minute"].model)))

# %% [markdown]
# The layers collapse up to rounding. Over 20 layers the sigmoid loses the gradient, and so does ReLU with weights that do not fit
# it; with He weights it arrives. Sigmoids need not sum to 1, a softmax does. The temperature moves the largest probability up or
# down and leaves the order alone.

# %% [markdown]
# ## Mock interview
#
# Three of the cards that you have run are drawn. For each you have two minutes; the clock shows them. Say your answer aloud or
# write it. After the third you rate all three, and only then the model answers appear. Rating first shows how well you can
# tell a good answer from a weak one. By keyboard: the button keeps the focus, **Shift+Tab** leads back to the answer and to the
# ratings.

# %%
Interview(deck.cards)

# %% [markdown]
# ## How did it go?
#
# The table follows your answers. Come back to the cards it names, tomorrow rather than at once, and answer them again
# **without** looking. A card counts as solid if you rated it so and ticked all of its points.

# %%
deck.summary()

# %% [markdown]
# ## Quiz
#
# Claims that interviewers hear often. Every answer has its own feedback. Nothing is graded.

# %%
Quiz("09_interview")

# %% [markdown]
# ## Recap
#
# - An answer is a definition, a reason, a number you have seen, and its limit.
# - GELU is x times Φ(x): smooth, dips to −0.17, chosen by experience. SiLU is the same shape at another scale.
# - Dead means inactive on every sample. Count it per layer; a small learning rate prevents, a slope on the left revives.
# - Hidden: free choice. Output: what the number means, and the loss. Losses take logits: stable, gradient $p - y$.
# - Leave out what you cannot back: percentages without a task, "discontinuous", "always", "never".
#
# ## What comes next
#
# - [Lesson 10](10_claims_under_test.ipynb): claims that are often read about activations, each one run.
# - Exercise [ps6_design_your_own](../../release/ps6_design_your_own/ps6_design_your_own.ipynb):
#   an activation of your own, and a defence of it in writing.
