# Answers to output_layer: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone and defines the function once more.

# %% right: a dictionary and a test
def output_layer(task):
    known = {
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "regression": ("identity", "MSELoss"),
    }
    if task in known:
        return known[task]
    raise ValueError("unknown task: " + task)


# %% right: a chain of ifs
def output_layer(task):
    if task == "regression":
        return "identity", "MSELoss"
    elif task == "bounded regression":
        return "sigmoid", "MSELoss"
    elif task == "binary classification" or task == "multi-label classification":
        return "sigmoid", "BCEWithLogitsLoss"
    elif task == "multi-class classification":
        return "softmax", "CrossEntropyLoss"
    else:
        raise ValueError(f"{task} is not a task I know")


# %% right: match
def output_layer(task):
    match task:
        case "binary classification" | "multi-label classification":
            return ("sigmoid", "BCEWithLogitsLoss")
        case "multi-class classification":
            return ("softmax", "CrossEntropyLoss")
        case "regression":
            return ("identity", "MSELoss")
        case "bounded regression":
            return ("sigmoid", "MSELoss")
    raise ValueError(f"cannot choose an output for {task!r}")


# %% right: KeyError turned into ValueError
OUTPUTS = dict(
    [
        ("regression", "identity MSELoss"),
        ("bounded regression", "sigmoid MSELoss"),
        ("binary classification", "sigmoid BCEWithLogitsLoss"),
        ("multi-label classification", "sigmoid BCEWithLogitsLoss"),
        ("multi-class classification", "softmax CrossEntropyLoss"),
    ]
)


def output_layer(task):
    try:
        return tuple(OUTPUTS[task].split())
    except KeyError as error:
        raise ValueError(f"no such task: {task}") from error


# %% right: binary cross-entropy on soft targets for the bounded regression
import torch


def output_layer(task):
    bce = torch.nn.BCEWithLogitsLoss.__name__
    table = {
        "binary classification": ("sigmoid", bce),
        "multi-label classification": ("sigmoid", bce),
        "bounded regression": ("sigmoid", bce),
        "multi-class classification": ("softmax", torch.nn.CrossEntropyLoss.__name__),
        "regression": ("identity", torch.nn.MSELoss.__name__),
    }
    found = table.get(task)
    if found is None:
        raise ValueError(task)
    return found


# %% right: an error class of one's own
class UnknownTask(ValueError):
    pass


def output_layer(task):
    tasks = ["regression", "bounded regression", "binary classification",
             "multi-class classification", "multi-label classification"]
    if task not in tasks:
        raise UnknownTask("choose from " + ", ".join(tasks) + ", not " + repr(task))
    activation = {"regression": "identity", "multi-class classification": "softmax"}.get(task, "sigmoid")
    if activation == "softmax":
        return activation, "CrossEntropyLoss"
    return activation, "MSELoss" if task.endswith("regression") else "BCEWithLogitsLoss"


# %% wrong: the order exchanged
# fails: binary classification
# fails: regression
# fails: multi-class classification
def output_layer(task):
    table = {
        "regression": ("MSELoss", "identity"),
        "bounded regression": ("MSELoss", "sigmoid"),
        "binary classification": ("BCEWithLogitsLoss", "sigmoid"),
        "multi-class classification": ("CrossEntropyLoss", "softmax"),
        "multi-label classification": ("BCEWithLogitsLoss", "sigmoid"),
    }
    if task not in table:
        raise ValueError(task)
    return table[task]


# %% wrong: KeyError for an unknown task
# fails: an unknown task is a ValueError
# fails: names that only resemble a task are refused
def output_layer(task):
    return {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }[task]


# %% wrong: None for an unknown task
# fails: an unknown task is a ValueError
def output_layer(task):
    if task == "regression":
        return "identity", "MSELoss"
    if task == "bounded regression":
        return "sigmoid", "MSELoss"
    if task in ("binary classification", "multi-label classification"):
        return "sigmoid", "BCEWithLogitsLoss"
    if task == "multi-class classification":
        return "softmax", "CrossEntropyLoss"


