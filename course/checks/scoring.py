"""Named checks with partial credit, used in the test cells of every assignment.

    checks = Checks("selu", points=5)
    with checks("right for x > 0"):
        expect_close(selu(x), expected, x=x)
    with checks("float32 in gives float32 out", needs="right for x > 0"):
        expect_like(selu(x32), x32)
    checks.score()

A check that fails does not stop the ones after it. `checks.score()`, the last line of the cell, is a
float: nbgrader reads it as partial credit, JupyterLab shows it as a table.
"""

from __future__ import annotations

import html
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from traceback import walk_tb
from typing import Any, TypeVar

import numpy as np

from course.checks.hints import hint_for
from course.checks.messages import described, numbers

Report = TypeVar("Report")

# A bar with 3:1 against white and against JupyterLab's dark page; the text keeps the page's own colour.
GOOD = "border-left:4px solid #2e8540;background-color:rgba(46,133,64,0.15);padding:2px 8px"
BAD = "border-left:4px solid #d32f2f;background-color:rgba(211,47,47,0.15);padding:2px 8px"
"""How what is right, and what is wrong, looks in both themes, as CSS."""

MESSAGE_LIMIT = 600
"""Characters of a message that are kept: enough for two lines, too few to flood a notebook."""


@dataclass(frozen=True)
class CheckResult:
    """What became of one check: its name, the points it earned and could earn, and why it failed."""

    name: str
    points: float
    max_points: float
    message: str = ""

    @property
    def passed(self) -> bool:
        """Whether the check held."""
        return not self.message


class Score(float):
    """Points earned in a test cell, with the checks behind them.

    Prints as a plain float, which is what nbgrader parses; shows as a table in JupyterLab.
    """

    title: str
    checks: tuple[CheckResult, ...]
    hint: str
    to_come: str = ""
    """A sentence on the checks that come at grading, shown below the table."""
    figures: tuple[Any, ...] = ()
    """Reports of figures that the grader draws again."""

    def __new__(cls, title: str, points: float, checks: Iterable[CheckResult], hint: str = "") -> Score:
        """Make a score out of the checks of one cell."""
        checks = tuple(checks)
        earned = sum(check.points for check in checks)
        all_passed = all(check.passed for check in checks)
        score = super().__new__(cls, points if all_passed else round(earned, 4))
        score.title, score.checks, score.hint = title, checks, hint
        return score

    def __repr__(self) -> str:
        return repr(float(self))

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in (self.hint, self.to_come) if note)
        return checks_table(self.title, self.checks) + notes


def checks_table(title: str, checks: Sequence[Any]) -> str:
    """Return an HTML table of checks.

    Parameters
    ----------
    title : str
        Caption of the table.
    checks : Sequence[Any]
        Have `name`, `passed` and `message`, as `CheckResult` has.
    """
    passed = sum(check.passed for check in checks)
    rows = "".join(
        f"<tr>{_cell('td', '✓ passed' if check.passed else '✗ failed', GOOD if check.passed else BAD)}"
        f"{_cell('td', check.name)}{_cell('td', check.message)}</tr>"
        for check in checks
    )
    heads = "".join(_cell("th", head) for head in ("Result", "Check", "What happened"))
    caption = html.escape(f"{title}: {passed} of {len(checks)} checks pass")
    return f"<table><caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(tag: str, text: str, looks: str = "padding:2px 8px") -> str:
    return f'<{tag} style="text-align:left;white-space:pre-wrap;{looks}">{html.escape(text)}</{tag}>'


