"""Lesson 03: its cells for the reader's own code pass right answers and name wrong ones."""

from __future__ import annotations

import pytest

from tests.support.your_turn import turns

TURNS = turns("03_relu_family")
OUTPUTS, EACH, ORDER, CLEAN, MODE, CLEAN_AFTER_FAILURE, ERROR = (
    "counts outputs, not units or samples",
    "finds each ReLU, in layers within layers too",
    "a number each time a ReLU runs, in that order",
    "leaves no hook behind, and those of others in place",
    "leaves the model in its mode",
    "leaves no hook behind when the run fails",
    "the error of a run that fails comes out",
)
VALUE, ZERO, SLOPE, FLAT, TINY, SHAPE = (
    "right where x is above 0",
    "0 elsewhere",
    "the slope is 1 + ln x where x is above 0",
    "the slope is 0 elsewhere",
    "right close to 0 too, at 1e-12",
    "a tensor of any shape: each element by itself",
)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("active_shares", """
def active_shares(model, x):
    shares, handles = [], []
    for layer in model.modules():
        if type(layer) is nn.ReLU:
            handles.append(layer.register_forward_hook(lambda m, i, y: shares.append(float((y > 0).double().mean()))))
    try:
        model(x)
    finally:
        [handle.remove() for handle in handles]
    return shares
"""),
        ("active_shares", """
def active_shares(model, x):
    outputs, twin = [], copy.deepcopy(model).eval()
    for _, layer in twin.named_modules():
        if layer.__class__.__name__ == "ReLU":
            layer.register_forward_hook(lambda *args: outputs.append(args[-1].detach().numpy()))
    twin(x)
    return [np.count_nonzero(y) / y.size for y in outputs]
"""),
        ("active_shares", """
def active_shares(model, x):
    shares = []
    def note(module, inputs):
        if isinstance(module, nn.ReLU):
            shares.append(1 - (inputs[0] <= 0).float().mean())
    handle = nn.modules.module.register_module_forward_pre_hook(note)
    try:
        model(x)
    finally:
        handle.remove()
    return shares
"""),
        ("active_shares", """
def active_shares(model, x):
    shares, handles = [], []

    def note(module, inputs, output):
        shares.append(np.float32((output > 0).double().mean().item()))

    try:
        for name, layer in model.named_modules():
            if isinstance(layer, nn.ReLU):
                handles.append(layer.register_forward_hook(note))
        was = torch.is_grad_enabled()
        torch.set_grad_enabled(False)
        model(x)
    finally:
        torch.set_grad_enabled(was)
        for handle in handles:
            handle.remove()
    return tuple(shares)
"""),
        ("x_log_x", """
def x_log_x(x):
    result, mask = torch.zeros_like(x), x > 0
    result[mask] = x[mask] * x[mask].log()
    return result
"""),
        ("x_log_x", """
def x_log_x(x):
    return torch.where(x > 0, torch.special.xlogy(x.double(), torch.where(x > 0, x, 1).double()), 0)
"""),
        ("x_log_x", """
def x_log_x(x):
    return torch.stack([p * p.log() if p > 0 else 0 * p for p in x.reshape(-1)]).reshape(x.shape)
"""),
        ("x_log_x", """
class Entropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.special.xlogy(x.clamp(min=0), x.clamp(min=0))

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return torch.where(x > 0, gradient * (1 + x.log()), 0)

x_log_x = Entropy.apply
"""),
        ("x_log_x", "def x_log_x(x): return x * torch.where(x > 0, x, 1).log()"),
        ("x_log_x", """
def x_log_x(x):
    positive = x.masked_fill(x <= 0, 1)
    return -torch.special.entr(positive)
"""),
    ],
)  # fmt: skip
def test_other_right_answers_pass(name: str, answer: str) -> None:
    assert TURNS[name].failed(answer) == {}


