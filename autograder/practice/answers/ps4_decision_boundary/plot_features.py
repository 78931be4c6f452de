# Answers to plot_features: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives np, plt, torch, nn and hidden_features, and every answer defines the function
# once more.


# %% right: a line by two points, the limits put back
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    for label, colour in ((0, BLUE), (1, ORANGE)):
        ax.scatter(h[y == label, 0], h[y == label, 1], color=colour, label=f"class {label}")
    left, right, bottom, top = ax.axis()
    (w1, w2), c = model[-1].weight[0].tolist(), model[-1].bias.item()
    if abs(w2) > abs(w1):
        ax.plot([left, right], [-(c + w1 * left) / w2, -(c + w1 * right) / w2], "k--", label="z = 0")
    else:
        ax.plot([-(c + w2 * bottom) / w1, -(c + w2 * top) / w1], [bottom, top], "k--", label="z = 0")
    ax.axis([left, right, bottom, top])
    ax.set_xlabel("first hidden unit")
    ax.set_ylabel("second hidden unit")
    ax.legend()


# %% right: axline for a slope, axvline where there is none
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y, cmap="coolwarm", edgecolors="k")
    xlim, ylim = ax.get_xlim(), ax.get_ylim()
    w1, w2 = model[-1].weight.detach().numpy().ravel()
    c = float(model[-1].bias.detach())
    if w2 == 0:
        ax.axvline(-c / w1, color="k")
    else:
        ax.axline((0, -c / w2), slope=-w1 / w2, color="k")
    ax.set(xlim=xlim, ylim=ylim, xlabel="h1", ylabel="h2", title="What the output layer sees")
    return ax


# %% right: contour at level 0 of the output layer on a grid
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    pad = 0.2 * np.ptp(h, axis=0)
    low, high = h.min(axis=0) - pad, h.max(axis=0) + pad
    xx, yy = np.meshgrid(np.linspace(low[0], high[0], 60), np.linspace(low[1], high[1], 60))
    with torch.no_grad():
        z = model[-1](torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(xx.shape)
    lines = ax.contour(xx, yy, z, levels=[-1, 0, 1], colors="black", linestyles=["dotted", "solid", "dotted"])
    ax.scatter(h[:, 0], h[:, 1], c=[BLUE if label == 0 else ORANGE for label in y], zorder=3)
    ax.set_xlabel("$h_1$")
    ax.set_ylabel("$h_2$")
    return lines


# %% right: the border of two filled areas of the probability
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    low, high = h.min(axis=0), h.max(axis=0)
    low, high = low - 0.1 * (high - low), high + 0.1 * (high - low)
    xs, ys = np.linspace(low[0], high[0], 200), np.linspace(low[1], high[1], 200)
    weight, bias = (parameter.detach().numpy() for parameter in model[-1].parameters())
    z = weight[0, 0] * xs + weight[0, 1] * ys[:, np.newaxis] + bias
    ax.contourf(xs, ys, 1 / (1 + np.exp(-z)), levels=[0, 0.5, 1], colors=["lightblue", "moccasin"])
    for label, marker in ((0, "o"), (1, "^")):
        ax.plot(*h[np.asarray(y) == label].T, marker, color=f"C{label}")
    ax.set(xlabel="unit 1", ylabel="unit 2")


# %% right: features taken by hand on a copy, LineCollection far beyond the view
import copy

from matplotlib.collections import LineCollection


def plot_features(model, X, y, ax):
    net = copy.deepcopy(model).eval().double()
    h = net[:-1](torch.tensor(X, dtype=torch.float64)).detach().numpy()
    ax.scatter(h[:, 0], h[:, 1], c=y, cmap="viridis")
    view = ax.axis()
    w, c = net[-1].weight.detach().numpy()[0], net[-1].bias.item()
    middle = h.mean(axis=0) - (w @ h.mean(axis=0) + c) / (w @ w) * w
    way = 100 * np.array([-w[1], w[0]]) / np.hypot(*w) * np.ptp(h)
    ax.add_collection(LineCollection([[middle - way, middle + way]], colors="red"))
    ax.axis(view)
    ax.set_xlabel("h[0]")
    ax.set_ylabel("h[1]")


# %% right: equal scales, two areas filled by polygons
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    margin = 0.1 * np.ptp(h, axis=0)
    (left, bottom), (right, top) = h.min(axis=0) - margin, h.max(axis=0) + margin
    w1, w2 = model[-1].weight.detach().numpy()[0].astype(float)
    c = model[-1].bias.item()
    if abs(w2) > abs(w1):
        edge = [-(c + w1 * left) / w2, -(c + w1 * right) / w2]
        ax.fill_between([left, right], edge, top, alpha=0.2, color="tab:green")
        ax.fill_between([left, right], bottom, edge, alpha=0.2, color="tab:purple")
    else:
        edge = [-(c + w2 * bottom) / w1, -(c + w2 * top) / w1]
        ax.fill_betweenx([bottom, top], edge, right, alpha=0.2, color="tab:green")
        ax.fill_betweenx([bottom, top], left, edge, alpha=0.2, color="tab:purple")
    ax.scatter(h[:, 0], h[:, 1], color=np.array(["tab:blue", "tab:orange"])[np.asarray(y, dtype=int)])
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel="activation of unit 1", ylabel="activation of unit 2")
    ax.set_aspect("equal", adjustable="box")


