"""Settings of the documentation site, which `make docs` builds from the pages as they stand on GitHub."""

from __future__ import annotations

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))

project = "Activation functions"
copyright = "text and pictures under CC BY 4.0, code under MIT"
root_doc = "README"
include_patterns = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "course/README.md",
    "course/lessons/*.ipynb",
    "release/*/*.ipynb",
]
include_patterns += ["docs/*.md", "docs/api/*.md", "docs/measured/*.md", "docs/requirements/*.md"]
exclude_patterns = [".venv", "build", "dist", "demo", "my_course", "**/.ipynb_checkpoints"]
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "pages"]

# Lessons are shown as they are: nothing runs, and the stills stand for the demos.
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 4
myst_ref_domains = ["std"]  # a link to `page.md` or `#heading` is not also looked for among Python's names

# Docstrings are numpydoc's; code in them stands in single backticks.
default_role = "literal"
napoleon_google_docstring = False
napoleon_use_ivar = True
add_module_names = False  # the heading above has it
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
nitpick_ignore_regex = [("py:.*", ".*")]  # types of other libraries, and of type hints
suppress_warnings = ["ref.python"]  # a class that a package shows again has two places

html_theme = "pydata_sphinx_theme"
html_title = "Activation functions, taught and graded in Jupyter"
html_math_renderer = "mathml"
html_static_path = ["static"]
html_css_files = ["site.css"]
templates_path = ["templates"]
html_sidebars = {"**": ["sidebar.html"]}
html_copy_source = False
html_show_sourcelink = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {"text": "Activation functions"},
    "navbar_center": [],
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "navigation_with_keys": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
