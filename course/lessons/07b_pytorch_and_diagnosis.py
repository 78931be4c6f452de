# %% [markdown]
# # PyTorch and diagnosis: using activations, and finding what is wrong
#
# **Goals.** After this lesson you can
# - use modules and functions where each belongs, and avoid four traps: a shared PReLU, a shared hook, `inplace=True`,
#   and softmax over a row that is masked from end to end;
# - read a check-up of a network: dead units, zeros, zero gradients, flat slopes, gradients, updates;
# - find four common faults with checks that take seconds;
# - say what normalisation, optimiser and dropout do to what you measure.
#
# **Time.** 60 minutes, 25 of them for the core.
#
# **You need.** Lessons 03 and 05: dead units, hooks, gradient flow. Lesson 06a: losses that take logits.

# %%
import copy
import inspect
import math
from collections import Counter

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from course.checks import Checks
from course.checks.dead_neurons import expect_gradients_unchanged, expect_modes_unchanged
from course.computations.check_up import check_up
from course.computations.patients import FAULTS, STEPS, admit
from course.computations.training import batches, descend
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz
from course.widgets.reports import layer_table
from course.widgets.tables import Table

torch.set_num_threads(1)  # the networks here are small: sharing them out between cores would cost time

# %% [markdown] tags=["section:C1"]
# ## In PyTorch: modules and functions
#
# PyTorch has each activation twice. `nn.ReLU()` makes a **module**, an object to put into `nn.Sequential` or to keep
# in `__init__`. `F.relu(x)` is a **function**, to call in `forward`. They compute the same.
# - Take the **module** if it belongs to the structure: it shows in `print(model)`, can hold parameters (PReLU), can be
#   found, replaced and watched with hooks, and follows `model.train()` and `model.eval()` (RReLU).
# - Take the **function** if it is a step of a computation that you write out in `forward`.
#
# Besides, `torch.relu(x)` and `x.relu()` are the same function again.

# %%
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)
        self.activation = nn.GELU()  # a part of the structure: you see it when you print the model

    def forward(self, x):
        return x + self.second(self.activation(self.first(x))) * torch.sigmoid(x)  # the gate is just a step


print(Block())
x = torch.linspace(-3, 3, 7)
for module, function in ((nn.ReLU(), F.relu), (nn.GELU(), F.gelu), (nn.SiLU(), F.silu), (nn.Tanh(), torch.tanh)):
    print(f"{type(module).__name__}: module and function agree: {torch.equal(module(x), function(x))}")

# %% [markdown] tags=["section:E12"]
# ### What there is: ask torch
#
# *Beyond the core.*
#
# Lists in books grow old. Your version of torch knows what it has: every activation module is a class in
# `torch.nn.modules.activation`. The next cell finds them and asks each one three things. Does it act on every element
# by itself? How many parameters does it learn? Does it have the option `inplace`? One of the names is not an activation
# at all, but a layer that has been put into the same file.

# %%
home = nn.modules.activation
classes = [kind for _, kind in inspect.getmembers(home, inspect.isclass) if kind.__module__ == home.__name__]
found = [kind for kind in classes if issubclass(kind, nn.Module)]
options = {nn.Threshold: (0.1, 20.0), nn.MultiheadAttention: (4, 1)}
options |= {kind: (1,) for kind in (nn.Softmax, nn.Softmin, nn.LogSoftmax)}
sample = torch.randn(2, 4, 4, 4, generator=torch.Generator().manual_seed(0))
traits = {}
for kind in found:
    module = kind(*options.get(kind, ())).eval()
    elementwise = kind is not nn.MultiheadAttention and module(sample).shape == sample.shape
    elementwise = elementwise and torch.allclose(module(sample)[:, :1, 1:2], module(sample[:, :1, 1:2]))
    parameters = sum(p.numel() for p in module.parameters())
    traits[kind.__name__] = (elementwise, parameters, "inplace" in inspect.signature(kind).parameters)

plain = [name for name, trait in traits.items() if trait == (True, 0, False)]
print(f"torch {torch.__version__.split('+')[0]} has {len(found)} classes in torch.nn.modules.activation")
print("element by element:", *plain)
print("the same, with `inplace`:", *(name for name, trait in traits.items() if trait[0] and trait[2]))
print("learns parameters:", *(f"{name} ({trait[1]})" for name, trait in traits.items() if trait[1]))
print("looks at several elements:", *(name for name, trait in traits.items() if not trait[0]))

