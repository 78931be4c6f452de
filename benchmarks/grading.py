"""Seconds and memory per submission: this grader, stock nbgrader and the bare limit on the same submissions."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.course_folder import CourseFolder
from benchmarks.copies import ORIGINALS, copy_sources, make_graded_class
from benchmarks.honest import make_course
from benchmarks.measure import KINDS, REST, SAMPLE_SECONDS, Measured, measure
from benchmarks.otter import measure_otter, version_of
from benchmarks.pages import ROOT, mark
from benchmarks.parts import SUBMISSIONS, Parts, parts_sections
from benchmarks.tables import Section, machine, verdict

ASSIGNMENT = "ps1_from_scratch"
CATALOGUE = Path("autograder") / "practice" / "answers"

PAGE = """{mark}
# Benchmark

The numbers are in `bench.json` too. Measuring takes about ten minutes, and the machine should do nothing else
meanwhile. [Speed of the demos](demos_speed.md) and [behind both walls](walls_speed.md) are measured apart.

All graders get the same honest submissions to ps1_from_scratch: right answers from the catalogue, in turn. Stock
nbgrader grades {stock} of them with its own `Execute`, the others {ours}. This run: {cores} cores, {processor},
Python {python}.

{otter}

- **wall**, **CPU**: of the whole command, with all processes it starts, divided by the number of submissions. CPU
  seconds are those of user and system together, also of processes that outlive their parent or end with their
  namespace. Counted {clock}.
- **peak**: proportional set size (PSS) of all processes together, sampled every {sample_seconds} s.
- **bare limit**: a process with everything imported forks, runs the cells one after the other, and exits. No kernel,
  no sandbox, no gradebook: nothing that runs the cells in a process of their own can be faster.
- **feedback**, **report**, **export**: the commands, on a class that has been graded; the report with the overview.
  {originals} of its submissions are graded; the others are copies of them, each with other code added, that went
  through the same command. The least of {times} runs.
- **all assignments**: such a class that has handed in every assignment.
- **one more**: CPU of the larger of two classes less that of the smaller, divided by the submissions that it has more.
  Less than {resolution_ms:g} ms cannot be told from what the start of a command varies by, and counts as that.
- **coordinator_ms**: CPU milliseconds per submission of the process that reads, writes and enters scores, at the
  largest class size.
- **where the time goes**: {profiled} of these submissions, graded with one worker, and once more with a clock around
  each part (`python -m benchmarks.parts`). It is what a missed goal has in its way.

