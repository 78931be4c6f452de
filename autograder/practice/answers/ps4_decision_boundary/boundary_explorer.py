# Answers to boundary_explorer: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives widgets, plt, np, torch, nn, ACTIVATIONS, DATA, train and plot_boundary.

# %% right: interactive
def boundary_explorer(data):
    def draw(activation):
        plot_boundary(train(activation, data), *data, plt.gca())
        plt.show()

    return widgets.interactive(draw, activation=ACTIVATIONS.keys())


# %% right: observe, and an Output that is cleared
from IPython.display import clear_output, display


def boundary_explorer(data):
    X, y = data
    dropdown = widgets.Dropdown(options=list(ACTIVATIONS), value="ReLU", description="activation")
    out = widgets.Output()

    def redraw(change=None):
        with out:
            clear_output(wait=True)
            fig, ax = plt.subplots()
            plot_boundary(train(dropdown.value, data), X, y, ax)
            display(fig)
            plt.close(fig)

    dropdown.observe(redraw, names="value")
    redraw()
    return widgets.VBox([dropdown, out])


# %% right: interactive_output inside a tab
def boundary_explorer(data):
    choice = widgets.Dropdown(options=[(name, kind) for name, kind in ACTIVATIONS.items()], description="activation:")

    def draw(activation):
        name = next(name for name, kind in ACTIVATIONS.items() if kind is activation)
        fig = plt.figure()
        plot_boundary(train(name, data), data[0], data[1], fig.add_subplot())
        plt.show()

    picture = widgets.interactive_output(draw, {"activation": choice})
    return widgets.Tab(children=[widgets.HBox([choice, picture])], titles=["Explorer"])


# %% right: a canvas of ipympl that is cleared
from ipympl.backend_nbagg import Canvas, FigureManager
from matplotlib.figure import Figure


def boundary_explorer(data):
    figure = Figure(figsize=(5, 4))
    canvas = Canvas(figure)
    FigureManager(canvas, 0)
    ax = figure.add_subplot()
    dropdown = widgets.Dropdown(description="activation", options=tuple(ACTIVATIONS))

    def redraw(change):
        ax.clear()
        plot_boundary(train(change["new"], data), data[0], data[1], ax)
        canvas.draw_idle()

    redraw({"new": dropdown.value})
    dropdown.observe(redraw, "value")
    return widgets.AppLayout(header=dropdown, center=canvas)


# %% right: a class that draws PNG images
import io

from matplotlib.figure import Figure


class boundary_explorer(widgets.VBox):
    def __init__(self, data):
        self.data = data
        self.dropdown = widgets.Dropdown(options=list(ACTIVATIONS), description="Activation")
        self.image = widgets.Image(format="png")
        super().__init__([self.dropdown, self.image])
        self.dropdown.observe(self.redraw, "index")
        self.redraw(None)

    def redraw(self, change):
        figure = Figure(figsize=(4, 3), dpi=40)
        plot_boundary(train(self.dropdown.label, self.data), *self.data, figure.add_subplot())
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        self.image.value = buffer.getvalue()


# %% right: draws without plot_boundary
def boundary_explorer(data):
    X, y = data
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - 0.3, X.max(0) + 0.3, 120).T)
    rows = torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)
    out = widgets.Output()

    @out.capture(clear_output=True, wait=True)
    def show(name):
        fig, ax = plt.subplots()
        with torch.no_grad():
            z = train(name, data)(rows).reshape(xx.shape)
        ax.contourf(xx, yy, z, levels=[-1e6, 0, 1e6], colors=["C0", "C1"], alpha=0.4)
        ax.scatter(*X.T, c=y)
        plt.show()

    dropdown = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    dropdown.observe(lambda change: show(change.new), names="value")
    show(dropdown.value)
    return widgets.Accordion([widgets.VBox([dropdown]), out])


# %% wrong: displays the widget and returns nothing
# fails: a widget with one activation dropdown
from IPython.display import display


def boundary_explorer(data):
    def draw(activation):
        plot_boundary(train(activation, data), *data, plt.gca())
        plt.show()

    display(widgets.interactive(draw, activation=list(ACTIVATIONS)))