# %% [markdown]
# ReLU, GELU and SiLU act on each element by itself. The softmax family and GLU do not: they need an axis. Only PReLU is
# an activation with a parameter; MultiheadAttention is the layer that got in.
#
# ### One module in several places
#
# Most activations have no state. Then one object can serve all layers.

# %%
shared_guess = Prediction(
    "`act = nn.PReLU()` stands three times in one `nn.Sequential`. How many slopes does the network learn?",
    choices=["three", "one", "none: it raises an error"],
)
shared_guess

# %% [markdown] tags=["section:C1"]
# ### When not to share
#
# Sharing is sharing everything the object has. `nn.ReLU` has nothing, so nothing can go wrong with its values. But do
# not share
# - **a module with parameters.** Three places with one PReLU have one slope in all. It runs, it is just not the network
#   you meant.
# - **a module you want to watch or replace.** A hook belongs to the object, not to the place. `model.modules()` lists
#   an object once, however often it is used.

# %%
table = Table("slopes that the network learns", {"": "", "slopes": "d"})
for name, shared in (("own PReLU in each place", False), ("one PReLU in all", True)):
    act = nn.PReLU()
    layers = [part for _ in range(3) for part in (nn.Linear(8, 8), act if shared else nn.PReLU())]
    model = nn.Sequential(*layers)
    slopes = sum(m.weight.numel() for m in model.modules() if isinstance(m, nn.PReLU))
    table.add(name, slopes)
table.show()
shared_guess.compare({1: "one", 3: "three"}[slopes])

# %% [markdown]
# ## Spot the bug: a hook on a shared module
#
# *Beyond the core.*
#
# Someone wants the share of zeros after each of four ReLUs and registers a hook, once for every activation module. The
# third layer has been given a bias of $-2$, so it should stand out.

# %%
hook_guess = Prediction("One shared ReLU in four places. How many shares do the hooks record?", choices=["4", "1", "0"])
hook_guess

# %%
def watched(*activations):
    torch.manual_seed(0)
    model = nn.Sequential(*(part for act in activations for part in (nn.Linear(32, 32), act)))
    nn.init.constant_(model[4].bias, -2.0)  # the third layer
    zeros = {}
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(lambda m, inputs, out: zeros.update({id(m): (out == 0).float().mean().item()}))
    model(torch.randn(500, 32))
    return list(zeros.values())


act = nn.ReLU()
seen = watched(act, act, act, act)
print("shared:", [f"{share:.0%}" for share in seen])
print("separate:", [f"{share:.0%}" for share in watched(nn.ReLU(), nn.ReLU(), nn.ReLU(), nn.ReLU())])
hook_guess.compare(str(len(seen)))

# %% [markdown]
# The one hook ran four times, and each run overwrote the one before. What is left is the *last* layer, and the silent
# third layer is not seen. **The cure:** one activation object for each place. They cost nothing.

# %% [markdown]
# ### Your turn: find what is shared
#
# *Beyond the core.*
#
# Write the check that would have warned: the names of all places where an object stands that also stands elsewhere.
# `model.named_modules()` lists an object once; `model.named_modules(remove_duplicate=False)` lists it in each place, with a
# name such as `2.activation`. Any module may be shared: a layer, or a block, whose parts then stand there twice as well.

# %%
def shared_places(model):
    """Return a list of the names, each once, under which modules stand that are in the model more than once."""
    raise NotImplementedError  # your code: 3 to 6 lines

# %%
act, other = nn.ReLU(), nn.PReLU()
inner = nn.Sequential(nn.Linear(4, 4), other, nn.Linear(4, 4), act)
tied, block = nn.Linear(4, 4), nn.Sequential(nn.Linear(4, 4), nn.ReLU())
cases = {
    "one object in two places": (nn.Sequential(nn.Linear(4, 4), act, nn.Linear(4, 4), act), {"1", "3"}),
    "an object for each place, all of one kind": (nn.Sequential(nn.ReLU(), nn.Linear(4, 4), nn.ReLU()), set()),
    "inside of a block as well": (nn.Sequential(act, inner, nn.Linear(4, 4)), {"0", "1.3"}),
    "two objects, each in two places": (nn.Sequential(act, other, nn.Sequential(inner)),
                                        {"0", "1", "2.0.1", "2.0.3"}),
    "three places, each named once": (nn.Sequential(act, nn.Linear(4, 4), act, nn.Sequential(act)), {"0", "2", "3.0"}),
    "a layer with weights": (nn.Sequential(tied, nn.Linear(4, 4), tied), {"0", "2"}),
    "a block and its parts": (nn.Sequential(block, nn.ReLU(), block), {"0", "0.0", "0.1", "2", "2.0", "2.1"}),
}
checks = Checks("shared_places", points=7)
for name, (model, wanted) in cases.items():
    with checks(name):
        names = list(shared_places(model))
        missing, surplus = sorted(wanted - set(names)), sorted(set(names) - wanted)
        assert not missing, f"{len(missing)} of {len(wanted)} shared places are not in your list."
        assert not surplus, f"{', '.join(map(repr, surplus))} is in your list, and no object there is shared."
        assert len(names) == len(wanted), f"{len(names)} names for {len(wanted)} places: list each of them once."
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def shared_places(model):
#     places = list(model.named_modules(remove_duplicate=False))
#     times = Counter(id(module) for _, module in places)
#     return [name for name, module in places if times[id(module)] > 1]
# ```
#
# Count by `id`, or compare with `is`: two `nn.ReLU()` are two objects, however equal they look.
#
# </details>

