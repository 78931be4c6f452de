"""Write the still pictures of all demos: `python -m course.demos.framework.stills [FOLDER]`.

They are what a reader sees where no kernel runs: on GitHub, in a PDF, in a printout.
"""

from __future__ import annotations

import sys
from pathlib import Path

from course.demos import all_demos

FOLDER = Path(__file__).parents[2] / "lessons" / "images"
DPI = 100
"""The same as of the live figure: where a lesson shows both, they are equally wide."""


def write_stills(folder: Path) -> list[Path]:
    """Write `NAME.png` into `folder` for each entry of each demo's `stills`; return the paths in order."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in all_demos().values():
        for name, values in kind.stills.items():
            demo = kind()
            demo.set(**values)
            path = folder / f"{name}.png"
            path.write_bytes(demo.png(DPI))
            written.append(path)
    return written


if __name__ == "__main__":
    for picture in write_stills(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER):
        print(picture)
