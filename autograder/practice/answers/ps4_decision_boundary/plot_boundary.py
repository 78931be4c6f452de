# Answers to plot_boundary: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives np, plt, torch and nn, and every answer defines the function once more.

# %% right: probability in ten bands
def plot_boundary(model, X, y, ax):
    low, high = X.min(axis=0), X.max(axis=0)
    pad = 0.1 * (high - low)
    xx, yy = np.meshgrid(*np.linspace(low - pad, high + pad, 150).T)
    was_training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32))
    model.train(was_training)
    contours = ax.contourf(xx, yy, torch.sigmoid(z).reshape(xx.shape), levels=np.linspace(0, 1, 11), cmap="coolwarm")
    ax.scatter(*X.T, c=y, cmap="coolwarm", edgecolors="k")
    return contours


# %% right: two bands of the logit, one marker style for each class
def plot_boundary(model, X, y, ax):
    x1 = np.linspace(X[:, 0].min() - 0.5 * np.ptp(X[:, 0]), X[:, 0].max() + 0.5 * np.ptp(X[:, 0]), 201)
    x2 = np.linspace(X[:, 1].min() - 0.5 * np.ptp(X[:, 1]), X[:, 1].max() + 0.5 * np.ptp(X[:, 1]), 201)
    grid = torch.cartesian_prod(torch.from_numpy(x1), torch.from_numpy(x2)).float()
    training = model.training
    with torch.inference_mode():
        logit = model.eval()(grid).view(201, 201).T.numpy()
    model.train(training)
    contours = ax.contourf(x1, x2, logit, levels=[-1e9, 0, 1e9], colors=["lightblue", "moccasin"])
    ax.plot(X[y == 0, 0], X[y == 0, 1], "o", color="tab:blue", label="class 0")
    ax.plot(X[y == 1, 0], X[y == 1, 1], "^", color="tab:orange", label="class 1")
    ax.legend()
    return contours


# %% right: logit with levels on both sides, extended
import copy


def plot_boundary(model, X, y, ax):
    net = copy.deepcopy(model).eval().double()
    margin = 0.05 * np.ptp(X, axis=0)
    yy, xx = np.mgrid[
        X[:, 1].min() - margin[1] : X[:, 1].max() + margin[1] : 120j,
        X[:, 0].min() - margin[0] : X[:, 0].max() + margin[0] : 120j,
    ]
    z = net(torch.from_numpy(np.dstack([xx, yy])))[..., 0].detach().numpy()
    filled = ax.contourf(xx, yy, z, levels=np.arange(-3, 3.5, 0.5), extend="both", cmap="RdBu")
    ax.contour(filled, levels=[0], colors="k")
    colours = ["navy" if label == 0 else "darkred" for label in y]
    ax.scatter(X[:, 0], X[:, 1], s=12, color=colours)
    return filled


# %% right: pyplot after plt.sca
def plot_boundary(model, X, y, ax):
    plt.sca(ax)
    a, b = X.min(axis=0), X.max(axis=0)
    a, b = a - 0.05 * (b - a), b + 0.05 * (b - a)
    xs = np.linspace(a[0], b[0], 101)
    ys = np.linspace(a[1], b[1], 101)
    training = model.training
    model.eval()
    rows = [[(x, y_) for x in xs] for y_ in ys]
    p = model(torch.tensor(np.array(rows), dtype=torch.float32)).sigmoid().detach().squeeze(-1).numpy()
    model.train(training)
    contours = plt.contourf(xs, ys, p, levels=[0, 0.25, 0.5, 0.75, 1])
    for label, colour in ((0, "C0"), (1, "C1")):
        plt.scatter(X[np.array(y) == label, 0], X[np.array(y) == label, 1], color=colour)
    plt.colorbar(contours)
    return contours


# %% right: one line of the grid at a time, white circles below the points
def plot_boundary(model, X, y, ax):
    def axis(values):
        span = values.max() - values.min()
        return np.linspace(values.min() - 0.2 * span, values.max() + 0.2 * span, 160)

    xs, ys = axis(X[:, 0]), axis(X[:, 1])
    p = np.empty((len(ys), len(xs)))
    modes = [module.training for module in model.modules()]
    model.eval()
    for row, height in enumerate(ys):
        line = np.column_stack([xs, np.full_like(xs, height)])
        p[row] = torch.sigmoid(model(torch.tensor(line).float())).detach().numpy()[:, 0]
    for module, mode in zip(model.modules(), modes):
        module.training = mode
    ax.scatter(X[:, 0], X[:, 1], s=60, color="white")
    ax.scatter(X[:, 0], X[:, 1], s=30, c=[("b", "r")[int(label)] for label in y])
    ax.set(xlabel="x1", ylabel="x2", title="Decision boundary")
    return ax.contourf(xs, ys, p, [0, 0.5, 1], alpha=0.3)


