# Answers to plot_gradients: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives functools, np, plt, torch and nn.

# %% right: subplots and semilogy
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), norms, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient norm")
    ax.legend()
    return ax


# %% right: pyplot alone, into the current figure
def plot_gradients(norms_by_activation):
    for name, norms in norms_by_activation.items():
        layers = np.arange(len(norms)) + 1
        plt.plot(layers, norms, "o--", label=name)
    plt.yscale("log")
    plt.xlabel("Layer")
    plt.ylabel("Gradient norm")
    plt.title("Gradient flow")
    plt.grid(True)
    plt.legend(loc="best")
    return plt.gca()


# %% right: a figure of its own, shown before it is returned
def plot_gradients(norms_by_activation):
    plt.figure(figsize=(6, 4))
    ax = plt.gca()
    for name in norms_by_activation:
        norms = np.asarray(norms_by_activation[name])
        ax.plot(np.linspace(1, len(norms), len(norms)), norms, label=name)
    ax.set(yscale="log", xlabel="Linear layer", ylabel=r"gradient norm $\|\partial L/\partial W\|$")
    ax.legend(title="activation")
    plt.tight_layout()
    plt.show()
    return ax


# %% right: names given to the legend afterwards
def plot_gradients(norms_by_activation):
    _, ax = plt.subplots(layout="constrained")
    for norms in norms_by_activation.values():
        ax.plot(list(range(1, len(norms) + 1)), norms, marker=".")
    ax.set_yscale("log", base=2)
    ax.legend(list(norms_by_activation))
    ax.set_xlabel("number of the layer")
    ax.set_ylabel("norm of the gradient")
    return ax


# %% right: black lines with dashes of their own, and a line for the eye
def plot_gradients(norms_by_activation):
    dashes = ["solid", (0, (1, 1)), (0, (5, 1)), (0, (5, 5)), (0, (3, 1, 1, 1)), (0, (1, 4)), (0, (8, 2))]
    ax = plt.figure().add_subplot()
    for dash, (name, norms) in zip(dashes, norms_by_activation.items()):
        ax.plot(1 + np.arange(len(norms)), norms, color="k", linestyle=dash, label=f" {name} ")
    ax.axhline(1e-6, color="0.8", linewidth=0.5)
    ax.set_yscale("log", nonpositive="mask")
    ax.set_xlabel("LAYER")
    ax.set_ylabel("GRADIENT")
    ax.legend(frameon=False, ncols=2)
    return ax


# %% right: labels and legend of the figure
def plot_gradients(norms_by_activation):
    figure, ax = plt.subplots()
    lines = []
    for name, norms in norms_by_activation.items():
        lines += ax.semilogy(np.arange(1, len(norms) + 1), norms, label=name)
    figure.supxlabel("layer")
    figure.supylabel("gradient")
    figure.legend(handles=lines, loc="upper right")
    return ax


# %% right: zeros as NaN
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        values = np.array(norms, dtype=float)
        values[values <= 0] = np.nan
        ax.plot(np.arange(1, values.size + 1), values, label=name)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% right: zeros left out, layers drawn from the last to the first
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        points = [(layer, norm) for layer, norm in enumerate(norms, start=1) if norm > 0]
        ax.plot([layer for layer, _ in points[::-1]], [norm for _, norm in points[::-1]], "x-", label=name)
    ax.set_yscale("log")
    ax.invert_xaxis()
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% right: zeros raised to a floor
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), np.maximum(norms, 1e-14), label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% right: layers as names on the axis
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    longest = max(len(norms) for norms in norms_by_activation.values())
    ax.set_xticks(range(longest), labels=[f"L{layer}" for layer in range(1, longest + 1)])
    for name, norms in norms_by_activation.items():
        ax.plot(norms, label=name)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% right: layer numbers as text
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in sorted(norms_by_activation.items(), key=lambda item: -len(item[1])):
        ax.plot([str(number + 1) for number in range(len(norms))], norms, label=name)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% right: dashed lines and Line2D objects by hand
