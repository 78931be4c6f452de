"""What a rehearsal says: short, plain, and what to do."""

from __future__ import annotations

import pytest

from course.handing_in.allowed import CELL_SECONDS
from course.handing_in.sourcecells import SourceNotebook
from course.rehearse.kernel import Outcome
from course.rehearse.rehearsal import Exercise, NotFound, Ran, Rehearsal
from course.rehearse.words import NO_PART_OF_IT, block, closing, mend, opening, to_mend

FINE = Ran("selu", Outcome("ok", 0.04))
PASSES = Exercise("selu", (FINE,), 0.1, (("a", ""), ("b", "")))
FAILS = Exercise("selu", (FINE,), 0.1, (("a", ""), ("b", "got 1."), ("c", "got 1."), ("d", "got 2.")))


def rehearsal(*exercises: Exercise, **fields: object) -> Rehearsal:
    told: dict[str, object] = {"notes": [], "untouched": [], "written": []} | fields
    return Rehearsal(SourceNotebook("ps1", "ps1", None, ()), exercises=list(exercises), **told)  # type: ignore[arg-type]


def test_a_block() -> None:
    assert block(PASSES, 30.0).splitlines() == [
        "selu: 2 of 2 visible checks pass",
        "  seconds (at most 30 each): selu 0.0, checks 0.1",
    ]
    assert block(FAILS, 30.0).splitlines()[:3] == [
        "selu: 1 of 4 visible checks pass",
        "  failed: b (and 1 more check): got 1.",
        "  failed: d: got 2.",
    ]
    not_written = Exercise("selu", (), 0.1, (("a", "Not written yet."), ("b", "Not written yet.")))
    assert block(not_written, 30.0).splitlines()[0] == "selu: not written yet"
    stopped = Exercise("selu", (), 30.1, reason="Stopped: the code ran longer than 30 s.")
    assert block(stopped, 30.0).splitlines()[0] == (
        "selu: the checks did not run to their end: Stopped: the code ran longer than 30 s."
    )
    assert block(Exercise("selu", (), 0.0), 30.0).startswith("selu: the visible checks pass\n")
    wants = Exercise("selu", (), 0.1, (("a", "NameError: x"),), not_found=(NotFound("x", "cell 9"),))
    assert "to mend: selu uses x, which cell 9 defines further down" in block(wants, 30.0)
    for below, where in (("cell 9", "cell 9 defines it below them: move that cell up"), ("", "no cell defines it")):
        gone = Exercise("selu", (), 0.1, (("a", "NameError: selu"),), not_found=(NotFound("selu", below),))
        assert f"to mend: the checks look for selu, and {where}." in block(gone, 30.0)


@pytest.mark.parametrize(
    ("ran", "said"),
    [
        (FINE, []),
        (Ran("cell 3", Outcome("stopped", 30.2)), ["cell 3 ran longer than 30 s and was stopped. Look for a loop"]),
        (Ran("cell 3", Outcome("died", 1.0)), ["cell 3 ended the kernel."]),
        (
            Ran("cell 3", Outcome("error", 0.1, "NameError: name 'x' is not defined"), NotFound("x", "cell 9")),
            ["cell 3 uses x, which cell 9 defines further down; your own kernel had it from an earlier run."],
        ),
        (
            Ran("cell 3", Outcome("error", 0.1, "NameError: name 'x' is not defined"), NotFound("x")),
            ["cell 3 uses x, which no cell defines; if it worked, your own kernel still had it. Define it"],
        ),
        (
            Ran("cell 3", Outcome("error", 0.1, "ModuleNotFoundError: No module named 'kit'")),
            ["cell 3: ModuleNotFoundError: No module named 'kit'. Use what the course has installed"],
        ),
        (
            Ran("cell 3", Outcome("error", 0.1, "ValueError: two\nlines")),
            ["cell 3 ends with ValueError: two lines. What stands below that line in the cell did not run."],
        ),
        (Ran("cell 3", Outcome("ok", 0.1, said="UsageError: no %x\n")), ["cell 3: UsageError: no %x"]),
    ],
)
def test_what_to_do_about_a_cell(ran: Ran, said: list[str]) -> None:
    found = list(mend(ran, 30.0))
    assert [text[: len(start)] for text, start in zip(found, said, strict=True)] == said


def test_nothing_to_mend() -> None:
    done = rehearsal(PASSES, written=["essay"], notes=["cell 'a' was missing; it was put back"])
    assert to_mend(done) == []
    assert closing(done).split("\n\n") == [
        "For a person to read: essay.",
        "The feedback will note:\n- cell 'a' was missing; it was put back",
        "1 of 1 exercises pass all their visible checks.",
        "Nothing to mend.",
        NO_PART_OF_IT,
    ]
    assert "hidden checks" in NO_PART_OF_IT


def test_all_that_can_be_mended_is_listed_at_the_end() -> None:
    late = Ran("cell 9", Outcome("died", 1.0))
    above = Exercise("softplus", (Ran("cell 3", Outcome("stopped", 30.2)),), 0.1, (("a", ""),))
    done = rehearsal(FAILS, above, rest=(late,), untouched=["essay"], wrong_name="ps1 (2).ipynb")
    assert to_mend(done) == [
        "hand the notebook in as ps1.ipynb, not as ps1 (2).ipynb",
        "selu",
        "a cell above the checks of softplus",
        "cell 9 ended the kernel. Take out what ends it (exit, too much memory), or do less.",
        "essay: nothing is written there yet",
    ]
    assert closing(done).split("\n\n")[-2].splitlines()[0] == "To mend:"


def test_what_comes_near_a_limit_is_said() -> None:
    slow = Exercise("selu", (Ran("cell 3", Outcome("ok", 20.0)),), 16.0, (("a", ""),))
    said = closing(rehearsal(slow))
    assert "cell 3 took 20 of 30 s; the grader's machine may be slower." in said
    assert "the checks of selu took 16 of 30 s" in said
    assert "All cells together" not in said
    many = [Exercise(f"e{number}", (Ran("cell 3", Outcome("ok", 14.0)),), 0.0) for number in range(25)]
    assert to_mend(rehearsal(*many)) == ["the time of all cells together"]
    assert "All cells together took 350 s, and the grader stops after 300." in closing(rehearsal(*many))


def test_the_opening_says_which_file_and_when_it_was_saved() -> None:
    assert opening(rehearsal(), "12:30:00").startswith("Rehearsal of ps1, as it was saved at 12:30:00: ")
    assert opening(rehearsal(remark="No other copy."), "12:30:00").splitlines()[1] == "No other copy."
    assert rehearsal().limits[0] == CELL_SECONDS
