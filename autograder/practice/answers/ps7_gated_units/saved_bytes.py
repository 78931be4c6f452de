# Answers to saved_bytes: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives copy, torch and nn.

# %% right: storages by their address, held on to
def saved_bytes(function, x):
    storages = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        y = function(x.clone().requires_grad_(True))
    return sum(s.nbytes() for s in storages.values())


# %% right: a list first, counted afterwards
def saved_bytes(function, x):
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        function(x.detach().clone().requires_grad_())
    seen, total = set(), 0
    for tensor in kept:
        address = tensor.untyped_storage().data_ptr()
        if address not in seen:
            seen.add(address)
            total += tensor.untyped_storage().nbytes()
    return total


# %% right: hooks that pack into pairs
def saved_bytes(function, x):
    sizes = {}

    def pack(t):
        s = t.untyped_storage()
        sizes[s.data_ptr()] = len(s)
        return t, s

    def unpack(pair):
        return pair[0]

    leaf = x.detach()
    leaf.requires_grad = True
    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        result = function(leaf)
    del result
    return int(sum(sizes.values()))


# %% right: a class for the count
class Meter:
    def __init__(self):
        self.kept = []

    def pack(self, tensor):
        self.kept.append(tensor.untyped_storage())
        return tensor

    @property
    def total(self):
        return sum({s.data_ptr(): s.nbytes() for s in self.kept}.values())


def saved_bytes(f, inputs):
    meter = Meter()
    with torch.autograd.graph.saved_tensors_hooks(meter.pack, lambda tensor: tensor):
        out = f(inputs.detach().requires_grad_())
    return meter.total


# %% right: typed storages, and the size from their entries
import warnings


def saved_bytes(function, x):
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        function(x.detach().requires_grad_())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sum({t.storage().data_ptr(): t.storage().size() * t.element_size() for t in kept}.values())


# %% right: compares storages one by one
def saved_bytes(function, x):
    kept = []

    def pack(t):
        storage = t.untyped_storage()
        if not any(storage.data_ptr() == other.data_ptr() for other in kept):
            kept.append(storage)
        return t

    class Counting(torch.autograd.graph.saved_tensors_hooks):
        def __init__(self):
            super().__init__(pack, lambda t: t)

    with Counting():
        function(x.detach().requires_grad_())
    return sum(map(len, kept))


# %% right: puts x back as it was
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        kept.setdefault(t.untyped_storage().data_ptr(), t)
        return t

    x.requires_grad_(True)
    try:
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
            function(x)
    finally:
        x.requires_grad_(False)
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% right: numbers in the place of what is packed
def saved_bytes(function, x):
    storages = set()
    kept = []
    def pack(t):
        kept.append(t.detach())
        return len(kept)-1
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda i: kept[i]):
        out = function(nn.Parameter(x.clone()))
    total = 0
    for t in kept:
        p = t.untyped_storage().data_ptr()
        if p not in storages:
            storages.add(p); total += t.untyped_storage().nbytes()
    return total


# %% wrong: every tensor counts, also twice
# fails: x * sigmoid(x) keeps two tensors, each once: 256
def saved_bytes(function, x):
    total = 0

    def pack(t):
        nonlocal total
        total += t.nelement() * t.element_size()
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach().requires_grad_())
    return total


# %% wrong: without x
# fails: x * sigmoid(x) keeps two tensors, each once: 256
# fails: SiLU keeps x, which counts: 128
def saved_bytes(function, x):
    kept = {}
    leaf = x.detach().requires_grad_()

    def pack(t):
        if t.untyped_storage().data_ptr() != leaf.untyped_storage().data_ptr():
            kept[t.untyped_storage().data_ptr()] = t
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(leaf)
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: x always counts
# fails: exp keeps its result: 128
# fails: x + 1 keeps nothing: 0
def saved_bytes(function, x):
    leaf = x.detach().requires_grad_()
    kept = {leaf.untyped_storage().data_ptr(): leaf}

    def pack(t):
        kept[t.untyped_storage().data_ptr()] = t
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(leaf)
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: no gradient is asked for
# fails: exp keeps its result: 128
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        kept[t.untyped_storage().data_ptr()] = t
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach())
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: what the function returns
# fails: x * sigmoid(x) keeps two tensors, each once: 256
# fails: x + 1 keeps nothing: 0
def saved_bytes(function, x):
    return function(x).untyped_storage().nbytes()


# %% wrong: tensors, not bytes
# fails: exp keeps its result: 128
def saved_bytes(function, x):
    kept = {}
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.update({t.data_ptr(): t}) or t, lambda t: t):
        function(x.detach().requires_grad_())
    return sum(t.numel() for t in kept.values())


# %% wrong: four bytes an entry
# fails: twice as much in float64
# fails: masks and indices by their own size
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        kept[t.untyped_storage().data_ptr()] = t
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach().requires_grad_())
    return sum(4 * len(t.untyped_storage()) // t.element_size() for t in kept.values())


# %% wrong: the bytes of an entry of x for all
# fails: masks and indices by their own size
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        kept[t.untyped_storage().data_ptr()] = t
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach().requires_grad_())
    return sum(x.element_size() * t.untyped_storage().nbytes() // t.element_size() for t in kept.values())


# %% wrong: floating-point tensors alone
# fails: masks and indices by their own size
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        if t.is_floating_point():
            kept[t.untyped_storage().data_ptr()] = t
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach().requires_grad_())
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: tensors by the address of their first entry
# fails: a view counts by its storage, once
def saved_bytes(function, x):
    kept = {}
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.update({t.data_ptr(): t}) or t, lambda t: t):
        function(x.detach().requires_grad_())
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: a view counts by its own entries
# fails: a view counts by its storage, once
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        kept.setdefault(t.untyped_storage().data_ptr(), t)
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach().requires_grad_())
    return sum(t.numel() * t.element_size() for t in kept.values())


