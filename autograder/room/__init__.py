"""The student room: a Jupyter kernel in a sandbox, forked from a warm process."""
