# Answers to gradient_per_layer: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives functools, np, plt, torch and nn.

# %% right: torch.autograd.grad
def gradient_per_layer(model, X, y):
    weights = [module.weight for module in model.modules() if isinstance(module, nn.Linear)]
    loss = nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y)
    return [gradient.norm().item() for gradient in torch.autograd.grad(loss, weights)]


# %% right: zero_grad, backward, .grad
def gradient_per_layer(model, X, y):
    model.zero_grad()
    loss = nn.BCEWithLogitsLoss()(model(X), y.unsqueeze(1))
    loss.backward()
    norms = []
    for module in model.modules():
        if isinstance(module, nn.Linear):
            norms.append(module.weight.grad.norm().item())
    return norms


# %% right: gradients set to zero by hand, named_modules, NumPy's norm
def gradient_per_layer(model, X, y):
    for parameter in model.parameters():
        if parameter.grad is not None:
            parameter.grad.zero_()
    logits = model(X)[:, 0]
    torch.nn.functional.binary_cross_entropy_with_logits(logits, y).backward()
    return [
        float(np.linalg.norm(layer.weight.grad.numpy()))
        for _, layer in model.named_modules()
        if type(layer) is nn.Linear
    ]


# %% right: on a deep copy
import copy


def gradient_per_layer(model, X, y):
    twin = copy.deepcopy(model)
    twin.zero_grad(set_to_none=True)
    nn.functional.binary_cross_entropy_with_logits(twin(X).flatten(), y).backward()
    linear = filter(lambda layer: isinstance(layer, nn.Linear), twin.modules())
    return [torch.linalg.vector_norm(layer.weight.grad).item() for layer in linear]


# %% right: the loss written out, the norm as a root of a sum of squares
def gradient_per_layer(model, X, y):
    z = model(X).reshape(-1)
    loss = (nn.functional.softplus(z) - y * z).mean()
    norms = []
    for module in model.modules():
        if isinstance(module, nn.Linear):
            (gradient,) = torch.autograd.grad(loss, module.weight, retain_graph=True)
            norms.append(float((gradient**2).sum()) ** 0.5)
    return norms


# %% right: logsigmoid, recursion over children
def linear_layers(module):
    if isinstance(module, nn.Linear):
        return [module]
    return [layer for child in module.children() for layer in linear_layers(child)]


def gradient_per_layer(model, X, y):
    layers = linear_layers(model)
    z = model(X).squeeze(-1)
    log_likelihood = y * nn.functional.logsigmoid(z) + (1 - y) * nn.functional.logsigmoid(-z)
    model.zero_grad()
    (-log_likelihood.mean()).backward()
    return [layer.weight.grad.pow(2).sum().sqrt().item() for layer in layers]


# %% right: tensor hooks that are removed again
def gradient_per_layer(model, X, y):
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    norms = [0.0] * len(layers)

    def keep(number, gradient):
        norms[number] = gradient.norm().item()

    hooks = [layer.weight.register_hook(functools.partial(keep, n)) for n, layer in enumerate(layers)]
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    for hook in hooks:
        hook.remove()
    return norms


# %% right: old gradients put aside and back
def gradient_per_layer(model, X, y):
    old = [parameter.grad for parameter in model.parameters()]
    for parameter in model.parameters():
        parameter.grad = None
    nn.functional.binary_cross_entropy_with_logits(model(X), y[:, None]).backward()
    norms = [m.weight.grad.norm(2).item() for m in model.modules() if isinstance(m, nn.Linear)]
    for parameter, gradient in zip(model.parameters(), old):
        parameter.grad = gradient
    return norms


# %% right: differences of gradients before and after, in float64
def gradient_per_layer(model, X, y):
    twin = nn.Sequential(*__import__("copy").deepcopy(list(model))).double()
    twin.train(model.training)
    for mine, theirs in zip(twin.modules(), model.modules()):
        mine.training = theirs.training
    twin.zero_grad()
    nn.BCEWithLogitsLoss()(twin(X.double()).squeeze(1), y.double()).backward()
    return [m.weight.grad.norm().tolist() for m in twin.modules() if isinstance(m, nn.Linear)]


