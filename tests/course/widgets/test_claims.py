"""Claims under test: every one is run, and its text says what its cells printed."""

from __future__ import annotations

import contextlib
import io
import re
import tomllib
from dataclasses import dataclass

import pytest
import torch

from course.widgets.claims import CLAIMS, VERDICTS, Findings
from tests.support import lessons as module
from tests.support.lessons import ROOT

LESSON = "10_claims_under_test"
KEYS = [claim.key for claim in CLAIMS]
KNOWN = {
    "range of GELU and SiLU": (
        "gated-range",
        ["GELU −0.169971 −0.7518", "SiLU (Swish) −0.278465 −1.2785", "Mish −0.308843"],
    ),
    "ELU smooth at 0": ("elu-smooth", ["0.5 0.50 1.00 0.50 0.00", "1 1.00 1.00 1.00 0.00", "2 2.00 1.00 2.00 0.00"]),
    "softmax with temperature": ("temperature", ["0.842 0.114 0.042 0.002", "0.434 0.263 0.205 0.097"]),
    "0.25 to the power 20": ("quarter-power", ["9.1·10⁻¹³, about 10⁻¹²"]),
    "softmax with NLLLoss": ("softmax-nll", ["log_softmax", "*log*-probability"]),
    "six times faster": ("six-times", ["with **tanh**", "CIFAR-10", "25 % training error", "four convolutional"]),
    "one sample and death": ("one-sample", ["513 of 1000 units are 0 on one input, 0 on all of 500"]),
    "thresholds": ("thresholds", ["*Dead units*, 0 on every sample", "- *Zeros*", "- *No gradient in one batch*"]),
    "default initialisation": ("default-start", ["variance $\\frac{1}{3n}$, a sixth of He's"]),
    "naive exp": ("naive-exp", ["sigmoid 0 1 nan 0 1", "Mish 0 1000 0 nan 1"]),
    "Sigmoid and BCELoss": ("sigmoid-bce", ["20 BCEWithLogitsLoss 20.000 1.000"]),
    "Swish and the search": ("swish-search", ["2016-06", "2017-02", "2017-10", "MobileNetV3 has hard-swish"]),
    "universal approximation": ("universal", ["closed and bounded set", "to any accuracy", "enough units"]),
    "design your own": ("wish-list", ["0 are bounded below and keep", "The list contradicts itself"]),
}
"""Claims of the source texts known not to survive a run -> key, and what the cells print or the text says."""
_NUMBER = re.compile(r"[-−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
_POWER = re.compile(r"·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@dataclass
class Section:
    """One claim: the text of its Markdown cells without line breaks, the conclusion in it, and what was printed."""

    text: str = ""
    conclusion: str = ""
    printed: str = ""


@pytest.fixture(scope="module")
def sections() -> dict[str, Section]:
    """The lesson's code is run once, in this process; cells between two claims count for none."""
    found: dict[str, Section] = {}
    namespace: dict[str, object] = {}
    current, threads = Section(), torch.get_num_threads()
    for cell in module.read(LESSON).cells:
        for tag in module.tags(cell):
            current = found.setdefault(tag.removeprefix("claim:"), Section())
        if cell.cell_type == "code":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(cell.source, namespace)
            current.printed += printed.getvalue()
        else:
            words = " ".join(cell.source.split())
            current.text += words + " "
            if words.startswith("**What is so.**"):
                current.conclusion = words
                current = Section()
    torch.set_num_threads(threads)
    return found


def printed_numbers(text: str) -> list[float]:
    plain = _POWER.sub(lambda power: f"e{power[1].translate(_RAISED)}", text)
    return [float(number.replace("−", "-")) for number in _NUMBER.findall(plain)]


def test_the_lesson_has_a_section_for_each_claim_in_the_order_of_the_table(sections: dict[str, Section]) -> None:
    assert list(sections) == KEYS
    assert all(section.conclusion for section in sections.values())


@pytest.mark.parametrize("claim", CLAIMS, ids=KEYS)
def test_heading_and_sources_are_those_of_the_table(claim, sections: dict[str, Section]) -> None:  # type: ignore[no-untyped-def]
    text = sections[claim.key].text
    assert text.startswith((f'### "{claim.text}" ', f"### {claim.text} "))
    assert claim.verdict in VERDICTS
    said = re.search(r"\*\*Said in\*\* ([^.:]*)", text)
    assert said is not None
    letters = "A, B, C, D, E" if "all five" in said[1] else ", ".join(re.findall(r"\b[A-E]\b", said[1]))
    assert letters == claim.sources


def test_the_table_names_lessons_that_there_are() -> None:
    lessons = tomllib.loads((ROOT / "tests/course/lessons/sections.toml").read_text())
    numbers = {module.number(name) for name in lessons}
    for claim in CLAIMS:
        assert set(claim.taught.split(", ")) <= numbers


@pytest.mark.parametrize("key", KEYS)
def test_a_claim_is_measured_and_says_so_last(key: str, sections: dict[str, Section]) -> None:
    lines = sections[key].printed.splitlines()
    assert len(lines) >= 2, "nothing but the finding is printed"
    assert [line.startswith("measured: ") for line in lines].index(True) == len(lines) - 1


@pytest.mark.parametrize("row", KNOWN)
def test_every_claim_known_to_fail_is_covered(row: str, sections: dict[str, Section]) -> None:
    key, facts = KNOWN[row]
    printed = " ".join(sections[key].printed.split())  # tables are columns of text here
    for fact in facts:
        assert fact in printed or fact in sections[key].text, fact


@pytest.mark.parametrize("key", KEYS)
def test_a_number_in_the_conclusion_was_printed(key: str, sections: dict[str, Section]) -> None:
    """Each decimal number of the text, rounded as it is there, is among the printed ones, sign aside."""
    text = re.sub(r"\s*\\cdot 10\^\{([-−]?\d+)\}", r"e\1", sections[key].conclusion).replace("−", "-")
    printed = printed_numbers(sections[key].printed)
    for said in re.findall(r"\d+\.\d+(?:e-?\d+)?", text):
        mantissa = said.split("e")[0]
        digits, scale = len(mantissa.split(".")[1]), float("1e" + said.split("e")[1]) if "e" in said else 1.0
        assert any(round(abs(p) / scale, digits) == float(mantissa) for p in printed), f"{said} was not printed"


def finding(sections: dict[str, Section], key: str) -> str:
    return sections[key].printed.splitlines()[-1].removeprefix("measured: ")


def test_what_the_conclusions_say_about_experiments(sections: dict[str, Section]) -> None:
    """What training gave, in the terms of the text: which is larger, not by how much."""
    numbers = {key: printed_numbers(finding(sections, key)) for key in KEYS}
    assert 0.5 < numbers["leaky-revives"][0] / 100 < 0.9
    assert numbers["leaky-revives"][2] < 5
    early, _, late, _ = numbers["half-dead"]
    assert late < 5
    assert early > 2 * late
    assert numbers["double-softmax"][0] > 90
    assert 5 < numbers["mismatch"][0] < numbers["mismatch"][1] < 25
    assert numbers["dead-forever"][:2] == [20, 20]
    assert numbers["dead-forever"][2] > 0.2 * numbers["dead-forever"][3]
    assert numbers["same-sign"][0] < 60
    assert len(numbers["six-times"]) == 2
    assert max(numbers["six-times"]) < 3  # nowhere near six
    assert finding(sections, "race").startswith(
        "best on new samples: none at all: the identity; lowest training loss: "
    )
    assert not finding(sections, "race").endswith("identity")
    dead, zeros, right = numbers["thresholds"]
    assert dead < 5
    assert zeros > 30  # one of the rules would sound the alarm
    assert right > 95
    assert finding(sections, "control") == "6 of 6 hold"


def test_findings_fill_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    findings = Findings()
    assert {row[3] for row in findings.rows()} == {"not run yet"}
    findings.add("elu-smooth", "2 < 3 & so on")
    assert capsys.readouterr().out == "measured: 2 < 3 & so on\n"
    assert [row[3] for row in findings.rows()].count("not run yet") == len(CLAIMS) - 1
    shown = findings._repr_mimebundle_()
    assert "2 &lt; 3 &amp; so on" in shown["text/html"]
    assert shown["text/html"].count("<tr>") == len(CLAIMS) + 1
    assert shown["text/html"].count('scope="col"') == 5
    assert f"{len(CLAIMS)} claims, 1 of them run" in shown["text/html"]
    assert "2 < 3 & so on" in shown["text/plain"]


def test_a_finding_needs_a_claim() -> None:
    with pytest.raises(ValueError, match="there is no claim 'elu'"):
        Findings().add("elu", "smooth")