# %% [markdown] tags=["section:C1"]
# ### `inplace=True`
#
# *Beyond the core.*
#
# `nn.ReLU(inplace=True)` writes its result over its input. That saves memory, and it changes a tensor that others may
# still need. Autograd notices if it needs the old values itself. It cannot notice if *you* do. Here is a residual
# block.

# %%
torch.manual_seed(4)
layer, x = nn.Linear(6, 6), torch.randn(1, 6)
inplace_guess = Prediction(
    "`h = layer(x); out = h + F.relu(h, inplace=True)`. What is wrong with `out`?",
    choices=["nothing", "an error is raised", "negative parts of h are lost: it is twice the ReLU", "it is twice h"],
)
inplace_guess

# %%
h = layer(x)
right = h + F.relu(h)
h = layer(x)
wrong = h + F.relu(h, inplace=True)
table = Table("the six parts of each", {"": "", **{f"part {i}": ".2f" for i in range(1, 7)}})
for label, vector in (("right", right), ("wrong", wrong), ("2·ReLU", 2 * F.relu(layer(x)))):
    table.add(label, *vector[0].detach())
table.show()
wrong.sum().backward()
print("backward raised no error")
lost = torch.allclose(wrong, 2 * F.relu(layer(x)))
inplace_guess.compare("negative parts of h are lost: it is twice the ReLU" if lost else "nothing")

# %%
for name, before in (("linear", nn.Linear(6, 6)), ("sigmoid", nn.Sigmoid()), ("exp", torch.exp)):
    start = torch.randn(4, 6, requires_grad=True)
    try:
        F.relu(before(start), inplace=True).sum().backward()
        print(f"after {name}: works")
    except RuntimeError as problem:
        print(f"after {name}: RuntimeError: {str(problem).split(':')[0]}")

# %% [markdown]
# After a linear layer autograd does not need the layer's output, so the overwriting does no harm there. After a sigmoid
# or an exponential it does, and says so. The silent case is the dangerous one: any other use of the same tensor, a
# residual sum, or a hook that kept the pre-activations. **The cure:** leave `inplace` off until memory is short.

# %% [markdown] tags=["section:C2"]
# ### Softmax: an axis, a mask, and not before `CrossEntropyLoss`
#
# *Beyond the core.*
#
# Two rules were run in lesson 06a. Write `dim`, always: without it `F.softmax` guesses by the number of axes. And give
# `CrossEntropyLoss` logits: it has log-softmax inside. `NLLLoss` alone takes *log*-probabilities, so its partner is
# `LogSoftmax`.
#
# A third one comes with attention. A mask puts $-\infty$ in the place of scores. Its power is 0, so a masked key gets
# the weight 0, exactly. But what if *all* keys of a query are masked, as in a row that is padding from end to end?

# %%
mask_guess = Prediction(
    "Three scores, all of them −∞. What does softmax make of them?",
    choices=["0, 0, 0", "1/3, 1/3, 1/3", "nan, nan, nan", "an error"],
)
mask_guess

# %%
torch.manual_seed(0)
to_score, to_value, x = nn.Linear(4, 3), nn.Linear(4, 4), torch.randn(2, 4)  # 2 queries, 3 keys
inputs = torch.randn(3, 4)
mask = torch.tensor([[False, False, True], [True, True, True]])  # the second query has no key at all
added = torch.zeros(2, 3).masked_fill(mask, -math.inf)
lowest = torch.finfo(torch.float32).min