# %% right: the logit seen by a hook on all modules of torch, for the time of the call
def plot_boundary(model, X, y, ax):
    low, high = X.min(axis=0), X.max(axis=0)
    pad = 0.1 * (high - low)
    xx, yy = np.meshgrid(*np.linspace(low - pad, high + pad, 150).T)
    grid = torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)
    training = model.training
    model.eval()
    seen = []
    with torch.no_grad(), nn.modules.module.register_module_forward_hook(lambda *args: seen.append(args[-1])):
        model(grid)
    model.train(training)
    z = torch.sigmoid(seen[-1])
    contours = ax.contourf(xx, yy, z.reshape(xx.shape), levels=np.linspace(0, 1, 11), cmap="coolwarm")
    ax.scatter(*X.T, c=y, cmap="coolwarm", edgecolors="k")
    return contours


# %% right: a forward in the place of the output layer's gives probabilities, and the old one is put back
def plot_boundary(model, X, y, ax):
    low, high = X.min(axis=0), X.max(axis=0)
    pad = 0.1 * (high - low)
    xx, yy = np.meshgrid(*np.linspace(low - pad, high + pad, 150).T)
    grid = torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)
    training = model.training
    model.eval()
    forward = model[-1].forward
    model[-1].forward = lambda h: torch.sigmoid(forward(h))
    with torch.no_grad():
        z = model(grid)
    model[-1].forward = forward
    model.train(training)
    contours = ax.contourf(xx, yy, z.reshape(xx.shape), levels=np.linspace(0, 1, 11), cmap="coolwarm")
    ax.scatter(*X.T, c=y, cmap="coolwarm", edgecolors="k")
    return contours


# %% wrong: rows and columns of the grid exchanged
# fails: filled contours of the probability or the logit
# fails: right wherever the data are
def plot_boundary(model, X, y, ax):
    xs, ys = np.linspace(X.min(0) - 0.1, X.max(0) + 0.1, 120).T
    xx, yy = np.meshgrid(xs, ys, indexing="ij")
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    contours = ax.contourf(xs, ys, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: the network is given (x2, x1)
# fails: filled contours of the probability or the logit
def plot_boundary(model, X, y, ax):
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - 0.1, X.max(0) + 0.1, 120).T)
    with torch.no_grad():
        z = model(torch.tensor(np.c_[yy.ravel(), xx.ravel()], dtype=torch.float32)).reshape(120, 120)
    contours = ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: the probability of class 0
# fails: filled contours of the probability or the logit
def plot_boundary(model, X, y, ax):
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - 0.1, X.max(0) + 0.1, 120).T)
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    contours = ax.contourf(xx, yy, torch.sigmoid(-z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: contour lines, not filled
# fails: filled contours of the probability or the logit
# fails: drawn into ax
def plot_boundary(model, X, y, ax):
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - 0.1, X.max(0) + 0.1, 120).T)
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    contours = ax.contour(xx, yy, torch.sigmoid(z).numpy(), levels=[0.5])
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: returns the axes
# fails: filled contours of the probability or the logit
def plot_boundary(model, X, y, ax):
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - 0.1, X.max(0) + 0.1, 120).T)
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)
    return ax


# %% wrong: returns nothing
# fails: filled contours of the probability or the logit
def plot_boundary(model, X, y, ax):
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - 0.1, X.max(0) + 0.1, 120).T)
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)


