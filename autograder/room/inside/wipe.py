"""Removes a folder that a student's code has written to, with everything in it."""

from __future__ import annotations

import os
import uuid

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def wipe(folder: str) -> None:
    """Remove a folder and all in it; no process may still write there.

    No link is followed, and neither depth nor mode stops it: folders within folders are first moved to the top,
    so that no path is ever longer than two names, and each is opened up by its owner.

    Raises
    ------
    OSError
        If a file system fails, or `folder` is not one of ours.
    """
    mark = uuid.uuid4().hex
    moved = 0
    top = os.open(folder, _FOLDER)
    try:
        while entries := list(os.scandir(top)):
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.name, dir_fd=top)
                    continue
                os.chmod(entry.name, 0o700, dir_fd=top)
                inner = os.open(entry.name, _FOLDER, dir_fd=top)
                try:
                    for found in list(os.scandir(inner)):
                        if found.is_dir(follow_symlinks=False):
                            os.chmod(found.name, 0o700, dir_fd=inner)  # moving it rewrites its "..".
                            os.rename(found.name, f"{mark}{moved}", src_dir_fd=inner, dst_dir_fd=top)
                            moved += 1
                        else:
                            os.unlink(found.name, dir_fd=inner)
                finally:
                    os.close(inner)
                os.rmdir(entry.name, dir_fd=top)
    finally:
        os.close(top)
    os.rmdir(folder)  # noqa: PTH106