def attend(label, weigh):
    """Mix the values with the weights that `weigh` makes of the scores; look at numbers and gradients."""
    to_score.zero_grad(), to_value.zero_grad()
    weights = weigh(to_score(x))
    (weights @ to_value(inputs)).square().sum().backward()
    bad = [name for name, layer in (("scores", to_score), ("values", to_value)) if layer.weight.grad.isnan().any()]
    table.add(label, *weights[1].detach(), ", ".join(bad) or "none")
    return weights


columns = {"": "", "weight 1": ".3f", "weight 2": ".3f", "weight 3": ".3f", "gradient nan for": ""}
table = Table("the second row of weights, whose scores are all masked", columns)
plain = attend("mask added", lambda s: torch.softmax(s + added, dim=-1))
attend("mask added, then nan_to_num", lambda s: torch.softmax(s + added, dim=-1).nan_to_num())
attend("finite number, then 0 over the weights",
       lambda s: torch.softmax(s.masked_fill(mask, lowest), dim=-1).masked_fill(mask, 0.0))
table.show()
mask_guess.compare("nan, nan, nan" if plain[1].isnan().all() else "something else")

# %% [markdown]
# Softmax subtracts the largest score, and $-\infty - (-\infty)$ is `nan`. One padded row makes *all* weights of a layer
# `nan` in the next step, since all rows share them. Replacing the `nan` afterwards mends the values and not the
# gradient of the scores: it is the `where` trap of lesson 03. **The cure,** last row: a large finite number in the
# mask, and a 0 put over the masked weights after the softmax.

# %% [markdown] tags=["section:D10"]
# ## What to inspect
#
# | look at | where it was taught | a healthy hidden layer |
# |---|---|---|
# | **dead** units: 0 on *every* sample | lesson 03 | hardly any, counted over many samples |
# | **zeros**: share of zeros among the outputs | lesson 03 | about half for ReLU at the start; says nothing about death |
# | **zero gradient**: units whose weights get exactly 0 from this batch | lesson 03 | few; it may change with the next batch |
# | **flat**: share of slopes below 0.1 in size | lesson 05 | small for tanh and sigmoid; for ReLU it is about the zeros |
# | **spread** of the pre-activations $z$ | lesson 05 | about 1, and alike in all layers |
# | **gradient** of the weights | lesson 05 | alike in all layers, within a factor of ten or so |
# | **update / weights** in one step | lesson 05 | about $10^{-3}$ once it runs; Adam's first steps are larger |
# | output and loss | lesson 06a | raw logits for the losses with logits |
#
# The first three are often mixed up, and then a threshold such as "30 %" means nothing. The function `check_up`
# measures all of them on copies of model and optimizer, so that it changes neither. The next cell has its heart in a
# few lines (lesson 03 explains the hooks); gradients are in `weight.grad` after `backward()`, an update is the
# difference of the weights before and after `step()`. Then come five networks in which the first three quantities
# differ.

# %%
def dead_and_zeros(model, x):
    """Dead units and share of zeros after each ReLU: the heart of `check_up`, with hooks."""
    outputs = []
    relus = [module for module in model.modules() if isinstance(module, nn.ReLU)]
    handles = [relu.register_forward_hook(lambda module, inputs, output: outputs.append(output)) for relu in relus]
    with torch.no_grad():
        model(x)
    for handle in handles:
        handle.remove()
    return [(int((out == 0).all(dim=0).sum()), round((out == 0).float().mean().item(), 2)) for out in outputs]


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(20, 100), nn.ReLU(), nn.Linear(100, 1))
x, y = torch.randn(500, 20), torch.ones(500, 1)
report = check_up(model, F.mse_loss, x, y, torch.optim.SGD(model.parameters(), lr=0.1))[0]
print("with hooks (dead, zeros):", dead_and_zeros(model, x), "and check_up:", (report.dead, round(report.zeros, 2)))

# %%
three_guess = Prediction(
    "A fresh ReLU layer, gradient from a batch of 2 of the 500 samples. Which of the three is clearly above 0?",
    choices=["zeros only", "zeros and zero gradient", "all three", "dead and zeros"],
)
three_guess

# %%
def small(activation=nn.ReLU, bias=0.0, head=1.0):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(20, 100), activation(), nn.Linear(100, 1))
    nn.init.constant_(model[0].bias, bias)
    model[2].weight.data *= head
    return model


