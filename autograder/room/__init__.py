"""The student room: a Jupyter kernel in a sandbox, forked by a fork server."""
