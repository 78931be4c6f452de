"""Lesson 06a: its cells for the reader's own code pass right answers and name wrong ones."""

from __future__ import annotations

import pytest

from tests.support.your_turn import turns

TURNS = turns("06a_outputs_and_losses")
SINGLE, MEAN, BY_OUTPUT, LARGE, SMALL = (
    "one sample: minus the logarithm of its probability",
    "several samples: one number, the mean over all of them",
    "the slope by each output is prediction minus target, e^z − k, shared out among the samples",
    "a count of 500 is a finite loss",
    "a mean of e⁻³⁰ keeps its logarithm",
)
ROW, BATCH, CONSTANT, WARM, HUGE = (
    "one sample",
    "a batch: each row by itself",
    "the same slope for every probability gives 0: their sum cannot change",
    "temperatures 0.5 and 4",
    "a row near 1000 and one near -1000 in a batch: no overflow, no 0/0",
)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("count_loss", "count_loss = lambda z, k: Poisson(z.exp()).log_prob(k).mean().neg()"),
        ("count_loss", """
def count_loss(outputs, counts):
    without_constant = F.poisson_nll_loss(outputs, counts, log_input=True, full=False)
    return without_constant + torch.special.gammaln(counts + 1).mean()
"""),
        ("count_loss", """
def count_loss(z, k):
    total = 0
    for a, b in zip(z.reshape(-1), k.reshape(-1)):
        total = total + a.exp() - a * b + sum(torch.log(torch.tensor(float(j))) for j in range(1, int(b) + 1))
    return total / z.numel()
"""),
        ("count_loss", """
def count_loss(z, k):
    z, k = z.float(), k.float()
    return (z.exp() - k * z + torch.lgamma(k + 1)).mean()
"""),
        ("count_loss", """
def count_loss(z, k):
    constant = torch.lgamma(k.add_(1))
    return (z.exp() - (k - 1) * z + constant).mean()
"""),
        ("softmax_backward", """
def softmax_backward(z, g, T=1.0):
    p = nn.Parameter(torch.softmax(z.float() / T, -1))
    return p * (g.float() - (p * g.float()).sum(-1, keepdim=True)) / T
"""),
        ("softmax_backward", """
def softmax_backward(z, g, T=1.0):
    z /= T
    z -= z.amax(dim=-1, keepdim=True)
    z.exp_()
    z /= z.sum(dim=-1, keepdim=True)
    g -= (z * g).sum(dim=-1, keepdim=True)
    return z * g / T
"""),
        ("softmax_backward", """
def softmax_backward(z, g, T=1.0):
    p = torch.softmax(z / T, -1)
    J = torch.diag_embed(p) - p[..., :, None] * p[..., None, :]
    return (J @ g[..., None])[..., 0] / T
"""),
        ("softmax_backward", """
def softmax_backward(z, g, T=1.0):
    powers = np.exp((z.numpy() - z.numpy().max(axis=-1, keepdims=True)) / T)
    p = powers / powers.sum(axis=-1, keepdims=True)
    return p * g.numpy() / T - p * np.sum(p * g.numpy(), axis=-1, keepdims=True) / T
"""),
        ("softmax_backward", """
def softmax_backward(z, g, T=1.0):
    if z.ndim > 1:
        return torch.stack([softmax_backward(row, slopes, T) for row, slopes in zip(z, g)])
    p = (z / T).softmax(0)
    return torch.stack([sum(p[i] * (float(i == j) - p[j]) * g[i] for i in range(len(z))) / T for j in range(len(z))])
"""),
    ],
)  # fmt: skip
def test_other_right_answers_pass(name: str, answer: str) -> None:
    assert TURNS[name].failed(answer) == {}