# %% wrong: sigmoid twice
# fails: filled contours of the probability or the logit
def plot_boundary(model, X, y, ax):
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - 0.1, X.max(0) + 0.1, 120).T)
    with torch.no_grad():
        p = torch.sigmoid(model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32))).reshape(120, 120)
    contours = ax.contourf(xx, yy, torch.sigmoid(p).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: softmax over the single output
# fails: filled contours of the probability or the logit
def plot_boundary(model, X, y, ax):
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - 0.1, X.max(0) + 0.1, 120).T)
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32))
    contours = ax.contourf(xx, yy, torch.softmax(z, dim=1).reshape(120, 120).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: the class, so the boundary is a staircase
# fails: the boundary is drawn where it is
def plot_boundary(model, X, y, ax):
    pad = 0.1 * np.ptp(X, axis=0)
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - pad, X.max(0) + pad, 120).T)
    training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    model.train(training)
    contours = ax.contourf(xx, yy, (z > 0).float().numpy(), levels=[0, 0.5, 1])
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: a grid of 10 by 10
# fails: the boundary is drawn where it is
def plot_boundary(model, X, y, ax):
    pad = 0.1 * np.ptp(X, axis=0)
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - pad, X.max(0) + pad, 10).T)
    training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(10, 10)
    model.train(training)
    contours = ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=[0, 0.5, 1])
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: one range for both axes
# fails: the boundary is drawn where it is
def plot_boundary(model, X, y, ax):
    side = np.linspace(X.min() - 1, X.max() + 1, 120)
    xx, yy = np.meshgrid(side, side)
    training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    model.train(training)
    contours = ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: the grid always from -3 to 3
# fails: right wherever the data are
# fails: the picture covers all the data
def plot_boundary(model, X, y, ax):
    side = np.linspace(-3, 3, 120)
    xx, yy = np.meshgrid(side, side)
    training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    model.train(training)
    contours = ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: the grid ends at the quartiles
# fails: the picture covers all the data
def plot_boundary(model, X, y, ax):
    low, high = np.percentile(X, [5, 95], axis=0)
    xx, yy = np.meshgrid(*np.linspace(low, high, 120).T)
    training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    model.train(training)
    contours = ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: the axes are cut to the grid of the moons
# fails: the picture covers all the data
def plot_boundary(model, X, y, ax):
    pad = 0.1 * np.ptp(X, axis=0)
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - pad, X.max(0) + pad, 120).T)
    training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    model.train(training)
    contours = ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)
    ax.set_xlim(-2, 3)
    return contours


# %% wrong: eight equal levels miss the boundary
# fails: the boundary is one of the levels
def plot_boundary(model, X, y, ax):
    pad = 0.1 * np.ptp(X, axis=0)
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - pad, X.max(0) + pad, 120).T)
    training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    model.train(training)
    contours = ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 8))
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: logit levels end at -3 and 3
# fails: filled also where the network is sure
def plot_boundary(model, X, y, ax):
    pad = 0.1 * np.ptp(X, axis=0)
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - pad, X.max(0) + pad, 120).T)
    training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    model.train(training)
    contours = ax.contourf(xx, yy, z.numpy(), levels=np.linspace(-3, 3, 13))
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: pyplot's current axes
# fails: drawn into ax
# fails: points coloured by class
def plot_boundary(model, X, y, ax):
    pad = 0.1 * np.ptp(X, axis=0)
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - pad, X.max(0) + pad, 120).T)
    training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    model.train(training)
    contours = plt.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    plt.scatter(*X.T, c=y)
    return contours


# %% wrong: a figure of its own
# fails: drawn into ax
def plot_boundary(model, X, y, ax):
    figure, ax = plt.subplots()
    pad = 0.1 * np.ptp(X, axis=0)
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - pad, X.max(0) + pad, 120).T)
    training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    model.train(training)
    contours = ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: no points
# fails: points coloured by class
def plot_boundary(model, X, y, ax):
    pad = 0.1 * np.ptp(X, axis=0)
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - pad, X.max(0) + pad, 120).T)
    training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    model.train(training)
    return ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))


# %% wrong: one colour for all points
# fails: points coloured by class
# fails: colours show y, not what the network says
def plot_boundary(model, X, y, ax):
    pad = 0.1 * np.ptp(X, axis=0)
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - pad, X.max(0) + pad, 120).T)
    training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    model.train(training)
    ax.scatter(*X.T)
    return ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11), alpha=0.5)


# %% wrong: points with x1 and x2 exchanged
# fails: points coloured by class
def plot_boundary(model, X, y, ax):
    pad = 0.1 * np.ptp(X, axis=0)
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - pad, X.max(0) + pad, 120).T)
    training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    model.train(training)
    contours = ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(X[:, 1], X[:, 0], c=y)
    return contours


# %% wrong: points coloured by what the network says
# fails: points coloured by class
# fails: colours show y, not what the network says
def plot_boundary(model, X, y, ax):
    pad = 0.1 * np.ptp(X, axis=0)
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - pad, X.max(0) + pad, 120).T)
    training = model.training
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
        said = model(torch.tensor(X, dtype=torch.float32))[:, 0] > 0
    model.train(training)
    contours = ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=said.numpy())
    return contours


