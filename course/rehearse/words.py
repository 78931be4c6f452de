"""Says what a rehearsal found: one block for each exercise, then what to mend and what was no part of it."""

from __future__ import annotations

from collections.abc import Iterator

from course.checks import describe
from course.rehearse.rehearsal import Exercise, NotFound, Ran, Rehearsal

SLOW = 0.5
"""Share of a cell's limit from which on a cell is called slow: the grader's machine may be slower than this one."""

NOT_WRITTEN = describe(NotImplementedError())

NO_PART_OF_IT = (
    "Not part of this rehearsal: the hidden checks, which grading adds on other inputs; what a person reads and marks; "
    "limits on memory, files and processes; and the grader's own versions of the packages. "
    "Passing here is therefore no promise of full marks."
)


def opening(rehearsal: Rehearsal, saved: str) -> str:
    """Return what stands at the top.

    Parameters
    ----------
    saved : str
        When the file was saved.
    """
    name = rehearsal.source.name
    first = f"Rehearsal of {name}, as it was saved at {saved}: a new kernel, every cell from top to bottom."
    return f"{first}\n{rehearsal.remark}" if rehearsal.remark else first


def block(exercise: Exercise, seconds: float) -> str:
    """Return the lines about one exercise."""
    passed = sum(not message for _, message in exercise.checks)
    failed = {message: [name for name, why in exercise.checks if why == message] for _, message in exercise.checks}
    failed.pop("", None)
    if [*failed] == [NOT_WRITTEN] and not passed:
        lines, failed = [f"{exercise.name}: not written yet"], {}
    elif exercise.reason:
        lines = [f"{exercise.name}: the checks did not run to their end: {exercise.reason}"]
    elif exercise.checks:
        lines = [f"{exercise.name}: {passed} of {len(exercise.checks)} visible checks pass"]
    else:
        lines = [f"{exercise.name}: the visible checks pass"]
    lines += [f"  failed: {_first_of(names)}: {message}" for message, names in failed.items()]
    sentences = [sentence for ran in exercise.cells for sentence in mend(ran, seconds)]
    sentences += [_too_early(exercise.name, wanted) for wanted in exercise.not_found]
    lines += [f"  to mend: {sentence}" for sentence in sentences]
    return "\n".join([*lines, f"  seconds (at most {seconds:g} each): {_seconds(exercise)}"])


def _first_of(names: list[str]) -> str:
    more = len(names) - 1
    return names[0] + (f" (and {more} more {'check' if more == 1 else 'checks'})" if more else "")


def _seconds(exercise: Exercise) -> str:
    times = [(ran.name, ran.outcome.seconds) for ran in exercise.cells] + [("checks", exercise.seconds)]
    return ", ".join(f"{name} {took:.1f}" for name, took in times)


def mend(ran: Ran, seconds: float) -> Iterator[str]:
    """Yield what is wrong with a cell, and what to do about it."""
    outcome, error = ran.outcome, " ".join(ran.outcome.error.split())
    if outcome.ended == "stopped":
        yield f"{ran.name} ran longer than {seconds:g} s and was stopped. Look for a loop without an end, or do less."
    elif outcome.ended == "died":
        yield f"{ran.name} ended the kernel. Take out what ends it (exit, too much memory), or do less."
    elif ran.not_found:
        yield _too_early(ran.name, ran.not_found)
    elif outcome.ended == "error" and error.startswith(("ModuleNotFoundError", "ImportError")):
        yield f"{ran.name}: {error}. Use what the course has installed; the rest of the cell ran all the same."
    elif outcome.ended == "error":
        yield f"{ran.name} ends with {error}. What stands below that line in the cell did not run."
    elif "UsageError: " in outcome.said:
        yield f"{ran.name}: {_first_usage_error(outcome.said)}"


def _too_early(what: str, wanted: NotFound) -> str:
    if what == wanted.name:
        where = f"{wanted.below} defines it below them: move that cell up" if wanted.below else "no cell defines it"
        return f"the checks look for {what}, and {where}."
    if wanted.below:
        return (
            f"{what} uses {wanted.name}, which {wanted.below} defines further down; your own kernel had it from an "
            f"earlier run. Move {wanted.below} up."
        )
    return (
        f"{what} uses {wanted.name}, which no cell defines; if it worked, your own kernel still had it. Define it in a "
        "cell above."
    )


def _first_usage_error(said: str) -> str:
    return next(line for line in said.splitlines() if line.startswith("UsageError: "))


def slow(rehearsal: Rehearsal) -> Iterator[str]:
    """Yield what comes near a limit."""
    cell, whole = rehearsal.limits
    for exercise in rehearsal.exercises:
        for name, took in [(ran.name, ran.outcome.seconds) for ran in exercise.cells] + [
            (f"the checks of {exercise.name}", exercise.seconds)
        ]:
            if SLOW * cell < took < cell:
                yield f"{name} took {took:.0f} of {cell:g} s; the grader's machine may be slower."
    if rehearsal.seconds > SLOW * whole:
        yield f"All cells together took {rehearsal.seconds:.0f} s, and the grader stops after {whole:g}."


def to_mend(rehearsal: Rehearsal) -> list[str]:
    """Return everything that can be mended, each in a few words."""
    seconds = rehearsal.limits[0]
    found = []
    if rehearsal.wrong_name:
        found.append(f"hand the notebook in as {rehearsal.source.name}.ipynb, not as {rehearsal.wrong_name}")
    found += [exercise.name for exercise in rehearsal.exercises if not exercise.passes]
    for exercise in rehearsal.exercises:
        if exercise.passes and any(True for ran in exercise.cells for _ in mend(ran, seconds)):
            found.append(f"a cell above the checks of {exercise.name}")
    found += [sentence for ran in rehearsal.rest for sentence in mend(ran, seconds)]
    found += [f"{name}: nothing is written there yet" for name in rehearsal.untouched]
    if rehearsal.seconds > rehearsal.limits[1]:
        found.append("the time of all cells together")
    return found


def closing(rehearsal: Rehearsal) -> str:
    """Return what stands at the end: what the grader will note, what to mend, and what was no part of it."""
    parts = []
    if rehearsal.written:
        parts.append(f"For a person to read: {', '.join(rehearsal.written)}.")
    parts += list(slow(rehearsal))
    if rehearsal.notes:
        parts.append("\n".join(["The feedback will note:", *(f"- {note}" for note in rehearsal.notes)]))
    passing = sum(exercise.passes for exercise in rehearsal.exercises)
    parts.append(f"{passing} of {len(rehearsal.exercises)} exercises pass all their visible checks.")
    if found := to_mend(rehearsal):
        parts.append("\n".join(["To mend:", *(f"- {what}" for what in found)]))
    else:
        parts.append("Nothing to mend.")
    return "\n\n".join([*parts, NO_PART_OF_IT])
