# %% [markdown]
# # Choosing an activation, and using it in PyTorch
#
# **Goals.** After this lesson you can
# - choose an activation for a hidden layer, an output or a gate, with a reason and with code that runs;
# - say where sigmoid, tanh and softmax still belong, and why a gate *wants* to saturate;
# - use modules and functions where each belongs, and avoid four traps: a shared PReLU, a shared hook, `inplace=True`,
#   and softmax over a row that is masked from end to end;
# - read a check-up of a network: dead units, zeros, zero gradients, flat slopes, gradients, updates;
# - find four common faults with checks that take seconds.
#
# **Time.** 85 minutes.
#
# **You need.** Lessons 02 to 06, or what they teach: the functions, dead units, gradient flow, outputs and losses.

# %%
import inspect
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from course.computations.check_up import check_up, table
from course.computations.functions import ACTIVATIONS, evaluate
from course.computations.patients import FAULTS, STEPS, admit
from course.computations.recommendations import TABLE
from course.computations.training import batches, descend
from course.demos.attention_weights import AttentionWeights
from course.demos.flow_chart import FlowChart
from course.demos.glu import Glu
from course.demos.memory_gate import MemoryGate
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz

torch.set_num_threads(1)  # the networks here are small: sharing them out between cores would cost time

# %% [markdown] tags=["section:D2"]
# ## Four places for an activation
#
# 1. **Between two linear layers.** Without it they collapse into one (lesson 01).
# 2. **At the output**, matched to the loss (lesson 06). Often the activation is inside the loss, and the network ends
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
for pool in (F.max_pool2d, F.avg_pool2d):
    for activation in (F.relu, F.gelu):
        apart = (pool(activation(maps), 2) - activation(pool(maps, 2))).abs().max().item()
        same[pool, activation] = apart < 1e-6
        print(f"{pool.__name__:<12}{activation.__name__:<6} largest difference between the two orders {apart:.4f}")
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
# is blue. An output asks what is predicted, a gate what it opens.](images/07_flow_chart.png)

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
for path in TABLE.values():
    print(f"{path.role:<8}{path.situation:<24}{path.activation:<14}{path.reason[:74].rsplit(' ', 1)[0]} …")
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
# mark the answers of the other two roles.](images/07_flow_chart_output.png)
#
# ![The same chart with the slider at 35 % dead units: the blue path goes from hidden layer over convolutional and
# ReLU to Leaky ReLU.](images/07_flow_chart_dead.png)

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
print("     z   opening f   left after 100 steps   slope: how easily the gate itself learns")
for z in (0.0, 1.0, 3.0, 5.0, 8.0):
    opening, slope = evaluate("sigmoid", z)
    print(f"{z:>6.1f}{opening:>12.5f}{opening**100:>23.2g}{slope:>22.5f}")

# %% [markdown]
# Grey bars are offered to the memory: three pulses and some noise.
# 1. Open the forget gate until the first pulse is still there at the end. Which $z$ does that take?
# 2. Shut the input gate. How far down must $z$ go until the noise no longer matters? What happens to the pulses?
# 3. Make the gates of ReLU, with the forget gate at $z = 1$. Then go to $z = 1.1$. Why is a gate without an upper limit
#    dangerous?
#
# ![Left, the sigmoid with the forget gate's point at z = 5, open to 0.99, and the input gate's at 0.5, open to 0.62.
# Right, over 60 steps, grey bars at steps 5, 25 and 40, and a blue memory line: it jumps at each bar and hardly changes
# between them.](images/07_memory_open.png)
#
# ![The same with the forget gate at z = 1, open to 0.73: after each bar the blue line is back at zero within
# about ten steps.](images/07_memory_leaks.png)

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
print("largest state of a plain recurrent network, weights of standard deviation 2 / √64, 5 seeds")
for nonlinearity in ("tanh", "relu"):
    sizes = []
    for seed in range(5):
        torch.manual_seed(seed)
        rnn = nn.RNN(64, 64, nonlinearity=nonlinearity, bias=False, batch_first=True)
        nn.init.normal_(rnn.weight_hh_l0, std=2.0 / 64**0.5)
        with torch.no_grad():
            states, _ = rnn(torch.randn(1, 100, 64))
        sizes.append(states.abs().amax(dim=(0, 2)))
    at = {step: np.median([size[step - 1] for size in sizes]) for step in (1, 10, 50, 100)}
    print(f"{nonlinearity:<6}" + "".join(f"   step {step}: {size:.2g}" for step, size in at.items()))

