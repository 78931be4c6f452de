"""The `autograder` command.

Each command imports what it needs when it runs: with torch, Jupyter and matplotlib imported for all of them, `--help`
would take seconds, and `doctor` could not say what is missing.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text
from traitlets import TraitError

from autograder import interrupts
from autograder.course_folder import CONFIG_NAME, CourseFolder
from autograder.errors import Stopped, UserError, of_the_machine, require_writable
from autograder.room.errors import SandboxUnavailable

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
console = Console()

AssignmentArgument = Annotated[
    str, typer.Argument(metavar="ASSIGNMENT", help="Name of the assignment, as in source/.", show_default=False)
]
CourseOption = Annotated[
    Path,
    typer.Option(
        "--course", metavar="FOLDER", help="Course folder; if left out, the one you are in.", show_default=False
    ),
]
StudentOption = Annotated[str | None, typer.Option("--student", metavar="ID", help="Only this student.")]
HERE = Path()
STOPPED = 130
"""Exit status of a command that Ctrl-C has stopped."""
CONTAINER = "the container: docker build -t activation-course ."
LINUX_ON = {"Windows": "WSL 2: wsl --install", "macOS": CONTAINER}
"""How to get a Linux to grade on, by system."""
_OBJECT = re.compile(r"<(?:\w+\.)*(\w+) object at 0x\w+> instance")


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the versions that a grade is noted with, and exit.", is_eager=True)
    ] = False,
) -> None:
    """Grade a Jupyter course: student code in a sandbox, tests outside it, a class at a time."""
    if version:
        from autograder.versions import versions_line

        print(versions_line())
        raise typer.Exit


def main() -> None:
    """Run the command; what a person can put right is one line on stderr and exit status 1."""
    _require_utf8()
    try:
        interrupts.begin()
        app(standalone_mode=True)
    except SystemExit as end:
        _end(end.code)
    except Stopped as stopped:
        _end(STOPPED, str(stopped))
    except (UserError, SandboxUnavailable) as error:
        _end(1, str(error))
    except TraitError as error:
        why = _OBJECT.sub(r"\1", " ".join(str(error).split())).rstrip(".")
        _end(1, f"nbgrader's settings cannot be used: {why}. Correct it in {CONFIG_NAME}.")
    except OSError as error:
        told = of_the_machine(error)
        if told is None and not interrupts.exit_status():
            raise
        _end(1, str(told))
    except KeyboardInterrupt:
        _end(STOPPED)
    except Exception:
        if not interrupts.exit_status():
            raise
        _end(STOPPED)


def _end(status: int | str | None, line: str = "") -> NoReturn:
    """End with a line; that of a command which was stopped is not what the interrupt broke."""
    stopped = interrupts.exit_status() or (STOPPED if status == STOPPED else 0)
    if stopped and status != STOPPED:
        line = ""
    if stopped:
        line = line or "stopped; run it again."
    if line:
        interrupts.tell(line)
    interrupts.end()
    sys.exit(stopped or status)


def _require_utf8() -> None:
    """Begin again in UTF-8 where the locale has another encoding: names and grades do not depend on it."""
    if sys.getfilesystemencoding().lower() != "utf-8":
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def require_linux() -> None:
    """Refuse a command that runs students' code, before it imports what other systems lack."""
    if platform.system() != "Linux":
        name = {"Darwin": "macOS"}.get(platform.system(), platform.system())
        raise UserError(
            f"grading needs Linux; here on {name} use {LINUX_ON.get(name, CONTAINER)} (docs/instructors.md)"
        )


@app.command()
def grade(
    assignment: AssignmentArgument,
    student: StudentOption = None,
    workers: Annotated[int, typer.Option(min=1, metavar="N", help="Submissions at a time.")] = os.cpu_count() or 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Grade on a Dask cluster, as tcp://host:8786.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade again what has not changed.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Save nothing; say whose grade would change, and by how much.")
    ] = False,
    unprotected: Annotated[
        bool, typer.Option("--unprotected", help="Run student code WITHOUT a wall: it can read and change your files.")
    ] = False,
    course: CourseOption = HERE,
) -> None:
    """Grade an assignment. Can be stopped at any moment and run again."""
    require_linux()
    try:
        from autograder.batch.run import grade_with_progress

        summary = grade_with_progress(
            CourseFolder.find(course),
            assignment,
            console,
            workers=workers,
            scheduler=scheduler,
            student=student,
            force=force,
            dry_run=dry_run,
            unprotected=unprotected,
        )
    except KeyboardInterrupt:
        raise Stopped("stopped. What was graded is saved; run it again to go on.") from None
    if summary.problems or summary.refused or summary.ungraded:
        raise typer.Exit(1)


@app.command()
def watch(
    assignments: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ASSIGNMENT]...", help="Names of assignments; all in the gradebook if left out."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Do what is there, and end.")] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Only say who waits, for how long, and what failed.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, metavar="N", help="Submissions at a time.")] = os.cpu_count() or 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Grade on a Dask cluster, as tcp://host:8786.")
    ] = None,
    unprotected: Annotated[
        bool, typer.Option("--unprotected", help="Run student code WITHOUT a wall: it can read and change your files.")
    ] = False,
    course: CourseOption = HERE,
) -> None:
    """Collect, grade and release feedback as students submit. Can be stopped at any moment and run again."""
    require_linux()
    try:
        from autograder.watch.run import print_status, watch_course

        if status:
            print_status(CourseFolder.find(course), console)
            return
        watch_course(
            CourseFolder.find(course),
            assignments or [],
            console,
            workers=workers,
            scheduler=scheduler,
            once=once,
            unprotected=unprotected,
        )
    except KeyboardInterrupt:
        raise Stopped("stopped. What was graded is saved; run it again to go on.") from None


