"""The gallery of known activation functions for ps6_design_your_own: data, measurement, and the page in docs/.

- `python -m tests.assignments.gallery --measure` prints the accuracies that belong into gallery.toml
- `python -m tests.assignments.gallery --write` writes docs/measured/gallery.md
"""

from __future__ import annotations

import argparse
import statistics
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.hidden_checks.design import (
    MARGIN,
    RELU_ACCURACY,
    SEEDS,
    accuracies_over_seeds,
    value_and_gradient,
)
from benchmarks.pages import mark
from tests.support.notebook_runner import ROOT, notebook_cells

ASSIGNMENT = "ps6_design_your_own"
DATA = ROOT / "tests" / "assignments" / "gallery.toml"
PAGE = ROOT / "docs" / "measured" / "gallery.md"

PROPERTIES = {
    "curved": ("Not a straight line", "not a straight line"),
    "smooth": ("Continuous slope", "continuous slope from -100 to 100"),
    "rises": ("Slope ≥ 0.05 on the right", "slope at least 0.05 from 10 to 10^4"),
    "bounded": ("Bounded below", "bounded below"),
    "finite": ("Finite at ±10⁴", "finite at -10^4 and 10^4, slope included"),
    "trains": ("Trains", "trains like ReLU on the digits"),
}
"""Each property's heading on the page, and the check that stands for it."""


@dataclass(frozen=True)
class Verdict:
    """Whether a function has a property, and why."""

    holds: bool
    why: str


@dataclass(frozen=True)
class Function:
    """A known function: its LaTeX, the answer that defines it, its properties, and the accuracy measured with it."""

    name: str
    formula: str
    code: str
    verdicts: dict[str, Verdict]
    accuracy: float


def load() -> list[Function]:
    """Return the functions of the gallery in file order."""
    return [_function(entry) for entry in tomllib.loads(DATA.read_text(encoding="utf-8"))["function"]]


def _function(entry: dict[str, Any]) -> Function:
    verdicts = {}
    for key in list(PROPERTIES)[:-1]:
        answer, _, why = entry[key].partition(": ")
        verdicts[key] = Verdict({"yes": True, "no": False}[answer], why)
    accuracy = entry["accuracy"]
    verdicts["trains"] = Verdict(accuracy >= RELU_ACCURACY - MARGIN, f"accuracy {accuracy:.3f}")
    return Function(entry["name"], entry["formula"], entry["code"].strip(), verdicts, accuracy)


def given_names() -> dict[str, Any]:
    """Return what the notebook's own cells define before the first exercise."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in notebook_cells("source", ASSIGNMENT):
        if cell.grade_id in ("setup", "given_training"):
            exec(cell.source, names)
    return names


def activation_of(code: str) -> Callable[[Any], Any]:
    """Return the function that an answer to the exercise defines."""
    names = given_names()
    exec(code, names)
    return names["my_activation"]


def measured(function: Function) -> list[float]:
    """Return the test accuracies of the assignment's network with a function, one for each seed."""
    activation = activation_of(function.code)
    return accuracies_over_seeds(lambda x: value_and_gradient(activation, x), given_names()["DIGITS"])


def page() -> str:
    """Return docs/measured/gallery.md."""
    functions = load()
    heads = [title for title, _ in PROPERTIES.values()]
    lines = [
        mark(PAGE.stem),
        "# Gallery: which function has which property",
        "",
        "`ps6_design_your_own` accepts every function with the properties it states. Here are known functions, with a",
        "reason worked out by hand for each verdict. A test puts each of them through the hidden checks of the",
        "assignment and fails if a verdict differs.",
        "",
        f"*Trains* is measured: the mean test accuracy over seeds {SEEDS[0]} to {SEEDS[-1]} must reach "
        f"{RELU_ACCURACY - MARGIN:.3f}, which is {MARGIN} less than ReLU's",
        f"{RELU_ACCURACY} over 50 seeds. Accuracies of single seeds have a standard deviation of 0.009, so a mean of "
        "five has one of 0.004.",
        "The digits are nearly linearly separable, so even the identity trains well.",
        "",
        "| function | " + " | ".join(heads) + " |",
        "|---" * (len(heads) + 1) + "|",
        *(_row(function) for function in functions),
        "",
        "## Reasons",
        "",
        *(line for function in functions for line in _reasons(function)),
        "The functions and the reasons are in `tests/assignments/gallery.toml`.",
    ]
    return "\n".join(lines) + "\n"


def _row(function: Function) -> str:
    marks = ["yes" if function.verdicts[key].holds else "**no**" for key in PROPERTIES]
    return f"| [{function.name}](#{_anchor(function.name)}) | " + " | ".join(marks) + " |"


def _anchor(name: str) -> str:
    return "".join(c for c in name.lower().replace(" ", "-") if c.isalnum() or c == "-")


def _reasons(function: Function) -> list[str]:
    reasons = []
    for key, (title, _) in PROPERTIES.items():
        verdict = function.verdicts[key]
        reasons.append(f"- {title}: {'yes' if verdict.holds else '**no**'}, {verdict.why}.")
    return [f"### {function.name}", "", f"$f(x) = {function.formula}$", "", *reasons, ""]


def main() -> None:
    """Write the page, or print what is measured."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--write", action="store_true", help="write docs/measured/gallery.md")
    group.add_argument("--measure", action="store_true", help="print mean accuracy and spread of every function")
    if parser.parse_args().write:
        PAGE.write_text(page(), encoding="utf-8")
        return
    for function in load():
        shares = measured(function)
        print(f"{function.name:24s} {statistics.mean(shares):.3f}  spread {statistics.stdev(shares):.3f}", flush=True)


if __name__ == "__main__":
    main()
