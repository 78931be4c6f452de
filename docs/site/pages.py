"""What the site does with pages that are written for GitHub: contents, formulas, pictures of diagrams, docstrings."""

from __future__ import annotations

import pkgutil
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

from autograder.reports.page_text import formula

CONTENTS = {
    "README": {
        "Learn": ["course/README", "docs/students"],
        "Assignments": ["release/*/*"],
        "Teach": [
            *("docs/instructors", "docs/watching", "docs/adopting", "docs/jupyterhub"),
            *("docs/settings", "docs/messages"),
        ],
        "How it works": ["docs/grading", "docs/architecture", "docs/api/README"],
        "Measured": ["docs/measured/*"],
        "Change it": ["CONTRIBUTING", "docs/lesson_style", "docs/coverage", "docs/requirements/*", "CHANGELOG"],
    },
    "course/README": {"": ["lessons/*"]},
    "docs/api/README": {"": ["autograder*"]},
}
"""The pages below a page, by caption: on GitHub, the text links to them."""

DIAGRAM = "/docs/images/architecture.svg"
"""Made by `make pages PAGE=diagram`."""


def add_contents(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the table of contents of the site behind the text of a page."""
    for caption, entries in CONTENTS.get(docname, {}).items():
        lines = ["```{toctree}", ":hidden:", ":glob:", *([f":caption: {caption}"] if caption else []), ""]
        lines += [name if docname != "README" else f"/{name}" for name in entries]
        source[0] += "\n\n" + "\n".join([*lines, "```"])


class FitForTheSite(SphinxTransform):
    """Changes what only GitHub shows: Mermaid diagrams become pictures, links to folders plain words."""

    default_priority = 100

    def apply(self, **_: Any) -> None:
        """Change each of them."""
        for block in list(self.document.findall(nodes.literal_block)):
            if block.get("language") == "mermaid":
                block.replace_self(nodes.image(uri=DIAGRAM, alt="What the list below says", classes=["diagram"]))
        for link in list(self.document.findall(addnodes.pending_xref)):
            if (Path(self.env.doc2path(self.env.docname)).parent / link["reftarget"]).is_dir():
                link.replace_self(link.children)


class Modules(SphinxDirective):
    """Documents the modules that lie loose in a package, each below a heading."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return what autodoc makes of them."""
        package = import_module(self.arguments[0])
        names = [package.__name__]
        names += [f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__)
                  if not module.ispkg and not module.name.startswith("_")]  # fmt: skip
        text = "\n".join(f"## {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n```\n" for name in names)
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def visit_formula(translator: Any, node: nodes.math) -> None:
    """Write a formula as MathML, which a browser shows without a script or a font of its own."""
    translator.body.append(formula(node.astext()))
    raise nodes.SkipNode


def visit_formulas(translator: Any, node: nodes.math_block) -> None:
    """Write a formula that has its own line."""
    translator.body.append(f'<div class="math">{formula(node.astext(), block=True)}</div>\n')
    raise nodes.SkipNode


def add_index(app: Sphinx, error: Exception | None) -> None:
    """Make the front page the one that a folder opens with."""
    out = Path(app.outdir)
    if error is None and (out / f"{app.config.root_doc}.html").is_file():
        shutil.copy(out / f"{app.config.root_doc}.html", out / "index.html")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register all of it with Sphinx."""
    app.add_html_math_renderer("mathml", (visit_formula, None), (visit_formulas, None))
    app.add_directive("modules", Modules)
    app.connect("source-read", add_contents)
    app.add_transform(FitForTheSite)
    app.connect("build-finished", add_index)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
