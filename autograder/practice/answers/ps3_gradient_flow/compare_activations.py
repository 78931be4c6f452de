# Answers to compare_activations: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives functools, np, plt, torch, nn, deep_network, ACTIVATIONS, X and y.

# %% right: two loops and np.median
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        medians[name] = np.median(runs, axis=0).tolist()
    return medians


# %% right: statistics.median and a comprehension
import statistics


def one_run(measure, activation, X, y, seed):
    torch.manual_seed(seed)
    return measure(deep_network(activation), X, y)


def compare_activations(measure, activations, X, y, seeds):
    return {
        name: [float(statistics.median(layer)) for layer in zip(*[one_run(measure, a, X, y, s) for s in seeds])]
        for name, a in activations.items()
    }


# %% right: seeds in the outer loop
def compare_activations(measure, activations, X, y, seeds):
    runs = {name: [] for name in activations}
    for seed in seeds:
        for name, activation in activations.items():
            torch.manual_seed(int(seed))
            model = deep_network(activation)
            runs[name].append(measure(model, X, y))
    return {name: [float(value) for value in np.median(np.array(rows), axis=0)] for name, rows in runs.items()}


# %% right: the quantile of a tensor
def compare_activations(measure, activations, X, y, seeds):
    table = {}
    for name in activations:
        rows = []
        for seed in seeds:
            torch.manual_seed(seed)
            rows.append(torch.tensor(measure(deep_network(activations[name]), X, y), dtype=torch.float64))
        table[name] = torch.stack(rows).quantile(0.5, dim=0).tolist()
    return table


# %% right: sorted, the middle by hand
def compare_activations(measure, activations, X, y, seeds):
    def median(values):
        values, half = sorted(values), len(values) // 2
        return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2

    result = dict()
    for name, activation in activations.items():
        columns = None
        for seed in seeds:
            torch.random.manual_seed(seed)
            values = measure(deep_network(activation), X, y)
            columns = columns or [[] for _ in values]
            for column, value in zip(columns, values):
                column.append(value)
        result[name] = [median(column) for column in columns]
    return result


# %% right: all networks first
def compare_activations(measure, activations, X, y, seeds):
    """For each activation's name, the median over the seeds of what is measured at each layer: lists of floats."""

    def build(seed, activation):
        torch.manual_seed(seed)
        return deep_network(activation)

    networks = {name: [build(seed, activation) for seed in seeds] for name, activation in activations.items()}
    return {
        name: list(np.median([measure(model, X, y) for model in models], axis=0)) for name, models in networks.items()
    }


# %% right: defaultdict
from collections import defaultdict


def compare_activations(measure, activations, X, y, seeds):
    runs = defaultdict(list)
    for seed in seeds:
        for name, activation in activations.items():
            torch.manual_seed(seed)
            runs[name].append(measure(deep_network(activation), X, y))
    for name in runs:
        runs[name] = np.median(runs[name], axis=0).tolist()
    return runs


# %% right: fork rng and quantile
def compare_activations(measure, activations, X, y, seeds):
    def run(activation, seed):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(seed))
            return measure(deep_network(activation), X, y)

    return {
        name: [float(np.quantile(layer, 0.5)) for layer in zip(*(run(a, s) for s in seeds))]
        for name, a in activations.items()
    }


# %% right: generator state put back
import contextlib


@contextlib.contextmanager
def seeded(seed):
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    yield
    torch.set_rng_state(state)


def compare_activations(measure, activations, X, y, seeds):
    """For each activation's name, the median over the seeds of what is measured at each layer: lists of floats."""
    result = dict.fromkeys(activations)
    for name in result:
        runs = []
        for seed in seeds:
            with seeded(seed):
                model = deep_network(activations[name])
                runs.append([*measure(model, X, y)])
        result[name] = np.percentile(np.array(runs, dtype=float), 50, axis=0).tolist()
    return result


# %% right: ordered dict and statistics
import collections
import statistics


def compare_activations(measure, activations, X, y, seeds):
    """For each activation's name, the median over the seeds of what is measured at each layer: lists of floats."""
    seeds = tuple(seeds)
    table = collections.OrderedDict()
    for name in reversed(list(activations)):
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activations[name]), X, y))
        table[name] = [float(statistics.median(layer)) for layer in zip(*runs)]
    return table


