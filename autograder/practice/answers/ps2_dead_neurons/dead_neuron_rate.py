# Answers to dead_neuron_rate: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives copy, np, torch, nn and the example network.

# %% right: hooks on a copy in eval mode
def dead_neuron_rate(model, X):
    outputs = []
    probe = copy.deepcopy(model).eval()
    for layer in probe.modules():
        if isinstance(layer, nn.ReLU):
            layer.register_forward_hook(lambda m, args, out: outputs.append(out.detach().clone()))
    probe(X)
    dead = units = 0
    for out in outputs:
        zero = (out == 0).all(dim=0)  # over the rows
        while zero.ndim > 1:
            zero = zero.all(dim=-1)  # over the positions
        dead += zero.sum().item()
        units += zero.numel()
    return dead / max(units, 1)


# %% right: hooks on the model itself, taken off again, modes put back one by one
def dead_neuron_rate(model, X):
    flags = []
    modes = {module: module.training for module in model.modules()}

    def note(module, inputs, output):
        axes = [axis for axis in range(output.ndim) if axis != 1]
        flags.append(torch.amax(output, dim=axes) == 0)

    handles = [module.register_forward_hook(note) for module in model.modules() if isinstance(module, nn.ReLU)]
    try:
        model.eval()
        with torch.no_grad():
            model(X)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return torch.cat(flags).double().mean().item() if flags else 0.0


# %% right: ReLUs of a copy replaced by recorders
class Recorder(nn.Module):
    def __init__(self, log):
        super().__init__()
        self.log = log

    def forward(self, z):
        a = z.clamp(min=0)
        self.log.append(a.numpy().copy())
        return a


def with_recorders(module, log):
    for name, child in list(module._modules.items()):
        if isinstance(child, nn.ReLU):
            module._modules[name] = Recorder(log)
        else:
            with_recorders(child, log)


def dead_neuron_rate(model, X):
    log, model = [], nn.Sequential(copy.deepcopy(model))
    with_recorders(model, log)
    with torch.inference_mode():
        model.eval()(X)
    zero = [np.moveaxis(a, 1, 0).reshape(a.shape[1], -1).max(axis=1) == 0 for a in log]
    return float(np.concatenate(zero).mean()) if zero else 0.0


# %% right: one hook for all modules of torch, for the time of the call
from torch.nn.modules.module import register_module_forward_hook


def dead_neuron_rate(model, X):
    counts = np.zeros(2)

    def count(module, inputs, output):
        if isinstance(module, nn.ReLU):
            peak = output.transpose(0, 1).reshape(output.shape[1], -1).max(dim=1).values
            counts[:] += [(peak == 0).sum().item(), len(peak)]

    handle = register_module_forward_hook(count)
    try:
        with torch.no_grad():
            copy.deepcopy(model).eval()(X)
    finally:
        handle.remove()
    dead, total = counts
    return float(dead / total) if total else 0.0


# %% right: pre-activations seen by a pre-hook, before an in-place ReLU overwrites them
def dead_neuron_rate(model, X):
    silent = []

    def before(module, inputs):
        (z,) = inputs
        positive = z > 0
        silent.append(~positive.any(dim=0) if z.ndim == 2 else ~positive.any(dim=0).flatten(1).any(dim=1))

    twin = copy.deepcopy(model)
    for module in twin.modules():
        if type(module) is nn.ReLU:
            module.register_forward_pre_hook(before)
    with torch.no_grad():
        twin.eval().forward(X)
    found = sum(int(s.sum()) for s in silent)
    return found / sum(len(s) for s in silent) if silent else 0.0


# %% right: loops over units in plain Python
def is_dead(column):
    return not any(value != 0 for value in column)


def dead_neuron_rate(model, X):
    answers = []

    def hook(_, __, output):
        rows = output.unsqueeze(-1).flatten(2)
        for unit in range(rows.shape[1]):
            answers.append(is_dead(rows[:, unit].reshape(-1).tolist()))

    frozen = copy.deepcopy(model)
    frozen.train(False)
    for module in frozen.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    frozen(X)
    return answers.count(True) / len(answers) if answers else 0.0


# %% right: NumPy's float64, which is a float
def dead_neuron_rate(model, X):
    dead = []

    def hook(module, inputs, output):
        dead.extend((output.transpose(0, 1).flatten(1).sum(dim=1) == 0).tolist())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return np.mean(dead) if dead else np.float64(0)


