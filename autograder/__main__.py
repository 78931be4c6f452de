"""Starts the `autograder` command; what it imports takes a second or two, in which it can be stopped as well."""

from __future__ import annotations

from autograder import interrupts


def main() -> None:
    """Run the command."""
    interrupts.watch()
    from autograder import cli

    cli.main()


if __name__ == "__main__":
    main()
