# Answers to dead_by_layer: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives copy, np, torch, nn and the example network.

# %% right: hooks on a copy in eval mode
def dead_by_layer(model, X):
    outputs = []
    probe = copy.deepcopy(model).eval()
    for layer in probe.modules():
        if isinstance(layer, nn.ReLU):
            layer.register_forward_hook(lambda m, args, out: outputs.append(out.detach().clone()))
    probe(X)
    shares = []
    for out in outputs:
        axes = [axis for axis in range(out.ndim) if axis != 1]
        dead = out.amax(dim=axes) == 0
        shares.append(dead.sum().item() / len(dead))
    return shares


# %% right: hooks on the model itself, taken off again, modes put back one by one
class Eval:
    """Puts a network into eval mode and each of its modules back into its own."""

    def __init__(self, model):
        self.model, self.modes = model, {module: module.training for module in model.modules()}

    def __enter__(self):
        return self.model.eval()

    def __exit__(self, *exc):
        for module, mode in self.modes.items():
            module.training = mode


def dead_by_layer(model, X):
    shares = []

    def note(module, inputs, output):
        units = output.detach().transpose(0, 1).reshape(output.shape[1], -1)
        shares.append(float((units.max(dim=1).values == 0).float().mean()))

    handles = [module.register_forward_hook(note) for module in model.modules() if isinstance(module, nn.ReLU)]
    try:
        with Eval(model), torch.no_grad():
            model(X)
    finally:
        for handle in handles:
            handle.remove()
    return shares


# %% right: ReLUs of a copy replaced by recorders
class LayerLog(nn.ReLU):
    def __init__(self, log):
        super().__init__()
        self.log = log

    def forward(self, z):
        a = torch.relu(z)
        live = {j for j in range(a.shape[1]) if bool((a[:, j] > 0).any())}
        self.log.append(1 - len(live) / a.shape[1])
        return a


def dead_by_layer(model, X):
    log, twin = [], nn.Sequential(copy.deepcopy(model))
    for name, module in list(twin.named_modules(remove_duplicate=False)):
        if isinstance(module, nn.ReLU):
            parent, _, attribute = name.rpartition(".")
            setattr(twin.get_submodule(parent), attribute, LayerLog(log))
    with torch.no_grad():
        twin.eval()(X)
    return log


# %% right: ReLU's forward replaced in the copy
def dead_by_layer(model, X):
    shares = []

    def forward(z):
        a = z.relu()
        zero = (a == 0).numpy()
        shares.append(float(np.mean([zero[:, unit].all() for unit in range(a.shape[1])])))
        return a

    twin = copy.deepcopy(model)
    twin.eval()
    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.forward = forward
    with torch.no_grad():
        twin(X)
    return shares


# %% right: NumPy's float64, which is a float
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        rows = np.moveaxis(output.numpy(), 1, 0).reshape(output.shape[1], -1)
        shares.append(np.mean(~rows.any(axis=1)))

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% right: every unit by itself
def dead_by_layer(model, X):
    """Share of dead units of each ReLU layer, in running order: a list of floats from 0 to 1."""
    layers = []

    def keep(module, inputs, output):
        layers.append([not output.select(1, j).count_nonzero() for j in range(output.size(1))])

    modes = {}
    handles = []
    for name, module in model.named_modules(remove_duplicate=True):
        modes[name] = module.training
        if type(module).__mro__.count(nn.ReLU):
            handles += [module.register_forward_hook(keep, prepend=True)]
    with torch.no_grad():
        model.eval()(X)
    [handle.remove() for handle in handles]
    for name, module in model.named_modules():
        module.train(False) if not modes[name] else setattr(module, "training", True)
    return [sum(units) / len(units) for units in layers]


# %% right: in chunks of rows
def dead_by_layer(model, X):
    model = copy.deepcopy(model).eval()
    alive, place = [], 0

    def look(module, inputs, output):
        nonlocal place
        now = (output != 0).transpose(0, 1).flatten(1).any(dim=1)
        if place == len(alive):
            alive.append(now)
        else:
            alive[place] |= now
        place += 1

    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(look)
    with torch.no_grad():
        for rows in X.split(7):
            place = 0
            model(rows)
    return [1 - int(layer.sum()) / len(layer) for layer in alive]


