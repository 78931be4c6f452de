"""Lesson 08: its cells for the reader's own code pass right answers and name wrong ones."""

from __future__ import annotations

import pytest

from tests.support.your_turn import turns

TURNS = turns("08_experiments")
MIDDLE, WIDTH, CANCELS, TWO = (
    "the mean of the differences, b minus a, is in the middle",
    "as wide as the spread of the differences asks for",
    "what both share cancels: 100 more for one seed in both changes nothing",
    "two seeds: 12.7 standard errors to each side",
)
SEEDS, SAME, BEHIND, OWN_RATE, VALIDATION, STEPS, AT_THE_END = (
    "one number for each seed, whichever seeds they are",
    "A/A: the same function at the same rate is 0 points ahead, by another name as well",
    "who is far behind has many points less: the sigmoid at a rate that does not suit it",
    "each at its own rate: at 0.3 the sigmoid is close",
    "judged on the 600 digits of the validation part: a digit is a sixth of a point",
    "after as many steps as asked for",
    "judged after the last step, not at the best of them: at rate 1 ReLU forgets what it has learnt",
)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("paired_interval", "paired_interval = lambda a, b: confidence_interval(np.subtract(b, a))"),
        ("paired_interval", """
def paired_interval(a, b):
    d = torch.tensor(b, dtype=torch.float64) - torch.tensor(a, dtype=torch.float64)
    ends = stats.t.interval(0.95, len(d) - 1, loc=d.mean(), scale=stats.sem(d.numpy()))
    return [d.mean(), *ends]
"""),
        ("paired_interval", """
def paired_interval(a, b):
    n, differences = len(a), [y - x for x, y in zip(a, b)]
    mean = sum(differences) / n
    error = (sum((d - mean) ** 2 for d in differences) / (n - 1) / n) ** 0.5
    return tuple(mean + sign * stats.t.ppf(0.975, n - 1) * error for sign in (0, -1, 1))
"""),
        ("paired_interval", """
def paired_interval(a, b):
    d = torch.tensor(b - a, dtype=torch.float32)
    half = stats.t.ppf(0.975, len(d) - 1) * (d.var() / len(d)).sqrt()
    return nn.Parameter(torch.stack([d.mean(), d.mean() - half, d.mean() + half]))
"""),
        ("paired_interval", """
def paired_interval(a, b):
    b -= a
    n, mean = len(b), b.mean()
    return np.float32([mean, *stats.t.interval(0.95, n - 1, mean, stats.sem(b))])
"""),
        ("paired_interval", """
def paired_interval(a, b):
    d = np.float32(b) - np.float32(a)
    half = stats.t.ppf(0.975, len(d) - 1) * stats.sem(d)
    return [d.mean(keepdims=True), d.mean(keepdims=True) - half, d.mean(keepdims=True) + half]
"""),
        ("race", """
def race(one, other, seeds, steps=100):
    a, b = (torch.tensor(Runs(digits, f, (rate,), list(seeds), every=steps).train(steps).records[-1].accuracy[0])
            for f, rate in (one, other))
    return nn.Parameter(100 * b.float() - 100 * a.float())
"""),
        ("race", """
def race(one, other, seeds, steps=100):
    ends = (Runs(digits, f, [rate], seeds, every=steps).train(steps).records[-1] for f, rate in (one, other))
    a, b = (end.accuracy[0] for end in ends)
    return ((b - a) * 100).tolist()
"""),
        ("race", """
def race(one, other, seeds, steps=100):
    ahead = []
    for seed in seeds:
        points = {}
        for who, (activation, rate) in {"one": one, "other": other}.items():
            points[who] = Runs(digits, activation, [rate], [seed], steps).train(steps).records[-1].accuracy[0, 0] * 100
        ahead.append(points["other"] - points["one"])
    return torch.tensor(ahead)
"""),
    ],
)  # fmt: skip
def test_other_right_answers_pass(name: str, answer: str) -> None:
    assert TURNS[name].failed(answer) == {}


@pytest.mark.parametrize(
    ("name", "change", "fails"),
    [
        ("paired_interval", ("np.asarray(b) - np.asarray(a)", "np.asarray(a) - np.asarray(b)"), {MIDDLE, TWO}),
        ("paired_interval", ("ddof=1", "ddof=0"), {WIDTH, TWO}),
        ("paired_interval", ("stats.t.ppf(0.975, len(d) - 1)", "1.96"), {WIDTH, TWO}),
        ("paired_interval", ("len(d) - 1)", "len(d))"), {WIDTH, TWO}),
        ("paired_interval", (" / len(d) ** 0.5", ""), {WIDTH, TWO}),
        ("paired_interval", ("0.975", "0.95"), {WIDTH, TWO}),
        ("paired_interval", ("d.std(ddof=1)", "np.hypot(np.std(a, ddof=1), np.std(b, ddof=1))"), {WIDTH, CANCELS}),
        ("paired_interval", ("d.mean(), d.mean() - half, d.mean() + half", "d.mean(), half"),
         {MIDDLE, WIDTH, CANCELS, TWO}),
        ("race", ("right[1] - right[0]", "right[0] - right[1]"), {BEHIND, STEPS, AT_THE_END}),
        ("race", ("100 * runs", "runs"), {BEHIND, VALIDATION, STEPS, AT_THE_END}),
        ("race", ("[rate], seeds", "[one[1]], seeds"), {OWN_RATE, AT_THE_END}),
        ("race", ("[rate], seeds", "[rate], range(len(seeds))"), {SEEDS}),
        ("race", ("right[1] - right[0]", "(right[1] - right[0]).mean()"), {SEEDS, SAME, VALIDATION, STEPS}),
        ("race", ("runs.records[-1].accuracy[0]", "runs.test_accuracy()[0]"), {VALIDATION, STEPS}),
        ("race", ("return right", "return np.sort(right[1]) - np.sort(right[0])\n    return right"), {SEEDS, STEPS}),
        ("race", ("every=steps).train(steps)", "every=100).train(100)"), {STEPS}),
        ("race", ("every=steps).train(steps)", "every=steps).train(2 * steps)"), {STEPS}),
    ],
)  # fmt: skip
def test_wrong_answers_fail_by_the_check_that_names_the_slip(
    name: str, change: tuple[str, str], fails: set[str]
) -> None:
    assert set(TURNS[name].failed(TURNS[name].changed(*change))) == fails


def test_the_best_of_all_steps_is_found() -> None:
    turn = TURNS["race"]
    best = turn.changed("every=steps", "every=1").replace(
        "runs.records[-1].accuracy[0]", "np.max([record.accuracy[0] for record in runs.records], axis=0)"
    )
    assert turn.failed(best).keys() == {AT_THE_END}


def test_a_message_says_what_came() -> None:
    turn = TURNS["race"]
    swapped = turn.failed(turn.changed("right[1] - right[0]", "right[0] - right[1]"))
    assert swapped[BEHIND].endswith("Expected between −10 and −100 points, other minus one.")