x, y = torch.randn(500, 20, generator=torch.Generator().manual_seed(1)), torch.ones(500, 1)
table = Table("100 units, 500 samples", {"": "", "dead": "d", "zeros": ".0%", "zero gradient": "d"})
for name, model, batch in (
    ("fresh ReLU layer", small(), 500),
    ("the same, gradient from 2 samples", small(), 2),
    ("biases of −3", small(bias=-3.0), 500),
    ("biases of −3, Leaky ReLU", small(nn.LeakyReLU, bias=-3.0), 500),
    ("output weights 0, as in some recipes", small(head=0.0), 500),
):
    r = check_up(model, F.mse_loss, x, y, torch.optim.SGD(model.parameters(), lr=0.1), batch)[0]
    table.add(name, r.dead, r.zeros, r.no_gradient)
    if batch == 2:
        above = (r.dead > 5, r.zeros > 0.05, r.no_gradient > 5)
table.show()
three_guess.compare({(False, True, True): "zeros and zero gradient", (False, True, False): "zeros only"}[above])

# %% [markdown]
# - *Two samples:* about a quarter of the units are off on both, so they get no gradient from this batch. None is dead.
# - *Biases of −3:* dead, so all zeros and no gradient. This is damage.
# - *Leaky ReLU:* below zero just as often, yet no zeros, and every unit gets a gradient.
# - *Output weights 0:* nothing reaches any unit, and all are healthy: after the first step the gradient is there.

# %% [markdown] tags=["section:D12"]
# ## Quick checks
#
# A check is quick if it takes seconds and needs no full training. Before the first long run:
# 1. **Output and loss match?** Rows that sum to 1 going into `cross_entropy` are a softmax too many.
# 2. **Loss at the start** near $\ln K$ for $K$ classes? Far above it, the first outputs are too large.
# 3. **Can it learn 20 samples by heart?** A sound network with as many units as these can. One that cannot has a bug.
# 4. **Check-up at the start:** spread, flat and gradient alike in all layers? Is the initialisation the one
#    the activation needs? The spread tells.
# 5. **Check-up after some steps:** dead units, updates.
#
# Five networks with four hidden layers of 64 units are waiting: A to E. They get the same digits and the same number of
# steps. One is sound. Each of the others has one fault: *double softmax*, *saturating hidden layers*, *unseen dead
# units* or *wrong initialisation*. First the quick checks 1 to 3.

# %%
print(f"loss of guessing, ln 10 = {math.log(10):.3f}")
columns = {"patient": "", "rows sum to 1": "", "loss at the start": ".3f", "on 20 digits after 100 steps": ".3f"}
table = Table("each patient's outputs and losses", columns)
for name in FAULTS:
    patient = admit(name)
    with torch.no_grad():
        outputs = patient.model(patient.x)
        start = F.cross_entropy(outputs, patient.y).item()
    normalised = torch.allclose(outputs.sum(dim=1), torch.ones(()), atol=1e-4)
    table.add(name, "yes" if normalised else "no", start, patient.train(100, samples=20)[-1])
table.show()

# %% [markdown]
# Check 1 singles out one network, check 3 three of them. Check 2 is a trap: E starts at $\ln 10$ to three digits because next
# to nothing comes out of it, and the sound network starts further off. Now the long run, with three seeds.

# %% [markdown]
# ### Your turn: learn 20 samples by heart
#
# Check 3 as a function of your own, for any classifier that ends in logits: 100 steps of Adam at rate 0.01, on all
# samples at once. Train a **copy**, so that the network that you wanted to check stays as it was, gradients included.

# %%
def by_heart(model, x, y, steps=100):
    """Return the cross-entropy after so many steps of Adam at rate 0.01 on x and y; the model itself stays as it is."""
    raise NotImplementedError  # your code: 7 or 8 lines

# %%
def classifier(*end):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10), *end)


twenty = (admit("D").x[:20], admit("D").y[:20])
start = F.cross_entropy(classifier()(twenty[0]), twenty[1]).item()
checks = Checks("by_heart", points=6)
with checks("a number comes back"):
    came = by_heart(classifier(), *twenty)
    assert isinstance(came, float) or getattr(came, "shape", None) in ((), (1,)), f"Got {type(came).__name__}."
with checks("a sound network learns 20 digits"):
    came = float(by_heart(classifier(), *twenty))
    assert came < 0.1, f"The loss was {start:.2f} at the start and is {came:.2f} after 100 steps."
