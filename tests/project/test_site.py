"""`make docs` builds the whole site without a warning, and the site needs no network and no other file."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]
FETCHES = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}


class Links(HTMLParser):
    """What a page fetches, where it leads, and the places in it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.leads: list[str] = []
        self.places: set[str] = set()
        self.formulas = 0
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.places |= {told["id"]} if told.get("id") else set()  # type: ignore[arg-type]
        self.formulas += tag == "math"
        if tag in FETCHES and told.get(FETCHES[tag]):
            self.fetched.append(str(told[FETCHES[tag]]))
        if tag == "a" and told.get("href"):
            self.leads.append(str(told["href"]))


@pytest.mark.slow
@pytest.mark.thorough(
    reason="Sphinx takes half a minute for the whole site; what leads nowhere on GitHub is found without"
)
def test_the_site(tmp_path: Path) -> None:
    (recipe,) = re.findall(r"^docs: .*\n\t@\$\(BIN\)/(sphinx-build .*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    command = shlex.split(
        recipe.replace("build/docs", str(tmp_path / "docs")).replace("build/doctrees", str(tmp_path / "d"))
    )
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *command[1:]],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    site = tmp_path / "docs"
    pages = {path: Links(path) for path in site.rglob("*.html") if "_static" not in path.parts}
    names = {path.relative_to(site).as_posix() for path in pages}
    assert {"index.html", "course/lessons/00_start_here.html", "docs/messages.html"} <= names
    assert "docs/api/autograder.batch.html" in names
    fetched = [(path.name, target) for path, page in pages.items() for target in page.fetched]
    assert [each for each in fetched if re.match(r"(https?:)?//", each[1])] == []
    lost = []
    for path, page in pages.items():
        for link in [*page.leads, *page.fetched]:
            name, _, place = link.partition("#")
            if re.match(r"[a-z]+:", link):
                continue
            target = (path.parent / unquote(name.partition("?")[0])).resolve() if name else path
            if not target.exists() or (place and target in pages and unquote(place) not in pages[target].places):
                lost.append((path.relative_to(site).as_posix(), link))
    assert lost == []
    assert pages[site / "course/lessons/04_smooth_activations.html"].formulas > 30
    stills = list((ROOT / "course/lessons/images").glob("*.png"))
    assert len(stills) > 40
    assert {path.name for path in stills} <= {path.name for path in (site / "_images").iterdir()}
    assert "def grade_class" not in (site / "docs/api/autograder.batch.html").read_text()
    assert "grade_class" in (site / "docs/api/autograder.batch.html").read_text()


def test_every_package_of_the_grader_has_its_page_of_the_api() -> None:
    packages = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in (ROOT / "autograder").rglob("__init__.py")
        if not {"answers", "hidden_checks", "reference", "inside"} & {*path.relative_to(ROOT).parts}
    }
    pages = {path.stem: path.read_text() for path in (ROOT / "docs" / "api").glob("autograder*.md")}
    assert set(pages) == packages
    assert {name: text for name, text in pages.items() if text != f"# {name}\n\n```{{modules}} {name}\n```\n"} == {}
