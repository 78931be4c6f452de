"""`python -m tests.project.readme --write`: table and pictures of the README, made by the demo and in JupyterLab.

`autograder demo` is run with one assignment. The table is an excerpt of what it prints; a test of the demo compares it
with what the demo prints then. Each picture carries a hash of the files that decide what it shows.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Browser

from tests.support.graded_class import CATALOGUE, PS1, copy_course
from tests.support.lab import LabServer, NotebookPage, chromium

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PICTURES = ROOT / "docs" / "images"

SHOWN = ("bfarouk", "fkaya", "rpetrov")
"""Students of the table: right, and half right."""

LESSON = "course/lessons/02_classic_activations.ipynb"
REPORTS = "autograder/reports/templates"
DECIDED_BY: Mapping[str, tuple[str, ...]] = {
    "explorer.png": (
        "course/demos/activation_explorer.py",
        "course/demos/framework/pixel_canvas.css",
        "course/lessons/images/02_explorer.png",
    ),
    "report.png": (f"{REPORTS}/report.html.j2", f"{REPORTS}/tables.html.j2", f"{REPORTS}/tables.css"),
    "feedback.png": (f"{REPORTS}/feedback.html.j2", f"{REPORTS}/colours.css"),
}
"""The files that decide what each picture shows."""

BEGIN, END = "<!-- made by `make pages PAGE=readme` -->\n```text\n", "```\n<!-- to here -->"
_MADE_OF = "made of"


def excerpt(printed: str) -> str:
    """Return title, head and the rows of some students of the table that the demo prints."""
    lines = [line.rstrip() for line in printed.splitlines()]
    top = next(number for number, line in enumerate(lines) if line.startswith("┏"))
    kept, student = lines[top - 1 : top + 3], ""
    for line in lines[top + 3 :]:
        if not line.startswith("│"):
            break
        student = line.split("│")[1].strip() or student
        kept += [line] * (student in SHOWN)
    return "\n".join([*kept, "…", ""])


def table_of(text: str) -> str:
    """Return the table that stands in the README."""
    return text.partition(BEGIN)[2].partition(END)[0]


def made_of(picture: str) -> str:
    """Return a hash of the files that decide what a picture shows."""
    whole = hashlib.sha256()
    for name in DECIDED_BY[picture]:
        whole.update((ROOT / name).read_bytes())
    return whole.hexdigest()


def mark_of(picture: str) -> str:
    """Return the hash that a picture carries."""
    with Image.open(PICTURES / picture) as image:
        return str(image.text.get(_MADE_OF, ""))  # type: ignore[attr-defined]


def main() -> None:
    """Print the table, or write table and pictures."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        course = copy_course(root / "course")
        shutil.copytree(CATALOGUE / PS1, course.answers / PS1)
        printed = _demo(root)
        if sys.argv[1:] != ["--write"]:
            print(excerpt(printed))
            return
        text = README.read_text(encoding="utf-8")
        README.write_text(text.replace(f"{BEGIN}{table_of(text)}", f"{BEGIN}{excerpt(printed)}"), encoding="utf-8")
        with chromium() as browser:
            _take_pages(browser, root / "demo")
            _take_explorer(browser, root)
    for name in DECIDED_BY:
        _mark(name)


def _demo(root: Path) -> str:
    command = [sys.executable, "-m", "autograder", "demo", "--course", str(root / "course"), "--to", str(root / "demo")]
    environment = {**os.environ, "COLUMNS": "80"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def _take_pages(browser: Browser, demo: Path) -> None:
    report = browser.new_page(viewport={"width": 1100, "height": 780})
    report.goto((demo / "reports" / f"{PS1}.html").as_uri())
    report.get_by_role("heading", name="Exercises").evaluate("heading => heading.scrollIntoView()")
    report.screenshot(path=PICTURES / "report.png")
    feedback = browser.new_page(viewport={"width": 780, "height": 780})
    feedback.goto((demo / "feedback" / SHOWN[1] / PS1 / f"{PS1}.html").as_uri())
    feedback.screenshot(path=PICTURES / "feedback.png")


def _take_explorer(browser: Browser, root: Path) -> None:
    served, home = root / "lab", root / "home"
    home.mkdir()
    shutil.copytree(ROOT / "course", served / "course", ignore=shutil.ignore_patterns("__pycache__", "*.py[co]"))
    with LabServer(served, home) as server:
        page = browser.new_page(viewport={"width": 1000, "height": 800})
        notebook = NotebookPage(page, server, LESSON, "readme")
        notebook.run_all()
        cell = notebook.cell("ActivationExplorer(CLASSIC")
        cell.get_by_label("ReLU", exact=True).check()
        cell.evaluate("cell => cell.scrollIntoView()")
        notebook.wait_until_idle()
        page.screenshot(path=PICTURES / "explorer.png")
        notebook.close()


def _mark(name: str) -> None:
    with Image.open(PICTURES / name) as image:
        small = image.convert("RGB").quantize(256)
        information = PngInfo()
        information.add_text(_MADE_OF, made_of(name))
        small.save(PICTURES / name, optimize=True, pnginfo=information)


if __name__ == "__main__":
    main()
