# %% [markdown]
# # Temperature and calibration: how sure should softmax be?
#
# *Beyond the core.*
#
# **Goals.** After this lesson you can
# - say what a temperature does to softmax, and what it can never change;
# - measure whether a network is too sure of itself, and calibrate it;
# - distil a large network into a small one, and say what the temperature is for;
# - draw text at a temperature, leave out what is unlikely, and judge rules of thumb such as *0.8 to 1.2*.
#
# **Time.** 30 minutes.
#
# **You need.** Lesson 06a: softmax, logits, cross-entropy.

# %%
import math

import numpy as np
import torch
import torch.nn.functional as F
from sklearn import datasets

from course.checks import Checks, expect_close
from course.checks.messages import numbers
from course.computations.data import noisy_digits
from course.computations.training import batches, descend
from course.demos.calibration import (
    Calibration,
    best_on_grid,
    held_out_outputs,
    make_network,
    nll,
    reliability,
)
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz
from course.widgets.tables import Table

torch.set_num_threads(1)  # the networks here are small: sharing them out between cores would cost time

# %%
softmax_guess = Prediction(
    "The logits 2, 1, 0.5 and −1 are divided by T = 0.5 before softmax. With T = 1 the largest probability is 0.61. "
    "What is it now?",
    choices=["0.70", "0.84", "0.98", "1.22"],
)
softmax_guess

# %% [markdown] tags=["section:E10"]
# ## What a temperature does
#
# A **temperature** $T > 0$ divides the logits before softmax: $\operatorname{softmax}(z / T)$. The ratio of two
# probabilities becomes $p_i / p_j = e^{(z_i - z_j)/T}$. For $T \to \infty$ it tends to 1: all classes get $1/K$. For
# $T \to 0$ it tends to $\infty$ for the larger logit: everything goes to the largest, and to equal parts if several are
# largest. Which class is largest never changes: dividing by a positive number keeps the order. So $T$ says how sure
# softmax is, not of what.

# %%
z = torch.tensor([2.0, 1.0, 0.5, -1.0])
columns = {"T": "g", **{f"p{i}": ".3f" for i in "₁₂₃₄"}, "p₁/p₂": ".4g", "e^(1/T)": ".4g"}
table = Table("softmax of the logits 2, 1, 0.5 and −1, divided by T", columns)
for T in (0.05, 0.5, 1.0, 2.0, 5.0, 100.0):
    p = torch.softmax(z / T, dim=0)
    table.add(T, *p, p[0] / p[1], np.exp((2.0 - 1.0) / T))
table.show()
print("a tie at T = 0.01:", torch.softmax(torch.tensor([1.0, 1.0, 0.0]) / 0.01, dim=0).numpy())
softmax_guess.compare(f"{torch.softmax(z / 0.5, dim=0)[0]:.2f}")

# %% [markdown]
# The demo of lesson 06a, here at $T = 5$, has a slider for $T$.
#
# ![The logits 2, 1, 0.5 and −1 at T = 5. Softmax is nearly even: 0.32, 0.26, 0.24 and 0.18, with an entropy of 1.97 bits.
# The sigmoids have come closer to one half: 0.60, 0.55, 0.52 and 0.45.](images/06b_softmax_hot.png)
#
# Three uses follow: to calibrate a network, to distil it, and to draw text from it.

# %% [markdown]
# ## Calibration
#
# A network that says "90 %" should be right nine times out of ten. Networks trained long on few data are often
# surer than that. The next one has learned 300 noisy digits by heart.

# %%
sure_guess = Prediction(
    "On digits it has not seen, this network gives its predictions a mean probability of 92 %. How many of them are "
    "right?",
    choices=["about 92 %", "about 85 %", "about 77 %", "about 50 %"],
)
sure_guess

# %% [markdown] tags=["section:A5"]
# To **calibrate** it, take data that were not used for training, and find the temperature at which their *negative
# log-likelihood* (NLL), the mean cross-entropy, is lowest. Then test on other data (Guo, Pleiss, Sun and Weinberger,
# *On calibration of modern neural networks*, 2017). The **expected calibration error** puts predictions into bins by
# confidence and compares:
#
# $$\mathrm{ECE} = \sum_b \frac{n_b}{n}\, \bigl|\,\text{share right in bin } b - \text{mean confidence in bin } b\,\bigr|.$$
#
# No prediction changes, so the accuracy stays. $T$ need not be above 1: a network that was stopped
# after a few steps is not sure enough, and its best $T$ is below 1.