class ChecksFailError(AssertionError):
    """Checks fail under the Validate button, which shows a traceback; of this error it shows the message alone."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Checks:
    """The named checks of one test cell.

    Parameters
    ----------
    title : str
        What is checked, shown above the table.
    points : float
        Points of the cell, the same number as in its nbgrader metadata; shared out among the checks by weight. A
        released notebook has fewer checks than the graded one, so what a student sees is how many pass, not points.
    from_scratch : bool, optional
        Whether the function called `title` is graded where NumPy and the standard library are all there is. Here, a
        line below the table says so if it leads to something else.
    """

    def __init__(self, title: str, points: float, *, from_scratch: bool = False) -> None:
        if not points > 0:
            raise ValueError(f"points of {title!r} must be above 0, not {points!r}")
        self._title = title
        self._points = float(points)
        self._from_scratch = from_scratch
        self._outcomes: dict[str, tuple[float, str]] = {}
        self._announced: tuple[int, str] = (0, "")
        self._figures: list[Any] = []

    def at_grading(self, number: int, kinds: str) -> None:
        """Say that `number` checks come on top of those above at grading; the table shows it where they do not follow.

        Parameters
        ----------
        number : int
            How many.
        kinds : str
            What they try, for the student: "convolutions, shared modules".
        """
        self._announced = len(self._outcomes) + number, kinds

    def drawn_again(self, report: Report) -> Report:
        """Return the report of a figure; when it is graded, the figure is drawn below the table from that report alone.

        Only for what students may see: the picture stands in their feedback.

        Parameters
        ----------
        report : Report
            A `Picture`, `BoundaryPicture`, `FeaturePicture` or `Exploration`.
        """
        self._figures.append(report)
        return report

    @contextmanager
    def __call__(self, name: str, *, weight: float = 1, needs: str | Iterable[str] = ()) -> Iterator[None]:
        """Run the block as the check called `name`; an exception in it fails the check.

        Parameters
        ----------
        name : str
            Says what holds when it passes.
        weight : float, optional
            Its share of the points.
        needs : str | Iterable[str], optional
            Names of earlier checks, at least one of which must have passed for this one to count, so that a function
            that returns its argument earns nothing for keeping its shape.
        """
        needs = [needs] if isinstance(needs, str) else list(needs)
        self._refuse_mistakes(name, weight, needs)
        message = ""
        try:
            yield
        except (Exception, SystemExit) as error:
            message = describe(error)
        if not message and needs and not any(self._passed(other) for other in needs):
            message = f"Counts once {' or '.join(map(repr, needs))} passes."
        self._outcomes[name] = (float(weight), message)

    def _refuse_mistakes(self, name: str, weight: float, needs: list[str]) -> None:
        if name in self._outcomes:
            raise ValueError(f"two checks of {self._title!r} are called {name!r}")
        if not weight > 0:
            raise ValueError(f"the weight of check {name!r} must be above 0, not {weight!r}")
        for other in needs:
            if other not in self._outcomes:
                raise ValueError(f"check {name!r} needs {other!r}, which is not a check above it")

    def _passed(self, name: str) -> bool:
        return not self._outcomes[name][1]

    def score(self) -> Score:
        """Return the points earned; the last line of a test cell.

        Raises
        ------
        ChecksFailError
            Under nbgrader's Validate button, which shows errors and not tables, if a check failed.
        ValueError
            If there is no check at all.
        """
        if not self._outcomes:
            raise ValueError(f"{self._title!r} has no check")
        share = self._points / sum(weight for weight, _ in self._outcomes.values())
        score = Score(
            self._title,
            self._points,
            [
                CheckResult(name, 0.0 if message else weight * share, weight * share, message)
                for name, (weight, message) in self._outcomes.items()
            ],
            hint_for(self._title) if self._from_scratch else "",
        )
        score.figures = tuple(self._figures)
        in_all, kinds = self._announced
        if (more := in_all - len(self._outcomes)) > 0:
            score.to_come = f"At grading, {more} more checks follow: {kinds}."
        failed = [f"- {check.name}: {check.message}" for check in score.checks if not check.passed]
        if failed and os.environ.get("NBGRADER_EXECUTION") == "validate":
            raise ChecksFailError("\n".join([f"{len(failed)} of {len(score.checks)} checks fail:", *failed]))
        return score


def describe(error: BaseException) -> str:
    """Say in one or two lines, for a student, why a check failed."""
    text = str(error).strip()
    if isinstance(error, NotImplementedError):
        text = "Not written yet."
    elif isinstance(error, AssertionError):
        own = "AssertionError: an assert in your code does not hold."
        text = text or (own if _of_called_code(error) else "What the check asked for does not hold.")
    elif isinstance(error, SystemExit):
        text = "The code ended the program (sys.exit)."
    else:
        kind = getattr(error, "ename", type(error).__name__)
        text = f"{kind}: {text}" if text else f"{kind} was raised."
    return text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1] + "…"


def _of_called_code(error: BaseException) -> bool:
    """Tell whether an error comes from a function of the notebook that a check called, not from the check itself."""
    if hasattr(error, "ename"):  # it came out of the student's room
        return True
    modules = [frame.f_globals.get("__name__") for frame, _ in walk_tb(error.__traceback__)]
    return modules[-1:] == ["__main__"] and modules.count("__main__") > 1


def expect_array(actual: Any, *, shape: tuple[int, ...], dtype: Any | None = None) -> np.ndarray[Any, Any]:
    """Return `actual` if it is a NumPy array (or, for shape `()`, a NumPy scalar) of that shape and dtype.

    Raises
    ------
    AssertionError
        With what came and what was expected.
    """
    if not isinstance(actual, np.ndarray | np.generic):
        raise AssertionError(f"Expected a NumPy array, got {described(actual)}.")
    if actual.shape != tuple(shape):
        raise AssertionError(f"Expected shape {tuple(shape)}, got {actual.shape}.")
    if dtype is not None and actual.dtype != np.dtype(dtype):
        raise AssertionError(f"Expected dtype {np.dtype(dtype)}, got {actual.dtype}.")
    return np.asarray(actual)


def expect_close(
    actual: Any,
    expected: Any,
    *,
    x: Any | None = None,
    rtol: float = 1e-7,
    atol: float = 0.0,
) -> None:
    """Expect `|actual - expected| <= atol + rtol |expected|` everywhere; NaN and ±inf must coincide.

    Parameters
    ----------
    actual : Any
        What the student returned: anything that `messages.numbers` accepts.
    expected : Any
        array_like of numbers.
    x : Any, optional
        The inputs, shape of `expected`; names the worst place in the message.
    rtol, atol : float, optional
        Tolerances, dimensionless and in units of `expected`

    Raises
    ------
    AssertionError
        With the input, what came and what was expected, at the worst place only.
    """
    expected = np.asarray(expected)
    actual = numbers(actual)
    if actual.shape != expected.shape:
        raise AssertionError(f"Expected shape {expected.shape}, got {actual.shape}.")
    with np.errstate(all="ignore"):
        far = np.abs(actual - expected) - (atol + rtol * np.abs(expected))
    same = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    wrong = ~same & ~(far <= 0)
    if not wrong.any():
        return
    worst = np.unravel_index(np.argmax(np.where(wrong, np.nan_to_num(far, nan=np.inf), -np.inf)), wrong.shape)
    where = "" if x is None else f"At x = {_number(np.asarray(x)[worst])}: "
    got, wanted = told_apart(float(actual[worst]), float(expected[worst]))
    raise AssertionError(f"{where}got {got}, expected {wanted}.")


def told_apart(got: float, expected: float) -> tuple[str, str]:
    """Return two numbers as text, with the digits that show that they differ and hardly more.

    Further digits of a trained loss, or any of what is left of a sum that cancels, are rounding, which differs by
    processor; and students with the same mistake should read the same.
    """
    for digits in (4, 6, 9, 12):
        wanted = f"{expected:.{digits}g}"
        came = f"{got:.{digits}g}"
        if 0 < abs(got) < abs(expected) < math.inf:
            kept = digits - math.floor(math.log10(abs(expected))) + math.floor(math.log10(abs(got)))
            came = f"{got:.{kept}g}" if kept > 0 else "about 0"
        if came != wanted:
            return came, wanted
    return repr(got), repr(expected)


def _number(value: Any) -> str:
    return f"{float(value):.6g}"