# %% [markdown]
# ### Attention: softmax as a gate
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
# weights: A 0.50, B 0.39, E, C and D small.](images/07_attention.png)
#
# ![The same with a query of length 20: A has 0.84, B 0.16, all others nothing, and the star lies close to
# A.](images/07_attention_sharp.png)

# %%
AttentionWeights()

# %%
print("   d   scores' deviation   largest of 10 weights: unscaled   scaled   (median of 500)")
for d in (4, 64, 1024):
    generator = torch.Generator().manual_seed(0)
    query, keys = (torch.randn(shape, generator=generator) for shape in ((500, 1, d), (500, 10, d)))
    scores = (query * keys).sum(dim=-1)
    largest = [torch.softmax(s, dim=-1).amax(dim=-1).median().item() for s in (scores, scores / d**0.5)]
    print(f"{d:>4}{scores.std():>20.1f}{largest[0]:>34.3f}{largest[1]:>9.3f}")

# %% [markdown]
# ### GLU and SwiGLU
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
# Right, the product: a sine that grows from nearly nothing to nearly 1.](images/07_glu.png)
#
# ![The same for SwiGLU: the gate dips below 0 on the left and rises to 2.9 on the right, and the product grows to 2.7
# in size.](images/07_swiglu.png)

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
    print(f"{type(module).__name__:<6} module and function agree: {torch.equal(module(x), function(x))}")

# %% [markdown] tags=["section:E12"]
# ### What there is: ask torch
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
print("element by element:       ", *plain)
print("the same, with `inplace`: ", *(name for name, trait in traits.items() if trait[0] and trait[2]))
print("learns parameters:        ", *(f"{name} ({trait[1]})" for name, trait in traits.items() if trait[1]))
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
for name, shared in (("own PReLU in each place", False), ("one PReLU in all", True)):
    act = nn.PReLU()
    layers = [part for _ in range(3) for part in (nn.Linear(8, 8), act if shared else nn.PReLU())]
    model = nn.Sequential(*layers)
    slopes = sum(m.weight.numel() for m in model.modules() if isinstance(m, nn.PReLU))
    print(f"{name:<26}{slopes} slopes")
shared_guess.compare({1: "one", 3: "three"}[slopes])

# %% [markdown]
# ## Spot the bug: a hook on a shared module
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
print("shared:  ", [f"{share:.0%}" for share in seen])
print("separate:", [f"{share:.0%}" for share in watched(nn.ReLU(), nn.ReLU(), nn.ReLU(), nn.ReLU())])
hook_guess.compare(str(len(seen)))

# %% [markdown]
# The one hook ran four times, and each run overwrote the one before. What is left is the *last* layer, and the silent
# third layer is not seen. **The cure:** one activation object for each place. They cost nothing.

# %% [markdown] tags=["section:C1"]
# ### `inplace=True`
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
print("right", right.detach().numpy().round(2))
print("wrong", wrong.detach().numpy().round(2))
print("2·ReLU", (2 * F.relu(layer(x))).detach().numpy().round(2))
wrong.sum().backward()
print("backward raised no error")
lost = torch.allclose(wrong, 2 * F.relu(layer(x)))
inplace_guess.compare("negative parts of h are lost: it is twice the ReLU" if lost else "nothing")