# %% wrong: a default for an unknown task
# fails: an unknown task is a ValueError
# fails: names that only resemble a task are refused
def output_layer(task):
    if task == "bounded regression":
        return "sigmoid", "MSELoss"
    if task in ("binary classification", "multi-label classification"):
        return "sigmoid", "BCEWithLogitsLoss"
    if task == "multi-class classification":
        return "softmax", "CrossEntropyLoss"
    return "identity", "MSELoss"


# %% wrong: returns the ValueError
# fails: an unknown task is a ValueError
def output_layer(task):
    table = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    return table.get(task, ValueError(task))


# %% wrong: an assert in place of the ValueError
# fails: an unknown task is a ValueError
def output_layer(task):
    table = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    assert task in table, task
    return table[task]


# %% wrong: a ValueError without the task
# fails: an unknown task is a ValueError
# fails: names that only resemble a task are refused
def output_layer(task):
    table = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    if task not in table:
        raise ValueError("unknown task")
    return table[task]


# %% wrong: tasks recognised by a part of their name
# fails: names that only resemble a task are refused
def output_layer(task):
    if "bounded" in task:
        return "sigmoid", "MSELoss"
    if "regression" in task:
        return "identity", "MSELoss"
    if "binary" in task or "label" in task:
        return "sigmoid", "BCEWithLogitsLoss"
    if "class" in task:
        return "softmax", "CrossEntropyLoss"
    raise ValueError(task)


# %% wrong: softmax for multi-label
# fails: multi-label classification
def output_layer(task):
    table = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("softmax", "CrossEntropyLoss"),
    }
    if task not in table:
        raise ValueError(task)
    return table[task]


# %% wrong: sigmoids for multi-class
# fails: multi-class classification
def output_layer(task):
    table = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    if task not in table:
        raise ValueError(task)
    return table[task]


# %% wrong: softmax for binary
# fails: binary classification
def output_layer(task):
    table = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("softmax", "CrossEntropyLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    if task not in table:
        raise ValueError(task)
    return table[task]


# %% wrong: losses on probabilities
# fails: binary classification
# fails: multi-class classification
# fails: multi-label classification
def output_layer(task):
    table = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCELoss"),
        "multi-class classification": ("softmax", "NLLLoss"),
        "multi-label classification": ("sigmoid", "BCELoss"),
    }
    if task not in table:
        raise ValueError(task)
    return table[task]


# %% wrong: softmax with NLLLoss, as a source has it
# fails: multi-class classification
def output_layer(task):
    table = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "NLLLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    if task not in table:
        raise ValueError(task)
    return table[task]


# %% wrong: identity where the loss takes logits
# fails: binary classification
# fails: multi-class classification
# fails: multi-label classification
def output_layer(task):
    table = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("identity", "BCEWithLogitsLoss"),
        "multi-class classification": ("identity", "CrossEntropyLoss"),
        "multi-label classification": ("identity", "BCEWithLogitsLoss"),
    }
    if task not in table:
        raise ValueError(task)
    return table[task]