with checks("without a step it is the loss at the start, up to one step"):
    came = float(by_heart(classifier(), *twenty, 1))
    assert 0.5 < came < start + 0.01, f"The loss was {start:.2f}; after 1 step, {came:.2f}."
with checks("with Adam at rate 0.01: after 5 steps, much is learnt and much is left"):
    came = float(by_heart(classifier(), *twenty, 5))
    assert 0.3 < came < 1.3, f"The loss is {came:.2f} after 5 steps, expected 0.3 to 1.3. Is the rate 0.01?"
with checks("the network that was given is as before"):
    model = classifier()
    by_heart(model, *twenty)
    changed = sum(not torch.equal(p, q) for p, q in zip(model.parameters(), classifier().parameters()))
    assert not changed, f"{changed} of its 6 tensors of weights have changed."
    expect_gradients_unchanged(by_heart, classifier(), *twenty)
    expect_modes_unchanged(by_heart, classifier(), *twenty)
with checks("a softmax too many is found: the loss stays above 1.46"):
    came = float(by_heart(classifier(nn.Softmax(dim=1)), *twenty))
    assert 1.46 < came < 1.8, f"Got {came:.3f}. The loss takes what the model puts out, whatever it is."
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def by_heart(model, x, y, steps=100):
#     model = copy.deepcopy(model)
#     optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
#     for _ in range(steps):
#         loss = F.cross_entropy(model(x), y)
#         optimizer.zero_grad()
#         loss.backward()
#         optimizer.step()
#     return loss.item()
# ```
#
# </details>

# %%
cases, at_start = {}, {}
columns = {"patient": "", "accuracy on unseen digits": ".3f", "loss": ".3f"}
table = Table(f"after {STEPS} steps, 3 seeds: median (smallest to largest)", columns)
for name in FAULTS:
    cases[name] = [admit(name, seed) for seed in range(3)]
    at_start[name] = cases[name][0].check_up()
    losses = [np.mean(patient.train()[-10:]) for patient in cases[name]]
    table.add(name, [patient.accuracy() for patient in cases[name]], losses)
table.show()

# %% [markdown] tags=["section:D11"]
# ## Failure patterns
#
# *Beyond the core.*
#
# None of these networks "goes nowhere". Each one learns, and each one gets most digits right. That is what makes these
# faults last: the accuracy alone does not name them, and the optimiser or the data get the blame. The check-up names
# them. Its columns are the quantities listed in *What to inspect*. Read each one from the first layer to the last. The
# sound network is patient D: its numbers come first, to compare with.

# %%
layer_table("Patient D, sound, at the start", at_start["D"]).show()
layer_table(f"Patient D, after {STEPS} steps", cases["D"][0].check_up()).show()

# %%
kinds = ["double softmax", "saturating hidden layers", "unseen dead units", "wrong initialisation"]
layer_table("Patient A, at the start", at_start["A"]).show()
layer_table(f"Patient A, after {STEPS} steps", cases["A"][0].check_up()).show()
guess_a = Prediction("What is wrong with patient A?", choices=kinds)
guess_a

# %%
print(FAULTS["A"])
guess_a.compare(FAULTS["A"].split(":")[0])

# %% [markdown]
# Four fifths of the first layer's slopes are flat before any step, and the spread of $z$ is above 7 where 1 would do.
# The inputs are too large for a sigmoid, and its gradients shrink towards the first layer. **The cure:** standardise
# the inputs, and use a ReLU.

# %%
layer_table("Patient B, at the start", at_start["B"]).show()
layer_table(f"Patient B, after {STEPS} steps", cases["B"][0].check_up()).show()
guess_b = Prediction("What is wrong with patient B?", choices=kinds)
guess_b

# %%
print(FAULTS["B"])
for name in "BD":
    dead = [sum(r.dead or 0 for r in patient.check_up()) for patient in cases[name]]
    print(f"patient {name}: dead of 256 after {STEPS} steps, 3 seeds: {dead}")
guess_b.compare(FAULTS["B"].split(":")[0])

# %% [markdown]
# At the start all is well, but for one column: the update is a sixth of the weights, in one step. After the run more
# than a tenth of all hidden units are dead, several times as many as in the sound network, and in layers 2 to 4 more than
# three quarters of the outputs are zeros. The accuracy hardly suffers: easy to shrug off. **The cure:** a smaller rate, or
# warm-up. To bring dead units back: Leaky ReLU (lesson 03).

# %%
layer_table("Patient C, at the start", at_start["C"]).show()
layer_table(f"Patient C, after {STEPS} steps", cases["C"][0].check_up()).show()
guess_c = Prediction("What is wrong with patient C?", choices=kinds)
guess_c