# %% wrong: returns the figure
# fails: a widget with one activation dropdown
def boundary_explorer(data):
    figure, ax = plt.subplots()
    plot_boundary(train("tanh", data), *data, ax)
    return figure


# %% wrong: the dropdown has another name
# fails: a widget with one activation dropdown
def boundary_explorer(data):
    def draw(name):
        plot_boundary(train(name, data), *data, plt.gca())
        plt.show()

    return widgets.interactive(draw, name=list(ACTIVATIONS))


# %% wrong: radio buttons
# fails: a widget with one activation dropdown
def boundary_explorer(data):
    buttons = widgets.RadioButtons(options=list(ACTIVATIONS), description="activation")

    def draw(activation):
        plot_boundary(train(activation, data), *data, plt.gca())
        plt.show()

    return widgets.interactive(draw, activation=buttons)


# %% wrong: two dropdowns with the same name
# fails: a widget with one activation dropdown
def boundary_explorer(data):
    def draw(activation):
        plot_boundary(train(activation, data), *data, plt.gca())
        plt.show()

    left = widgets.interactive(draw, activation=list(ACTIVATIONS))
    right = widgets.interactive(draw, activation=list(ACTIVATIONS))
    return widgets.HBox([left, right])


# %% wrong: the identity is missing
# fails: the dropdown offers all activations
# fails: each activation shows its network, for other data
def boundary_explorer(data):
    def draw(activation):
        plot_boundary(train(activation, data), *data, plt.gca())
        plt.show()

    return widgets.interactive(draw, activation=["tanh", "ReLU", "GELU"])


# %% wrong: nobody listens to the dropdown
# fails: another choice, another picture
def boundary_explorer(data):
    dropdown = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()
    with out:
        plot_boundary(train(dropdown.value, data), *data, plt.gca())
        plt.show()
    return widgets.VBox([dropdown, out])


# %% wrong: draws on a change only
# fails: a picture for the first choice
def boundary_explorer(data):
    dropdown = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()

    def redraw(change):
        with out:
            out.clear_output(wait=True)
            fig, ax = plt.subplots()
            plot_boundary(train(change.new, data), *data, ax)
            plt.show()

    dropdown.observe(redraw, names="value")
    return widgets.VBox([dropdown, out])


# %% wrong: waits for a button
# fails: a picture for the first choice
# fails: another choice, another picture
def boundary_explorer(data):
    def draw(activation):
        plot_boundary(train(activation, data), *data, plt.gca())
        plt.show()

    return widgets.interactive(draw, {"manual": True}, activation=list(ACTIVATIONS))


# %% wrong: one choice behind
# fails: another choice, another picture
def boundary_explorer(data):
    dropdown = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()

    def draw(name):
        with out:
            out.clear_output(wait=True)
            fig, ax = plt.subplots()
            plot_boundary(train(name, data), *data, ax)
            plt.show()

    draw(dropdown.value)
    dropdown.observe(lambda change: draw(change.old), names="value")
    return widgets.VBox([dropdown, out])


# %% wrong: trains one network and shows it for every choice
# fails: another choice, another picture
def boundary_explorer(data):
    model = train("identity", data)

    def draw(activation):
        plot_boundary(model, *data, plt.gca())
        plt.show()

    return widgets.interactive(draw, activation=list(ACTIVATIONS))


# %% wrong: does not train
# fails: a picture for the first choice
# fails: another choice, another picture
def boundary_explorer(data):
    def draw(activation):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(2, 8), ACTIVATIONS[activation](), nn.Linear(8, 1))
        plot_boundary(model, *data, plt.gca())
        plt.show()

    return widgets.interactive(draw, activation=list(ACTIVATIONS))


# %% wrong: always the moons
# fails: each activation shows its network, for other data
def boundary_explorer(data):
    def draw(activation):
        X, y = DATA
        plot_boundary(train(activation, DATA), X, y, plt.gca())
        plt.show()

    return widgets.interactive(draw, activation=list(ACTIVATIONS))


# %% wrong: GELU gets the network of ReLU
# fails: each activation shows its network, for other data
def boundary_explorer(data):
    def draw(activation):
        kind = "tanh" if activation == "tanh" else "identity" if activation == "identity" else "ReLU"
        plot_boundary(train(kind, data), *data, plt.gca())
        plt.show()

    return widgets.interactive(draw, activation=list(ACTIVATIONS))