# %% right: the line as a row of dots, points one by one
def plot_features(model, X, y, ax):
    features = hidden_features(model, X).tolist()
    for (first, second), label in zip(features, y):
        ax.plot(first, second, "s", color="navy" if label == 0 else "crimson")
    limits = ax.get_xlim() + ax.get_ylim()
    weight, bias = model[-1].weight.detach().flatten().numpy(), model[-1].bias.detach().numpy()
    near = -bias * weight / (weight**2).sum()
    reach = np.linspace(-1, 1, 20001)[:, np.newaxis] * 20
    dots = near + reach * np.array([weight[1], -weight[0]]) / np.linalg.norm(weight)
    ax.plot(dots[:, 0], dots[:, 1], ".", markersize=1, color="black")
    ax.axis(limits)
    ax.set(xlabel="$h_1$", ylabel="$h_2$")


# %% right: seen by a hook on the output layer, pyplot after plt.sca
def plot_features(model, X, y, ax):
    training, seen = model.training, []
    handle = model[-1].register_forward_pre_hook(lambda layer, inputs: seen.append(inputs[0].detach()))
    model.eval()
    with torch.no_grad():
        model(torch.from_numpy(np.array(X, dtype=np.float32)))
    handle.remove()
    model.train(training)
    plt.sca(ax)
    h = seen[0].numpy()
    plt.scatter(h[:, 0], h[:, 1], c=np.where(y == 1, "orange", "blue"), s=15)
    plt.xlim(plt.xlim())
    plt.ylim(plt.ylim())
    (a, b), c = model[-1].weight.data[0].numpy(), model[-1].bias.data[0].numpy()
    norm = a**2 + b**2
    plt.axline((-c * a / norm, -c * b / norm), (-c * a / norm + b, -c * b / norm - a), color="k", ls=":")
    plt.axhline(0, lw=0.5)
    plt.axvline(0, lw=0.5)
    plt.xlabel("feature 1")
    plt.ylabel("feature 2")


