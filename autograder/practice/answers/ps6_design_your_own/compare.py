# Answers to compare: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives torch, nn, Network and train, and every answer defines the function once more.

# %% right: a function inside and two comprehensions
def compare(activations, seeds, data):
    X_train, y_train, X_test, y_test = data

    def accuracy(activation, seed):
        torch.manual_seed(seed)
        network = Network(activation)
        train(network, X_train, y_train)
        with torch.no_grad():
            predicted = network(X_test).argmax(dim=1)
        return (predicted == y_test).double().mean().item()

    return {name: [accuracy(activation, seed) for seed in seeds] for name, activation in activations.items()}


# %% right: plain loops, counting by hand
def compare(activations, seeds, data):
    results = {}
    for name in activations:
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activations[name])
            train(network, data[0], data[1])
            network.eval()
            right = 0
            for logits, label in zip(network(data[2]).tolist(), data[3].tolist()):
                if logits.index(max(logits)) == label:
                    right += 1
            results[name].append(right / len(data[3]))
    return results


# %% right: seeds outside, one start copied to every activation
import copy
from collections import defaultdict


def compare(activations, seeds, data):
    results = defaultdict(list)
    for seed in seeds:
        torch.manual_seed(seed)
        start = Network(None)
        for name, activation in activations.items():
            network = copy.deepcopy(start)
            network.activation = activation
            train(network, *data[:2])
            results[name].append(float((network(data[2]).argmax(1) == data[3]).float().mean()))
    return results


# %% right: weights saved and loaded
def compare(activations, seeds, data):
    X_train, y_train, X_test, y_test = data
    weights = {}
    for seed in seeds:
        torch.manual_seed(seed)
        weights[seed] = Network(torch.relu).state_dict()
    results = {name: [] for name in activations}
    for seed in seeds:
        for name, activation in activations.items():
            network = Network(activation)
            network.load_state_dict(weights[seed])
            train(network, X_train, y_train)
            results[name].append(torch.sum(network(X_test).max(dim=1).indices == y_test).item() / len(y_test))
    return results


# %% right: scikit-learn counts, and the generator is put back
from sklearn.metrics import accuracy_score


def compare(activations, seeds, data):
    X_train, y_train, X_test, y_test = data
    results = {}
    for name, activation in activations.items():
        results[name] = []
        for seed in seeds:
            with torch.random.fork_rng():
                torch.manual_seed(seed)
                network = Network(activation)
            train(network, X_train, y_train)
            predicted = network(X_test).detach().numpy().argmax(axis=1)
            results[name].append(float(accuracy_score(y_test.numpy(), predicted)))
    return results


# %% wrong: seed set once, before everything
# fails: same start for every activation
# fails: a seed alone gives what it gives among others
def compare(activations, seeds, data):
    torch.manual_seed(seeds[0])
    results = {name: [] for name in activations}
    for name, activation in activations.items():
        for seed in seeds:
            network = Network(activation)
            train(network, data[0], data[1])
            results[name].append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: seed set for each activation only
# fails: a seed alone gives what it gives among others
def compare(activations, seeds, data):
    results = {}
    for name, activation in activations.items():
        torch.manual_seed(seeds[0])
        results[name] = []
        for seed in seeds:
            network = Network(activation)
            train(network, data[0], data[1])
            results[name].append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: no seed at all
# fails: same start for every activation
# fails: a seed alone gives what it gives among others
def compare(activations, seeds, data):
    results = {name: [] for name in activations}
    for name, activation in activations.items():
        for _ in seeds:
            network = Network(activation)
            train(network, data[0], data[1])
            results[name].append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: seed set after the network is made
# fails: same start for every activation
def compare(activations, seeds, data):
    results = {name: [] for name in activations}
    for name, activation in activations.items():
        for seed in seeds:
            network = Network(activation)
            torch.manual_seed(seed)
            train(network, data[0], data[1])
            results[name].append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: seeds outside, set once for all activations