@app.command()
def feedback(
    assignment: AssignmentArgument,
    student: StudentOption = None,
    workers: Annotated[int, typer.Option(min=1, metavar="N", help="Students at a time.")] = os.cpu_count() or 1,
    course: CourseOption = HERE,
) -> None:
    """Write feedback for graded submissions."""
    from autograder.reports.feedback import write_feedback

    folder = CourseFolder.find(course)
    for graded in folder.students(assignment, "autograded"):  # nbgrader would only say that it failed
        require_writable(folder.folder("feedback", assignment, graded))
    written = write_feedback(folder, assignment, student, interrupts.tell, workers)
    console.print(f"Feedback for {len(written)} {'notebook' if len(written) == 1 else 'notebooks'}.")


@app.command()
def report(
    assignment: Annotated[
        str | None,
        typer.Argument(metavar="ASSIGNMENT", help="Name of the assignment; all that are graded if left out."),
    ] = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Number the students instead of naming them.")] = False,
    course: CourseOption = HERE,
) -> None:
    """Write the class report and the overview, as HTML pages."""
    from autograder.reports.overview import write_all

    for page in write_all(CourseFolder.find(course), assignment, anonymous=anonymous, workers=os.cpu_count() or 1):
        console.print(page, soft_wrap=True)


@app.command()
def export(
    target: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="CSV file to write, - for standard output; grades.csv if left out."),
    ] = None,
    form: Annotated[
        str | None, typer.Option("--format", metavar="NAME", help="Whose columns: nbgrader, canvas or moodle.")
    ] = None,
    course: CourseOption = HERE,
) -> None:
    """Write all grades to a CSV file."""
    from autograder.reports.export import STANDARD_OUTPUT, export_grades
    from autograder.reports.gradebook_csv import format_named

    chosen = None if form is None else format_named(form)
    written = export_grades(CourseFolder.find(course), target, chosen, interrupts.tell)
    if written != STANDARD_OUTPUT:
        console.print(written, soft_wrap=True)


@app.command()
def doctor() -> None:
    """Say what this machine has, what it lacks, and what to install."""
    from autograder.machine.doctor import Status, report

    colours = {Status.OK: "green", Status.LACKING: "red", Status.OPTIONAL: "yellow"}
    table = Table("what", "state", Column("found", overflow="fold"))
    findings = report(Path.cwd())
    for finding in findings:
        state = Text(finding.status, style=colours[finding.status])
        table.add_row(finding.name, state, Text(finding.found))
    console.print(table)
    if remedies := [f"{finding.name}: {finding.remedy}" for finding in findings if finding.remedy]:
        console.print("What to do:", *remedies, sep="\n- ", markup=False, highlight=False, soft_wrap=True)
    if any(finding.status is Status.LACKING for finding in findings):
        raise typer.Exit(1)


@app.command()
def bundle(
    target: Annotated[Path, typer.Option("--to", metavar="FILE", help="Zip file to write.")] = Path(
        "dist/activation-course.zip"
    ),
    exchange: Annotated[
        bool, typer.Option("--exchange", help="Without assignments: students fetch them from nbgrader's exchange.")
    ] = False,
    course: CourseOption = HERE,
) -> None:
    """Write the zip that students get."""
    from autograder.publish.bundle import build_bundle, unnamed_exchange

    root = CourseFolder.find(course).root
    console.print(build_bundle(root, target, assignments=not exchange), soft_wrap=True)
    if elsewhere := unnamed_exchange(root):
        console.print(
            f"It does not name the exchange {elsewhere}, which is in the settings of this user or machine, not in "
            f"{root / CONFIG_NAME}. If the students' machines do not name it either, set c.Exchange.root there.",
            soft_wrap=True,
        )


@app.command()
def notebooks(course: CourseOption = HERE) -> None:
    """Build the notebooks from their text twins, and the quizzes."""
    from autograder.publish.contents import build_contents
    from autograder.publish.notebooks import build_notebooks
    from autograder.publish.quizzes import build_quizzes

    folder = CourseFolder.find(course)
    quizzes = build_quizzes(folder.quiz_sources, folder.quizzes)
    for path in [*quizzes, *build_notebooks(folder.root), build_contents(folder.root)]:
        console.print(path.relative_to(folder.root), soft_wrap=True)


@app.command()
def release(course: CourseOption = HERE) -> None:
    """Build the student notebooks in release/ from source/."""
    from autograder.publish.notebooks import build_release

    folder = CourseFolder.find(course)
    for path in build_release(folder.root, folder.release):
        console.print(path.relative_to(folder.root), soft_wrap=True)


@app.command()
def demo(
    target: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Folder to work in; made anew.")] = Path(
        "demo"
    ),
    students: Annotated[int, typer.Option(min=1, metavar="N", help="Size of the class.")] = 30,
    live: Annotated[
        bool,
        typer.Option("--live", help="A class that submits, reads its feedback and mends, with 'autograder watch'."),
    ] = False,
    course: CourseOption = HERE,
) -> None:
    """Grade a sample class from start to finish, in its own folder."""
    require_linux()
    if live:
        from autograder.practice.live import run_live

        if run_live(CourseFolder.find(course), students, console).lost:
            raise typer.Exit(1)
        return
    from autograder.practice.demo import run_demo

    run_demo(CourseFolder.find(course), target, students, console)


if __name__ == "__main__":
    main()
