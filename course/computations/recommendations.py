"""Which activation to take where: every path of the flow chart as data, with a reason and a snippet that runs.

What each family uses is taken from its papers: ReLU (Krizhevsky et al. 2012, He et al. 2015), GELU (Devlin et al. 2018,
BERT), SiLU (Tan and Le 2019, EfficientNet), Hardswish and hard sigmoid (Howard et al. 2019, MobileNetV3), SELU
(Klambauer et al. 2017), ELU (Clevert et al. 2016), Mish (Bochkovskiy et al. 2020, YOLOv4), LSTM gates (Hochreiter and
Schmidhuber 1997; Gers et al. 2000), GLU (Dauphin et al. 2017), SwiGLU (Shazeer 2020), attention (Vaswani et al. 2017).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

ROLES = {"hidden": "hidden layer", "output": "output layer", "gate": "gate"}
QUESTIONS = {"hidden": "Which kind of network?", "output": "What is predicted?", "gate": "What does it open?"}
DEAD_LIMIT = 10.0  # percent of a layer's units; a habit, not a law


@dataclass(frozen=True)
class Recommendation:
    """One path through the chart.

    Attributes
    ----------
    role : str
        A key of ROLES.
    situation : str
        The answer to the role's question.
    activation : str
        What to take, as the chart's box says it.
    reason : str
        Why, in one or two sentences.
    code : str
        Python that runs by itself and ends with a line that prints.
    """

    role: str
    situation: str
    activation: str
    reason: str
    code: str


def recommend(role: str, situation: str, dead: float = 0.0) -> Recommendation:
    """Return the path for `situation` in `role`, where `dead` percent (0 to 100) of the hidden units were counted dead.

    Above DEAD_LIMIT a ReLU becomes a Leaky ReLU; nothing else depends on it.

    Raises
    ------
    KeyError
        If the chart has no such path.
    """
    found = TABLE[role, situation]
    if found.activation == "ReLU" and dead > DEAD_LIMIT:
        return _leaky(found, dead)
    return found


def _leaky(found: Recommendation, dead: float) -> Recommendation:
    """Return the same place with Leaky ReLU, and with the initialisation that takes its slope into account."""
    code = found.code.replace("nn.ReLU()", "nn.LeakyReLU(0.1)").replace(
        'nonlinearity="relu"', 'a=0.1, nonlinearity="leaky_relu"'
    )
    reason = (
        f"{dead:.0f} % of the units are dead: negative on every sample, with gradient 0. A slope on the left brings "
        "them back, the larger the surer. Lower the learning rate too, or they may die again."
    )
    return replace(found, activation="Leaky ReLU", reason=reason, code=code)


def _path(role: str, situation: str, activation: str, reason: str, code: str) -> Recommendation:
    return Recommendation(
        role, situation, activation, reason, f"import torch\nfrom torch import nn\n\n{code.strip()}\n"
    )


_HIDDEN = (
    _path(
        "hidden", "fully connected", "ReLU",
        "The default: cheap, slope 1 where it is active, hard to get wrong. Initialise for it (He).",
        """
model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
nn.init.kaiming_normal_(model[0].weight, nonlinearity="relu")
nn.init.zeros_(model[0].bias)
print(model(torch.randn(4, 64)).shape)""",
    ),
    _path(
        "hidden", "convolutional", "ReLU",
        "Convolution, normalisation, ReLU, pooling. The normalisation makes the convolution's bias superfluous.",
        """
block = nn.Sequential(
    nn.Conv2d(3, 16, kernel_size=3, padding=1, bias=False),
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.MaxPool2d(2),
)
nn.init.kaiming_normal_(block[0].weight, nonlinearity="relu")
print(block(torch.randn(4, 3, 32, 32)).shape)""",
    ),
    _path(
        "hidden", "transformer", "GELU",
        "What BERT, GPT-2 and many after them were built and tuned with. Expect a small difference from ReLU, if any.",
        """
block = nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 256), nn.GELU(), nn.Linear(256, 64))
x = torch.randn(4, 10, 64)  # (batch, positions, features)
print((x + block(x)).shape)""",
    ),
    _path(
        "hidden", "efficient vision", "SiLU",
        "EfficientNet and its relatives use SiLU, also called Swish. If you start from their weights, keep it.",
        """