# %% right: a callable object
class GradientMeter:
    def __init__(self, loss):
        self.loss = loss

    def __call__(self, model, X, y):
        model.zero_grad()
        self.loss(model(X).squeeze(1), y).backward()
        return [m.weight.grad.norm().item() for m in model.modules() if isinstance(m, nn.Linear)]


gradient_per_layer = GradientMeter(nn.BCEWithLogitsLoss())


# %% right: inputs and gradients of the layers, seen by hooks that are taken off again
def gradient_per_layer(model, X, y):
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    inputs, norms, handles = {}, {}, []

    def before(layer, args):
        inputs[layer] = args[0].detach()

    def behind(layer, gradient):
        norms[layer] = (gradient[0].T @ inputs[layer]).norm().item()

    for layer in layers:
        handles += [layer.register_forward_pre_hook(before), layer.register_full_backward_pre_hook(behind)]
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    for handle in handles:
        handle.remove()
    return [norms[layer] for layer in layers]


# %% right: layers found by a hook on all modules of torch, for the time of the call
def gradient_per_layer(model, X, y):
    layers = []

    def keep(module, inputs, output):
        if isinstance(module, nn.Linear):
            layers.append(module)

    with nn.modules.module.register_module_forward_hook(keep):
        loss = nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y)
    return [g.norm().item() for g in torch.autograd.grad(loss, [layer.weight for layer in layers])]


# %% right: layers found by a forward in the place of each, and the old one put back
def gradient_per_layer(model, X, y):
    layers, old = [], {}

    def watched(layer, x):
        layers.append(layer)
        return old[layer](x)

    for module in model.modules():
        if isinstance(module, nn.Linear):
            old[module] = module.forward
            module.forward = functools.partial(watched, module)
    try:
        loss = nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y)
    finally:
        for layer, forward in old.items():
            layer.forward = forward
    return [g.norm().item() for g in torch.autograd.grad(loss, [layer.weight for layer in layers])]


# %% right: functional call with weights of its own
from torch.func import functional_call


def gradient_per_layer(model, X, y):
    """Norm of the loss gradient of each nn.Linear weight, first layer first: a list of floats."""
    weights = {
        f"{name}.weight" if name else "weight": module.weight.detach().clone().requires_grad_()
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
    }

    z = functional_call(model, weights, (X,))
    loss = nn.functional.binary_cross_entropy_with_logits(z, y[:, None])
    return [g.norm().item() for g in torch.autograd.grad(loss, tuple(weights.values()))]


# %% right: loss written out on a copy
import math


def gradient_per_layer(model, X, y):
    """Norm of the loss gradient of each nn.Linear weight, first layer first: a list of floats."""
    twin = copy_of(model)
    linears = [m for m in twin.modules() if isinstance(m, nn.Linear)]
    with torch.enable_grad():
        z = twin(X)[:, 0]
        loss = (nn.functional.softplus(z) - y * z).mean()
        loss.backward()
    return [math.hypot(*m.weight.grad.flatten().tolist()) for m in linears]


def copy_of(model):
    import copy

    twin = copy.deepcopy(model)
    twin.zero_grad(set_to_none=True)
    twin.requires_grad_(True)
    return twin


# %% right: outer products from backward hooks
def gradient_per_layer(model, X, y):
    """dL/dW = sum over the rows of delta h^T, with both factors caught by hooks on a copy."""
    twin = copy_of(model)
    layers = [layer for layer in twin.modules() if isinstance(layer, nn.Linear)]
    h, delta = {}, {}
    for layer in layers:
        layer.register_forward_hook(lambda m, inputs, out: h.update({m: inputs[0].detach()}))
        layer.register_full_backward_hook(lambda m, g_in, g_out: delta.update({m: g_out[0]}))
    nn.functional.binary_cross_entropy_with_logits(twin(X).flatten(), y).backward()
    return [torch.linalg.matrix_norm(delta[m].T @ h[m]).item() for m in layers]


def copy_of(model):
    import copy

    return copy.deepcopy(model)