# %%
print(FAULTS["C"])
print(f"floor of its loss: ln(1 + 9/e) = {math.log(1 + 9 / math.e):.3f}")
print(f"largest probability after the second softmax: e / (e + 9) = {math.e / (math.e + 9):.3f}")
guess_c.compare(FAULTS["C"].split(":")[0])

# %% [markdown]
# Every hidden layer is healthy: the fault lies behind them. The quick checks had it, twice: rows that sum to 1, and a loss
# that stays at 1.461 even on 20 digits. It is often said that such a network does not train. It does, and that is worse:
# it is a little less accurate, its loss has a floor, and the loss never sees a probability above 0.232, however sure the
# network is. **The cure:** take the softmax out.

# %%
layer_table("Patient E, at the start", at_start["E"]).show()
layer_table(f"Patient E, after {STEPS} steps", cases["E"][0].check_up()).show()
guess_e = Prediction("What is wrong with patient E?", choices=kinds)
guess_e

# %%
print(FAULTS["E"])
print(f"factor per layer, 0.02 · √(64/2) = {0.02 * (64 / 2) ** 0.5:.3f}")
guess_e.compare(FAULTS["E"].split(":")[0])

# %% [markdown]
# The spread falls by a factor of about nine from layer to layer, so that the last layer sees next to nothing, and all
# gradients are thousands of times smaller than the sound network's. Adam, whose steps hardly depend on the size of the
# gradient, hides this at first. Units die on the way. **The cure:** He's initialisation for ReLU. A milder mismatch grows
# with depth: lesson 05.
#
# Mind which check caught what. Learning 20 samples by heart does not find dead units. The loss at the start found none
# of the four. The share of zeros would have raised a false alarm over a sound layer at 50 %. No single number does it
# all.

# %% [markdown] tags=["section:D6"]
# ### Old code with sigmoids in its hidden layers
#
# Sigmoids in hidden layers are still found in code from before 2012. Is it worth the trouble to replace them by ReLU?
# Check before you rewrite: change *one* thing, train with the same budget over some seeds, compare. With ReLU comes its
# initialisation; anything else stays. Here is patient A as it is, with each of two changes, and with both.

# %%
def renewed(seed, relu, standardised):
    """Accuracy on unseen digits of patient A after the usual steps, with one or two changes."""
    patient, layers = admit("A", seed), []
    shift, scale = (patient.x.mean(), patient.x.std()) if standardised else (0.0, 1.0)
    for module in patient.model:
        layers.append(nn.ReLU() if relu and isinstance(module, nn.Sigmoid) else module)
        if relu and isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)
    model = nn.Sequential(*layers)
    samples = batches((patient.x - shift) / scale, patient.y, steps=STEPS, size=64, seed=seed)
    list(descend(model, F.cross_entropy, samples, torch.optim.Adam(model.parameters(), lr=0.002)))
    with torch.no_grad():
        right = model((patient.unseen_x - shift) / scale).argmax(dim=1) == patient.unseen_y
    return right.float().mean().item()


table = Table("accuracy, 3 seeds: median (smallest to largest)", {"activation": "", "inputs": "", "accuracy": ".3f"})
for relu, standardised in ((False, False), (False, True), (True, False), (True, True)):
    right = [renewed(seed, relu, standardised) for seed in range(3)]
    table.add("ReLU" if relu else "sigmoid", "standardised" if standardised else "raw pixels", right)
table.show()

# %% [markdown]
# Here it is worth it. ReLU alone brings most of the gain, both changes together the rest. Standardised inputs alone
# made it *worse* in these steps: the first layer is no longer saturated, and the small slopes of four sigmoids in a row
# are left. So do not stop after the first change that disappoints, and do not guess which of two faults counts. In a
# shallow network the answer may be "not worth it": with two hidden layers and a learning rate of its own, the sigmoid
# of lesson 08 is about as good as ReLU.

