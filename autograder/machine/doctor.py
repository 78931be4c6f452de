"""Says what this machine has, what is missing, and what to install."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

import psutil
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from autograder.machine.system_packages import CHROMIUM, SystemPackage
from autograder.room import walls
from autograder.room.control_group import one_share

DISTRIBUTION = "activation-course"
CHECKOUT = Path(__file__).parents[2] / "pyproject.toml"
"""There in a clone of the repository, and not where the package was installed from a wheel."""
EXTRAS = {"grading": True, "dev": False, "cluster": False, "postgres": False}
"""Extras of pyproject.toml, and whether grading needs them."""

GIB = 2**30
ROOM_MEMORY = 2 * GIB
"""Memory below which a machine may not hold the examiner and one student room side by side."""

DISK = 1 * GIB


class Status(StrEnum):
    """State of a part of the machine."""

    OK = "ok"
    LACKING = "lacking"
    """Grading does not work without it."""
    OPTIONAL = "optional"
    """Missing or scarce; grading works without it."""


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report: what was looked at, its state, what was found, and what to do."""

    name: str
    status: Status
    found: str
    remedy: str = ""


def report(folder: Path) -> list[Finding]:
    """Examine this machine.

    Parameters
    ----------
    folder : Path
        Where grading will write; its disk is looked at.
    """
    return [
        *python_findings(),
        *wall_findings(),
        *fair_share_findings(),
        _system_finding(CHROMIUM),
        _program_finding("make", "the make targets"),
        _program_finding("git", "contributing"),
        *exchange_findings(folder),
        *_resource_findings(folder),
    ]


def problems(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that keep this machine from grading."""
    return [finding for finding in findings if finding.status is Status.LACKING]


def python_findings() -> Iterator[Finding]:
    """Yield the state of Python, and one line for the packages of each extra, or one for each that is not right."""
    try:
        distribution = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        yield Finding(DISTRIBUTION, Status.LACKING, "not installed", "make setup")
        return
    wanted = SpecifierSet(distribution.metadata["Requires-Python"])
    good = platform.python_version() in wanted
    yield Finding(
        "Python",
        Status.OK if good else Status.LACKING,
        f"{platform.python_version()} ({sys.executable})",
        "" if good else f"Python {wanted}",
    )
    requirements = [Requirement(text) for text in distribution.requires or []]
    yield from package_findings("course", "", True, [each for each in requirements if each.marker is None])
    for extra, needed in EXTRAS.items():
        chosen = [each for each in requirements if each.marker and each.marker.evaluate({"extra": extra})]
        yield from package_findings(extra, extra, needed, chosen)


def package_findings(group: str, extra: str, needed: bool, requirements: list[Requirement]) -> Iterator[Finding]:
    """Yield one finding if all of a group of packages are right, else one for each that is not.

    Parameters
    ----------
    group : str
        Shown as the name of the group.
    extra : str
        The extra of pyproject.toml that installs it; empty for none.
    needed : bool
        Whether grading needs it.
    requirements : list[Requirement]
        The packages and versions wanted.
    """
    bad = Status.LACKING if needed else Status.OPTIONAL
    what = f"[{extra}]" if extra else ""
    if CHECKOUT.is_file():
        remedy = f"pip install -c constraints.txt -e '.{what}'" if extra else "pip install -c constraints.txt -e ."
    else:  # installed from a wheel
        remedy = f"pip install '{DISTRIBUTION}{what}'"
    wrong = []
    for requirement in requirements:
        version = _version(requirement.name)
        if version is None:
            wrong.append(Finding(requirement.name, bad, f"missing (packages for {group})", remedy))
        elif not requirement.specifier.contains(version, prereleases=True):
            wanted = str(requirement.specifier)
            wrong.append(Finding(requirement.name, bad, f"{version}, wanted {wanted} (packages for {group})", remedy))
    yield from wrong or [Finding(f"packages for {group}", Status.OK, f"{len(requirements)} installed")]


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def wall_findings() -> list[Finding]:
    """Return which wall stands around student code here, and for each wall whether it can be built.

    To find out, each is tried.
    """
    found = {name: walls.problems(name) for name in walls.NAMES}
    used = next((name for name in walls.NAMES if not found[name]), None)
    if used is None:
        without = "none: nothing is graded without one (except with autograder grade --unprotected)"
        findings = [Finding("wall", Status.LACKING, without)]
    else:
        findings = [Finding("wall", Status.OK, walls.wall_named(used).sentence)]
    bad = Status.LACKING if used is None else Status.OPTIONAL
    for name, lacking in found.items():
        line = f"wall: {name}"
        if not lacking:
            findings.append(Finding(line, Status.OK, "works" + ("; is used" if name == used else "; not needed")))
        findings += [Finding(line, bad, each.what, each.remedy) for each in lacking]
    return findings


def fair_share_findings() -> Iterator[Finding]:
    """Yield what keeps rooms from slowing everything else, where there can be rooms."""
    if not hasattr(os, "sched_getaffinity"):
        return
    with subprocess.Popen(["sleep", "60"]) as process:
        group = one_share([process.pid])
        process.kill()
    if group is not None:
        group.close()
    found = "rooms run below the grader, each worker's on its own cores"
    found += "; together they weigh as one process (control group)" if group else "; no control group can be made"
    yield Finding("fair share", Status.OK, found)


def _system_finding(package: SystemPackage) -> Finding:
    where = package.find()
    if where is None:
        return Finding(package.name, Status.OPTIONAL, f"missing, needed for {package.purpose}", package.remedy)
    return Finding(package.name, Status.OK, where)


def _program_finding(name: str, purpose: str) -> Finding:
    where = shutil.which(name)
    if where is None:
        return Finding(name, Status.OPTIONAL, f"missing, needed for {purpose}", f"sudo apt install {name}")
    return Finding(name, Status.OK, where)


def exchange_findings(folder: Path) -> Iterator[Finding]:
    """Yield the state of nbgrader's exchange, through which students get and submit assignments.

    Only if this is a course; `python_findings` says if nbgrader is missing.
    """
    try:
        from autograder import exchange
        from autograder.course_folder import CourseFolder
        from autograder.errors import UserError
    except ImportError:
        return
    try:
        root = exchange.exchange_folder(CourseFolder.find(folder))
    except UserError:
        return
    if problem := exchange.exchange_problem(root):
        found = f"{root} {problem}, needed for nbgrader's release and collect"
        yield Finding("exchange", Status.OPTIONAL, found, exchange.remedy(root))
    else:
        yield Finding("exchange", Status.OK, str(root))


def _resource_findings(folder: Path) -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Finding("cores", Status.OK, str(cores))
    memory = psutil.virtual_memory().available
    yield _scarce("memory", memory, ROOM_MEMORY, "close other programs, or grade with --workers 1")
    yield _scarce("disk", shutil.disk_usage(folder).free, DISK, f"free some space on the disk of {folder.resolve()}")


def _scarce(name: str, free: int, enough: int, remedy: str) -> Finding:
    good = free >= enough
    found = f"{free / GIB:.1f} GiB free" + ("" if good else f", {enough / GIB:g} GiB needed")
    return Finding(name, Status.OK if good else Status.OPTIONAL, found, "" if good else remedy)
