# %% [markdown]
# # Experiments: which activation trains best?
#
# *Beyond the core.*
#
# **Goals.** After this lesson you can
# - compare two activations fairly: same start, same data order, same budget, each at its own learning rate;
# - say how large a difference is against the spread over seeds, with paired differences and a confidence interval;
# - read a claim such as "six times faster" and ask: than what, up to where, on which network?
# - choose a task that can show a difference at all;
# - spot a comparison that was won by its rules.
#
# **Time.** 55 minutes.
#
# **You need.** Lessons 03 to 05. Mean, standard deviation, and what a correlation is.

# %%
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from scipy import stats
from torch import nn

from course.checks import Checks, expect_close
from course.checks.messages import numbers
from course.computations.experiments import HE, Runs, Team, confidence_interval, make_task, steps_until
from course.computations.training import batches, descend
from course.demos.training_race import GRID, TUNED, TrainingRace
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz
from course.widgets.tables import Table

torch.set_num_threads(1)  # the networks here are small: sharing them out between cores would cost time

# %% [markdown] tags=["section:E13"]
# ## The experiment everybody does first
#
# Draw 1000 points with 20 standard normal inputs. The class says whether the first five inputs have a positive sum.
# Train the same network, 20 → 64 → 32 → 16 → 2, with six activations and the same learning rate. Plot six loss
# curves. The lowest one at the end has won.
#
# You find this experiment in many tutorials, with one run for each activation. Here it has ten: seed $s$ fixes the
# weights at the start and the order of the data. The budget is 100 steps of 32 points with learning rate 0.03. The
# usual form runs longer, with the optimiser Adam; what is wrong with it is the same.

# %%
winner_guess = Prediction(
    "Ten seeds, six activations, one winner for each seed: the lowest training loss. How many of the six win at least "
    "once?",
    choices=["1: the best one wins each time", "2", "3 or more"],
)
winner_guess

# %%
rule = make_task("linear rule")
six = ("relu", "leaky_relu", "elu", "gelu", "silu", "tanh")
first = {name: Runs(rule, name, [0.03], range(10), every=100).train(100).records[-1] for name in (*six, "identity")}
wins = [min(six, key=lambda name: first[name].loss[0, seed]) for seed in range(10)]

columns = {"": "", "training loss": ".3f", "wins": "d", "right on new points": ".1%"}
table = Table("10 seeds: median (smallest to largest)", columns)
for name, end in first.items():
    table.add(name, end.loss[0], wins.count(name), end.accuracy[0])
table.show()
winners = len(set(wins))
winner_guess.compare({1: "1: the best one wins each time", 2: "2"}.get(winners, "3 or more"))

# %% [markdown]
# Each run by itself is correct. The conclusion is not, for four reasons:
# 1. **One seed.** Most of the six win with some seed. The ranges overlap almost entirely.
# 2. **The task cannot tell.** The class is a linear rule. The network *without* an activation, the last row, has the
#    highest loss on the points it learned and the highest accuracy on new ones. Nothing has to bend here.
# 3. **One learning rate for all.** It may suit one function and not another.
# 4. **Training loss alone.** As the last row shows, the lowest training loss need not go with the highest accuracy on
#    new points.

# %% [markdown]
# ## What makes a comparison fair
#
# | the same for all | why |
# |---|---|
# | random numbers of the start, data order, batch size | a difference comes from the function, not from luck |
# | budget: steps, and tries for tuning | more tries find more luck |
# | care, not values: initialisation matched to each function, learning rate tuned for each | one value for all favours the function it suits |
# | several seeds, the same for all | shows how large luck is |
# | what is measured, and when, decided before | else one of many measures looks good by chance |
# | data in three parts | learn on the first, choose on the second (*validation*), look at the third (*test*) once |
#
# The experiments of this lesson do this. `Team` starts every activation from the same random numbers, times a gain: 1
# for tanh and the identity (Xavier), $\sqrt 2$ for ReLU, GELU and their like (He), and 4 for the sigmoid, whose slope
# is at most $1/4$. The optimiser is stochastic gradient descent with momentum 0.9.

