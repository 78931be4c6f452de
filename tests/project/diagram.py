"""`python -m tests.project.diagram`: the diagram of docs/architecture.md as a picture, drawn by JupyterLab's Mermaid.

GitHub draws the diagram itself. The documentation site shows the picture: Mermaid would be megabytes of script.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import urllib.parse
from pathlib import Path

from tests.support.lab import START_SECONDS, LabServer, chromium

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
PICTURE = ROOT / "docs" / "images" / "architecture.svg"

_IMAGE = ".jp-RenderedMermaid img"
_OPEN = """async () => {
  await window.jupyterapp.commands.execute('docmanager:open', {path: 'diagram.md', factory: 'Markdown Preview'});
}"""


def diagram() -> str:
    """Return the Mermaid text of the page."""
    (text,) = re.findall(r"```mermaid\n.*?```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    return str(text)


def mark() -> str:
    """Return the comment that says from which text a picture was made."""
    return f"<!-- made by `make pages PAGE=diagram` from {hashlib.sha256(diagram().encode()).hexdigest()} -->"


def drawn() -> str:
    """Return the picture that JupyterLab shows of the diagram."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        root, home = Path(folder, "root"), Path(folder, "home")
        for path in (root, home):
            path.mkdir()
        (root / "diagram.md").write_text(diagram(), encoding="utf-8")
        with LabServer(root, home) as server:
            page = browser.new_page()
            page.goto(f"{server.url}/lab", timeout=START_SECONDS * 1000)
            page.wait_for_function("window.jupyterapp?.restored.then(() => true)", timeout=START_SECONDS * 1000)
            page.evaluate(_OPEN)
            page.wait_for_selector(_IMAGE, timeout=START_SECONDS * 1000)
            address = str(page.get_attribute(_IMAGE, "src"))
    return urllib.parse.unquote(address.partition(",")[2])


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(f"{drawn()}\n{mark()}\n", encoding="utf-8")
    print(PICTURE.relative_to(ROOT))


if __name__ == "__main__":
    main()