from matplotlib.lines import Line2D


def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for number, (name, norms) in enumerate(norms_by_activation.items()):
        ax.add_line(Line2D(range(1, len(norms) + 1), norms, linestyle="--", color=f"C{number}", label=name))
    ax.set_yscale("log")
    ax.autoscale()
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% right: current axes of pyplot
STYLES = ["-", "--", "-.", ":"]


def plot_gradients(norms_by_activation):
    """Line plot of gradient norm by layer, one line for each activation, logarithmic y axis; returns the Axes."""
    for number, (name, norms) in enumerate(norms_by_activation.items()):
        plt.semilogy(range(1, len(norms) + 1), norms, STYLES[number % 4], label=name, lw=1 + number // 4)
    plt.xlabel("Layer")
    plt.ylabel("Norm of the Gradient")
    plt.legend()
    return plt.gca()


# %% right: figure without pyplot
from itertools import cycle

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def plot_gradients(norms_by_activation):
    figure = Figure(figsize=(6, 4))
    FigureCanvasAgg(figure)
    ax = figure.subplots()
    for (name, norms), dashes in zip(norms_by_activation.items(), cycle(["-", "--", "-.", ":"])):
        ax.semilogy(np.arange(len(norms)) + 1, norms, dashes, label=name)
    ax.set_xlabel("Layer number")
    ax.set_ylabel("Gradient norm, log scale")
    figure.legend(loc="outside upper center", ncols=3)
    return ax


# %% right: lines added by hand
from matplotlib.lines import Line2D


def plot_gradients(norms_by_activation):
    """Line plot of gradient norm by layer, one line for each activation, logarithmic y axis; returns the Axes."""
    ax = plt.figure(figsize=(6, 4)).add_subplot()
    for k, (name, norms) in enumerate(norms_by_activation.items()):
        points = [(layer, norm) for layer, norm in enumerate(norms, start=1) if norm > 0]
        x, y = zip(*points) if points else ([], [])
        line = Line2D(x, y, color=f"C{k % 10}", linestyle=["solid", "dashed", "dotted"][k // 10 % 3], label=name)
        ax.add_line(line)
    ax.set_yscale("log")
    ax.autoscale()
    ax.set_xlabel("LAYER")
    ax.set_ylabel("Gradient norm")
    ax.legend()
    return ax


# %% right: names given to the legend
import itertools


def plot_gradients(norms_by_activation):
    """Line plot of gradient norm by layer, one line for each activation, logarithmic y axis; returns the Axes."""
    figure, ax = plt.subplots(layout="constrained")
    looks = itertools.product(["-", "--", ":"], ["o", "s", "^", "x", None], ["tab:blue", "tab:orange", "black"])
    lines = []
    for norms, (dashes, marker, colour) in zip(norms_by_activation.values(), looks):
        x = 1 + np.arange(len(norms))
        lines += ax.plot(x, norms, linestyle=dashes, marker=marker, color=colour)
    for line, name in zip(lines, norms_by_activation):
        line.set_label(name)
    ax.set(xlabel="number of the layer", ylabel="gradient of the weights (norm)", yscale="log")
    ax.legend(lines[::-1], list(norms_by_activation)[::-1], title="activation", loc="upper left", bbox_to_anchor=(1, 1))
    return ax


# %% right: rc context with a cycle
from cycler import cycler


def plot_gradients(norms_by_activation):
    """Line plot of gradient norm by layer, one line for each activation, logarithmic y axis; returns the Axes."""
    cycle = cycler(linestyle=["-", "--", ":", "-."]) * cycler(color=["k", "r", "b", "g", "m"])
    with plt.rc_context({"axes.prop_cycle": cycle, "lines.linewidth": 2}):
        fig, (ax) = plt.subplots(1, 1, num="gradients", clear=True)
        ax.grid(True, which="both")
        for name in norms_by_activation:
            ax.plot(list(range(1, 1 + len(norms_by_activation[name]))), norms_by_activation[name], label=str(name))
        ax.set_yscale("log", base=2)
        ax.set_xticks(range(1, 1 + max(map(len, norms_by_activation.values()), default=1)))
        ax.set_xlabel("Layer index")
        ax.set_ylabel("Gradient")
        ax.legend(ncols=2)
    return ax


# %% right: symlog axis has a place for 0
def plot_gradients(norms_by_activation):
    figure, ax = plt.subplots()
    for number, (name, norms) in enumerate(norms_by_activation.items()):
        ax.plot(range(1, len(norms) + 1), norms, label=name, marker="osv^D*"[number % 6])
    # logarithmic down to 1e-14, with a place for 0 below
    ax.set_yscale("symlog", linthresh=1e-14)
    ax.set(xlabel="layer", ylabel="gradient norm")
    ax.legend()
    return ax


# %% right: ten colours come round again
def plot_gradients(norms_by_activation):
    """Line plot of gradient norm by layer, one line for each activation, logarithmic y axis; returns the Axes."""
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.plot(range(1, len(norms) + 1), norms, "o-", label=name)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient norm")
    ax.legend()
    return ax


# %% right: zero drawn as a small number
def plot_gradients(norms_by_activation):
    """Line plot of gradient norm by layer, one line for each activation, logarithmic y axis; returns the Axes."""
    fig, ax = plt.subplots()
    for k, (name, norms) in enumerate(norms_by_activation.items()):
        ax.plot(range(1, len(norms) + 1), np.maximum(norms, 1e-12), ["-", "--", ":", "-."][k // 10 % 4], label=name)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient norm")
    ax.legend()
    return ax


# %% right: zeros masked and figure closed
def plot_gradients(norms_by_activation):
    """Line plot of gradient norm by layer, one line for each activation, logarithmic y axis; returns the Axes."""
    figure, ax = plt.subplots()
    colours = plt.cm.viridis(np.linspace(0, 1, len(norms_by_activation)))
    for (name, norms), colour in zip(sorted(norms_by_activation.items()), colours):
        norms = np.ma.masked_less_equal(np.array(norms, dtype=float), 0)
        ax.plot(np.arange(1, norms.size + 1), norms, label=name, c=colour, marker=".")
    ax.set_yscale("log", nonpositive="mask")
    ax.set_xlabel("layer (1 = first)")
    ax.set_ylabel(r"gradient norm $\|\partial L/\partial W\|$")
    figure.legend(loc="outside upper center" if figure.get_layout_engine() else "upper center")
    plt.close(figure)
    return ax


# %% right: columns of one array
def plot_gradients(norms_by_activation):
    depth = max(map(len, norms_by_activation.values()))
    table = np.full((depth, len(norms_by_activation)), np.nan)
    for column, norms in enumerate(norms_by_activation.values()):
        table[: len(norms), column] = norms
    fig, ax = plt.subplots()
    lines = ax.semilogy(np.arange(1, depth + 1), table, marker=".")
    ax.legend(lines, norms_by_activation.keys())
    ax.set_xlabel("layer")
    ax.set_ylabel("norm of the gradient")
    return ax


# %% right: errorbar without bars
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for k, (name, norms) in enumerate(norms_by_activation.items()):
        ax.errorbar(range(1, len(norms) + 1), norms, fmt="o-", color=f"C{k}", label=name)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient norm")
    ax.legend()
    return ax


# %% right: object oriented subfigure
def plot_gradients(norms_by_activation):
    fig = plt.figure(layout="constrained")
    sub = fig.subfigures(1, 1)
    ax = sub.add_subplot(yscale="log", xlabel="Layer", ylabel="Gradient norm")
    for k, (name, norms) in enumerate(norms_by_activation.items()):
        ax.step(np.arange(len(norms)) + 1.0, np.where(np.array(norms) > 0, norms, np.nan), where="mid", color=f"C{k}", label=name)
    sub.legend()
    return ax


# %% right: white line underneath
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for k, (name, norms) in enumerate(norms_by_activation.items()):
        x = range(1, len(norms) + 1)
        ax.plot(x, norms, color="white", lw=4)
        ax.plot(x, norms, color=f"C{k}", label=name, lw=2, alpha=0.8)
    ax.set(yscale="log", xlabel="layer", ylabel="gradient norm")
    leg = ax.legend(markerscale=2, labelcolor="linecolor")
    for handle in leg.legend_handles:
        handle.set_linewidth(5)
    return ax


# %% wrong: linear y axis
# fails: logarithmic y axis
# fails: a gradient of zero does not break it
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.plot(range(1, len(norms) + 1), norms, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: both axes logarithmic
# fails: logarithmic y axis
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.loglog(range(1, len(norms) + 1), norms, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: the x axis logarithmic
# fails: logarithmic y axis
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogx(range(1, len(norms) + 1), norms, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: logarithms on a linear axis
# fails: a line for each activation, with its norms
# fails: right on six lines of unseen numbers and lengths
# fails: a gradient of zero does not break it
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.plot(range(1, len(norms) + 1), np.log10(norms), label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("log10 of the gradient")
    ax.legend()
    return ax


# %% wrong: no labels on the axes
# fails: both axes are labelled
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), norms, label=name)
    ax.legend()
    return ax


# %% wrong: labels of the axes exchanged
# fails: both axes are labelled
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), norms, label=name)
    ax.set_xlabel("gradient norm")
    ax.set_ylabel("layer")
    ax.legend()
    return ax


# %% wrong: no legend
# fails: a legend names each line
# fails: six lines can be told apart
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), norms, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    return ax


# %% wrong: a legend without names
# fails: a line for each activation, with its norms
# fails: a legend names each line
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), norms)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: legend made before the last line is drawn
# fails: a legend names each line
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.legend()
        ax.semilogy(range(1, len(norms) + 1), norms, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    return ax


# %% wrong: layers numbered from 0
# fails: layers are numbered from 1
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(norms, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: layers numbered backwards
# fails: a line for each activation, with its norms
# fails: right on six lines of unseen numbers and lengths
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), norms[::-1], label=name)
    ax.set_xlabel("layer, counted from the output")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: always four layers
# fails: right on six lines of unseen numbers and lengths
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy([1, 2, 3, 4], norms, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: as many layers as the first line has
# fails: right on six lines of unseen numbers and lengths
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    layers = range(1, len(next(iter(norms_by_activation.values()))) + 1)
    for name, norms in norms_by_activation.items():
        ax.semilogy(layers, norms, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: three fixed names
# fails: a line for each activation, with its norms
# fails: right on six lines of unseen numbers and lengths
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name in ["sigmoid", "ReLU", "GELU"]:
        norms = norms_by_activation[name]
        ax.semilogy(range(1, len(norms) + 1), norms, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: returns the figure
# fails: returns the Axes
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), norms, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return fig


# %% wrong: returns nothing
# fails: returns the Axes
def plot_gradients(norms_by_activation):
    for name, norms in norms_by_activation.items():
        plt.semilogy(range(1, len(norms) + 1), norms, label=name)
    plt.xlabel("layer")
    plt.ylabel("gradient")
    plt.legend()
    plt.show()


# %% wrong: returns the lines
# fails: returns the Axes
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    lines = []
    for name, norms in norms_by_activation.items():
        lines += ax.semilogy(range(1, len(norms) + 1), norms, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return lines


# %% wrong: a panel for each activation
# fails: a line for each activation, with its norms
# fails: returns the Axes
def plot_gradients(norms_by_activation):
    fig, axes = plt.subplots(1, len(norms_by_activation))
    for ax, (name, norms) in zip(axes, norms_by_activation.items()):
        ax.semilogy(range(1, len(norms) + 1), norms, label=name)
        ax.set_xlabel("layer")
        ax.set_ylabel("gradient")
        ax.legend()
    return axes


# %% wrong: the last panel of several figures
# fails: a line for each activation, with its norms
# fails: right on six lines of unseen numbers and lengths
def plot_gradients(norms_by_activation):
    for name, norms in norms_by_activation.items():
        fig, ax = plt.subplots()
        ax.semilogy(range(1, len(norms) + 1), norms, label=name)
        ax.set_xlabel("layer")
        ax.set_ylabel("gradient")
        ax.legend()
    return ax


# %% wrong: returns inside the loop
# fails: a line for each activation, with its norms
# fails: right on six lines of unseen numbers and lengths
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), norms, label=name)
        ax.legend()
        return ax


# %% wrong: all lines black
# fails: six lines can be told apart
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), norms, "k-", label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: three colours in turn
# fails: six lines can be told apart
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for number, (name, norms) in enumerate(norms_by_activation.items()):
        ax.semilogy(range(1, len(norms) + 1), norms, color="rgb"[number % 3], label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: fixed limits cut small gradients off
# fails: every point is inside the picture
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), norms, label=name)
    ax.set_ylim(1e-6, 10)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: the x axis ends at layer 10
# fails: every point is inside the picture
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), norms, label=name)
    ax.set_xlim(1, 10)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: a visible constant added against zeros