{sections}"""

GOALS = (
    ("stock CPU / ours, start-up included", "stock_cpu_s", "ours_cpu_s_1", 22, "at least"),
    ("the same, largest class", "stock_cpu_s", "largest_cpu_s", 30, "at least"),
    ("stock wall / ours with 2 workers, start-up included", "stock_wall_s", "ours_wall_s_2", 40, "at least"),
    ("the same, largest class", "stock_wall_s", "largest_wall_s", 60, "at least"),
    ("our CPU / that of the bare limit, from the first result on", "ours_steady_cpu_s", "limit_cpu_s", 3, "at most"),
    ("coordinator, CPU ms a submission", "coordinator_ms", None, 4, "at most"),
    ("start-up to the first grade, s", "ours_start_up_s_2", None, 2.3, "at most"),
    ("peak memory with 2 workers, MiB", "ours_peak_mib_2", None, 500, "at most"),
    ("wall a submission, largest class / smallest", "largest_steady_s", "smallest_steady_s", 1.05, "at most"),
    ("report of all assignments, largest class, wall s", "all_report_wall_s", None, 3, "at most"),
    ("stock wall / ours with 2 workers, feedback", "stock_feedback_wall_s", "largest_feedback_wall_s", 15, "at least"),
    *(
        (
            f"CPU of one more, larger classes / smaller, {name}",
            f"larger_{name}_cpu_s",
            f"smaller_{name}_cpu_s",
            1.05,
            "at most",
        )
        for name in ("grade", "feedback", "report", "export")
    ),
)
"""Name, number, what it is divided by, goal, direction."""

AFTERWARDS = {"feedback": [ASSIGNMENT, "--workers", "2"], "report": [ASSIGNMENT], "export": []}
"""Commands for a class that has been graded, and their arguments."""
LARGER = 5
"""Times as many as in the largest class that is graded, for what comes after grading: it takes little."""
RESOLUTION_S = 5e-5
"""CPU seconds of one submission more that can be told from what the start of a command varies by."""
TIMES = 3
"""How often each of them is run for each class: the one with the least CPU counts, since they take little."""
OF_ALL = ("report", "export")
"""Commands for a class that has been graded in all assignments."""

OTTER = (
    "Otter-Grader {version} grades the same submissions as stock nbgrader with `otter run`, one command for each, "
    "without a container; its tests are the visible ones, which is fewer than the others run."
)
NO_OTTER = "Otter-Grader was not measured: `make otter` makes the environment that it needs."


def measure_grading(
    course: CourseFolder, console: Console, *, ours: int, stock: int, scale: list[int], otter: Path | None = None
) -> dict[str, Any]:
    """Measure all graders on the same submissions.

    Parameters
    ----------
    course : CourseFolder
        Where the assignment and the catalogue are.
    console : Console
        Told what is measured.
    ours, stock : int
        How many submissions each grader gets.
    scale : list of int
        Class sizes at which the cost per submission is compared; first and last are set in relation.
    otter : Path | None, optional
        A Python with Otter-Grader; it is left out if there is none.

    Returns
    -------
    dict
        What `bench.json` has about grading.

    Raises
    ------
    UserError
        If a command fails. Whatever ends it, what has been measured until then is printed.
    """
    numbers: dict[str, float] = {}
    try:
        clock, parts = _measure(numbers, course, console, ours=ours, stock=stock, scale=scale, otter=otter)
    except BaseException:
        console.print(json.dumps(numbers, indent=2), markup=False, highlight=False, soft_wrap=True)
        raise
    return {
        **{key: round(value, 6) for key, value in numbers.items()},
        "clock": clock,
        "parts": parts,
        "otter_version": version_of(otter) if otter else "",
        "submissions": {"ours": ours, "stock": stock, "scale": scale},
        "machine": machine(),
    }


def _measure(
    numbers: dict[str, float],
    course: CourseFolder,
    console: Console,
    *,
    ours: int,
    stock: int,
    scale: list[int],
    otter: Path | None,
) -> tuple[str, dict[str, Any]]:
    """Fill in the numbers as they come; return how CPU seconds were counted, and where the time of one goes."""
    python = sys.executable
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch).resolve()

        def fresh(name: str, students: int, *, stock: bool = False) -> str:
            console.print(f"… {name}, {students} submissions")
            made = make_course(course, folder / name, ASSIGNMENT, course.root / CATALOGUE, students, stock=stock)
            return str(made.root)

        root = fresh("limit", ours)
        limit = measure([python, "-m", "benchmarks.limit", root, ASSIGNMENT], ROOT)
        numbers |= _last_json(limit.output)

        root = fresh("stock", stock, stock=True)
        found = measure([python, "-m", "nbgrader", "autograde", ASSIGNMENT], Path(root))
        numbers |= {"stock_wall_s": found.wall_s / stock, "stock_cpu_s": found.cpu_s / stock}
        numbers["stock_peak_mib"] = found.peak_mib
        found = measure([python, "-m", "nbgrader", "generate_feedback", ASSIGNMENT], Path(root))
        numbers |= {"stock_feedback_wall_s": found.wall_s / stock, "stock_feedback_cpu_s": found.cpu_s / stock}

        if otter:
            root = fresh("otter", stock)
            numbers |= measure_otter(otter, CourseFolder.load(Path(root)), ASSIGNMENT)

        for workers in (1, 2):
            root = fresh(f"ours-{workers}", ours)
            found = measure([python, "-m", "benchmarks.ours", root, ASSIGNMENT, str(workers)], ROOT)
            numbers[f"ours_wall_s_{workers}"] = found.wall_s / ours
            numbers[f"ours_cpu_s_{workers}"] = found.cpu_s / ours
            numbers[f"ours_peak_mib_{workers}"] = found.peak_mib
            numbers |= {f"ours_peak_mib_{workers}_of_{kind}": used for kind, used in found.peak_mib_of.items()}
            inside = _last_json(found.output)
            numbers[f"ours_steady_s_{workers}"] = inside["steady_s"]
            numbers[f"ours_start_up_s_{workers}"] = inside["start_up_s"]

        root = fresh("parts", SUBMISSIONS)
        parts = json.loads(measure([python, "-m", "benchmarks.parts", root], ROOT).output.strip().splitlines()[-1])

        for students in scale:
            root = fresh(f"scale-{students}", students)
            found = measure([python, "-m", "benchmarks.ours", root, ASSIGNMENT, "2"], ROOT)
            inside = _last_json(found.output)
            numbers[f"steady_s_of_{students}"] = inside["steady_s"]
            numbers[f"wall_s_of_{students}"] = found.wall_s / students
            numbers[f"cpu_s_of_{students}"] = found.cpu_s / students
            numbers["coordinator_ms"] = inside["coordinator_ms"]
            numbers[f"grade_cpu_s_of_{students}"] = found.cpu_s

        for students in sizes_afterwards(scale):
            console.print(f"… what comes after grading, {students} submissions")
            graded = CourseFolder.load(copy_sources(course, folder / f"graded-{students}", [ASSIGNMENT]))
            make_graded_class(graded, course.root / CATALOGUE, students)
            for name, arguments in AFTERWARDS.items():
                found = least([python, "-m", "autograder", name, *arguments], graded.root)
                numbers[f"{name}_wall_s_of_{students}"] = found.wall_s
                numbers[f"{name}_cpu_s_of_{students}"] = found.cpu_s

        students = scale[-1]
        console.print(f"… all assignments, {students} submissions each")
        whole = CourseFolder.load(copy_sources(course, folder / "all"))
        make_graded_class(whole, course.root / CATALOGUE, students)
        for name in OF_ALL:
            found = measure([python, "-m", "autograder", name], whole.root)
            numbers |= {f"all_{name}_wall_s": found.wall_s, f"all_{name}_cpu_s": found.cpu_s}
    first, last = scale[0], scale[-1]
    for kind in ("steady_s", "wall_s", "cpu_s"):
        numbers |= {f"smallest_{kind}": numbers[f"{kind}_of_{first}"], f"largest_{kind}": numbers[f"{kind}_of_{last}"]}
    if last > first:
        used = {students: students * numbers[f"cpu_s_of_{students}"] for students in (first, last)}
        numbers["largest_feedback_wall_s"] = numbers[f"feedback_wall_s_of_{last}"] / last
        numbers["ours_steady_cpu_s"] = (used[last] - used[first]) / (last - first)

    for name, sizes in {"grade": scale, **dict.fromkeys(AFTERWARDS, sizes_afterwards(scale))}.items():
        if len(sizes) > 2:
            numbers[f"smaller_{name}_cpu_s"] = one_more(numbers, name, *sizes[:2])
            numbers[f"larger_{name}_cpu_s"] = one_more(numbers, name, *sizes[-2:])

    return found.clock, parts


def sizes_afterwards(scale: list[int]) -> list[int]:
    """Return the class sizes for what comes after grading, for those of `grade`."""
    return sorted({scale[0], scale[-1], LARGER * scale[-1]})


def least(command: list[str], folder: Path) -> Measured:
    """Return the run of a command that took the least CPU; each has everything to do."""
    runs = []
    for _ in range(TIMES):
        if "feedback" in command:  # what is there already is not written again
            shutil.rmtree(folder / "feedback", ignore_errors=True)
        runs.append(measure(command, folder))
    return min(runs, key=lambda run: run.cpu_s)


def one_more(numbers: dict[str, float], name: str, few: int, many: int) -> float:
    """Return the CPU seconds of a command for one submission more, without what it takes to start.

    At least `RESOLUTION_S`: start-up varies by more than nothing.
    """
    taken = numbers[f"{name}_cpu_s_of_{many}"] - numbers[f"{name}_cpu_s_of_{few}"]
    return max(taken / (many - few), RESOLUTION_S)


def _last_json(output: str) -> dict[str, float]:
    numbers: dict[str, float] = json.loads(output.strip().splitlines()[-1])
    return numbers


def grading_sections(result: dict[str, Any]) -> list[Section]:
    """Return the tables: per submission, by the size of the class, what comes after grading, goals."""
    parts = parts_sections(Parts(**result["parts"])) if "parts" in result else []
    tables = [_per_submission(result), _by_size(result), _afterwards(result), _of_all(result), _goals(result)]
    return [*tables, *parts, *_memory(result)]


def _per_submission(result: dict[str, Any]) -> Section:
    rows = [
        ("stock nbgrader", "stock_wall_s", "stock_cpu_s", "stock_peak_mib"),
        ("ours, 1 worker", "ours_wall_s_1", "ours_cpu_s_1", "ours_peak_mib_1"),
        ("ours, 2 workers", "ours_wall_s_2", "ours_cpu_s_2", "ours_peak_mib_2"),
        ("bare limit", "limit_s", "limit_cpu_s", ""),
    ]
    if "otter_wall_s" in result:
        rows.insert(1, ("Otter-Grader", "otter_wall_s", "otter_cpu_s", "otter_peak_mib"))
    return Section(
        "Per submission, start-up of the command included",
        ("", "wall s", "CPU s", "peak MiB"),
        [(name, *(f"{result[key]:.3g}" if key else "" for key in keys)) for name, *keys in rows],
    )


def _memory(result: dict[str, Any]) -> list[Section]:
    kinds = [*KINDS.values(), REST]
    keys = [f"ours_peak_mib_{{}}_of_{kind}" for kind in kinds]
    rows = [
        (kind, *(f"{result.get(key.format(workers), 0):.0f}" for workers in (1, 2)))
        for kind, key in zip(kinds, keys, strict=True)
        if key.format(2) in result
    ]
    return [Section("Where the memory is at its peak, MiB (PSS)", ("", "1 worker", "2 workers"), rows)] if rows else []


def _by_size(result: dict[str, Any]) -> Section:
    rows = [
        (str(size), *(f"{1000 * result[f'{kind}_of_{size}']:.0f}" for kind in ("steady_s", "wall_s", "cpu_s")))
        for size in result["submissions"]["scale"]
    ]
    return Section(
        "Milliseconds per submission by the size of the class, 2 workers",
        ("submissions", "wall, from the first result on", "wall, whole command", "CPU, whole command"),
        rows,
    )


def _afterwards(result: dict[str, Any]) -> Section:
    stock = (result[f"stock_feedback_{kind}_s"] * 1000 for kind in ("wall", "cpu"))
    rows = [("stock nbgrader, feedback", str(result["submissions"]["stock"]), *(f"{ms:.0f}" for ms in stock))]
    for name in AFTERWARDS:
        for size in sizes_afterwards(result["submissions"]["scale"]):
            taken = (1000 * result[f"{name}_{kind}_s_of_{size}"] / size for kind in ("wall", "cpu"))
            rows.append((name, str(size), *(f"{ms:.1f}" for ms in taken)))
    return Section(
        "Milliseconds per submission after grading, start-up of the command included",
        ("", "submissions", "wall", "CPU"),
        rows,
    )


def _of_all(result: dict[str, Any]) -> Section:
    rows = [
        (
            name,
            str(result["submissions"]["scale"][-1]),
            *(f"{result[f'all_{name}_{k}_s']:.2f}" for k in ("wall", "cpu")),
        )
        for name in OF_ALL
    ]
    return Section("Seconds of one command for all assignments", ("", "students", "wall", "CPU"), rows)


def _goals(result: dict[str, Any]) -> Section:
    rows = []
    for name, over, under, goal, direction in GOALS:
        if over not in result:
            continue  # one class size alone: nothing is set in relation
        value = result[over] / (result[under] if under else 1)
        rows.append((name, f"{direction} {goal:g}", f"{value:.3g}", verdict(value, goal, direction)))
    return Section("Goals", ("", "goal", "measured", ""), rows)


def grading_page(result: dict[str, Any]) -> str:
    """Return the page about grading as Markdown."""
    sections = "\n".join(section.markdown() for section in grading_sections(result))
    return PAGE.format(
        mark=mark("bench"),
        sample_seconds=SAMPLE_SECONDS,
        **result["machine"],
        **result["submissions"],
        clock=result["clock"],
        originals=ORIGINALS,
        times=TIMES,
        resolution_ms=1000 * RESOLUTION_S,
        profiled=SUBMISSIONS,
        otter=OTTER.format(version=result["otter_version"]) if result.get("otter_version") else NO_OTTER,
        sections=sections,
    )
