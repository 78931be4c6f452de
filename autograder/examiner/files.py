"""The files that go along with a submitted notebook, as far as a student room can hold them."""

from __future__ import annotations

from collections.abc import Mapping

MAX_FILES = 1000


def usable_files(files: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[str]]:
    """Return the files that a room can hold, and what was left out, as sentences.

    Parameters
    ----------
    files : Mapping[str, bytes]
        By relative path, as the file system names them.
    """
    kept = {name: content for name, content in sorted(files.items()) if name.isprintable()}
    notes = []
    if len(kept) < len(files):
        notes.append(f"{len(files) - len(kept)} files were left out: their names cannot be printed")
    if len(kept) > MAX_FILES:
        notes.append(f"{len(kept) - MAX_FILES} files were left out: a submission may have {MAX_FILES}")
        kept = dict(list(kept.items())[:MAX_FILES])
    return kept, notes