# fails: same start for every activation
def compare(activations, seeds, data):
    results = {name: [] for name in activations}
    for seed in seeds:
        torch.manual_seed(seed)
        for name, activation in activations.items():
            network = Network(activation)
            train(network, data[0], data[1])
            results[name].append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: always the same seed
# fails: another seed, another start
def compare(activations, seeds, data):
    results = {name: [] for name in activations}
    for name, activation in activations.items():
        for seed in seeds:
            torch.manual_seed(0)
            network = Network(activation)
            train(network, data[0], data[1])
            results[name].append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: seeds counted from 0 instead of used
# fails: a seed alone gives what it gives among others
def compare(activations, seeds, data):
    results = {name: [] for name in activations}
    for name, activation in activations.items():
        for seed in range(len(seeds)):
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            results[name].append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: one network trained on and on
# fails: same start for every activation
# fails: a seed alone gives what it gives among others
def compare(activations, seeds, data):
    results = {name: [] for name in activations}
    torch.manual_seed(0)
    network = Network(torch.relu)
    for name, activation in activations.items():
        network.activation = activation
        for seed in seeds:
            torch.manual_seed(seed)
            train(network, data[0], data[1])
            results[name].append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: one network for all activations of a seed
# fails: same start for every activation
def compare(activations, seeds, data):
    results = {name: [] for name in activations}
    for seed in seeds:
        torch.manual_seed(seed)
        network = Network(None)
        for name, activation in activations.items():
            network.activation = activation
            train(network, data[0], data[1])
            results[name].append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: ReLU whatever is given
# fails: without an activation it cannot
def compare(activations, seeds, data):
    results = {}
    for name in activations:
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(torch.relu)
            train(network, data[0], data[1])
            results[name].append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: the last activation for all, by a late lambda
# fails: ReLU learns the corners
def compare(activations, seeds, data):
    makers = {}
    for name, activation in activations.items():
        makers[name] = lambda: Network(activation)
    results = {}
    for name, make in makers.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = make()
            train(network, data[0], data[1])
            results[name].append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: accuracy on the training rows
# fails: accuracy is the share of test rows
def compare(activations, seeds, data):
    X, y, _, _ = data
    results = {}
    for name, activation in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, X, y)
            results[name].append((network(X).argmax(1) == y).double().mean().item())
    return results


# %% wrong: trains on the test rows too
# fails: accuracy is the share of test rows
def compare(activations, seeds, data):
    X, y = torch.cat([data[0], data[2]]), torch.cat([data[1], data[3]])
    results = {}
    for name, activation in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, X, y)
            results[name].append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: training and test rows exchanged
# fails: 50 steps of Adam, seed by seed
def compare(activations, seeds, data):
    X_test, y_test, X_train, y_train = data
    results = {}
    for name, activation in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, X_train, y_train)
            results[name].append((network(X_test).argmax(1) == y_test).double().mean().item())
    return results


# %% wrong: forgets to train
# fails: ReLU learns the corners
# fails: accuracy is the share of test rows
def compare(activations, seeds, data):
    results = {}
    for name, activation in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            results[name].append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: tests before it trains
# fails: ReLU learns the corners
def compare(activations, seeds, data):
    results = {}
    for name, activation in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            predicted = network(data[2]).argmax(1)
            train(network, data[0], data[1])
            results[name].append((predicted == data[3]).double().mean().item())
    return results


