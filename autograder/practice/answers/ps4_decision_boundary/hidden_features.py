# Answers to hidden_features: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives np, torch and nn, and every answer defines the function once more.

# %% right: all parts but the last
def hidden_features(model, X):
    training = model.training
    model.eval()
    with torch.no_grad():
        features = model[:-1](torch.as_tensor(X, dtype=torch.float32))
    model.train(training)
    return features.numpy()


# %% right: a forward hook on the last hidden part
def hidden_features(model, X):
    kept = []
    handle = model[-2].register_forward_hook(lambda module, inputs, output: kept.append(output.detach()))
    was_training = model.training
    try:
        model.eval()
        with torch.no_grad():
            model(torch.tensor(X).float())
    finally:
        handle.remove()
        model.train(was_training)
    return kept[-1].numpy()


# %% right: a pre-hook on the last Linear of all modules
def hidden_features(model, X):
    output_layer = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
    seen = {}

    def keep(module, inputs):
        seen["features"] = inputs[0]

    hook = output_layer.register_forward_pre_hook(keep)
    was_training = model.training
    model.eval()
    model(torch.from_numpy(np.asarray(X, dtype=np.float32)))
    model.train(was_training)
    hook.remove()
    return seen["features"].detach().numpy()


# %% right: layer by layer on a copy in evaluation mode
import copy


def hidden_features(model, X):
    twin = copy.deepcopy(model).eval()
    h = torch.tensor(X, dtype=torch.float32)
    for part in list(twin.children())[:-1]:
        h = part(h)
    return h.detach().numpy()


# %% right: one row at a time in float64
from copy import deepcopy


def hidden_features(model, X):
    front = nn.Sequential(*deepcopy(model)[:-1]).double().eval()
    rows = []
    with torch.inference_mode():
        for row in X:
            rows.append(front(torch.tensor(row[None, :], dtype=torch.float64))[0].tolist())
    return np.array(rows)


# %% right: a context manager that restores the mode of each part
from contextlib import contextmanager


@contextmanager
def evaluating(model):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield model
    finally:
        for module, mode in modes.items():
            module.training = mode


@torch.no_grad()
def hidden_features(model, X):
    with evaluating(model):
        *hidden, _ = model
        return nn.Sequential(*hidden)(torch.Tensor(X)).numpy()


# %% right: a hook on all modules of torch, for the time of the call
def hidden_features(model, X):
    seen = []

    def keep(module, inputs):
        if module is model[-1]:
            seen.append(inputs[0])

    training = model.training
    model.eval()
    with nn.modules.module.register_module_forward_pre_hook(keep), torch.no_grad():
        model(torch.as_tensor(X, dtype=torch.float32))
    model.train(training)
    return seen[0].numpy()


# %% right: a forward in the place of the output layer's, and the old one put back
def hidden_features(model, X):
    output, training = model[-1], model.training
    forward = output.forward
    output.forward = lambda h: h
    try:
        with torch.no_grad():
            return model.eval()(torch.as_tensor(X, dtype=torch.float32)).numpy()
    finally:
        output.forward = forward
        model.train(training)


# %% right: a forward in the place of the output layer's, deleted again
def hidden_features(model, X):
    training = model.training
    model[-1].forward = torch.clone
    with torch.no_grad():
        features = model.eval()(torch.as_tensor(X, dtype=torch.float32)).numpy()
    del model[-1].forward
    model.train(training)
    return features


# %% wrong: the pre-activations
# fails: right for one hidden layer
# fails: right for two hidden layers
def hidden_features(model, X):
    training = model.training
    model.eval()
    with torch.no_grad():
        features = model[:-2](torch.as_tensor(X, dtype=torch.float32))
    model.train(training)
    return features.numpy()


# %% wrong: the first hidden layer, not the last
# fails: right for two hidden layers
# fails: right for deeper networks and other activations
def hidden_features(model, X):
    with torch.no_grad():
        return model[:2](torch.as_tensor(X, dtype=torch.float32)).numpy()