# %%
sizes, seeds = (64, 32, 32, 10), range(3)
relu, tanh = Team(sizes, "relu", seeds), Team(sizes, "tanh", seeds)
print("first weights of seed 0, ReLU:", relu.weights[0][0, 0, :4].detach().numpy().round(3))
print("and tanh:", tanh.weights[0][0, 0, :4].detach().numpy().round(3))
print("the same up to √2:", torch.allclose(relu.weights[0], HE * tanh.weights[0]))
digits = make_task("digits")
x, y = digits.train
orders = [next(batches(x, y, steps=1, size=8, seed=seed))[1].tolist() for seed in (0, 0, 1)]
print("first 8 classes with seed 0:", orders[0], "and again:", orders[1] == orders[0], "with seed 1:", orders[2])

# %% [markdown]
# ### Tune the learning rate for each
#
# Now real data: 8 × 8 pictures of handwritten digits, 600 to learn, 600 for validation, 597 for the test. The network
# is 64 → 32 → 32 → 10. In deep networks the sigmoid is slow (lesson 05). Is it here?

# %%
ratios = {"about as low": 1, "3 times": 3, "10 times": 10, "50 times": 50}
slow_guess = Prediction(
    "After 100 steps, each function at its own best learning rate: the training loss of the sigmoid network is how many "
    "times that of ReLU?",
    choices=list(ratios),
)
slow_guess

# %%
sweep = {name: Runs(digits, name, GRID, range(100, 105), every=100).train(100) for name in ("sigmoid", "tanh", "relu")}
columns = {"rate": "", **{f"{rate:g}": ".3f" for rate in GRID}, "best rate": "g"}
table, best = Table("median training loss of 5 seeds after 100 steps, by learning rate", columns), {}
for name, runs in sweep.items():
    loss = np.median(runs.records[-1].loss, axis=1)
    best[name] = np.nanmin(loss)
    table.add(name, *loss, GRID[np.nanargmin(loss)])
table.show()
ratio = best["sigmoid"] / best["relu"]
print(f"sigmoid over ReLU, each at its best: {ratio:.1f}")
slow_guess.compare(min(ratios, key=lambda choice: abs(np.log(ratios[choice] / ratio))))

# %% [markdown]
# At learning rate 0.01 the sigmoid's loss is almost eight times ReLU's. Each at its own best, they are close. The gap
# belonged to the learning rate: the sigmoid wants one that is 30 times as large. In a deep network no single rate
# would do (lesson 05), because the first layers would need another one than the last.
#
# Two rules for a sweep. Each function gets the same grid and the same number of tries. And the best rate must not lie
# at an end of the grid: go on until it gets worse on both sides. From 0.3 on ReLU's loss is above $\ln 10 = 2.30$,
# that of guessing: a rate too large has thrown it away.

# %% [markdown] tags=["section:D13"]
# ### The loop behind it
#
# `Team` and `Runs` train many seeds at once, for speed. What they do for one seed is this loop, and you need no more to
# compare activations of your own: a start from the seed, the gain of the function, the same batches for all, a loss
# noted at each step. Change the list of functions, the learning rates or the seed, and run it again. One seed shows how
# it works and settles nothing: that takes pairs.