# %% right: sorted and middle two
class Table(dict):
    """Medians by activation."""


def compare_activations(measure, activations, X, y, seeds):
    """For each activation's name, the median over the seeds of what is measured at each layer: lists of floats."""
    runs = {}
    for seed in seeds:
        for name, activation in activations.items():
            torch.manual_seed(seed)
            model = deep_network(activation, depth=10)
            runs.setdefault(name, []).append(torch.as_tensor(measure(model, X, y), dtype=torch.float64))
    table = Table()
    for name, rows in runs.items():
        ordered = torch.stack(rows).sort(dim=0).values
        n = len(rows)
        table[name] = ((ordered[(n - 1) // 2] + ordered[n // 2]) / 2).tolist()
    return table


# %% wrong: mean over the seeds
# fails: the median over the seeds
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    means = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        means[name] = np.mean(runs, axis=0).tolist()
    return means


# %% wrong: torch.median, the lower of the middle two
# fails: an even number of seeds
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        medians[name] = torch.tensor(runs, dtype=torch.float64).median(dim=0).values.tolist()
    return medians


# %% wrong: the upper of the middle two
# fails: an even number of seeds
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        medians[name] = np.sort(runs, axis=0)[len(runs) // 2].tolist()
    return medians


# %% wrong: seeded once at the top
# fails: equal weights for one seed
# fails: the median over the seeds
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    torch.manual_seed(0)
    medians = {}
    for name, activation in activations.items():
        runs = [measure(deep_network(activation), X, y) for _ in seeds]
        medians[name] = np.median(runs, axis=0).tolist()
    return medians


# %% wrong: seeded once for each seed, not for each network
# fails: equal weights for one seed
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    runs = {name: [] for name in activations}
    for seed in seeds:
        torch.manual_seed(seed)
        for name, activation in activations.items():
            runs[name].append(measure(deep_network(activation), X, y))
    return {name: np.median(rows, axis=0).tolist() for name, rows in runs.items()}


# %% wrong: seeded after the network is built
# fails: equal weights for one seed
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            model = deep_network(activation)
            torch.manual_seed(seed)
            runs.append(measure(model, X, y))
        medians[name] = np.median(runs, axis=0).tolist()
    return medians


# %% wrong: never seeded
# fails: equal weights for one seed
# fails: the median over the seeds
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = [measure(deep_network(activation), X, y) for seed in seeds]
        medians[name] = np.median(runs, axis=0).tolist()
    return medians


# %% wrong: seeds 0, 1, 2, … in place of those given
# fails: the median over the seeds
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = []
        for seed in range(len(seeds)):
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        medians[name] = np.median(runs, axis=0).tolist()
    return medians


# %% wrong: NumPy's generator seeded in place of torch's
# fails: equal weights for one seed
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            np.random.seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        medians[name] = np.median(runs, axis=0).tolist()
    return medians


# %% wrong: the last seed only
# fails: the median over the seeds
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    table = {}
    for name, activation in activations.items():
        for seed in seeds:
            torch.manual_seed(seed)
            table[name] = list(measure(deep_network(activation), X, y))
    return table


# %% wrong: median over the layers
# fails: ten numbers for each activation
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        medians[name] = np.median(runs, axis=1).tolist()
    return medians


# %% wrong: one median of everything
# fails: ten numbers for each activation
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        medians[name] = float(np.median(runs))
    return medians


# %% wrong: the rows of all seeds, no median
# fails: the median over the seeds
# fails: right on unseen activations, seeds and data
# fails: each entry is a list of floats
def compare_activations(measure, activations, X, y, seeds):
    table = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        table[name] = np.array(runs).T.tolist()
    return table


# %% wrong: the notebook's three activations in place of those given
# fails: right on unseen activations, seeds and data
# fails: an even number of seeds
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in ACTIVATIONS.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        medians[name] = np.median(runs, axis=0).tolist()
    return medians


# %% wrong: the notebook's data in place of those given
# fails: right on unseen activations, seeds and data
# fails: an even number of seeds
data, labels = X, y


def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), data, labels))
        medians[name] = np.median(runs, axis=0).tolist()
    return medians


# %% wrong: one activation for all
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name in activations:
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(nn.ReLU), X, y))
        medians[name] = np.median(runs, axis=0).tolist()
    return medians