# %% wrong: dropout as in training
# fails: dropout as in evaluation
def plot_boundary(model, X, y, ax):
    pad = 0.1 * np.ptp(X, axis=0)
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - pad, X.max(0) + pad, 120).T)
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    contours = ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: evaluation mode stays on
# fails: leaves the network as it was
def plot_boundary(model, X, y, ax):
    pad = 0.1 * np.ptp(X, axis=0)
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - pad, X.max(0) + pad, 120).T)
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    contours = ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: draws the network it knows, not the one it is given
# fails: right wherever the data are
# fails: dropout as in evaluation
def plot_boundary(model, X, y, ax):
    model = train("tanh", DATA)
    pad = 0.1 * np.ptp(X, axis=0)
    xx, yy = np.meshgrid(*np.linspace(X.min(0) - pad, X.max(0) + pad, 120).T)
    with torch.no_grad():
        z = model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(120, 120)
    contours = ax.contourf(xx, yy, torch.sigmoid(z).numpy(), levels=np.linspace(0, 1, 11))
    ax.scatter(*X.T, c=y)
    return contours


# %% wrong: a backward pre-hook stays in the network
# fails: leaves the network as it was
def plot_boundary(model, X, y, ax):
    low, high = X.min(axis=0), X.max(axis=0)
    pad = 0.1 * (high - low)
    xx, yy = np.meshgrid(*np.linspace(low - pad, high + pad, 150).T)
    grid = torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)
    training = model.training
    model.eval()
    model.register_full_backward_pre_hook(lambda module, gradient: None)
    with torch.no_grad():
        z = torch.sigmoid(model(grid))
    model.train(training)
    contours = ax.contourf(xx, yy, z.reshape(xx.shape), levels=np.linspace(0, 1, 11), cmap="coolwarm")
    ax.scatter(*X.T, c=y, cmap="coolwarm", edgecolors="k")
    return contours


# %% wrong: a forward of its own stays in the hidden layer
# fails: leaves the network as it was
def plot_boundary(model, X, y, ax):
    low, high = X.min(axis=0), X.max(axis=0)
    pad = 0.1 * (high - low)
    xx, yy = np.meshgrid(*np.linspace(low - pad, high + pad, 150).T)
    grid = torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)
    training = model.training
    model.eval()
    forward, calls = model[0].forward, []

    def counted(x):
        calls.append(len(x))
        return forward(x)

    model[0].forward = counted
    with torch.no_grad():
        z = torch.sigmoid(model(grid))
    model.train(training)
    contours = ax.contourf(xx, yy, z.reshape(xx.shape), levels=np.linspace(0, 1, 11), cmap="coolwarm")
    ax.scatter(*X.T, c=y, cmap="coolwarm", edgecolors="k")
    return contours


# %% wrong: a hook on all modules of torch stays behind
# fails: leaves the network as it was
def plot_boundary(model, X, y, ax):
    low, high = X.min(axis=0), X.max(axis=0)
    pad = 0.1 * (high - low)
    xx, yy = np.meshgrid(*np.linspace(low - pad, high + pad, 150).T)
    grid = torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)
    training = model.training
    model.eval()
    seen = []
    nn.modules.module.register_module_forward_hook(lambda *args: seen.append(args[-1]))
    with torch.no_grad():
        model(grid)
    model.train(training)
    z = torch.sigmoid(seen[-1])
    contours = ax.contourf(xx, yy, z.reshape(xx.shape), levels=np.linspace(0, 1, 11), cmap="coolwarm")
    ax.scatter(*X.T, c=y, cmap="coolwarm", edgecolors="k")
    return contours


# %% wrong: some filled contours, of nothing
# fails: filled contours of the probability or the logit
# fails: leaves the network as it was
def plot_boundary(model, X, y, ax):
    return ax.contourf([[0, 1], [2, 3]])


# %% right: written from the task alone, finer where the rows are
def plot_boundary(model, X, y, ax):
    def ticks(column):
        pad = 0.25 * (column.max() - column.min())
        far = np.linspace(column.min() - pad, column.max() + pad, 101)
        near = np.quantile(column, np.linspace(0, 1, 60))
        return np.unique(np.concatenate([far, near]))

    xx, yy = np.meshgrid(ticks(X[:, 0]), ticks(X[:, 1]))
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.stack([xx, yy], 2), dtype=torch.float32))[..., 0].numpy()
    filled = ax.contourf(xx, yy, np.tanh(z / 2) / 2 + 0.5, levels=[-0.1, 0.25, 0.5, 0.75, 1.1], cmap=CLASS_MAP)
    y = np.asarray(y)
    ax.scatter(*X[y == 1].T, marker="^", color=ORANGE)
    ax.scatter(*X[y == 0].T, marker="s", color=BLUE)
    return filled