# %% right: dispatch mode sees relu
from torch.utils._python_dispatch import TorchDispatchMode


class CountReLU(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.dead = self.total = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if func.overloadpacket in (torch.ops.aten.relu, torch.ops.aten.relu_):
            dead = (out == 0).transpose(0, 1).flatten(1).all(dim=1)
            self.dead += int(dead.sum())
            self.total += dead.numel()
        return out


def dead_neuron_rate(model, X):
    model = copy.deepcopy(model).eval()
    with torch.no_grad(), CountReLU() as count:
        model(X)
    return count.dead / count.total if count.total else 0.0


# %% right: forward of each relu wrapped and put back
from unittest import mock


def dead_neuron_rate(model, X):
    """Share of the units of all ReLU layers that are 0 on every row of X: a float from 0 to 1."""
    alive = []
    true_call = nn.ReLU.__call__

    def call(self, *args, **kwargs):
        out = true_call(self, *args, **kwargs)
        alive.extend(out[:, unit].bool().any().item() for unit in range(out.shape[1]))
        return out

    twin = copy.deepcopy(model)
    twin.eval()
    with mock.patch.object(nn.ReLU, "__call__", call):
        twin(X)
    return alive.count(False) / len(alive) if alive else 0.0


# %% right: forward of the class patched for the call
from unittest import mock


def dead_neuron_rate(model, X):
    alive = []
    original = nn.ReLU.forward

    def watched(self, z):
        out = original(self, z)
        alive.append((out > 0).transpose(0, 1).flatten(1).any(1))
        return out

    model = copy.deepcopy(model).eval()
    with mock.patch.object(nn.ReLU, "forward", watched), torch.inference_mode():
        model(X)
    return float(1 - torch.cat(alive).double().mean()) if alive else 0.0


# %% right: function mode sees relu
from torch.overrides import TorchFunctionMode


class Watch(TorchFunctionMode):
    def __init__(self):
        super().__init__()
        self.alive = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if function is nn.functional.relu:
            self.alive.append((result > 0).movedim(1, 0).reshape(result.shape[1], -1).any(dim=1))
        return result


def dead_neuron_rate(model, X):
    """Share of the units of all ReLU layers that are 0 on every row of X: a float from 0 to 1."""
    twin = copy.deepcopy(model).eval()
    with torch.no_grad(), Watch() as watch:
        twin(X)
    if not watch.alive:
        return 0.0
    return 1 - torch.cat(watch.alive).double().mean().item()


# %% right: global module hook
from torch.nn.modules.module import register_module_forward_hook


def dead_neuron_rate(model, X):
    """Share of the units of all ReLU layers that are 0 on every row of X: a float from 0 to 1."""
    dead, units = 0, 0

    def look(module, args, out):
        nonlocal dead, units
        if isinstance(module, nn.ReLU):
            alive = (out != 0).transpose(0, 1).flatten(1).any(1)
            units += len(alive)
            dead += int((~alive).sum())

    modes = [(m, m.training) for m in model.modules()]
    handle = register_module_forward_hook(look)
    try:
        for m, _ in modes:
            m.training = False
        with torch.inference_mode():
            model(X)
    finally:
        handle.remove()
        for m, mode in modes:
            m.training = mode
    return dead / units if units else 0.0


# %% right: pre hooks in an exit stack
import contextlib


def dead_neuron_rate(model, X):
    """Share of the units of all ReLU layers that are 0 on every row of X: a float from 0 to 1."""
    counts = []

    def before(module, inputs):
        z = inputs[0].detach()
        top = z.transpose(0, 1).flatten(1).amax(1)
        counts.append([(top <= 0).sum().item(), top.numel()])

    with contextlib.ExitStack() as stack:
        for module in set(model.modules()):
            stack.callback(setattr, module, "training", module.training)
            if isinstance(module, nn.ReLU):
                stack.callback(module.register_forward_pre_hook(before).remove)
        stack.enter_context(torch.no_grad())
        model.eval()
        model(X)
    if not counts:
        return 0.0
    dead, units = map(sum, zip(*counts))
    return dead / units


# %% right: relu subclass on a copy and numpy float
def dead_neuron_rate(model, X):
    """Share of the units of all ReLU layers that are 0 on every row of X: a float from 0 to 1."""
    seen = []

    class Recorder(nn.ReLU):
        def forward(self, z):
            a = super().forward(z)
            seen.append(a.detach().clone().numpy())
            return a

    twin = copy.deepcopy(model).eval()
    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.__class__ = Recorder
    twin(X)
    dead = [np.moveaxis(a, 1, 0).reshape(a.shape[1], -1).max(axis=1) == 0 for a in seen]
    return np.mean(np.concatenate(dead)) if dead else 0.0


# %% wrong: counts zeros instead of dead units
# fails: 2 of 6 units are dead
# fails: on three of the rows 3 of 6 units are dead
# fails: 2 of 3 channels are dead
# fails: right for one ReLU layer
def dead_neuron_rate(model, X):
    zeros = total = 0

    def hook(module, inputs, output):
        nonlocal zeros, total
        zeros += (output == 0).sum().item()
        total += output.numel()

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return zeros / total if total else 0.0


# %% wrong: mean of the layers' shares
# fails: 2 of 6 units are dead
# fails: right for a nested network
# fails: right on random networks
# fails: layers of different width
def dead_neuron_rate(model, X):
    shares = []

    def hook(module, inputs, output):
        alive = (output != 0).transpose(0, 1).flatten(1).any(dim=1)
        shares.append(1 - alive.double().mean().item())

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return sum(shares) / len(shares) if shares else 0.0


# %% wrong: positions of a picture counted as units
# fails: 2 of 3 channels are dead
# fails: a channel of Conv2d is one unit
def dead_neuron_rate(model, X):
    dead = total = 0

    def hook(module, inputs, output):
        nonlocal dead, total
        dead += (output == 0).all(dim=0).sum().item()
        total += output.shape[1]

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return dead / total if total else 0.0


# %% wrong: hooks left behind
# fails: no hook is left behind
# fails: leaves other people's hooks alone
def dead_neuron_rate(model, X):
    found = []

    def hook(module, inputs, output):
        found.append((output != 0).transpose(0, 1).flatten(1).any(dim=1))

    modes = [(module, module.training) for module in model.modules()]
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    model.eval()
    with torch.no_grad():
        model(X)
    for module, mode in modes:
        module.training = mode
    return (~torch.cat(found)).double().mean().item() if found else 0.0


# %% wrong: takes off all hooks, other people's too
# fails: no hook is left behind
# fails: leaves other people's hooks alone
def dead_neuron_rate(model, X):
    found = []
    modes = [(module, module.training) for module in model.modules()]
    relus = [module for module in model.modules() if isinstance(module, nn.ReLU)]
    for module in relus:
        module.register_forward_hook(
            lambda m, i, output: found.append((output != 0).transpose(0, 1).flatten(1).any(dim=1))
        )
    model.eval()
    with torch.no_grad():
        model(X)
    for module in relus:
        module._forward_hooks.clear()
    for module, mode in modes:
        module.training = mode
    return (~torch.cat(found)).double().mean().item() if found else 0.0


# %% wrong: eval mode left on
# fails: leaves every module in its mode
def dead_neuron_rate(model, X):
    found = []
    model.eval()
    handles = [
        module.register_forward_hook(
            lambda m, i, output: found.append((output != 0).transpose(0, 1).flatten(1).any(dim=1))
        )
        for module in model.modules()
        if isinstance(module, nn.ReLU)
    ]
    with torch.no_grad():
        model(X)
    for handle in handles:
        handle.remove()
    return (~torch.cat(found)).double().mean().item() if found else 0.0


# %% wrong: one mode put back for all modules
# fails: leaves every module in its mode
def dead_neuron_rate(model, X):
    found, was_training = [], model.training
    model.eval()
    handles = [
        module.register_forward_hook(
            lambda m, i, output: found.append((output != 0).transpose(0, 1).flatten(1).any(dim=1))
        )
        for module in model.modules()
        if isinstance(module, nn.ReLU)
    ]
    with torch.no_grad():
        model(X)
    for handle in handles:
        handle.remove()
    model.train(was_training)
    return (~torch.cat(found)).double().mean().item() if found else 0.0


# %% wrong: in whatever mode the network is
# fails: measured in eval mode
# fails: leaves weights and buffers as they were
def dead_neuron_rate(model, X):
    found = []
    handles = [
        module.register_forward_hook(
            lambda m, i, output: found.append((output != 0).transpose(0, 1).flatten(1).any(dim=1))
        )
        for module in model.modules()
        if isinstance(module, nn.ReLU)
    ]
    with torch.no_grad():
        model(X)
    for handle in handles:
        handle.remove()
    return (~torch.cat(found)).double().mean().item() if found else 0.0


# %% wrong: a threshold instead of 0
# fails: a tiny output is not 0
def dead_neuron_rate(model, X):
    found = []
    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, i, output: found.append((output > 1e-6).transpose(0, 1).flatten(1).any(dim=1))
            )
    with torch.no_grad():
        model(X)
    return (~torch.cat(found)).double().mean().item() if found else 0.0


