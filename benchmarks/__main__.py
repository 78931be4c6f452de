"""Run the benchmarks and write their pages: `python -m benchmarks`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograder.cli import require_linux
from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from benchmarks import Part

HERE = Path()


def main(
    only: Annotated[list[Part] | None, typer.Option(help="Measure this part alone.")] = None,
    target: Annotated[Path, typer.Option("--to", help="JSON file to write.")] = Path("docs/measured/bench.json"),
    pages: Annotated[Path, typer.Option(help="Folder of the Markdown pages to write.")] = Path("docs/measured"),
    ours: Annotated[int, typer.Option(min=2, help="Submissions for this grader and the bare limit.")] = 100,
    stock: Annotated[int, typer.Option(min=1, help="Submissions for stock nbgrader.")] = 6,
    scale: Annotated[
        list[int] | None,
        typer.Option(
            "--sizes", "--scale", min=2, help="A class size whose cost is compared; once for each, the smallest first."
        ),
    ] = None,
    otter: Annotated[Path | None, typer.Option(help="A Python with Otter-Grader; else that of `make otter`.")] = None,
    presses: Annotated[int, typer.Option(min=1, help="Key presses on each version of a demo.")] = 8,
    course: Annotated[Path, typer.Option("--course", help="Course folder; the one you are in if left out.")] = HERE,
) -> None:
    """Compare this grader with stock nbgrader and the bare limit, and the demos with plain redraws."""
    require_linux()
    from benchmarks.run import run_bench

    run_bench(
        CourseFolder.find(course),
        target,
        pages,
        Console(),
        parts=only or list(Part),
        ours=ours,
        stock=stock,
        scale=scale or [50, 200, 1000],
        presses=presses,
        otter=otter,
    )


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        sys.exit(1)