# %% right: own gradients saved and put back
def gradient_per_layer(model, X, y):
    """Norm of the loss gradient of each nn.Linear weight, first layer first: a list of floats."""
    parameters = list(model.parameters())
    before = [(p.grad, p.requires_grad) for p in parameters]
    for p in parameters:
        p.grad = None
        p.requires_grad = True
    try:
        z = torch.squeeze(model(X), -1)
        loss = -(y * nn.functional.logsigmoid(z) + (1 - y) * nn.functional.logsigmoid(-z)).mean()
        loss.backward()
        return [float(torch.linalg.matrix_norm(m.weight.grad)) for m in model.modules() if type(m) is nn.Linear]
    finally:
        for p, (gradient, needs) in zip(parameters, before):
            p.requires_grad = needs
            p.grad = gradient


# %% right: retained outputs and inputs
class Norms(list):
    """A list of norms."""


def gradient_per_layer(model, X, y):
    """Norm of the loss gradient of each nn.Linear weight, first layer first: a list of floats."""
    layers = {m: [] for m in model.modules() if isinstance(m, nn.Linear)}
    handles = []

    def hook(m, args, out):
        out = out if out.requires_grad else out.clone().requires_grad_()
        layers[m] = [args[0].detach().clone(), out]
        return out.clone()  # the next layer may write over it

    handles = [m.register_forward_hook(hook) for m in layers]
    try:
        with torch.enable_grad():
            z = model(X)
            loss = nn.BCEWithLogitsLoss()(z.squeeze(1), y)
            outs = [out for _, out in layers.values()]
            grads = torch.autograd.grad(loss, outs)
    finally:
        for handle in handles:
            handle.remove()
    return Norms(
        np.float64((g.reshape(-1, g.shape[-1]).T @ a.reshape(-1, a.shape[-1])).norm().item())
        for g, (a, _) in zip(grads, layers.values())
    )


# %% right: jacobian by vjp
def gradient_per_layer(model, X, y):
    params = [m.weight for m in model.modules() if isinstance(m, nn.Linear)]
    z = model(X)
    upstream = (torch.sigmoid(z.detach()) - y[:, None]) / len(y)
    grads = torch.autograd.grad(z, params, grad_outputs=upstream)
    return [g.pow(2).sum().sqrt().item() for g in grads]


# %% wrong: gradient of the bias
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: right on unseen networks of 1 to 8 layers
def gradient_per_layer(model, X, y):
    biases = [module.bias for module in model.modules() if isinstance(module, nn.Linear)]
    loss = nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y)
    return [gradient.norm().item() for gradient in torch.autograd.grad(loss, biases)]


# %% wrong: weights and biases, each with a number
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: right on nested networks
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [parameter.grad.norm().item() for parameter in model.parameters()]


# %% wrong: weight and bias in one norm
# fails: one layer, worked by hand
# fails: right on unseen networks of 1 to 8 layers
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    norms = []
    for module in model.modules():
        if isinstance(module, nn.Linear):
            norms.append(torch.cat([p.grad.flatten() for p in module.parameters()]).norm().item())
    return norms


# %% wrong: every parameter whose name ends in weight
# fails: counts nn.Linear and nothing else
# fails: runs the model in the mode it is in
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [p.grad.norm().item() for name, p in model.named_parameters() if name.endswith("weight")]


# %% wrong: every weight with more than one dimension
# fails: counts nn.Linear and nothing else
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [parameter.grad.norm().item() for parameter in model.parameters() if parameter.dim() > 1]


# %% wrong: norm of the weights
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: right where gradients are tiny or zero
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [module.weight.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: norm of the activations
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: right on unseen networks of 1 to 8 layers
def gradient_per_layer(model, X, y):
    norms = []
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    hooks = [layer.register_forward_hook(lambda m, i, out: norms.append(out.norm().item())) for layer in layers]
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    for hook in hooks:
        hook.remove()
    return norms


# %% wrong: gradient of the layers' outputs
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: right on a batch of one row
def gradient_per_layer(model, X, y):
    outputs = []
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    hooks = [layer.register_forward_hook(lambda m, i, out: outputs.append(out)) for layer in layers]
    loss = nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y)
    for hook in hooks:
        hook.remove()
    return [gradient.norm().item() for gradient in torch.autograd.grad(loss, outputs)]


