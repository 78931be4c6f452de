# Answers to convert_gelu: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives copy, torch, nn and Branches.

# %% right: the setting in every module of a copy
def convert_gelu(model):
    new = copy.deepcopy(model)
    for _, module in new.named_modules():
        if isinstance(module, nn.GELU):
            setattr(module, "approximate", "tanh")
    return new


# %% right: apply
def convert_gelu(network):
    def to_short_form(module):
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"

    return copy.deepcopy(network).apply(to_short_form)


# %% right: new modules in the place of plain ones, subclasses set
def convert_gelu(model):
    def converted(module):
        if type(module) is nn.GELU:
            return nn.GELU(approximate="tanh").train(module.training)
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
        return module

    new = copy.deepcopy(model)
    made = {}
    for module in list(new.modules()):
        made[module] = converted(module)
    for parent in list(new.modules()):
        for name, child in list(parent._modules.items()):
            if child is not None:
                parent._modules[name] = made[child]
    return made[new]


# %% right: recursion over the children
def set_tanh(module):
    if isinstance(module, nn.GELU) and module.approximate == "none":
        module.approximate = "tanh"
    for child in module.children():
        set_tanh(child)


def convert_gelu(model):
    result = copy.deepcopy(model)
    set_tanh(result)
    return result


# %% right: pickled and read again
import io


def convert_gelu(model):
    buffer = io.BytesIO()
    torch.save(model, buffer)
    buffer.seek(0)
    new = torch.load(buffer, weights_only=False)
    for module in filter(lambda m: isinstance(m, nn.GELU), new.modules()):
        module.approximate = "tanh"
    return new


# %% right: the state of each GELU
def convert_gelu(model):
    new = copy.deepcopy(model)
    for module in new.modules():
        if issubclass(type(module), nn.GELU):
            module.__dict__.update(approximate="tanh")
    return new


# %% right: hands a memo to deepcopy
def convert_gelu(model):
    memo = {}
    for module in model.modules():
        if isinstance(module, nn.GELU):
            short = copy.deepcopy(module)
            short.approximate = "tanh"
            memo[id(module)] = short
    return copy.deepcopy(model, memo)


# %% right: a class of its own in the place of plain ones
class Tanh(nn.Module):
    def forward(self, x):
        return nn.functional.gelu(x, approximate="tanh")
def convert_gelu(model):
    model = copy.deepcopy(model)
    if type(model) is nn.GELU:
        return Tanh()
    for m in list(model.modules()):
        if isinstance(m, nn.GELU):
            m.approximate = "tanh"
        for n, c in m._modules.items():
            if type(c) is nn.GELU:
                m._modules[n] = Tanh()
    return model


# %% wrong: the original is changed and returned
# fails: the original stays exact
# fails: the original stays as it was
# fails: weights of its own
def convert_gelu(model):
    for module in model.modules():
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
    return model


# %% wrong: a shallow copy
# fails: the original stays exact
# fails: weights of its own
def convert_gelu(model):
    new = copy.copy(model)
    for module in new.modules():
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
    return new


# %% wrong: the original is converted and the copy is not
# fails: a GELU in an nn.Sequential
# fails: the original stays exact
def convert_gelu(model):
    new = copy.deepcopy(model)
    for module in model.modules():
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
    return new


# %% wrong: a copy and nothing more
# fails: a GELU in an nn.Sequential
def convert_gelu(model):
    return copy.deepcopy(model)


# %% wrong: the attribute has another name
# fails: a GELU in an nn.Sequential
def convert_gelu(model):
    new = copy.deepcopy(model)
    for module in new.modules():
        if isinstance(module, nn.GELU):
            module.approximation = "tanh"
    return new


# %% wrong: SiLU for GELU
# fails: a GELU in an nn.Sequential
def convert_gelu(model):
    new = copy.deepcopy(model)
    for parent in list(new.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.GELU):
                setattr(parent, name, nn.SiLU())
    return new


# %% wrong: the outer Sequential alone
# fails: in an nn.ModuleList and an nn.ModuleDict
# fails: deep in nested networks
def convert_gelu(model):
    return nn.Sequential(*[nn.GELU(approximate="tanh") if isinstance(m, nn.GELU) else copy.deepcopy(m) for m in model])


# %% wrong: direct children alone
# fails: in an nn.ModuleList and an nn.ModuleDict
# fails: deep in nested networks
def convert_gelu(model):
    new = copy.deepcopy(model)
    for module in new.children():
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
    return new


# %% wrong: Sequentials within Sequentials alone
# fails: in an nn.ModuleList and an nn.ModuleDict
def convert_gelu(model):
    def walk(module):
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
        elif isinstance(module, nn.Sequential):
            for child in module:
                walk(child)

    new = copy.deepcopy(model)
    walk(new)
    return new


# %% wrong: attributes alone, not what is in lists and dicts
# fails: in an nn.ModuleList and an nn.ModuleDict
def convert_gelu(model):
    new = copy.deepcopy(model)

    def walk(module):
        for child in module.children():
            if isinstance(child, nn.GELU):
                child.approximate = "tanh"
            elif not isinstance(child, (nn.ModuleList, nn.ModuleDict)):
                walk(child)

    walk(new)
    return new


# %% wrong: replaces each module's first place alone
# fails: one GELU module in two places
def convert_gelu(model):
    new = copy.deepcopy(model)
    for name, module in list(new.named_modules()):
        if isinstance(module, nn.GELU) and name:
            parent, _, last = name.rpartition(".")
            setattr(new.get_submodule(parent), last, nn.GELU(approximate="tanh"))
    return new