# %% wrong: the logits
# fails: right for one hidden layer
# fails: a NumPy array
def hidden_features(model, X):
    with torch.no_grad():
        return model(torch.as_tensor(X, dtype=torch.float32)).numpy()


# %% wrong: dropout and batch norm as in training
# fails: dropout and batch norm as in evaluation
# fails: leaves nothing behind in network and X
def hidden_features(model, X):
    with torch.no_grad():
        return model[:-1](torch.as_tensor(X, dtype=torch.float32)).numpy()


# %% wrong: evaluation mode stays on
# fails: the network's mode stays as it was
def hidden_features(model, X):
    model.eval()
    with torch.no_grad():
        return model[:-1](torch.as_tensor(X, dtype=torch.float32)).numpy()


# %% wrong: training mode is on afterwards, whatever it was
# fails: the network's mode stays as it was
def hidden_features(model, X):
    model.eval()
    with torch.no_grad():
        features = model[:-1](torch.as_tensor(X, dtype=torch.float32)).numpy()
    model.train()
    return features


# %% wrong: the hook stays in the network
# fails: leaves nothing behind in network and X
def hidden_features(model, X):
    kept = []
    model[-2].register_forward_hook(lambda module, inputs, output: kept.append(output.detach()))
    training = model.training
    model.eval()
    model(torch.as_tensor(X, dtype=torch.float32))
    model.train(training)
    return kept[-1].numpy()


# %% wrong: cuts the output layer off
# fails: leaves nothing behind in network and X
def hidden_features(model, X):
    training = model.training
    model.eval()
    model[-1] = nn.Identity()
    with torch.no_grad():
        features = model(torch.as_tensor(X, dtype=torch.float32)).numpy()
    model.train(training)
    return features


# %% wrong: freezes the weights to get rid of the gradient
# fails: leaves nothing behind in network and X
def hidden_features(model, X):
    training = model.training
    model.eval()
    for parameter in model.parameters():
        parameter.requires_grad = False
    features = model[:-1](torch.as_tensor(X, dtype=torch.float32)).numpy()
    model.train(training)
    return features


# %% wrong: turns the network into float64
# fails: leaves nothing behind in network and X
def hidden_features(model, X):
    training = model.training
    model.double().eval()
    with torch.no_grad():
        features = model[:-1](torch.as_tensor(X, dtype=torch.float64)).numpy()
    model.train(training)
    return features


# %% wrong: rounds X in place
# fails: leaves nothing behind in network and X
def hidden_features(model, X):
    training = model.training
    model.eval()
    np.round(X, 6, out=X)
    with torch.no_grad():
        features = model[:-1](torch.tensor(X, dtype=torch.float32)).numpy()
    model.train(training)
    return features


# %% wrong: squeezes the result
# fails: one row or one unit keeps two dimensions
def hidden_features(model, X):
    training = model.training
    model.eval()
    with torch.no_grad():
        features = model[:-1](torch.as_tensor(X, dtype=torch.float32)).squeeze().numpy()
    model.train(training)
    return features


# %% wrong: a float64 copy that takes float64 inputs only
# fails: takes float32 and float64 inputs
import copy


def hidden_features(model, X):
    twin = copy.deepcopy(model).double().eval()
    with torch.no_grad():
        return twin[:-1](torch.from_numpy(X)).numpy()


# %% wrong: float64 inputs into float32 weights
# fails: right for one hidden layer
def hidden_features(model, X):
    with torch.no_grad():
        return model[:-1](torch.from_numpy(X)).numpy()


# %% wrong: a tensor
# fails: a NumPy array
def hidden_features(model, X):
    training = model.training
    model.eval()
    with torch.no_grad():
        features = model[:-1](torch.as_tensor(X, dtype=torch.float32))
    model.train(training)
    return features


# %% wrong: a list
# fails: a NumPy array
def hidden_features(model, X):
    training = model.training
    model.eval()
    with torch.no_grad():
        features = model[:-1](torch.as_tensor(X, dtype=torch.float32)).tolist()
    model.train(training)
    return features


