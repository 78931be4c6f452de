"""The claims lesson 10 puts to the test, and a table that fills with what the runs find."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from course.widgets.markup import typeset
from course.widgets.tables import Table

VERDICTS = MappingProxyType(
    {
        "false": "a run contradicts it as it is stated",
        "condition missing": "true, under a condition that it leaves out",
        "undefined": "it does not say what is counted, so no run can agree or disagree",
        "holds": "the run agrees",
    }
)


@dataclass(frozen=True)
class Claim:
    """One claim of the source texts.

    Attributes
    ----------
    key : str
        Short name; the lesson's cell for it carries the tag `claim:<key>`.
    text : str
        The claim, in the course's words.
    sources : str
        Letters of the texts that state it, "B, D".
    verdict : str
        A key of `VERDICTS`.
    taught : str
        Numbers of the lessons that teach what is so.
    """

    key: str
    text: str
    sources: str
    verdict: str
    taught: str


CLAIMS = (
    Claim("gated-range", "GELU and SiLU take every real value", "B, D", "false", "04"),
    Claim("elu-smooth", "ELU is smooth at 0", "D, E", "condition missing", "03"),
    Claim("relu-jumps", "ReLU is discontinuous at 0, and GELU keeps small changes small", "E", "false", "04"),
    Claim("gelu-dropout", "GELU acts as a soft form of dropout", "E", "condition missing", "04"),
    Claim("wish-list", "An activation can be bounded below and have no vanishing slope", "E", "false", "03, 04"),
    Claim("quarter-power", "0.25 to the power 20 is about 10⁻¹³", "D", "false", "03, 05"),
    Claim("temperature", "Softmax of (2, 1, 0.5, −1) at T = 0.5, 2 and 5, as printed", "A", "false", "06b"),
    Claim("open-interval", "A sigmoid is never 0 or 1", "B, C, D, E", "condition missing", "02, 06a"),
    Claim("naive-exp", "The formulas of sigmoid, ELU and Mish are ready to be code", "E", "false", "02, 03, 04"),
    Claim("in-place", "In-place ReLU is an option like any other", "B", "condition missing", "07b"),
    Claim("softmax-nll", "Softmax goes with NLLLoss", "C", "false", "06a"),
    Claim("sigmoid-bce", "Sigmoid and BCELoss train a binary classifier", "E", "condition missing", "06a"),
    Claim("at-most", "The gradient behind n sigmoids is at most 0.25ⁿ", "A, D", "condition missing", "05"),
    Claim("relu-vanish", "With ReLU gradients do not vanish", "A, B, C, D, E", "condition missing", "05"),
    Claim("saturation", "Gradients vanish because units saturate", "B, D, E", "condition missing", "05"),
    Claim("default-start", "nn.Linear starts with the He initialisation that ReLU wants", "D", "false", "05"),
    Claim("mismatch", "A mismatched start saturates the units within a few batches", "D", "false", "05"),
    Claim("same-sign", "All-positive inputs move all weights of a unit the same way", "E", "condition missing", "02"),
    Claim("one-sample", "A unit that is 0 on one random input is a dead unit", "E", "false", "03"),
    Claim("thresholds", "Dead units: a problem at 10 %, or 30 %, or below 50 % active", "A, D, E", "undefined", "03"),
    Claim("dead-forever", "A dead unit never comes back", "A, D, E", "condition missing", "03"),
    Claim("leaky-revives", "Leaky ReLU with slope 0.01 brings dead units back", "E", "condition missing", "03"),
    Claim("half-dead", "With half of the units dead the accuracy stays low", "D", "condition missing", "03"),
    Claim("double-softmax", "With softmax applied twice training goes nowhere", "D", "false", "06a"),
    Claim("binary-softmax", "Softmax over two classes is a mistake", "A", "false", "06a"),
    Claim("multi-label", "Softmax on several labels makes exactly one of them probable", "A", "false", "06a"),
    Claim("six-times", "ReLU trains six times faster than the sigmoid", "E", "false", "03, 08"),
    Claim("race", "A race on these data shows which activation trains best", "E", "false", "08"),
    Claim("swish-search", "Swish was discovered by a search, and MobileNet uses it", "E", "false", "04"),
    Claim("universal", "One hidden layer approximates any continuous function", "A", "condition missing", "01"),
    Claim("sparse-fast", "Zeros make a layer cheaper", "E", "condition missing", "03"),
    Claim("control", "Six statements that should come out right", "A, B, C, E", "holds", "01, 02, 05"),
)  # fmt: skip


class Findings:
    """What the runs have found so far. As the last line of a cell it is the table of all claims."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def add(self, key: str, finding: str) -> None:
        """Note what was measured for the claim `key`, one line, and print it.

        Raises
        ------
        ValueError
            If there is no claim of this name.
        """
        if key not in {claim.key for claim in CLAIMS}:
            raise ValueError(f"there is no claim {key!r}; see course.widgets.claims.CLAIMS")
        self._found[key] = typeset(finding)
        print(f"measured: {self._found[key]}")

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """Return claim, sources, verdict, what was measured, and where it is taught, one row for each claim."""
        return [
            (claim.text, claim.sources, claim.verdict, self._found.get(claim.key, "not run yet"), claim.taught)
            for claim in CLAIMS
        ]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        heads = ("claim", "said in", "verdict", "measured", "lesson")
        table = Table(f"{len(CLAIMS)} claims, {len(self._found)} of them run in this session", dict.fromkeys(heads, ""))
        for row in self.rows():
            table.add(*row)
        return table._repr_mimebundle_()
