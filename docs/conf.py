"""The site of the documentation: `make docs` builds it."""

import re
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.highlighting import lexers

_PACKAGE = Path(__file__).parent.parent / "companion" / "__init__.py"

project = "BigCommerce Companion"
release = re.findall(r'__version__ = "([^"]+)"', _PACKAGE.read_text("utf-8"))[0]
extensions = ["myst_parser"]
exclude_patterns = ["workflows"]
html_theme = "furo"
html_title = f"{project} {release}"
html_show_copyright = False
html_copy_source = False
# Addresses of headings as the files' own links have them.
myst_heading_anchors = 4

# Where the files themselves are read, a picture is drawn of it; on the site it stands as text.
lexers["mermaid"] = TextLexer()