# %% wrong: zero on 95 % of the rows is taken for dead
# fails: one row out of 300 makes a unit alive
# fails: 2 of 3 channels are dead
def dead_neuron_rate(model, X):
    found = []
    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, i, output: found.append((output == 0).transpose(0, 1).flatten(1).double().mean(dim=1) > 0.95)
            )
    with torch.no_grad():
        model(X)
    return torch.cat(found).double().mean().item() if found else 0.0


# %% wrong: looks at the first row only
# fails: 2 of 6 units are dead
# fails: right for one ReLU layer
def dead_neuron_rate(model, X):
    found = []
    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(lambda m, i, output: found.append((output[0] == 0).flatten(1).all(dim=1)
                                                                          if output.ndim > 2 else output[0] == 0))
    with torch.no_grad():
        model(X)
    return torch.cat(found).double().mean().item() if found else 0.0


# %% wrong: only the layers at the top of the network
# fails: right for a nested network
# fails: a network with a class of its own
def dead_neuron_rate(model, X):
    found = []
    model = copy.deepcopy(model).eval()
    for module in model.children():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, i, output: found.append((output != 0).transpose(0, 1).flatten(1).any(dim=1))
            )
    with torch.no_grad():
        model(X)
    return (~torch.cat(found)).double().mean().item() if found else 0.0


