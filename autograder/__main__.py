"""Starts the `autograder` command; what it imports takes a second or two, in which it can be stopped as well."""

from __future__ import annotations

import gc

from autograder import interrupts


def main() -> None:
    """Run the command."""
    interrupts.watch()
    collect_seldom()
    from autograder import cli

    cli.main()


def collect_seldom() -> None:
    """Look seldom for garbage: what is imported and read stays, and going through it takes a fifth of a command."""
    gc.set_threshold(100_000, 50, 50)


if __name__ == "__main__":
    main()