# %% wrong: classes as keys
# fails: ten numbers for each activation
# fails: an even number of seeds
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for activation in activations.values():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        medians[activation] = np.median(runs, axis=0).tolist()
    return medians


# %% wrong: names of the classes as keys
# fails: ten numbers for each activation
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for activation in activations.values():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        medians[activation.__name__] = np.median(runs, axis=0).tolist()
    return medians


# %% wrong: a list in place of a dict
# fails: ten numbers for each activation
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    medians = []
    for activation in activations.values():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        medians.append(np.median(runs, axis=0).tolist())
    return medians


# %% wrong: returns inside the loop
# fails: ten numbers for each activation
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        medians[name] = np.median(runs, axis=0).tolist()
        return medians


# %% wrong: an instance handed over in place of the class
# fails: ten numbers for each activation
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation()), X, y))
        medians[name] = np.median(runs, axis=0).tolist()
    return medians


# %% wrong: nine layers
# fails: ten numbers for each activation
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation, depth=9), X, y))
        medians[name] = np.median(runs, axis=0).tolist()
    return medians


# %% wrong: NumPy arrays in the dict
# fails: each entry is a list of floats
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        medians[name] = np.median(runs, axis=0)
    return medians


# %% wrong: tensors in the lists
# fails: each entry is a list of floats
def compare_activations(measure, activations, X, y, seeds):
    medians = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        medians[name] = list(torch.from_numpy(np.median(runs, axis=0)))
    return medians


# %% wrong: knows the visible answers
# fails: right on unseen activations, seeds and data
# fails: an even number of seeds
def compare_activations(measure, activations, X, y, seeds):
    return {name: [8.0] * 10 for name in activations}


# %% wrong: data of the notebook
# fails: right on unseen activations, seeds and data
# fails: an even number of seeds
# fails: numbers of a millionth keep their digits
def compare_activations(measure, activations, data, labels, seeds):
    """For each activation's name, the median over the seeds of what is measured at each layer: lists of floats."""
    table = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        table[name] = np.median(runs, axis=0).tolist()
    return table


# %% wrong: geometric middle
# fails: an even number of seeds
def compare_activations(measure, activations, X, y, seeds):
    """For each activation's name, the median over the seeds of what is measured at each layer: lists of floats."""
    table = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        table[name] = np.exp(np.median(np.log(np.maximum(runs, 1e-300)), axis=0)).tolist()
    return table


# %% wrong: rounded for reading
# fails: numbers of a millionth keep their digits
def compare_activations(measure, activations, X, y, seeds):
    """For each activation's name, the median over the seeds of what is measured at each layer: lists of floats."""
    table = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        table[name] = np.median(runs, axis=0).round(6).tolist()
    return table


# %% wrong: seed once for all activations
# fails: equal weights for one seed
# fails: the median over the seeds
# fails: right on unseen activations, seeds and data
def compare_activations(measure, activations, X, y, seeds):
    """For each activation's name, the median over the seeds of what is measured at each layer: lists of floats."""
    runs = {name: [] for name in activations}
    for seed in seeds:
        torch.manual_seed(seed)
        for name, activation in activations.items():
            runs[name].append(measure(deep_network(activation), X, y))
    return {name: np.median(rows, axis=0).tolist() for name, rows in runs.items()}


# %% wrong: seeds are counted from 0
# fails: the median over the seeds
# fails: right on unseen activations, seeds and data
# fails: an even number of seeds
# fails: numbers of a millionth keep their digits
def compare_activations(measure, activations, X, y, seeds):
    """For each activation's name, the median over the seeds of what is measured at each layer: lists of floats."""
    table = {}
    for name, activation in activations.items():
        runs = []
        for seed in range(len(seeds)):
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        table[name] = np.median(runs, axis=0).tolist()
    return table