# %% wrong: runs the children one after another, as if every network were a Sequential
# fails: a network with a class of its own
def dead_neuron_rate(model, X):
    found = []

    def run(module, x):
        if isinstance(module, nn.ReLU):
            x = module(x)
            found.append((x != 0).transpose(0, 1).flatten(1).any(dim=1))
            return x
        if len(module._modules) == 0:
            return module(x)
        for child in module._modules.values():
            x = run(child, x)
        return x

    with torch.no_grad():
        run(copy.deepcopy(model).eval(), X)
    return (~torch.cat(found)).double().mean().item() if found else 0.0


# %% wrong: one entry a module, the last run wins
# fails: a ReLU module used twice is two layers
def dead_neuron_rate(model, X):
    found = {}

    def hook(module, inputs, output):
        found[module] = (output != 0).transpose(0, 1).flatten(1).any(dim=1)

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return (~torch.cat(list(found.values()))).double().mean().item() if found else 0.0


# %% wrong: every activation counts
# fails: other activations do not count
def dead_neuron_rate(model, X):
    found = []
    activations = (nn.ReLU, nn.Tanh, nn.Hardtanh, nn.LeakyReLU, nn.Sigmoid)
    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, activations):
            module.register_forward_hook(
                lambda m, i, output: found.append((output != 0).transpose(0, 1).flatten(1).any(dim=1))
            )
    with torch.no_grad():
        model(X)
    return (~torch.cat(found)).double().mean().item() if found else 0.0


# %% wrong: every layer counts
# fails: 2 of 6 units are dead
# fails: no ReLU at all
# fails: other activations do not count
def dead_neuron_rate(model, X):
    found = []
    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if not list(module.children()):
            module.register_forward_hook(
                lambda m, i, output: found.append((output > 0).transpose(0, 1).flatten(1).any(dim=1))
            )
    with torch.no_grad():
        model(X)
    return (~torch.cat(found)).double().mean().item() if found else 0.0


# %% wrong: divides by zero without a ReLU
# fails: 0.0 without a ReLU
# fails: no ReLU at all
def dead_neuron_rate(model, X):
    dead = total = 0

    def hook(module, inputs, output):
        nonlocal dead, total
        alive = (output != 0).transpose(0, 1).flatten(1).any(dim=1)
        dead, total = dead + int((~alive).sum()), total + len(alive)

    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(X)
    return dead / total