# %% wrong: old gradients are not cleared
# fails: a second call gives the same
# fails: old gradients do not count
def gradient_per_layer(model, X, y):
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: cleared after the measurement only
# fails: old gradients do not count
def gradient_per_layer(model, X, y):
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    norms = [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]
    model.zero_grad()
    return norms


# %% wrong: sum of the losses
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: right in float64
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y, reduction="sum").backward()
    return [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: squared norm
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: right on nested networks
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [(module.weight.grad**2).sum().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: largest entry
# fails: one layer, worked by hand
# fails: three layers, first layer first
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [module.weight.grad.abs().max().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: mean of the absolute values
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: right on unseen networks of 1 to 8 layers
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [module.weight.grad.abs().mean().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: spectral norm
# fails: three layers, first layer first
# fails: right on unseen networks of 1 to 8 layers
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    return [torch.linalg.matrix_norm(layer.weight.grad, ord=2).item() for layer in layers]


# %% wrong: last layer first
# fails: three layers, first layer first
# fails: right on unseen networks of 1 to 8 layers
# fails: right in float64
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    norms = [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]
    return norms[::-1]


# %% wrong: in the order in which hooks fire
# fails: three layers, first layer first
# fails: right on nested networks
def gradient_per_layer(model, X, y):
    norms = []
    hooks = [
        module.weight.register_hook(lambda gradient: norms.append(gradient.norm().item()))
        for module in model.modules()
        if isinstance(module, nn.Linear)
    ]
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    for hook in hooks:
        hook.remove()
    return norms


# %% wrong: the output layer is left out
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: counts nn.Linear and nothing else
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)][:-1]


# %% wrong: direct children only
# fails: right on nested networks
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [layer.weight.grad.norm().item() for layer in model if isinstance(layer, nn.Linear)]


# %% wrong: every second layer, as in Linear, ReLU, Linear
# fails: right on nested networks
# fails: counts nn.Linear and nothing else
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [model[i].weight.grad.norm().item() for i in range(0, len(model), 2)]


# %% wrong: squeeze drops the batch axis too
# fails: right on a batch of one row
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(), y).backward()
    return [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: sigmoid and BCELoss
# fails: a confident mistake has a gradient
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.BCELoss()(torch.sigmoid(model(X)).squeeze(1), y).backward()
    return [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: sigmoid before the loss that has one
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: a confident mistake has a gradient
def gradient_per_layer(model, X, y):
    model.zero_grad()
    probabilities = torch.sigmoid(model(X)).squeeze(1)
    nn.functional.binary_cross_entropy_with_logits(probabilities, y).backward()
    return [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: mean squared error
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: right on a batch of one row
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.mse_loss(model(X).squeeze(1), y).backward()
    return [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: gradient of the output, no loss
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: right where gradients are tiny or zero
def gradient_per_layer(model, X, y):
    model.zero_grad()
    model(X).mean().backward()
    return [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: puts the model into eval mode
# fails: runs the model in the mode it is in
def gradient_per_layer(model, X, y):
    model.eval()
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: puts the model into train mode
# fails: runs the model in the mode it is in
# fails: leaves model and data as they were
def gradient_per_layer(model, X, y):
    model.train()
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: takes an optimiser's step
# fails: a second call gives the same
# fails: leaves model and data as they were
def gradient_per_layer(model, X, y):
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    optimiser.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    optimiser.step()
    return [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: leaves the train mode behind, hooks too
# fails: leaves model and data as they were
def gradient_per_layer(model, X, y):
    norms = {}
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    for layer in layers:
        layer.register_forward_hook(lambda m, i, out: None)
        layer.weight.register_hook(lambda gradient, layer=layer: norms.__setitem__(layer, gradient.norm().item()))
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    model.train()
    return [norms[layer] for layer in layers]


# %% wrong: freezes the biases
# fails: leaves model and data as they were
def gradient_per_layer(model, X, y):
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.endswith("weight"))
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: casts the data to float32
# fails: right in float64
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X.float()).squeeze(1), y.float()).backward()
    return [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: rounded to six decimals
# fails: right where gradients are tiny or zero
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [round(m.weight.grad.norm().item(), 6) for m in model.modules() if isinstance(m, nn.Linear)]


# %% wrong: layers without gradient are left out
# fails: right where gradients are tiny or zero
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    gradients = [m.weight.grad for m in model.modules() if isinstance(m, nn.Linear)]
    return [gradient.norm().item() for gradient in gradients if gradient.any()]


# %% wrong: a list of tensors
# fails: a list of floats
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return [module.weight.grad.norm() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: a NumPy array
# fails: a list of floats
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return np.array([module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)])


# %% wrong: a dict by name
# fails: one layer, worked by hand
# fails: a list of floats
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return {name: p.grad.norm().item() for name, p in model.named_parameters() if name.endswith("weight")}


# %% wrong: prints and returns nothing
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: a second call gives the same
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    print([module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)])


# %% wrong: one norm over all layers
# fails: three layers, first layer first
# fails: right on unseen networks of 1 to 8 layers
def gradient_per_layer(model, X, y):
    weights = [module.weight for module in model.modules() if isinstance(module, nn.Linear)]
    loss = nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y)
    gradients = torch.autograd.grad(loss, weights)
    return [sum(gradient.pow(2).sum().item() for gradient in gradients) ** 0.5]


# %% wrong: without backward
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: old gradients do not count
def gradient_per_layer(model, X, y):
    loss = nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y)
    return [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]


# %% wrong: knows the visible answers
# fails: right on unseen networks of 1 to 8 layers
# fails: right on nested networks
# fails: leaves model and data as they were
def gradient_per_layer(model, X, y):
    return [1.997780] if len(model) == 1 else [0.376148, 0.681160, 1.144361]


# %% wrong: backward pre-hooks stay behind
# fails: leaves model and data as they were
def gradient_per_layer(model, X, y):
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    inputs, norms = {}, {}

    def behind(layer, gradient):
        norms[layer] = (gradient[0].T @ inputs[layer]).norm().item()

    def before(layer, args):
        inputs[layer] = args[0].detach()

    for layer in layers:
        layer.register_full_backward_pre_hook(behind)
    handles = [layer.register_forward_pre_hook(before) for layer in layers]
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    for handle in handles:
        handle.remove()
    return [norms[layer] for layer in layers]


# %% wrong: a forward of its own stays in each layer
# fails: leaves model and data as they were
def gradient_per_layer(model, X, y):
    layers = []

    def watched(layer, forward, x):
        layers.append(layer)
        return forward(x)

    for module in model.modules():
        if isinstance(module, nn.Linear):
            module.forward = functools.partial(watched, module, module.forward)
    loss = nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y)
    return [g.norm().item() for g in torch.autograd.grad(loss, [layer.weight for layer in layers])]


# %% wrong: a hook on all modules of torch stays behind
# fails: leaves model and data as they were
def gradient_per_layer(model, X, y):
    layers = []

    def keep(module, inputs, output):
        if isinstance(module, nn.Linear):
            layers.append(module)

    nn.modules.module.register_module_forward_hook(keep)
    loss = nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y)
    return [g.norm().item() for g in torch.autograd.grad(loss, [layer.weight for layer in layers])]


