"""The one exception for mistakes of the person at the keyboard: shown as one line, exit status 1."""


class UserError(Exception):
    """Says what was wrong, where, and what to do."""