# %% wrong: transposed
# fails: right for two hidden layers
# fails: a NumPy array
def hidden_features(model, X):
    with torch.no_grad():
        return model[:-1](torch.as_tensor(X, dtype=torch.float32)).numpy().T


# %% wrong: made for one or two hidden layers
# fails: right for deeper networks and other activations
def hidden_features(model, X):
    training = model.training
    model.eval()
    with torch.no_grad():
        h = model[1](model[0](torch.as_tensor(X, dtype=torch.float32)))
        if len(model) > 3:
            h = model[3](model[2](h))
    model.train(training)
    return h.numpy()


# %% wrong: counts the Linear parts at the top only
# fails: right for a network made of blocks
def hidden_features(model, X):
    training = model.training
    model.eval()
    last_hidden = [number for number, part in enumerate(model) if isinstance(part, nn.Linear)][-2]
    with torch.no_grad():
        features = model[: last_hidden + 2](torch.as_tensor(X, dtype=torch.float32)).numpy()
    model.train(training)
    return features


# %% wrong: takes every activation for ReLU
# fails: right for one hidden layer
# fails: right for deeper networks and other activations
def hidden_features(model, X):
    h = np.asarray(X, dtype=np.float32)
    for part in model[:-1]:
        if isinstance(part, nn.Linear):
            h = np.maximum(h @ part.weight.detach().numpy().T + part.bias.detach().numpy(), 0)
    return h


# %% wrong: the mean over the rows
# fails: right for one hidden layer
# fails: a NumPy array
def hidden_features(model, X):
    with torch.no_grad():
        return model[:-1](torch.as_tensor(X, dtype=torch.float32)).mean(dim=0).numpy()


# %% wrong: returns X
# fails: right for one hidden layer
# fails: a NumPy array
def hidden_features(model, X):
    return X


# %% wrong: prints and returns nothing
# fails: right for one hidden layer
def hidden_features(model, X):
    with torch.no_grad():
        print(model[:-1](torch.as_tensor(X, dtype=torch.float32)).numpy())


# %% wrong: a backward pre-hook stays in the network
# fails: leaves nothing behind in network and X
def hidden_features(model, X):
    training = model.training
    model[-1].register_full_backward_pre_hook(lambda module, gradient: None)
    with torch.no_grad():
        features = model.eval()[:-1](torch.as_tensor(X, dtype=torch.float32))
    model.train(training)
    return features.numpy()


# %% wrong: a forward of its own stays in the output layer
# fails: leaves nothing behind in network and X
def hidden_features(model, X):
    seen, forward, training = [], model[-1].forward, model.training

    def keep(h):
        seen.append(h)
        return forward(h)

    model[-1].forward = keep
    with torch.no_grad():
        model.eval()(torch.as_tensor(X, dtype=torch.float32))
    model.train(training)
    return seen[0].numpy()


# %% wrong: a hook on all modules of torch stays behind
# fails: leaves nothing behind in network and X
def hidden_features(model, X):
    seen, training = [], model.training

    def keep(module, inputs):
        if module is model[-1]:
            seen.append(inputs[0])

    nn.modules.module.register_module_forward_pre_hook(keep)
    with torch.no_grad():
        model.eval()(torch.as_tensor(X, dtype=torch.float32))
    model.train(training)
    return seen[0].numpy()


# %% wrong: knows the visible answers
# fails: right for deeper networks and other activations
# fails: right for a network made of blocks
# fails: dropout and batch norm as in evaluation
def hidden_features(model, X):
    if len(X) == 80:
        return np.zeros((80, 8))
    if len(model) == 3:
        return np.tanh(np.array([[1, 2, -1], [-1, 0.5, -1.5], [0, -3, 3]]))
    return np.array([[3, 3], [0.5, 1], [0, 0]])


# %% right: written from the task alone, functional call on a slice
from torch.func import functional_call


def hidden_features(model, X):
    body = copy.deepcopy(model[:-1])
    weights = {name: value.detach() for name, value in body.state_dict().items()}
    result = functional_call(body.eval(), weights, (torch.tensor(X.astype("float32")),))
    return np.asarray(result.detach(), dtype=np.float64).reshape(X.shape[0], -1)