# %% wrong: children only, so not the whole network
# fails: a GELU that is the whole network
def convert_gelu(model):
    new = copy.deepcopy(model)

    def walk(parent):
        for child in parent.children():
            if isinstance(child, nn.GELU):
                child.approximate = "tanh"
            walk(child)

    walk(new)
    return new


# %% wrong: replaces subclasses by nn.GELU
# fails: subclasses stay of their class
def convert_gelu(model):
    if isinstance(model, nn.GELU):
        return nn.GELU(approximate="tanh")
    new = copy.deepcopy(model)
    for parent in list(new.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.GELU):
                setattr(parent, name, nn.GELU(approximate="tanh"))
    return new


# %% wrong: exactly nn.GELU
# fails: subclasses stay of their class
def convert_gelu(model):
    new = copy.deepcopy(model)
    for module in new.modules():
        if type(module) is nn.GELU:
            module.approximate = "tanh"
    return new


# %% wrong: by the name of the class
# fails: subclasses stay of their class
def convert_gelu(model):
    new = copy.deepcopy(model)
    for module in new.modules():
        if module.__class__.__name__ == "GELU":
            module.approximate = "tanh"
    return new


# %% wrong: exchanges the two forms
# fails: a short form stays short
def convert_gelu(model):
    new = copy.deepcopy(model)
    for module in new.modules():
        if isinstance(module, nn.GELU):
            module.approximate = "tanh" if module.approximate == "none" else "none"
    return new


# %% wrong: other smooth activations as well
# fails: nothing else changes
def convert_gelu(model):
    new = copy.deepcopy(model)
    for parent in list(new.modules()):
        if isinstance(parent, nn.GELU):
            parent.approximate = "tanh"
        for name, child in list(parent._modules.items()):
            if isinstance(child, (nn.ReLU, nn.SiLU)):
                setattr(parent, name, nn.GELU(approximate="tanh"))
    return new


# %% wrong: the copy is put into eval mode
# fails: nothing else changes
def convert_gelu(model):
    new = copy.deepcopy(model).eval()
    for module in new.modules():
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
    return new


# %% wrong: flattened into one Sequential
# fails: nothing else changes
def convert_gelu(model):
    def layers(module):
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
        if isinstance(module, nn.Sequential):
            for child in module:
                yield from layers(child)
        else:
            for child in module.modules():
                if isinstance(child, nn.GELU):
                    child.approximate = "tanh"
            yield module

    return nn.Sequential(*layers(copy.deepcopy(model)))


# %% wrong: each child copied by itself
# fails: what is shared stays shared
def convert_gelu(model):
    if isinstance(model, nn.GELU):
        new = copy.deepcopy(model)
        new.approximate = "tanh"
        return new
    new = copy.copy(model)
    new._modules = {name: convert_gelu(child) for name, child in model._modules.items()}
    new._parameters = {n: None if p is None else nn.Parameter(p.detach().clone(), p.requires_grad) for n, p in model._parameters.items()}
    new._buffers = copy.deepcopy(model._buffers)
    return new


# %% wrong: a new initialisation of the linear layers
# fails: nothing else changes
def convert_gelu(model):
    new = copy.deepcopy(model)
    for module in new.modules():
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
        elif isinstance(module, nn.Linear) and module.bias is not None:
            module.reset_parameters()
    return new


# %% wrong: the original is left in eval mode
# fails: the original stays as it was
def convert_gelu(model):
    training = model.training
    new = copy.deepcopy(model.eval())
    for module in new.modules():
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
    return new.train(training)


# %% wrong: the original set, copied and set back to the exact form everywhere
# fails: the original stays as it was
def convert_gelu(model):
    gelus = [module for module in model.modules() if isinstance(module, nn.GELU)]
    for gelu in gelus:
        gelu.approximate = "tanh"
    new = copy.deepcopy(model)
    for gelu in gelus:
        gelu.approximate = "none"
    return new


# %% wrong: a hook stays on the original
# fails: the original stays as it was
def convert_gelu(model):
    new = copy.deepcopy(model)
    for module in new.modules():
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
    model.register_forward_hook(lambda module, inputs, output: None)
    return new


# %% wrong: the gradients of the original are cleared
# fails: the original stays as it was
def convert_gelu(model):
    model.zero_grad()
    new = copy.deepcopy(model)
    for module in new.modules():
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
    return new


# %% wrong: a new network with the same tensors
# fails: weights of its own
def convert_gelu(model):
    memo = {id(p): p for p in model.parameters()}
    new = copy.deepcopy(model, memo)
    for module in new.modules():
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
    return new


# %% wrong: made float32
# fails: a float64 network
def convert_gelu(model):
    new = copy.deepcopy(model).float()
    for module in new.modules():
        if isinstance(module, nn.GELU):
            module.approximate = "tanh"
    return new


# %% wrong: the short form written with rounded constants
# fails: a float64 network
class Short(nn.GELU):
    def forward(self, x):
        return 0.5 * x * (1 + torch.tanh(0.7979 * (x + 0.044715 * x**3)))


def convert_gelu(model):
    new = copy.deepcopy(model)
    for module in new.modules():
        if type(module) is nn.GELU:
            module.__class__ = Short
        elif isinstance(module, nn.GELU):
            module.approximate = "tanh"
    return new