# %% wrong: draws each activation once only
# fails: going back shows the earlier picture
def boundary_explorer(data):
    drawn = set()

    def draw(activation):
        if activation not in drawn:
            drawn.add(activation)
            plot_boundary(train(activation, data), *data, plt.gca())
            plt.show()

    return widgets.interactive(draw, activation=list(ACTIVATIONS))


# %% wrong: the picture is not in the widget
# fails: the picture is in the widget
def boundary_explorer(data):
    dropdown = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")

    def redraw(change=None):
        fig, ax = plt.subplots()
        plot_boundary(train(dropdown.value, data), *data, ax)
        plt.show()

    dropdown.observe(redraw, names="value")
    redraw()
    return dropdown


# %% wrong: the Output is not part of the layout
# fails: the picture is in the widget
def boundary_explorer(data):
    dropdown = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()

    def redraw(change=None):
        with out:
            out.clear_output(wait=True)
            fig, ax = plt.subplots()
            plot_boundary(train(dropdown.value, data), *data, ax)
            plt.show()

    dropdown.observe(redraw, names="value")
    redraw()
    return widgets.VBox([dropdown, widgets.Output()])


# %% wrong: contours pile up in the axes
# fails: old pictures do not pile up
from ipympl.backend_nbagg import Canvas, FigureManager
from matplotlib.figure import Figure


def boundary_explorer(data):
    figure = Figure()
    canvas = Canvas(figure)
    FigureManager(canvas, 0)
    ax = figure.add_subplot()
    dropdown = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")

    def redraw(change=None):
        plot_boundary(train(dropdown.value, data), *data, ax)
        canvas.draw_idle()

    dropdown.observe(redraw, names="value")
    redraw()
    return widgets.VBox([dropdown, canvas])


# %% wrong: one colour bar more with each change
# fails: old pictures do not pile up
from ipympl.backend_nbagg import Canvas, FigureManager
from matplotlib.figure import Figure


def boundary_explorer(data):
    figure = Figure()
    canvas = Canvas(figure)
    FigureManager(canvas, 0)
    ax = figure.add_subplot()
    dropdown = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")

    def redraw(change=None):
        ax.clear()
        figure.colorbar(plot_boundary(train(dropdown.value, data), *data, ax), ax=ax)
        canvas.draw_idle()

    dropdown.observe(redraw, names="value")
    redraw()
    return widgets.VBox([dropdown, canvas])


# %% wrong: all explorers share one figure
# fails: two explorers do not disturb each other
from IPython.display import display
from matplotlib.figure import Figure

figure = Figure()
ax = figure.add_subplot()


def boundary_explorer(data):
    dropdown = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()

    def redraw(change=None):
        ax.clear()
        plot_boundary(train(dropdown.value, data), *data, ax)
        with out:
            out.clear_output(wait=True)
            display(figure)

    dropdown.observe(redraw, names="value")
    redraw()
    return widgets.VBox([dropdown, out])


# %% wrong: a change raises an error
# fails: another choice, another picture
def boundary_explorer(data):
    dropdown = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()

    def draw(activation):
        with out:
            out.clear_output(wait=True)
            fig, ax = plt.subplots()
            plot_boundary(train(activation, data), *data, ax)
            plt.show()

    draw(dropdown.value)
    dropdown.observe(draw, names="value")
    return widgets.VBox([dropdown, out])


# %% wrong: prints what was chosen
# fails: a picture for the first choice
# fails: another choice, another picture
def boundary_explorer(data):
    def draw(activation):
        print(f"The network with {activation} is {train(activation, data)}")

    return widgets.interactive(draw, activation=list(ACTIVATIONS))


# %% wrong: contour lines only
# fails: a picture for the first choice
def boundary_explorer(data):
    xx, yy = np.meshgrid(*np.linspace(data[0].min(0) - 0.3, data[0].max(0) + 0.3, 120).T)

    def draw(activation):
        z = train(activation, data)(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32))
        plt.contour(xx, yy, z.detach().reshape(xx.shape), levels=[0])
        plt.show()

    return widgets.interactive(draw, activation=list(ACTIVATIONS))