# %% wrong: dead divided by living
# fails: 2 of 6 units are dead
# fails: no unit dead, and every unit dead
def dead_neuron_rate(model, X):
    found = [torch.zeros(0, dtype=torch.bool)]
    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, i, output: found.append((output != 0).transpose(0, 1).flatten(1).any(dim=1))
            )
    with torch.no_grad():
        model(X)
    alive = torch.cat(found)
    return int((~alive).sum()) / int(alive.sum())


# %% wrong: percent
# fails: 2 of 6 units are dead
# fails: on three of the rows 3 of 6 units are dead
# fails: right on random networks
def dead_neuron_rate(model, X):
    found = []
    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, i, output: found.append((output != 0).transpose(0, 1).flatten(1).any(dim=1))
            )
    with torch.no_grad():
        model(X)
    return 100 * (~torch.cat(found)).double().mean().item() if found else 0.0


# %% wrong: the share of the living
# fails: 2 of 6 units are dead
# fails: 2 of 3 channels are dead
# fails: no unit dead, and every unit dead
def dead_neuron_rate(model, X):
    found = []
    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, i, output: found.append((output != 0).transpose(0, 1).flatten(1).any(dim=1))
            )
    with torch.no_grad():
        model(X)
    return torch.cat(found).double().mean().item() if found else 0.0


# %% wrong: gives a tensor
# fails: gives a float
def dead_neuron_rate(model, X):
    found = [torch.zeros(0, dtype=torch.bool)]
    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, i, output: found.append((output == 0).transpose(0, 1).flatten(1).all(dim=1))
            )
    with torch.no_grad():
        model(X)
    dead = torch.cat(found).double()
    return dead.mean() if len(dead) else torch.tensor(0.0)


# %% wrong: looks at the inputs of an in-place ReLU after it ran
# fails: ReLU(inplace=True)
def dead_neuron_rate(model, X):
    found = []
    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, inputs, output: found.append((inputs[0] < 0).transpose(0, 1).flatten(1).all(dim=1))
            )
    with torch.no_grad():
        model(X)
    return torch.cat(found).double().mean().item() if found else 0.0


# %% wrong: turns everything into float32
# fails: a single row
def dead_neuron_rate(model, X):
    found = []
    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, i, output: found.append((output == 0).transpose(0, 1).flatten(1).all(dim=1))
            )
    with torch.no_grad():
        model(torch.as_tensor(X, dtype=torch.float32))
    return torch.cat(found).double().mean().item() if found else 0.0


# %% wrong: finds death by backpropagation and throws the stored gradients away
# fails: leaves gradients as they were
def dead_neuron_rate(model, X):
    found = []
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    handles = [
        module.register_forward_hook(
            lambda m, i, output: found.append((output == 0).transpose(0, 1).flatten(1).all(dim=1))
        )
        for module in model.modules()
        if isinstance(module, nn.ReLU)
    ]
    total = model(X).sum()
    try:
        total.backward()
    except RuntimeError:
        pass  # not every network can be trained
    model.zero_grad()
    for handle in handles:
        handle.remove()
    for module, mode in modes:
        module.training = mode
    return torch.cat(found).double().mean().item() if found else 0.0


# %% wrong: freezes the network so that no gradient is recorded
# fails: leaves gradients as they were
def dead_neuron_rate(model, X):
    found = []
    modes = [(module, module.training) for module in model.modules()]
    model.eval().requires_grad_(False)
    handles = [
        module.register_forward_hook(
            lambda m, i, output: found.append((output == 0).transpose(0, 1).flatten(1).all(dim=1))
        )
        for module in model.modules()
        if isinstance(module, nn.ReLU)
    ]
    model(X)
    for handle in handles:
        handle.remove()
    for module, mode in modes:
        module.training = mode
    return torch.cat(found).double().mean().item() if found else 0.0


# %% wrong: the batch of the notebook instead of the one it is given
# fails: on three of the rows 3 of 6 units are dead
# fails: right for one ReLU layer
def dead_neuron_rate(model, X):
    found = []
    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, i, output: found.append((output == 0).transpose(0, 1).flatten(1).all(dim=1))
            )
    with torch.no_grad():
        model(EXAMPLE_X)
    return torch.cat(found).double().mean().item() if found else 0.0


# %% wrong: the last layer only
# fails: 2 of 6 units are dead
# fails: right for a nested network
def dead_neuron_rate(model, X):
    found = []
    model = copy.deepcopy(model).eval()
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, i, output: found.append((output == 0).transpose(0, 1).flatten(1).all(dim=1))
            )
    with torch.no_grad():
        model(X)
    return found[-1].double().mean().item() if found else 0.0