# %% right: written from the task alone, hook before the output layer
def hidden_features(model, X):
    modes = [(part, part.training) for part in model.modules()]
    seen = []
    handle = model[-1].register_forward_pre_hook(lambda part, inputs: seen.append(inputs[0].detach().clone()))
    try:
        model.eval()
        with torch.no_grad():
            model(torch.tensor(X, dtype=torch.float32))
    finally:
        handle.remove()
        for part, mode in modes:
            part.training = mode
    return seen[0].numpy()


# %% right: written from the task alone, identity in place of the output layer
def hidden_features(model, X):
    twin = copy.deepcopy(model)
    twin[-1] = nn.Identity()
    with torch.inference_mode():
        return np.array(twin.eval()(torch.from_numpy(np.array(X, dtype=np.float32))).tolist()).reshape(len(X), -1)


# %% right: written from the task alone, in float64 and one row at a time
def hidden_features(model, X):
    twin = copy.deepcopy(model).double().eval().requires_grad_(False)
    head = nn.Sequential(*list(twin.children())[:-1])
    rows = [head(torch.tensor([row.tolist()], dtype=torch.float64))[0] for row in X]
    return torch.stack(rows).numpy()


# %% right: written from the task alone, mode of the whole put back
def hidden_features(model, X):
    was = model.training
    model.eval()
    with torch.no_grad():
        features = model[:-1](torch.tensor(X, dtype=torch.float32)).numpy()
    model.train(was)
    return features


# %% right: written from the task alone, output layer that returns its input
class Tap(nn.Linear):
    """An output layer that lets its input through."""

    def forward(self, features):
        return features


def hidden_features(model, X):
    twin = copy.deepcopy(model)
    twin[len(twin) - 1].__class__ = Tap
    for part in twin.modules():
        part.training = False
    with torch.no_grad():
        return twin(torch.as_tensor(X.copy()).float()).numpy()


# %% right: written from the task alone, through a saved file
import io


def hidden_features(model, X):
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    twin = torch.load(file, weights_only=False)
    twin.train(False)
    del twin[-1]
    with torch.inference_mode():
        return twin(torch.tensor(X).to(torch.float32)).numpy().copy()


# %% wrong: written from the task alone, as in training
# fails: dropout and batch norm as in evaluation
# wrong: dropout drops, and batch norm uses the rows at hand
def hidden_features(model, X):
    twin = copy.deepcopy(model)
    with torch.no_grad():
        return twin[:-1](torch.tensor(X, dtype=torch.float32)).numpy()


# %% wrong: written from the task alone, before the activation
# fails: right for one hidden layer
# wrong: what goes into the activation, not what comes out
def hidden_features(model, X):
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        return twin[:-2](torch.tensor(X, dtype=torch.float32)).numpy()


# %% wrong: written from the task alone, hook left behind
# fails: leaves nothing behind in network and X
# wrong: the hook stays
def hidden_features(model, X):
    modes = [(part, part.training) for part in model.modules()]
    seen = []
    model[-1].register_forward_pre_hook(lambda part, inputs: seen.append(inputs[0].detach().clone()))
    model.eval()
    with torch.no_grad():
        model(torch.tensor(X, dtype=torch.float32))
    for part, mode in modes:
        part.training = mode
    return seen[0].numpy()


# %% wrong: written from the task alone, last linear by type
# fails: right for a network made of blocks
# wrong: looks for the Linear layers at the top; a block is skipped
def hidden_features(model, X):
    twin = copy.deepcopy(model).eval()
    x = torch.tensor(X, dtype=torch.float32)
    with torch.no_grad():
        for part in list(twin)[:-1]:
            if not isinstance(part, nn.Sequential):
                x = part(x)
    return x.numpy()