# %%
def one_run(activation, gain, rate, seed=0, steps=100):
    """Losses of 64 → 32 → 32 → 10 on the digits, and accuracy on the validation part."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 32), activation, nn.Linear(32, 32), activation, nn.Linear(32, 10)).double()
    for layer in model[::2]:
        nn.init.normal_(layer.weight, std=gain / layer.in_features**0.5)
        nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    x, y = digits.train
    losses = list(descend(model, F.cross_entropy, batches(x, y, steps=steps, size=32, seed=seed), optimizer))
    x, y = digits.validation
    return losses, (model(x).argmax(1) == y).double().mean().item()


around = (5, 25, 45, 65, 95)
columns = {"": "", "rate": "g", **{f"loss around step {step}": ".3f" for step in around}, "right": ".1%"}
table = Table("one run each", columns)
for activation, gain in ((nn.Sigmoid(), 4.0), (nn.Tanh(), 1.0), (nn.ReLU(), HE), (nn.GELU(), HE)):
    rate = TUNED["digits"][type(activation).__name__.lower()]
    losses, right = one_run(activation, gain, rate)
    table.add(type(activation).__name__, rate, *(np.mean(losses[step - 5 : step + 5]) for step in around), right)
table.show()

# %% [markdown] tags=["section:D13"]
# ## The race
#
# Four hidden activations on one network, loss curves side by side: that is the first item of the practice list. The
# demo has the identity as a fifth. Each has ten seeds and its own learning rate, tuned with five other seeds on the
# validation part. Lines are medians, bands run from the smallest to the largest. On the right, each dot is a *pair*:
# accuracy minus ReLU's, both with the same seed. The bar is the 95 % interval of the mean difference.
#
# The first 80 steps are there at once. **Train** takes all 200 while you go on working, **Stop** ends it. The slider
# *step* walks through what has been recorded.
# 1. On the digits, walk from step 0 to the end. Who leads early, who at the end, and in which of the three panels?
# 2. Lower the number of seeds to 2. Which conclusions would you have drawn then?
# 3. Learning rate 0.01 for all: who loses by it? Then 0.3 for all.
# 4. The spirals. Now who cannot follow? And the linear rule of the first experiment?
#
# ![Left, training loss of five activations against the step, 0 to 200, logarithmic, with bands over ten seeds: all
# fall from 2.5; at the end the sigmoid, solid with round markers, is lowest at 0.002 with a wide band, tanh, dashed
# with squares, highest at 0.033. Middle, validation error: all five level off at about 5 %. Right, accuracy
# minus ReLU's at step 200 with intervals: those of identity, sigmoid and GELU reach 0, tanh's lies just above
# 0.](images/08_race_digits.png)

# %%
TrainingRace()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. Early, at step 20, the identity leads everywhere: in loss, 0.331, and in accuracy, 88.4 %. At the end the sigmoid
#    has the lowest loss, 0.002, and tanh the highest accuracy, 95.7 %. Only tanh's interval on the right does not
#    hold 0. The three panels answer three questions.
# 2. With 2 seeds at step 200: that the sigmoid is behind ReLU by 1.33 points for sure, and tanh ahead by 0.17 for
#    sure, both with an interval of width 0. Two equal differences are chance.
# 3. At 0.01 the sigmoid: 72.3 % are right, 21.58 points less than ReLU. At 0.3 ReLU, GELU and the identity are thrown
#    back to guessing, about 10 %; sigmoid and tanh stay at 94.9 % and 94.4 %. One rate for all decides the race
#    before it starts.
# 4. On the spirals the identity, 66.2 %. On the linear rule it is first together with tanh, 96.2 % against ReLU's
#    94.4 %: nothing has to bend there.
#
# </details>

# %% [markdown]
# On the digits, at step 200:
# - The sigmoid has the *lowest* training loss and tanh the *highest*. In accuracy on new digits tanh leads. Which one
#   trains best and which one generalises best are two questions. Decide before the race which one you ask.
# - All five are right on 94.7 to 95.7 % of the new digits. That is about as far as one function varies over its
#   seeds.
# - The intervals of identity, sigmoid and GELU hold 0. Only tanh's does not: 0.05 to 1.02 points above ReLU.
#
# On the spirals the identity stays at 66 %, and the other four get nearly everything right.
#
# ![The same on the spirals. The identity's line stays level at a loss of 0.53 and an error of 34 %. The other
# four fall; GELU's loss falls fastest, to 0.003, with ReLU's at 0.018 and wide bands for sigmoid and tanh. Right: the
# dots of the identity lie at about −33 points, all other intervals reach 0.](images/08_race_spirals.png)
#
# From two seeds you learn next to nothing. At step 80 the sigmoid's interval is over 40 points wide and GELU's over
# 10. At step 200 the intervals of sigmoid and tanh have width 0, since two differences happen to be equal: Student's
# $t$ needs roughly normal differences, and two numbers cannot show that.
#
# ![The race on the digits up to step 80 with the first two seeds. The bands of the curves are thin. Right: two dots
# for each function, close together, and long intervals that all hold 0; the sigmoid's reaches from −26 to 19
# points.](images/08_race_two_seeds.png)

# %%
race = {}
for name in ("identity", "sigmoid", "tanh", "relu", "gelu"):
    race[name] = Runs(digits, name, [TUNED["digits"][name]], range(10), every=40).train(200).records
for step, seeds in ((200, 10), (80, 2)):
    columns = {"": "", "median loss": ".3f", "right, %": ".1f", "minus ReLU, points": "+.2f", "95 % interval": ""}
    table = Table(f"what Train leads to on the digits: step {step}, first {seeds} seeds, each at its own rate", columns)
    for name, records in race.items():
        record = next(record for record in records if record.step == step)
        right = 100 * record.accuracy[0, :seeds]
        d = confidence_interval(right - 100 * next(r for r in race["relu"] if r.step == step).accuracy[0, :seeds])
        against = (d.mean, f"{d.low:+.2f} to {d.high:+.2f}") if name != "relu" else ("–", "–")
        table.add(name, np.median(record.loss[0, :seeds]), right.mean(), *against)
    table.show()

# %% [markdown]
# ### One hit among four
#
# Is tanh better on the digits? You looked at four intervals. If no function differs from ReLU, each of them still
# misses 0 with probability 5 %, and at least one of four with up to 20 %. So a hit found by looking around is a
# *question*. Ask it again, alone, with seeds that had no part in finding it.

# %%
fresh = {
    name: Runs(digits, name, [TUNED["digits"][name]], range(200, 220), every=200).train(200)
    for name in ("tanh", "relu")
}
right = {name: 100 * runs.records[-1].accuracy[0] for name, runs in fresh.items()}
d = confidence_interval(right["tanh"] - right["relu"])
print(f"20 fresh seeds, validation accuracy: tanh {right['tanh'].mean():.2f} %, ReLU {right['relu'].mean():.2f} %")
print(f"tanh minus ReLU {d.mean:+.2f} points, 95 % interval [{d.low:+.2f}, {d.high:+.2f}]")

# %% [markdown]
# It holds up. For this network, this budget, these rates and these 600 validation digits, tanh is ahead by about 0.7
# points: four digits. Whether it is so for *other* digits no number of seeds can say. We come back to that at the
# end.

# %% [markdown] tags=["section:D13"]
# ## Swap ReLU for GELU
#
# Does it matter? Let $a_s$ and $b_s$ be the results of both with seed $s$, and $d_s = b_s - a_s$. The differences of
# $n$ pairs have mean $\bar d$ and standard deviation $s_d$, and with Student's $t$ for $n - 1$ degrees of freedom
#
# $$\bar d \pm t_{0.975}\,\frac{s_d}{\sqrt n}$$
#
# covers the true mean difference in 95 of 100 experiments, if the $d_s$ are independent and roughly normal. If the
# interval holds 0, the experiment has *not* shown a difference. That is not the same as having shown that there is
# none: the interval says how large it may still be.
#
# Why pairs? $\operatorname{Var} d = \operatorname{Var} a + \operatorname{Var} b - 2\operatorname{Cov}(a, b)$. What a
# lucky start does for both cancels, as far as they are correlated.

# %%
swap_guess = Prediction(
    "Digits, 20 seeds: what do you expect for the validation accuracy of GELU minus ReLU?",
    choices=["the interval is above 0: GELU is better", "the interval holds 0", "the interval is below 0: ReLU is better"],
)
swap_guess

# %%
def ends(name, activation, rates, seeds=range(20), steps=150):
    """The last record after 150 steps: arrays of shape (rates, 20)."""
    return Runs(make_task(name), activation, rates, seeds, every=steps).train(steps).records[-1]


a, b = (ends("digits", name, [TUNED["digits"][name]]) for name in ("relu", "gelu"))
intervals = {}
columns = {"": "", "ReLU": ".2f", "its spread": ".2f", "GELU": ".2f", "spread of GELU": ".2f", "GELU minus ReLU": "+.2f"}
columns |= {"interval in pairs": "", "without pairs": "", "correlation": ".2f"}
table = Table("digits, 20 seeds: means, and 95 % intervals of the difference", columns)
for what, x, y in (
    ("accuracy, in points", 100 * a.accuracy[0], 100 * b.accuracy[0]),
    ("ln(training loss)", np.log(a.loss[0]), np.log(b.loss[0])),
):
    d = intervals[what] = confidence_interval(y - x)
    half = 2.024 * np.sqrt((x.var(ddof=1) + y.var(ddof=1)) / 20)  # Student's t for 38 degrees of freedom
    spans = [f"{low:+.2f} to {high:+.2f}" for low, high in ((d.low, d.high), (d.mean - half, d.mean + half))]
    sizes = x.mean(), x.std(ddof=1), y.mean(), y.std(ddof=1)
    table.add(what, *sizes, d.mean, *spans, np.corrcoef(x, y)[0, 1])
table.show()
low, high = intervals["accuracy, in points"][1:]
found = "holds 0" if low <= 0 <= high else "is above 0" if low > 0 else "is below 0"
swap_guess.compare(next(choice for choice in swap_guess.field.options if found in choice))

# %% [markdown]
# **In accuracy the difference does not exceed the spread over seeds.** It is 0.02 points, one seed differs from the
# next by 0.6, and the interval holds 0. If there is a difference, it is below about a third of a point: two of the
# 600 digits.
#
# In training loss there *is* one: GELU's is lower by about 8 % ($e^{-0.08} \approx 0.92$). The pairs show it, because
# both do well or badly with the same seeds. Without pairs the interval is four times as wide and holds 0. Small,
# certain, and of no use to the accuracy: that exists.
#
# Now the spirals, at three learning rates.

# %%
grid = (0.1, 0.3, 0.5)
a, b = ends("spirals", "relu", grid), ends("spirals", "gelu", grid)
columns = {"rate": "g", "ReLU": ".1f", "GELU": ".1f", "GELU minus ReLU, points": "+.2f", "95 % interval": ""}
table = Table("spirals, 20 seeds: validation accuracy in %", columns)
for i, rate in enumerate(grid):
    d = confidence_interval(100 * (b.accuracy[i] - a.accuracy[i]))
    points = (100 * accuracy[i].mean() for accuracy in (a.accuracy, b.accuracy))
    table.add(rate, *points, d.mean, f"{d.low:+.2f} to {d.high:+.2f}")
table.show()

# %% [markdown]
# Three clean experiments, three answers: ReLU is better, no difference shown, GELU is better. The interval tells how
# sure you are about *this* setting. It does not know about the settings you did not run. Each at its best of the
# three rates, they are 99.2 and 99.5 % right.
#
# So what does swapping do, each at its best rate? On the digits nothing you could see, on the spirals 0.3 points. A
# badly chosen rate costs more. The authors of GELU (Hendrycks and Gimpel, *Gaussian error linear units*, 2016) report
# gains over ReLU on their tasks. Transformers are yet another set-up. This lesson tests neither.

# %% [markdown]
# ### Your turn: the interval of pairs
#
# Write it. `stats.t.ppf(0.975, n - 1)` is $t_{0.975}$ for $n - 1$ degrees of freedom. Mind which standard deviation: that of
# a sample divides by $n - 1$.

# %%
def paired_interval(a, b):
    """Return mean, lower and upper end of the 95 % interval for b − a, two arrays with a number for each seed."""
    raise NotImplementedError  # your code: 3 or 4 lines

# %%
def interval(a, b):
    found = numbers(paired_interval(np.array(a), np.array(b))).ravel()
    assert found.size == 3, "Return three numbers: the mean, the lower end and the upper end."
    return found


a, b = [94.5, 95.0, 93.8, 96.1, 95.2], [95.1, 95.4, 94.5, 96.4, 96.0]
checks = Checks("paired_interval", points=4)
with checks("the mean of the differences, b minus a, is in the middle"):
    mean, low, high = interval(a, b)
    expect_close([mean, (low + high) / 2], [0.56, 0.56], rtol=1e-4)
with checks("as wide as the spread of the differences asks for"):
    mean, low, high = interval(a, b)
    expect_close(high - low, 0.515, rtol=2e-3)
with checks("what both share cancels: 100 more for one seed in both changes nothing"):
    expect_close(interval([194.5, *a[1:]], [195.1, *b[1:]]), interval(a, b), rtol=1e-3)
with checks("two seeds: 12.7 standard errors to each side"):
    expect_close(interval([0.0, 0.0], [1.0, 3.0]), [2.0, 2 - 12.706, 2 + 12.706], rtol=1e-3)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def paired_interval(a, b):
#     d = np.asarray(b) - np.asarray(a)
#     half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / len(d) ** 0.5
#     return d.mean(), d.mean() - half, d.mean() + half
# ```
#
# `confidence_interval(b - a)`, as used in this lesson, is the same.
#
# </details>

# %% [markdown]
# ## A network without activation
#
# On the digits the identity keeps up with all others. Is the activation useless? Or are the digits too easy: can flat
# surfaces part the ten classes?
#
# A control tells. Ten linear outputs on 64 pixels have 650 numbers to choose. Perhaps that is enough to part *any*
# 600 points into ten classes. So give each picture a class at random and try again.

# %%
linear_guess = Prediction(
    "One linear layer, 600 digits, trained until nothing changes: what is its training error?",
    choices=["0 %", "about 5 %", "about 20 %"],
)
linear_guess

# %%
def training_error(x, y):
    torch.manual_seed(0)
    linear = nn.Linear(x.shape[1], int(y.max()) + 1, dtype=x.dtype)
    optimizer = torch.optim.Adam(linear.parameters(), lr=0.05)
    list(descend(linear, F.cross_entropy, batches(x, y, steps=400), optimizer))
    return (linear(x).argmax(1) != y).double().mean().item()


x, y = digits.train
lots = y[torch.randperm(len(y), generator=torch.Generator().manual_seed(0))]
spirals = make_task("spirals").train
error = training_error(x, y)
table = Table("one linear layer", {"data": "", "training error": ".1%"})
table.add("digits, their own classes", error)
table.add("digits, random classes", training_error(x, lots))
table.add("spirals", training_error(*spirals))
table.show()
linear_guess.compare("0 %" if error == 0 else f"{error:.1%}")

# %% [markdown]
# The error is 0: the ten classes of these 600 digits can be parted by flat surfaces. It is *not* the number of
# weights: with random classes the same layer fails on most of the pictures. The digits themselves are nearly
# linearly separable. On new digits the few errors that are left are what an activation could win. On the spirals the
# fitted line leaves 30 % of the points on the wrong side.
#
# **So test on a task where it can matter.** And run the identity: a race in which it keeps up says little about
# activations.

# %% [markdown]
# ## "Six times faster"
#
# You will read that ReLU was six times faster than the sigmoid in the AlexNet paper. Krizhevsky, Sutskever and Hinton
# (*ImageNet classification with deep convolutional neural networks*, 2012, figure 1) say something narrower: a
# *four-layer* convolutional network with ReLU reaches *25 % training error on CIFAR-10* in a sixth of the epochs of the
# same network with *tanh*. The learning rates were chosen for each, to be as fast as possible, and nothing was
# regularised. They add that the size of the effect depends on the architecture.
#
# A small analogue: a network with four layers of weights on the digits, each function at its fastest learning rate,
# and the first step with at most 25 % training error. CIFAR-10 and convolutions would take too long here, so this
# does not test their number. It asks the same question of another network.

# %%
four = replace(digits, sizes=(64, 32, 32, 32, 10))
fastest = {}
for name in ("relu", "tanh", "sigmoid"):
    runs = Runs(four, name, (0.03, 0.1, 0.3, 1.0), range(100, 103), every=2).train(40)
    fastest[name] = runs.rates[int(np.median(steps_until(runs.records, 0.25), axis=1).argmin())]
steps = {
    name: steps_until(Runs(four, name, [rate], range(10), every=1).train(40).records, 0.25)[0]
    for name, rate in fastest.items()
}
columns = {"": "", "rate": "g", "steps": ".0f"}
table = Table("steps to 25 % training error, 10 seeds: median (smallest to largest)", columns)
for name, found in steps.items():
    table.add(name, fastest[name], found)
table.show()
table = Table("times ReLU's steps, geometric mean of pairs", {"": "", "times": ".2f", "95 % interval": ""})
for name in ("tanh", "sigmoid"):
    mean, low, high = np.exp(confidence_interval(np.log(steps[name] / steps["relu"])))
    table.add(name, mean, f"{low:.2f} to {high:.2f}")
table.show()

# %% [markdown]
# Here the order is turned round: tanh needs *half* of ReLU's steps, and the sigmoid about one and a half times as
# many. Neither result refutes the other. The network has four layers in both, and yet: fully connected here,
# convolutional there; 600 digits, CIFAR-10; another start; a few steps, many epochs. "Six times faster" is a
# measurement of one set-up. Quote it with its set-up: *than tanh, to 25 % training error, four layers, CIFAR-10*.

# %% [markdown]
# ## Spot the bug
#
# A colleague has invented *Zelu* and shows you this comparison. The code runs, the digits are real, and nothing is
# made up.

# %%
def zelu(x):
    return x * (x > 0)


def test_accuracy(activation, seeds):
    """Accuracy on the test part after 100 steps, in points, for each seed."""
    return 100 * Runs(digits, activation, [0.03], seeds, every=100).train(100).test_accuracy()[0]


relu_points = test_accuracy("relu", seeds=[0]).max()
zelu_tries = test_accuracy(zelu, seeds=range(10))
zelu_points = zelu_tries.max()
print(f"ReLU {relu_points:.1f} %, Zelu {zelu_points:.1f} %: Zelu is better by {zelu_points - relu_points:.1f} points")

bug_guess = Prediction("By how many points is Zelu better than ReLU on average over seeds, compared fairly?")
bug_guess

# %%
relu_tries = test_accuracy("relu", seeds=range(10))
table = Table("accuracy by seed, in %", {"": "", **{f"seed {seed}": ".1f" for seed in range(10)}})
table.add("Zelu", *zelu_tries)
table.add("ReLU", *relu_tries)
table.show()
pairs = zelu_tries - relu_tries
print(f"mean of the pairs: {pairs.mean():.2f} points")
bug_guess.compare(pairs.mean(), tolerance=0.05)

# %% [markdown]
# Zelu *is* ReLU: $x \cdot [x > 0] = \max(0, x)$. What won was the rule of the game.
# - **Ten tries against one.** The largest of ten draws from a normal distribution lies about 1.5 standard deviations
#   above the mean.
# - **Chosen on the test part.** The largest test accuracy was picked *because* it was large. Of a choice made with
#   the test part, the test part says too much.
#
# **The cure:** the same seeds for both, the mean of the pairs, choices on the validation part. And before you trust
# your own set-up, compare a thing with itself. This *A/A test* must find nothing.

# %%
rng = np.random.default_rng(0)
luck = rng.standard_normal((100_000, 10))
print(f"largest of ten standard normal draws, on average: {luck.max(axis=1).mean():.2f}")
spread = relu_tries.std(ddof=1)
print(f"spread of ReLU over seeds: {spread:.2f} points; best of ten gains about {1.54 * spread:.1f} points by luck alone")

# %% [markdown]
# ### Your turn: a fair race
#
# Write the comparison that Zelu should have had: both functions on the same seeds, each at its own learning rate, judged on
# the validation part. `Runs` takes the name of a function, or the function itself.
# `Runs(digits, activation, [rate], seeds, every=steps).train(steps).records[-1].accuracy[0]` has the validation accuracy
# for each seed after the last step, as a share from 0 to 1. A point is one hundredth of that.

# %%
def race(one, other, seeds, steps=100):
    """Return for each seed how many points `other` is ahead of `one`; each of the two is a pair (activation, rate)."""
    raise NotImplementedError  # your code: 3 to 6 lines

# %%
def lead(other, steps, seeds=range(3)):
    return numbers(race(("relu", 0.1), other, seeds, steps))


checks = Checks("race", points=7)
with checks("one number for each seed, whichever seeds they are"):
    all_three = lead(("tanh", 0.1), 20, [7, 3, 5])
    expect_close(all_three.shape, (3,))
    expect_close(lead(("tanh", 0.1), 20, [3]).ravel(), all_three[1:2], atol=1e-3)
with checks("A/A: the same function at the same rate is 0 points ahead, by another name as well"):
    expect_close(lead(("relu", 0.1), 20), [0, 0, 0], atol=1e-3)
    expect_close(lead((zelu, 0.1), 20), [0, 0, 0], atol=1e-3)
with checks("who is far behind has many points less: the sigmoid at a rate that does not suit it"):
    found = lead(("sigmoid", 0.01), 40)
    assert (found < -10).all(), f"Got {found.round(2)}. Expected between −10 and −100 points, other minus one."
with checks("each at its own rate: at 0.3 the sigmoid is close"):
    found = lead(("sigmoid", 0.3), 40)
    assert (np.abs(found) < 10).all(), f"Got {found.round(2)}, expected less than 10 points either way."
with checks("judged on the 600 digits of the validation part: a digit is a sixth of a point"):
    digits_ahead = 6 * lead(("tanh", 0.1), 20)
    expect_close(digits_ahead, digits_ahead.round(), atol=1e-3)
with checks("after as many steps as asked for"):
    early = [Runs(digits, name, [0.1], range(3), every=3).train(3).records[-1].accuracy[0] for name in ("relu", "tanh")]
    expect_close(lead(("tanh", 0.1), 3), 100 * (early[1] - early[0]), atol=1e-3)
with checks("judged after the last step, not at the best of them: at rate 1 ReLU forgets what it has learnt"):
    found = lead(("relu", 1.0), 20)
    assert (found < -50).all(), f"Got {found.round(2)}, expected less than −50: take the record of the last step."
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def race(one, other, seeds, steps=100):
#     right = []
#     for activation, rate in (one, other):
#         runs = Runs(digits, activation, [rate], seeds, every=steps).train(steps)
#         right.append(100 * runs.records[-1].accuracy[0])
#     return right[1] - right[0]
# ```
#
# Now race a function of your own: `paired_interval` and `race` are all it takes.
#
# </details>

# %% [markdown]
# ### The test part, once
#
# Everything above was chosen on the validation part. (The *Spot the bug* cells touched the test part, to show what
# that does. Nothing was chosen by it.) One question is left: is tanh better than ReLU on digits that had no part in
# the choice? The 20 fresh runs of both are still there. One look.
#
# A result has two kinds of chance in it. Seeds vary the training, and the interval over seeds is about that. The
# other is the sample of digits: an accuracy $p$ measured on $n$ digits has the standard error $\sqrt{p(1-p)/n}$,
# however many seeds you train.

# %%
unseen = {name: 100 * runs.test_accuracy()[0] for name, runs in fresh.items()}
d = confidence_interval(unseen["tanh"] - unseen["relu"])
p, n = unseen["relu"].mean() / 100, len(digits.test[0])
print(f"test accuracy: tanh {unseen['tanh'].mean():.2f} %, ReLU {unseen['relu'].mean():.2f} %")
print(f"tanh minus ReLU {d.mean:+.2f} points, 95 % interval over seeds [{d.low:+.2f}, {d.high:+.2f}]")
print(f"one digit of {n} is {100 / n:.2f} points; standard error of one accuracy", end=" ")
print(f"{100 * np.sqrt(p * (1 - p) / n):.2f} points")

# %% [markdown]
# It holds on new digits as well. On this network tanh is ahead of ReLU by about one point, or seven digits. The
# standard error of one accuracy is of the same size. That of a difference on the same digits is smaller, as far as
# both networks fail on the same hard ones, but it is not 0.
#
# Would you have guessed it from the rules of thumb? They come from deep networks. Two hidden layers are not deep, and
# rates came from a grid of six. The result is about what was run. So is every other one you will read.

# %% [markdown]
# ## The practice list
#
# One of the texts behind this course ends with ten things to practise. Where to do them:
#
# | to practise | where |
# |---|---|
# | train one network with sigmoid, tanh, ReLU and GELU, compare the loss curves | here, *The loop behind it*, *The race* |
# | 20 layers with sigmoid and with ReLU: gradient in each layer | lesson 05; exercise ps3 |
# | count dead ReLUs after a too large and a smaller learning rate | lesson 03, *Count, change one thing*; exercise ps2 |
# | Leaky ReLU in place of ReLU: do they come back? | lesson 03, *Revive them*; exercise ps2 |
# | softmax before `CrossEntropyLoss` | lesson 06a; exercise ps5 |
# | why GELU in transformers, ReLU in convolutional networks | lesson 04, *Why GELU in transformers*; the size of the effect on digits: here, *Swap ReLU for GELU* |
# | why tanh stays in LSTM cells | lesson 05, *Saturation*; lesson 07a |
# | why sigmoid for several labels, not softmax | lesson 06a; exercise ps5 |
# | initialisation and activation | lesson 05, *Initialisation must match the activation* |
# | the gradient of a sigmoid saturated at 0.99 | lesson 05, *Saturation*: 0.0099 of it is left |

# %% [markdown]
# ## Quiz
#
# Every answer has its own feedback. Nothing is graded.

# %%
Quiz("08_experiments")

# %% [markdown]
# ## Recap
#
# - A comparison is fair if start, data order, budget and care are the same, and decided before.
# - Tune the learning rate for each. One rate for all is a choice in favour of the function it suits.
# - Several seeds, paired differences, a confidence interval of their mean. An interval that holds 0 shows no
#   difference, and it says how large one may still be.
# - Choose a task that can tell. Digits are nearly linearly separable: the identity keeps up. On spirals it cannot.
# - "Six times faster" was: than tanh, to 25 % training error, four-layer network, CIFAR-10.
# - The best of ten seeds is luck. A thing compared with itself must come out equal.
#
# ## What comes next
#
# - Exercise [ps6_design_your_own](../../release/ps6_design_your_own/ps6_design_your_own.ipynb):
#   design a function and compare it with ReLU. `Runs` takes any function of a
#   tensor.
# - [Lesson 09](09_interview.ipynb): say all this in one minute.