# %% wrong: knows the visible answers
# fails: right for one ReLU layer
# fails: right for a nested network
def dead_neuron_rate(model, X):
    return {5: 2 / 6, 3: 3 / 6, 2: 2 / 3}.get(len(X), 1 / 3)


# %% wrong: a constant
# fails: 2 of 6 units are dead
# fails: right for one ReLU layer
def dead_neuron_rate(model, X):
    return 0.0


# %% wrong: a view that needs one order of memory
# fails: rows that do not lie one after another in memory
def dead_neuron_rate(model, X):
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
    return sum(map(sum, layers)) / sum(map(len, layers)) if layers else 0.0


# %% wrong: almost zero counts as dead
# fails: a tiny output is not 0
# fails: a float64 network stays float64
def dead_neuron_rate(model, X):
    """Share of the units of all ReLU layers that are 0 on every row of X: a float from 0 to 1."""
    dead = []
    twin = copy.deepcopy(model).eval()
    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, i, o: dead.extend((o.abs().transpose(0, 1).flatten(1).amax(1) < 1e-6).tolist())
            )
    twin(X)
    return sum(dead) / len(dead) if dead else 0.0


# %% wrong: frozen weights left
# fails: leaves gradients as they were
def dead_neuron_rate(model, X):
    """Share of the units of all ReLU layers that are 0 on every row of X: a float from 0 to 1."""
    dead, handles = [], []
    modes = {m: m.training for m in model.modules()}
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            handles.append(module.register_forward_hook(
                lambda m, i, o: dead.extend((o == 0).transpose(0, 1).flatten(1).all(1).tolist())
            ))
    model.eval().requires_grad_(False)
    model(X)
    for m, mode in modes.items():
        m.training = mode
    for handle in handles:
        handle.remove()
    return sum(dead) / len(dead) if dead else 0.0


# %% wrong: gradients cleared
# fails: leaves gradients as they were
def dead_neuron_rate(model, X):
    """Share of the units of all ReLU layers that are 0 on every row of X: a float from 0 to 1."""
    dead, handles = [], []
    modes = {m: m.training for m in model.modules()}
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            handles.append(module.register_forward_hook(
                lambda m, i, o: dead.extend((o == 0).transpose(0, 1).flatten(1).all(1).tolist())
            ))
    model.eval()
    model.zero_grad()
    model(X)
    for m, mode in modes.items():
        m.training = mode
    for handle in handles:
        handle.remove()
    return sum(dead) / len(dead) if dead else 0.0


# %% wrong: last axis of a sequence
# fails: a channel of Conv1d is one unit
def dead_neuron_rate(model, X):
    twin = copy.deepcopy(model).eval()
    dead = []

    def hook(m, i, o):
        units = o if o.dim() < 4 else o.permute(0, 2, 3, 1)
        dead.extend((units.flatten(0, -2) == 0).all(0).tolist())

    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    twin(X)
    return sum(dead) / len(dead) if dead else 0.0


# %% wrong: last output of a shared module
# fails: a ReLU module used twice is two layers
def dead_neuron_rate(model, X):
    """Share of the units of all ReLU layers that are 0 on every row of X: a float from 0 to 1."""
    outputs = {}
    twin = copy.deepcopy(model).eval()
    for name, module in twin.named_modules():
        if isinstance(module, nn.ReLU):
            def hook(m, i, o, name=name):
                outputs[name] = o.detach().clone()
            module.register_forward_hook(hook)
    twin(X)
    dead = torch.cat([(o == 0).transpose(0, 1).flatten(1).all(1) for o in outputs.values()]) if outputs else None
    return dead.float().mean().item() if outputs else 0.0


# %% wrong: mean of the layers
# fails: 2 of 6 units are dead
# fails: 2 of 6 units are dead in float64, and in train mode with dropout
# fails: right for a nested network
# fails: right on random networks
def dead_neuron_rate(model, X):
    """Share of the units of all ReLU layers that are 0 on every row of X: a float from 0 to 1."""
    shares = []
    twin = copy.deepcopy(model).eval()
    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, i, o: shares.append((o == 0).transpose(0, 1).flatten(1).all(1).double().mean().item())
            )
    twin(X)
    return float(np.mean(shares)) if shares else 0.0