# %%
columns = {"training": "", "T": ".2f", "right": ".1%", "confidence": ".1%", "NLL": "", "ECE": ""}
table = Table("test digits, before → after the temperature that was fitted on other digits", columns)
for steps, seed in ((150, 0), (150, 1), (150, 2), (8, 0), (8, 1), (8, 2)):
    fitting, test = held_out_outputs(seed, steps)
    T = best_on_grid(fitting)
    before, after = reliability(test, 1.0), reliability(test, T)
    right = (test.logits.argmax(1) == test.y).double().mean().item()
    confidence = torch.softmax(test.logits, dim=1).amax(1).mean().item()
    found = (nll(test, 1.0), nll(test, T)), (before.ece, after.ece)
    table.add(f"{steps} steps, seed {seed}", T, right, confidence, *(f"{old:.3f} → {new:.3f}" for old, new in found))
    if (steps, seed) == (150, 0):
        measured = right
table.show()
sure_guess.compare(f"about {measured:.0%}")

# %% [markdown]
# In the demo each black dot is a bin of predictions. On the dotted diagonal, confidence and share of right answers
# are the same.
# 1. At $T = 1$, on which side of the diagonal are the dots? What does that say?
# 2. Find the lowest NLL, then the lowest ECE. Are they at the same temperature?
# 3. Go far above it. What is wrong now?
# 4. Change the number of bins. Which of NLL and ECE depends on it?
#
# ![At T = 1. Left, a reliability diagram: nearly all dots lie below the diagonal, and three quarters of the digits
# are in the last bin, above 90 % confidence. Right, NLL and ECE against the temperature for fitting and test
# digits; both curves fall to a minimum between 2 and 4 and rise again.](images/06b_calibration_before.png)
#
# ![At T = 2.8. The dots lie close to the diagonal, except in the two lowest bins, which hold few digits; the others
# are spread over the bins from 0.4 to 1. NLL and ECE are near their minimum.](images/06b_calibration_after.png)

# %%
Calibration()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. Below it: mean confidence is 91.8 %, right are 77.2 %. The network is too sure of itself.
# 2. Not quite, but near: on the test digits the NLL is lowest at 2.70 and the ECE at 2.60. On the digits for fitting
#    both are lowest at 2.80, the star.
# 3. The network is not sure enough. At $T = 6$ its confidence is 50.1 % where 77.2 % are right, and the ECE is 0.273,
#    larger than at $T = 1$.
# 4. The ECE: at $T = 1$ it is 0.146 with 4 bins and 0.149 with 25. The NLL, 1.083, knows no bins.
#
# </details>

# %% [markdown]
# ### Your turn: the calibration error
#
# Write the ECE. Bins are equally wide, and an edge belongs to the bin above it: with 10 of them, the first holds confidences
# from 0 to just below 0.1, the second from 0.1 to just below 0.2, and the last from 0.9 to 1, with 1. A bin without
# predictions counts nothing.

# %%
def calibration_error(confidence, right, bins=10):
    """Return the ECE; confidence is a tensor of numbers from 0 to 1, right has 1.0 where a prediction is right, else 0.0."""
    raise NotImplementedError  # your code: 5 to 8 lines

# %%
c, r = [0.95, 0.97, 0.91, 0.99, 0.62, 0.68], [1.0, 0, 1, 1, 1, 1]


def expect_error(c, r, bins, wanted):
    found = calibration_error(torch.tensor(c).double(), torch.tensor(r).double(), bins)
    expect_close(found, wanted, rtol=1e-5)


checks = Checks("calibration_error", points=6)
with checks("one bin for all: how far the share of right answers is from the mean confidence"):
    expect_error(c, r, 1, 0.12 / 6)
with checks("two bins in use: each counts by how many predictions it has"):
    expect_error(c, r, 10, 0.82 / 6 + 0.70 / 6)
with checks("an edge belongs to the bin above it"):
    expect_error([0.5, 0.75], [1.0, 0], 2, 0.25 / 2)
    expect_error([0.25, 0.375, 0.75], [1.0, 0, 1], 4, 0.375 / 3 + 0.25 / 3)
with checks("0 is in the first bin and 1 in the last"):
    expect_error([0.0, 0.0625], [1.0, 0], 10, 0.9375 / 2)
    expect_error([1.0, 0.95], [0.0, 1], 10, 0.95 / 2)
with checks("too sure here and not sure enough there do not cancel"):
    expect_error([0.95, 0.55], [0.0, 1], 10, 0.7)
with checks("the network above: as the table says"):
    _, outputs = held_out_outputs(0, 150)
    probability, predicted = torch.softmax(outputs.logits.double(), dim=1).max(dim=1)
    expect_close(calibration_error(probability, (predicted == outputs.y).double()), reliability(outputs, 1.0).ece, rtol=1e-4)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def calibration_error(confidence, right, bins=10):