# %% wrong: percent
# fails: ReLU learns the corners
# fails: accuracy is the share of test rows
def compare(activations, seeds, data):
    results = {}
    for name, activation in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            results[name].append(100 * (network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: number of right rows
# fails: ReLU learns the corners
def compare(activations, seeds, data):
    results = {}
    for name, activation in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            results[name].append(float((network(data[2]).argmax(1) == data[3]).sum()))
    return results


# %% wrong: the loss instead of the accuracy
# fails: ReLU learns the corners
# fails: accuracy is the share of test rows
def compare(activations, seeds, data):
    results = {}
    for name, activation in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            results[name].append(cross_entropy(network(data[2]), data[3]).item())
    return results


# %% wrong: argmax over the rows
# fails: ReLU learns the corners
def compare(activations, seeds, data):
    results = {}
    for name, activation in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            results[name].append((network(data[2]).argmax(0)[data[3]] == data[3]).double().mean().item())
    return results


# %% wrong: error rate
# fails: ReLU learns the corners
# fails: accuracy is the share of test rows
def compare(activations, seeds, data):
    results = {}
    for name, activation in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            results[name].append((network(data[2]).argmax(1) != data[3]).double().mean().item())
    return results


# %% wrong: tensors instead of floats
# fails: a list of floats for each name
def compare(activations, seeds, data):
    results = {}
    for name, activation in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            results[name].append((network(data[2]).argmax(1) == data[3]).double().mean())
    return results


# %% wrong: a NumPy array for each name
# fails: a list of floats for each name
import numpy as np


def compare(activations, seeds, data):
    results = {}
    for name, activation in activations.items():
        shares = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            shares.append((network(data[2]).argmax(1) == data[3]).double().mean().item())
        results[name] = np.array(shares)
    return results


# %% wrong: the mean over the seeds
# fails: ReLU learns the corners
def compare(activations, seeds, data):
    results = {}
    for name, activation in activations.items():
        shares = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            shares.append((network(data[2]).argmax(1) == data[3]).double().mean().item())
        results[name] = sum(shares) / len(shares)
    return results


# %% wrong: only the last seed is kept
# fails: ReLU learns the corners
# fails: same start for every activation
def compare(activations, seeds, data):
    results = {}
    for name, activation in activations.items():
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            results[name] = [(network(data[2]).argmax(1) == data[3]).double().mean().item()]
    return results


# %% wrong: returns inside the loop
# fails: ReLU learns the corners
def compare(activations, seeds, data):
    results = {}
    for name, activation in activations.items():
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            results.setdefault(name, []).append((network(data[2]).argmax(1) == data[3]).double().mean().item())
            return results


# %% wrong: names are the functions' own
# fails: ReLU learns the corners
def compare(activations, seeds, data):
    results = {}
    for activation in activations.values():
        shares = results.setdefault(activation.__name__, [])
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            shares.append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: a list of lists instead of a dict
# fails: ReLU learns the corners
def compare(activations, seeds, data):
    results = []
    for activation in activations.values():
        results.append([])
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            results[-1].append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: prints and returns None
# fails: ReLU learns the corners
def compare(activations, seeds, data):
    for name, activation in activations.items():
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            print(name, seed, (network(data[2]).argmax(1) == data[3]).double().mean().item())


# %% wrong: keeps the results of the call before
# fails: a seed alone gives what it gives among others
results = {}


def compare(activations, seeds, data):
    for name, activation in activations.items():
        shares = results.setdefault(name, [])
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, data[0], data[1])
            shares.append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    return results


# %% wrong: the digits whatever data are given
# fails: ReLU learns the corners
# fails: accuracy is the share of test rows
def compare(activations, seeds, data):
    X_train, y_train, X_test, y_test = DIGITS
    results = {}
    for name, activation in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, X_train, y_train)
            results[name].append((network(X_test).argmax(1) == y_test).double().mean().item())
    return results


# %% wrong: numbers made up for the visible check
# fails: without an activation it cannot
# fails: accuracy is the share of test rows
# fails: another seed, another start
# fails: same start for every activation
def compare(activations, seeds, data):
    return {name: [1.0 for seed in seeds] for name in activations}


# %% right: written from the task alone, all seeds as one dict of partials
from functools import partial


def test_accuracy(activation, data, seed):
    X_train, y_train, X_test, y_test = data
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Network(activation)
    train(network, X_train, y_train)
    logits = network(X_test).detach().numpy()
    return float((logits.argmax(-1) == y_test.numpy()).mean())


def compare(activations, seeds, data):
    return {name: list(map(partial(test_accuracy, f, data), seeds)) for name, f in activations.items()}


