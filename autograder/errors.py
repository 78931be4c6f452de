"""Mistakes of people, as opposed to bugs: shown as one line, never as a traceback."""

from __future__ import annotations


class UserError(Exception):
    """A mistake of the person at the keyboard: what was wrong, where, and what to do."""


class UnreadableNotebook(Exception):
    """A submitted file is not a notebook; the message completes "cannot be read: …"."""