# %% right: written from the task alone, hollow points and one dimensional axes
def plot_boundary(model, X, y, ax):
    modes = {part: part.training for part in model.modules()}
    span = np.ptp(X, axis=0)
    x1 = np.linspace(X[:, 0].min() - span[0] / 5, X[:, 0].max() + span[0] / 5, 201)
    x2 = np.linspace(X[:, 1].min() - span[1] / 5, X[:, 1].max() + span[1] / 5, 201)
    model.eval()
    with torch.inference_mode():
        p = np.array([
            torch.sigmoid(model(torch.tensor([[a, b] for a in x1], dtype=torch.float32)))[:, 0].tolist() for b in x2
        ])
    for part, mode in modes.items():
        part.training = mode
    result = ax.contourf(x1, x2, p, [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0], cmap="RdBu_r")
    ax.contour(x1, x2, p, [0.5], colors="k")
    ax.scatter(X[:, 0], X[:, 1], facecolors="none", edgecolors=np.where(np.asarray(y) > 0, ORANGE, BLUE))
    ax.set_title("boundary")
    return result


# %% right: written from the task alone, logits extended both ways ij grid
def plot_boundary(model, X, y, ax):
    low, high = X.min(axis=0), X.max(axis=0)
    pad = 0.3 * (high - low) + 1e-3
    a = np.linspace(low[0] - pad[0], high[0] + pad[0], 150)
    b = np.linspace(low[1] - pad[1], high[1] + pad[1], 130)
    A, B = np.meshgrid(a, b, indexing="ij")
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.stack([A, B], axis=-1).reshape(-1, 2), dtype=torch.float32))
    filled = ax.contourf(A, B, z.numpy().reshape(A.shape), levels=[-4, -2, -1, 0, 1, 2, 4], extend="both", cmap="PuOr")
    for label, colour in enumerate([BLUE, ORANGE]):
        ax.plot(*X[np.asarray(y) == label].T, "o", color=colour, markeredgecolor="black", label=f"class {label}")
    ax.legend()
    return filled


# %% right: written from the task alone, points by number and a colour map
def plot_boundary(model, X, y, ax):
    X = np.array(X, dtype=np.float32)
    centre, half = (X.min(0) + X.max(0)) / 2, np.ptp(X, axis=0) * 0.6
    t = np.linspace(-1, 1, 160)
    xx, yy = np.meshgrid(centre[0] + half[0] * t, centre[1] + half[1] * t)
    probability = copy.deepcopy(model).append(nn.Sigmoid()).eval()
    with torch.no_grad():
        p = probability(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32)).reshape(xx.shape)
    bands = ax.contourf(xx, yy, p, levels=np.linspace(0, 1, 21), cmap=CLASS_MAP, alpha=0.6)
    ax.scatter(X[:, 0], X[:, 1], c=y, cmap=CLASS_MAP, vmin=0, vmax=1, edgecolors="black", zorder=3)
    ax.set(xlabel="x1", ylabel="x2", xlim=(xx.min(), xx.max()))
    return bands


# %% right: written from the task alone, two bands and points one by one
def plot_boundary(model, X, y, ax):
    (left, bottom), (right, top) = X.min(0), X.max(0)
    w, h = right - left, top - bottom
    grid = np.mgrid[left - 0.1 * w : right + 0.1 * w : 120j, bottom - 0.1 * h : top + 0.1 * h : 120j]
    twin = copy.deepcopy(model)
    twin.eval()
    z = twin(torch.from_numpy(grid.reshape(2, -1).T.astype(np.float32))).detach().numpy().reshape(grid[0].shape)
    filled = ax.contourf(*grid, z, levels=[-1e6, 0, 1e6], colors=["#9ecae1", "#fdd0a2"])
    for row, label in zip(X.tolist(), np.asarray(y).tolist()):
        ax.scatter(*row, s=20, color=[BLUE, ORANGE][int(label)])
    return filled