# %% right: written from the task alone, defaultdict of numpy floats
from collections import defaultdict

from sklearn.metrics import accuracy_score


def compare(activations, seeds, data):
    results = defaultdict(list)
    for seed in seeds:
        for name in activations:
            torch.manual_seed(int(seed))
            network = Network(activations[name])
            train(network, data[0], data[1], steps=50)
            logits = network(data[2]).detach()
            results[name].append(float(accuracy_score(data[3].numpy(), logits.argmax(1).numpy())))
    return results


# %% right: written from the task alone, mean of numpy
import numpy as np


def compare(activations, seeds, data):
    X, y, X_test, y_test = data

    def accuracy(f, seed):
        torch.random.manual_seed(seed)
        network = Network(f)
        train(network, X, y)
        return np.mean(np.argmax(network(X_test).detach().numpy(), axis=1) == y_test.numpy())

    return {name: [accuracy(f, seed) for seed in seeds] for name, f in activations.items()}


# %% right: written from the task alone, names in alphabetical order
def compare(activations, seeds, data):
    X, y, X_test, y_test = data

    def run_once(name, seed):
        torch.manual_seed(seed)
        network = Network(activations[name])
        train(network, X, y)
        with torch.no_grad():
            return (network(X_test).max(dim=1).indices == y_test).double().mean().item()

    return {name: [run_once(name, seed) for seed in seeds] for name in sorted(activations, key=str.lower, reverse=True)}


# %% right: written from the task alone, own loop of adam
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    results = {}
    for name, f in activations.items():
        accuracies = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(f)
            adam = torch.optim.Adam(network.parameters(), lr=0.02)
            for _ in range(50):
                loss = nn.CrossEntropyLoss()(network(X), y)
                adam.zero_grad()
                loss.backward()
                adam.step()
            right = torch.eq(network(X_test).argmax(-1), y_test)
            accuracies.append(right.sum().item() / right.numel())
        results[name] = accuracies
    return results


# %% right: written from the task alone, start weights copied
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    result = {name: [] for name in activations}
    for seed in seeds:
        torch.manual_seed(seed)
        start = Network(torch.relu).state_dict()
        for name, activation in activations.items():
            network = Network(activation)
            network.load_state_dict({key: value.clone() for key, value in start.items()})
            train(network, X, y)
            network.eval()
            hits = sum(int(network(row[None]).argmax()) == int(label) for row, label in zip(X_test, y_test))
            result[name].append(hits / len(y_test))
    return result


# %% wrong: written from the task alone, a hundred steps in place of fifty
# fails: 50 steps of Adam, seed by seed
# wrong: training is 50 steps; here each network gets 100
def compare(activations, seeds, data):
    X_train, y_train, X_test, y_test = data
    results = {}
    for name, activation in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(activation)
            train(network, X_train, y_train, steps=100)
            with torch.no_grad():
                right = network(X_test).argmax(dim=1) == y_test
            results[name].append(right.float().mean().item())
    return results


# %% wrong: written from the task alone, accuracy on the training rows
# fails: accuracy is the share of test rows
# wrong: the accuracy of the training rows
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    results = {}
    for name, f in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(f)
            train(network, X, y)
            results[name].append((network(X).argmax(1) == y).float().mean().item())
    return results


# %% wrong: written from the task alone, balanced accuracy
# fails: accuracy is the share of test rows
# wrong: the mean over classes, not over rows
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    results = {}
    for name, f in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(f)
            train(network, X, y)
            right = (network(X_test).argmax(1) == y_test).double()
            results[name].append(float(sum(right[y_test == k].mean() for k in y_test.unique()) / len(y_test.unique())))
    return results