#     number = (confidence * bins).long().clamp(max=bins - 1)  # of the bin that each prediction is in
#     error = 0.0
#     for b in range(bins):
#         inside = number == b
#         if inside.any():
#             gap = (right[inside].mean() - confidence[inside].mean()).abs().item()
#             error += inside.double().mean().item() * gap
#     return error
# ```
#
# </details>

# %% [markdown] tags=["section:A5"]
# ## Distillation
#
# A large *teacher* knows more than the label: that this 8 could almost be a 3, and is nothing like a 6. These hints
# are in its small probabilities, and at $T = 1$ they are too small to teach much. So a *student* is trained on the
# teacher's probabilities at a higher temperature, with its own logits divided by the same $T$ (Hinton, Vinyals and
# Dean, *Distilling the knowledge in a neural network*, 2015). The gradients shrink about like $1/T^2$, so the loss is
# multiplied by $T^2$.
#
# Here the teacher has seen 1000 noisy digits, the student sees 100.

# %%
digit_x, digit_y = noisy_digits()


def trained(model, targets, T=1.0, steps=100):
    """Train on as many digits as there are targets: classes, or probabilities at temperature T."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    samples = batches(digit_x[: len(targets)], targets, steps=steps)
    list(descend(model, lambda z, t: T**2 * F.cross_entropy(z / T, t), samples, optimizer))
    with torch.no_grad():
        return model, (model(digit_x[1000:]).argmax(1) == digit_y[1000:]).double().mean().item()


teacher, taught = trained(make_network(64, seed=99), digit_y[:1000])
hints = teacher(digit_x[:100]).detach()
table = Table(f"what the teacher says of a digit {digit_y[3]}", {"T": ".0f", **{str(digit): ".3f" for digit in range(10)}})
for T in (1.0, 4.0):
    table.add(T, *torch.softmax(hints[3] / T, 0))
table.show()
table = Table("share of unseen digits that are right, 5 seeds: median (smallest to largest)", {"": "", "right": ".1%"})
table.add("the teacher", taught)
for name, T in (("labels only", None), ("teacher, T = 1", 1.0), ("teacher, T = 4", 4.0)):
    targets = digit_y[:100] if T is None else torch.softmax(hints / T, dim=1)
    table.add(f"student: {name}", [trained(make_network(32, seed), targets, T or 1.0)[1] for seed in range(5)])
table.show()

# %% [markdown]
# At $T = 1$ the teacher's probabilities help little: the ranges over the seeds overlap with those of the labels. At $T = 4$
# every student is better than every student that saw labels only. It is the same 100 digits; what comes on top is
# what the teacher learned from the other 900, passed on through the hints.

# %% [markdown] tags=["section:A5"]
# ## Decoding
#
# A language model gives logits for the next piece of text, and the temperature decides how one is drawn. Small $T$:
# nearly always the likeliest, safe and repetitive. Large $T$: varied, and in the end nonsense.
#
# You will read *0.8 to 1.2 for creative text, below 0.5 for facts*. As habits with today's large models these numbers
# are fair. As a rule they cannot hold, for two reasons. The same $T$ means something else for another model: if its
# logits are twice as large, $T = 2$ does there what $T = 1$ does here, since only $z/T$ counts. And a low temperature
# makes text *predictable*, not true: a model that believes something false says it more surely at $T = 0.2$.
#
# Our model is as small as can be: logits are the logarithms of how often a letter follows three others, in the
# descriptions that come with scikit-learn's data sets. A small number is added to each count, so that nothing is
# impossible.

# %%
names = ("iris", "wine", "breast_cancer", "digits", "diabetes")
raw = " ".join(getattr(datasets, f"load_{name}")().DESCR.lower() for name in names)
text = " ".join("".join(c if "a" <= c <= "z" else " " for c in raw).split())
letters = sorted(set(text))
codes = torch.tensor([letters.index(c) for c in text])
counts = torch.full((27, 27, 27, 27), 0.001)
counts.index_put_((codes[:-3], codes[1:-2], codes[2:-1], codes[3:]), torch.ones(len(codes) - 3), accumulate=True)
next_logits = counts.log()


def write(T, seed, length=300):
    generator, written = torch.Generator().manual_seed(seed), codes[:3].tolist()
    for _ in range(length):
        p = torch.softmax(next_logits[tuple(written[-3:])] / T, dim=0)
        written.append(torch.multinomial(p, 1, generator=generator).item())
    return "".join(letters[code] for code in written)


columns = {"T": "g", "words of the text": ".0%", "different words": ".0%"}
table = Table("what is written, 5 seeds: median (smallest to largest)", columns)
for T in (0.2, 0.6, 1.0, 1.5):
    texts = [write(T, seed).split()[:-1] for seed in range(5)]  # the last word may be cut off
    known = [np.mean([word in text.split() for word in words]) for words in texts]
    table.add(T, known, [len(set(words)) / len(words) for words in texts])
    print(f"T = {T}: {' '.join(texts[0])[:88]}…")
table.show()

# %% [markdown]
# For this model 0.8 to 1.2 is nothing special. From 0.2 to 1.5 the texts lose their words and repeat less. Neighbours
# need not differ: in the share of known words 0.6 and 1.0 lie within each other's spread.

# %% [markdown]
# ### Leaving out the unlikely: top-k and top-p
#
# Each unlikely piece has a small probability, but there are many of them, and one is enough to spoil a text. So most
# programs cut before they draw. *Top-k* keeps the $k$ likeliest pieces. *Top-p*, or *nucleus sampling* (Holtzman, Buys,
# Du, Forbes and Choi, *The Curious Case of Neural Text Degeneration*, 2020), keeps the **fewest pieces, likeliest first,
# that have at least the probability $p$ together**: few where the model is sure, many where it is not. What is cut gets
# the logit $-\infty$, which softmax turns into 0. The temperature
# usually comes before: it decides what is unlikely.

# %% [markdown]
# ### Your turn: top-p
#
# Write it, for the logits of one position and $0 < p \le 1$. Of equally likely pieces it does not matter which is kept, but no
# more than needed are; $p = 1$ cuts nothing. `sort` with `descending=True` gives values and places, `cumsum` running sums.

# %%
def top_p(logits, p):
    """Return a copy of the logits, one axis, with −inf in the place of all that top-p cuts."""
    raise NotImplementedError  # your code: 4 to 6 lines

# %%
shares = torch.tensor([0.10, 0.50, 0.05, 0.20, 0.15], dtype=torch.float64)
logits, cut = shares.log() + 3, -math.inf  # adding 3 changes no probability
checks = Checks("top_p", points=6)
with checks("the likeliest that have p together stay in their places, all others are −inf"):
    expect_close(top_p(logits.clone(), 0.6), [cut, logits[1], cut, logits[3], cut], rtol=1e-5)
with checks("the piece that reaches p is kept"):
    expect_close(top_p(logits.clone(), 0.8), [cut, logits[1], cut, logits[3], logits[4]], rtol=1e-5)
with checks("one piece that has p by itself is enough, and at least one stays"):
    for p in (0.45, 0.01):
        expect_close(top_p(logits.clone(), p), [cut, logits[1], cut, cut, cut], rtol=1e-5)
with checks("of equally likely pieces no more than needed"):
    for even, p in ((torch.full((4,), 2.0), 0.4), (torch.zeros(4), 0.5)):
        kept = np.isfinite(numbers(top_p(even, p))).sum()
        assert kept == 2, f"Any two of these four have {p} together; you keep {kept}."
with checks("p = 1 cuts nothing"):
    for even in (torch.zeros(8).double(), torch.zeros(10).double()):
        expect_close(top_p(even.clone(), 1.0), even)
with checks("the logits that were given are as before"):
    given = logits.clone()
    top_p(given, 0.6)
    expect_close(given, logits, rtol=1e-9)
checks.score()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def top_p(logits, p):
#     likely, places = torch.softmax(logits, dim=0).sort(descending=True)
#     before = likely.cumsum(dim=0) - likely  # what those in front have together
#     kept = places[before < p]
#     cut = torch.full_like(logits, -torch.inf)
#     cut[kept] = logits[kept]
#     return cut
# ```
#
# </details>

# %% [markdown]
# ## Quiz
#
# Every answer has its own feedback. Nothing is graded.

# %%
Quiz("06b_temperature_and_calibration")

# %% [markdown]
# ## Recap
#
# - A temperature divides the logits. It changes how sure softmax is, never which class is largest.
# - A calibrated network is right as often as it says. $T$ is found on held-out data, and may be above or below 1.
# - NLL has no bins; the ECE has, and depends on them.
# - $T > 1$ makes a teacher's hints visible to a student; multiply the loss by $T^2$.
# - In decoding $T$ trades safety for variety; top-p cuts what is unlikely. Neither makes text true.
#
# ## What comes next
#
# - Exercise [ps5_outputs_and_losses](../../release/ps5_outputs_and_losses/ps5_outputs_and_losses.ipynb): its task on the
#   temperature.
# - [Lesson 07a](07a_choosing.ipynb): choosing an activation.
