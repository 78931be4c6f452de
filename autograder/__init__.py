"""What instructors have: reference implementations, grading, reports and the command line."""

from __future__ import annotations

import sys

# Where it is installed, jsonschema (of nbformat) imports this checker of a format that no notebook has. It compiles a
# grammar when it is imported, for two seconds in every command. jsonschema goes on without it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
