"""How Sphinx makes the documentation; `make docs` calls it."""

import fastdup

project = "fastdup"
author = "the fastdup developers"
release = version = fastdup.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"fastdup {release}"
html_show_sphinx = False
html_show_copyright = False

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
# Links to files outside docs lead to the repository, where they can be read. The types of
# parameters are words, such as path, and not the fields of that name.
suppress_warnings = ["myst.xref_missing", "ref.python"]

napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