# %%
for name, before in (("linear", nn.Linear(6, 6)), ("sigmoid", nn.Sigmoid()), ("exp", torch.exp)):
    start = torch.randn(4, 6, requires_grad=True)
    try:
        F.relu(before(start), inplace=True).sum().backward()
        print(f"after {name:<8} works")
    except RuntimeError as problem:
        print(f"after {name:<8} RuntimeError: {str(problem).split(':')[0]}")

# %% [markdown]
# After a linear layer autograd does not need the layer's output, so the overwriting does no harm there. After a sigmoid
# or an exponential it does, and says so. The silent case is the dangerous one: any other use of the same tensor, a
# residual sum, or a hook that kept the pre-activations. **The cure:** leave `inplace` off until memory is short.

# %% [markdown] tags=["section:C2"]
# ### Softmax: an axis, a mask, and not before `CrossEntropyLoss`
#
# Two rules were run in lesson 06. Write `dim`, always: without it `F.softmax` guesses by the number of axes. And give
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
    print(f"{label:<40}second row {weights[1].detach().numpy()}   gradient nan for: {', '.join(bad) or 'none'}")
    return weights


plain = attend("mask added", lambda s: torch.softmax(s + added, dim=-1))
attend("mask added, then nan_to_num", lambda s: torch.softmax(s + added, dim=-1).nan_to_num())
attend("finite number, then 0 over the weights",
       lambda s: torch.softmax(s.masked_fill(mask, lowest), dim=-1).masked_fill(mask, 0.0))
mask_guess.compare("nan, nan, nan" if plain[1].isnan().all() else "something else")

# %% [markdown]
# Softmax subtracts the largest score, and $-\infty - (-\infty)$ is `nan`. One padded row makes *all* weights of a layer
# `nan` in the next step, since all rows share them. Replacing the `nan` afterwards mends the values and not the
# gradient of the scores: it is the `where` trap of lesson 03. **The cure,** last line: a large finite number in the
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
# | output and loss | lesson 06 | raw logits for the losses with logits |
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
print("with hooks (dead, zeros):", dead_and_zeros(model, x), "  check_up:", (report.dead, round(report.zeros, 2)))

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
print(f"{'100 units, 500 samples':<40}{'dead':>6}{'zeros':>8}{'zero gradient':>16}")
for name, model, batch in (
    ("fresh ReLU layer", small(), 500),
    ("the same, gradient from 2 samples", small(), 2),
    ("biases of −3", small(bias=-3.0), 500),
    ("biases of −3, Leaky ReLU", small(nn.LeakyReLU, bias=-3.0), 500),
    ("output weights 0, as in some recipes", small(head=0.0), 500),
):
    r = check_up(model, F.mse_loss, x, y, torch.optim.SGD(model.parameters(), lr=0.1), batch)[0]
    print(f"{name:<40}{r.dead:>6}{r.zeros:>8.0%}{r.no_gradient:>16}")
    if batch == 2:
        above = (r.dead > 5, r.zeros > 0.05, r.no_gradient > 5)
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
print("patient   rows sum to 1   loss at the start   on 20 digits after 100 steps")
for name in FAULTS:
    patient = admit(name)
    with torch.no_grad():
        outputs = patient.model(patient.x)
        start = F.cross_entropy(outputs, patient.y).item()
    normalised = torch.allclose(outputs.sum(dim=1), torch.ones(()), atol=1e-4)
    print(f"{name:<10}{'yes' if normalised else 'no':>13}{start:>20.3f}{patient.train(100, samples=20)[-1]:>31.3f}")

# %% [markdown]
# Check 1 singles out one network, check 3 three of them. Check 2 is a trap: E starts at $\ln 10$ to three digits because next
# to nothing comes out of it, and the sound network starts further off. Now the long run, with three seeds.

# %%
cases, at_start = {}, {}
print(f"after {STEPS} steps           accuracy on unseen digits            loss")
for name in FAULTS:
    cases[name] = [admit(name, seed) for seed in range(3)]
    at_start[name] = cases[name][0].check_up()
    losses = [np.mean(patient.train()[-10:]) for patient in cases[name]]
    right = [patient.accuracy() for patient in cases[name]]
    print(f"{name:<15}median {np.median(right):.3f} [{min(right):.3f}, {max(right):.3f}]", end="")
    print(f"      median {np.median(losses):.3f} [{min(losses):.3f}, {max(losses):.3f}]")

