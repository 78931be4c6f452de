# Answers to revive: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives copy, np, torch, nn, Residual and the example network.

# %% right: Leaky ReLU in every place, found by name
def revive(model):
    revived = copy.deepcopy(model)
    places = [name for name, m in revived.named_modules(remove_duplicate=False) if isinstance(m, nn.ReLU)]
    for place in places:
        *parents, last = place.split(".")
        setattr(revived.get_submodule(".".join(parents)), last, nn.LeakyReLU(negative_slope=0.01))
    return revived


# %% right: walks down the tree
def swap_relu(module):
    for name, child in list(module._modules.items()):
        if isinstance(child, nn.ReLU):
            module._modules[name] = nn.LeakyReLU(0.1)
        elif child is not None:
            swap_relu(child)
    return module


def revive(model):
    return swap_relu(copy.deepcopy(model))


# %% right: PReLU, whose slope is learned
def revive(model):
    new = copy.deepcopy(model)
    for parent in list(new.modules()):
        for name in [n for n, child in parent._modules.items() if isinstance(child, nn.ReLU)]:
            setattr(parent, name, nn.PReLU(dtype=next(model.parameters()).dtype))
    return new


# %% right: the copy's ReLUs change class
def revive(model):
    revived = copy.deepcopy(model)
    for module in revived.modules():
        if isinstance(module, nn.ReLU):
            module.__class__ = nn.LeakyReLU
            module.negative_slope = 0.02
    return revived


# %% right: the copy's ReLUs get another forward
import functools


def revive(model):
    revived = copy.deepcopy(model)
    for module in revived.modules():
        if isinstance(module, nn.ReLU):
            module.forward = functools.partial(nn.functional.leaky_relu, negative_slope=0.05)
    return revived


# %% right: a module of its own, with where
class Leak(nn.Module):
    def forward(self, z):
        return torch.where(z > 0, z, 0.2 * z)


