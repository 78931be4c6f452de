"""Lesson 06b: its cells for the reader's own code pass right answers and name wrong ones."""

from __future__ import annotations

import pytest

from tests.support.your_turn import turns

TURNS = turns("06b_temperature_and_calibration")
ALL, WEIGHED, EDGES, LAST, NO_CANCEL, NETWORK = (
    "one bin for all: how far the share of right answers is from the mean confidence",
    "two bins in use: each counts by how many predictions it has",
    "an edge belongs to the bin above it",
    "0 is in the first bin and 1 in the last",
    "too sure here and not sure enough there do not cancel",
    "the network above: as the table says",
)
STAY, REACHES, AT_LEAST, TIES, WHOLE, GIVEN = (
    "the likeliest that have p together stay in their places, all others are −inf",
    "the piece that reaches p is kept",
    "one piece that has p by itself is enough, and at least one stays",
    "of equally likely pieces no more than needed",
    "p = 1 cuts nothing",
    "the logits that were given are as before",
)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("calibration_error", """
def calibration_error(confidence, right, bins=10):
    number = np.minimum((confidence.numpy() * bins).astype(int), bins - 1)
    gaps = np.bincount(number, weights=(right - confidence).numpy(), minlength=bins)
    return np.abs(gaps).sum() / len(confidence)
"""),
        ("calibration_error", """
def calibration_error(confidence, right, bins=10):
    error = 0
    for b in range(bins):
        low, high = b / bins, (b + 1) / bins
        rows = [(c, r) for c, r in zip(confidence.tolist(), right.tolist()) if low <= c < high or c == high == 1]
        if rows:
            error += abs(sum(r for _, r in rows) - sum(c for c, _ in rows)) / len(confidence)
    return error
"""),
        ("calibration_error", """
def calibration_error(confidence, right, bins=10):
    edges = torch.linspace(0, 1, bins + 1, dtype=confidence.dtype)[1:-1].contiguous()
    which = torch.bucketize(confidence, edges, right=True)
    return torch.zeros(bins, dtype=confidence.dtype).index_add(0, which, right - confidence).abs().sum() / right.numel()
"""),
        ("calibration_error", """
def calibration_error(confidence, right, bins=10):
    c, r = torch.nn.Parameter(confidence.float()), right.float()
    c.data.clamp_(max=1 - 1e-7)
    which = (c * bins).floor()
    return sum(len(c[which == b]) / len(c) * abs(r[which == b].mean() - c[which == b].mean()) for b in which.unique())
"""),
        ("top_p", """
def top_p(logits, p):
    likely, places = logits.float().softmax(0).sort(descending=True)
    likely[1:] = likely.cumsum(0)[:-1].clone()
    likely[0] = 0
    cut = places[likely >= p]
    return torch.nn.Parameter(logits.float().index_fill(0, cut, -torch.inf))
"""),
        ("calibration_error", """
def calibration_error(confidence, right, n_bins=10):
    which = (confidence * n_bins).long().clamp(max=n_bins - 1)
    return sum((right - confidence)[which == b].sum().abs().item() for b in range(n_bins)) / len(right)
"""),
        ("top_p", """
def top_p(logits, p):
    shares, kept, total = torch.softmax(logits, 0).tolist(), [], 0.0
    for place in sorted(range(len(shares)), key=lambda i: -shares[i]):
        if total < p:
            kept.append(place)
        total += shares[place]
    return [logits[i].item() if i in kept else -float("inf") for i in range(len(shares))]
"""),
        ("top_p", """
def top_p(logits, p):
    shares = logits.softmax(-1)
    order = shares.argsort(descending=True)
    enough = min(int((shares[order].cumsum(-1) < p).sum()) + 1, len(logits))
    return logits.index_fill(0, order[enough:], -math.inf)
"""),
        ("top_p", """
def top_p(logits, p):
    likely, places = torch.sort(F.log_softmax(logits, 0).exp())
    cut = likely.cumsum(0) <= 1 - p
    cut[-1] = False
    return logits.masked_fill(torch.zeros_like(cut).scatter(0, places, cut), -math.inf)
"""),
        ("top_p", """
def top_p(logits, p):
    z = logits.numpy()
    share = np.exp(z) / np.exp(z).sum()
    order = np.argsort(-share, kind="stable")
    before = [share[order[:n]].sum() for n in range(len(z))]
    return np.where(np.isin(np.arange(len(z)), order[np.less(before, p)]), z, -np.inf)
"""),
    ],
)  # fmt: skip
def test_other_right_answers_pass(name: str, answer: str) -> None:
    assert TURNS[name].failed(answer) == {}


