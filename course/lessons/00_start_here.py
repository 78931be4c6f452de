# %% [markdown]
# # Start here: how this course works
#
# **Goals.** After this lesson you can
# - run a lesson, and read one without running anything;
# - record a prediction and compare it with the result;
# - move a demo with the mouse or with the keyboard;
# - read a table of checks, and mend an answer until it is green;
# - say what the Validate button tells you, and what it does not;
# - get a notebook going again that is stuck.
#
# **Time.** 25 minutes.
#
# **You need.** This notebook open in JupyterLab. To open it, type `make lab` in the folder of the course, or
# `python -m course.lab` where there is no make.

# %% [markdown]
# ## Run a cell
#
# A lesson is a list of cells, some of text and some of Python. Click the cell below and press **Shift+Enter**. It runs, and
# the next cell is selected. Go through the lesson like this, from top to bottom.
#
# Left of a cell stands `[ ]` before it has run, `[*]` while it runs, and a number after that. The first cell of Python
# in each lesson brings in what the others use, so run it first. The first run of the day takes some seconds.
#
# Python prints very small and very large numbers with an `e`: `5e-11` is $5 \cdot 10^{-11}$.

# %%
import numpy as np

from course.checks import Checks, expect_array, expect_close
from course.demos.one_neuron import OneNeuron
from course.widgets.predict import Prediction
from course.widgets.quiz import Quiz
from course.widgets.start_page import StartPage
from course.widgets.tables import Table

# %% [markdown]
# ## Where you are
#
# The next cell shows what you have done in each lesson and what comes next. On the first day nothing is done. Come back
# here on any other day and run the two cells above and below this text: predictions, quiz answers, ratings of interview cards
# and checks that passed are kept on your machine from one session to the next. In a lesson, run a cell again and it shows what
# you answered. A question that a newer version of the course asks in other words is open again.
#
# Nothing of it leaves your machine, and it is no part of what you submit. *Forget my progress* deletes it.

# %%
StartPage()

# %% [markdown]
# ## What this course is about
#
# One neuron with one input $x$ does two things. It computes the *pre-activation* $z = w\,x + b$ with its *weight* $w$ and
# its *bias* $b$. Then it puts $z$ through an *activation function* $f$, and $f(z)$ is its output. The most common one is
# *ReLU*: it keeps positive numbers and replaces negative ones by 0.
#
# The whole course is about the choice of $f$. Here is the arithmetic for $w = 2$, $b = -3$ and two inputs.

# %%
table = Table("a neuron with w = 2 and b = −3", {"x": "g", "pre-activation z": "g", "output of ReLU": "g"})
for x in (3.0, -3.0):
    z = 2 * x - 3
    table.add(x, z, max(0.0, z))
table.show()

# %% [markdown]
# ## Predict, then run
#
# You learn more from a result if you have guessed it first. So before a surprise a lesson asks for your prediction.
# Type it, press the button, then run the next cell. It shows both, side by side. A wrong guess costs
# nothing. If you do not want to guess, just go on.

# %%
switch_guess = Prediction(
    "The neuron with $w = 2$, $b = -3$ and ReLU puts out 0 for every $x$ up to some point. Where is that point?"
)
switch_guess

# %%
x = np.linspace(-3, 3, 49)  # steps of 1/8
output = np.maximum(0, 2 * x - 3)
print("output at x = 1, 1.25, 1.5, 1.75, 2:", output[32:41:2])
switch_guess.compare(x[output == 0].max())

# %% [markdown]
# ## Move a demo
#
# Demos have sliders and buttons. Drag a slider, or click it and use the **arrow keys**: one step each. **Page Up** and
# **Page Down** take larger steps, **Home** and **End** go to the ends. Without a mouse: press **Esc** in the demo's cell, then
# **Tab** until you are on the control. Beside the picture, or below it in a narrow window, stand
# its numbers and the picture in words, so you can work without seeing it.
#
# While you look at a demo, it sends pictures for the next moves. On a slow network, run `%env DRAW_AHEAD=0` in a cell
# first: that switches it off.
#
# ![A ReLU neuron with weight 1.5 and bias −1. Over the input x from −3 to 3, a dotted grey line is the pre-activation
# 1.5 x − 1. The output, a dash-dot green line, is 0 up to the diamond at x = 0.667 and follows the dotted line after it. A
# vertical line marks x = 2, where the output is 2.](images/00_one_neuron.png)
#
# Run the next cell, and find out what follows. The answers are folded below each demo: click *Answers*, or go there with
# **Tab** and press **Enter**.
# 1. What does the bias do to the point where the output leaves 0? And the weight?
# 2. Make the weight negative. On which side is the neuron active now?
# 3. Choose sigmoid or tanh. Which values can the output reach?
# 4. Choose the identity, a neuron without activation. Which pictures can you make with weight and bias?

# %%
OneNeuron()