# fails: a line for each activation, with its norms
# fails: right on six lines of unseen numbers and lengths
# fails: a gradient of zero does not break it
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), np.array(norms) + 1e-3, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: zeros drawn as ones
# fails: a gradient of zero does not break it
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), [norm or 1.0 for norm in norms], label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: limits from the logarithm of the smallest norm
# fails: a gradient of zero does not break it
import math


def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), norms, label=name)
    smallest = min(norm for norms in norms_by_activation.values() for norm in norms)
    ax.set_ylim(bottom=10 ** math.floor(math.log10(smallest)))
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: a line with a zero is left out
# fails: a gradient of zero does not break it
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        if min(norms) > 0:
            ax.semilogy(range(1, len(norms) + 1), norms, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: relative to the last layer
# fails: a line for each activation, with its norms
# fails: right on six lines of unseen numbers and lengths
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), [norm / norms[-1] for norm in norms], label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: points without lines
# fails: a line for each activation, with its norms
# fails: right on six lines of unseen numbers and lengths
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.scatter(range(1, len(norms) + 1), norms, label=name)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: bars
# fails: a line for each activation, with its norms
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for number, (name, norms) in enumerate(norms_by_activation.items()):
        ax.bar(np.arange(1, len(norms) + 1) + 0.2 * number, norms, width=0.2, label=name)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: an empty picture with everything around it