block = nn.Sequential(nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.SiLU())
print(block(torch.randn(4, 16, 8, 8)).shape)""",
    ),
    _path(
        "hidden", "on a phone, 8 bit", "Hardswish",
        "MobileNetV3's piecewise form of SiLU: no exponential, so it is cheap and suits 8-bit numbers.",
        """
block = nn.Sequential(nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.Hardswish())
print(block(torch.randn(4, 16, 8, 8)).shape)""",
    ),
    _path(
        "hidden", "recurrent", "tanh",
        "The same weights act at every step, so a bounded function keeps the state from exploding. nn.LSTM has tanh, "
        "and sigmoids for its gates, inside: add nothing.",
        """
rnn = nn.LSTM(input_size=8, hidden_size=32, batch_first=True)
states, _ = rnn(torch.randn(4, 100, 8))  # (batch, steps, features)
print(states.shape, "largest state", states.abs().max().item())""",
    ),
    _path(
        "hidden", "tiny batches, no norm", "ELU",
        "Batch statistics of a few samples are noise. ELU's negative outputs pull a layer's mean towards 0 without "
        "them, and a unit that is a little below 0 still learns. In a very deep network take SELU.",
        """
model = nn.Sequential(nn.Linear(64, 128), nn.ELU(), nn.Linear(128, 10))
nn.init.kaiming_normal_(model[0].weight, nonlinearity="relu")
nn.init.zeros_(model[0].bias)
print(model(torch.randn(2, 64)).shape, "mean", model[:2](torch.randn(1000, 64)).mean().item())""",
    ),
    _path(
        "hidden", "deep, no normalisation", "SELU",
        "Made to keep mean 0 and variance 1 from layer to layer. It needs weights of variance 1/fan-in, and "
        "AlphaDropout for dropout. A normalisation layer with ReLU is the more common cure.",
        """
layers = [part for _ in range(20) for part in (nn.Linear(64, 64), nn.SELU())]
for layer in layers[::2]:
    nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")  # variance 1 / fan-in
    nn.init.zeros_(layer.bias)
model = nn.Sequential(*layers, nn.AlphaDropout(0.05), nn.Linear(64, 10))
print("spread after 20 layers:", nn.Sequential(*layers)(torch.randn(200, 64)).std().item())""",
    ),
    _path(
        "hidden", "an experiment", "Mish",
        "Smooth, with the deepest dip of the self-gated functions; YOLOv4 was trained with it. It costs the most, "
        "and no rule says where it helps: compare over several seeds.",
        """
model = nn.Sequential(nn.Linear(64, 128), nn.Mish(), nn.Linear(128, 10))
nn.init.kaiming_normal_(model[0].weight, nonlinearity="relu")
nn.init.zeros_(model[0].bias)
print(model(torch.randn(4, 64)).shape, "lowest output", model[:2](torch.randn(1000, 64)).min().item())""",
    ),
)  # fmt: skip

_OUTPUT = (
    _path(
        "output", "any number", "none",
        "A linear output reaches every number. ReLU here would cut off all negative predictions.",
        """
model, loss_function = nn.Linear(64, 1), nn.MSELoss()
loss = loss_function(model(torch.randn(4, 64)), torch.randn(4, 1))
print("loss", loss.item())""",
    ),
    _path(
        "output", "a positive number", "Softplus",
        "Positive, with a positive slope, so a prediction that is too small can recover. Used for scales and rates.",
        """
model, loss_function = nn.Sequential(nn.Linear(64, 1), nn.Softplus()), nn.MSELoss()
loss = loss_function(model(torch.randn(4, 64)), torch.rand(4, 1))
print("loss", loss.item())""",
    ),
    _path(
        "output", "a number in a range", "sigmoid",
        "A sigmoid, stretched to the range. For a range around 0 tanh is the same thing: tanh(x) = 2σ(2x) − 1.",
        """
low, high = 10.0, 40.0
model = nn.Sequential(nn.Linear(64, 1), nn.Sigmoid())
prediction = low + (high - low) * model(torch.randn(4, 64))
print("loss", nn.functional.mse_loss(prediction, torch.full((4, 1), 21.0)).item())""",
    ),
    _path(
        "output", "yes or no", "none",
        "BCEWithLogitsLoss has the sigmoid inside, in a form that does not overflow. Apply a sigmoid to look at the "
        "probability, not to train.",
        """