def revive(model):
    leak = Leak()

    def walk(module):
        for name, child in list(module._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(module, name, leak)  # one leak for all: it has no state
            else:
                walk(child)

    revived = copy.deepcopy(model)
    walk(revived)
    return revived


# %% right: the larger of z and a leak
class Larger(nn.Module):
    def forward(self, z):
        return torch.maximum(z, z / 100)


def revive(model):
    revived = copy.deepcopy(model)
    for module in [*revived.modules()]:
        module._modules.update({n: Larger() for n, c in module._modules.items() if type(c) is nn.ReLU})
    return revived


# %% right: ELU with a leak, which does not flatten out
class LeakyELU(nn.Module):
    def forward(self, z):
        return nn.functional.elu(z) + 0.01 * z.clamp(max=0)


def revive(model):
    revived = copy.deepcopy(model)
    for name, module in list(revived.named_modules(remove_duplicate=False)):
        if isinstance(module, nn.ReLU):
            parent, _, attribute = name.rpartition(".")
            setattr(revived.get_submodule(parent), attribute, LeakyELU())
    return revived


# %% right: randomised leaky ReLU
def revive(model):
    revived = copy.deepcopy(model)
    for name, module in list(revived.named_modules(remove_duplicate=False)):
        if isinstance(module, nn.ReLU):
            parent, _, attribute = name.rpartition(".")
            setattr(revived.get_submodule(parent), attribute, nn.RReLU())
    return revived


# %% right: weights loaded into a copy with leaks, smallest slope allowed
def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                parent.register_module(name, nn.LeakyReLU(0.001))
    revived.load_state_dict(model.state_dict())
    return revived


# %% right: autograd function of its own
class LeakyFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return torch.where(z > 0, z, z / 64)

    @staticmethod
    def backward(ctx, gradient):
        (z,) = ctx.saved_tensors
        return gradient * torch.where(z > 0, 1.0, 1 / 64).to(gradient)


class LeakySixtyFour(nn.Module):
    def forward(self, z):
        return LeakyFunction.apply(z)


def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    new = copy.deepcopy(model)

    def walk(module, seen):
        if module in seen:
            return
        seen.add(module)
        for name, child in module._modules.items():
            if isinstance(child, nn.ReLU):
                setattr(module, name, LeakySixtyFour().train(child.training))
            elif child is not None:
                walk(child, seen)

    walk(new, set())
    return new


# %% right: class of the copy changed
import io


class Leaky(nn.ReLU):
    def forward(self, z):
        return torch.maximum(z, 0.2 * z)


def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    new = torch.load(file, weights_only=False)
    for module in new.modules():
        if isinstance(module, nn.ReLU):
            module.__class__ = Leaky
    return new


# %% right: deepcopy with a memo
def revive(model):
    # deepcopy takes what the memo holds in place of a copy, wherever the module stands and however often
    memo = {id(m): nn.LeakyReLU(0.05) for m in model.modules() if isinstance(m, nn.ReLU)}
    return copy.deepcopy(model, memo)


# %% right: forward of each copied relu
import functools


def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    new = copy.deepcopy(model)
    for module in new.modules():
        if isinstance(module, nn.ReLU):
            module.forward = functools.partial(nn.functional.leaky_relu, negative_slope=0.1)
    return new


# %% right: hook that gives another output
def leak(module, inputs, output):
    return torch.where(inputs[0] > 0, inputs[0], 0.25 * inputs[0])


def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    new = copy.deepcopy(model)
    for module in new.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
            module.register_forward_hook(leak)
    return new


# %% right: leak plus elu
class Bent(nn.Module):
    def forward(self, z):
        below = z.clamp(max=0)
        return z.clamp(min=0) + 0.05 * below + 0.3 * torch.expm1(below)


def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    new = copy.deepcopy(model)
    for parent in list(new.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                bent = Bent()
                bent.train(child.training)
                parent._modules[name] = bent
    return bent_if_alone(new)


def bent_if_alone(model):
    """A network that is nothing but one ReLU has no parent."""
    return Bent() if isinstance(model, nn.ReLU) else model


# %% right: one learnable slope in the dtype of the weights
def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    new = copy.deepcopy(model)
    dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.get_default_dtype())
    slope = nn.PReLU(init=0.1, dtype=dtype)
    for parent in list(new.modules()):
        for name, child in list(parent.named_children()) + list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                parent.add_module(name, slope.train(child.training))
    return new


# %% right: one leaky module everywhere
def revive(model):
    new = copy.deepcopy(model)
    leak = nn.LeakyReLU(0.3)

    def swap(module):
        for name, child in list(module._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(module, name, leak)

    return new.apply(swap)


# %% wrong: gives the network back as it is
# fails: every unit gets a gradient
# fails: a deep network: every unit gets a gradient
def revive(model):
    return model


# %% wrong: a copy and nothing else
# fails: every unit gets a gradient
# fails: a deep network: every unit gets a gradient
def revive(model):
    return copy.deepcopy(model)


# %% wrong: replaces the ReLUs of the network it was given
# fails: the network it was given stays as it was
# fails: the original stays as it was
# fails: weights of its own
def revive(model):
    for parent in list(model.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.LeakyReLU(0.01))
    return model


# %% wrong: only the ReLUs at the top
# fails: a deep network: every unit gets a gradient
def revive(model):
    revived = copy.deepcopy(model)
    for name, child in list(revived.named_children()):
        if isinstance(child, nn.ReLU):
            setattr(revived, name, nn.LeakyReLU(0.01))
    return revived


# %% wrong: only the first ReLU
# fails: every unit gets a gradient
# fails: a deep network: every unit gets a gradient
def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.LeakyReLU(0.01))
                return revived
    return revived


# %% wrong: only the first place of a module used twice
# fails: a ReLU module used twice
def revive(model):
    revived = copy.deepcopy(model)
    for name, module in list(revived.named_modules()):
        if isinstance(module, nn.ReLU):
            parent, _, attribute = name.rpartition(".")
            setattr(revived.get_submodule(parent), attribute, nn.LeakyReLU(0.01))
    return revived


# %% wrong: descends into Sequentials only
# fails: a network with a class of its own
def revive(model):
    def rebuilt(module):
        if isinstance(module, nn.ReLU):
            return nn.LeakyReLU(0.01)
        if isinstance(module, nn.Sequential):
            for name, child in list(module._modules.items()):
                module._modules[name] = rebuilt(child)
        return module

    return rebuilt(copy.deepcopy(model))


# %% wrong: the first child instead of the whole block
# fails: a network with a class of its own
def revive(model):
    def rebuilt(module):
        if isinstance(module, nn.ReLU):
            return nn.LeakyReLU(0.01)
        if list(module.children()):
            new = nn.Sequential(*[rebuilt(child) for child in module._modules.values()])
            return new.train(module.training)
        return module

    return rebuilt(copy.deepcopy(model))


# %% wrong: ELU, which flattens out
# fails: a slope far left too
def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.ELU())
    return revived


# %% wrong: GELU
# fails: right of 0 as ReLU
# fails: left of 0 a slope from 0.001 to 0.9
# fails: a slope far left too
def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.GELU())
    return revived