# %% wrong: a line that needs a slope
# fails: a vertical line
# fails: the view fits the points wherever the line is
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    (w1, w2), c = model[-1].weight.detach().numpy()[0], model[-1].bias.detach().numpy()[0]
    xs = np.array([h[:, 0].min(), h[:, 0].max()])
    ax.plot(xs, -(w1 * xs + c) / w2, color="k")
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: a line that needs a slope, in a view that is put back
# fails: a vertical line
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    (w1, w2), c = model[-1].weight.detach().numpy()[0], model[-1].bias.detach().numpy()[0]
    xs = np.array([h[:, 0].min(), h[:, 0].max()])
    ax.plot(xs, -(w1 * xs + c) / w2, color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: the bias is forgotten
# fails: the line of the output layer
# fails: the line wherever it runs
# fails: a vertical line
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w = model[-1].weight.detach().numpy()[0]
    ax.axline((0, 0), (-w[1], w[0]), color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: the sign of the bias
# fails: the line of the output layer
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: along the weights instead of across them
# fails: the line of the output layer
# fails: the line wherever it runs
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + w, color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: logit one half, as if it were the probability
# fails: the line of the output layer
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    low, high = h.min(axis=0), h.max(axis=0)
    xx, yy = np.meshgrid(*np.linspace(low, high, 100).T)
    with torch.no_grad():
        z = model[-1](torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(xx.shape)
    ax.contour(xx, yy, z, levels=[0.5])
    ax.scatter(*h.T, c=y)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: a line between the middles of the classes
# fails: the line of the output layer
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    zero, one = h[y == 0].mean(axis=0), h[y == 1].mean(axis=0)
    middle, way = (zero + one) / 2, one - zero
    ax.axline(middle, middle + [-way[1], way[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: no line
# fails: the line of the output layer
# fails: the line wherever it runs
# fails: a vertical line
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: a line that ends in the middle of the points
# fails: the line of the output layer
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    middle = h.mean(axis=0) - (w @ h.mean(axis=0) + c) / (w @ w) * w
    ax.plot(*np.array([middle, middle + 100 * np.array([-w[1], w[0]])]).T, color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: hard classes on a coarse grid
# fails: the line of the output layer
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    low, high = h.min(axis=0), h.max(axis=0)
    xx, yy = np.meshgrid(*np.linspace(low, high, 15).T)
    with torch.no_grad():
        z = model[-1](torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(xx.shape)
    ax.contour(xx, yy, z > 0, levels=[0.5])
    ax.scatter(*h.T, c=y)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: the inputs are drawn
# fails: points at the features, coloured by class
def plot_features(model, X, y, ax):
    ax.scatter(X[:, 0], X[:, 1], c=y)
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: before the activation
# fails: points at the features, coloured by class
# fails: right for deeper networks and other inputs
def plot_features(model, X, y, ax):
    net = copy.deepcopy(model).eval()
    h = net[:-2](torch.tensor(X, dtype=torch.float32)).detach().numpy()
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: the units exchanged, points and line
# fails: points at the features, coloured by class
# fails: the line of the output layer
# fails: colours show y, not what the network says
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)[:, ::-1]
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0, ::-1], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h2", ylabel="h1")


# %% wrong: all points in one colour
# fails: points at the features, coloured by class
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, color="tab:blue")
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: coloured by what the network says
# fails: points at the features, coloured by class
# fails: colours show y, not what the network says
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    ax.scatter(*h.T, c=np.where(h @ w + c > 0, ORANGE, BLUE))
    view = ax.axis()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: points under the filled areas
# fails: points at the features, coloured by class
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y, zorder=0)
    low, high = h.min(axis=0), h.max(axis=0)
    xx, yy = np.meshgrid(*np.linspace(low, high, 100).T)
    with torch.no_grad():
        z = model[-1](torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(xx.shape)
    ax.contourf(xx, yy, z, levels=[-1e9, 0, 1e9], zorder=1)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: drawn with pyplot into its current figure
# fails: points at the features, coloured by class
# fails: the line of the output layer
# fails: drawn into ax
# fails: labels on both axes
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    plt.scatter(*h.T, c=y)
    view = plt.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    plt.axline(foot, foot + [-w[1], w[0]], color="k")
    plt.axis(view)
    plt.xlabel("h1")
    plt.ylabel("h2")


# %% wrong: the title goes to another figure
# fails: drawn into ax
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")
    plt.title("The features")


# %% wrong: no labels
# fails: labels on both axes
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.axis(view)


# %% wrong: both axes called h
# fails: labels on both axes
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h", ylabel="h")


# %% wrong: the view reaches from -5 to 5
# fails: the view fits the points wherever the line is
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.set(xlabel="h1", ylabel="h2", xlim=(-5, 5), ylim=(-5, 5))


# %% wrong: the view reaches from 0 to 1, as of a sigmoid
# fails: the view fits the points
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.set(xlabel="h1", ylabel="h2", xlim=(0, 1), ylim=(0, 1))


# %% wrong: a network of three parts, taken apart by hand
# fails: right for deeper networks and other inputs
def plot_features(model, X, y, ax):
    W, b = model[0].weight.detach().double().numpy(), model[0].bias.detach().double().numpy()
    h = model[1](torch.tensor(X @ W.T + b)).numpy()
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w, c = model[2].weight.detach().numpy()[0], model[2].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: in training mode
# fails: dropout and batch norm as in evaluation
# fails: leaves network and X as they were
def plot_features(model, X, y, ax):
    with torch.no_grad():
        h = model[:-1](torch.tensor(X, dtype=torch.float32)).numpy()
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: the network stays in evaluation mode
# fails: leaves network and X as they were
def plot_features(model, X, y, ax):
    model.eval()
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: the output layer is normalised in place
# fails: leaves network and X as they were
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.detach().numpy()
    length = np.linalg.norm(w)
    w /= length
    c /= length
    ax.axline(-c * w, -c * w + [-w[1], w[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: X is centred in place
# fails: leaves network and X as they were
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    X -= X.mean(axis=0)
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: fails where the line does not cross the view
# fails: the view fits the points wherever the line is
# fails: colours show y, not what the network says
def plot_features(model, X, y, ax):
    h = hidden_features(model, X)
    ax.scatter(*h.T, c=y)
    left, right, bottom, top = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    corners = np.array([[left, bottom], [right, bottom], [right, top], [left, top], [left, bottom]])
    z = corners @ w + c
    crossed = np.flatnonzero(z[:-1] * z[1:] < 0)
    ends = [corners[k] + z[k] / (z[k] - z[k + 1]) * (corners[k + 1] - corners[k]) for k in crossed]
    ax.plot([ends[0][0], ends[1][0]], [ends[0][1], ends[1][1]], color="k")
    ax.axis([left, right, bottom, top])
    ax.set(xlabel="h1", ylabel="h2")


# %% wrong: a hook stays on the output layer
# fails: leaves network and X as they were
def plot_features(model, X, y, ax):
    seen = []
    model[-1].register_forward_pre_hook(lambda layer, inputs: seen.append(inputs[0].detach()))
    training = model.training
    with torch.no_grad():
        model.eval()(torch.tensor(X, dtype=torch.float32))
    model.train(training)
    h = seen[0].numpy()
    ax.scatter(*h.T, c=y)
    view = ax.axis()
    w, c = model[-1].weight.detach().numpy()[0], model[-1].bias.item()
    foot = -c * w / (w @ w)
    ax.axline(foot, foot + [-w[1], w[0]], color="k")
    ax.axis(view)
    ax.set(xlabel="h1", ylabel="h2")