# %% wrong: written from the task alone, coloured by the prediction
# fails: colours show y, not what the network says
# wrong: the points have the colour of what the network says, not of y
def plot_boundary(model, X, y, ax):
    margin = 0.2 * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)).numpy().reshape(xx.shape)
        said = twin(torch.tensor(X, dtype=torch.float32)).numpy()[:, 0] > 0
    contours = ax.contourf(xx, yy, 1 / (1 + np.exp(-z)), levels=np.linspace(0, 1, 11), cmap=CLASS_MAP)
    ax.scatter(X[:, 0], X[:, 1], c=np.where(said, ORANGE, BLUE))
    return contours


# %% wrong: written from the task alone, every second point
# fails: points coloured by class
# wrong: only every second row is drawn
def plot_boundary(model, X, y, ax):
    margin = 0.1 * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)).numpy().reshape(xx.shape)
    contours = ax.contourf(xx, yy, 1 / (1 + np.exp(-z)), levels=np.linspace(0, 1, 11), cmap=CLASS_MAP)
    ax.scatter(X[::2, 0], X[::2, 1], c=np.where(np.asarray(y)[::2] == 1, ORANGE, BLUE))
    return contours


# %% wrong: written from the task alone, fine along one axis only
# fails: a grid beyond the data, of 100 points and more
# wrong: 300 steps along the first axis, 50 along the second
def plot_boundary(model, X, y, ax):
    margin = 0.1 * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(np.linspace(left, right, 301), np.linspace(bottom, top, 51))
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)).numpy().reshape(xx.shape)
    contours = ax.contourf(xx, yy, 1 / (1 + np.exp(-z)), levels=np.linspace(0, 1, 11), cmap=CLASS_MAP)
    ax.scatter(X[:, 0], X[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE))
    return contours


# %% wrong: written from the task alone, grid ends at the outermost points
# fails: a grid beyond the data, of 100 points and more
# wrong: the grid is to reach beyond all rows of X; here the outermost points lie on its edge
def plot_boundary(model, X, y, ax):
    (left, bottom), (right, top) = X.min(axis=0), X.max(axis=0)
    xx, yy = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    rows = torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        p = torch.sigmoid(twin(rows)).numpy().reshape(xx.shape)
    contours = ax.contourf(xx, yy, p, levels=np.linspace(0, 1, 11), cmap=CLASS_MAP)
    ax.scatter(X[:, 0], X[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE))
    return contours


# %% wrong: written from the task alone, hard classes
# fails: the boundary is drawn where it is
# wrong: draws the class, not the value; the picture has the boundary only to a step of the grid
def plot_boundary(model, X, y, ax):
    margin = 0.2 * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)).numpy().reshape(xx.shape)
    contours = ax.contourf(xx, yy, (z > 0).astype(float), levels=[0, 0.5, 1], cmap=CLASS_MAP)
    ax.scatter(X[:, 0], X[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE))
    return contours


# %% wrong: written from the task alone, margin of one for narrow data
# fails: the grid fits narrow data
# wrong: a margin of 1 around data that are 0.01 wide leaves two steps of the grid for them
def plot_boundary(model, X, y, ax):
    (left, bottom), (right, top) = X.min(axis=0) - 1, X.max(axis=0) + 1
    xx, yy = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)).numpy().reshape(xx.shape)
    contours = ax.contourf(xx, yy, 1 / (1 + np.exp(-z)), levels=np.linspace(0, 1, 11), cmap=CLASS_MAP)
    ax.scatter(X[:, 0], X[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE))
    return contours


# %% wrong: written from the task alone, network left in evaluation
# fails: leaves the network as it was
# wrong: the network stays in evaluation mode
def plot_boundary(model, X, y, ax):
    margin = 0.2 * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    model.eval()
    with torch.no_grad():
        z = model(torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)).numpy().reshape(xx.shape)
    contours = ax.contourf(xx, yy, 1 / (1 + np.exp(-z)), levels=np.linspace(0, 1, 11), cmap=CLASS_MAP)
    ax.scatter(X[:, 0], X[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE))
    return contours


# %% wrong: written from the task alone, points below the contours
# fails: points coloured by class
# wrong: the points lie under the contours and can not be seen
def plot_boundary(model, X, y, ax):
    margin = 0.2 * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)).numpy().reshape(xx.shape)
    ax.scatter(X[:, 0], X[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE), zorder=0)
    return ax.contourf(xx, yy, 1 / (1 + np.exp(-z)), levels=np.linspace(0, 1, 11), cmap=CLASS_MAP, zorder=1)


# %% wrong: written from the task alone, points with pyplot
# fails: drawn into ax
# wrong: plt.scatter draws into whatever axes are current
def plot_boundary(model, X, y, ax):
    margin = 0.2 * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)).numpy().reshape(xx.shape)
    contours = ax.contourf(xx, yy, 1 / (1 + np.exp(-z)), levels=np.linspace(0, 1, 11), cmap=CLASS_MAP)
    plt.scatter(X[:, 0], X[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE))
    return contours