# %% wrong: Softplus
# fails: right of 0 as ReLU
# fails: a slope far left too
def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.Softplus())
    return revived


# %% wrong: no activation at all
# fails: left of 0 a slope from 0.001 to 0.9
# fails: a slope far left too
def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.Identity())
    return revived


# %% wrong: sign of the leak
# fails: left of 0 a slope from 0.001 to 0.9
# fails: a slope far left too
class Mirrored(nn.Module):
    def forward(self, z):
        return torch.where(z > 0, z, -0.01 * z)


def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, Mirrored())
    return revived


# %% wrong: a leak too small to matter
# fails: left of 0 a slope from 0.001 to 0.9
def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.LeakyReLU(1e-4))
    return revived


# %% wrong: the leak on the wrong side
# fails: right of 0 as ReLU
# fails: left of 0 a slope from 0.001 to 0.9
class WrongSide(nn.Module):
    def forward(self, z):
        return torch.where(z < 0, z, 0.01 * z)


def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, WrongSide())
    return revived


# %% wrong: a floor, as if gradients did not matter below it
# fails: a slope far left too
class Floor(nn.Module):
    def forward(self, z):
        return torch.where(z > 0, z, 0.1 * z).clamp(min=-1.0)


def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, Floor())
    return revived


# %% wrong: through NumPy, so that no gradient comes back
# fails: every unit gets a gradient
# fails: a deep network: every unit gets a gradient
class ThroughNumPy(nn.Module):
    def forward(self, z):
        values = z.detach().numpy()
        return torch.from_numpy(np.where(values > 0, values, 0.01 * values).astype(values.dtype))


def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, ThroughNumPy())
    return revived


# %% wrong: a straight-through gradient of 1 everywhere
# fails: gradients follow from slope and weights
class StraightThrough(nn.Module):
    def forward(self, z):
        return z + (nn.functional.leaky_relu(z, 0.01) - z).detach()


def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, StraightThrough())
    return revived


# %% wrong: learned slopes, as many as the layer before has features
# fails: a channel of Conv2d gets a gradient
def revive(model):
    revived = copy.deepcopy(model)
    width = 1

    def walk(parent):
        nonlocal width
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.Linear):
                width = child.out_features
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.PReLU(0 if width == 1 and len(revived) > 2 else width))
            walk(child)

    walk(revived)
    return revived


# %% wrong: every activation is replaced
# fails: nothing else in the network changes
def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, (nn.ReLU, nn.Tanh, nn.Hardtanh)):
                setattr(parent, name, nn.LeakyReLU(0.01))
    return revived


# %% wrong: another leak in each layer
# fails: nothing else in the network changes
def revive(model):
    revived, slope = copy.deepcopy(model), 0.01
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.LeakyReLU(slope))
                slope *= 2
    return revived


# %% wrong: new weights for the dead
# fails: the weights are the same
# fails: weights and buffers under the same names
# fails: nothing else in the network changes
def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.LeakyReLU(0.01))
            if isinstance(child, nn.Linear):
                nn.init.constant_(child.weight, 0.3)
    return revived


# %% wrong: biases set to 0
# fails: the weights are the same
# fails: weights and buffers under the same names
def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.LeakyReLU(0.01))
            if isinstance(child, nn.Linear):
                nn.init.zeros_(child.bias)
    return revived


# %% wrong: wrapped, so that every weight has another name
# fails: every unit gets a gradient
# fails: a deep network: every unit gets a gradient
class Revived(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x)


def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.LeakyReLU(0.01))
    return Revived(revived)


# %% wrong: a new Sequential of the old layers, which share their weights
# fails: the original stays as it was
# fails: weights of its own
def revive(model):
    def rebuilt(module):
        for name, child in list(module._modules.items()):
            module._modules[name] = nn.LeakyReLU(0.01) if isinstance(child, nn.ReLU) else rebuilt(child)
        return module

    if not isinstance(model, nn.Sequential):
        return rebuilt(copy.deepcopy(model))
    layers = [nn.LeakyReLU(0.01) if isinstance(m, nn.ReLU) else rebuilt(m) for m in model._modules.values()]
    return nn.Sequential(*layers).train(model.training)


# %% wrong: a shallow copy of every module, which shares the weights
# fails: weights of its own
def revive(model):
    def twin(module):
        if isinstance(module, nn.ReLU):
            return nn.LeakyReLU(0.01)
        new = copy.copy(module)
        new._modules = {name: twin(child) for name, child in module._modules.items()}
        return new

    return twin(model)