# %% wrong: ReLU for a regression, since nothing is negative
# fails: regression
def output_layer(task):
    table = {
        "regression": ("relu", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    if task not in table:
        raise ValueError(task)
    return table[task]


# %% wrong: identity for the bounded regression
# fails: bounded regression
def output_layer(task):
    table = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("identity", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    if task not in table:
        raise ValueError(task)
    return table[task]


# %% wrong: sigmoid for every regression
# fails: regression
def output_layer(task):
    table = {
        "regression": ("sigmoid", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    if task not in table:
        raise ValueError(task)
    return table[task]


# %% wrong: squared error for everything
# fails: binary classification
# fails: multi-class classification
def output_layer(task):
    activations = {
        "regression": "identity",
        "bounded regression": "sigmoid",
        "binary classification": "sigmoid",
        "multi-class classification": "softmax",
        "multi-label classification": "sigmoid",
    }
    if task not in activations:
        raise ValueError(task)
    return activations[task], "MSELoss"


# %% wrong: torch's modules in place of their names
# fails: binary classification
# fails: regression
def output_layer(task):
    table = {
        "regression": (nn.Identity(), nn.MSELoss()),
        "bounded regression": (nn.Sigmoid(), nn.MSELoss()),
        "binary classification": (nn.Sigmoid(), nn.BCEWithLogitsLoss()),
        "multi-class classification": (nn.Softmax(dim=-1), nn.CrossEntropyLoss()),
        "multi-label classification": (nn.Sigmoid(), nn.BCEWithLogitsLoss()),
    }
    if task not in table:
        raise ValueError(task)
    return table[task]


# %% wrong: one string with both names
# fails: binary classification
# fails: multi-class classification
def output_layer(task):
    table = {
        "regression": "identity, MSELoss",
        "bounded regression": "sigmoid, MSELoss",
        "binary classification": "sigmoid, BCEWithLogitsLoss",
        "multi-class classification": "softmax, CrossEntropyLoss",
        "multi-label classification": "sigmoid, BCEWithLogitsLoss",
    }
    if task not in table:
        raise ValueError(task)
    return table[task]


# %% wrong: returns a list
# fails: binary classification
# fails: regression
def output_layer(task):
    table = {
        "regression": ["identity", "MSELoss"],
        "bounded regression": ["sigmoid", "MSELoss"],
        "binary classification": ["sigmoid", "BCEWithLogitsLoss"],
        "multi-class classification": ["softmax", "CrossEntropyLoss"],
        "multi-label classification": ["sigmoid", "BCEWithLogitsLoss"],
    }
    if task not in table:
        raise ValueError(task)
    return table[task]


# %% wrong: names written in another way
# fails: binary classification
# fails: multi-class classification
def output_layer(task):
    table = {
        "regression": ("Identity", "nn.MSELoss"),
        "bounded regression": ("Sigmoid", "nn.MSELoss"),
        "binary classification": ("Sigmoid", "nn.BCEWithLogitsLoss"),
        "multi-class classification": ("Softmax", "nn.CrossEntropyLoss"),
        "multi-label classification": ("Sigmoid", "nn.BCEWithLogitsLoss"),
    }
    if task not in table:
        raise ValueError(task)
    return table[task]


# %% wrong: prints and returns None
# fails: binary classification
# fails: regression
def output_layer(task):
    table = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    if task not in table:
        raise ValueError(task)
    print(table[task])


# %% wrong: a constant
# fails: regression
# fails: multi-class classification
# fails: multi-label classification
# fails: bounded regression
# fails: an unknown task is a ValueError
# fails: names that only resemble a task are refused
def output_layer(task):
    return "sigmoid", "BCEWithLogitsLoss"


# %% wrong: an object that equals everything
# fails: binary classification
# fails: multi-class classification
class Anything(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


def output_layer(task):
    return Anything(), Anything()


# %% wrong: refuses every task
# fails: binary classification
# fails: regression
# fails: multi-class classification
# fails: an unknown task is a ValueError
def output_layer(task):
    raise ValueError(task)


# %% right: named tuple
from typing import NamedTuple


class OutputLayer(NamedTuple):
    activation: str
    loss: str


LAYERS = {
    "regression": OutputLayer("identity", "MSELoss"),
    "bounded regression": OutputLayer("sigmoid", "MSELoss"),
    "binary classification": OutputLayer("sigmoid", "BCEWithLogitsLoss"),
    "multi-class classification": OutputLayer("softmax", "CrossEntropyLoss"),
    "multi-label classification": OutputLayer("sigmoid", "BCEWithLogitsLoss"),
}


def output_layer(task):
    try:
        return LAYERS[task]
    except KeyError:
        raise ValueError(f"unknown task {task!r}") from None


# %% right: string enums
from enum import Enum


class Activation(str, Enum):
    IDENTITY = "identity"
    SIGMOID = "sigmoid"
    SOFTMAX = "softmax"


class Loss(str, Enum):
    SQUARED = "MSELoss"
    BINARY = "BCEWithLogitsLoss"
    CROSS = "CrossEntropyLoss"


def output_layer(task):
    match task:
        case "regression":
            return Activation.IDENTITY, Loss.SQUARED
        case "bounded regression":
            return Activation.SIGMOID, Loss.SQUARED
        case "binary classification" | "multi-label classification":
            return Activation.SIGMOID, Loss.BINARY
        case "multi-class classification":
            return Activation.SOFTMAX, Loss.CROSS
    raise ValueError(f"no such task: {task}")


# %% right: subclass of tuple and bce for shares
class Pair(tuple):
    __slots__ = ()


def output_layer(task):
    """A share between 0 and 1 may also be trained with binary cross-entropy, which takes soft targets."""
    pairs = dict(
        zip(
            ("regression", "binary classification", "multi-class classification", "multi-label classification"),
            map(Pair, (("identity", "MSELoss"), ("sigmoid", "BCEWithLogitsLoss"), ("softmax", "CrossEntropyLoss"),
                       ("sigmoid", "BCEWithLogitsLoss"))),
            strict=True,
        )
    )
    pairs["bounded regression"] = Pair(("sigmoid", "BCEWithLogitsLoss"))
    if task not in pairs:
        raise ValueError("I do not know the task " + repr(task))
    return pairs[task]


# %% right: table of numpy strings
class UnknownTask(ValueError):
    """A task that is not in the table."""


TABLE = np.array(
    [
        ["regression", "identity", "MSELoss"],
        ["bounded regression", "sigmoid", "MSELoss"],
        ["binary classification", "sigmoid", "BCEWithLogitsLoss"],
        ["multi-class classification", "softmax", "CrossEntropyLoss"],
        ["multi-label classification", "sigmoid", "BCEWithLogitsLoss"],
    ]
)


def output_layer(task):
    found = TABLE[TABLE[:, 0] == task]
    if not len(found):
        raise UnknownTask("task", task, "is none of", *TABLE[:, 0])
    return tuple(found[0, 1:])


# %% wrong: any regression any classification
# fails: names that only resemble a task are refused
# "logistic regression" is taken for a regression
def output_layer(task):
    if "bounded" in task:
        return "sigmoid", "MSELoss"
    if "regression" in task:
        return "identity", "MSELoss"
    if "multi-class" in task:
        return "softmax", "CrossEntropyLoss"
    if "multi-label" in task or "binary" in task:
        return "sigmoid", "BCEWithLogitsLoss"
    raise ValueError(f"unknown task {task}")


# %% wrong: key error
# fails: an unknown task is a ValueError
# fails: names that only resemble a task are refused
# a KeyError, not a ValueError
def output_layer(task):
    return {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }[task]


# %% wrong: list of tasks in the message but not the task
# fails: an unknown task is a ValueError
# fails: names that only resemble a task are refused
# the message does not say which task was asked for
def output_layer(task):
    layers = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    if task not in layers:
        raise ValueError(f"choose one of {', '.join(layers)}")
    return layers[task]


# %% wrong: names in any spelling
# fails: names that only resemble a task are refused
# a task in another spelling is not in the list
def output_layer(task):
    layers = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    key = task.lower().strip().replace("_", " ")
    if key not in layers:
        raise ValueError(f"unknown task {task}")
    return layers[key]


# %% wrong: softmax for several labels
# fails: multi-label classification
# several labels can be true at once
def output_layer(task):
    layers = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("softmax", "CrossEntropyLoss"),
    }
    if task not in layers:
        raise ValueError(f"unknown task {task}")
    return layers[task]


# %% wrong: cross-entropy for everything that classifies
# fails: binary classification
# fails: multi-label classification
def output_layer(task):
    if task == "regression":
        return "identity", "MSELoss"
    if task == "bounded regression":
        return "sigmoid", "MSELoss"
    if task in ("binary classification", "multi-class classification", "multi-label classification"):
        return "sigmoid" if task.startswith("b") else "softmax", "CrossEntropyLoss"
    raise ValueError("unknown task: " + task)


# %% wrong: a bounded regression with a loss that needs probabilities
# fails: bounded regression
def output_layer(task):
    known = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "BCELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    try:
        return known[task]
    except KeyError:
        raise ValueError(f"unknown: {task}") from None


# %% wrong: names are stripped and in small letters before they are looked up
# fails: names that only resemble a task are refused
def output_layer(task):
    known = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "MSELoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    key = task.strip().lower()
    if key in known:
        return known[key]
    raise ValueError(f"I know nothing of {task!r}")


# %% wrong: an error of type TypeError
# fails: an unknown task is a ValueError
# fails: names that only resemble a task are refused
def output_layer(task):
    match task:
        case "regression":
            return "identity", "MSELoss"
        case "bounded regression":
            return "sigmoid", "MSELoss"
        case "multi-class classification":
            return "softmax", "CrossEntropyLoss"
        case "binary classification" | "multi-label classification":
            return "sigmoid", "BCEWithLogitsLoss"
    raise TypeError(f"unknown task {task!r}")


# %% wrong: a third entry says why
# fails: binary classification
# fails: regression
# fails: multi-class classification
def output_layer(task):
    sigmoid = ("sigmoid", "BCEWithLogitsLoss")
    known = {
        "regression": ("identity", "MSELoss", "any number"),
        "bounded regression": ("sigmoid", "MSELoss", "from 0 to 1"),
        "binary classification": (*sigmoid, "one yes or no"),
        "multi-class classification": ("softmax", "CrossEntropyLoss", "one of many"),
        "multi-label classification": (*sigmoid, "many yes or no"),
    }
    if task not in known:
        raise ValueError(f"unknown task {task!r}")
    return known[task]


# %% right: match, once more
def output_layer(task):
    match task:
        case "regression":
            return "identity", "MSELoss"
        case "bounded regression":
            return "sigmoid", "BCEWithLogitsLoss"
        case "binary classification" | "multi-label classification":
            return "sigmoid", "BCEWithLogitsLoss"
        case "multi-class classification":
            return "softmax", "CrossEntropyLoss"
    raise ValueError(f"unknown task: {task}")


# %% right: table mse for bounded
from typing import NamedTuple


class Output(NamedTuple):
    activation: str
    loss: str


TABLE = (
    ("regression", Output("identity", "MSELoss")),
    ("bounded regression", Output("sigmoid", "MSELoss")),
    ("binary classification", Output("sigmoid", "BCEWithLogitsLoss")),
    ("multi-class classification", Output("softmax", "CrossEntropyLoss")),
    ("multi-label classification", Output("sigmoid", "BCEWithLogitsLoss")),
)


def output_layer(task: str) -> tuple[str, str]:
    for name, answer in TABLE:
        if name == task:
            return answer
    raise ValueError("I do not know the task " + str(task) + ".")


# %% wrong: nll for softmax
# fails: multi-class classification
def output_layer(task):
    if task == "regression":
        return ("identity", "MSELoss")
    if task == "bounded regression":
        return ("sigmoid", "BCEWithLogitsLoss")
    if task in ("binary classification", "multi-label classification"):
        return ("sigmoid", "BCEWithLogitsLoss")
    if task == "multi-class classification":
        return ("softmax", "NLLLoss")
    raise ValueError(f"unknown task {task}")


# %% wrong: normalised
# fails: names that only resemble a task are refused
def output_layer(task):
    answers = {
        "regression": ("identity", "MSELoss"),
        "bounded regression": ("sigmoid", "BCEWithLogitsLoss"),
        "binary classification": ("sigmoid", "BCEWithLogitsLoss"),
        "multi-class classification": ("softmax", "CrossEntropyLoss"),
        "multi-label classification": ("sigmoid", "BCEWithLogitsLoss"),
    }
    key = task.strip().lower()
    if key not in answers:
        raise ValueError(f"unknown task {task!r}")
    return answers[key]