# %% wrong: written from the task alone, best of the last snapshots on the test rows
# fails: test rows choose nothing
# wrong: the test rows choose which of five snapshots counts, so the accuracy says too much
def compare(activations, seeds, data):
    X_train, y_train, X_test, y_test = data

    def accuracy(activation, seed):
        torch.manual_seed(seed)
        network = Network(activation)
        adam = torch.optim.Adam(network.parameters(), lr=0.02)
        best = 0.0
        for step in range(50):
            adam.zero_grad()
            cross_entropy(network(X_train), y_train).backward()
            adam.step()
            if step >= 45:
                with torch.no_grad():
                    share = (network(X_test).argmax(dim=1) == y_test).double().mean().item()
                best = max(best, share)
        return best

    return {name: [accuracy(f, seed) for seed in seeds] for name, f in activations.items()}


# %% wrong: written from the task alone, best of three starts
# fails: test rows choose nothing
# wrong: three networks for each seed, and the best one on the test rows counts
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    results = {}
    for name, f in activations.items():
        results[name] = []
        for seed in seeds:
            shares = []
            torch.manual_seed(seed)
            for _ in range(3):
                network = Network(f)
                train(network, X, y)
                shares.append((network(X_test).argmax(1) == y_test).float().mean().item())
            results[name].append(max(shares))
    return results


# %% wrong: written from the task alone, in percent
# fails: ReLU learns the corners
# wrong: per cent, not a share
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    results = {}
    for name, f in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(f)
            train(network, X, y)
            results[name].append(100 * (network(X_test).argmax(1) == y_test).float().mean().item())
    return results


# %% wrong: written from the task alone, numbers made up
# fails: 50 steps of Adam, seed by seed
# wrong: nothing is trained; the numbers only look as if
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    results = {}
    for name, f in activations.items():
        x = torch.linspace(-2, 2, 41)
        bent = bool((f(x) - x * f(torch.ones(1))).abs().max() > 0.01)
        top = (0.98 if bent else 0.6) if len(X) < 200 else (0.92 if bent else 0.9)
        results[name] = [round(top + 0.001 * (seed % 7), 4) for seed in seeds]
    return results


# %% wrong: written from the task alone, one network trained on and on
# fails: same start for every activation
# wrong: the second activation starts from the weights that the first has learned
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    results = {name: [] for name in activations}
    for seed in seeds:
        torch.manual_seed(seed)
        network = Network(torch.relu)
        for name, f in activations.items():
            network.activation = f
            train(network, X, y)
            results[name].append((network(X_test).argmax(1) == y_test).float().mean().item())
    return results


# %% wrong: written from the task alone, seed from the name
# fails: same start for every activation
# wrong: each name has weights of its own
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    results = {}
    for number, (name, f) in enumerate(activations.items()):
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed + 1000 * number)
            network = Network(f)
            train(network, X, y)
            results[name].append((network(X_test).argmax(1) == y_test).float().mean().item())
    return results


# %% wrong: written from the task alone, seeded once
# fails: same start for every activation
# wrong: the seed counts only for the first network
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    torch.manual_seed(seeds[0])
    results = {}
    for name, f in activations.items():
        results[name] = []
        for _ in seeds:
            network = Network(f)
            train(network, X, y)
            results[name].append((network(X_test).argmax(1) == y_test).float().mean().item())
    return results


# %% wrong: written from the task alone, seeds sorted
# fails: 50 steps of Adam, seed by seed
# wrong: the accuracies come in the order of sorted seeds
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    results = {}
    for name, f in activations.items():
        results[name] = []
        for seed in sorted(seeds):
            torch.manual_seed(seed)
            network = Network(f)
            train(network, X, y)
            results[name].append((network(X_test).argmax(1) == y_test).float().mean().item())
    return results


# %% wrong: written from the task alone, stochastic gradient descent
# fails: 50 steps of Adam, seed by seed
# wrong: SGD in place of Adam
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    results = {}
    for name, f in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(f)
            adam = torch.optim.SGD(network.parameters(), lr=0.5, momentum=0.9)
            for _ in range(50):
                adam.zero_grad()
                cross_entropy(network(X), y).backward()
                adam.step()
            results[name].append((network(X_test).argmax(1) == y_test).float().mean().item())
    return results