# %% right: in double precision list subclass
class Shares(list):
    """A list that shows percentages."""

    def __repr__(self):
        return ", ".join(f"{100 * share:.0f} %" for share in self)


def dead_by_layer(model, X):
    """Share of dead units of each ReLU layer, in running order: a list of floats from 0 to 1."""
    shares = Shares()
    twin = copy.deepcopy(model).eval()

    def hook(_, __, out):
        units = out.unsqueeze(-1).flatten(2).max(dim=2).values.max(dim=0).values
        shares.append(torch.count_nonzero(units == 0).item() / len(units))

    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    twin(X)
    return shares


# %% right: instance forward replaced on a copy
def dead_by_layer(model, X):
    """Share of dead units of each ReLU layer, in running order: a list of floats from 0 to 1."""
    shares = []

    def forward(z):
        a = torch.clamp(z, min=0)
        share = np.asarray(a.detach() > 0).any(axis=tuple(k for k in range(a.dim()) if k != 1))
        shares.append(np.float64(1) - share.mean())
        return a

    twin = copy.deepcopy(model).eval()
    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.forward = forward
    twin(X)
    return shares


# %% right: one row at a time
def dead_by_layer(model, X):
    """Share of dead units of each ReLU layer, in running order: a list of floats from 0 to 1."""
    twin = copy.deepcopy(model).eval()
    peaks = []

    def hook(module, args, out):
        top = out.detach()[0].flatten(1).amax(1) if out.dim() > 2 else out.detach()[0].clone()
        if len(peaks) <= step[0]:
            peaks.append(top)
        else:
            peaks[step[0]] = torch.maximum(peaks[step[0]], top)
        step[0] += 1

    step = [0]
    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    for row in X:
        step[0] = 0
        twin(row[None])
    return [(peak == 0).sum().item() / peak.numel() for peak in peaks]


# %% wrong: counts zeros instead of dead units
# fails: 1 of 4 and 1 of 2 units are dead
# fails: a Residual block: inner ReLU first
# fails: right for one ReLU layer
# fails: right for a nested network
# fails: right on random networks
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        shares.append((output == 0).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% wrong: positions of a picture counted as units
# fails: a channel of Conv2d is one unit
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        shares.append((output == 0).all(dim=0).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% wrong: the number of dead units
# fails: 1 of 4 and 1 of 2 units are dead
# fails: a Residual block: inner ReLU first
# fails: right for one ReLU layer
# fails: layers of different width
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append(float((units == 0).all(dim=1).sum()))

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% wrong: divided by the number of rows
# fails: 1 of 4 and 1 of 2 units are dead
# fails: right for one ReLU layer
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).sum().item() / len(output))

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% wrong: share among all units of the network
# fails: 1 of 4 and 1 of 2 units are dead
# fails: a Residual block: inner ReLU first
# fails: right for a nested network
# fails: layers of different width
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append(((units == 0).all(dim=1).sum().item(), len(units)))

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    total = sum(count for _, count in shares)
    return [dead / total for dead, _ in shares]


