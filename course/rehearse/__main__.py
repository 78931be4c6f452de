"""The command `python -m course.rehearse NOTEBOOK`."""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from pathlib import Path

from course.handing_in.allowed import CELL_SECONDS
from course.rehearse.rehearsal import Rehearsing
from course.rehearse.released import CannotRehearse
from course.rehearse.words import block, closing, opening, to_mend


def main(arguments: list[str] | None = None) -> int:
    """Rehearse; return 0 if nothing is to be mended, 1 if something is, 2 if nothing could be run."""
    parser = argparse.ArgumentParser(
        prog="python -m course.rehearse",
        description="Run a notebook as the grader will, apart from the hidden checks, and say what to mend before you "
        "hand it in. It runs what was saved, and changes nothing.",
        epilog="Exit status: 0 if nothing is to be mended, 1 if something is, 2 if the notebook could not be run.",
    )
    parser.add_argument("notebook", type=Path, help="the notebook file, such as ps1_from_scratch.ipynb")
    parser.add_argument(
        "--release", type=Path, metavar="FOLDER", help="the folder of the notebook as it was handed out, if not here"
    )
    parser.add_argument(
        "--seconds", type=float, default=CELL_SECONDS, help="limit for one cell, if not the usual %(default)g"
    )
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a console that cannot show a sign of a message shows ?
        sys.stdout.reconfigure(errors="replace")
    try:
        rehearsing = Rehearsing(options.notebook, options.release, options.seconds)
        saved = time.strftime("%H:%M:%S", time.localtime(options.notebook.stat().st_mtime))
        print(opening(rehearsing.result, saved), flush=True)
        for exercise in rehearsing.run():
            print(f"\n{block(exercise, options.seconds)}", flush=True)
        print(f"\n{closing(rehearsing.result)}", flush=True)
    except CannotRehearse as error:
        print(error, file=sys.stderr)
        return 2
    except RuntimeError as error:  # of jupyter_client, about a kernel that does not start
        print(f"The rehearsal's kernel did not start: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read it has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python would flush once more at its end
        return 1
    return 1 if to_mend(rehearsing.result) else 0


if __name__ == "__main__":
    sys.exit(main())
