"""What pip is told on this machine, so that another one can be told the same."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

LISTS = {"find-links", "extra-index-url", "constraint", "trusted-host"}
"""Settings that take several values; those of a file and of the environment are joined."""


def settings() -> dict[str, str]:
    """Return pip's settings, of files and of the environment, as the environment variables that say the same."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    return as_variables(subprocess.run(command, capture_output=True, text=True, check=True).stdout, os.environ)


def as_variables(listed: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return pip's settings as environment variables.

    Parameters
    ----------
    listed : str
        What `pip config list` prints: one `section.name='value'` a line.
    environment : Mapping[str, str]
        Variables; of these the PIP_ ones count more than a file.
    """
    found: dict[str, str] = {}
    for line in listed.splitlines():
        name, equals, value = line.partition("=")
        section, _, key = name.strip().rpartition(".")
        if equals and section in ("global", "install"):
            _add(found, key, str(ast.literal_eval(value.strip())))
    for name, value in environment.items():
        if name.startswith("PIP_"):
            _add(found, name[len("PIP_") :].lower().replace("_", "-"), value)
    return {f"PIP_{key.upper().replace('-', '_')}": value for key, value in found.items()}


def _add(found: dict[str, str], key: str, value: str) -> None:
    if key in LISTS:
        value = " ".join(dict.fromkeys([*found.get(key, "").split(), *value.split()]))
    found[key] = value


def moved(variables: Mapping[str, str], folder: str) -> tuple[dict[str, str], dict[Path, str]]:
    """Move the files that pip's settings name into one folder.

    At their own paths they would be in the way: a package of the system writes its certificates where these may be.

    Parameters
    ----------
    variables : Mapping[str, str]
        Pip's settings, as environment variables.
    folder : str
        Path in the other machine.

    Returns
    -------
    the settings with the new paths, and path on this machine -> path on the other. Of an index in a folder that is the
    folder above it, since its pages link to packages beside it.
    """
    places: dict[Path, str] = {}
    changed = {}
    for name, value in variables.items():
        words = []
        for word in value.split():
            local = _local(word)
            if local is not None and local.exists():
                shown = local.parent if name.endswith("INDEX_URL") else local
                place = places.setdefault(shown, f"{folder}/{len(places)}{shown.suffix}")
                path = str(PurePosixPath(place) / local.relative_to(shown))
                word = f"file://{path}" if word.startswith("file:") else path
            words.append(word)
        changed[name] = " ".join(words)
    return changed, places


def _local(word: str) -> Path | None:
    if word.startswith("file:"):
        return Path(unquote(urlsplit(word).path))
    return Path(word) if word.startswith("/") else None