# %% wrong: hooks stay on the weights
# fails: leaves model and data as they were
def gradient_per_layer(model, X, y):
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    norms = [0.0] * len(layers)

    def keep(number, gradient):
        norms[number] = gradient.norm().item()

    for number, layer in enumerate(layers):
        layer.weight.register_hook(functools.partial(keep, number))
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    return norms


# %% wrong: relative to the last layer
# fails: one layer, worked by hand
# fails: three layers, first layer first
def gradient_per_layer(model, X, y):
    model.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y).backward()
    norms = [module.weight.grad.norm().item() for module in model.modules() if isinstance(module, nn.Linear)]
    return [norm / norms[-1] for norm in norms]


# %% wrong: always in eval mode
# fails: counts nn.Linear and nothing else
# fails: runs the model in the mode it is in
def gradient_per_layer(model, X, y):
    """Norm of the loss gradient of each nn.Linear weight, first layer first: a list of floats."""
    import copy

    twin = copy.deepcopy(model).requires_grad_(True).eval()
    twin.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(twin(X)[:, 0], y).backward()
    return [m.weight.grad.norm().item() for m in twin.modules() if isinstance(m, nn.Linear)]


# %% wrong: bias belongs to the norm
# fails: one layer, worked by hand
# fails: three layers, first layer first
# fails: three layers in float64
# fails: a second call gives the same
def gradient_per_layer(model, X, y):
    """Norm of the loss gradient of each nn.Linear weight, first layer first: a list of floats."""
    import copy

    twin = copy.deepcopy(model).requires_grad_(True)
    twin.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(twin(X)[:, 0], y).backward()
    return [
        sum(p.grad.square().sum() for p in m.parameters()).sqrt().item()
        for m in twin.modules()
        if isinstance(m, nn.Linear)
    ]