# %% wrong: written from the task alone, same range for both axes
# fails: right wherever the data are
# wrong: the range of the first column serves for both axes
def plot_boundary(model, X, y, ax):
    low, high = X[:, 0].min() - 1, X[:, 0].max() + 1
    xx, yy = np.meshgrid(np.linspace(low, high, 121), np.linspace(low, high, 121))
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)).numpy().reshape(xx.shape)
    contours = ax.contourf(xx, yy, 1 / (1 + np.exp(-z)), levels=np.linspace(0, 1, 11), cmap=CLASS_MAP)
    ax.scatter(X[:, 0], X[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE))
    return contours


# %% wrong: written from the task alone, softmax of one output
# fails: filled contours of the probability or the logit
# wrong: the softmax of a single logit is 1 everywhere
def plot_boundary(model, X, y, ax):
    margin = 0.2 * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32))
        p = torch.softmax(z, dim=1).numpy().reshape(xx.shape)
    contours = ax.contourf(xx, yy, p, levels=np.linspace(0, 1, 11), cmap=CLASS_MAP)
    ax.scatter(X[:, 0], X[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE))
    return contours


# %% wrong: written from the task alone, ten levels miss the boundary
# fails: the boundary is one of the levels
# wrong: 0.5 is not among ten levels
def plot_boundary(model, X, y, ax):
    margin = 0.2 * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)).numpy().reshape(xx.shape)
    contours = ax.contourf(xx, yy, 1 / (1 + np.exp(-z)), levels=np.linspace(0, 1, 10), cmap=CLASS_MAP)
    ax.scatter(X[:, 0], X[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE))
    return contours


# %% wrong: written from the task alone, thirty steps along each axis
# fails: a grid beyond the data, of 100 points and more
# wrong: at least 100 steps along each axis are asked for
def plot_boundary(model, X, y, ax):
    margin = 0.02 * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(np.linspace(left, right, 31), np.linspace(bottom, top, 31))
    rows = torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        p = torch.sigmoid(twin(rows)).numpy().reshape(xx.shape)
    contours = ax.contourf(xx, yy, p, levels=np.linspace(0, 1, 11), cmap=CLASS_MAP)
    ax.scatter(X[:, 0], X[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE))
    return contours


# %% wrong: written from the task alone, view cuts off the points
# fails: the picture covers all the data
# wrong: the axes show the middle of the data, half of the points are outside of the picture
def plot_boundary(model, X, y, ax):
    margin = 0.1 * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)).numpy().reshape(xx.shape)
    contours = ax.contourf(xx, yy, 1 / (1 + np.exp(-z)), levels=np.linspace(0, 1, 11), cmap=CLASS_MAP)
    ax.scatter(X[:, 0], X[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE))
    ax.set(xlim=np.quantile(X[:, 0], [0.2, 0.8]), ylim=np.quantile(X[:, 1], [0.2, 0.8]))
    return contours


# %% wrong: written from the task alone, white where the network is sure
# fails: filled also where the network is sure
# wrong: logits beyond 3 are left white
def plot_boundary(model, X, y, ax):
    margin = 0.2 * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - margin, X.max(axis=0) + margin
    xx, yy = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.column_stack([xx.ravel(), yy.ravel()]), dtype=torch.float32)).numpy().reshape(xx.shape)
    contours = ax.contourf(xx, yy, z, levels=np.linspace(-3, 3, 13), cmap=CLASS_MAP)
    ax.scatter(X[:, 0], X[:, 1], c=np.where(np.asarray(y) == 1, ORANGE, BLUE))
    return contours


# %% wrong: anomaly detection stays on
# fails: leaves the network as it was
def plot_boundary(model, X, y, ax):
    torch.autograd.set_detect_anomaly(True)
    low, high = X.min(axis=0), X.max(axis=0)
    pad = 0.1 * (high - low)
    xx, yy = np.meshgrid(*np.linspace(low - pad, high + pad, 150).T)
    training = model.training
    model.eval()
    z = torch.sigmoid(model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32))).detach()
    model.train(training)
    contours = ax.contourf(xx, yy, z.reshape(xx.shape).numpy(), levels=np.linspace(0, 1, 11), cmap="coolwarm")
    ax.scatter(*X.T, c=y, cmap="coolwarm", edgecolors="k")
    return contours