model, loss_function = nn.Linear(64, 1), nn.BCEWithLogitsLoss()
logits = model(torch.randn(4, 64))
loss = loss_function(logits, torch.tensor([[0.0], [1.0], [1.0], [0.0]]))
print("loss", loss.item(), "probabilities", torch.sigmoid(logits).flatten().tolist())""",
    ),
    _path(
        "output", "one of many classes", "none",
        "CrossEntropyLoss has log-softmax inside. A softmax before it is the double softmax bug.",
        """
model, loss_function = nn.Linear(64, 10), nn.CrossEntropyLoss()
logits = model(torch.randn(4, 64))
loss = loss_function(logits, torch.tensor([3, 0, 9, 9]))
print("loss", loss.item(), "sums", torch.softmax(logits, dim=1).sum(dim=1).tolist())""",
    ),
    _path(
        "output", "several labels at once", "none",
        "One yes-or-no question for each label, so BCEWithLogitsLoss. Softmax would make the labels compete.",
        """
model, loss_function = nn.Linear(64, 5), nn.BCEWithLogitsLoss()
logits = model(torch.randn(4, 64))
loss = loss_function(logits, torch.randint(0, 2, (4, 5)).float())
print("loss", loss.item(), "labels", (torch.sigmoid(logits) > 0.5).tolist())""",
    ),
)  # fmt: skip

_GATE = (
    _path(
        "gate", "a memory", "sigmoid",
        "A share from 0 to 1 for each cell, and it can stay shut or open for long: saturation is wanted. A forget bias "
        "of 1 starts with the gate open.",
        """
cell = nn.LSTMCell(input_size=8, hidden_size=32)
with torch.no_grad():
    cell.bias_ih[32:64] = 1.0  # torch's order: input, forget, candidate, output
    cell.bias_hh[32:64] = 0.0
hidden, memory = cell(torch.randn(4, 8))
print(hidden.shape, memory.shape)""",
    ),
    _path(
        "gate", "attention", "softmax",
        "The positions compete for a weight of 1 in all. dim=-1 is the axis of the keys.",
        """
query, key, value = torch.randn(3, 4, 10, 16)  # each (batch, positions, features)
scores = query @ key.transpose(-1, -2) / 16**0.5
weights = torch.softmax(scores, dim=-1)
print((weights @ value).shape, "each row sums to", weights.sum(dim=-1).mean().item())""",
    ),
    _path(
        "gate", "features of a block", "SwiGLU",
        "One half of the features gates the other; SiLU takes the place of GLU's sigmoid. Many language models have it "
        "in their feed-forward blocks.",
        """
class SwiGLU(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.up = nn.Linear(width, 2 * inner, bias=False)
        self.down = nn.Linear(inner, width, bias=False)

    def forward(self, x):
        signal, gate = self.up(x).chunk(2, dim=-1)
        return self.down(signal * nn.functional.silu(gate))


print(SwiGLU(64, 170)(torch.randn(4, 10, 64)).shape)  # 170 = 2/3 of 256: as many weights as without a gate""",
    ),
    _path(
        "gate", "channels, on a phone", "hard sigmoid",
        "Squeeze-and-excitation: each channel gets a factor from 0 to 1. MobileNetV3 takes a sigmoid made of straight "
        "lines.",
        """
squeeze = nn.Sequential(
    nn.AdaptiveAvgPool2d(1), nn.Conv2d(32, 8, 1), nn.ReLU(), nn.Conv2d(8, 32, 1), nn.Hardsigmoid()
)
x = torch.randn(4, 32, 8, 8)
print((x * squeeze(x)).shape)""",
    ),
)  # fmt: skip

TABLE = {(path.role, path.situation): path for path in (*_HIDDEN, *_OUTPUT, *_GATE)}
"""Every path, in the order of the chart from top to bottom."""


def situations(role: str) -> tuple[str, ...]:
    """Return the answers to the question of `role`, in the order of the chart."""
    return tuple(path.situation for path in TABLE.values() if path.role == role)
