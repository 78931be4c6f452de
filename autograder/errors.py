"""Mistakes of people and failures of machines, as opposed to bugs: shown as one line, never as a traceback."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path


class UserError(Exception):
    """A mistake of the person at the keyboard: what was wrong, where, and what to do."""


class Stopped(Exception):
    """Somebody stopped the command; the message says what is left to do."""


_REMEDIES = {
    errno.ENOSPC: "Free some space on that disk, and run this again.",
    errno.EDQUOT: "Your quota on that disk is used up: free some space, and run this again.",
    errno.EROFS: "That disk is mounted read-only: name another folder, or have it mounted for writing.",
    errno.EIO: "That disk does not work as it should: look at it, or name another folder.",
    errno.ESTALE: "The file server has taken it away: go into the folder once more, and run this again.",
    errno.ENOTDIR: "A file is in the place of a folder: move it away.",
    errno.EISDIR: "A folder is in the place of a file: move it away.",
    errno.ENAMETOOLONG: "Name a folder with a shorter path.",
    errno.EMFILE: "Too many files are open: allow more with 'ulimit -n 4096', or use fewer --workers.",
}
_LEAST_BYTES = 2**20
_NOT_ALLOWED = (errno.EACCES, errno.EPERM)


def cannot_write(path: Path | str, error: OSError) -> UserError:
    """Return the error of a file or folder that cannot be written, with what to do about it."""
    remedy = _remedy(error.filename or path, error, "writable")
    return UserError(f"{path} cannot be written: {_reason(error)}. {remedy}".rstrip())


def require_writable(path: Path) -> None:
    """Refuse to begin what would write to a folder and cannot, for want of the right or of space.

    Raises
    ------
    UserError
        With what to do.
    """
    there = _nearest(path)
    number = None
    if not os.access(there, os.W_OK | os.X_OK):
        number = errno.EROFS if os.statvfs(there).f_flag & os.ST_RDONLY else errno.EACCES
    elif shutil.disk_usage(there).free < _LEAST_BYTES:
        number = errno.ENOSPC
    if number is not None:
        raise cannot_write(path, OSError(number, os.strerror(number), str(there)))


def _nearest(path: Path | str) -> Path:
    """Return what is there of a path: itself, or the folder in which it could be."""
    there = Path(path).absolute()
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    return there


def of_the_machine(error: OSError) -> UserError | None:
    """Return the error of a disk or of permissions as people are told it; None if it looks like a bug of ours."""
    if isinstance(error, shutil.Error):  # of a whole folder: the first file says enough
        _, target, why = error.args[0][0]
        known = (number for number in (*_REMEDIES, *_NOT_ALLOWED) if os.strerror(number) in str(why))
        number = next(known, None)
        return None if number is None else cannot_write(target, OSError(number, os.strerror(number), str(target)))
    if error.errno not in _REMEDIES and error.errno not in _NOT_ALLOWED:
        return None
    if error.filename is None:
        return UserError(f"Something could not be read or written: {_reason(error)}. {_remedy(None, error)}".rstrip())
    remedy = _remedy(error.filename, error)
    return UserError(f"{error.filename} cannot be read or written: {_reason(error)}. {remedy}".rstrip())


def make_accessible(path: Path | str, how: str = "accessible") -> str:
    """Return what to do where a person has no right to a file or folder: whose it is, for whom it should be there."""
    there = _nearest(path)
    try:
        owner = there.owner()
    except (OSError, KeyError, NotImplementedError):  # an id without a name, a hidden folder, Windows
        owner = "another user"
    me = _me()
    whose = "your own" if owner == me else f"of {owner}"
    return f"Make {there} ({whose}) {how} for {me}, or use another folder."


def _me() -> str:
    with suppress(ImportError, KeyError):  # Windows, and containers whose user has no name
        import pwd

        return pwd.getpwuid(os.geteuid()).pw_name
    return "you"


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _remedy(path: Path | str | None, error: OSError, how: str = "accessible") -> str:
    if error.errno in _NOT_ALLOWED:
        return "" if path is None else make_accessible(path, how)
    return _REMEDIES.get(error.errno or 0, "")