# %% wrong: the recording of gradients stays off
# fails: leaves the network as it was
def plot_boundary(model, X, y, ax):
    torch.set_grad_enabled(False)
    low, high = X.min(axis=0), X.max(axis=0)
    pad = 0.1 * (high - low)
    xx, yy = np.meshgrid(*np.linspace(low - pad, high + pad, 150).T)
    training = model.training
    model.eval()
    z = torch.sigmoid(model(torch.tensor(np.c_[xx.ravel(), yy.ravel()], dtype=torch.float32))).detach()
    model.train(training)
    contours = ax.contourf(xx, yy, z.reshape(xx.shape).numpy(), levels=np.linspace(0, 1, 11), cmap="coolwarm")
    ax.scatter(*X.T, c=y, cmap="coolwarm", edgecolors="k")
    return contours


# %% right: logit extend plot markers
def plot_boundary(model, X, y, ax):
    low, high = X.min(axis=0), X.max(axis=0)
    low, high = low - 0.15 * (high - low), high + 0.15 * (high - low)
    g1, g2 = np.mgrid[low[0]:high[0]:150j, low[1]:high[1]:130j]
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            z = model(torch.tensor(np.c_[g1.flat, g2.flat], dtype=torch.float32)).view(150, 130).numpy()
    finally:
        model.train(training)
    filled = ax.contourf(g1, g2, z, levels=[-4, -2, -1, 0, 1, 2, 4], cmap="coolwarm", extend="both")
    ax.plot(*X[y == 0].T, "o", color="navy", markeredgecolor="white")
    ax.plot(*X[y == 1].T, "o", color="darkred", markeredgecolor="white")
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), title="decision boundary")
    return filled


# %% right: probability two scatters
def _grid(values, points, share=0.25):
    low, high = float(values.min()), float(values.max())
    margin = share * (high - low)
    return np.linspace(low - margin, high + margin, points)


def plot_boundary(model, X, y, ax):
    xs, ys = _grid(X[:, 0], 180), _grid(X[:, 1], 120)
    gx, gy = np.meshgrid(xs, ys)
    rows = torch.tensor(np.column_stack([gx.ravel(), gy.ravel()]), dtype=torch.float32)
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        p = torch.sigmoid(twin(rows)).numpy().reshape(gx.shape)
    contours = ax.contourf(gx, gy, p, levels=np.linspace(0, 1, 21), cmap=CLASS_MAP)
    ax.contour(gx, gy, p, levels=[0.5], colors="black")
    for label, colour in enumerate((BLUE, ORANGE)):
        ax.scatter(X[y == label, 0], X[y == label, 1], color=colour, edgecolors="black", label=f"class {label}", zorder=3)
    ax.set_xlim(xs[0], xs[-1])
    ax.set_ylim(ys[0], ys[-1])
    ax.legend()
    return contours


# %% wrong: fixed margin
# fails: the grid fits narrow data
def plot_boundary(model, X, y, ax):
    xs = np.linspace(X[:, 0].min() - 0.5, X[:, 0].max() + 0.5, 150)
    ys = np.linspace(X[:, 1].min() - 0.5, X[:, 1].max() + 0.5, 150)
    gx, gy = np.meshgrid(xs, ys)
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        p = torch.sigmoid(twin(torch.tensor(np.c_[gx.ravel(), gy.ravel()], dtype=torch.float32))).numpy()
    contours = ax.contourf(gx, gy, p.reshape(gx.shape), levels=np.linspace(0, 1, 11), cmap=CLASS_MAP)
    ax.scatter(X[:, 0], X[:, 1], c=[ORANGE if label else BLUE for label in y], edgecolors="black")
    return contours


# %% wrong: logit levels without extend
# fails: filled also where the network is sure
def plot_boundary(model, X, y, ax):
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.2 * (high - low)
    gx, gy = np.meshgrid(*(np.linspace(a, b, 150) for a, b in zip(low - margin, high + margin)))
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        z = twin(torch.tensor(np.c_[gx.ravel(), gy.ravel()], dtype=torch.float32)).numpy().reshape(gx.shape)
    contours = ax.contourf(gx, gy, z, levels=np.linspace(-12, 12, 25), cmap=CLASS_MAP)
    ax.scatter(X[:, 0], X[:, 1], c=[ORANGE if label else BLUE for label in y], edgecolors="black")
    ax.set_xlim(gx.min(), gx.max())
    ax.set_ylim(gy.min(), gy.max())
    return contours