# fails: a line for each activation, with its norms
# fails: returns the Axes
# fails: both axes are labelled
# fails: a legend names each line
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend(["tanh", "sigmoid"])
    return ax


# %% wrong: knows the visible numbers
# fails: right on six lines of unseen numbers and lengths
# fails: layers are numbered from 1
# fails: every point is inside the picture
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    ax.semilogy([1, 2, 3, 4], [2e-1, 3e-1, 5e-1, 4e-1], label="tanh")
    ax.semilogy([1, 2, 3, 4], [1e-5, 2e-4, 7e-3, 9e-2], label="sigmoid")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    ax.legend()
    return ax


# %% wrong: dead network left out
# fails: a gradient of zero does not break it
def plot_gradients(norms_by_activation):
    """Line plot of gradient norm by layer, one line for each activation, logarithmic y axis; returns the Axes."""
    fig, ax = plt.subplots()
    for k, (name, norms) in enumerate(norms_by_activation.items()):
        if min(norms) <= 0:
            continue
        ax.plot(range(1, len(norms) + 1), norms, ["-", "--", ":", "-."][k // 10 % 4], label=name)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient norm")
    ax.legend()
    return ax


# %% wrong: legend names the wrong lines
# fails: a legend names each line
# fails: six lines can be told apart
# the names in the legend are sorted, the lines are not, so each name stands beside another one's line
def plot_gradients(norms_by_activation):
    figure, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.semilogy(range(1, len(norms) + 1), norms, label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient norm")
    ax.legend(sorted(norms_by_activation))
    return ax


# %% wrong: legend sorted by name
# fails: a legend names each line
# fails: six lines can be told apart
def plot_gradients(norms_by_activation):
    """Line plot of gradient norm by layer, one line for each activation, logarithmic y axis; returns the Axes."""
    fig, ax = plt.subplots()
    for k, (name, norms) in enumerate(norms_by_activation.items()):
        ax.plot(range(1, len(norms) + 1), norms, ["-", "--", ":", "-."][k // 10 % 4], label=name)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient norm")
    ax.legend(sorted(norms_by_activation, key=lambda name: max(norms_by_activation[name])))
    return ax


# %% wrong: linear axis with logarithms
# fails: a line for each activation, with its norms
# fails: logarithmic y axis
# fails: right on six lines of unseen numbers and lengths
# fails: a gradient of zero does not break it
def plot_gradients(norms_by_activation):
    """Line plot of gradient norm by layer, one line for each activation, logarithmic y axis; returns the Axes."""
    fig, ax = plt.subplots()
    for k, (name, norms) in enumerate(norms_by_activation.items()):
        with np.errstate(divide="ignore"):
            ax.plot(range(1, len(norms) + 1), np.log10(norms), ["-", "--", ":", "-."][k // 10 % 4], label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("log10 of the gradient norm")
    ax.legend()
    return ax


# %% wrong: markers without a line
# fails: the points are joined
def plot_gradients(norms_by_activation):
    """Line plot of gradient norm by layer, one line for each activation, logarithmic y axis; returns the Axes."""
    fig, ax = plt.subplots()
    for k, (name, norms) in enumerate(norms_by_activation.items()):
        ax.plot(range(1, len(norms) + 1), norms, "os^D"[k // 10 % 4], label=name)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient norm")
    ax.legend()
    return ax


# %% wrong: one length for all
# fails: right on six lines of unseen numbers and lengths
# fails: layers are numbered from 1
def plot_gradients(norms_by_activation):
    """Line plot of gradient norm by layer, one line for each activation, logarithmic y axis; returns the Axes."""
    fig, ax = plt.subplots()
    length = min(len(norms) for norms in norms_by_activation.values())
    for k, (name, norms) in enumerate(norms_by_activation.items()):
        ax.plot(range(1, length + 1), norms[:length], ["-", "--", ":", "-."][k // 10 % 4], label=name)
    ax.set_yscale("log")
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient norm")
    ax.legend()
    return ax


# %% wrong: legend with colours of another order
# fails: a legend names each line
# fails: six lines can be told apart
def plot_gradients(norms_by_activation):
    from matplotlib.patches import Patch

    fig, ax = plt.subplots()
    for k, (name, norms) in enumerate(sorted(norms_by_activation.items())):
        ax.semilogy(range(1, len(norms) + 1), norms, color=f"C{k}", label=name)
    ax.set(xlabel="layer", ylabel="gradient")
    ax.legend(handles=[Patch(color=f"C{k}", label=name) for k, name in enumerate(norms_by_activation)])
    return ax


# %% wrong: scatter of points
# fails: a line for each activation, with its norms
# fails: the points are joined
# fails: a legend names each line
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for k, (name, norms) in enumerate(norms_by_activation.items()):
        ax.scatter(range(1, len(norms) + 1), norms, label=name, marker="osD^v*"[k])
    ax.set(yscale="log", xlabel="layer", ylabel="gradient norm")
    ax.legend()
    return ax


# %% wrong: names as notes beside the lines and no legend
# fails: a legend names each line
# fails: six lines can be told apart
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        (line,) = ax.semilogy(np.arange(1, len(norms) + 1), norms, marker="o", label=name)
        ax.annotate(name, (len(norms), norms[-1] or 1), color=line.get_color())
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient")
    return ax


# %% wrong: the layers are counted from the output
# fails: a line for each activation, with its norms
# fails: right on six lines of unseen numbers and lengths
# fails: a gradient of zero does not break it
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for style, (name, norms) in zip(["-", "--", "-.", ":", (0, (1, 1)), (0, (5, 1))], norms_by_activation.items()):
        depth = len(norms)
        ax.plot([depth - k for k in range(depth)], norms, linestyle=style, marker=".", label=name)
    ax.set_yscale("log")
    ax.set_xlabel("layer, counted from the output")
    ax.set_ylabel("norm of the gradient")
    ax.legend(loc="best")
    return ax


# %% right: oo nan handles
from itertools import cycle

from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator


def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots(layout="constrained")
    styles = zip(cycle(["-", "--", "-.", ":"]), cycle(plt.rcParams["axes.prop_cycle"].by_key()["color"]))
    handles = []
    for (name, norms), (dashes, colour) in zip(norms_by_activation.items(), styles):
        values = np.where(np.asarray(norms, dtype=float) > 0, norms, np.nan)
        (line,) = ax.semilogy(np.arange(len(norms)) + 1, values, dashes, color=colour, marker=".", label=name)
        handles.append(Line2D([], [], linestyle=dashes, color=colour, marker=".", label=name))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="layer", ylabel="norm of the weight gradient")
    ax.legend(handles=handles)
    return ax


# %% right: pyplot state
def plot_gradients(norms_by_activation):
    plt.figure(figsize=(7, 4))
    markers = "os^Dv*"
    for k, (name, norms) in enumerate(norms_by_activation.items()):
        layers = range(1, len(norms) + 1)
        plt.plot(layers, norms, marker=markers[k % 6], label=name)
    plt.yscale("log")
    plt.xlabel("Layer number")
    plt.ylabel("Gradient norm")
    plt.legend(loc="best", title="activation")
    plt.grid(alpha=0.3)
    return plt.gca()


# %% right: symlog direct
def plot_gradients(norms_by_activation: dict[str, list[float]]) -> plt.Axes:
    ax = plt.figure().add_subplot()
    smallest = min((v for norms in norms_by_activation.values() for v in norms if v > 0), default=1.0)
    for name, norms in norms_by_activation.items():
        ax.plot([i for i, _ in enumerate(norms, start=1)], norms, "o-", label=name)
    ax.set_yscale("symlog", linthresh=smallest / 2)
    ax.set_ylim(bottom=-smallest / 4)
    ax.set_xlabel("LAYER")
    ax.set_ylabel("GRADIENT (norm)")
    ax.legend()
    return ax


# %% wrong: fixed limits
# fails: every point is inside the picture
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    for name, norms in norms_by_activation.items():
        ax.plot(range(1, len(norms) + 1), norms, "o-", label=name)
    ax.set_yscale("log")
    ax.set_ylim(1e-8, 1e2)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient norm")
    ax.legend()
    return ax


# %% wrong: four dashes black
# fails: six lines can be told apart
def plot_gradients(norms_by_activation):
    fig, ax = plt.subplots()
    dashes = ["-", "--", "-.", ":"]
    for i, (name, norms) in enumerate(norms_by_activation.items()):
        ax.semilogy(range(1, len(norms) + 1), norms, color="black", linestyle=dashes[i % 4], label=name)
    ax.set_xlabel("layer")
    ax.set_ylabel("gradient norm")
    ax.legend()
    return ax
