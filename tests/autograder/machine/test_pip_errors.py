"""What keeps set-up from downloading is one line that says what to do, whatever pip wrote."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autograder.machine.pip_errors import PROXY_VARIABLES, explain, is_full


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)


def pip_says(tmp_path, monkeypatch, **variables: str) -> str:
    """What a real pip writes to standard error when it wants a package from PyPI."""
    for name, value in {"PIP_RETRIES": "1", "PIP_TIMEOUT": "5", "PIP_CONFIG_FILE": "/dev/null", **variables}.items():
        monkeypatch.setenv(name, value)
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--dest", tmp_path]
    done = subprocess.run([*command, "iniconfig"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    return done.stderr


def test_a_proxy_that_refuses_is_named_with_its_variable(tmp_path, monkeypatch):
    said = pip_says(tmp_path, monkeypatch, https_proxy="http://ada:secret@127.0.0.1:9")
    assert explain(said) == (
        "the proxy http://127.0.0.1:9, from the variable https_proxy, lets nothing through (Connection refused). "
        "Correct or unset https_proxy, then run it again."
    )


def test_a_network_without_an_index(tmp_path, monkeypatch):
    line = explain(pip_says(tmp_path, monkeypatch, PIP_INDEX_URL="https://no-such-host.invalid/simple"))
    assert line is not None
    assert line.startswith("no network: ")
    assert line.endswith("). Connect, or name a mirror in PIP_INDEX_URL, then run it again.")
    line = explain(pip_says(tmp_path, monkeypatch, PIP_INDEX_URL="https://127.0.0.1:9/simple"))
    assert line is not None
    assert line.startswith("no network: ")
    assert "cannot be reached (Connection refused)." in line


def test_an_index_of_which_pip_says_nothing(tmp_path, monkeypatch):
    said = pip_says(tmp_path, monkeypatch, PIP_INDEX_URL="https://127.0.0.1:9/simple", PIP_RETRIES="0")
    assert str(explain(said)).startswith("pip finds no iniconfig at all: its index cannot be reached, or is not PyPI.")


def test_a_package_without_a_build_for_this_machine():
    versions = "ERROR: Could not find a version that satisfies it (from versions: 2.12.0)"
    line = explain(f"{versions}\nERROR: No matching distribution found for torch==2.13.0")
    assert line is not None
    assert line.startswith("there is no torch==2.13.0 for Python ")
    assert "\n" not in line


def test_other_causes():
    certificate = explain(
        "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]')) host='pypi.org', port=443"
    )
    assert certificate is not None
    assert certificate.startswith("the certificate of pypi.org is not trusted here.")
    assert "fit together" in str(explain("ERROR: ResolutionImpossible: for help visit"))
    assert explain("Segmentation fault") is None


@pytest.mark.parametrize("text", ["[Errno 28] No space left on device", "OSError: [Errno 122] Disk quota exceeded"])
def test_a_full_disk(text):
    assert is_full(text)
    assert not is_full("[Errno 2] No such file or directory")