@pytest.mark.parametrize(
    ("name", "change", "fails"),
    [
        ("active_shares", (".remove", ".__repr__"), {CLEAN, CLEAN_AFTER_FAILURE}),
        ("active_shares", ("(output > 0)", "(output > 0).any(dim=0)"), {OUTPUTS}),
        ("active_shares", ("(output > 0)", "(output > 0).any(dim=1)"), {OUTPUTS, ORDER}),
        ("active_shares", ("output > 0", "output >= 0"), {OUTPUTS, EACH, ORDER}),
        ("active_shares", ("output > 0", "output == 0"), {EACH, ORDER}),
        ("active_shares", ("output > 0", "inputs[0] < 0"), {EACH, ORDER}),
        ("active_shares", (".mean()", ".sum()"), {OUTPUTS, EACH, ORDER}),
        ("active_shares", ("model.modules()", "model"), {EACH}),
        ("active_shares", ("        model(x)", "        pass"), {OUTPUTS, EACH, ORDER, ERROR}),
        ("active_shares", ("return shares", "return shares[::-1]"), {EACH, ORDER}),
        ("active_shares", ("return shares", "return sum(shares) / len(shares)"), {OUTPUTS, EACH, ORDER}),
        ("active_shares", ("        model(x)", "        model.register_forward_pre_hook(print)\n        model(x)"),
         {CLEAN, CLEAN_AFTER_FAILURE}),
        ("active_shares", ("return shares", "[m._forward_hooks.clear() for m in model.modules()]\n    return shares"),
         {CLEAN}),
        ("active_shares", ("        model(x)", "        model.eval()(x)"), {MODE}),
        ("active_shares", ("        model(x)", "        model.train()(x)"), {MODE}),
        ("active_shares", ("        model(x)",
                           "        was = model.training\n        model.eval()(x)\n        model.train(was)"),
         {MODE}),
        ("active_shares", ("        model(x)", "        try: model(x)\n        except Exception: pass"), {ERROR}),
        ("active_shares", ("return shares", "return list(dict.fromkeys(shares))"), {ORDER}),
        ("x_log_x", ("torch.where(x > 0, x, 1.0)", "x.clamp(min=1e-9)"), {ZERO, TINY}),
        ("x_log_x", ("safe = torch.where(x > 0, x, 1.0)\n    return safe * torch.log(safe)",
                     "return torch.where(x > 0, x * torch.log(x.clamp(min=1e-9)), 0.0)"), {TINY}),
        ("x_log_x", ("torch.where(x > 0, x, 1.0)", "torch.where(x > 1e-9, x, 1.0)"), {TINY}),
        ("x_log_x", ("torch.log(safe)", "torch.log(safe + 1e-10)"), {TINY}),
        ("x_log_x", ("x, 1.0)", "x, 0.0)"), {ZERO}),
        ("x_log_x", ("safe * torch.log(safe)", "torch.where(x > 0, x * torch.log(x), 0.0)"), {FLAT}),
        ("x_log_x", ("safe * torch.log(safe)", "torch.nan_to_num(x * torch.log(x))"), {FLAT}),
        ("x_log_x", ("safe * torch.log(safe)", "x * torch.log(x.clamp(min=1e-9))"), {ZERO, FLAT, TINY}),
        ("x_log_x", ("safe * torch.log(safe)", "x * torch.log(x)"), {ZERO, FLAT}),
        ("x_log_x", ("return safe * torch.log(safe)",
                     "return torch.stack([p * p.log() if p > 0 else 0 * p for p in x])"), {SHAPE}),
        ("x_log_x", ("return safe * torch.log(safe)", "return (safe * torch.log(safe)).reshape(-1)"), {SHAPE}),
        ("x_log_x", ("torch.log(", "torch.log2("), {VALUE, SLOPE, TINY, SHAPE}),
        ("x_log_x", ("torch.log(safe)", "torch.log(safe).detach()"), {SLOPE, TINY}),
        ("x_log_x", ("return safe * torch.log(safe)", "return (safe * torch.log(safe)).detach()"), {SLOPE, FLAT, TINY}),
    ],
)  # fmt: skip
def test_wrong_answers_fail_by_the_check_that_names_the_slip(
    name: str, change: tuple[str, str], fails: set[str]
) -> None:
    assert set(TURNS[name].failed(TURNS[name].changed(*change))) == fails


def test_hooks_removed_only_if_the_run_succeeds_stay_behind_when_it_fails() -> None:
    (right,) = [TURNS["active_shares"].solution]
    hasty = right.replace("with ExitStack() as hooks, torch.no_grad():", "hooks = ExitStack()\n    if True:")
    hasty = hasty.replace("    return shares", "    hooks.close()\n    return shares")
    assert TURNS["active_shares"].failed(hasty) == {
        CLEAN_AFTER_FAILURE: "The function leaves a hook or a patched method behind on layer 1."
    }


@pytest.mark.parametrize("answer", [
    """
def active_shares(model, x):
    shares = []
    for layer in model:
        if isinstance(layer, nn.Sequential):
            shares += active_shares(layer, x)
        x = layer(x)
        if isinstance(layer, nn.ReLU):
            shares.append((x > 0).sum() / x.numel())
    return shares
""",
    """
def active_shares(model, x):
    relus = [module for module in model.modules() if isinstance(module, nn.ReLU)]
    shares = {}
    with ExitStack() as hooks:
        for relu in relus:
            hooks.callback(relu.register_forward_hook(
                lambda module, inputs, output: shares.update({module: (output > 0).float().mean()})).remove)
        model(x)
    return [shares[relu] for relu in relus]
""",
])  # fmt: skip
def test_the_order_in_the_model_is_not_the_order_of_the_run(answer: str) -> None:
    assert TURNS["active_shares"].failed(answer).keys() == {ORDER}


def test_a_message_says_what_is_wrong() -> None:
    trapped = TURNS["x_log_x"].failed("def x_log_x(x): return torch.where(x > 0, x * torch.log(x), 0.0)")
    assert trapped == {FLAT: "At x = -2: got nan, expected 0."}
    cut = TURNS["x_log_x"].failed("def x_log_x(x): return torch.zeros_like(x)")
    assert cut[FLAT] == "No gradient flows back to x."