@pytest.mark.parametrize(
    ("name", "change", "fails"),
    [
        ("count_loss", ("rate = torch.exp(z)", "rate = z"), {SINGLE, MEAN, BY_OUTPUT, LARGE, SMALL}),
        ("count_loss", (" - torch.lgamma(k + 1)", ""), {SINGLE, MEAN, LARGE, SMALL}),
        ("count_loss", ("k * z", "k * rate"), {SINGLE, MEAN, BY_OUTPUT, LARGE, SMALL}),
        ("count_loss", ("-log_p.mean()", "-log_p.sum()"), {MEAN, BY_OUTPUT}),
        ("count_loss", ("-log_p.mean()", "-log_p"), {SINGLE, MEAN, BY_OUTPUT, LARGE, SMALL}),
        ("count_loss", ("-log_p.mean()", "log_p.mean()"), {SINGLE, MEAN, BY_OUTPUT, LARGE, SMALL}),
        ("count_loss", ("k * z - rate - torch.lgamma(k + 1)",
                        "torch.log(rate**k * torch.exp(-rate) / torch.exp(torch.lgamma(k + 1)))"), {LARGE}),
        ("count_loss", ("-log_p.mean()", "-log_p.mean().detach()"), {BY_OUTPUT}),
        ("count_loss", ("-log_p.mean()", "-log_p.mean().item()"), {BY_OUTPUT}),
        ("count_loss", ("k * z", "k * torch.log(rate + 1e-8)"), {SMALL}),
        ("count_loss", ("k * z", "k * torch.log(rate.clamp(min=1e-12))"), {SMALL}),
        ("count_loss", ("torch.lgamma(k + 1)",
                        "torch.where(k > 1, k * k.log() - k + (2 * torch.pi * k).log() / 2, 0.0)"),
         {SINGLE, MEAN, SMALL}),
        ("softmax_backward", (" / T\n", "\n"), {WARM}),
        ("softmax_backward", ("torch.softmax(z / T, dim=-1)", "(z / T).exp() / (z / T).exp().sum(-1, keepdim=True)"),
         {HUGE}),
        ("softmax_backward", ("torch.softmax(z / T, dim=-1)",
                              "((z - z.max()) / T).exp()\n    p = p / p.sum(dim=-1, keepdim=True)"), {HUGE}),
        ("softmax_backward", ("torch.softmax(z / T, dim=-1)",
                              "((z - z.amax(dim=0)) / T).exp()\n    p = p / p.sum(dim=-1, keepdim=True)"),
         {BATCH, HUGE}),
        ("softmax_backward", ("z / T", "z"), {WARM}),
        ("softmax_backward", ("z / T", "z * T"), {WARM}),
        ("softmax_backward", ("softmax(z / T, dim=-1)", "softmax(z / T, dim=0)"), {BATCH, CONSTANT, HUGE}),
        ("softmax_backward", (".sum(dim=-1, keepdim=True)", ".sum()"), {BATCH, CONSTANT, HUGE}),
        ("softmax_backward", (", keepdim=True", ""), {BATCH, HUGE}),
        ("softmax_backward", ("(g - mean)", "(mean - g)"), {ROW, BATCH, WARM, HUGE}),
        ("softmax_backward", ("(p * g).sum(", "g.mean("), {ROW, BATCH, WARM, HUGE}),
        ("softmax_backward", ("p * (g - mean)", "p * (1 - p) * g"), {ROW, BATCH, CONSTANT, WARM, HUGE}),
    ],
)  # fmt: skip
def test_wrong_answers_fail_by_the_check_that_names_the_slip(
    name: str, change: tuple[str, str], fails: set[str]
) -> None:
    assert set(TURNS[name].failed(TURNS[name].changed(*change))) == fails


def test_a_message_says_what_came() -> None:
    overflow = TURNS["count_loss"].changed("torch.lgamma(k + 1)", "torch.log(torch.exp(torch.lgamma(k + 1)))")
    assert TURNS["count_loss"].failed(overflow) == {LARGE: "got inf, expected 14.76."}
    mixed = TURNS["softmax_backward"].failed("softmax_backward = lambda z, g, T=1.0: g.sum()")
    assert mixed[ROW] == "Expected shape (4,), got ()."