# %% right: written from the task alone, a widget class of its own
class boundary_explorer(widgets.VBox):
    """A VBox that trains and draws by itself."""

    def __init__(self, data):
        self.data, self.out = data, widgets.Output()
        self.menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
        super().__init__([self.menu, self.out])
        self.menu.observe(self.redraw, "value")
        self.redraw()

    def redraw(self, change=None):
        with self.out:
            self.out.clear_output(wait=True)
            figure, ax = plt.subplots()
            plot_boundary(train(self.menu.value, self.data), *self.data, ax)
            plt.show()


# %% right: written from the task alone, description with a capital and a colon
def boundary_explorer(data):
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="Activation:")
    out = widgets.Output()

    def redraw(*_):
        with out:
            out.clear_output(wait=True)
            _, ax = plt.subplots()
            plot_boundary(train(menu.value, data), *data, ax)
            plt.show()

    menu.observe(redraw, "value")
    redraw()
    return widgets.VBox([menu, out])


# %% right: written from the task alone, image of a figure without pyplot
import io
from matplotlib.figure import Figure


def boundary_explorer(data):
    menu = widgets.Dropdown(options=sorted(ACTIVATIONS), value="tanh", description="activation")
    image = widgets.Image(format="png")

    def redraw(change):
        figure = Figure(figsize=(5, 4))
        plot_boundary(train(menu.value, data), data[0], data[1], figure.add_subplot())
        file = io.BytesIO()
        figure.savefig(file, format="png")
        image.value = file.getvalue()

    redraw(None)
    menu.observe(redraw, "value")
    return widgets.Accordion([widgets.HBox([image, menu])])


# %% right: written from the task alone, interactive output in a tab
def boundary_explorer(data):
    def picture(name):
        ax = plt.figure().gca()
        plot_boundary(train(name, data), *data, ax)
        ax.set_title(name)
        plt.show()

    menu = widgets.Dropdown(description="activation", options=tuple(ACTIVATIONS))
    return widgets.Tab(children=[widgets.VBox([menu, widgets.interactive_output(picture, {"name": menu})])])


# %% right: written from the task alone, interactive with a list
def boundary_explorer(data):
    def draw(activation):
        _, ax = plt.subplots(figsize=(4, 3))
        plot_boundary(train(activation, data), *data, ax)
        plt.show()

    return widgets.interactive(draw, activation=list(ACTIVATIONS))


# %% right: written from the task alone, one figure kept and cleared
from IPython.display import display


