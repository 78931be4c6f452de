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
# fails: accuracy is the share of test rows
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