# %% [markdown]
# <details><summary>Answers</summary>
#
# 1. The point is $x = -b/w$. With $w = 1.5$ it moves from 0.667 to −0.667 when $b$ goes from −1 to 1. A larger weight
#    moves it towards 0 and makes the line steeper.
# 2. On the left. With $w = -1$, $b = 1$ the neuron is active for $x$ below 1.000.
# 3. The sigmoid stays between 0 and 1: at $w = 2$, $b = 0$, $x = 3$ it is 0.9975. tanh stays between −1 and 1; there
#    it already reads 1.0000, which is rounding.
# 4. Straight lines, all of them, and nothing else.
#
# </details>

# %% [markdown]
# The output leaves 0 where $w\,x + b = 0$, at $x = -b/w$. The bias moves that point and the weight sets how steep the line
# is, and to which side the neuron is active. The identity, a neuron without activation, is a straight line whatever you do.

# %% [markdown]
# ## Checks tell you what is wrong
#
# In an assignment you write a function, and a cell of checks below it says at once how you are doing. Try it
# here. The next cell has a mistake. Run it, then run the checks.

# %%
def neuron(x, w, b):
    """Outputs of one ReLU neuron for an array of inputs x."""
    return np.maximum(0, w * x - b)

# %%
checks = Checks("neuron", points=3)
x = np.array([-3.0, 0.0, 1.0, 3.0])
with checks("returns an array of the same shape"):
    expect_array(neuron(x, 2.0, 0.0), shape=x.shape)
with checks("right without bias"):
    expect_close(neuron(x, 2.0, 0.0), [0.0, 0.0, 2.0, 6.0], x=x)
with checks("right with bias −1"):
    expect_close(neuron(x, 2.0, -1.0), [0.0, 0.0, 1.0, 5.0], x=x)
checks.score()

# %% [markdown]
# Each row is one check. A failed one says where it looked, what your function returned, and what it should have been. Compare the
# code with $z = w\,x + b$, mend it, and run **both** cells again: first the function, then the checks. All rows
# should pass now. In an assignment a check that fails costs its own points only.

# %% [markdown]
# ## Assignments
#
# They are notebooks of their own, each in a folder beside `lessons`. The first is
# [ps1_from_scratch](../../release/ps1_from_scratch/ps1_from_scratch.ipynb), after lesson 02. If the link finds nothing,
# fetch it: *Nbgrader → Assignment List*, then **Fetch**. You submit what is in that folder in the same list.
#
# 1. Write your answer where the cell says `raise NotImplementedError`. Until then its checks say *Not written yet*.
# 2. Run the checks as often as you like. Some cells are locked: they are put back before grading.
# 3. At the end choose *Kernel → Restart Kernel and Run All Cells…*, then press **Validate** in the toolbar. It runs the whole
#    notebook from top to bottom in a fresh kernel and lists the checks that fail.
#
# Validate runs the checks that you can see. At grading there are more, on other inputs: so it tells you that nothing obvious is
# wrong, not that you have all points. Lessons are not graded, so Validate is not for them.

# %% [markdown]
# ## When something is stuck
#
# All cells of a notebook share one Python process, the *kernel*. It remembers everything that has been run, in the order in
# which you ran it, also from cells that you have changed or deleted since. Most surprises come from this.
#
# | what you see | what to do |
# |---|---|
# | `NameError: name … is not defined` | a cell above has not been run: *Run → Run All Above Selected Cell* |
# | you changed a function and nothing changes | run its cell again, then the cells that use it |
# | `[*]` for more than a minute | *Kernel → Interrupt Kernel*, or press Esc, then I twice |
# | it still hangs, or nothing makes sense | *Kernel → Restart Kernel…*, or press Esc, then 0 twice; then run from the top |
# | a demo does not move | run its cell again, after the first cell of the lesson |
# | a lesson you changed is broken | delete it, and start with `make lab` once more: you get a fresh copy |
#
# A restart forgets all results. It deletes nothing that you have written in a cell, and what you predicted and answered shows
# again once its cells have run.

# %% [markdown]
# ## Read without running
#
# A lesson makes sense on paper and on a web page too. Each demo has a picture like the one above, with a description for screen
# readers, and what a run shows is said in the text after it. Formulas and code are all there. What you miss is the
# playing, the feedback of the quiz, and your own prediction.

# %% [markdown]
# ## Quiz
#
# Each lesson ends with one. Choose an answer and press its button: every choice, right or wrong, has its own explanation.
# Nothing is graded and you can try as often as you like.

# %%
Quiz("00_start_here")

# %% [markdown]
# ## Recap
#
# - Shift+Enter runs a cell. Go from top to bottom; results come from the last *run*, not from what the cells say now.
# - Predict before you run, move the demos by mouse or arrow keys, read the feedback of the quiz.
# - A failed check names the input, your result and the expected one. Validate shows visible checks; grading has more.
# - Stuck: interrupt, restart the kernel, run from the top.
# - A neuron computes $f(w\,x + b)$. With ReLU it leaves 0 at $x = -b/w$.
#
# ## What comes next
#
# - [Lesson 01](01_why_nonlinearity.ipynb): why a network needs the function $f$ at all.
# - The [list of lessons](../README.md), with the minutes each one takes.