# %% wrong: eval mode left on
# fails: batch norm, dropout and modes are kept
def revive(model):
    revived = copy.deepcopy(model).eval()
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.LeakyReLU(0.01))
    return revived


# %% wrong: batch norm starts again
# fails: batch norm, dropout and modes are kept
# fails: weights and buffers under the same names
def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.LeakyReLU(0.01))
            if isinstance(child, nn.BatchNorm1d):
                child.reset_running_stats()
    return revived


# %% wrong: puts the original into eval mode
# fails: the original stays as it was
def revive(model):
    modes = {name: module.training for name, module in model.named_modules()}
    revived = copy.deepcopy(model.eval())
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.LeakyReLU(0.01))
    for name, module in revived.named_modules():
        module.training = modes.get(name, True)
    return revived


# %% wrong: a list of layers
# fails: every unit gets a gradient
def revive(model):
    return [nn.LeakyReLU(0.01) if isinstance(m, nn.ReLU) else m for m in copy.deepcopy(model)]


# %% wrong: a function instead of a network
# fails: every unit gets a gradient
def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.LeakyReLU(0.01))
    return lambda x: revived(x)


# %% wrong: forgets to return
# fails: every unit gets a gradient
def revive(model):
    revived = copy.deepcopy(model)
    for parent in list(revived.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.LeakyReLU(0.01))


# %% wrong: knows the visible network
# fails: a deep network: every unit gets a gradient
def revive(model):
    revived = copy.deepcopy(model)
    revived[1] = nn.LeakyReLU(0.01)
    revived[3] = nn.LeakyReLU(0.01)
    return revived


