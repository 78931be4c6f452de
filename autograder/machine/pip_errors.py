"""Says in one line why pip failed and what to do, from what it wrote.

Standard library only, and written for Python 3.8: it runs before the virtual environment exists.
"""

from __future__ import annotations

import os
import platform
import re

PROXY_VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy", "HTTP_PROXY")
FULL = re.compile(r"No space left on device|Disk quota exceeded|\[Errno (28|122)\]")
PROXY = re.compile(r"ProxyError|Cannot connect to proxy|Tunnel connection failed")
CERTIFICATE = re.compile(r"CERTIFICATE_VERIFY_FAILED|certificate verify failed")
NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|Temporary failure in name resolution|Name or service not known"
    r"|Network is unreachable|ConnectTimeoutError|ReadTimeoutError|Read timed out|ConnectionResetError"
    r"|Connection refused|RemoteDisconnected|IncompleteRead"
)
NO_BUILD = re.compile(r"No matching distribution found for ([^\s;]+)")
CONFLICT = re.compile(r"ResolutionImpossible|conflicting dependencies")


def is_full(text: str) -> bool:
    """Return whether a program says that the disk, or a person's share of it, is full."""
    return FULL.search(text) is not None


def explain(text: str) -> str | None:
    """Return one line on why pip failed and what to do, or None if what it wrote says nothing that is known.

    Parameters
    ----------
    text : str
        What pip wrote to standard error.
    """
    if PROXY.search(text):
        return _proxy_line(text)
    host = _found(r"host='([^']+)'", text) or "the package index"
    if CERTIFICATE.search(text):
        return (
            f"the certificate of {host} is not trusted here. If your network has its own certificate, name its "
            "file: PIP_CERT=/path/to/certificate.pem"
        )
    if NETWORK.search(text):
        reason = _found(r"\[Errno -?\d+\] ([\w ]+)", text)
        return (
            f"no network: {host} cannot be reached{f' ({reason})' if reason else ''}. Connect, or name a mirror in "
            "PIP_INDEX_URL, then run it again."
        )
    if "(from versions: none)" in text:
        return (
            f"pip finds no {_found(NO_BUILD.pattern, text)} at all: its index cannot be reached, or is not PyPI. See "
            "what pip config list says, then run it again."
        )
    if NO_BUILD.search(text):
        here = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
        return (
            f"there is no {_found(NO_BUILD.pattern, text)} for {here}. Name another Python: "
            "make setup PYTHON=/path/to/python3.12"
        )
    if CONFLICT.search(text):
        return "pip finds no versions that fit together. PIP_CONSTRAINT or pip's configuration may ask for others."
    return None


def _proxy_line(text: str) -> str:
    variable = next((name for name in PROXY_VARIABLES if os.environ.get(name)), None)
    reason = _found(r"Tunnel connection failed: ([\w ]+)", text) or _found(r"\[Errno -?\d+\] ([\w ]+)", text)
    why = f" ({reason})" if reason else ""
    if variable is None:
        return f"the proxy in pip's configuration lets nothing through{why}. Correct it: pip config debug shows where."
    address = re.sub(r"//[^/@]*@", "//", os.environ[variable])
    return (
        f"the proxy {address}, from the variable {variable}, lets nothing through{why}. Correct or unset {variable}, "
        "then run it again."
    )


def _found(pattern: str, text: str) -> str | None:
    match = re.search(pattern, text)
    return match.group(1) if match else None