# %% wrong: storages by the id of their tensors
# fails: x * sigmoid(x) keeps two tensors, each once: 256
# fails: functions of several steps
def saved_bytes(function, x):
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t.detach()) or t, lambda t: t):
        function(x.detach().requires_grad_())
    return sum({id(t): t.nbytes for t in kept}.values())


# %% wrong: by addresses, without holding on to what is counted
# fails: functions with a backward of their own
def saved_bytes(function, x):
    sizes = {}
    def pack(t):
        sizes[t.untyped_storage().data_ptr()] = t.untyped_storage().nbytes()
        return None
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        out = function(x.clone().requires_grad_())
    return sum(sizes.values())


# %% wrong: the shapes that there are
# fails: functions of several steps
# fails: x * sigmoid(x) keeps two tensors, each once: 256
def saved_bytes(function, x):
    kept = {}
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.update({t.shape: t}) or t, lambda t: t):
        function(x.detach().requires_grad_())
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: at most three tensors
# fails: functions of several steps
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        if len(kept) < 3:
            kept[t.untyped_storage().data_ptr()] = t
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach().requires_grad_())
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: the last step alone
# fails: functions of several steps
def saved_bytes(function, x):
    y = function(x.detach().requires_grad_())
    node = y.grad_fn
    kept = [value for name in dir(node) if name.startswith("_saved_") and isinstance(value := getattr(node, name), torch.Tensor)]
    return sum({t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in kept}.values())


# %% wrong: walks the graph past functions with a backward of their own
# fails: functions with a backward of their own
def saved_bytes(function, x):
    kept, waiting, seen = {}, [function(x.detach().requires_grad_()).grad_fn], set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        for name in dir(node):
            if name.startswith("_saved_"):
                value = getattr(node, name)
                for t in value if isinstance(value, (tuple, list)) else [value]:
                    if isinstance(t, torch.Tensor):
                        kept[t.untyped_storage().data_ptr()] = t
        waiting += [next_node for next_node, _ in node.next_functions]
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: without the weights of a module
# fails: modules: weights count as well
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        if not isinstance(t, nn.Parameter) and not (t._base is not None and isinstance(t._base, nn.Parameter)):
            kept[t.untyped_storage().data_ptr()] = t
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach().requires_grad_())
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: all weights of a module
# fails: modules: weights count as well
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        kept[t.untyped_storage().data_ptr()] = t
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach().requires_grad_())
    if isinstance(function, nn.Module):
        kept.update({t.untyped_storage().data_ptr(): t for t in function.parameters()})
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: weights frozen for the call
# fails: modules: weights count as well
# fails: leaves x, weights, hooks and switches as they were
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        kept[t.untyped_storage().data_ptr()] = t
        return t

    if isinstance(function, nn.Module):
        function.requires_grad_(False)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach().requires_grad_())
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: needs a matrix
# fails: any shape, also none and empty
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        kept[t.untyped_storage().data_ptr()] = t
        return t

    rows, columns = x.shape
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach().reshape(rows, columns).requires_grad_())
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: a float
# fails: the result is an int
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        kept[t.untyped_storage().data_ptr()] = t
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach().requires_grad_())
    return float(sum(t.untyped_storage().nbytes() for t in kept.values()))


# %% wrong: a tensor
# fails: the result is an int
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        kept[t.untyped_storage().data_ptr()] = t
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach().requires_grad_())
    return torch.tensor(sum(t.untyped_storage().nbytes() for t in kept.values()))


# %% wrong: x asks for a gradient from now on
# fails: leaves x, weights, hooks and switches as they were
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        kept[t.untyped_storage().data_ptr()] = t
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.requires_grad_())
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: hooks on saved tensors stay
# fails: leaves x, weights, hooks and switches as they were
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        kept[t.untyped_storage().data_ptr()] = t
        return t

    hooks = torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t)
    hooks.__enter__()
    function(x.detach().requires_grad_())
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: a backward pass fills the weights' gradients
# fails: leaves x, weights, hooks and switches as they were
def saved_bytes(function, x):
    kept = {}

    def pack(t):
        kept[t.untyped_storage().data_ptr()] = t
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach().requires_grad_()).sum().backward()
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: anomaly detection stays on
# fails: leaves x, weights, hooks and switches as they were
def saved_bytes(function, x):
    torch.autograd.set_detect_anomaly(True)
    kept = {}

    def pack(t):
        kept[t.untyped_storage().data_ptr()] = t
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(x.detach().requires_grad_())
    return sum(t.untyped_storage().nbytes() for t in kept.values())


# %% wrong: a table of known functions
# fails: functions of several steps
# fails: modules: weights count as well
def saved_bytes(function, x):
    size = x.numel() * x.element_size()
    known = {"exp": 1, "silu": 1, "by_hand": 2, "one_more": 0}
    return known.get(getattr(function, "__name__", ""), 1) * size
