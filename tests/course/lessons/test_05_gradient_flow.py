"""Lesson 05: its cells for the reader's own code pass right answers and name wrong ones."""

from __future__ import annotations

import pytest

from tests.support.your_turn import turns

TURNS = turns("05_gradient_flow")
ALONE, EACH, ONE_BACK, TWO_BACK, SHORTER = (
    "a single layer: the δ that is known",
    "one for each layer, the last one last",
    "layer 2, one step back: what autograd gives",
    "layer 1, two steps back: what autograd gives",
    "any number of layers: the first two alone",
)
FIRST, LATER, BIASES, SCALED, ELSEWHERE, FAR, TRAINABLE = (
    "the first layer puts out a standard deviation of 1",
    "so does every later one",
    "biases are 0",
    "one number for all weights of a layer",
    "linear layers in other places",
    "outputs far from 0: how far does not count",
    "the network can be trained, and runs as any other",
)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("deltas", """
def deltas(last, weights, z):
    if len(z) == 1:
        return [last]
    before = (weights[-1].T @ last) / torch.cosh(z[-2]) ** 2
    return deltas(before, weights[:-1], z[:-1]) + [last]
"""),
        ("deltas", """
def deltas(last, weights, z):
    found = [np.asarray(last)]
    for matrix, signal in list(zip(weights[1:], z))[::-1]:
        found.append(found[-1] @ matrix.numpy() * (1 - np.tanh(signal.numpy()) ** 2))
    found.reverse()
    return tuple(found)
"""),
        ("deltas", """
def deltas(last, weights, z):
    found = dict.fromkeys(range(len(z)), last)
    for l in reversed(range(len(z) - 1)):
        h = z[l].tanh()
        found[l] = torch.einsum("ij,i,j->j", weights[l + 1], found[l + 1], (1 + h) * (1 - h))
    return [found[l] for l in range(len(z))]
"""),
        ("deltas", """
def deltas(last, weights, z):
    back = [last]
    for matrix, at in zip(weights[:0:-1], z[-2::-1]):
        back.insert(0, torch.autograd.functional.vjp(lambda s: matrix @ torch.tanh(s), at, back[0])[1])
    return back
"""),
        ("deltas", """
def deltas(last, weights, z):
    found = [nn.Parameter(last.float())]
    for matrix, signal in zip(weights[:0:-1], z[-2::-1]):
        found.append((matrix.float().T @ found[-1]) * (1 - torch.tanh(signal.float()) ** 2))
    return found[::-1]
"""),
        ("deltas", """
def deltas(last, weights, z):
    found = [last.unsqueeze(1)]
    while len(weights) > 1:
        z.pop()
        found.insert(0, weights.pop().T @ found[0] / torch.cosh(z[-1][:, None]) ** 2)
    return found
"""),
        ("deltas", """
def deltas(last, weights, z):
    for matrix, signal in zip(weights[1:], z):
        signal.tanh_().square_().neg_().add_(1)
    found = [last]
    for n in range(len(z) - 1, 0, -1):
        found.insert(0, z[n - 1].mul_(weights[n].T @ found[0]))
    return (row for row in found)
"""),
        ("measured_start", """
def measured_start(model, x):
    handles = []

    def rescale(layer, inputs, output):
        spread = (output - layer.bias).detach().std()
        layer.weight.data.div_(spread)
        layer.bias.data.zero_()
        return nn.functional.linear(inputs[0], layer.weight)

    for layer in model.children():
        if hasattr(layer, "weight"):
            handles.append(layer.register_forward_hook(rescale))
    model(x)
    for handle in handles:
        handle.remove()
    return model
"""),
        ("measured_start", """
@torch.no_grad()
def measured_start(model, x):
    for i, layer in enumerate(model):
        if type(layer) == nn.Linear:
            nn.init.zeros_(layer.bias)
            layer.weight.mul_(1 / model[: i + 1](x).square().mean().sqrt())
            layer.weight.mul_(1 / np.std(model[: i + 1](x).numpy()))
    return x
"""),
        ("measured_start", """
def measured_start(model, x):
    signal = x.numpy()
    for layer in model:
        if isinstance(layer, nn.Linear):
            W = layer.weight.detach().numpy()
            W = W / (signal @ W.T).std()
            layer.weight = nn.Parameter(torch.tensor(W))
            layer.bias = nn.Parameter(torch.zeros(len(W)))
        signal = layer(torch.tensor(signal)).detach().numpy()
"""),
    ],
)  # fmt: skip
def test_other_right_answers_pass(name: str, answer: str) -> None:
    assert TURNS[name].failed(answer) == {}