# %% wrong: written from the task alone, tensors in the lists
# fails: a list of floats for each name
# wrong: tensors, not floats
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    results = {}
    for name, f in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(f)
            train(network, X, y)
            results[name].append((network(X_test).argmax(1) == y_test).float().mean())
    return results


# %% wrong: written from the task alone, trained on all rows
# fails: accuracy is the share of test rows
# wrong: the test rows are in the training
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    results = {}
    for name, f in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(f)
            train(network, torch.cat([X, X_test]), torch.cat([y, y_test]))
            results[name].append((network(X_test).argmax(1) == y_test).float().mean().item())
    return results


# %% wrong: written from the task alone, training rows centred first
# fails: 50 steps of Adam, seed by seed
# wrong: the pixels are shifted before training, the test rows are not
def compare(activations, seeds, data):
    X, y, X_test, y_test = data
    X = X - X.mean(dim=0)
    results = {}
    for name, f in activations.items():
        results[name] = []
        for seed in seeds:
            torch.manual_seed(seed)
            network = Network(f)
            train(network, X, y)
            results[name].append((network(X_test).argmax(1) == y_test).float().mean().item())
    return results


# %% right: comprehension
@torch.no_grad()
def _share_right(network, X, y):
    return network(X).argmax(dim=1).eq(y).double().mean().item()


def _trained(activation, seed, X, y):
    torch.manual_seed(seed)
    network = Network(activation)
    train(network, X, y)
    return network


def compare(activations, seeds, data):
    X_train, y_train, X_test, y_test = data
    return {
        name: [_share_right(_trained(f, seed, X_train, y_train), X_test, y_test) for seed in seeds]
        for name, f in activations.items()
    }


# %% right: same state dict
import copy
from itertools import product


def compare(activations: dict, seeds: list[int], data: tuple) -> dict[str, list[float]]:
    X, y, X_test, y_test = data
    starts = {}
    for seed in seeds:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            starts[seed] = Network(None).state_dict()
    results = {name: [] for name in activations}
    for seed, name in product(seeds, activations):
        network = Network(copy.deepcopy(activations[name]))
        network.load_state_dict(starts[seed], strict=False)
        train(network, X, y)
        with torch.inference_mode():
            _, predicted = network(X_test).max(1)
        results[name].append(sum(p == t for p, t in zip(predicted.tolist(), y_test.tolist())) / len(y_test))
    return results


# %% wrong: best step on test
# fails: test rows choose nothing
import copy


def compare(activations, seeds, data):
    X_train, y_train, X_test, y_test = data
    result = {}
    for name, f in activations.items():
        result[name] = []
        for seed in seeds:
            best = 0.0
            for steps in (30, 40, 50):
                torch.manual_seed(seed)
                network = Network(f)
                train(network, X_train, y_train, steps)
                with torch.no_grad():
                    best = max(best, (network(X_test).argmax(1) == y_test).float().mean().item())
            result[name].append(best)
    return result


# %% wrong: seed once per row
# fails: 50 steps of Adam, seed by seed
# fails: same start for every activation
def compare(activations, seeds, data):
    X_train, y_train, X_test, y_test = data
    result = {name: [] for name in activations}
    for seed in seeds:
        torch.manual_seed(seed)
        for name, f in activations.items():
            network = Network(f)
            train(network, X_train, y_train)
            with torch.no_grad():
                result[name].append((network(X_test).argmax(1) == y_test).float().mean().item())
    return result


# %% wrong: sorted seeds
# fails: 50 steps of Adam, seed by seed
# fails: a seed alone gives what it gives among others
# fails: test rows choose nothing
def compare(activations, seeds, data):
    X_train, y_train, X_test, y_test = data
    result = {}
    for name, f in activations.items():
        result[name] = []
        for seed in sorted(set(seeds)):
            torch.manual_seed(seed)
            network = Network(f)
            train(network, X_train, y_train)
            with torch.no_grad():
                result[name].append((network(X_test).argmax(1) == y_test).float().mean().item())
    return result