def boundary_explorer(data):
    with plt.ioff():
        figure, ax = plt.subplots()
    plt.close(figure)
    out = widgets.Output()

    def show(activation):
        ax.clear()
        model = train(activation, data)
        t = np.linspace(-0.1, 1.1, 120)
        low, span = data[0].min(axis=0), np.ptp(data[0], axis=0)
        xx, yy = np.meshgrid(low[0] + span[0] * t, low[1] + span[1] * t)
        with torch.no_grad():
            z = model.eval()(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(xx.shape)
        ax.contourf(xx, yy, z, levels=[-3, -1, 0, 1, 3], extend="both", cmap=CLASS_MAP)
        ax.scatter(*data[0].T, c=data[1], cmap=CLASS_MAP, edgecolors="k")
        ax.set_title(activation)
        out.clear_output(wait=True)
        with out:
            display(figure)

    menu = widgets.Dropdown(description="activation", options=[(name, name) for name in ACTIVATIONS])
    menu.observe(lambda change: show(change.new), names="value")
    show(menu.value)
    return widgets.VBox([widgets.HTML("<b>Boundary</b>"), widgets.HBox([menu]), out])


# %% right: written from the task alone, options are the dict itself
from IPython.display import display


def boundary_explorer(data):
    menu = widgets.Dropdown(options=ACTIVATIONS, description="activation")
    picture = widgets.Output()

    def redraw(*_):
        figure, ax = plt.subplots()
        plot_boundary(train(menu.label, data), *data, ax)
        picture.clear_output(wait=True)
        with picture:
            display(figure)
        plt.close(figure)

    menu.observe(redraw, names="label")
    redraw()
    return widgets.VBox([menu, picture])


# %% wrong: written from the task alone, a colour bar more each time
# fails: old pictures do not pile up
# wrong: each redraw adds the axes of one more colour bar
def boundary_explorer(data):
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()
    figure, ax = plt.subplots()
    plt.close(figure)

    def redraw(*_):
        ax.clear()
        figure.colorbar(plot_boundary(train(menu.value, data), *data, ax))
        out.clear_output(wait=True)
        with out:
            display(figure)

    menu.observe(redraw, "value")
    redraw()
    return widgets.VBox([menu, out])


# %% wrong: written from the task alone, always the global data
# fails: each activation shows its network, for other data
# wrong: draws DATA whatever data it is given
def boundary_explorer(data):
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()

    def redraw(*_):
        with out:
            out.clear_output(wait=True)
            _, ax = plt.subplots()
            plot_boundary(train(menu.value, DATA), *DATA, ax)
            plt.show()

    menu.observe(redraw, "value")
    redraw()
    return widgets.VBox([menu, out])


# %% wrong: written from the task alone, button needed
# fails: another choice, another picture
# wrong: nothing happens until the button is pressed
def boundary_explorer(data):
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    button, out = widgets.Button(description="draw"), widgets.Output()

    def redraw(*_):
        with out:
            out.clear_output(wait=True)
            _, ax = plt.subplots()
            plot_boundary(train(menu.value, data), *data, ax)
            plt.show()

    button.on_click(redraw)
    redraw()
    return widgets.VBox([menu, button, out])


# %% wrong: written from the task alone, drawn without the old going away
# fails: old pictures do not pile up
# wrong: the Output keeps all pictures, one below the other
def boundary_explorer(data):
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()

    def redraw(*_):
        with out:
            _, ax = plt.subplots()
            plot_boundary(train(menu.value, data), *data, ax)
            plt.show()

    menu.observe(redraw, "value")
    redraw()
    return widgets.VBox([menu, out])


# %% wrong: written from the task alone, empty until the first change
# fails: a picture for the first choice
# wrong: there is no picture until something is chosen
def boundary_explorer(data):
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()

    def redraw(*_):
        with out:
            out.clear_output(wait=True)
            _, ax = plt.subplots()
            plot_boundary(train(menu.value, data), *data, ax)
            plt.show()

    menu.observe(redraw, "value")
    return widgets.VBox([menu, out])


# %% wrong: written from the task alone, old contours stay
# fails: old pictures do not pile up
# wrong: the contours pile up in the same axes
def boundary_explorer(data):
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()
    figure, ax = plt.subplots()
    plt.close(figure)

    def redraw(*_):
        plot_boundary(train(menu.value, data), *data, ax)
        out.clear_output(wait=True)
        with out:
            display(figure)

    menu.observe(redraw, "value")
    redraw()
    return widgets.VBox([menu, out])


# %% wrong: written from the task alone, only the first change
# fails: each activation shows its network, for other data
# wrong: after the first change it no longer listens
def boundary_explorer(data):
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()

    def redraw(*_):
        with out:
            out.clear_output(wait=True)
            _, ax = plt.subplots()
            plot_boundary(train(menu.value, data), *data, ax)
            plt.show()

    def once(change):
        redraw()
        menu.unobserve(once, "value")

    menu.observe(once, "value")
    redraw()
    return widgets.VBox([menu, out])


# %% wrong: written from the task alone, picture beside the widget
# fails: the picture is in the widget
# wrong: the figure is not in the widget that is returned
from IPython.display import display


def boundary_explorer(data):
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()

    def redraw(*_):
        with out:
            out.clear_output(wait=True)
            _, ax = plt.subplots()
            plot_boundary(train(menu.value, data), *data, ax)
            plt.show()

    menu.observe(redraw, "value")
    redraw()
    display(out)
    return widgets.VBox([menu])


# %% wrong: written from the task alone, the choice before
# fails: another choice, another picture
# wrong: draws the activation that was chosen before
def boundary_explorer(data):
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()

    def redraw(name):
        with out:
            out.clear_output(wait=True)
            _, ax = plt.subplots()
            plot_boundary(train(name, data), *data, ax)
            plt.show()

    menu.observe(lambda change: redraw(change["old"]), "value")
    redraw(menu.value)
    return widgets.VBox([menu, out])


# %% right: image subclass
from io import BytesIO

from matplotlib.figure import Figure


class _Explorer(widgets.HBox):
    def __init__(self, data):
        self.data = data
        self.picture = widgets.Image(format="png")
        self.menu = widgets.Dropdown(options=[(n, n) for n in ACTIVATIONS], description="activation")
        self.menu.observe(self.update, "value")
        super().__init__([self.menu, self.picture])
        self.update()

    def update(self, *_):
        figure = Figure(figsize=(5, 4))
        axes = figure.add_subplot()
        plot_boundary(train(self.menu.value, self.data), self.data[0], self.data[1], axes)
        figure.savefig(buffer := BytesIO(), format="png")
        self.picture.value = buffer.getvalue()


def boundary_explorer(data):
    return _Explorer(data)


# %% right: interactive, once more
def boundary_explorer(data):
    def draw(activation):
        fig, ax = plt.subplots(figsize=(5, 4))
        plot_boundary(train(activation, data), *data, ax)
        ax.set_title(activation)
        plt.show()

    return widgets.interactive(draw, activation=list(ACTIVATIONS))


# %% right: output observe
from IPython.display import clear_output, display


def boundary_explorer(data):
    X, y = data
    choice = widgets.Dropdown(options=list(ACTIVATIONS), value="tanh", description="Activation:")
    out = widgets.Output()
    with plt.ioff():
        fig, ax = plt.subplots()
    plt.close(fig)

    def redraw(change=None):
        ax.clear()
        plot_boundary(train(choice.value, data), X, y, ax)
        with out:
            clear_output(wait=True)
            display(fig)

    choice.observe(redraw, names="value")
    redraw()
    return widgets.VBox([choice, out])


# %% wrong: default argument output
# fails: two explorers do not disturb each other
from IPython.display import display


def boundary_explorer(data, out=widgets.Output()):
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")

    def redraw(change=None):
        fig, ax = plt.subplots()
        plot_boundary(train(menu.value, data), *data, ax)
        plt.close(fig)
        out.clear_output(wait=True)
        with out:
            display(fig)

    menu.observe(redraw, names="value")
    redraw()
    return widgets.VBox([menu, out])


# %% wrong: global data
# fails: each activation shows its network, for other data
# fails: going back shows the earlier picture
from IPython.display import display


def boundary_explorer(data):
    global current
    current = data
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()

    def redraw(change=None):
        fig, ax = plt.subplots()
        plot_boundary(train(menu.value, current), *current, ax)
        plt.close(fig)
        with out:
            out.clear_output(wait=True)
            display(fig)

    menu.observe(redraw, names="value")
    redraw()
    return widgets.VBox([menu, out])


# %% wrong: never cleared
# fails: old pictures do not pile up
from IPython.display import display


def boundary_explorer(data):
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")
    out = widgets.Output()

    def redraw(change=None):
        fig, ax = plt.subplots()
        plot_boundary(train(menu.value, data), *data, ax)
        plt.close(fig)
        with out:
            display(fig)

    menu.observe(redraw, names="value")
    redraw()
    return widgets.VBox([menu, out])


# %% wrong: shared image
# fails: two explorers do not disturb each other
from io import BytesIO

picture = widgets.Image(format="png")


def boundary_explorer(data):
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")

    def redraw(change=None):
        fig, ax = plt.subplots()
        plot_boundary(train(menu.value, data), *data, ax)
        buffer = BytesIO()
        fig.savefig(buffer, format="png")
        plt.close(fig)
        picture.value = buffer.getvalue()

    menu.observe(redraw, names="value")
    redraw()
    return widgets.VBox([menu, picture])


# %% wrong: shared output
# fails: two explorers do not disturb each other
from IPython.display import display

explorer_out = widgets.Output()


def boundary_explorer(data):
    menu = widgets.Dropdown(options=list(ACTIVATIONS), description="activation")

    def redraw(change=None):
        fig, ax = plt.subplots()
        plot_boundary(train(menu.value, data), *data, ax)
        plt.close(fig)
        with explorer_out:
            explorer_out.clear_output(wait=True)
            display(fig)

    menu.observe(redraw, names="value")
    redraw()
    return widgets.VBox([menu, explorer_out])