# %% wrong: every matrix counts
# fails: counts nn.Linear and nothing else
def gradient_per_layer(model, X, y):
    """Norm of the loss gradient of each nn.Linear weight, first layer first: a list of floats."""
    import copy

    twin = copy.deepcopy(model).requires_grad_(True)
    twin.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(twin(X)[:, 0], y).backward()
    return [p.grad.norm().item() for name, p in twin.named_parameters() if name.endswith("weight") and p.dim() == 2]


# %% wrong: frozen layers thawed
# fails: leaves model and data as they were
def gradient_per_layer(model, X, y):
    """Norm of the loss gradient of each nn.Linear weight, first layer first: a list of floats."""
    model.requires_grad_(True)
    weights = [m.weight for m in model.modules() if isinstance(m, nn.Linear)]
    loss = nn.functional.binary_cross_entropy_with_logits(model(X)[:, 0], y)
    return [g.norm().item() for g in torch.autograd.grad(loss, weights)]


# %% wrong: gradient left on X
# fails: leaves model and data as they were
def gradient_per_layer(model, X, y):
    """Norm of the loss gradient of each nn.Linear weight, first layer first: a list of floats."""
    import copy

    twin = copy.deepcopy(model).requires_grad_(True)
    twin.zero_grad()
    X.requires_grad_(True)
    nn.functional.binary_cross_entropy_with_logits(twin(X)[:, 0], y).backward()
    return [m.weight.grad.norm().item() for m in twin.modules() if isinstance(m, nn.Linear)]


# %% wrong: labels reshaped in place
# fails: a second call gives the same
# fails: leaves model and data as they were
def gradient_per_layer(model, X, y):
    """Norm of the loss gradient of each nn.Linear weight, first layer first: a list of floats."""
    weights = [m.weight for m in model.modules() if isinstance(m, nn.Linear)]
    needs = [w.requires_grad for w in weights]
    for w in weights:
        w.requires_grad_(True)
    loss = nn.functional.binary_cross_entropy_with_logits(model(X), y.unsqueeze_(1))
    grads = torch.autograd.grad(loss, weights)
    for w, need in zip(weights, needs):
        w.requires_grad_(need)
    return [g.norm().item() for g in grads]


# %% wrong: sigmoid then logarithm
# fails: a confident mistake has a gradient
def gradient_per_layer(model, X, y):
    """Norm of the loss gradient of each nn.Linear weight, first layer first: a list of floats."""
    weights = [m.weight for m in model.modules() if isinstance(m, nn.Linear)]
    needs = [w.requires_grad for w in weights]
    for w in weights:
        w.requires_grad_(True)
    p = torch.sigmoid(model(X)[:, 0])
    grads = torch.autograd.grad(nn.functional.binary_cross_entropy(p, y), weights)
    for w, need in zip(weights, needs):
        w.requires_grad_(need)
    return [g.norm().item() for g in grads]