@pytest.mark.parametrize(
    ("name", "change", "fails"),
    [
        ("calibration_error", ("inside.double().mean().item() * gap", "gap / bins"),
         {WEIGHED, EDGES, LAST, NO_CANCEL, NETWORK}),
        ("calibration_error", (".abs()", ""), {ALL, WEIGHED, EDGES, LAST, NO_CANCEL, NETWORK}),
        ("calibration_error", (".clamp(max=bins - 1)", ""), {LAST}),
        ("calibration_error", ("if inside.any():", "if True:"), {WEIGHED, EDGES, LAST, NO_CANCEL, NETWORK}),
        ("calibration_error", ("inside.double().mean().item() * gap", "inside.sum().item() * gap"),
         {ALL, WEIGHED, EDGES, LAST, NO_CANCEL, NETWORK}),
        ("calibration_error", ("range(bins)", "range(1)"), {WEIGHED, EDGES, LAST, NO_CANCEL, NETWORK}),
        ("calibration_error", ("number == b", "number >= 0"), {WEIGHED, EDGES, LAST, NO_CANCEL, NETWORK}),
        ("calibration_error", ("bins - 1)", "bins)"), {LAST}),
        ("calibration_error", ("(confidence * bins).long().clamp(max=bins - 1)",
                               "(confidence * bins).ceil().long().clamp(min=1) - 1"), {EDGES}),
        ("calibration_error", ("error = 0.0", "bins, number, error = 10, (confidence * 10).long().clamp(max=9), 0.0"),
         {ALL, EDGES}),
        ("top_p", ("before < p", "before + likely <= p"), {STAY, REACHES, AT_LEAST, TIES}),
        ("top_p", ("before < p", "before + likely < p"), {STAY, REACHES, AT_LEAST, TIES, WHOLE}),
        ("top_p", ("before < p", "before <= p"), {TIES}),
        ("top_p", ("before < p", "likely >= p"), {STAY, REACHES, AT_LEAST, TIES, WHOLE}),
        ("top_p", ("places[before < p]", "places[likely >= likely[before < p].min()]"), {TIES}),
        ("top_p", ("places[before < p]", "places[likely >= likely[(likely.cumsum(dim=0) < p).sum()]]"), {TIES, WHOLE}),
        ("top_p", ("descending=True", "descending=False"), {STAY, REACHES, AT_LEAST}),
        ("top_p", ("torch.softmax(logits, dim=0)", "logits"), {STAY, REACHES, TIES}),
        ("top_p", ("torch.full_like(logits, -torch.inf)", "torch.zeros_like(logits)"), {STAY, REACHES, AT_LEAST, TIES}),
        ("top_p", ("cut[kept] = logits[kept]", "cut[:len(kept)] = logits[kept]"), {STAY, REACHES, AT_LEAST}),
        ("top_p", ("cut = torch.full_like(logits, -torch.inf)\n    cut[kept] = logits[kept]",
                   "cut = logits\n    cut[places[before >= p]] = -torch.inf"), {GIVEN}),
    ],
)  # fmt: skip
def test_wrong_answers_fail_by_the_check_that_names_the_slip(
    name: str, change: tuple[str, str], fails: set[str]
) -> None:
    assert set(TURNS[name].failed(TURNS[name].changed(*change))) == fails


def test_a_bin_of_its_own_for_a_confidence_of_1_is_found() -> None:
    turn = TURNS["calibration_error"]
    eleventh = turn.changed(".clamp(max=bins - 1)", "").replace("range(bins)", "range(bins + 1)")
    assert turn.failed(eleventh).keys() == {LAST}


def test_a_message_says_what_came() -> None:
    empty = TURNS["calibration_error"].changed("if inside.any():", "if True:")
    assert TURNS["calibration_error"].failed(empty)[WEIGHED] == "got nan, expected 0.2533."
    ties = TURNS["top_p"].changed("places[before < p]", "places[likely >= likely[before < p].min()]")
    assert TURNS["top_p"].failed(ties) == {TIES: "Any two of these four have 0.4 together; you keep 4."}