# %% wrong: the share of the living
# fails: 1 of 4 and 1 of 2 units are dead
# fails: a Residual block: inner ReLU first
# fails: right for one ReLU layer
# fails: no unit dead, and every unit dead
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units > 0).any(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% wrong: one number for the whole network
# fails: 1 of 4 and 1 of 2 units are dead
# fails: right for a nested network
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        shares.extend((output == 0).transpose(0, 1).flatten(1).all(dim=1).tolist())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return [sum(shares) / len(shares)] if shares else []


# %% wrong: in the order of declaration
# fails: a Residual block: inner ReLU first
# fails: a network with a class of its own
# fails: a ReLU module used twice is two layers
def dead_by_layer(model, X):
    shares = {}

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares[module] = (units == 0).all(dim=1).double().mean().item()

    model = copy.deepcopy(model).eval()
    shares.update((module, 0.0) for module in model.modules() if isinstance(module, nn.ReLU))
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return list(shares.values())


# %% wrong: backwards, the last layer first
# fails: 1 of 4 and 1 of 2 units are dead
# fails: a Residual block: inner ReLU first
# fails: right on random networks
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.insert(0, (units == 0).all(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% wrong: one entry a module, the first run wins
# fails: a ReLU module used twice is two layers
def dead_by_layer(model, X):
    shares = {}

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.setdefault(module, (units == 0).all(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return list(shares.values())


# %% wrong: off by one: without the last layer
# fails: 1 of 4 and 1 of 2 units are dead
# fails: right for one ReLU layer
# fails: right on random networks
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares[:-1]


# %% wrong: layers without a dead unit left out
# fails: layers of different width
# fails: no unit dead, and every unit dead
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return [share for share in shares if share > 0]


# %% wrong: every layer counts
# fails: 1 of 4 and 1 of 2 units are dead
# fails: no ReLU at all
# fails: other activations do not count
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if not list(module.children()):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% wrong: every activation counts
# fails: other activations do not count
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, (nn.ReLU, nn.Tanh, nn.Hardtanh, nn.LeakyReLU)):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% wrong: only the layers at the top of the network
# fails: a Residual block: inner ReLU first
# fails: right for a nested network
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU) and module in list(model.children()):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% wrong: 0.0 instead of an empty list
# fails: an empty list without a ReLU
# fails: no ReLU at all
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares or [0.0]


# %% wrong: a threshold instead of 0
# fails: a tiny output is not 0
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units < 1e-7).all(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% wrong: mean over the rows, rounded
# fails: one row out of 300 makes a unit alive
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        activity = (output > 0).transpose(0, 1).flatten(1).double().mean(dim=1)
        shares.append((activity.numpy().round(2) == 0).mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% wrong: looks at the first hundred rows only
# fails: one row out of 300 makes a unit alive
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X[:100])
    return shares


# %% wrong: a squeeze that swallows the only row
# fails: a single row
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        rows = output.squeeze()
        axes = [axis for axis in range(rows.ndim) if axis != 1]
        shares.append((rows.amax(dim=axes) == 0).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% wrong: looks at the inputs of an in-place ReLU after it ran
# fails: ReLU(inplace=True)
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = inputs[0].transpose(0, 1).flatten(1)
        shares.append((units < 0).all(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% wrong: in whatever mode the network is
# fails: measured in eval mode
# fails: leaves weights and buffers as they were
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    handles = [module.register_forward_hook(hook) for module in model.modules() if isinstance(module, nn.ReLU)]
    with torch.no_grad():
        model(X)
    for handle in handles:
        handle.remove()
    return shares


# %% wrong: eval mode left on
# fails: leaves every module in its mode
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    model.eval()
    handles = [module.register_forward_hook(hook) for module in model.modules() if isinstance(module, nn.ReLU)]
    with torch.no_grad():
        model(X)
    for handle in handles:
        handle.remove()
    return shares


# %% wrong: train mode at the end, whatever it was
# fails: leaves every module in its mode
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    model.eval()
    handles = [module.register_forward_hook(hook) for module in model.modules() if isinstance(module, nn.ReLU)]
    with torch.no_grad():
        model(X)
    for handle in handles:
        handle.remove()
    model.train()
    return shares


# %% wrong: hooks left behind
# fails: no hook is left behind
# fails: leaves other people's hooks alone
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    handles = [module.register_forward_hook(hook) for module in model.modules() if isinstance(module, nn.ReLU)]
    with torch.no_grad():
        model(X)
    for module, mode in modes:
        module.training = mode
    return shares


# %% wrong: one handle removed, the last
# fails: no hook is left behind
# fails: leaves other people's hooks alone
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    handles = [module.register_forward_hook(hook) for module in model.modules() if isinstance(module, nn.ReLU)]
    with torch.no_grad():
        model(X)
    for handle in handles[-1:]:
        handle.remove()
    for module, mode in modes:
        module.training = mode
    return shares


# %% wrong: backpropagates and keeps the gradients
# fails: leaves gradients as they were
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    handles = [module.register_forward_hook(hook) for module in model.modules() if isinstance(module, nn.ReLU)]
    total = model(X).sum()
    try:
        total.backward()
    except RuntimeError:
        pass  # not every network can be trained
    for handle in handles:
        handle.remove()
    for module, mode in modes:
        module.training = mode
    return shares


# %% wrong: gives tensors
# fails: gives a list of floats
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return shares


# %% wrong: gives an array
# fails: gives a list of floats
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return np.array(shares)


# %% wrong: gives a dict by layer
# fails: 1 of 4 and 1 of 2 units are dead
# fails: right for one ReLU layer
# fails: right for a nested network
def dead_by_layer(model, X):
    shares = []

    def hook(module, inputs, output):
        units = output.transpose(0, 1).flatten(1)
        shares.append((units == 0).all(dim=1).double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return dict(enumerate(shares))


# %% wrong: knows the visible answers
# fails: right for one ReLU layer
# fails: right for a nested network
def dead_by_layer(model, X):
    return [2 / 3, 1 / 2] if isinstance(model, Residual) else [1 / 4, 1 / 2]


# %% wrong: an empty list
# fails: 1 of 4 and 1 of 2 units are dead
# fails: right for one ReLU layer
def dead_by_layer(model, X):
    return []


# %% wrong: a view that needs one order of memory
# fails: rows that do not lie one after another in memory
def dead_by_layer(model, X):
    twin = copy.deepcopy(model).eval()
    layers = []

    def hook(m, i, o):
        rows = o.view(len(o), -1)  # each row as one long vector
        positions = rows.shape[1] // o.shape[1]
        units = rows.reshape(len(o), o.shape[1], positions)
        layers.append((units == 0).all(2).all(0).tolist())

    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    twin(X)
    return [sum(layer) / len(layer) for layer in layers]


# %% wrong: calls of one module put together
# fails: the same module twice: two entries
# fails: a ReLU module used twice is two layers
def dead_by_layer(model, X):
    """Share of dead units of each ReLU layer, in running order: a list of floats from 0 to 1."""
    twin = copy.deepcopy(model).eval()
    dead = {}

    def hook(m, i, o):
        silent = (o == 0).transpose(0, 1).flatten(1).all(1)
        a, b = dead.get(m, (0, 0))
        dead[m] = (a + silent.sum().item(), b + len(silent))

    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    twin(X)
    return [a / b for a, b in dead.values()]


# %% wrong: constant units count as dead
# fails: other activations do not count
# fails: a single row
def dead_by_layer(model, X):
    """Share of dead units of each ReLU layer, in running order: a list of floats from 0 to 1."""
    twin = copy.deepcopy(model).eval()
    shares = []

    def hook(m, i, o):
        units = o.transpose(0, 1).flatten(1)
        shares.append((units.amax(1) == units.amin(1)).double().mean().item())

    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    twin(X)
    return shares


# %% wrong: input made float32
# fails: a float64 network stays float64
def dead_by_layer(model, X):
    """Share of dead units of each ReLU layer, in running order: a list of floats from 0 to 1."""
    twin = copy.deepcopy(model).eval().float()
    shares = []

    def hook(m, i, o):
        shares.append((o == 0).transpose(0, 1).flatten(1).all(1).double().mean().item())

    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    twin(X.float())
    return shares


# %% wrong: last axis of a sequence
# fails: a channel of Conv1d is one unit
def dead_by_layer(model, X):
    """Share of dead units of each ReLU layer, in running order: a list of floats from 0 to 1."""
    twin = copy.deepcopy(model).eval()
    shares = []

    def hook(m, i, o):
        dims = (0, 2, 3) if o.dim() == 4 else tuple(range(o.dim() - 1))
        shares.append((o.amax(dims) == 0).double().mean().item())

    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    twin(X)
    return shares


# %% wrong: order of declaration
# fails: a Residual block: inner ReLU first
# fails: a network with a class of its own
def dead_by_layer(model, X):
    """Share of dead units of each ReLU layer, in running order: a list of floats from 0 to 1."""
    twin = copy.deepcopy(model).eval()
    found = {module: [] for module in twin.modules() if isinstance(module, nn.ReLU)}
    for module in found:
        module.register_forward_hook(
            lambda m, i, o: found[m].append((o == 0).transpose(0, 1).flatten(1).all(1).double().mean().item())
        )
    twin(X)
    return [share for shares in found.values() for share in shares]


# %% wrong: outputs kept without a copy
# fails: the next layer writes over what a ReLU gave
def dead_by_layer(model, X):
    outputs = []
    twin = copy.deepcopy(model).eval()
    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(lambda m, i, o: outputs.append(o))
    with torch.no_grad():
        twin(X)
    return [(o == 0).transpose(0, 1).flatten(1).all(1).double().mean().item() for o in outputs]


# %% wrong: running statistics moved
# fails: measured in eval mode
# fails: leaves weights and buffers as they were
def dead_by_layer(model, X):
    """Share of dead units of each ReLU layer, in running order: a list of floats from 0 to 1."""
    shares, handles = [], []

    def hook(m, i, o):
        shares.append((o == 0).transpose(0, 1).flatten(1).all(1).double().mean().item())

    for module in model.modules():
        if isinstance(module, nn.ReLU):
            handles.append(module.register_forward_hook(hook))
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p, module.old = 0.0, module.p
    with torch.no_grad():
        model(X)
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = module.old
            del module.old
    for handle in handles:
        handle.remove()
    return shares


# %% wrong: shares of the rows on which a unit is silent
# fails: 1 of 4 and 1 of 2 units are dead
# fails: a Residual block: inner ReLU first
# fails: the same module twice: two entries
def dead_by_layer(model, X):
    shares, handles = [], []
    modes = {module: module.training for module in model.modules()}

    def note(module, inputs, output):
        shares.append((output == 0).double().mean().item())

    for module in model.modules():
        if isinstance(module, nn.ReLU):
            handles.append(module.register_forward_hook(note))
    model.eval()
    with torch.no_grad():
        model(X)
    for handle in handles:
        handle.remove()
    for module, mode in modes.items():
        module.training = mode
    return shares


# %% wrong: one entry for a module however often it runs
# fails: the same module twice: two entries
# fails: a ReLU module used twice is two layers
def dead_by_layer(model, X):
    model, alive = copy.deepcopy(model).eval(), {}

    def note(module, inputs, output):
        units = output.detach().transpose(0, 1).flatten(1)
        alive[module] = alive.get(module, False) | (units != 0).any(dim=1) if module not in alive else (units != 0).any(dim=1)

    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(note)
    with torch.no_grad():
        model(X)
    return [1 - found.double().mean().item() for found in alive.values()]


# %% right: global module hook
from torch.nn.modules.module import register_module_forward_hook


def dead_by_layer(model, X):
    shares = []

    def watch(module, args, output):
        if isinstance(module, nn.ReLU):
            rest = tuple(i for i in range(output.ndim) if i != 1)
            silent = output.detach().abs().amax(dim=rest) == 0
            shares.append(silent.sum().item() / silent.numel())

    modes = {module: module.training for module in model.modules()}
    handle = register_module_forward_hook(watch)
    try:
        model.eval()
        with torch.no_grad():
            model(X.clone())
    finally:
        handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return shares


# %% right: recorder modules
class _Recorder(nn.Module):
    """Takes the place of a ReLU and writes down the share of dead units each time it runs."""

    def __init__(self, relu, log):
        super().__init__()
        self.relu, self.log = relu, log

    def forward(self, x):
        out = self.relu(x)
        columns = [out.select(1, j) for j in range(out.shape[1])]
        self.log.append(sum(not bool((column != 0).any()) for column in columns) / len(columns))
        return out


def _wrap(module, log):
    if isinstance(module, nn.ReLU):
        return _Recorder(module, log)
    for name, child in list(module._modules.items()):
        if child is not None and not isinstance(child, _Recorder):
            setattr(module, name, _wrap(child, log))
    return module


def dead_by_layer(model, X):
    log = []
    twin = _wrap(copy.deepcopy(model), log)
    twin.eval()
    with torch.no_grad():
        twin(X.detach().clone())
    return log


# %% wrong: outputs read afterwards
# fails: the next layer writes over what a ReLU gave
def dead_by_layer(model, X):
    twin = copy.deepcopy(model).eval()
    outputs = []
    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(lambda m, i, o: outputs.append(o))
    with torch.no_grad():
        twin(X.clone())
    return [(o.transpose(0, 1).flatten(1) == 0).all(dim=1).double().mean().item() for o in outputs]


# %% wrong: threshold
# fails: a tiny output is not 0
# fails: a float64 network stays float64
def dead_by_layer(model, X):
    twin = copy.deepcopy(model).eval()
    shares = []

    def hook(module, inputs, output):
        shares.append((output.transpose(0, 1).flatten(1) < 1e-6).all(dim=1).double().mean().item())

    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        twin(X.clone())
    return shares