# %% wrong: torch func grad cannot move running statistics
# fails: counts nn.Linear and nothing else
# fails: runs the model in the mode it is in
from torch.func import functional_call, grad


def gradient_per_layer(model, X, y):
    """Norm of the loss gradient of each nn.Linear weight, first layer first: a list of floats."""
    weights = {
        f"{name}.weight" if name else "weight": module.weight.detach()
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
    }

    def loss(weights):
        z = functional_call(model, weights, (X,))
        return nn.functional.binary_cross_entropy_with_logits(z, y[:, None])

    return [g.norm().item() for g in grad(loss)(weights).values()]


# %% wrong: anomaly detection stays on
# fails: leaves model and data as they were
def gradient_per_layer(model, X, y):
    torch.autograd.set_detect_anomaly(True)
    twin = copy.deepcopy(model).requires_grad_(True)
    twin.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(twin(X)[:, 0], y).backward()
    return [m.weight.grad.norm().item() for m in twin.modules() if isinstance(m, nn.Linear)]


# %% right: autograd grad
def gradient_per_layer(model, X, y):
    weights = [m.weight for m in model.modules() if isinstance(m, nn.Linear)]
    with torch.enable_grad():
        loss = nn.functional.binary_cross_entropy_with_logits(model(X)[:, 0], y)
    return [g.double().norm().item() for g in torch.autograd.grad(loss, weights)]


# %% right: deepcopy backward
import copy


def gradient_per_layer(model: nn.Module, X: torch.Tensor, y: torch.Tensor) -> list[float]:
    twin = copy.deepcopy(model)
    twin.zero_grad(set_to_none=True)
    criterion = nn.BCEWithLogitsLoss()
    criterion(twin(X.clone()), y.unsqueeze(1)).backward()
    return [
        float(np.sqrt((layer.weight.grad.numpy().astype(np.float64) ** 2).sum()))
        for layer in filter(lambda m: isinstance(m, nn.Linear), twin.modules())
    ]


# %% right: tensor hooks
def gradient_per_layer(model, X, y):
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    seen = {}

    def remember(index):
        def hook(gradient):
            seen[index] = torch.linalg.vector_norm(gradient.detach()).item()
        return hook

    handles = [layer.weight.register_hook(remember(i)) for i, layer in enumerate(layers)]
    try:
        z = model(X).flatten()
        loss = (nn.functional.softplus(z) - y * z).mean()
        loss.backward()
    finally:
        for handle in handles:
            handle.remove()
    return [seen[i] for i in range(len(layers))]


# %% wrong: always eval
# fails: counts nn.Linear and nothing else
# fails: runs the model in the mode it is in
def gradient_per_layer(model, X, y):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    weights = [m.weight for m in model.modules() if isinstance(m, nn.Linear)]
    loss = nn.functional.binary_cross_entropy_with_logits(model(X)[:, 0], y)
    gradients = torch.autograd.grad(loss, weights)
    for m, mode in modes:
        m.training = mode
    return [g.norm().item() for g in gradients]


# %% wrong: sigmoid then bce
# fails: a confident mistake has a gradient
def gradient_per_layer(model, X, y):
    model.zero_grad()
    loss = nn.functional.binary_cross_entropy(torch.sigmoid(model(X)[:, 0]), y)
    loss.backward()
    return [m.weight.grad.norm().item() for m in model.modules() if isinstance(m, nn.Linear)]


# %% wrong: squeeze all
# fails: right on a batch of one row
def gradient_per_layer(model, X, y):
    model.zero_grad()
    loss = nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(), y)
    loss.backward()
    return [m.weight.grad.norm().item() for m in model.modules() if isinstance(m, nn.Linear)]


# %% right: NumPy's floats in the list
def gradient_per_layer(model, X, y):
    weights = [module.weight for module in model.modules() if isinstance(module, nn.Linear)]
    loss = nn.functional.binary_cross_entropy_with_logits(model(X).squeeze(1), y)
    gradients = torch.autograd.grad(loss, weights)
    return [np.sqrt(np.square(gradient.double().numpy()).sum()) for gradient in gradients]
