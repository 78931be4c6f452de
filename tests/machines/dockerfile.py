"""Reads a Dockerfile as a list of instructions: as much of the format as this project's own file uses."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

KNOWN = {"ARG", "FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "ENTRYPOINT", "CMD"}


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile.

    Attributes
    ----------
    word : str
        Its name, in capitals.
    text : str
        What follows, variables filled in as far as they are known.
    """

    word: str
    text: str

    @property
    def words(self) -> list[str]:
        """The arguments: a JSON list is taken as one, anything else is split at blanks."""
        return [str(each) for each in json.loads(self.text)] if self.text.startswith("[") else self.text.split()


@dataclass
class Stage:
    """What one FROM begins.

    Attributes
    ----------
    name : str
        After AS; empty for the last one.
    base : str
        An image, or the name of an earlier stage.
    """

    name: str
    base: str
    instructions: list[Instruction] = field(default_factory=list)


def read_dockerfile(path: Path, arguments: dict[str, str] | None = None) -> list[Stage]:
    """Read a Dockerfile.

    Parameters
    ----------
    path : Path
        The file.
    arguments : dict[str, str], optional
        Values for its ARGs, as --build-arg gives them.

    Raises
    ------
    ValueError
        If it says something that this reader does not know.
    """
    given = arguments or {}
    values: dict[str, str] = {}
    stages: list[Stage] = []
    for line in _lines(path.read_text(encoding="utf-8")):
        word, _, text = line.partition(" ")
        if word not in KNOWN:
            raise ValueError(f"{path.name}: {line!r} is not an instruction that this reader knows")
        if word == "ARG":
            name, _, default = text.strip().partition("=")
            values[name] = given.get(name, default)
            continue
        text = re.sub(r"\$\{(\w+)\}", lambda match: values.get(match[1], ""), text.strip())
        if word == "FROM":
            base, _, name = text.partition(" AS ")
            stages.append(Stage(name.strip(), base.strip()))
        else:
            stages[-1].instructions.append(Instruction(word, text))
    return stages


def _lines(text: str) -> list[str]:
    """Return the instructions, each in one line, without comments."""
    kept = "\n".join(line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return kept.replace("\\\n", " ").splitlines()