@pytest.mark.parametrize(
    ("name", "change", "fails"),
    [
        ("deltas", ("weights[layer].T", "weights[layer]"), {EACH, ONE_BACK, TWO_BACK, SHORTER}),
        ("deltas", ("z[layer - 1]", "z[layer]"), {EACH, ONE_BACK, TWO_BACK, SHORTER}),
        ("deltas", (" ** 2", ""), {ONE_BACK, TWO_BACK, SHORTER}),
        ("deltas", ("slope * (weights[layer].T @ found[0])", "weights[layer].T @ found[0]"),
         {ONE_BACK, TWO_BACK, SHORTER}),
        ("deltas", ("1 - torch.tanh(z[layer - 1]) ** 2", "torch.sigmoid(z[layer - 1])"), {ONE_BACK, TWO_BACK, SHORTER}),
        ("deltas", ("return found", "return found[::-1]"), {EACH, TWO_BACK, SHORTER}),
        ("deltas", ("return found", "return found[:-1]"), {ALONE, EACH, SHORTER}),
        ("deltas", ("- 1, 0, -1", "- 1, 1, -1"), {EACH, ONE_BACK, TWO_BACK, SHORTER}),
        ("deltas", ("@ found[0]", "@ found[-1]"), {EACH, ONE_BACK, TWO_BACK}),
        ("deltas", ("range(len(weights) - 1, 0, -1)", "(2, 1) if len(weights) > 1 else ()"), {SHORTER}),
        ("measured_start", ("            x = layer(x)\n", ""), {LATER, ELSEWHERE, FAR}),
        ("measured_start", ("layer(x).std()", "layer(x).square().mean().sqrt()"), {FAR}),
        ("measured_start", ("std()", "var()"), {FIRST, LATER, ELSEWHERE, FAR}),
        ("measured_start", ("/= layer(x).std()", "*= layer(x).std()"), {FIRST, LATER, ELSEWHERE, FAR}),
        ("measured_start", ("                layer.bias.zero_()\n", ""), {FIRST, LATER, BIASES, ELSEWHERE, FAR}),
        ("measured_start", ("layer(x).std()", "layer(x).std(dim=0)[:, None]"), {LATER, SCALED, ELSEWHERE, FAR}),
        ("measured_start", ("layer.weight /= layer(x).std()", "nn.init.xavier_normal_(layer.weight, gain=1.5)"),
         {FIRST, LATER, SCALED, ELSEWHERE, FAR}),
        ("measured_start", ("isinstance(layer, nn.Linear)", "layer is model[0]"), {LATER, BIASES, ELSEWHERE, FAR}),
        ("measured_start", ("isinstance(layer, nn.Linear)", "layer in list(model)[::2]"), {ELSEWHERE}),
        ("measured_start", ("layer.weight /= layer(x).std()",
                            "layer.weight = nn.Parameter(layer.weight / layer(x).std(), requires_grad=False)"),
         {TRAINABLE}),
        ("measured_start", ("            x = layer(x)\n", "            x = layer(x)\n        model.eval()\n"),
         {TRAINABLE}),
        ("measured_start", ("            x = layer(x)\n",
                            "            x = layer(x)\n        layer.register_forward_hook(lambda *_: None)\n"),
         {TRAINABLE}),
        ("measured_start", ("                layer.bias.zero_()\n                layer.weight /= layer(x).std()",
                            "                layer.weight /= layer(x).std()\n                layer.bias.zero_()"),
         {FIRST, LATER, ELSEWHERE, FAR}),
    ],
)  # fmt: skip
def test_wrong_answers_fail_by_the_check_that_names_the_slip(
    name: str, change: tuple[str, str], fails: set[str]
) -> None:
    assert set(TURNS[name].failed(TURNS[name].changed(*change))) == fails


def test_a_message_says_what_is_wrong() -> None:
    short = TURNS["deltas"].failed(TURNS["deltas"].changed("- 1, 0, -1", "- 1, 1, -1"))
    assert short[EACH] == "2 of them came back for 3 layers."
    stuck = TURNS["measured_start"].failed(TURNS["measured_start"].changed("            x = layer(x)\n", ""))
    assert stuck[LATER].startswith("model[2] puts out std 0.")