# %% [markdown] tags=["section:D11"]
# ## Failure patterns
#
# None of these networks "goes nowhere". Each one learns, and each one gets most digits right. That is what makes these
# faults last: the accuracy alone does not name them, and the optimiser or the data get the blame. The check-up names
# them. Its columns are those of the table above. Read each one from the first layer to the last. The sound network is
# patient D: its numbers come first, to compare with.

# %%
print("Patient D, sound, at the start\n" + table(at_start["D"]))
print(f"\nPatient D, after {STEPS} steps\n" + table(cases["D"][0].check_up()))

# %%
kinds = ["double softmax", "saturating hidden layers", "unseen dead units", "wrong initialisation"]
print("Patient A, at the start\n" + table(at_start["A"]))
print(f"\nPatient A, after {STEPS} steps\n" + table(cases["A"][0].check_up()))
guess_a = Prediction("What is wrong with patient A?", choices=kinds)
guess_a

# %%
print(FAULTS["A"])
guess_a.compare(FAULTS["A"].split(":")[0])

# %% [markdown]
# Four fifths of the first layer's slopes are flat before any step, and the spread of $z$ is above 7 where 1 would do.
# The inputs are too large for a sigmoid, and its gradients shrink towards the first layer. **The cure:** standardise
# the inputs, and use a ReLU.

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


for relu, standardised in ((False, False), (False, True), (True, False), (True, True)):
    right = [renewed(seed, relu, standardised) for seed in range(3)]
    label = f"{'ReLU' if relu else 'sigmoid'}, {'standardised inputs' if standardised else 'raw pixels'}"
    print(f"{label:<32}accuracy median {np.median(right):.3f} [{min(right):.3f}, {max(right):.3f}]")

# %% [markdown]
# Here it is worth it. ReLU alone brings most of the gain, both changes together the rest. Standardised inputs alone
# made it *worse* in these steps: the first layer is no longer saturated, and the small slopes of four sigmoids in a row
# are left. So do not stop after the first change that disappoints, and do not guess which of two faults counts. In a
# shallow network the answer may be "not worth it": with two hidden layers and a learning rate of its own, the sigmoid
# of lesson 08 is about as good as ReLU.

# %%
print("Patient B, at the start\n" + table(at_start["B"]))
print(f"\nPatient B, after {STEPS} steps\n" + table(cases["B"][0].check_up()))
guess_b = Prediction("What is wrong with patient B?", choices=kinds)
guess_b

# %%
print(FAULTS["B"])
for name in "BD":
    dead = [sum(r.dead or 0 for r in patient.check_up()) for patient in cases[name]]
    print(f"patient {name}: dead of 256 after {STEPS} steps, 3 seeds: {dead}")
guess_b.compare(FAULTS["B"].split(":")[0])

# %% [markdown]
# At the start all is well, but for one column: the update is a sixth of the weights, in one step. After the run about a
# sixth of all hidden units are dead, ten times as many as in the sound network, and in layers 2 to 4 more than four fifths
# of the outputs are zeros. The accuracy is a few points below the sound network's: easy to shrug off. **The cure:** a
# smaller rate, or warm-up. To bring dead units back: Leaky ReLU (lesson 03).

# %%
print("Patient C, at the start\n" + table(at_start["C"]))
print(f"\nPatient C, after {STEPS} steps\n" + table(cases["C"][0].check_up()))
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
print("Patient E, at the start\n" + table(at_start["E"]))
print(f"\nPatient E, after {STEPS} steps\n" + table(cases["E"][0].check_up()))
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