# %% wrong: another slope in each layer
# fails: a channel of Conv2d gets a gradient
# fails: a ReLU module used twice
# fails: a network with a class of its own
# fails: nothing else in the network changes
def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    new = copy.deepcopy(model)
    slope = 0.01
    for parent in list(new.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                parent._modules[name] = nn.LeakyReLU(slope).train(child.training)
                slope *= 2
    return new


# %% wrong: celu with a large alpha
# fails: left of 0 a slope from 0.001 to 0.9
# fails: a slope far left too
def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    new = copy.deepcopy(model)
    for parent in list(new.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                parent._modules[name] = nn.CELU(alpha=100.0).train(child.training)
    return new


# %% wrong: flat between minus 0 4 and 0
# fails: left of 0 a slope from 0.001 to 0.9
# for -0.4 < z < 0 the slope is 0, so a unit that is a little below 0 on every row stays dead
class Late(nn.Module):
    def forward(self, z):
        return torch.where(z > 0, z, 0.1 * (z + 0.4).clamp(max=0))


def revive(model):
    revived = copy.deepcopy(model)
    for name, module in list(revived.named_modules(remove_duplicate=False)):
        if isinstance(module, nn.ReLU):
            parent, _, attribute = name.rpartition(".")
            setattr(revived.get_submodule(parent), attribute, Late())
    return revived


# %% wrong: leak is clipped
# fails: a slope far left too
class Clipped(nn.Module):
    def forward(self, z):
        return torch.relu(z) + 0.1 * z.clamp(-600, 0)


def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    new = copy.deepcopy(model)
    for parent in list(new.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                parent._modules[name] = Clipped().train(child.training)
    return new


# %% wrong: prelu fails on float64 networks
# fails: a float64 network gives float64
# fails: a float64 network stays float64
# wrong for a float64 network, which the rules allow: a float32 PReLU cannot take float64 inputs
def revive(model):
    revived = copy.deepcopy(model)
    for name, module in list(revived.named_modules(remove_duplicate=False)):
        if isinstance(module, nn.ReLU):
            parent, _, attribute = name.rpartition(".")
            setattr(revived.get_submodule(parent), attribute, nn.PReLU(init=0.1))
    return revived


# %% wrong: second name of a shared module
# fails: a ReLU module used twice
def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    new = copy.deepcopy(model)
    for name, module in list(new.named_modules()):
        if isinstance(module, nn.ReLU) and name:
            *path, last = name.split(".")
            setattr(new.get_submodule(".".join(path)), last, nn.LeakyReLU(0.1).train(module.training))
    return new


# %% wrong: slope of one in ten thousand
# fails: 2 stays 2, and from -1000 to -500 the slope is from 0.001 to 0.9
# fails: left of 0 a slope from 0.001 to 0.9
# fails: a slope far left too
def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    new = copy.deepcopy(model)
    for parent in list(new.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                parent._modules[name] = nn.LeakyReLU(0.0001).train(child.training)
    return new


# %% wrong: square root behind where
# fails: every unit gets a gradient
# fails: a deep network: every unit gets a gradient
# fails: gradients follow from slope and weights
# fails: a channel of Conv2d gets a gradient
class Root(nn.Module):
    def forward(self, z):
        # Steep enough near 0, and its leak keeps the far end alive.
        return torch.where(z > 0, z, 0.01 * z - 0.1 * (torch.sqrt(1 - z) - 1))


def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    new = copy.deepcopy(model)
    for parent in list(new.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                parent._modules[name] = Root().train(child.training)
    return new


# %% wrong: straight through
# fails: 2 stays 2, and from -1000 to -500 the slope is from 0.001 to 0.9
# fails: left of 0 a slope from 0.001 to 0.9
# fails: a slope far left too
# fails: gradients follow from slope and weights
class StraightThrough(nn.Module):
    def forward(self, z):
        leaky = nn.functional.leaky_relu(z, 0.1)
        return leaky + (torch.relu(z) - leaky).detach()


def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    new = copy.deepcopy(model)
    for parent in list(new.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                parent._modules[name] = StraightThrough().train(child.training)
    return new


# %% wrong: values leak and gradients do not
# fails: every unit gets a gradient
# fails: a deep network: every unit gets a gradient
# fails: gradients follow from slope and weights
# fails: a channel of Conv2d gets a gradient
class Leak(nn.Module):
    def forward(self, z):
        with torch.no_grad():
            below = -0.1 * torch.relu(-z)
        return torch.relu(z) + below


def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    new = copy.deepcopy(model)
    for parent in list(new.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                parent._modules[name] = Leak().train(child.training)
    return new


# %% wrong: weights shared with the old
# fails: weights of its own
def revive(model):
    """A new network with the weights of model, in which every unit gets a gradient."""
    new = copy.deepcopy(model)
    for (_, parent) in list(new.named_modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                parent._modules[name] = nn.LeakyReLU(0.1).train(child.training)
    new.load_state_dict(model.state_dict(), assign=True)
    return new


# %% right: class swap
def revive(model):
    new = copy.deepcopy(model)
    for module in new.modules():
        if isinstance(module, nn.ReLU):
            module.__class__ = nn.LeakyReLU
            module.negative_slope = 0.1
    return new


# %% right: prelu recursive
def _replacement(relu, dtype):
    new = nn.PReLU(init=0.2, dtype=dtype)
    new.training = relu.training
    return new


def _replace(module, dtype, done):
    if isinstance(module, nn.ReLU):
        return done.setdefault(id(module), _replacement(module, dtype))
    for name, child in module._modules.items():
        if child is not None:
            module._modules[name] = _replace(child, dtype, done)
    return module


def revive(model):
    dtype = next((p.dtype for p in model.parameters()), torch.get_default_dtype())
    return _replace(copy.deepcopy(model), dtype, {})


# %% right: subclass softleak
class _Leak(nn.ReLU):
    """max(z, z / 20), in place if the ReLU was."""

    def forward(self, z):
        return torch.maximum(z, 0.05 * z)


def revive(model: nn.Module) -> nn.Module:
    twin = copy.deepcopy(model)
    if isinstance(twin, nn.ReLU):
        return _Leak().train(twin.training)
    for parent in list(twin.modules()):
        for name in parent._modules:
            if isinstance(old := parent._modules[name], nn.ReLU):
                setattr(parent, name, _Leak().train(old.training))
    return twin


# %% wrong: always train mode
# fails: batch norm, dropout and modes are kept
def revive(model):
    new = copy.deepcopy(model)
    for parent in list(new.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.LeakyReLU(0.1))
    new.train()
    return new


# %% wrong: celu tail
# fails: 2 stays 2, and from -1000 to -500 the slope is from 0.001 to 0.9
# fails: a slope far left too
class _Bent(nn.Module):
    def forward(self, z):
        return torch.where(z > 0, z, 0.1 * torch.clamp(z, min=-100.0))


def revive(model):
    new = copy.deepcopy(model)
    for parent in list(new.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, _Bent().train(child.training))
    return new


# %% wrong: named children
# fails: a ReLU module used twice
def revive(model):
    new = copy.deepcopy(model)

    def walk(parent):
        for name, child in parent.named_children():
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.LeakyReLU(0.1).train(child.training))
            else:
                walk(child)

    walk(new)
    return new