# %% wrong: written from the task alone, mode put back to training always
# fails: the network's mode stays as it was
# wrong: a network that was in evaluation is in training mode afterwards
def hidden_features(model, X):
    model.eval()
    with torch.no_grad():
        features = model[:-1](torch.tensor(X, dtype=torch.float32)).numpy()
    model.train()
    return features


# %% wrong: written from the task alone, output layer stays away
# fails: leaves nothing behind in network and X
# wrong: the network has lost its output layer
def hidden_features(model, X):
    modes = [(part, part.training) for part in model.modules()]
    model[-1] = nn.Identity()
    model.eval()
    with torch.no_grad():
        features = model(torch.tensor(X, dtype=torch.float32)).numpy()
    for part, mode in modes:
        part.training = mode
    return features


# %% wrong: written from the task alone, parameters frozen
# fails: leaves nothing behind in network and X
# wrong: requires_grad is off afterwards, the network can not be trained any more
def hidden_features(model, X):
    modes = [(part, part.training) for part in model.modules()]
    model.eval().requires_grad_(False)
    features = model[:-1](torch.tensor(X, dtype=torch.float32)).numpy()
    for part, mode in modes:
        part.training = mode
    return features


# %% wrong: written from the task alone, rounded
# fails: right for one hidden layer
# wrong: three decimals are not four digits
def hidden_features(model, X):
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        return np.round(twin[:-1](torch.tensor(X, dtype=torch.float32)).numpy(), 3)


# %% wrong: written from the task alone, rows centred in place
# fails: leaves nothing behind in network and X
# wrong: X is changed
def hidden_features(model, X):
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        features = twin[:-1](torch.tensor(X, dtype=torch.float32)).numpy()
    X -= X.mean(axis=0)
    return features


# %% wrong: written from the task alone, squeezed
# fails: one row or one unit keeps two dimensions
# wrong: one row, or one unit, loses a dimension
def hidden_features(model, X):
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        return twin[:-1](torch.tensor(X, dtype=torch.float32)).squeeze().numpy()


# %% wrong: anomaly detection stays on
# fails: leaves nothing behind in network and X
def hidden_features(model, X):
    torch.autograd.set_detect_anomaly(True)
    training = model.training
    model.eval()
    with torch.no_grad():
        features = model[:-1](torch.as_tensor(X, dtype=torch.float32)).numpy()
    model.train(training)
    return features


# %% wrong: deterministic algorithms stay on
# fails: leaves nothing behind in network and X
def hidden_features(model, X):
    torch.use_deterministic_algorithms(True)
    training = model.training
    model.eval()
    with torch.no_grad():
        features = model[:-1](torch.as_tensor(X, dtype=torch.float32)).numpy()
    model.train(training)
    return features


# %% right: pre hook copy
def hidden_features(model: nn.Module, X: np.ndarray) -> np.ndarray:
    twin = copy.deepcopy(model).eval()
    caught = []
    *_, last = twin.children()
    last.register_forward_pre_hook(lambda module, args: caught.append(args[0].detach().clone()))
    twin(torch.from_numpy(np.array(X, dtype="float32", order="C")))
    return np.concatenate([h.numpy() for h in caught])


# %% right: reduce over parts
from functools import reduce


@torch.inference_mode()
def hidden_features(model, X):
    *hidden, output = copy.deepcopy(model).eval()
    h = reduce(lambda value, part: part(value), hidden, torch.as_tensor(X.copy()).to(output.weight.dtype))
    return h.numpy()


# %% right: slice no grad
def hidden_features(model, X):
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            return model[:-1](torch.tensor(X, dtype=torch.float32)).numpy()
    finally:
        model.train(was_training)


# %% wrong: dropout on
# fails: dropout and batch norm as in evaluation
def hidden_features(model, X):
    hidden = copy.deepcopy(model[:-1])
    with torch.no_grad():
        return hidden(torch.tensor(X, dtype=torch.float32)).numpy()


# %% wrong: left in eval
# fails: the network's mode stays as it was
def hidden_features(model, X):
    model.eval()
    with torch.no_grad():
        return model[:-1](torch.tensor(X, dtype=torch.float32)).numpy()