# %% wrong: modes put back from the root
# fails: leaves every module in its mode
def dead_neuron_rate(model, X):
    """Share of the units of all ReLU layers that are 0 on every row of X: a float from 0 to 1."""
    was = model.training
    dead, handles = [], []
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            handles.append(module.register_forward_hook(
                lambda m, i, o: dead.extend((o == 0).transpose(0, 1).flatten(1).all(1).tolist())
            ))
    model.eval()
    with torch.no_grad():
        model(X)
    model.train(was)
    for handle in handles:
        handle.remove()
    return sum(dead) / len(dead) if dead else 0.0


# %% wrong: outputs kept without a copy
# fails: the next layer writes over what a ReLU gave
def dead_neuron_rate(model, X):
    """Share of the units of all ReLU layers that are 0 on every row of X: a float from 0 to 1."""
    outputs = []
    twin = copy.deepcopy(model).eval()
    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(lambda m, i, o: outputs.append(o))
    with torch.no_grad():
        twin(X)
    dead = units = 0
    for o in outputs:
        silent = (o == 0).transpose(0, 1).flatten(1).all(1)
        dead += silent.sum().item()
        units += silent.numel()
    return dead / units if units else 0.0


# %% wrong: anomaly detection stays on
# fails: leaves other people's hooks alone
def dead_neuron_rate(model, X):
    torch.autograd.set_detect_anomaly(True)
    dead = []
    twin = copy.deepcopy(model).eval()
    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(
                lambda m, i, o: dead.extend((o == 0).transpose(0, 1).flatten(1).all(1).tolist())
            )
    twin(X)
    return sum(dead) / len(dead) if dead else 0.0


# %% right: counter class on copy
class _Counter:
    def __init__(self):
        self.dead = self.units = 0

    def __call__(self, module, inputs, output):
        others = [axis for axis in range(output.dim()) if axis != 1]
        alive = output.ne(0).sum(dim=others) > 0
        self.units += alive.numel()
        self.dead += alive.numel() - alive.count_nonzero().item()


def dead_neuron_rate(model: nn.Module, X: torch.Tensor) -> float:
    twin = copy.deepcopy(model).eval()
    counter = _Counter()
    [m.register_forward_hook(counter) for m in twin.modules() if isinstance(m, nn.ReLU)]
    with torch.inference_mode():
        twin(X.clone())
    return counter.dead / counter.units if counter.units > 0 else 0.0


# %% right: exitstack hooks
from contextlib import ExitStack


def dead_neuron_rate(model, X):
    modes = [(module, module.training) for module in model.modules()]
    dead, units = [], []

    def look(module, inputs, output):
        per_unit = output.detach().transpose(0, 1).reshape(output.shape[1], -1)
        dead.append(int((per_unit == 0).all(dim=1).sum()))
        units.append(per_unit.shape[0])

    with ExitStack() as stack:
        for module, mode in modes:
            stack.callback(setattr, module, "training", mode)
            if isinstance(module, nn.ReLU):
                stack.callback(module.register_forward_hook(look).remove)
        model.eval()
        stack.enter_context(torch.no_grad())
        model(X.clone())
    return sum(dead) / sum(units) if units else 0.0


# %% wrong: mean of shares
# fails: 2 of 6 units are dead
# fails: 2 of 6 units are dead in float64, and in train mode with dropout
# fails: right for a nested network
def dead_neuron_rate(model, X):
    twin = copy.deepcopy(model).eval()
    shares = []

    def hook(module, inputs, output):
        flat = output.transpose(0, 1).flatten(1)
        shares.append((flat == 0).all(dim=1).double().mean().item())

    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(hook)
    with torch.no_grad():
        twin(X.clone())
    return float(np.mean(shares)) if shares else 0.0


# %% wrong: mode of the top only
# fails: leaves every module in its mode
def dead_neuron_rate(model, X):
    counts, handles = [], []

    def hook(module, inputs, output):
        flat = output.transpose(0, 1).flatten(1)
        counts.append(((flat == 0).all(dim=1).sum().item(), len(flat)))

    for module in model.modules():
        if isinstance(module, nn.ReLU):
            handles.append(module.register_forward_hook(hook))
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            model(X.clone())
    finally:
        for handle in handles:
            handle.remove()
        model.train(training)
    return sum(d for d, _ in counts) / sum(n for _, n in counts) if counts else 0.0
