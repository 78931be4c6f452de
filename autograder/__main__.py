"""Starts the `autograder` command; what it imports takes a second or two, in which it can be stopped as well."""

from __future__ import annotations

import gc

from autograder import interrupts


def main() -> None:
    """Run the command."""
    interrupts.watch()
    # What is imported, and a class that is read, stays: to look through it for garbage takes a fifth of a command.
    gc.set_threshold(100_000, 50, 50)
    from autograder import cli

    cli.main()


if __name__ == "__main__":
    main()