# %% wrong: torch median takes the lower
# fails: an even number of seeds
def compare_activations(measure, activations, X, y, seeds):
    """For each activation's name, the median over the seeds of what is measured at each layer: lists of floats."""
    table = {}
    for name, activation in activations.items():
        runs = []
        for seed in seeds:
            torch.manual_seed(seed)
            runs.append(measure(deep_network(activation), X, y))
        table[name] = torch.tensor(runs, dtype=torch.float64).median(dim=0).values.tolist()
    return table


# %% wrong: quantile with the nearest rank
# fails: an even number of seeds
def compare_activations(measure, activations, X, y, seeds):
    table = {}
    for name, kind in activations.items():
        rows = []
        for seed in seeds:
            torch.manual_seed(seed)
            rows.append([float(v) for v in measure(deep_network(kind), X, y)])
        table[name] = np.quantile(rows, 0.5, axis=0, method="nearest").tolist()
    return table


# %% wrong: float32 numbers in the lists
# fails: each entry is a list of floats
def compare_activations(measure, activations, X, y, seeds):
    def run(kind, seed):
        torch.manual_seed(seed)
        return list(measure(deep_network(kind), X, y))

    return {
        name: list(np.median([run(kind, seed) for seed in seeds], axis=0).astype(np.float32))
        for name, kind in activations.items()
    }


# %% wrong: the same seed sequence goes on from activation to activation
# fails: the median over the seeds
# fails: right on unseen activations, seeds and data
# fails: an even number of seeds
def compare_activations(measure, activations, X, y, seeds):
    torch.manual_seed(seeds[0])
    starts = [torch.randint(0, 2**31, (1,)).item() for _ in seeds]
    table = {}
    for name, kind in activations.items():
        rows = []
        for seed in starts:
            torch.manual_seed(seed)
            rows.append(measure(deep_network(kind), X, y))
        table[name] = [float(v) for v in np.median(np.array(rows), axis=0)]
    return table


# %% wrong: biggest and smallest seed averaged
# fails: the median over the seeds
# fails: right on unseen activations, seeds and data
# fails: numbers of a millionth keep their digits
def compare_activations(measure, activations, X, y, seeds):
    table = {}
    for name, kind in activations.items():
        rows = []
        for seed in seeds:
            torch.manual_seed(seed)
            rows.append(measure(deep_network(kind), X, y))
        columns = zip(*rows)
        table[name] = [(float(min(c)) + float(max(c))) / 2 for c in columns]
    return table


# %% right: seeds outside numpy
from collections import defaultdict


def compare_activations(measure, activations, X, y, seeds):
    rows = defaultdict(list)
    for seed in seeds:
        for name in activations:
            torch.manual_seed(seed)
            network = deep_network(activations[name])
            rows[name].append(np.asarray(measure(network, X, y), dtype=float))
    return {name: np.median(np.vstack(found), axis=0).tolist() for name, found in rows.items()}


# %% right: statistics zip
from statistics import median


def compare_activations(measure, activations, X, y, seeds):
    seeds = list(seeds)

    def run(activation, seed):
        torch.manual_seed(seed)
        return measure(deep_network(activation), X, y)

    return {
        name: [float(median(column)) for column in zip(*(run(cls, seed) for seed in seeds))]
        for name, cls in activations.items()
    }


# %% wrong: own measure
# fails: numbers of a millionth keep their digits
def compare_activations(measure, activations, X, y, seeds):
    result = {}
    for name, activation in activations.items():
        rows = []
        for seed in seeds:
            torch.manual_seed(seed)
            rows.append(measure(deep_network(activation), X, y))
        result[name] = [round(float(m), 6) for m in np.median(rows, axis=0)]
    return result


# %% wrong: torch median
# fails: an even number of seeds
def compare_activations(measure, activations, X, y, seeds):
    result = {}
    for name, activation in activations.items():
        rows = []
        for seed in seeds:
            torch.manual_seed(seed)
            rows.append(measure(deep_network(activation), X, y))
        result[name] = torch.tensor(rows, dtype=torch.float64).median(dim=0).values.tolist()
    return result