# %% [markdown] tags=["section:D14"]
# ## Neighbouring subjects
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
for name, optimizer in optimizers.items():
    for normalise in (False, True):
        right = [retry(normalise, optimizer, seed) for seed in range(3)]
        kind = "batch norm" if normalise else "no norm"
        print(f"{name:<28}{kind:<12}median {np.median(right):.3f} [{min(right):.3f}, {max(right):.3f}]")

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
for mode in (True, False):
    print(f"{'train' if mode else 'eval':<6}mode: zeros {(model.train(mode)(x) == 0).float().mean():.0%}")

for dropout in (nn.Dropout(0.05), nn.AlphaDropout(0.05)):
    spreads = []
    for seed in range(3):
        torch.manual_seed(seed)
        h = torch.randn(500, 256)
        for _ in range(20):
            h = dropout(F.selu(h @ torch.randn(256, 256) / 16))
        spreads.append(h.std().item())
    print(f"{type(dropout).__name__:<13}spread after 20 SELU layers, 3 seeds: {', '.join(f'{s:.2f}' for s in spreads)}")

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
print(f"{'':<14}{'mean f':>8}{'mean f²':>9}{'gain':>7}{'lowest':>9}{'tensors kept':>14}")
for name in ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "softplus", "gelu", "silu", "mish", "hardswish"):
    f = ACTIVATIONS[name].torch_function
    out, low = f(z), evaluate(name, np.linspace(-60, 60, 120_001))[0].min()
    lowest = "no limit" if low < -0.5 and name == "leaky_relu" else f"{low:.3f}"
    square = out.square().mean().item()
    print(f"{ACTIVATIONS[name].label:<14}{out.mean():>8.3f}{square:>9.3f}{square**-0.5:>7.2f}{lowest:>9}{kept(f):>14}")

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
# | softmax | attention; probabilities of one of many classes, outside of the loss | hidden layers, where units should not compete (lesson 06); several labels at once; before `CrossEntropyLoss` |
#
# No function is best everywhere, and between neighbours in this table the difference is often smaller than the spread over
# seeds. What the table rests on is the shape: how far each function reaches down and up, which decides where it can
# stand, and how much slope is left far out, which decides what passes through it on the way back.

# %%
x = np.linspace(-300, 300, 60_001)
left, right = np.searchsorted(x, [-5.0, 5.0])
print(f"{'':<12}{'lowest value':>14}{'largest value':>15}{'slope at -5':>13}{'slope at 5':>12}")
for name in ("relu", "leaky_relu", "elu", "selu", "gelu", "silu", "sigmoid", "tanh"):
    value, slope = evaluate(name, x)
    ends = [f"{v:.3f}" if abs(v) < 2 else "no limit" for v in (value.min(), value.max())]
    print(f"{name:<12}{ends[0]:>14}{ends[1]:>15}{slope[left]:>13.4f}{slope[right]:>12.4f}")

# %% [markdown]
# ## Quiz
#
# Every answer has its own feedback. Nothing is graded.

# %%
Quiz("07_choosing_and_pytorch")

# %% [markdown]
# ## Recap
#
# - Ask first where it stands: hidden layers need a gradient that gets through, outputs the range of the loss, gates a
#   share.
# - Hidden: ReLU unless the architecture comes with another one, or the count of dead units tells you. Output: mostly
#   raw logits. Gate: sigmoid, or softmax if the gates compete.
# - A gate is meant to saturate. A hidden layer is not.
# - Module for what belongs to the structure, function for a step of a computation. One object for each place;
#   `inplace=True` only when you must; softmax always with `dim`.
# - Dead, zeros and zero gradient are three quantities. Measure them with flat slopes, spread, gradients and updates.
# - Quick checks: do rows sum to 1, is the first loss near $\ln K$, can it learn 20 samples, what does the check-up say?
#
# ## What comes next
#
# - [Lesson 08](08_experiments.ipynb): activations race each other on real digits, over several seeds.
# - Exercises [ps2_dead_neurons](../../release/ps2_dead_neurons/ps2_dead_neurons.ipynb)
#   and [ps3_gradient_flow](../../release/ps3_gradient_flow/ps3_gradient_flow.ipynb),
#   if you have not done them: write such checks yourself.