# %% [markdown] tags=["section:D14"]
# ## Neighbouring subjects
#
# *Beyond the core.*
#
# An activation never acts alone. What you measured above belongs to five neighbours as well.
# - **Backpropagation** is the chain rule that multiplies slopes and weights (lesson 05). It makes dead units and
#   vanishing gradients exact statements.
# - **Normalisation** (batch norm, layer norm) sets the spread of the pre-activations, whatever the weights are. It can
#   make up for a wrong start.
# - **Optimisers** turn gradients into updates. Plain gradient descent takes the size of a gradient as it is. Adam
#   divides it out, and so hides a bad scale.
# - **Regularisation** works through the activation too. Dropout sets outputs to 0 at random while training: count zeros
#   and dead units in `eval` mode, or you count the dropout. SELU needs `nn.AlphaDropout`, which keeps mean and
#   variance. Weight decay does not wake dead units (lesson 03), and does not belong on a PReLU's slope.
# - **Debugging** is changing one thing at a time, with a check after each.
#
# Patient E's weights once more, with and without the help of two neighbours:

# %%
def retry(normalise, optimizer, seed, steps=100):
    """Accuracy on unseen digits, from patient E's weights."""
    patient, layers = admit("E", seed), []
    for module in patient.model:
        layers.append(module)
        if normalise and isinstance(module, nn.Linear) and module.out_features == 64:
            layers.append(nn.BatchNorm1d(64))
    model = nn.Sequential(*layers)
    samples = batches(patient.x, patient.y, steps=steps, size=64, seed=seed)
    list(descend(model, F.cross_entropy, samples, optimizer(model.parameters())))
    with torch.no_grad():
        return (model.eval()(patient.unseen_x).argmax(1) == patient.unseen_y).float().mean().item()


optimizers = {
    "gradient descent, rate 0.1": lambda weights: torch.optim.SGD(weights, lr=0.1),
    "Adam, rate 0.002": lambda weights: torch.optim.Adam(weights, lr=0.002),
}
table = Table("accuracy, 3 seeds: median (smallest to largest)", {"optimiser": "", "layers": "", "accuracy": ".3f"})
for name, optimizer in optimizers.items():
    for normalise in (False, True):
        right = [retry(normalise, optimizer, seed) for seed in range(3)]
        table.add(name, "batch norm" if normalise else "no norm", right)
table.show()

# %% [markdown]
# Without help and with plain gradient descent the network stays at chance: this is what the fault looks like when
# nothing hides it. Adam makes up for a part of it. Batch norm makes up for it with either optimiser.

# %% [markdown] tags=["section:D14"]
# ### Dropout and what you measure
#
# Two runs for the neighbour that is easily forgotten. First the share of zeros behind a ReLU with dropout, in both
# modes. Then 20 SELU layers with a little dropout of either kind in each: does the signal keep its spread of 1?

# %%
torch.manual_seed(0)
model, x = nn.Sequential(nn.Linear(20, 200), nn.ReLU(), nn.Dropout(0.5)), torch.randn(1000, 20)
table = Table("dropout behind ReLU", {"mode": "", "zeros": ".0%"})
for mode in ("train", "eval"):
    table.add(mode, (model.train(mode == "train")(x) == 0).double().mean())
table.show()

table = Table("spread after 20 SELU layers, 3 seeds: median (smallest to largest)", {"": "", "spread": ".2f"})
for dropout in (nn.Dropout(0.05), nn.AlphaDropout(0.05)):
    spreads = []
    for seed in range(3):
        torch.manual_seed(seed)
        h = torch.randn(500, 256)
        for _ in range(20):
            h = dropout(F.selu(h @ torch.randn(256, 256) / 16))
        spreads.append(h.std().item())
    table.add(type(dropout).__name__, spreads)
table.show()

# %% [markdown]
# ## Quiz
#
# Every answer has its own feedback. Nothing is graded.

# %%
Quiz("07b_pytorch_and_diagnosis")

# %% [markdown]
# ## Recap
#
# - Module for what belongs to the structure, function for a step of a computation. One object for each place;
#   `inplace=True` only when you must; softmax always with `dim`.
# - A row masked from end to end gives `nan`: mask with a finite number, and put 0 over the weights.
# - Dead, zeros and zero gradient are three quantities. Measure them with flat slopes, spread, gradients and updates.
# - Quick checks: do rows sum to 1, is the first loss near $\ln K$, can it learn 20 samples, what does the check-up say?
# - Count zeros and dead units in `eval` mode. Normalisation and Adam can hide a wrong start.
#
# ## What comes next
#
# - [Lesson 08](08_experiments.ipynb): activations race each other on real digits, over several seeds.
# - Exercises [ps2_dead_neurons](../../release/ps2_dead_neurons/ps2_dead_neurons.ipynb)
#   and [ps3_gradient_flow](../../release/ps3_gradient_flow/ps3_gradient_flow.ipynb),
#   if you have not done them: write such checks yourself.
