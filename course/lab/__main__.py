"""Starts the command: `python -m course.lab`."""

from __future__ import annotations

import sys

from course.lab.command import main

if __name__ == "__main__":
    main(sys.argv[1:])
